"""Classification of value labels, as SPSS and Stata keep them, in a column that is read as numbers."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from iom_causal.data.files.numerals import WORDS

MISSING = re.compile(
    r"\b(refus\w*|don'?t know|do not know|dk|not known|unknown|no answer|not answered|not stated|missing|n/?a|n/?k|"
    r"not applicable|not asked|not available|not recorded|not collected|no data|no response|declined|prefer not|"
    r"skipped|invalid|uncodeable|unclear|wei(ss|ß) nicht|keine angabe)\b"
)
"""Labels of values that stand for no value."""
_NONE = re.compile(r"(0|zero|nil|none|never|no|not (at all|once|any))( .*)?")
_OPEN = re.compile(r"\+|\b(or|and) (more|over|above|higher)\b|>|≥|\b(over|at least|more than)\b")


class Labelled(NamedTuple):
    """What value labels say of the numbers of a column.

    Attributes
    ----------
    missing : tuple
        Codes whose labels say that nothing is known.
    answers : mapping
        Codes whose labels say yes and no, as 1 and 0.
    others : tuple
        Codes whose labels are neither that nor their own number, such as bands and categories.
    least : tuple
        Codes whose labels say so many or more.
    """

    missing: tuple[Any, ...]
    answers: Mapping[Any, int]
    others: tuple[Any, ...]
    least: tuple[Any, ...]


def labelled(labels: Mapping[Any, str], present: Iterable[Any]) -> Labelled:
    """Classify the labels of the values that a column holds.

    Examples
    --------
    >>> labelled({0: "None", 1: "1-2", 88: "Refused"}, [0, 1, 2, 88])
    Labelled(missing=(88,), answers={}, others=(1,), least=())
    """
    said = {code: " ".join(str(labels[code]).casefold().split()) for code in set(present) if code in labels}
    missing = tuple(code for code, word in said.items() if MISSING.search(word))
    rest = {code: word for code, word in said.items() if code not in missing}
    answers = {code: WORDS[word] for code, word in rest.items() if word in WORDS}
    least = tuple(c for c, word in rest.items() if _OPEN.search(word) and _numbers(word) == [_as_number(c)])
    others = tuple(c for c, word in rest.items() if c not in least and not _names(c, word))
    return Labelled(missing, answers, others, least)


def _names(code: Any, word: str) -> bool:
    """Whether a label says no more than the number that it stands for."""
    return _numbers(word) == [_as_number(code)] or (_as_number(code) == 0 and bool(_NONE.fullmatch(word)))


def _numbers(word: str) -> list[float]:
    return [float(text) for text in re.findall(r"\d+(?:\.\d+)?", word)]


def _as_number(code: Any) -> float | None:
    return None if isinstance(code, str) else float(code)

"""Conversion of cells to numbers, ids and text: recognised, or refused with the key to set.

Messages name columns and numbers of cells; they never hold a cell.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.formats import counted
from iom_causal.base.specs import check_choice
from iom_causal.data.files.blanks import DASHES
from iom_causal.data.files.labels import Labelled, labelled
from iom_causal.data.files.numerals import DECIMALS, FAULTS, NUMBER, WORDS, Numeral, other_fault, parsed, unit_fault
from iom_causal.data.files.sheet import Sheet
from iom_causal.errors import InputError, SpecError, echo

BOOLEANS = {"true": 1, "false": 0}
LARGEST = 2**53
"""The last whole number before a float skips some."""
_THROUGH_FLOAT = re.compile(r"[0-9]+\.0+|[0-9](\.[0-9]+)?[eE]\+?[0-9]+", re.ASCII)

type Missing = Sequence[str | float]


class Numbers(NamedTuple):
    """A column of numbers.

    Attributes
    ----------
    array : ndarray
        int64 when nothing is missing and all are whole, else float64 with NaN.
    coded : int
        How many cells held a code for missing.
    notes : tuple of str
        What a reader should know.
    """

    array: NDArray[Any]
    coded: int
    notes: tuple[str, ...] = ()


def numbers(sheet: Sheet, name: str, *, decimal: str = "", missing: Missing = (), kind: str = "") -> Numbers:
    """Return a column as numbers.

    Parameters
    ----------
    sheet : Sheet
        The table.
    name : str
        Of the column.
    decimal : {"", ".", ","}
        The mark of decimals in text; without one, only numbers that can be read in one way are read.
    missing : sequence
        Codes that stand for no value, beside the empty cell, what the file itself declares, and values whose labels
        say that nothing is known.
    kind : {"", "count", "amount", "score", "binary"}
        Of the outcome, where it is one: a binary one may say yes and no, in words or by value labels, and the labels of
        a score may be words.

    Raises
    ------
    InputError
        IOM-E031, E032, E033 or E035, with the number of cells and the key to set.

    Examples
    --------
    >>> sheet = Sheet(columns={"n": np.array(["3", "NA", None], dtype=object)}, rows=3)
    >>> numbers(sheet, "n", missing=["NA"])
    Numbers(array=array([ 3., nan, nan]), coded=1, notes=())
    """
    check_choice(decimal, DECIMALS, "decimal")
    cells = sheet[name]
    if cells.dtype.kind == "b":
        return Numbers(cells.astype(np.int64), 0, (_boolean(name),))
    labels, codes = sheet.labels.get(name, {}), Codes(missing, sheet.missing.get(name, ()))
    if cells.dtype.kind in "iuf" and not codes and not labels:
        return Numbers(_plain_numbers(sheet, name), 0)
    held = cells.tolist()
    kinds = set(held) - {None}
    said = labelled(labels, (c for c in kinds if c not in codes))
    absent = {c for c in kinds if c in codes or c in said.missing}
    read = _read(kinds - absent, decimal, kind, said)
    _refuse_labels(sheet, name, said, kind)
    _refuse_unread(sheet, name, {cell: why for cell, why in read.items() if isinstance(why, str)})
    array = _array([read.get(cell) for cell in held], name)
    logical = (_boolean(name),) if any(_is_boolean(cell) for cell in read) else ()
    return Numbers(array, sum(cell in absent for cell in held), (*logical, *_notes(sheet, name, said, kind)))


def _read(cells: set[Any], decimal: str, kind: str, said: Labelled) -> dict[Any, float | str]:
    """Return each cell's number, or the fault for which it is none."""
    texts = parsed((c for c in cells if isinstance(c, str)), decimal)
    return {cell: _value(cell, texts, kind, said) for cell in cells}


def _value(cell: Any, texts: Mapping[str, Numeral], kind: str, said: Labelled) -> float | str:
    if kind == "binary" and cell in said.answers:
        return said.answers[cell]
    if not isinstance(cell, str):
        return _number(cell)
    word = cell.casefold()
    if word in BOOLEANS:
        return BOOLEANS[word]
    if kind == "binary" and word in WORDS:
        return WORDS[word]
    numeral = texts[cell]
    fault = numeral.fault or unit_fault(numeral.sign, kind)
    return fault if fault or numeral.value is None else numeral.value


def _number(cell: Any) -> float | str:
    if not isinstance(cell, (bool, np.bool_)) and not _is_number(cell):
        return other_fault(cell)
    value = _float(cell)
    if np.isinf(value):
        return "large" if isinstance(cell, int) else "infinite"
    return int(cell) if value.is_integer() else value


def _refuse_labels(sheet: Sheet, name: str, said: Labelled, kind: str) -> None:
    """Refuse numbers that the file's labels call something else: bands, or words of categories."""
    others = set() if kind == "score" else set(said.others)
    if kind == "binary":
        others -= {0, 1} | set(said.answers)
    faulty = [cell in others for cell in sheet[name].tolist()]
    if not any(faulty):
        return
    what = counted(sum(faulty), f"of {sheet.rows:,} cells [holds a number|hold numbers]")
    todo = OTHER_LABELS["binary" if kind == "binary" else "answers" if others <= set(said.answers) else "words"]
    raise InputError(
        "IOM-E031",
        f"column {echo(name)}: {what} to which the file's value labels give another meaning{sheet.at(faulty)}; {todo}",
    )


OTHER_LABELS = {
    "answers": 'kind = "binary" reads yes and no as 1 and 0',
    "binary": "it is not yes or no: write 1 and 0, or list codes for missing in missing = [...]",
    "words": (
        "no total can be had of bands or categories: write the numbers themselves; list codes for missing in missing = "
        '[...]; a scale is kind = "score"'
    ),
}
"""What to do about labels that are not the numbers that they stand for."""


def _notes(sheet: Sheet, name: str, said: Labelled, kind: str) -> tuple[str, ...]:
    notes = []
    if kind == "binary" and said.answers.keys() - {0, 1}:
        notes.append(f"IOM-W131: column {echo(name)}: value labels say yes and no, read as 1 and 0")
    for codes, what in ((said.missing, "say that nothing is known, left empty"), (said.least, LEAST)):
        cells = sum(cell in codes for cell in sheet[name].tolist())
        if cells and not (codes is said.least and kind in ("score", "binary")):
            notes.append(f"IOM-W132: column {echo(name)}: value labels of {counted(cells, '[cell|cells]')} {what}")
    return tuple(notes)


LEAST = "say so many or more, read as no more than that number"


_SUMS = re.compile(
    r"((grand|column|row|sub)? ?(total|sum)s?( (of|for) .*)?|.* (sub)?totals?|"
    r"overall|all|mean|average|gesamt|summe|blank|n)"
)
_DIGIT = re.compile(r"\d")
_NUMBERED_SUM = re.compile(r"(.* )?(sub[ -]?|grand )?totals?:?( .*)?")
"""A total with a number beside it, as of the third team; an id may end in a number, and has no space before it."""


def is_sum(cell: Any) -> bool:
    """Return whether a cell in the place of an id marks a row of totals.

    Examples
    --------
    >>> [is_sum(cell) for cell in ("Grand Total:", "Sub-total 2", "Sum of arrests", "total7", "Alan", 7)]
    [True, True, True, False, False, False]
    """
    text = cell.partition("=")[0].strip().casefold() if isinstance(cell, str) else ""
    if not text or (_DIGIT.search(text) and not ("total" in text and _NUMBERED_SUM.fullmatch(text))):
        return False
    words = re.sub(r"[^a-z ]", "", text).split()
    return bool(_SUMS.fullmatch(" ".join(words)))


def ids(sheet: Sheet, name: str) -> tuple[NDArray[np.str_], tuple[str, ...]]:
    """Return ids as text, as they stand in the file: "001" is not "1"; with notes on those that look alike.

    Raises
    ------
    InputError
        As `id_texts`.
    """
    text, notes = id_texts(sheet, name)
    return text.astype(np.str_), notes


def id_texts(sheet: Sheet, name: str) -> tuple[NDArray[Any], tuple[str, ...]]:
    """Return ids as `ids` does, in an array of objects: where cells are text, as the objects that they are.

    Raises
    ------
    InputError
        IOM-E020 where two look the same, IOM-E021 where one is missing, IOM-E022 where they have been through decimals,
        or a row is a sum.
    """
    cells = sheet[name].tolist()
    absent = [cell is None for cell in cells]
    if any(absent):
        raise InputError(
            "IOM-E021", f"id column {echo(name)}: {counted(sum(absent), '[id is|ids are] missing')}{sheet.at(absent)}"
        )
    broken = _each(cells, lambda cell: not _is_id(cell))
    if any(broken):
        what = counted(sum(broken), "[id is a decimal, a date|ids are decimals, dates] or in exponents")
        raise InputError(
            "IOM-E022",
            f"id column {echo(name)}: {what}{sheet.at(broken)}; a spreadsheet does that to ids, so export the "
            "column again as text",
        )
    totals = _each(cells, is_sum)
    if any(totals):
        what = counted(sum(totals), "[row is a sum and no person|rows are sums and not people]")
        raise InputError(
            "IOM-E022",
            f'id column {echo(name)}: {what}{sheet.at(totals)}; set drop_rows = ["totals"] to leave sums out',
        )
    text = np.empty(len(cells), dtype=object)
    text[:] = [cell if isinstance(cell, str) else str(int(cell)) for cell in cells]
    return text, _look_alike(sheet, name, text)


def _each(cells: list[Any], test: Callable[[Any], bool]) -> list[bool]:
    """Return what a test says of each cell, asked once of cells that are the same text; nothing where it says no."""
    texts = {text for text in set(cells) if isinstance(text, str) and test(text)}
    if not texts and set(map(type, cells)) <= {str}:
        return []
    return [cell in texts if isinstance(cell, str) else test(cell) for cell in cells]


def _look_alike(sheet: Sheet, name: str, text: NDArray[Any]) -> tuple[str, ...]:
    """Refuse ids that differ only in what cannot be seen, and return notes of those that differ in little else."""
    distinct = set(text.tolist())
    if len(set(map(_plain, distinct))) == len(distinct):
        return ()
    faulty = _shared(text, _seen)
    if faulty.any():
        what = counted(int(faulty.sum()), "[row has an id|rows have ids] that differ from another only in characters")
        raise InputError(
            "IOM-E020",
            f"id column {echo(name)}: {what} that cannot be seen, such as a space without width{sheet.at(faulty)}; "
            "spell each person's id in one way, and leave one row of what is double",
        )
    notes = []
    accents = _shared(text, lambda one: unicodedata.normalize("NFC", one))
    little = _shared(text, _plain) & ~accents
    for alike, how in ((accents, "how accents are stored"), (little, "capital letters, accents, width or spaces")):
        if alike.any():
            what = counted(int(alike.sum()), "[row has an id|rows have ids] that look like others and differ in")
            notes.append(f"IOM-W120: column {echo(name)}: {what} {how}{sheet.at(alike)}")
    return tuple(notes)


def _shared(text: NDArray[Any], key: Callable[[str], str]) -> NDArray[np.bool_]:
    """Return which texts share a key with another text."""
    distinct, at = np.unique(text, return_inverse=True)
    keys = [key(one) for one in distinct.tolist()]
    times = Counter(keys)
    return np.array([times[one] > 1 for one in keys], dtype=np.bool_)[at]


def _seen(text: str) -> str:
    """Return a text without characters that have no width, spaces as one space."""
    if text.isascii() and text.isprintable() and " " not in text:
        return text
    shown = "".join(" " if c.isspace() else c for c in text if unicodedata.category(c) not in ("Cf", "Cc"))
    return " ".join(shown.split())


def _plain(text: str) -> str:
    """Return a text without capital letters, accents, width and spaces."""
    if text.isascii() and text.isprintable():
        return text.replace(" ", "").lower()
    bare = unicodedata.normalize("NFKD", _seen(text).casefold())
    return "".join(c for c in bare if not unicodedata.combining(c) and not c.isspace())


def empty(sheet: Sheet, name: str) -> NDArray[np.bool_]:
    """Return which cells of a column hold nothing, or a dash and no more; codes for missing are not among them."""
    cells = sheet[name]
    if cells.dtype.kind == "f":
        return np.isnan(cells)
    return np.array([cell is None or cell in DASHES for cell in cells.tolist()], dtype=np.bool_)


def not_known(sheet: Sheet, name: str, missing: Missing = ()) -> NDArray[np.bool_]:
    """Return which cells of a column hold a code for missing, listed, declared by the file, or labelled so."""
    held, codes = sheet[name].tolist(), Codes(missing, sheet.missing.get(name, ()))
    said = labelled(sheet.labels.get(name, {}), {c for c in held if c is not None}).missing
    known = {cell: cell in codes or cell in said for cell in set(held)}
    return np.array([known[cell] for cell in held], dtype=np.bool_)


def is_value(sheet: Sheet, name: str, wanted: Any) -> NDArray[np.bool_]:
    """Match the cells of a column to a value: as text, as a number, or by its label."""
    labels = sheet.labels.get(name, {})
    accepted = {code for code, label in labels.items() if label == wanted}

    def same(cell: Any) -> bool:
        if cell is None:
            return False
        number = number_or_none(cell)
        return bool(str(cell) == str(wanted) or cell in accepted or (number is not None and number == as_number))

    as_number = number_or_none(wanted)
    known = {cell: same(cell) for cell in set(sheet[name].tolist())}
    return np.array([known[cell] for cell in sheet[name].tolist()], dtype=np.bool_)


def texts(sheet: Sheet, name: str) -> NDArray[Any]:
    """Return a column as text, value labels in place of codes; missing cells are None."""
    labels = sheet.labels.get(name, {})

    def word(cell: Any) -> str | None:
        if cell is None or isinstance(cell, str):
            return labels.get(cell) or cell
        number = number_or_none(cell)
        return labels.get(cell) or (f"{number:g}" if number is not None else str(cell))

    return np.array([word(cell) for cell in sheet[name].tolist()], dtype=object)


class Codes:
    """Codes for missing values: those that the study lists, and those that the file declares."""

    def __init__(self, missing: Missing, spans: Sequence[tuple[float, float]] = ()) -> None:
        if any(isinstance(code, bool) or not isinstance(code, (str, int, float)) for code in missing):
            raise SpecError("IOM-E092", 'missing: expected a list of text and numbers, such as ["NA", -99]')
        self.texts = {str(code).strip() for code in missing}
        self.spans = (*spans, *((n, n) for n in map(number_or_none, missing) if n is not None))

    def __bool__(self) -> bool:
        return bool(self.texts or self.spans)

    def __contains__(self, cell: Any) -> bool:
        if cell is None:
            return False
        number = number_or_none(cell)
        return str(cell) in self.texts or (number is not None and any(a <= number <= b for a, b in self.spans))


def _refuse_unread(sheet: Sheet, name: str, faults: Mapping[Any, str]) -> None:
    """Refuse cells that are no numbers, with what to do about the first kind of fault among them."""
    if not faults:
        return
    # An infinite cell or one too large is named as such where there is no other fault.
    ordered = [fault for fault in FAULTS if fault in set(faults.values())]
    fault = next((f for f in ordered if f not in TOO_MUCH), ordered[0])
    faulty = [cell in faults for cell in sheet[name].tolist()]
    code, todo = FAULTS[fault]
    if any(FAULTS[f][0] == "IOM-E031" for f in ordered):
        code = "IOM-E031"
    what = TOO_MUCH.get(fault, f"of {sheet.rows:,} cells [is not a plain number|are not plain numbers]")
    todo = f"; {todo}" if todo else ""
    raise InputError(code, f"column {echo(name)}: {counted(sum(faulty), what)}{sheet.at(faulty)}{todo}")


TOO_MUCH = {
    "infinite": "[value is|values are] infinite",
    "large": "[number is|numbers are] too large to hold",
}


def _plain_numbers(sheet: Sheet, name: str) -> NDArray[Any]:
    cells = sheet[name]
    if cells.dtype.kind == "f":
        endless = np.isinf(cells)
        if endless.any():
            what = counted(int(endless.sum()), "[value is|values are] infinite")
            raise InputError("IOM-E033", f"column {echo(name)}: {what}{sheet.at(endless)}; expected finite numbers")
        return cells.astype(np.float64)
    if cells.size and int(cells.max()) > LARGEST:
        raise InputError("IOM-E032", f"column {echo(name)}: a number is too large to hold")
    return cells.astype(np.int64)


def _array(values: list[Any], name: str) -> NDArray[Any]:
    if any(value is not None and abs(value) > LARGEST for value in values):
        raise InputError("IOM-E032", f"column {echo(name)}: a number is too large to hold")
    if all(isinstance(value, int) for value in values):
        return np.array(values, dtype=np.int64)
    return np.array([np.nan if value is None else float(value) for value in values])


def number_or_none(cell: Any) -> float | None:
    """Return a cell as a number, or None where it is none."""
    if isinstance(cell, str):
        return float(cell) if NUMBER.fullmatch(cell) else None
    return _float(cell) if _is_number(cell) else None


def _is_number(cell: Any) -> bool:
    return isinstance(cell, (int, float, np.integer, np.floating, Decimal)) and not isinstance(cell, bool)


def _float(cell: Any) -> float:
    """Return a number as a float, one too large for it as infinite."""
    try:
        return float(cell)
    except OverflowError:
        return float("inf") if cell > 0 else float("-inf")


def _is_boolean(cell: Any) -> bool:
    return isinstance(cell, (bool, np.bool_)) or (isinstance(cell, str) and cell.lower() in BOOLEANS)


def _boolean(name: str) -> str:
    return f"IOM-W131: column {echo(name)} holds true and false, read as 1 and 0"


def _is_id(cell: Any) -> bool:
    if isinstance(cell, str):
        return not _THROUGH_FLOAT.fullmatch(cell)
    return _is_number(cell) and _float(cell).is_integer() and abs(cell) <= LARGEST

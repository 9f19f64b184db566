"""Checks of the file against the text of the work: every quotation, and every number, stands there."""

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from itertools import accumulate
from typing import NamedTuple

from iom_causal.base import wording
from iom_causal.base.formats import counted
from iom_causal.errors import SpecError, echo
from iom_causal.published.audit.findings import Finding
from iom_causal.published.printed import Printed, PrintedP
from iom_causal.published.reading.characters import plain, squashed
from iom_causal.published.reading.paper_text import Paper, read_paper
from iom_causal.published.study import PublishedStudy

QUOTATIONS, NUMBERS = "quotations in the text", "numbers in the text"
OF_THE_FILE = "This sets the file beside the text; which of the two to follow is for whoever reads both."
_QUOTED = ("quote", "hedge", "hedges", "category", "label")
_NOT_QUOTED = ("StudyWindow", "Outcome")
"""Fields that hold the work's own words, and the records on which they are the file's."""
_WITHIN = re.compile(r"“([^”]*)”")
_ELLIPSIS = re.compile(r"\.\.\.|…")
_FURTHEST = 400
"""Characters between two parts of a quotation of which something is left out."""
_COUNTED = ("sample", "outcomes", "tests", "cited", "proportions")
"""Parts of a study whose numbers are as printed; those of statements may be told in words, or by labels."""
_NOT_PRINTED = ("unit", "tails", "level")
_NEAR, _CLOSE = 0.5, 0.6
"""Share of a quotation's words, and likeness of a number, from which on a place is the nearest one."""
_WORDS = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_NUMBER = re.compile(r"(?<![\d.])(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+|(?<=\d))(?!\d)")


class Held(NamedTuple):
    """Piece of a study file and the keys under which it stands."""

    where: str
    text: str


def text_of_the_work(study: PublishedStudy) -> Iterator[Finding]:
    """Look up every quotation and every printed number of a file in the text that it names."""
    if not study.text:
        return
    path = study.folder / study.text
    if not path.is_file():
        raise SpecError("IOM-E096", f"published.text: expected the text of the work, found no file {echo(path.name)}")
    paper = read_paper(path)
    yield from _quotations(study, paper)
    yield from _numbers(study, paper)


# Quotations


def quotations(record: object, where: str = "") -> Iterator[Held]:
    """Yield what a record holds as the work's own words: by its fields, and between “ ” in any other text.

    Examples
    --------
    >>> from iom_causal.published.statements import Claim
    >>> [held.text for held in quotations(Claim(id="a", rests_on="other", quote="tentative", says="“may be”"))]
    ['tentative', 'may be']
    """
    if isinstance(record, str):
        yield from (Held(where, text) for text in _WITHIN.findall(record))
    elif isinstance(record, tuple):
        for k, item in enumerate(record, start=1):
            yield from quotations(item, f"{where}.{_called(item) or k}")
    elif is_dataclass(record):
        kind = type(record).__name__
        for field in fields(record):
            value, inside = getattr(record, field.name), f"{where}.{field.name}".lstrip(".")
            own = (field.name in _QUOTED and kind not in _NOT_QUOTED) or (kind, field.name) == ("Theme", "name")
            if own:
                yield from (Held(inside, text) for text in (value if isinstance(value, tuple) else (value,)) if text)
            else:
                yield from quotations(value, inside)


def _called(item: object) -> str:
    """Return the name by which a row of a list is known."""
    if not is_dataclass(item):
        return ""
    named = [str(getattr(item, f.name)) for f in fields(item) if f.name in {"id", "name", "category"}]
    return next(filter(None, named), "")


def stands(quotation: str, text: str) -> bool:
    """Whether the parts of a quotation stand in squashed text in their order, close to one another.

    Examples
    --------
    >>> stands("suggest ... is effective", squashed("The findings suggest that it is effec- tive."))
    True
    """
    parts = [re.escape(squashed(part)) for part in _ELLIPSIS.split(quotation)]
    return re.search(f".{{0,{_FURTHEST}}}?".join(parts), text) is not None


def _quotations(study: PublishedStudy, paper: Paper) -> Iterator[Finding]:
    held = tuple(quotations(study))
    text = squashed(" ".join(stretch for _, stretch in paper.stretches()))
    missing = [quoted for quoted in held if not stands(quoted.text, text)]
    if len(held) > len(missing):
        yield _there(QUOTATIONS, len(held), len(missing), "[quotation|quotations]")
    words = _words_of(paper)
    for k, quoted in enumerate(missing, start=1):
        near = _nearest_words(quoted.text, words)
        yield Finding(
            id=f"quotation-{k}:{quoted.where}",
            check=QUOTATIONS,
            subject=quoted.where,
            verdict="inconsistent",
            claimed=wording.quote(quoted.text),
            computed="" if near is None else near.place,
            sentence=f"{wording.quote(quoted.text)} does not stand in the text.",
            reconcile="No place in it comes near; other words, or another text, would make them agree."
            if near is None
            else f"The nearest words, at {near.place}, are {wording.quote(near.text)}.",
            neighbour=OF_THE_FILE,
        )


class _Place(NamedTuple):
    place: str
    text: str


def _words_of(paper: Paper) -> tuple[_Place, ...]:
    return tuple(_Place(place, word) for place, stretch in paper.stretches() for word in stretch.split())


def _bare(word: str) -> str:
    return re.sub(r"\W+", "", word).lower()


def _nearest_words(quotation: str, words: Sequence[_Place]) -> _Place | None:
    """Return the run of as many words that shares most words with a quotation, where that is half of them or more."""
    wanted = {_bare(word) for word in plain(quotation).split()} - {""}
    length = len(plain(quotation).split())
    if not wanted or len(words) < length:
        return None
    sums = [0, *accumulate(_bare(word.text) in wanted for word in words)]
    best = max(range(len(words) - length + 1), key=lambda k: sums[k + length] - sums[k])
    if sums[best + length] - sums[best] < _NEAR * length:
        return None
    run = words[best : best + length]
    return _Place(run[0].place, " ".join(word.text for word in run).strip(" \"'.,;:()"))


# Numbers


def numbers(record: object, where: str) -> Iterator[Held]:
    """Yield the numbers that a record holds as printed, without their signs."""
    if isinstance(record, Printed):
        yield Held(where, record.text)
    elif isinstance(record, PrintedP):
        yield Held(where, record.number.text)
    elif isinstance(record, tuple):
        for k, item in enumerate(record, start=1):
            yield from numbers(item, f"{where}.{_called(item) or k}")
    elif is_dataclass(record):
        for field in fields(record):
            if field.name not in _NOT_PRINTED:
                yield from numbers(getattr(record, field.name), f"{where}.{field.name}")


def _numbers(study: PublishedStudy, paper: Paper) -> Iterator[Finding]:
    held = [
        number
        for part in fields(study)
        if part.name in _COUNTED
        for number in numbers(getattr(study, part.name), part.name)
    ]
    printed = _numbers_of(paper)
    shares = tuple(f"outcomes.{outcome.name}." for outcome in study.outcomes if outcome.kind == "binary")
    missing = [
        number
        for number in held
        if _key(number.text) not in printed
        and not (number.where.startswith(shares) and shares and _as_percent(number.text) in printed)
    ]
    if len(held) > len(missing):
        yield _there(NUMBERS, len(held), len(missing), "[number|numbers]")
    for k, number in enumerate(missing, start=1):
        near = difflib.get_close_matches(_key(number.text), printed, n=1, cutoff=_CLOSE)
        yield Finding(
            id=f"number-{k}:{number.where}",
            check=NUMBERS,
            subject=number.where,
            verdict="inconsistent",
            claimed=number.text,
            computed=printed[near[0]] if near else "",
            sentence=f"{number.text} stands nowhere in the text.",
            reconcile=f"The number most like it, {near[0]}, stands at {printed[near[0]]}."
            if near
            else "No number in it is like it; another text would make them agree.",
            neighbour=OF_THE_FILE,
        )


def _key(number: str) -> str:
    """Return a number without its sign, its groups of thousands and the zero before its point."""
    bare = plain(number).strip().lstrip("+-").replace(",", "").strip()
    return bare.lstrip("0") if re.match(r"0+\.", bare) else bare


def _as_percent(number: str) -> str:
    """Return a proportion as the percentage that it is, with two decimals fewer."""
    whole, _, part = _key(number).partition(".")
    if len(part) < 2:
        return ""
    shifted = f"{whole}{part[:2]}".lstrip("0") or "0"
    return _key(f"{shifted}.{part[2:]}".rstrip(".") if part[2:] else shifted)


def _numbers_of(paper: Paper) -> dict[str, str]:
    """Return every number of a text with the first place where it stands, those told in words included."""
    out: dict[str, str] = {}
    for place, stretch in paper.stretches():
        for found in _NUMBER.finditer(stretch):
            out.setdefault(_key(found[0]), place)
        for word in re.findall(r"[a-z]+(?:-[a-z]+)?", stretch.lower()):
            if told := _IN_WORDS.get(word):
                out.setdefault(told, place)
    return out


_IN_WORDS = {word: str(k) for k, word in enumerate(_WORDS)} | {
    tens + (f"-{_WORDS[unit]}" if unit else ""): str(10 * k + unit)
    for k, tens in enumerate(_TENS, start=2)
    for unit in range(10)
}


def _there(check: str, held: int, missing: int, what: str) -> Finding:
    of = "" if not missing else f" of {held}"
    count = counted(held - missing, what)
    return Finding(
        id=f"text:{check}",
        check=check,
        subject="the text",
        verdict="consistent",
        claimed=counted(held, what),
        computed=f"{held - missing} in the text",
        sentence=f"{count}{of} of the file {'stands' if held - missing == 1 else 'stand'} in the text.",
    )

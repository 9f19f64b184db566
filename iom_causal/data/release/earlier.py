"""Earlier releases of a study: those that lie about, and whether a new one is of nearly the same people."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from iom_causal.base import output
from iom_causal.data.release.disclosure import WITHHELD, Disclosure

type Given = Mapping[str, Sequence[str]]
"""Table 1 and estimates as they are given: by variable or method the number of people, then their figures."""

GIVEN, EARLIER = "people_as_given", "earlier_releases"
"""The keys of a manifest that hold it, and those of the releases that lay there before."""


def releases(out: Path, study: str) -> tuple[Given, ...]:
    """Return what earlier releases of a study gave of its people: in a folder, those replaced in it, and beside it.

    Parameters
    ----------
    out : Path
        The folder that the next one goes to.
    study : str
        What manifests call the study.
    """
    found: list[Given] = []
    for record in (output.read_record(folder / output.MANIFEST) for folder in _about(out)):
        if record.get("made_by") == output.MAKER and record.get("study") == study:
            found += [table for table in _tables(record) if table not in found]
    return tuple(found)


def nearly_the_same(now: Given, then: Given, rules: Disclosure) -> bool:
    """Whether two releases may be of people of whom few are in one alone: about as many, with other figures.

    Examples
    --------
    >>> now, then = {"arrests, before": ("180", "7.15")}, {"arrests, before": ("180", "7.1")}
    >>> nearly_the_same(now, then, Disclosure()), nearly_the_same(now, now, Disclosure())
    (True, False)
    >>> alike = {"arrests: paired t": ("180", "-3.0", "-3.6 to -2.4")}
    >>> nearly_the_same(then | alike, then | {"arrests: paired t": ("180", "-3.0", "-3.5 to -2.5")}, Disclosure())
    True
    """
    both = [(now[name], then[name]) for name in now if name in then]
    known = [(a, b) for a, b in both if WITHHELD not in (a[0], b[0])]
    apart = [abs(_number(a[0]) - _number(b[0])) for a, b in known]
    return any(list(a) != list(b) for a, b in both) and any(d < 2 * rules.threshold + rules.rounding for d in apart)


def _about(out: Path) -> Iterator[Path]:
    """Yield a folder and those beside it."""
    yield out
    try:
        yield from sorted(p for p in out.absolute().parent.iterdir() if p.name != out.name and p.is_dir())
    except OSError:
        return


def _tables(record: Mapping[str, Any]) -> Iterator[Given]:
    earlier = record.get(EARLIER)
    for table in (*(earlier if isinstance(earlier, list) else ()), record.get(GIVEN)):
        if isinstance(table, dict) and all(_is_row(row) for row in table.values()):
            yield table


def _is_row(row: Any) -> bool:
    return isinstance(row, list) and bool(row) and all(isinstance(cell, str) for cell in row) and _counts(row[0])


def _counts(cell: str) -> bool:
    return cell == WITHHELD or cell.replace(",", "").isdecimal()


def _number(cell: str) -> int:
    return int(cell.replace(",", ""))

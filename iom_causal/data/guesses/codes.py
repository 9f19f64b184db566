"""Heuristic classification of cells: the mark of decimals, codes for missing values, and what is asked about them."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.formats import counted, listed
from iom_causal.base.specs import toml_value
from iom_causal.data.files.blanks import BLANKS
from iom_causal.data.files.isolation import ABOVE, BELOW, isolated
from iom_causal.data.files.numerals import WITHHELD, parsed
from iom_causal.data.files.sheet import Sheet
from iom_causal.data.guesses.questions import Question

DECIMAL = (
    'what does 1,234 mean in this file? Write decimal = "." if it is more than a thousand, or decimal = "," if it is a '
    "little more than one"
)


class CellGuesses(NamedTuple):
    """Guessed reading settings of cells, and what is asked about them."""

    settings: Mapping[str, Any]
    questions: tuple[Question, ...] = ()


LOOKED_AT = 1_000
"""Different texts of a column by which its marks are told."""


def cell_settings(sheet: Sheet) -> CellGuesses:
    """Guess the mark of decimals, and the words that stand for no value."""
    texts = {name: _texts(sheet, name) for name in sheet.columns}
    commas = any(_decimal_commas(held) for held in texts.values())
    settings: dict[str, Any] = {"decimal": ","} if commas else {}
    words = {word for name, held in texts.items() for word in _words(sheet, name, held, settings.get("decimal", ""))}
    if words:
        settings["missing"] = sorted(words)
    either = not commas and any(map(_either, texts.values()))
    return CellGuesses(settings, (Question("decimal", DECIMAL),) if either else ())


def _texts(sheet: Sheet, name: str) -> list[str]:
    """Return different texts of a column, words for no value not among them."""
    cells = sheet[name].tolist()
    distinct = (cell for cell in dict.fromkeys(cells) if isinstance(cell, str) and cell.lower() not in BLANKS)
    return list(islice(distinct, LOOKED_AT))


def _decimal_commas(texts: Sequence[str]) -> bool:
    """Whether commas mark decimals, not thousands: with three digits behind every comma they may be either."""
    with_comma = [text for text in texts if "," in text]
    if not with_comma or any(numeral.fault for numeral in parsed(texts, ",").values()):
        return False
    return any(numeral.fault for numeral in parsed(with_comma, ".").values())


def _either(texts: Sequence[str]) -> bool:
    """Whether commas of numbers may mark thousands or decimals."""
    faults = {numeral.fault for numeral in parsed(texts).values()} if any("," in text for text in texts) else set()
    return "thousands" in faults and faults <= {"", "thousands"}


def _words(sheet: Sheet, name: str, texts: Sequence[str], decimal: str) -> Iterable[str]:
    """Return the words for no value in a column that is otherwise numeric."""
    cells = [c for c in sheet[name].tolist() if c is not None and not (isinstance(c, float) and np.isnan(c))]
    words = [c for c in cells if isinstance(c, str) and c.lower() in BLANKS]
    if words and 2 * len(words) < len(cells):
        faults = {numeral.fault for numeral in parsed(texts, decimal).values()}
        if faults <= {"", "thousands", *WITHHELD}:
            yield from dict.fromkeys(words)


class Coded(NamedTuple):
    """Codes for missing values in a column of numbers.

    Attributes
    ----------
    certain : tuple of float
        Numbers below 0 where nothing else is: no count, and hardly a score.
    likely : tuple of float
        Isolated numbers that are often codes, which only the user can tell from values.
    cells : int
        How many cells hold a likely one.
    others : frozenset of float
        Values of the column that are often codes and are none here.
    """

    certain: tuple[float, ...] = ()
    likely: tuple[float, ...] = ()
    cells: int = 0
    others: frozenset[float] = frozenset()

    @property
    def codes(self) -> list[float]:
        """Certain and likely ones."""
        return [*self.certain, *self.likely]


CERTAIN = BELOW - {-2.0, -3.0, -4.0, -5.0, -6.0}
MOST_CODES = 4


def coded(values: NDArray[np.float64], *, plainly_score: bool) -> Coded:
    """Return the codes for missing values in a column, certain and likely ones."""
    below = set(values[values < 0].tolist())
    known = below <= (CERTAIN - {-1.0} if plainly_score else CERTAIN) and len(below) <= MOST_CODES
    certain = below if known else set()
    rest = values[~np.isin(values, list(certain))]
    likely = isolated(rest)
    return Coded(
        tuple(sorted(certain)),
        likely.codes,
        likely.cells,
        frozenset(rest.tolist()) & ABOVE - set(likely.codes),
    )


def codes_question(found: Iterable[Coded], listed_already: Sequence[Any], withheld: int) -> tuple[Question, ...]:
    """Ask about likely codes for missing, and about cells that say fewer than, in one question."""
    found = list(found)
    codes = sorted({code for f in found for code in f.likely})
    asks = []
    if codes:
        held = [f"{code:g}" for code in codes]
        cells = counted(sum(f.cells for f in found), "[cell|cells]")
        certain = sorted({code for f in found for code in f.certain})
        plain = [*listed_already, *(int(c) if c.is_integer() else c for c in certain)]
        too = [*plain, *(int(c) for c in codes)]
        asks.append(
            f"does {listed(held, 'or')} stand for no value, far from the rest in {cells}? Write missing = "
            f"{toml_value(too)} if so, or missing = {toml_value(plain)} if it is a value"
        )
        both = sorted(set(codes) & {c for f in found for c in f.others})
        if both:
            asks.append(
                f"another column has {listed([f'{c:g}' for c in both], 'and')} among its values: empty the cells in "
                "the file instead"
            )
    if withheld:
        what = counted(withheld, "[cell says|cells say]")
        asks.append(
            f'{what} "fewer than" or "or more" in place of a number: ask for the numbers, or list what stands there as '
            'not known, such as missing = ["<5"]'
        )
    return (Question("missing", "; ".join(asks)),) if asks else ()

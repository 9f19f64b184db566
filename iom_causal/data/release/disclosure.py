"""Statistical disclosure control: thresholds, rounding, and primary and secondary cell suppression."""

import math
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from iom_causal.base import wording
from iom_causal.base.formats import fixed, percent
from iom_causal.base.specs import refuse_data
from iom_causal.data.release.frequencies import TOTAL, Cell, Frequencies, check_count, merged, relations
from iom_causal.errors import InputError, SpecError, echo
from iom_causal.numerics.printed.suppression import suppress

THRESHOLD, ROUNDING = 10, 5
"""The defaults of ACRO and of the Office for National Statistics: what is weaker needs a recorded reason."""
OUTERMOST = 0.05
"""No percentile further out is given."""
_ALMOST = 1e-9
"""What binary fractions leave of a multiple of a unit, in units."""
LEAST = 2.0
"""Of a mean of whole numbers, the least room for their total: with less it is solved for."""
WITHHELD = "withheld"
"""Stands for every suppressed figure, so that primary and secondary suppression look alike."""


@dataclass(frozen=True, eq=False)
class Released:
    """Table after disclosure control.

    Parameters
    ----------
    columns : tuple of str
        The heads.
    rows : tuple of tuple of str
        Each with its name first and its sum last; the last row holds the sums of the columns.
    shown : ndarray of bool, (rows, columns without the first)
        Which counts are given: means by the same groups share their fate.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    shown: NDArray[np.bool_]


@dataclass(frozen=True)
class Disclosure:
    """Disclosure rules for figures about people: threshold, rounding and suppression.

    A threshold is no proof that nobody can be recognised: somebody should still read what leaves. Figures that
    are already published do not come this way.

    What stays open: the unit of a mean tells how far the furthest person lies from it, within a factor of 2.5, and a
    second release without that person may have a finer one. Two counts, one of people inside the other, that are
    given alike differ by fewer than `threshold`, or not at all. Several estimates of one outcome, each no finer than
    one person moves it, tell more together than one does. Release one set of figures about a group.

    Parameters
    ----------
    threshold : int
        Nothing is said about fewer people.
    rounding : int
        Counts are rounded to multiples of this.
    research : bool
        Give figures as they are, in an environment where that is allowed.
    reason : str, optional
        Why, where the rules are switched off or weaker than the defaults; the report states it.

    Examples
    --------
    >>> rules = Disclosure()
    >>> rules.count(223), rules.count(9), rules.share(48, 223), rules.mean(6.844, 223, 2), rules.mean(6.844, 9, 2)
    ('225', 'withheld', '22%', '6.84', 'withheld')
    """

    threshold: int = THRESHOLD
    rounding: int = ROUNDING
    research: bool = False
    reason: str | None = None

    def __post_init__(self) -> None:
        refuse_data(self)
        for name, value in (("threshold", self.threshold), ("rounding", self.rounding)):
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise SpecError(
                    "IOM-E092", f"disclosure {name}: expected a whole number of at least 1, got {echo(value)}"
                )
        weaker = self.threshold < THRESHOLD or self.rounding < ROUNDING
        if (self.research or weaker) and not self._why:
            raise SpecError(
                "IOM-E096",
                f"disclosure: research = true, a threshold below {THRESHOLD} or rounding below {ROUNDING} "
                "need a reason, which the report prints",
            )

    def count(self, n: int, *, structural: bool = False) -> str:
        """Return a number of people; zero is given only where it cannot be otherwise."""
        check_count(n)
        if self.research or (structural and n == 0):
            return f"{n:,}"
        return f"{self.rounded(n):,}" if n >= self.threshold else WITHHELD

    def share(self, part: int, whole: int) -> str:
        """Return a percentage of people, from rounded counts: neither part nor rest may be few."""
        check_count(part)
        check_count(whole)
        if part > whole:
            raise InputError("IOM-E101", "share: expected a part of the whole, got more people than the whole has")
        if self.research:
            return percent(part / whole) if whole else WITHHELD
        few = min(part, whole - part) < self.threshold
        return WITHHELD if few else percent(self.rounded(part) / self.rounded(whole))

    def mean(self, value: float, n: int, digits: int = 2, moved: float = 0.0) -> str:
        """Return a mean or a standard deviation of `n` people, no finer than `unit` allows."""
        check_count(n)
        if not math.isfinite(value):
            raise InputError("IOM-E034", "disclosure: expected a figure, got none; say why there is none instead")
        if self.research:
            return fixed(value, digits)
        return in_units(value, max(self.unit(n, moved), 10.0**-digits)) if n >= self.threshold else WITHHELD

    def unit(self, n: int, moved: float = 0.0) -> float:
        """Return the unit to which a figure of `n` people is rounded, of whom one moves it by at most `moved` over `n`.

        Two releases that differ by one person are subtracted for that person's values: a unit is no less than what the
        person furthest from the others moves. A total is left room of 2 at least, so that it is not solved for with the
        number of people. `n` is as it is rounded, so that the unit tells no more of it.

        Examples
        --------
        >>> [Disclosure().unit(n, moved) for n, moved in ((25, 4.9), (225, 4.9), (225, 0.6), (225, 300.0))]
        [0.2, 0.05, 0.01, 2.0]
        """
        return round_unit(max(LEAST, moved) / max(self.rounded(n), 1))

    def decimals(self, n: int, moved: float = LEAST) -> int:
        """Return to how many decimals a figure of `n` people is given, of which each moves it by `moved` over `n`.

        Examples
        --------
        >>> [Disclosure().decimals(n, moved) for n, moved in ((12, 2), (60, 2), (225, 2), (25, 40))]
        [0, 1, 2, -1]
        """
        return math.floor(math.log10(max(self.rounded(n), 1) / moved))

    def quantile(self, at: float, value: float, n: int, digits: int = 0) -> str:
        """Return a quantile of `n` people if enough of them lie beyond it; the extremes are those at 0 and 1."""
        if not 0 <= at <= 1:
            raise InputError("IOM-E101", "disclosure: expected a quantile from 0 to 1")
        beyond = min(at, 1 - at)
        few = beyond < OUTERMOST or beyond * n < self.threshold
        text = self.mean(value, n, digits)
        return WITHHELD if few and not self.research else text

    def table(self, frequencies: Frequencies) -> Released:
        """Return one table after disclosure control; tables of one report go through `tables` together."""
        return self.tables(frequencies)[0]

    def tables(self, *frequencies: Frequencies) -> tuple[Released, ...]:
        """Apply joint cell suppression to the tables of one report: a cell is shown in all of them or in none.

        Small counts and zeros are withheld, and as many others that none of them can be solved for from what all
        tables show together: every withheld count could lie anywhere in a range as wide as the threshold. The total
        is shown unless it is small itself.

        Raises
        ------
        InputError
            IOM-E120 when two tables count the same people differently.

        Examples
        --------
        >>> f = Frequencies(("age",), (("18-24", "25-34", "35+"),), np.array([3, 14, 60]))
        >>> Disclosure().table(f).rows
        (('18-24', 'withheld'), ('25-34', 'withheld'), ('35+', '60'), ('all', '75'))
        """
        counts = merged(frequencies)
        shown = set(counts) if self.research else self._shown(counts, frequencies)
        return tuple(self._released(f, counts, shown) for f in frequencies)

    def check_nested(self, whole: int, part: int) -> None:
        """Refuse figures of two groups, one inside the other, that differ by few people.

        Raises
        ------
        InputError
            IOM-E120: subtracting the figures of one from those of the other would tell about the few.

        Examples
        --------
        >>> Disclosure().check_nested(225, 187)
        """
        check_count(whole)
        check_count(part)
        if 0 < abs(whole - part) < self.threshold and not self.research:
            raise InputError(
                "IOM-E120",
                f"two groups, one inside the other, differ by fewer than {self.threshold} people; give the figures of "
                "one of them alone",
            )

    def note(self) -> str:
        """Return what was done, in words.

        Examples
        --------
        >>> Disclosure(research=True, reason="in the secure room").note()
        'Disclosure control is switched off for research use: “in the secure room”.'
        """
        if self.research:
            return f"Disclosure control is switched off for research use: {wording.quote(self._why)}."
        why = f" ({wording.quote(self._why)})" if self._why else ""
        return (
            f"Counts of people are rounded to the nearest {self.rounding}, a number that is fewer than "
            f"{self.threshold} short of a larger one of the study is given as that one, nothing is given about fewer "
            f"than {self.threshold} people (nobody included), no smallest or largest value is given, and further "
            f"counts are withheld where a small one could be solved for from them{why}. Estimates and their limits are "
            "rounded to steps as wide as one person moves them, so that nobody’s figures can be solved for."
        )

    @property
    def _why(self) -> str:
        return (self.reason or "").strip().rstrip(".")

    def rounded(self, n: int) -> int:
        """Return a number of people rounded to a multiple of `rounding`."""
        return (2 * int(n) + self.rounding) // (2 * self.rounding) * self.rounding

    def _shown(self, counts: Mapping[Cell, int], frequencies: tuple[Frequencies, ...]) -> set[Cell]:
        if counts[TOTAL] < self.threshold:
            return set()
        cells = list(counts)
        known = {TOTAL}.union(*(f.empty() for f in frequencies))
        withheld = suppress(
            np.array([counts[cell] for cell in cells], dtype=float),
            relations(frequencies, cells),
            self.threshold,
            known=np.array([cell in known for cell in cells]),
        )
        return {cell for cell, hidden in zip(cells, withheld, strict=True) if not hidden}

    def _released(self, f: Frequencies, counts: Mapping[Cell, int], shown: AbstractSet[Cell]) -> Released:
        width = len(f.levels[1]) + 1 if len(f.levels) > 1 else 1
        cells = [f.about(place) for place in f.places()]
        texts = [self.count(counts[c], structural=True) if c in shown else WITHHELD for c in cells]
        rows = [texts[i : i + width] for i in range(0, len(texts), width)]
        return Released(
            columns=(f.variables[0], *((*f.levels[1], "all") if width > 1 else ("people",))),
            rows=tuple((name, *row) for name, row in zip((*f.levels[0], "all"), rows, strict=True)),
            shown=np.array([c in shown for c in cells]).reshape(-1, width),
        )


ROUND, FINER = (1, 2, 5, 10), (1, 2, 3, 4, 5, 6, 8, 10)
"""Figures of units, the finer ones for estimates: rounding one up far would give another answer."""


def round_unit(wanted: float, figures: Sequence[int] = ROUND) -> float:
    """Return the least of 1, 2, 5, 10, 20 and so on, and of .5, .2, .1 and so on, that is no less than wanted.

    Examples
    --------
    >>> round_unit(0.013), round_unit(30), round_unit(0.051, FINER)
    (0.02, 50.0, 0.06)
    """
    power = math.floor(math.log10(wanted))
    return next(float(f"{k}e{power}") for k in figures if float(f"{k}e{power}") >= wanted)


def in_units(value: float, unit: float) -> str:
    """Return a figure as the nearest multiple of a unit.

    Examples
    --------
    >>> in_units(6.844, 0.05), in_units(243.1, 20)
    ('6.85', '240')
    """
    return fixed(nearest(value, unit), max(0, -math.floor(math.log10(unit))))


def nearest(value: float, unit: float) -> float:
    """Return the nearest multiple of a unit; what is no finite figure as it is.

    Examples
    --------
    >>> nearest(6.844, 0.05), nearest(243.1, 20), nearest(-0.001, 0.1)
    (6.85, 240.0, 0.0)
    """
    if not math.isfinite(value):
        return value
    return round(unit * round(value / unit), max(0, -math.floor(math.log10(unit)))) + 0.0


def outward[Limit: (float, float | None)](low: Limit, high: Limit, unit: float) -> tuple[Limit, Limit]:
    """Return the multiples of a unit next below and next above two ends, where there are any.

    Limits that are rounded to the nearest hold what they are to hold less often: at 25 people, and steps by the person
    furthest from the others, a nominal 95% that was 93.8% unrounded was 89.7%. Rounded outward it was 97.2%. Which of
    the multiples an end is taken to tells as little of it as which is nearest.

    Examples
    --------
    >>> outward(0.617, 0.803, 0.02), outward(-0.62, 0.8, 0.02), outward(None, 0.801, 0.1)
    ((0.6, 0.82), (-0.62, 0.8), (None, 0.9))
    """
    below = low if low is None or not math.isfinite(low) else nearest(unit * math.floor(low / unit + _ALMOST), unit)
    above = high if high is None or not math.isfinite(high) else nearest(unit * math.ceil(high / unit - _ALMOST), unit)
    return below, above


def set_outward(low: float, high: float, unit: float) -> tuple[float, float]:
    """Return the ends of a set as multiples of a unit, outward; a set of one value is that value, as it is nearest.

    Examples
    --------
    >>> set_outward(0.617, 0.803, 0.02), set_outward(0.617, 0.617, 0.02)
    ((0.6, 0.82), (0.62, 0.62))
    """
    return (nearest(low, unit),) * 2 if low == high else outward(low, high, unit)

"""Release rules: how figures of a published table, or of people, may be given."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, Protocol

from iom_causal.base import axes
from iom_causal.base.formats import fixed, p_text, percent
from iom_causal.base.specs import EMPTY
from iom_causal.data.release.disclosure import (
    FINER,
    LEAST,
    WITHHELD,
    Disclosure,
    in_units,
    nearest,
    outward,
    round_unit,
    set_outward,
)
from iom_causal.data.release.furthest import Furthest, Z
from iom_causal.data.release.nested import whole_of
from iom_causal.data.release.p_values import coarse_p, coarse_p_text
from iom_causal.numerics.pairs.moments import PairMoments

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

DIGITS = 4
"""Significant digits of a figure about people that leaves: from more of them totals could be worked out."""
OTHER = {"low": "high", "high": "low"}
"""The other end of an interval, by the last word of a column's name."""
MEANS = ("difference", "points")
"""Scales of estimates that are differences of means."""
SIZES = ("standardised", "correlation", "probability")
"""Scales of effect sizes: of many digits of one the number of people is solved for."""


class Declares(Protocol):
    """What a result declares of the columns of its table."""

    @property
    def people_columns(self) -> tuple[str, ...]:
        """Those that count people."""
        ...

    @property
    def free_columns(self) -> tuple[str, ...]:
        """Those of whole numbers that count no people."""
        ...

    @property
    def solving_columns(self) -> tuple[str, ...]:
        """Those of which two, or one and an interval, are solved for the number of people."""
        ...

    @property
    def telling_columns(self) -> tuple[str, ...]:
        """Those of estimates, which give the number of people where they have many digits."""
        ...

    @property
    def figure_columns(self) -> Mapping[str, str]:
        """The kind of number of each of the others, by its name: what may leave with few digits."""
        ...


@dataclass(frozen=True, slots=True)
class Leaving:
    """A table as it may leave; only release rules make one, and only such tables are written.

    Parameters
    ----------
    frame : DataFrame
        The table.
    """

    frame: "pd.DataFrame"


@dataclass(frozen=True, slots=True)
class Release:
    """Rules for figures that leave: those of a published table as they are, those of people as a disclosure says.

    Parameters
    ----------
    rules : Disclosure or None
        None for figures that are already published.
    furthest, beside : mapping of str to Furthest
        By outcome how far one managed person stands out, and one of all where managed people are compared with others.
    managed : mapping of str to int
        Managed people, by outcome: an estimate of more is a comparison.
    sizes : tuple of int
        Numbers of people of all outcomes and windows that are far apart: one that few are short of is given as it is.

    Examples
    --------
    >>> Release().count(187), Release(Disclosure()).count(187), Release(Disclosure(), sizes=(193,)).count(187)
    ('187', '185', '195')
    """

    rules: Disclosure | None = None
    furthest: Mapping[str, Furthest] = EMPTY
    beside: Mapping[str, Furthest] = EMPTY
    managed: Mapping[str, int] = EMPTY
    sizes: tuple[int, ...] = ()

    @property
    def guarded(self) -> bool:
        """Whether rules hold here: the figures are about people, and no reason switches the rules off."""
        return self.rules is not None and not self.rules.research

    def count(self, n: int) -> str:
        """Return a number of people."""
        return str(n) if self.rules is None else self.rules.count(whole_of(n, self.sizes, self.rules))

    def rounded(self, n: int) -> int:
        """Return a number of people that is large enough to be given, as it may be.

        Examples
        --------
        >>> Release(Disclosure()).rounded(10_002)
        10000
        """
        return int(self.count(n).replace(",", ""))

    def _number(self, n: int) -> int | str:
        """Return a number of people for a table that scripts read: rounded, or that it is withheld."""
        return self.rounded(n) if self.enough(n) else self.count(n)

    def of_rows(self, n: int, most: int) -> int:
        """Return a number of rows, of which one person has `most` or fewer, rounded so that these do not show.

        Examples
        --------
        >>> rules = Release(Disclosure())
        >>> rules.of_rows(2330, 3), rules.of_rows(2330, 31), Release().of_rows(2330, 31)
        (2330, 2350, 2330)
        """
        if self.rules is None or self.rules.research or most <= self.rules.rounding:
            return n
        unit = int(round_unit(most))
        return round(n / unit) * unit

    def coarse(self, value: float, largest: float, n: int) -> str:
        """Return one of several means of the same people by other rules, none of which is above the largest.

        Two of them differ by a share of the people, so that their digits would give it away: they are rounded as far as
        the number of people is.

        Examples
        --------
        >>> Release(Disclosure()).coarse(-240.28, 260.3, 240), Release().coarse(-240.28, 260.3, 240)
        ('-240', '-240.28')
        """
        return in_units(value, self.coarse_step(largest, n))

    def coarse_ends(self, low: float, high: float, largest: float, n: int) -> tuple[str, str]:
        """Return limits of such a mean, or the ends of its set, rounded as far and outward.

        Examples
        --------
        >>> Release(Disclosure()).coarse_ends(-244.9, -235.6, 260.3, 240)
        ('-250', '-230')
        """
        step = self.coarse_step(largest, n)
        below, above = (in_units(end, step) for end in set_outward(low, high, step))
        return below, above

    def coarse_step(self, largest: float, n: int) -> float:
        """Return the step in which means of `coarse` and their limits are given."""
        if self.rules is None or self.rules.research or not largest:
            return 0.01
        return round_unit(self.rules.rounding * abs(largest) / n)

    def share_and_sd(self, share: float, n: int) -> tuple[str, str]:
        """Return a share of `n` people and the standard deviation of the event, from rounded numbers of people.

        Examples
        --------
        >>> Release(Disclosure()).share_and_sd(0.6216, 37), Release(Disclosure()).share_and_sd(0.1, 37)
        (('0.71', '0.45'), ('withheld', 'withheld'))
        """
        part = round(share * n)
        if self.rules is None or self.rules.research:
            return fixed(share), fixed(math.sqrt(share * (1 - share) * n / max(n - 1, 1)))
        if min(part, n - part) < self.rules.threshold:
            return WITHHELD, WITHHELD
        whole = whole_of(n, self.sizes, self.rules)  # of another denominator the shares would tell it
        given = self.rules.rounded(round(share * whole)) / self.rules.rounded(whole)
        return fixed(given), fixed(math.sqrt(given * (1 - given)))

    def percent_of(self, part: int, n: int) -> str:
        """Return a percentage of `n` people, of rounded numbers of people.

        Examples
        --------
        >>> Release(Disclosure()).percent_of(48, 218), Release(Disclosure(), sizes=(223,)).percent_of(48, 218)
        ('23%', '22%')
        """
        if self.rules is None or self.rules.research or min(part, n - part) < self.rules.threshold:
            return percent(part / n) if self.rules is None else self.rules.share(part, n)
        whole = whole_of(n, self.sizes, self.rules)
        return self.rules.share(round(part / n * whole), whole)

    def share_lost(self, kept: int, n: int) -> float:
        """Return the share of `n` people that are lost where `kept` are not; 0 where it is withheld.

        Of people it is worked out from the two numbers as they are rounded, so that it tells nothing beyond them, and
        in steps as wide as the threshold: as many numbers of people lost have the same share, none of them few.

        Examples
        --------
        >>> rules = Release(Disclosure())
        >>> rules.share_lost(38, 61), rules.share_lost(51, 61), round(Release().share_lost(38, 61), 3)
        (0.2916666666666667, 0.0, 0.377)
        """
        if self.rules is None or self.rules.research:
            return (n - kept) / n if n else 0.0
        kept, n = (whole_of(each, self.sizes, self.rules) for each in (kept, n))
        step, least, whole = self.rules.rounding, self.rules.threshold, self.rules.rounded(n)
        width = step * math.ceil(least / step)
        first = width + step  # two rounded numbers so far apart are of at least `least` people
        low = first + (whole - self.rules.rounded(kept) - first) // width * width
        within = first <= low <= whole - first - (width - step)
        return (low + (width - step) / 2) / whole if within else 0.0

    def image(self, ax: "Axes") -> bytes:
        """Return a drawing: with its figures in it only where these are published."""
        return axes.to_svg(ax) if self.rules is None else axes.to_png(ax)

    def enough(self, n: int) -> bool:
        """Whether something may be said of so many people."""
        return self.rules is None or self.rules.research or n >= self.rules.threshold

    def leaving(self, frame: "pd.DataFrame", declared: Declares) -> Leaving:
        """Return a table of results for a file, as it may leave."""
        return Leaving(self.released(frame, declared))

    def published(self, frame: "pd.DataFrame") -> Leaving:
        """Return a table of figures that are published, as it is; of people there is none.

        Raises
        ------
        TypeError
            Where the figures are about people: their tables leave by `leaving`.
        """
        if self.rules is not None:
            raise TypeError("a table about people leaves by Release.leaving")
        return Leaving(frame)

    def released(self, frame: "pd.DataFrame", declared: Declares) -> "pd.DataFrame":
        """Return a table of results as it may leave, by what their type declares of its columns.

        Numbers of people are rounded, what could be solved for them is left out, estimates have few digits, p-values
        are ends of bands, and notes that count people are dropped. A column of whole numbers of which nothing is
        declared is taken to count people, and any other number of which nothing is declared is left out.
        """
        if not self.guarded:
            return frame
        out = frame.copy()
        for column in (c for c in out.columns if c not in declared.telling_columns):
            out[column] = self._column(frame, str(column), declared)
        if declared.telling_columns:
            limits = zip(frame["estimate"], frame["conf_low"], frame["conf_high"], strict=True)
            half = [arm(*map(float, each)) for each in limits]
            rows = zip(frame["estimate"], frame["scale"], frame["n_used"], half, frame["outcome"], strict=True)
            steps = [self.step(value, scale, int(n), h, name, most=DIGITS) for value, scale, n, h, name in rows]
            for column in (c for c in declared.telling_columns if c in out.columns):
                cells = zip(frame[column], steps, strict=True)
                out[column] = [None if x is None else _given(float(x), str(column), step) for x, step in cells]
        return out

    def _column(self, frame: "pd.DataFrame", name: str, declared: Declares) -> "pd.Series[Any] | list[Any] | None":
        """Return a column by the kind of its numbers: counts, p-values and figures, and none that are not declared."""
        cells = frame[name]
        kind = cells.dtype.kind
        if name in declared.solving_columns:
            return None
        if name in declared.people_columns or (kind in "iu" and name not in declared.free_columns):
            return [self._number(int(n)) for n in cells]
        if name == "p_value":
            return [self.p_value(float(p)) for p in cells]
        if kind == "f":
            return _figures(frame, name) if name in declared.figure_columns else None
        return [self.note(text) for text in cells] if name == "note" else cells

    def decimals(self, n: int, most: int = 3, moved: float = LEAST) -> int:
        """Return the decimals of a figure of `n` people, of which each moves it by `moved` over `n`."""
        return most if self.rules is None or self.rules.research else min(most, self.rules.decimals(n, moved))

    def mean(self, value: float, n: int, digits: int = 2, moved: float = 0.0) -> str:
        """Return a mean or a standard deviation of `n` people, of whom one moves it by at most `moved` over `n`."""
        return fixed(value, digits) if self.rules is None else self.rules.mean(value, n, digits, moved)

    def ratio(self, value: float, n: int) -> float:
        """Return a ratio of two totals of `n` people as it may be given, to one decimal more than their means.

        Examples
        --------
        >>> Release(Disclosure()).ratio(0.6178, 37), Release().ratio(0.6178, 37)
        (0.62, 0.6178)
        """
        return round(value, self.decimals(n) + 1) if self.guarded else value

    def p_value(self, p: float) -> float:
        """Return a p-value as it may be given: of people, the lower end of its band.

        Examples
        --------
        >>> Release(Disclosure()).p_value(0.0362), Release().p_value(0.0362)
        (0.01, 0.0362)
        """
        return coarse_p(p) if self.guarded else p

    def p_text(self, p: float) -> str:
        """Return a p-value in words, as it may be given.

        Examples
        --------
        >>> Release(Disclosure()).p_text(0.0362), Release().p_text(0.0362)
        ('p = .01 to .05', 'p = .036')
        """
        return coarse_p_text(p) if self.guarded else p_text(p)

    def mean_and_sd(self, mean: float, sd: float, n: int, digits: int, furthest: float) -> tuple[str, str]:
        """Return the mean and the standard deviation of `n` people, the furthest of whom is so far from the mean."""
        return self.mean(mean, n, digits, furthest), self.mean(sd, n, digits, moves_sd(sd, furthest))

    def moments(
        self, m: PairMoments, n: int, furthest: tuple[float, float], length: float = 1.0, outcome: str = ""
    ) -> PairMoments:
        """Return moments of `n` people as they may be given: what is worked out from them tells no more.

        They are those of Table 1, by how far the furthest person is from the mean before, and from the mean after. The
        ratio of the means, over `length`, is the one that is given.

        Examples
        --------
        >>> Release(Disclosure()).moments(PairMoments(5.162, 2.771, 3.189, 2.49, 0.523), 37, (5.2, 8.8))
        PairMoments(mean_pre=5.2, sd_pre=2.8, mean_post=3.224, sd_post=2.5, r=0.52)
        """
        if not self.guarded:
            return m
        before = self._in_units(m.mean_pre, n, furthest[0])
        sds = [self._in_units(s, n, moves_sd(s, f)) for s, f in zip((m.sd_pre, m.sd_post), furthest, strict=True)]
        ratio, expected = m.mean_post / m.mean_pre / length, m.mean_post / m.mean_pre * m.sd_pre
        variance = m.sd_post**2 + expected**2 - 2 * m.r * m.sd_post * expected
        half = Z * math.sqrt(max(variance, 0.0) / n) / (length * abs(m.mean_pre))
        after = before * length * nearest(ratio, self.step(ratio, "ratio", n, half, outcome))
        return PairMoments(before, sds[0], after, sds[1], self.ratio(m.r, n))

    def step(
        self, value: float | None, scale: str, n: int, half: float = math.nan, outcome: str = "", *, most: int = 3
    ) -> float:
        """Return the step in which an estimate and its limits are given: no finer than one person moves them.

        Two estimates of nearly the same people are subtracted, so that the person furthest from the others decides;
        where nobody is known to be, half of what one moves on average. That is coarser than what the degrees of freedom
        change in half the width of an interval, which could be solved for them. Many digits beside other figures give
        the number of people away, however little one person moves.

        Parameters
        ----------
        value, half : float
            The estimate, and how far its limit is from it.
        scale : str
            One of `SCALES`.
        n : int
            People used.
        outcome : str
            Of which it is.
        most : int
            Decimals of figures that are published.

        Examples
        --------
        >>> rules = Release(Disclosure(), furthest={"arrests": Furthest(ratio=8.0)})
        >>> rules.step(0.62, "ratio", 150, 0.12, "arrests"), rules.step(0.62, "ratio", 150, 0.12)
        (0.08, 0.01)
        """
        if self.rules is None or self.rules.research:
            return float(f"1e{-most}")
        moved = self.moved(scale, n, outcome) * half if math.isfinite(half) and half > 0 else 0.0
        return round_unit(max(moved, float(f"1e{-self._places(value, scale, n, most)}")), FINER)

    def level_step(self, value: float, half: float, n: int, furthest: float, outcome: str = "") -> float:
        """Return the step in which a mean of `n` people and its limits are given.

        No finer than the person furthest from the mean moves it, and than the number of people is solved for in the
        width of the interval.

        Examples
        --------
        >>> Release(Disclosure()).level_step(6.84, 0.7, 60, 20.0), Release().level_step(6.84, 0.7, 60, 20.0)
        (0.5, 0.01)
        """
        if self.rules is None or self.rules.research:
            return 0.01
        return max(self.rules.unit(n, furthest), self.step(value, "difference", n, half, outcome))

    def chance(self, p: float, scale: str, n: int, outcome: str = "") -> float:
        """Return a probability that an estimate lies beyond a value, no finer than one person moves it.

        Examples
        --------
        >>> rules = Release(Disclosure(), furthest={"arrests": Furthest(ratio=8.0)})
        >>> rules.chance(0.534, "ratio", 150, "arrests"), rules.chance(0.978, "ratio", 150)
        (0.5, 0.98)
        """
        return self.chances(p, p, scale, n, outcome)[0]

    def chances(self, low: float, high: float, scale: str, n: int, outcome: str = "") -> tuple[float, float]:
        """Return the ends of a set of such probabilities, outward; of one, as it is nearest.

        Examples
        --------
        >>> Release(Disclosure()).chances(0.534, 0.978, "ratio", 150)
        (0.52, 0.98)
        """
        steps = [self._chance_step(p, scale, n, outcome) if self.guarded and 0 < p < 1 else 0.0 for p in (low, high)]
        if low == high:
            return (nearest(low, steps[0]) if steps[0] else low,) * 2
        below, above = (outward(p, p, step) if step else (p, p) for p, step in zip((low, high), steps, strict=True))
        return below[0], above[1]

    def _chance_step(self, p: float, scale: str, n: int, outcome: str) -> float:
        moved = NormalDist().pdf(NormalDist().inv_cdf(p)) * self.moved(scale, n, outcome) * Z
        return round_unit(max(moved, 0.01))

    def moved(self, scale: str, n: int, outcome: str) -> float:
        """Return by how many halves of its interval one of `n` people moves an estimate and its limits."""
        if self.rules is None:
            return 0.0
        known = (self.beside if n > self.managed.get(outcome, n) else self.furthest).get(outcome)
        given = max(self.rules.rounded(n), 1)
        least = 1 / (2 * Z * math.sqrt(given))
        return least if known is None else max(least, known.moves(1.0, given, ratio=scale == "ratio"))

    def _places(self, value: float | None, scale: str, n: int, most: int) -> int:
        """Return the decimals up to which an estimate does not give the number of people away."""
        if scale in MEANS:
            return min(most, self.decimals(n))
        if scale not in SIZES:
            return min(most, self.decimals(n) + 1)
        return min(most, 1 if value is not None and abs(value) >= 1 else 2, self.decimals(n))

    def _in_units(self, value: float, n: int, moved: float) -> float:
        return value if self.rules is None else float(in_units(value, self.rules.unit(n, moved)).replace(",", ""))

    def note(self, text: str) -> str:
        """Return a note without the parts that count people."""
        parts = text.split("; ")
        return "; ".join(p for p in parts if not re.search(r"\d", p)) if self.guarded else text


def _figures(frame: "pd.DataFrame", name: str) -> list[float]:
    """Return figures with few digits, the ends of an interval outward; a set of one value is given as one."""
    stem, _, end = name.rpartition("_")
    other = f"{stem}_{OTHER[end]}".removeprefix("_") if end in OTHER else name
    cells = frame[name]
    alone = cells == frame[other] if other in frame.columns and other != name else [False] * len(cells)
    shown = zip(cells, alone, strict=True)
    return [nearest(x, _unit(x)) if one else _given(x, name, _unit(x)) for x, one in shown]


def _unit(value: float) -> float:
    """Return the unit of the last of the digits to which a figure about people is given."""
    return float(f"1e{math.floor(math.log10(abs(value))) + 1 - DIGITS}") if value and math.isfinite(value) else 1.0


def _given(value: float, column: str, step: float) -> float:
    """Return a figure of an estimate in steps: a lower end rounded down, an upper one up, all else to the nearest."""
    low, high = outward(value, value, step)
    return {"low": low, "high": high}.get(column.rpartition("_")[2], nearest(value, step))


def arm(value: float | None, low: float | None, high: float | None) -> float:
    """Return how far the limit lies that is further from an estimate; of a set half the width of its interval.

    Examples
    --------
    >>> round(arm(0.6, 0.5, 0.8), 3), round(arm(None, 0.5, 0.8), 3), arm(0.6, None, None)
    (0.2, 0.15, nan)
    """
    if low is None or high is None:
        return math.nan
    return (high - low) / 2 if value is None or math.isnan(value) else max(value - low, high - value)


def moves_sd(sd: float, furthest: float) -> float:
    """Return `n` times what the person furthest from the mean moves a standard deviation by, or the mean if more.

    Examples
    --------
    >>> moves_sd(3.0, 12.0), moves_sd(3.0, 4.0)
    (24.0, 4.0)
    """
    return max(furthest, furthest**2 / (2 * sd)) if sd else furthest


PRINT = Release()
"""Figures that are published."""

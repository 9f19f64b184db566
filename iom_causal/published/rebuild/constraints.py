"""Exact constraints that a published table puts on integer data, and the verification of a solution."""

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from iom_causal.errors import InputError
from iom_causal.numerics.printed.grim import admissible_change_squares, admissible_squares, admissible_sums
from iom_causal.numerics.printed.grim_power import fitting_grids
from iom_causal.numerics.printed.metropolis import PairWindows
from iom_causal.published.printed import Printed
from iom_causal.published.records import Describes, Outcome
from iom_causal.published.study import PublishedStudy

Ints = NDArray[np.int64]

GRID_EVIDENCE = 20
"""Bayes factor of a coarser grid over whole numbers, by the reported means, from which it is used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnTarget:
    """Constraints from one reported mean and SD, in grid units.

    Parameters
    ----------
    n : int
        The number of people.
    mean, sd : Printed
        As reported, in the outcome's own units.
    unit : int
        The grid of the values.
    low, high : int
        The support, in grid units.
    attained : bool
        Whether both ends of the support are attained, as a reported range implies.
    """

    n: int
    mean: Printed
    sd: Printed
    unit: int
    low: int
    high: int
    attained: bool

    @property
    def sums(self) -> range:
        """Totals consistent with the reported mean, in grid units; one on the rounding edge only if no other is."""
        admissible = admissible_sums(self.mean.low, self.mean.high, self.n, self.unit)
        inside = [s for s in admissible if self.mean.low * self.n < s < self.mean.high * self.n]
        interior = inside or list(admissible)
        return range(interior[0] // self.unit, interior[-1] // self.unit + 1) if interior else range(0)

    def squares(self, total: int) -> range:
        """Return the sums of squares consistent with the reported SD at a total, in grid units; steps of 2."""
        unit = self.unit
        admissible = admissible_squares(
            max(self.sd.low, Fraction(0)),
            self.sd.high,
            self.n,
            total * unit,
            unit,
            lowest=self.low * unit,
            highest=self.high * unit,
            attained=self.attained,
        )
        return range(admissible[0] // unit**2, admissible[-1] // unit**2 + 1, 2) if admissible else range(0)

    @property
    def spread(self) -> tuple[float, float]:
        """The sum of squares about the mean, in grid units, at the ends of the reported SD."""
        ends = (max(self.sd.low, Fraction(0)), self.sd.high)
        low, high = (float((self.n - 1) * (end / self.unit) ** 2) for end in ends)
        return low, high

    def misses(self, values: Ints) -> tuple[str, ...]:
        """Return the reported figures that integer data, in grid units, do not reproduce."""
        total, squares = int(values.sum()), int((values.astype(object) ** 2).sum())
        variance = Fraction(self.n * squares - total * total, self.n * (self.n - 1)) * self.unit**2
        ends = (int(values.min()), int(values.max()))
        checks = {
            "n": values.size == self.n,
            "mean": self.mean.admits(Fraction(total * self.unit, self.n)),
            "SD": max(self.sd.low, Fraction(0)) ** 2 <= variance <= self.sd.high**2,
            "range": ends == (self.low, self.high) if self.attained else self.low <= ends[0] <= ends[1] <= self.high,
        }
        return tuple(name for name, holds in checks.items() if not holds)


@dataclass(frozen=True, slots=True, kw_only=True)
class PairTarget:
    """Constraints from a reported outcome: before, after, and the paired t of those with both.

    Parameters
    ----------
    name, kind : str
        The outcome.
    before, after : ColumnTarget
        All people before; those followed after.
    t : Printed, optional
        The reported paired t, a magnitude; None when no paired t test is reported.
    """

    name: str
    kind: str
    before: ColumnTarget
    after: ColumnTarget
    t: Printed | None

    @property
    def unit(self) -> int:
        """The grid of the values."""
        return self.before.unit

    @property
    def complete(self) -> bool:
        """Whether all people were followed up."""
        return self.before.n == self.after.n

    @property
    def t_limits(self) -> tuple[Fraction, Fraction] | None:
        """The smallest and largest magnitude consistent with the reported t."""
        if self.t is None:
            return None
        ends = sorted((abs(self.t.low), abs(self.t.high)))
        return (Fraction(0) if self.t.low <= 0 <= self.t.high else ends[0], ends[1])

    @property
    def falls(self) -> bool:
        """Whether the reported mean after lies below the one before."""
        return self.after.mean.exact < self.before.mean.exact

    def change_squares(self, change: int) -> range | None:
        """Return the sums of squared changes consistent with the t at a total change; None when all are."""
        limits = self.t_limits
        if limits is None or limits[0] == 0:
            return None
        return admissible_change_squares(*limits, self.after.n, change)

    @property
    def ratio(self) -> tuple[float, float]:
        """The ends of the sum of squared changes over the squared total change."""
        limits, m = self.t_limits, self.after.n
        if limits is None:
            return 0.0, math.inf
        low = float((1 + (m - 1) / limits[1] ** 2) / m)
        return low, float((1 + (m - 1) / limits[0] ** 2) / m) if limits[0] else math.inf

    def misses(self, x: Ints, y: Ints) -> tuple[str, ...]:
        """Return the reported figures that pairs, in grid units, do not reproduce; the first people are followed."""
        named = [f"{figure} before" for figure in self.before.misses(x)]
        named += [f"{figure} after" for figure in self.after.misses(y)]
        m = self.after.n
        change = y.astype(object) - x[:m].astype(object)
        total, squares = int(change.sum()), int((change**2).sum())
        limits = self.t_limits
        if limits is not None and not _reproduces_t(total, squares, m, limits):
            named.append("t")
        if limits is not None and limits[0] > 0 and (total < 0) != self.falls:
            named.append("direction of the change")
        return tuple(named)


def _reproduces_t(total: int, squares: int, m: int, limits: tuple[Fraction, Fraction]) -> bool:
    spread = m * squares - total * total
    if spread == 0:
        return False
    square = Fraction((m - 1) * total * total, spread)
    return limits[0] ** 2 <= square <= limits[1] ** 2


def pair_constraints(target: PairTarget) -> PairWindows:
    """Return the sampler's constraints for an outcome, in grid units."""
    before, after = target.before, target.after
    return PairWindows(
        before.n,
        after.n,
        (before.low, before.high, after.low, after.high),
        (*(int(before.attained),) * 2, *(int(after.attained),) * 2),
        (before.sums[0], before.sums[-1]),
        before.spread,
        (after.sums[0], after.sums[-1]),
        after.spread,
        target.ratio,
    )


def column_constraints(column: ColumnTarget) -> PairWindows:
    """Return the sampler's constraints for a single variable, in grid units."""
    return PairWindows(
        column.n,
        0,
        (column.low, column.high, 0, 0),
        (*(int(column.attained),) * 2, 0, 0),
        (column.sums[0], column.sums[-1]),
        column.spread,
        (0, 0),
        (0.0, 0.0),
        (0.0, math.inf),
    )


def outcome_target(study: PublishedStudy, outcome: Outcome) -> PairTarget:
    """Translate a reported outcome into constraints on integer data.

    Raises
    ------
    InputError
        IOM-E112 when a mean, an SD or a number of people is not reported, when more people have a value
        after than before, or when the extremes are not whole numbers.
    """
    unit = grid_unit(outcome)
    default = study.sample.n.count
    before = column_target(outcome.before, f"{outcome.name}, before", outcome.kind, unit, default)
    followed = default if outcome.pairs is None else outcome.pairs
    after = column_target(outcome.after, f"{outcome.name}, after", outcome.kind, unit, followed)
    if after.n > before.n or outcome.pairs not in {None, after.n}:
        raise InputError(
            "IOM-E112",
            f"{outcome.name}: expected the people tested to be those with a value after, all with one before; "
            f"got n = {before.n} before and {after.n} after; other losses cannot be rebuilt",
        )
    tested = outcome.test is not None and outcome.test.statistic == "t"
    t = outcome.test.value if tested and outcome.test is not None else None
    return PairTarget(name=outcome.name, kind=outcome.kind, before=before, after=after, t=t)


def grid_unit(outcome: Outcome) -> int:
    """Return the grid of an outcome: stated, 1 for counts, else the coarsest that the reported means support."""
    blocks = (outcome.before, outcome.after)
    stated = {block.unit.count for block in blocks if block.unit is not None}
    if stated or outcome.kind != "score":
        return max(stated, default=1)
    means = tuple((b.mean.exact, b.mean.decimals, b.n.count) for b in blocks if b.mean is not None and b.n is not None)
    ends = [end for b in blocks for end in (b.low, b.high) if end is not None]
    if not means or any(end.decimals for end in ends):
        return 1
    grids = fitting_grids(means, tuple(int(end.exact) for end in ends))
    return max((g.unit for g in grids if g.bayes_factor >= GRID_EVIDENCE), default=1)


def column_target(block: Describes, where: str, kind: str, unit: int, n: int) -> ColumnTarget:
    """Translate one reported mean, SD and range into constraints on integer data.

    Parameters
    ----------
    block : Describes
        The reported figures.
    where, kind : str
        What it is, for messages; counts cannot fall below 0, and binary outcomes are 0 or 1.
    unit, n : int
        The grid, and the number of people where the block states none.

    Raises
    ------
    InputError
        IOM-E112 when the mean or the SD is not reported, or an extreme does not lie on the grid.
    """
    if block.mean is None or block.sd is None:
        raise InputError("IOM-E112", f"{where}: expected a mean and an SD, got less; add what is printed")
    people = n if block.n is None else block.n.count
    low, high = (_on_grid(end, unit, where) for end in (block.low, block.high))
    reach = float(block.sd.high) * (people - 1) / math.sqrt(people) / unit
    centre = float(block.mean.exact) / unit
    least, most = math.ceil(centre - reach - 1), math.floor(centre + reach + 1)
    if kind in {"count", "binary"}:
        least = max(0, least)
    if kind == "binary":
        most = min(1, most)
    return ColumnTarget(
        n=people,
        mean=block.mean,
        sd=block.sd,
        unit=unit,
        low=least if low is None else low,
        high=most if high is None else high,
        attained=low is not None and high is not None,
    )


def _on_grid(end: Printed | None, unit: int, where: str) -> int | None:
    if end is None:
        return None
    steps = end.exact / unit
    if steps.denominator > 1:
        raise InputError(
            "IOM-E112",
            f"{where}: expected extremes on a grid of {unit}, got {end.text}; state the grid as unit",
        )
    return int(steps)

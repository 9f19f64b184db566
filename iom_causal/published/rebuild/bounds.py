"""Sharp bounds on counts of people over all cohorts consistent with a published table, by integer programming."""

import heapq
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import count
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.names import function_name
from iom_causal.base.result import Result, table
from iom_causal.errors import InfeasibleError
from iom_causal.numerics.printed.integer_programme import Cells, Optimum, maximise, pair_cells, table_rows
from iom_causal.published.rebuild.change_patterns import Feature, feature
from iom_causal.published.rebuild.constraints import PairTarget, outcome_target, pair_constraints
from iom_causal.published.rebuild.feasibility import admissible_totals, require_pairs
from iom_causal.published.study import PublishedStudy

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

NODES = 10_000
MOST_CELLS = 50_000
"""Pairs of values up to which an integer programme is tried: with ten times as many, one took minutes and gigabytes."""
"""The most nodes of the trees of integer programmes that a search may solve; the paper's arrests take a few."""
PIECE = 16
"""Total changes that share one programme at first; one whose best table does not reproduce the t is halved."""
ROUNDING = 1e-6
"""Tolerance by which a solver's bound may fall short of a whole number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountBounds(Result):
    """Bounds that a published table sets to a number of people.

    Parameters
    ----------
    outcome, feature : str
        What was counted.
    low, high : float
        No cohort consistent with the table has fewer or more.
    low_attained, high_attained : float or None
        The fewest and most in a cohort that was constructed; None when none was.
    nodes : int
        How many nodes of the trees of integer programmes were solved.

    Examples
    --------
    >>> limits = {"low": 0, "high": 110, "low_attained": 0, "high_attained": 110}
    >>> b = CountBounds(outcome="arrests", feature="went up", **limits, nodes=2)
    >>> b.exact, str(b)
    (True, 'arrests, went up: from 0 to 110 people, both attained')
    """

    outcome: str
    feature: str
    low: float
    high: float
    low_attained: float | None
    high_attained: float | None
    nodes: int

    people_columns: ClassVar[tuple[str, ...]] = ("low", "high", "low_attained", "high_attained")

    @property
    def exact(self) -> bool:
        """Whether both bounds are attained by some cohort, so that they are sharp."""
        return self.low == self.low_attained and self.high == self.high_attained

    def summary(self) -> str:
        """Return the limits, and whether they are attained."""
        limits = f"{self.outcome}, {self.feature}: from {self.low:g} to {self.high:g} people"
        if self.exact:
            return f"{limits}, both attained"
        attained = [self.low_attained, self.high_attained]
        if None in attained:
            return f"{limits}; valid, but no cohort was found"
        return f"{limits}; valid, but found only from {attained[0]:g} to {attained[1]:g}"

    def tidy(self) -> "pd.DataFrame":
        """Return one row: the fields, and whether the limits are exact."""
        row = self.to_dict()
        return table([row], row)

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the limits, with those that a cohort attains inside them."""
        from iom_causal.base import axes_of_rows  # noqa: PLC0415 matplotlib is slow to load

        low, high = self.low_attained, self.high_attained
        inner = None if low is None or high is None else [(low, high)]
        ax = axes_of_rows.intervals([f"{self.outcome}, {self.feature}"], [(self.low, self.high)], ax, inner=inner)
        ax.set_xlabel("people")
        return ax

    def to_dict(self) -> dict[str, Any]:
        """Return the fields and whether the limits are exact, as a table's row."""
        return asdict(self) | {"exact": self.exact}


def count_bounds(study: PublishedStudy, outcome: str, named: str | Feature, *, nodes: int = NODES) -> CountBounds:
    """Bound the number of people with a feature over all cohorts consistent with a published table.

    The limits are logical, not statistical: they hold for every set of whole numbers with the reported
    means, SDs, range and paired t, under no base measure at all.

    Parameters
    ----------
    study : PublishedStudy
        The published study.
    outcome : str
        Which outcome.
    named : str or callable
        A name from `iom_causal.published.rebuild.change_patterns.FEATURES`, or a function of the values before and
        after (in the outcome's own units) that says who has the feature.
    nodes : int
        After how many nodes of the trees of programmes to stop, for each limit; with 0 the limits are those of
        people in fractions.

    Returns
    -------
    CountBounds
        `low` and `high` hold in any case; `exact` says whether they are attained.

    Raises
    ------
    InfeasibleError
        IOM-E110 when no whole numbers are consistent with the table.
    InputError
        IOM-E112 when the table does not report what is needed.

    Notes
    -----
    An integer programme over the counts of people with each pair of values. The windows of the squares
    depend on the totals, and that of the squared changes on the total change; every admissible total is a
    programme of its own, taken best first by its linear relaxation. With lost follow-up the total change
    is not reported: its range is cut into pieces, on each of which the quadratic limits of the squared
    changes are relaxed to lines outside them, and a piece is halved when its best table does not reproduce the t.

    Examples
    --------
    >>> from iom_causal.published.study import load_published
    >>> print(count_bounds(load_published("template"), "contacts", "zero after"))
    contacts, zero after: from 1 to 13 people, both attained
    """
    target = outcome_target(study, study.outcome(outcome))
    require_pairs(target)
    support = pair_constraints(target).support
    cells = pair_cells(support, missing=not target.complete)
    has = feature(named)(cells.x * target.unit, np.where(cells.paired, cells.y * target.unit, np.nan))
    weights = np.asarray(has, dtype=float)
    least, most = (_search(target, cells, sign * weights, nodes) for sign in (-1.0, 1.0))
    return CountBounds(
        outcome=outcome,
        feature=named if isinstance(named, str) else function_name(named, "feature"),
        low=0.0 - least.bound,
        high=most.bound,
        low_attained=None if least.attained is None else 0.0 - least.attained,
        high_attained=most.attained,
        nodes=least.nodes + most.nodes,
    )


def require_table(target: PairTarget, *, nodes: int = NODES) -> None:
    """Prove by integer programming that a reported outcome is infeasible, and refuse it; too wide a one is left open.

    Parameters
    ----------
    target : PairTarget
        The reported outcome, already past `iom_causal.published.rebuild.feasibility.require_pairs`.
    nodes : int
        After how many nodes to give up without a verdict.

    Raises
    ------
    InfeasibleError
        IOM-E110 when all means, SDs, ranges and the t together exclude every table.
    """
    support = pair_constraints(target).support
    if (support[1] - support[0] + 1) * (support[3] - support[2] + 1) > MOST_CELLS:
        return
    cells = pair_cells(support, missing=not target.complete)
    _search(target, cells, np.zeros(cells.x.size), nodes)


class _Limit(NamedTuple):
    bound: float
    attained: float | None
    nodes: int


class _TotalRange(NamedTuple):
    """Node of the search: totals before and after, and a range of the total change."""

    before: int
    after: int
    first: int
    last: int

    @property
    def halves(self) -> tuple["_TotalRange", ...]:
        middle = (self.first + self.last) // 2
        return self._replace(last=middle), self._replace(first=middle + 1)


def _search(target: PairTarget, cells: Cells, weights: Floats, nodes: int) -> _Limit:
    """Best-first branch and bound over pieces by their relaxation, until none can beat the incumbent."""
    rows = table_rows(cells, pair_constraints(target).support)
    whole = bool((weights == np.rint(weights)).all())
    tie = count()
    queue: list[tuple[float, int, _TotalRange]] = []

    def relax(pieces: Iterator[_TotalRange] | tuple[_TotalRange, ...]) -> None:
        for piece in pieces:
            optimum = _solve(target, piece, rows, weights, integer=False)
            if optimum.feasible:
                heapq.heappush(queue, (-_floor(optimum.bound, whole=whole), next(tie), piece))

    relax(_pieces(target))
    best: float | None = None
    solved = 0
    while queue and (best is None or -queue[0][0] > best):
        top = -queue[0][0]
        if solved >= nodes:
            return _Limit(top, best, solved)
        piece = heapq.heappop(queue)[2]
        optimum = _solve(target, piece, rows, weights, integer=True, nodes=nodes - solved)
        solved += max(optimum.nodes, 1)
        if not optimum.feasible:
            continue
        bound = min(top, _floor(optimum.bound, whole=whole))
        value = _value(target, cells, optimum.counts, weights)
        best = value if best is None or (value is not None and value > best) else best
        if value is None or value < bound:
            if piece.first == piece.last:
                rest = max([bound, *(-entry[0] for entry in queue)])
                return _Limit(rest if best is None else max(rest, best), best, solved)
            relax(piece.halves)
    if best is None:
        raise InfeasibleError(
            "IOM-E110",
            f"{target.name}: expected a table that some numbers print; each figure alone can be printed, but no "
            "table of pairs has the means, the SDs, the range and the t together",
        )
    return _Limit(best, best, solved)


def _pieces(target: PairTarget) -> Iterator[_TotalRange]:
    for before, after in admissible_totals(target):
        if target.complete:
            yield _TotalRange(before, after, after - before, after - before)
            continue
        lost = target.before.n - target.after.n
        ends = [after - before + lost * end for end in (target.before.low, target.before.high)]
        limits = target.t_limits
        if limits is None or limits[0] == 0:
            yield _TotalRange(before, after, ends[0], ends[1])
            continue
        first, last = (ends[0], min(ends[1], -1)) if target.falls else (max(ends[0], 1), ends[1])
        for start in range(first, last + 1, PIECE):
            yield _TotalRange(before, after, start, min(start + PIECE - 1, last))


def _solve(
    target: PairTarget, piece: _TotalRange, rows: Floats, weights: Floats, *, integer: bool, nodes: int = 1
) -> Optimum:
    lines, lower, upper = _limits(target, piece, rows)
    return maximise(weights, lines, lower, upper, integer=integer, nodes=nodes)


def _limits(target: PairTarget, piece: _TotalRange, rows: Floats) -> tuple[Floats, Floats, Floats]:
    before, after = target.before, target.after
    squares = before.squares(piece.before), after.squares(piece.after)
    n, m = before.n, after.n
    attained = [1.0 if a else 0.0 for a in (before.attained, before.attained, after.attained, after.attained)]
    lower = [m, n - m, piece.before, squares[0][0], piece.after, squares[1][0], piece.first, 0, *attained]
    upper = [m, n - m, piece.before, squares[0][-1], piece.after, squares[1][-1], piece.last, np.inf, *[n] * 4]
    lines = [rows]
    changes = target.change_squares(piece.first) if piece.first == piece.last else None
    if changes is not None:
        lower[7], upper[7] = (changes[0], changes[-1]) if changes else (1, 0)
    else:
        lines, lower, upper = _add_tangents(target, piece, rows, lower, upper)
    return np.vstack(lines), np.array(lower, dtype=float), np.array(upper, dtype=float)


def _add_tangents(
    target: PairTarget, piece: _TotalRange, rows: Floats, lower: list[float], upper: list[float]
) -> tuple[list[Floats], list[float], list[float]]:
    """Relax ``low D**2 <= W <= high D**2`` to lines outside it for all total changes D of a piece."""
    low, high = target.ratio
    change, squares = rows[6], rows[7]
    lines = [rows]
    for at in (piece.first, piece.last):
        lines.append((squares - 2 * low * at * change)[None])
        lower, upper = [*lower, -low * at * at - ROUNDING], [*upper, np.inf]
    if high < math.inf:
        lines.append((squares - high * (piece.first + piece.last) * change)[None])
        lower, upper = [*lower, -np.inf], [*upper, -high * piece.first * piece.last + ROUNDING]
    return lines, lower, upper


def _value(target: PairTarget, cells: Cells, counts: Ints | None, weights: Floats) -> float | None:
    """Return the objective of a table that reproduces every reported figure exactly, else None."""
    if counts is None:
        return None
    order = np.argsort(~cells.paired, kind="stable")
    x = np.repeat(cells.x[order], counts[order])
    y = np.repeat(cells.y[cells.paired], counts[cells.paired])
    if y.size != target.after.n or target.misses(x, y):
        return None
    return float(weights @ counts)


def _floor(bound: float, *, whole: bool) -> float:
    return math.floor(bound + ROUNDING) if whole and math.isfinite(bound) else bound

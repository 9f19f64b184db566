"""Necessary conditions for integer data consistent with a published table; the first that fails is named."""

import math
from collections.abc import Iterator
from itertools import product

from iom_causal.errors import InfeasibleError
from iom_causal.published.rebuild.constraints import ColumnTarget, PairTarget

SLACK = 1e-9
"""Relative tolerance for bounds that exact arithmetic would satisfy."""


def require_column(column: ColumnTarget, where: str) -> None:
    """Test a reported mean, SD and range for feasibility by GRIM, GRIMMER and range; refuse an infeasible one.

    Necessary conditions, each exact: a total consistent with the mean (Brown & Heathers 2017), a range that
    contains the mean, a sum of squares of the right parity consistent with the SD (Anaya 2016) within the range.

    Parameters
    ----------
    column : ColumnTarget
        The reported figures.
    where : str
        What it is, for the message.

    Raises
    ------
    InfeasibleError
        IOM-E110, naming the first condition that nothing meets.
    """
    grid = "whole numbers" if column.unit == 1 else f"multiples of {column.unit}"
    if not column.sums:
        _refuse(where, f"the mean: no {column.n} {grid} add up to a total that prints {column.mean.text}")
    inside = [s for s in column.sums if column.low * column.n <= s <= column.high * column.n]
    if not inside:
        _refuse(where, f"the range: the mean {column.mean.text} lies outside the printed extremes")
    if not any(column.squares(s) for s in inside):
        _refuse(where, f"the SD: no {grid} with that mean and range print {column.sd.text}")


def require_pairs(target: PairTarget) -> None:
    """Test a reported outcome for feasibility by necessary conditions; refuse an infeasible one.

    Parameters
    ----------
    target : PairTarget
        The reported outcome.

    Raises
    ------
    InfeasibleError
        IOM-E110, naming the first condition that nothing meets.

    Notes
    -----
    Passing is not a proof that pairs exist.
    """
    require_column(target.before, f"{target.name}, before")
    require_column(target.after, f"{target.name}, after")
    if target.t is None or any(True for _ in admissible_totals(target)):
        return
    changes = {after - before for before in target.before.sums for after in target.after.sums}
    if any(target.change_squares(change) for change in changes):
        reason = f"with the printed means and SDs no correlation from -1 to 1 gives {target.t.text}"
    else:
        reason = f"no whole-number changes with a total that the means allow print {target.t.text}"
    _refuse(target.name, f"the paired t: {reason}")


def admissible_totals(target: PairTarget) -> Iterator[tuple[int, int]]:
    """Yield the totals before and after consistent with the means, the SDs and the paired t.

    With attrition the baseline total of those followed is not reported, and the t is not used.
    """
    for before, after in product(target.before.sums, target.after.sums):
        squares = target.before.squares(before), target.after.squares(after)
        if all(squares) and (not target.complete or _correlates(target, before, after)):
            yield before, after


def _correlates(target: PairTarget, before: int, after: int) -> bool:
    """Whether some sum of squared changes is compatible with both spreads (Cauchy-Schwarz)."""
    changes = target.change_squares(after - before)
    if changes is None:
        return True
    n = target.before.n
    first = [math.sqrt(max(q - before * before / n, 0.0)) for q in _ends(target.before.squares(before))]
    second = [math.sqrt(max(q - after * after / n, 0.0)) for q in _ends(target.after.squares(after))]
    least = max(0.0, first[0] - second[1], second[0] - first[1]) ** 2
    most = (first[1] + second[1]) ** 2
    centre = (after - before) ** 2 / n
    scale = SLACK * (most + centre)
    return any(least - scale <= w - centre <= most + scale for w in changes)


def _ends(window: range) -> tuple[int, int]:
    return window[0], window[-1]


def _refuse(where: str, constraint: str) -> None:
    raise InfeasibleError(
        "IOM-E110", f"{where}: expected a table that some numbers print; the first to fail is {constraint}"
    )

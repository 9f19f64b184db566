"""Tipping values: how far one setting would have to move for nothing to remain."""

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.base import axes, axes_of_rows
from iom_causal.base.formats import number
from iom_causal.base.result import Result, table
from iom_causal.base.setting_paths import replace_path
from iom_causal.beliefs import ends
from iom_causal.inputs.arguments import checked
from iom_causal.moments import Moments
from iom_causal.numerics.kernels.chebyshev import NODES
from iom_causal.numerics.sensitivity.nearest_root import Search, nearest_root
from iom_causal.panel import Panel
from iom_causal.roles import Rng
from iom_causal.sensitivity.moving import RATIO, check_order, check_path, moving, remaining

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

type Floats = NDArray[np.float64]

WIDEST = 50.0
"""By which factor, or how far from 0, a setting is moved where no ends are given."""
NO_COLUMNS = {"searched", "speaks_to", "silent_on"}
"""Fields that are no columns of the table."""


@dataclass(frozen=True, slots=True)
class Tipping(Result):
    """Tipping value of one setting: where nothing, or as much as was asked for, remains.

    Parameters
    ----------
    field : str
        The dotted path of the setting.
    value : float or None
        Where that remains; None when no value in the range that was searched does it, or a set does.
    now : float
        The setting as it is, at its centre.
    searched : tuple of float
        The range that was searched.
    remainder : float
        The remainder as it is: a ratio, or points for a score; of a set, its first case.
    set_low, set_high : float or None
        The values between which that remains in one case or another, where other ranges or a published table leave
        a set; to an end of what was searched where, even there, it remains in a case between two.
    until : float
        What is to remain.
    scale : str
        "ratio", or what differences are in.
    interval : bool
        Whether an end of the interval is to be there, and not the estimate.
    in_some_cases : bool
        Whether that set is of some cases only: in others no value that was searched does it.
    speaks_to, silent_on : tuple of str
        The points of the register of threats that the setting's confound speaks to, and the others.

    Examples
    --------
    >>> str(Tipping("detection.ratio", 0.53, 1.0, (0.02, 50.0), 0.53))
    'detection.ratio would have to be 0.53 (it is 1) for nothing to remain'
    """

    field: str
    value: float | None
    now: float
    searched: tuple[float, float]
    remainder: float
    set_low: float | None = None
    set_high: float | None = None
    until: float = 1.0
    scale: str = RATIO
    interval: bool = False
    in_some_cases: bool = False
    speaks_to: tuple[str, ...] = ()
    silent_on: tuple[str, ...] = ()

    @property
    def ends(self) -> tuple[float, ...]:
        """The value, or both ends of the set; empty where there is neither."""
        found = (self.value,) if self.set_low is None else (self.set_low, self.set_high)
        return tuple(end for end in found if end is not None)

    def summary(self) -> str:
        """Word the breakdown point: where the setting would have to be."""
        now = f"(it is {number(self.now)})"
        low, high = (number(end) for end in self.searched)
        if not self.ends:
            return f"no value of {self.field} from {low} to {high} {self._leaves} {now}"
        where = list(dict.fromkeys(map(number, self.ends)))
        at = where[0] if len(where) == 1 else f"between {where[0]} and {where[1]}"
        said = f"{self.field} would have to be {at} {now} for {self._to_remain}"
        return f"{said}, in some cases; in others no value from {low} to {high} does it" if self.in_some_cases else said

    @property
    def _leaves(self) -> str:
        left = remaining(self.until, self.scale)
        return f"puts an end of the interval at {left}" if self.interval else f"leaves {left}"

    @property
    def _to_remain(self) -> str:
        left = remaining(self.until, self.scale)
        return f"an end of the interval to be at {left}" if self.interval else f"{left} to remain"

    def tidy(self) -> "pd.DataFrame":
        """Return one row: the fields, the range that was searched as two columns."""
        row = {name: value for name, value in asdict(self).items() if name not in NO_COLUMNS}
        row |= {"searched_low": self.searched[0], "searched_high": self.searched[1]}
        return table([row], row)

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the range that was searched, the setting as it is, and where nothing remains."""
        ends = None if self.set_low is None or self.set_high is None else [(self.set_low, self.set_high)]
        ax = axes_of_rows.intervals([self.field], [self.searched], ax, inner=ends or [(self.now, self.now)])
        axes.mark(ax, x=self.now, text="as it is")
        if self.value is not None:
            axes.mark(ax, x=self.value, text=f"{remaining(self.until, self.scale)} remains")
        if self.searched[0] > 0:
            axes.ratios_along(ax)
        ax.set_xlabel("setting")
        return ax


@checked
def tipping(
    spec: Any,
    data: Panel | Moments,
    field: str,
    *,
    until: float | None = None,
    interval: bool = False,
    low: float | None = None,
    high: float | None = None,
    rng: Rng = 0,
) -> Tipping:
    """Root search for the value of one setting at which nothing, or `until`, remains, all others as they are.

    Parameters
    ----------
    spec : callable
        A ledger, or any estimator whose result is a ratio or a difference.
    data : Panel or Moments
        What it is called on.
    field : str
        The dotted path of a number or belief, such as ``"detection.ratio"``.
    until : float, optional
        What is to remain: a ratio such as 0.9, or points of a score; by default nothing, a ratio of 1 or no points.
    interval : bool
        Whether to search for where an end of the interval is `until`: there an interval that leaves it out begins to
        hold it, or the other way round. With a range, or a published table that leaves a set, it is the interval
        around the set.
    low, high : float, optional
        Where to search; by default 1/50 to 50 times the setting, or as far either side of 0.
    rng : Generator, int or None
        For draws behind an interval: all values share them.

    Returns
    -------
    Tipping
        The value nearest to the setting as it is; with other ranges, or a published table that leaves a set, the set
        of these values, and whether it is of some cases only. At the value `until` remains to 1e-8.

    Raises
    ------
    SpecError
        IOM-E093 for an unknown field, IOM-E092 when it is not a number or belief, or not one path, and for an `until`
        or a span that cannot be.

    Examples
    --------
    >>> from iom_causal.confounds import Detection
    >>> from iom_causal.ledger import Ledger
    >>> panel = Panel.from_arrays([[5, 2], [3, 1], [4, 4], [6, 1]], name="arrests")
    >>> ledger = Ledger([Detection()], draws=500)
    >>> print(tipping(ledger, panel, "detection.ratio", until=0.5))
    detection.ratio would have to be 0.8889 (it is 1) for a ratio of 0.5 to remain
    """
    setting = check_path(spec, field)
    now = sum(ends(setting)) / 2
    span = _span(now, low, high)
    moved = moving(replace_path(spec, field, now), data, [field], rng=rng)
    target = moved.target(until)
    here = float(moved.cases[0](now))
    if math.isnan(here):
        replace_path(spec, field, now)(data)  # says why
    sought = (
        (lambda v: _outside(moved.interval(v), target),) if interval else [_less(case, target) for case in moved.cases]
    )
    together = NODES if moved.together else 1
    searches = [nearest_root(each, now, span, together=together) for each in sought]
    known = [search.root for search in searches if search.root is not None]
    in_some_cases = len(known) < len(searches)
    found = [*known, *_open_ends(sought, searches)] if in_some_cases else known
    several = len(searches) > 1 and bool(found)
    return Tipping(
        field,
        searches[0].root if len(searches) == 1 else None,
        now,
        (min(s.low for s in searches), max(s.high for s in searches)),
        float(moved.shown(here)),
        min(found) if several else None,
        max(found) if several else None,
        until=float(moved.shown(target)),
        scale=moved.scale,
        interval=interval,
        in_some_cases=several and in_some_cases,
        speaks_to=moved.speaks_to,
        silent_on=moved.silent_on,
    )


def _less(left: Callable[..., Floats], target: float) -> Callable[[Floats], Floats]:
    return lambda values: left(values) - target


def _open_ends(sought: Sequence[Callable[[Floats], Floats]], searches: Sequence[Search]) -> list[float]:
    """Return the ends of the search at which cases lie on both sides: between two of them lies one that is there."""
    ends = max(search.low for search in searches), min(search.high for search in searches)
    return [
        end
        for end, sides in zip(ends, np.array([each(np.array(ends)) for each in sought]).T, strict=True)
        if sides.min() < 0 < sides.max()
    ]


def _outside(found: tuple[Floats, Floats], target: float) -> Floats:
    """Return how far the target lies outside an interval; below 0 inside, and 0 at an end."""
    return np.maximum(found[0] - target, target - found[1])


def _span(now: float, low: float | None, high: float | None) -> tuple[float, float]:
    default = (now / WIDEST, now * WIDEST) if now > 0 else (now - WIDEST, now + WIDEST)
    span = (default[0] if low is None else float(low), default[1] if high is None else float(high))
    check_order("tipping", *span)
    return span

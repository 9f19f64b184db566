"""Sweep of one setting: what remains, with its interval, at every value of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.base import axes, axes_of_lines
from iom_causal.base.formats import number
from iom_causal.base.result import Result, table
from iom_causal.errors import SpecError
from iom_causal.inputs.arguments import checked
from iom_causal.moments import Moments
from iom_causal.numerics.plain import plain_number
from iom_causal.numerics.sensitivity.nearest_root import roots_along
from iom_causal.panel import Panel
from iom_causal.roles import Rng
from iom_causal.sensitivity.moving import RATIO, check_path, check_span, moving, no_value, optional, remaining

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

type Floats = NDArray[np.float64]
type Case = Callable[..., Floats]

POINTS = 41
"""At how many values a setting is tried."""
LEAST = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep(Result):
    """What remains along one setting, all others as they are.

    Parameters
    ----------
    field : str
        The dotted path of the setting.
    now : float
        The setting as it is, at its centre.
    values : tuple of float
        The values that it is moved to.
    set_low, set_high : tuple of float or None
        What remains at each of them, on the scale of the result: two ends where other ranges or a published table
        leave a set, else the same twice; None where a value is refused.
    conf_low, conf_high : tuple of float or None
        The interval, around the set where there is one; None where there is none.
    scale, outcome : str
        "ratio", or what differences are in; its name.
    seed : int
        What the draws are made from, the same for all values.
    crossings : tuple of float
        The values at which nothing remains, to 1e-8, in order; of a set those of its ends. Two between neighbours are
        not seen.
    speaks_to, silent_on : tuple of str
        The points of the register of threats that the setting's confound speaks to, and the others.
    """

    field: str
    now: float
    values: tuple[float, ...]
    set_low: tuple[float | None, ...]
    set_high: tuple[float | None, ...]
    conf_low: tuple[float | None, ...]
    conf_high: tuple[float | None, ...]
    scale: str
    outcome: str
    seed: int
    crossings: tuple[float, ...] = ()
    speaks_to: tuple[str, ...] = ()
    silent_on: tuple[str, ...] = ()

    @property
    def nothing(self) -> float:
        """What remains where nothing does: a ratio of 1, or no points."""
        return 1.0 if self.scale == RATIO else 0.0

    def summary(self) -> str:
        """Say from what to what the remainder goes along the setting, where nothing remains, and what was refused."""
        start = f"{self.outcome}: {self.field} from {number(self.values[0])} to {number(self.values[-1])}"
        found = [k for k, value in enumerate(self.set_low) if value is not None]
        refused = len(self.values) - len(found)
        if not found:
            return f"{start} (it is {number(self.now)}): no value there has an answer"
        ends = " to ".join(self._left(k) for k in (found[0], found[-1]))
        where = " and ".join(number(at, 3) for at in self.crossings)
        said = f"nothing remains at {where}" if where else "nowhere in between does nothing remain"
        text = f"{start} (it is {number(self.now)}) takes what remains from {ends}; {said}"
        return f"{text}; {refused} of {len(self.values)} values have no answer" if refused else text

    def _left(self, k: int) -> str:
        low, high = (remaining(float(side[k] or 0.0), self.scale) for side in (self.set_low, self.set_high))
        return low if low == high else f"between {low} and {high}"

    def tidy(self) -> "pd.DataFrame":
        """Return one row a value."""
        columns = ("outcome", "field", "value", "scale", "set_low", "set_high", "conf_low", "conf_high")
        rows = zip(self.values, self.set_low, self.set_high, self.conf_low, self.conf_high, strict=True)
        return table(
            (
                dict(zip(columns, (self.outcome, self.field, value, self.scale, *ends), strict=True))
                for value, *ends in rows
            ),
            columns,
        )

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw what remains, or both its ends, with its interval, the setting as it is, and nothing."""
        low, high, conf_low, conf_high = (
            np.array(side, dtype=np.float64) for side in (self.set_low, self.set_high, self.conf_low, self.conf_high)
        )
        band = {} if np.isnan(conf_low).all() else {"low": conf_low, "high": conf_high}
        ax = axes_of_lines.curve(self.values, low, label="what remains", ax=ax, **band)
        if self.set_low != self.set_high:
            axes_of_lines.curve(self.values, high, label="in another case", ax=ax)
            ax.fill_between(self.values, low, high, color=axes.INK, alpha=0.2, lw=0)
        axes.mark(ax, x=self.now, text="as it is")
        axes.mark(ax, y=self.nothing, text="nothing")
        ax.set_xlabel(self.field)
        ax.set_ylabel(f"{self.outcome}: what remains")
        return ax


@checked
def sweep(
    spec: Any,
    data: Panel | Moments,
    field: str,
    span: tuple[float, float],
    *,
    points: int = POINTS,
    interval: bool = True,
    rng: Rng = 0,
) -> Sweep:
    """Sweep of one setting: what remains at evenly spaced values of it, all others as they are.

    Of a ledger only the line that holds the setting is worked out anew, in one call for all values; its interval comes
    from one set of joint draws, in which beliefs that are not moved and people are the same at every value (common
    random numbers). Any other estimator is called once a value, with one seed.

    Parameters
    ----------
    spec : callable
        A ledger, or any estimator whose result is a ratio or a difference.
    data : Panel or Moments
        What it is called on.
    field : str
        The dotted path of a number or belief, such as ``"detection.ratio"``, known at each value.
    span : tuple of float
        From where to where.
    points : int
        How many values.
    interval : bool
        Whether to work out the interval too.
    rng : Generator, int or None
        For draws: at each value they are those of a call with that value and this seed.

    Raises
    ------
    SpecError
        IOM-E093 for an unknown field, IOM-E092 when it is not a number or belief or the span cannot be, each before
        anything is worked out.

    Examples
    --------
    >>> from iom_causal.confounds import Detection
    >>> from iom_causal.ledger import Ledger
    >>> panel = Panel.from_arrays([[5, 2], [3, 1], [4, 4], [6, 1]], name="arrests")
    >>> found = sweep(Ledger([Detection()], draws=500), panel, "detection.ratio", (0.4, 1.0), points=4)
    >>> [round(left, 3) for left in found.set_low]
    [1.111, 0.741, 0.556, 0.444]
    """
    check_path(spec, field)
    low, high = check_span(spec, field, span)
    values = np.linspace(low, high, check_points(points))
    moved = moving(spec, data, [field], rng=rng)
    left = np.array([case(values) for case in moved.cases])
    sides = np.min, np.max
    roots = (roots_along(partial(_side, moved.cases, side), values, side(left, axis=0)) for side in sides)
    ends = moved.interval(values) if interval else no_value(values.shape)
    return Sweep(
        field=field,
        now=moved.now[0],
        values=tuple(values.tolist()),
        set_low=optional(moved.shown(left.min(0))),
        set_high=optional(moved.shown(left.max(0))),
        conf_low=optional(moved.shown(ends[0])),
        conf_high=optional(moved.shown(ends[1])),
        scale=moved.scale,
        outcome=moved.outcome,
        seed=moved.seed,
        crossings=tuple(sorted(set(chain.from_iterable(roots)))),
        speaks_to=moved.speaks_to,
        silent_on=moved.silent_on,
    )


def _side(cases: Sequence[Case], side: Callable[..., Floats], values: Floats) -> Floats:
    """Return the lower or the upper end of what is left in one case or another."""
    return side([case(values) for case in cases], axis=0)


def check_points(points: Any) -> int:
    """Return a number of values along a setting.

    Raises
    ------
    SpecError
        IOM-E092 for what is no whole number of at least 2.
    """
    points = plain_number(points)
    if isinstance(points, bool) or not isinstance(points, int) or points < LEAST:
        raise SpecError("IOM-E092", f"points: expected a whole number of at least {LEAST}, got {points!r:.40}")
    return points

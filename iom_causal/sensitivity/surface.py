"""Surface of two settings: what remains over a grid of both, and the line on which nothing does."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.base import axes_of_settings as pictures
from iom_causal.base.equality import same
from iom_causal.base.formats import listed, number, percent
from iom_causal.base.result import Result, table
from iom_causal.errors import SpecError
from iom_causal.inputs.arguments import checked
from iom_causal.moments import Moments
from iom_causal.panel import Panel
from iom_causal.roles import Rng
from iom_causal.sensitivity.moving import (
    RATIO,
    check_apart,
    check_path,
    check_span,
    moving,
    no_value,
    remaining,
)
from iom_causal.sensitivity.sweep import POINTS, check_points

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

type Floats = NDArray[np.float64]

BOTH = 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Surface(Result):
    """What remains over two settings, all others as they are.

    Parameters
    ----------
    fields : tuple of str
        The dotted paths of both.
    now : tuple of float
        The settings as they are, at their centres.
    first, second : ndarray
        (N,) and (M,) the values that they are moved to.
    set_low, set_high : ndarray
        (N, M) what remains, on the scale of the result: two ends where other ranges or a published table leave a set,
        else the same twice; NaN where a value is refused.
    conf_low, conf_high : ndarray
        (N, M) the interval, around the set where there is one; NaN where none was asked for.
    scale, outcome : str
        "ratio", or what differences are in; its name.
    seed : int
        What the draws are made from, the same for all values.
    speaks_to, silent_on : tuple of str
        The points of the register of threats that the settings' confounds speak to, and the others.
    """

    fields: tuple[str, str]
    now: tuple[float, float]
    first: Floats
    second: Floats
    set_low: Floats
    set_high: Floats
    conf_low: Floats
    conf_high: Floats
    scale: str
    outcome: str
    seed: int
    speaks_to: tuple[str, ...] = ()
    silent_on: tuple[str, ...] = ()

    def __eq__(self, other: object) -> bool:
        return same(self, other)

    __hash__ = None  # type: ignore[assignment]

    @property
    def nothing(self) -> float:
        """What remains where nothing does: a ratio of 1, or no points."""
        return 1.0 if self.scale == RATIO else 0.0

    def summary(self) -> str:
        """Say between what the remainder lies, and on which share of the settings it is to which side of nothing."""
        spans = zip(self.fields, (self.first, self.second), strict=True)
        over = listed(f"{f} from {number(v[0])} to {number(v[-1])}" for f, v in spans)
        known = ~np.isnan(self.set_low)
        if not known.any():
            return f"{self.outcome}: over {over} no pair of values has an answer"
        ends = (float(f(side[known])) for f, side in ((np.min, self.set_low), (np.max, self.set_high)))
        low, high = (remaining(end, self.scale) for end in ends)
        total = int(known.sum())
        less, more = (
            int(side.sum()) for side in (self.set_high[known] < self.nothing, self.set_low[known] > self.nothing)
        )
        level = number(self.nothing)
        text = f"{self.outcome}: over {over} what remains goes from {low} to {high}; it is below {level} on "
        text += f"{percent(less / total)} of the grid and above {level} on {percent(more / total)}"
        ends_known = ~np.isnan(self.conf_low)
        if ends_known.any():
            holds = (self.conf_low <= self.nothing) & (self.nothing <= self.conf_high)
            text += f"; the interval holds {level} on {percent(int(holds.sum()) / int(ends_known.sum()))}"
        refused = known.size - total
        return f"{text}; {percent(refused / known.size)} have no answer" if refused else text

    def tidy(self) -> "pd.DataFrame":
        """Return one row a pair of values."""
        own = ("outcome", "first", "second", "first_value", "second_value", "scale")
        columns = (*own, "set_low", "set_high", "conf_low", "conf_high")
        grid = np.meshgrid(self.first, self.second, indexing="ij")
        cells = [side.ravel().tolist() for side in (*grid, self.set_low, self.set_high, self.conf_low, self.conf_high)]
        rows = (
            dict(zip(columns, (self.outcome, *self.fields, x, y, self.scale, *ends), strict=True))
            for x, y, *ends in zip(*cells, strict=True)
        )
        return table(rows, columns)

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the remainder as levels, the line on which nothing remains, and where the interval begins to hold it."""
        return pictures.surface(
            self.first,
            self.second,
            self.set_low,
            other=None if np.array_equal(self.set_low, self.set_high, equal_nan=True) else self.set_high,
            ends=None if np.isnan(self.conf_low).all() else (self.conf_low, self.conf_high),
            nothing=self.nothing,
            now=self.now,
            labels=(*self.fields, f"{self.outcome}: what remains"),
            ratio=self.scale == RATIO,
            ax=ax,
        )


@checked
def surface(
    spec: Any,
    data: Panel | Moments,
    spans: Mapping[str, tuple[float, float]],
    *,
    points: int = POINTS,
    interval: bool = False,
    rng: Rng = 0,
) -> Surface:
    """Surface of two settings: what remains over an even grid of both, all others as they are.

    Of a ledger each line is worked out anew over its own settings alone. An interval at every point takes one set of
    joint draws for all (common random numbers), and time and memory in proportion to points times draws.

    Parameters
    ----------
    spec : callable
        A ledger, or any estimator whose result is a ratio or a difference.
    data : Panel or Moments
        What it is called on.
    spans : mapping of str to tuple of float
        From where to where, by the dotted paths of two numbers or beliefs.
    points : int
        How many values of each.
    interval : bool
        Whether to work out the interval too.
    rng : Generator, int or None
        For draws, as in `sweep`.

    Raises
    ------
    SpecError
        IOM-E093 for an unknown field, IOM-E092 when there are not two, when one is not a number or belief, or a span
        cannot be, each before anything is worked out.

    Examples
    --------
    >>> from iom_causal.confounds import Detection, History
    >>> from iom_causal.ledger import Ledger
    >>> panel = Panel.from_arrays([[5, 2], [3, 1], [4, 4], [6, 1]], name="arrests")
    >>> ledger = Ledger([Detection(), History(ratio=1.0)], draws=500)
    >>> found = surface(ledger, panel, {"detection.ratio": (0.4, 1.0), "history.ratio": (0.8, 1.0)}, points=3)
    >>> found.set_low.round(3).tolist()
    [[1.389, 1.235, 1.111], [0.794, 0.705, 0.635], [0.556, 0.494, 0.444]]
    """
    if not isinstance(spans, Mapping) or len(spans) != BOTH:
        raise SpecError(
            "IOM-E092", "surface: expected two settings, such as {'detection.ratio': (.5, 1), 'history.ratio': (.8, 1)}"
        )
    for field in spans:
        check_path(spec, field)
    check_apart(spec, list(spans))
    number_of = check_points(points)
    x, y = (np.linspace(*check_span(spec, field, span), number_of) for field, span in spans.items())
    moved = moving(spec, data, list(spans), rng=rng)
    left = np.array([case(x[:, None], y) for case in moved.cases])
    ends = moved.interval(x[:, None], y) if interval else no_value(left.shape[1:])
    one, other = spans
    return Surface(
        fields=(one, other),
        now=(moved.now[0], moved.now[1]),
        first=x,
        second=y,
        set_low=moved.shown(left.min(0)),
        set_high=moved.shown(left.max(0)),
        conf_low=moved.shown(ends[0]),
        conf_high=moved.shown(ends[1]),
        scale=moved.scale,
        outcome=moved.outcome,
        seed=moved.seed,
        speaks_to=moved.speaks_to,
        silent_on=moved.silent_on,
    )

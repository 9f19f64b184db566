"""Tipping values: how far one setting would have to move for nothing to remain."""

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from scipy.optimize import brentq

from iom_causal.base import axes
from iom_causal.base.formats import number
from iom_causal.base.result import Result, table
from iom_causal.base.setting_paths import get_path, replace_path
from iom_causal.beliefs import ends, is_belief
from iom_causal.errors import IomCausalError, SpecError
from iom_causal.moments import Moments
from iom_causal.panel import Panel
from iom_causal.roles import Remainder

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

STEPS = 60
WIDEST = 50.0


@dataclass(frozen=True, slots=True)
class Tipping(Result):
    """Tipping value of one setting: where the remainder vanishes.

    Parameters
    ----------
    field : str
        The dotted path of the setting.
    value : float or None
        Where the remainder is none; None when no value in the range that was searched does it, or a set does.
    now : float
        The setting as it is, at its centre.
    searched : tuple of float
        The range that was searched.
    remainder : float
        The remainder as it is: a ratio, or points for a score; of a set, its first case.
    set_low, set_high : float or None
        The values between which nothing remains in one case or another, where other ranges or a published table leave
        a set.

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

    def summary(self) -> str:
        """Word the breakdown point: where the setting would have to be."""
        now = f"(it is {number(self.now)})"
        if self.set_low is not None and self.set_high is not None:
            ends = f"between {number(self.set_low)} and {number(self.set_high)}"
            return f"{self.field} would have to be {ends} {now} for nothing to remain"
        if self.value is None:
            low, high = (number(end) for end in self.searched)
            return f"no value of {self.field} from {low} to {high} leaves nothing {now}"
        return f"{self.field} would have to be {number(self.value)} {now} for nothing to remain"

    def tidy(self) -> "pd.DataFrame":
        """Return one row: the fields, the range that was searched as two columns."""
        row = {name: value for name, value in asdict(self).items() if name != "searched"}
        row |= {"searched_low": self.searched[0], "searched_high": self.searched[1]}
        return table([row], row)

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the range that was searched, the setting as it is, and where nothing remains."""
        ends = None if self.set_low is None or self.set_high is None else [(self.set_low, self.set_high)]
        ax = axes.intervals([self.field], [self.searched], ax, inner=ends or [(self.now, self.now)])
        axes.mark(ax, x=self.now, text="as it is")
        if self.value is not None:
            axes.mark(ax, x=self.value, text="nothing remains")
        if self.searched[0] > 0:
            ax.set_xscale("log")
        ax.set_xlabel("setting")
        return ax


def tipping(
    spec: Any, data: Panel | Moments, field: str, *, low: float | None = None, high: float | None = None
) -> Tipping:
    """Root search for the value of one setting at which nothing remains, all others as they are.

    Parameters
    ----------
    spec : callable
        A ledger, or any estimator whose result is a ratio or a difference.
    data : Panel or Moments
        What it is called on.
    field : str
        The dotted path of a number or belief, such as ``"detection.ratio"``.
    low, high : float, optional
        Where to search; by default 1/50 to 50 times the setting, or as far either side of 0.

    Returns
    -------
    Tipping
        The value nearest to the setting as it is; with other ranges, or a published table that leaves a set, the set
        of these values, if there is one in every case.

    Raises
    ------
    SpecError
        IOM-E093 for an unknown field, IOM-E092 when it is not a number or belief, or not one path.
    """
    if not isinstance(field, str):
        raise SpecError(
            "IOM-E092",
            f"field: expected one dotted path as text, such as 'detection.ratio', got {type(field).__name__}; "
            "call tipping once for each setting",
        )
    setting = get_path(spec, field)
    if setting is None:
        raise SpecError(
            "IOM-E092",
            f"{field}: nothing is stated here that could be moved; state a number or a belief first, if its method "
            "takes one",
        )
    if not is_belief(setting):
        raise SpecError("IOM-E092", f"{field}: expected a number or a belief, got {type(setting).__name__}")
    now = sum(ends(setting)) / 2
    span = _span(now, low, high)

    cases = _cases(replace_path(spec, field, now), data)
    here = _remainder(*cases[0])
    shown = here if data.kind == "score" else math.exp(here)
    searches = [_tips_at(case, subject, field, now, span) for case, subject in cases]
    roots = [search.root for search in searches]
    span = min(s.low for s in searches), max(s.high for s in searches)
    if len(roots) == 1:
        return Tipping(field, roots[0], now, span, shown)
    known = [v for v in roots if v is not None]
    if len(known) < len(roots):
        return Tipping(field, None, now, span, shown)
    return Tipping(field, None, now, span, shown, min(known), max(known))


class _Search(NamedTuple):
    """The nearest root, and the ends of what the setting allowed to be searched."""

    root: float | None
    low: float
    high: float


def _tips_at(spec: Any, data: Panel | Moments, field: str, now: float, span: tuple[float, float]) -> _Search:
    known: dict[Any, Any] = {}

    def remainder(value: float) -> float:
        return _remainder(replace_path(spec, field, value), data, known)

    return _nearest_root(remainder, now, span)


def _cases(spec: Any, data: Panel | Moments) -> Sequence[tuple[Any, Panel | Moments]]:
    """Return the estimator that a ledger with ranges stands for; any other estimator stands for itself."""
    return spec.cases(data) if isinstance(spec, Remainder) else [(spec, data)]


def _remainder(spec: Any, data: Panel | Moments, known: dict[Any, Any] | None = None) -> float:
    """Return the remainder on a scale on which nothing is 0: the log of a ratio, else the difference."""
    if isinstance(spec, Remainder):
        return float(spec.central(data, known=known))
    result = spec(data, rng=0)
    return math.log(result.estimate) if result.scale == "ratio" else float(result.estimate)


def _span(now: float, low: float | None, high: float | None) -> tuple[float, float]:
    default = (now / WIDEST, now * WIDEST) if now > 0 else (now - WIDEST, now + WIDEST)
    span = (default[0] if low is None else low, default[1] if high is None else high)
    if not span[0] < span[1]:
        raise SpecError("IOM-E092", f"tipping: expected low < high, got {span[0]} and {span[1]}")
    return span


def _nearest_root(f: Callable[[float], float], now: float, span: tuple[float, float]) -> _Search:
    """Bracket the first change of sign on either side of `now`, and refine it by Brent's method."""
    (down, low), (up, high) = (_first_root(f, now, end) for end in span)
    roots = [root for root in (down, up) if root is not None]
    return _Search(min(roots, key=lambda root: abs(root - now), default=None), low, high)


def _first_root(f: Callable[[float], float], now: float, end: float) -> tuple[float | None, float]:
    # The root, and how far the setting could be moved towards the end.
    geometric = now > 0 and end > 0
    before, value, furthest = now, _tried(f, now), now
    for k in range(1, STEPS + 1):
        share = k / STEPS
        point = now * (end / now) ** share if geometric else now + share * (end - now)
        here = _tried(f, point)
        if value is not None and here is not None and value * here <= 0:
            return float(brentq(f, before, point, xtol=1e-12, rtol=1e-12)), end
        before, value, furthest = point, here, furthest if here is None else point
    return None, furthest


def _tried(f: Callable[[float], float], point: float) -> float | None:
    try:
        return f(point)
    except IomCausalError:
        return None  # a setting that the confound refuses is outside the range that can be searched

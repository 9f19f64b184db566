"""What a printed table tells of an outcome in two windows."""

import dataclasses
import datetime as dt
import math
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.specs import check_keys, check_types
from iom_causal.errors import InputError, SpecError
from iom_causal.numerics.inference.summaries import change_sd, correlation
from iom_causal.numerics.kernels.decimals import NOISE
from iom_causal.windows import AFTER, BEFORE, Window

KINDS = ("count", "amount", "score", "binary")
"""Whole numbers of events; weights of events that add up, such as harm scores; values that do not; 0 and 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """The first two moments of a two-window outcome, as a paper prints them.

    Anything not printed is None. The change is after minus before; `t` carries the sign of that
    change, whatever sign was printed, and either of `r` and `t` gives the other.

    Parameters
    ----------
    n : int
        People with both windows.
    mean_pre, sd_pre, mean_post, sd_post : float, optional
        Means and standard deviations (n - 1) of those people.
    r : float, optional
        The correlation of the two windows.
    t : float, optional
        The paired t statistic; a printed magnitude takes its sign from the means.
    n_input, mean_pre_input, sd_pre_input : optional
        The same before the loss of follow-up, where the table prints only that.
    baselines : tuple of (float, float)
        Where the mean before of those with both windows is not printed: means and SDs that span what the print
        leaves open.
    range_pre, range_post, age_range : tuple of float, optional
        The printed minimum and maximum.
    age_mean, age_sd : float, optional
        The age of the people.
    name, kind : str
        The outcome.
    windows : tuple of Window
        Before and after.
    index_date : date, optional
        The day that windows are counted from.
    source : str
        Where the figures come from.

    Raises
    ------
    InputError
        IOM-E067 when the figures are impossible together.

    Examples
    --------
    >>> m = Moments.from_summary(n=225, mean_pre=6.84, sd_pre=4.75, mean_post=3.61, sd_post=3.66, t=11.64)
    >>> round(m.t, 2), round(m.r, 3)
    (-11.64, 0.536)
    """

    n: int
    mean_pre: float | None = None
    sd_pre: float | None = None
    mean_post: float | None = None
    sd_post: float | None = None
    r: float | None = None
    t: float | None = None
    n_input: int | None = None
    mean_pre_input: float | None = None
    sd_pre_input: float | None = None
    baselines: tuple[tuple[float, float], ...] = ()
    range_pre: tuple[float, float] | None = None
    range_post: tuple[float, float] | None = None
    age_mean: float | None = None
    age_sd: float | None = None
    age_range: tuple[float, float] | None = None
    name: str = "outcome"
    kind: str = "count"
    windows: tuple[Window, Window] = (BEFORE, AFTER)
    index_date: dt.date | None = None
    source: str = ""

    def __post_init__(self) -> None:
        _check(self)
        change = self.mean_change
        if self.t is not None and change is not None:
            object.__setattr__(self, "t", math.copysign(self.t, change))
        if self.r is None and self.t is not None:
            object.__setattr__(self, "r", _r_from_t(self))
        elif self.t is None and self.r is not None:
            object.__setattr__(self, "t", _t_from_r(self))

    @classmethod
    def from_summary(cls, **fields: Any) -> Self:
        """Build moments from named figures; an unknown name is refused with the nearest valid one."""
        check_keys(fields, [f.name for f in dataclasses.fields(cls)], "Moments.from_summary")
        return cls(**fields)

    def with_arrays(self, **values: NDArray[np.float64]) -> Self:
        """Return the same moments with draws in place of some figures, unchecked; t is left out.

        For code that works out closed forms over many draws at once; the fields hold (D,) arrays.
        """
        copy = object.__new__(type(self))
        for name in (f.name for f in dataclasses.fields(self)):
            object.__setattr__(copy, name, values.get(name, getattr(self, name)))
        object.__setattr__(copy, "t", None)
        return copy

    def completions(self) -> tuple[Self, ...]:
        """Return these moments once for every baseline that spans what the print leaves open; else themselves.

        A result over all of them is a set, as it is over the ends of a range.

        Examples
        --------
        >>> m = Moments.from_summary(n=40, mean_post=7.0, sd_post=3.0, t=4.0, kind="score", baselines=((9, 3), (10, 4)))
        >>> [(c.mean_change, round(c.r, 2)) for c in m.completions()]
        [(-2.0, 0.44), (-3.0, 0.1)]
        """
        if self.mean_pre is not None or not self.baselines:
            return (self,)
        return tuple(dataclasses.replace(self, mean_pre=m, sd_pre=sd, baselines=()) for m, sd in self.baselines)

    @property
    def mean_change(self) -> float | None:
        """The mean after minus the mean before, or None when one of them is not printed."""
        if self.mean_pre is None or self.mean_post is None:
            return None
        change = self.mean_post - self.mean_pre
        return 0.0 if abs(change) <= NOISE * max(abs(self.mean_pre), abs(self.mean_post)) else change

    @property
    def sd_change(self) -> float | None:
        """The standard deviation of the change that r, or else t, implies; None when neither is known."""
        if self.t and self.mean_change:
            return abs(self.mean_change) * math.sqrt(self.n) / abs(self.t)
        if self.r is not None and self.sd_pre is not None and self.sd_post is not None:
            return float(change_sd(self.sd_pre, self.sd_post, self.r))
        return None

    @property
    def furthest(self) -> tuple[float, float]:
        """How far from each mean the furthest person is, before and after; 0 where it is not known.

        Examples
        --------
        >>> Moments.from_summary(n=9, mean_pre=3.0, range_pre=(1, 8), mean_post=2.0).furthest
        (5.0, 0.0)
        """
        before, after = _furthest(self.mean_pre, self.range_pre), _furthest(self.mean_post, self.range_post)
        return before, after

    @property
    def exposure(self) -> tuple[float, float] | None:
        """The days in the two windows, or None when they are not known."""
        before, after = (w.days for w in self.windows)
        return None if before is None or after is None else (float(before), float(after))

    def require(self, *names: str, purpose: str) -> tuple[float, ...]:
        """Return the named figures, or raise IOM-E067 saying which of them the table does not print."""
        absent = [name for name in names if getattr(self, name) is None]
        if absent:
            lacks = _why_none(self, absent) or "not given here"
            raise InputError("IOM-E067", f"{self.name}: {purpose} needs {', '.join(absent)}, {lacks}")
        return tuple(getattr(self, name) for name in names)


def _furthest(mean: float | None, ends: tuple[float, float] | None) -> float:
    return 0.0 if mean is None or ends is None else max(mean - ends[0], ends[1] - mean)


def _why_none(m: Moments, absent: list[str]) -> str:
    """Return why there is no correlation and no t, where these figures have none."""
    if not set(absent) <= {"r", "t"}:
        return ""
    for when, mean, sd in (("before", m.mean_pre, m.sd_pre), ("after", m.mean_post, m.sd_post)):
        if sd == 0:
            return f"and there is none: {'nobody has any' if mean == 0 else 'everybody has the same value'} {when}"
    return "and there is none: everybody changed by the same" if m.sd_change == 0 else ""


def _r_from_t(m: Moments) -> float | None:
    if m.sd_pre is None or m.sd_post is None or not m.sd_change or 0 in (m.sd_pre, m.sd_post):
        return None
    r = float(correlation(m.sd_pre, m.sd_post, m.sd_change))
    if abs(r) > 1 + 0.05:
        raise InputError("IOM-E067", f"t, the means and the SDs together imply a correlation of {r:.2f}; check them")
    return max(-1.0, min(1.0, r))


def _t_from_r(m: Moments) -> float | None:
    sd = m.sd_change
    return None if m.mean_change is None or not sd else m.mean_change * math.sqrt(m.n) / sd


def _check(m: Moments) -> None:
    try:
        check_types(m)
    except SpecError as error:
        raise InputError("IOM-E067", error.message) from None
    if m.n < 1:
        raise InputError("IOM-E067", f"n: expected a whole number of people, at least 1, got {m.n}")
    if m.kind not in KINDS:
        raise InputError("IOM-E038", f"kind: expected one of {', '.join(KINDS)}, got {m.kind!r}")
    if any(sd is not None and sd < 0 for sd in (m.sd_pre, m.sd_post, m.sd_pre_input, m.age_sd)):
        raise InputError("IOM-E067", "a standard deviation is negative; expected 0 or more")
    if m.r is not None and abs(m.r) > 1:
        raise InputError("IOM-E067", f"r: expected from -1 to 1, got {m.r}")
    if m.kind in ("count", "amount") and any(mean is not None and mean < 0 for mean in (m.mean_pre, m.mean_post)):
        raise InputError("IOM-E067", "a mean of counts or amounts is negative; expected 0 or more")

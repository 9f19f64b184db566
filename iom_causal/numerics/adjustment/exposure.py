"""Partial exposure: survival of careers, build-up and decay of effects, and their mean over a window."""

from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iom_causal.errors import InputError

type Floats = NDArray[np.float64]


def mean_survival(hazard: ArrayLike, start: float, end: float) -> Floats:
    """Return the mean of ``exp(-hazard t)`` over times from `start` to `end`.

    Examples
    --------
    >>> round(float(mean_survival(0.06, 0.0, 1.5)), 6), float(mean_survival(0.0, 0.0, 1.5))
    (0.95632, 1.0)
    """
    d = np.asarray(hazard, dtype=np.float64)
    x = d * (end - start)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(x == 0, 1.0, -np.expm1(-x) / np.where(x == 0, 1.0, x))
    return np.asarray(np.exp(-d * start) * mean)


def effect_course(time: ArrayLike, ramp: ArrayLike, half_life: ArrayLike) -> Floats:
    """Return the share of a programme's full log effect that is there at each time after the start.

    It grows in a straight line over `ramp` years, and halves every `half_life` years from the start on;
    a ramp of 0 is there at once, and an infinite half-life never fades.

    Examples
    --------
    >>> effect_course([0.25, 0.5, 1.0], 0.5, float("inf")).tolist()
    [0.5, 1.0, 1.0]
    """
    t, r = np.asarray(time, dtype=np.float64), np.asarray(ramp, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        grown = np.where(r > 0, np.minimum(t / np.where(r > 0, r, 1.0), 1.0), 1.0)
    return np.asarray(grown * np.exp2(-t / np.asarray(half_life, dtype=np.float64)))


def mean_ratio(log_effect: ArrayLike, ramp: ArrayLike, half_life: ArrayLike, end: float) -> Floats:
    """Return the mean over a follow-up of ``exp(log_effect * course)``: the ratio that the whole follow-up shows."""
    node, weight = _nodes()
    times = end * (node + 1) / 2
    course = effect_course(times, np.asarray(ramp)[..., None], np.asarray(half_life)[..., None])
    return np.asarray(np.exp(np.asarray(log_effect)[..., None] * course) @ weight / 2)


def full_log_effect(ratio: ArrayLike, ramp: ArrayLike, half_life: ArrayLike, end: float) -> Floats:
    """Return the full log effect whose mean ratio over the follow-up is `ratio`; the inverse of `mean_ratio`.

    Raises
    ------
    InputError
        IOM-E092 when a ratio is not above 0.

    Examples
    --------
    >>> round(float(np.exp(full_log_effect(0.7, 0.0, float("inf"), 1.5))), 6)
    0.7
    """
    target = np.asarray(ratio, dtype=np.float64)
    if (target <= 0).any():
        raise InputError("IOM-E092", "expected ratios above 0")
    shape = np.broadcast_shapes(target.shape, np.shape(ramp), np.shape(half_life))
    low, high = np.full(shape, -60.0), np.full(shape, 60.0)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        below = mean_ratio(middle, ramp, half_life, end) < target
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return np.asarray((low + high) / 2)


def undiluted_ratio(ratio: ArrayLike, exposed_post: ArrayLike, exposed_pre: ArrayLike = 0.0) -> Floats:
    """Return the ratio of a programme for those exposed, from the ratio of a mixture of exposed and not.

    A share `exposed_post` of the time after is under the programme, and `exposed_pre` of the time before
    under something that does the same: ``R = (1 - e2 + e2 tau) / (1 - e1 + e1 tau)``, solved for tau. NaN
    never leaves: a mixture that no ratio above 0 can give is refused.

    Raises
    ------
    InputError
        IOM-E068 when no ratio above 0 gives the one observed.

    Examples
    --------
    >>> round(float(undiluted_ratio(0.8, 0.5)), 6)
    0.6
    """
    r, e2, e1 = (np.asarray(v, dtype=np.float64) for v in (ratio, exposed_post, exposed_pre))
    top, bottom = r * (1 - e1) - (1 - e2), e2 - r * e1
    with np.errstate(divide="ignore", invalid="ignore"):
        tau = top / bottom
    if not (np.isfinite(tau) & (tau > 0)).all():
        raise InputError("IOM-E068", "this share of exposure cannot give that ratio, whatever the programme did")
    return np.asarray(tau)


def engaged_share(pooled: ArrayLike, engaged: ArrayLike, others: ArrayLike) -> Floats:
    """Return the share of the events before, among engaged people, at which two ratios mix to a pooled one.

    ``pooled = share * engaged + (1 - share) * others``; outside 0 to 1 no share does it.

    Examples
    --------
    >>> round(float(engaged_share(0.528, 0.33, 1.158)), 3)
    0.761
    """
    p, e, o = (np.asarray(v, dtype=np.float64) for v in (pooled, engaged, others))
    if (e == o).any():
        raise InputError("IOM-E068", "engaged people and others have the same ratio, so that every share fits or none")
    return np.asarray((o - p) / (o - e))


_HALVINGS = 80


@cache
def _nodes() -> tuple[Floats, Floats]:
    node, weight = np.polynomial.legendre.leggauss(64)
    return node, weight

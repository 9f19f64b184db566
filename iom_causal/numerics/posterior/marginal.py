"""Marginal distributions: cumulated shares of a density on a grid, and of weighted draws."""

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]

STEPS = 8
"""Newton steps of an inverse inside one cell, each of which doubles the digits."""


class Cumulated(NamedTuple):
    """Values in rising order, (..., V), and the probability up to each, between which it is interpolated.

    Where the density at the values is known too, between them it is interpolated by cubics, else by straight lines.
    """

    values: Floats
    share: Floats
    density: Floats | None = None


def cumulated(values: Floats, weight: Floats) -> Cumulated:
    """Cumulate weighted draws, each of which stands for the middle of its weight.

    Examples
    --------
    >>> c = cumulated(np.array([3.0, 1.0]), np.array([0.5, 0.5]))
    >>> c.values.tolist(), c.share.tolist()
    ([1.0, 3.0], [0.25, 0.75])
    """
    order = np.argsort(values, kind="stable")
    w = weight[order] / weight.sum()
    return Cumulated(values[order], np.cumsum(w) - w / 2)


def of_density(low: Floats, step: Floats, density: Floats, refine: int) -> Cumulated:
    """Cumulate smooth densities on even grids, by the integrals of their sinc series.

    Right to the digits of the trapezoid rule on the same grid, at and between its points, where the density is next
    to nothing at both ends.

    Parameters
    ----------
    low, step : ndarray
        (...,) first point and spacing.
    density : ndarray
        (..., V) at the points, up to a constant.
    refine : int
        Into how many cells each spacing is cut.

    References
    ----------
    Stenger (1993), Numerical Methods Based on Sinc and Analytic Functions, Springer.

    Examples
    --------
    >>> x = np.linspace(-6.0, 6.0, 17)
    >>> normal = of_density(np.array(-6.0), np.array(0.75), np.exp(-x * x / 2), 4)
    >>> round(float(quantiles(normal, np.array([0.975]))[0]), 2)
    1.96
    """
    size = density.shape[-1]
    integral, series = _sinc(size, refine)
    share = density / density.sum(-1, keepdims=True)
    up_to = np.maximum.accumulate(np.clip(share @ integral, 0.0, 1.0), axis=-1)
    up_to[..., 0], up_to[..., -1] = 0.0, 1.0
    at = np.asarray(low)[..., None] + np.asarray(step)[..., None] / refine * np.arange(integral.shape[1])
    return Cumulated(at, up_to, np.maximum(share @ series, 0.0) / np.asarray(step)[..., None])


@cache
def _sinc(size: int, refine: int) -> tuple[Floats, Floats]:
    from scipy.special import sici  # noqa: PLC0415 only grids need it

    apart = np.arange((size - 1) * refine + 1) / refine - np.arange(size)[:, None]
    return 0.5 + sici(np.pi * apart)[0] / np.pi, np.sinc(apart)


def quantiles(of: Cumulated, share: Floats) -> Floats:
    """Return quantiles (..., P) at shares (..., P) of marginals (..., V).

    Examples
    --------
    >>> quantiles(Cumulated(np.array([0.0, 1.0]), np.array([0.0, 1.0])), np.array([0.25])).tolist()
    [0.25]
    """
    if of.share.ndim == 1 and of.density is None:
        return np.interp(share, of.share, of.values)
    last = of.share.shape[-1] - 2
    if of.share.ndim == 1:
        cell = np.searchsorted(of.share, share, side="right") - 1
    else:
        cell = (of.share[..., None, :] <= share[..., :, None]).sum(-1) - 1
    cell = np.clip(cell, 0, last)

    def ends(rows: Floats) -> tuple[Floats, Floats]:
        wide = np.broadcast_to(rows, (*cell.shape[:-1], rows.shape[-1]))
        return np.take_along_axis(wide, cell, -1), np.take_along_axis(wide, cell + 1, -1)

    (x0, x1), (p0, p1) = ends(of.values), ends(of.share)
    rise, wanted = p1 - p0, np.clip(share, p0, p1) - p0
    with np.errstate(divide="ignore", invalid="ignore"):
        u = np.where(rise > 0, wanted / rise, 0.5)
        if of.density is not None:
            s0, s1 = (end * (x1 - x0) for end in ends(of.density))
            for _ in range(STEPS):
                step = (_cubic(u, rise, s0, s1) - wanted) / _slope(u, rise, s0, s1)
                u = np.clip(u - np.where(np.isfinite(step), step, 0.0), 0.0, 1.0)
    return np.asarray(x0 + u * (x1 - x0))


def moments(of: Cumulated) -> tuple[Floats, Floats]:
    """Return means and standard deviations (...,) of marginals (..., V).

    Examples
    --------
    >>> [round(float(v), 4) for v in moments(Cumulated(np.array([0.0, 1.0]), np.array([0.0, 1.0])))]
    [0.5, 0.2887]
    """
    x = of.values
    if of.density is not None:  # on an even grid
        weight = of.density / of.density.sum(-1, keepdims=True)
        mean = (weight * x).sum(-1)
        return mean, np.sqrt((weight * (x - mean[..., None]) ** 2).sum(-1))
    weight = np.diff(of.share, axis=-1)
    weight = weight / weight.sum(-1, keepdims=True)
    low, high = x[..., :-1], x[..., 1:]
    mean = (weight * (low + high)).sum(-1) / 2
    low, high = low - mean[..., None], high - mean[..., None]
    return mean, np.sqrt((weight * (low * low + low * high + high * high)).sum(-1) / 3)


def probability(of: Cumulated, below: float) -> float:
    """Return the probability of a smaller value under one marginal, (V,).

    Examples
    --------
    >>> probability(Cumulated(np.array([0.0, 1.0]), np.array([0.0, 1.0])), 0.25)
    0.25
    """
    if of.density is None or not of.values[0] < below < of.values[-1]:
        return float(np.interp(below, of.values, of.share, left=0.0, right=1.0))
    k = int(np.searchsorted(of.values, below, side="right")) - 1
    wide = of.values[k + 1] - of.values[k]
    u = (below - of.values[k]) / wide
    rise = of.share[k + 1] - of.share[k]
    return float(of.share[k] + _cubic(u, rise, of.density[k] * wide, of.density[k + 1] * wide))


def _cubic(u: Floats, rise: Floats, s0: Floats, s1: Floats) -> Floats:
    """Return Hermite's cubic from 0 to `rise` over the unit interval, with slopes `s0` and `s1` at its ends."""
    return u * (s0 + u * (3 * rise - 2 * s0 - s1 + u * (s0 + s1 - 2 * rise)))


def _slope(u: Floats, rise: Floats, s0: Floats, s1: Floats) -> Floats:
    return s0 + u * (2 * (3 * rise - 2 * s0 - s1) + 3 * u * (s0 + s1 - 2 * rise))

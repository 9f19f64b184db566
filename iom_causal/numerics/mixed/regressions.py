"""Least squares and Poisson regression of many replicates at once, with their sandwich covariances."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.numerics.kernels.scaled_inverse import scaled_inverse

Floats = NDArray[np.float64]

STEPS = 40
"""Newton steps; without a maximum at finite coefficients each goes on by about one for ever."""
HIGHEST = 700.0
"""The exponential of more is infinite."""
ALONE = 1 - 1e-9
"""A row with a greater leverage decides a coefficient alone: it is fitted whatever it is, and HC3 does not exist."""
ROUNDED = 1e-8
"""A standard error below this share of what its rows would add if nothing cancelled rests on rounding.

A library forms the sandwich from variances that cancel, so that its errors are right to the root of double precision.
"""
_CLOSE = 1e-7  # the last step of Newton's that is taken: the next one is its square


class Fits(NamedTuple):
    """Coefficients over replicates.

    Attributes
    ----------
    values, cov : ndarray
        (R, p) and (R, p, p); of a sandwich, 0 for a coefficient whose variance would rest on rounding.
    df : ndarray
        (R,) rows that count less coefficients.
    sound : ndarray
        (R,) whether the fit is one: columns that say something of their own, a search that ended.
    """

    values: Floats
    cov: Floats
    df: Floats
    sound: NDArray[np.bool_]


def least_squares(x: Floats, y: Floats, weight: Floats, *, robust: bool) -> Fits:
    """Fit by least squares, with the usual covariance or HC3.

    Parameters
    ----------
    x, y, weight : ndarray
        (R, n, p), (R, n) and (R, n); a weight is how many rows a row stands for.
    robust : bool
        HC3 (MacKinnon & White 1985) in place of one variance for all.

    Examples
    --------
    >>> x = np.array([[[1.0, 0], [1, 0], [1, 1], [1, 1]]])
    >>> fit = least_squares(x, np.array([[1.0, 3, 5, 9]]), np.ones((1, 4)), robust=False)
    >>> fit.values.round(6).tolist(), fit.df.tolist()
    ([[2.0, 5.0]], [2.0])
    """
    weighted = x * weight[..., None]
    bread, sound = scaled_inverse(_crossed(x, weighted))
    values = _times(bread, np.einsum("rnp,rn->rp", weighted, y))
    fitted = np.einsum("rnp,rp->rn", x, values)
    left, size = y - fitted, np.abs(y) + np.abs(fitted)
    df = weight.sum(-1) - x.shape[-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        if robust:
            leverage = np.where(weight > 0, np.einsum("rnp,rpq,rnq->rn", x, bread, x), 0.0)
            sound &= leverage.max(-1) <= ALONE
            raised = 1 / (1 - np.minimum(leverage, ALONE))
            cov = _sandwich(x, bread, left * raised, size * raised, weight)
        else:
            cov = bread * ((weight * left**2).sum(-1) / df)[:, None, None]
    return Fits(values, cov, df, sound & (df > 0))


def leverages(matrix: Floats) -> Floats:
    """Return how far each fitted value of least squares is its own row's, (n,) of (n, p).

    Examples
    --------
    >>> leverages(np.array([[1.0, 0], [1, 0], [1, 1]])).round(6).tolist()
    [0.5, 0.5, 1.0]
    """
    orthogonal, _ = np.linalg.qr(matrix)
    return np.asarray((orthogonal**2).sum(-1))


def poisson(x: Floats, y: Floats, offset: Floats, weight: Floats, *, robust: bool) -> Fits:
    """Fit Poisson regression by Newton's method, with the model's covariance or HC1.

    Parameters
    ----------
    x, y, offset, weight : ndarray
        (R, n, p), and (R, n) each; the offset is added to the log of the mean.
    robust : bool
        The sandwich times n / (n - p) in place of the inverse information.

    Examples
    --------
    >>> x = np.array([[[1.0, 0], [1, 0], [1, 1], [1, 1]]])
    >>> fit = poisson(x, np.array([[1.0, 3, 3, 5]]), np.zeros((1, 4)), np.ones((1, 4)), robust=True)
    >>> np.exp(fit.values).round(6).tolist()
    [[2.0, 2.0]]
    """
    values, ended = _newton(x, y, offset, weight)
    mean = np.exp(np.minimum(np.einsum("rnp,rp->rn", x, values) + offset, HIGHEST))
    bread, sound = scaled_inverse(_crossed(x, x * (weight * mean)[..., None]))
    rows = weight.sum(-1)
    df = rows - x.shape[-1]
    cov = bread
    if robust:
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            cov = _sandwich(x, bread, y - mean, y + mean, weight) * (rows / df)[:, None, None]
    return Fits(values, cov, df, sound & ended & (df > 0))


def _newton(x: Floats, y: Floats, offset: Floats, weight: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    # The first step is that of iterated least squares from means halfway between the counts and their average.
    average = (weight * y).sum(-1, keepdims=True) / np.maximum(weight.sum(-1, keepdims=True), 1.0)
    mean = np.maximum((y + average) / 2, np.finfo(float).tiny)
    working = weight * mean
    bread, _ = scaled_inverse(_crossed(x, x * working[..., None]))
    response = np.log(mean) - offset + (y - mean) / mean
    values = _times(bread, np.einsum("rnp,rn->rp", x, working * response))
    searching, ended = np.arange(len(x)), np.zeros(len(x), dtype=np.bool_)
    for _ in range(STEPS):
        if not searching.size:
            break
        there = x[searching]
        mean = np.exp(np.minimum(np.einsum("rnp,rp->rn", there, values[searching]) + offset[searching], HIGHEST))
        gradient = np.einsum("rnp,rn->rp", there, weight[searching] * (y[searching] - mean))
        bread, sound = scaled_inverse(_crossed(there, there * (weight[searching] * mean)[..., None]))
        step = _times(bread, gradient)
        values[searching] += np.clip(step, -1.0 - np.abs(values[searching]), 1.0 + np.abs(values[searching]))
        close = np.abs(step).max(-1) <= _CLOSE * (1 + np.abs(values[searching]).max(-1))
        ended[searching[close & sound]] = True
        searching = searching[~close & sound]
    return values, ended


def _sandwich(x: Floats, bread: Floats, left: Floats, size: Floats, weight: Floats) -> Floats:
    # From what each row adds to each coefficient, so that a variance of zero is not left over from larger ones;
    # where the rows that decide a coefficient lie on the fit, what they add is rounding, of the size of the outcomes.
    influence = x @ bread * left[..., None]
    cov = _crossed(influence, influence * weight[..., None])
    whole = np.abs(x) @ np.abs(bread) * size[..., None]
    most = np.sqrt(np.einsum("rnp,rn->rp", whole**2, weight))
    above = np.sqrt(np.einsum("rpp->rp", cov)) > ROUNDED * most  # rounding
    return np.where(above[:, :, None] & above[:, None, :], cov, 0.0)


def _crossed(x: Floats, weighted: Floats) -> Floats:
    return np.asarray(np.swapaxes(x, -1, -2) @ weighted)


def _times(matrix: Floats, vector: Floats) -> Floats:
    return np.asarray((matrix @ vector[..., None])[..., 0])

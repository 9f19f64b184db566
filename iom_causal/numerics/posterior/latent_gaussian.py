"""Counts whose log mean is linear in standard normal variables: their conditional normal approximation, and draws."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from iom_causal.numerics.posterior.importance import t_points
from iom_causal.numerics.posterior.series import LARGEST_SIZE, log_likelihood

type Floats = NDArray[np.float64]

MOST_STEPS = 50
CLOSE = 1e-9
"""Largest move of a variable, in its prior's SD, at which the search for the mode ends."""
FURTHEST = 700.0
"""The log of the largest mean that a double holds."""


class Conditional(NamedTuple):
    """Normal approximation of standard normal variables given counts and hyperparameters, at S of these.

    Attributes
    ----------
    mode : ndarray
        (S, G).
    factor : ndarray
        (S, G, G) lower Cholesky factor of minus the second derivatives there.
    log_marginal : ndarray
        (S,) Laplace approximation of the log likelihood with the variables integrated out.
    """

    mode: Floats
    factor: Floats
    log_marginal: Floats


def conditional(events: Floats, offset: Floats, design: Floats, spread: Floats | None) -> Conditional:
    """Laplace approximation of ``g`` in ``log mean = offset + design @ g``, Poisson or negative binomial, by Newton.

    The log density is concave, and the search begins at the counts themselves.

    Parameters
    ----------
    events, offset : ndarray
        (T,) or (S, T) each.
    design : ndarray
        (S, T, G), what multiplies the variables; their prior is standard normal.
    spread : ndarray or None
        (S,) as in `log_likelihood`.

    Examples
    --------
    >>> found = conditional(np.array([100.0]), np.zeros(1), np.full((1, 1, 1), 10.0), None)
    >>> (10 * found.mode).round(3).item(), (10 / found.factor).round(3).item()
    (4.605, 0.1)
    """
    size = None if spread is None else np.minimum(spread**-2.0, LARGEST_SIZE)[:, None]
    log_mean = np.broadcast_to(np.log(events + 0.5), design.shape[:2])
    mode = np.zeros((len(design), design.shape[2]))
    for step in range(MOST_STEPS):
        score, weight = _slopes(events, log_mean, size)
        curvature = np.swapaxes(design * weight[..., None], 1, 2) @ design + np.eye(design.shape[2])
        wanted = weight * (log_mean - offset) + score
        moved = np.linalg.solve(curvature, np.einsum("stg,st->sg", design, wanted)[..., None])[..., 0]
        change = float(np.abs(moved - mode).max(initial=0.0))
        mode = moved
        log_mean = np.minimum(offset + np.einsum("stg,sg->st", design, mode), FURTHEST)
        if step and change < CLOSE:
            break
    factor = np.linalg.cholesky(curvature)
    height = log_likelihood(events, log_mean, spread) - 0.5 * (mode**2).sum(-1)
    return Conditional(mode, factor, height - np.log(np.einsum("sgg->sg", factor)).sum(-1))


def _slopes(events: Floats, log_mean: Floats, size: Floats | None) -> tuple[Floats, Floats]:
    """Return the first derivatives by the log mean, and minus the second."""
    mean = np.exp(log_mean)
    if size is None:
        return events - mean, mean
    share = size / (size + mean)
    return share * (events - mean), share * mean * (events + size) / (size + mean)


def drawn(around: Conditional, rng: np.random.Generator, df: float) -> tuple[Floats, Floats]:
    """Draw one vector of variables at each of the S hyperparameters from a multivariate t, with its log density.

    Examples
    --------
    >>> one = Conditional(np.zeros((64, 1)), np.ones((64, 1, 1)), np.zeros(64))
    >>> g, log_density = drawn(one, np.random.default_rng(1), 30.0)
    >>> g.shape, log_density.shape
    ((64, 1), (64,))
    """
    count, size = around.mode.shape
    z = rng.permutation(t_points(size, df, 2 ** math.ceil(math.log2(count)), rng))[:count]
    away = np.linalg.solve(np.swapaxes(around.factor, 1, 2), z[..., None])[..., 0]
    constant = gammaln((df + size) / 2) - gammaln(df / 2) - size / 2 * np.log(df * np.pi)
    scale = np.log(np.einsum("sgg->sg", around.factor)).sum(-1)
    return around.mode + away, constant + scale - (df + size) / 2 * np.log1p((z**2).sum(-1) / df)


def log_correction(
    events: Floats, offset: Floats, design: Floats, spread: Floats | None, around: Conditional, g: Floats, log_q: Floats
) -> Floats:
    """Log of what the weight of a draw lacks where its hyperparameters were weighted by `Conditional.log_marginal`.

    Examples
    --------
    >>> y, flat, design = np.array([400.0]), np.zeros(1), np.full((512, 1, 1), 6.0)
    >>> around = conditional(y, flat, design, None)
    >>> g, log_q = drawn(around, np.random.default_rng(1), 7.0)
    >>> correction = log_correction(y, flat, design, None, around, g, log_q)
    >>> round(float(np.exp(correction).mean()), 2)  # the counts are near normal, and the approximation near exact
    1.0
    """
    log_mean = offset + np.einsum("stg,sg->st", design, g)
    size = g.shape[1]
    exact = log_likelihood(events, log_mean, spread) - 0.5 * (g**2).sum(-1) - 0.5 * size * np.log(2 * np.pi)
    return np.asarray(exact - log_q - around.log_marginal)

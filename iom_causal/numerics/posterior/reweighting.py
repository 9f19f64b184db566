"""Reweighting of joint draws by a prior on the last of their columns, also where the two hardly overlap."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from iom_causal.errors import ConvergenceError
from iom_causal.numerics.posterior.importance import pareto_k
from iom_causal.numerics.posterior.marginal import cumulated

type Floats = NDArray[np.float64]
type LogPrior = Callable[[Floats], Floats]
"""Values (S,) to their log prior densities (S,)."""

LEAST_EFFECTIVE = 100
"""Weighted draws that are worth fewer equally weighted ones are not to be trusted."""
HIGHEST_K = 0.7
"""Nor are those whose Pareto k is higher (Vehtari et al. 2024)."""
SAFE = 0.25
"""Share of the draws that are effective from which on the tail of the weights needs no look."""
SUMMARY = 401
"""Quantiles that stand for the draws where a shift is searched for."""


class Reweighted(NamedTuple):
    """Draws under a prior.

    Attributes
    ----------
    values : ndarray
        (D, K).
    weight : ndarray
        (D,), adding to 1.
    effective : float
        How many equally weighted draws they are worth.
    """

    values: Floats
    weight: Floats
    effective: float

    @property
    def degenerate(self) -> bool:
        """Whether the weights are not to be trusted."""
        few = self.effective < LEAST_EFFECTIVE
        return few or (self.effective < SAFE * len(self.weight) and (self.tail or 0.0) > HIGHEST_K)

    @property
    def tail(self) -> float | None:
        """Pareto k of the weights; None where all are alike."""
        if np.ptp(self.weight) == 0:
            return None
        with np.errstate(divide="ignore"):
            return pareto_k(np.log(self.weight))


def reweighted(values: Floats, log_weight: Floats) -> Reweighted:
    """Weigh joint draws by importance.

    Parameters
    ----------
    values : ndarray
        (D, K).
    log_weight : ndarray
        (D,) up to a constant: of draws under a flat prior the log prior density.

    Raises
    ------
    ConvergenceError
        IOM-E080 where no draw has a weight.

    References
    ----------
    Vehtari, Simpson, Gelman, Yao & Gabry (2024), JMLR 25(72).

    Examples
    --------
    >>> x = np.random.default_rng(1).normal(1.0, 1.0, (20_000, 1))
    >>> found = reweighted(x, -0.5 * x[:, 0] ** 2)
    >>> round(float(found.weight @ found.values[:, 0]), 2), found.degenerate
    (0.5, False)
    """
    highest = float(log_weight.max())
    if not np.isfinite(highest):
        raise ConvergenceError("IOM-E080", "the prior holds impossible all that the draws leave; state a wider one")
    weight = np.exp(log_weight - highest)
    weight /= weight.sum()
    return Reweighted(values, weight, float(1 / (weight @ weight)))


def unweighted(values: Floats) -> Reweighted:
    """Return draws as they are, under the flat prior under which they were drawn."""
    size = len(values)
    return Reweighted(values, np.full(size, 1 / size), float(size))


class Noise(NamedTuple):
    """The normal part of joint draws, which are ``fixed + scale * deviation``.

    Attributes
    ----------
    fixed : ndarray
        (D, K).
    deviation : ndarray
        (D, K) jointly normal draws with mean 0, independent of the others.
    scale : ndarray
        (D,).
    """

    fixed: Floats
    deviation: Floats
    scale: Floats


def reweighted_by_parts(parts: Noise, log_prior: LogPrior, centre: float, sd: float) -> Reweighted:
    """Weigh joint draws by importance, after their normal part was moved to where it meets a prior.

    Given the other parts of a draw, the deviation of the last column has a normal posterior under a normal prior: the
    draw's own standard normal number is taken there, the other columns follow by their regression on the last, and the
    weight holds what is left, under a normal prior the density of the fixed part alone. So weights do not degenerate
    by sampling, however far from the prior the draws lie. Of other priors the proposal is that of a normal one.

    Parameters
    ----------
    parts : Noise
        Of draws under a flat prior.
    log_prior : callable
        Of the last column.
    centre, sd : float
        Centre and standard deviation of the prior.

    Examples
    --------
    >>> z = np.random.default_rng(1).normal(0.0, 0.1, (20_000, 1))
    >>> parts = Noise(np.ones((20_000, 1)), z, np.ones(20_000))
    >>> found = reweighted_by_parts(parts, lambda x: -0.5 * (x / 0.1) ** 2, 0.0, 0.1)
    >>> round(float(found.weight @ found.values[:, 0]), 2), round(found.effective)
    (0.5, 20000)
    """
    last = parts.deviation[:, -1]
    variance = float(np.mean(last**2))
    slope = np.einsum("dk,d->k", parts.deviation, last) / (len(last) * variance)
    precision = 1 / variance + (parts.scale / sd) ** 2
    mean = parts.scale * (centre - parts.fixed[:, -1]) / sd**2 / precision
    z = last / np.sqrt(variance)
    moved = mean + z / np.sqrt(precision)
    values = parts.fixed + parts.scale[:, None] * (parts.deviation + np.outer(moved - last, slope))
    log_weight = log_prior(values[:, -1]) + (z**2 - moved**2 / variance - np.log(precision)) / 2
    return reweighted(values, log_weight)


def shift_to_even(values: Floats, log_prior: LogPrior | None) -> float:
    """Shift of draws at which a value below 0 and one above it are equally likely under a prior.

    Parameters
    ----------
    values : ndarray
        (D,) draws under a flat prior.
    log_prior : callable or None
        Of a draw less its shift; None is flat.

    Examples
    --------
    >>> x = np.random.default_rng(1).normal(-0.5, 0.1, 20_000)
    >>> round(shift_to_even(x, None), 2), round(shift_to_even(x, lambda t: -0.5 * (t / 0.3) ** 2), 2)
    (-0.5, -0.5)
    """
    if log_prior is None:
        return float(np.median(values))
    places = ((np.arange(SUMMARY) + 0.5) / SUMMARY * len(values)).astype(int)
    some = np.sort(values, kind="stable")[places]

    def excess(shift: float) -> float:
        log_weight = log_prior(some - shift)
        highest = log_weight.max()
        if not np.isfinite(highest):
            return 0.5 if shift > some[SUMMARY // 2] else -0.5
        found = cumulated(some - shift, np.exp(log_weight - highest))
        return float(np.interp(0.0, found.values, found.share, left=0.0, right=1.0)) - 0.5

    return float(brentq(excess, some[0] - 1e-9, some[-1] + 1e-9, xtol=1e-6))

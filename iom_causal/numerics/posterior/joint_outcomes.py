"""Counts and scores of the same people: LKJ correlations, and likelihoods of persons with log rates integrated."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.numerics.kernels.gauss_hermite import normal_rule
from iom_causal.numerics.posterior.latent_gaussian import conditional, drawn
from iom_causal.numerics.posterior.series import log_likelihood

type Floats = NDArray[np.float64]
type Integers = NDArray[np.int64]

DIMENSION = 4
PAIRS = tuple((i, j) for i in range(1, DIMENSION) for j in range(i))
"""Rows and columns of the partial correlations: 1-0, 2-0, 2-1, 3-0 and so on, each given all columns before its own."""
NODES = 5
"""Of the quadrature in each direction, about the mode; a person's log likelihood is right to about 1e-3."""
PROPOSALS, DF = 16, 7.0
"""Of a draw of log rates: how many are weighed, and degrees of freedom of the t that they come from."""
NEVER = -700.0
"""The log of what is expected where there is no exposure: nothing."""
ROWS = 20_000
"""Persons times draws that are worked out at once."""


def lkj_shapes(eta: float) -> Floats:
    """Return the Beta shapes of half of one plus each partial correlation of `PAIRS` under LKJ(eta), (6,).

    References
    ----------
    Lewandowski, Kurowicka & Joe (2009), J. Multivar. Anal. 100, 1989-2001.

    Examples
    --------
    >>> lkj_shapes(2.0).tolist()
    [3.0, 3.0, 2.5, 3.0, 2.5, 2.0]
    """
    return np.array([eta + (DIMENSION - 2 - j) / 2 for _, j in PAIRS])


def cholesky(partial: Floats) -> Floats:
    """Return the Cholesky factors of correlation matrices, (..., 4, 4), from partial correlations (..., 6).

    Examples
    --------
    >>> factor = cholesky(np.array([0.5, 0.0, 0.0, 0.0, 0.0, 0.0]))
    >>> (factor @ factor.T)[1, 0].item()
    0.5
    """
    factor = np.zeros((*partial.shape[:-1], DIMENSION, DIMENSION))
    left = np.ones((*partial.shape[:-1], DIMENSION))
    for k, (i, j) in enumerate(PAIRS):
        factor[..., i, j] = partial[..., k] * left[..., i]
        left[..., i] = left[..., i] * np.sqrt(1 - partial[..., k] ** 2)
    factor[..., range(DIMENSION), range(DIMENSION)] = left
    return factor


class Joint(NamedTuple):
    """Means and covariance of log rates before and after and true scores before and after, at S draws.

    Attributes
    ----------
    mean : ndarray
        (S, 4).
    cov : ndarray
        (S, 4, 4).
    sem : float
        Standard error of measurement of a score.
    """

    mean: Floats
    cov: Floats
    sem: float

    def lost_variance(self) -> tuple[Floats, Floats]:
        """Return the variance of a true score after, given the score before, and given the log rates as well, (S,)."""
        observed = self.cov + np.diag([0.0, 0.0, self.sem**2, 0.0])
        return tuple(_left(observed, given) for given in ([2], [0, 1, 2]))  # type: ignore[return-value]


def _left(cov: Floats, given: list[int]) -> Floats:
    among = cov[:, given][:, :, given]
    across = cov[:, given, 3]
    return np.asarray(cov[:, 3, 3] - (across * np.linalg.solve(among, across[..., None])[..., 0]).sum(-1))


def person_log_likelihood(counts: Floats, log_exposure: Floats, scores: Floats, joint: Joint) -> Floats:
    """Log likelihood of each person, (S, n): scores are normal, and counts Poisson given log rates, integrated out.

    Given the scores that are there, log rates are normal; the integral over them is adaptive Gauss-Hermite.

    Parameters
    ----------
    counts : ndarray
        (n, 2), any number where there is no exposure.
    log_exposure : ndarray
        (n, 2), minus infinity where nothing was observed.
    scores : ndarray
        (n, 2), NaN where missing.
    joint : Joint
        At S draws.
    """
    found = np.empty((len(joint.mean), len(counts)))
    for at, who, mean, factor, log_density in _parts(scores, joint):
        found[at, who] = log_density + _integrated(_Counts.of(counts[who], log_exposure[who], mean, factor))
    return found


def person_rates(
    counts: Floats, log_exposure: Floats, scores: Floats, joint: Joint, rng: np.random.Generator
) -> Floats:
    """Draw log rates of each person given counts and scores, (S, n, 2), by sampling-importance-resampling.

    Of `PROPOSALS` draws from a t about the mode one is taken, by its weight.

    Parameters
    ----------
    counts, log_exposure, scores, joint
        As for `person_log_likelihood`.
    rng : Generator
        The draws.
    """
    found = np.empty((len(joint.mean), len(counts), 2))
    for at, who, mean, factor, _ in _parts(scores, joint):
        c = _Counts.of(counts[who], log_exposure[who], mean, factor)
        around = conditional(c.counts, c.offset, c.design, None)
        proposed = [drawn(around, rng, DF) for _ in range(PROPOSALS)]
        weight = np.stack([c.height(g) - log_q for g, log_q in proposed])
        chosen = np.argmax(weight + rng.gumbel(size=weight.shape), axis=0)
        g = np.stack([g for g, _ in proposed])[chosen, np.arange(chosen.size)]
        rates = mean + np.einsum("sij,snj->sni", factor, g.reshape(mean.shape))
        found[at, who] = rates
    return found


def _parts(scores: Floats, joint: Joint) -> Iterator[tuple[Integers, Integers, Floats, Floats, Floats]]:
    """Yield draws and persons, with one pattern of scores each, and what scores tell: `_given_scores`."""
    patterns = np.isnan(scores) @ np.array([1, 2])
    for pattern in np.unique(patterns):
        who = np.flatnonzero(patterns == pattern)
        seen = [k for k in (0, 1) if not pattern & (1 << k)]
        step = max(1, ROWS // who.size)
        for s in range(0, len(joint.mean), step):
            part = Joint(joint.mean[s : s + step], joint.cov[s : s + step], joint.sem)
            at = np.arange(s, s + len(part.mean))[:, None]
            yield at, who, *_given_scores(scores[who][:, seen], [2 + k for k in seen], part)


def _given_scores(x: Floats, places: list[int], joint: Joint) -> tuple[Floats, Floats, Floats]:
    """Return mean (S, n, 2) and Cholesky factor (S, 2, 2) of log rates given scores, and the scores' log density."""
    among = joint.cov[:, places][:, :, places] + joint.sem**2 * np.eye(len(places))
    off = x - joint.mean[:, None, places]
    root = np.linalg.cholesky(among)
    scaled = np.linalg.solve(root[:, None], off[..., None])[..., 0]
    log_density = -0.5 * (scaled**2).sum(-1) - np.log(np.einsum("sii->si", root)).sum(-1)[:, None]
    log_density = log_density - 0.5 * len(places) * np.log(2 * np.pi)
    across = joint.cov[:, :2][:, :, places]
    gain = np.linalg.solve(among, np.swapaxes(across, 1, 2))
    left = joint.cov[:, :2, :2] - across @ gain
    return joint.mean[:, None, :2] + off @ gain, np.linalg.cholesky(left), log_density


class _Counts(NamedTuple):
    """Counts of persons at draws, one row each, whose log rates are linear in two standard normal variables."""

    counts: Floats
    offset: Floats
    design: Floats
    shape: tuple[int, int]

    @classmethod
    def of(cls, counts: Floats, log_exposure: Floats, mean: Floats, factor: Floats) -> "_Counts":
        """Lay out persons (n, 2) at draws (S, n, 2) and (S, 2, 2)."""
        s, n = mean.shape[:2]
        exposed = np.isfinite(log_exposure)
        offset = np.where(exposed, mean + np.where(exposed, log_exposure, 0.0), NEVER)
        design = np.where(exposed[:, :, None], factor[:, None], 0.0)
        y = np.broadcast_to(np.where(exposed, counts, 0.0), (s, n, 2))
        return cls(y.reshape(s * n, 2), offset.reshape(s * n, 2), design.reshape(s * n, 2, 2), (s, n))

    def height(self, g: Floats) -> Floats:
        """Return the log density of counts and variables, without the constant of these."""
        log_mean = self.offset + np.einsum("rtg,rg->rt", self.design, g)
        return np.asarray(log_likelihood(self.counts, log_mean) - 0.5 * (g**2).sum(-1))


def _integrated(c: _Counts) -> Floats:
    """Return the log probability of counts by adaptive Gauss-Hermite quadrature, (S, n)."""
    around = conditional(c.counts, c.offset, c.design, None)
    points, weights = normal_rule(NODES)
    upper = np.swapaxes(around.factor, 1, 2)
    total = np.full(len(c.counts), -np.inf)
    for (i, j), weight in np.ndenumerate(np.outer(weights, weights)):
        node = np.array([points[i], points[j]])
        away = np.stack([node[0] - upper[:, 0, 1] * node[1] / upper[:, 1, 1], np.full(len(upper), node[1])], axis=-1)
        g = around.mode + away / np.einsum("rgg->rg", upper)
        total = np.logaddexp(total, c.height(g) + 0.5 * float(node @ node) + np.log(weight))
    total -= np.log(np.einsum("rgg->rg", around.factor)).sum(-1)
    return total.reshape(c.shape)

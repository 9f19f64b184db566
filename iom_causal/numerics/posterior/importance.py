"""Importance sampling of a posterior of few parameters: Laplace's mode, then a multivariate t on a Sobol sequence."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaincinv, gammaln, logsumexp, ndtri

from iom_causal.errors import ConvergenceError

type Floats = NDArray[np.float64]
type LogDensity = Callable[[Floats], Floats]
"""Points (S, d) to their log densities (S,), which may lack a constant."""

POINTS = 1024
"""How many points; a power of two, so that the sequence is balanced."""
DF = 7.0
"""Degrees of freedom of the proposal: its tails are heavier than those of a posterior of logs."""
HEAVY_DF, LARGEST_CUT, ENOUGH_K, ROUNDS = 4.0, 20, 0.4, 6
"""Of adaptive importance sampling: degrees of freedom of later proposals, how many of the largest weights are cut to
the least of them, and when it ends."""
STEP = 1e-3
"""Of differences, in spreads of the parameter."""
CLOSE = 1e-7
"""Half the squared distance to the mode, in standard deviations, at which the search ends."""
MOST_STEPS = 100
SHORTEST = 2.0**-20
EQUAL = 1e-9
"""Range of log weights that are taken as equal."""
CENTRES, WIDTH = 128, 0.6
"""Of a second round: how many components, and their SD as a share of the posterior's."""
FLATTEST = 1e-3


class Laplace(NamedTuple):
    """Normal approximation at a mode.

    Attributes
    ----------
    mode : ndarray
        (d,).
    factor : ndarray
        (d, d) lower Cholesky factor of the covariance.
    log_density : float
        At the mode.
    """

    mode: Floats
    factor: Floats
    log_density: float


class Weighted(NamedTuple):
    """Weighted points of a posterior.

    Attributes
    ----------
    points : ndarray
        (S, d).
    log_weight : ndarray
        (S,) of which the exponentials sum to 1.
    pareto_k : float
        Shape of the tail of the raw weights (ArviZ); above 0.7 they are not to be trusted.
    effective : float
        How many equally weighted points they are worth.
    log_evidence : float
        Log of the integral of the density.
    """

    points: Floats
    log_weight: Floats
    pareto_k: float
    effective: float
    log_evidence: float

    @property
    def weight(self) -> Floats:
        """(S,) weights that sum to 1."""
        return np.exp(self.log_weight)


def laplace(log_density: LogDensity, start: ArrayLike, spread: ArrayLike, *, flattest: float = FLATTEST) -> Laplace:
    """Laplace approximation: the mode by damped Newton steps on differences, and the curvature there.

    Parameters
    ----------
    log_density : callable
        Points (S, d) to (S,).
    start, spread : array_like
        (d,) where to begin, and roughly how far each parameter ranges.
    flattest : float
        Curvature in squared units of the spreads below which a direction is taken to be as flat as this.

    Raises
    ------
    ConvergenceError
        IOM-E080 where the start has no density, or no mode is reached.

    Examples
    --------
    >>> found = laplace(lambda z: -0.5 * ((z - 3.0) ** 2).sum(-1) / 0.25, [0.0, 0.0], [1.0, 1.0])
    >>> found.mode.round(6).tolist(), found.factor.round(4).tolist()
    ([3.0, 3.0], [[0.5, 0.0], [0.0, 0.5]])
    """
    at, unit = np.array(start, dtype=np.float64), np.array(spread, dtype=np.float64)
    value, gradient, curvature = _slopes(log_density, at, unit)
    for _ in range(MOST_STEPS):
        step, size = _newton(gradient, curvature, flattest)
        if size < CLOSE:
            roots, vectors = _roots(curvature, flattest)
            covariance = (vectors / roots) @ vectors.T
            factor = np.linalg.cholesky(covariance * np.outer(unit, unit))
            return Laplace(at + unit * step, factor, value)
        share = 1.0
        while True:
            tried = at + share * unit * step
            there = float(log_density(tried[None])[0])
            if there > value - 1e-9 * max(1.0, abs(value)):
                break
            share /= 2
            if share < SHORTEST:
                raise ConvergenceError("IOM-E080", "the search for the posterior's mode went no higher")
        at = tried
        value, gradient, curvature = _slopes(log_density, at, unit)
    raise ConvergenceError("IOM-E080", f"the posterior's mode was not reached in {MOST_STEPS} steps")


def _slopes(log_density: LogDensity, at: Floats, unit: Floats) -> tuple[float, Floats, Floats]:
    """Return value, gradient and second derivatives in units of the spreads, by central differences in one call."""
    d = at.size
    moves = STEP * np.eye(d)
    pairs = [(i, j) for i in range(d) for j in range(i)]
    stencil = [np.zeros(d), *moves, *-moves]
    stencil += [s * moves[i] + s * moves[j] for i, j in pairs for s in (1, -1)]
    values = log_density(at + np.array(stencil) * unit)
    if not np.isfinite(values).all():
        raise ConvergenceError("IOM-E080", "the search for the posterior's mode came where there is no density")
    here, up, down = float(values[0]), values[1 : d + 1], values[d + 1 : 2 * d + 1]
    gradient = (up - down) / (2 * STEP)
    curvature = np.diag((up - 2 * here + down) / STEP**2)
    both = values[2 * d + 1 :].reshape(-1, 2).sum(-1)
    for (i, j), total in zip(pairs, both, strict=True):
        mixed = (total - up[i] - down[i] - up[j] - down[j] + 2 * here) / (2 * STEP**2)
        curvature[i, j] = curvature[j, i] = mixed
    return here, gradient, curvature


def _roots(curvature: Floats, flattest: float) -> tuple[Floats, Floats]:
    roots, vectors = np.linalg.eigh(-curvature)
    return np.maximum(np.abs(roots), flattest), vectors


def _newton(gradient: Floats, curvature: Floats, flattest: float) -> tuple[Floats, float]:
    if not (np.isfinite(gradient).all() and np.isfinite(curvature).all()):
        raise ConvergenceError("IOM-E080", "the posterior has no slope where the search for its mode came")
    roots, vectors = _roots(curvature, flattest)
    along = vectors.T @ gradient
    return np.asarray(vectors @ (along / roots)), float((along**2 / roots).sum() / 2)


def importance(
    log_density: LogDensity,
    around: Laplace,
    rng: np.random.Generator,
    *,
    points: int = POINTS,
    df: float = DF,
) -> Weighted:
    """Self-normalised importance sampling from a multivariate t about a mode, on a scrambled Sobol sequence.

    Right where the posterior is near its Laplace approximation up to skewness and tails; `Weighted.pareto_k` says.

    Parameters
    ----------
    log_density : callable
        Points (S, d) to (S,).
    around : Laplace
        Centre and spread of the proposal.
    rng : Generator
        Scrambles the sequence.
    points : int
        A power of two.
    df : float
        Degrees of freedom of the proposal.

    References
    ----------
    Vehtari, Simpson, Gelman, Yao & Gabry (2024), JMLR 25(72), for the Pareto k.

    Examples
    --------
    >>> target = lambda z: -0.5 * (z**2).sum(-1)
    >>> drawn = importance(target, laplace(target, [0.0], [1.0]), np.random.default_rng(1))
    >>> round(float(drawn.weight @ drawn.points[:, 0] ** 2), 2), drawn.pareto_k < 0.7
    (1.0, True)
    """
    z = t_points(around.mode.size, df, points, rng)
    placed = around.mode + z @ around.factor.T
    proposal = log_t((z**2).sum(-1), around.factor, df)
    with np.errstate(all="ignore"):
        raw = np.asarray(log_density(placed)) - proposal
    return weighted(placed, raw - np.log(points))


def refined(
    log_density: LogDensity,
    first: Weighted,
    rng: np.random.Generator,
    *,
    broad: tuple[Floats, LogDensity],
    points: int = POINTS,
    df: float = DF,
) -> Weighted:
    """Self-normalised importance sampling once more, from t densities about a first round's points and a broad density.

    For posteriors of few parameters with ridges, shoulders or several modes. The broad density, such as the prior,
    bounds the weights where the others do not reach: a spread that may be 0 has a tail on the log scale that a t about
    its mode misses.

    Parameters
    ----------
    log_density : callable
        Points (S, d) to (S,).
    first : Weighted
        The first round.
    rng : Generator
        Chooses centres and draws.
    broad : (ndarray, callable)
        Draws (B, d) of the broad density, which are taken too, and its log density, with its constant.
    points : int
        How many points about those of the first round; a power of two.
    df : float
        Degrees of freedom of each component.

    References
    ----------
    West (1993), J. R. Stat. Soc. B 55, 409-422; Owen & Zhou (2000), J. Am. Stat. Assoc. 95, 135-143, for mixtures.

    Examples
    --------
    >>> target = lambda z: np.logaddexp(-0.5 * (z[:, 0] - 4) ** 2, -0.5 * (z[:, 0] + 4) ** 2)
    >>> uniform = (np.linspace(-10.0, 10.0, 256)[:, None], lambda z: np.full(len(z), -np.log(20)))
    >>> first = weighted(uniform[0], target(uniform[0]))
    >>> found = refined(target, first, np.random.default_rng(1), broad=uniform)
    >>> bool(abs(found.log_evidence - np.log(2 * np.sqrt(2 * np.pi))) < 0.05), found.pareto_k < 0.5
    (True, True)
    """
    mean = first.weight @ first.points
    away = first.points - mean
    factor = WIDTH * np.linalg.cholesky((first.weight[:, None] * away).T @ away)
    centres = resampled(first, rng, CENTRES)
    own = rng.permutation(np.arange(points) % CENTRES)
    near = centres[own] + t_points(len(mean), df, points, rng) @ factor.T
    placed = np.concatenate([near, broad[0]])
    scaled, about = (np.linalg.solve(factor, x.T).T for x in (placed, centres))
    square = ((scaled[:, None] - about) ** 2).sum(-1)
    mixture = logsumexp(log_t(square, factor, df), axis=1) + np.log(points / CENTRES)
    proposal = np.logaddexp(mixture, broad[1](placed) + np.log(len(broad[0])))
    with np.errstate(all="ignore"):
        raw = np.asarray(log_density(placed)) - proposal
    return weighted(placed, raw)


def weighted(points: Floats, raw: Floats, log_evidence: float = 0.0) -> Weighted:
    """Normalise log weights, of which the exponentials sum to the integral, or to its ratio to that of `log_evidence`.

    Examples
    --------
    >>> found = weighted(np.zeros((100, 1)), np.log(np.arange(1.0, 101.0)))
    >>> round(found.effective, 1), round(float(np.exp(found.log_evidence)))
    (75.4, 5050)
    """
    raw = np.where(np.isnan(raw), -np.inf, raw)
    total = float(logsumexp(raw))
    if not np.isfinite(total):
        raise ConvergenceError("IOM-E080", "no point of the proposal has a posterior density")
    log_weight = raw - total
    effective = float(1 / np.exp(2 * log_weight).sum())
    return Weighted(points, log_weight, pareto_k(log_weight), effective, total + log_evidence)


def t_points(d: int, df: float, points: int, rng: np.random.Generator) -> Floats:
    """Return points of a standard multivariate t, (points, d), on a scrambled Sobol sequence.

    Parameters
    ----------
    d : int
        Dimensions.
    df : float
        Degrees of freedom.
    points : int
        A power of two.
    rng : Generator
        One number of it scrambles the sequence.

    Examples
    --------
    >>> t_points(2, 7.0, 4, np.random.default_rng(1)).shape
    (4, 2)
    """
    from scipy.stats import qmc  # noqa: PLC0415 slow to load

    scramble = np.random.default_rng(int(rng.integers(2**63)))  # not every generator has children
    uniform = np.clip(qmc.Sobol(d + 1, rng=scramble).random(points), 1e-12, 1 - 1e-12)
    wide = np.sqrt(df / (2 * gammaincinv(df / 2, uniform[:, d])))
    return np.asarray(ndtri(uniform[:, :d]) * wide[:, None])


def log_t(square: Floats, factor: Floats, df: float) -> Floats:
    """Return the log density of a t at squared distances from its centre, in its own scale."""
    d = factor.shape[-1]
    constant = gammaln((df + d) / 2) - gammaln(df / 2) - d / 2 * np.log(df * np.pi) - np.log(np.diag(factor)).sum()
    return np.asarray(constant - (df + d) / 2 * np.log1p(square / df))


def adapted(
    log_density: LogDensity,
    around: Laplace,
    rng: np.random.Generator,
    *,
    points: int = POINTS,
    enough: float = ENOUGH_K,
    rounds: int = ROUNDS,
    share: float = 0.0,
    wider: float = 1.0,
    last: int | None = None,
) -> Weighted:
    """Adaptive importance sampling: while weights have a heavy tail, a new t about the weighted moments (Bugallo 2017).

    The first proposal is that of `importance`; later ones have heavier tails, and moments are taken with the largest
    weights cut to one of them (Ionides 2008). Of few people, whose posterior is skewed, it takes some rounds; of many
    it takes none.

    Parameters
    ----------
    log_density, around, rng, points
        As for `importance`.
    enough : float
        The Pareto k at which it ends.
    rounds : int
        At most so many more proposals; the best by Pareto k is returned.
    share : float
        Effective share of the points below which it does not end either.
    wider : float
        By which factor the variance of a later proposal exceeds that of the points: of a bent posterior, 2.
    last : int, optional
        How many points there are in the end, where these are more than on the way; rounds are then as many again.

    References
    ----------
    Bugallo et al. (2017), IEEE Signal Process. Mag. 34(4), 60-79; Ionides (2008), J. Comput. Graph. Stat. 17, 295-311.

    Examples
    --------
    >>> far_off = Laplace(np.array([1.0]), np.array([[0.5]]), 0.0)
    >>> drawn = adapted(lambda z: -0.5 * (z**2).sum(-1), far_off, np.random.default_rng(1))
    >>> round(float(drawn.weight @ drawn.points[:, 0] ** 2), 1), bool(drawn.pareto_k < 0.7)
    (1.0, True)
    """

    def moved(best: Weighted, size: int) -> Weighted | None:
        proposal = _moments(best, wider)
        return None if proposal is None else importance(log_density, proposal, rng, points=size, df=HEAVY_DF)

    best = importance(log_density, around, rng, points=points)
    for size in dict.fromkeys((points, last or points)):
        if size > points:
            best = moved(best, size) or best
        for _ in range(rounds):
            if best.pareto_k < enough and best.effective >= share * len(best.points):
                break
            found = moved(best, size)
            if found is None:
                break
            best = min(best, found, key=lambda w: w.pareto_k)
    return best


def _moments(of: Weighted, wider: float) -> Laplace | None:
    """Return centre and spread by weights, the largest of which are cut; None of all weight on too few points."""
    weight = np.minimum(of.weight, np.sort(of.weight)[-LARGEST_CUT])
    weight = weight / weight.sum()
    mean = weight @ of.points
    off = of.points - mean
    try:
        return Laplace(mean, np.linalg.cholesky(wider * (weight * off.T) @ off), of.log_evidence)
    except np.linalg.LinAlgError:
        return None


def pareto_k(log_weight: Floats) -> float:
    """Return the Pareto k of raw importance weights, as ArviZ fits it (which takes log likelihoods: the sign turns)."""
    from arviz_stats.base import array_stats  # noqa: PLC0415 slow to load

    finite = log_weight[np.isfinite(log_weight)]
    if np.ptp(finite) < EQUAL:
        return 0.0  # equal weights have no tail
    with np.errstate(all="ignore"):  # of weights that are all but 0 in one point alone
        return float(array_stats.psislw(-finite)[1])


def resampled(weighted: Weighted, rng: np.random.Generator, size: int) -> Floats:
    """Systematic resampling: `size` equally weighted points (size, d), in random order.

    Examples
    --------
    >>> target = lambda z: -0.5 * (z**2).sum(-1)
    >>> drawn = importance(target, laplace(target, [0.0], [1.0]), np.random.default_rng(1))
    >>> resampled(drawn, np.random.default_rng(2), 50).shape
    (50, 1)
    """
    order = np.argsort(weighted.points[:, 0], kind="stable")
    edges = np.cumsum(weighted.weight[order])
    places = np.searchsorted(edges / edges[-1], (np.arange(size) + rng.random()) / size, side="right")
    return np.asarray(weighted.points[rng.permutation(order[np.minimum(places, order.size - 1)])])

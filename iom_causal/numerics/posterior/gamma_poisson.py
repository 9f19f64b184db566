"""Posterior of the gamma-Poisson model of counts before and after on a tensor grid, over a leading replicate axis.

Each person's rate is a gamma frailty of mean 1 and variance v times a mean common to all, which changes by a common
ratio. Where exposure is common to all, totals of people are negative binomial with mean M and variance v, events before
are binomial given them, and only the prior of the mean before ties the ratio to M.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from iom_causal.errors import ConvergenceError
from iom_causal.numerics.posterior.marginal import Cumulated, of_density, quantiles

type Floats = NDArray[np.float64]
type LogDensity = Callable[[Floats], Floats]

POINTS = (33, 25, 17)
"""Of the log ratio, of the log mean of totals, and of the variance's scale."""
COARSE = (9, 9, 9)
"""Of the passes that find where the posterior is."""
REFINE = (4, 2, 2)
"""Into how many cells a spacing is cut for quantiles and draws."""
DROP = 16.0
"""How far the log marginal has fallen at the edges of the grid: to a ten-millionth of its top."""
NEAR, FAR = 13.0, 26.0
"""Falls at the edges with which a grid is accepted."""
MOST_PASSES = 60
LOWEST, HIGHEST = -3.7, 60.0
"""Of the variance's scale: variances from 1e-18 to 1e26."""
SMALLEST = 1e-18
"""A variance below this is none to the last digit."""
WIDE = 7.0
"""Half the width of the first grid, in standard deviations."""
BLOCK = 20_000
"""Draws at a time."""


class Totals(NamedTuple):
    """Counts as the likelihood reads them.

    Attributes
    ----------
    people, before, after : ndarray
        (R,) people and events, by weight.
    more : ndarray
        (R, K) people with more than k events in all.
    """

    people: Floats
    before: Floats
    after: Floats
    more: Floats

    def take(self, which: NDArray[Any]) -> "Totals":
        """Return some replicates."""
        return Totals(*(part[which] for part in self))


class Priors(NamedTuple):
    """Log densities of the log ratio, the log mean before and the variance, and where each lies.

    Attributes
    ----------
    log_ratio, log_mean, variance : callable
        Values to log densities, elementwise; positive everywhere, of the variance above 0.
    centre, spread : tuple of float
        Means and standard deviations of log ratio, log mean and log variance.
    """

    log_ratio: LogDensity
    log_mean: LogDensity
    variance: LogDensity
    centre: tuple[float, float, float]
    spread: tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class Grid:
    """A posterior on tensor grids, one a replicate.

    Attributes
    ----------
    totals : Totals
        Of the data.
    log_days : float
        Log of exposure after over before.
    priors : Priors
        Of the parameters.
    box : ndarray
        (R, 3, 2) ends of the grid: log ratio, log mean of totals, and the variance's scale t, the variance being
        ``exp(t - exp(-t))`` so that its density falls off fast at both ends (Takahasi & Mori 1974).
    ratio : ndarray
        (R, I) density of the log ratio, of sum 1.
    mean : ndarray
        (R, J) log of the density of the log mean of totals without its prior.
    log_marginals : tuple of ndarray
        (R, I), (R, J) and (R, K) logs of the three marginal densities up to constants.
    """

    totals: Totals
    log_days: float
    priors: Priors
    box: Floats
    ratio: Floats
    mean: Floats
    log_marginals: tuple[Floats, Floats, Floats]

    def marginal(self) -> Cumulated:
        """Return the marginal of the log ratio of every replicate."""
        return of_density(self.box[:, 0, 0], _step(self.box, 0, self.ratio.shape[1]), self.ratio, REFINE[0])

    def take(self, which: Any) -> "Grid":
        """Return some replicates."""
        logs = tuple(part[which] for part in self.log_marginals)
        return replace(
            self,
            totals=self.totals.take(which),
            box=self.box[which],
            ratio=self.ratio[which],
            mean=self.mean[which],
            log_marginals=logs,
        )


@njit(cache=True, nogil=True)
def totals(y, weight):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201 numba infers them
    """Return people, events and tail counts of counts (R, n, 2) with weights (1 or R, n)."""
    reps, n = y.shape[0], y.shape[1]
    people, before, after = np.zeros(reps), np.zeros(reps), np.zeros(reps)
    most = 0
    for r in range(reps):
        for i in range(n):
            most = max(most, y[r, i, 0] + y[r, i, 1])
    more = np.zeros((reps, most + 1))
    for r in range(reps):
        w = weight[r if weight.shape[0] > 1 else 0]
        for i in range(n):
            people[r] += w[i]
            before[r] += w[i] * y[r, i, 0]
            after[r] += w[i] * y[r, i, 1]
            more[r, y[r, i, 0] + y[r, i, 1]] += w[i]
        above = 0.0
        for k in range(most, -1, -1):
            own = more[r, k]
            more[r, k] = above
            above += own
    return people, before, after, more


@njit(cache=True, nogil=True)
def _log1pexp(x):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    return max(x, 0.0) + np.log1p(np.exp(-abs(x)))


@njit(cache=True, nogil=True)
def _rising(more, variance):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    """Return the sum over people of log (1 + v)(1 + 2 v) ... (1 + (y - 1) v)."""
    total = 0.0
    for k in range(1, more.size):
        if more[k] == 0.0:
            break
        total += more[k] * np.log1p(k * variance)
    return total


@njit(cache=True, nogil=True)
def _likelihood(people, before, after, more, log_days, ratio, mean, variance):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    """Return the log likelihood of the ratio (R, I), and of mean and variance of totals (R, J, K)."""
    reps = ratio.shape[0]
    split = np.zeros(ratio.shape)
    whole = np.zeros((reps, mean.shape[1], variance.shape[1]))
    for r in range(reps):
        events = before[r] + after[r]
        for i in range(ratio.shape[1]):
            odds = ratio[r, i] + log_days
            split[r, i] = after[r] * odds - events * _log1pexp(odds)
        for k in range(variance.shape[1]):
            v = variance[r, k]
            rising, size = _rising(more[r], v), events + people[r] / v
            for j in range(mean.shape[1]):
                whole[r, j, k] = rising + events * mean[r, j] - size * np.log1p(np.exp(mean[r, j]) * v)
    return split, whole


@njit(cache=True, nogil=True)
def log_likelihood(people, before, after, more, log_days, ratio, mean, variance):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201
    """Return log likelihoods (R, S) at log ratios, log means of totals and variances (R, S), without counts' constants.

    Of events before and after together: the binomial coefficients are left out, as are factorials of counts.
    """
    out = np.zeros(ratio.shape)
    for r in range(ratio.shape[0]):
        events = before[r] + after[r]
        for s in range(ratio.shape[1]):
            odds, v = ratio[r, s] + log_days, max(variance[r, s], SMALLEST)
            size = events + people[r] / v
            out[r, s] = after[r] * odds - events * _log1pexp(odds)
            out[r, s] += _rising(more[r], v) + events * mean[r, s] - size * np.log1p(np.exp(mean[r, s]) * v)
    return out


@njit(cache=True, nogil=True)
def _marginals(split, tied, whole):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    """Return log marginals of ratio, mean and variance, and the mean's without its prior, from log densities."""
    reps, size_i = split.shape
    size_j, size_k = whole.shape[1], whole.shape[2]
    ratio, mean, variance = np.zeros((reps, size_i)), np.zeros((reps, size_j)), np.zeros((reps, size_k))
    free = np.zeros((reps, size_j))
    for r in range(reps):
        for j in range(size_j):
            top = np.max(whole[r, j])
            total = 0.0
            for k in range(size_k):
                total += np.exp(whole[r, j, k] - top)
            free[r, j] = top + np.log(total)
        top = -np.inf
        for i in range(size_i):
            for j in range(size_j):
                top = max(top, split[r, i] + tied[r, i, j] + free[r, j])
        for i in range(size_i):
            for j in range(size_j):
                share = np.exp(split[r, i] + tied[r, i, j] + free[r, j] - top)
                ratio[r, i] += share
                mean[r, j] += share
        for j in range(size_j):
            for k in range(size_k):
                variance[r, k] += mean[r, j] * np.exp(whole[r, j, k] - free[r, j])
    return np.log(ratio), np.log(mean), np.log(variance), free


def grid(data: Totals, log_days: float, priors: Priors) -> Grid:
    """Trapezoid rule on a tensor grid for the posterior of log ratio, mean and frailty variance.

    The grid is moved and stretched until the posterior fits in it, so that it follows a prior where the data say
    little.

    Parameters
    ----------
    data : Totals
        Of every replicate.
    log_days : float
        Log of exposure after over exposure before, common to all people.
    priors : Priors
        With densities everywhere.

    Returns
    -------
    Grid

    Raises
    ------
    ConvergenceError
        IOM-E080 where no grid holds the posterior.

    References
    ----------
    Trefethen & Weideman (2014), SIAM Review 56, 385-458, for the accuracy of the rule.
    """
    box = _first_box(data, log_days, priors)
    todo = np.arange(len(box))
    for points in (COARSE, POINTS):
        for _ in range(MOST_PASSES):
            some = data if todo.size == len(box) else data.take(todo)
            made = _at(some, log_days, priors, box[todo], points)
            fitted, good = _moved(made, strict=points == POINTS)
            if points == POINTS and good.all() and todo.size == len(box):
                return made
            box[todo] = np.where(good[:, None, None] & (points == POINTS), box[todo], fitted)
            todo = todo[~good]
            if not todo.size:
                break
        else:
            raise ConvergenceError("IOM-E080", "no grid holds the posterior; ask for method='nuts'")
        todo = np.arange(len(box))
    return _at(data, log_days, priors, box, POINTS)


def variance_at(scale: Floats) -> Floats:
    """Return the variance at its scale t, ``exp(t - exp(-t))``."""
    return np.exp(scale - np.exp(-scale))


def _scale_of(log_variance: Floats) -> Floats:
    t = np.maximum(log_variance, -np.log1p(np.maximum(-log_variance, 0.0)))
    for _ in range(30):
        t = t - (t - np.exp(-t) - log_variance) / (1 + np.exp(-t))
    return np.asarray(t)


def _first_box(data: Totals, log_days: float, priors: Priors) -> Floats:
    """Return ends about likelihood and prior, both taken as normal."""
    n, before, after = data.people, data.before, data.after
    events = before + after
    k = np.arange(data.more.shape[1])
    square = data.more @ (2.0 * k + 1)
    m = (events + 0.5) / n
    v = np.maximum((square / n - m**2 - m) / m**2, 0.0)
    ratio = _pooled(
        np.log((after + 0.5) / (before + 0.5)) - log_days,
        1 / (after + 0.5) + 1 / (before + 0.5),
        priors.centre[0],
        priors.spread[0],
    )
    about = priors.centre[1] + np.logaddexp(0.0, ratio[0] + log_days)
    mean = _pooled(np.log(m), 1 / (events + 0.5) + v / n, about, priors.spread[1])
    error = np.sqrt((2 + 6 * v) / n) * (1 + 1 / (m * np.maximum(v, 1e-9)))
    vague = ~(error < 0.5)
    prior = _scale_of(np.array([priors.centre[2] + s * priors.spread[2] for s in (-3.0, 3.0)]))
    low = np.where(vague, min(prior[0], -3.3), 0.0)
    high = np.where(vague, max(prior[1], 2.0), 0.0)
    known = ~vague
    ends = [np.log(v[known]) + s * 5 * error[known] for s in (-1, 1)]
    low[known], high[known] = (_scale_of(end) for end in ends)
    box = [[at - WIDE * sd, at + WIDE * sd] for at, sd in (ratio, mean)]
    return np.ascontiguousarray(np.moveaxis(np.array([*box, [low, high]]), -1, 0))


def _pooled(at: Floats, variance: Floats, centre: Any, spread: float) -> tuple[Floats, Floats]:
    total = 1 / variance + 1 / spread**2
    return (at / variance + centre / spread**2) / total, 1 / np.sqrt(total)


def _step(box: Floats, axis: int, size: int) -> Floats:
    return np.asarray((box[:, axis, 1] - box[:, axis, 0]) / (size - 1))


def _axes(box: Floats, points: tuple[int, int, int]) -> list[Floats]:
    return [box[:, k, :1] + _step(box, k, size)[:, None] * np.arange(size) for k, size in enumerate(points)]


def _scale_density(priors: Priors, scale: Floats) -> Floats:
    """Return the prior's log density on the scale of the variance."""
    return np.asarray(priors.variance(variance_at(scale)) + scale - np.exp(-scale) + np.log1p(np.exp(-scale)))


def _at(data: Totals, log_days: float, priors: Priors, box: Floats, points: tuple[int, int, int]) -> Grid:
    ratio, mean, scale = _axes(box, points)
    split, whole = _likelihood(*data, log_days, ratio, mean, variance_at(scale))
    split += priors.log_ratio(ratio)
    whole += _scale_density(priors, scale)[:, None]
    tied = priors.log_mean(mean[:, None, :] - np.logaddexp(0.0, ratio + log_days)[:, :, None])
    *logs, free = _marginals(split, tied, whole)
    shares = np.exp(logs[0] - logs[0].max(-1, keepdims=True))
    shares /= shares.sum(-1, keepdims=True)
    return Grid(data, log_days, priors, box, shares, free, (logs[0], logs[1], logs[2]))


def _moved(made: Grid, *, strict: bool) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the ends between which the marginals fall by `DROP`, and whether they are known well enough."""
    box, good = np.empty_like(made.box), np.ones(len(made.box), dtype=np.bool_)
    for axis, log in enumerate(made.log_marginals):
        root = np.sqrt(np.minimum(log.max(-1, keepdims=True) - log, 1e6))  # a straight line in a normal distribution
        step, size = _step(made.box, axis, log.shape[1]), log.shape[1]
        ends = []
        for side in (root, root[:, ::-1]):  # in spacings from the first point, and from the last
            inside = side < np.sqrt(DROP)
            first = inside.argmax(-1)
            outer, inner = np.maximum(first - 1, 0), np.maximum(first, 1)
            s0, s1 = (np.take_along_axis(side, at[:, None], -1)[:, 0] for at in (outer, inner))
            slope = np.maximum(s0 - s1, 0.1 * np.sqrt(DROP) / size)
            at = outer + (s0 - np.sqrt(DROP)) / slope
            at = np.where(inside.sum(-1) > 2, at, first - 1.0)
            ends.append(np.maximum(at, -0.5 * size))
            edge = side[:, 0]
            good &= edge > np.sqrt(NEAR)
            good &= edge < np.sqrt(FAR) if strict else inside.sum(-1) > 3
        box[:, axis, 0] = made.box[:, axis, 0] + step * ends[0]
        box[:, axis, 1] = made.box[:, axis, 1] - step * ends[1]
    box[:, 2] = np.clip(box[:, 2], LOWEST, HIGHEST)
    return box, good


def draws(of: Grid, uniform: Floats) -> Floats:
    """Draw from posteriors on grids by sequential inversion: the log ratio, the mean given it, the variance given both.

    Parameters
    ----------
    of : Grid
        R posteriors.
    uniform : ndarray
        (R, S, 3) numbers between 0 and 1 for log ratio, mean and variance; strata of the first give its quantiles.

    Returns
    -------
    ndarray
        (R, S, 3) log mean before, log ratio, log variance.
    """
    size = max(1, BLOCK // uniform.shape[1])
    blocks = [slice(k, k + size) for k in range(0, len(uniform), size)]
    return np.concatenate([_drawn(of.take(block), uniform[block]) for block in blocks])


def _drawn(of: Grid, uniform: Floats) -> Floats:
    reps, count = uniform.shape[:2]
    _, mean, scale = _axes(of.box, POINTS)
    ratio = quantiles(of.marginal(), uniform[..., 0])
    odds = np.logaddexp(0.0, ratio + of.log_days)
    log = of.priors.log_mean(mean[:, None, :] - odds[..., None]) + of.mean[:, None, :]
    total = _inverted(log, of.box, 1, uniform[..., 1])
    variance = variance_at(scale)
    prior = _scale_density(of.priors, scale)
    log = _conditional(*of.totals, total, variance, prior)
    t = _inverted(log.reshape(reps, count, -1), of.box, 2, uniform[..., 2])
    return np.stack([total - odds, ratio, t - np.exp(-t)], axis=-1)


@njit(cache=True, nogil=True)
def _conditional(people, before, after, more, mean, variance, prior):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    """Return log densities (R, S, K) of the variance's scale given means of totals (R, S)."""
    reps, count, size = mean.shape[0], mean.shape[1], variance.shape[1]
    out = np.zeros((reps, count, size))
    for r in range(reps):
        events = before[r] + after[r]
        for k in range(size):
            v = variance[r, k]
            rising, own = _rising(more[r], v) + prior[r, k], events + people[r] / v
            for s in range(count):
                out[r, s, k] = rising - own * np.log1p(np.exp(mean[r, s]) * v)
    return out


def _inverted(log: Floats, box: Floats, axis: int, uniform: Floats) -> Floats:
    size = log.shape[-1]
    density = np.exp(log - log.max(-1, keepdims=True))
    low = np.broadcast_to(box[:, axis, 0, None], uniform.shape)
    step = np.broadcast_to(_step(box, axis, size)[:, None], uniform.shape)
    return quantiles(of_density(low, step, density, REFINE[axis]), uniform[..., None])[..., 0]

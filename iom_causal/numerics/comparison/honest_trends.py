"""Intervals that stay right when trends are not parallel, by how far they may depart: smoothness, relative magnitudes.

Of an event study: coefficients of K windows before, the reference, and T windows after, in order of time and without
the reference, are normal about differential trend plus effect, with a known covariance. The target is a weighted sum
of the effects after. Rambachan & Roth (2023), Rev. Econ. Stud. 90, 2555-2591.
"""

from collections.abc import Callable
from copy import copy
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize_scalar
from scipy.special import ndtr, ndtri, owens_t

type Floats = NDArray[np.float64]

NEWTON_STEPS = 40
GRID = 201
"""Values of the target at which the conditional test is inverted, before its ends are halved in."""
HALVINGS = 45
UNLIMITED = 60.0
"""Standard errors that stand for a first test which accepts everything."""
MOST_KNOTS = 8
"""Of the variance path, for each coefficient: many times what is needed."""
FIRST_STAGE = 0.1
"""The share of the error that the first stage of the hybrid test takes, as in the source."""


class PathEstimate(NamedTuple):
    """Event-study coefficients for inference on one target.

    Attributes
    ----------
    coefficients : ndarray
        (K + T,) in order of time, without the reference window, which lies between the K-th and the next.
    covariance : ndarray
        (K + T, K + T).
    target : ndarray
        (T,) weights of the effects after.
    """

    coefficients: Floats
    covariance: Floats
    target: Floats

    @property
    def before(self) -> int:
        """K, the number of coefficients before."""
        return len(self.coefficients) - len(self.target)

    @property
    def value(self) -> float:
        """The target under parallel trends."""
        return float(self.target @ self.coefficients[self.before :])

    @property
    def std_error(self) -> float:
        """The standard error of `value`."""
        k = self.before
        return float(np.sqrt(self.target @ self.covariance[k:, k:] @ self.target))


class HonestInterval(NamedTuple):
    """Confidence interval for the target, and the estimated set that it surrounds."""

    set_low: float
    set_high: float
    low: float
    high: float


def folded_normal_quantile(bias: ArrayLike, level: float) -> Floats:
    """Quantiles of the folded normal distribution: critical values of fixed-length intervals with a bias in SEs.

    The root of the noncentral chi-squared quantile with one degree of freedom and noncentrality ``bias ** 2``.

    Examples
    --------
    >>> folded_normal_quantile([0.0, 1.0, 8.0], 0.95).round(4).tolist()
    [1.96, 2.6461, 9.6449]
    """
    b = np.abs(np.asarray(bias, dtype=np.float64))
    quantile = np.maximum(ndtri((1 + level) / 2), b + ndtri(level))  # below the root, from where Newton only rises
    for _ in range(NEWTON_STEPS):
        near, far = quantile - b, quantile + b
        short = level - (ndtr(near) - ndtr(-far))
        step = short / (_density(near) + _density(far))
        quantile = quantile + step
        if np.all(np.abs(step) < 1e-14 * (1 + quantile)):
            break
    return np.asarray(quantile)


def maximum_of_two_quantile(correlation: ArrayLike, level: float) -> Floats:
    """Quantiles of the larger of two standard normals with a correlation: least-favourable critical values.

    The joint distribution at equal limits is Owen's: Phi(c) - 2 T(c, sqrt((1 - r) / (1 + r))).

    Examples
    --------
    >>> maximum_of_two_quantile([-1.0, 0.0, 1.0], 0.95).round(4).tolist()
    [1.96, 1.9545, 1.6449]
    """
    r = np.clip(np.asarray(correlation, dtype=np.float64), -1.0, 1.0)
    with np.errstate(divide="ignore"):
        slope = np.sqrt((1 - r) / (1 + r))
    quantile = np.full(r.shape, ndtri((1 + level) / 2))
    for _ in range(NEWTON_STEPS):
        excess = ndtr(quantile) - 2 * owens_t(quantile, slope) - level
        step = excess / (2 * _density(quantile) * ndtr(quantile * np.minimum(slope, 1e12)))
        quantile = quantile - step
        if np.all(np.abs(step) < 1e-14 * (1 + quantile)):
            break
    return np.asarray(quantile)


class AffineFamily(NamedTuple):
    """Affine estimators on the frontier of variance against worst-case bias under smoothness, for every bound at once.

    Attributes
    ----------
    knots : ndarray
        (m, K - 1) loadings on the second differences before, from none to those of least variance; the frontier is
        linear between them.
    base, loading : ndarray
        The weights of the coefficients before are ``base + loading @ w`` for loadings w.
    post_bias : float
        Worst-case bias from second differences after, for a bound of 1.
    """

    knots: Floats
    base: Floats
    loading: Floats
    post_bias: float


def affine_family(path: PathEstimate) -> AffineFamily:
    """Return the estimators that are best for some bound on the second differences of the differential trend.

    A trend with slope s at the reference and second differences d has the bias
    ``s (sum t l_t - sum k v_k) + sum_j w_j d_j``: the first bracket must be 0, after which the bias is at most the
    bound times ``sum |w_j|`` over the second differences before, and a constant after. So the variance at a given
    worst-case bias is a lasso in w, whose path is followed exactly.
    """
    k, target = path.before, path.target
    if k < 1:
        msg = "expected a coefficient before the reference"
        raise ValueError(msg)
    ahead = np.arange(1, len(target) + 1)
    post_bias = sum(abs(float((ahead[j:] - j) @ target[j:])) for j in range(len(target)))
    # v_k = w_(k-1) - 2 w_k + w_(k+1) of the k-th window before the reference, with w_0 known and w_K = 0.
    second = np.zeros((k, k + 2))
    for row in range(k):
        second[row, row : row + 3] = 1.0, -2.0, 1.0
    second = second[::-1]  # in order of time
    base = second[:, 0] * float(ahead @ target)
    loading = second[:, 1:k]
    pre, cross = path.covariance[:k, :k], path.covariance[:k, k:] @ target
    knots = _lasso_path(loading.T @ pre @ loading, -loading.T @ (pre @ base + cross))
    return AffineFamily(knots, base, loading, post_bias)


def smoothness_interval(
    path: PathEstimate, bound: float, level: float, family: AffineFamily | None = None
) -> HonestInterval:
    """Fixed-length interval where the slope of the differential trend changes by at most `bound` a window.

    The shortest of all that are centred on an affine estimator and hold the target with probability `level` under
    every trend that the bound allows (Armstrong & Kolesar 2018, Econometrica 86, 655-683). The set is the estimator
    give or take its worst-case bias.

    Parameters
    ----------
    path : PathEstimate
        With at least one coefficient before.
    bound : float
        Largest absolute second difference of the trend; 0 for linear trends.
    level : float
        Confidence level.
    family : AffineFamily, optional
        What `affine_family` returns, where several bounds are tried on one path.

    Examples
    --------
    >>> path = PathEstimate(np.array([0.1, -0.5]), np.diag([0.01, 0.01]), np.ones(1))
    >>> [round(v, 4) for v in smoothness_interval(path, 0.0, 0.95)]
    [-0.4, -0.4, -0.6772, -0.1228]
    """
    family = affine_family(path) if family is None else family
    reach = np.abs(family.knots).sum(-1)

    def at(radius: float) -> tuple[float, float, Floats]:
        w = np.array([np.interp(radius, reach, column) for column in family.knots.T])
        weights = np.concatenate([family.base + family.loading @ w, path.target])
        return bound * (family.post_bias + float(np.abs(w).sum())), _sd(weights, path.covariance), weights

    def half(radius: float) -> float:
        bias, sd, _ = at(radius)
        return float(folded_normal_quantile(bias / sd, level)) * sd

    ends = [0.0, float(reach[-1])]
    if bound > 0 and ends[1] > 0:
        ends.append(float(minimize_scalar(half, bounds=ends[:2], method="bounded", options={"xatol": 1e-9}).x))
    best = min(ends, key=half)
    bias, _, weights = at(best)
    centre, length = float(weights @ path.coefficients), half(best)
    return HonestInterval(centre - bias, centre + bias, centre - length, centre + length)


def relative_interval(
    path: PathEstimate, bound: float, level: float, *, first_stage: float = FIRST_STAGE
) -> HonestInterval:
    """Hybrid interval where no step of the differential trend after exceeds `bound` times the largest one before.

    With one of the K steps before, of either sign, as the largest, the target less its value under parallel trends
    lies within ``bound * c * step``, c the steps' joint weight in the target: as the effects after are free, all else
    that the restriction says drops out, and two inequalities between two normals remain. They are tested as by
    Andrews, Roth & Pakes (2023, Rev. Econ. Stud. 90, 2763-2791): first with the least-favourable critical value of a
    small share of the error, then conditionally on which inequality is nearest to fail. The interval holds whatever
    one of the 2 K cases accepts, from the least to the largest, as the union in the source does.

    Parameters
    ----------
    path : PathEstimate
        With at least one coefficient before.
    bound : float
        Steps after over the largest step before; 0 for parallel trends after.
    level : float
        Confidence level.
    first_stage : float
        The share of the error that the first test takes; 0 for the conditional test alone, of which the interval can
        end where it is searched no further, at `UNLIMITED` standard errors.

    Examples
    --------
    >>> path = PathEstimate(np.array([0.1, -0.5]), np.diag([0.01, 0.01]), np.ones(1))
    >>> [round(v, 3) for v in relative_interval(path, 0.0, 0.95)]
    [-0.5, -0.5, -0.696, -0.304]
    """
    moments = _moments(path, bound)
    tests = _Tests(path, moments, 1 - level, first_stage)
    # Where the first test accepts; the conditional test is tried within.
    low = path.value - moments.slack - tests.first * moments.sd_above
    high = path.value + moments.slack + tests.first * moments.sd_below
    values = low[:, None] + (high - low)[:, None] * np.linspace(0.0, 1.0, GRID)
    accepted = tests.accept(values) & (high > low)[:, None]
    rows = np.flatnonzero(accepted.any(-1))
    tests, values, accepted = tests.rows(rows), values[rows], accepted[rows]
    each = np.arange(len(rows))
    begin, end = accepted.argmax(-1), GRID - 1 - accepted[:, ::-1].argmax(-1)
    least = tests.edge(values[each, np.maximum(begin - 1, 0)], values[each, begin])
    most = tests.edge(values[each, np.minimum(end + 1, GRID - 1)], values[each, end])
    slack = float(moments.slack.max())
    return HonestInterval(path.value - slack, path.value + slack, float(least.min()), float(most.max()))


def conservative_interval(path: PathEstimate, bound: float, level: float) -> HonestInterval:
    """Bonferroni interval under relative magnitudes, conservative: half of the error is that of the steps before."""
    moments = _moments(path, bound)
    alpha = 1 - level
    steps = len(moments.slack) // 2
    se = path.std_error
    reach = float((moments.slack + ndtri(1 - alpha / (4 * steps)) * moments.sd_slack).max())
    half = float(ndtri(1 - alpha / 4)) * se + reach
    slack = float(moments.slack.max())
    return HonestInterval(path.value - slack, path.value + slack, path.value - half, path.value + half)


def breakdown_smoothness(path: PathEstimate, level: float) -> float:
    """Smallest bound on second differences under which the fixed-length interval holds 0."""
    family = affine_family(path)

    def excludes(bound: float) -> bool:
        found = smoothness_interval(path, bound, level, family)
        return found.low > 0 or found.high < 0

    return _first_not(excludes, path.std_error)


def relative_accepts(path: PathEstimate, bound: float, level: float, value: float) -> bool:
    """Return whether the hybrid test under relative magnitudes accepts a value of the target."""
    tests = _Tests(path, _moments(path, bound), 1 - level, FIRST_STAGE)
    return bool(tests.accept(np.full((len(tests.first), 1), value)).any())


def breakdown_relative(path: PathEstimate, level: float) -> float:
    """Smallest bound on relative magnitudes under which the hybrid interval holds 0."""
    return _first_not(lambda bound: not relative_accepts(path, bound, level, 0.0), 1.0)


class _Moments(NamedTuple):
    """Two inequalities a case, (2 K,) each: value less target is at most the slack (above), and the reverse."""

    slack: Floats
    sd_slack: Floats
    sd_above: Floats
    sd_below: Floats
    correlation: Floats


def _moments(path: PathEstimate, bound: float) -> _Moments:
    k, target = path.before, path.target
    if k < 1:
        msg = "expected a coefficient before the reference"
        raise ValueError(msg)
    weight = bound * float(np.abs(np.cumsum(target[::-1])).sum())
    # The steps before, the last of them to the reference, which is 0.
    steps = np.diff(np.eye(k + 1)[:, :k], axis=0)
    steps = np.concatenate([steps, -steps])
    value = np.concatenate([np.zeros(k), target])
    slacks = np.concatenate([weight * steps, np.zeros((2 * k, len(target)))], axis=-1)
    cov = path.covariance
    above, below = value - slacks, -value - slacks
    variances = [np.einsum("ri,ij,rj->r", a, cov, a) for a in (above, below, slacks)]
    sd_above, sd_below, sd_slack = (np.sqrt(v) for v in variances)
    correlation = np.einsum("ri,ij,rj->r", above, cov, below) / (sd_above * sd_below)
    return _Moments(slacks @ path.coefficients, sd_slack, sd_above, sd_below, correlation)


class _Tests:
    """The hybrid tests of the cases: least-favourable first, then conditional on the inequality nearest to fail."""

    def __init__(self, path: PathEstimate, moments: _Moments, alpha: float, first_stage: float) -> None:
        self.value, self.moments = path.value, moments
        spent = first_stage * alpha
        first = maximum_of_two_quantile(moments.correlation, 1 - spent) if first_stage > 0 else UNLIMITED
        self.first = np.broadcast_to(first, moments.slack.shape)
        self.size = (alpha - spent) / (1 - spent)

    def rows(self, rows: NDArray[np.int64]) -> Self:
        """Return the tests of some cases."""
        some = copy(self)
        some.moments, some.first = _Moments(*(column[rows] for column in self.moments)), self.first[rows]
        return some

    def accept(self, values: Floats) -> NDArray[np.bool_]:
        """Return which values of the target are accepted, (cases, m)."""
        m = _Moments(*(column[:, None] for column in self.moments))
        above = (self.value - values - m.slack) / m.sd_above
        below = (values - self.value - m.slack) / m.sd_below
        largest, other = np.maximum(above, below), np.minimum(above, below)
        first = self.first[:, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            least = np.where(m.correlation < 1, (other - m.correlation * largest) / (1 - m.correlation), -np.inf)
        # The largest is normal between the least that makes it so and the first critical value.
        tail = self.size * ndtr(-least) + (1 - self.size) * ndtr(-first)
        return np.asarray(largest <= np.minimum(first, np.maximum(-ndtri(tail), 0.0)))

    def edge(self, outside: Floats, inside: Floats) -> Floats:
        """Return the edges of accepted values, (cases,), by halving between values that are not and values that are."""
        for _ in range(HALVINGS):
            middle = (outside + inside) / 2
            accepted = self.accept(middle[:, None])[:, 0]
            outside, inside = np.where(accepted, outside, middle), np.where(accepted, middle, inside)
        return inside


def _first_not(excludes: Callable[[float], bool], scale: float) -> float:
    """Return the least bound at which a predicate that holds below it fails, 0 where it never holds."""
    if not excludes(0.0):
        return 0.0
    high = scale
    for _ in range(HALVINGS):
        if not excludes(high):
            break
        high *= 2
    else:
        return np.inf
    low = 0.0 if high == scale else high / 2
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if excludes(middle) else (low, middle)
    return high


def _lasso_path(quadratic: Floats, linear: Floats) -> Floats:
    """Return the knots of ``argmin w'Qw / 2 - q'w + penalty sum |w|`` as the penalty falls from where w is 0 to 0.

    The homotopy of Osborne, Presnell & Turlach (2000, IMA J. Numer. Anal. 20, 389-403): between knots, w is linear.
    """
    w = np.zeros(len(linear))
    knots = [w]
    penalty = float(np.abs(linear).max(initial=0.0))
    active = [int(np.abs(linear).argmax())] if penalty > 0 else []
    left = (-1, 0.0)
    while penalty > 0 and len(knots) < MOST_KNOTS * (1 + len(linear)):
        gradient = linear - quadratic @ w
        direction = np.zeros(len(linear))
        direction[active] = np.linalg.solve(quadratic[np.ix_(active, active)], np.sign(gradient[active]))
        leaves, at = _leaves(w, direction, active)
        enters, which = _enters(gradient, quadratic @ direction, penalty, active, left)
        step = min(leaves, enters, penalty)
        w = w + step * direction
        penalty -= step
        left = (-1, 0.0)
        if step == leaves:
            w[at] = 0.0
            active.remove(at)
            left = (at, float(np.sign(gradient[at])))
        elif step == enters:
            active.append(which)
        knots.append(w)
    return np.array(knots)


def _leaves(w: Floats, direction: Floats, active: list[int]) -> tuple[float, int]:
    """Return after which step the first active coefficient reaches 0, and which it is."""
    steps = [(-w[j] / direction[j], j) for j in active if w[j] * direction[j] < 0]
    return min(steps, default=(np.inf, -1))


def _enters(
    gradient: Floats, slope: Floats, penalty: float, active: list[int], left: tuple[int, float]
) -> tuple[float, int]:
    """Return after which step the gradient of the first other coefficient reaches the penalty, and which it is."""
    steps = [
        (max(0.0, (penalty - sign * gradient[j]) / (1 - sign * slope[j])), j)
        for j in range(len(gradient))
        for sign in (1.0, -1.0)
        if j not in active and (j, sign) != left and sign * slope[j] < 1  # what left does so on that side
    ]
    return min(steps, default=(np.inf, -1))


def _density(x: Floats) -> Floats:
    return np.asarray(np.exp(-0.5 * x * x) / np.sqrt(2 * np.pi))


def _sd(weights: Floats, covariance: Floats) -> float:
    return float(np.sqrt(weights @ covariance @ weights))

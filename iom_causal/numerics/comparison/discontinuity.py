"""Jump of a mean at a cut of a discrete running variable: local linear regression with honest intervals."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from iom_causal.numerics.comparison.honest_trends import folded_normal_quantile

type Floats = NDArray[np.float64]

NEIGHBOURS = 3
"""Nearest neighbours behind the variance of one outcome (Abadie & Imbens 2006); more where more stand at one value."""
QUARTIC = 4
LEAST_VALUES = QUARTIC + 1
"""Values of the running variable on a side from which the rule of thumb is fitted."""
KERNELS = ("triangular", "uniform")


class Cells(NamedTuple):
    """People on one side of the cut by value of the running variable, (G,) each, the nearest to the cut first.

    Attributes
    ----------
    x : ndarray
        Values less the cut.
    people, mean : ndarray
        How many people have each, and their mean outcome.
    variance : ndarray
        Of one person's outcome at that value, by nearest neighbours.
    """

    x: Floats
    people: Floats
    mean: Floats
    variance: Floats


class Side(NamedTuple):
    """Local linear fit on one side of the cut.

    Attributes
    ----------
    limit, slope : float
        The line at the cut, and its slope.
    weights : ndarray
        (G,) of each cell's mean in the limit; they add up to 1, and to 0 times `x`.
    variance : float
        Of the limit.
    curvature : float
        The greatest bias of the limit for each unit of the second derivative's bound.
    """

    limit: float
    slope: float
    weights: Floats
    variance: float
    curvature: float


class Jump(NamedTuple):
    """An estimate with its standard error and the greatest bias under a bound; its interval at one level."""

    value: float
    std_error: float
    bias: float
    low: float
    high: float
    p_value: float


def cells_of(x: Floats, y: Floats) -> Cells:
    """Group one side's people by value, with the variance of one outcome by nearest neighbours.

    Parameters
    ----------
    x, y : ndarray
        (n,) values less the cut, and outcomes, of people on one side.

    Examples
    --------
    >>> cells = cells_of(np.array([1.0, 1, 1, 1, 2, 2, 2, 2]), np.array([0.0, 2, 0, 2, 3, 3, 5, 5]))
    >>> cells.mean.tolist(), cells.people.tolist(), cells.variance.round(4).tolist()
    ([1.0, 4.0], [4.0, 4.0], [1.3333, 1.3333])
    """
    values, inverse = np.unique(x, return_inverse=True)
    people = np.bincount(inverse).astype(np.float64)
    mean = np.bincount(inverse, y) / people
    spread = np.bincount(inverse, (y - mean[inverse]) ** 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = spread / (people - 1)
    for g in np.flatnonzero(people <= NEIGHBOURS):  # as many at one value as neighbours are asked for are enough
        variance[g] = np.mean([_by_neighbours(x, y, i) for i in np.flatnonzero(inverse == g).tolist()])
    order = np.argsort(np.abs(values), kind="stable")
    return Cells(values[order], people[order], mean[order], variance[order])


def binned(cells: Cells, least: int) -> tuple[tuple[float, float, float], ...]:
    """Return value, mean and standard error of bins of so many people or more, from the cut outwards.

    Examples
    --------
    >>> cells = Cells(np.arange(3.0), np.array([2.0, 3.0, 1.0]), np.array([5.0, 4.0, 2.0]), np.full(3, 6.0))
    >>> binned(cells, 2)
    ((0.0, 5.0, 1.7320508075688772), (1.25, 3.5, 1.224744871391589))
    """
    bins: list[list[int]] = [[]]
    for g in range(len(cells.x)):
        bins[-1].append(g)
        if cells.people[bins[-1]].sum() >= least:
            bins.append([])
    left = bins.pop()
    if left and bins:
        bins[-1] += left
    found = []
    for group in bins:
        own = cells.people[group] / cells.people[group].sum()
        error = np.sqrt((own**2 * cells.variance[group] / cells.people[group]).sum())
        found.append((float(own @ cells.x[group]), float(own @ cells.mean[group]), float(error)))
    return tuple(found)


def local_line(cells: Cells, bandwidth: float, kernel: str) -> Side:
    """Fit a line to one side within a bandwidth, by kernel-weighted least squares at the cut.

    Parameters
    ----------
    cells : Cells
        One side.
    bandwidth : float
        Values farther away do not count.
    kernel : {"triangular", "uniform"}
        Weights that fall to 0 at the bandwidth, or that are equal up to it.

    Notes
    -----
    The bias of the limit over all means with a second derivative of at most M is ``M`` times the integral of
    ``|sum of w(x) (|x| - s) over |x| >= s|`` from 0 on (Taylor's remainder; Armstrong & Kolesar 2020),
    which is piecewise linear and integrated exactly.

    Examples
    --------
    >>> side = local_line(Cells(*np.array([[1.0, 2, 3], [5, 5, 5], [3, 5, 7], [1, 1, 1]])), 3.0, "uniform")
    >>> round(side.limit, 6), round(side.slope, 6), side.weights.round(4).tolist(), round(side.curvature, 4)
    (1.0, 2.0, [1.3333, 0.3333, -0.6667], 1.6667)
    """
    away = np.abs(cells.x)
    weight = cells.people * kernel_weights(away, bandwidth, kernel)
    total, first, second = (float((weight * cells.x**k).sum()) for k in range(3))
    determinant = total * second - first**2
    weights = weight * (second - first * cells.x) / determinant
    slope = float((weight * (total * cells.x - first) * cells.mean).sum() / determinant)
    variance = float((weights**2 * cells.variance / cells.people).sum())
    return Side(float(weights @ cells.mean), slope, weights, variance, _remainder(away, weights))


def kernel_weights(away: Floats, bandwidth: float, kernel: str) -> Floats:
    """Return kernel weights at distances from the cut."""
    inside = away <= bandwidth
    return inside * (1 - away / bandwidth) if kernel == KERNELS[0] else inside.astype(np.float64)


def jump_at(below: Side, above: Side, bound: float, level: float, *, ratio: bool) -> Jump:
    """Compute the jump at the cut with a fixed-length interval that is honest under a bound of the second derivative.

    Parameters
    ----------
    below, above : Side
        The fits.
    bound : float
        Of the absolute second derivative of the mean on either side, in the outcome's unit.
    level : float
        Confidence level.
    ratio : bool
        Whether the jump is the log of a ratio, by the delta method on both limits, in place of a difference.

    References
    ----------
    Kolesar & Rothe (2018), American Economic Review 108, 2277-2304, section IV.A (BSD); Armstrong & Kolesar (2020),
    Quantitative Economics 11, 1-39.
    """
    scale = [1 / side.limit if ratio else 1.0 for side in (below, above)]
    value = float(np.log(above.limit / below.limit)) if ratio else above.limit - below.limit
    variance = below.variance * scale[0] ** 2 + above.variance * scale[1] ** 2
    bias = bound * (below.curvature * scale[0] + above.curvature * scale[1])
    se = float(np.sqrt(variance))
    half = float(folded_normal_quantile(bias / se, level)) * se
    return Jump(value, se, bias, value - half, value + half, _p_value(value, se, bias))


def smoothness_rule(x: ArrayLike, y: ArrayLike) -> float:
    """Rule of thumb for the bound on the second derivative of one side: the greatest of a quartic fit to it.

    It is an estimate, and intervals that use it are not honest over all means (Armstrong & Kolesar 2020). At least
    five values are needed.

    Examples
    --------
    >>> x = np.arange(1.0, 9)
    >>> round(smoothness_rule(x, 3 + x - 0.25 * x**2), 6)
    0.5
    """
    values, outcomes = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    second = np.polynomial.Polynomial.fit(values, outcomes, QUARTIC).deriv(2)
    low, high = float(values.min()), float(values.max())
    turning = [float(root.real) for root in np.asarray(second.deriv().roots(), dtype=np.complex128)]
    places = np.array([low, high, *(root for root in turning if low < root < high)])
    return float(np.abs(second(places)).max())


def misspecification_interval(below: Cells, above: Cells, parts: "tuple[People, People]", level: float) -> Jump:
    """Interval for the jump if the lines fit no worse at the cut than at the values within the window (BME).

    Parameters
    ----------
    below, above : Cells
        Both sides within the bandwidth; weights are uniform.
    parts : tuple of People
        The same people, one at a time.
    level : float
        Confidence level.

    Notes
    -----
    The interval is the union over one value on each side and both signs of ``jump + s d(below) + s' d(above)``, d being
    a cell's mean less the line, each with its own standard error (Kolesar & Rothe 2018, section IV.B).
    The covariance is from influence functions, as in `RDHonestBME`; the bias given is the greatest of these sums.
    """
    sides, influences, departures = [], [], []
    for cells, people in zip((below, above), parts, strict=True):
        side = local_line(cells, float(np.abs(cells.x).max()), KERNELS[1])
        line = side.limit + side.slope * cells.x
        left = people.y - (side.limit + side.slope * people.x)
        design = np.stack([np.ones_like(people.x), people.x], axis=-1)
        coefficients = (design * left[:, None]) @ np.linalg.inv(design.T @ design)
        here = people.x[:, None] == cells.x
        own = here * (people.y - cells.mean[np.argmax(here, axis=-1)])[:, None] / cells.people
        lines = coefficients[:, :1] + coefficients[:, 1:] * cells.x
        sides.append(side)
        influences.append((coefficients[:, 0], own - lines))
        departures.append(cells.mean - line)
    size = sum(len(p.x) for p in parts)
    # People of the two sides share no influence, so that squares of a sum are those of the sides, added.
    squares = [_signed_squares(limit, own) for limit, own in influences]
    factor = size / (size - 1)
    value = sides[1].limit - sides[0].limit
    z = ndtri((1 + level) / 2)
    low, high, bias = np.inf, -np.inf, 0.0
    for sign_below in (-1, 1):
        for sign_above in (-1, 1):
            away = sign_below * departures[0][:, None] + sign_above * departures[1]
            # the limit below enters the jump with a minus
            one = squares[0][-sign_below][:, None] + squares[1][sign_above]
            error = np.sqrt(factor * one)
            ends = value + away - z * error, value + away + z * error
            if ends[0].min() < low:
                low, bias = float(ends[0].min()), max(bias, abs(float(away.flat[ends[0].argmin()])))
            if ends[1].max() > high:
                high, bias = float(ends[1].max()), max(bias, abs(float(away.flat[ends[1].argmax()])))
    se = float(np.sqrt(factor * sum(float((limit**2).sum()) for limit, _ in influences)))
    return Jump(float(value), se, bias, low, high, float("nan"))


def narrowest(below: Cells, above: Cells, bound: float, level: float, kernel: str) -> float:
    """Choose the bandwidth with the narrowest honest interval; it reads no outcome but their variances.

    Candidates include one more value of the running variable each, from two on either side.

    Examples
    --------
    >>> x = np.arange(1.0, 7)
    >>> above = Cells(x, np.full(6, 20.0), np.zeros(6), np.full(6, 4.0))
    >>> narrowest(above._replace(x=-x), above, 0.02, 0.95, "uniform")
    6.0
    """
    away = [np.sort(np.abs(cells.x)) for cells in (below, above)]
    least, distances = max(side[1] for side in away), np.unique(np.concatenate(away))
    distances = distances[distances >= least]
    # the triangular kernel is 0 at its bandwidth: halfway to the next value, the last has a weight
    step = np.diff(np.unique(np.concatenate(away))).min() if kernel == KERNELS[0] else 0.0
    lengths = []
    for bandwidth in distances + step / 2:
        one, other = local_line(below, bandwidth, kernel), local_line(above, bandwidth, kernel)
        se = float(np.sqrt(one.variance + other.variance))
        bias = bound * (one.curvature + other.curvature)
        lengths.append(float(folded_normal_quantile(bias / se, level)) * se if se > 0 else np.inf)
    return float(distances[int(np.argmin(lengths))] + step / 2)


class People(NamedTuple):
    """People on one side within the window: values less the cut and outcomes, (n,) each."""

    x: Floats
    y: Floats


def _signed_squares(limit: Floats, own: Floats) -> dict[int, Floats]:
    return {sign: ((limit[:, None] + sign * own) ** 2).sum(0) for sign in (-1, 1)}


def _by_neighbours(x: Floats, y: Floats, i: int) -> float:
    others = np.delete(np.arange(len(x)), i)
    away = np.abs(x[others] - x[i])
    nearest = np.partition(away, min(NEIGHBOURS, len(others)) - 1)[min(NEIGHBOURS, len(others)) - 1]
    near = others[away <= nearest]
    return float(len(near) / (len(near) + 1) * (y[i] - y[near].mean()) ** 2)


def _remainder(away: Floats, weights: Floats) -> float:
    """Integrate the absolute Taylor remainder of a unit second derivative, exactly between knots and sign changes."""
    knots = np.unique(np.append(away, 0.0))
    values = np.array([(weights * np.maximum(away - s, 0.0)).sum() for s in knots])
    size = float(np.abs(weights) @ away)
    values[np.abs(values) <= 1e-13 * size] = 0.0
    total = 0.0
    for (a, b), step in zip(pairwise(values), np.diff(knots), strict=True):
        crosses = a * b < 0
        total += step * ((a * a + b * b) / (2 * (abs(a) + abs(b))) if crosses else (abs(a) + abs(b)) / 2)
    return float(total)


def _p_value(value: float, se: float, bias: float) -> float:
    from scipy.special import ndtr  # noqa: PLC0415 beside its only use

    t, b = abs(value) / se, bias / se
    return float(ndtr(b - t) + ndtr(-b - t))

"""Age-crime curves: families of rates by age, their window means, and ages known by mean and SD."""

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from iom_causal.errors import InputError

type Floats = NDArray[np.float64]
type LogRate = Callable[[Floats], Floats]

CENTRE = 30.0
"""The age in years from which log-quadratic curves count."""
WINDOW_NODES = 8
AGE_NODES = 400


def log_gamma_curve(age: ArrayLike, shape: float, scale: float, origin: float) -> Floats:
    """Return the log of ``z**(shape - 1) exp(-z / scale)`` with ``z = age - origin``; -inf at or below the origin."""
    z = _above(age, origin)
    return np.asarray((shape - 1) * np.log(z) - z / scale)


def log_lognormal_curve(age: ArrayLike, mean: float, sd: float, origin: float) -> Floats:
    """Return the log of a lognormal density in ``age - origin``, without its constant."""
    z = np.log(_above(age, origin))
    return np.asarray(-z - 0.5 * ((z - mean) / sd) ** 2)


def log_weibull_curve(age: ArrayLike, shape: float, scale: float, origin: float) -> Floats:
    """Return the log of a Weibull density in ``age - origin``, without its constant."""
    z = _above(age, origin) / scale
    return np.asarray((shape - 1) * np.log(z) - z**shape)


def log_quadratic_curve(age: ArrayLike, slope: float, bend: float) -> Floats:
    """Return ``slope x + bend x**2`` with x in years from `CENTRE`.

    Examples
    --------
    >>> float(log_quadratic_curve(40.0, -0.04, -0.003).round(3))
    -0.7
    """
    x = np.asarray(age, dtype=np.float64) - CENTRE
    return np.asarray(slope * x + bend * x * x)


def smoothed_log_rates(rates: ArrayLike, half_width: int) -> Floats:
    """Return the log of a centred moving average of rates by single year of age; it narrows at the ends."""
    values = np.asarray(rates, dtype=np.float64)
    sums = np.concatenate([[0.0], np.cumsum(values)])
    position = np.arange(len(values))
    reach = np.minimum(half_width, np.minimum(position, len(values) - 1 - position))
    mean = (sums[position + reach + 1] - sums[position - reach]) / (2 * reach + 1)
    if (mean <= 0).any():
        raise InputError("IOM-E055", "expected a rate above 0 at every age; shorten the range of ages")
    return np.asarray(np.log(mean))


def log_piecewise_curve(age: ArrayLike, ages: ArrayLike, log_rates: ArrayLike) -> Floats:
    """Return a shape-preserving cubic through log rates (Fritsch & Carlson 1980), constant beyond the ends."""
    from scipy.interpolate import PchipInterpolator  # noqa: PLC0415 slow to load

    knots = np.asarray(ages, dtype=np.float64)
    inside = np.clip(np.asarray(age, dtype=np.float64), knots[0], knots[-1])
    return np.asarray(PchipInterpolator(knots, np.asarray(log_rates, dtype=np.float64))(inside))


def window_mean(log_rate: LogRate, age: ArrayLike, start: float, end: float) -> Floats:
    """Return the mean rate between two times, in years from the index date, at each age at that date.

    Parameters
    ----------
    log_rate : callable
        Ages in years to log rates.
    age : array_like
        Ages at the index date, any shape.
    start, end : float
        The window in years from the index date.

    Examples
    --------
    >>> round(float(window_mean(lambda a: -0.1 * a, 0.0, 0.0, 1.0)), 6)
    0.951626
    """
    node, weight = _nodes(WINDOW_NODES)
    times = start + (end - start) * node
    return np.asarray(np.exp(log_rate(np.asarray(age, dtype=np.float64)[..., None] + times)) @ weight)


def truncated_normal_parameters(mean: float, sd: float, low: float, high: float) -> tuple[float, float]:
    """Return the location and scale of the normal that, cut off at `low` and `high`, has this mean and SD.

    Raises
    ------
    InputError
        IOM-E067 when no normal cut off there has them.

    Examples
    --------
    >>> [round(v, 2) for v in truncated_normal_parameters(30.43, 8.09, 13.0, 60.0)]
    [29.92, 8.65]
    """
    from scipy.optimize import root  # noqa: PLC0415 slow to load

    def gap(p: Floats) -> list[float]:
        m, s = _truncated_moments(p[0], float(np.exp(p[1])), low, high)
        return [(m - mean) / sd, s / sd - 1]

    if not (low < mean < high and sd > 0):
        raise InputError("IOM-E067", "ages: expected the mean inside the range and a standard deviation above 0")
    found = root(gap, [mean, np.log(sd)], tol=1e-12)
    # By what is left over and not by the search's own flag, which near rounding is the processor's choice.
    if not float(np.abs(found.fun).max()) <= 1e-8:
        raise InputError("IOM-E067", "ages: no normal distribution cut off at the range has this mean and SD")
    return float(found.x[0]), float(np.exp(found.x[1]))


def truncated_normal_nodes(location: float, scale: float, low: float, high: float) -> tuple[Floats, Floats]:
    """Return ages and weights that add up to one, for sums over a normal cut off at `low` and `high`."""
    node, weight = _nodes(AGE_NODES)
    ages = low + (high - low) * node
    density = weight * np.exp(-0.5 * ((ages - location) / scale) ** 2)
    return ages, density / density.sum()


def _truncated_moments(location: float, scale: float, low: float, high: float) -> tuple[float, float]:
    a, b = (low - location) / scale, (high - location) / scale
    mass = ndtr(b) - ndtr(a)
    if mass <= 0:
        return location, scale
    phi_a, phi_b = (np.exp(-0.5 * x * x) / np.sqrt(2 * np.pi) for x in (a, b))
    first = (phi_a - phi_b) / mass
    variance = 1 + (a * phi_a - b * phi_b) / mass - first**2
    return float(location + scale * first), float(scale * np.sqrt(max(variance, 0.0)))


def _above(age: ArrayLike, origin: float) -> Floats:
    z = np.asarray(age, dtype=np.float64) - origin
    if (z <= 0).any():
        raise InputError("IOM-E055", f"expected ages above {origin:g}, where this curve starts")
    return z


@cache
def _nodes(count: int) -> tuple[Floats, Floats]:
    """Return Gauss-Legendre nodes and weights on [0, 1]."""
    node, weight = np.polynomial.legendre.leggauss(count)
    return (node + 1) / 2, weight / 2

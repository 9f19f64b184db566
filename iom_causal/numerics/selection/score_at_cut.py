"""Distribution-free regression to the mean of a score with normal error, from the density at the cut.

For ``X = T + e`` with ``e ~ N(0, sem^2)`` independent of a true score of any distribution, people with
``X > c`` fall by ``sem^2 f(c) / P(X > c)`` when measured again (Das & Mulder 1983). The ratio is the
density, at its lower edge, of the selected people's own scores: nothing about those not selected is needed.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iom_causal.errors import InputError, NotIdentifiedError

FloatArray = NDArray[np.float64]


class EdgeDensity(NamedTuple):
    """Density of selected people's scores at the cut, per point, and its standard error."""

    density: FloatArray
    std_error: FloatArray


def edge_density(score: ArrayLike, cut: float, step: float, weight: ArrayLike | None = None) -> EdgeDensity:
    """Estimate the density at the cut by extending a straight line through two bins to the lower edge.

    ``(3 p1 - p2) / (2 step)`` from the shares of people in the first two bins. Averaging them instead is
    15 to 57% too low where the density falls.

    Parameters
    ----------
    score : array_like
        (n,) scores of the selected people, NaN for missing ones, which are left out.
    cut : float
        The lowest score selected. On a grid the first bin is centred on it; else it starts there.
    step : float
        The grid's step, or for scores without a grid the width of a bin.
    weight : array_like, optional
        (n,) or (R, n): how often each person counts.

    Returns
    -------
    EdgeDensity
        Per point of the score, with the standard error of multinomial shares; (R,) with replicates.

    Raises
    ------
    NotIdentifiedError
        IOM-E068 when nobody is near the cut.

    Examples
    --------
    >>> float(edge_density([220, 220, 240, 300], 220, 20).density)
    0.03125
    """
    x = np.asarray(score, dtype=np.float64)
    if step <= 0 or (x < cut).any():
        raise InputError("IOM-E092", "expected a step above 0 and no score below the cut")
    w = np.ones(x.size) if weight is None else np.asarray(weight, dtype=np.float64)
    known = ~np.isnan(x)
    if not known.any():
        raise NotIdentifiedError("IOM-E068", "no score is known, so nothing is known about people near the cut")
    n = w[..., known].sum(-1)
    p1, p2 = (w[..., (x >= cut + k * step) & (x < cut + (k + 1) * step)].sum(-1) / n for k in (0, 1))
    if not (3 * p1 > p2).all():
        raise NotIdentifiedError(
            "IOM-E068", "there is nobody near the cut, or too few for a density there; give wider bins"
        )
    variance = (9 * p1 * (1 - p1) + p2 * (1 - p2) + 6 * p1 * p2) / (4 * step**2 * n)
    return EdgeDensity(np.asarray((3 * p1 - p2) / (2 * step)), np.sqrt(variance))


def density_bounds(
    mean: float, sd: float, n: int, *, lowest: float, highest: float, step: float
) -> tuple[float, float]:
    """Bound the density at the cut by reported moments, if the scores on a grid fall from their lowest on.

    Over every histogram on the grid whose shares do not rise, but for whoever is at the highest score, which somebody
    has, and that has this mean and SD: the least and the greatest density at the lower edge, read as by
    `edge_density`. Without falling shares moments bound it neither way: nobody, or more than half of all people, may
    be at the cut.

    Parameters
    ----------
    mean, sd, n : float, float, int
        Of the selected people's scores; the SD has the divisor n - 1.
    lowest, highest, step : float
        The grid; both ends are scores that somebody has.

    Raises
    ------
    NotIdentifiedError
        IOM-E068 when no histogram with falling shares has these moments.

    Examples
    --------
    >>> low, high = density_bounds(328.89, 142.71, 225, lowest=220, highest=1100, step=20)
    >>> round(low, 4), round(high, 4)
    (0.005, 0.0365)
    """
    from scipy.optimize import linprog  # noqa: PLC0415 slow to load

    excess = np.arange(0, highest - lowest + step / 2, step) / step
    first = (mean - lowest) / step
    second = (n - 1) / n * (sd / step) ** 2 + first**2
    equal = np.stack([np.ones_like(excess), excess, excess**2])
    falling = np.diff(np.eye(excess.size), axis=0)[:-1]
    density = np.zeros(excess.size)
    density[:2] = 3 / (2 * step), -1 / (2 * step)
    within = [(0.0, 1.0)] * (excess.size - 1) + [(1 / n, 1.0)]
    total = [1.0, first, second]
    ends = [
        linprog(sign * density, A_ub=falling, b_ub=np.zeros(len(falling)), A_eq=equal, b_eq=total, bounds=within)
        for sign in (1, -1)
    ]
    least, greatest = (end.fun for end in ends)
    if least is None or greatest is None:
        raise NotIdentifiedError("IOM-E068", "no shares that fall from the lowest score on have this mean and SD")
    return float(least), -float(greatest)


def change_at_cut(density: ArrayLike, sem: ArrayLike, grid: float = 0.0) -> FloatArray:
    """Compute the change in points that measurement error alone brings about, negative for a fall.

    Parameters
    ----------
    density : array_like
        Of the selected people's scores at the cut, per point.
    sem : array_like
        Standard error of measurement of one score, before rounding to a grid.
    grid : float
        The step to which scores are rounded; 0 when they are not, or when `sem` is that of the rounded score.

    Examples
    --------
    >>> round(float(change_at_cut(0.0116, 60.0)), 1)
    -41.8
    """
    s = np.asarray(sem, dtype=np.float64)
    if (s < 0).any() or (np.asarray(density) < 0).any() or grid < 0:
        raise InputError("IOM-E092", "density, standard error of measurement and grid: expected numbers from 0")
    return np.asarray(-np.asarray(density) * (s**2 + grid**2 / 12))


def error_for_change(change: ArrayLike, density: ArrayLike) -> FloatArray:
    """Compute the standard error of measurement at which it alone brings about a fall of so many points at a cut.

    Where scores thin out evenly above the cut (exponentially), their density at it is one over their mean's distance
    from it. Where they thin out faster the further they are from it, as those of a normal population do, the density is
    lower, and the error larger.

    Parameters
    ----------
    change : array_like
        In points, 0 or below.
    density : array_like
        Of the selected people's scores at the cut, per point; above 0.

    Raises
    ------
    InputError
        IOM-E092 for a rise, or a density that is not above 0.

    Examples
    --------
    >>> round(float(error_for_change(-41.76, 0.0116)), 6)
    60.0
    """
    fell, thick = -np.asarray(change, dtype=np.float64), np.asarray(density, dtype=np.float64)
    if (fell < 0).any() or not (thick > 0).all():
        raise InputError("IOM-E092", "change and density at a cut: expected a fall, and a density above 0")
    return np.asarray(np.sqrt(fell / thick))

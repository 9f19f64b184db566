"""Heaping of a discrete running variable at a cut: whether people were moved over it (Frandsen 2017)."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import bdtr, bdtrc


def heaping_at_cut(x: ArrayLike) -> float:
    """Exact test of heaping at the lowest value from the cut on against its two neighbours.

    The curvature that is allowed is that of a normal distribution with the values' mean and SD.

    Parameters
    ----------
    x : array_like
        (n,) running variable less the cut, of all people.

    Returns
    -------
    float
        The p-value; 1 where the value has no neighbour on a side.

    Examples
    --------
    >>> x = np.repeat(np.arange(-5, 6), [4, 8, 12, 16, 6, 40, 18, 16, 12, 8, 4])
    >>> round(heaping_at_cut(x), 4)
    0.0
    """
    x = np.asarray(x, dtype=np.float64)
    values, counts = np.unique(x, return_counts=True)
    at = int(np.searchsorted(values, 0.0))
    if not 0 < at < len(values) - 1:
        return 1.0
    spread = float(x.std()) / float(np.diff(values[at - 1 : at + 2]).mean())
    z = float((values[at] - x.mean()) / x.std())
    curvature = min(0.5, max(1.0, abs(z**2 - 1)) / (2 * spread**2))
    return heaping_p_value(int(counts[at - 1]), int(counts[at]), int(counts[at + 1]), curvature)


def heaping_p_value(below: int, at: int, above: int, curvature: float) -> float:
    """Exact test of heaping at one value of a discrete variable against its neighbours (Frandsen 2017).

    If nobody moves people over the cut, the share of those at it among those at it and its two neighbours is a third
    but for the curvature of the distribution: with ``|n- - 2 n + n+| <= k (n- + n+)`` of the expected numbers it lies
    between ``(1 - k) / (3 - k)`` and ``(1 + k) / (3 + k)``. Twice the smaller binomial tail at the nearer end.

    Parameters
    ----------
    below, at, above : int
        How many people have the value one step below, the value, and one step above.
    curvature : float
        k.

    References
    ----------
    Frandsen (2017), Advances in Econometrics 38, 281-315; McCrary (2008), Journal of Econometrics 142, 698-714, for
    continuous variables.

    Examples
    --------
    >>> round(heaping_p_value(12, 30, 10, 0.05), 4), heaping_p_value(12, 11, 10, 0.05)
    (0.001, 1.0)
    """
    n = below + at + above
    low, high = (1 - curvature) / (3 - curvature), (1 + curvature) / (3 + curvature)
    upper = 1.0 if at == 0 else float(bdtrc(at - 1, n, high))
    lower = float(bdtr(at, n, low))
    return min(1.0, 2 * min(upper, lower))

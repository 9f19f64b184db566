"""Synthetic controls: convex mixtures of donors that follow a treated series before, and placebos in space and time.

Abadie, Diamond & Hainmueller (2010), J. Am. Stat. Assoc. 105, 493-505.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

type Floats = NDArray[np.float64]

EXACT = 1e-8
"""Distance from the mixture over the size of the series before, up to which a fit is exact."""


def simplex_weights(donors: Floats, treated: Floats) -> Floats:
    """Least-squares weights of donors' series on a treated one, not negative and of sum 1.

    With the sum at 1 the distance is ``|Z' w|``, Z the donors less the treated: the norm of a point in a hull. The
    nearest such point is that of the nonnegative least-squares problem ``|Z' u|^2 + (sum u - 1)^2`` divided by its
    sum, exactly and whatever the scale: for u = s w the minimum over s is d^2 / (1 + d^2), which rises with the
    distance d (Lawson & Hanson 1974, Solving Least Squares Problems, 23). A penalty for the sum beside the outcomes
    themselves would trade the sum against the fit where outcomes are large.

    Parameters
    ----------
    donors : ndarray
        (J, T), J at least 1.
    treated : ndarray
        (T,).

    Examples
    --------
    >>> donors = np.array([[1e5, 2e5, 3e5], [2e5, 2e5, 1e5], [9e5, 8e5, 7e5]])
    >>> simplex_weights(donors, 0.25 * donors[0] + 0.75 * donors[1]).round(8).tolist()
    [0.25, 0.75, 0.0]
    """
    away = donors - treated
    scale = float(np.abs(away).max(initial=0.0))
    if scale == 0:
        return np.full(len(donors), 1 / len(donors))
    system = np.vstack([away.T / scale, np.ones(len(donors))])
    u, _ = nnls(system, np.append(np.zeros(away.shape[1]), 1.0), maxiter=50 * len(donors) + 100)
    return np.asarray(u / u.sum())


class SyntheticFit(NamedTuple):
    """Synthetic control of one unit.

    Attributes
    ----------
    weights : ndarray
        (J,) of the donors.
    gaps : ndarray
        (T,) treated less synthetic.
    """

    weights: Floats
    gaps: Floats

    def error_before(self, first: int) -> float:
        """Root mean square of the gaps before the first window after."""
        return _rms(self.gaps[:first])

    def error_after(self, first: int) -> float:
        """Root mean square of the gaps from the first window after on."""
        return _rms(self.gaps[first:])


def synthetic_fit(treated: Floats, donors: Floats, first: int) -> SyntheticFit:
    """Fit a synthetic control to the windows before `first`.

    Examples
    --------
    >>> donors = np.array([[4.0, 2, 3, 3], [8.0, 6, 5, 7]])
    >>> synthetic_fit(np.array([6.0, 4, 1, 2]), donors, 2).gaps[2:].round(8).tolist()
    [-3.0, -3.0]
    """
    weights = simplex_weights(donors[:, :first], treated[:first])
    return SyntheticFit(weights, treated - weights @ donors)


class Placebos(NamedTuple):
    """Each donor as if it had been treated, its control made of the others.

    Attributes
    ----------
    gaps : ndarray
        (J, T).
    errors : ndarray
        (J,) root mean square of the gaps before.
    """

    gaps: Floats
    errors: Floats

    def beside(self, own: float) -> tuple[Floats, float]:
        """Return the gaps as they would be at the scale of a unit with its own error, (J, T), and that scale.

        Scales are errors before, at least the median over units: a short series can be followed exactly by chance.
        """
        least = float(np.median(np.append(self.errors, own)))
        scale = max(own, least)
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.gaps * (scale / np.maximum(self.errors, least))[:, None], scale


def placebos_in_space(donors: Floats, first: int) -> Placebos:
    """Fit each donor by the others; the treated unit is in none of these mixtures."""
    others = ~np.eye(len(donors), dtype=np.bool_)
    gaps = np.array([synthetic_fit(donors[j], donors[others[j]], first).gaps for j in range(len(donors))])
    return Placebos(gaps, np.sqrt((gaps[:, :first] ** 2).mean(-1)))


class PlaceboInference(NamedTuple):
    """Inference on the mean of the counterfactual after, from placebos in space.

    Attributes
    ----------
    statistic : float
        The mean gap after over the scale of the unit's own gaps; NaN where most units are followed exactly.
    p_value : float
        The share of units, the treated one among them, whose statistic is at least as large in size; NaN likewise.
    half : float
        Half the length of the interval for the counterfactual's mean; infinite where there are too few donors for the
        level.
    """

    statistic: float
    p_value: float
    half: float


def placebo_inference(
    fit: SyntheticFit, placebos: Placebos, first: int, shares: Floats, level: float
) -> PlaceboInference:
    """Rank the treated unit's mean gap after among those of placebos, and invert the ranks to an interval.

    Were units exchangeable but for the programme, the treated unit's error would have any rank among the J + 1 with
    the same probability; so the counterfactual's mean lies within the k-th smallest of the donors' statistics, k the
    level times J + 1 rounded up, with at least the level's probability (Firpo & Possebom 2018, J. Causal Inference
    6(2), with the mean gap for the statistic: nothing is supposed of how the effect runs over windows). Gaps are held
    against one another at the scale of `Placebos.beside`.

    Parameters
    ----------
    fit : SyntheticFit
        Of the treated unit.
    placebos : Placebos
        Of its donors.
    first : int
        The first window after.
    shares : ndarray
        (T - first,) weights of the windows after in the mean, of sum 1.
    level : float
        Confidence level.

    Examples
    --------
    >>> gaps = np.array([[1.0, -1, 2], [1, -1, -3], [1, -1, 1], [1, -1, 4]])
    >>> fit = SyntheticFit(np.ones(4) / 4, np.array([1.0, -1, 5]))
    >>> placebo_inference(fit, Placebos(gaps, np.ones(4)), 2, np.ones(1), 0.8)
    PlaceboInference(statistic=5.0, p_value=0.2, half=4.0)
    """
    gaps, scale = placebos.beside(fit.error_before(first))
    if scale == 0:
        return PlaceboInference(np.nan, np.nan, np.inf)
    others = np.abs(gaps[:, first:] @ shares)
    own = float(fit.gaps[first:] @ shares)
    units = len(others) + 1
    p_value = (1 + int((others >= abs(own)).sum())) / units
    rank = math.ceil(round(level * units, 9))
    return PlaceboInference(own / scale, p_value, float(np.sort(others)[rank - 1]) if rank < units else np.inf)


def ratio_limits(observed: float, expected: float, half: float) -> tuple[float, float]:
    """Limits of the ratio of a mean to its counterfactual, from half the length of the interval for that.

    At a ratio r the observed mean over r stands for the counterfactual. Of counts its noise is then larger than a
    placebo's where r is below 1, as 1 over the root of r: half the length grows so there, or the interval would hold
    too few ratios. The upper limit is infinite where the length reaches the expected mean.

    Examples
    --------
    >>> [round(limit, 4) for limit in ratio_limits(80.0, 100.0, 10.0)], ratio_limits(80.0, 10.0, 20.0)[1]
    ([0.7154, 0.8946], inf)
    """
    low = observed / (expected + half)
    high = observed / (expected - half) if half < expected else math.inf
    root = math.sqrt(half**2 + 4 * observed * expected)
    if low < 1:
        low = (2 * observed / (root + half)) ** 2
    if high < 1:
        high = (2 * observed / (root - half)) ** 2
    return low, high


def rank_of_errors(fit: SyntheticFit, placebos: Placebos, first: int) -> tuple[float, float]:
    """Return the ratio of root mean squared gaps after over before, and its rank p-value among placebos.

    The statistic of Abadie, Diamond & Hainmueller (2015, Am. J. Political Science 59, 495-510).
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        own = float(np.float64(fit.error_after(first)) / fit.error_before(first))
        others = np.sqrt((placebos.gaps[:, first:] ** 2).mean(-1)) / placebos.errors
    return own, (1 + int((others >= own).sum())) / (len(others) + 1)


def _rms(values: Floats) -> float:
    return float(np.sqrt((values**2).mean()))

"""Figure from a simulation: a value, its Monte Carlo error, and what each replicate contributes to it."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iom_causal.numerics.inference.mcnemar import wilson_limits

type Floats = NDArray[np.float64]
type Flags = NDArray[np.bool_]

ROUNDING = 1e-13
"""Of the size of two numbers: a smaller difference is none, apart from how sums were rounded."""
ONE_REPLICATE = "one replicate does not tell how much others differ"


class Figure(NamedTuple):
    """A measure worked out from replicates.

    Attributes
    ----------
    value : float or None
        None where it is undefined; `reason` says why.
    mcse : float or None
        Its Monte Carlo standard error; None where it is undefined, as from one replicate.
    influence : ndarray
        (R,) what each replicate adds: the value of a mean is that of a replicate less `value`. NaN where the replicate
        was not used. SD over the root of their number is an error of the value too, which does not suppose normal
        estimates.
    n : int
        Replicates that the value is of.
    reason : str
        Why there is no value or no error, or what the value leaves out; empty for nothing to say.

    Examples
    --------
    >>> import iom_causal as iom
    >>> sim = iom.simulate
    >>> model = sim.TwoWindowCounts(people=60, rate=1.5, cut=4.0, ratio=0.8)
    >>> design = iom.Design(model, sim.att_ratio, sim.BeforeAfter(), iom.RateRatio())
    >>> found = iom.diagnose(design, sims=50, seed=1)
    >>> figure = found.answers[0].figures["coverage"]
    >>> figure.value, figure.n
    (0.04, 50)
    """

    value: float | None
    mcse: float | None
    influence: Floats
    n: int
    reason: str = ""


def undefined(size: int, reason: str) -> Figure:
    """Return the figure without a value, over that many replicates."""
    return Figure(None, None, np.full(size, np.nan), 0, reason)


def mean_error(influence: Floats) -> float | None:
    """Compute the standard error of a mean from influences, SD over root n; None from fewer than two."""
    known = influence[~np.isnan(influence)]
    return float(np.std(known, ddof=1) / math.sqrt(known.size)) if known.size > 1 else None


def mean_figure(values: Floats, used: Flags, reason: str = "") -> Figure:
    """Return the mean of values over the replicates used, at least one, with its standard error.

    Examples
    --------
    >>> figure = mean_figure(np.array([1.0, 2.0, 6.0, np.nan]), np.array([True, True, True, False]))
    >>> figure.value, round(figure.mcse, 4), figure.influence.tolist()
    (3.0, 1.5275, [-2.0, -1.0, 3.0, nan])
    """
    chosen = values[used]
    value = float(np.clip(np.mean(chosen), chosen.min(), chosen.max()))  # equal values are their mean, unrounded
    apart = values - value
    influence = np.where(used, np.where(_dust(apart, np.abs(chosen).max()), 0.0, apart), np.nan)
    mcse = mean_error(influence)
    return Figure(value, mcse, influence, int(used.sum()), _joined(reason, "" if mcse is not None else ONE_REPLICATE))


def share_figure(hits: Flags, used: Flags, reason: str = "") -> Figure:
    """Return the share of hits among the replicates used, at least one.

    Notes
    -----
    The Monte Carlo error is sqrt(p (1 - p) / n), that of rsimsum and of Morris, White and Crowther (2019); where no
    replicate hits, or all do, it would be 0, and `share_error` takes its place.

    Examples
    --------
    >>> hits = np.arange(100) < 95
    >>> round(share_figure(hits, hits | True).mcse, 4)  # sqrt(0.95 x 0.05 / 100)
    0.0218
    >>> round(share_figure(hits | True, hits | True).mcse, 4)
    0.0135
    """
    n, count = int(used.sum()), int((hits & used).sum())
    share = count / n
    plain = math.sqrt(share * (1 - share) / n)
    return Figure(share, plain or share_error(count, n), np.where(used, hits - share, np.nan), n, reason)


def share_error(count: float, n: int) -> float:
    """Compute a Monte Carlo error of a share that is never 0: sqrt(p (1 - p) / (n + 4)) with p = (count + 2) / (n + 4).

    Simulation that stops once its error is small has to stop on this one: the plain error of a share that is 1 so far
    is 0 (Agresti and Coull 1998).

    Examples
    --------
    >>> share_error(200, 200) > 0, round(share_error(190, 200), 4)
    (True, 0.0165)
    """
    share = (count + 2) / (n + 4)
    return math.sqrt(share * (1 - share) / (n + 4))


def share_interval(figure: Figure, level: float = 0.95) -> tuple[float, float] | None:
    """Find Wilson's score limits of a share over replicates; None where the share is undefined.

    References
    ----------
    Wilson (1927), Journal of the American Statistical Association 22:209-212.

    Examples
    --------
    >>> hits = np.ones(200, dtype=bool)
    >>> [round(x, 3) for x in share_interval(share_figure(hits, hits))]
    [0.981, 1.0]
    """
    if figure.value is None:
        return None
    return wilson_limits(round(figure.value * figure.n), figure.n, level)


def paired_difference(first: Figure, second: Figure) -> Figure:
    """Subtract two figures of the same replicates, first less second, with the Monte Carlo error of pairs.

    Parameters
    ----------
    first, second : Figure
        The same measure of two answers or designs, row by row in the same worlds.

    Returns
    -------
    Figure
        Over the replicates that both use. Where one uses more, both values are taken to those in common by their
        influences: exactly for means and shares, to first order for the rest.

    Notes
    -----
    Errors of two figures from common random numbers do not add up: what both make of a hard world cancels. The error
    is the SD of the differences of influences over root n.

    Examples
    --------
    >>> every = np.array([True, True, True])
    >>> one, two = (mean_figure(np.array(x), every) for x in ([1.0, 5.0, 9.0], [0.0, 4.0, 8.5]))
    >>> difference = paired_difference(one, two)
    >>> round(difference.value, 4), round(difference.mcse, 4), round(one.mcse, 1)
    (0.8333, 0.1667, 2.3)
    """
    size = first.influence.size
    if first.value is None or second.value is None:
        return undefined(size, first.reason if first.value is None else second.reason)
    common = ~np.isnan(first.influence) & ~np.isnan(second.influence)
    if not common.any():
        return undefined(size, "no replicate is used by both")
    size_of = max(abs(first.value), abs(second.value), np.nanmax(np.abs(first.influence[common])))
    apart = np.where(common, first.influence - second.influence, np.nan)
    apart = np.where(_dust(apart, size_of), 0.0, apart)
    shift = float(np.mean(apart[common]))
    mcse = mean_error(apart)
    reason = "" if mcse is not None else ONE_REPLICATE
    difference = first.value - second.value + shift
    difference = 0.0 if _dust(difference, size_of) else difference
    return Figure(difference, mcse, apart - shift, int(common.sum()), reason)


def _dust(values: ArrayLike, of: float) -> NDArray[np.bool_]:
    """Return which values are what floating point leaves of a difference of equal numbers of this size."""
    return np.asarray(np.abs(values) <= ROUNDING * of)


def _joined(*reasons: str) -> str:
    return "; ".join(reason for reason in reasons if reason)

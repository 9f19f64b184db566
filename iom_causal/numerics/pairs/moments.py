"""Five moments of counts before and after: means, SDs and correlation, and their logs."""

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from iom_causal.errors import InputError
from iom_causal.numerics.kernels.dual import one_over, square_root, times

type Floats = NDArray[np.float64]

HIGHEST = 160
"""Counts well below it are held; people with more are taken as selected where rates are lognormal."""


class PairMoments(NamedTuple):
    """Means, SDs and correlation of counts before and after."""

    mean_pre: float
    sd_pre: float
    mean_post: float
    sd_post: float
    r: float


class SelectedMoments(NamedTuple):
    """Share and moments of people who are selected from a population, and their slopes in its settings.

    Attributes
    ----------
    share : float
        Of the population that is selected.
    moments : PairMoments
        Of the selected people.
    slopes : ndarray
        (6, 6) of the log share and the five moments in the settings: logs of the mean and the spread before, Fisher's z
        of the correlation, logs of cut and softness, log ratio. 0 in the rule where it is a hard cut.
    """

    share: float
    moments: PairMoments
    slopes: Floats


def carried(pairs: PairMoments, mean: Any, sd: Any) -> PairMoments:
    """Carry moments of people followed up to the whole sample along their line of after on before (Anderson 1957).

    Parameters
    ----------
    pairs : PairMoments
        Of people with both counts; numbers or arrays.
    mean, sd : number or ndarray
        Of the population's counts before.

    References
    ----------
    Anderson (1957), J. Am. Stat. Assoc. 52, 200-203.

    Examples
    --------
    >>> [round(v, 3) for v in carried(PairMoments(6.0, 2.0, 5.0, 3.0, 0.5), 8.0, 3.0)]
    [8.0, 3.0, 6.5, 3.437, 0.655]
    """
    slope = pairs.r * pairs.sd_post / pairs.sd_pre
    spread = (pairs.sd_post**2 + slope**2 * (sd**2 - pairs.sd_pre**2)) ** 0.5
    return PairMoments(mean, sd, pairs.mean_post + slope * (mean - pairs.mean_pre), spread, slope * sd / spread)


def in_logs(moments: PairMoments | Floats) -> Floats:
    """Return the logs of means and SDs, and Fisher's z of the correlation: (..., 5) of (..., 5) moments.

    Examples
    --------
    >>> in_logs(PairMoments(1, 1, 1, 1, 0.0)).tolist()
    [0.0, 0.0, 0.0, 0.0, 0.0]
    """
    m = np.asarray(moments, dtype=np.float64)
    return np.concatenate([np.log(m[..., :4]), np.arctanh(m[..., 4:])], axis=-1)


def log_slopes(moments: PairMoments) -> Floats:
    """Return the derivative of each of `in_logs` in its own moment, (5,)."""
    m = np.asarray(moments, dtype=np.float64)
    return np.append(1 / m[:4], 1 / (1 - m[4] ** 2))


def relative_misfit(moments: PairMoments, observed: PairMoments) -> Floats:
    """Return how far moments are from those observed, each relative to its own but for the correlation."""
    return np.asarray((np.array(moments) - np.array(observed)) / relative(observed))


def relative(observed: PairMoments) -> Floats:
    """Return what a miss of each moment is relative to: the moment, and 1 for the correlation."""
    return np.array([*observed[:4], 1.0])


def check_moments(observed: PairMoments, value: float = 1.0) -> None:
    """Refuse moments that no counts have, or too large to hold, and a ratio, mean or share that is not above 0.

    Raises
    ------
    InputError
        IOM-E092 for any of these.
    """
    if min(*observed[:4], value) <= 0 or abs(observed.r) >= 1:
        raise InputError("IOM-E092", "expected means, SDs and ratio or mean above 0, and a correlation inside -1 to 1")
    if observed.mean_pre + 4 * observed.sd_pre > HIGHEST / 2:
        raise InputError("IOM-E092", f"expected counts well below {HIGHEST}; use shorter windows")


def assembled(sums: Floats) -> SelectedMoments:
    """Put together the moments of selected people from sums over the population, and their slopes.

    Parameters
    ----------
    sums : ndarray
        (6, 7) over the population, weighted with the chance of being selected: one, the count before, its square, the
        expected count after, that times the count before, and the expected square of the count after; each with its
        slopes in the six settings.

    Examples
    --------
    >>> moments = assembled(np.pad([[0.5], [1.0], [2.5], [1.0], [2.2], [2.5]], ((0, 0), (0, 6)))).moments
    >>> [round(v, 9) for v in moments]
    [2.0, 1.0, 2.0, 1.0, 0.4]
    """
    moments = _moments(sums)
    return SelectedMoments(float(sums[0, 0]), PairMoments(*moments[1:, 0].tolist()), moments[:, 1:])


@njit(nogil=True, cache=True, error_model="numpy")
def _moments(sums: Floats) -> Floats:
    """Return the log of the share and the five moments, with slopes."""
    each = one_over(sums[0])
    m1, m2 = times(sums[1], each), times(sums[3], each)
    s1 = square_root(times(sums[2], each) - times(m1, m1))
    s2 = square_root(times(sums[5], each) - times(m2, m2))
    r = times(times(sums[4], each) - times(m1, m2), one_over(times(s1, s2)))
    out = np.empty_like(sums)
    out[0], out[1], out[2], out[3], out[4], out[5] = sums[0] * each[0], m1, s1, m2, s2, r
    out[0, 0] = np.log(sums[0, 0])
    return out

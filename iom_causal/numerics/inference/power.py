"""Power, sample size and detectable change of the paired t test, and sample size of the log ratio."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from iom_causal.errors import InputError
from iom_causal.numerics.inference.noncentral_t import nct_cdf, nct_sf
from iom_causal.numerics.inference.student_t import t_isf

FloatArray = NDArray[np.float64]

SIDES = ("two-sided", "one-sided")
_MOST = 10**9
_STEPS = 200


def paired_power(n: ArrayLike, d: ArrayLike, *, alpha: float = 0.05, sides: str = "two-sided") -> FloatArray:
    """Compute the chance that the paired t test rejects when the standardised change is d.

    Parameters
    ----------
    n : array_like
        People, at least 2.
    d : array_like
        d_z, in SDs of the change; one-sided tests look in the direction of d.
    alpha : float
        Size of the test, in (0, 1).
    sides : {"two-sided", "one-sided"}
        The alternative.

    Returns
    -------
    ndarray
        Power; exact for normal changes.

    Raises
    ------
    InputError
        IOM-E060 below 2 people; IOM-E092 for other values outside their bounds.

    References
    ----------
    Cohen (1988), Statistical Power Analysis for the Behavioral Sciences; from the noncentral t distribution.

    Examples
    --------
    >>> round(float(paired_power(20, 0.5)), 6)
    0.564504
    """
    n, d = np.asarray(n, float), np.asarray(d, float)
    _check(n, d, alpha, sides)
    delta, df = np.abs(d) * np.sqrt(n), n - 1
    cut = t_isf(alpha / (2 if sides == "two-sided" else 1), df)
    upper = nct_sf(cut, df, delta)
    return upper + nct_cdf(-cut, df, delta) if sides == "two-sided" else upper


def paired_sample_size(d: float, *, power: float = 0.8, alpha: float = 0.05, sides: str = "two-sided") -> int:
    """Find the fewest people with whom the paired t test has the wanted power.

    Parameters
    ----------
    d : float
        d_z, not 0.
    power, alpha : float
        Wanted power and size of the test, in (0, 1).
    sides : {"two-sided", "one-sided"}
        The alternative.

    Returns
    -------
    int
        People, at least 2.

    Raises
    ------
    InputError
        IOM-E092 for d of 0 or values outside their bounds, or beyond a thousand million people.

    References
    ----------
    Cohen (1988), Statistical Power Analysis for the Behavioral Sciences; from the noncentral t distribution.

    Examples
    --------
    >>> paired_sample_size(0.5)
    34
    """
    _check_power(power)
    if d == 0:
        raise InputError("IOM-E092", "d: expected a change other than 0, which no number of people detects")

    def enough(n: int) -> bool:
        return bool(paired_power(n, d, alpha=alpha, sides=sides) >= power)

    low, high = 1, 2
    while not enough(high):
        low, high = high, 2 * high
        if high > _MOST:
            raise InputError("IOM-E092", "d: too close to 0 for any feasible number of people")
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def paired_detectable(n: int, *, power: float = 0.8, alpha: float = 0.05, sides: str = "two-sided") -> float:
    """Find the smallest standardised change that the paired t test detects with the wanted power.

    Parameters
    ----------
    n : int
        People, at least 2.
    power, alpha : float
        Wanted power, above alpha, and size of the test.
    sides : {"two-sided", "one-sided"}
        The alternative.

    Returns
    -------
    float
        d_z, above 0.

    Raises
    ------
    InputError
        IOM-E092 when the power is not above alpha, or other values are outside their bounds.

    References
    ----------
    Cohen (1988), Statistical Power Analysis for the Behavioral Sciences; from the noncentral t distribution.

    Examples
    --------
    >>> round(paired_detectable(34), 3)
    0.495
    """
    _check_power(power)
    if power <= alpha:
        raise InputError("IOM-E092", "power: expected more than alpha, which no change at all already gives")
    low, high = 0.0, 1.0
    while paired_power(n, high, alpha=alpha, sides=sides) < power:
        high *= 2
    for _ in range(_STEPS):
        middle = 0.5 * (low + high)
        if middle in (low, high):
            break
        low, high = (middle, high) if paired_power(n, middle, alpha=alpha, sides=sides) < power else (low, middle)
    return high


def ratio_sample_size(
    ratio: float, *, cv_pre: float, cv_post: float, r: float, power: float = 0.8, alpha: float = 0.05
) -> int:
    """Find how many people the robust ratio of rates needs to tell a ratio from 1.

    Parameters
    ----------
    ratio : float
        After over before, above 0 and not 1.
    cv_pre, cv_post : float
        Coefficients of variation of the two windows.
    r : float
        Their correlation.
    power, alpha : float
        Wanted power and two-sided size of the test.

    Returns
    -------
    int
        ``(z_(1-alpha/2) + z_power)^2 V / log(ratio)^2`` rounded up, ``V = cv1^2 + cv2^2 - 2 r cv1 cv2``.

    Raises
    ------
    InputError
        IOM-E092 for values outside their bounds.

    Examples
    --------
    >>> ratio_sample_size(0.8, cv_pre=4.75 / 6.84, cv_post=3.66 / 3.61, r=0.5355)
    120
    """
    _check_power(power)
    _check_power(alpha)
    if not (0 < ratio != 1 and cv_pre >= 0 and cv_post >= 0 and -1 <= r <= 1):
        raise InputError("IOM-E092", "expected a ratio above 0 and not 1, variations from 0, and r within -1 to 1")
    variance = cv_pre**2 + cv_post**2 - 2 * r * cv_pre * cv_post
    z = float(special.ndtri(1 - alpha / 2) + special.ndtri(power))
    return max(2, math.ceil(z**2 * variance / math.log(ratio) ** 2))


def _check(n: FloatArray, d: FloatArray, alpha: float, sides: str) -> None:
    if np.any(n < 2):
        raise InputError("IOM-E060", "expected at least 2 people")
    if sides not in SIDES or not 0 < alpha < 1 or not np.isfinite(d).all():
        raise InputError("IOM-E092", f"expected finite d, alpha between 0 and 1 and sides one of {', '.join(SIDES)}")


def _check_power(power: float) -> None:
    if not 0 < power < 1:
        raise InputError("IOM-E092", f"expected a probability between 0 and 1, got {power}")

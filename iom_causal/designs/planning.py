"""How many replicates a simulation needs, and what a share of them can bear out."""

import math
from collections.abc import Callable

from scipy import special

from iom_causal.base.specs import got
from iom_causal.errors import SpecError

NOMINAL_AFTER = 10_000
"""Replicates, fixed beforehand, from which a coverage may be called nominal: 2,000 miss a coverage of 0.93 every other
time, and stopping as soon as an error is small raises the coverage seen by 0.002."""
BAND_ERROR = 1e-4
"""The chance that a correct method falls outside its acceptance band."""
_EDGE = 1e-9


def plan_sims(
    mcse: float,
    *,
    coverage: float | None = None,
    power: float | None = None,
    sd: float | None = None,
    emp_se: float | None = None,
) -> int:
    """Compute how many replicates give a measure the wanted Monte Carlo error.

    Parameters
    ----------
    mcse : float
        The wanted Monte Carlo standard error, on the scale of the measure: 0.005 is half a percentage point of
        coverage.
    coverage, power : float, optional
        The share that is expected, in (0, 1); 0.5 is the worst. By default a coverage of 0.95.
    sd : float, optional
        SD of the estimates on the scale of analysis, for the error of a bias.
    emp_se : float, optional
        The same SD, for the error of the empirical standard error itself.

    Returns
    -------
    int
        Replicates that succeed, at least 1; divide by the share that does where some fail.

    Raises
    ------
    SpecError
        IOM-E092 for values outside their bounds, or more than one expected measure.

    Notes
    -----
    The formulas of Morris, White and Crowther (2019), solved for the number. To call a coverage nominal, fix at least
    `NOMINAL_AFTER` beforehand.

    Examples
    --------
    >>> plan_sims(0.005)  # 0.95 x 0.05 / 0.005^2
    1900
    >>> plan_sims(0.01, power=0.5), plan_sims(0.005, sd=0.1), plan_sims(0.002, emp_se=0.1)
    (2500, 400, 1251)
    """
    expected = {"coverage": coverage, "power": power, "sd": sd, "emp_se": emp_se}
    given = {name: value for name, value in expected.items() if value is not None} or {"coverage": 0.95}
    if len(given) > 1:
        raise SpecError("IOM-E092", f"plan_sims: expected one of {', '.join(expected)}, got {' and '.join(given)}")
    ((name, value),) = given.items()
    _check("mcse", mcse, math.inf)
    _check(name, value, 1.0 if name in {"coverage", "power"} else math.inf)
    if name == "emp_se":
        return 1 + math.ceil((value / mcse) ** 2 / 2 * (1 - _EDGE))
    variance = value**2 if name == "sd" else value * (1 - value)
    return max(1, math.ceil(variance / mcse**2 * (1 - _EDGE)))


def acceptance_band(share: float, sims: int, *, error: float = BAND_ERROR) -> tuple[int, int]:
    """Find the counts of hits that bear out a true share, by the exact binomial distribution.

    Parameters
    ----------
    share : float
        The share claimed, in (0, 1), such as a nominal coverage.
    sims : int
        Replicates, fixed beforehand.
    error : float
        The chance, in (0, 1), that hits fall outside though the claim is true; half of it on each side.

    Returns
    -------
    tuple of int
        The fewest and the most hits inside the band.

    Raises
    ------
    SpecError
        IOM-E092 for values outside their bounds.

    Examples
    --------
    >>> acceptance_band(0.95, 10_000)
    (9413, 9583)
    >>> acceptance_band(0.05, 2_000)
    (64, 140)
    """
    _check("share", share, 1.0)
    _check("error", error, 1.0)
    if isinstance(sims, bool) or not isinstance(sims, int) or sims < 1:
        raise SpecError("IOM-E092", f"acceptance_band sims: expected a whole number of at least 1, got {got(sims)}")
    low = _first(sims, lambda hits: bool(special.bdtr(hits, sims, share) >= error / 2))
    high = _first(sims, lambda hits: bool(special.bdtrc(hits, sims, share) <= error / 2))
    return low, high


def nominal(hits: int, sims: int, level: float) -> bool | None:
    """Decide whether intervals may be called nominal: their coverage lies in its acceptance band.

    Parameters
    ----------
    hits, sims : int
        Intervals that hold their target, of a number of replicates that was fixed beforehand.
    level : float
        Of the intervals.

    Returns
    -------
    bool or None
        None below `NOMINAL_AFTER` replicates, which cannot carry the claim.

    Examples
    --------
    >>> nominal(9_480, 10_000, 0.95), nominal(9_300, 10_000, 0.95), nominal(1_900, 2_000, 0.95)
    (True, False, None)
    """
    low, high = acceptance_band(level, sims)
    return low <= hits <= high if sims >= NOMINAL_AFTER else None


def _first(most: int, holds: Callable[[int], bool]) -> int:
    """Find the first whole number from 0 to `most` from which on a condition holds, by bisection."""
    low, high = 0, most
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low


def _check(name: str, value: float, below: float) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < below:
        bounds = "above 0" if below == math.inf else f"in (0, {below:g})"
        raise SpecError("IOM-E092", f"{name}: expected a number {bounds}, got {got(value)}")

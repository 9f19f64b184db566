"""Consistency of percentages, proportions and their SDs with whole numbers of people."""

from fractions import Fraction
from math import ceil, floor, sqrt

from scipy.special import betaincinv, ndtri

from iom_causal.errors import InputError
from iom_causal.numerics.printed.grim import admissible_sums
from iom_causal.numerics.printed.interval_arithmetic import Interval


def admissible_counts(low: Fraction, high: Fraction, n: int) -> range:
    """Return the counts out of n whose percentage lies in a rounding interval.

    Examples
    --------
    >>> list(admissible_counts(Fraction("85.25"), Fraction("85.35"), 225))
    [192]
    """
    sums = admissible_sums(low / 100, high / 100, n)
    return range(max(0, sums.start), min(n + 1, sums.stop))


def smallest_base(low: Fraction, high: Fraction) -> int:
    """Return the smallest n of which some count has a percentage in a rounding interval.

    Examples
    --------
    >>> smallest_base(Fraction("42.35"), Fraction("42.45"))
    33
    """
    if not 0 <= low <= high <= 100:
        raise InputError("IOM-E101", "expected a percentage between 0 and 100, got one outside; check the print")
    n = 1
    while not admissible_counts(low, high, n):
        n += 1
    return n


def debit_counts(
    mean: tuple[Fraction, Fraction], sd: tuple[Fraction, Fraction], n: int, *, ddof: int = 1
) -> tuple[int, ...]:
    """Return the counts of ones, out of n, consistent with the reported mean and SD of a binary outcome.

    Parameters
    ----------
    mean, sd : tuple of Fraction
        Rounding intervals of the reported proportion and of its SD.
    n : int
        How many values.
    ddof : {1, 0}
        1 if the SD divides by n - 1.

    Returns
    -------
    tuple of int
        Empty if no binary data have both (Heathers & Brown 2019, DEBIT).

    Examples
    --------
    >>> debit_counts((Fraction("0.305"), Fraction("0.315")), (Fraction("0.455"), Fraction("0.465")), 100)
    (31,)
    """
    counts = (k for k in admissible_sums(*mean, n) if 0 <= k <= n)
    least = max(sd[0], Fraction(0)) ** 2
    return tuple(k for k in counts if least <= Fraction(k * (n - k), n * (n - ddof)) <= sd[1] ** 2)


def exact_interval(count: int, n: int, *, level: float) -> Interval:
    """Return the exact interval of a proportion (Clopper & Pearson 1934).

    Examples
    --------
    >>> interval = exact_interval(6, 10, level=0.95)
    >>> round(interval.low, 3), round(interval.high, 3)
    (0.262, 0.878)
    """
    if not 0 <= count <= n or n < 1:
        raise InputError("IOM-E101", f"expected a count between 0 and n, got {count} of {n}; check the print")
    tail = (1 - level) / 2
    low = float(betaincinv(count, n - count + 1, tail)) if count else 0.0
    high = float(betaincinv(count + 1, n - count, 1 - tail)) if count < n else 1.0
    return Interval(low, high)


def arms_needed(first: Interval, second: Interval, *, level: float) -> Interval:
    """Return the people per arm at which a difference of two proportions leaves the two-sided interval.

    Parameters
    ----------
    first, second : Interval
        The proportions, with their rounding.
    level : float
        The level of the test of no difference.

    Returns
    -------
    Interval
        The smallest equal n per arm for ``|p1 - p2| >= z sqrt(2 p (1 - p) / n)``, p the mean of the two;
        from the widest difference that the rounding allows to the narrowest, infinite if that is none.

    Examples
    --------
    >>> n = arms_needed(Interval(0.4235, 0.4245), Interval(0.4155, 0.4165), level=0.95)
    >>> n.low, n.high
    (23106.0, 38196.0)
    """
    z = float(ndtri((1 + level) / 2))
    ends = [(a, b) for a in (first.low, first.high) for b in (second.low, second.high)]
    needed = [_arms(a, b, z) for a, b in ends]
    return Interval(min(needed), float("inf") if first.meets(second) else max(needed))


def difference_half_width(first: float, second: float, n: int, *, level: float) -> float:
    """Return half the width of the interval of a difference of proportions with n people in each arm.

    Examples
    --------
    >>> round(difference_half_width(0.424, 0.416, 225, level=0.95), 3)
    0.091
    """
    return float(ndtri((1 + level) / 2)) * sqrt((first * (1 - first) + second * (1 - second)) / n)


def pooled_change_limits(changes: tuple[float, ...]) -> tuple[Interval, float | None]:
    """Bounds of the pooled proportional change of groups whose own changes are reported.

    Parameters
    ----------
    changes : tuple of float
        After over before, minus one, of each group.

    Returns
    -------
    tuple of Interval and (float or None)
        The pooled change lies between the extremes; and, for two groups that moved in opposite
        directions, the share of the total before that the falling group must exceed for a fall overall.

    Examples
    --------
    >>> limits, share = pooled_change_limits((-0.67, 0.158))
    >>> limits.low, limits.high, round(share, 3)
    (-0.67, 0.158, 0.191)
    """
    limits = Interval(min(changes), max(changes))
    crossing = len(changes) == 2 and limits.low < 0 < limits.high
    return limits, limits.high / (limits.high - limits.low) if crossing else None


def percent_places(low: Fraction, high: Fraction, n: int) -> tuple[int, int]:
    """Return the counts that enclose a percentage which no count out of n can have.

    Examples
    --------
    >>> percent_places(Fraction("33.5"), Fraction("34.5"), 10)
    (3, 4)
    """
    return floor(low * n / 100), ceil(high * n / 100)


def _arms(first: float, second: float, z: float) -> float:
    if first == second:
        return float("inf")
    middle = (first + second) / 2
    return float(ceil(2 * middle * (1 - middle) * (z / (first - second)) ** 2))

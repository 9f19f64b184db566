"""GRIM and GRIMMER: sums and sums of squares of whole numbers consistent with a reported mean and SD.

All edges are fractions: a float edge would decide a tie by its rounding error. Sources: Brown &
Heathers (2017) for the mean (GRIM), Anaya (2016) for the SD (GRIMMER).
"""

from fractions import Fraction
from math import ceil, floor

from iom_causal.errors import InputError


def admissible_sums(low: Fraction, high: Fraction, n: int, unit: int = 1) -> range:
    """All totals of n values on a grid whose mean lies in a closed interval.

    Parameters
    ----------
    low, high : Fraction
        The rounding interval of the reported mean; both ends are inside.
    n : int
        How many values were averaged (people times items, for a mean of item means).
    unit : int
        The grid: every value is a whole multiple of it.

    Returns
    -------
    range
        The totals themselves (not multiples): all S that `unit` divides with ``low <= S/n <= high``, rising,
        in steps of `unit`. Empty if no whole numbers have such a mean.

    Examples
    --------
    >>> list(admissible_sums(Fraction("6.835"), Fraction("6.845"), 225))
    [1538, 1539, 1540]
    >>> list(admissible_sums(Fraction("328.885"), Fraction("328.895"), 225, unit=20))
    [74000]
    """
    _check(low, high, n, unit)
    first, last = ceil(low * n / unit), floor(high * n / unit)
    return range(first * unit, last * unit + 1, unit)


def admissible_squares(
    low: Fraction,
    high: Fraction,
    n: int,
    total: int,
    unit: int = 1,
    *,
    lowest: int | None = None,
    highest: int | None = None,
    attained: bool = False,
    ddof: int = 1,
) -> range:
    """All sums of squares of n values on a grid, of known total, whose SD lies in a closed interval.

    Parameters
    ----------
    low, high : Fraction
        The rounding interval of the reported SD; both ends are inside.
    n, total : int
        How many values, and what they add up to (one of `admissible_sums`).
    unit : int
        The grid of the values.
    lowest, highest : int, optional
        Values that none may go below or above: the reported range. They must lie on the grid.
    attained : bool
        Whether somebody has the lowest and somebody the highest value, as a reported range says.
    ddof : int
        1 if the SD divides by n - 1, 0 if by n.

    Returns
    -------
    range
        All Q with ``low**2 <= (Q - total**2/n)/(n - ddof) <= high**2``, of the parity of the total (on the
        grid), between the least and the greatest sum of squares of n such values. Steps of ``2 * unit**2``.

    Notes
    -----
    Parity and bounds are necessary. They are not always sufficient: a Q inside may still have no values.

    Examples
    --------
    >>> window = admissible_squares(Fraction("4.745"), Fraction("4.755"), 225, 1539, lowest=0, highest=23)
    >>> window[0], window[-1]
    (15571, 15591)
    """
    _check(low, high, n, unit)
    centre = Fraction(total * total, n)
    first = (n - ddof) * max(low, Fraction(0)) ** 2 + centre
    last = (n - ddof) * high**2 + centre
    least, most = square_limits(n, total, unit, lowest=lowest, highest=highest, attained=attained)
    return _of_parity(max(first, Fraction(least)), last if most is None else min(last, Fraction(most)), total, unit)


def admissible_change_squares(low: Fraction, high: Fraction, n: int, total: int, unit: int = 1) -> range:
    """All sums of squared differences of n pairs, of known total, whose paired t lies in an interval.

    Parameters
    ----------
    low, high : Fraction
        The rounding interval of the reported t, as a magnitude.
    n, total : int
        How many pairs, and the total of their differences (its sign does not matter).
    unit : int
        The grid of the values.

    Returns
    -------
    range
        All W = sum of d**2 for which t = |mean d| sqrt(n) / SD(d) lies between low and high, of the parity of
        the total; steps of ``2 * unit**2``. Empty where the total is 0, since t is then 0.

    Examples
    --------
    >>> window = admissible_change_squares(Fraction("11.635"), Fraction("11.645"), 225, 727)
    >>> window[0], window[-1]
    (6231, 6235)
    """
    _check(low, high, n, unit)
    if low <= 0:
        raise InputError(
            "IOM-E101", "expected a printed t above its rounding unit, got about 0; the SD is then unbounded"
        )
    if total == 0:
        return range(0)
    centre = Fraction(total * total, n)
    return _of_parity(centre + (n - 1) * centre / high**2, centre + (n - 1) * centre / low**2, total, unit)


def square_limits(
    n: int,
    total: int,
    unit: int = 1,
    *,
    lowest: int | None = None,
    highest: int | None = None,
    attained: bool = False,
) -> tuple[int, int | None]:
    """Least and greatest sum of squares of n grid values of known total.

    Returns
    -------
    tuple of int and (int or None)
        Least: values as even as the grid allows. Greatest: values at the ends of the range, one between;
        None without a range. An impossible total gives an empty interval (least above greatest).

    Examples
    --------
    >>> square_limits(3, 7, lowest=0, highest=5)
    (17, 29)
    """
    fixed = [lowest, highest] if attained else []
    ends = [end for end in fixed if end is not None]
    free, left = n - len(ends), total - sum(ends)
    base = sum(end * end for end in ends)
    if free < 0 or (free == 0 and left != 0):
        return 1, 0
    if lowest is not None and highest is not None and not lowest * free <= left <= highest * free:
        return 1, 0
    least = base + (_even_squares(free, left, unit) if free else 0)
    if lowest is None or highest is None:
        return least, None
    return least, base + (_spread_squares(free, left, lowest, highest) if free else 0)


def _even_squares(n: int, total: int, unit: int) -> int:
    quotient, extra = divmod(total // unit, n)
    return unit * unit * ((n - extra) * quotient**2 + extra * (quotient + 1) ** 2)


def _spread_squares(n: int, total: int, lowest: int, highest: int) -> int:
    if lowest == highest:
        return n * lowest * lowest
    at_top, rest = divmod(total - n * lowest, highest - lowest)
    if at_top == n:
        return n * highest * highest
    return at_top * highest**2 + (lowest + rest) ** 2 + (n - at_top - 1) * lowest**2


def _of_parity(low: Fraction, high: Fraction, total: int, unit: int) -> range:
    square = unit * unit
    first, last = ceil(low / square), floor(high / square)
    first += (first - total // unit) % 2
    return range(first * square, last * square + 1, 2 * square)


def _check(low: Fraction, high: Fraction, n: int, unit: int) -> None:
    if n < 1 or unit < 1:
        raise InputError(
            "IOM-E101", f"expected n and unit of 1 or more, got n = {n}, unit = {unit}; give whole numbers"
        )
    if not all(isinstance(edge, int | Fraction) for edge in (low, high)):
        raise InputError("IOM-E101", "expected fractions as edges, got floats; use Printed(...).low and .high")

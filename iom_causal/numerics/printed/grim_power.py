"""Power of the GRIM checks: the share of reported values that would pass, and the grid of the scores."""

from dataclasses import dataclass
from fractions import Fraction
from math import gcd

from iom_causal.errors import InputError
from iom_causal.numerics.printed.grim import admissible_squares, admissible_sums

_MOST_VALUES = 200_000


def mean_pass_share(value: Fraction, decimals: int, n: int, unit: int = 1) -> Fraction:
    """Return the share of reported means that some whole numbers could have.

    Every mean with this many decimals from `value` up to `value` plus one unit is tried; beyond that
    the pattern repeats.

    Parameters
    ----------
    value : Fraction
        The reported mean.
    decimals, n, unit : int
        Decimals reported, values averaged, and the grid of the values.

    Returns
    -------
    Fraction
        1 means that the check cannot fail, so that passing it says nothing.

    Examples
    --------
    >>> mean_pass_share(Fraction("6.84"), 2, 225), float(mean_pass_share(Fraction("328.89"), 2, 225, 20))
    (Fraction(1, 1), 0.1125)
    """
    scale = 10**decimals
    tried = unit * scale
    if tried > _MOST_VALUES:
        return min(Fraction(1), Fraction(n, tried))
    start = int(value * scale)
    # k * unit / n lies within half a place of j / scale: bounds on k with one common denominator.
    below = 2 * scale * unit
    passed = sum((2 * j + 1) * n // below >= -(-((2 * j - 1) * n) // below) for j in range(start, start + tried))
    return Fraction(passed, tried)


def sd_pass_share(value: Fraction, decimals: int, n: int, totals: range, unit: int = 1, *, ddof: int = 1) -> Fraction:
    """Return the share of reported SDs, over one unit, for which some sum of squares is admissible.

    Examples
    --------
    >>> totals = range(1538, 1541)
    >>> sd_pass_share(Fraction("4.75"), 2, 225, totals)
    Fraction(1, 1)
    """
    half, step = Fraction(1, 2 * 10**decimals), Fraction(1, 10**decimals)
    tried = min(10**decimals, 1000)
    passed = sum(
        any(admissible_squares(s - half, s + half, n, total, unit, ddof=ddof) for total in totals)
        for s in (value + k * step for k in range(tried))
    )
    return Fraction(passed, tried)


@dataclass(frozen=True, slots=True)
class Grid:
    """A grid on which all reported means and extremes lie.

    Parameters
    ----------
    unit : int
        The step of the grid.
    chance : Fraction
        How likely it is that means reported at random would all pass.
    """

    unit: int
    chance: Fraction

    @property
    def bayes_factor(self) -> Fraction:
        """Bayes factor of the grid, against a grid of whole numbers, for the means that pass."""
        return 1 / self.chance


def fitting_grids(
    means: tuple[tuple[Fraction, int, int], ...], extremes: tuple[int, ...], *, largest: int = 100
) -> tuple[Grid, ...]:
    """Return every grid that all reported means and extremes allow, finest first.

    Parameters
    ----------
    means : tuple of (Fraction, int, int)
        Each reported mean with its decimals and its n.
    extremes : tuple of int
        Reported minima and maxima; a grid must divide them all.
    largest : int
        The coarsest grid tried.

    Returns
    -------
    tuple of Grid
        Without extremes no grid is inferred: a mean alone fixes no origin.

    Examples
    --------
    >>> risk = ((Fraction("328.89"), 2, 225), (Fraction("238.61"), 2, 187))
    >>> [(g.unit, round(float(g.bayes_factor))) for g in fitting_grids(risk, (220, 1100, 20, 900))]
    [(1, 1), (2, 1), (4, 4), (5, 6), (10, 24), (20, 95)]
    """
    if not means:
        raise InputError("IOM-E101", "expected at least one printed mean, got none")
    common = gcd(*extremes) if extremes else 1
    units = [u for u in range(1, largest + 1) if common % u == 0]
    return tuple(Grid(u, _chance(means, u)) for u in units if all(_lies_on(mean, u) for mean in means))


def _lies_on(mean: tuple[Fraction, int, int], unit: int) -> bool:
    value, decimals, n = mean
    half = Fraction(1, 2 * 10**decimals)
    return bool(admissible_sums(value - half, value + half, n, unit))


def _chance(means: tuple[tuple[Fraction, int, int], ...], unit: int) -> Fraction:
    chance = Fraction(1)
    for value, decimals, n in means:
        chance *= mean_pass_share(value, decimals, n, unit)
    return chance

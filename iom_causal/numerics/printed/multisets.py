"""Existence of a multiset of whole numbers with a given size, total and sum of squares, by complete search."""

from collections.abc import Mapping

_MOST_STEPS = 400_000
"""Steps of the search for one set: a quarter of a second on a slow core."""


def some_multiset(
    n: int, support: tuple[int, int], windows: Mapping[int, range], *, attained: tuple[int, ...] = ()
) -> bool | None:
    """Whether some n whole numbers have a total and a sum of squares in the windows, by trying every set of them.

    Parameters
    ----------
    n : int
        How many numbers.
    support : tuple of int
        The smallest and largest number allowed; neither need occur.
    windows : mapping of int to range
        The admissible sums of squares of each admissible total, as `admissible_squares` gives them.
    attained : tuple of int
        Numbers of the support that must occur.

    Returns
    -------
    bool or None
        None where there are too many sets to try.

    Examples
    --------
    >>> some_multiset(3, (0, 2), {3: range(3, 6)}), some_multiset(3, (0, 2), {3: range(4, 5)})
    (True, False)
    """
    low, high = support
    free, placed, placed_squares = n - len(attained), sum(attained), sum(a * a for a in attained)
    if free < 0:
        return False
    shifted = {total - placed - free * low: (total - placed, squares) for total, squares in windows.items()}
    shifted = {above: window for above, window in shifted.items() if 0 <= above <= free * (high - low)}
    top = max(shifted, default=0)
    if (high - low + 1) * free * (top + 1) > _MOST_STEPS:
        return None
    sums = _reached(free, min(high - low, top), top)
    for above, (total, squares) in shifted.items():
        # Of x = low + y: the squares of x are those of y, and 2 low times the total of x less free low**2.
        wanted = (q - placed_squares - 2 * low * total + free * low * low for q in squares)
        if any(q >= 0 and sums[above] >> q & 1 for q in wanted):
            return True
    return False


def _reached(n: int, highest: int, top: int) -> list[int]:
    """Return for each total of n numbers from 0 the sums of squares that occur, as the bits of a whole number."""
    reached = [[1] + [0] * top, *([0] * (top + 1) for _ in range(n))]
    for value in range(highest + 1):
        for size in range(1, n + 1):
            fewer, here = reached[size - 1], reached[size]
            for total in range(value, top + 1):
                here[total] |= fewer[total - value] << value * value
    return reached[n]

"""Which sets of whole numbers share a size, a total and a sum of squares, and how many."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

_MOST_STEPS = 400_000
"""Steps of the search for one set: a quarter of a second on a slow core."""


def count_multisets(n: int, support: tuple[int, int], windows: Mapping[int, range]) -> int:
    """Count the multisets of n whole numbers whose total and sum of squares lie in windows.

    Parameters
    ----------
    n : int
        How many numbers.
    support : tuple of int
        The smallest and largest number allowed; neither need occur.
    windows : mapping of int to range
        The admissible sums of squares of each admissible total, as `admissible_squares` gives them.

    Returns
    -------
    int
        The order of the numbers does not count. This is the complete enumeration of Wilner, Wood & Simons
        (2018, CORVIDS), by merging partial multisets of equal size, total and squares.

    Examples
    --------
    >>> count_multisets(3, (0, 2), {3: range(3, 6)})
    2
    """
    low, high = support
    shifted = {
        total - n * low: [q - 2 * low * total + n * low * low for q in squares]
        for total, squares in windows.items()
        if squares
    }
    shifted = {total: squares for total, squares in shifted.items() if 0 <= total <= n * (high - low)}
    if not shifted:
        return 0
    limits = np.array([n, max(shifted), max(max(squares) for squares in shifted.values())])
    states, ways = np.zeros((1, 3), dtype=np.int64), np.ones(1, dtype=np.int64)
    for value in range(high - low, 1, -1):
        states, ways = _with_value(states, ways, value, limits)
    return sum(_completions(states, ways, n, total, squares, ones=high > low) for total, squares in shifted.items())


def some_multiset(
    n: int, support: tuple[int, int], windows: Mapping[int, range], *, attained: tuple[int, ...] = ()
) -> bool | None:
    """Whether some n whole numbers have a total and a sum of squares in the windows, by trying every set of them.

    Parameters
    ----------
    n, support, windows
        As in `count_multisets`.
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
    free, left, gone = n - len(attained), sum(attained), sum(a * a for a in attained)
    if free < 0:
        return False
    shifted = {total - left - free * low: (total - left, squares) for total, squares in windows.items()}
    shifted = {above: found for above, found in shifted.items() if 0 <= above <= free * (high - low)}
    top = max(shifted, default=0)
    if (high - low + 1) * free * (top + 1) > _MOST_STEPS:
        return None
    sums = _reached(free, min(high - low, top), top)
    for above, (total, squares) in shifted.items():
        # Of x = low + y: the squares of x are those of y, and 2 low times the total of x less free low**2.
        wanted = (q - gone - 2 * low * total + free * low * low for q in squares)
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


def _with_value(states: Ints, ways: Ints, value: int, limits: Ints) -> tuple[Ints, Ints]:
    """Add any number of copies of a value to partial multisets, merging those that agree."""
    step = np.array([1, value, value * value])
    parts, counts = [states], [ways]
    while states.size:
        inside = (states + step <= limits).all(axis=1)
        states, ways = states[inside] + step, ways[inside]
        parts.append(states)
        counts.append(ways)
    merged, place = np.unique(np.vstack(parts), axis=0, return_inverse=True)
    total = np.zeros(len(merged), dtype=np.int64)
    np.add.at(total, place.ravel(), np.concatenate(counts))
    return merged, total


def _completions(states: Ints, ways: Ints, n: int, total: int, squares: list[int], *, ones: bool) -> int:
    """Count completions by ones, which the total fixes, and zeros, which the size fixes."""
    missing = total - states[:, 1]
    fits = (missing >= 0) & (states[:, 0] + missing <= n) & np.isin(states[:, 2] + missing, squares)
    if not ones:
        fits &= missing == 0
    return int(ways[fits].sum())

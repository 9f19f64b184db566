"""Complete enumeration of multisets of whole numbers with a given size, total and sum of squares."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


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

"""Complementary cell suppression in tables of counts.

A cell is one count; a relation says that a whole is the sum of its parts (a row of 1 for each part and -1 for the
whole). Whoever reads the tables is taken to know every shown count exactly, all relations, and that no count is
negative: rounding then protects beyond what is checked here. Sources: Fischetti & Salazar (2001), Management
Science 47, 1008-1027, for the problem; Kelly, Golden & Assad (1992), Networks 22, 397-417, for the linear programme.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from iom_causal.errors import InfeasibleError

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

TOLERANCE = 1e-6
"""Of the solver, in people."""


def primary(counts: Floats, threshold: int, *, known: Mask) -> Mask:
    """Return which cells are too small to be shown, zeros among them.

    Parameters
    ----------
    counts : ndarray, (cells,)
        The tables.
    threshold : int
        The smallest count that may be shown.
    known : ndarray of bool, (cells,)
        Cells that any reader knows: the total, and zeros that cannot be otherwise.

    Examples
    --------
    >>> primary(np.array([0.0, 9.0, 10.0, 0.0]), 10, known=np.array([False, False, False, True])).tolist()
    [True, True, False, False]
    """
    return (counts < threshold) & ~known


def _ends(at: Floats, rows: Floats, threshold: int) -> Iterator[tuple[float, float]]:
    """Yield for each cell in turn how far it can fall and rise, no further than is needed for the threshold.

    Every table that is found moves many cells, so that most need no programme of their own.
    """
    low, high = np.zeros(at.size), np.zeros(at.size)
    for k in range(at.size):
        for sign in (1.0, -1.0):
            if high[k] - low[k] < threshold - TOLERANCE:
                moved = _furthest(at, rows, k, sign, threshold)
                low, high = np.minimum(low, moved), np.maximum(high, moved)
        yield float(low[k]), float(high[k])


def _furthest(at: Floats, rows: Floats, k: int, sign: float, threshold: int) -> Floats:
    """Return the change of all cells that moves one of them furthest, up to the threshold, and shows the same."""
    from scipy.optimize import linprog  # noqa: PLC0415 slow to load

    lowest, highest = -at, np.full(at.size, np.inf)
    lowest[k], highest[k] = -min(at[k], threshold), threshold
    cost = np.zeros(at.size)
    cost[k] = -sign
    bounds = list(zip(lowest.tolist(), highest.tolist(), strict=True))
    solved = linprog(cost, A_eq=rows, b_eq=np.zeros(len(rows)), bounds=bounds, method="highs")
    return np.asarray(solved.x)


def suppress(counts: Floats, relations: Floats, threshold: int, *, known: Mask) -> Mask:
    """Return which cells to withhold: the small ones, and others so that no withheld cell is known too closely.

    Cells are added by the cheapest pair of tables that show the same and lie `threshold` apart in the cell, and
    those that turn out not to be needed are given back; the choice is good and not always the smallest.

    Parameters
    ----------
    counts, relations, threshold
        As in `widths`.
    known : ndarray of bool, (cells,)
        Cells that are always shown.

    Returns
    -------
    ndarray of bool, (cells,)
        What is withheld: by `widths` every such cell has room for `threshold`.

    Raises
    ------
    InfeasibleError
        IOM-E120 when the cells that are always shown give others away.

    Examples
    --------
    >>> counts, rows = np.array([3.0, 40, 12, 55]), np.array([[1.0, 1, 1, -1]])
    >>> suppress(counts, rows, 10, known=np.array([False, False, False, True])).tolist()
    [True, False, True, False]
    """
    small = primary(counts, threshold, known=known)
    withheld = small.copy()
    while (cell := _exposed(counts, relations, withheld, threshold)) is not None:
        withheld = _protect(counts, relations, withheld, cell, threshold, known)
    for extra in sorted(np.flatnonzero(withheld & ~small), key=lambda i: -counts[i]):
        fewer = withheld.copy()
        fewer[extra] = False
        if _exposed(counts, relations, fewer, threshold) is None:
            withheld = fewer
    return withheld


def _exposed(counts: Floats, relations: Floats, withheld: Mask, threshold: int) -> int | None:
    """Return the first withheld cell without room for the threshold."""
    hidden = np.flatnonzero(withheld)
    ends = enumerate(_ends(counts[hidden], relations[:, hidden], threshold))
    return next((int(hidden[k]) for k, (low, high) in ends if high - low < threshold - TOLERANCE), None)


def _protect(counts: Floats, relations: Floats, withheld: Mask, cell: int, threshold: int, known: Mask) -> Mask:
    """Withhold what the cheapest two tables that differ by the threshold in `cell` change.

    Each table is the true one plus a rise less a fall; the cost of changing a shown cell is its count.
    """
    from scipy.optimize import linprog  # noqa: PLC0415 slow to load

    free = np.flatnonzero(~known)
    rows, at, m = relations[:, free], counts[free], free.size
    nought = np.zeros_like(rows)
    sums = np.block([[rows, -rows, nought, nought], [nought, nought, rows, -rows]])
    apart = np.zeros((1, 4 * m))
    k = int(np.flatnonzero(free == cell)[0])
    apart[0, [k, m + k, 2 * m + k, 3 * m + k]] = 1, -1, -1, 1
    cost = np.tile(np.where(withheld[free], TOLERANCE, 1 + at), 4)
    limits = [*[(0, None)] * m, *[(0, x) for x in at]] * 2
    solved = linprog(
        cost,
        A_eq=np.vstack([sums, apart]),
        b_eq=np.append(np.zeros(len(sums)), threshold),
        bounds=limits,
        method="highs",
    )
    if solved.x is None:
        raise InfeasibleError(
            "IOM-E120", f"what is always shown gives away a cell of fewer than {threshold} people; keep less"
        )
    changed = solved.x.reshape(4, m).max(axis=0) > TOLERANCE
    more = withheld.copy()
    more[free[changed]] = True
    return more

"""Integer programmes over the contingency table of pairs of values."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

INTEGRAL = 1e-5
"""How far a count of an integer solution may lie from a whole number; the solver's own limit is 1e-6."""


class Cells(NamedTuple):
    """The cells of the table of pairs, those of people without follow-up last.

    Attributes
    ----------
    x, y : ndarray of int64, (cells,)
        Values; y is 0 where it is missing.
    paired : ndarray of bool, (cells,)
        Whether the cell holds people with both values.
    """

    x: Ints
    y: Ints
    paired: NDArray[np.bool_]


class Optimum(NamedTuple):
    """The answer of one programme.

    Attributes
    ----------
    feasible : bool
        False only if the solver has proved that nothing satisfies the constraints.
    bound : float
        No table has a larger objective.
    counts : ndarray of int64 or None
        A table, in the cells' order; None when none was found.
    nodes : int
        How many nodes of its tree of programmes were solved.
    """

    feasible: bool
    bound: float
    counts: Ints | None
    nodes: int = 0


def pair_cells(support: tuple[int, int, int, int], *, missing: bool) -> Cells:
    """Return all cells of a table of pairs.

    Parameters
    ----------
    support : tuple of int
        Smallest and largest x, smallest and largest y.
    missing : bool
        Whether some people have x alone.

    Examples
    --------
    >>> pair_cells((0, 1, 0, 2), missing=True).x.tolist()
    [0, 0, 0, 1, 1, 1, 0, 1]
    """
    lx, hx, ly, hy = support
    x, y = (a.ravel() for a in np.meshgrid(np.arange(lx, hx + 1), np.arange(ly, hy + 1), indexing="ij"))
    alone = np.arange(lx, hx + 1) if missing else np.empty(0, dtype=np.int64)
    return Cells(
        np.concatenate([x, alone]),
        np.concatenate([y, np.zeros_like(alone)]),
        np.concatenate([np.ones(x.size, dtype=bool), np.zeros(alone.size, dtype=bool)]),
    )


def table_rows(cells: Cells, support: tuple[int, int, int, int]) -> Floats:
    """Return what the reported figures sum over the cells.

    Parameters
    ----------
    cells : Cells
        The table.
    support : tuple of int
        As in `pair_cells`.

    Returns
    -------
    ndarray, (12, cells)
        Per person: paired, not paired, x, x squared, y, y squared, change, squared change, and being at the
        smallest and largest x and y.
    """
    x, y, paired = cells
    y, change = y * paired, (y - x) * paired
    lx, hx, ly, hy = support
    ends = [x == lx, x == hx, (y == ly) & paired, (y == hy) & paired]
    return np.array([paired, ~paired, x, x**2, y, y**2, change, change**2, *ends], dtype=float)


def maximise(
    weights: Floats, rows: Floats, lower: Floats, upper: Floats, *, integer: bool = True, nodes: int = 10_000
) -> Optimum:
    """Find the table of counts with the largest weighted sum among those within bounds.

    Parameters
    ----------
    weights : ndarray, (cells,)
        What each person in a cell adds to the objective.
    rows : ndarray, (constraints, cells)
        What each person adds to the constrained sums.
    lower, upper : ndarray, (constraints,)
        The bounds of those sums.
    integer : bool
        Whether counts must be whole; without, the answer is a quick bound.
    nodes : int
        After how many nodes of the tree of programmes to stop, at least 1; the bound then still holds. A clock in
        its place would give another answer on a slower machine.

    Returns
    -------
    Optimum
        By HiGHS (Huangfu & Hall 2018) through `scipy.optimize.milp`.

    Examples
    --------
    >>> rows = np.array([[1.0, 1.0], [0.0, 1.0]])
    >>> best = maximise(np.array([1.0, 0.0]), rows, np.array([3.0, 1.0]), np.array([3.0, 3.0]))
    >>> best.counts.tolist(), best.bound
    ([2, 1], 2.0)
    """
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415 -- slow to import
    from scipy.sparse import csr_array  # noqa: PLC0415 -- slow to import

    answer = milp(
        -weights,
        integrality=np.full(weights.size, int(integer)),
        bounds=Bounds(0, np.inf),
        constraints=LinearConstraint(csr_array(rows), lower, upper),
        options={"node_limit": nodes, "mip_rel_gap": 0.0},
    )
    solved = int(answer.get("mip_node_count") or 0)
    if answer.status == 2:
        return Optimum(feasible=False, bound=-np.inf, counts=None, nodes=solved)
    dual = answer.get("mip_dual_bound")
    bound = -float(dual) if dual is not None else (-float(answer.fun) if answer.status == 0 else np.inf)
    return Optimum(feasible=True, bound=bound, counts=_whole(answer.x) if integer else None, nodes=solved)


def _whole(solution: Floats | None) -> Ints | None:
    if solution is None:
        return None
    counts = np.rint(solution)
    return counts.astype(np.int64) if np.abs(solution - counts).max() < INTEGRAL else None

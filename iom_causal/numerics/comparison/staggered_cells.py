"""Group-time cells of staggered starts, and the sets of cells that an average of effects takes.

A cell is one group of people with a common start, in one window, against a base and a pool of people who are not
treated in either. The base is one window (Callaway & Sant'Anna 2021, J. Econometrics 225, 200-230), or the mean over
all windows before the start (Lee & Wooldridge 2023, SSRN 4516518; with one start and people never treated it is the
imputation of Borusyak, Jaravel & Spiess 2024, Rev. Econ. Stud. 91, 3253-3285).
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]
type Integers = NDArray[np.int64]
type Booleans = NDArray[np.bool_]

COMPARISONS = ("not_yet", "never")
BASES = ("universal", "varying", "every")
EVERY = BASES[-1]
AVERAGES = ("simple", "event", "group", "calendar")


class Cells(NamedTuple):
    """Group-time cells.

    Attributes
    ----------
    own, window, base, pool : ndarray
        (Q,) the treated group, a position in `starts`; the window of the effect; the row of `bases` that it is a change
        from; the row of `pools` that it is compared with.
    bases : ndarray
        (B, T) the share of each window in each base.
    pools : ndarray
        (L, H) the groups of each pool.
    starts : ndarray
        (H,) first treated window of each group; the number of windows, or more, for never.
    """

    own: Integers
    window: Integers
    base: Integers
    pool: Integers
    bases: Floats
    pools: Booleans
    starts: Integers

    @property
    def event(self) -> Integers:
        """(Q,) windows since the start, negative before it."""
        return self.window - self.starts[self.own]

    def where(self, mask: Booleans) -> "Cells":
        """Return the cells for which `mask`, (Q,), holds."""
        rows = (self.own[mask], self.window[mask], self.base[mask], self.pool[mask])
        return Cells(*rows, self.bases, self.pools, self.starts)


class Averages(NamedTuple):
    """Averages of cells: first the overall effect, then the path by event time, group or calendar window.

    Attributes
    ----------
    members : ndarray
        (P, Q) the cells of each term of the path, which weigh as their groups have people.
    keys : ndarray
        (P,) event time, start or window of each term.
    overall : ndarray
        (Q,) the cells of the overall effect where it is one average of cells; else (0,).
    shares : ndarray
        (P,) the weight of each term in the overall effect where it is one of terms; 0 for terms that are not in it.
    by_people : bool
        Whether terms weigh as their groups have people.
    """

    members: Booleans
    keys: Integers
    overall: Booleans
    shares: Floats
    by_people: bool


def group_time_cells(
    starts: Sequence[int] | Integers,
    windows: int,
    *,
    comparison: str = COMPARISONS[0],
    anticipation: int = 0,
    base: str = BASES[0],
) -> Cells:
    """List the group-time cells that have a base window and somebody to compare with.

    Parameters
    ----------
    starts : sequence of int
        (H,) first treated window of each group; `windows` or more for never.
    windows : int
        How many there are.
    comparison : {"not_yet", "never"}
        Groups not treated by the window, `anticipation` included, or those never treated.
    anticipation : int
        How many windows before the start may already be changed.
    base : {"universal", "varying", "every"}
        The last window before the start and its anticipation for all windows; or, for windows before the start, the
        one before each; or the mean over all windows before the start and its anticipation.

    Examples
    --------
    >>> cells = group_time_cells([1, 2, 3], 3)
    >>> cells.own.tolist(), cells.window.tolist(), cells.base.tolist()
    ([0, 0, 1, 1], [1, 2, 0, 2], [0, 0, 1, 1])
    >>> cells.pools[cells.pool].astype(int).tolist()
    [[0, 1, 1], [0, 0, 1], [0, 0, 1], [0, 0, 1]]
    >>> group_time_cells([2, 3], 3, base="every").window.tolist()
    [0, 1, 2]
    """
    first = np.asarray(starts, dtype=np.int64)
    own, window = (a.ravel() for a in np.indices((len(first), windows)))
    fixed = first[own] - 1 - anticipation
    before = window < first[own]
    since = np.where(before, window - 1, fixed) if base == "varying" else fixed
    itself = (window == since) & ((since == 0) | (base != EVERY))  # the mean over one window is that window
    kept = (first[own] < windows) & (fixed >= 0) & (since >= 0) & ~itself
    own, window, since = own[kept], window[kept], since[kept]
    treated_by = np.maximum(window, since)[:, None] + anticipation
    free = (first >= windows) | (first > treated_by) if comparison == "not_yet" else (first >= windows)
    free = np.broadcast_to(free, (len(own), len(first))) & (np.arange(len(first)) != own[:, None])
    some = free.any(-1)
    pools, pool = np.unique(free[some], axis=0, return_inverse=True)
    cells = Cells(own[some], window[some], since[some], pool.ravel(), np.eye(windows), pools, first)
    return from_every_window(cells, anticipation) if base == EVERY else cells


def from_every_window(cells: Cells, anticipation: int = 0) -> Cells:
    """Return cells with the mean over all windows before the start, and its anticipation, as their base.

    Examples
    --------
    >>> cells = from_every_window(group_time_cells([2, 3], 3))
    >>> cells.window.tolist(), cells.bases[cells.base].tolist()
    ([0, 2], [[0.5, 0.5, 0.0], [0.5, 0.5, 0.0]])
    """
    before = np.arange(cells.bases.shape[-1]) < cells.starts[:, None] - anticipation
    shares = before / np.maximum(before.sum(-1, keepdims=True), 1)
    return cells._replace(base=cells.own, bases=shares)


def averages(cells: Cells, kind: str) -> Averages:
    """Group cells for an average of effects, and for the path beside it.

    Parameters
    ----------
    cells : Cells
        Of one set of people.
    kind : {"simple", "event", "group", "calendar"}
        Overall effect: that of all treated cells; the mean over windows since the start; that over groups, by their
        people, of each group's mean over windows; the mean over calendar windows. The path of "simple" is by event
        time.

    Examples
    --------
    >>> cells = group_time_cells([1, 2, 3], 4)
    >>> averages(cells, "event").keys.tolist(), averages(cells, "calendar").keys.tolist()
    ([-2, 0, 1], [1, 2])
    """
    treated = cells.event >= 0
    by = {"group": cells.starts[cells.own], "calendar": cells.window}.get(kind, cells.event)
    kept = np.ones_like(treated) if kind in ("simple", "event") else treated
    keys = np.unique(by[kept])
    members = (by == keys[:, None]) & kept
    inside = members[:, treated].any(-1)
    overall = treated if kind == "simple" else np.zeros(0, dtype=np.bool_)
    return Averages(members, keys, overall, inside / max(inside.sum(), 1), kind == "group")

"""Gap test for isolated values at the ends of a column: likely codes for missing, and values far outside the rest.

Values beyond a gap are isolated where the gap is many times what the rest spreads on that side of its median. Numbers
that are written as codes (99, -8) are held to a smaller gap than others, and to a still smaller one where several cells
share them, which no tail of a distribution makes likely; a heap on 7, 8 or 9 behind a gap is one too.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_LONGER = (float(f"{'9' * k}{d}") for k in range(1, 6) for d in range(5, 10))
_ALIKE = (float(str(d) * k) for d in (6, 7, 8) for k in range(2, 7))
ABOVE = frozenset((7.0, 8.0, 9.0, *_LONGER, *_ALIKE))
"""Numbers that stand for no value in many files: 7, 8, 9, 66, 77, 88, 95 to 99, 995 to 999, ..."""
BELOW = frozenset((*(float(-k) for k in range(1, 10)), *(-c for c in ABOVE)))
_MIRRORED = frozenset(-c for c in ABOVE | BELOW)
LONG, SHORT, FAR = (1.5, 1.0, 0.6), (4.0, 1.5, 1.0), 6.0
"""Least gap over the spread where one cell, two, or more hold a long code, one of one digit, and for other values."""
FEW, FEW_OF = 2, 0.05
"""How many values, and which share of them, may be far from the rest and not a part of it."""
GAP, HEAP, CLIFF = 3, 2, 5
"""Distance of a code of one digit from the last value before it, how many times as many cells as that it holds, or from
how many cells there on counts do not end at once."""
SPIKE, BESIDE = 3, 0.2
"""Least cells of a code that stands out among larger values, and within which share of it hardly any others lie."""
FEWEST, MOST_CODES = 10, 8
"""Values without which nothing is far from the rest, and the most codes at one end."""


class Isolated(NamedTuple):
    """Isolated values of a column.

    Attributes
    ----------
    codes : tuple of float
        Likely codes for missing.
    cells : int
        How many values they are.
    far : int
        How many values are far outside the rest, codes among them.
    """

    codes: tuple[float, ...] = ()
    cells: int = 0
    far: int = 0


def isolated(values: NDArray[np.float64], *, least: float = -np.inf) -> Isolated:
    """Gap test for likely codes for missing and for outlying values.

    Parameters
    ----------
    values : ndarray
        Finite values of a column.
    least : float
        The least that a value can be, such as 0 for counts: codes below need no gap.

    Examples
    --------
    >>> isolated(np.array([0.0, 1, 2, 0, 3, 1, 0, 2, 5, 0, 1, 99, 99]))
    Isolated(codes=(99.0,), cells=2, far=2)
    >>> isolated(np.arange(10.0))
    Isolated(codes=(), cells=0, far=0)
    """
    if values.size < FEWEST:
        return Isolated()
    distinct, cells = np.unique(values, return_counts=True)
    below = distinct < least
    impossible = below if set(distinct[below].tolist()) <= BELOW else np.zeros_like(below)
    rest, held = distinct[~impossible], cells[~impossible]
    top, far_up = _beyond(rest, held, ABOVE)
    kept = slice(0, rest.size - top)
    bottom, far_down = _beyond(-rest[kept][::-1], held[kept][::-1], _MIRRORED)
    coded = impossible.copy()
    coded[~impossible] = (np.arange(rest.size) < bottom) | (np.arange(rest.size) >= rest.size - top)
    coded |= [value in ABOVE and _spike(value, distinct, cells) for value in distinct.tolist()]
    far = far_up + far_down + int(cells[impossible].sum())
    return Isolated(tuple(distinct[coded].tolist()), int(cells[coded].sum()), max(far, int(cells[coded].sum())))


def _beyond(distinct: NDArray[np.float64], cells: NDArray[np.int64], codes: frozenset[float]) -> tuple[int, int]:
    """Return how many distinct values at the top are codes, and how many cells are far outside."""
    total, coded, far = int(cells.sum()), 0, 0
    all_codes = True
    for k in range(1, min(distinct.size, MOST_CODES + 1)):
        lowest, rest, beyond = float(distinct[-k]), distinct[:-k], int(cells[-k:].sum())
        all_codes = all_codes and lowest in codes
        if 2 * beyond >= total:
            break
        middle = float(rest[np.searchsorted(np.cumsum(cells[:-k]), (total - beyond + 1) // 2)])
        gap = (lowest - float(rest[-1])) / (float(rest[-1]) - middle + _step(rest))
        few = min(beyond, 3) - 1
        if all_codes and gap >= (SHORT if abs(lowest) < 10 else LONG)[few]:
            coded = k
        if gap >= FAR and beyond <= max(FEW, FEW_OF * total):
            far = beyond
    return coded, far


def _step(rest: NDArray[np.float64]) -> float:
    """Return the step of a scale: 1 for whole numbers, else the mean distance between neighbours."""
    whole = bool((rest == np.floor(rest)).all())
    return 1.0 if whole or rest.size < 2 else float(rest[-1] - rest[0]) / (rest.size - 1)


def _spike(value: float, distinct: NDArray[np.float64], cells: NDArray[np.int64]) -> bool:
    """Whether many cells share a number, and hardly any lie near it.

    A number of one digit stands at the end, behind a gap, on more cells than the tail before it makes likely.
    """
    own = int(cells[distinct == value].sum())
    if 0 < value < 10:
        return _spike_at_the_end(value, own, distinct, cells)
    near = int(cells[np.abs(distinct - value) <= BESIDE * value].sum()) - own
    return abs(value) >= 10 and own >= SPIKE and SPIKE * near <= own and 2 * own < int(cells.sum())


def _spike_at_the_end(value: float, own: int, distinct: NDArray[np.float64], cells: NDArray[np.int64]) -> bool:
    """Whether a heap on a number of one digit is no tail of counts: behind a gap, and behind fewer cells or a cliff."""
    rest = distinct[distinct < value]
    if not rest.size or not set(distinct[distinct > value].tolist()) <= ABOVE or value - rest[-1] < GAP:
        return False
    last = int(cells[rest.size - 1])
    return own >= SPIKE and 2 * own < int(cells.sum()) and (own >= HEAP * last or last >= CLIFF)

"""Union of intervals of time: how much of a window a set of spells covers."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

type Ints = NDArray[np.int64]


def covered(who: Ints, start: Ints, end: Ints, first: int, last: ArrayLike, people: int) -> Ints:
    """Return how much of each person's stretch lies in the union of that person's spells.

    Parameters
    ----------
    who : ndarray
        (S,) whose spell it is, from 0 to below `people`; in any order.
    start, end : ndarray
        (S,) of whole units; the end is not included.
    first, last : int, array_like
        The stretch; its end may be each person's own, (people,), and no earlier than `first`.
    people : int
        How many there are.

    Returns
    -------
    ndarray
        (people,) of the same units.

    Examples
    --------
    >>> covered(np.array([0, 0, 1]), np.array([-5, 2, 8]), np.array([4, 6, 20]), 0, 10, 3).tolist()
    [6, 2, 0]
    """
    closes = np.broadcast_to(np.asarray(last, dtype=np.int64), people)
    order = np.lexsort((start, who))
    who = who[order]
    begin, finish = (np.clip(x[order], first, closes[who]) - first for x in (start, end))
    # People are moved so far apart that one running maximum serves all: what came before somebody's own first spell
    # falls below 0.
    apart = who * (int(np.max(closes, initial=first)) - first + 1)
    reached = np.maximum.accumulate(finish + apart)
    before = np.concatenate([[-1], reached[:-1]]) - apart
    gained = np.maximum(finish - np.maximum(begin, before), 0)
    return np.bincount(who, weights=gained, minlength=people).astype(np.int64)

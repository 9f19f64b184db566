"""Earlier dates: at which the same windows, as long as at the real date, lie before the index date."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.panel import Panel

type Floats = NDArray[np.float64]

UNEVEN = 0.05
"""Lengths of the compared spans may differ by this share, as leap days and months do."""


class EarlierDate(NamedTuple):
    """A date before the index date, between two windows.

    Attributes
    ----------
    place : int
        Of the first window after it.
    read, after : ndarray
        Places of the windows that the rule would have read, and of those that followed.
    """

    place: int
    read: NDArray[np.int_]
    after: NDArray[np.int_]


def window_lengths(panel: Panel) -> Floats | None:
    """Return (T,) how long windows are: in days where they have dates or days at risk, else all alike.

    None where some windows have dates and others do not.

    Examples
    --------
    >>> window_lengths(Panel.from_arrays([[3, 1], [2, 2]], exposure=[365, 730])).tolist()
    [365.0, 730.0]
    """
    given = [window.days for window in panel.windows]
    if None not in given:
        return np.array(given, dtype=np.float64)
    if set(given) != {None}:
        return None
    return np.ones(len(given)) if panel.exposure is None else panel.exposure.reshape(-1, len(given)).max(0)


def earlier_dates(panel: Panel, read: NDArray[np.bool_], post: NDArray[np.bool_]) -> Iterator[EarlierDate]:
    """Yield every earlier date before and after which there are windows as long as at the real date.

    None where the rule does not read the last windows before, or some windows have dates and others do not.

    Parameters
    ----------
    panel : Panel
        With its windows.
    read, post : ndarray
        (T,) which windows the rule reads, and which lie after the index date.

    Examples
    --------
    >>> from iom_causal.windows import Window
    >>> windows = [Window(f"{k}", post=k > 3) for k in range(5)]
    >>> panel = Panel.from_arrays([[1, 2, 3, 4, 5], [0, 0, 1, 1, 0]], windows=windows)
    >>> read, post = (np.array([k == at for k in range(5)]) for at in (3, 4))
    >>> [(d.place, d.read.tolist(), d.after.tolist()) for d in earlier_dates(panel, read, post)]
    [(1, [0], [1]), (2, [1], [2]), (3, [2], [3])]
    """
    lengths = window_lengths(panel)
    before = int((~post).sum())
    if lengths is None or read[before:].any() or not read[:before][before - int(read.sum()) :].all():
        return
    span, ahead = lengths[read].sum(), lengths[post].sum()
    for place in range(1, before):
        first = _as_long(lengths, range(place - 1, -1, -1), span)
        then = _as_long(lengths, range(place, before), ahead)
        if first is not None and then is not None:
            yield EarlierDate(place, first, then)


def _as_long(lengths: Floats, places: range, wanted: float) -> NDArray[np.int_] | None:
    """Return the first of these windows that together are as long as wanted, or None."""
    total = np.cumsum(lengths[list(places)])
    close = np.flatnonzero(np.abs(total - wanted) <= UNEVEN * wanted)
    return np.sort(np.array(places[: int(close[0]) + 1])) if close.size else None

"""Linkage of the ids of a log to the people of a list."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.errors import InputError, echo
from iom_causal.numerics.events.counting import NO_ID, NOBODY, look_up

if TYPE_CHECKING:
    import pandas as pd

SPARE = 16
"""A table by id may be as many times as long as the list: beyond, ids are hashed."""


class Linkage:
    """Ids of people as their positions in the list.

    Parameters
    ----------
    ids : ndarray
        (n,) text or whole numbers, each once.

    Examples
    --------
    >>> Linkage(np.array(["b", "a"])).codes(np.array(["a", "c", None], dtype=object), "urn").tolist()
    [1, -1, -2]
    >>> Linkage(np.array([7, 5])).codes(np.array([5, 6, 7]), "urn").tolist()
    [1, -1, 0]
    """

    def __init__(self, ids: NDArray[Any]) -> None:
        import pandas as pd  # noqa: PLC0415 slow to load

        self.numbered = ids.dtype.kind in "iu"
        self.lowest = int(ids.min()) if self.numbered else 0
        span = int(ids.max()) - self.lowest + 1 if self.numbered else 0
        self.table: NDArray[np.int32] | None = None
        if self.numbered and span <= SPARE * len(ids) + 2**16:
            self.table = np.full(span, NOBODY, dtype=np.int32)
            self.table[ids - self.lowest] = np.arange(len(ids), dtype=np.int32)
        self.known = pd.Index(ids if self.numbered else ids.astype(object))

    @cached_property
    def texts(self) -> "pd.Index[Any]":
        """Ids as text."""
        texts: pd.Index[Any] = self.known.astype(str).astype(object) if self.numbered else self.known
        return texts

    def codes(self, ids: NDArray[Any], name: str) -> NDArray[np.int32]:
        """Return the positions of the people of ids, `NOBODY` for others and `NO_ID` where there is none.

        Raises
        ------
        InputError
            IOM-E022 for ids that passed through decimals or are no ids at all.
        """
        if ids.dtype.kind in "fcbMm":
            raise InputError("IOM-E022", f"id column {echo(name)}: expected text or whole numbers, got {ids.dtype}")
        if ids.dtype.kind in "iu":
            return self._of_numbers(ids)
        return self._of_objects(ids.astype(object))

    def _of_numbers(self, ids: NDArray[Any]) -> NDArray[np.int32]:
        import pandas as pd  # noqa: PLC0415 slow to load

        if self.table is not None:
            return look_up(ids.astype(np.int64, copy=False), self.lowest, self.table)
        known = self.known if self.numbered else self.texts
        at = known.get_indexer(pd.Index(ids if self.numbered else ids.astype(str).astype(object)))
        return np.asarray(at, dtype=np.int32)

    def _of_objects(self, ids: NDArray[Any]) -> NDArray[np.int32]:
        import pandas as pd  # noqa: PLC0415 slow to load

        absent = pd.isna(ids) | (ids == "")
        whole = [k for k in np.flatnonzero(~absent).tolist() if not isinstance(ids[k], str)]
        if whole:
            ids = ids.copy()
            ids[whole] = [str(ids[k]) for k in whole]
        codes = np.asarray(self.texts.get_indexer(pd.Index(ids, dtype=object)), dtype=np.int32)
        codes[absent] = NO_ID
        return codes

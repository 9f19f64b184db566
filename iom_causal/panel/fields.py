"""The fields of a `Panel`, and what follows from them alone."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.specs import EMPTY
from iom_causal.windows import AFTER, BEFORE, Selection, Window


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class PanelFields:
    """Fields of a `Panel`, described there; a base for it alone, so that its parts can be typed without it."""

    outcome: NDArray[Any]
    kind: str = "count"
    windows: tuple[Window, ...] = (BEFORE, AFTER)
    name: str = "outcome"
    exposure: NDArray[np.float64] | None = None
    weight: NDArray[Any] | None = None
    index_date: dt.date | NDArray[Any] | None = None
    start: "np.ma.MaskedArray[Any, Any] | None" = None
    age: NDArray[np.float64] | None = None
    covariates: Mapping[str, NDArray[Any]] = EMPTY
    ids: NDArray[Any] | None = None
    selected: "np.ma.MaskedArray[Any, Any] | None" = None
    selection: Selection | None = None
    synthetic: bool = False
    fixed_by_table: tuple[str, ...] | None = None
    notes: tuple[str, ...] = ()

    @classmethod
    def _trusted(cls, **values: Any) -> Self:
        """Build a panel from arrays that the package made itself; only their flags are set."""
        panel = object.__new__(cls)
        for spec in fields(cls):
            object.__setattr__(panel, spec.name, values.get(spec.name, spec.default))
        for value in values.values():
            if isinstance(value, np.ndarray):
                value.setflags(write=False)
        return panel

    @property
    def n(self) -> int:
        """The number of rows of people."""
        return int(self.outcome.shape[-2])

    @property
    def replicates(self) -> int | None:
        """The length of the replicate axis, or None where there is none."""
        return int(self.outcome.shape[0]) if self.outcome.ndim == 3 else None

    @property
    def complete(self) -> NDArray[np.bool_]:
        """People observed in every window, (n,) or (R, n)."""
        if self.outcome.dtype.kind != "f":
            return np.ones(self.outcome.shape[:-1], dtype=np.bool_)
        return np.asarray(~np.isnan(self.outcome).any(-1))

    @property
    def n_complete(self) -> int:
        """The number of people with every window (the smallest over replicates)."""
        return int(self.complete.sum(-1).min())

    @property
    def group(self) -> NDArray[np.bool_]:
        """People ever managed, (n,)."""
        if self.start is None:
            return np.ones(self.n, dtype=np.bool_)
        return np.asarray(~np.ma.getmaskarray(self.start))

    @property
    def alike(self) -> NDArray[np.bool_]:
        """Comparison people known to have been selected as the managed were, (n,): what designs compare with."""
        if self.selected is None:
            return np.zeros(self.n, dtype=np.bool_)
        return np.asarray(~self.group & self.selected.filled(fill_value=False))

    @property
    def rest(self) -> NDArray[np.bool_]:
        """Comparison people not known to have been selected, (n,): with the managed, the source population."""
        return np.asarray(~self.group & ~self.alike)

    @property
    def treated(self) -> NDArray[np.bool_]:
        """Treatment status by person and window, (n, T), the same in every replicate; not writeable.

        A person is treated from the window of `start` on, and that window counts as treated as a whole, on whichever
        of its days the programme began; who is masked there never is. Without `start` all are treated in the windows
        after.

        Examples
        --------
        >>> from iom_causal.panel import Panel
        >>> windows = [Window("2010", -365, 0), Window("2011", 0, 365, post=True), Window("2012", 365, 731, post=True)]
        >>> start = np.ma.MaskedArray([1, 2, 0], mask=[False, False, True])
        >>> panel = Panel.from_arrays([[4, 1, 1], [3, 3, 0], [2, 2, 2]], windows=windows, start=start)
        >>> panel.treated.astype(int).tolist()
        [[0, 1, 1], [0, 0, 1], [0, 0, 0]]
        """
        shape = (self.n, len(self.windows))
        if self.start is None:
            return np.broadcast_to(np.array([w.post for w in self.windows]), shape)
        treated = self.group[:, None] & (np.arange(len(self.windows)) >= np.ma.getdata(self.start)[:, None])
        treated.setflags(write=False)
        return treated

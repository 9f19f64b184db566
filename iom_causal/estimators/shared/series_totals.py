"""Totals by window of managed people and, where they are compared, of others, as a regression over time reads them."""

import itertools
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.inputs.series import Series, series_block
from iom_causal.panel import Panel

type Floats = NDArray[np.float64]


class SeriesTotals(NamedTuple):
    """Totals over replicates.

    Attributes
    ----------
    managed, comparison : Series
        Of managed people, and of comparison people where they are compared.
    advice : tuple of str
        Notes on what the design would rather have.
    """

    managed: Series
    comparison: Series | None
    advice: tuple[str, ...]

    @property
    def every(self) -> tuple[Series, ...]:
        """The series of one group, or of both."""
        return (self.managed,) if self.comparison is None else (self.managed, self.comparison)

    @property
    def stated(self) -> list[tuple[str, ...]]:
        """The notes on the people of each replicate, (R,)."""
        size = len(self.managed.events)
        groups = [s.sample.each or (s.sample.notes,) * size for s in self.every]
        return [tuple(dict.fromkeys((*itertools.chain(*own), *self.advice))) for own in zip(*groups, strict=True)]

    @property
    def notes(self) -> tuple[str, ...]:
        """Those of the replicates at worst."""
        return tuple(dict.fromkeys((*itertools.chain(*(s.sample.notes for s in self.every)), *self.advice)))

    @property
    def given(self) -> Any:
        """People given, (R,) where replicates differ in their weights."""
        return sum(s.sample.everyone for s in self.every)

    @property
    def used(self) -> Floats:
        """(R,) people used."""
        return np.asarray(sum(s.people for s in self.every))

    @property
    def offset(self) -> Floats:
        """(R, M) the log of exposure, or of its ratio."""
        with np.errstate(divide="ignore", invalid="ignore"):
            own = np.log(self.managed.exposure)
            return own if self.comparison is None else own - np.log(self.comparison.exposure)

    @property
    def trials(self) -> Floats | None:
        """(R, M) both groups' totals."""
        return None if self.comparison is None else self.managed.events + self.comparison.events

    @property
    def ordinary(self) -> NDArray[np.bool_]:
        """(R,) replicates with events on both sides and enough people at risk."""
        after = [s.events[:, s.post].any(-1) for s in self.every]
        return np.asarray(np.logical_and.reduce([*after, *(s.ordinary for s in self.every)]))

    def at(self, place: NDArray[np.int64]) -> "SeriesTotals":
        """Return these replicates."""
        others = None if self.comparison is None else self.comparison.at(place)
        return self._replace(managed=self.managed.at(place), comparison=others)


def series_totals(panel: Panel, spec: object, *, controlled: bool, advice: tuple[str, ...]) -> SeriesTotals:
    """Read the totals of a panel, with or without replicates.

    Raises
    ------
    InputError
        Those of `series_block`.
    """
    if not controlled:
        return SeriesTotals(series_block(panel, spec, amounts=True), None, advice)
    sides = (panel.where(side) for side in (panel.group, ~panel.group))
    managed, others = (
        replace(side, start=None, covariates={}) for side in sides
    )  # covariates may be of managed people
    return SeriesTotals(series_block(managed, spec, amounts=True), series_block(others, spec, amounts=True), advice)

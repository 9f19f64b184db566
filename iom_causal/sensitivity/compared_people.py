"""Two windows of managed people and of those with whom they are compared, as arrays."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.errors import InputError
from iom_causal.inputs.comparison import compared
from iom_causal.inputs.pairs import replicated
from iom_causal.inputs.sample import per_rate_days, unused_days
from iom_causal.inputs.weighting import weights
from iom_causal.panel import Panel


class ComparedPeople(NamedTuple):
    """People of two groups, with outcomes before and after.

    Attributes
    ----------
    panel : Panel
        Of two windows.
    pairs : ndarray
        (n, 2) NaN where missing; rates where windows differ in length, as `unit` says.
    managed : ndarray
        (n,).
    weight : ndarray
        (n,) how often each counts.
    unit : str
        What the term of a difference adds.
    notes : tuple of str
        Of the panel, and on days at risk.
    """

    panel: Panel
    pairs: NDArray[np.float64]
    managed: NDArray[np.bool_]
    weight: NDArray[np.float64]
    unit: str
    notes: tuple[str, ...]


def compared_people(panel: Panel, name: str) -> ComparedPeople:
    """Read a panel for a method called `name`: those selected alike are compared, where it knows of some.

    Days at risk that are each person's own are not used.

    Raises
    ------
    InputError
        IOM-E047 for a panel with replicates.

    Examples
    --------
    >>> start = np.ma.MaskedArray([1, 1, 1], mask=[False, False, True])
    >>> compared_people(Panel.from_arrays([[3, 1], [2, 2], [4, 4]], start=start), "example").managed.tolist()
    [True, True, False]
    """
    if panel.replicates is not None:
        raise InputError("IOM-E047", f"{name}: expected a panel without replicates, got {panel.replicates}")
    alike = compared(panel)
    people = alike.prepost()
    own_days = people.exposure is not None and people.exposure.ndim > 1
    laid = replicated(people, differences=not own_days, comparison=True)
    unit = None if own_days else laid.unit
    pairs = (laid if own_days else laid.for_differences()).pairs[0].astype(np.float64)
    notes = (*alike.notes, *(unused_days(people.exposure, people.kind) if own_days else ()))
    return ComparedPeople(people, pairs, people.group, weights(people), per_rate_days(unit), notes)

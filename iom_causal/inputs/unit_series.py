"""Series of units, such as forces: what people of each had in each window, as methods that mix units read them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from iom_causal.errors import InputError
from iom_causal.inputs.clusters import unknown
from iom_causal.inputs.sample import ADDING
from iom_causal.panel import Panel

type Floats = NDArray[np.float64]

FEW_PEOPLE = 10
"""People of a unit below which its rates are called noisy."""


@dataclass(frozen=True, eq=False)
class UnitSeries:
    """Outcome by unit and window, as that of a managed person: at the managed people's mean days at risk, where known.

    Attributes
    ----------
    treated : ndarray
        (T,) of the managed people, all of them together.
    donors : ndarray
        (J, T) of the units without managed people.
    names : tuple of str
        (J,) of the donors.
    people : float
        People used.
    notes : tuple of str
        On people and units left out, and small ones.
    """

    treated: Floats
    donors: Floats
    names: tuple[str, ...]
    people: float
    notes: tuple[str, ...]


def donor_units(panel: Panel, unit: str) -> tuple[str, ...]:
    """Return the names of the units without managed people; each row is one where `unit` is empty.

    Examples
    --------
    >>> start = np.ma.MaskedArray([1, 1, 1, 1], mask=[False, True, True, True])
    >>> panel = Panel.from_arrays([[3, 1], [2, 2], [1, 0], [2, 1]], start=start, covariates={"force": [*"AABC"]})
    >>> donor_units(panel, "force"), donor_units(panel, "")
    (('B', 'C'), ('unit 1', 'unit 2', 'unit 3'))
    """
    codes, names = _units(panel, unit)
    counted = np.ones(panel.n, dtype=np.bool_) if panel.weight is None else panel.weight > 0
    codes, counted = np.broadcast_arrays(codes, counted)  # a row of no weight is nobody, of whatever unit
    managed, there = (set(codes[counted & group].tolist()) for group in (panel.group, ~panel.group))
    return tuple(name for k, name in enumerate(names) if k in there - managed)


def unit_series(panel: Panel, unit: str) -> UnitSeries:
    """Read the series of the managed people and of the units to mix, from a panel without replicates.

    A window of a unit is the mean of its people who were observed in it; where days at risk are known, its rate times
    the mean days of managed people. People beside managed ones in their unit are left out, as are people of no known
    unit, and units with a window in which nobody was observed.

    Raises
    ------
    InputError
        IOM-E046 where in a window nobody of the managed people was observed.

    Examples
    --------
    >>> start = np.ma.MaskedArray([1, 1, 1, 1], mask=[False, True, True, True])
    >>> panel = Panel.from_arrays([[3, 1], [2, 2], [1, 0], [2, 1]], start=start, covariates={"force": [*"ABBC"]})
    >>> series = unit_series(panel, "force")
    >>> series.treated.tolist(), series.donors.tolist(), series.names
    ([3.0, 1.0], [[1.5, 1.0], [2.0, 1.0]], ('B', 'C'))
    """
    codes, names = _units(panel, unit)
    weight = np.ones(panel.n) if panel.weight is None else panel.weight.astype(np.float64)
    outcome = panel.outcome.astype(np.float64)
    seen = ~np.isnan(outcome) * weight[:, None]
    days = np.ones(outcome.shape) if panel.exposure is None else np.broadcast_to(panel.exposure, outcome.shape)
    if panel.kind not in ADDING:
        days = np.ones(outcome.shape)
    events, at_risk = seen * np.nan_to_num(outcome), seen * days
    group = panel.group
    risk = at_risk[group].sum(0)
    if (risk == 0).any():
        raise InputError(
            "IOM-E046", f"{panel.name}: in {int((risk == 0).sum())} windows nobody of the managed people was observed"
        )
    treated = events[group].sum(0) / seen[group].sum(0)
    mean_days = risk / seen[group].sum(0)
    where = [np.flatnonzero((codes == names.index(name)) & ~group) for name in donor_units(panel, unit)]
    totals = np.array([events[rows].sum(0) for rows in where]).reshape(-1, outcome.shape[-1])
    times = np.array([at_risk[rows].sum(0) for rows in where]).reshape(totals.shape)
    whole = (times > 0).all(-1)
    donors = totals[whole] / times[whole] * mean_days
    sizes = np.array([weight[rows].sum() for rows in where])[whole]
    people = float(weight[group].sum() + sizes.sum())
    kept = tuple(name for name, is_whole in zip(donor_units(panel, unit), whole, strict=True) if is_whole)
    aside = round(float(weight.sum() - people))
    small = bool(unit) and bool(np.append(sizes, weight[group].sum()).min() < FEW_PEOPLE)
    notes = (
        f"{aside} people left out: beside managed ones in their unit, or of a unit with an empty window",
        "some units are of few people, so that weights follow noise",
        "people who lack windows are in those that they have: who is in a unit changes from window to window",
    )
    partly = np.isnan(outcome[np.concatenate([np.flatnonzero(group), *where])]).any()
    said = tuple(note for note, holds in zip(notes, (aside, small, partly), strict=True) if holds)
    return UnitSeries(treated, donors, kept, people, said)


def _units(panel: Panel, unit: str) -> tuple[NDArray[np.int64], list[str]]:
    """Return the code of each person's unit, -1 where none is known, and the units' names."""
    if not unit:
        return np.arange(panel.n), [f"unit {k}" for k in range(panel.n)]
    values = panel.covariates[unit]
    known = ~unknown(values)
    values = values.astype(str) if values.dtype.kind == "O" else values
    levels, codes = np.unique(values[known], return_inverse=True)
    every = np.full(values.shape, -1, dtype=np.int64)
    every[known] = codes
    text = levels.dtype.kind in "USO"
    return every, [str(level) if text else f"{unit} {level:g}" for level in levels.tolist()]

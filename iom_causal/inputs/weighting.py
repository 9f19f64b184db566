"""Weighted sums over people, and the rates and lengths of the two windows."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.errors import InputError
from iom_causal.inputs.sample import days_differ
from iom_causal.moments import Moments
from iom_causal.numerics.inference.weighted_moments import weighted_sum
from iom_causal.panel import Panel
from iom_causal.panel.parts import take
from iom_causal.windows import YEAR

type Floats = NDArray[np.float64]


def once(values: NDArray[Any], ndim: int) -> Floats:
    """Return values without a replicate axis along which they only repeat, as floats."""
    if values.ndim > ndim and values.strides[0] == 0:
        values = values[0]
    return values.astype(np.float64)


def weights(panel: Panel) -> Floats:
    """Return how often each person counts, (n,) or (D, n); one each without weights."""
    return np.ones(panel.n) if panel.weight is None else panel.weight.astype(np.float64)


def at_risk(panel: Panel) -> NDArray[np.bool_]:
    """Return who was at risk on a day of every window, (n,) or (D, n); all where only days common to all are known.

    Somebody who was not, as in custody throughout, has no observation there and is not lost to follow-up.

    Examples
    --------
    >>> outcome, days = [[3, 1], [2, float("nan")]], [[365, 300], [365, 0]]
    >>> at_risk(Panel.from_arrays(outcome, exposure=days, missing="keep")).tolist()
    [True, False]
    """
    if panel.exposure is None or panel.exposure.ndim == 1:
        return np.ones(panel.n, dtype=np.bool_)
    return np.asarray((once(panel.exposure, 2) > 0).all(-1))


def there(weight: Floats) -> Floats:
    """Return (n,) how often each person counts; 1 for all with a weight where weights are drawn.

    Examples
    --------
    >>> there(np.array([[0.3, 0.0, 2.1], [1.1, 0.0, 0.4]])).tolist()
    [1.0, 0.0, 1.0]
    """
    if weight.ndim == 1:
        return weight
    return np.asarray(weight.max(tuple(range(weight.ndim - 1))) > 0, dtype=np.float64)


def one_row_each(panel: Panel, name: str) -> Panel:
    """Return a panel without replicates with a row for everybody whom a weight stands for, for a method called `name`.

    Raises
    ------
    InputError
        IOM-E076 for weights that are no whole numbers.

    Examples
    --------
    >>> one_row_each(Panel.from_arrays([[3, 4], [1, 2]], weight=[2, 1]), "Matched").before.tolist()
    [3, 3, 1]
    """
    if panel.weight is None or np.isin(panel.weight, (0, 1)).all():
        return panel
    if (panel.weight != np.rint(panel.weight)).any():
        raise InputError("IOM-E076", f"{name}: expected weights that are whole numbers of people")
    who = np.repeat(np.arange(panel.n), panel.weight.astype(np.int64))
    return take(replace(panel, ids=None, weight=None), (Ellipsis, who), (Ellipsis, who, slice(None)), who)


def lengths(data: Panel | Moments) -> tuple[float, float]:
    """Return the days of both windows: those at risk where they are everybody's, else calendar time.

    Windows without dates are as long as people were at risk in them, and equally long where that is not known either.

    Examples
    --------
    >>> lengths(Panel.from_arrays([[3, 4], [1, 2]], exposure=[365, 730]))
    (365.0, 730.0)
    """
    windows = data.windows if isinstance(data, Moments) else data.managed.prepost().windows
    exposure = None if isinstance(data, Moments) else data.managed.prepost().exposure
    calendar = [w.days for w in windows]
    if exposure is not None and (exposure.ndim == 1 or None in calendar):
        before, after = exposure if exposure.ndim == 1 else exposure.reshape(-1, 2).mean(0)
        return float(before), float(after)
    return (YEAR, YEAR) if None in calendar else (float(calendar[0] or 0), float(calendar[1] or 0))


def calendar_days(people: Panel) -> Floats:
    """Return (T,) the days of each window had nobody lost any: its dates', else those of whoever was longest at risk.

    Examples
    --------
    >>> calendar_days(Panel.from_arrays([[3, 1], [2, 2]], exposure=[[365, 300], [350, 165]])).tolist()
    [365.0, 300.0]
    """
    own = np.asarray(people.exposure, dtype=np.float64)
    longest = own.reshape(-1, own.shape[-1]).max(0)
    return np.array([longest[t] if w.days is None else float(w.days) for t, w in enumerate(people.windows)])


def entry_mean(data: Panel | Moments, purpose: str) -> Any:
    """Return the mean before of the whole selected sample, lost to follow-up or not; a number or (D,).

    Examples
    --------
    >>> rows = [[2.0, 1.0], [6.0, float("nan")]]
    >>> float(entry_mean(Panel.from_arrays(rows, kind="score", missing="keep"), "History"))
    4.0
    """
    if isinstance(data, Moments):
        name = "mean_pre" if data.mean_pre_input is None else "mean_pre_input"
        return np.asarray(data.require(name, purpose=purpose)[0])
    people = data.managed.prepost()
    before = once(people.outcome, 2)[..., 0]
    weight = weights(people) * ~np.isnan(before)
    return weighted_sum(weight, np.nan_to_num(before)) / weight.sum(-1)


def rates(data: Panel | Moments, purpose: str) -> tuple[Any, Any]:
    """Return the pooled events per person and year in both windows, or mean scores; numbers or (D,) arrays.

    They are those of the whole selected sample: people lost to follow-up are taken to have changed by the ratio of the
    others. The time is that of `lengths`.
    """
    before: Any
    after: Any
    if isinstance(data, Moments):
        before, after = data.require("mean_pre", "mean_post", purpose=purpose)
    else:
        panel = data.managed.prepost()
        outcome = once(panel.outcome, 2)
        complete = ~np.isnan(outcome).any(-1)
        weight = weights(panel) * complete
        before, after = (weighted_sum(weight, np.nan_to_num(outcome[..., t])) / weight.sum(-1) for t in (0, 1))
    entered = entry_mean(data, purpose)
    same = np.equal(before, entered) | np.equal(before, 0)
    before, after = entered, np.where(same, after, after * (entered / np.where(same, 1.0, before)))
    if data.kind == "score":
        return np.asarray(before), np.asarray(after)
    days = lengths(data)
    return np.asarray(before) * YEAR / days[0], np.asarray(after) * YEAR / days[1]


class Frozen:
    """An array that can be the key of a cache."""

    def __init__(self, values: Floats) -> None:
        self.values = np.ascontiguousarray(values)
        self.key = (self.values.shape, self.values.tobytes())

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Frozen) and self.key == other.key


def own_days_differ(data: Panel | Moments) -> bool:
    """Whether managed people with both windows were at risk for unlike time, so that it matters who lost days.

    Examples
    --------
    >>> own_days_differ(Panel.from_arrays([[3, 1], [2, 2]], exposure=[[365, 365], [365, 165]]))
    True
    """
    if isinstance(data, Moments) or data.kind == "score" or data.exposure is None or data.exposure.ndim == 1:
        return False
    people = data.managed.prepost()
    return bool(days_differ(people.exposure, weights(people) * people.complete).any())

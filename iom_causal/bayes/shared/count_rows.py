"""Counts of people as distinct rows with multiplicities, and back to people."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.inputs.counts import POST, CountData

type Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class CountRows:
    """Distinct rows of counts, exposure and regressors.

    Attributes
    ----------
    y : ndarray
        (r, C) counts; 0 where nothing was observed.
    exposure : ndarray
        (r, C) in units of the rate; 0 where nothing was observed.
    x : ndarray
        (r, C, p) regressors.
    after : ndarray
        (C,) 1 under the programme, 0 before.
    weight : ndarray
        (r,) people with such a row.
    place : ndarray
        (n,) the row of each person.
    repeats : ndarray
        (n,) how often each person counts.
    """

    y: NDArray[np.int64]
    exposure: Floats
    x: Floats
    after: Floats
    weight: Floats
    place: NDArray[np.int64]
    repeats: Floats

    @property
    def people(self) -> NDArray[np.int64]:
        """The row of everybody, a person with weight 3 three times."""
        return np.repeat(self.place, np.rint(self.repeats).astype(np.int64))


def count_rows(data: CountData, unit: float, offset: Floats | None = None) -> CountRows:
    """Return the distinct rows of one data set, with exposure in `unit` days.

    Parameters
    ----------
    data : CountData
        Without replicates.
    unit : float
        Days of the unit of exposure.
    offset : ndarray, optional
        (n,) each person's expected log change, by which exposure after is multiplied. Regressors that say nothing of
        the change are centred at their means.

    Examples
    --------
    >>> from iom_causal.inputs.counts import count_data
    >>> from iom_causal.panel import Panel
    >>> rows = count_rows(count_data(Panel.from_arrays([[3, 1], [2, 2], [3, 1]]), None, ""), 1.0)
    >>> rows.y.tolist(), rows.weight.tolist()
    ([[2, 2], [3, 1]], [1.0, 2.0])
    """
    y, repeats = data.y[0], data.weight[0]
    exposure = np.broadcast_to(data.exposure if data.exposure.ndim < 3 else data.exposure[0], y.shape) / unit
    if offset is not None:
        exposure = exposure * np.exp(offset[:, None] * data.treated)
    x = _centred(np.broadcast_to(data.x, (*y.shape, data.x.shape[-1])), data, repeats)
    keys = np.column_stack([y, exposure, x.reshape(len(y), -1)])
    _, first, place = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    place = place.ravel()
    weight = np.bincount(place, weights=repeats, minlength=len(first))
    after = data.treated.astype(np.float64)
    return CountRows(y[first], exposure[first], np.ascontiguousarray(x[first]), after, weight, place, repeats)


def _centred(x: Floats, data: CountData, weight: Floats) -> Floats:
    alone = [k for k, name in enumerate(data.names) if k > 1 and POST not in name.split(":")]
    if not alone:
        return x
    x = x.copy()
    x[..., alone] -= np.average(x[..., alone].mean(1), axis=0, weights=weight)
    return x


def expanded(tree: Any, rows: CountRows, name: str, predicted: Callable[[Any], NDArray[np.int64]]) -> Any:
    """Return a tree in which what is said of each distinct row is said of each person.

    Parameters
    ----------
    tree : DataTree
        Of the model of rows.
    rows : CountRows
        Of its people.
    name : str
        The variable of the counts.
    predicted : callable
        Draws of the model's variables, a dataset, to counts of all people (S, n, C): predicted people differ where
        those observed do not.
    """
    import xarray as xr  # noqa: PLC0415 slow to load

    out, dims = tree.copy(), ("chain", "draw", "person", "window")

    def put(group: str, values: NDArray[Any]) -> None:
        data = xr.Dataset({name: (dims[-values.ndim :] if group == "observed_data" else dims[: values.ndim], values)})
        leading = {d: tree[group][d] for d in ("chain", "draw") if d in data.dims}
        out[group] = xr.DataTree(data.assign_coords(leading).assign_attrs(tree[group].attrs))

    put("observed_data", rows.y[rows.people])
    put("log_likelihood", (tree["log_likelihood"][name].to_numpy() / rows.weight)[..., rows.people])
    each = np.repeat(np.arange(len(rows.place)), np.rint(rows.repeats).astype(np.int64))
    for group, source in (("prior_predictive", "prior"), ("posterior_predictive", "posterior")):
        size = tree[source].sizes["chain"], tree[source].sizes["draw"]
        counts = predicted(tree[source].to_dataset())[:, each]
        put(group, counts.reshape(*size, *counts.shape[1:]))
    return out

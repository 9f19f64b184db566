"""Counts of people as distinct rows with multiplicities, and their distributions in PyMC."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.inputs.counts import CountData

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
    weight: Floats
    place: NDArray[np.int64]
    repeats: Floats

    @property
    def log_exposure(self) -> Floats:
        """(r, C), 0 where nothing was observed."""
        return np.log(np.where(self.exposure > 0, self.exposure, 1.0))

    @property
    def people(self) -> NDArray[np.int64]:
        """The row of everybody, a person with weight 3 three times."""
        return np.repeat(self.place, np.rint(self.repeats).astype(np.int64))


def count_rows(data: CountData, unit: float) -> CountRows:
    """Return the distinct rows of one data set, with exposure in `unit` days.

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
    x = np.broadcast_to(data.x, (*y.shape, data.x.shape[-1]))
    keys = np.column_stack([y, exposure, x.reshape(len(y), -1)])
    _, first, place = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    place = place.ravel()
    weight = np.bincount(place, weights=repeats, minlength=len(first))
    return CountRows(y[first], exposure[first], np.ascontiguousarray(x[first]), weight, place, repeats)


def gamma_poisson(name: str, rows: CountRows, log_rate: Any, variance: Any) -> Any:
    """Return the negative multinomial variable of rows in the PyMC model that is open, each to its multiplicity.

    Parameters
    ----------
    name : str
        Of the variable.
    rows : CountRows
        Observed.
    log_rate : tensor
        (r, C) log mean per unit of exposure.
    variance : tensor
        Of the frailty, whose mean is 1.
    """
    import pymc as pm  # noqa: PLC0415 slow to load
    import pytensor.tensor as pt  # noqa: PLC0415
    from scipy.special import gammaln  # noqa: PLC0415

    steps = np.arange(1.0, max(2, int(rows.y.sum(-1).max())))
    factorials = gammaln(rows.y + 1.0).sum(-1)

    def logp(value: Any, mean: Any, variance: Any) -> Any:
        rising = pt.concatenate([[0.0, 0.0], pt.cumsum(pt.log1p(steps * variance))])
        total = value.sum(-1)
        # The expected counts are those of observed windows; where there are none a count is 0.
        logs = pt.log(pt.switch(pt.eq(mean, 0.0), 1.0, mean))
        own = rising[total.astype("int64")] + (value * logs).sum(-1) - factorials
        return rows.weight * (own - (1 / variance + total) * pt.log1p(variance * mean.sum(-1)))

    def random(mean: Floats, variance: Floats, rng: np.random.Generator, size: Any = None) -> NDArray[np.int64]:
        del size
        frailty = rng.gamma(1 / variance, variance, mean.shape[:-1])
        return rng.poisson(mean * frailty[..., None])

    mean = rows.exposure * pt.exp(log_rate)
    return pm.CustomDist(
        name, mean, variance, logp=logp, random=random, signature="(c),()->(c)", observed=rows.y, dtype="int64"
    )


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

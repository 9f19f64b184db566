"""Clusters and units of people by the name of a covariate: one reading, and which of them are not known."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.formats import listed
from iom_causal.errors import InputError
from iom_causal.panel import Panel

UNKNOWN = "missing"
"""The word of a covariate in text for people of whom it is not known."""


def unknown(labels: NDArray[Any]) -> NDArray[np.bool_]:
    """Return where a label is not known: missing, or text that is empty or says so.

    Examples
    --------
    >>> unknown(np.array(["a", "", "missing"])).tolist(), unknown(np.array([1.0, np.nan])).tolist()
    ([False, True, True], [False, True])
    """
    import pandas as pd  # noqa: PLC0415 slow to load

    absent = np.asarray(pd.isna(labels))
    if labels.dtype.kind in "OUS":
        absent = absent | np.isin(np.char.strip(labels.astype(str)), ("", UNKNOWN))
    return absent


def clusters_of(panel: Panel, name: str) -> NDArray[np.int64]:
    """Return the cluster of each person by the name of a covariate, as whole numbers from 0 in order of labels.

    Raises
    ------
    InputError
        IOM-E009 for a covariate that is not there; IOM-E047 for one that differs between replicates; IOM-E034 where it
        is not known of somebody who counts.

    Examples
    --------
    >>> panel = Panel.from_arrays([[3, 1], [2, 2], [4, 4]], covariates={"team": ["b", "a", "b"]})
    >>> clusters_of(panel, "team").tolist()
    [1, 0, 1]
    """
    if name not in panel.covariates:
        raise InputError(
            "IOM-E009",
            f"cluster: the panel has no covariate {name!r}; it has {listed(sorted(panel.covariates)) or 'none'}; "
            "carry the column along (covariates=)",
        )
    values = panel.covariates[name]
    if values.ndim > 1:
        if (values != values[:1]).any():
            raise InputError("IOM-E047", f"cluster: {name!r} differs between replicates; write iom.batch by replicate")
        values = values[0]
    counts = np.ones(panel.n) if panel.weight is None else np.atleast_2d(panel.weight).max(0)
    if (unknown(values) & (counts > 0)).any():
        raise InputError(
            "IOM-E034", f"cluster: {name!r} is missing for some people; name it for all, or leave them out"
        )
    labels = values.astype(str) if values.dtype.kind == "O" else values
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)

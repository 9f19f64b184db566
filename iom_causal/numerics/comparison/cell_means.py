"""Means or rates of cells (a group in a window) or their logs, and what each cluster contributes to their error.

Every contrast of cell means is a sum of such values with signs, and its influence the sum of theirs.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]

CORRECTIONS = ("jackknife", "cr2", "cr3", "none")
"""Corrections of a cluster's contribution for the few clusters there are."""


class CellMean(NamedTuple):
    """The mean of one cell, or its log, over replicates.

    Attributes
    ----------
    value : ndarray
        (R,).
    influence : ndarray
        (R, G) influence of each cluster, the first derivative; sums to 0.
    deletion : ndarray
        (R, G) the value less that without the cluster; infinite where nothing is left without it.
    leverage : ndarray
        (R, G) or (1, G) each cluster's share of the cell's people, or of its days at risk.
    """

    value: Floats
    influence: Floats
    deletion: Floats
    leverage: Floats


def cell_mean(sums: Floats, sizes: Floats, weight: Floats | None = None, *, log: bool) -> CellMean:
    """Compute the mean of a cell or its log from the sums and sizes of its clusters.

    Parameters
    ----------
    sums, sizes : ndarray
        (R, G) or (1, G): each cluster's sum of the outcome, and its people or days at risk; 0 for a cluster that
        the cell lacks.
    weight : ndarray, optional
        (R, G) or (1, G) how often each cluster counts.
    log : bool
        Whether the value is the log of the mean.

    Examples
    --------
    >>> cell = cell_mean(np.array([[3.0, 1.0, 2.0]]), np.ones((1, 3)), log=False)
    >>> cell.value.tolist(), cell.influence.round(3).tolist(), cell.deletion.round(3).tolist()
    ([2.0], [[0.333, -0.333, 0.0]], [[0.5, -0.5, 0.0]])
    """
    w = np.ones_like(sizes) if weight is None else weight
    with np.errstate(invalid="ignore", divide="ignore"):
        total, size = ((w * x).sum(-1, keepdims=True) for x in (sums, sizes))
        mean, leverage = total / size, sizes / size
        influence = (sums - mean * sizes) / size
        if not log:
            return CellMean(mean[..., 0], influence, influence / (1 - leverage), leverage)
        deletion = np.log1p(-leverage) - np.log1p(-sums / total)
        return CellMean(np.log(mean[..., 0]), influence / mean, deletion, leverage)


def contribution(cell: CellMean, correction: str) -> Floats:
    """Return each cluster's corrected contribution, (R, G), whose weighted squares sum to the cell's variance.

    With h the leverage: "none", the influence (CR0); "cr2", the influence over ``sqrt(1 - h)`` (Bell & McCaffrey
    2002); "cr3", over ``1 - h``; "jackknife", ``sqrt(1 - h)`` times the value less that without the cluster, which is
    "cr2" for a mean, and for its log holds what the derivative leaves out. With people as clusters the variance of a
    mean is then ``s^2 / n``.

    Examples
    --------
    >>> y = np.array([[3.0, 1.0, 2.0, 7.0]])
    >>> cell = cell_mean(y, np.ones((1, 4)), log=False)
    >>> [round(float((contribution(cell, c) ** 2).sum()), 4) for c in CORRECTIONS], round(float(y.var(ddof=1) / 4), 4)
    ([1.7292, 1.7292, 2.3056, 1.2969], 1.7292)
    """
    left = 1 - cell.leverage
    with np.errstate(invalid="ignore", divide="ignore"):
        if correction == "jackknife":
            return np.asarray(np.sqrt(left) * cell.deletion)
        if correction == "cr2":
            return np.asarray(cell.influence / np.sqrt(left))
        return np.asarray(cell.influence / left if correction == "cr3" else cell.influence)

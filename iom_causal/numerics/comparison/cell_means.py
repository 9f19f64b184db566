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


class ClusteredContrast(NamedTuple):
    """A contrast of cell means with its clustered error, (R,) each; NaN where a cluster is all that a cell has."""

    value: Floats
    variance: Floats
    df: Floats


def clustered_contrast(
    cells: tuple[CellMean, ...],
    signs: tuple[int, ...],
    working: tuple[Floats, ...],
    correction: str,
    weight: Floats | None = None,
) -> ClusteredContrast:
    """Compute a contrast of cell means over the same clusters, its variance and Satterthwaite's degrees of freedom.

    Parameters
    ----------
    cells : tuple of CellMean
        On one axis of clusters; a cluster that a cell lacks has leverage 0 in it.
    signs : tuple of int
        1 or -1 for each.
    working : tuple of ndarray
        (R,) for each cell: the variance of its value that the degrees of freedom take for true, if its people were
        independent; only their ratios matter.
    correction : str
        One of `CORRECTIONS`.
    weight : ndarray, optional
        (R, G) or (1, G) how often each cluster counts.

    Notes
    -----
    With G clusters of people who are independent with one variance in each cell, the variance estimate is a sum of
    squares whose covariance matrix is ``sum_c v_c (diag(h a^2) - (h a)(h a)')``, a the correction's factor: its mean
    and variance give the degrees of freedom (Bell & McCaffrey 2002), n - 1 for people of one group.

    Examples
    --------
    >>> y = np.array([[3.0, 1.0, 2.0, 7.0]])
    >>> cell = cell_mean(y, np.ones((1, 4)), log=False)
    >>> fit = clustered_contrast((cell,), (1,), (np.ones(1),), "cr2")
    >>> fit.value.tolist(), fit.variance.round(4).tolist(), fit.df.round(9).tolist()
    ([3.25], [1.7292], [3.0])
    """
    w = np.ones_like(cells[0].leverage) if weight is None else weight
    with np.errstate(invalid="ignore", over="ignore"):  # a cell without events
        value = np.sum([sign * cell.value for sign, cell in zip(signs, cells, strict=True)], axis=0)
        parts = [sign * contribution(cell, correction) for sign, cell in zip(signs, cells, strict=True)]
        variance = (w * np.sum(parts, axis=0) ** 2).sum(-1)
    return ClusteredContrast(value, variance, _degrees_of_freedom(cells, working, correction, w))


def _degrees_of_freedom(
    cells: tuple[CellMean, ...], working: tuple[Floats, ...], correction: str, weight: Floats
) -> Floats:
    power = {"none": 0.0, "cr3": 2.0}.get(correction, 1.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        h = np.stack(np.broadcast_arrays(*(cell.leverage for cell in cells)), axis=-1)  # (R, G, C)
        v = np.stack(np.broadcast_arrays(*working), axis=-1)[..., None, :]
        w = weight[..., None]
        own = (v * h * (1 - h) ** -power).sum(-1)
        shared = np.sqrt(v) * h * (1 - h) ** (-power / 2)
        crossed = np.einsum("...gc,...gd->...cd", w * shared, shared)
        mean = (weight * own).sum(-1) - np.trace(crossed, axis1=-2, axis2=-1)
        square = (
            (weight * own**2).sum(-1) - 2 * (weight * own * (shared**2).sum(-1)).sum(-1) + (crossed**2).sum((-2, -1))
        )
        return np.asarray(mean**2 / square)

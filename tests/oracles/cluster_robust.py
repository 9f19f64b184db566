"""Cluster-robust covariances of weighted least squares for few clusters, and Satterthwaite degrees of freedom.

CR0 to CR3 as Pustejovsky and Tipton (2018, J. Bus. Econ. Stat. 36, 672-683) define them: CR2 makes Bell and McCaffrey's
(2002) correction, which is unbiased where the outcomes' working covariance is right, and CR3 nearly leaves each cluster
out in turn. Every row is its own cluster where none is named: CR2 is then HC2, and CR3 is HC3.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

type Floats = NDArray[np.float64]

KINDS = ("CR0", "CR1", "CR2", "CR3")
_NOTHING = 1e-9
"""An eigenvalue of what a cluster leaves below this is none: the cluster alone determines a coefficient."""


class Fit(NamedTuple):
    """Least-squares coefficients with a cluster-robust covariance.

    Attributes
    ----------
    coefficients : ndarray
        (..., p).
    covariance : ndarray
        (..., p, p).
    """

    coefficients: Floats
    covariance: Floats


def cluster_robust(
    x: Floats,
    y: Floats,
    cluster: ArrayLike | None = None,
    weight: ArrayLike | None = None,
    *,
    kind: str = "CR2",
    inverse_variance: bool = False,
) -> Fit:
    """Fit weighted least squares with a cluster-robust covariance.

    Parameters
    ----------
    x : ndarray
        (n, p) of full rank, the same for all replicates.
    y : ndarray
        (n,) or (R, n).
    cluster : array_like, optional
        (n,) which cluster each row belongs to.
    weight : array_like, optional
        (n,) of least squares.
    kind : {"CR0", "CR1", "CR2", "CR3"}
        The correction; that of CR1 is G / (G - 1).
    inverse_variance : bool
        Whether the working variance that CR2 takes for true is one over the weight, else 1.

    Examples
    --------
    >>> x = np.column_stack([np.ones(6), [0, 0, 0, 1, 1, 1]])
    >>> fit = cluster_robust(x, np.array([3.0, 4, 8, 1, 2, 2]))
    >>> fit.coefficients.round(3).tolist(), round(float(fit.covariance[1, 1]), 4)
    ([5.0, -3.333], 2.4444)
    """
    w, groups = _weights(x, weight), _groups(x, cluster)
    bread = np.linalg.inv((x * w[:, None]).T @ x)
    coefficients = y @ (x * w[:, None]) @ bread
    residuals = y - coefficients @ x.T
    adjusted = _adjusted(x, w, groups, bread, kind, inverse_variance=inverse_variance)
    scores = np.stack([residuals[..., rows] @ scored for rows, scored in zip(groups, adjusted, strict=True)], axis=-2)
    meat = np.swapaxes(scores, -1, -2) @ scores
    factor = len(groups) / (len(groups) - 1) if kind == "CR1" else 1.0
    return Fit(coefficients, factor * bread @ meat @ bread)


def satterthwaite_df(
    x: Floats,
    contrast: ArrayLike,
    cluster: ArrayLike | None = None,
    weight: ArrayLike | None = None,
    *,
    kind: str = "CR2",
    inverse_variance: bool = False,
) -> float:
    """Compute Satterthwaite's degrees of freedom of a contrast of coefficients under independent rows.

    Parameters
    ----------
    x, cluster, weight, kind, inverse_variance
        As in `cluster_robust`.
    contrast : array_like
        (p,) weights of the coefficients.

    Returns
    -------
    float
        Twice the squared mean of the variance estimate over its variance (Bell & McCaffrey 2002).

    Examples
    --------
    >>> x = np.column_stack([np.ones(6), [0, 0, 0, 1, 1, 1]])
    >>> round(satterthwaite_df(x, [0, 1]), 6)
    4.0
    """
    w, groups = _weights(x, weight), _groups(x, cluster)
    bread = np.linalg.inv((x * w[:, None]).T @ x)
    directions = np.zeros((len(x), len(groups)))
    for g, (rows, scored) in enumerate(
        zip(groups, _adjusted(x, w, groups, bread, kind, inverse_variance=inverse_variance), strict=True)
    ):
        directions[rows, g] = scored @ bread @ np.asarray(contrast, dtype=np.float64)
    directions -= (x * w[:, None]) @ (bread @ (x.T @ directions))
    spread = directions.T @ (directions / w[:, None] if inverse_variance else directions)
    return float(np.trace(spread) ** 2 / (spread**2).sum())


def _adjusted(
    x: Floats, w: Floats, groups: list[NDArray[np.int64]], bread: Floats, kind: str, *, inverse_variance: bool
) -> list[Floats]:
    """Return, for each cluster, what its residuals are multiplied with for its score, (rows, p)."""
    if kind in {"CR0", "CR1"}:
        return [x[rows] * w[rows, None] for rows in groups]
    middle = bread @ (x.T * w**2) @ x @ bread
    made = []
    for rows in groups:
        own, weight = x[rows], w[rows]
        hat = own @ bread @ (own * weight[:, None]).T
        if kind == "CR3":
            made.append(np.linalg.solve(np.eye(rows.size) - hat.T, own * weight[:, None]))
            continue
        scale = 1 / np.sqrt(weight) if inverse_variance else np.ones(rows.size)
        spanned = own @ bread @ own.T if inverse_variance else hat + hat.T - own @ middle @ own.T
        left = scale[:, None] * (np.diag(scale**2) - spanned) * scale
        root = scale[:, None] * _inverse_root(left) * scale
        made.append(root @ (own * weight[:, None]))
    return made


def _inverse_root(matrix: Floats) -> Floats:
    """Return the symmetric inverse square root, with 0 for what has no inverse."""
    values, vectors = np.linalg.eigh(matrix)
    root = np.where(values > _NOTHING, 1 / np.sqrt(np.maximum(values, _NOTHING)), 0.0)
    return np.asarray((vectors * root) @ vectors.T)


def _weights(x: Floats, weight: ArrayLike | None) -> Floats:
    return np.ones(len(x)) if weight is None else np.asarray(weight, dtype=np.float64)


def _groups(x: Floats, cluster: ArrayLike | None) -> list[NDArray[np.int64]]:
    if cluster is None:
        return [np.array([row]) for row in range(len(x))]
    _, place = np.unique(np.asarray(cluster), return_inverse=True)
    order = np.argsort(place, kind="stable")
    return np.split(order, np.cumsum(np.bincount(place))[:-1])

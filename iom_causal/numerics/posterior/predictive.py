"""Statistics of people before and after, by which what a model predicts is compared with what was observed."""

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]


def statistics(pairs: NDArray[np.generic], *, counts: bool) -> dict[str, Floats]:
    """Statistics of paired outcomes of each replicate.

    Parameters
    ----------
    pairs : ndarray
        (R, n, 2) before and after; NaN is missing.
    counts : bool
        Whether zeros and the ratio of variance to mean are asked for; else the SD.

    Returns
    -------
    dict of str to ndarray
        (R,) each; NaN where a statistic is undefined. A window's are over those observed in it, those of both over
        complete pairs; t is that of the change.

    Examples
    --------
    >>> found = statistics(np.array([[[3, 1], [2, 2], [5, 0]]]), counts=True)
    >>> found["zeros after"].tolist(), found["share that rose"].tolist(), found["t"].round(3).tolist()
    ([1.0], [0.0], [-1.606])
    """
    y = np.asarray(pairs, dtype=np.float64)
    found: dict[str, Floats] = {}
    for k, window in enumerate(("before", "after")):
        found |= {f"{name} {window}": value for name, value in _of_window(y[..., k], counts=counts).items()}
    return found | _of_pairs(y)


def _of_window(y: Floats, *, counts: bool) -> dict[str, Floats]:
    seen = ~np.isnan(y)
    mean, variance = _moments(y, seen)
    highest = np.where(seen, y, -np.inf).max(-1)
    found = {"mean": mean, "highest": np.where(np.isfinite(highest), highest, np.nan)}
    if counts:
        with np.errstate(invalid="ignore", divide="ignore"):
            return found | {"zeros": (y == 0).sum(-1) * 1.0, "variance / mean": variance / mean}
    lowest = np.where(seen, y, np.inf).min(-1)
    return found | {"lowest": np.where(np.isfinite(lowest), lowest, np.nan), "SD": np.sqrt(variance)}


def _of_pairs(y: Floats) -> dict[str, Floats]:
    both = ~np.isnan(y).any(-1)
    n = both.sum(-1)
    change = y[..., 1] - y[..., 0]
    (m0, v0), (m1, v1), (mean, variance) = (_moments(x, both) for x in (y[..., 0], y[..., 1], change))
    product = np.where(both, (y[..., 0] - m0[:, None]) * (y[..., 1] - m1[:, None]), 0).sum(-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return {
            "correlation": product / (n - 1) / np.sqrt(v0 * v1),
            "share that rose": (both & (change > 0)).sum(-1) / n,
            "t": np.where(variance > 0, mean / np.sqrt(variance / n), np.nan),
        }


def _moments(y: Floats, seen: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    n = seen.sum(-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(seen, y, 0).sum(-1) / n
        squares = np.where(seen, (y - mean[:, None]) ** 2, 0).sum(-1)
        return mean, np.where(n > 1, squares / (n - 1), np.nan)


def tail_share(replicated: Floats, observed: float) -> float:
    """Return the share of replicates below a value, those that equal it counted half; NaN without any.

    Examples
    --------
    >>> tail_share(np.array([1.0, 2.0, 2.0, 3.0, np.nan]), 2.0)
    0.5
    """
    known = replicated[~np.isnan(replicated)]
    if not known.size or np.isnan(observed):
        return np.nan
    return float(((known < observed) + (known == observed) / 2).mean())

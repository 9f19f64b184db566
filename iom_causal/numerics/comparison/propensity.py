"""Logistic regression of many replicates at once, for propensity scores."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.numerics.kernels.scaled_inverse import SINGULAR, regular

type Floats = NDArray[np.float64]

STEPS = 30
"""Newton steps; where a covariate separates the groups each goes on by about one for ever."""
_CLOSE = 1e-10  # the last step, relative to the coefficients
_SEPARATED = 30.0  # a logit that no group of people has at a maximum inside


class Propensity(NamedTuple):
    """Propensity scores over replicates.

    Attributes
    ----------
    logit : ndarray
        (R, n) the linear predictor; 0 for people who do not count.
    sound : ndarray
        (R,) whether the fit is one: columns that say something of their own, and a maximum at finite coefficients.
    separated : ndarray
        (R,) whether the search ran off, because the covariates tell the groups apart.
    """

    logit: Floats
    sound: NDArray[np.bool_]
    separated: NDArray[np.bool_]


def propensity(x: Floats, managed: NDArray[np.bool_], there: NDArray[np.bool_]) -> Propensity:
    """Maximum-likelihood logistic regression of who is managed, by Newton's method, of many replicates at once.

    Parameters
    ----------
    x : ndarray
        (R, n, p) covariates, without an intercept.
    managed, there : ndarray
        (R, n) who is managed, and who counts.

    References
    ----------
    Rosenbaum & Rubin (1983), Biometrika 70, 41-55; Albert & Anderson (1984), Biometrika 71, 1-10 (separation).

    Examples
    --------
    >>> x = np.array([[[0.0], [0], [0], [1], [1], [1]]])
    >>> who, all_of_them = np.array([[True, False, False, True, True, False]]), np.ones((1, 6), dtype=bool)
    >>> propensity(x, who, all_of_them).logit.round(4).tolist()
    [[-0.6931, -0.6931, -0.6931, 0.6931, 0.6931, 0.6931]]
    """
    size = np.maximum(there.sum(-1), 1)[:, None]
    centre = (x * there[..., None]).sum(1) / size
    away = (x - centre[:, None]) * there[..., None]
    spread = np.sqrt((away**2).sum(1) / size)
    varies = (spread > SINGULAR * (np.abs(centre) + spread)).all(-1)
    columns = np.concatenate([np.ones((*x.shape[:2], 1)), away / np.where(spread > 0, spread, 1.0)[:, None]], axis=-1)
    columns *= there[..., None]
    logit, ended, singular = _newton(columns, (managed & there).astype(np.float64), there)
    far = (np.abs(logit) > _SEPARATED).any(-1)
    sound = varies & ended & ~far & ~singular
    return Propensity(logit, sound, varies & (far | (~ended & ~singular)))


def _newton(x: Floats, y: Floats, there: NDArray[np.bool_]) -> tuple[Floats, NDArray[np.bool_], NDArray[np.bool_]]:
    values = np.zeros((len(x), x.shape[-1]))
    ended, singular = np.zeros(len(x), dtype=np.bool_), np.zeros(len(x), dtype=np.bool_)
    searching = np.arange(len(x))
    for step_number in range(STEPS):
        rows, own = x[searching], there[searching]
        mean = own / (1 + np.exp(-np.clip(_linear(rows, values[searching]), -700, 700)))
        information = np.swapaxes(rows, -1, -2) @ (rows * (mean * (1 - mean))[..., None])
        known = regular(information)
        if step_number == 0:  # later the information vanishes where the groups separate
            singular[searching] = ~known
        gradient = (rows * (y[searching] - mean)[..., None]).sum(1)
        step = np.zeros_like(gradient)
        step[known] = np.linalg.solve(information[known], gradient[known][..., None])[..., 0]
        values[searching] += step
        close = np.abs(step).max(-1) <= _CLOSE * (1 + np.abs(values[searching]).max(-1))
        ended[searching[close & known]] = True
        searching = searching[~close & known]
        if not searching.size:
            break
    return _linear(x, values), ended, singular


def _linear(x: Floats, values: Floats) -> Floats:
    # A sum a row, so that people with the same covariates have the same score wherever they stand.
    return np.asarray((x * values[:, None]).sum(-1))

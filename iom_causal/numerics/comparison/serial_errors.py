"""Variance of a contrast of a regression over time whose errors hang together: HAC, corrected for short series."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

type Floats = NDArray[np.float64]

PERSISTENCE = np.linspace(-0.6, 0.96, 53)
"""First-order autocorrelations at which the restricted likelihood is worked out."""
CELLS = 200_000
"""Numbers of a block of matrices of windows by windows."""


class SerialErrors(NamedTuple):
    """Variances of coefficients and of one contrast of them, over replicates.

    Attributes
    ----------
    cov : ndarray
        (R, p, p) Newey & West's covariance, each coefficient with a factor of its own.
    variance, df : ndarray
        (R,) of the contrast, with Satterthwaite's degrees of freedom.
    persistence : ndarray
        (R,) first-order autocorrelation, by restricted maximum likelihood.
    """

    cov: Floats
    variance: Floats
    df: Floats
    persistence: Floats


def hac_lags(windows: int) -> int:
    """Return the lags that a HAC variance of so many windows takes in: floor(.75 M^(1/3)) + 1.

    Examples
    --------
    >>> hac_lags(24), hac_lags(36), hac_lags(64), hac_lags(108)
    (3, 3, 4, 4)
    """
    return int(0.75 * np.cbrt(windows)) + 1


def bartlett(windows: int, lags: int) -> Floats:
    """Return Bartlett's weights of pairs of windows, (M, M).

    Examples
    --------
    >>> bartlett(3, 1).tolist()
    [[1.0, 0.5, 0.0], [0.5, 1.0, 0.5], [0.0, 0.5, 1.0]]
    """
    return np.maximum(1 - _apart(windows) / (lags + 1), 0.0)


def newey_west(root: Floats, residuals: Floats, bread: Floats, lags: int) -> Floats:
    """Heteroscedasticity and autocorrelation consistent covariance of coefficients, (R, p, p), uncorrected.

    Parameters
    ----------
    root : ndarray
        (R, M, p) regressors times the root of the working weight.
    residuals : ndarray
        (R, M) Pearson residuals, so that a score is the product of both.
    bread : ndarray
        (R, p, p) inverse information.
    lags : int
        Beyond which scores count as unrelated.
    """
    score = root * residuals[..., None]
    meat = np.swapaxes(score, -1, -2) @ (bartlett(score.shape[1], lags) @ score)
    return np.asarray(bread @ meat @ bread)


def serial_errors(root: Floats, residuals: Floats, bread: Floats, gradient: Floats, lags: int) -> SerialErrors:
    """HAC covariance with a bias correction, and Satterthwaite degrees of freedom of one contrast.

    Newey & West's variance is a quadratic form of residuals. Where errors are a first-order autoregression, its
    expectation and variance are known: the first gives the factor that corrects it, both the degrees of freedom, as
    Bell & McCaffrey (2002) have them for clusters. The autocorrelation is that of greatest restricted likelihood.
    Where errors are another process the variance stays consistent, as Newey & West's is.

    Parameters
    ----------
    root, residuals, bread, lags
        As in `newey_west`.
    gradient : ndarray
        (R, p) the contrast.

    References
    ----------
    Newey & West (1987), Econometrica 55, 703-708; Bell & McCaffrey (2002), Survey Methodology 28, 169-181;
    Turner et al. (2021), BMC Med. Res. Methodol. 21, 181, on short series.
    """
    persistence = autoregression(root, residuals)
    size, windows, p = root.shape
    own, factor, df = np.empty((size, p)), np.empty(size), np.empty(size)
    block = max(1, CELLS // windows**2)
    for first in range(0, size, block):
        at = slice(first, first + block)
        own[at], factor[at], df[at] = _factors(root[at], bread[at], gradient[at], persistence[at], lags)
    cov = newey_west(root, residuals, bread, lags)
    variance = factor * np.einsum("rp,rpq,rq->r", gradient, cov, gradient)
    scale = np.sqrt(own)
    return SerialErrors(cov * scale[:, :, None] * scale[:, None, :], variance, df, persistence)


def autoregression(root: Floats, residuals: Floats) -> Floats:
    """First-order autocorrelation of a regression's errors by restricted maximum likelihood, (R,).

    Parameters
    ----------
    root, residuals : ndarray
        (R, M, p) regressors and (R, M) residuals of least squares, or any outcomes.

    Examples
    --------
    >>> noise = np.random.default_rng(1).standard_normal((200, 60))
    >>> for k in range(1, 60):
    ...     noise[:, k] += 0.5 * noise[:, k - 1]
    >>> round(float(np.median(autoregression(np.ones((200, 60, 1)), noise))), 1)
    0.5
    """
    windows, p = root.shape[1:]
    both = np.concatenate([root, residuals[..., None]], axis=-1)
    scale = np.sqrt((both**2).sum(1, keepdims=True))
    both = both / np.where(scale > 0, scale, 1.0)
    whole = np.swapaxes(both, -1, -2) @ both
    next_to = np.swapaxes(both[:, 1:], -1, -2) @ both[:, :-1]
    ends = both[:, [0, -1]]
    inner = whole - np.swapaxes(ends, -1, -2) @ ends
    shared = next_to + np.swapaxes(next_to, -1, -2)
    found = np.empty((len(PERSISTENCE), len(root)))
    for k, rho in enumerate(PERSISTENCE):
        free = 1 - rho**2
        crossed = (whole + rho**2 * inner - rho * shared) / free
        with np.errstate(divide="ignore", invalid="ignore"):
            regressors, every = np.linalg.slogdet(crossed[:, :p, :p])[1], np.linalg.slogdet(crossed)[1]
            found[k] = (windows - 1) * np.log(free) + regressors + (windows - p) * (every - regressors)
    return _lowest(found)


def _lowest(values: Floats) -> Floats:
    """Return where on `PERSISTENCE` a parabola through the lowest value and its neighbours is lowest."""
    at = np.clip(np.nanargmin(np.where(np.isfinite(values), values, np.inf), axis=0), 1, len(PERSISTENCE) - 2)
    low, middle, high = (values[at + k, np.arange(values.shape[1])] for k in (-1, 0, 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        aside = (low - high) / (2 * (low + high - 2 * middle))
    step = PERSISTENCE[1] - PERSISTENCE[0]
    return np.asarray(PERSISTENCE[at] + step * np.clip(np.nan_to_num(aside), -1, 1))


def _factors(
    root: Floats, bread: Floats, gradient: Floats, persistence: Floats, lags: int
) -> tuple[Floats, Floats, Floats]:
    """Return the factors of the coefficients and of the contrast, and the degrees of freedom of the latter."""
    weights = bartlett(root.shape[1], lags)
    errors = (persistence[:, None] ** np.arange(root.shape[1]))[:, _apart(root.shape[1])]
    towards = root @ bread
    # Covariance of residuals: that of the errors, of which the regression has taken its part on both sides.
    taken = towards @ (np.swapaxes(root, -1, -2) @ errors)
    both = (taken @ root) @ np.swapaxes(towards, -1, -2)
    left = errors - taken - np.swapaxes(taken, -1, -2) + both
    influence = (towards @ gradient[..., None])[..., 0]
    product = influence[:, :, None] * weights * influence[:, None, :] @ left
    mean = np.einsum("rmm->r", product)
    square = np.einsum("rmn,rnm->r", product, product)
    with np.errstate(divide="ignore", invalid="ignore"):
        own = _form(towards, errors) / _form(towards, weights * left)
        return own, _form(influence[..., None], errors)[:, 0] / mean, mean**2 / square


def _form(vectors: Floats, matrix: Floats) -> Floats:
    """Return the quadratic forms of vectors (R, M, p) in matrices (R, M, M), (R, p)."""
    return np.asarray((vectors * (matrix @ vectors)).sum(1))


def autocorrelations(residuals: Floats, lags: int) -> Floats:
    """Return the autocorrelations of residuals about 0 at lags 1 and on, (R, lags).

    Examples
    --------
    >>> autocorrelations(np.array([[1.0, -1.0, 1.0, -1.0]]), 2).tolist()
    [[-0.75, 0.5]]
    """
    square = (residuals**2).sum(-1)
    products = [(residuals[:, k:] * residuals[:, :-k]).sum(-1) for k in range(1, lags + 1)]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(square[:, None] > 0, np.stack(products, axis=-1) / square[:, None], 0.0)


def ljung_box(autocorrelation: Floats, windows: int) -> Floats:
    """Return the p-value of Ljung & Box's test that no autocorrelation at these lags differs from 0, (R,).

    Examples
    --------
    >>> ljung_box(np.array([[0.5, 0.2]]), 30).round(4).tolist()
    [0.008]
    """
    lags = np.arange(1, autocorrelation.shape[1] + 1)
    statistic = windows * (windows + 2) * (autocorrelation**2 / (windows - lags)).sum(-1)
    return np.asarray(chdtrc(len(lags), statistic))


def _apart(windows: int) -> NDArray[np.int64]:
    return np.abs(np.subtract.outer(np.arange(windows), np.arange(windows)))

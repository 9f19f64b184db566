"""The JZS Bayes factor of a t test, in logs (Rouder, Speckman, Sun, Morey & Iverson 2009)."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from iom_causal.errors import InputError

FloatArray = NDArray[np.float64]

SCALE = 0.5**0.5
"""The usual scale of the Cauchy prior of the standardised change."""

_STEP = 0.05
_LEFT = -8.0
_TAIL = 45.0


def jzs_log_bf10(t: ArrayLike, n: ArrayLike, *, df: ArrayLike | None = None, scale: float = SCALE) -> FloatArray:
    """Compute the log of the evidence for a change against none, with a Cauchy prior on d_z.

    Parameters
    ----------
    t : array_like
        t statistics; the sign does not matter.
    n : array_like
        People with both windows (for two groups, ``n1 n2 / (n1 + n2)``).
    df : array_like, optional
        Degrees of freedom; n - 1 by default.
    scale : float
        Scale of the Cauchy prior, above 0.

    Returns
    -------
    ndarray
        Natural logarithms of BF10, to 1e-12.

    Raises
    ------
    InputError
        IOM-E092 for values outside their bounds.

    Notes
    -----
    The prior is a mixture of normals with variance g; the integral over log g is taken with the
    trapezoidal rule, which converges geometrically for an analytic integrand that dies at both ends.

    Examples
    --------
    >>> round(float(np.exp(jzs_log_bf10(3.5, 20))), 3)
    17.185
    """
    t, n = np.asarray(t, float)[..., None], np.asarray(n, float)[..., None]
    nu = n - 1 if df is None else np.asarray(df, float)[..., None]
    if not (np.isfinite(t).all() and np.all(n > 0) and np.all(nu > 0) and scale > 0):
        raise InputError("IOM-E092", "Bayes factor: expected finite t, df above 0 and a scale above 0")
    right = _TAIL + float(np.log1p(np.max(t**2 / (n * scale**2), initial=0.0)))
    x = np.arange(_LEFT, right, _STEP)
    spread = np.log1p(n * scale**2 * np.exp(x))
    fit = np.log1p(t**2 / nu * np.exp(-spread)) - np.log1p(t**2 / nu)
    height = -0.5 * (spread + (nu + 1) * fit + np.log(2 * np.pi) + x + np.exp(-x))
    return np.asarray(special.logsumexp(height, axis=-1) + np.log(_STEP), float)

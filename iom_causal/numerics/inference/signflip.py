"""Sign-flip (permutation) test of a mean change: exact on a grid of numbers, sampled otherwise."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from iom_causal.errors import InputError
from iom_causal.numerics.kernels.bernoulli_sums import sum_pmf

DRAWS = 9999
_CELLS = 200_000_000  # n times the sum of sizes: seconds of work
_BLOCK = 4_000_000


class SignFlipTest(NamedTuple):
    """P-values of the sum of changes when every sign is a fair coin.

    Attributes
    ----------
    total : float
        The sum of the changes.
    less, greater, two_sided : float
        Chance of so low, so high, and so distant a sum.
    exact : bool
        Whether all sign patterns were counted, or `draws` sampled.
    draws : int
        0 when exact.
    """

    total: float
    less: float
    greater: float
    two_sided: float
    exact: bool
    draws: int


def is_exact(changes: ArrayLike) -> bool:
    """Whether the exact test is possible: whole changes whose distribution is not too long to convolve.

    Examples
    --------
    >>> is_exact([-3, 1]), is_exact([0.5])
    (True, False)
    """
    d = np.asarray(changes)
    whole = d.dtype.kind in "iub" or bool(np.all(d == np.rint(d)) and np.all(np.abs(d) < 2**31))
    return whole and d.size * float(np.abs(d.astype(float)).sum()) <= _CELLS


def sign_flip_exact(changes: ArrayLike) -> SignFlipTest:
    """Test a mean change of zero by counting all sign patterns of whole changes (Fisher 1935).

    Parameters
    ----------
    changes : array_like
        (n,) whole numbers, after minus before.

    Returns
    -------
    SignFlipTest
        Exact, by convolution.

    Raises
    ------
    InputError
        IOM-E031 when changes are not whole, or too large for the exact distribution.

    Examples
    --------
    >>> sign_flip_exact([-3, -2, -1]).two_sided
    0.25
    """
    if not is_exact(changes):
        raise InputError("IOM-E031", "the exact sign-flip test needs whole changes of moderate size")
    d = np.asarray(changes).astype(np.int64)
    sizes = np.abs(d[d != 0])
    unit = int(np.gcd.reduce(sizes)) if sizes.size else 1
    pmf = sum_pmf(sizes // unit)
    up = int(d[d > 0].sum()) // unit
    less, greater = float(min(1.0, pmf[: up + 1].sum())), float(min(1.0, pmf[up:].sum()))
    far = min(up, pmf.size - 1 - up)
    both = pmf[: far + 1].sum() + pmf[pmf.size - 1 - far :].sum() if 2 * far < pmf.size - 1 else 1.0
    return SignFlipTest(float(d.sum()), less, greater, float(min(1.0, both)), exact=True, draws=0)


def sign_flip_sampled(changes: ArrayLike, rng: np.random.Generator, *, draws: int = DRAWS) -> SignFlipTest:
    """Test a mean change of zero by sampling sign patterns.

    Parameters
    ----------
    changes : array_like
        (n,) numbers, after minus before.
    rng : Generator
        Where the signs come from.
    draws : int
        Sign patterns; p-values are (1 + hits) / (1 + draws) (Phipson & Smyth 2010).

    Returns
    -------
    SignFlipTest
        Sampled.

    Examples
    --------
    >>> sign_flip_sampled([0.5, -0.2], np.random.default_rng(1)).two_sided > 0.4
    True
    """
    d = np.asarray(changes, float)
    scale = float(np.abs(d).max(initial=0.0)) or 1.0
    total, size = float((d / scale).sum()), max(1, _BLOCK // max(1, d.size))
    low, high, far, done = 0, 0, 0, 0
    slack = 1e-12 * max(1.0, float(np.abs(d / scale).sum()))  # equal sums that were added in another order
    while done < draws:
        m = min(size, draws - done)
        sums = (rng.integers(0, 2, (m, d.size), dtype=np.int8) * 2.0 - 1.0) @ (d / scale)
        low += int((sums <= total + slack).sum())
        high += int((sums >= total - slack).sum())
        far += int((np.abs(sums) >= abs(total) - slack).sum())
        done += m
    less, greater, both = ((1 + hits) / (1 + draws) for hits in (low, high, far))
    return SignFlipTest(float(d.sum()), less, greater, both, exact=False, draws=draws)

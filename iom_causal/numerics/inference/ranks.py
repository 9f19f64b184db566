"""Signed-rank and sign tests of paired changes, with exact null distributions under ties and zeros."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from iom_causal.errors import InputError
from iom_causal.numerics.kernels.bernoulli_sums import HALF, sum_pmf
from iom_causal.numerics.kernels.binomial_tails import split_tails
from iom_causal.numerics.kernels.decimals import differences
from iom_causal.numerics.kernels.signed_ranks import (
    EXACT_UP_TO,
    distinct,
    midranks,
    pairwise_means,
    position,
    skipped_means,
)

FloatArray = NDArray[np.float64]

ZEROS = ("wilcox", "pratt")


class SignedRank(NamedTuple):
    """The signed-rank statistic of one set of changes and its null distribution.

    Attributes
    ----------
    plus, minus : float
        Sums of the ranks of rises and of falls.
    n : float
        Changes that were ranked and are not zero.
    less, greater, two_sided : float
        P-values: of so few rises, of so many, and twice the smaller (at most 1).
    exact : bool
        Whether they are exact, or a normal approximation with ties taken into account.
    """

    plus: float
    minus: float
    n: float
    less: float
    greater: float
    two_sided: float
    exact: bool


class SignCount(NamedTuple):
    """Rises and falls, and the sign test's p-values (less: so few rises)."""

    plus: float
    minus: float
    zero: float
    less: float
    greater: float
    two_sided: float


def signed_rank(changes: ArrayLike, *, zeros: str = "wilcox", weight: ArrayLike | None = None) -> SignedRank:
    """Test whether changes are symmetric about zero by the ranks of their sizes.

    Parameters
    ----------
    changes : array_like
        (n,) changes, after minus before, without NaN.
    zeros : {"wilcox", "pratt"}
        "wilcox" leaves zeros out before ranking; "pratt" ranks them and then leaves them out.
    weight : array_like, optional
        (n,) whole numbers: how often each row counts.

    Returns
    -------
    SignedRank
        Exact up to 500 nonzero changes, by convolution over the midranks that occurred (Streitberg &
        Roehmel 1986); beyond that the normal approximation with the variance of those midranks.

    Raises
    ------
    InputError
        IOM-E092 for another way with zeros; IOM-E076 for weights that are not whole.

    Examples
    --------
    >>> signed_rank([-1.0, -2.0, -3.0, -4.0, -5.0, -6.0]).two_sided
    0.03125
    """
    if zeros not in ZEROS:
        raise InputError("IOM-E092", f"zeros: expected one of {', '.join(ZEROS)}, got {zeros!r}")
    d, counts = _repeated(np.asarray(changes, float), weight)
    if zeros == "wilcox":
        d, counts = d[d != 0], counts[d != 0]
    ranks = midranks(np.abs(d), counts)
    moved = d != 0
    plus = float(np.sum((ranks * counts)[d > 0]))
    minus = float(np.sum((ranks * counts)[d < 0]))
    n = int(counts[moved].sum())
    if n <= EXACT_UP_TO:
        less, greater = _exact_tails(plus, np.repeat(ranks[moved], counts[moved]))
    else:
        less, greater = _normal_tails(plus, ranks[moved], counts[moved])
    return SignedRank(plus, minus, n, less, greater, min(1.0, 2 * min(less, greater)), n <= EXACT_UP_TO)


def sign_test(changes: ArrayLike, *, weight: ArrayLike | None = None) -> SignCount:
    """Test whether rises and falls are equally likely, leaving zeros out (Arbuthnot 1710).

    Parameters
    ----------
    changes : array_like
        (n,) changes, after minus before, without NaN.
    weight : array_like, optional
        (n,) whole numbers.

    Returns
    -------
    SignCount
        Exact binomial p-values; all 1 when nobody changed.

    Examples
    --------
    >>> sign_test([-1] * 10 + [1] * 2).two_sided
    0.03857421875
    """
    d, counts = _repeated(np.asarray(changes, float), weight)
    plus, minus, zero = (int(counts[side].sum()) for side in (d > 0, d < 0, d == 0))
    less, greater = binomial_half_tails(plus, plus + minus)
    return SignCount(plus, minus, zero, less, greater, min(1.0, 2 * min(less, greater)))


def binomial_half_tails(k: int, n: int) -> tuple[float, float]:
    """Compute P(X <= k) and P(X >= k) for X binomial with n trials and chance one half.

    Examples
    --------
    >>> binomial_half_tails(0, 6)
    (0.015625, 1.0)
    """
    return split_tails(n - k, k, 1.0)


def rank_biserial(changes: ArrayLike, *, weight: ArrayLike | None = None) -> FloatArray:
    """Compute the matched-pairs rank-biserial correlation, (T+ - T-) / (T+ + T-) (Kerby 2014).

    Parameters
    ----------
    changes : array_like
        (n,) distinct or repeated changes, without NaN; zeros are left out.
    weight : array_like, optional
        (n,) or (B, n): how often each row counts, one row of weights a bootstrap sample.

    Returns
    -------
    ndarray
        () or (B,), from -1 (all fell) to 1 (all rose); NaN when nobody changed.

    Examples
    --------
    >>> float(rank_biserial([-1, -2, 3, 0]))
    0.0
    """
    d = np.asarray(changes, float)
    w = np.ones(d.size) if weight is None else np.asarray(weight, float)
    order = np.argsort(np.abs(d), kind="stable")
    order = order[d[order] != 0]
    size, w = np.abs(d[order]), w[..., order]
    if not size.size:
        return np.full(w.shape[:-1], np.nan)
    first = np.flatnonzero(np.r_[True, np.diff(size) > 0])
    group = np.add.reduceat(w, first, axis=-1)
    rank = np.cumsum(group, -1) - (group - 1) / 2
    up = np.add.reduceat(w * (d[order] > 0), first, axis=-1)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.sum(rank * (2 * up - group), -1) / np.sum(rank * group, -1))


def chance_lower(before: ArrayLike, after: ArrayLike, *, weight: ArrayLike | None = None) -> FloatArray:
    """Compute the share of people whose value was lower after than before, equal ones counted half.

    Parameters
    ----------
    before, after : array_like
        (n,) values without NaN.
    weight : array_like, optional
        (n,) or (B, n).

    Returns
    -------
    ndarray
        () or (B,), the common-language effect size (McGraw & Wong 1992) of paired values.

    Examples
    --------
    >>> float(chance_lower([3, 2, 5, 1], [1, 2, 0, 4]))
    0.625
    """
    change = differences(before, after)
    score = (change < 0) + HALF * (change == 0)
    w = np.ones(change.size) if weight is None else np.asarray(weight, float)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(w @ score / w.sum(-1))


def _repeated(d: FloatArray, weight: ArrayLike | None) -> tuple[FloatArray, NDArray[np.int64]]:
    if weight is None:
        return d, np.ones(d.size, np.int64)
    w = np.asarray(weight)
    if np.any(w != np.floor(w)):
        raise InputError("IOM-E076", "ranks need weights that are whole numbers; got fractions")
    keep = w > 0
    return d[keep], w[keep].astype(np.int64)


def _exact_tails(plus: float, ranks: FloatArray) -> tuple[float, float]:
    # Twice a midrank is whole, so the distribution of the sum is a polynomial in powers of one half rank.
    steps = np.rint(2 * ranks).astype(np.int64)
    pmf = sum_pmf(steps)
    at = round(2 * plus)
    return float(min(1.0, pmf[: at + 1].sum())), float(min(1.0, pmf[at:].sum()))


def _normal_tails(plus: float, ranks: FloatArray, counts: NDArray[np.int64]) -> tuple[float, float]:
    mean, sd = float(np.sum(ranks * counts)) / 2, float(np.sqrt(np.sum(ranks**2 * counts))) / 2
    return float(special.ndtr((plus + HALF - mean) / sd)), float(special.ndtr((mean + HALF - plus) / sd))


class Pseudomedian(NamedTuple):
    """The Hodges-Lehmann estimate of a typical change and its limits."""

    estimate: float
    low: float
    high: float


def pseudomedian(changes: ArrayLike, *, level: float, weight: ArrayLike | None = None) -> Pseudomedian:
    """Estimate the middle of a symmetric distribution of changes by the median of all pairwise means.

    Parameters
    ----------
    changes : array_like
        (n,) changes without NaN, zeros included.
    level : float
        Confidence level, in (0, 1).
    weight : array_like, optional
        (n,) whole numbers.

    Returns
    -------
    Pseudomedian
        Limits are order statistics of the pairwise means at the signed-rank distribution without ties (Hodges &
        Lehmann 1963); with ties they hold at least their level. NaN limits where n is too small.

    Examples
    --------
    >>> pseudomedian([-1.0, -2.0, -3.0, -4.0, -5.0, -6.0], level=0.9)
    Pseudomedian(estimate=-3.5, low=-5.0, high=-2.0)
    """
    d, counts = _repeated(np.asarray(changes, float), weight)
    walsh, cumulated = pairwise_means(*distinct(d, counts))
    n, total = int(counts.sum()), int(cumulated[-1])
    middle = float(walsh[position(cumulated, (total - 1) // 2)] + walsh[position(cumulated, total // 2)]) / 2
    skip = skipped_means((1 - level) / 2, n)
    if skip < 0:
        return Pseudomedian(middle, np.nan, np.nan)
    low, high = (float(walsh[position(cumulated, k)]) for k in (skip, total - 1 - skip))
    return Pseudomedian(middle, low, high)

"""Joint probability mass function of counts before and after among selected people."""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from iom_causal.errors import InputError, NotIdentifiedError
from iom_causal.numerics.pairs.moments import PairMoments

type Floats = NDArray[np.float64]
type Rule = Callable[[Floats], Floats]

LOST = 1e-9
"""Probability that may lie beyond the cells: one draw in a billion would have been there."""
TOLERATED = 1e-5
"""The same for distributions with so long a tail that the largest table still leaves out more."""

COMMON = 127
"""Counts beyond it are so rare that the last digits of their cells do not matter."""
_HIGHEST = 1023


class JointPmf(NamedTuple):
    """Probabilities of (before, after) among selected people.

    Attributes
    ----------
    pmf : ndarray
        (K, L), summing to one.
    share : float
        Of the population that is selected.
    lost : float
        A bound on the probability that lies beyond the cells, among selected people.
    """

    pmf: Floats
    share: float
    lost: float


class Cells(NamedTuple):
    """The distribution of the population's counts, up to a highest one.

    Attributes
    ----------
    before : ndarray
        (K,) probability of each count before, whatever comes after.
    joint : ndarray
        (K, K) probability of each count before with each after.
    """

    before: Floats
    joint: Floats


def probit_rule(cut: float, softness: float) -> Rule:
    """Return the rule that selects people with a count of y with probability ``Phi((y - cut) / softness)``.

    With a softness of 0 it selects everybody with a count of at least the cut, and nobody else.

    Examples
    --------
    >>> probit_rule(3.0, 1.0)(np.array([3.0])).tolist()
    [0.5]
    """
    return lambda counts: np.asarray(ndtr((counts - cut) / softness) if softness > 0 else 1.0 * (counts >= cut))


@njit(nogil=True, cache=True)
def selection_probability(count: float, cut: float, softness: float) -> tuple[float, float, float]:
    """Return the chance of `probit_rule` at one count, and its slopes in the logs of cut and softness.

    Examples
    --------
    >>> [round(v, 3) for v in selection_probability(3.0, 3.0, 1.0)]
    [0.5, -1.197, -0.0]
    """
    if softness <= 0.0:
        return (1.0 if count >= cut else 0.0), 0.0, 0.0
    z = (count - cut) / softness
    density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    return math.erfc(-z / math.sqrt(2)) / 2, -cut * density / softness, -z * density


def selected_joint_pmf(population: Callable[[Floats], Cells], rule: Rule | None = None) -> JointPmf:
    """Joint probability mass function of two counts, of people selected on the first, over as many counts as it needs.

    Parameters
    ----------
    population : callable
        Counts to the cells of their distribution in the source population.
    rule : callable, optional
        Counts before to the probability of being selected; everybody by default.

    Raises
    ------
    InputError
        IOM-E092 for counts too large to hold.
    NotIdentifiedError
        IOM-E068 when the rule selects nobody.
    """
    highest = COMMON
    while highest <= _HIGHEST:
        joint = _joint_pmf(np.arange(highest + 1.0), population, rule)
        if joint.lost < (LOST if highest < _HIGHEST else TOLERATED):
            return _trimmed(joint)
        highest = 2 * highest + 1
    raise InputError(
        "IOM-E092", f"expected counts of at most {_HIGHEST}; more than one in a hundred thousand is larger"
    )


def pmf_moments(joint: JointPmf) -> tuple[PairMoments, Floats]:
    """Compute the moments of a joint distribution, and the asymptotic covariance of sample moments.

    Returns
    -------
    tuple of PairMoments and ndarray
        The covariance is (5, 5) and that of the influence functions: of a sample's moments, times its size.

    Examples
    --------
    >>> moments, covariance = pmf_moments(JointPmf(np.full((2, 2), 0.25), 1.0, 0.0))
    >>> list(moments), covariance.diagonal()[[0, 2]].tolist()
    ([0.5, 0.5, 0.5, 0.5, 0.0], [0.25, 0.25])
    """
    (m1, s1, u), (m2, s2, v) = (_standardised(joint.pmf.sum(axis)) for axis in (1, 0))
    power = np.arange(5)[:, None]
    mixed = np.einsum("il,jl->ij", np.einsum("ik,kl->il", u**power, joint.pmf), v**power)
    r = float(mixed[1, 1])
    a, b = np.array([[1, 2, 0, 0, 1], [0, 0, 1, 2, 1]])  # powers of u and v: u, u^2, v, v^2, u v
    spread = mixed[a[:, None] + a, b[:, None] + b] - np.outer(mixed[a, b], mixed[a, b])
    influence = np.diag([s1, s1 / 2, s2, s2 / 2, 1.0])
    influence[4, [1, 3]] = -r / 2
    return PairMoments(m1, s1, m2, s2, r), np.einsum("ia,ab,jb->ij", influence, spread, influence)


def _standardised(marginal: Floats) -> tuple[float, float, Floats]:
    counts = np.arange(marginal.size, dtype=np.float64)
    mean = float((marginal * counts).sum())
    sd = float((marginal * (counts - mean) ** 2).sum()) ** 0.5
    return mean, sd, (counts - mean) / sd


def largest_at_most(marginal: ArrayLike, value: float, n: int) -> float:
    """Compute the probability that none of `n` people has more than `value`.

    Examples
    --------
    >>> largest_at_most([0.5, 0.3, 0.2], 1, 2)
    0.64
    """
    p = np.asarray(marginal, dtype=np.float64)
    above = float(p[int(np.floor(value)) + 1 :].sum())
    return float(np.exp(n * np.log1p(-min(above, 1.0)))) if above < 1 else 0.0


def smallest_at_most(marginal: ArrayLike, value: float, n: int) -> float:
    """Compute the probability that at least one of `n` people has no more than `value`.

    Examples
    --------
    >>> round(smallest_at_most([0.5, 0.3, 0.2], 0, 2), 6)
    0.75
    """
    p = np.asarray(marginal, dtype=np.float64)
    below = min(float(p[: int(np.floor(value)) + 1].sum()), 1.0)
    return 1.0 if below == 1.0 else float(-np.expm1(n * np.log1p(-below)))


def _joint_pmf(counts: Floats, population: Callable[[Floats], Cells], rule: Rule | None) -> JointPmf:
    chance = np.ones_like(counts) if rule is None else rule(counts)
    first, joint = population(counts)
    selected = joint * chance[:, None]
    share = float(selected.sum())
    if not share > 0:
        raise NotIdentifiedError(
            "IOM-E068", "the rule picks nobody; expected some people with a chance of being picked"
        )
    tail_before = _beyond(first) / share
    tail_after = max(0.0, 1.0 - share / float((first * chance).sum()))
    return JointPmf(selected / share, share, tail_before + tail_after)


def _beyond(first: Floats) -> float:
    """Return a bound on the probability of counts beyond the last, which rounding of the rest does not hide.

    The logs of these tails are concave in the log of the count: beyond the last they fall at least like the power by
    which they fall there. One minus the sum is the smaller of the two where hardly any fall has begun.
    """
    missing = max(0.0, 1.0 - float(first.sum()))
    last, previous = float(first[-1]), float(first[-2])
    power = first.size * (1 - last / previous) if previous > 0 else np.inf
    return min(missing, last * first.size / (power - 1)) if power > 1 else missing


@njit(nogil=True, cache=True)
def product(a: Floats, b: Floats) -> Floats:
    """Multiply matrices in one order whatever the number of threads, passing over the zeros of the first.

    Examples
    --------
    >>> product(np.eye(2), np.array([[1.0, 2.0], [3.0, 4.0]])).tolist()
    [[1.0, 2.0], [3.0, 4.0]]
    """
    out = np.zeros((a.shape[0], b.shape[1]))
    for i in range(a.shape[0]):
        for k in range(a.shape[1]):
            if a[i, k] > 0.0:
                for j in range(b.shape[1]):
                    out[i, j] += a[i, k] * b[k, j]
    return out


def _trimmed(joint: JointPmf) -> JointPmf:
    """Leave out the outermost counts that hold next to nothing, and say how much that was."""
    spare = LOST / 4
    retained = joint.pmf[: _needed(joint.pmf.sum(1), spare), : _needed(joint.pmf.sum(0), spare)]
    total = float(retained.sum())
    return JointPmf(retained / total, joint.share, joint.lost + max(0.0, 1.0 - total))


def _needed(marginal: Floats, spare: float) -> int:
    return int((np.cumsum(marginal[::-1]) >= spare).sum())

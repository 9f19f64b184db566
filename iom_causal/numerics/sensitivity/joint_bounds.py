"""Joint bound of several biases of a ratio of risks, and the one strength of all of them that explains it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iom_causal.numerics.sensitivity.e_values import bounding_factor, e_value

type Floats = NDArray[np.float64]

_STEPS = 60


def joint_bound(pairs: Sequence[tuple[ArrayLike, ArrayLike]], singles: Sequence[ArrayLike] = ()) -> Floats:
    """Return the product of bounding factors, by which biases together change a ratio at most (Smith et al. 2021).

    Parameters
    ----------
    pairs : sequence of pairs
        The two strengths of every factor of confounding or selection.
    singles : sequence of array_like
        Strengths that are factors themselves, as those of misclassification.

    Examples
    --------
    >>> round(float(joint_bound([(2.3, 2.5), (3.0, 2.0)])), 6), round(float(joint_bound([(2.0, 1.22)], [1.59])), 6)
    (2.269737, 1.747568)
    """
    bound = np.ones(())
    for first, second in pairs:
        bound = bound * bounding_factor(first, second)
    for single in singles:
        bound = bound * np.asarray(single, dtype=np.float64)
    return bound


def joint_e_value(ratio: ArrayLike, pairs: int, singles: int = 0) -> Floats:
    """Return the strength x at which ``(x^2 / (2x - 1))^pairs x^singles`` is the ratio (Smith et al. 2021).

    Newton's method on the log of x from above: the log of the bound is convex and rises, so that every step comes
    nearer and none goes beyond. Without singles the strength has a closed form.

    Parameters
    ----------
    ratio : array_like
        Of risks, above 0; below 1 its inverse is meant.
    pairs, singles : int
        How many factors of two strengths there are, and of one; a factor that is the square of a strength is two.

    Examples
    --------
    >>> np.round(joint_e_value([6.75, 2.79], 2), 6).tolist(), round(float(joint_e_value(0.51, 1, 2)), 3)
    ([4.635703, 2.728474], 1.352)
    """
    target = np.abs(np.log(np.asarray(ratio, dtype=np.float64)))
    if singles == 0:
        return e_value(np.exp(target / pairs))
    if pairs == 0:
        return np.exp(target / singles)
    x = np.minimum(target / singles, np.log(e_value(np.exp(target / pairs))))
    for _ in range(_STEPS):
        grown = np.exp(x)
        less = 2 * grown - 1
        value = pairs * (2 * x - np.log(less)) + singles * x - target
        slope = pairs * 2 * (grown - 1) / less + singles
        x = np.maximum(x - value / slope, 0.0)
    return np.exp(x)

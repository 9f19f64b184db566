"""Classes of a score's change, and how many people measurement error and regression alone put into each."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

type Floats = NDArray[np.float64]

CLASSES = ("recovered", "improved", "unchanged", "deteriorated")
"""Of Jacobson and Truax; without a cut-off nobody is recovered."""


class Cuts(NamedTuple):
    """Cut-offs between a dysfunctional and a functional population (Jacobson & Truax 1991); NaN where not stated.

    Attributes
    ----------
    a : float
        Two SDs from the mean of the dysfunctional population, towards the functional.
    b : float
        Two SDs from the mean of the functional population, towards the dysfunctional.
    c : float
        Where a score is as many SDs from the one mean as from the other.
    """

    a: float
    b: float
    c: float

    @property
    def used(self) -> float:
        """The cut-off that is used: c where both populations are stated, else that of the one which is."""
        return next((float(cut) for cut in (self.c, self.b, self.a) if not np.isnan(cut)), float("nan"))


def cut_offs(functional: tuple[float, float], dysfunctional: tuple[float, float], *, lower_is_better: bool) -> Cuts:
    """Cut-offs of a score from the mean and SD of a functional and of a dysfunctional population.

    Examples
    --------
    >>> cut_offs((10.0, 4.0), (30.0, 6.0), lower_is_better=True)
    Cuts(a=18.0, b=18.0, c=18.0)
    >>> cut_offs((10.0, 4.0), (float("nan"), float("nan")), lower_is_better=True).used
    18.0
    """
    sign = 1.0 if lower_is_better else -1.0
    (mean, sd), (high, spread) = functional, dysfunctional
    return Cuts(high - sign * 2 * spread, mean + sign * 2 * sd, (spread * mean + sd * high) / (sd + spread))


def reliable_difference(error: ArrayLike, level: float) -> Floats:
    """Difference of two scores beyond which their reliable change index exceeds its two-sided critical value.

    Examples
    --------
    >>> round(float(reliable_difference(5.0, 0.95)), 2)
    13.86
    """
    return np.asarray(ndtri((1 + level) / 2) * np.sqrt(2.0) * np.asarray(error))


class NextScore(NamedTuple):
    """Distribution of a person's next score, given the first, where nothing changes but measurement error.

    True scores are normal in the population that the people come from, and so are errors, which are independent of them
    and of one another: given the first score the true one has mean ``M + R (x - M)`` and variance ``R SEM**2``. A
    selection on the first score leaves that as it is.

    Attributes
    ----------
    mean : ndarray
        (..., n).
    sd : float
        The same for everybody.
    """

    mean: Floats
    sd: float

    @classmethod
    def given(cls, first: ArrayLike, *, mean: float, sd: float, error: float) -> "NextScore":
        """Return that of people with these first scores.

        Examples
        --------
        >>> after = NextScore.given([70.0], mean=50.0, sd=10.0, error=5.0)
        >>> after.mean.tolist(), round(after.sd, 3)
        ([65.0], 6.614)
        """
        reliability = 1 - (error / sd) ** 2
        expected = mean + reliability * (np.asarray(first, dtype=np.float64) - mean)
        return cls(expected, error * float(np.sqrt(1 + reliability)))

    def below(self, bound: ArrayLike) -> Floats:
        """Return each person's probability of a score below a bound."""
        return np.asarray(ndtr((np.asarray(bound) - self.mean) / self.sd))


def class_of(
    first: ArrayLike, last: ArrayLike, *, margin: float, cut: float, lower_is_better: bool
) -> NDArray[np.intp]:
    """Class of each person's change, as a place in `CLASSES`.

    Improved and deteriorated is who changed by more than the margin; recovered, who improved across the cut-off.

    Examples
    --------
    >>> class_of([40, 40, 40, 40], [15, 25, 38, 60], margin=10.0, cut=20.0, lower_is_better=True).tolist()
    [0, 1, 2, 3]
    """
    sign = 1.0 if lower_is_better else -1.0
    x, y = (sign * np.asarray(side, dtype=np.float64) for side in (first, last))
    change, at = y - x, sign * cut
    crossed = (x >= at) & (y < at)
    return np.select([(change < -margin) & crossed, change < -margin, change > margin], [0, 1, 3], default=2)


def class_probabilities(
    first: ArrayLike, after: NextScore, *, margin: float, cut: float, lower_is_better: bool
) -> Floats:
    """Each person's probabilities of the `CLASSES` where nothing changes but measurement error, (..., n, 4).

    Examples
    --------
    >>> after = NextScore.given([40.0], mean=40.0, sd=10.0, error=5.0)
    >>> margin = float(reliable_difference(5.0, 0.95))
    >>> class_probabilities([40.0], after, margin=margin, cut=20.0, lower_is_better=True).round(3).tolist()
    [[0.001, 0.017, 0.964, 0.018]]
    """
    sign = 1.0 if lower_is_better else -1.0
    x = sign * np.asarray(first, dtype=np.float64)
    of = NextScore(sign * after.mean, after.sd)
    better, worse = of.below(x - margin), 1 - of.below(x + margin)
    at = np.where(x >= sign * cut, np.minimum(sign * cut, x - margin), -np.inf)
    recovered = of.below(at)
    return np.stack([recovered, better - recovered, 1 - better - worse, worse], axis=-1)


def count_limits(p: ArrayLike, level: float) -> tuple[int, int]:
    """Central limits of the number of people for whom an event occurs, from each person's own probability.

    Examples
    --------
    >>> from scipy.stats import binom
    >>> count_limits([0.025] * 200, 0.95), [int(k) for k in binom.interval(0.95, 200, 0.025)]
    ((1, 10), [1, 10])
    """
    pmf = np.ones(1)
    for chance in np.asarray(p, dtype=np.float64).tolist():
        pmf = np.append(pmf * (1 - chance), 0.0) + np.append(0.0, pmf * chance)
    below, tail = np.cumsum(pmf), (1 - level) / 2
    return int(np.searchsorted(below, tail)), int(np.searchsorted(below, 1 - tail))

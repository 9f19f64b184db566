"""Linearised sampling of several results of the same people, or moments: intervals of their sums without draws."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.inputs.resampling import STEP, Statistic, degrees_of_freedom, influences, moved_moments, units
from iom_causal.moments import Moments
from iom_causal.panel import Panel

type Floats = NDArray[np.float64]


class Contrast(NamedTuple):
    """One result less others, with its standard error and the degrees of freedom of its t interval."""

    value: float
    std_error: float
    df: float


@dataclass(frozen=True, slots=True, eq=False)
class Linearised:
    """Several results with what each unit moves them by, so that the error of any sum of them is at hand.

    Attributes
    ----------
    subject : Panel or Moments
        What they are of.
    central : ndarray
        (K,) the results.
    mine, others : ndarray
        (G, K) and (H, K): the jackknife influence of managed people and of others; of a published table the slopes in
        independent standard normal directions of its moments. X'X is the covariance of the results.
    degrees : float
        Degrees of freedom of the managed people.
    """

    subject: Panel | Moments
    central: Floats
    mine: Floats
    others: Floats
    degrees: float

    def less(self, first: int, lines: Sequence[int]) -> Contrast:
        """Return one result less the sum of others, by their columns."""
        columns = [first, *lines]
        signs = np.where(np.arange(len(columns)) == 0, 1.0, -1.0)
        mine, others = self.mine[:, columns], self.others[:, columns]
        variance = float(((mine @ signs) ** 2).sum() + ((others @ signs) ** 2).sum())
        degrees = self.degrees
        if isinstance(self.subject, Panel) and len(others):
            degrees = min(degrees, degrees_of_freedom(self.subject, mine, others))
        return Contrast(float(self.central[columns] @ signs), float(np.sqrt(variance)), degrees)


def linearised(subject: Panel | Moments, statistic: Statistic, rng: np.random.Generator) -> Linearised:
    """Linearise several results: the jackknife of people, or the delta method of moments of normal outcomes.

    Parameters
    ----------
    subject : Panel or Moments
        Without replicates.
    statistic : callable
        From a panel or moments with R replicates to (R, K).
    rng : Generator
        Puts people into groups where there are many.

    Examples
    --------
    >>> from iom_causal.inputs.resampling import observed_change
    >>> m = Moments.from_summary(n=100, mean_pre=6.0, sd_pre=4.0, mean_post=3.0, sd_post=3.0, r=0.5)
    >>> found = linearised(m, lambda x: np.atleast_1d(observed_change(x))[:, None], np.random.default_rng(0))
    >>> change = found.less(0, ())
    >>> round(change.value, 4), round(change.std_error, 4), change.df
    (-0.6931, 0.0882, 99.0)
    """
    degrees = units(subject) - 1
    if isinstance(subject, Moments):
        near = statistic(_stepped(subject))
        slopes = (near[1:] - near[:1]) / STEP
        return Linearised(subject, near[0], slopes, slopes[:0], degrees)
    mine, others = influences(subject, statistic, rng)
    central = np.asarray(statistic(subject), dtype=np.float64).reshape(-1)
    return Linearised(subject, central, mine, others, degrees)


def _stepped(m: Moments) -> Moments:
    """Return the moments as they are, and a step along each independent direction in which sampling moves them.

    To the first order the diagonal of Bartlett's factor has a variance of 1 / 2 (n - 1), and what is below it of
    1 / (n - 1).
    """
    steps = np.concatenate([np.zeros((1, 6)), STEP * np.eye(6)])
    factor = np.zeros((7, 2, 2))
    factor[:, 0, 0], factor[:, 1, 1] = steps[:, 2] / np.sqrt(2.0), steps[:, 3] / np.sqrt(2.0)
    factor[:, 1, 0] = steps[:, 4]
    return moved_moments(m, steps[:, :2], np.eye(2) + factor / np.sqrt(m.n - 1), steps[:, 5], step=1.0)

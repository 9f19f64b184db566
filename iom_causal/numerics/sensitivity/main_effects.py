"""Main effects of choices on answers: how far answers differ between the levels of each choice, over all else."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray


class MainEffect(NamedTuple):
    """One choice.

    Attributes
    ----------
    share : float
        Of the variance of all answers, what lies between the means of its levels (eta squared).
    means : ndarray
        (L,) mean answer at each level; NaN where a level has none.
    """

    share: float
    means: NDArray[np.float64]

    @property
    def reach(self) -> float:
        """From the lowest to the highest mean; 0 with fewer than two."""
        known = self.means[~np.isnan(self.means)]
        return float(np.ptp(known)) if known.size else 0.0


def main_effects(answers: ArrayLike, levels: ArrayLike) -> tuple[MainEffect, ...]:
    """Work out the main effect of each choice.

    Parameters
    ----------
    answers : array_like
        (S,) answers without NaN, on a scale on which they add up.
    levels : array_like
        (S, C) whole numbers from 0: the level of each choice.

    Returns
    -------
    tuple of MainEffect
        One a choice. Where every combination is there, shares of choices add up to at most 1; where some are missing
        they may overlap.

    Examples
    --------
    >>> first, second = main_effects([0.0, 0.0, 1.0, 1.0], [[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> first.share, second.share, first.means.tolist()
    (1.0, 0.0, [0.0, 1.0])
    """
    values, at = np.asarray(answers, float), np.asarray(levels, np.int64)
    centred = values - values.mean() if values.size else values
    whole = float(centred @ centred)
    found = []
    for column in at.T:
        count = np.bincount(column)
        with np.errstate(invalid="ignore"):
            means = np.bincount(column, centred) / count
        between = float(np.nansum(count * means**2))
        found.append(MainEffect(between / whole if whole > 0 else 0.0, means + (values.mean() if values.size else 0.0)))
    return tuple(found)

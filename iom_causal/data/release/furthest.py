"""Influence of the person furthest from the others on an estimate and its limits."""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Z = 1.96
"""Half the width of an interval at 95%, in standard errors."""

type Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Furthest:
    """How far one person stands out, in standard deviations of what each adds to an estimate.

    Parameters
    ----------
    ratio, difference : float
        Of a ratio of totals or of rates, and of a mean difference; 1 is a person like the others.

    Examples
    --------
    >>> before, after = np.array([4.0, 6.0, 5.0, 31.0]), np.array([3.0, 2.0, 4.0, 25.0])
    >>> furthest = Furthest.of(before, after)
    >>> round(furthest.ratio, 2), round(furthest.difference, 2)
    (1.51, 1.41)
    """

    ratio: float = 1.0
    difference: float = 1.0

    @classmethod
    def of(
        cls, before: Floats, after: Floats, days: tuple[Floats, Floats] | None = None, group: Floats | None = None
    ) -> Self:
        """Return the furthest of people by their values before and after, over days at risk; within groups, of two."""
        groups = np.zeros(before.size) if group is None else group
        ratio, difference = np.zeros(before.size), np.zeros(before.size)
        for one in np.unique(groups):
            who = groups == one
            change = after[who] - before[who]
            difference[who] = (change - change.mean()) / who.sum()
            sides = ((side[who], None if days is None else days[k][who]) for k, side in enumerate((before, after)))
            first, last = (_of_rate(values, over) for values, over in sides)
            ratio[who] = last - first
        return cls(outlying(ratio), outlying(difference))

    def moves(self, half: float, n: int, *, ratio: bool) -> float:
        """Return by how much the furthest of `n` people moves an estimate, and a limit `half` an interval away.

        Without that person the estimate is off by their share of its standard error, which is less by their share of
        its square.

        Examples
        --------
        >>> [round(Furthest(ratio=far).moves(0.12, 150, ratio=True), 3) for far in (1.0, 8.0)]
        [0.005, 0.069]
        """
        share = min(1.0, (self.ratio if ratio else self.difference) / math.sqrt(max(n, 1)))
        return half / Z * (share + Z * (1 - math.sqrt(1 - share**2)))


def outlying(added: Floats) -> float:
    """Return the largest of what people add to an estimate, in root mean squares, and 1 where they all add nothing.

    Examples
    --------
    >>> outlying(np.array([1.0, -1.0, 1.0, -1.0])), outlying(np.zeros(3))
    (1.0, 1.0)
    """
    spread = float(np.sqrt(np.mean(added**2))) if added.size else 0.0
    return float(np.abs(added).max()) / spread if spread > 0 else 1.0


def _of_rate(values: Floats, days: Floats | None) -> Floats:
    """Return what each person adds to the logarithm of a rate; of counts of nobody, nothing."""
    total = values.sum()
    if total <= 0:
        return np.zeros(values.size)
    expected = total / values.size if days is None else total * days / days.sum()
    return (values - expected) / total

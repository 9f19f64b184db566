"""The ridge of worlds that print the same moments: where it runs, and which part of it a belief leaves."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.beliefs import Belief, Range, draws
from iom_causal.errors import ConvergenceError, InputError, NotIdentifiedError, SpecError
from iom_causal.formats import number, percent
from iom_causal.numerics.lognormal_selection import PairMoments, PickedFit, fit_at_mean, fit_at_ratio, fit_at_share

RATIOS = (*(round(0.05 * k, 2) for k in range(1, 22)), 1.1, 1.15, 1.2, 1.3)
"""Ratios at which a world is looked for; 1, .95 and .90 are worlds in which a programme does nothing."""
_FIRST = (1.0, 0.9, 0.8, 0.7, 1.2, 0.6, 0.5, 0.4, 0.3, 0.2)
_NARROW = 0.005
POINTS = 16
"""Evenly weighted points that stand for a distribution."""


class Narrowed(NamedTuple):
    """The worlds that a belief leaves.

    Attributes
    ----------
    fits : tuple of PickedFit
        In order of the ratio; each with the same weight where the belief is a distribution.
    unreached : float
        Share of the belief at which no world of this kind prints the moments.
    """

    fits: tuple[PickedFit, ...]
    unreached: float = 0.0


def find_ridge(printed: PairMoments, length: float, ratios: Iterable[float] | None = None) -> tuple[PickedFit, ...]:
    """Find the worlds that print these moments, in order of the ratio.

    Parameters
    ----------
    printed : PairMoments
        Of the picked people.
    length : float
        Time at risk after over before: a world's own ratio is multiplied by it.
    ratios : iterable of float, optional
        Where to look; by default on a grid, down to where the worlds end and up to 1.3.

    Raises
    ------
    NotIdentifiedError
        IOM-E068 when no world of this kind prints the moments, with how near one comes.

    Examples
    --------
    >>> fits = find_ridge(PairMoments(6.84, 4.75, 3.61, 3.66, 0.5355), 1.0)
    >>> round(fits[0].ratio, 2), fits[-1].ratio
    (0.65, 1.3)
    """
    grid = sorted(RATIOS if ratios is None else {float(q) for q in ratios})
    if not grid or not grid[0] > 0 or not np.isfinite(grid[-1]):
        raise SpecError("IOM-E092", "ratios: expected numbers above 0")
    first = _first_exact(printed, length, (*(q for q in _FIRST if q in grid), *grid) if ratios is None else grid)
    middle = first.ratio / length
    below, last = _walk(printed, length, [q for q in reversed(grid) if q < middle * (1 - 1e-9)], first)
    above, _ = _walk(printed, length, [q for q in grid if q > middle * (1 + 1e-9)], first)
    if ratios is None and last is not None:
        below += _edge(printed, length, below[-1] if below else first, last)
    return tuple(sorted((*below, first, *above), key=lambda f: f.ratio))


def narrowed(
    printed: PairMoments, fits: Sequence[PickedFit], belief: Belief, rng: np.random.Generator, *, known: str
) -> Narrowed:
    """Return the part of a ridge that a belief about the population leaves.

    Parameters
    ----------
    printed : PairMoments
        Of the picked people.
    fits : sequence of PickedFit
        The ridge.
    belief : float, Range or distribution
        About the share of the population that was picked, or about its mean.
    rng : Generator
        For a distribution, of which evenly spaced quantiles are taken.
    known : {"share", "mean"}
        Which of the two.

    Raises
    ------
    NotIdentifiedError
        IOM-E068 when no world of this kind has it, with what the ridge reaches.
    """
    reach = [getattr(f, known) for f in fits]

    def solved(value: float) -> PickedFit:
        start = min(fits, key=lambda f: abs(np.log(getattr(f, known) / value)))
        return (fit_at_share if known == "share" else fit_at_mean)(printed, value, start)

    try:
        if isinstance(belief, Range):
            ends = [solved(v) for v in {belief.low, belief.high}]
            inside = [f for f, v in zip(fits, reach, strict=True) if belief.low < v < belief.high]
            return Narrowed(tuple(sorted((*ends, *inside), key=lambda f: f.ratio)))
        found = [f for f in (_tried(solved, v) for v in points(belief, rng)) if f is not None]
        if found:
            size = len(points(belief, rng))
            return Narrowed(tuple(sorted(found, key=lambda f: f.ratio)), 1 - len(found) / size)
        raise NotIdentifiedError("IOM-E068", "none")
    except NotIdentifiedError:
        show = percent if known == "share" else number
        low, high = (show(end, 2) if known == "share" else number(end) for end in (min(reach), max(reach)))
        raise NotIdentifiedError(
            "IOM-E068",
            f"pool_{known}: no world of this kind prints these moments with that {known} of the population; expected "
            f"something from {low} to {high}, the worlds with ratios from {number(fits[0].ratio)} to "
            f"{number(fits[-1].ratio)}",
        ) from None

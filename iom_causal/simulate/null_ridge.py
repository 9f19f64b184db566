"""The ridge of worlds that print the same moments: where it runs, and which part of it a belief leaves."""

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.beliefs import Belief, Distribution, Range
from iom_causal.errors import NotIdentifiedError, SpecError
from iom_causal.formats import number
from iom_causal.numerics.lognormal_selection import PairMoments, PickedFit, fit_at_mean, fit_at_ratio, fit_at_share

type Floats = NDArray[np.float64]
type Known = Literal["share", "mean"]

RATIOS = (*(round(0.05 * k, 2) for k in range(1, 22)), 1.1, 1.15, 1.2, 1.3)
"""Ratios at which a world is looked for; 1, .95 and .90 are worlds in which a programme does nothing."""
_FIRST = (1.0, 0.9, 0.8, 0.7, 1.2, 0.6, 0.5, 0.4, 0.3, 0.2)
_NARROW = 0.005
POINTS = 8
"""Evenly weighted quantiles that stand for a distribution."""
_DRAWS = 20_000


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


SPOKEN = {
    "mean_pre": "mean before",
    "sd_pre": "SD before",
    "mean_post": "mean after",
    "sd_post": "SD after",
    "r": "correlation",
}
"""What the five figures are called in a sentence."""


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
    printed: PairMoments, fits: Sequence[PickedFit], belief: Belief, rng: np.random.Generator, *, known: Known
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
        For the quantiles of a distribution.
    known : {"share", "mean"}
        Which of the two.

    Raises
    ------
    NotIdentifiedError
        IOM-E068 when a number, an end of a range or a whole distribution is where no world of this kind prints
        these moments, with what the ridge reaches.
    """
    wanted = np.unique([belief.low, belief.high]) if isinstance(belief, Range) else points(belief, rng)
    solved = [_solved(printed, fits, float(v), known) for v in wanted]
    found = [f for f in solved if f is not None]
    if not found or (isinstance(belief, Range) and None in solved):
        raise NotIdentifiedError("IOM-E068", _out_of_reach(fits, known))
    if isinstance(belief, Range):
        found += [f for f in fits if belief.low < getattr(f, known) < belief.high]
    return Narrowed(tuple(sorted(found, key=lambda f: f.ratio)), 1 - len(found) / max(len(solved), len(found)))


def points(belief: float | Distribution, rng: np.random.Generator) -> Floats:
    """Return a number by itself, or evenly weighted quantiles of a distribution.

    Examples
    --------
    >>> points(0.9, np.random.default_rng(1)).tolist()
    [0.9]
    """
    if isinstance(belief, (int, float)):
        return np.array([float(belief)])
    return np.asarray(np.quantile(belief.sample(rng, _DRAWS), (np.arange(POINTS) + 0.5) / POINTS))


def _solved(printed: PairMoments, fits: Sequence[PickedFit], value: float, known: Known) -> PickedFit | None:
    start = min(fits, key=lambda f: abs(np.log(getattr(f, known) / value)))
    try:
        return (fit_at_share if known == "share" else fit_at_mean)(printed, value, start)
    except NotIdentifiedError:
        return None


def _out_of_reach(fits: Sequence[PickedFit], known: Known) -> str:
    reach = [getattr(f, known) for f in fits]
    return (
        f"pool_{known}: no world of this kind prints these moments there; expected something from "
        f"{number(min(reach), 3)} to {number(max(reach), 3)}, where the worlds that were found are"
    )


def _first_exact(printed: PairMoments, length: float, tried: Sequence[float]) -> PickedFit:
    nearest: PickedFit | None = None
    for ratio in tried:
        fit = fit_at_ratio(printed, ratio * length)
        if fit.exact:
            return fit
        nearest = fit if nearest is None or fit.distance < nearest.distance else nearest
    raise NotIdentifiedError("IOM-E068", _nearest_miss(printed, length, nearest))


def _nearest_miss(printed: PairMoments, length: float, nearest: PickedFit | None) -> str:
    if nearest is None:
        return "no ratio to look at"
    worst = max(PairMoments._fields, key=lambda k: abs(getattr(nearest.moments, k) / getattr(printed, k) - 1))
    return (
        "no population with lognormal rates whose people are picked on the count before prints these moments; the "
        f"nearest, at a ratio of {number(nearest.ratio / length, 2)}, has a {SPOKEN[worst]} of "
        f"{number(getattr(nearest.moments, worst))} in place of {number(getattr(printed, worst))}"
    )


def _walk(
    printed: PairMoments, length: float, ratios: Sequence[float], start: PickedFit
) -> tuple[list[PickedFit], float | None]:
    """Fit one ratio after the other, each from its neighbour; return the exact ones and the first without a world."""
    found: list[PickedFit] = []
    for ratio in ratios:
        fit = fit_at_ratio(printed, ratio * length, start)
        if not fit.exact:
            return found, ratio
        found.append(fit)
        start = fit
    return found, None


def _edge(printed: PairMoments, length: float, inside: PickedFit, outside: float) -> list[PickedFit]:
    """Return the world nearest to where they end, between one that is there and a ratio without one."""
    found = inside
    while found.ratio / length - outside > _NARROW:
        middle = (found.ratio / length + outside) / 2
        fit = fit_at_ratio(printed, middle * length, found)
        found, outside = (fit, outside) if fit.exact else (found, middle)
    return [] if found is inside else [found]

"""Identified set of null models along the ratio, and the part of it that a belief about the population leaves."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.formats import number
from iom_causal.beliefs import Belief, Distribution, Range
from iom_causal.errors import NotIdentifiedError, SpecError
from iom_causal.null.fitting import Known, MinimumDistance, MomentMatch
from iom_causal.numerics.pairs.rate_models import IN_WORDS, Rates, SelectionFit

type Floats = NDArray[np.float64]

RATIOS = (*(round(0.05 * k, 2) for k in range(1, 22)), 1.1, 1.15, 1.2, 1.3)
"""Ratios at which a model is looked for; 1, .95 and .90 are those in which a programme does nothing."""
BACKGROUNDS = (0.9, 0.95, 1.0)
_NARROW = 0.005
POINTS = 8
"""Evenly weighted quantiles that stand for a distribution."""
_DRAWS = 20_000


BEYOND = (1.5, 1.75, 2.0, 2.5, 3.0, 4.0, 5.0)
"""Further ratios for a hard cut: the figures determine where its models end, be it far out."""


class Narrowed(NamedTuple):
    """Part of an identified set that a belief leaves.

    Attributes
    ----------
    fits : tuple of SelectionFit
        In order of the ratio; each with the same weight where the belief is a distribution.
    unreached : float
        Share of the belief at which no model of this kind reproduces the moments.
    """

    fits: tuple[SelectionFit, ...]
    unreached: float = 0.0


def find_identified_set(
    fitting: MomentMatch | MinimumDistance, length: float, ratios: Iterable[float] | None = None
) -> tuple[SelectionFit, ...]:
    """Find the models with one kind of selection and of rates that reproduce the moments, in order of the ratio.

    Parameters
    ----------
    fitting : MomentMatch or MinimumDistance
        How people were selected, and their moments.
    length : float
        Time at risk after over before: a model's own ratio is multiplied by it.
    ratios : iterable of float, optional
        Where to look; by default on a grid up to 1.3, and where the models end.

    Raises
    ------
    NotIdentifiedError
        IOM-E068 when no model of this kind reproduces the moments, with how near one comes.

    Examples
    --------
    >>> from iom_causal.numerics.pairs.moments import PairMoments
    >>> fits = find_identified_set(MomentMatch(PairMoments(6.84, 4.75, 3.61, 3.66, 0.5355)), 1.0)
    >>> round(fits[0].ratio, 2), fits[-1].ratio
    (0.65, 1.3)
    """
    usual = (*RATIOS, *BEYOND) if isinstance(fitting, MinimumDistance) and fitting.near.cut is not None else RATIOS
    grid = sorted(usual if ratios is None else {float(q) for q in ratios})
    if not grid or not grid[0] > 0 or not np.isfinite(grid[-1]):
        raise SpecError("IOM-E092", "ratios: expected numbers above 0")
    first = fitting.first(length, grid, ratios_given=ratios is not None)
    middle = first.ratio / length
    if ratios is None:
        grid = [q for q in grid if q in BACKGROUNDS or abs(q - middle) > 2 * _NARROW]
    below, low = _walk(fitting, length, [q for q in reversed(grid) if q < middle * (1 - 1e-9)], first)
    above, high = _walk(fitting, length, [q for q in grid if q > middle * (1 + 1e-9)], first)
    if ratios is None:
        below += _edge(fitting, length, below[-1] if below else first, low)
        above += _edge(fitting, length, above[-1] if above else first, high)
    return tuple(sorted((*below, first, *above), key=lambda f: f.ratio))


def narrowed(
    fitting: MomentMatch | MinimumDistance,
    fits: Sequence[SelectionFit],
    belief: Belief,
    rng: np.random.Generator,
    *,
    known: Known,
) -> Narrowed:
    """Return the part of an identified set that a belief about the population leaves.

    Parameters
    ----------
    fitting : MomentMatch or MinimumDistance
        How people were selected, and their moments.
    fits : sequence of SelectionFit
        The identified set.
    belief : float, Range or distribution
        About the share of the population that was selected, or about its mean.
    rng : Generator
        For the quantiles of a distribution.
    known : {"share", "mean"}
        Which of the two.

    Raises
    ------
    NotIdentifiedError
        IOM-E068 when a number, an end of a range or a whole distribution is where no model of this kind reproduces
        these moments, with what the identified set reaches.
    """
    wanted = np.unique([belief.low, belief.high]) if isinstance(belief, Range) else points(belief, rng)
    solved = [fitting.known(float(v), _nearest(fits, float(v), known), known) for v in wanted]
    found = [f for f in solved if f is not None]
    if not found or (isinstance(belief, Range) and None in solved):
        raise NotIdentifiedError("IOM-E068", _out_of_reach(fits, known, fitting.rates))
    if isinstance(belief, Range):
        found += [f for f in fits if belief.low < getattr(f, known) < belief.high]
    return Narrowed(tuple(sorted(found, key=lambda f: f.ratio)), 1 - len(found) / max(len(solved), len(found)))


def points(belief: float | Distribution, rng: np.random.Generator) -> Floats:
    """Return a number as it is, or evenly weighted quantiles of a distribution.

    Examples
    --------
    >>> points(0.9, np.random.default_rng(1)).tolist()
    [0.9]
    """
    if isinstance(belief, (int, float)):
        return np.array([float(belief)])
    return np.asarray(np.quantile(belief.sample(rng, _DRAWS), (np.arange(POINTS) + 0.5) / POINTS))


def _nearest(fits: Sequence[SelectionFit], value: float, known: Known) -> SelectionFit:
    return min(fits, key=lambda f: abs(np.log(getattr(f, known) / value)))


def _out_of_reach(fits: Sequence[SelectionFit], known: Known, rates: Rates) -> str:
    reach = [getattr(f, known) for f in fits]
    return (
        f"pool_{known}: no world with {IN_WORDS[rates]} has these moments there; expected something from "
        f"{number(min(reach), 3)} to {number(max(reach), 3)}, where the worlds that were found are"
    )


def _walk(
    fitting: MomentMatch | MinimumDistance, length: float, ratios: Sequence[float], start: SelectionFit
) -> tuple[list[SelectionFit], float | None]:
    """Fit one ratio after the other, each from its neighbour; return the models and the first ratio without one."""
    found: list[SelectionFit] = []
    for ratio in ratios:
        fit = fitting.at(ratio * length, start)
        if fit is None:
            return found, ratio
        found.append(fit)
        start = fit
    return found, None


def _edge(
    fitting: MomentMatch | MinimumDistance, length: float, inside: SelectionFit, outside: float | None
) -> list[SelectionFit]:
    """Return the model nearest to where they end, between one that is there and a ratio without one."""
    found = inside
    while outside is not None and abs(found.ratio / length - outside) > _NARROW:
        middle = (found.ratio / length + outside) / 2
        fit = fitting.at(middle * length, found)
        found, outside = (found, middle) if fit is None else (fit, outside)
    return [] if found is inside else [found]

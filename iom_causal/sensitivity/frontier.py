"""Frontier of several settings: the least implausible combination of beliefs that leaves nothing."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from iom_causal.base import axes, axes_of_rows
from iom_causal.base.formats import fixed, listed, number, percent
from iom_causal.base.result import Result, table
from iom_causal.base.setting_paths import get_path, paths_of, replace_path, replace_paths
from iom_causal.beliefs import Belief, Range, at_score, ends, is_belief
from iom_causal.beliefs.belief import support
from iom_causal.errors import SpecError
from iom_causal.inputs.arguments import checked
from iom_causal.moments import Moments
from iom_causal.numerics.sensitivity.design_point import FARTHEST, design_point
from iom_causal.panel import Panel
from iom_causal.roles import Rng
from iom_causal.sensitivity.moving import check_apart, check_path, left_by, moving, remaining

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

type Floats = NDArray[np.float64]

Z = float(ndtri(0.975))
"""Normal scores between which 95% of a belief lies."""
APART = "distance from the middle: SDs, or halves of a range"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frontier(Result):
    """Least implausible combination of settings at which nothing, or as much as was asked for, remains.

    Parameters
    ----------
    fields : tuple of str
        The dotted paths of the settings.
    beliefs : tuple of Range or distribution
        What is believed of each.
    middles : tuple of float
        The median of each distribution, the middle of each range.
    values : tuple of float or None
        The combination; None where none that the beliefs hold possible leaves as much.
    scores : tuple of float or None
        How far each lies from its middle: the normal score of a distribution (standard deviations of a normal one, of
        the log of a lognormal one), half widths of a range.
    left : float or None
        What remains there, worked out by a call of its own.
    until : float
        What is to remain.
    remainder : float
        What remains at the middles; of a set, in its first case.
    cases : int
        How many cases ranges that are not moved, or a published table, leave: the combination is that of the case
        which takes the least.
    scale, outcome : str
        "ratio", or what differences are in; its name.
    speaks_to, silent_on : tuple of str
        The points of the register of threats that the settings' confounds speak to, and the others.
    """

    fields: tuple[str, ...]
    beliefs: tuple[Any, ...]
    middles: tuple[float, ...]
    values: tuple[float, ...] | None
    scores: tuple[float, ...] | None
    left: float | None
    until: float
    remainder: float
    cases: int
    scale: str
    outcome: str
    speaks_to: tuple[str, ...] = ()
    silent_on: tuple[str, ...] = ()

    @property
    def distance(self) -> float | None:
        """The root of the sum of the squared scores; None without a combination."""
        return None if self.scores is None else math.hypot(*self.scores)

    @property
    def rarity(self) -> float | None:
        """The probability of a combination as far out in its direction, either way; None with a range.

        Under independent distributions, ``2 Phi(-distance)``: twice the chance of leaving as much or beyond, to first
        order (exact where what remains is even in the scores). A belief that moves nothing has no part in it.
        """
        if self.distance is None or any(isinstance(belief, Range) for belief in self.beliefs):
            return None
        return float(2 * ndtr(-self.distance))

    def summary(self) -> str:
        """Say in one sentence which combination leaves it, and how far out each setting of it is."""
        left = remaining(self.until, self.scale)
        if self.values is None or self.scores is None:
            if_set = " in any case" if self.cases > 1 else ""
            return (
                f"{self.outcome}: no combination of {listed(self.fields)} that these beliefs hold possible leaves "
                f"{left}{if_set} (searched to {FARTHEST:g} standard deviations)"
            )
        if self.distance == 0:
            return f"{self.outcome}: {left} remains at the middles of these beliefs as they are"
        at = listed(self._at(k, value) for k, value in enumerate(self.values))
        together = " together" if len(self.fields) > 1 else ""
        text = f"{self.outcome}: {left} would remain with {at}{together}"
        if self.rarity is not None and len(self.fields) > 1:
            text += (
                f"; {odds(self.rarity)} combinations are as far out in that direction, either way, if these beliefs "
                "are right and independent of one another"
            )
        return f"{text}; in the case of {self.cases} left open that takes the least" if self.cases > 1 else text

    def _at(self, k: int, value: float) -> str:
        """Say where one setting is, and how far out that is."""
        score = (self.scores or ())[k]
        if isinstance(self.beliefs[k], Range):
            out = f"{percent(abs(score))} of the way to an end of its range"
        else:
            out = f"{odds(float(2 * ndtr(-abs(score))))} as far out"
        return f"{self.fields[k]} at {number(value, 3)} (its middle is {number(self.middles[k], 3)}; {out})"

    def tidy(self) -> "pd.DataFrame":
        """Return one row a setting."""
        own = ("outcome", "field", "middle", "value", "score")
        columns = (*own, "distance", "rarity", "until", "left", "remainder", "scale", "cases")
        whole = (self.distance, self.rarity, self.until, self.left, self.remainder, self.scale, self.cases)
        none = (None,) * len(self.fields)
        rows = zip(self.fields, self.middles, self.values or none, self.scores or none, strict=True)
        return table((dict(zip(columns, (self.outcome, *row, *whole), strict=True)) for row in rows), columns)

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw how far each setting lies from its middle, and behind it 95% of what is believed, or all of a range."""
        scores = self.scores or (0.0,) * len(self.fields)
        held = [1.0 if isinstance(belief, Range) else Z for belief in self.beliefs]
        values = self.values or self.middles
        labels = [f"{field}: {number(value, 3)}" for field, value in zip(self.fields, values, strict=True)]
        ax = axes_of_rows.intervals(
            [f"{label} (believed: {self.believed(k)})" for k, label in enumerate(labels)],
            [(-end, end) for end in held],
            ax,
            inner=[(min(0.0, score), max(0.0, score)) for score in scores],
        )
        axes.mark(ax, x=0.0, text="the middle")
        left = remaining(self.until, self.scale)
        ax.set_xlabel(APART if self.values is not None else f"nowhere does {left} remain")
        return ax

    def believed(self, k: int) -> str:
        """Say what is believed of one setting: its range, or the middle of its distribution."""
        belief = self.beliefs[k]
        if isinstance(belief, Range):
            return f"{number(belief.low, 3)} to {number(belief.high, 3)}"
        return number(self.middles[k], 3)


def odds(chance: float) -> str:
    """Say a probability as one in so many, in two digits: tails of beliefs are known no finer.

    Examples
    --------
    >>> odds(0.2), odds(0.96), odds(1 / 1848), odds(0.0)
    ('1 in 5', '96 in 100', '1 in 1,800', 'less than 1 in a million')
    """
    if chance < 1e-6:
        return "less than 1 in a million"
    if chance > 0.4:
        return f"{fixed(100 * chance, 0)} in 100"
    many = 1 / chance
    return f"1 in {fixed(round(many, 1 - math.floor(math.log10(many))), 0)}"


@checked
def frontier(
    spec: Any,
    data: Panel | Moments,
    beliefs: Mapping[str, Belief] | Sequence[str] | None = None,
    *,
    until: float | None = None,
    rng: Rng = 0,
) -> Frontier:
    """Design point of several beliefs: the combination nearest to their middles at which nothing, or `until`, remains.

    How far a setting lies from the middle of what is believed of it is its normal score, ``Phi^-1(F(x))``: for a normal
    belief its deviation in standard deviations, for a lognormal one that of its log, for any other the same quantile's.
    It does not depend on the unit or on whether logs are taken, as a density would. A `Range` has no probability: there
    the distance is relative to its width, 1 at an end, and no value beyond an end is taken. The combination makes the
    sum of the squares least. Beliefs are taken as independent.

    Parameters
    ----------
    spec : callable
        A ledger, or any estimator whose result is a ratio or a difference.
    data : Panel or Moments
        What it is called on.
    beliefs : mapping of str to belief, or sequence of str, optional
        What is believed of settings, by their dotted paths; or paths alone, for what the specification states; by
        default every setting of which it states a range or a distribution.
    until : float, optional
        What is to remain, as in `tipping`.
    rng : Generator, int or None
        For an estimator that draws.

    Raises
    ------
    SpecError
        IOM-E093 for an unknown field, IOM-E092 for a belief without spread or one that its confound refuses, IOM-E096
        where there is nothing to move, each before anything is worked out.

    References
    ----------
    Hasofer & Lind (1974), Journal of the Engineering Mechanics Division 100, 111-121, on the design point; Rackwitz &
    Fiessler (1978), Computers & Structures 9, 489-494, on normal scores.

    Examples
    --------
    >>> from iom_causal.beliefs import LogNormal
    >>> from iom_causal.confounds import Detection, History
    >>> from iom_causal.ledger import Ledger
    >>> m = Moments.from_summary(n=225, mean_pre=6.84, sd_pre=4.75, mean_post=5.6, sd_post=3.66, r=0.5, name="arrests")
    >>> ledger = Ledger([Detection(ratio=LogNormal(1.0, 0.1)), History(ratio=LogNormal(0.95, 0.1))])
    >>> found = frontier(ledger, m)
    >>> [round(value, 3) for value in found.values], round(found.left, 8)
    ([0.928, 0.882], 1.0)
    """
    stated = _stated(spec, beliefs)
    for field in stated:
        check_path(spec, field)
    check_apart(spec, list(stated))
    for field, belief in stated.items():
        _check_spread(field, belief)
        replace_path(spec, field, belief)  # refused where its confound refuses it
    fields, held = tuple(stated), tuple(stated.values())
    middles = {field: sum(ends(belief)) / 2 for field, belief in stated.items()}
    moved = moving(spec, data, fields, now=middles, rng=rng)
    target = moved.target(until)
    here = float(moved.cases[0](*middles.values()))
    start = replace_paths(spec, middles)
    if math.isnan(here):
        start(data)  # says why
    widest = np.array([1.0 if isinstance(belief, Range) else np.inf for belief in held])

    def at(z: Floats) -> list[Floats]:
        return [at_score(belief, column) for belief, column in zip(held, z.T, strict=True)]

    def beyond(case: Callable[..., Floats]) -> Callable[[Floats], Floats]:
        return lambda z: case(*at(z)) - target

    points = [design_point(beyond(case), widest) for case in moved.cases]
    found = [(float(np.linalg.norm(z)), k, z) for k, z in enumerate(points) if z is not None]
    _, k, nearest = min(found, key=lambda one: one[:2], default=(0.0, 0, None))
    values = None if nearest is None else tuple(float(column[0]) for column in at(nearest[None]))
    left = None
    if values is not None:
        there = replace_paths(start, dict(zip(fields, values, strict=True)))
        left = float(moved.shown(left_by(there, data, case=k, seed=moved.seed)))
    return Frontier(
        fields=fields,
        beliefs=held,
        middles=tuple(middles.values()),
        values=values,
        scores=None if nearest is None else tuple(nearest.tolist()),
        left=left,
        until=float(moved.shown(target)),
        remainder=float(moved.shown(here)),
        cases=len(moved.cases),
        scale=moved.scale,
        outcome=moved.outcome,
        speaks_to=moved.speaks_to,
        silent_on=moved.silent_on,
    )


def _stated(spec: Any, beliefs: Mapping[str, Belief] | Sequence[str] | None) -> dict[str, Any]:
    """Return what is believed of each setting that is moved."""
    if isinstance(beliefs, Mapping):
        stated = dict(beliefs)
    elif beliefs is None:
        all_of = ((path, get_path(spec, path)) for path in paths_of(spec))
        stated = {path: setting for path, setting in all_of if not isinstance(setting, (int, float))}
    else:
        stated = {path: check_path(spec, path) for path in ([beliefs] if isinstance(beliefs, str) else beliefs)}
    if not stated:
        raise SpecError(
            "IOM-E096",
            "frontier: expected beliefs, such as {'detection.ratio': LogNormal(1, .1)}; the specification states "
            "numbers alone, which are known",
        )
    return stated


def _check_spread(field: str, belief: Any) -> None:
    if not is_belief(belief):
        raise SpecError("IOM-E092", f"{field}: expected a Range or a distribution, got {type(belief).__name__}")
    low, high = support(belief, field)
    if not low < high:
        raise SpecError("IOM-E092", f"{field}: expected a Range or a distribution with a spread, got {belief}")

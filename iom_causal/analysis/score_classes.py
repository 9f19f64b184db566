"""People by how far a score changed, and how many of each class measurement error and regression alone would give."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from iom_causal.analysis.release import Release
from iom_causal.analysis.results import Refusal
from iom_causal.analysis.steps import Effort
from iom_causal.analysis.subject import Subject, enough, staggered
from iom_causal.base.specs import FrozenMap
from iom_causal.data.release.disclosure import Disclosure, nearest, outward, round_unit
from iom_causal.data.release.frequencies import Frequencies
from iom_causal.errors import InputError
from iom_causal.numerics import LEVEL
from iom_causal.numerics.adjustment.reliability import standard_error_of_measurement
from iom_causal.numerics.adjustment.score_classes import (
    CLASSES,
    Cuts,
    NextScore,
    class_of,
    class_probabilities,
    count_limits,
    reliable_difference,
)
from iom_causal.panel import Panel
from iom_causal.protocol.score_classes import ScoreClasses

type Floats = NDArray[np.float64]

RELIABLE, SMALLEST, BEFORE, AFTER = "reliable change", "smallest change that matters", "band before", "band after"
MATTERS = ("better", "neither", "worse")
WHAT = "classes of change"
COLUMNS = ("outcome", "classes", "label", "people", "expected", "conf_low", "conf_high")


@dataclass(frozen=True, slots=True, kw_only=True)
class Class:
    """One class of change.

    Parameters
    ----------
    outcome, classes, label : str
        Of which score, of which classes, and its name.
    people : int
        In it; 0 where that is withheld.
    expected, conf_low, conf_high : float or None
        Share that measurement error and regression alone would give, and 95% limits of it; None where not known.
    """

    outcome: str
    classes: str
    label: str
    people: int
    expected: float | None = None
    conf_low: float | None = None
    conf_high: float | None = None

    people_columns: ClassVar[tuple[str, ...]] = ("people",)
    free_columns: ClassVar[tuple[str, ...]] = ()
    solving_columns: ClassVar[tuple[str, ...]] = ()
    telling_columns: ClassVar[tuple[str, ...]] = ()
    figure_columns: ClassVar[Mapping[str, str]] = FrozenMap(
        {"expected": "a share, in steps", "conf_low": "a share, in steps", "conf_high": "a share, in steps"}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreClassed:
    """Classes of one score.

    Parameters
    ----------
    stated : ScoreClasses
        What the study states.
    people : int
        With both scores.
    classes : tuple of Class
        Those of every kind in order.
    error, margin : float or None
        Standard error of measurement, and the change beyond which it is reliable; None where not stated.
    cuts : Cuts
        The cut-offs that the norms give.
    nested : bool
        Whether classes by the smallest change are left out: they differ by few people from those of reliable change.
    refusals : tuple of Refusal
        Why there are none.
    """

    stated: ScoreClasses
    people: int = 0
    classes: tuple[Class, ...] = ()
    error: float | None = None
    margin: float | None = None
    cuts: Cuts
    nested: bool = False
    refusals: tuple[Refusal, ...] = ()

    def of(self, kind: str) -> tuple[Class, ...]:
        """Return the classes of one kind."""
        return tuple(each for each in self.classes if each.classes == kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """Classes of one kind: a place for everybody, and each person's probabilities of them where these are known."""

    name: str
    labels: tuple[str, ...]
    place: NDArray[np.intp]
    chances: Floats | None = None

    @property
    def counts(self) -> NDArray[np.int64]:
        return np.bincount(self.place, minlength=len(self.labels)).astype(np.int64)


def run(subject: Subject, _effort: Effort) -> tuple[ScoreClassed, ...]:
    """Put managed people into classes by each score of which the study states something."""
    return tuple(found for stated in subject.score_classes for found in _of(subject, stated))


def _of(subject: Subject, stated: ScoreClasses) -> Iterator[ScoreClassed]:
    panel = subject.data(stated.outcome)
    if not isinstance(panel, Panel) or not enough(subject, panel) or staggered(subject, stated.outcome):
        return
    two = panel.managed.prepost()
    there = two.complete if two.weight is None else np.repeat(two.complete, np.round(two.weight).astype(int))
    scores = two.outcome if two.weight is None else np.repeat(two.outcome, np.round(two.weight).astype(int), axis=0)
    first, last = scores[there].astype(np.float64).T
    try:
        error, after = _next(stated, first)
    except InputError as refused:
        yield ScoreClassed(stated=stated, cuts=stated.cuts, refusals=(Refusal(stated.outcome, WHAT, refused),))
        return
    kinds = list(_kinds(stated, first, last, error, after))
    nested = _nested(kinds, subject.release)
    yield ScoreClassed(
        stated=stated,
        people=first.size,
        classes=_given(stated.outcome, [k for k in kinds if not (nested and k.name == SMALLEST)], subject.release),
        error=error,
        margin=None if error is None else float(reliable_difference(error, LEVEL)),
        cuts=stated.cuts,
        nested=nested,
    )


def _next(stated: ScoreClasses, first: Floats) -> tuple[float | None, NextScore | None]:
    """Return the standard error of measurement, and the distribution of the next score under error alone."""
    mean = float(first.mean()) if stated.population_mean is None else stated.population_mean
    sd = float(first.std(ddof=1)) if stated.population_sd is None else stated.population_sd
    if not stated.stated:
        return None, None
    error = stated.standard_error
    if error is None:
        error = float(standard_error_of_measurement(sd, stated.reliability or 0.0))
    if not 0 < error < sd:
        raise InputError(
            "IOM-E101",
            f"{stated.outcome}: expected a standard error of measurement below the SD of scores, got one as large; "
            "state that of one score, or the mean and SD of the population",
        )
    return error, NextScore.given(first, mean=mean, sd=sd, error=error)


def _kinds(
    stated: ScoreClasses, first: Floats, last: Floats, error: float | None, after: NextScore | None
) -> Iterator[_Kind]:
    if error is not None and after is not None:
        yield _reliable(stated, first, last, error, after)
    if stated.smallest_change is not None:
        yield _matters(stated, first, last, stated.smallest_change, after)
    if stated.bands:
        bounds, labels = np.array(stated.bands), _bands(stated.bands)
        yield _Kind(name=BEFORE, labels=labels, place=np.searchsorted(bounds, first, side="right"))
        below = None if after is None else np.stack([after.below(bound) for bound in bounds], axis=-1)
        within = None if below is None else np.diff(below, axis=-1, prepend=0.0, append=1.0)
        yield _Kind(name=AFTER, labels=labels, place=np.searchsorted(bounds, last, side="right"), chances=within)


def _reliable(stated: ScoreClasses, first: Floats, last: Floats, error: float, after: NextScore) -> _Kind:
    """Return classes of reliable change; without norms nobody is recovered."""
    low, cut, margin = stated.lower_is_better, stated.cuts.used, float(reliable_difference(error, LEVEL))
    place = class_of(first, last, margin=margin, cut=cut, lower_is_better=low)
    chances = class_probabilities(first, after, margin=margin, cut=cut, lower_is_better=low)
    start = 1 if np.isnan(cut) else 0
    return _Kind(name=RELIABLE, labels=CLASSES[start:], place=place - start, chances=chances[:, start:])


def _matters(stated: ScoreClasses, first: Floats, last: Floats, least: float, after: NextScore | None) -> _Kind:
    """Return classes by the smallest change that matters."""
    change = (last - first) * (1 if stated.lower_is_better else -1)
    place = np.select([change <= -least, change >= least], [0, 2], default=1)
    if after is None:
        return _Kind(name=SMALLEST, labels=MATTERS, place=place)
    up, down = 1 - after.below(first + least), after.below(first - least)
    better, worse = (down, up) if stated.lower_is_better else (up, down)
    return _Kind(
        name=SMALLEST, labels=MATTERS, place=place, chances=np.stack([better, 1 - better - worse, worse], axis=-1)
    )


def _bands(bounds: Sequence[float]) -> tuple[str, ...]:
    between = (f"{low:g} to below {high:g}" for low, high in pairwise(bounds))
    return (f"below {bounds[0]:g}", *between, f"{bounds[-1]:g} and above")


def _nested(kinds: Sequence[_Kind], release: Release) -> bool:
    """Whether people who changed reliably, and by what matters, differ by few: the one are among the other."""
    named = {kind.name: kind.counts for kind in kinds}
    if release.rules is None or not {RELIABLE, SMALLEST} <= named.keys():
        return False
    *better, unchanged, worse = named[RELIABLE].tolist()
    del unchanged
    try:
        release.rules.check_nested(sum(better), int(named[SMALLEST][0]))
        release.rules.check_nested(worse, int(named[SMALLEST][2]))
    except InputError:
        return True
    return False


def _given(outcome: str, kinds: Sequence[_Kind], release: Release) -> tuple[Class, ...]:
    """Return the classes with their people, suppressed jointly, and the shares expected in steps."""
    tables = [Frequencies((kind.name,), (kind.labels,), kind.counts) for kind in kinds]
    rules = release.rules or Disclosure(research=True, reason="published")
    released = rules.tables(*tables) if tables else ()
    found = []
    for kind, table in zip(kinds, released, strict=True):
        for k, label in enumerate(kind.labels):
            shares = None if kind.chances is None else _shares(kind.chances[:, k], release)
            people = int(kind.counts[k]) if table.shown[k, 0] else 0
            found.append(Class(outcome=outcome, classes=kind.name, label=label, people=people, **(shares or {})))
    return tuple(found)


def _shares(chances: Floats, release: Release) -> dict[str, float]:
    """Return the share expected and its limits: of people no finer than two of them move it."""
    n = chances.size
    low, high = count_limits(chances, LEVEL)
    step = max(0.01, round_unit(release.rules.unit(n))) if release.guarded and release.rules is not None else 0.0
    share, ends = float(chances.mean()), (low / n, high / n)
    if step:
        share, ends = nearest(share, step), outward(*ends, step)
    return {"expected": min(share, 1.0), "conf_low": ends[0], "conf_high": min(ends[1], 1.0)}

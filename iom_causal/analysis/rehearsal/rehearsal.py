"""Dress rehearsal of a study: its evaluation in simulated worlds whose truth is known, before any data exist."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from iom_causal.analysis.rehearsal.verdict import REFUSED, WORDS, Verdict
from iom_causal.analysis.rehearsal.worlds import KINDS, Plan
from iom_causal.analysis.release import Release
from iom_causal.analysis.study_people import StudyPeople
from iom_causal.base.specs import FrozenMap, check_choice
from iom_causal.data.extract_parts import ExtractOutcome
from iom_causal.errors import SpecError
from iom_causal.estimate.estimates import Estimates
from iom_causal.estimators import PairedT, RateRatio
from iom_causal.moments import Moments
from iom_causal.numerics.inference.clouds import cloud_distances
from iom_causal.numerics.pairs.moments import PairMoments
from iom_causal.panel import Panel
from iom_causal.protocol.study import Study
from iom_causal.roles import batch
from iom_causal.simulate.estimands import att_ratio, att_score
from iom_causal.streams import Streams
from iom_causal.world import World

type Floats = NDArray[np.float64]

PEOPLE, WORLDS = 200, 40
"""Managed people where nobody says how many are expected, and worlds of each kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsed:
    """What an evaluation says of one outcome in the worlds of one kind.

    Parameters
    ----------
    world, about : str
        The kind of world, and what happens in it.
    outcome, kind, scale : str
        Of what.
    worlds : int
        How many.
    said : mapping of str to int
        In how many of them the first page says each of `WORDS`.
    truth : float
        Median of the programme's true ratio for what people did, recorded or not (points for a score).
    observed : float
        Median of the observed change, whatever brought it about.
    fell : int
        In how many the interval of the observed change lies below no change.
    reasons : tuple of str
        Why nothing is said, where that is so.
    """

    world: str
    about: str
    outcome: str
    kind: str
    scale: str
    worlds: int
    said: Mapping[str, int]
    truth: float
    observed: float
    fell: int
    reasons: tuple[str, ...] = ()

    def share(self, word: str) -> float:
        """Return in which share of worlds the first page says a word."""
        return self.said.get(word, 0) / self.worlds

    def error(self, word: str) -> float:
        """Return the simulation error of that share."""
        return simulation_error(self.said.get(word, 0), self.worlds)


def simulation_error(times: int, worlds: int) -> float:
    """Return the Monte Carlo error of a share of worlds, which never is 0 (two successes and two misses more).

    Examples
    --------
    >>> round(simulation_error(20, 40), 3), round(simulation_error(0, 40), 3)
    (0.075, 0.031)
    """
    p = (times + 2) / (worlds + 4)
    return float(np.sqrt(p * (1 - p) / (worlds + 4)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """Distance of the people's moments from those of the worlds of each kind.

    Parameters
    ----------
    outcome : str
        Of which outcome.
    distances : mapping of str to float
        Mahalanobis distance by kind of world, the nearest first.
    before, there : float
        Mean before of the people, as it may be given, and in the middle of the worlds.
    """

    outcome: str
    distances: Mapping[str, float]
    before: float
    there: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Rehearsal:
    """Evaluations of a study in simulated worlds.

    Parameters
    ----------
    study : Study
        What was rehearsed.
    people, seed : int
        Managed people in each world; of every random step.
    rate : float
        Events a year of everybody who could be selected, at liberty.
    rows : tuple of Rehearsed
        By outcome and kind of world.
    assumed : tuple of str
        What the study does not say and the worlds take for granted: ``windows``, ``rule``; or ``twice``, that its
        threshold is twice the mean of everybody; or ``rate``, that everybody's mean is one that suits no study better
        than another.
    near : tuple of Near
        Where the people themselves lie, where there are data.
    """

    study: Study
    people: int
    seed: int
    rate: float
    rows: tuple[Rehearsed, ...]
    assumed: tuple[str, ...] = ()
    near: tuple[Near, ...] = ()


def rehearsal(
    study: Study,
    *,
    data: StudyPeople | None = None,
    people: int | None = None,
    rate: float | None = None,
    worlds: int = WORLDS,
    seed: int | None = None,
    kinds: Sequence[str] = tuple(KINDS),
    progress: Callable[[str], None] | None = None,
) -> Rehearsal:
    """Simulate a study in worlds of several kinds and evaluate every one of them.

    Parameters
    ----------
    study : Study
        With its windows, selection rule, outcomes, evidence sets and release rules.
    data : StudyPeople, optional
        Its people, where there are any.
    people : int, optional
        Managed people in each world; by default as many as the data have, as they may be given, or 200. A rule ``top``
        says it by its places.
    rate : float, optional
        Events a year of everybody who could be selected; by default the rule's threshold is twice what they have, or
        2 where no threshold reads events.
    worlds : int
        How many of each kind.
    seed : int, optional
        By default the study's own.
    kinds : sequence of str
        Which of `KINDS`.
    progress : callable, optional
        Told what is done next.

    Raises
    ------
    SpecError
        IOM-E092 for fewer than two worlds or ten people, another number of people than a rule ``top`` has places and a
        rate outside its bounds, IOM-E096 for a study without a count or a score.
    DegenerateDataError
        IOM-E061 where the rule picks nobody in a world.
    """
    outcomes = _outcomes(study)
    for kind in kinds:
        check_choice(kind, KINDS, "rehearse: kinds")
    for name, value, least in (("worlds", worlds, 2), ("people", people, 10)):
        if value is not None and value < least:
            raise SpecError("IOM-E092", f"rehearse: {name}: expected at least {least}, got {value}")
    size = people if people is not None else PEOPLE if data is None else _expected(data)
    seed = study.seed if seed is None else seed
    streams = Streams(seed, f"rehearsal of {study.title}")
    plan = Plan(study, size, rate)
    if people not in (None, plan.places):
        raise SpecError(
            "IOM-E092",
            f"rehearse: people: expected {plan.places}, as the study's rule fills {plan.places} places (rule top), got "
            f"{people}",
            "leave people out, or give the rule the threshold that you expect",
        )
    rows: list[Rehearsed] = []
    moments: dict[str, dict[str, Floats]] = {o.name: {} for o in outcomes}
    for name in kinds:
        if progress is not None:
            progress(f"evaluating {worlds} worlds: {name}")
        world = plan.careers(KINDS[name]).batch(worlds, rng=streams)
        cohort = plan.seen(world)
        for outcome in outcomes:
            panel = cohort[outcome.name]
            rows.append(_evaluated(name, panel, world, Verdict.of(study), streams))
            moments[outcome.name][name] = np.array([_moments(panel.replicate(k).moments()) for k in range(worlds)])
    near = () if data is None else tuple(_near(o, data, moments[o.name]) for o in outcomes if _enough(data, o))
    return Rehearsal(
        study=study,
        people=plan.places,
        seed=seed,
        rate=plan.rate,
        rows=_by_outcome(rows, outcomes),
        assumed=plan.assumed,
        near=near,
    )


def _outcomes(study: Study) -> tuple[ExtractOutcome, ...]:
    """Return the first count, and the first score where the study states evidence sets for scores."""
    kinds = ("count", *(["score"] if any(e.kind == "score" for e in study.sets) else []))
    first = (next((o for o in study.extract.outcomes if o.kind == kind), None) for kind in kinds)
    found = tuple(o for o in first if o is not None)
    if not found:
        raise SpecError(
            "IOM-E096",
            "rehearse: expected a study with a count, or with a score and sets of evidence of its own for it; nothing "
            "is said of what remains of other outcomes",
        )
    return found


def _expected(data: StudyPeople) -> int:
    n = next(iter(data.cohort.values())).managed.n
    return data.release.rounded(n) if data.release.enough(n) else PEOPLE


def _by_outcome(rows: Sequence[Rehearsed], outcomes: Sequence[ExtractOutcome]) -> tuple[Rehearsed, ...]:
    return tuple(row for outcome in outcomes for row in rows if row.outcome == outcome.name)


def _evaluated(name: str, panel: Panel, world: World, verdict: Verdict, streams: Streams) -> Rehearsed:
    score = panel.kind == "score"
    found = batch(verdict, panel, rng=Streams(streams.seed, f"{streams.study}: {name}, {panel.name}"))
    change = batch(PairedT() if score else RateRatio(), panel)
    high = change.conf_high if change.conf_high is not None else np.full(len(change), np.nan)
    truth = att_score(world) if score else att_ratio(world, of="offences")
    refused = [found.notes[k][0] for k in np.flatnonzero(found.code)] if found.notes else []
    return Rehearsed(
        world=name,
        about=KINDS[name].about,
        outcome=panel.name,
        kind=panel.kind,
        scale="points" if score else "ratio",
        worlds=len(found),
        said=FrozenMap(Counter(_words(found))),
        truth=float(np.median(truth)),
        observed=float(np.nanmedian(change.estimate)),
        fell=int((high < (0 if score else 1)).sum()),
        reasons=tuple(dict.fromkeys(refused)),
    )


def _words(found: Estimates) -> list[str]:
    """Return the word of every replicate, which its first note holds."""
    words = [REFUSED if code else found[k].notes[0] for k, code in enumerate(found.code.tolist())]
    return [word.removeprefix("verdict: ") for word in words if word.removeprefix("verdict: ") in WORDS]


def _moments(m: Moments) -> Floats:
    """Return what a cohort is compared by: means and SDs (logs for a count), correlation and share lost."""
    own = PairMoments(*m.require(*PairMoments._fields, purpose="the rehearsal"))
    return _features(own, m.kind, 1 - m.n / (m.n_input or m.n))


def _features(m: PairMoments, kind: str, lost: float) -> Floats:
    levels = np.array([m.mean_pre, m.mean_post, m.sd_pre, m.sd_post])
    levels = levels if kind == "score" else np.log(np.maximum(levels, 0.01))
    return np.array([*levels, np.arctanh(np.clip(m.r, -0.99, 0.99)), lost])


def _enough(data: StudyPeople, outcome: ExtractOutcome) -> bool:
    return data.release.enough(data.cohort[outcome.name].managed.n_complete)


def _near(outcome: ExtractOutcome, data: StudyPeople, clouds: Mapping[str, Floats]) -> Near:
    """Return how far the people are from each kind of world, by moments as they may be given."""
    release, m = data.release, data.cohort[outcome.name].moments()
    own = PairMoments(*m.require(*PairMoments._fields, purpose="the rehearsal"))
    people = _features(release.moments(own, m.n, m.furthest, outcome=outcome.name), outcome.kind, _lost(release, m))
    found = zip(clouds, cloud_distances(people, list(clouds.values())), strict=True)
    means = people[0], np.median(np.concatenate([cloud[:, 0] for cloud in clouds.values()]))
    before, there = (float(mean if outcome.kind == "score" else np.exp(mean)) for mean in means)
    return Near(
        outcome=outcome.name,
        distances=FrozenMap(dict(sorted(found, key=lambda pair: pair[1]))),
        before=before,
        there=there,
    )


def _lost(release: Release, m: Moments) -> float:
    """Return the share lost as it may be given; nobody where they are too few to be spoken of."""
    lost = (m.n_input or m.n) - m.n
    return release.rounded(lost) / release.rounded(m.n + lost) if lost and release.enough(lost) else 0.0

"""Posterior mean change of a score among everybody, lost to follow-up or not, by where those lost stand."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from iom_causal.analysis.results import Refusal
from iom_causal.analysis.steps import Effort
from iom_causal.analysis.subject import LEAST_SETS, Named, Subject, readable
from iom_causal.bayes.pre_post_scores import PrePostScores
from iom_causal.bayes.score_data import gaps_of
from iom_causal.confounds.regression import ScoreRegression
from iom_causal.errors import IomCausalError
from iom_causal.estimate import Estimate
from iom_causal.moments import Moments
from iom_causal.panel import Panel
from iom_causal.streams import Streams

WHAT = "the change of everybody"
STANDS = (-1.0, 0.0, 0.5, 1.0)
"""How far people lost stand from what the others' scores predict, in SDs of the scores before."""


@dataclass(frozen=True, slots=True)
class Case:
    """The mean change of all with people lost so far off their prediction: a value or a set, and its interval.

    Parameters
    ----------
    sds : float
        In SDs of the scores before.
    set_low, set_high : float
        Posterior medians over what is left open; equal where nothing is.
    conf_low, conf_high : float
        The credible interval, around the set where there is one.
    """

    sds: float
    set_low: float
    set_high: float
    conf_low: float
    conf_high: float


@dataclass(frozen=True, slots=True)
class ScorePosterior:
    """Posterior of one score.

    Parameters
    ----------
    result : Estimate
        With people lost where the scores that are there predict.
    sd : float
        Of the scores before.
    lost : float
        Share of the people without a later score, as it may be given: 0 also where it is withheld.
    cases : tuple of Case
        With people lost elsewhere too; empty where that share is 0.
    net : tuple of Estimate
        Net of regression to the mean, where people entered at a cut on this score: one for each standard error of
        measurement that three sets of evidence or more state.
    """

    people_columns: ClassVar[tuple[str, ...]] = ()
    free_columns: ClassVar[tuple[str, ...]] = ()
    solving_columns: ClassVar[tuple[str, ...]] = ()
    telling_columns: ClassVar[tuple[str, ...]] = ()
    figure_columns: ClassVar[Mapping[str, str]] = {
        "sds": "setting",
        **dict.fromkeys(("set_low", "set_high", "conf_low", "conf_high"), "mean"),
    }

    result: Estimate
    sd: float
    lost: float
    cases: tuple[Case, ...]
    net: tuple[Estimate, ...] = ()

    @property
    def tipping(self) -> float | None:
        """How many SDs off their prediction people lost stand where the interval first reaches no change.

        None where it does so already, or without cases.
        """
        at = next((case for case in self.cases if case.sds == 0), None)
        if at is None or at.conf_low <= 0 <= at.conf_high:
            return None
        nearest = at.conf_high if at.conf_high < 0 else at.conf_low
        return -nearest / self.lost / self.sd


@dataclass(frozen=True, slots=True)
class ScorePosteriors:
    """Posteriors of the scores that have people without a later one, or a cut at which people entered.

    Parameters
    ----------
    found : tuple of ScorePosterior
        One a score.
    refusals : tuple of Refusal
        What could not be worked out, and why.
    """

    found: tuple[ScorePosterior, ...] = ()
    refusals: tuple[Refusal, ...] = ()


def run(subject: Subject, effort: Effort) -> ScorePosteriors:
    """Work out the posterior of every score that asks for it."""
    found, refusals = [], []
    for outcome in subject.outcomes:
        data = readable(subject, outcome.name) if outcome.kind == "score" else None
        if data is None or not _asks(subject, data):
            continue
        rng = Streams(effort.seed, subject.citation).generator(f"{outcome.name}: posterior")
        try:
            found.append(_worked_out(subject, outcome, data, int(rng.integers(2**63))))
        except IomCausalError as error:
            refusals.append(Refusal(outcome.name, WHAT, error))
    return ScorePosteriors(tuple(found), tuple(refusals))


def _asks(subject: Subject, data: Panel | Moments) -> bool:
    """Whether people are lost, or entered at a cut on this score, and the release rules let it be said."""
    if isinstance(data, Moments):
        return data.mean_pre_input is not None and data.n_input not in {None, data.n}
    people = data.managed.prepost()
    if people.weight is not None or not subject.release.enough(people.n_complete):
        return False
    return _share_lost(subject, data) > 0 or PrePostScores().cut_of(data) is not None


def _share_lost(subject: Subject, data: Panel) -> float:
    """Return which share of the managed have no later score, as it may be given; those without a first are others."""
    without = gaps_of(data)[:, 1]
    return subject.release.share_lost(int((~without).sum()), len(without))


def _worked_out(subject: Subject, outcome: Named, data: Panel | Moments, seed: int) -> ScorePosterior:
    plain = PrePostScores()
    result = plain(data, rng=seed)
    figures = result.diagnostics if result.set_low is None else result.diagnostics["lowest"]
    lost, sd = float(figures["lost_share"]), plain.spread_before(data)
    if isinstance(data, Panel):  # the rows differ by this share, and would give the number of those lost away
        lost = _share_lost(subject, data)
    return ScorePosterior(
        result=result,
        sd=sd,
        lost=lost,
        cases=tuple(_shifted(result, sds, sds * sd * lost) for sds in STANDS) if lost else (),
        net=_net(subject, outcome, data, seed),
    )


def _shifted(e: Estimate, sds: float, by: float) -> Case:
    ends = (e.estimate, e.estimate) if e.set_low is None else (e.set_low, e.set_high)
    return Case(sds, *(float(end or 0.0) + by for end in (*ends, e.conf_low, e.conf_high)))


def _net(subject: Subject, outcome: Named, data: Panel | Moments, seed: int) -> tuple[Estimate, ...]:
    if isinstance(data, Moments) or PrePostScores().cut_of(data) is None:
        return ()
    stated = [
        PrePostScores(sem=confound.sem, grid=confound.grid)
        for each in subject.sets(outcome)
        for confound in each.confounds
        if isinstance(confound, ScoreRegression) and confound.sem is not None
    ]
    return tuple(spec(data, rng=seed) for spec in dict.fromkeys(stated)) if len(stated) >= LEAST_SETS else ()

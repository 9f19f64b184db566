"""The change of a score among everybody: people without a later score in the likelihood, and entry at a cut."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

from iom_causal.analysis import missing
from iom_causal.analysis.missing import Missing
from iom_causal.analysis.release import Leaving
from iom_causal.analysis.sensitivity import score_posterior
from iom_causal.analysis.sensitivity.score_posterior import Case, ScorePosterior, ScorePosteriors
from iom_causal.analysis.steps import Results
from iom_causal.analysis.subject import Subject
from iom_causal.base import wording
from iom_causal.base.formats import fixed, listed
from iom_causal.bayes.score_words import CONTRADICTED
from iom_causal.beliefs import ends
from iom_causal.estimate import Estimate
from iom_causal.report import sensitivity_phrases, sentences
from iom_causal.report.render.page import Section, Table
from iom_causal.report.sections.part import Part

STANDS: Mapping[float, str] = {
    -1.0: "an SD of the first scores below that",
    0.0: "where the scores that are there predict",
    0.5: "half an SD above that",
    1.0: "an SD above that",
}
MOST_SDS = 5
"""Beyond so many SDs a tipping point is not given more closely."""


def section(subject: Subject, results: Results) -> tuple[Section, ...]:
    """Show the mean change of everybody by where people lost stand, what would tip it, and entry at a cut."""
    found = results.of(score_posterior.run) or ScorePosteriors()
    treated = (results.of(missing.run) or Missing()).by_method
    shown = tuple(_section(each, subject, treated=each.result.outcome in treated) for each in found.found)
    refused = tuple(sentences.not_computed(r) for r in found.refusals)
    return (*shown, *((_refused(refused),) if refused else ()))


def _refused(why: Sequence[str]) -> Section:
    return Section(title=sensitivity_phrases.EVERYBODY, name="everybody", finding=why[0], paragraphs=tuple(why[1:]))


def _section(of: ScorePosterior, subject: Subject, *, treated: bool) -> Section:
    name = of.result.outcome
    found = (*_tipping(of, subject), *_entry(of, subject))
    rows = tuple((STANDS[case.sds], *_case(case, of, subject)) for case in of.cases)
    heads = ("those without a later score stand", "mean change", "95% interval")
    return Section(
        title=sensitivity_phrases.EVERYBODY_IN.format(name),
        name=f"everybody-{name}",
        finding=found[0] if found else sensitivity_phrases.WHERE_LOST.format(name),
        paragraphs=(
            *([sensitivity_phrases.LOST_IN_MODEL] if rows else []),
            *([sensitivity_phrases.AS_A_LINE_PREDICTS] if rows and treated else []),
            *_open(of),
            *found[1:],
        ),
        tables=(Table(sensitivity_phrases.BY_WHERE_LOST_STAND.format(name), heads, rows),) if rows else (),
    )


def _case(case: Case, of: ScorePosterior, subject: Subject) -> tuple[str, str]:
    low, high = _coarse(case.set_low, case.set_high, of, subject)
    interval = " to ".join(_coarse(case.conf_low, case.conf_high, of, subject))
    return low if case.set_low == case.set_high else f"{low} to {high}", interval


def _coarse(low: float, high: float, of: ScorePosterior, subject: Subject) -> tuple[str, str]:
    """Return points; of people as coarsely as their number is, for rows differ by the share of those lost."""
    release = subject.release
    if not release.guarded:
        return fixed(low, 1), fixed(high, 1)
    largest = max([of.sd, *(abs(v) for c in of.cases for v in (c.conf_low, c.conf_high))])
    return release.coarse_ends(low, high, largest, release.rounded(of.result.n_input or 0))


def _open(of: ScorePosterior) -> Iterator[str]:
    if of.result.set_low is not None:
        yield sensitivity_phrases.SETS_OVER_OPEN


def _tipping(of: ScorePosterior, subject: Subject) -> Iterator[str]:
    """Say where people lost would have to stand for the interval to reach no change."""
    if not of.cases:
        return
    if of.tipping is None:
        name = of.result.outcome
        yield wording.not_settled(
            sensitivity_phrases.WHETHER_EVERYBODY.format(name), sensitivity_phrases.HELP_EVERYBODY
        )
        return
    size, way = abs(of.tipping), "above" if of.tipping > 0 else "below"
    step = 2 if subject.release.guarded else 10
    size = math.ceil(step * size) / step  # outward: nearer than this no change is not reached
    far = (
        sensitivity_phrases.SDS.format(f"{size:.1f}".removesuffix(".0"))
        if size <= MOST_SDS
        else sensitivity_phrases.MORE_SDS.format(MOST_SDS)
    )
    far = sensitivity_phrases.ONE_SD if far == sensitivity_phrases.SDS.format(1) else far
    yield sensitivity_phrases.LOST_TIP.format(far, way)


def _entry(of: ScorePosterior, subject: Subject) -> Iterator[str]:
    """Say what the change holds of regression to the mean where people entered at a cut."""
    if of.result.diagnostics.get("cut") is None:
        return
    if not of.net:
        yield sensitivity_phrases.HOLDS_REGRESSION.format(of.result.outcome)
        return
    if of.result.diagnostics["too_few_at_cut"] < CONTRADICTED:
        yield sensitivity_phrases.NOT_THINNING.format(of.result.outcome)
        return
    under = listed(sensitivity_phrases.WITH_ERROR.format(*_net(e, of, subject)) for e in of.net)
    yield sensitivity_phrases.NET_OF_REGRESSION.format(of.result.outcome, under)


def _net(e: Estimate, of: ScorePosterior, subject: Subject) -> tuple[str, ...]:
    """Return a change net of regression with its interval, and the standard error of measurement that it rests on."""
    middle = (e.estimate, e.estimate) if e.set_low is None else (e.set_low, e.set_high)
    (low, high), limits = (
        _coarse(float(below or 0.0), float(above or 0.0), of, subject)
        for below, above in (middle, (e.conf_low, e.conf_high))
    )
    error = " to ".join(dict.fromkeys(f"{v:g}" for v in ends(e.spec.sem)))
    return low if e.set_low is None else f"{low} to {high}", *limits, error


def files(subject: Subject, results: Results) -> dict[str, Leaving]:
    """Return the mean change of everybody by where people lost stand as a table; of people as the page has it."""
    import pandas as pd  # noqa: PLC0415 slow to load

    found = results.of(score_posterior.run) or ScorePosteriors()

    def given(case: Case, of: ScorePosterior) -> Case:
        if not subject.release.guarded:
            return case
        texts = (
            *_coarse(case.set_low, case.set_high, of, subject),
            *_coarse(case.conf_low, case.conf_high, of, subject),
        )
        return Case(case.sds, *(float(text.replace(",", "")) for text in texts))

    rows = [{"outcome": of.result.outcome, **asdict(given(case, of))} for of in found.found for case in of.cases]
    return {"score_posterior.csv": subject.release.leaving(pd.DataFrame(rows), ScorePosterior)} if rows else {}


PART = Part(step=score_posterior.run, section=section, files=files)

"""The first page: what can be said, and what cannot."""

from iom_causal.analysis.results import FeatureRange, LedgerUnder
from iom_causal.base import wording
from iom_causal.base.formats import listed
from iom_causal.estimate import Estimate
from iom_causal.estimators import (
    RateRatio,
)
from iom_causal.null.result import NullCalibration
from iom_causal.numerics.printed.completers import completer_bounds
from iom_causal.published.audit.findings import Finding, Findings
from iom_causal.published.completers import completers_test
from iom_causal.published.study import PublishedStudy
from iom_causal.report import phrases, sentences
from iom_causal.report.ledger_sections import remainder_text
from iom_causal.report.null_section import first_page
from iom_causal.report.sections import expected_anyway
from iom_causal.report.steps import went
from iom_causal.sensitivity.regression_tipping import RegressionTipping


def lead(study: PublishedStudy) -> tuple[str, ...]:
    """Return the first sentences of the page: the level of the design, and the authors' own caution."""
    cautious = (
        f"The authors' own words of caution: {listed(wording.quote(h) for h in study.hedges)}." if study.hedges else ""
    )
    level = phrases.design(compared=study.comparison_group)
    return (level, *((cautious,) if cautious else ()), *(() if study.invented else (wording.AS_PUBLISHED,)))


def _names(study: PublishedStudy) -> tuple[str, ...]:
    return tuple(o.name for o in study.outcomes)


def _figures(findings: Findings) -> tuple[Finding, ...]:
    """Return the checks of figures; a size of the wrong kind leaves test, means and direction as they are."""
    return tuple(f for f in findings if f.claim is None and not f.check.startswith(("kind of effect", "effect sizes")))


def changed(study: PublishedStudy, estimates: tuple[Estimate, ...]) -> tuple[str, ...]:
    """Return what changed, whatever brought it about."""
    said = [
        sentences.bare_change_sentence(o.name, o.before.mean.value, o.after.mean.value, share=o.kind == "binary")
        for o in study.outcomes
        if o.name not in {e.outcome for e in estimates}
        and o.before.mean
        and o.after.mean
        and completers_test(o, study.contrast) is None
    ]
    for e in estimates:
        robust = isinstance(e.spec, RateRatio) and e.spec.se == "robust"
        if robust and e.estimate is not None and e.conf_low is not None and e.conf_high is not None:
            said.append(
                sentences.change_sentence(
                    e.outcome,
                    e.estimate,
                    e.conf_low,
                    e.conf_high,
                    level=e.conf_level,
                    per="calendar day" if study.spans else "",
                )
            )
    for outcome in study.outcomes:
        partial = completers_test(outcome, study.contrast)
        if partial is not None:
            change = completer_bounds(partial).change
            score = outcome.kind == "score"
            said.append(sentences.completers_sentence(outcome.name, change.low, change.high, partial.n, score=score))
    return tuple(said)


def can_say(
    study: PublishedStudy,
    findings: Findings,
    estimates: tuple[Estimate, ...],
    people: tuple[FeatureRange, ...],
    null: tuple[NullCalibration, ...],
    regression: tuple[RegressionTipping, ...],
    ledgers: tuple[tuple[LedgerUnder, ...], ...],
) -> tuple[str, ...]:
    """Return what can be said, in order."""
    clash = any(f.verdict == "inconsistent" and f.subject.split(",")[0] in _names(study) for f in _figures(findings))
    said = [phrases.DISAGREE] if clash else []
    said += changed(study, estimates)
    said += [
        sentences.people_sentence(p.outcome, p.low, p.high, study.sample.n.count, up=p.feature == "went up")
        for p in people
        if p.feature == went(study.outcome(p.outcome)) and study.outcome(p.outcome).kind == "count"
    ]
    said += expected_anyway(regression)
    said += first_page(null)
    said += [
        wording.beliefs_sentence(
            phrases.REMAINS[under[0].evidence.kind].format(under[0].result.outcome),
            {u.evidence.name: remainder_text(u.result) for u in under},
        )
        for under in ledgers
    ]
    return tuple(said)


def cannot_say(study: PublishedStudy) -> tuple[str, ...]:
    """Return what cannot be said."""
    counts = [o.name for o in study.outcomes if o.kind == "count"]
    return (
        wording.not_settled("how much of the change was the programme's share", f"help {study.people}"),
        *((phrases.NOT_OFFENCES.format(listed(counts)),) if counts and study.limitation("c03") else ()),
        phrases.NOT_ANYONE,
    )

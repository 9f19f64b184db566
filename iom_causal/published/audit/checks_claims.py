"""Checks of the authors' claims: supported, not supported or not checkable, with the figure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from iom_causal.base import wording
from iom_causal.base.formats import bounded, fixed, listed, percent
from iom_causal.numerics.printed.paired import cohen_labels, scale_of
from iom_causal.published.audit.checks_cited import people_needed
from iom_causal.published.audit.checks_effects import ReportedEffect, label_verdict, reported_effects, shown
from iom_causal.published.audit.checks_groups import open_difference
from iom_causal.published.audit.findings import CLAIM_VERDICTS, Finding, Status
from iom_causal.published.audit.printed_intervals import neighbour
from iom_causal.published.printed import enclose
from iom_causal.published.records import Outcome
from iom_causal.published.statements import Claim
from iom_causal.published.study import PublishedStudy


@dataclass(frozen=True, slots=True)
class ClaimVerdict:
    """Verdict on a claim of the authors.

    Parameters
    ----------
    status : {"supported", "not supported", "not checkable"}
        The answer.
    figure : str
        What was computed.
    sentence : str
        The answer in words.
    aside : str
        Why it cannot be checked, or what would reconcile it.
    """

    status: Status
    figure: str
    sentence: str
    aside: str = ""


def claims(study: PublishedStudy) -> Iterator[Finding]:
    """Assess every claim that the study lists."""
    for claim in study.claims:
        yield _finding(study, claim, _ANSWERS[claim.rests_on](study, claim))


def _finding(study: PublishedStudy, claim: Claim, answer: ClaimVerdict) -> Finding:
    said = wording.quote(claim.quote) if claim.quote else claim.says[:1].upper() + claim.says[1:]
    hedge = f"{wording.quote(claim.hedge)} is the authors’ own word for their findings." if claim.hedge else ""
    printed = wording.UNAFFECTED if answer.status == "not supported" and claim.rests_on in {"label", "order"} else ""
    beside = " ".join(part for part in (neighbour(study, claim.limitation), hedge, printed) if part)
    return Finding(
        id=f"claim:{claim.id}",
        check="a reading by the authors",
        subject=claim.subject or study.programme or study.title,
        verdict=CLAIM_VERDICTS[answer.status],
        claimed=said,
        computed=answer.figure,
        sentence=f"{said}: {answer.sentence}",
        why=answer.aside if answer.status == "not checkable" else "",
        reconcile=answer.aside if answer.status == "not supported" else "",
        neighbour=beside,
        claim=answer.status,
    )


def _effect(study: PublishedStudy, name: str) -> ReportedEffect | None:
    return next((e for e in reported_effects(study) if e.outcome.name == name), None)


def _label(study: PublishedStudy, claim: Claim) -> ClaimVerdict:
    effect = _effect(study, claim.subject)
    if effect is None or not effect.printed.label:
        return ClaimVerdict(
            "not checkable", "", "an effect size with a label is not printed.", "Nothing is there to compare."
        )
    fits, figure = label_verdict(effect)
    printed = effect.printed
    as_printed = cohen_labels(abs(enclose(printed.value)), scale_of(effect.own))
    sentence = f"for {claim.subject} {figure}."
    if fits:
        return ClaimVerdict("supported", figure, sentence)
    labels = listed(map(wording.quote, as_printed), "or")
    reconcile = f"{labels} is the label of {printed.value.text} read as {printed.symbol}."
    return ClaimVerdict("not supported", figure, sentence, reconcile)


def _order(study: PublishedStudy, claim: Claim) -> ClaimVerdict:
    effects = list(reported_effects(study))
    own = next((e for e in effects if e.outcome.name == claim.subject), None)
    if own is None or len(effects) < 2:
        return ClaimVerdict(
            "not checkable", "", "fewer than two effect sizes are printed.", "Nothing is there to compare."
        )
    others = [e for e in effects if e is not own]
    figure = "r: " + listed(f"{e.outcome.name} {shown(e, 'r')}" for e in effects)
    if all(own.kinds["r"].low > e.kinds["r"].high for e in others):
        return ClaimVerdict("supported", figure, f"on one scale, {figure}.")
    return ClaimVerdict(
        "not supported",
        figure,
        f"on one scale, {figure}.",
        "Effect sizes of different kinds would be in another order.",
    )


def _ageing(study: PublishedStudy, claim: Claim) -> ClaimVerdict:
    ratio, years = _ratio(study, study.outcome(claim.subject)), study.years_apart
    if ratio is None or not years or ratio <= 0:
        return ClaimVerdict(
            "not checkable", "", "no ratio over a known time is printed.", "Means or dates are missing."
        )
    yearly = ratio ** (1 / years)
    figure = f"ratio {bounded(ratio)} in {fixed(years, 1)} years, {bounded(yearly)} a year"
    sentence = (
        f"the middles of the windows are {fixed(years, 1)} years apart, so ageing alone would have to multiply "
        f"{claim.subject} by {bounded(ratio)} in that time, {_yearly(yearly)} a year of age"
    )
    if claim.benchmark is None:
        return ClaimVerdict(
            "not checkable", figure, f"{sentence}.", "The study file names no age curve to set this against."
        )
    against = f"{sentence}; {claim.benchmark_source} gives {claim.benchmark.text}."
    if float(claim.benchmark.low) > ratio:
        return ClaimVerdict("supported", figure, against)
    return ClaimVerdict("not supported", figure, against, "A flatter age curve would support it.")


def _yearly(ratio: float) -> str:
    return f"a {'fall' if ratio < 1 else 'rise'} of {percent(abs(1 - ratio))}"


def _ratio(study: PublishedStudy, outcome: Outcome) -> float | None:
    # Per day where the windows are dated: they need not be of one length.
    before, after = outcome.before.mean, outcome.after.mean
    if not outcome.complete or before is None or after is None or before.value <= 0:
        return None
    days = [span.days for span in study.spans]
    longer = days[1] / days[0] if len(days) == 2 and days[0] and days[1] and outcome.kind == "count" else 1.0
    return after.value / before.value / longer


def _rate(study: PublishedStudy, name: str) -> str:
    return f"{name} per day" if study.outcome(name).kind == "count" and len(study.spans) == 2 else name


def _follow_up(study: PublishedStudy, claim: Claim) -> ClaimVerdict:
    cited = next(c for c in study.cited if c.name == claim.subject)
    needed = people_needed(cited)
    figure = "" if needed is None else f"{fixed(needed.low, 0)} people or more per group"
    sentence = f"every figure printed for {cited.name} is at one follow-up ({cited.follow_up})"
    if needed is not None and all(arm.n is None for arm in cited.arms):
        sentence += f", and the observed difference would need {figure} to reach p = .05"
    return ClaimVerdict(
        "not checkable",
        figure,
        f"{sentence}.",
        "One time point holds nothing about how a difference moves with follow-up, and nothing printed says how far "
        "another reason, such as the way a programme was put into practice, reaches.",
    )


def _programme(study: PublishedStudy, claim: Claim) -> ClaimVerdict:
    del claim
    changes = [(o.name, r) for o in study.outcomes if (r := _ratio(study, o)) is not None]
    figure = listed(f"{percent(ratio - 1, 1)} in {_rate(study, name)}" for name, ratio in changes)
    unsettled = wording.not_settled("how much of the change is the programme’s share", f"help {study.people}")
    sentence = f"the change{' is ' + figure if figure else ''}, whatever brought it about. {unsettled}"
    why = "One group is printed, and what it would have done otherwise is not."
    if study.comparison_group:
        why = "The checks here read one group; a comparison needs its own analysis."
    return ClaimVerdict("not checkable", figure, sentence, why)


def _no_difference(study: PublishedStudy, claim: Claim) -> ClaimVerdict:
    subgroup = next(s for s in study.subgroups if s.name == claim.subject)
    largest = open_difference(study, subgroup)
    if largest is None:
        return ClaimVerdict("not checkable", "", "the print gives no size.", "The groups’ numbers are not printed.")
    figure = f"|d| up to {bounded(largest, 2)}"
    inferred = "" if subgroup.p_printed else ", which is inferred, for no p is printed"
    sentence = f"a difference of up to {bounded(largest, 2)} SD would agree with {subgroup.p.text}{inferred}."
    why = "" if subgroup.test_printed else "Which test on which outcome is not printed. "
    return ClaimVerdict("not checkable", figure, sentence, f"{why}An open difference is not shown to be none.")


def _other(study: PublishedStudy, claim: Claim) -> ClaimVerdict:
    del study, claim
    return ClaimVerdict(
        "not checkable", "", "no printed figure bears on it.", "No check here speaks to such a sentence."
    )


_ANSWERS: dict[str, Callable[[PublishedStudy, Claim], ClaimVerdict]] = {
    "label": _label,
    "order": _order,
    "ageing": _ageing,
    "follow_up": _follow_up,
    "programme": _programme,
    "no_difference": _no_difference,
    "other": _other,
}

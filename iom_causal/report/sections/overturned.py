"""What it would take for all of a change to have come anyway, in one sentence."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import exp, sqrt
from typing import NamedTuple

from iom_causal.analysis import comparison, regression
from iom_causal.analysis.comparison import Basis, basis_of
from iom_causal.analysis.first_answer import FirstAnswer, Overturning, overturning
from iom_causal.analysis.regression import Regression
from iom_causal.analysis.steps import Results
from iom_causal.analysis.subject import Subject
from iom_causal.base.formats import fixed, number, percent
from iom_causal.base.setting_paths import get_path
from iom_causal.base.wording import quote
from iom_causal.estimate import Estimate
from iom_causal.estimators import HonestTrends
from iom_causal.ledger import all_expected
from iom_causal.numerics.selection.score_at_cut import error_for_change
from iom_causal.report import estimate_cells
from iom_causal.report.answer_words import apart_by, size_of, word_of
from iom_causal.report.sections import ledgers
from iom_causal.report.set_names import set_names


class Overturned(NamedTuple):
    """A sentence, and by what it was found.

    Attributes
    ----------
    text : str
        The sentence.
    by : {"comparison", "ledger", "regression", "score error", "change"}
        What its figures come from.
    check : str
        What to look into first because of it; empty where nothing.
    """

    text: str
    by: str
    check: str = ""


class Clause(NamedTuple):
    """What would have to be so of one setting.

    Attributes
    ----------
    text : str
        With a place for the figure, and one for the outcome where it needs it.
    written : callable
        How a figure is written.
    from_1 : bool
        Whether what is said is what the setting lacks of 1.
    """

    text: str
    written: Callable[[float], str]
    from_1: bool = False

    def said(self, values: Sequence[float]) -> list[str]:
        """Return figures as they are said, the smaller ones first."""
        return [self.written(v) for v in sorted(1 - v if self.from_1 else v for v in values)]

    def way(self, side: int) -> int:
        """Return on which side of what is said something holds, by the side of the setting."""
        return -side if self.from_1 else side


ALL_OF_IT: Mapping[str, str] = {
    "fall": "All of the fall would have come anyway if {0}",
    "rise": "The rise says nothing of the programme if {0}",
    "change": "The same would have come anyway if {0}",
}
"""How the sentence begins, by what the change is called."""
AGAINST: Mapping[Basis, str] = {
    Basis.OTHERS: "people not managed",
    Basis.COURSE: "their own course before",
    Basis.RULE: "those whom the rule of entry left out or let wait",
}
"""From what managed people would have come apart, by with what a design compares."""
CAME_APART = (
    "without the programme, too, managed people had come out {0} {1} (by the interval {2}) than expected from {3}."
)
STEPPED = " In the periods before, the two came apart by up to {0} from one to the next."
BY_CHANCE = "Chance alone could have brought managed people as far from {0} as they are."
CLAUSES: Mapping[str, Clause] = {
    "regression_to_mean.persistence": Clause(
        "these people’s usual rate of {1} falls by {0} without a programme (the rest is chance evening out)",
        percent,
        from_1=True,
    ),
    "regression_to_mean.comparable_mean": Clause(
        "the whole list they were picked from averaged {0} {1}", lambda v: fixed(v, 1 if v >= 1 else 2)
    ),
    "regression_to_mean.events": Clause("people were picked at {0} {1} each", lambda v: number(v, 2)),
    "ageing.strength": Clause("ageing does {0} times what the curve by age says", lambda v: number(v, 2)),
    "history.elasticity": Clause("what changed for everybody counts {0} times", lambda v: number(v, 2)),
    "remission.per_month": Clause(
        "a high score comes down by {0} points a month, with or without a programme", lambda v: number(v, 2)
    ),
    "remission.share": Clause(
        "these people would have come {0} of the way back to everybody’s average, with or without a programme", percent
    ),
    "attrition.delta": Clause(
        "those lost lie {0} points above what the others’ scores predict", lambda v: number(v, 3)
    ),
    "score_regression.sem": Clause(
        "chance moves one score of one person by {0} points (its standard error)", lambda v: number(v, 2)
    ),
    "score_regression.edge_density": Clause("{0} of people stand at each point at the cut", lambda v: percent(v, 1)),
    "score_error.points_per_event": Clause("one arrest more brings {0} points", lambda v: number(v, 2)),
}
"""What would have to be so, by setting."""
TO_THE_MEAN = Clause(
    "these people’s usual rates of {1} move {0} of the way to everybody’s average without a programme (the rest is "
    "chance evening out)",
    percent,
    from_1=True,
)
"""The same of how far rates last, where the mean of the source population is stated."""
MAY_BE = "; one set of the assumptions here has {0}, so this may be so."
BEYOND = "; the set of assumptions that comes nearest has {0}, which leaves this out."
NOT_ALLOWED = "; no allowance was made for that here."
RECORDED = "{0} {1} of the same conduct was recorded than before{2}"
MORE_THAN_ROSE = " (enough to make up for the fall that was to be expected as well)"
"""Why more would have to be so than was seen."""
RECORDING = "Check whether recording changed: whether {0} of the same conduct came to be recorded."
AS_IT_STANDS = "Under {0}, all of the {1} was to be expected already: nothing more would have to be so."
UNDER_ALL = "each of this page’s sets of assumptions"
POOL = (
    "the whole list they were picked from averaged no more than {0} {1} (those picked: {2}), by the simplest "
    "reckoning; what it averaged is not known here."
)
SCORE_ERROR = (
    "the score’s standard error, how far chance moves one score of one person, is about {0} points or more: many would "
    "then have been picked at a score that was high by chance. How large it is, is not known here."
)
ALIKE = "people picked alike who were not managed {0}: {1}."
NOT_COUNTED: Mapping[bool, str] = {
    False: "they were not counted here",
    True: "those counted here are no such people",
}
"""How it stands with people picked alike, by whether there are others."""


def overturned(answer: FirstAnswer, subject: Subject, results: Results) -> Overturned:
    """Say what would have to be so for nothing to be left: the one setting nearest to what is believed of it."""
    tries = (_by_comparison, _by_ledger, _by_pool, _by_score_error)
    found = (each(answer, subject, results) for each in tries)
    return next((each for each in found if each is not None), None) or _by_others(answer, subject)


def _all_of_it(answer: FirstAnswer, clause: str) -> str:
    return ALL_OF_IT[word_of(answer)].format(clause)


def _by_comparison(answer: FirstAnswer, subject: Subject, results: Results) -> Overturned | None:
    """Say how far groups would have to come apart by themselves."""
    e = answer.contrast
    if e is None or e.estimate is None or e.conf_low is None or e.conf_high is None:
        return None
    nothing = 1.0 if e.scale == "ratio" else 0.0
    whom = AGAINST[basis_of(e.spec)]
    if e.conf_low <= nothing <= e.conf_high:
        return Overturned(BY_CHANCE.format(whom), "comparison")
    size, limits = apart_by(answer, e)
    side = "lower" if e.estimate < nothing else "higher"
    text = _all_of_it(answer, CAME_APART.format(size, side, limits, whom))
    return Overturned(f"{text}{_stepped(answer, subject, results)}", "comparison")


def _stepped(answer: FirstAnswer, subject: Subject, results: Results) -> str:
    """Say how far groups came apart before, where windows before show it."""
    for each in results.of(comparison.run) or ():
        if each.outcome != answer.outcome or each.before is None:
            continue
        people = min(each.before.n, each.before.n_others)
        for e in each.estimates:
            if isinstance(e.spec, HonestTrends) and e.scale == "ratio":
                step = exp(e.diagnostics["largest_step_before"])
                given = estimate_cells.part(step, people, _in_the_middle(e), subject.release)
                return STEPPED.format(percent(given - 1))
    return ""


def _in_the_middle(e: Estimate) -> Estimate:
    """Return an estimate of a ratio that is a set in the middle of its limits."""
    return replace(e, estimate=sqrt((e.conf_low or 0.0) * (e.conf_high or 0.0)))


def _by_ledger(answer: FirstAnswer, subject: Subject, results: Results) -> Overturned | None:
    """Say which setting of a set of evidence, nearest to what is believed of it, leaves nothing."""
    left = answer.left
    if left is None or left.contradiction is not None:
        return None
    found = next((each for each in ledgers.given(subject, results) if each.outcome == answer.outcome), None)
    nearest = None if found is None else overturning(found, rose=answer.rose)
    if found is None or nearest is None:
        return None
    return _setting(nearest, answer, subject, everywhere=all(all_expected(u.result) for u in found.under))


def _setting(found: Overturning, answer: FirstAnswer, subject: Subject, *, everywhere: bool) -> Overturned:
    at, side = found.tip.ends, found.side
    recorded = _apart_from_1(at) if found.tip.field == "detection.ratio" else ()
    if found.as_it_stands or set(recorded) == {percent(0.0)}:
        called = f"one set of assumptions, {quote(set_names(subject)(found.under.evidence.name))}"
        return Overturned(AS_IT_STANDS.format(UNDER_ALL if everywhere else called, word_of(answer)), "ledger")
    if recorded:
        more = "more" if at[0] > 1 else "less"
        why = MORE_THAN_ROSE if _more_than_rose(answer, at) else ""
        clause = RECORDED.format(_bound(recorded, side if at[0] > 1 else -side), more, why)
        held, check = _apart_from_1(found.believed), RECORDING.format(more)
    else:
        each = _clause(found)
        clause = each.text.format(_bound(each.said(at), each.way(side)), answer.outcome)
        held, check = each.said(found.believed), ""
    return Overturned(f"{_all_of_it(answer, clause)}{_allowed(found, held)}", "ledger", check)


def _clause(found: Overturning) -> Clause:
    """Return the words of a setting; rates that do not last move to the mean where it is stated, else to nothing."""
    owner = get_path(found.under.tried, found.tip.field.rpartition(".")[0])
    if found.tip.field == "regression_to_mean.persistence" and owner.comparable_mean is not None:
        return TO_THE_MEAN
    return CLAUSES[found.tip.field]


def _more_than_rose(answer: FirstAnswer, ratios: Sequence[float]) -> bool:
    """Whether recording would have to grow by more than the outcome did."""
    return answer.rose and answer.in_shares and min(ratios) > (answer.after or 0.0) / (answer.before or 1.0)


def _apart_from_1(ratios: Sequence[float]) -> list[str]:
    """Return how far ratios are from 1, the smaller ones first."""
    return [percent(size) for size in sorted(abs(1 - v) for v in ratios)]


def _bound(ends: Sequence[str], side: int) -> str:
    """Say from which value on, or up to which, nothing is left in every case; where the side is not known, at which."""
    if side == 0:
        return " to ".join(dict.fromkeys(ends))
    return f"at least {ends[-1]}" if side > 0 else f"no more than {ends[0]}"


def _allowed(found: Overturning, held: Sequence[str]) -> str:
    """Say whether a set of assumptions allows for it."""
    if not found.stated:
        return NOT_ALLOWED
    return (MAY_BE if found.gap == 0 else BEYOND).format(" to ".join(dict.fromkeys(held)))


def _by_pool(answer: FirstAnswer, subject: Subject, results: Results) -> Overturned | None:
    """Say which mean of everybody who could have been picked leaves nothing."""
    views = (results.of(regression.run) or Regression()).views
    view = next((v for v in views if v.moments.name == answer.outcome and v.tipping_is_usable), None)
    if view is None or subject.compared or view.observed > 1:  # picked for few: further from plausible than others
        return None
    own = fixed(view.moments.mean_pre or 0.0, 1)
    return Overturned(_all_of_it(answer, POOL.format(fixed(view.tipping.mean), answer.outcome, own)), "regression")


def _by_score_error(answer: FirstAnswer, subject: Subject, _results: Results) -> Overturned | None:
    """Say which measurement error of one score leaves nothing, of people picked at a cut on it."""
    rule = subject.rule
    if rule is None or answer.kind != "score" or rule.variable != answer.outcome or answer.before is None:
        return None
    fell = answer.before - (answer.after or answer.before)
    if rule.rule != "at_least" or rule.timing != "at_boundary" or rule.threshold is None:
        return None
    if fell <= 0 or answer.before <= rule.threshold:
        return None
    error = float(error_for_change(-fell, 1 / (answer.before - rule.threshold)))
    said = SCORE_ERROR.format(number(error, 2))
    return Overturned(_all_of_it(answer, said), "score error")


def _by_others(answer: FirstAnswer, subject: Subject) -> Overturned:
    """Say that nothing is left if others like them changed as much."""
    moved = "did not change either"
    if answer.rose or answer.fell:
        moved = f"{'rose' if answer.rose else 'fell'} by {size_of(answer)} too"
    return Overturned(_all_of_it(answer, ALIKE.format(moved, NOT_COUNTED[subject.compared])), "change")

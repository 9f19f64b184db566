"""The first screen: the question, one picture, four sentences, what to do next, and the level of the design."""

from collections.abc import Iterator, Mapping

from iom_causal.analysis import change as analysed
from iom_causal.analysis import regression, settling
from iom_causal.analysis.change import BareMeans, Change, Completers
from iom_causal.analysis.comparison import Basis, basis_of
from iom_causal.analysis.first_answer import Band, FirstAnswer, first_answer
from iom_causal.analysis.regression import Regression
from iom_causal.analysis.remainder_set import RemainderSet
from iom_causal.analysis.sensitivity import request as asking
from iom_causal.analysis.sensitivity.request import Requests
from iom_causal.analysis.settling import Settling
from iom_causal.analysis.steps import Results
from iom_causal.analysis.subject import Subject, Voice
from iom_causal.base import axes, axes_of_answers, wording
from iom_causal.base.formats import fixed, number, percent
from iom_causal.estimate import Estimate
from iom_causal.estimate.notes import DAYS_DIFFER as OWN_DAYS
from iom_causal.estimate.notes import of_kind
from iom_causal.report import estimate_cells, sentences
from iom_causal.report.answer_words import apart, capital, moves, size_of, word_of
from iom_causal.report.render.page import Figure, First
from iom_causal.report.sections import change as changes
from iom_causal.report.sections import comparison
from iom_causal.report.sections.overturned import overturned
from iom_causal.report.voices import called, several_before
from iom_causal.sensitivity.regression_tipping import RegressionTipping
from iom_causal.windows import MONTH

QUESTION = "{0}{1}: how much of that, if any, was the programme’s?"
NO_CHANGE = "How much of the change{0} was the programme’s?"
INVENTED: Mapping[Voice, str] = {"print": " (invented figures)", "people": " (invented people)"}
"""Said in the question of a study that nobody conducted."""
CHANGED, ANYWAY, OPEN = "What changed", "What was to be expected anyway", "What stays open"
OVERTURN = "What would overturn it"
LEVEL = "Level {0} of 5 on the Maryland Scientific Methods Scale: {1}"
SHOWS: Mapping[bool, str] = {
    False: "it shows a change, not its cause.",
    True: "it shows the programme’s share only if its comparison holds.",
}
WITHIN = "With everybody compared with themselves the ratio after over before is {0} ({1})."
EXPECTED = (
    "Without the programme {0} was to be expected{1}. {2} accounts of what was not measured{3} span that range; it "
    "holds if these allowances are right."
)
WITH_WORLDS = ", and simulated cohorts in which the programme does nothing,"
OR_MORE = " or more"
LOOKS_OTHERWISE = (
    "Counts from before they were picked look otherwise than the way these people are said to have been picked, so "
    "that nothing may be left."
)
DAYS_DIFFER = (
    "Days at risk differ between people, as by time in custody, so that this does not rule out that nothing is left."
)
PICKED: Mapping[str, str] = {
    "count": ": people picked when they have many {0} have fewer later by themselves",
    "amount": ": people picked when they have much {0} have less later by themselves",
    "score": ": people picked at a high {0} come down by themselves",
    "binary": "",
}
"""Why a fall was to be expected, by kind."""
NOT_KNOWN = (
    "Anything from nothing to the whole {1} in {0} may have come anyway: nothing tells what picking people alone does, "
    "or what became of others like them."
)
OTHERS_UNLIKE = (
    "Anything from nothing to the whole {1} in {0} may have come anyway: those who were not managed are no comparison "
    "that could show it (why is said below), and how people were picked is not stated."
)
COMPARED = "Going by people who were not managed, {0} was to be expected without the programme."
BY_COMPARISON: Mapping[Basis, str] = {
    Basis.OTHERS: COMPARED,
    Basis.COURSE: "Going by their own course before, {0} was to be expected without the programme.",
    Basis.RULE: "Going by those whom the rule of entry left out or let wait, {0} was to be expected without it.",
}
"""What was to be expected, by with what a design compares."""
LEFT_OF_COMPARISON = (
    "{0} came out {1} ({2} interval {3}) {4} what was to be expected: the programme’s share only if this holds, which "
    "no figure shows: {5}."
)
INSIDE = "What was seen lies inside that range: {0}"
OUTSIDE = (
    "What was seen lies {0} that range, {1} than was to be expected if these allowances are right. These data do not "
    "settle what brought that about, and do not show that it was the programme."
)
TWO_ANSWERS = (
    "By what picking people alone does it was to be expected all the same, so that one of the two does not hold."
)
"""What stays open, by where the level after lies."""
POOL_MEAN = (
    "Ask for the average of the whole list from which people were picked: the closer to their own {0} {1}, the less "
    "was to be expected."
)
LOOK_BACK = "Count earlier periods too: whether both groups moved alike before is the check that this comparison lacks."
ASK_RULE = "Ask how people were picked: by which figure over which time, from which number on, and by whom."
FIND_OUT = "Find out {0}."
STATE_RULE = "Say in the study file how people were picked (its key selection)."
COUNT_OTHERS = (
    "Count the same over the same time for people who were not managed, whom the same rule would have picked."
)
LOTS = "To settle it: draw lots for the places, or for who enters first{}."
LOTS_FIND = "; with {0} people in each group, {2} of such studies find a fall of {1} where the programme brings one"
SE_OF_SCORE = "Ask for the score’s standard error: how far two scores of one person differ when nothing has changed."
MOST_FIGURES = 2
FEW, MANY = 5, 100
"""Levels below which two decimals are drawn, and from which on none."""
NUMBERS = ("no", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")


def first_screen(subject: Subject, results: Results) -> First:
    """Compose the first screen from what the steps of an analysis returned."""
    answer = first_answer(subject, results)
    return First(
        question=question(answer, INVENTED[subject.voice] if subject.invented else ""),
        sentences=() if answer is None else tuple(_sentences(answer, subject, results)),
        picture=None if answer is None else _picture(answer, subject),
        then=tuple(_next(answer, subject, results)),
        level=_level(results),
    )


def question(answer: FirstAnswer | None, invented: str = "") -> str:
    """Ask how much of the change was the programme's, in the outcome's own word."""
    if answer is None or not (answer.rose or answer.fell):
        of = "" if answer is None else f" in {answer.outcome}"
        return NO_CHANGE.format(f"{of}{invented}")
    moved = "rose" if answer.rose else "fell"
    return QUESTION.format(f"{capital(answer.outcome)} {moved} by {size_of(answer)}", invented)


def _sentences(answer: FirstAnswer, subject: Subject, results: Results) -> Iterator[tuple[str, str]]:
    yield CHANGED, _changed(answer, subject, results)
    yield ANYWAY, _anyway(answer, subject, results)
    yield OPEN, _open(answer, subject, results)
    yield OVERTURN, overturned(answer, subject, results).text


def _changed(answer: FirstAnswer, subject: Subject, results: Results) -> str:
    change = answer.change
    if isinstance(change, BareMeans):
        return sentences.bare_change_sentence(
            answer.outcome, change.before, change.after, share=answer.kind == "binary"
        )
    if isinstance(change, Completers):
        return sentences.completers_sentence(
            answer.outcome, change.low, change.high, change.n, score=answer.kind == "score"
        )
    own = changes.within_people(change, (results.of(analysed.run) or Change()).estimates)
    return " ".join((changes.of_estimate(change, subject), *(() if own is None else (within(own, subject),))))


def within(own: Estimate, subject: Subject) -> str:
    """Say what the ratio within people is."""
    return WITHIN.format(*estimate_cells.value_and_interval(own, subject.release))


def _anyway(answer: FirstAnswer, subject: Subject, results: Results) -> str:
    said = [by_comparison(answer, results)]
    if answer.expected is not None and answer.left is not None:
        said.append(_by_sets(answer, answer.expected, answer.left, subject))
    unlike = subject.compared and subject.rule is None and answer.contrast is None
    unknown = OTHERS_UNLIKE if unlike else NOT_KNOWN
    return " ".join(filter(None, said)) or unknown.format(answer.outcome, word_of(answer))


def _by_sets(answer: FirstAnswer, band: Band, left: RemainderSet, subject: Subject) -> str:
    """Say what was to be expected by sets of evidence and null models, and why a fall was where one was."""
    falls = answer.start is not None and band.low < answer.start.high and _picks_high(subject)
    picked = PICKED[answer.kind].format(answer.outcome) if falls else ""
    worlds = WITH_WORLDS if left.whole != left.over_sets and left.over_worlds is not None else ""
    more = OR_MORE if left.whole_is_open else ""
    return EXPECTED.format(f"{moves(answer, band)}{more}", picked, _many(len(left.sets)), worlds)


def _picks_high(subject: Subject) -> bool:
    """Whether people may have been picked for what they had before."""
    rule = subject.rule
    return rule is None or (rule.rule != "rate" and rule.timing != "within_post")


def by_comparison(answer: FirstAnswer, results: Results) -> str:
    """Say what was to be expected by a comparison; nothing where there is none."""
    if answer.contrast is None:
        return ""
    if answer.compared is None:
        return left_of_comparison(answer, results)
    return BY_COMPARISON[basis_of(answer.contrast.spec)].format(moves(answer, answer.compared))


def left_of_comparison(answer: FirstAnswer, results: Results) -> str:
    """Say by how much the outcome differs from what was to be expected by a comparison, and what must hold."""
    e = answer.contrast
    if e is None or e.estimate is None or e.conf_low is None or e.conf_high is None:
        return ""
    nothing = 1.0 if e.scale == "ratio" else 0.0
    ends = sorted(abs(end - nothing) for end in (e.conf_low, e.conf_high))
    size, *interval = (apart(answer, v, ratio=e.scale == "ratio") for v in (abs(e.estimate - nothing), *ends))
    side = "below" if e.estimate < nothing else "above"
    holds = comparison.holds_of(answer.outcome, results)
    level = percent(e.conf_level)
    return LEFT_OF_COMPARISON.format(capital(answer.outcome), size, level, " to ".join(interval), side, holds)


def _open(answer: FirstAnswer, subject: Subject, results: Results) -> str:
    left, e = answer.left, answer.contrast
    settled = left is not None and answer.expected is not None and not left.holds_nothing
    if e is not None and answer.compared is not None and not _holds_nothing(e):
        agree = () if left is None or settled else (TWO_ANSWERS,)
        return " ".join((left_of_comparison(answer, results), *agree))
    if left is not None and settled and e is None:
        side = ("above", "more") if left.whole.low > left.nothing else ("below", "less")
        return " ".join((OUTSIDE.format(*side), *((DAYS_DIFFER,) if left.days_differ else ())))
    said = wording.not_settled(f"whether any of the {word_of(answer)} was the programme’s", f"help {called(subject)}")
    shown = answer.compared is not None or answer.expected is not None
    if left is not None and left.contradiction is not None:
        return f"{LOOKS_OTHERWISE} {said}"
    return INSIDE.format(f"{said[:1].lower()}{said[1:]}") if shown else said


def _holds_nothing(e: Estimate) -> bool:
    """Whether the interval of a comparison holds that nothing is left."""
    nothing = 1.0 if e.scale == "ratio" else 0.0
    return e.conf_low is not None and e.conf_high is not None and e.conf_low <= nothing <= e.conf_high


def _many(sets: int) -> str:
    return NUMBERS[sets] if sets < len(NUMBERS) else str(sets)


def _next(answer: FirstAnswer | None, subject: Subject, results: Results) -> Iterator[str]:
    """Say which figures would narrow the answer most, and which design would settle it."""
    asked = () if answer is None else tuple(_figures_to_find(answer, subject, results))
    yield from asked[:MOST_FIGURES]
    yield LOTS.format(_found_by_lots(results))


def _figures_to_find(answer: FirstAnswer, subject: Subject, results: Results) -> Iterator[str]:
    people = subject.published is None
    if answer.contrast is not None:
        if not several_before(subject):
            yield LOOK_BACK
        return
    if people and subject.rule is None:
        yield STATE_RULE
    if answer.kind == "score" and answer.left is None:
        yield SE_OF_SCORE
    if people and not subject.compared:
        yield COUNT_OTHERS
    yield from _ranked(answer, subject, results)


def _ranked(answer: FirstAnswer, subject: Subject, results: Results) -> Iterator[str]:
    """Yield what to ask the force for, in order; how people were picked is stated by whoever holds their data."""
    advice, request = _pool_mean(answer, subject, results), (results.of(asking.run) or Requests()).of(answer.outcome)
    if request is None:
        yield from filter(None, [advice])
        return
    said = {"pool_mean": advice, "rule": ASK_RULE}
    for each in request.asked:
        if each.statistic != "rule" or subject.published is not None:
            yield said.get(each.statistic) or FIND_OUT.format(each.what)


def _pool_mean(answer: FirstAnswer, subject: Subject, results: Results) -> str:
    """Return what the average of the whole list would tell, where the linear form says it; else nothing."""
    view = next((v for v in _views(results) if v.moments.name == answer.outcome), None)
    if view is None or not view.tipping_is_usable or subject.compared:
        return ""
    own = fixed(view.moments.mean_pre or 0.0, 1)
    return POOL_MEAN.format(own, answer.outcome)


def _views(results: Results) -> tuple[RegressionTipping, ...]:
    return (results.of(regression.run) or Regression()).views


def _found_by_lots(results: Results) -> str:
    table = (results.of(settling.run) or Settling()).stored
    people = (results.of(settling.run) or Settling()).people
    if table is None:
        return ""
    ratio = next(r.ratio for r in table.rows if r.ratio != 1)
    size = min(table.sizes, key=lambda n: abs(n - (people or n)))
    row = table.row("lottery", size, ratio)
    return LOTS_FIND.format(f"{size:,}", percent(1 - ratio), percent(row.share(row.found).value))


def _level(results: Results) -> str:
    shown = comparison.quoted(results)
    level = shown[0].spec.maryland if shown else 2
    return LEVEL.format(level, SHOWS[bool(shown)])


def _picture(answer: FirstAnswer, subject: Subject) -> Figure | None:
    start = answer.start
    if start is None or answer.after is None:
        return None
    decimals = 2 if answer.kind == "binary" or start.high < FEW else 0 if start.high >= MANY else 1
    bands = {}
    if answer.compared is not None:
        bands["by others"] = answer.compared
    if answer.expected is not None:
        bands["by picking" if answer.compared is not None else ""] = answer.expected
    ax = axes_of_answers.before_expected_after(
        start if answer.before is None else answer.before, answer.after, bands, unit=_unit(answer), decimals=decimals
    )
    said = [f"before {_ends(start, decimals)}"]
    said += [f"expected {name} {_ends(band, decimals)}" for name, band in bands.items()]
    said += [f"after {fixed(answer.after, decimals)}"]
    alt = f"{_unit(answer)}: {'; '.join(' '.join(s.split()) for s in said)}."
    image = subject.release.image(ax)
    return Figure("first", "", alt, image, axes.to_png(ax) if subject.release.rules is None else image)


def _ends(band: Band, decimals: int) -> str:
    return " to ".join(dict.fromkeys(fixed(end, decimals) for end in band))


def _unit(answer: FirstAnswer) -> str:
    if answer.kind == "score":
        return f"Mean {answer.outcome}"
    if answer.kind == "binary":
        return f"Share with {answer.outcome}"
    if isinstance(answer.change, Estimate) and of_kind(answer.change.notes, OWN_DAYS):
        return f"{capital(answer.outcome)} a person in as many days at risk"
    return f"{capital(answer.outcome)} a person{_span(answer)}"


def _span(answer: FirstAnswer) -> str:
    if answer.days is None:
        return ""
    months = answer.days / MONTH
    whole = round(months)
    if whole and abs(months - whole) < 0.1:
        return f" in {number(whole)} months"
    return f" in {number(round(answer.days))} days"

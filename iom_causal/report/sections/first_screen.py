"""The first screen: question, verdict, one picture, four sentences, what to do next, and the level of the design."""

from collections.abc import Iterator, Mapping

from iom_causal.analysis import change as analysed
from iom_causal.analysis import regression, settling
from iom_causal.analysis.change import BareMeans, Change, Completers
from iom_causal.analysis.comparison import Basis, basis_of
from iom_causal.analysis.first_answer import Band, FirstAnswer, Side, first_answer
from iom_causal.analysis.ledgers import LACKING
from iom_causal.analysis.regression import Regression
from iom_causal.analysis.remainder_set import RemainderSet
from iom_causal.analysis.sensitivity import request as asking
from iom_causal.analysis.sensitivity.request import Requests
from iom_causal.analysis.settling import Settling
from iom_causal.analysis.steps import Results
from iom_causal.analysis.subject import Subject, readable
from iom_causal.base import axes, axes_of_answers, wording
from iom_causal.base.axes_of_answers import Expected
from iom_causal.base.formats import fixed, number, percent
from iom_causal.confounds.evidence import evidence_sets
from iom_causal.data.release.disclosure import outward
from iom_causal.estimate import Estimate
from iom_causal.estimate.notes import DAYS_DIFFER as OWN_DAYS
from iom_causal.estimate.notes import of_kind
from iom_causal.estimators import DiffInDiff
from iom_causal.estimators.shared.requirements import ONE_GROUP
from iom_causal.inputs.lines import OBSERVED, REMAINDER
from iom_causal.inputs.selected import contradicts_its_cut
from iom_causal.ledger import lines
from iom_causal.panel import Panel
from iom_causal.report import estimate_cells, sentences
from iom_causal.report.answer_words import apart_by, capital, moves, size_in_words, size_of, unit_of, word_of
from iom_causal.report.render.page import Figure, First
from iom_causal.report.sections import change as changes
from iom_causal.report.sections import comparison, ledgers
from iom_causal.report.sections.overturned import overturned
from iom_causal.report.verdict import verdict
from iom_causal.report.voices import called, several_before
from iom_causal.sensitivity.regression_tipping import RegressionTipping
from iom_causal.windows import MONTH, Selection

QUESTION = "{0}{1}: how much of that, if any, did the programme do?"
NO_CHANGE = "How much of the change{0}, if any, did the programme do?"
INVENTED = " (an invented example)"
"""Said in the question of a study that nobody conducted."""
CHANGED, ANYWAY, OPEN = "What changed", "What was to be expected anyway", "What stays open"
OVERTURN = "What it would take"
LEVEL = "Design: level {0} of 5 (Maryland scale; 5 is a lottery). {1}"
SHOWS: Mapping[bool, str] = {
    False: "It shows a change, not its cause.",
    True: "It shows the programme’s share only if its comparison holds.",
}
MOVED = "{0} {1}{2} ({3} interval {4}), whatever brought it about."
OF_PEOPLE: Mapping[str, str] = {
    "count": "The number of {0} of {1} people",
    "amount": "The amount of {0} of {1} people",
    "score": "The mean {0} of {1} people with a score before and after",
    "binary": "The share with {0} among {1} people",
}
"""What changed and of how many, by kind."""
OF_SOME = "The mean {0} of {1} people, those with a score before and after,"
"""The same of a score that not everybody has."""
SAME_TIME, SAME_DAYS = " over equal periods", " in as many days at risk"
WITHIN = "With everybody compared with themselves the ratio after over before is {0} ({1})."
EXPECTED = (
    "Without the programme {0} was to be expected, depending on which of {1} {2} sets of assumptions about what was "
    "not measured{3} is right{4}."
)
OWN_SETS, PAGE_SETS = "the study’s own", "this page’s"
WITH_WORLDS = ", or of the simulated cohorts in which the programme does nothing,"
OR_MORE = " or more"
LOOKS_OTHERWISE = (
    "Counts from before they were picked look otherwise than the way these people are said to have been picked, so "
    "that nothing may be left."
)
DAYS_DIFFER = (
    "Days at risk differ between people, as by time in custody, so that this does not rule out that nothing is left."
)
PICKED: Mapping[str, str] = {
    "count": ": people picked with many {0} have fewer later, programme or not",
    "amount": ": people picked with much {0} have less later, programme or not",
    "score": ": people picked at a high {0} come down, programme or not",
    "binary": "",
}
"""Why a fall was to be expected, by kind."""
MORE_BY_CHANCE = ", unless chance brings more"
MORE_BY_SETS = ", unless chance or what else these sets allow for brings more"
NOT_KNOWN = (
    "Anything from none to all of it may have come anyway: nothing here tells how far people picked like these "
    "change by themselves, or what became of others like them."
)
OTHERS_UNLIKE = (
    "Anything from none to all of it may have come anyway: those who were not managed are no comparison "
    "that could show it (why is said below), and how people were picked is not stated."
)
BY_COMPARISON: Mapping[Basis, str] = {
    Basis.OTHERS: "As people not managed changed, {0} was to be expected; so wide because of chance in both groups.",
    Basis.COURSE: "Going by their own course before, {0} was to be expected; so wide because of chance.",
    Basis.RULE: (
        "Going by those whom the rule of entry left out or let wait, {0} was to be expected; so wide because of chance."
    ),
}
"""What was to be expected, by with what a design compares."""
NO_LEVEL = "What was to be expected goes by a comparison; as a level it is not given."
LEFT_OF_COMPARISON = (
    "{0} came out {1} ({2} interval {3}) {4} than was to be expected. It is the programme’s share only if {5}; "
    "these data cannot show whether that is so."
)
CHANGED_ALIKE: Mapping[str, str] = {
    "ratio": "without it both groups would have changed in the same proportion",
    "points": "without it both groups would have changed by the same amount",
}
"""What must hold for a difference in differences, by scale."""
INSIDE = "What was seen lies inside that range: {0}"
OR_SMALLER = ", or held it back"
"""Added where more than was seen may have been to come."""
OUTSIDE = (
    "What was seen lies {0} that range: {1} than was to be expected, if one of these sets is right. These data do not "
    "show what brought that about, nor that it was the programme."
)
TWO_ANSWERS: Mapping[Side, str] = {
    Side.INSIDE: "By the assumptions about picking it was to be expected all the same: one of the two does not hold.",
    Side.BELOW: "By the assumptions about picking it is below that: one of the two does not hold.",
    Side.ABOVE: "By the assumptions about picking it is above that: one of the two does not hold.",
}
"""What stays open where assumptions say otherwise than the comparison, by where the level after lies by them."""
POOL_MEAN = (
    "Ask what the whole list they came from averages: the closer to their {0} {1}, the smaller the fall to expect."
)
LOOK_BACK = "Count earlier periods too: whether both groups moved alike before is the check that this comparison lacks."
ASK_RULE = "Ask how people were picked: by which figure, over which time, from how many on, by whom."
ASK_REST_OF_RULE = (
    "Ask what is open of how people were picked: by which figure, over which time, from how many on, by whom."
)
FIND_OUT = "Find out {0}."
LOOK_AT_RULE = (
    "Look at how the rule is stated in the study file (its key selection): the figures do not agree with it, as too "
    "few people have {0:g} {1} or just above."
)
STATE_RULE = "Say in the study file how people were picked (its key selection)."
FIND_OTHERS = "Find people whom the same rule would have picked and who were not managed, and {0}."
FIND_LOST = "Find out what became of those without {0} before or after."
COUNTED: Mapping[str, str] = {"count": "a count", "amount": "an amount", "score": "a score", "binary": "a record"}
"""What people lost to follow-up lack, by kind."""
LOTS = "To settle it: let a lottery decide who gets in, or who enters first{}."
LOTS_FIND = "; with {0} people in each group it has a {2}% chance to notice a programme that takes off {1}"
SE_OF_SCORE = "Ask for the score’s standard error: how far chance alone moves one score of one person."
DRAWN: Mapping[Basis, str] = {
    Basis.OTHERS: "expected, as people not managed changed",
    Basis.COURSE: "expected, by their own course before",
    Basis.RULE: "expected, by those not let in",
}
BY_ASSUMPTIONS = "expected without it, by assumptions"
"""What stands under a band."""
MOST_FIGURES = 2
FEW, MANY = 5, 100
"""Levels below which two decimals are drawn, and from which on none."""
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def first_screen(subject: Subject, results: Results) -> First:
    """Compose the first screen from what the steps of an analysis returned."""
    answer = first_answer(subject, results)
    return First(
        question=question(answer, INVENTED if subject.invented else ""),
        verdict="" if answer is None else verdict(answer).text,
        same=() if answer is None or not isinstance(answer.change, Estimate) else _in_the_box(answer.change, subject),
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


def _in_the_box(change: Estimate, subject: Subject) -> tuple[str, ...]:
    """Return the sentence of the box that says the same change, more finely."""
    said = changes.of_estimate(change, subject)
    return (said,) if said else ()


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
    return " ".join((moved(answer, subject), *(() if own is None else (within(own, subject),))))


def moved(answer: FirstAnswer, subject: Subject) -> str:
    """Say how an outcome changed, of how many people, as finely as the question does."""
    e = answer.change
    if not isinstance(e, Estimate):
        return ""
    shown = estimate_cells.given(e, subject.release)
    if shown.conf_low is None or shown.conf_high is None or not (answer.rose or answer.fell):
        return changes.of_estimate(e, subject)
    nothing = 1.0 if e.scale == "ratio" else 0.0
    low, high = shown.conf_low - nothing, shown.conf_high - nothing
    if subject.release.guarded:
        low, high = outward(low, high, unit_of(answer))
    below, above = (size_in_words(answer, abs(end)) for end in (low, high))
    if low < 0 < high:
        ends = f"from a fall of {below} to a rise of {above}"
    else:
        ends = " to ".join((below, above) if low >= 0 else (above, below))
    how = f"{'rose' if answer.rose else 'fell'} by {size_of(answer)}"
    some = changes.some_of(e, subject.release)
    people = (OF_SOME if some and answer.kind == "score" else OF_PEOPLE[answer.kind]).format(
        answer.outcome, some or subject.release.count(e.n_used or 0)
    )
    return MOVED.format(people, how, _time(e, subject), percent(e.conf_level), ends)


def _time(e: Estimate, subject: Subject) -> str:
    """Say over which time an outcome is set beside itself, where it is counted over one."""
    if e.scale != "ratio" or not subject.per(e.outcome):
        return ""
    return SAME_DAYS if of_kind(e.notes, OWN_DAYS) else SAME_TIME


def within(own: Estimate, subject: Subject) -> str:
    """Say what the ratio within people is."""
    return WITHIN.format(*estimate_cells.value_and_interval(own, subject.release))


def _anyway(answer: FirstAnswer, subject: Subject, results: Results) -> str:
    said = [by_comparison(answer)]
    if answer.expected is not None and answer.left is not None:
        said.append(_by_sets(answer, answer.expected, answer.left, subject, results))
    unlike = subject.compared and subject.rule is None and answer.contrast is None
    unknown = OTHERS_UNLIKE if unlike else NOT_KNOWN
    return " ".join(filter(None, said)) or unknown


def _by_sets(answer: FirstAnswer, band: Band, left: RemainderSet, subject: Subject, results: Results) -> str:
    """Say what was to be expected by sets of evidence and null models, and why a fall was where one was."""
    falls = answer.start is not None and band.low < answer.start.high and _picks_high(subject)
    picked = PICKED[answer.kind].format(answer.outcome) if falls else ""
    if picked and answer.start is not None and band.high > answer.start.high:
        picked += MORE_BY_CHANCE if _rises_by_chance_alone(answer, subject, results) else MORE_BY_SETS
    worlds = WITH_WORLDS if left.whole != left.over_sets and left.over_worlds is not None else ""
    more = OR_MORE if left.whole_is_open else ""
    own = not any(name.partition(LACKING)[0] in evidence_sets() for name in left.sets)
    whose = OWN_SETS if own else PAGE_SETS
    return EXPECTED.format(f"{moves(answer, band)}{more}", whose, _many(len(left.sets)), worlds, picked)


def _rises_by_chance_alone(answer: FirstAnswer, subject: Subject, results: Results) -> bool:
    """Whether under no set of evidence a rise was to be expected but for chance."""
    found = next((each for each in ledgers.given(subject, results) if each.outcome == answer.outcome), None)
    if found is None or answer.left is None or answer.left.whole != answer.left.over_sets:
        return False
    every = [lines(u.result) for u in found.under]
    return all(each[REMAINDER].low >= each[OBSERVED].high for each in every)


def _picks_high(subject: Subject) -> bool:
    """Whether people may have been picked for what they had before."""
    rule = subject.rule
    return rule is None or (rule.rule != "rate" and rule.timing != "within_post")


def by_comparison(answer: FirstAnswer) -> str:
    """Say what was to be expected by a comparison; nothing where there is none."""
    if answer.contrast is None:
        return ""
    if answer.compared is None:
        return NO_LEVEL if answer.standing.compared else ""
    return BY_COMPARISON[basis_of(answer.contrast.spec)].format(moves(answer, answer.compared))


def left_of_comparison(answer: FirstAnswer, results: Results) -> str:
    """Say by how much the outcome differs from what was to be expected by a comparison, and what must hold."""
    e = answer.contrast
    if e is None or e.estimate is None or e.conf_low is None or e.conf_high is None:
        return ""
    nothing = 1.0 if e.scale == "ratio" else 0.0
    size, limits = apart_by(answer, e)
    side = "lower" if e.estimate < nothing else "higher"
    alike = isinstance(e.spec, DiffInDiff)
    holds = CHANGED_ALIKE["ratio" if e.scale == "ratio" else "points"] if alike else _holds(answer, results)
    level = percent(e.conf_level)
    return LEFT_OF_COMPARISON.format(capital(answer.outcome), size, level, limits, side, holds)


def _holds(answer: FirstAnswer, results: Results) -> str:
    return comparison.holds_of(answer.outcome, results).replace("without the programme", "without it", 1)


def _open(answer: FirstAnswer, subject: Subject, results: Results) -> str:
    left, standing = answer.left, answer.standing
    if standing.side in {Side.BELOW, Side.ABOVE}:
        if standing.compared:
            two = () if standing.agreed or standing.other is None else (TWO_ANSWERS[standing.other],)
            return " ".join((left_of_comparison(answer, results), *two))
        more = "more" if standing.side is Side.ABOVE else "less"
        return " ".join((OUTSIDE.format(standing.side, more), *((DAYS_DIFFER,) if standing.days_differ else ())))
    smaller = OR_SMALLER if standing.side is Side.INSIDE and _more_was_due(answer) else ""
    asked = f"whether the programme did any of the {word_of(answer)}{smaller}"
    said = wording.not_settled(asked, f"help {called(subject)}")
    if left is not None and left.contradiction is not None:
        return f"{LOOKS_OTHERWISE} {said}"
    return INSIDE.format(f"{said[:1].lower()}{said[1:]}") if standing.side is Side.INSIDE else said


def _more_was_due(answer: FirstAnswer) -> bool:
    """Whether a larger change than was seen may have been to come without the programme."""
    bands = [band for band in (answer.compared, answer.expected) if band is not None]
    return (answer.fell and any(band.low < (answer.after or 0.0) for band in bands)) or (
        answer.rose and any(band.high > (answer.after or 0.0) for band in bands)
    )


def _many(sets: int) -> str:
    return NUMBERS[sets] if sets < len(NUMBERS) else str(sets)


def _next(answer: FirstAnswer | None, subject: Subject, results: Results) -> Iterator[str]:
    """Say which figures would narrow the answer most, and which design would settle it."""
    asked = () if answer is None else tuple(_figures_to_find(answer, subject, results))
    yield from asked[:MOST_FIGURES]
    yield LOTS.format(_found_by_lots(results))


def _figures_to_find(answer: FirstAnswer, subject: Subject, results: Results) -> Iterator[str]:
    if subject.rule is not None and _cut_contradicted(subject, subject.rule):
        yield LOOK_AT_RULE.format(subject.rule.threshold, subject.rule.variable)
    check = overturned(answer, subject, results).check
    if check:
        yield check
    yield from _by_design(answer, subject, results)
    if isinstance(answer.change, Estimate) and changes.some_of(answer.change, subject.release):
        yield FIND_LOST.format(COUNTED[answer.kind])


def _cut_contradicted(subject: Subject, rule: Selection) -> bool:
    """Whether people do not look as if all from the cut of the stated rule on had been picked."""
    if all(outcome.name != rule.variable for outcome in subject.outcomes):
        return False
    people = readable(subject, rule.variable)
    return isinstance(people, Panel) and contradicts_its_cut(people)


def _by_design(answer: FirstAnswer, subject: Subject, results: Results) -> Iterator[str]:
    """Yield what would tell more: of a comparison how groups moved before, else how people were picked, and others."""
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
        yield FIND_OTHERS.format("score them too" if answer.kind == "score" else "count the same for them")
    yield from _ranked(answer, subject, results)


def _ranked(answer: FirstAnswer, subject: Subject, results: Results) -> Iterator[str]:
    """Yield what to ask the force for, in order; how people were picked is stated by whoever holds their data."""
    advice, request = _pool_mean(answer, subject, results), (results.of(asking.run) or Requests()).of(answer.outcome)
    if request is None:
        yield from filter(None, [advice])
        return
    said = {"pool_mean": advice, "rule": ASK_REST_OF_RULE if subject.got_in else ASK_RULE}
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
    return LOTS_FIND.format(f"{size:,}", percent(1 - ratio), fixed(100 * row.share(row.found).value, 0))


def _level(results: Results) -> str:
    shown = comparison.quoted(results)
    level = shown[0].spec.maryland if shown else ONE_GROUP
    return LEVEL.format(level, SHOWS[bool(shown)])


def _picture(answer: FirstAnswer, subject: Subject) -> Figure | None:
    start = answer.start
    if start is None or answer.after is None:
        return None
    decimals = 2 if answer.kind == "binary" or start.high < FEW else 0 if start.high >= MANY else 1
    said, bands = verdict(answer).drawn, tuple(_bands(answer))
    ax = axes_of_answers.before_expected_after(
        start if answer.before is None else answer.before,
        answer.after,
        bands,
        unit=_unit(answer),
        said=said,
        decimals=decimals,
    )
    told = [f"before {_ends(start, decimals)}"]
    told += [f"{band.name}: {_ends(Band(band.low, band.high), decimals)}" for band in bands]
    told += [f"after {fixed(answer.after, decimals)}, {said}"]
    alt = f"{_unit(answer)}: {'; '.join(told)}."
    image = subject.release.image(ax)
    return Figure("first", "", alt, image, axes.to_png(ax) if subject.release.rules is None else image)


def _bands(answer: FirstAnswer) -> Iterator[Expected]:
    """Yield what was to be expected by a comparison and by assumptions, each as it is drawn."""
    if answer.compared is not None and answer.contrast is not None:
        yield Expected(DRAWN[basis_of(answer.contrast.spec)], *answer.compared, compared=True)
    if answer.expected is not None:
        yield Expected(BY_ASSUMPTIONS, *answer.expected)


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

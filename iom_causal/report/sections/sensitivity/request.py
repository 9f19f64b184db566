"""What to ask the force for: which figures that are not known would narrow the answer most."""

from collections.abc import Iterator, Mapping

from iom_causal.analysis.release import Leaving, Release
from iom_causal.analysis.results import Why
from iom_causal.analysis.sensitivity import request as step
from iom_causal.analysis.sensitivity.request import Requests
from iom_causal.analysis.sensitivity.requested_result import RankedStatistic, Request
from iom_causal.analysis.sensitivity.requested_statistics import STATISTICS
from iom_causal.analysis.steps import Results
from iom_causal.analysis.subject import Subject
from iom_causal.base.formats import fixed, listed, percent
from iom_causal.report import sentences
from iom_causal.report.render import word
from iom_causal.report.render.page import Figure, Section, Table
from iom_causal.report.sections import comparison
from iom_causal.report.sections.part import Part
from iom_causal.report.sections.sensitivity.request_letter import letter

TITLE = "What to ask the force for"
FINDING = "Of what is not known of {outcome}, {first} would narrow the answer most{then}."
THEN = ", and beside that {}"
NOT_RANKED = "What to ask for about {} is not ranked: the reason stands below."
NOTHING_HELPS = "Of what one desk could look up, nothing would narrow the answer on {}."
TODAY = (
    "By all that is known of {outcome}, what may be left lies from {low} to {high}{more} as a ratio, if nothing but "
    "picking and what is listed here acts beside the programme: {lines}. In "
    "simulated worlds that have the same figures it lies in a range {share} as wide on average once {all} known."
)
SAMPLING = (
    "Sampling, which none of these narrows, leaves an interval {share} as wide as today’s range whatever is known."
)
RANKS = (
    "The order is by worlds that weigh all kinds of picking and of rates alike; it says what to ask for, and nothing "
    "of what was the programme’s. Worlds of other kinds than these may leave more. {}"
)
A_COMPARISON = "A comparison with people who were picked alike and not managed tells more than any of these figures."
COMPARED = (
    "All this is of managed people beside themselves: the comparison for {} tells more than any of these figures, "
    "where what it takes for granted holds."
)
OF_LISTS = (
    "What is asked of the whole list rules out no way of picking that read more than the window before, for what list "
    "such a way would need is not known here. In simulated cohorts with rates of four kinds, picked in four ways in "
    "equal parts, it narrowed the range by 3% to 15% on average, where 4% to 12% were expected."
)
LETTER = "A letter that asks for them, with tables to fill in that name nobody, is {} in the report’s folder."
EVERYBODY = "a change in everybody’s rates meanwhile"
OTHER_LINES: Mapping[str, str] = {
    "time at liberty": "the time people were at liberty",
    "people still there": "people who died or moved away",
    "age": "their ages at entry",
}
"""What may have changed beside everybody's rates, by line."""
FILE, LETTER_FILE = "request.csv", "request.docx"


def section(subject: Subject, results: Results) -> tuple[Section, ...]:
    """Say which figures to ask for, and by how much each would narrow what may be left."""
    worked_out = results.of(step.run) or Requests()
    found, refused = worked_out.requests, [r for r in worked_out.refusals if r.why is Why.NOT_COMPUTED]
    if not (found or refused):
        return ()
    asking = [each for each in found if each.asked]
    compared = {e.outcome for e in comparison.quoted(results)}
    said = [text for each in asking for text in _said(each)]
    beside = listed(each.outcome for each in asking if each.outcome in compared)
    shown = Section(
        title=TITLE,
        name="request",
        finding=" ".join(map(_finding, found)) or NOT_RANKED.format(listed(r.outcome for r in refused)),
        paragraphs=(
            *said,
            *([RANKS.format(COMPARED.format(beside) if beside else A_COMPARISON)] if asking else []),
            *([OF_LISTS] if any(map(_of_lists, asking)) else []),
            *([LETTER.format(LETTER_FILE)] if asking else []),
            *map(sentences.not_computed, refused),
        ),
        tables=tuple(map(_table, asking)),
        figures=tuple(_figure(each, subject.release) for each in asking),
    )
    return (shown,)


def _finding(request: Request) -> str:
    if not request.asked:
        return NOTHING_HELPS.format(request.outcome)
    first, *others = request.asked
    then = THEN.format(others[0].what) if others else ""
    return FINDING.format(outcome=request.outcome, first=first.what, then=then)


def _of_lists(request: Request) -> bool:
    """Whether a figure of the list is asked for that models of some way of picking are not fitted with."""
    figures = {a.statistic for a in request.asked if STATISTICS[a.statistic].of_pool}
    return bool(figures) and not request.one_window


def _said(request: Request) -> Iterator[str]:
    lines = [text for name, text in OTHER_LINES.items() if name in request.lines]
    yield TODAY.format(
        outcome=request.outcome,
        low=fixed(request.set_low),
        high=fixed(request.set_high),
        more=" or more" if request.open_above else "",
        lines=listed([EVERYBODY, *lines]),
        share=percent(request.asked[-1].together / request.width_now),
        all=f"all {len(request.asked)} figures are" if len(request.asked) > 1 else "the figure is",
    )
    if request.sampling_width is not None:
        yield SAMPLING.format(share=percent(request.sampling_width / request.width_now))


def _table(request: Request) -> Table:
    caption = (
        f"What to ask for about {request.outcome}, in order. Alone: by how much it narrows the range of what may be "
        "left, on average over worlds that have the same figures, and from the answer that narrows it least to the one "
        "that narrows it most. With those above: how wide that range then is on average, of today’s. Widths are of "
        "logarithms of ratios. A figure that tells what one above it tells is there in case that one is not held."
    )
    return Table(
        caption,
        ("figure", "narrows it alone by", "by what the answer is", "with those above, left"),
        tuple(_row(request, a) for a in request.asked),
        FILE,
    )


def _row(request: Request, asked: RankedStatistic) -> tuple[str, ...]:
    least, most = map(percent, request.narrows(asked))
    ends = least if least == most else f"{least} to {most}"
    return (asked.what, percent(request.narrowed(asked)), ends, percent(asked.together / request.width_now))


def _figure(request: Request, release: Release) -> Figure:
    shares = "; ".join(f"{a.what}: {percent(1 - request.narrowed(a))}" for a in request.asked)
    return Figure(
        f"request-{request.outcome}",
        f"How wide the range of what may be left of {request.outcome} is on average once each figure is known, of "
        "today’s.",
        f"Bars, each to today’s width from: {shares}.",
        release.image(request.plot()),
    )


def files(subject: Subject, results: Results) -> dict[str, Leaving]:
    """Return the ranking as one table."""
    import pandas as pd  # noqa: PLC0415 slow to load

    asking = [each for each in (results.of(step.run) or Requests()).requests if each.asked]
    if not asking:
        return {}
    ranked = pd.concat([each.tidy() for each in asking], ignore_index=True)
    return {FILE: subject.release.leaving(ranked, Request)}


def letters(subject: Subject, results: Results) -> dict[str, bytes]:
    """Return the letter by the name of its file; none where there is nothing to ask for."""
    asking = [each for each in (results.of(step.run) or Requests()).requests if each.asked]
    return {LETTER_FILE: word.render(letter(asking, subject))} if asking else {}


PART = Part(step=step.run, section=section, files=files)

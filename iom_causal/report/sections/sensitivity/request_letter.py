"""A letter that asks a force for figures: tables of totals that it can fill in without naming anybody."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from iom_causal.analysis.sensitivity.requested_result import Request
from iom_causal.analysis.sensitivity.requested_statistics import MANY, UNIT
from iom_causal.analysis.subject import Subject
from iom_causal.base import wording
from iom_causal.base.formats import counted, listed, number
from iom_causal.base.specs import FrozenMap
from iom_causal.report.render.page import Page, Section, Table
from iom_causal.report.voices import called
from iom_causal.windows import Window

TITLE = "A request for figures on {}"
WHAT_FOR = (
    "To whoever holds the records. An evaluation compares {outcome} of {people} in a window before a programme with "
    "those in a window after. By itself that does not tell how much of a change was the programme’s. The figures asked "
    "for here would narrow that; the first tables narrow it most."
)
NOBODY = (
    "Only numbers of people, totals and averages are asked for, of everybody together. Please send no names, dates of "
    "birth or record numbers, and no row that is about one person."
)
RULES = (
    "Round numbers of people, of events and of days to the nearest {unit}.",
    "Give averages, standard deviations and correlations to two decimals.",
    "Where a number of people is under 10, write “<10”, and leave out totals and averages of so few people.",
    "Count everybody whom a row is about, those with none included.",
    "Where windows or counts differ from those asked for, say how.",
    "Where a figure is not held, write “not held”: that is an answer too.",
)
COUNTED = "What to count as {}: {}."
COUNTED_ALIKE = "Count {} as the evaluation does."
DATED = "{0} to {1}"
WINDOWS_DATED = "The window before runs from {}, the window after from {}; first and last day are in the window."
WINDOWS = (
    "Windows count from the day on which the programme began, for people who entered later from that of their entry: "
    "the window before is the {} up to that day, the window after the {} from that day on."
)
HOW = "How to fill it in"
OPEN, NOT_ASKED = "", "—"
ANSWER = "answer, in as many words as it takes"
"""Its length is what makes the column to be filled in a wide one."""
QUESTIONS: tuple[str, ...] = (
    "What was read of people: a count (of what), a score, a test, a judgement",
    "Over which months it was read, up to which day",
    "From which number on people were picked, or how many places there were",
    "Whether anybody could decide otherwise, and how many were picked or left out so",
    "On which day, or from when to when, people entered",
)
WHY: Mapping[str, str] = FrozenMap(
    {
        "rule": (
            "people picked at a high point come down by themselves, and the further the shorter the record that was "
            "read"
        ),
        "list": (
            "those picked come down towards the average of everybody who could have been picked, and what happened to "
            "the others happened without the programme"
        ),
        "people": "each of these tells one thing apart that otherwise stays in the change",
    }
)
LIST_ASKED = ("pool_mean", "pool_size", "list_after")
OF_LIST = "Everybody on the list from which people were picked, the picked among them"
LIST_IS = (
    "The list is that of the day on which people were picked, with everybody who could have been picked; where none "
    "was kept, count everybody whom the rule could have picked, and say so."
)
OF_RULE = "How people were picked"
OF_PEOPLE = "The people who were picked, all together"
COUNTED_PEOPLE = "People counted"
ROWS: Mapping[str, tuple[str, tuple[bool, bool, bool]]] = FrozenMap(
    {
        "earlier_mean": ("Total {outcome} in the window just before the window before{earlier}", (True, False, False)),
        "custody_days": ("Days in custody inside the window, added up over all people", (False, True, True)),
        "left_area": (
            "People who died, or moved out of the area, between entry and the window’s last day",
            (False, False, True),
        ),
        "age_at_entry": (
            "Average age in years on the day of entry, and the standard deviation of these ages",
            (False, True, False),
        ),
        "correlation": (
            "Correlation (Pearson) of each person’s {outcome} in the window before with those in the window after",
            (False, False, True),
        ),
        "sd_before": ("Standard deviation of the number of {outcome} a person", (False, True, False)),
        "sd_after": ("Standard deviation of the number of {outcome} a person", (False, False, True)),
        "none_before": ("People with no {outcome} in the window", (False, True, False)),
        "none_after": ("People with no {outcome} in the window", (False, False, True)),
        "many_before": (
            "People with at least {many} times as many {outcome} as these people have on average in the window",
            (False, True, False),
        ),
        "many_after": (
            "People with at least {many} times as many {outcome} as these people have on average in the window",
            (False, False, True),
        ),
    }
)
"""What is asked of the people who were picked: the row, and whether of an earlier window, of before and of after."""


def letter(requests: Sequence[Request], subject: Subject) -> Page:
    """Return the letter as a page: who is asked, for what and why, in which unit, and one table for each thing.

    Parameters
    ----------
    requests : sequence of Request
        One a count, each with something to ask for.
    subject : Subject
        Whose people they are.
    """
    outcomes = listed(each.outcome for each in requests)
    return Page(
        title=TITLE.format(outcomes),
        subtitle="",
        synthetic=False,
        lead=(WHAT_FOR.format(outcome=outcomes, people=called(subject)), *_windows(subject), NOBODY),
        can_say=(),
        cannot_say=(),
        sections=(*(s for each in requests for s in _sections(each, requests, subject)), _rules(requests, subject)),
    )


def _two(subject: Subject) -> tuple[Window, Window] | None:
    """Return the two windows, where their lengths are known; several on one side are one where nothing is between."""
    sides = [[w for w in subject.spans if w.post is post] for post in (False, True)]
    touch = all(one.end == other.start for side in sides for one, other in pairwise(side))
    if not all(sides) or not touch:
        return None
    before, after = (Window(side[0].label, side[0].start, side[-1].end, post=side[0].post) for side in sides)
    return None if before.days is None or after.days is None else (before, after)


def _windows(subject: Subject) -> Iterator[str]:
    """Say when the two windows are; how long they are where no days are known on which they begin."""
    two = _two(subject)
    if two is None:
        return
    if subject.day_zero is not None:
        yield WINDOWS_DATED.format(*(_dated(window, subject.day_zero) for window in two))
    elif two[0].end == two[1].start == 0:
        yield WINDOWS.format(*(counted(window.days or 0, "[day|days]") for window in two))


def _dated(window: Window, day_zero: dt.date) -> str:
    start, end = window.start or 0, window.end or 0
    first, last = (day_zero + dt.timedelta(days=day) for day in (start, end - 1))
    return DATED.format(first.isoformat(), last.isoformat())


def _earlier(subject: Subject) -> str:
    """Say when the window just before the window before is, which is as long; how long where no days are known."""
    two = _two(subject)
    if two is None or two[0].start is None:
        return ", as long as that"
    before, days = two[0], two[0].days or 0
    start = before.start or 0
    if subject.day_zero is None:
        return f" ({counted(days, '[day|days]')})"
    return f" ({_dated(Window('earlier', start - days, start), subject.day_zero)})"


def _rules(requests: Sequence[Request], subject: Subject) -> Section:
    points = [
        *(_counted(each.outcome, subject) for each in requests),
        *(text.format(unit=number(UNIT)) for text in RULES),
    ]
    return Section(title=HOW, name="rules", points=tuple(points))


def _counted(outcome: str, subject: Subject) -> str:
    """Say what is counted, in the words of the study where it has any."""
    printed = () if subject.published is None else subject.published.outcomes
    label = next((o.label for o in printed if o.name == outcome), "")
    if not label:
        return COUNTED_ALIKE.format(outcome)
    return COUNTED.format(outcome, wording.quote(label) if wording.violations(label) else label)


def _sections(request: Request, requests: Sequence[Request], subject: Subject) -> Iterator[Section]:
    """Yield the sections that one count needs, in the order of what narrows most; the rule is asked for once."""
    asked = [a.statistic for a in request.asked]
    kinds = dict.fromkeys(_kind(name) for name in asked)
    several = f" ({request.outcome})" if len(requests) > 1 else ""
    for kind in kinds:
        if kind == "rule" and request is not requests[0]:
            continue
        table = _TABLES[kind](request, asked, subject)
        title = f"{table.caption}{'' if kind == 'rule' else several}"
        told = (LIST_IS,) if kind == "list" else ()
        yield Section(title=title, name=kind, paragraphs=(f"Why: {WHY[kind]}.", *told), tables=(table,))


def _kind(statistic: str) -> str:
    return "rule" if statistic == "rule" else "list" if statistic in LIST_ASKED else "people"


def _rule(_request: Request, _asked: Sequence[str], _subject: Subject) -> Table:
    return Table(OF_RULE, ("question", ANSWER), tuple((question, OPEN) for question in QUESTIONS))


def _list(request: Request, asked: Sequence[str], _subject: Subject) -> Table:
    """Ask of everybody on the list, and of those not picked where what became of them is asked for."""
    after = "list_after" in asked
    columns = (
        "who",
        "people",
        f"total {request.outcome} in the window before",
        *([f"total {request.outcome} in the window after"] * after),
    )
    rows = [("everybody on the list", OPEN, OPEN, NOT_ASKED), ("of these, not picked", OPEN, OPEN, OPEN)]
    return Table(OF_LIST, columns, tuple(row[: len(columns)] for row in rows))


def _people(request: Request, asked: Sequence[str], subject: Subject) -> Table:
    """Ask of the people who were picked, and first how many are counted, for a total tells nothing without that."""
    rows: dict[str, list[bool]] = {COUNTED_PEOPLE: [False, False, False]}
    for name in (name for name in ROWS if name in asked):
        text, windows = ROWS[name]
        said = text.format(outcome=request.outcome, many=number(MANY), earlier=_earlier(subject))
        for row in (COUNTED_PEOPLE, said):
            there = rows.setdefault(row, [False, False, False])
            rows[row] = [one or other for one, other in zip(there, windows, strict=True)]
    cells = tuple((said, *(OPEN if wanted else NOT_ASKED for wanted in there)) for said, there in rows.items())
    return Table(OF_PEOPLE, ("figure", "earlier window", "window before", "window after"), cells)


_TABLES = FrozenMap({"rule": _rule, "list": _list, "people": _people})

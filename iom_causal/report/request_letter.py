"""A letter that asks a force for figures: tables of totals that it can fill in without naming anybody."""

from collections.abc import Iterator, Mapping, Sequence

from iom_causal.analysis.sensitivity.requested_statistics import MANY, UNIT
from iom_causal.analysis.sensitivity.what_to_ask import Request
from iom_causal.analysis.subject import Subject
from iom_causal.base.formats import counted, listed, number
from iom_causal.base.specs import FrozenMap
from iom_causal.report.render.page import Page, Section, Table
from iom_causal.report.voices import called

TITLE = "A request for figures on {}"
WHAT_FOR = (
    "To whoever holds the records. An evaluation compares {outcome} of {people} in a window before a programme with "
    "those in a window after. By itself that does not tell how much of a change was the programme’s. The figures asked "
    "for here would narrow that most, those first that narrow it most."
)
NOBODY = (
    "Only numbers of people, totals and averages are asked for, of everybody together. Please send no names, dates of "
    "birth or record numbers, and no row that is about one person."
)
RULES = (
    "Round numbers of people, of events and of days to the nearest {unit}; give averages to two decimals.",
    "Where a number of people is under 10, write “<10”, and leave out totals and averages of so few people.",
    "Count {outcome} as in the evaluation, in windows of the same dates and length; where a window differs, say so.",
    "Where a figure is not held, write “not held”: that is an answer too.",
)
WINDOWS = "The window before has {} and ends where the programme begins; the window after has {}."
HOW = "How to fill it in"
OPEN, NOT_ASKED = "", "—"
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
OF_RULE = "How people were picked"
OF_PEOPLE = "The people who were picked, all together"
ROWS: Mapping[str, tuple[str, tuple[bool, bool, bool]]] = FrozenMap(
    {
        "earlier_mean": ("Total {outcome} in a window as long, just before the window before", (True, False, False)),
        "custody_days": ("Total days in custody, all people together", (False, True, True)),
        "left_area": ("People who died or moved away before the window’s end", (False, False, True)),
        "age_at_entry": ("Average age on the day of entry, and standard deviation", (False, True, False)),
        "correlation": ("Correlation of each person’s {outcome} before and after", (False, False, True)),
        "sd_before": ("Standard deviation of {outcome} a person", (False, True, False)),
        "sd_after": ("Standard deviation of {outcome} a person", (False, False, True)),
        "none_before": ("People with no {outcome}", (False, True, False)),
        "none_after": ("People with no {outcome}", (False, False, True)),
        "many_before": ("People with {many} times the average or more", (False, True, False)),
        "many_after": ("People with {many} times the average or more", (False, False, True)),
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
        sections=(*(s for each in requests for s in _sections(each, requests)), _rules(outcomes)),
    )


def _windows(subject: Subject) -> Iterator[str]:
    """Say how long the two windows are, where that is known and the programme begins between them."""
    spans = subject.spans
    days = [each.days for each in spans]
    if len(spans) == 2 and None not in days and spans[0].end == spans[1].start == 0:
        yield WINDOWS.format(*(counted(n, "[day|days]") for n in days if n is not None))


def _rules(outcomes: str) -> Section:
    points = tuple(text.format(unit=number(UNIT), outcome=outcomes) for text in RULES)
    return Section(title=HOW, name="rules", points=points)


def _sections(request: Request, requests: Sequence[Request]) -> Iterator[Section]:
    """Yield the sections that one count needs, in the order of what narrows most; the rule is asked for once."""
    asked = [a.statistic for a in request.asked]
    kinds = dict.fromkeys(_kind(name) for name in asked)
    several = f" ({request.outcome})" if len(requests) > 1 else ""
    for kind in kinds:
        if kind == "rule" and request is not requests[0]:
            continue
        table = _TABLES[kind](request, asked)
        title = f"{table.caption}{'' if kind == 'rule' else several}"
        yield Section(title=title, name=kind, paragraphs=(f"Why: {WHY[kind]}.",), tables=(table,))


def _kind(statistic: str) -> str:
    return "rule" if statistic == "rule" else "list" if statistic in LIST_ASKED else "people"


def _rule(_request: Request, _asked: Sequence[str]) -> Table:
    return Table(OF_RULE, ("question", "answer"), tuple((question, OPEN) for question in QUESTIONS))


def _list(request: Request, asked: Sequence[str]) -> Table:
    """Ask of everybody on the list, and of those not picked where what became of them is asked for."""
    after = "list_after" in asked
    columns = (
        "who",
        "people",
        f"{request.outcome} before, in total",
        *([f"{request.outcome} after, in total"] * after),
    )
    rows = [("everybody on the list", OPEN, OPEN, NOT_ASKED), ("of these, not picked", OPEN, OPEN, OPEN)]
    return Table(OF_LIST, columns, tuple(row[: len(columns)] for row in rows))


def _people(request: Request, asked: Sequence[str]) -> Table:
    rows: dict[str, list[bool]] = {}
    for name in (name for name in ROWS if name in asked):
        text, windows = ROWS[name]
        said = text.format(outcome=request.outcome, many=number(MANY))
        there = rows.setdefault(said, [False, False, False])
        rows[said] = [one or other for one, other in zip(there, windows, strict=True)]
    cells = tuple((said, *(OPEN if wanted else NOT_ASKED for wanted in there)) for said, there in rows.items())
    return Table(OF_PEOPLE, ("figure", "earlier window", "window before", "window after"), cells)


_TABLES = FrozenMap({"rule": _rule, "list": _list, "people": _people})

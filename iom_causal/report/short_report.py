"""The note of two pages: what of a page goes into it, in the order in which it is read."""

from collections.abc import Iterable
from dataclasses import replace

from iom_causal.report.render.page import Page, Section

OVERTURN = "What it would take"


def compose(page: Page) -> Page:
    """Return the note as a page of its own: nothing stands in it that the page does not hold, and nothing twice."""
    first = page.first
    expected = _part(page, "What was to be expected anyway", "expected", "bracket")
    overturn = _part(page, OVERTURN if first is None else f"{OVERTURN}, in full", "overturn")
    said = (*(() if first is None else (*first.texts(), *first.same)), *expected.paragraphs, *overturn.paragraphs)
    sections = (
        expected,
        overturn,
        Section(
            title="What you can say" if first is None else "What else you can say", points=_besides(said, page.can_say)
        ),
        Section(title="What you cannot say", points=page.cannot_say),
        _part(page, "What was guessed", "guessed"),
        _part(page, "How this was made", "making"),
    )
    filled = tuple(s for s in sections if s.paragraphs or s.points or s.tables)
    lead = page.lead if page.first is None else page.lead[1:]  # the first screen says the level
    return replace(page, lead=lead, can_say=(), cannot_say=(), sections=filled)


def _besides(said: Iterable[str], texts: Iterable[str]) -> tuple[str, ...]:
    """Return the texts that are not said yet, each once."""
    return tuple(text for text in dict.fromkeys(texts) if text not in said)


def _part(page: Page, title: str, *names: str) -> Section:
    """Gather what sections give to the first part that any gives to: each sentence once, and a drawing at most."""
    every = [(section, short) for section in page.sections for short in section.short]
    name = next((n for n in names if any(short.part == n for _, short in every)), "")
    given = [(section, short) for section, short in every if short.part == name]
    drawn = page.first is None or page.first.picture is None  # the picture of the first screen is the only one
    return Section(
        title=title,
        paragraphs=_besides((), (text for s, short in given for text in s.paragraphs[short.paragraphs])),
        tables=tuple(table for s, short in given for table in s.tables[short.tables]),
        figures=tuple(figure for s, short in given for figure in s.figures[short.figures] if drawn)[:1],
    )

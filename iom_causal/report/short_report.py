"""The note of two pages: what of a page goes into it, in the order in which it is read."""

from dataclasses import replace

from iom_causal.report.render.page import Page, Section


def compose(page: Page) -> Page:
    """Return the note as a page of its own: nothing stands in it that the page does not hold."""
    sections = (
        Section(title="What changed", paragraphs=tuple(s for s in page.can_say if s in page.changed)),
        _part(page, "What was to be expected anyway", "expected", "bracket"),
        _part(page, "What would overturn it", "overturn"),
        Section(title="What you can say", points=page.can_say),
        Section(title="What you cannot say", points=page.cannot_say),
        _part(page, "What was guessed", "guessed"),
        _part(page, "How this was made", "making"),
    )
    filled = tuple(s for s in sections if s.paragraphs or s.points or s.tables)
    return replace(page, can_say=(), cannot_say=(), changed=(), sections=filled)


def _part(page: Page, title: str, *names: str) -> Section:
    """Gather what sections give to the first part that any gives to: each sentence once, and one drawing."""
    every = [(section, short) for section in page.sections for short in section.short]
    name = next((n for n in names if any(short.part == n for _, short in every)), "")
    given = [(section, short) for section, short in every if short.part == name]
    return Section(
        title=title,
        paragraphs=tuple(dict.fromkeys(text for s, short in given for text in s.paragraphs[short.paragraphs])),
        tables=tuple(table for s, short in given for table in s.tables[short.tables]),
        figures=tuple(figure for s, short in given for figure in s.figures[short.figures])[:1],
    )

"""A page as plain text for a terminal."""

import textwrap
from dataclasses import replace
from itertools import zip_longest

from iom_causal.errors import inert
from iom_causal.report.render.page import First, Page, Section, Source, Table

WIDTH = 98
CELLS = (60, 28)
"""The longest line in a cell of the first column, and of any other."""


def render(page: Page, *, sources: bool = False) -> str:
    """Return the page as text: the box and the sections that are not for the page only; on request the sources too."""
    shown = _marked(page) if sources else page
    heads = [line for text in (page.title, page.subtitle) if text for line in _wrap(text)]
    lines = [*([] if shown.first is None else _first(shown.first)), *heads, ""]
    for sentence in (*page.lead, *([page.words] if page.words else [])):
        lines += _wrap(sentence)
    for section in page.sections:
        if not section.detail:
            lines += _section(section)
    lines += _box("What you can say", shown.can_say) + _box("What you cannot say", shown.cannot_say)
    return inert("\n".join([*lines, *(_sources(page.sources) if sources else [])]))


def _marked(page: Page) -> Page:
    """Return the page with the number of their source behind its figures."""

    def said(text: str) -> str:
        return "".join(f"{piece}[{number}]" if number else piece for piece, number in page.marked(text))

    first = page.first
    if first is not None:
        first = replace(
            first,
            question=said(first.question),
            sentences=tuple((name, said(text)) for name, text in first.sentences),
            then=tuple(map(said, first.then)),
            level=said(first.level),
        )
    return replace(
        page, first=first, can_say=tuple(map(said, page.can_say)), cannot_say=tuple(map(said, page.cannot_say))
    )


def _sources(sources: tuple[Source, ...]) -> list[str]:
    lines = ["", "WHERE THESE FIGURES COME FROM"]
    for number, source in enumerate(sources, 1):
        told = [f"{heading}. {text}" for heading, text in source.lines]
        lines += [*_wrap(source.figure, f"  [{number}] "), *(line for text in told for line in _wrap(text, " " * 6))]
    return lines


def _first(first: First) -> list[str]:
    lines = [*_wrap(first.question), *(_wrap(first.verdict) if first.verdict else ()), ""]
    for name, sentence in first.sentences:
        lines += [*_wrap(f"{name}. {sentence}"), ""]
    return [
        *lines,
        "What to do next",
        *[line for s in first.then for line in _wrap(s, "  - ")],
        *_wrap(first.level),
        "",
    ]


def _section(section: Section) -> list[str]:
    lines = ["", section.title, "-" * len(section.title)]
    for paragraph in section.said:
        lines += _wrap(paragraph)
    lines += [line for point in section.points for line in _wrap(point, "  - ")]
    for table in section.tables:
        lines += ["", *_table(table)]
    return lines


def _box(title: str, sentences: tuple[str, ...]) -> list[str]:
    return ["", title.upper(), *[line for s in sentences for line in _wrap(s, "  * ")]]


def _wrap(text: str, bullet: str = "") -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=bullet, subsequent_indent=" " * len(bullet)) or [""]


def _table(table: Table) -> list[str]:
    grid = [[_cell(cell, i) for i, cell in enumerate(row)] for row in (table.columns, *table.rows)]
    widths = [max(len(line) for row in grid for line in row[i]) for i in range(len(table.columns))]

    def lines(row: list[list[str]]) -> list[str]:
        return [
            "  ".join(
                text.rjust(width) if i else text.ljust(width)
                for i, (text, width) in enumerate(zip(each, widths, strict=True))
            ).rstrip()
            for each in zip_longest(*row, fillvalue="")
        ]

    head, *body = map(lines, grid)
    rule = "-" * (sum(widths) + 2 * len(widths) - 2)
    return [*_wrap(table.caption), *head, rule, *(line for row in body for line in row)]


def _cell(text: str, column: int) -> list[str]:
    """Return the lines of a cell: of the first column they may be longer."""
    return textwrap.wrap(text, CELLS[column > 0], break_long_words=False) or [""]

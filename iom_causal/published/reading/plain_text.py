"""Paragraphs and tables of plain text, as a PDF is saved or pasted: page heads left out, divided words joined."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from iom_causal.published.reading.blocks import Paragraph, Row, Table, joined
from iom_causal.published.reading.characters import plain

_HEADINGS_ALONE = (
    *("Methods?", "Methodology", "Participants", "Sample", "Results", "Findings", "Discussion", "Conclusions?"),
    *("Limitations", "References", "Introduction", "Background", "Abstract", "Procedure", "Measures", "Materials"),
)
_NUMBERED = r"(?:\d+(?:\.\d+)*\.? +)?"
OWN = re.compile(
    rf"{_NUMBERED}(?:methods?|methodology|materials|participants|sample|the present study|results|findings)\b.{{0,40}}",
    re.IGNORECASE,
)
REFERENCES = re.compile(rf"{_NUMBERED}(?:references|bibliography|works cited)", re.IGNORECASE)
OTHER = re.compile(
    rf"{_NUMBERED}(?:discussion|conclusions?|limitations|references|bibliography|works cited|introduction|background|"
    r"literature review|notes|acknowledge?ments?)\b.{0,40}",
    re.IGNORECASE,
)
"""Headings from which on figures are the study's own, and from which on they are not."""
HEADING = re.compile(rf"{_NUMBERED}(?:{'|'.join(words + '|' + words.upper() for words in _HEADINGS_ALONE)})")
"""A line of plain text that is a heading, whether or not an empty line parts it from what follows."""
_ALONE = re.compile(r"\W*(?:page )?\d{1,4}(?: of \d{1,4})?\W*", re.IGNORECASE)
"""A line that holds nothing but the number of a page."""
_HEADS, _LONGEST_HEAD = 3, 100
"""How often a line stands, but for its numbers, that is the head of a page; and how long it is at most."""
_RUNNING_HEAD = re.compile(r"running head:", re.IGNORECASE)
_GAP = re.compile(r"\t+|\s*\|\s*| {2,}")
"""What parts the cells of a table in plain text: tabs, bars, two spaces or more."""
_FIGURE = re.compile(r"[<>=(\[]? ?-?\d*[.,]?\d+%?\W*(?:[(\[]\W*\d*[.,]?\d+%?\W*[)\]])?[*a-d]*")
"""A cell of a table with a figure, or two of which one is in brackets."""


def blocks_of_lines(lines: Sequence[str]) -> tuple[Paragraph | Table, ...]:
    """Return paragraphs and tables of plain text: runs of lines between empty ones, page heads and numbers left out."""
    heads = _page_heads(lines)
    runs: list[list[tuple[int, str]]] = [[]]
    for k, line in enumerate(lines, start=1):
        bare = line.strip("\f \t\r")
        if not bare:
            runs.append([])
        elif HEADING.fullmatch(bare):
            runs += [[(k, bare)], []]
        elif not (_ALONE.fullmatch(bare) or _RUNNING_HEAD.match(bare) or _unnumbered(bare) in heads):
            runs[-1].append((k, line.strip("\f\r\n")))
    return tuple(block for run in _joined_runs(runs) for block in _blocks_of_run(run))


def _page_heads(lines: Sequence[str]) -> frozenset[str]:
    often = Counter(_unnumbered(line) for line in lines if 0 < len(line.strip()) <= _LONGEST_HEAD)
    return frozenset(
        text for text, count in often.items() if count >= _HEADS and re.search(r"[a-z]{3}", text) and "=" not in text
    )


def _unnumbered(line: str) -> str:
    return re.sub(r"[\d\W]+", " ", line).strip().lower()


def _joined_runs(runs: Sequence[list[tuple[int, str]]]) -> Iterator[list[tuple[int, str]]]:
    """Put a run to the one before it where a page ended within a sentence."""
    held: list[tuple[int, str]] = []
    for run in filter(None, runs):
        if held and _goes_on(held[-1][1], run[0][1]):
            held = [*held, *run]
            continue
        if held:
            yield held
        held = run
    if held:
        yield held


def _goes_on(last: str, first: str) -> bool:
    unfinished = re.search(r"(?:[a-z],|=|<|[a-z]-| (?:of|the|and|to|in|was|were|from|with|a))\s*$", last) is not None
    return unfinished and not _is_row(last) and not _is_row(first)


def _cells(line: str) -> tuple[str, ...]:
    return tuple(plain(cell).strip() for cell in _GAP.split(line.strip(" |")))


def _is_row(line: str) -> bool:
    cells = _cells(line)
    return len(cells) > 2 and sum(_FIGURE.fullmatch(cell) is not None for cell in cells) > 1


def _blocks_of_run(run: list[tuple[int, str]]) -> Iterator[Paragraph | Table]:
    """Yield what one run of lines holds: text before and after a table, whose head is the lines of cells above it."""
    rows = [k for k, (_, line) in enumerate(run) if _is_row(line)]
    if not rows:
        yield _of_lines(run)
        return
    first, last = rows[0], rows[-1] + 1
    while first and len(_cells(run[first - 1][1])) > 1 and not run[first - 1][1].rstrip().endswith("."):
        first -= 1
    if run[:first]:
        yield _of_lines(run[:first])
    caption = plain(" ".join(line for _, line in run[:first])).strip()
    ruled = re.compile(r"[\s|:+=-]+")
    lines = [(k, line) for k, line in run[first:last] if not ruled.fullmatch(line)]
    yield Table(tuple(Row(f"line {k}", _cells(line)) for k, line in lines), caption)
    if run[last:]:
        yield _of_lines(run[last:])


def _of_lines(run: Sequence[tuple[int, str]]) -> Paragraph:
    return joined([(f"line {k}", line) for k, line in run])

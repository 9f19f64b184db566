"""Text extraction from a paper (plain text, HTML, Word): paragraphs and tables, with the place of each."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any

from iom_causal.errors import InputError, echo
from iom_causal.published.reading.blocks import Paragraph, Row, Table, joined, over
from iom_causal.published.reading.characters import SUPERSCRIPTS, has_decimal_commas, plain, with_points
from iom_causal.published.reading.plain_text import blocks_of_lines

LARGEST = 20_000_000
"""Bytes of a paper; its text is a hundredth of that."""


@dataclass(frozen=True, slots=True)
class Paper:
    """Text of a paper.

    Parameters
    ----------
    blocks : tuple of Paragraph or Table
        In reading order.
    decimal_commas : bool
        Whether numbers had a decimal comma in the file; in the blocks they have a point.
    """

    blocks: tuple[Paragraph | Table, ...]
    decimal_commas: bool = False

    def stretches(self) -> Iterator[tuple[str, str]]:
        """Yield every stretch of text with its place."""
        for block in self.blocks:
            if isinstance(block, Table):
                yield from ((row.place, " ".join(row.cells)) for row in block.rows)
            else:
                ends = (*block.starts[1:], len(block.text))
                yield from zip(
                    block.places, (block.text[a:b] for a, b in zip(block.starts, ends, strict=True)), strict=True
                )


def read_paper(path: Path) -> Paper:
    """Read the text of a paper by the ending of its name: txt, md, html or docx.

    Raises
    ------
    InputError
        IOM-E015 for a PDF and other formats, IOM-E012 for a file that is too large, IOM-E003 or IOM-E004 for one that
        cannot be read as what it is called.
    """
    name, ending = echo(path.name), path.suffix.lower().removeprefix(".")
    content = path.read_bytes() if ending in READERS else b""
    if ending == "pdf" or content.startswith(b"%PDF"):
        raise InputError("IOM-E015", f"{name} is a PDF, which is not read; {AS_TEXT}")
    if ending not in READERS:
        raise InputError("IOM-E015", f"{name}: a paper is read as {', '.join(READERS)}; {AS_TEXT}")
    if len(content) > LARGEST:
        raise InputError("IOM-E012", f"{name}: expected at most {LARGEST:,} bytes, got {len(content):,}")
    blocks = READERS[ending](content, name)
    if not has_decimal_commas(" ".join(text for _, text in Paper(blocks).stretches())):
        return Paper(blocks)
    return Paper(tuple(map(_with_points, blocks)), decimal_commas=True)


AS_TEXT = (
    "save it as text: in a PDF reader File, Save as text (or select all, copy, and paste into a file that ends in "
    ".txt), or pdftotext -layout PAPER.pdf PAPER.txt"
)


def _with_points(block: Paragraph | Table) -> Paragraph | Table:
    """Return a block with decimal points; no character moves."""
    if isinstance(block, Paragraph):
        return block._replace(text=with_points(block.text))
    return block._replace(rows=tuple(Row(row.place, tuple(map(with_points, row.cells))) for row in block.rows))


def _of_text(content: bytes, name: str) -> tuple[Paragraph | Table, ...]:
    return blocks_of_lines(_decoded(content, name).splitlines())


def _decoded(content: bytes, name: str) -> str:
    marks = (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("utf-16",) if content.startswith(marks) else ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InputError("IOM-E003", f"{name}: expected text in UTF-8; save it as UTF-8")


# HTML

_ENDS = {"p", "div", "li", "h1", "h2", "h3", "h4", "h5", "h6", "section", "caption", "br", "title", "blockquote", "dd"}
"""Elements that begin and end a paragraph."""
_UNSEEN = {"script", "style", "noscript", "template", "nav"}
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}


class _Html(HTMLParser):
    """Parser that gathers paragraphs and tables, with the line of the file where each begins."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Paragraph | Table] = []
        self._text: list[tuple[str, str]] = []
        self._unseen = self._raised = 0
        self._rows: list[Row] | None = None
        self._cells: list[str] = []
        self._cell: list[str] | None = None
        self._span, self._row_place, self._caption = 1, "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen += 1
        elif tag == "sup":
            self._raised += 1
        elif tag == "sub":
            self.handle_data("_")
        elif tag == "table":
            self._flush()
            self._rows, self._caption = [], ""
        elif tag == "tr":
            self._close_row()
            self._row_place = self._place
        elif tag in {"td", "th"}:
            self._close_cell()
            given = dict(attrs).get("colspan") or "1"
            self._cell, self._span = [], min(int(given), 50) if given.isdecimal() else 1
        elif tag in _ENDS and self._cell is None:
            self._flush()

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag == "sup":
            self._raised = max(0, self._raised - 1)
        elif tag == "caption":
            self._caption = plain("".join(text for _, text in self._text)).strip()
            self._flush()
        elif tag in {"td", "th"}:
            self._close_cell()
        elif tag == "tr":
            self._close_row()
        elif tag == "table" and self._rows is not None:
            self._close_row()
            if self._rows:
                self.blocks.append(Table(tuple(self._rows), self._caption or over(self.blocks)))
            self._rows = None
        elif tag in _ENDS and self._cell is None:
            self._flush(heading=tag in _HEADINGS)

    def handle_data(self, data: str) -> None:
        if self._unseen:
            return
        if self._raised:
            data = raised(data)
        if self._cell is not None:
            self._cell.append(data)
        elif data.strip() or self._text:
            self._text.append((self._place, data))

    @property
    def _place(self) -> str:
        return f"line {self.getpos()[0]}"

    def _close_cell(self) -> None:
        if self._cell is not None:
            self._cells += [plain("".join(self._cell)).strip()] * self._span
        self._cell, self._span = None, 1

    def _close_row(self) -> None:
        self._close_cell()
        if self._rows is not None and any(self._cells):
            self._rows.append(Row(self._row_place or self._place, tuple(self._cells)))
        self._cells = []

    def _flush(self, *, heading: bool = False) -> None:
        lines: list[tuple[int, str]] = []
        for place, data in self._text:
            at = int(place.removeprefix("line "))
            for k, part in enumerate(data.split("\n")):
                if lines and lines[-1][0] >= at + k:
                    lines[-1] = (lines[-1][0], lines[-1][1] + part)
                else:
                    lines.append((at + k, part))
        kept = [(f"line {k}", line) for k, line in lines if line.strip()]
        if kept:
            self.blocks.append(joined(kept, heading=heading))
        self._text = []


def raised(text: str) -> str:
    """Return what stands raised: digits as superscripts, and nothing of letters, which mark notes."""
    digits = text.strip()
    return digits.translate(SUPERSCRIPTS) if digits.isdecimal() and digits.isascii() else ""


def _of_html(content: bytes, name: str) -> tuple[Paragraph | Table, ...]:
    parser = _Html()
    parser.feed(_decoded(content, name))
    parser.close()
    parser.handle_starttag("p", [])
    return tuple(parser.blocks)


# Word


def _of_docx(content: bytes, name: str) -> tuple[Paragraph | Table, ...]:
    from docx import Document  # noqa: PLC0415 slow to load
    from docx.table import Table as WordTable  # noqa: PLC0415 slow to load

    try:
        items = list(Document(BytesIO(content)).iter_inner_content())
    except Exception as error:
        raise InputError("IOM-E004", f"{name} cannot be read as a Word document; save it again as .docx") from error
    blocks: list[Paragraph | Table] = []
    tables = paragraphs = 0
    for item in items:
        if isinstance(item, WordTable):
            tables += 1
            rows = [(f"table {tables}, row {k}", _word_cells(row)) for k, row in enumerate(item.rows, start=1)]
            blocks.append(Table(tuple(Row(place, cells) for place, cells in rows if any(cells)), over(blocks)))
            continue
        paragraphs += 1
        if text := _word_text(item).strip():
            heading = str(item.style.name if item.style else "").startswith(("Heading", "Title"))
            blocks.append(joined([(f"paragraph {paragraphs}", text)], heading=heading))
    return tuple(blocks)


def _word_text(paragraph: Any) -> str:
    parts = []
    for run in paragraph.runs:
        lowered = "_" if run.font.subscript else ""
        parts.append(raised(run.text) if run.font.superscript else lowered + run.text)
    return "".join(parts) or str(paragraph.text)


def _word_cells(row: Any) -> tuple[str, ...]:
    """Return the cells of a row, a merged one as often as it is wide."""
    return tuple(plain(" ".join(_word_text(p) for p in cell.paragraphs)).strip() for cell in row.cells)


READERS: Mapping[str, Callable[[bytes, str], tuple[Paragraph | Table, ...]]] = {
    "txt": _of_text,
    "md": _of_text,
    "html": _of_html,
    "htm": _of_html,
    "docx": _of_docx,
}
"""What reads a paper, by the ending of its file's name."""

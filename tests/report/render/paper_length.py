"""How long a Word document is on paper, by the widths of Helvetica, which are those of Arial."""

from functools import cache
from pathlib import Path

import matplotlib as mpl
from docx.shared import Cm, Pt

LINE = 1.15
"""Height of a line, by the size of its font."""
INDENT, MARGINS = Cm(0.63), 2 * Cm(0.19)
"""Of a list, and of both sides of a cell."""


@cache
def _widths(font):
    """The width of every character in thousandths of the font's size."""
    file = Path(mpl.get_data_path()) / "fonts" / "pdfcorefonts" / f"{font}.afm"
    parts = [line.split() for line in file.read_text(encoding="latin-1").splitlines() if line.startswith("C ")]
    return {chr(int(p[1])): int(p[4]) for p in parts if int(p[1]) > 0}


def lines(text, size, width, *, bold=False):
    """How many lines a text takes, words kept whole."""
    widths = _widths("Helvetica-Bold" if bold else "Helvetica")
    room, used, count = width / Pt(size) * 1000, 0, 1
    for word in text.split():
        long = sum(widths.get(c, 556) for c in word)
        if used and used + widths[" "] + long > room:
            used, count = 0, count + 1
        used += (widths[" "] if used else 0) + long
    return count


def length(document):
    """How long all of a document's text, tables and drawings are, in pages."""
    sheet = document.sections[0]
    width = sheet.page_width - sheet.left_margin - sheet.right_margin
    tall = sum(_paragraph(p, width) for p in document.paragraphs)
    tall += sum(max(map(_cell, row.cells)) for table in document.tables for row in table.rows)
    return tall / (sheet.page_height - sheet.top_margin - sheet.bottom_margin)


def _cell(cell):
    return sum(_paragraph(p, cell.width - MARGINS) for p in cell.paragraphs)


def _paragraph(paragraph, width):
    style, own = paragraph.style, paragraph.paragraph_format
    runs = [run.font.size for run in paragraph.runs if run.font.size]
    size = (runs[0] if runs else style.font.size or style.base_style.font.size).pt
    spaces = [getattr(f, side) for side in ("space_before", "space_after") for f in (own, style.paragraph_format)]
    before, after = (next((s for s in pair if s is not None), Pt(0)) for pair in (spaces[:2], spaces[2:]))
    drawn = sum(extent.cy for extent in paragraph._p.iter("{*}extent"))
    listed = INDENT if style.name == "List Bullet" else 0
    text = lines(paragraph.text, size, width - listed, bold=style.name.startswith("Heading"))
    return before + after + (drawn or text * Pt(size) * LINE)

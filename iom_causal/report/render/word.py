"""A page as a Word document with headings, table heads and alternative texts that a screen reader finds."""

import io
from typing import Any

from iom_causal.base.word_files import LONG_AGO, plain, timeless
from iom_causal.report.render.page import Figure, First, Page, Section, Table

LANGUAGE = "en-GB"
FONT, INK = "Arial", "1B2A41"
SIZES = {"Normal": 10, "Caption": 9, "Subtitle": 10, "Heading 1": 14, "Heading 2": 11.5}
BEFORE = {"Heading 2": 9, "Caption": 4}
"""Points, in place of empty paragraphs."""
TABLE, TABLE_SIZE = "Light Shading", 8
WIDTH, DRAWN, PADDING = 17.0, 8.5, 0.4
"""Of the text on A4, of a drawing, and of both sides of a cell, in centimetres."""
NEXT = "What to do next"
BOLD = 1.1
"""How much wider bold text is than text like it."""


def render(page: Page) -> bytes:
    """Return the page as a document: first screen, title and sections, with heads repeated over page ends."""
    document = _empty(page.title)
    if page.first is not None:
        _first(document, page.first)
    document.add_paragraph(plain(page.title), style="Heading 1" if page.first is None else "Heading 2")
    for text, style in ((page.subtitle, "Subtitle"), *((sentence, "Normal") for sentence in page.lead)):
        if text:
            document.add_paragraph(plain(text), style=style)
    for section in page.sections:
        _section(document, section)
    buffer = io.BytesIO()
    document.save(buffer)
    return timeless(buffer.getvalue())


def _first(document: Any, first: First) -> None:
    document.add_paragraph(plain(first.question), style="Heading 1")
    if first.verdict:
        document.add_paragraph().add_run(plain(first.verdict)).bold = True
    beside = document if first.picture is None else _beside(document, first.picture)
    for name, sentence in first.sentences:
        paragraph = beside.add_paragraph()
        paragraph.add_run(plain(f"{name}. ")).bold = True
        paragraph.add_run(plain(sentence))
    _section(document, Section(title=NEXT, points=first.then))
    document.add_paragraph(plain(first.level))


def _beside(document: Any, picture: Figure) -> Any:
    """Return a cell beside a picture, of a grid without lines: what is read after it stands next to it."""
    from docx.shared import Cm  # noqa: PLC0415 slow to load

    grid = document.add_table(rows=1, cols=2)
    grid.autofit = False
    cells = grid.rows[0].cells
    for cell, width in zip(cells, (DRAWN, WIDTH - DRAWN), strict=True):
        cell.width = Cm(width)
        _remove(cell.paragraphs[0])
    _figure(cells[0], picture, DRAWN - PADDING)
    return cells[1]


def _section(document: Any, section: Section) -> None:
    document.add_paragraph(plain(section.title), style="Heading 2")
    for paragraph in section.said:
        document.add_paragraph(plain(paragraph))
    for point in section.points:
        document.add_paragraph(plain(point), style="List Bullet")
    for table in section.tables:
        _table(document, table)
    for figure in section.figures:
        _figure(document, figure)


def _table(document: Any, table: Table) -> None:
    from docx.shared import Cm, Pt  # noqa: PLC0415 slow to load

    document.add_paragraph(plain(table.caption), style="Caption").paragraph_format.keep_with_next = True
    grid = document.add_table(rows=0, cols=len(table.columns), style=TABLE)
    grid.autofit = False
    for texts in (table.columns, *table.rows):
        for cell, text in zip(grid.add_row().cells, texts, strict=True):
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.space_after = Pt(0)
            paragraph.add_run(plain(text)).font.size = Pt(TABLE_SIZE)
    for column, width in zip(grid.columns, _widths(table), strict=True):
        column.width = Cm(width)
        for cell in column.cells:
            cell.width = Cm(width)
    for row in grid.rows:
        _mark(row._tr.get_or_add_trPr(), "w:cantSplit")  # noqa: SLF001 python-docx has no call for it
    _mark(grid.rows[0]._tr.get_or_add_trPr(), "w:tblHeader")  # noqa: SLF001 as above
    _mark(grid._tbl.tblPr, "w:tblCaption", plain(table.caption))  # noqa: SLF001 as above


def _widths(table: Table) -> list[float]:
    """Share the width of the text by the longest cell of every column; the first is set in bold."""
    longest = [max(len(row[i]) for row in (table.columns, *table.rows)) + 2.0 for i in range(len(table.columns))]
    longest[0] *= BOLD
    return [WIDTH * n / sum(longest) for n in longest]


def _figure(document: Any, figure: Figure, width: float = DRAWN) -> None:
    from docx.shared import Cm, Pt  # noqa: PLC0415 slow to load

    paragraph = document.add_paragraph()
    paragraph.paragraph_format.keep_with_next, paragraph.paragraph_format.space_before = True, Pt(BEFORE["Caption"])
    shape = paragraph.add_run().add_picture(io.BytesIO(figure.png), width=Cm(width))
    described = shape._inline.docPr  # noqa: SLF001 python-docx has no call for it
    described.set("name", plain(figure.name))
    described.set("descr", plain(figure.alt))
    if figure.caption:
        document.add_paragraph(plain(figure.caption), style="Caption")


def _empty(title: str) -> Any:
    """Return a document without content: A4, its styles, its language and title, and no author."""
    from docx import Document  # noqa: PLC0415 slow to load
    from docx.shared import Cm  # noqa: PLC0415 slow to load

    document = Document()
    sheet = document.sections[0]
    sheet.page_width, sheet.page_height = Cm(21.0), Cm(29.7)
    sheet.left_margin = sheet.right_margin = Cm((21.0 - WIDTH) / 2)
    sheet.top_margin = sheet.bottom_margin = Cm(1.6)
    _style(document)
    core = document.core_properties
    core.title, core.language, core.author, core.last_modified_by, core.comments = plain(title), LANGUAGE, "", "", ""
    core.created = core.modified = LONG_AGO
    core.revision = 1
    return document


def _style(document: Any) -> None:
    from docx.oxml.ns import qn  # noqa: PLC0415 slow to load
    from docx.shared import Pt, RGBColor  # noqa: PLC0415 slow to load

    for name, size in SIZES.items():
        style = document.styles[name]
        style.font.name, style.font.size, style.font.italic = FONT, Pt(size), False
        style.font.color.rgb = RGBColor.from_string(INK)
        fonts = style.element.rPr.rFonts
        for key in [k for k in fonts.attrib if "Theme" in k]:
            del fonts.attrib[key]  # a theme's font would win over the one that is named
        for spaced in style.element.rPr.findall(qn("w:spacing")):
            style.element.rPr.remove(spaced)
        style.paragraph_format.space_before = Pt(BEFORE.get(name, 0))
        style.paragraph_format.space_after = Pt(3)
        style.paragraph_format.line_spacing = 1.0
    document.styles["Caption"].font.bold = False
    document.styles["List Bullet"].paragraph_format.space_after = Pt(2)
    ruled = document.styles[TABLE].element
    for banded in [part for part in ruled.findall(qn("w:tblStylePr")) if "band" in part.get(qn("w:type"))]:
        ruled.remove(banded)
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), LANGUAGE)


def _remove(paragraph: Any) -> None:
    paragraph._p.getparent().remove(paragraph._p)  # noqa: SLF001 python-docx has no call for it


def _mark(parent: Any, tag: str, value: str | None = None) -> None:
    """Add an element of WordprocessingML."""
    from docx.oxml import OxmlElement  # noqa: PLC0415 slow to load
    from docx.oxml.ns import qn  # noqa: PLC0415 slow to load

    element = OxmlElement(tag)
    element.set(qn("w:val"), "true" if value is None else value)
    parent.append(element)

import io
import json
import re
import struct
import zipfile
from dataclasses import replace

import pytest
from click.testing import CliRunner
from docx import Document
from docx.oxml.ns import qn

from examples.evaluator import five_habits as example
from iom_causal.base import wording
from iom_causal.cli import main
from iom_causal.evaluation import evaluate
from iom_causal.report import short_report
from iom_causal.report.render import html, word
from iom_causal.report.render.page import Figure, Page, Section, Short, Table
from tests.report.render.kinds import KINDS, study_of
from tests.report.render.paper_length import length

MOST = 1.97
"""Pages, less what ends of pages cost: a note of 1.96, set in a browser in Arial's widths, ends 2 cm above the foot."""


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    return evaluate(study_of_people(tmp_path_factory.mktemp("people")), quick=True)


@pytest.fixture(scope="module", params=["paper", "template", "people", *KINDS])
def result(request, tmp_path_factory):
    if request.param in KINDS:
        return evaluate(study_of(request.param, tmp_path_factory.mktemp(request.param)), quick=True)
    return request.getfixturevalue(request.param)


def study_of_people(folder):
    """An invented file of people, started and edited as an analyst would."""
    file, edits = example.custody_csv(folder)
    assert CliRunner().invoke(main, ["init", str(folder / "study"), "--from", str(file)]).exit_code == 0
    study = folder / "study" / "study.toml"
    study.write_text(example.edited(study.read_text(encoding="utf-8"), edits), encoding="utf-8")
    return study


@pytest.fixture(scope="module")
def document(result):
    return Document(io.BytesIO(result.files()["report-short.docx"]))


def texts(document):
    """Every sentence, caption and cell."""
    cells = [p.text for t in document.tables for row in t.rows for c in row.cells for p in c.paragraphs]
    return [p.text for p in document.paragraphs] + cells


def laid_out(document):
    """Whether a table without heads sets the sentences beside the picture."""
    return bool(document.tables) and bool(list(document.tables[0]._tbl.iter(qn("w:drawing"))))


def headings(document):
    return [p.text for p in document.paragraphs if p.style.name.startswith("Heading")]


def test_the_order_of_reading(result, document):
    first = result.page.first
    order = [
        first.question,
        "What to do next",
        result.page.title,
        "What was to be expected anyway",
        "What it would take, in full",
        "What else you can say",
        "What you cannot say",
        "What was guessed",
        "How this was made",
    ]
    found = headings(document)
    assert found == [heading for heading in order if heading in found]
    assert {*order[:3], "What you cannot say", "How this was made"} <= set(found)
    levels = [p.style.name for p in document.paragraphs if p.style.name.startswith("Heading")]
    assert levels == ["Heading 1", *["Heading 2"] * (len(found) - 1)]


def opening(first):
    """The sentences of the first screen, as the note sets them."""
    return [f"{name}. {sentence}" for name, sentence in first.sentences]


def test_it_opens_with_the_first_screen(result, document):
    first, body = result.page.first, [p.text for p in document.element.body.iter(qn("w:p")) if p.text]
    assert body[: 2 + len(first.sentences)] == [first.question, first.verdict, *opening(first)]
    until = body.index(first.level)
    assert body[2 + len(first.sentences) : until] == ["What to do next", *first.then]
    drawn = next((d.get("name") for d in document.element.iter(qn("wp:docPr"))), None)
    assert drawn == (first.picture and first.picture.name)


def test_what_the_first_screen_says_is_not_said_again(result, document):
    said = [text for _, text in result.page.first.sentences]
    rest = [p.text for p in document.paragraphs]
    assert not set(said) & set(rest)
    assert result.page.lead[0] not in rest


def test_nothing_stands_in_it_twice(document):
    said = [p.text for p in document.paragraphs if p.style.name in {"Normal", "List Bullet"} and p.text]
    assert sorted(said) == sorted(set(said))


def test_nothing_is_said_that_the_page_does_not_say(result, document):
    page = result.page
    held = {page.title, page.subtitle, *page.texts(), *opening(page.first)}
    assert set(texts(document)) - held - {""} <= set(headings(document))


def test_the_box_is_that_of_the_page(result, document):
    source, page = html.render(result.page), result.page
    bullets = [p.text for p in document.paragraphs if p.style.name == "List Bullet"]
    before = {p.text for p in document.paragraphs if p.style.name == "Normal"}
    said = [text for text in page.can_say if text not in (*page.first.texts(), *page.first.same) and text not in before]
    assert bullets == [*page.first.then, *said, *page.cannot_say]
    assert source.index("What you can say") < source.index("What you cannot say")


def test_every_sentence_keeps_the_rules(result, document):
    for text in texts(document):
        if text not in {result.page.title, result.page.subtitle}:
            assert wording.violations(text) == (), text


def test_heads_of_tables_are_marked_and_no_cells_are_merged(document):
    for table in document.tables[1:] if laid_out(document) else document.tables:
        first, *others = table.rows
        assert first._tr.trPr.find(qn("w:tblHeader")) is not None
        assert all(row._tr.trPr.find(qn("w:tblHeader")) is None for row in others)
        assert not list(table._tbl.iter(qn("w:gridSpan"), qn("w:vMerge")))
        assert table._tbl.tblPr.find(qn("w:tblCaption")).get(qn("w:val"))


def test_every_drawing_has_an_alternative_text(result, document):
    drawn = {f.name: f.alt for f in result.page.figures if f.png}
    described = {d.get("name"): d.get("descr") for d in document.element.iter(qn("wp:docPr"))}
    assert described.items() <= drawn.items()
    assert len(described) == len(document.inline_shapes) == (1 if drawn else 0)


def test_no_empty_paragraph_makes_space(document):
    for paragraph in document.paragraphs:
        assert paragraph.text or list(paragraph._p.iter(qn("w:drawing")))


def test_language_title_and_nobody_named(result, document):
    core = document.core_properties
    assert (core.title, core.language, core.author, core.last_modified_by) == (result.page.title, "en-GB", "", "")
    assert {e.get(qn("w:val")) for e in document.styles.element.iter(qn("w:lang"))} == {"en-GB"}


def test_two_pages_at_most(document):
    assert length(document) <= MOST
    assert len(document.inline_shapes) <= 1


def test_two_builds_are_the_same_bytes(result):
    first, second = (word.render(short_report.compose(result.page)) for _ in range(2))
    assert first == second == result.files()["report-short.docx"]
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert {i.date_time for i in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_the_manifest_lists_it(result, tmp_path):
    result.write(tmp_path / "report")
    record = json.loads((tmp_path / "report" / "manifest.json").read_text(encoding="utf-8"))
    assert "report-short.docx" in record["files"]
    assert "python-docx" in record["versions"]


def test_a_figure_is_drawn_from_the_same_axes(result):
    for figure in result.page.figures:
        if figure.form == "png":
            assert figure.png in {b"", figure.image}
        elif figure.png:
            pixels = struct.unpack(">II", figure.png[16:24])
            points = re.search(rb'viewBox="0 0 ([0-9.]+) ([0-9.]+)"', figure.image).groups()
            assert [float(p) * 160 / 72 for p in points] == pytest.approx(pixels, abs=1)  # whole pixels


def page_of(*sections):
    return Page(
        title="T", subtitle="", synthetic=False, lead=(), can_say=("a", "b"), cannot_say=("c",), sections=sections
    )


def test_a_bracket_stands_in_for_what_is_not_there():
    bracket = Section(title="R", paragraphs=("low", "high"), short=(Short("bracket", paragraphs=slice(1)),))
    ledger = Section(title="L", paragraphs=("line",), short=(Short("expected", paragraphs=slice(None)),))
    alone, both = (short_report.compose(page_of(*sections)) for sections in ((bracket,), (bracket, ledger)))
    assert alone.sections[0].paragraphs == ("low",)
    assert both.sections[0].paragraphs == ("line",)


def test_a_sentence_stands_once_and_one_drawing():
    drawing = Figure("f", "caption", "alt", b"<svg/>", b"png")
    given = Short("expected", paragraphs=slice(None), figures=slice(None))
    section = Section(title="L", paragraphs=("same",), figures=(drawing,), short=(given,))
    (part, *_) = short_report.compose(page_of(section, section)).sections
    assert (part.paragraphs, part.figures) == (("same",), (drawing,))


@pytest.mark.parametrize("payload", ["<w:p/>&amp;", "a\x00b\x1bc", "\ud800", "]]>", "=1+1"])
def test_names_from_a_file_are_inert(payload):
    table = Table(payload, (payload,), ((payload,),))
    page = replace(page_of(Section(title=payload, paragraphs=(payload,), tables=(table,))), title=payload)
    opened = Document(io.BytesIO(word.render(page)))
    shown = {text for text in texts(opened) if text}
    assert len(shown) == 1
    assert shown == {"".join(" " if c in "\x00\x1b\ud800" else c for c in payload)}

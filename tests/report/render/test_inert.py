"""Texts that users give stay text on a page, in a document, a table, a message and a terminal."""

import csv
import io
import re
import zipfile
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pandas as pd
import pytest

from iom_causal.base import output
from iom_causal.errors import InputError
from iom_causal.report.render import html, text, word
from iom_causal.report.render.live import Knob, LiveLedger, LiveSet
from iom_causal.report.render.page import Figure, First, Page, Section, Source, Table
from iom_causal.report.sections.live import WORDS

STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "\uff1d", "\uff0b", "\uff0d", "\uff20")
CALLS = ("1+1", "HYPERLINK(x)", "cmd|' /C calc'!A0")
FORMULAS = tuple(f"{start}{call}" for start in STARTS for call in CALLS)
TAGS = (
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//x></SCRIPT>",
    "</title><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><img src=x onerror=alert(1)>',
    "'><svg onload=alert(1)>",
    '" onmouseover="alert(1)',
    "' autofocus onfocus='alert(1)",
    "<a href='javascript:alert(1)'>x</a>",
    "<iframe src=x></iframe>",
    "<!-- --><b>x</b>",
    "]]><b>x</b>",
    "&lt;script&gt;",
    "{{7*7}}",
    "{% raw %}{{7*7}}",
    "${7*7}",
    "<w:p/>",
)
CONTROLS = ("a\x1b[2Jb", "a\x1b]0;t\x07b", "a\x9b31mb", "a\u202eb", "a\u2066b", "a\x00b")
PAYLOADS = (*FORMULAS, *TAGS, *CONTROLS)
OBEYED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
PNG = b"\x89PNG\r\n\x1a\n"


def page(payload):
    """A page with one text at every place at which a study's texts stand: titles, reasons, names, groups, captions."""
    figure = Figure("change", payload, payload, PNG)
    source = Source(  # of no sentence here: marks stand behind figures, which some payloads hold and some do not
        says=(), figure=payload, read=payload, check=payload, formula=payload, command=payload, where=payload
    )
    section = Section(
        title=payload,
        paragraphs=(payload,),
        points=(payload,),
        tables=(Table(payload, (payload, payload), ((payload, payload),)),),
        figures=(figure,),
        live=live(payload),
    )
    first = First(
        question=payload,
        verdict=payload,
        sentences=((payload, payload), (payload, payload)),
        then=(payload,),
        level=payload,
        picture=Figure("first", payload, payload, PNG),
    )
    return Page(
        title=payload,
        subtitle=payload,
        synthetic=False,
        lead=(payload,),
        can_say=(payload,),
        cannot_say=(payload,),
        sections=(section,),
        first=first,
        sources=(source,),
    )


def live(payload):
    """A ledger to be moved with one text at every place of its sets."""
    knobs = tuple(Knob(payload, -0.4, -0.2, 0.1, payload) for _ in range(2))
    sets = tuple(LiveSet(title=payload, about=payload, observed=knobs[0], lines=knobs) for _ in range(2))
    return LiveLedger(scale="ratio", decimals=2, sets=sets, words=WORDS)


class Elements(HTMLParser):
    """The elements of a page with the names of their attributes, and all of its text."""

    def __init__(self):
        super().__init__()
        self.found, self.said = [], []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, tuple(name for name, _ in attrs)))

    def handle_data(self, data):
        self.said.append(data)


def elements(source):
    parser = Elements()
    parser.feed(source)
    return parser


def test_there_are_enough_payloads():
    assert len(set(PAYLOADS)) >= 60


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_page_has_the_elements_that_it_has_without(payload):
    source = html.render(page(payload))
    plain, found = elements(html.render(page("x" * len(payload)))), elements(source)
    assert found.found == plain.found
    assert not OBEYED.search(source)
    assert [tag for tag, _ in found.found].count("script") == 1  # the one that moves the ledger
    assert "49" not in re.sub(r"<style>.*?</style>", "", source, flags=re.DOTALL)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_terminal_is_told_no_code(payload):
    assert not OBEYED.search(text.render(page(payload)))
    error = InputError("IOM-E034", f"{payload}: expected a figure, got none")
    assert not OBEYED.search(f"{error} {error.plain}")


@pytest.mark.parametrize("payload", PAYLOADS[:: len(PAYLOADS) // 12])
def test_a_document_is_whole_and_has_the_parts_that_it_has_without(payload):
    def parts(of):
        made = word.render(replace(of, first=replace(of.first, picture=None), sections=tables(of)))
        root = ET.fromstring(zipfile.ZipFile(io.BytesIO(made)).read("word/document.xml"))  # noqa: S314 our own
        return [element.tag for element in root.iter() if element.tag.endswith(("}p", "}tbl", "}tr", "}tc"))]

    assert parts(page(payload)) == parts(page("plain"))


def tables(of):
    """Return the sections of a page without its drawings, which are no images here."""
    (section,) = of.sections
    return (Section(title=section.title, paragraphs=section.paragraphs, points=section.points, tables=section.tables),)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_table_of_text_holds_no_formula_in_head_or_cell(payload):
    frame = pd.DataFrame({payload: [payload, "plain"], "number": [-0.3, 2.0], "mixed": [-0.3, payload]})
    written = output.csv_text(frame)
    head, first, second = csv.reader(io.StringIO(written, newline=""))
    for cell in (head[0], first[0], second[2]):
        assert not cell.startswith(STARTS)
        assert cell in {payload, f"'{payload}"}
    assert (first[1], first[2]) == ("-0.3", "-0.3")

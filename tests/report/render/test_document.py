"""The page as a document: its landmarks, headings, anchors, folded parts and colours."""

import re
from importlib.resources import files
from itertools import pairwise

import html5lib
import pytest

from iom_causal.report.render import html
from iom_causal.report.render.page import MOST_ROWS, Figure, Page, Section, Table

PIXEL = b"\x89PNG\r\n\x1a\n"
LEAST_CONTRAST = 4.5
HEADINGS = ("h1", "h2", "h3", "h4")


def figure(name):
    return Figure(name, f"Caption of {name}", f"Alt of {name}", PIXEL)


def table(rows):
    return Table(
        "What it shows. What its columns hold.", ("a", "b"), tuple((str(i), "x") for i in range(rows)), "a.csv"
    )


SECTIONS = (
    Section(
        title="The change",
        name="change",
        finding="It fell.",
        paragraphs=("Why.",),
        tables=(table(2), table(MOST_ROWS + 1)),
        figures=(figure("one"), figure("two"), figure("three")),
    ),
    Section(title="Arrests and more", name="ledger-all arrests", finding="It may be nothing."),
    Section(title="Every check", name="checks", finding="All.", points=("One.",), detail=True),
    Section(title="Without a name"),
)


@pytest.fixture(scope="module")
def page():
    return Page(
        title="A study",
        subtitle="",
        synthetic=False,
        lead=("One.",),
        can_say=("Yes.",),
        cannot_say=(),
        sections=SECTIONS,
    )


@pytest.fixture(scope="module")
def tree(page):
    return html5lib.parse(html.render(page), namespaceHTMLElements=False)


def test_every_section_is_in_the_contents_under_an_anchor_of_its_own(tree):
    anchors = [e.get("id") for e in tree.iter("section") if e.get("id")]
    assert anchors == ["change", "ledger-all-arrests", "checks", "section-4"]
    links = [e.get("href") for e in tree.find(".//nav").iter("a")]
    assert links == [f"#{anchor}" for anchor in anchors]
    every = [e.get("id") for e in tree.iter() if e.get("id")]
    assert len(every) == len(set(every))


def test_the_first_link_skips_to_a_place_that_is_there(tree):
    first = next(tree.iter("a"))
    assert first.get("class") == "skip"
    assert [e for e in tree.iter() if f"#{e.get('id')}" == first.get("href")]


def test_headings_begin_with_one_h1_and_skip_no_level(tree):
    levels = [HEADINGS.index(e.tag) for e in tree.iter() if e.tag in HEADINGS]
    assert levels[0] == 0
    assert levels.count(0) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert len(list(tree.iter("main"))) == len(list(tree.iter("nav"))) == 1


def test_heads_of_tables_have_a_scope_and_tables_a_caption(tree):
    assert {e.get("scope") for e in tree.iter("th")} == {"col", "row"}
    assert all("".join(e.find("caption").itertext()).strip() for e in tree.iter("table"))


def test_long_tables_further_drawings_and_detail_are_folded_and_closed(tree):
    folded = list(tree.iter("details"))
    assert not [e for e in folded if e.get("open") is not None]
    assert ["".join(e.find("summary").itertext()) for e in folded] == [
        f"What it shows (table of {MOST_ROWS + 1} rows; in the report’s folder: a.csv)",
        "2 more drawings",
        "In detail: Every check",
    ]
    assert [len(list(e.iter("table"))) for e in folded] == [1, 0, 0]
    assert [len(list(e.iter("img"))) for e in folded] == [0, 2, 0]
    assert len(list(tree.iter("table"))) == 2


def test_the_finding_comes_before_everything_else_of_its_section(tree):
    (section,) = (e for e in tree.iter("section") if e.get("id") == "change")
    texts = [text.strip() for text in section.itertext() if text.strip()]
    assert texts[:3] == ["1. The change", "It fell.", "Why."]


def test_every_text_of_a_folded_part_is_among_the_texts_of_the_page(page):
    for text in ("It fell.", "2 more drawings", f"table of {MOST_ROWS + 1} rows; in the report’s folder: a.csv"):
        assert text in page.texts()


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def palettes():
    source = (files("iom_causal.report.render") / "templates" / "report.html").read_text(encoding="utf-8")
    return [dict(re.findall(r"--(\w+): (#\w{6})", block)) for block in re.findall(r":root \{([^}]*)\}", source)]


def test_text_stands_out_from_its_ground_by_day_and_by_night():
    light, dark = palettes()
    assert light.keys() == dark.keys()
    for colours in (light, dark):
        for ink in ("ink", "muted", "link"):
            assert min(contrast(colours[ink], colours[ground]) for ground in ("paper", "wash")) >= LEAST_CONTRAST

"""Every figure of the first screen and of the box opens where it comes from."""

import math
import pkgutil
import re
from dataclasses import replace

import html5lib
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from scipy.stats import t as student

from docs import make_formulas
from iom_causal.base import wording
from iom_causal.cli import main
from iom_causal.evaluation import evaluate
from iom_causal.published.study import load_published
from iom_causal.report import formulas
from iom_causal.report.render import html, text
from iom_causal.report.render.page import Page, Source

# Written out anew, not the pattern that places the marks.
NUMBER = re.compile(r"(?<![\w.-])[-−]?(?:\d[\d,]*(?:\.\d+)?|\.\d+)%?")

STUDY = """[study]
title = "A study"
programme = "supervision"
people = "managed people"
invented = true
{study}
[study.extract]
file = "people.csv"
id = "urn"
{extract}
windows = [ {{ label = "before", months = 12 }}, {{ label = "after", months = 12, post = true }} ]
outcomes = [ {{ name = "{name}", kind = "{kind}", columns = ["before", "after"] }} ]
"""
CUT = 'smallest_effect = 0.1\nselection = { variable = "arrests", windows = ["before"], rule = "at_least", threshold = '
GROUPS = 'group = "status"\nmanaged = ["IOM"]'


def counts(n, factor, *, least=0, shape=2.0):
    rng = np.random.default_rng(3)
    rates = rng.gamma(shape, 2.0, 5 * n)
    before, after = rng.poisson(rates), rng.poisson(factor * rates)
    return before[before >= least][:n], after[before >= least][:n]


def people(kind):
    """Return the settings and the columns of an invented study of a kind."""
    usual = {"study": "", "extract": "", "name": "arrests", "kind": "count"}
    if kind == "score":
        before = np.random.default_rng(3).normal(60, 12, 80).round(1)
        return usual | {"name": "risk", "kind": "score"}, before, before - np.arange(80) % 7
    if kind == "share":
        before, after = counts(120, 0.7)
        return usual | {"name": "arrested", "kind": "binary"}, np.minimum(before, 1), np.minimum(after, 1)
    if kind in {"alike", "apart"}:
        managed, others = counts(80, 0.6, least=1 if kind == "alike" else 6), counts(80, 1.0, least=1)
        joined = (np.concatenate(pair) for pair in zip(managed, others, strict=True))
        return usual | {"extract": GROUPS}, *joined
    least, factor = (1, 2.0) if kind == "rise" else (3, 0.5)
    cut = f'{CUT}{least}, timing = "at_boundary" }}'
    return usual | {"study": cut}, *counts(100, factor, least=least)


@pytest.fixture(params=["one group", "alike", "apart", "score", "rise", "share"])
def page(request, tmp_path):
    request.getfixturevalue("without_null_calibration")
    settings, before, after = people(request.param)
    (tmp_path / "study.toml").write_text(STUDY.format(**settings), encoding="utf-8")
    status = np.where(np.arange(before.size) < 80, "IOM", "other")
    table = pd.DataFrame({"urn": range(before.size), "status": status, "before": before, "after": after})
    table.to_csv(tmp_path / "people.csv", index=False)
    return evaluate(tmp_path / "study.toml", quick=True).page


def uncovered(page):
    """Return every number of the first screen and of the box that has no source."""
    found = []
    for sentence in page.spoken:
        spans = [span for source in page.sources for span in source.spans(sentence)]
        found += [
            (m.group(), sentence)
            for m in NUMBER.finditer(sentence)
            if not any(start <= m.start() and m.end() <= end for start, end in spans)
        ]
    return found


def check(page):
    assert uncovered(page) == []
    met = [k for sentence in page.spoken for _, k in page.marked(sentence) if k]
    assert list(dict.fromkeys(met)) == list(range(1, len(page.sources) + 1))  # in the order of reading
    for sentence in page.spoken:
        assert "".join(piece for piece, _ in page.marked(sentence)) == sentence
        marked = [piece for piece, k in page.marked(sentence) if k]
        assert all(re.search(r"\d%?\)*$", piece) for piece in marked)  # a mark stands behind a figure
    for source in page.sources:
        assert source.read
        assert source.formula
        assert source.command.startswith("iom-causal evaluate ")
        assert source.where
        for line in (source.figure, *(told for _, told in source.lines)):
            assert line in page.texts()
            assert wording.violations(line) == (), line


def test_every_figure_of_six_kinds_of_studies_has_a_source(page):
    check(page)


@pytest.mark.parametrize("name", ["paper", "template"])
def test_every_figure_of_a_published_study_has_a_source(name, request):
    page = request.getfixturevalue(name).page
    check(page)
    assert any("with the programme switched off" in source.figure for source in page.sources)


def test_a_figure_without_a_source_is_found(template):
    page = template.page
    (gone,) = [k for k, s in enumerate(page.sources) if "people who went down" in s.figure]
    bare = replace(page, sources=page.sources[:gone])
    assert ("37", page.can_say[2]) in uncovered(bare)


def test_the_source_of_a_printed_figure_is_the_print_and_the_checks_that_hold_it(paper):
    first = paper.page.sources[0]
    for printed in ("mean “6.84”", "SD “4.75”", "mean “3.61”", "t(224) = “11.64”", "accepted manuscript"):
        assert printed in first.read
    assert "consistent: degrees of freedom" in first.check
    assert "inconsistent, with what would reconcile it there: kind of effect size" in first.check
    assert "iom-causal audit sleath-brown-2017" in first.check
    assert first.command == "iom-causal evaluate sleath-brown-2017 --seed 1"
    assert "estimates.csv" in first.where
    assert paper.page.sources[1].read == "As under 1, with the same checks."


def test_the_formula_of_the_card_gives_the_figures_of_the_sentence():
    m = load_published("sleath-brown-2017")["arrests"]
    n, c1, c2 = m.n, m.sd_pre / m.mean_pre, m.sd_post / m.mean_post
    sd_change = math.sqrt(n) * (m.mean_post - m.mean_pre) / m.t
    r = (m.sd_pre**2 + m.sd_post**2 - sd_change**2) / (2 * m.sd_pre * m.sd_post)
    error = math.sqrt((n - 1) / n**2 * (c1**2 + c2**2 - 2 * r * c1 * c2))
    days = 549 / 547  # after over before, by the calendar
    ratio = m.mean_post / m.mean_pre / days
    low, high = (ratio * math.exp(side * student.ppf(0.975, n - 1) * error) for side in (-1, 1))
    assert [f"{100 * (1 - v):.1f}%" for v in (ratio, high, low)] == ["47.4%", "41.1%", "53.1%"]


def test_marks_and_sources_lead_to_one_another_without_a_script(template):
    page = html5lib.parse(html.render(template.page), namespaceHTMLElements=False)
    ids = [e.get("id") for e in page.iter() if e.get("id")]
    assert len(ids) == len(set(ids))
    links = [e.get("href") for e in page.iter("a") if e.get("href")]
    assert all(link.startswith("#") for link in links)
    assert {link[1:] for link in links} <= set(ids)
    for k in range(1, len(template.page.sources) + 1):
        assert {f"source-{k}", f"said-{k}"} <= set(ids)
        assert {f"#source-{k}", f"#said-{k}"} <= set(links)
    (shown,) = [e for e in page.iter("details") if any(item.get("id") == "source-1" for item in e.iter("li"))]
    assert shown.get("open") is not None


def test_a_mark_stands_once_where_two_sources_say_the_same_and_the_longer_counts():
    def source(*says):
        return Source(says=says, figure="f", read="r", check="", formula="x", command="c", where="w")

    page = Page(
        title="T", subtitle="", synthetic=False, lead=(), can_say=(), cannot_say=(), sections=(),
        sources=(source("fell by 4%"), source("arrests fell by 4% (2% to 6%)"), source("one <b> of 7.")),
    )  # fmt: skip
    assert page.marked("The arrests fell by 4% (2% to 6%), and thefts fell by 4%. No 3.") == (
        ("The arrests fell by 4% (2% to 6%)", 2),
        (", and thefts fell by 4%", 1),
        (". No 3.", None),
    )
    assert page.marked("Nothing.") == (("Nothing.", None),)
    assert "one &lt;b&gt; of 7<sup" in html.render(replace(page, can_say=("one <b> of 7.",)))


def test_the_terminal_says_where_figures_come_from_only_when_asked(template):
    plain, told = template.summary(), template.summary(sources=True)
    assert "WHERE THESE FIGURES COME FROM" not in plain
    assert "[1]" not in plain
    assert "  [1] contacts: ratio of rates, robust" in told
    assert "41.6%)[1]" in " ".join(told.split())
    assert text.render(template.page) == plain


def test_the_command_line_asks_for_sources():
    done = CliRunner().invoke(main, ["evaluate", "--help"])
    assert "--sources" in done.output


def test_the_page_of_formulas_is_the_packages_cards():
    page = make_formulas.Path(make_formulas.__file__).with_name("formulas.md").read_text(encoding="utf-8")
    assert page == make_formulas.page()
    assert "“paired t”" in formulas.cited("PairedT")
    assert formulas.cited("OwnDesign") == "That of OwnDesign, as it describes itself."


@pytest.mark.parametrize("name", formulas.FORMULAS)
def test_a_card_names_what_works_its_figure_out(name):
    card = formulas.FORMULAS[name]
    pkgutil.resolve_name(f"iom_causal.{card.call}")
    assert wording.violations(card.text) == ()

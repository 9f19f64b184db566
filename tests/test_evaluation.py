import csv
import json
from dataclasses import replace

import html5lib
import pytest

from iom_causal.analysis import ledgers
from iom_causal.analysis.published.table import PublishedTable
from iom_causal.analysis.steps import Effort
from iom_causal.base import wording
from iom_causal.errors import SpecError
from iom_causal.estimators import EffectSize, PairedT
from iom_causal.evaluation import evaluate
from iom_causal.published.rebuild.reconstruct import reconstruct
from iom_causal.published.study import load_published
from iom_causal.report.ledger_phrases import SETTINGS
from iom_causal.report.render import html
from iom_causal.report.render.page import Page, Section, Table
from iom_causal.report.set_names import set_names

PAYLOADS = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</style><b>", "{{7*7}}", "{% raw %}"]


def test_every_printed_figure_is_rebuilt_but_the_effect_size_of_another_kind(paper):
    differ = [(r.outcome, r.statistic, r.printed, r.rebuilt) for r in paper.table if not r.agrees]
    assert differ == [("arrests", "effect size printed as r", ".38", ".61")]


def test_the_reproduced_t_has_the_papers_sign_and_the_change_the_other(paper):
    t = {r.outcome: r.rebuilt for r in paper.table if r.statistic.startswith("t(")}
    assert t == {"arrests": "11.64", "risk": "8.10"}
    changes = [e for e in paper.estimates if e.scale != "ratio" and e.estimate is not None]
    assert all(e.estimate < 0 for e in changes)
    for text in paper.page.texts():
        if "-11.64" in text:
            assert "after minus before" in text


def test_the_robust_ratio_comes_first_and_honours_exposure(paper):
    first = paper.estimates[0]
    assert round(first.estimate, 5) == 0.52586  # 3.61 / 6.84 per day
    assert "547" in first.exposure
    assert (round(first.conf_low, 3), round(first.conf_high, 3)) == (0.469, 0.589)


def test_the_bounds_hold_the_sampled_cohorts(paper):
    (down,) = [p for p in paper.people if p.feature == "went down"]
    assert down.exact
    assert down.low <= down.sampled_low <= down.sampled_high <= down.high
    assert (down.low, down.high) == (86, 224)


def test_regression_to_the_mean_tips_at_1_34_and_is_a_bracket(paper):
    (view,) = paper.regression
    assert round(view.tipping.mean, 2) == 1.34
    texts = " ".join(paper.page.texts())
    assert "if people were picked on their" in texts.lower()
    assert "bracket and not an estimate" in texts


@pytest.mark.parametrize("name", ["paper", "template"])
def test_every_sentence_keeps_the_rules(name, request):
    page = request.getfixturevalue(name).page
    quoted_titles = {page.title, page.subtitle}
    for text in page.texts():
        if text not in quoted_titles:
            assert wording.violations(text) == (), text


def test_the_first_page_says_level_two_and_what_is_not_settled(paper):
    assert "level 2 of 5" in paper.page.lead[0]
    assert "do not settle" in paper.page.cannot_say[0]
    assert "fails to" in paper.page.cannot_say[0]
    assert not any("probability" in s or "p =" in s for s in paper.page.can_say)


def test_the_page_is_one_file_without_a_network_and_with_one_script(paper):
    source = html.render(paper.page)
    tree = html5lib.parse(source, namespaceHTMLElements=False)
    tags = {e.tag for e in tree.iter() if isinstance(e.tag, str)}
    assert not tags & {"link", "iframe", "object", "embed", "form"}
    assert len(list(tree.iter("script"))) == 1
    assert all(e.get("src").startswith("data:image/svg+xml") for e in tree.iter("img"))
    assert all(e.get("alt") for e in tree.iter("img"))
    assert "http://" not in source.replace("http://www.w3.org", "")
    assert tree.find(".//meta[@name='synthetic']").get("content") == "true"


@pytest.mark.parametrize("payload", PAYLOADS)
def test_names_from_a_file_are_inert(payload):
    section = Section(
        title=payload, paragraphs=(payload,), points=(payload,), tables=(Table(payload, (payload,), ((payload,),)),)
    )
    page = Page(
        title=payload,
        subtitle=payload,
        synthetic=False,
        lead=(payload,),
        can_say=(payload,),
        cannot_say=(),
        sections=(section,),
    )
    source = html.render(page)
    tree = html5lib.parse(source, namespaceHTMLElements=False)
    assert not list(tree.iter("script"))
    assert not list(tree.iter("img"))
    assert len(list(tree.iter("b"))) == 0
    assert "49" not in source.split("</style>", 1)[1]


def test_the_same_seed_gives_the_same_bytes(template):
    again = evaluate("template", quick=True)
    assert again.files() == template.files()


def test_files_are_written_and_can_be_written_again(template, tmp_path):
    out = tmp_path / "report"
    for _ in range(2):
        names = {p.relative_to(out).as_posix() for p in template.write(out)}
    assert {"report.html", "estimates.csv", "findings.csv", "people.csv", "sensitivity.csv", "manifest.json"} <= names
    record = json.loads((out / "manifest.json").read_text())
    assert record["seed"] == 1
    assert record["synthetic"] is True
    assert set(record["files"]) | {"manifest.json"} == names
    with (out / "findings.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert all(r["source_version"] for r in rows)


def test_a_folder_of_somebody_else_stops_before_any_work(tmp_path):
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(SpecError, match="IOM-E090"):
        evaluate("template", quick=True, out=tmp_path)


OWN = """[published]
title = "A table of our own"
citation = "Ourselves (2026)"
source_version = "draft"
[published.sample]
n = "30"
[[published.outcomes]]
name = "contacts"
kind = "count"
[published.outcomes.before]
n = "30"
mean = "5.20"
sd = "2.31"
[published.outcomes.after]
n = "30"
mean = "3.10"
sd = "{sd}"
[published.outcomes.test]
statistic = "t"
value = "4.80"
df = ["29"]
"""


def own(tmp_path, sd):
    path = tmp_path / "own.toml"
    path.write_text(OWN.format(sd=sd), encoding="utf-8")
    return path


@pytest.mark.usefixtures("without_null_calibration")
def test_one_table_of_ones_own(tmp_path):
    result = evaluate(own(tmp_path, "2.06"), quick=True)
    assert result.estimates[0].estimate == pytest.approx(3.10 / 5.20)
    assert result.table
    assert all(r.agrees for r in result.table)


@pytest.mark.usefixtures("without_null_calibration")
def test_a_table_that_no_whole_numbers_print_is_evaluated_without_a_cohort_and_says_so(tmp_path):
    result = evaluate(own(tmp_path, "2.05"), quick=True)
    assert result.cohorts is None
    assert any(f.verdict == "inconsistent" for f in result.findings)
    assert any("no whole numbers" in text for text in result.page.texts())
    assert result.estimates[0].estimate == pytest.approx(3.10 / 5.20)


def test_on_people_lost_to_follow_up_only_the_t_is_pinned():
    cohort = reconstruct(load_published("sleath-brown-2017"), rng=1)
    pinned = {
        name: (PairedT()(panel).pinned, EffectSize("dz")(panel).pinned, EffectSize("dav")(panel, rng=1).pinned)
        for name, panel in cohort.items()
    }
    assert pinned == {"arrests": (True, True, True), "risk": (False, True, False)}


def test_arrests_and_risk_each_have_their_ledger_under_three_sets(paper):
    assert [[u.evidence.kind for u in under] for under in paper.ledgers] == [["count"] * 4, ["score"] * 3]
    names = {figure.name for figure in paper.page.figures}
    assert {f"ledger-{u.result.outcome}-{u.evidence.name}" for under in paper.ledgers for u in under} <= names
    for under in paper.ledgers[1]:
        print_, rebuilt = under.result.diagnostics["lines"], [e.diagnostics["lines"] for e in under.rebuilt]
        assert len(rebuilt) >= 3
        for line, found in print_.items():  # what rebuilt people give, the print allows; a digit of print is a tenth
            assert all(found.low - 0.1 <= each[line].low for each in rebuilt)
            assert all(each[line].high <= found.high + 0.1 for each in rebuilt)
    grounds = next(s for s in paper.page.sections if s.title.startswith("Grounds"))
    called = set_names(paper.subject)
    expected = [
        (f"{called(u.evidence.name)}: {g.confound.line}", u.conditions[g.confound.line])
        for under in paper.ledgers
        for u in under
        for g in u.evidence.lines
    ]
    assert [row[:2] for row in grounds.tables[0].rows] == expected
    assert any(condition.startswith("rates by age follow the curve “scotland-2011”") for _, condition in expected)


def test_the_risk_section_says_what_the_print_leaves_open(paper):
    section = next(s for s in paper.page.sections if s.title.startswith("Risk:"))
    said = " ".join(section.paragraphs)
    assert "if these allowances are right" in said
    assert "773" in said
    assert "between -127 and 55 points" in said
    assert "-74.9 to -28 points a year" in said  # 112.4 and 42.0 points in 1.5 years
    tips = {row[0]: row[1:] for row in section.tables[-1].rows}
    assert section.tables[-1].columns[2] == "if arrests are in the score"
    assert tips[SETTINGS["score_error.points_per_event"]] == ("", "13 to 34.8 (0 to 30)", "")


def test_the_ledger_table_has_print_and_rebuilt_cohorts_in_their_units(paper):
    rows = list(csv.DictReader(paper.files()["ledger.csv"].splitlines()))
    assert {r["scale"] for r in rows if r["outcome"] == "risk"} == {"points"}
    assert {r["scale"] for r in rows if r["outcome"] == "arrests"} == {"log ratio"}
    assert {"print", "rebuilt cohort 0"} <= {r["data"] for r in rows}
    assert all(float(r["conf_low"]) <= float(r["low"]) <= float(r["high"]) <= float(r["conf_high"]) for r in rows
               if r["line"] == "remainder")  # fmt: skip


def test_fewer_than_three_sets_are_refused():
    study = load_published("sleath-brown-2017")
    few = replace(study, evidence=study.evidence[:5])
    with pytest.raises(SpecError, match=r"IOM-E096: published\.evidence: expected at least 3 sets for a score, got 1"):
        ledgers.run(PublishedTable(study=few), Effort())


def test_the_null_calibration_comes_between_the_change_and_the_ledger(paper):
    titles = [s.title for s in paper.page.sections]
    where = [
        next(i for i, t in enumerate(titles) if t.startswith(start))
        for start in ("The change", "Would", "Arrests: expected")
    ]
    assert where == sorted(where)
    assert [c.outcome for c in paper.null] == ["arrests"]
    section = paper.page.sections[where[1]]
    assert section.paragraphs[0].endswith(f"{wording.NULL_WORLDS}.")
    assert "For risk there is no null calibration: expected a count" in section.paragraphs[-1]
    assert any("fails to" in text for text in section.paragraphs)
    assert [f.name for f in section.figures] == ["null-arrests"]
    assert any(wording.NULL_WORLDS in text for text in paper.page.can_say)


def test_the_worlds_are_among_the_files(paper):
    rows = list(csv.DictReader(paper.files()["null_calibration.csv"].splitlines()))
    idle = [r for r in rows if r["programme_ratio"] and round(float(r["programme_ratio"]), 6) == 1]
    assert {round(float(r["ratio"]), 2) for r in idle} == {1.0, 0.95, 0.9}
    assert all(abs(float(r["chance"]) - 0.5) < 0.03 for r in idle)
    assert {r["picked_on"] for r in rows} == {"count before", "rate of the day", "rate of the window before"}

"""An earlier release of nearly the same people is found and told; one of the same people, or of others, is not."""

import json

import pytest

from iom_causal.base import wording
from iom_causal.base.output import MAKER
from iom_causal.data.release.disclosure import Disclosure
from iom_causal.data.release.earlier import EARLIER, GIVEN, nearly_the_same, releases
from iom_causal.evaluation import evaluate
from iom_causal.report import phrases

RULES = Disclosure()
THEN = {"arrests, before": ["180", "7.15", "3.75"], "arrests, after": ["180", "2.40", "2.46"]}
SENTENCE = phrases.EARLIER_RELEASE.format(RULES.threshold)
STUDY = """[study]
title = "Ours"
{0}
[study.extract]
file = "people.csv"
layout = "wide"
id = "urn"
windows = [{{ label = "before" }}, {{ label = "after", post = true }}]
equal_windows = true
outcomes = [{{ name = "arrests", kind = "count", columns = ["pre", "post"] }}]
"""


@pytest.mark.parametrize(
    ("change", "near"),
    [
        ({}, False),
        ({"arrests, after": ["180", "2.45", "2.46"]}, True),
        ({"arrests, before": ["175", "7.15", "3.75"]}, True),
        # 200 and 180 may be 189 and 182 people: that they are given alike with others, and rounding, hides that few are
        # in one alone
        ({"arrests, before": ["190", "7.2", "3.75"], "arrests, after": ["190", "2.40", "2.46"]}, True),
        ({"arrests, before": ["200", "7.2", "3.75"], "arrests, after": ["200", "2.40", "2.46"]}, True),
        ({"arrests, before": ["205", "7.2", "3.75"], "arrests, after": ["205", "2.40", "2.46"]}, False),
        ({"arrests, before": ["withheld"] * 3, "arrests, after": ["withheld"] * 3}, False),
    ],
)
def test_about_as_many_people_with_other_figures_may_be_nearly_the_same(change, near):
    assert nearly_the_same(THEN | change, THEN, RULES) == near


def test_releases_of_other_things_are_no_earlier_ones():
    assert not nearly_the_same(THEN, {"harm, before": ["180", "7", "3"]}, RULES)


def manifest(folder, **record):
    folder.mkdir()
    (folder / "manifest.json").write_text(json.dumps({"made_by": MAKER, "study": "Ours"} | record), encoding="utf-8")


def test_earlier_releases_are_found_in_the_folder_and_beside_it(tmp_path):
    other = {"arrests, before": ["175", "7.0", "3.5"]}
    manifest(tmp_path / "report", **{GIVEN: THEN, EARLIER: [other, "strange", {"x": 3}, {"y": ["many"]}]})
    manifest(tmp_path / "beside", **{GIVEN: THEN})
    manifest(tmp_path / "theirs", **{GIVEN: other, "study": "Theirs"})
    manifest(tmp_path / "strange", **{GIVEN: ["no table"], EARLIER: 7})
    assert releases(tmp_path / "report", "Ours") == (other, THEN)
    assert releases(tmp_path / "new", "Ours") == (THEN, other)
    assert releases(tmp_path / "no" / "such", "Ours") == ()


@pytest.mark.usefixtures("without_null_calibration")
def test_estimates_are_compared_where_table_one_is_the_same(study):
    first = evaluate(study, quick=True)
    first.write(study.parent / "one")
    record = json.loads((study.parent / "one" / "manifest.json").read_text(encoding="utf-8"))
    ratio = next(name for name in record[GIVEN] if name.startswith("arrests: ") and "ratio" in name)
    assert record[GIVEN][ratio][0] == "60"
    record[GIVEN][ratio][1] += "1"
    (study.parent / "one" / "manifest.json").write_text(json.dumps(record), encoding="utf-8")
    evaluate(study, quick=True).write(study.parent / "two")
    assert SENTENCE in (study.parent / "two" / "report.html").read_text(encoding="utf-8")


@pytest.fixture
def study(tmp_path):
    rows = [f"a{k},{3 + k % 5},{k * 7 % 4}" for k in range(60)]
    (tmp_path / "people.csv").write_text("\n".join(["urn,pre,post", *rows, "z,37,31"]), encoding="utf-8")
    file = tmp_path / "study.toml"
    file.write_text(STUDY.format(""), encoding="utf-8")
    return file


def without_the_last(study):
    people = study.parent / "people.csv"
    people.write_text(people.read_text(encoding="utf-8").rpartition("\n")[0], encoding="utf-8")


@pytest.mark.usefixtures("without_null_calibration")
def test_a_report_says_that_one_was_there_of_nearly_the_same_people(study):
    told, out = [], study.parent / "report"
    first = evaluate(study, out=out, quick=True, progress=told.append)
    again = evaluate(study, out=out, quick=True, progress=told.append)
    assert SENTENCE not in (*first.page.lead, *again.page.lead)
    assert not [text for text in told if text.startswith("note")]
    without_the_last(study)
    then = evaluate(study, out=out, quick=True, progress=told.append)
    assert SENTENCE in then.page.lead
    assert f"note: {SENTENCE}" in told
    assert SENTENCE in (out / "report.html").read_text(encoding="utf-8")
    written = {p.name: p.read_bytes() for p in out.iterdir() if p.is_file()}
    evaluate(study, out=out, quick=True)
    assert {p.name: p.read_bytes() for p in out.iterdir() if p.is_file()} == written
    assert wording.violations(SENTENCE) == ()


@pytest.mark.usefixtures("without_null_calibration")
def test_one_beside_is_told_by_write_as_well(study):
    evaluate(study, out=study.parent / "one", quick=True)
    without_the_last(study)
    then = evaluate(study, quick=True)
    assert SENTENCE not in then.page.lead
    then.write(study.parent / "two")
    assert SENTENCE in (study.parent / "two" / "report.html").read_text(encoding="utf-8")


@pytest.mark.usefixtures("without_null_calibration")
def test_research_use_says_that_it_is_and_looks_for_none(study):
    study.write_text(STUDY.format('disclosure = { research = true, reason = "in the secure room" }'), encoding="utf-8")
    for name in ("one", "two"):
        evaluate(study, out=study.parent / name, quick=True)
        without_the_last(study)
    page = (study.parent / "two" / "report.html").read_text(encoding="utf-8")
    assert "An earlier release" not in page
    assert "in the secure room" in page
    record = json.loads((study.parent / "two" / "manifest.json").read_text(encoding="utf-8"))
    assert record["research"] is True

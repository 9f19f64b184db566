"""Classes of a score on the page: how many changed by more than error, beside how many error alone would show."""

from dataclasses import replace

import numpy as np
import pytest

from iom_causal.analysis import score_classes
from iom_causal.analysis.steps import Effort, work
from iom_causal.analysis.study_people import StudyPeople
from iom_causal.base import wording
from iom_causal.cohort import Cohort
from iom_causal.data.extract_parts import ExtractOutcome, ExtractWindow
from iom_causal.data.extracts import Extract
from iom_causal.data.release.disclosure import Disclosure
from iom_causal.errors import SpecError
from iom_causal.numerics.adjustment.score_classes import class_of
from iom_causal.panel import Panel
from iom_causal.protocol.score_classes import ScoreClasses
from iom_causal.protocol.study import Study, load_study
from iom_causal.report.sections import score_classes as section
from iom_causal.report.sections.score_class_phrases import SHOWN

QUICK = Effort(quick=True)
TWO = (ExtractWindow(label="before"), ExtractWindow(label="after", post=True))
OPEN = Disclosure(research=True, reason="a test")
NORMS = {"functional_mean": 40.0, "functional_sd": 10.0, "dysfunctional_mean": 100.0, "dysfunctional_sd": 20.0}


def subject(n=200, *, effect=-25.0, cut=-np.inf, disclosure=None, **stated):
    rng = np.random.default_rng(8)
    true = rng.normal(80, 18, 20 * n)
    first = true + rng.normal(0, 8, true.size)
    who = np.flatnonzero(first > cut)[:n]
    last = true[who] + effect + rng.normal(0, 8, n)
    panel = Panel.from_arrays(np.column_stack([first[who], last]).round(1), name="risk", kind="score")
    outcome = ExtractOutcome(name="risk", kind="score", columns=("a", "b"))
    extract = Extract(file="a.csv", id="id", outcomes=(outcome,), windows=TWO)
    classes = (ScoreClasses(outcome="risk", **stated),)
    rules = {} if disclosure is None else {"disclosure": disclosure}
    study = Study(title="Ours", extract=extract, score_classes=classes, **rules)
    return StudyPeople(study=study, cohort=Cohort({"risk": panel}), facts=(), notes=())


def shown(people):
    results = work(people, QUICK, score_classes.run)
    (page,) = section.section(people, results)
    texts = [page.title, page.finding, *page.paragraphs, *(t.caption for t in page.tables)]
    texts += [cell for t in page.tables for cells in (t.columns, *t.rows) for cell in cells]
    assert not [(text, found) for text in texts if (found := wording.violations(text))]
    return page, section.files(people, results)


def test_people_are_counted_by_class_as_the_formulas_have_it():
    people = subject(standard_error=8.0, disclosure=OPEN, **NORMS)
    page, files = shown(people)
    first, last = people.cohort["risk"].outcome.T
    cut = (20 * 40 + 10 * 100) / 30
    place = class_of(first, last, margin=1.959964 * np.sqrt(2) * 8, cut=cut, lower_is_better=True)
    assert files["score_classes.csv"].frame["people"].tolist() == np.bincount(place, minlength=4).tolist()
    (table,) = page.tables
    assert [row[0] for row in table.rows] == ["recovered", "improved", "unchanged", "deteriorated"]
    assert "the cut-off of 60.0 points (of the norms: a = 60.0, b = 60.0, c = 60.0)" in page.paragraphs[-1]


def test_where_nothing_changed_the_page_shows_no_more_than_error_alone_gives():
    people = subject(600, effect=0.0, cut=95.0, standard_error=8.0, population_mean=80.0, population_sd=19.7)
    frame = shown(replace(people, study=replace(people.study, disclosure=OPEN)))[1]["score_classes.csv"].frame
    shares = frame["people"] / 600
    assert ((frame["conf_low"] <= shares) & (shares <= frame["conf_high"])).all()
    assert frame["expected"][0] > 0.05  # and not .025: people with a high score come down
    ignored = subject(600, effect=0.0, cut=95.0, standard_error=8.0, disclosure=OPEN)
    page, files = shown(ignored)
    assert files["score_classes.csv"].frame["conf_high"][0] < shares[0]
    assert any("If they were selected for their score" in text for text in page.paragraphs)


def test_numbers_leave_rounded_and_few_are_withheld_with_another():
    page, files = shown(subject(standard_error=8.0, smallest_change=5.0, bands=(40.0, 60.0, 80.0)))
    assert [table.columns[0] for table in page.tables] == [
        "reliable change",
        "smallest change that matters",
        "band before",
        "band after",
    ]
    rows = {row[0]: row for row in page.tables[0].rows}
    assert rows["deteriorated"][1:3] == ("withheld", "withheld")
    assert "withheld" in {rows["improved"][1], rows["unchanged"][1]}
    numbers = [row[1] for table in page.tables for row in table.rows]
    assert all(cell == "withheld" or int(cell) % 5 == 0 for cell in numbers)
    assert files["score_classes.csv"].frame["people"].astype(str).tolist() == numbers
    assert page.finding.startswith(f"Of 200 people, {rows['improved'][1]} ({rows['improved'][2]}) improved reliably")
    page, _ = shown(subject(60, effect=0.0, standard_error=8.0))
    assert page.finding.startswith("Of 60 people, how many improved reliably in risk is withheld")


def test_classes_that_differ_by_few_people_are_not_both_given():
    page, _ = shown(subject(standard_error=8.0, smallest_change=22.0))
    assert [table.columns[0] for table in page.tables] == ["reliable change"]
    assert "differ by few people" in page.paragraphs[-1]


def test_limits_of_expected_shares_are_rounded_outward():
    people = subject(standard_error=8.0, **NORMS)
    open_ = replace(people, study=replace(people.study, disclosure=OPEN))
    given, true = (shown(p)[1]["score_classes.csv"].frame for p in (people, open_))
    true = true[true["classes"].isin(given["classes"])]
    assert (given["conf_low"].to_numpy() <= true["conf_low"].to_numpy()).all()
    assert (given["conf_high"].to_numpy() >= true["conf_high"].to_numpy()).all()
    assert given["conf_high"].max() <= 1
    assert (given["conf_low"].to_numpy() != true["conf_low"].to_numpy()).any()


def test_without_an_error_of_measurement_nothing_is_expected_of_it():
    page, _ = shown(subject(smallest_change=15.0))
    assert page.finding == SHOWN.format("risk")
    assert {row[3] for row in page.tables[0].rows} == {"not known"}
    page, files = shown(subject(standard_error=50.0))
    assert (page.tables, files) == ((), {})
    assert "below the SD of scores" in page.paragraphs[0]


@pytest.mark.parametrize(
    "stated",
    [
        {},
        {"reliability": 0.8, "standard_error": 8.0},
        {"reliability": 1.0},
        {"standard_error": -1.0},
        {"standard_error": 1.0, "population_mean": 3.0},
        {"bands": (3.0, 2.0)},
        {"reliability": 0.8, "better": "up"},
    ],
)
def test_statements_that_give_no_classes_are_refused(stated):
    with pytest.raises(SpecError):
        ScoreClasses(outcome="risk", **stated)


def test_a_study_file_states_classes_of_its_scores_alone(tmp_path):
    study = subject(reliability=0.8, **NORMS).study
    (tmp_path / "study.toml").write_text(study.to_toml(), encoding="utf-8")
    assert load_study(tmp_path / "study.toml").score_classes == study.score_classes
    for wrong in ("arrests", "risc"):
        with pytest.raises(SpecError, match="score_classes"):
            replace(study, score_classes=(ScoreClasses(outcome=wrong, reliability=0.8),))

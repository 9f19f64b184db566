"""What is said of a study whose settings are moved."""

import numpy as np
import pandas as pd
import pytest

from iom_causal.analysis import ledgers
from iom_causal.analysis.steps import Effort, work
from iom_causal.base.wording import violations
from iom_causal.confounds import History
from iom_causal.errors import InputError
from iom_causal.evaluation import read_subject, study_sensitivity
from iom_causal.report.asked_study import AskedStudy
from iom_causal.report.sections.ledgers import section
from iom_causal.report.without_ledger import reasons
from tests.analysis.sensitivity.two_windows import STUDY, written


@pytest.fixture(scope="module")
def arrests():
    return study_sensitivity("sleath-brown-2017", outcome="arrests")


def test_its_sentences_keep_the_rules_and_name_three_sets(arrests):
    text = arrests.summary()
    assert violations(text) == ()
    assert text.startswith("The ratio of arrests that remains, if these allowances are right, rests on beliefs")
    assert text.count("nothing would remain with") == 4  # each set of the paper states beliefs


def test_a_set_that_allows_for_no_regression_to_the_mean_says_so(tmp_path, arrests):
    """Picked people fall by themselves, and a remainder that holds this fall is said to hold it."""
    own = written(tmp_path)
    own.write_text("\n".join(line for line in STUDY.splitlines() if not line.startswith("selection")))
    plain = study_sensitivity(own).summary()
    assert "nothing is taken out for regression to the mean (u1)" in plain
    assert violations(plain) == ()
    ledgers = [m.under.tried.confounds for m in arrests.moved["arrests"]]
    without = sum(not any("u1" in c.ids and c.adjusts for c in confounds) for confounds in ledgers)
    assert arrests.summary().count("nothing is taken out for regression") == without < len(ledgers)


OWN_SETS = """
[[study.own_evidence]]
name = "chance"
title = "Part of a high score was chance"
about = "People with a high score."
kind = "score"
[[study.own_evidence.lines]]
confound = "ScoreRegression"
settings = { method = "normal", reliability = 0.8 }
source = "a"
date = "2024"
reason = "b"
[[study.own_evidence]]
name = "lost"
title = "Those lost did not come down"
about = "People without a later score."
kind = "score"
lines = [ { confound = "Attrition", settings = { delta = 10 }, source = "a", date = "2024", reason = "b" } ]
[[study.own_evidence]]
name = "drift"
title = "Scores drift"
about = "How scores are given."
kind = "score"
lines = [ { confound = "ScoreError", settings = { drift_per_year = -2 }, source = "a", date = "2024", reason = "b" } ]
"""


@pytest.fixture(scope="module")
def with_scores(tmp_path_factory):
    """People picked on arrests, with three sets of the study's own for a score, of which one cannot be used."""
    folder = tmp_path_factory.mktemp("scores")
    own, rng = written(folder), np.random.default_rng(2)
    people = pd.read_csv(folder / "people.csv")
    before = np.round(rng.normal(120, 25, len(people)))
    people["s1"], people["s2"] = before, np.round(0.8 * before + rng.normal(10, 20, len(people)))
    people.to_csv(folder / "people.csv", index=False)
    score = '{ name = "risk", kind = "score", columns = ["s1", "s2"] }'
    own.write_text(STUDY.replace('"after"] } ]', f'"after"] }}, {score} ]') + OWN_SETS)
    return own


def test_sets_that_a_score_cannot_use_are_said_in_the_words_of_the_page(with_scores):
    ours = study_sensitivity(with_scores)
    assert ours.tidy().query("outcome == 'risk'")["evidence"].unique().tolist() == ["nothing-else"]
    results = work(ours.subject, Effort(quick=True, remainder=True), ledgers.run)
    page = [text for s in section(ours.subject, results) if s.title.endswith("there is no ledger") for text in s.said]
    assert any("fewer than 3 sets of evidence can say what picking alone would have done" in text for text in page)
    assert any("is not in the set “part of a high score was chance”" in text for text in page)
    assert set(page[1:]) <= set(ours.summary().splitlines())
    with pytest.raises(InputError, match="IOM-E066") as refused:
        study_sensitivity(with_scores, evidence=["lost"])
    assert all(text in str(refused.value) for text in page[1:])


@pytest.mark.parametrize("name", ["arrests", "risk"])
def test_an_example_says_once_which_sets_are_left_out(with_scores, name, capsys):
    study = AskedStudy(read_subject(with_scores))
    data = study.subject.data(name)
    study.ledgers(data)
    said = capsys.readouterr().out
    assert all(f"  {text}\n" in said for text in reasons(study.subject, name))
    assert name == "arrests" or "For risk no ledger is drawn up" in said
    study.ledgers(data)
    assert capsys.readouterr().out == ""


def test_one_study_has_one_figure_by_every_door(with_scores):
    """What remains on the page, in `sensitivity`, in an example, and where a setting that multiplies leaves nothing."""
    ours = study_sensitivity(with_scores)
    study, page = AskedStudy(ours.subject), ledgers.run(ours.subject, Effort(seed=ours.seed, remainder=True))
    data = study.data("count")
    ends = {u.evidence.name: u.result for u in page[0].as_given(ours.subject.release).under}
    moved = {m.under.evidence.name: m.under.result for m in ours.moved["arrests"]}
    assert len(ends) >= 3
    limits = ("estimate", "set_low", "set_high", "conf_low", "conf_high")
    for (name, e), ledger in zip(ends.items(), study.ledgers(data, History(ratio=1.0)).values(), strict=True):
        assert [getattr(moved[name], one) for one in limits] == [getattr(e, one) for one in limits]
        both = (e.estimate, e.estimate) if e.estimate is not None else (e.set_low, e.set_high)
        assert study.ends(ledger, data) == both
        tip = study.tipping(ledger, data, "history.ratio").ends
        assert (tip[0], tip[-1]) == both

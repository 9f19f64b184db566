"""Diagnosis: what an answer is held against, what is beside it, and that it depends on the seed alone."""

import math
import pickle
import re

import numpy as np
import pytest

import iom_causal as iom
from iom_causal import simulate as sim
from iom_causal.designs import replicates
from iom_causal.designs import sentences as words
from iom_causal.designs.design import Design
from iom_causal.designs.diagnose import costs, diagnose
from iom_causal.designs.diagnosis import COLUMNS
from iom_causal.errors import DegenerateDataError, SpecError

RULE = iom.Selection("arrests", ("before",), "at_least", "at_boundary", threshold=4)
CAREERS = sim.Careers(
    people=40, rate=1.5, own_sd=0.8, programme=sim.Programme(ratio=0.8), enrolment=sim.Enrolment(selection=RULE)
)


def known(panel):
    """Return the truth, with a standard error that is right by decree."""
    del panel
    return 0.8, 0.1


def halved(panel):
    """Refuse cohorts whose first person had an odd number of events."""
    if panel.before[0] % 2:
        raise DegenerateDataError("IOM-E064", "an odd one")
    return 0.8, 0.1


KNOWN = iom.answer(known, estimand="att_ratio", scale="ratio")
HALVED = iom.answer(halved, estimand="att_ratio", scale="ratio")


def a_design(**changes):
    parts = {
        "model": CAREERS,
        "estimands": {"ratio": sim.att_ratio, "events": sim.att_difference},
        "data": {"one group": sim.BeforeAfter()},
        "estimators": {"ratio of totals": iom.RateRatio(), "paired t": iom.PairedT()},
    }
    return Design(**(parts | changes))


@pytest.fixture(scope="module")
def found():
    return diagnose(a_design(), sims=600, seed=5)


def seen(found):
    return [found.columns[f"design/seen/one group/{n}"] for n in ("before", "after", "days_before", "days_after")]


def test_a_change_is_held_against_itself_over_all_cohorts_and_against_what_it_is_read_as(found):
    before, after, days_before, days_after = seen(found)
    pooled = math.log(after.sum() / before.sum() * days_before[0] / days_after[0])
    answer = found.answer(estimator="ratio of totals")
    mean = np.log(found.columns["design/answer/one group/ratio of totals/estimate"]).mean()
    assert answer.figures["bias"].value == pytest.approx(mean - pooled, abs=1e-12)
    assert answer.figures["distance"].value == pytest.approx(mean - math.log(0.8), abs=1e-9)
    assert answer.score == ("ratio", "att_ratio")
    assert answer.figures["distance"].value < -0.1 < -0.02 < answer.figures["bias"].value


def test_the_error_of_the_bias_knows_that_the_target_is_of_the_same_cohorts(found):
    before, after, days_before, days_after = seen(found)
    logs = np.log(found.columns["design/answer/one group/ratio of totals/estimate"])
    n, days = logs.size, math.log(days_before[0] / days_after[0])
    left = [np.arange(n) != k for k in range(n)]
    without = np.array([logs[k].mean() - math.log(after[k].sum() / before[k].sum()) - days for k in left])
    jackknife = math.sqrt((n - 1) / n * ((without - without.mean()) ** 2).sum())
    # The jackknife and the linearised error differ by the curvature of a log over n: under 1% here.
    assert found.answer(estimator="ratio of totals").figures["bias"].mcse == pytest.approx(jackknife, rel=0.02)


def test_a_difference_is_in_events_a_person_and_its_own_target_the_mean_difference(found):
    answer = found.answer(estimator="paired t")
    before, after, *_ = seen(found)
    assert answer.kind.scale == "difference"
    assert answer.figures["mean_estimate"].value == pytest.approx((after - before).mean(), rel=1e-12)
    assert answer.figures["bias"].value == pytest.approx(0, abs=1e-12)
    assert answer.score.read_as == "att_difference"


def test_what_estimates_the_estimand_has_no_other_target():
    found = diagnose(a_design(estimators={"known": KNOWN}), sims=20).answer()
    assert found.score.read_as == ""
    assert found.figures["bias"].value == found.figures["distance"].value == pytest.approx(0, abs=1e-12)
    assert found.figures["coverage"].value == found.figures["own_coverage"].value == 1


def test_a_table_has_a_row_for_every_measure_and_says_what_is_read_as_what(found):
    table = found.tidy()
    assert tuple(table.columns) == COLUMNS
    assert set(table.read_as) == {"att_ratio", "att_difference"}
    assert set(table.scale) == {"log ratio", "difference"}
    wide = found.table("coverage", "power")
    assert wide.shape == (2, 12)


def test_the_summary_has_every_answer_in_a_table_and_in_words(found):
    text = found.summary()
    assert "600 replicates, seed 5" in text
    assert re.search(r"^ratio of totals +factor +0\.\d\d \(", text, flags=re.MULTILINE)
    assert re.search(r"^ratio of totals: With 40 people and this way of picking them", text, flags=re.MULTILINE)
    assert re.search(r"^paired t: Its 95% intervals hold", text, flags=re.MULTILINE)


def test_many_answers_are_ranked_in_a_summary_and_not_told_one_by_one():
    found = diagnose(a_design().vary({"model.people": [20, 25, 30, 35]}), sims=20)
    assert len(found.answers) == 8
    assert "With 20 people" not in found.summary()
    assert words.WORLDS in " ".join(found.summary().split())
    assert sum("With " in text for text in found.sentences(fall=0.5)) == 4
    assert "a fall of 50% or more" in found.paragraphs(fall=0.5)[0]


def test_failures_are_counted_and_measures_can_be_of_common_successes():
    found = diagnose(a_design(estimators={"known": KNOWN, "halved": HALVED}), sims=60)
    failed = found.answer(estimator="halved").figures["failures"]
    assert 0.2 < failed.value < 0.8
    assert found.answer(estimator="known").figures["coverage"].n == 60
    common = found.on_common_successes()
    assert common.answer(estimator="known").figures["coverage"].n == round(60 * (1 - failed.value))
    miss = found.answer(estimator="halved").figures["coverage_failures_miss"]
    assert miss.value == pytest.approx(1 - failed.value)


def test_an_answer_that_never_answers_is_named():
    never = iom.answer(lambda _: (float("nan"), 1.0), estimand="att_ratio", scale="ratio")
    found = diagnose(a_design(estimators={"known": KNOWN, "never": never}), sims=3)
    assert found.unanswered == (("design", "one group", "never"),)
    assert "never on one group in “design” gives no answer in any simulated study" in found.paragraphs()[-1]


def test_pictures_are_those_of_the_figures():
    found = diagnose(a_design().vary({"model.people": [20, 40]}), sims=40)
    assert [t.get_text() for t in found.plot().get_yticklabels()] == [
        "people=40: ratio of totals",
        "people=20: ratio of totals",
    ]
    assert len(found.plot_panels().get_figure().axes) == 3
    line = found.plot_sizes("model.people", "coverage").lines[0]
    held = [found.answer(design=f"people={n}", estimator="ratio of totals").figures["coverage"].value for n in (20, 40)]
    assert list(line.get_ydata()) == held


def test_designs_are_compared_in_pairs_and_with_less_error_than_apart():
    days_known = a_design(data={"one group": sim.BeforeAfter(custody_known=True)})
    designs = {"plain": a_design(), "days known": days_known}
    found = diagnose(designs, sims=400)
    row = found.differences("plain", "distance").iloc[0]
    one, other = (found.answer(design=d).figures["distance"] for d in ("days known", "plain"))
    assert row.difference == pytest.approx(one.value - other.value, abs=1e-12)
    assert row.mcse < 0.5 * math.hypot(one.mcse, other.mcse)


def test_results_depend_on_the_seed_alone_and_not_on_what_is_diagnosed_beside():
    alone = diagnose(a_design(), sims=30, seed=2)
    beside = diagnose({"design": a_design(), "more": a_design(estimators={"known": KNOWN}, cell=500)}, sims=30, seed=2)
    for name, column in alone.columns.items():
        assert np.array_equal(column, beside.columns[name], equal_nan=name != "replicate"), name
    other = diagnose(a_design(), sims=30, seed=3)
    assert not np.array_equal(alone.columns["design/truth/events"], other.columns["design/truth/events"])


def test_a_design_can_be_pickled():
    copied = pickle.loads(pickle.dumps(a_design()))  # noqa: S301 our own bytes
    assert copied == a_design()


def test_what_each_part_costs_is_measured():
    parts = ["worlds", "one group", "one group/ratio of totals", "one group/paired t"]
    found = costs(a_design(cell=20))
    assert list(found) == [f"design/{part}" for part in parts]
    assert all(seconds > 0 for seconds in found.values())


def test_what_a_diagnosis_costs_is_in_its_summary_where_it_was_measured():
    silent, measured = (diagnose(a_design(cell=20), sims=20, timed=timed) for timed in (False, True))
    assert silent.costs == {}
    assert "Seconds a replicate" not in silent.summary()
    assert list(measured.costs) == list(costs(a_design(cell=20)))
    assert "Seconds a replicate: design/worlds " in measured.summary()
    assert measured.tidy().equals(silent.tidy())


@pytest.mark.parametrize(
    "settings",
    [{"sims": 0}, {"sims": True}, {"seed": -1}, {"alpha": 1.0}, {"alpha": "a"}, {"designs": {}}, {"designs": CAREERS}],
)
def test_settings_outside_their_bounds_are_refused(settings):
    with pytest.raises(SpecError, match="expected"):
        diagnose(**({"designs": a_design(), "sims": 3} | settings))


def late(panel):
    """Refuse all but the few cohorts whose first person had many events."""
    if panel.before[0] < 14:
        raise DegenerateDataError("IOM-E064", "too few events of the first person")
    return 0.8, 0.1


def test_an_answer_that_refuses_at_first_has_its_rows_and_its_reason(monkeypatch):
    monkeypatch.setattr(replicates, "NO_DESCRIPTION", 5)
    seldom = iom.answer(late, estimand="att_ratio", scale="ratio")
    found = diagnose(a_design(estimators={"known": KNOWN, "seldom": seldom}), sims=400)
    answered = np.flatnonzero(found.columns["design/answer/one group/seldom/code"] == 0)
    assert answered[0] > replicates.NO_DESCRIPTION
    assert found.unanswered == ()
    row = found.tidy().query("estimator == 'seldom' and measure == 'failures'").iloc[0]
    assert row.value == pytest.approx(1 - answered.size / 400)
    assert "too few events of the first person" in row.reason


def test_an_answer_that_refuses_always_has_a_row_that_says_why():
    never = iom.answer(lambda _: (float("nan"), 1.0), estimand="att_ratio", scale="ratio")
    table = diagnose(a_design(estimators={"known": KNOWN, "never": never}), sims=3).tidy()
    row = table[table.estimator == "never"].iloc[0]
    assert (row.measure, row.value, row.n) == ("failures", 1.0, 3)
    assert "not finite" in row.reason


def test_a_diagnosis_without_any_answer_says_so():
    never = iom.answer(lambda _: (float("nan"), 1.0), estimand="att_ratio", scale="ratio")
    found = diagnose(a_design(estimators={"never": never}), sims=3)
    with pytest.raises(SpecError, match="there is none"):
        found.answer()
    assert found.tidy().shape[0] == 1


def test_an_infinite_estimate_leaves_a_pooled_bias_undefined():
    few = sim.Careers(people=4, rate=1.0, programme=sim.Programme(ratio=0.2))
    found = diagnose(a_design(model=few, estimators=iom.RateRatio()), sims=200).answer()
    assert np.isneginf(found.sample.estimate).any()
    assert found.figures["bias"].value is None
    assert "infinite" in found.figures["bias"].reason


@pytest.mark.parametrize("fall", [0, 1, 20, -0.2])
def test_a_fall_is_a_share(found, fall):
    with pytest.raises(SpecError, match="share"):
        found.sentences(fall=fall)


def test_what_cannot_go_to_another_process_is_refused_before_anything_is_worked_out():
    inside = iom.answer(lambda _: (0.8, 0.1), estimand="att_ratio", scale="ratio")
    with pytest.raises(SpecError, match="top of a module"):
        diagnose(a_design(estimators=inside), sims=3, executor=iom.designs.processes(1))
    with pytest.raises(SpecError, match="processes"):
        diagnose(a_design(), sims=3, executor="processes")


def test_one_replicate_is_not_spoken_of_as_several():
    found = diagnose(a_design(), sims=1)
    assert found.summary().startswith("1 replicate, seed 1\n")
    assert "1 replicate)" in repr(found)
    assert "1 studies" not in found.summary()

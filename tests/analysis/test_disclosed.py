"""Estimates of people do not tell how many people they are of, nor how many changed."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student

from iom_causal.analysis.disclosed import FROM_ROUNDED, at_one_level, at_one_size, of_rounded
from iom_causal.analysis.people import Described
from iom_causal.analysis.release import Release
from iom_causal.data.release.disclosure import Disclosure
from iom_causal.errors import InputError
from iom_causal.estimate import Estimate
from iom_causal.estimators import LinearMixed, McNemar, PairedT, RiskDifference, SignTest
from iom_causal.panel import Panel
from iom_causal.report.sections import change, people

GUARDED, RESEARCH = Release(Disclosure()), Release(Disclosure(research=True, reason="secure setting"))
SUBJECT = SimpleNamespace(outcomes=(SimpleNamespace(name="harm", kind="binary"),), release=GUARDED)


def of_cells(*cells):
    pairs = [(1, 1)] * cells[0] + [(1, 0)] * cells[1] + [(0, 1)] * cells[2] + [(0, 0)] * cells[3]
    return Panel.from_arrays(pairs, kind="binary", name="harm")


def scores(n, seed):
    rng = np.random.default_rng(seed)
    before = 2000 + rng.normal(0, 500, n)
    return Panel.from_arrays(
        np.column_stack([before, 0.7 * before + rng.normal(500, 330, n)]), kind="score", name="harm"
    )


@pytest.mark.parametrize(
    "spec", [McNemar(), McNemar("mid_p"), RiskDifference(), RiskDifference("newcombe"), SignTest()]
)
def test_neighbouring_tables_of_a_binary_outcome_give_the_same_row(spec):
    rows = [of_rounded(spec, of_cells(*cells), GUARDED).row() for cells in ((13, 9, 4, 11), (14, 8, 3, 11))]
    assert rows[0] | {"n_input": 0} == rows[1] | {"n_input": 0}
    assert FROM_ROUNDED in rows[0]["note"]
    assert of_rounded(spec, of_cells(13, 9, 4, 11), RESEARCH) == spec(of_cells(13, 9, 4, 11))


def test_few_people_with_the_event_are_told_of_by_no_estimate():
    with pytest.raises(InputError, match="fewer than 10 people") as told:
        of_rounded(McNemar(), of_cells(2, 5, 4, 60), GUARDED)
    assert told.value.code == "IOM-E120"


def test_a_sign_test_of_counts_is_refused():
    with pytest.raises(InputError, match="numbers of people alone"):
        of_rounded(SignTest(), scores(23, 1), GUARDED)
    assert of_rounded(SignTest(), scores(23, 1), RESEARCH).estimate is not None


def test_one_level_of_an_outcome_is_given():
    both = tuple(PairedT(level=level)(scores(23, 1)) for level in (0.95, 0.5))
    given, refused = at_one_level(both, GUARDED)
    assert given == both[:1]
    assert [r.error.code for r in refused] == ["IOM-E120"]
    assert at_one_level(both, RESEARCH) == (both, ())


@pytest.mark.parametrize("n", [13, 17, 22, 23, 29])
def test_a_t_and_a_normal_interval_of_one_mean_do_not_give_the_number_of_people(n):
    by_t = PairedT()(scores(n, n))
    half = 1.96 * by_t.std_error
    by_z = replace(by_t, conf_low=by_t.estimate - half, conf_high=by_t.estimate + half)
    out = GUARDED.released(pd.DataFrame([by_t.row(), by_z.row()]), Estimate)
    unit = GUARDED.step(by_t.estimate, by_t.scale, n, half)
    assert len(_solved(out, unit, n)) > 1
    assert _solved(pd.DataFrame([by_t.row(), by_z.row()]).round({"conf_low": 1, "conf_high": 1}), 0.1, n) == [n]


def _solved(rows, unit, n):
    t_half, z_half = (rows["conf_high"] - rows["conf_low"]) / 2
    return [m for m in range(n - 2, n + 3) if _possible(t_half, z_half, unit, student.ppf(0.975, m - 1) / 1.96)]


def _possible(t_half, z_half, unit, ratio):
    return (t_half - unit / 2) / (z_half + unit / 2) <= ratio <= (t_half + unit / 2) / (z_half - unit / 2)


def test_the_first_page_gives_a_share_by_the_digits_of_the_table():
    e = of_rounded(RiskDifference(), of_cells(13, 9, 4, 11), GUARDED)
    row = GUARDED.released(e.tidy(), Estimate).iloc[0]
    assert row["estimate"] == -0.1
    said = "fell by 10 percentage points (95% interval from a fall of 40 to a rise of 10)"
    assert said in change.of_estimate(e, SUBJECT)


def test_table_one_gives_a_share_from_rounded_numbers_of_people():
    rows = {people._row(Described("harm", n, k / n, 0.5, share=True), GUARDED) for n, k in ((37, 22), (35, 18))}
    assert len(rows) == 1
    assert people._row(Described("harm", 100, 0.03, 0.17, share=True), GUARDED)[2:4] == ("withheld", "withheld")


def test_estimates_of_a_few_people_more_are_not_given_beside_one_another():
    some = scores(180, 1).outcome.astype(float)
    some[:3, 1] = np.nan
    panel = Panel.from_arrays(some, kind="score", name="harm", missing="keep")
    both = PairedT()(panel), LinearMixed()(panel)
    assert [e.n_used for e in both] == [177, 180]
    given, refused = at_one_size(both, GUARDED)
    assert given == both[:1]
    assert [(r.what, r.error.code) for r in refused] == [(both[1].method, "IOM-E120")]
    assert at_one_size(both, RESEARCH) == (both, ())

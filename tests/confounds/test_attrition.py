"""Attrition as a line of a ledger: people and their published moments, bounds, tipping, and what is refused."""

import numpy as np
import pytest

from iom_causal.beliefs import theta as th
from iom_causal.confounds import Attrition
from iom_causal.errors import DegenerateDataError, InputError
from iom_causal.moments import Moments
from iom_causal.numerics.adjustment import missing as ms
from iom_causal.panel import Panel
from iom_causal.published.study import load_published
from iom_causal.windows import Window

WINDOWS = (Window("before", -547, 0), Window("after", 0, 549, post=True))


EXACT = 1e-9


def scores(n=60, kind="score"):
    rng = np.random.default_rng(8)
    before = rng.integers(100, 600, n).astype(float)
    after = np.round(40 + 0.6 * before + rng.normal(0, 40, n))
    after[before > 480] = np.nan
    return Panel.from_arrays(
        np.stack([before, after], axis=-1), kind=kind, windows=WINDOWS, name="risk", missing="keep"
    )


def line(spec, data):
    return float(spec.shift(data, th.central(spec)))


def printed(panel):
    m = panel.moments()
    everybody = panel.outcome[:, 0]
    return Moments.from_summary(
        n=m.n,
        n_input=panel.n,
        mean_pre=m.mean_pre,
        sd_pre=m.sd_pre,
        mean_post=m.mean_post,
        sd_post=m.sd_post,
        r=m.r,
        mean_pre_input=float(everybody.mean()),
        kind=panel.kind,
        windows=WINDOWS,
    )


@pytest.mark.parametrize("kind", ["score", "count"])
@pytest.mark.parametrize("spec", [Attrition(), Attrition(delta=20.0), Attrition(handling="unchanged", delta=-5.0)])
def test_people_and_their_printed_moments_give_the_same_line(kind, spec):
    panel = scores(kind=kind)
    assert line(spec, printed(panel)) == pytest.approx(line(spec, panel), abs=EXACT)


def test_complete_pairs_minus_the_line_is_the_change_of_all():
    panel = scores()
    before, after = panel.outcome.T
    observed = ms.complete_case(before, after).estimate
    assert observed - line(Attrition(), panel) == pytest.approx(ms.mar_change(before, after).estimate, abs=EXACT)
    share = np.isnan(after).mean()
    moved = observed - line(Attrition(delta=30.0), panel)
    assert moved == pytest.approx(ms.mar_change(before, after).estimate + 30 * share, abs=EXACT)


def test_unchanged_people_are_put_back_where_they_were():
    panel = scores()
    before, after = panel.outcome.T
    filled = np.where(np.isnan(after), before, after)
    observed = ms.complete_case(before, after).estimate
    expected = (filled - before).mean()
    assert observed - line(Attrition(handling="unchanged"), panel) == pytest.approx(expected, abs=EXACT)


def test_counts_of_all_are_the_ratio_of_their_totals():
    panel = scores(kind="count")
    before, after = panel.outcome.T
    seen = ~np.isnan(after)
    slope, level = np.polyfit(before[seen], after[seen], 1)
    filled = np.where(seen, after, level + slope * before)
    observed = np.log(after[seen].sum() / before[seen].sum())
    assert observed - line(Attrition(), panel) == pytest.approx(np.log(filled.sum() / before.sum()), abs=EXACT)


def test_untracked_people_hide_as_zeros():
    m = Moments.from_summary(n=225, mean_pre=6.84, mean_post=3.61)
    assert line(Attrition(untracked=0.05), m) == pytest.approx(np.log(0.95))


def test_people_outside_the_extract_bring_their_own_change():
    m = Moments.from_summary(n=225, mean_pre=6.0, mean_post=3.0)
    whole = 0.9 * 0.5 + 0.1 * 0.2
    assert np.log(0.5) - line(Attrition(absent=0.1, absent_ratio=0.2), m) == pytest.approx(np.log(whole))
    panel = scores()
    with pytest.raises(InputError, match="for counts"):
        line(Attrition(absent=0.1, absent_ratio=0.2), panel)


def test_what_the_paper_prints_of_the_risk_score():
    risk = load_published("sleath-brown-2017")["risk"]
    assert Attrition().bounds(risk, (20, 1100)) == pytest.approx((-127.2, 55.2), abs=0.05)
    assert Attrition().bounds(risk, (20, 900)) == pytest.approx((-127.2, 21.4), abs=0.05)
    assert Attrition().tipping_mean(risk) == pytest.approx(773.16, abs=0.005)
    with pytest.raises(InputError, match="mean_pre"):
        line(Attrition(), risk)  # the mean before of the 187 followed up is not printed
    assert line(Attrition(handling="complete", delta=50.0), risk) == pytest.approx(-50 * 38 / 225)


def test_bounds_and_tipping_from_people_equal_those_from_their_moments():
    panel = scores()
    spec = Attrition()
    assert spec.bounds(panel, (0, 900)) == pytest.approx(spec.bounds(printed(panel), (0, 900)))
    assert spec.tipping_mean(panel) == pytest.approx(spec.tipping_mean(printed(panel)))
    delta = spec.tipping_delta(panel)
    before, after = panel.outcome.T
    found = ms.mar_change(before, after)
    assert found.estimate + np.isnan(after).mean() * delta < 0 < delta


def test_degenerate_follow_up_is_refused_by_name():
    nan = float("nan")
    few = Panel.from_arrays([[1, 1], [2, 1], [3, nan]], kind="score", missing="keep")
    same = Panel.from_arrays([[2, 1], [2, 3], [2, 2], [2, nan]], kind="score", missing="keep")
    full = Panel.from_arrays([[1, 1], [2, 1], [3, 2]], kind="score")
    for panel in (few, same):
        with pytest.raises(DegenerateDataError):
            line(Attrition(), panel)
    with pytest.raises(DegenerateDataError):
        Attrition().tipping_delta(full)
    with pytest.raises(InputError):
        line(Attrition(delta=-5000.0), scores(kind="count"))


def test_ways_of_treating_the_missing_side_by_side():
    values = np.array(scores(n=400).outcome)
    values[:, 1] = np.where(np.random.default_rng(9).random(400) < values[:, 0] / 1500, np.nan, 100 + values[:, 0] / 2)
    panel = Panel.from_arrays(values, kind="score", windows=WINDOWS, name="risk", missing="keep")
    found = Attrition().by_method(panel, rng=1)
    observed = found["complete"].estimate
    assert observed - line(Attrition(), panel) == pytest.approx(found["mar"].estimate, abs=EXACT)
    assert observed - line(Attrition(handling="unchanged"), panel) == pytest.approx(found["unchanged"].estimate)
    assert found["imputed"].estimate == pytest.approx(found["mar"].estimate, abs=found["mar"].std_error)
    assert all(change.std_error > 0 for change in found.values())
    with pytest.raises(DegenerateDataError):  # who is missing follows from the score before alone
        Attrition().by_method(scores(), rng=1)


def test_the_interval_around_the_bounds_is_wider_than_they_are():
    panel = scores()
    low, high = Attrition().bounds(panel, (0, 900))
    around = Attrition().bounds_interval(panel, (0, 900))
    assert around[0] < low < high < around[1]

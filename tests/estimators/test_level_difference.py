"""Levels of groups in one window, against Welch's test, leaving people out, and a published trial."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from iom_causal.errors import DegenerateDataError, InputError
from iom_causal.estimators import Heterogeneity, LevelDifference
from iom_causal.panel import Panel

EXACT = 1e-9
DATA = Path(__file__).parents[3] / "shared" / "data"


def cohort(women=20, men=60, seed=4, **fields):
    rng = np.random.default_rng(seed)
    n = women + men
    rate = rng.gamma(2.0, 2.0, n) * np.where(np.arange(n) < women, 0.7, 1.0)
    pairs = np.stack([rng.poisson(rate), rng.poisson(0.7 * rate)], axis=-1)
    covariates = {"sex": np.where(np.arange(n) < women, "f", "m"), "team": np.array(list("abc"))[np.arange(n) % 3]}
    return Panel.from_arrays(pairs, name="arrests", covariates=covariates, **fields)


@pytest.mark.parametrize("window", ["before", "after"])
def test_the_difference_of_levels_is_welchs_test(window):
    panel = cohort()
    y = panel.before if window == "before" else panel.after
    theirs = stats.ttest_ind(y[:20], y[20:], equal_var=False)
    e = LevelDifference(window=window, scale="difference")(panel)
    assert (e.statistic, e.df, e.p_value) == pytest.approx((theirs.statistic, theirs.df, theirs.pvalue), rel=EXACT)
    assert (e.conf_low, e.conf_high) == pytest.approx(theirs.confidence_interval(0.95), rel=EXACT)
    assert (e.term, e.estimand, e.scale) == ("sex: f - m", "level_difference", "difference")
    men = stats.ttest_1samp(y[20:], 0.0).confidence_interval(0.95)
    assert e.parts[0].term == "sex=m"
    assert e.parts[0][-2:] == pytest.approx(men, rel=EXACT)


def test_the_ratio_of_levels_has_the_error_of_leaving_people_out():
    panel = cohort()
    y = panel.before.astype(float)
    e = LevelDifference()(panel)
    variances = []
    for group in (y[:20], y[20:]):
        n, left = len(group), np.log((group.sum() - group) / (len(group) - 1))
        variances.append((n - 1) / n * ((left - np.log(group.mean())) ** 2).sum())
    assert e.estimate == pytest.approx(y[:20].mean() / y[20:].mean(), rel=EXACT)
    assert e.std_error == pytest.approx(math.sqrt(sum(variances)), rel=EXACT)
    assert [p.estimate for p in e.parts] == pytest.approx([y[20:].mean(), y[:20].mean()], rel=EXACT)


def test_rates_are_of_days_at_risk_and_levels_at_the_average_of_them():
    panel = cohort()
    days = np.where(panel.covariates["sex"][:, None] == "f", 150.0, 300.0) * np.ones((80, 2))
    e = LevelDifference()(replace(panel, exposure=days))
    assert e.estimate == pytest.approx(2 * LevelDifference()(panel).estimate, rel=EXACT)
    rate = panel.before[:20].sum() / (20 * 150)
    assert e.parts[1].estimate == pytest.approx(rate * days[:, 0].mean(), rel=EXACT)
    common = LevelDifference()(replace(panel, exposure=np.array([300.0, 700.0])))
    assert [p.estimate for p in common.parts] == [p.estimate for p in LevelDifference()(panel).parts]


def test_weights_and_people_without_the_window_are_the_people_written_out():
    panel = cohort()
    weight = np.random.default_rng(1).integers(0, 3, 80)
    outcome = panel.outcome.astype(float)
    outcome[::7, 0] = np.nan
    there = np.repeat(np.arange(80), weight * ~np.isnan(outcome[:, 0]))
    e = LevelDifference()(Panel.from_arrays(outcome, weight=weight, covariates=panel.covariates, missing="keep"))
    one = LevelDifference()(
        Panel.from_arrays(panel.outcome[there], covariates={k: v[there] for k, v in panel.covariates.items()})
    )
    assert (e.estimate, e.std_error, e.df, e.n_used) == pytest.approx((one.estimate, one.std_error, one.df, len(there)))
    assert "have the window before" in e.note


def test_more_levels_have_their_spread_as_changes_have():
    e = LevelDifference(by="team", scale="difference")(cohort())
    assert e.term == Heterogeneity(by="team", scale="difference")(cohort()).term
    assert [p.term for p in e.parts] == ["team=a", "team=b", "team=c"]
    assert e.p_value == e.diagnostics["p_q"]


def test_managed_beside_comparison_people_are_a_risk_difference_in_a_trial():
    path = DATA / "rossi_recidivism.csv"
    if not path.exists():
        pytest.skip("the data of Rossi, Berk & Lenihan (1980) are not here")
    import pandas as pd

    people = pd.read_csv(path)
    outcome = np.column_stack([np.full(len(people), np.nan), people["arrest"]])
    paid = np.ma.MaskedArray(np.ones(len(people), dtype=int), mask=people["fin"] == 0)
    panel = Panel.from_arrays(outcome, name="arrested", kind="binary", start=paid, missing="keep")
    e = LevelDifference(by="managed", window="after", scale="difference")(panel)
    control, treated = (p.estimate for p in e.parts)
    # Rossi, Berk & Lenihan (1980): 30.6% of those without money were arrested within a year, and 22.2% with it
    assert (round(control, 3), round(treated, 3)) == (0.306, 0.222)
    assert (e.term, e.n_used) == ("managed - comparison", 432)
    assert e.estimate == pytest.approx(treated - control)
    se = math.sqrt(sum(p * (1 - p) / 215 for p in (control, treated)))  # 216 in each group, less one
    assert e.std_error == pytest.approx(se, rel=EXACT)


def test_what_has_no_levels_is_refused_in_words():
    panel = cohort()
    with pytest.raises(InputError, match=r"IOM-E066.*difference"):
        LevelDifference()(replace(panel, outcome=panel.outcome + 0.0, kind="score"))
    with pytest.raises(InputError, match=r"IOM-E009.*LevelDifference"):
        LevelDifference(by="sx")(panel)
    with pytest.raises(InputError, match="IOM-E072"):
        LevelDifference(by="managed")(panel)
    with pytest.raises(InputError, match="IOM-E060"):
        LevelDifference()(cohort(women=1))
    with pytest.raises(InputError, match=r"IOM-E047.*iom\.batch"):
        LevelDifference()(replace(panel, outcome=panel.outcome[None]))
    outcome = panel.outcome.copy()
    outcome[:20, 0] = 0
    for who in ((), (0,)):  # nobody has events, or one person has all
        outcome[list(who), 0] = 5
        with pytest.raises(DegenerateDataError, match="IOM-E064"):
            LevelDifference()(replace(panel, outcome=outcome))
    outcome[:20, 0] = 2
    with pytest.raises(DegenerateDataError, match="IOM-E065"):
        LevelDifference(scale="difference")(replace(panel, outcome=outcome))

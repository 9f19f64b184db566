"""Faults that were once planted and not noticed, each against a closed form, another tool or a count by hand."""

import datetime as dt

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from iom_causal.beliefs import LogNormal
from iom_causal.confounds import Attrition, Custody, History, RegressionToMean, Season
from iom_causal.estimators import Ancova, PoissonFixedEffects, PoissonGLM, PoissonMixed, RateRatio, RiskDifference
from iom_causal.intervals import StudentT
from iom_causal.ledger import Ledger
from iom_causal.moments import Moments
from iom_causal.numerics.adjustment import missing as ms
from iom_causal.numerics.adjustment.identified_sets import imbens_manski
from iom_causal.panel import Panel
from iom_causal.sensitivity.regression_tipping import regression_tipping
from iom_causal.windows import Selection, Window

EXACT = 1e-9  # sums in another order
FITTED = 1e-6  # an optimum of a likelihood
DRAWN = 0.012  # two standard errors of the .025 quantile of 4,000 draws are .008; 90% would be off by .031
ALIKE = (Window("before", -365, 0), Window("after", 0, 365, post=True))
UNLIKE = (Window("before", -365, 0), Window("after", 0, 730, post=True))


def counts(n=30, seed=5):
    rng = np.random.default_rng(seed)
    rate = rng.gamma(2.0, 3.0, n)
    return np.stack([rng.poisson(rate) + 1, rng.poisson(0.6 * rate)], axis=-1)


@pytest.mark.parametrize("se", ["robust", "conditional", "quasi"])
def test_without_events_after_the_jeffreys_ratio_is_one_of_rates(se):
    figures = []
    for windows in (ALIKE, UNLIKE):
        days = [w.days for w in windows]
        panel = Panel.from_arrays([[2, 0], [3, 0], [1, 0], [4, 0]], name="arrests", windows=windows, exposure=days)
        figures.append(RateRatio(se=se)(panel).diagnostics["jeffreys_ratio"])
        assert figures[-1] == pytest.approx((0.5 / days[1]) / (10.5 / days[0]), rel=EXACT)
    assert figures[0] == pytest.approx(2 * figures[1], rel=EXACT)


def test_the_quasi_poisson_error_is_that_of_a_model_with_an_effect_for_each_person():
    pairs = counts()
    n = len(pairs)
    x = np.column_stack([np.kron(np.eye(n), np.ones((2, 1))), np.tile([0.0, 1.0], n)])
    fit = sm.GLM(pairs.ravel(), x, family=sm.families.Poisson()).fit(scale="X2")
    found = RateRatio(se="quasi")(Panel.from_arrays(pairs))
    assert found.std_error == pytest.approx(fit.bse[-1], rel=FITTED)
    half = stats.t.ppf(0.975, n - 1) * fit.bse[-1]
    assert np.log([found.conf_low, found.conf_high]) == pytest.approx(
        fit.params[-1] + np.array([-half, half]), rel=FITTED
    )


def test_the_error_of_ancova_is_hc3_by_hand():
    pairs = counts()
    managed = np.arange(len(pairs)) % 3 > 0
    start = np.ma.MaskedArray(np.ones(len(pairs), dtype=int), mask=~managed)
    x, y = np.column_stack([np.ones(len(pairs)), managed, pairs[:, 0]]).astype(float), pairs[:, 1].astype(float)
    bread = np.linalg.inv(x.T @ x)
    left, leverage = y - x @ bread @ x.T @ y, np.einsum("ij,jk,ik->i", x, bread, x)
    meat = (x * ((left / (1 - leverage)) ** 2)[:, None]).T @ x
    found = Ancova()(Panel.from_arrays(pairs, start=start))
    assert found.std_error == pytest.approx(np.sqrt((bread @ meat @ bread)[1, 1]), rel=EXACT)


@pytest.mark.parametrize("model", [PoissonGLM, PoissonFixedEffects, PoissonMixed])
def test_time_in_a_model_counts_years(model):
    windows = tuple(Window(f"w{t}", 365 * (t - 3), 365 * (t - 2), post=t == 3) for t in range(4))
    apart = np.array([[50, -30, 20, -10], [20, 40, -60, 30]])
    outcome = np.array([1000, 1200, 1440, 1296]) + np.vstack(
        [apart, -apart]
    )  # a fifth more each year; 1296 is .75 of 1728
    found = model(covariates="time")(Panel.from_arrays(outcome, windows=windows, exposure=[365] * 4))
    slope = next(p.estimate for p in found.parts if p.term == "time")
    assert slope == pytest.approx(np.log(1.2) * 365.25 / 365, rel=FITTED)
    assert found.estimate == pytest.approx(0.75, rel=FITTED)


def test_the_delta_that_tips_has_two_degrees_of_freedom_fewer_than_complete_pairs():
    rng = np.random.default_rng(2)
    before = rng.normal(300, 60, 16)
    after = 60 + 0.5 * before + rng.normal(0, 30, 16)
    after[:4] = np.nan
    found = ms.mar_change(before, after)
    reach = stats.t.ppf(0.975, 12 - 2) * found.std_error
    wanted = (-found.estimate - np.sign(-found.estimate) * reach) / (4 / 16)
    tipped = Attrition().tipping_delta(
        Panel.from_arrays(np.column_stack([before, after]), kind="score", missing="keep")
    )
    assert tipped == pytest.approx(wanted, rel=EXACT)


def test_the_band_of_regression_to_the_mean_is_that_of_a_line_at_the_mean_of_everybody():
    pairs = counts(9)
    x = sm.add_constant(pairs[:, 0].astype(float))
    line = sm.OLS(pairs[:, 1].astype(float), x).fit()
    at = np.array([2.0, 4.0])
    wanted = line.get_prediction(sm.add_constant(at)).conf_int(alpha=0.05) / at[:, None]
    found = regression_tipping(Panel.from_arrays(pairs), means=at)
    assert np.column_stack([found.low, found.high]) == pytest.approx(wanted, rel=EXACT)


@pytest.mark.parametrize("months", [((5, 1), (11, 1)), ((11, 1), (5, 1))])
def test_seasons_of_peoples_own_dates_are_after_over_before(months):
    (month, day), _ = months
    dates = np.array([dt.date(year, month, day) for year in (2013, 2014, 2015)])
    panel = Panel.from_arrays(
        counts(3), windows=(Window("b", -181, 0), Window("a", 0, 181, post=True)), index_date=dates
    )
    summer_after = month == 5
    found = float(np.ravel(Season(amplitude=0.1).shift(panel, {"amplitude": 0.1}))[0])
    wanted = np.log(1.1 / 0.9) * (1 if summer_after else -1)
    assert found == pytest.approx(wanted, abs=0.01)  # half-years are 181 and 184 days


def test_time_at_liberty_of_everybody_alike_changes_nothing_in_windows_of_unlike_length():
    pairs = np.column_stack([counts()[:, 0], 2 * counts()[:, 0]])
    panel = Panel.from_arrays(pairs, windows=UNLIKE, exposure=np.tile([300.0, 600.0], (len(pairs), 1)))
    assert float(Custody().shift(panel, {"free_at_start": 1.0})) == pytest.approx(0, abs=EXACT)
    # 65 days of 365 and 130 of 730 inside: the same share.
    assert float(Custody(target="total").shift(panel, {"free_at_start": 1.0})) == pytest.approx(0, abs=EXACT)


def test_the_interval_of_a_line_is_at_the_level_that_is_said():
    found = Ledger([History(ratio=LogNormal(0.85, 0.1))], draws=4_000)(Panel.from_arrays(counts(60)), rng=1)
    line = found.diagnostics["lines"]["history"]
    assert line.conf_low == pytest.approx(np.log(0.85) - 1.96 * 0.1, abs=DRAWN)
    assert line.conf_high == pytest.approx(np.log(0.85) + 1.96 * 0.1, abs=DRAWN)


def test_what_was_expected_after_starts_from_before():
    pairs = counts(60)
    found = Ledger([History(ratio=0.8)])(Panel.from_arrays(pairs), rng=1)
    assert found.diagnostics["expected_after"] == pytest.approx(0.8 * pairs[:, 0].mean(), rel=EXACT)


def test_the_error_of_a_paired_difference_is_that_of_the_changes():
    pairs = np.array([[1, 0]] * 12 + [[0, 1]] * 3 + [[1, 1]] * 5 + [[0, 0]] * 4)
    change = pairs[:, 1] - pairs[:, 0]
    found = RiskDifference()(Panel.from_arrays(pairs, kind="binary"))
    assert found.std_error == pytest.approx(change.std() / np.sqrt(len(change)), rel=EXACT)


def test_print_of_windows_of_unlike_length_is_regressed_as_rates():
    means, sds = {"mean_pre": 6.0, "mean_post": 8.0}, {"sd_pre": 4.0, "sd_post": 6.0}
    m = Moments.from_summary(n=100, **means, **sds, r=0.5, windows=UNLIKE, name="arrests")
    rule = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=1)
    spec = RegressionToMean(method="linear", comparable_mean=4.0, selection=rule)
    slope = 0.5 * (6.0 / 2) / 4.0  # of the count in a year after on that before
    left = (8.0 / 2 - slope * (6.0 - 4.0)) / 4.0  # what remains of everybody's mean
    wanted = np.log(8.0 / 2 / 6.0) - np.log(left)
    assert float(spec.shift(m, {"comparable_mean": 4.0})) == pytest.approx(wanted, rel=EXACT)


def test_print_of_windows_of_unlike_length_is_regressed_as_rates_by_those_picked_on_the_count_after():
    m = Moments.from_summary(
        n=100, mean_pre=6.0, mean_post=8.0, sd_pre=4.0, sd_post=6.0, r=0.5, windows=UNLIKE, name="arrests"
    )
    rule = Selection("arrests", ("after",), "at_least", "within_post", threshold=1)
    spec = RegressionToMean(method="gamma_poisson", comparable_mean=4.0, shape=1.0, selection=rule)
    # A rate given a count of two years in which all are multiplied by R has the mean (a + M2) / (a / mu + 2 R).
    left = ((1.0 + 8.0) / 6.0 - 1.0 / 4.0) / 2
    found = float(spec.shift(m, {"comparable_mean": 4.0, "shape": 1.0}))
    assert found == pytest.approx(np.log(8.0 / 2 / 6.0) - np.log(left), rel=EXACT)


def test_the_error_of_a_mean_change_with_predicted_scores_is_that_of_a_line_at_everybodys_mean():
    rng = np.random.default_rng(2)
    before = rng.normal(300, 60, 16)
    after = np.where(before > 320, np.nan, 60 + 0.5 * before + rng.normal(0, 30, 16))  # the high ones are lost
    seen = ~np.isnan(after)
    line = sm.OLS(after[seen], sm.add_constant(before[seen])).fit()
    at = line.get_prediction([1.0, before.mean()])
    spread = at.se_mean[0] ** 2 + (line.params[1] - 1) ** 2 * before.var(ddof=1) / len(before)
    found = ms.mar_change(before, after)
    assert found.estimate == pytest.approx(at.predicted_mean[0] - before.mean(), rel=EXACT)
    assert found.std_error == pytest.approx(np.sqrt(spread), rel=EXACT)


def test_the_interval_of_a_set_is_two_sided_for_a_point_and_one_sided_for_a_wide_set():
    assert imbens_manski(0.0, 0.0, 1.0, 1.0) == pytest.approx(
        (-stats.norm.ppf(0.975), stats.norm.ppf(0.975)), abs=FITTED
    )
    ends = -stats.norm.ppf(0.95), 100 + stats.norm.ppf(0.95)
    assert imbens_manski(0.0, 100.0, 1.0, 1.0) == pytest.approx(ends, abs=FITTED)


def test_draws_from_the_law_of_a_ratio_are_ratios():
    drawn = StudentT(float(np.log(0.5)), 0.1, 30.0, log=True).sample(np.random.default_rng(1), 4_000)
    assert np.median(drawn) == pytest.approx(0.5, abs=DRAWN)

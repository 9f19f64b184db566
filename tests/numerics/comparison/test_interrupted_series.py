"""Regression of totals in windows: another tool's fits, closed forms, gradients, and what has no fit."""

import numpy as np
import pytest

from iom_causal.numerics.comparison.interrupted_series import fit_series, over_horizon
from iom_causal.numerics.comparison.serial_errors import newey_west
from iom_causal.numerics.comparison.series_effects import placebo_breaks, segments, series_effect

SAME = 1e-8  # of another tool's search
MONTHS = np.arange(-24, 12) + 0.5


def series(seed=3, size=1, spread=0.0):
    rng = np.random.default_rng(seed)
    years = MONTHS / 12
    mean = 80 * np.exp(-0.1 * years - 0.3 * (years > 0))
    noise = rng.gamma(1 / spread, spread, (size, 36)) if spread else 1.0
    events = rng.poisson(mean * noise, (size, 36)).astype(float)
    exposure = rng.uniform(50, 60, (size, 36))
    return segments(years, 0.0), events, np.log(exposure), rng.poisson(100.0, (size, 36)).astype(float)


@pytest.mark.parametrize("family", ["poisson", "negative_binomial", "binomial"])
def test_coefficients_and_hac_are_those_of_statsmodels(family):
    import statsmodels.api as sm

    by, events, offset, others = series(spread=0.05)
    binomial = family == "binomial"
    fit = fit_series(by.x, events, 0 * offset if binomial else offset, family=family, trials=events + others)
    kinds = {
        "poisson": sm.families.Poisson(),
        "negative_binomial": sm.families.NegativeBinomial(alpha=float(fit.spread[0])),
        "binomial": sm.families.Binomial(),
    }
    totals = np.stack([events[0], others[0]], axis=1) if binomial else events[0]
    model = sm.GLM(totals, by.x, family=kinds[family], offset=None if binomial else offset[0])
    theirs = model.fit(tol=1e-14, maxiter=100, cov_type="HAC", cov_kwds={"maxlags": 3})
    np.testing.assert_allclose(fit.values[0], theirs.params, rtol=SAME, atol=SAME)
    ours = newey_west(fit.root, fit.pearson, fit.bread, 3)[0]
    if family == "negative_binomial":  # their bread is the observed information, ours the expected one of both fits
        plain = model.fit(tol=1e-14, maxiter=100).cov_params()
        np.testing.assert_allclose(fit.bread[0], plain, rtol=SAME)
        score = model.score_obs(theirs.params)
        weights = np.maximum(1 - np.abs(np.subtract.outer(np.arange(36), np.arange(36))) / 4, 0)
        np.testing.assert_allclose(ours, plain @ score.T @ weights @ score @ plain, rtol=SAME)
    else:
        np.testing.assert_allclose(ours, theirs.cov_params(), rtol=SAME)


def test_a_spread_is_that_at_which_pearson_has_its_degrees_of_freedom():
    by, events, offset, _ = series(spread=0.05, size=20)
    fit = fit_series(by.x, events, offset, family="negative_binomial")
    assert fit.sound.all()
    assert (fit.pearson**2).sum(-1) == pytest.approx(32)
    even = fit_series(by.x, np.rint(80 * np.ones((1, 36))), np.zeros((1, 36)), family="negative_binomial")
    assert even.spread.tolist() == [0.0]


@pytest.mark.parametrize("slope", [True, False])
@pytest.mark.parametrize("family", ["poisson", "binomial"])
def test_the_ratio_is_of_what_was_observed_after_to_what_is_expected_without(family, slope):
    by, events, offset, others = series(size=5)
    by = segments(MONTHS / 12, 0.0, slope=slope)
    fit = fit_series(by.x, events, offset, family=family, trials=events + others)
    found = over_horizon(fit, by.x, by.base, by.after)
    expected = events[:, by.after].sum(-1) / found.without[:, by.after].sum(-1)
    assert np.exp(found.log_ratio) == pytest.approx(expected)


def test_with_level_and_slope_free_the_trend_is_that_of_the_windows_before_alone():
    by, events, offset, _ = series()
    whole = fit_series(by.x, events, offset)
    before = fit_series(by.x[~by.after, :2], events[:, ~by.after], offset[:, ~by.after])
    assert whole.values[0, :2] == pytest.approx(before.values[0])


def test_a_horizon_weighs_months_by_what_is_expected_without_the_programme():
    by = segments(np.arange(-24, 12) + 0.5, 0.0)
    level, change, trend = -0.3, 0.02, -0.02
    months = np.arange(12) + 0.5
    events = np.exp(4 + trend * (MONTHS) + by.after * (level + change * MONTHS))[None]
    fit = fit_series(by.x, events, 0 * events)
    weight = np.exp(trend * months)
    wanted = (weight * np.exp(level + change * months)).sum() / weight.sum()
    found = float(np.exp(over_horizon(fit, by.x, by.base, by.after).log_ratio[0]))
    assert found == pytest.approx(wanted)
    assert abs(found - np.exp(level + change * months).mean()) > 0.001  # the plain average is another number


@pytest.mark.parametrize("family", ["poisson", "negative_binomial", "binomial"])
def test_gradients_are_those_of_small_steps(family):
    by, events, offset, others = series(spread=0.05)
    trials = events + others
    fit = fit_series(by.x, events, offset, family=family, trials=trials)

    def log_ratio(values):
        linear = by.x @ values + offset[0]
        mean = trials[0] / (1 + np.exp(-linear)) if family == "binomial" else np.exp(linear)
        without = mean * np.exp(-(by.x - by.base) @ values)
        return np.log(mean[by.after].sum() / without[by.after].sum())

    steps = 1e-5 * np.eye(4)
    wanted = [(log_ratio(fit.values[0] + s) - log_ratio(fit.values[0] - s)) / 2e-5 for s in steps]
    assert over_horizon(fit, by.x, by.base, by.after).gradient[0] == pytest.approx(wanted, abs=1e-8)


def test_what_two_series_share_in_a_window_cancels_in_a_binomial_one():
    by, _events, _offset, _others = series()
    shock = np.random.default_rng(9).uniform(0.5, 2, 36)
    mean = np.exp(by.x @ [4, -0.1, -0.3, 0.1])
    trials = (mean + 100) * shock
    fit = fit_series(by.x, mean[None] * shock, np.zeros((1, 36)), family="binomial", trials=trials[None])
    assert fit.values[0] == pytest.approx([4 - np.log(100), -0.1, -0.3, 0.1])


def test_a_series_without_events_on_a_side_has_no_fit():
    by, events, offset, _ = series(size=2)
    events[1, by.after] = 0
    assert fit_series(by.x, events, offset).sound.tolist() == [True, False]


def test_a_replicate_does_not_depend_on_the_others():
    by, events, offset, _ = series(size=7, spread=0.1)
    for family in ("poisson", "negative_binomial"):
        whole = series_effect(by, events, offset, family=family)
        one = series_effect(by, events[3:4], offset[3:4], family=family)
        for name in ("std_error", "df", "persistence"):
            assert getattr(whole, name)[3] == pytest.approx(getattr(one, name)[0], rel=1e-12)
        assert whole.horizon.log_ratio[3] == pytest.approx(one.horizon.log_ratio[0], rel=1e-12)


def test_placebo_breaks_are_series_cut_at_the_start_with_a_break_earlier():
    by, events, offset, _ = series(size=1)
    before = ~by.after
    years, edges = MONTHS[before] / 12, (MONTHS[before] - 0.5) / 12
    settings = {"slope": True, "waves": None, "family": "poisson", "trials": None, "errors": "hac"}
    many = placebo_breaks(years, edges, events[0, before], offset[0, before], longest=7, **settings)
    assert many.horizon.log_ratio.shape == (13,)  # 6 windows on each side at least, of 24
    third = segments(years, edges[8])
    third = third._replace(after=third.after & (np.arange(24) < 15))
    alone = series_effect(third, events[:, before], offset[:, before])
    assert many.horizon.log_ratio[2] == pytest.approx(alone.horizon.log_ratio[0])
    assert many.std_error[2] == pytest.approx(alone.std_error[0])
    assert placebo_breaks(years[:11], edges[:11], events[0, :11], offset[0, :11], longest=7, **settings) is None

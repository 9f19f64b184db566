"""Missing follow-up: stored values, imputation, weighting, bounds and tipping values."""

import numpy as np
import pytest
import statsmodels.api as sm

from iom_causal.errors import DegenerateDataError, InputError
from iom_causal.numerics.adjustment import missing as ms

STORED = 5e-8
IMPUTED = 0.1  # standard errors; imputing 20,000 times leaves a hundredth of that


def scores(n=225, seed=1, delta=0.0):
    rng = np.random.default_rng(seed)
    before = rng.normal(329, 143, n)
    after = 60 + 0.55 * before + rng.normal(0, 120, n)
    lost = rng.random(n) < 1 / (1 + np.exp(2.2 - (before - 329) / 143))
    return before, np.where(lost, np.nan, after), after + delta * lost


def test_stored_degrees_of_freedom():
    assert ms.barnard_rubin(5, 2.0, 1.0, 40.0) == pytest.approx(4.6791547, abs=STORED)
    assert ms.barnard_rubin(20, 0.3, 1.0, 186.0) == pytest.approx(98.4, abs=0.05)
    assert ms.barnard_rubin(20, 0.0, 1.0, 186.0) == pytest.approx(187 / 189 * 186)


def test_rules_for_putting_imputations_together():
    found = ms.rubin([1.0, 2.0, 4.0], [0.5, 0.7, 0.6], df_complete=50)
    between = np.var([1.0, 2.0, 4.0], ddof=1)
    assert found.estimate == pytest.approx(7 / 3)
    assert found.std_error == pytest.approx(np.sqrt(0.6 + 4 / 3 * between))
    assert found.missing_information == pytest.approx(4 / 3 * between / (0.6 + 4 / 3 * between))


def test_the_change_if_missing_is_predicted_is_a_regression_of_the_complete():
    before, after, _ = scores()
    seen = ~np.isnan(after)
    fit = sm.OLS(after[seen], sm.add_constant(before[seen])).fit()
    filled = np.where(seen, np.nan_to_num(after), fit.predict(sm.add_constant(before)))
    assert ms.mar_change(before, after).estimate == pytest.approx((filled - before).mean(), abs=1e-9)


def test_imputation_gives_the_same_answer_in_the_limit():
    before, after, _ = scores()
    closed = ms.mar_change(before, after)
    imputed = ms.impute(before, after, 20_000, np.random.default_rng(2))
    assert imputed.estimate == pytest.approx(closed.estimate, abs=IMPUTED * closed.std_error)
    assert imputed.std_error == pytest.approx(closed.std_error, rel=0.02)


def test_its_interval_covers_the_change_of_everybody_when_missing_hangs_on_the_score_before():
    truth = 60 + 0.55 * 329 - 329
    inside, errors, found = 0, [], []
    for seed in range(600):
        change = ms.mar_change(*scores(seed=seed)[:2])
        inside += abs(change.estimate - truth) < 1.96 * change.std_error
        errors.append(change.std_error)
        found.append(change.estimate)
    assert np.mean(found) == pytest.approx(truth, abs=1.5)
    assert inside / 600 == pytest.approx(0.95, abs=0.03)
    assert np.mean(errors) == pytest.approx(np.std(found), rel=0.1)
    complete = [ms.complete_case(*scores(seed=s)[:2]).estimate for s in range(200)]
    assert abs(np.mean(complete) - truth) > 3


def test_small_samples_are_imputed_with_an_uncertain_spread():
    before = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 9.0])
    after = np.array([2.0, 1.0, 4.0, 3.0, 6.0, np.nan, np.nan])
    x, y, lost = before[:5], after[:5], before[5:]
    slope, level = np.polyfit(x, y, 1)
    residual = ((y - level - slope * x) ** 2).sum()
    # The spread drawn has the mean residual / (5 - 2 - 2) under the posterior, three times the usual estimate.
    parts = len(lost) + len(lost) ** 2 / 5 + (lost - x.mean()).sum() ** 2 / ((x - x.mean()) ** 2).sum()
    between = residual / (5 - 2 - 2) * parts / len(before) ** 2
    drawn = [ms.impute(before, after, 4000, np.random.default_rng(seed)) for seed in range(40)]
    found = [d.missing_information * d.std_error**2 for d in drawn]
    assert np.mean(found) == pytest.approx(between, rel=0.2)  # a law without variance: slow to settle


def test_weighting_by_the_chance_of_follow_up_agrees():
    truth = 60 + 0.55 * 329 - 329
    runs = [ms.inverse_probability(*scores(seed=s)[:2]) for s in range(1500)]
    found = np.array([r[0].estimate for r in runs])
    assert found.mean() == pytest.approx(truth, abs=2)
    assert np.mean([r[0].std_error for r in runs]) == pytest.approx(found.std(), rel=0.06)
    assert all(100 < effective < 225 for _, effective in runs)


def test_people_lost_by_their_score_alone_cannot_be_weighted():
    before = np.arange(20.0)
    with pytest.raises(DegenerateDataError):
        ms.inverse_probability(before, np.where(before > 10, np.nan, 1.0))


def test_printed_bounds_and_tipping_mean():
    low, high = ms.worst_and_best(328.89, 238.61, 225, 187, (20.0, 1100.0))
    assert float(low) == pytest.approx(-127.2008, abs=5e-5)
    assert float(high) == pytest.approx(55.1992, abs=5e-5)
    _, narrower = ms.worst_and_best(328.89, 238.61, 225, 187, (20.0, 900.0))
    assert float(narrower) == pytest.approx(21.4, abs=0.05)
    assert ms.tipping_mean(328.89, 238.61, 225, 187) == pytest.approx(773.16, abs=0.005)


def test_bounds_hold_every_completion():
    before, after, _ = scores(n=40)
    seen = ~np.isnan(after)
    low, high = ms.worst_and_best(before.mean(), after[seen].mean(), 40, int(seen.sum()), (0.0, 900.0))
    rng = np.random.default_rng(3)
    for _ in range(50):
        filled = np.where(seen, np.nan_to_num(after), rng.uniform(0, 900, 40))
        assert low <= (filled - before).mean() <= high


def test_at_the_tipping_delta_the_interval_touches_nothing():
    change, error, share, df = -60.0, 12.0, 0.17, 185
    delta = ms.tipping_delta(change, error, share, df)
    nearest = change + share * delta + 1.9728699 * error
    assert nearest == pytest.approx(0, abs=1e-5)
    assert ms.tipping_delta(-change, error, share, df) == pytest.approx(-delta)
    with pytest.raises(InputError):
        ms.tipping_delta(change, error, 0.0, df)


def test_too_few_complete_pairs_are_refused():
    nan = float("nan")
    with pytest.raises(DegenerateDataError):
        ms.mar_change(np.arange(4.0), np.array([1.0, 2.0, nan, nan]))
    with pytest.raises(DegenerateDataError):
        ms.mar_change(np.ones(4), np.array([1.0, 2.0, 3.0, nan]))


def test_with_everybody_followed_up_nobody_is_weighted():
    before, _, after = scores(n=40)
    change, effective = ms.inverse_probability(before, after)
    assert change == ms.complete_case(before, after)
    assert effective == 40

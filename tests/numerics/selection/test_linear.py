"""Linear regression to the mean, against closed forms and simulated populations."""

import numpy as np
import pytest
from scipy import stats

from iom_causal.errors import DegenerateDataError, InputError
from iom_causal.moments import Moments
from iom_causal.numerics.selection import linear as rtm
from iom_causal.sensitivity.regression_tipping import regression_tipping

PAPER = Moments.from_summary(n=225, mean_pre=6.84, sd_pre=4.75, mean_post=3.61, sd_post=3.66, t=11.64, name="arrests")


def careers(rng, size, *, shape, mean, effect):
    """Gamma-Poisson people without memory beyond their rate: regression of after on before is linear."""
    rate = rng.gamma(shape, mean / shape, size)
    return rng.poisson(rate), rng.poisson(rate * effect)


@pytest.mark.parametrize("effect", [1.0, 0.7])
def test_it_finds_the_effect_where_its_conditions_hold(effect):
    rng = np.random.default_rng(20121101)
    before, after = careers(rng, 400_000, shape=0.8, mean=2.0, effect=effect)
    picked = rng.random(before.size) < stats.norm.cdf((before - 6) / 2)
    x, y = before[picked], after[picked]
    b = rtm.slope(np.corrcoef(x, y)[0, 1], x.std(), y.std())
    remainder = float(rtm.linear_remainder(x.mean(), y.mean(), b, 2.0))
    se = float(rtm.remainder_std_error(x.size, x.mean(), x.std(), y.std(), np.corrcoef(x, y)[0, 1], 2.0))
    # The line's residual spread grows with the count, so the equal-spread error is a guide; 6 of them.
    assert abs(remainder - effect) < 6 * se
    assert y.mean() / x.mean() < 0.85 * effect  # the raw ratio is far off


def test_the_line_and_its_error_agree_with_least_squares():
    rng = np.random.default_rng(3)
    x = rng.poisson(6, 60)
    y = rng.poisson(1 + 0.4 * x)
    fit = stats.linregress(x, y)
    r = np.corrcoef(x, y)[0, 1]
    mu = 2.5
    b = rtm.slope(r, x.std(ddof=1), y.std(ddof=1))
    predicted = fit.intercept + fit.slope * mu
    assert float(rtm.linear_remainder(x.mean(), y.mean(), b, mu)) == pytest.approx(predicted / mu, rel=1e-12)
    design = np.column_stack([np.ones_like(x), x])
    residual = y - design @ [fit.intercept, fit.slope]
    cov = residual @ residual / (len(x) - 2) * np.linalg.inv(design.T @ design)
    se = np.sqrt([1, mu] @ cov @ [1, mu]) / mu
    ours = rtm.remainder_std_error(len(x), x.mean(), x.std(ddof=1), y.std(ddof=1), r, mu)
    assert float(ours) == pytest.approx(se, rel=1e-10)  # the inverse loses a few digits


def test_the_fieller_ends_are_where_the_line_meets_its_band():
    tip = rtm.tipping_mean(225, 6.84, 4.75, 3.61, 3.66, PAPER.r)
    b = rtm.slope(PAPER.r, 4.75, 3.66)
    for end in (tip.low, tip.high):
        gap = float(rtm.linear_remainder(6.84, 3.61, b, end)) - 1
        se = float(rtm.remainder_std_error(225, 6.84, 4.75, 3.66, PAPER.r, end))
        assert abs(gap / se) == pytest.approx(stats.t.isf(0.025, 223), rel=1e-9)  # roots of a quadratic


def test_a_slope_near_one_has_no_interval():
    assert rtm.tipping_mean(10, 5.0, 2.0, 4.9, 2.0, 0.9).low is None
    with pytest.raises(DegenerateDataError, match="IOM-E065"):
        rtm.tipping_mean(10, 5.0, 2.0, 4.0, 2.0, 1.0)
    with pytest.raises(DegenerateDataError, match="IOM-E065"):
        rtm.tipping_mean(10, 5.0, 0.0, 4.0, 2.0, 0.5)


def test_what_is_refused():
    with pytest.raises(InputError, match="IOM-E092"):
        rtm.linear_remainder(6.84, 3.61, 0.4, 0.0)
    with pytest.raises(InputError, match="IOM-E066"):
        regression_tipping(Moments.from_summary(n=5, kind="score", mean_pre=1.0))
    with pytest.raises(InputError, match="IOM-E067"):
        regression_tipping(Moments.from_summary(n=5, mean_pre=1.0))
    with pytest.raises(DegenerateDataError, match="IOM-E060"):
        rtm.remainder_std_error(2, 5.0, 2.0, 2.0, 0.5, 1.0)

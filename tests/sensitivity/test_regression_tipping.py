"""The mean of the source population at which regression to the mean is the whole change."""

import numpy as np
import pytest

from iom_causal.base import axes
from iom_causal.moments import Moments
from iom_causal.panel import Panel
from iom_causal.sensitivity.regression_tipping import regression_tipping
from iom_causal.windows import Window

PAPER = Moments.from_summary(n=225, mean_pre=6.84, sd_pre=4.75, mean_post=3.61, sd_post=3.66, t=11.64, name="arrests")


def test_the_paper_tips_at_1_34():
    view = regression_tipping(PAPER)
    assert round(view.tipping.mean, 2) == 1.34
    assert view.tipping_is_usable
    assert [round(view.at(mu), 3) for mu in (6.84, 5, 3)] == [0.528, 0.570, 0.675]
    assert view.at(view.tipping.mean) == pytest.approx(1, rel=1e-12)


def test_a_slope_above_the_observed_ratio_has_people_picked_high_rise_and_no_programme_makes_one():
    steep = Moments.from_summary(n=130, mean_pre=6.0, sd_pre=3.0, mean_post=3.2, sd_post=2.8, r=0.8, name="arrests")
    assert regression_tipping(steep).reversed
    assert regression_tipping(steep).at(3.0) < regression_tipping(steep).observed
    assert not regression_tipping(PAPER).reversed
    # Rates with a gamma distribution, halved by a programme, in people picked by a soft rule on their count.
    rng = np.random.default_rng(3)
    rates = rng.gamma(1.2, 2.5, 200_000)
    before, after = rng.poisson(rates), rng.poisson(0.5 * rates)
    picked = rng.random(rates.size) < 1 / (1 + np.exp(4 - before))
    x, y = before[picked], after[picked]
    r = float(np.corrcoef(x, y)[0, 1])
    sds = {"sd_pre": float(x.std(ddof=1)), "sd_post": float(y.std(ddof=1))}
    means = {"mean_pre": float(x.mean()), "mean_post": float(y.mean())}
    made = regression_tipping(Moments.from_summary(n=len(x), r=r, name="arrests", **means, **sds))
    assert not made.reversed
    assert made.observed < made.at(float(before.mean())) < 0.6


@pytest.mark.parametrize("ratio", [0.5, 1.9, 8.0])
def test_the_curve_of_a_large_rise_has_room_for_its_marks(ratio):
    m = Moments(n=40, mean_pre=4.0, sd_pre=2.0, mean_post=4.0 * ratio, sd_post=9.0, r=0.1, name="arrests")
    ax = regression_tipping(m).plot()
    axes.to_png(ax)  # warnings are errors here
    assert ax.get_ylim()[1] > ratio


def test_windows_of_unlike_length_are_brought_to_one():
    rng = np.random.default_rng(4)
    rates = rng.gamma(1.0, 1.0, 4000)
    before, after = rng.poisson(rates * 3), rng.poisson(rates)
    picked = before >= 5
    counts = np.column_stack([before, after])[picked]
    unlike = regression_tipping(Panel.from_arrays(counts, exposure=[1095, 365], name="arrests"))
    by_hand = regression_tipping(Panel.from_arrays(counts, name="arrests"))
    assert unlike.observed == pytest.approx(3 * by_hand.observed)  # counts after times three
    assert unlike.slope == pytest.approx(3 * by_hand.slope)
    assert 0.6 < unlike.observed < 1  # nothing was done to them, and everybody averages 3 a window
    assert unlike.tipping.mean == pytest.approx(3.0, rel=0.35)  # five times its spread in these numbers of people


def test_a_print_of_unlike_windows_is_brought_to_one_and_a_year_and_a_leap_year_are_alike():
    print_ = {"n": 90, "mean_pre": 6.0, "sd_pre": 3.0, "mean_post": 2.0, "sd_post": 2.0, "r": 0.5, "name": "arrests"}

    def over(days):
        windows = (Window("before", -730, 0, post=False), Window("after", 0, days, post=True))
        return regression_tipping(Moments.from_summary(**print_, windows=windows))

    assert over(365).observed == pytest.approx(2 * 2 / 6)
    assert over(365).slope == pytest.approx(2 * 0.5 * 2 / 3)
    assert over(731).observed == 2 / 6

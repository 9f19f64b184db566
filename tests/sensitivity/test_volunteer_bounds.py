import numpy as np
import pytest
from scipy.stats import binom

from iom_causal.base.wording import violations
from iom_causal.confounds.register import REGISTER
from iom_causal.errors import SpecError
from iom_causal.sensitivity.volunteer_bounds import volunteer_bounds


def test_the_interviews_of_the_paper():
    found = volunteer_bounds(positive=6, n=10)
    assert (found.set_low, found.set_high) == pytest.approx((3 / 13, 0.6), rel=1e-12)
    # Clopper and Pearson's limits are where six or more, or six or fewer, of ten have half of 5%.
    odds = found.conf_low / (1 - found.conf_low) * 5
    assert binom.sf(5, 10, odds / (1 + odds)) == pytest.approx(0.025, rel=1e-9)
    assert binom.cdf(6, 10, found.conf_high) == pytest.approx(0.025, rel=1e-9)
    assert found.tipping == 1.5


def test_they_hold_the_share_among_all_however_many_volunteered():
    rng = np.random.default_rng(3)
    for _ in range(200):
        share, without = rng.uniform(0.05, 0.95, 2)
        ratio = rng.uniform(1, 5)
        odds = ratio * without / (1 - without)
        with_it = odds / (1 + odds)
        volunteers = share * with_it + (1 - share) * without
        positive = share * with_it / volunteers
        n = 10**9
        found = volunteer_bounds(positive=round(positive * n), n=n)
        assert found.set_low - 1e-8 <= share <= found.set_high + 1e-8  # counts are rounded to a billion


def test_volunteers_are_of_all_people_themselves():
    # Where nearly everybody volunteers, the share among all is that among volunteers, whatever the odds.
    assert volunteer_bounds(positive=6, n=10, odds=(2, 5)).set_high == 0.6
    assert volunteer_bounds(positive=6, n=10, odds=(0.2, 0.5)).set_low == 0.6


def test_a_wider_range_of_odds_never_narrows():
    ranges = [(1, 1), (1, 2), (0.8, 2), (0.5, 5), (0.1, 50)]
    found = [volunteer_bounds(positive=6, n=10, odds=odds) for odds in ranges]
    lows, highs = [f.set_low for f in found], [f.set_high for f in found]
    assert lows == sorted(lows, reverse=True)
    assert highs == sorted(highs)
    assert found[0].set_low == found[0].set_high == 0.6


@pytest.mark.parametrize("positive", [0, 10])
def test_all_of_one_view(positive):
    found = volunteer_bounds(positive=positive, n=10)
    assert found.set_low == found.set_high == positive / 10
    assert found.conf_low < found.conf_high
    assert found.tipping is None
    assert "Half of" not in found.summary()


def test_its_sentence_and_points():
    found = volunteer_bounds(positive=6, n=10)
    assert not violations(found.summary())
    assert "bear on no count or score" in found.summary()
    assert set(found.speaks_to) <= set(REGISTER)


@pytest.mark.parametrize(
    "settings",
    [
        {"positive": 11, "n": 10},
        {"positive": -1, "n": 10},
        {"positive": 1.5, "n": 10},
        {"positive": True, "n": 10},
        {"positive": 0, "n": 0},
        {"positive": 6, "n": 10, "odds": (5, 1)},
        {"positive": 6, "n": 10, "odds": (0, 1)},
        {"positive": 6, "n": 10, "odds": (1, float("inf"))},
        {"positive": 6, "n": 10, "level": 1.0},
    ],
)
def test_what_is_refused(settings):
    with pytest.raises(SpecError, match="IOM-E092"):
        volunteer_bounds(**settings)

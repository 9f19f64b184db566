"""Classes of a score's change against closed forms, and against simulated people in whom nothing changed."""

import numpy as np
import pytest
from scipy import stats

from iom_causal.numerics.adjustment import score_classes as sc

MEAN, SD, ERROR = 100.0, 20.0, 9.0


def test_cut_offs_are_those_of_jacobson_and_truax():
    cuts = sc.cut_offs((60.0, 10.0), (100.0, 20.0), lower_is_better=True)
    assert cuts == (60.0, 80.0, pytest.approx((20 * 60 + 10 * 100) / 30))
    assert (cuts.c - 60) / 10 == pytest.approx((100 - cuts.c) / 20)
    assert sc.cut_offs((100.0, 20.0), (60.0, 10.0), lower_is_better=False)[:2] == (80.0, 60.0)


def test_a_reliable_change_is_as_rare_as_its_level_says_over_everybody():
    margin = float(sc.reliable_difference(ERROR, 0.95))
    assert margin == pytest.approx(1.959964 * np.sqrt(2) * ERROR)
    first = stats.norm.ppf((np.arange(200_000) + 0.5) / 200_000, MEAN, SD)
    after = sc.NextScore.given(first, mean=MEAN, sd=SD, error=ERROR)
    p = sc.class_probabilities(first, after, margin=margin, cut=np.nan, lower_is_better=True).mean(0)
    assert p == pytest.approx([0, 0.025, 0.95, 0.025], abs=2e-4)


@pytest.mark.parametrize("lower", [True, False])
def test_people_selected_on_their_score_fall_into_classes_as_probabilities_say(lower):
    rng = np.random.default_rng(3)
    true = rng.normal(MEAN, np.sqrt(SD**2 - ERROR**2), 400_000)
    first, last = true + rng.normal(0, ERROR, true.size), true + rng.normal(0, ERROR, true.size)
    sign = 1 if lower else -1
    who = sign * first > sign * (MEAN + sign * 15)
    cut, margin = MEAN + sign * 12, float(sc.reliable_difference(ERROR, 0.95))
    how = {"margin": margin, "cut": cut, "lower_is_better": lower}
    seen = np.bincount(sc.class_of(first[who], last[who], **how), minlength=4) / who.sum()
    after = sc.NextScore.given(first[who], mean=MEAN, sd=SD, error=ERROR)
    expected = sc.class_probabilities(first[who], after, **how).mean(0)
    assert seen == pytest.approx(expected, abs=4 * 0.5 / np.sqrt(who.sum()))
    assert expected[0] + expected[1] > 2 * 0.025 > expected[3]
    assert expected.sum() == pytest.approx(1)


def test_limits_are_binomial_where_everybody_is_alike_and_narrower_where_not():
    for n, p in ((40, 0.1), (300, 0.5)):
        assert sc.count_limits([p] * n, 0.95) == stats.binom.interval(0.95, n, p)
    sure = sc.count_limits([0.0] * 50 + [1.0] * 50, 0.95)
    assert sure == (50, 50)

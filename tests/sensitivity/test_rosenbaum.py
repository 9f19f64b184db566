"""Rosenbaum bounds of a panel: what they say, whom they are of, and what they refuse."""

import numpy as np
import pytest

from iom_causal.base.wording import violations
from iom_causal.confounds.register import REGISTER
from iom_causal.errors import InputError, SpecError
from iom_causal.estimators import McNemar, RateRatio, SignTest, Wilcoxon
from iom_causal.moments import Moments
from iom_causal.numerics.sensitivity.rosenbaum import Split, p_bounds
from iom_causal.panel import Panel
from iom_causal.sensitivity.rosenbaum import STATISTICS, amplify, rosenbaum_bounds
from iom_causal.windows import Selection, Window

EXACT = 1e-11


def counts(n=120, ratio=0.6, seed=1):
    rng = np.random.default_rng(seed)
    return rng.poisson(rng.gamma(1.5, 2.0, (n, 1)) * [1.0, ratio])


def arrests(**settings):
    return Panel.from_arrays(counts(), name="arrests", **settings)


@pytest.mark.parametrize("statistic", STATISTICS)
@pytest.mark.parametrize("alternative", ["two-sided", "less", "greater"])
def test_at_gamma_1_it_is_the_estimator_of_that_name(statistic, alternative):
    row = rosenbaum_bounds(arrests(exposure=[547, 549]), statistic, gammas=[1], alternative=alternative).rows[0]
    assert row.p_low == row.p_high
    if statistic == STATISTICS[2]:
        plain = RateRatio(se="conditional")(arrests(exposure=[547, 549]))
        assert row.estimate_low == pytest.approx(plain.estimate, rel=EXACT)
        assert (row.conf_low, row.conf_high) == pytest.approx((plain.conf_low, plain.conf_high), rel=1e-8)
        if alternative == "two-sided":
            assert row.p_high == pytest.approx(plain.p_value, rel=1e-9)
        return
    plain = {"signed rank": Wilcoxon, "sign": SignTest}[statistic](alternative=alternative)(arrests())
    assert row.p_high == pytest.approx(plain.p_value, rel=EXACT)
    if statistic == "signed rank":
        assert (row.estimate_low, row.estimate_high) == (plain.estimate, plain.estimate)
        assert (row.conf_low, row.conf_high) == (plain.conf_low, plain.conf_high)


def test_of_a_binary_outcome_the_sign_is_mcnemar():
    panel = Panel.from_arrays([[1, 0]] * 14 + [[0, 1]] * 3 + [[1, 1]] * 5, kind="binary")
    found = rosenbaum_bounds(panel, "sign", gammas=[1, 2])
    assert found.rows[0].p_high == pytest.approx(McNemar()(panel).p_value, rel=EXACT)
    assert found.rows[1].p_high == pytest.approx(p_bounds(Split(14, 3), 2.0, "two-sided")[1], rel=EXACT)
    assert found.n_changed == 17


def test_days_of_ones_own_enter_the_odds_of_events_and_of_nothing_else():
    days = np.column_stack([np.full(120, 365.0), np.where(np.arange(120) % 2, 365.0, 200.0)])
    own, common = (arrests(exposure=e) for e in (days, [365.0, 365.0]))
    events = [rosenbaum_bounds(panel, STATISTICS[2]) for panel in (own, common)]
    assert events[0].rows[0].estimate_low > events[1].rows[0].estimate_low
    assert events[0].exposure == "each person's days at risk"
    swapped = np.where(np.arange(120)[:, None] % 4, days, days[:, ::-1])  # as long altogether
    ranks = [rosenbaum_bounds(arrests(exposure=e)).tidy() for e in (swapped, [365.0, 365.0])]
    assert ranks[0].equals(ranks[1])


@pytest.mark.parametrize("statistic", ["signed rank", "sign"])
@pytest.mark.parametrize("days", [[730.0, 548.0], np.tile([365.0, 250.0], (400, 1))])
def test_ranks_and_signs_over_windows_of_unlike_length_are_refused_and_events_are_not(statistic, days):
    """With rates that do not change, three quarters of the time after "fall" at every Gamma up to 1.7 and more."""
    rng = np.random.default_rng(0)
    values = rng.poisson(rng.gamma(2.0, 1.5, (400, 1)) * np.broadcast_to(days, (400, 2)) / 365)
    assert rosenbaum_bounds(Panel.from_arrays(values), statistic).gamma_at > 1.5
    panel = Panel.from_arrays(values, exposure=days, name="arrests")
    with pytest.raises(InputError, match="equally long") as told:
        rosenbaum_bounds(panel, statistic)
    assert told.value.code == "IOM-E066"
    assert rosenbaum_bounds(panel, "conditional binomial").gamma_at == 1.0


def test_a_person_without_a_window_is_left_out_and_weights_count_people():
    values = counts().astype(float)
    weight = np.arange(120) % 3
    values[::7, 1] = np.nan
    some = Panel.from_arrays(values, weight=weight, missing="keep")
    whole = Panel.from_arrays(np.repeat(values, weight, axis=0), missing="keep")
    for statistic in STATISTICS:
        one, other = (rosenbaum_bounds(panel, statistic) for panel in (some, whole))
        assert one.tidy().equals(other.tidy())
        assert one.n_used < one.n_input


def test_the_interval_holds_no_change_just_where_gamma_says():
    found = rosenbaum_bounds(arrests(), STATISTICS[2])
    (edge,) = rosenbaum_bounds(arrests(), STATISTICS[2], gammas=[found.gamma_at]).rows
    assert edge.conf_high == pytest.approx(1.0, rel=1e-8)
    assert edge.p_high == pytest.approx(0.05, rel=1e-8)


def test_what_it_says_names_what_gamma_does_not_bound():
    for statistic in STATISTICS:
        text = str(rosenbaum_bounds(arrests(), statistic))
        assert violations(text) == ()
        assert "not drawn by lot" in text
        assert "Regression to the mean, ageing and trends act on everybody who was picked" in text
    rose = rosenbaum_bounds(Panel.from_arrays(counts()[:, ::-1]))
    assert "fell after by" in rose.summary()
    nothing = rosenbaum_bounds(Panel.from_arrays([[1, 2], [2, 1], [3, 3]]))
    assert nothing.gamma_at == 1.0
    assert "nothing to account for" in nothing.summary()


def test_people_picked_by_that_count_have_no_bounded_odds():
    rule = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=0)
    assert "by construction" in rosenbaum_bounds(arrests(selection=rule)).summary()
    assert "by construction" not in rosenbaum_bounds(arrests()).summary()


def test_more_windows_are_put_together_as_by_every_paired_method():
    rows = np.column_stack([counts(), counts(seed=2)[:, 0]])
    windows = (Window("one", -200, -100), Window("two", -100, 0), Window("after", 0, 200, post=True))
    wide = rosenbaum_bounds(Panel.from_arrays(rows, windows=windows))
    assert wide.tidy().equals(rosenbaum_bounds(Panel.from_arrays(rows, windows=windows).prepost()).tidy())


@pytest.mark.parametrize(
    ("rows", "statistic", "told"),
    [
        ([[0, 0]] * 3, "conditional binomial", "without a value: there are no events"),
        ([[0, 2]] * 3, "conditional binomial", "without a value, 95% interval from"),
        ([[2, 0]] * 3, "conditional binomial", "after / before 0, 95% interval 0 to"),
        ([[3, 1], [2, 1], [5, 4]], "signed rank", "; people are too few, so that the interval has no limits"),
        ([[3, 1], [2, 1], [5, 4]], "sign", "people are too few, so that the interval has no limits"),
    ],
)
def test_no_figure_is_missing_without_a_word(rows, statistic, told):
    found = rosenbaum_bounds(Panel.from_arrays(np.array(rows), name="arrests"), statistic, gammas=(1, 2))
    assert told in found.summary()
    assert " -," not in found.summary()
    frame = found.tidy()
    gone = frame[["estimate_low", "estimate_high", "conf_low", "conf_high"]].isna().any(axis=1)
    assert (gone == (frame["note"] != "")).all()
    assert not violations(found.summary())


def test_a_published_table_is_refused_for_want_of_people():
    moments = Moments.from_summary(n=225, mean_pre=6.84, sd_pre=4.75, mean_post=3.61, sd_post=3.66, t=11.64)
    with pytest.raises(InputError, match=r"IOM-E067: .* needs the people"):
        rosenbaum_bounds(moments)


def test_what_it_cannot_use_is_refused():
    with pytest.raises(InputError, match="IOM-E035"):
        rosenbaum_bounds(counts())
    with pytest.raises(InputError, match="IOM-E047"):
        rosenbaum_bounds(Panel.from_arrays(counts()[None]))
    with pytest.raises(InputError, match="IOM-E066"):
        rosenbaum_bounds(Panel.from_arrays(counts(), kind="score"), STATISTICS[2])
    with pytest.raises(InputError, match="IOM-E060"):
        rosenbaum_bounds(Panel.from_arrays([[3, 1]]))
    with pytest.raises(InputError, match="IOM-E076"):
        rosenbaum_bounds(Panel.from_arrays([[3, 1], [2, 2], [4, 0]], weight=[0.5, 1.0, 2.0]), STATISTICS[2])
    for settings, code in (({"gammas": [0.5]}, "E092"), ({"gammas": []}, "E092"), ({"statistic": "t"}, "E093")):
        with pytest.raises(SpecError, match=code):
            rosenbaum_bounds(arrests(), **settings)


def test_a_gamma_is_split_as_rosenbaum_and_silber_do():
    """Printed by R's sensitivitymv: amplify(3.5, c(4, 6, 8, 11))."""
    assert amplify(3.5, [4, 6, 8, 11]) == pytest.approx([26, 8, 6, 5], rel=EXACT)
    for gamma, strength in ((1.0, 4), (3.5, 3.5), (np.inf, 9), (2.0, np.nan)):
        with pytest.raises(SpecError, match="IOM-E092"):
            amplify(gamma, strength)


def test_it_speaks_to_points_of_the_register():
    found = rosenbaum_bounds(arrests())
    assert set(found.speaks_to) | set(found.silent_on) <= set(REGISTER)
    assert not set(found.speaks_to) & set(found.silent_on)
    assert "u1" in found.silent_on

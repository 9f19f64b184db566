"""The posterior along one setting: a call at each value, from one set of draws."""

from dataclasses import replace

import pytest

from iom_causal.bayes import BiasModel, PosteriorSweep, posterior_sweep, under_priors
from iom_causal.bayes.shared.bias_posterior import UnderPrior
from iom_causal.beliefs import LogNormal, Range
from iom_causal.confounds import Detection, History, RegressionToMean
from iom_causal.errors import SpecError
from iom_causal.moments import Moments
from tests.bayes.test_bias_model import PAPER, picked

STATIC = RegressionToMean(method="robbins_zhang")
MODEL = BiasModel((History(ratio=LogNormal(0.95, 0.05)), Detection(ratio=LogNormal(0.9, 0.1))), draws=1000)


@pytest.mark.parametrize(
    ("confounds", "data"),
    [
        (MODEL.confounds, PAPER),
        ((STATIC, *MODEL.confounds), picked()),
        ((History(ratio=Range(0.9, 1.0)), Detection()), PAPER),
    ],
    ids=["print", "people", "range"],
)
def test_at_each_value_it_is_a_call_with_that_value(confounds, data):
    model = replace(MODEL, confounds=confounds)
    found = posterior_sweep(model, data, "detection.ratio", low=0.7, high=1.1, points=3, rng=2)
    assert found.values == pytest.approx((0.7, 0.9, 1.1))
    for k, value in enumerate(found.values):
        lines = (*confounds[:-1], Detection(ratio=value))
        called = under_priors(replace(model, confounds=lines)(data, rng=2))
        for name, shown in called.items():
            along = found.under[name][k]
            assert along[1:-2] == pytest.approx(shown[1:-2], rel=1e-9)  # other sums of columns move last digits
            assert along.prior == shown.prior


def test_a_fall_is_as_likely_as_not_where_detection_explains_all():
    found = posterior_sweep(BiasModel((Detection(),), draws=4000), PAPER, "detection.ratio", low=0.3, high=1.0, rng=1)
    for name in found.under:
        assert found.even(name) == pytest.approx(3.61 / 6.84, rel=0.02)
    assert "as likely as not at 0.5" in str(found)
    nowhere = posterior_sweep(
        BiasModel((Detection(),), draws=500), PAPER, "detection.ratio", low=0.9, high=1.0, points=3, rng=1
    )
    assert nowhere.even("flat") is None
    assert "nowhere" in str(nowhere)


def along(*chances):
    """A sweep at 0, 1, ... with such probabilities of a fall under one prior; None is a value without figures."""
    under = tuple(
        UnderPrior("flat", *(None,) * 10, 1.0, None, degenerate=True)
        if chance is None
        else UnderPrior("flat", 0.9, 0.9, 0.8, 1.0, chance, chance, 0.2, 0.2, 0.9, 0.9, 1e4, None, degenerate=False)
        for chance in chances
    )
    return PosteriorSweep(
        "detection.ratio", tuple(map(float, range(len(chances)))), {"flat": under}, "arrests", "ratio"
    )


@pytest.mark.parametrize(
    ("chances", "at"),
    [
        ((0.8, 0.4, 0.1), 0.75),
        ((0.1, 0.2, 0.6), 1.75),
        ((0.9, 0.5, 0.1), 1.0),
        ((0.9, 0.8), None),
        ((0.9, None, 0.1), None),
        ((0.9, 0.6, None, 0.3, 0.6), 10 / 3 + 1 / 3),
    ],
)
def test_between_two_values_the_probability_is_a_straight_line(chances, at):
    found = along(*chances).even("flat")
    assert found is None if at is None else found == pytest.approx(at)


def test_values_without_figures_are_counted_and_left_out():
    assert (
        "nowhere is a fall as likely as not where there are figures; at 1 of 3 values"
        in along(0.9, None, 0.8).summary()
    )
    assert "from 1 to 2" in along(None, 0.9, 0.4).summary()
    assert (
        along(None, None)
        .summary()
        .endswith("at 2 of 2 values the prior and the ledger hardly overlap: no figures there")
    )
    assert along(0.9, None, 0.8).tidy()["median_low"].isna().tolist() == [False, True, False]
    assert along(0.9, None, 0.8).plot().get_xlabel() == "detection.ratio"


@pytest.mark.parametrize(
    ("field", "low", "high", "points"),
    [
        ("detection.rate", 0.5, 1.0, 3),
        ("draws", 0.5, 1.0, 3),
        ("programme", 0.5, 1.0, 3),
        ("programme.sd", 0.5, 1.0, 3),
        ("detection.ratio", 1.0, 0.5, 3),
        ("detection.ratio", 0.5, 1.0, 1),
        ("detection.ratio", -1.0, 1.0, 3),
    ],
)
def test_what_is_no_setting_of_a_confound_is_refused(field, low, high, points):
    with pytest.raises(SpecError, match=r"IOM-E09[23]"):
        posterior_sweep(MODEL, PAPER, field, low=low, high=high, points=points, rng=1)


def test_points_of_a_score_run_along_too():
    m = Moments.from_summary(n=60, mean_pre=300, sd_pre=80, mean_post=250, sd_post=80, t=5.0, kind="score", name="risk")
    found = posterior_sweep(
        BiasModel((History(ratio=0.9),), draws=500), m, "history.ratio", low=0.8, high=1.0, points=2, rng=1
    )
    assert found.scale == "points"
    assert found.plot().get_ylabel() == "risk: what remains"

"""Tipping values of a ledger against closed forms, and searches that find none."""

import numpy as np
import pytest

from iom_causal.base.setting_paths import replace_path
from iom_causal.beliefs import Range
from iom_causal.confounds import (
    Detection,
    History,
    RegressionToMean,
    Remission,
    ScoreRegression,
)
from iom_causal.confounds.evidence import made
from iom_causal.errors import SpecError
from iom_causal.estimators import RateRatio
from iom_causal.ledger import Ledger
from iom_causal.panel import Panel
from iom_causal.published.study import load_published
from iom_causal.sensitivity.tipping import tipping
from iom_causal.windows import Selection, Window


def cohort(n=225, seed=3, **settings):
    rng = np.random.default_rng(seed)
    rate = rng.gamma(2.0, 3.4, n)
    pairs = np.stack([rng.poisson(rate), rng.poisson(0.53 * rate)], axis=-1)
    return Panel.from_arrays(pairs, name="arrests", **settings)


def test_tipping_undoes_the_whole_change():
    panel = cohort()
    ledger = Ledger((Detection(ratio=0.9),))
    tip = tipping(ledger, panel, "detection.ratio")
    ratio = RateRatio()(panel).estimate
    assert tip.value == pytest.approx(ratio, rel=1e-9)
    assert tip.remainder == pytest.approx(ratio / 0.9, rel=1e-12)
    tipped = replace_path(ledger, "detection.ratio", tip.value)
    assert tipped(panel, rng=1).estimate == pytest.approx(1.0, rel=1e-9)


def test_a_setting_that_is_not_stated_cannot_be_moved():
    ledger = Ledger((RegressionToMean(method="pool"),))
    with pytest.raises(SpecError, match=r"regression_to_mean.persistence: nothing is stated here that could be moved"):
        tipping(ledger, cohort(), "regression_to_mean.persistence")


def test_tipping_outside_the_search_says_so():
    tip = tipping(Ledger((Detection(ratio=0.9),)), cohort(), "detection.ratio", low=0.8, high=1.0)
    assert tip.value is None
    assert "leaves nothing" in str(tip)
    with pytest.raises(SpecError, match="did you mean 'ratio'"):
        tipping(Ledger((Detection(),)), cohort(), "detection.rato")
    with pytest.raises(SpecError, match="IOM-E092"):
        tipping(Ledger((Detection(),)), cohort(), "detection")


def test_the_fall_a_month_that_leaves_nothing_is_the_fall_over_the_months():
    windows = (Window("before", -365, 0), Window("after", 0, 365, post=True))
    panel = Panel.from_arrays(
        [[300.0, 240.0], [280.0, 260.0], [420.0, 300.0]], kind="score", name="risk", windows=windows
    )
    line = made(Remission, {"per_month": {"low": 1.0, "high": 3.0}}, "study")  # as a file of settings gives it
    assert line == Remission(per_month=Range(1.0, 3.0))
    assert Ledger((line,))(panel, rng=1).interval == "bounds"
    tip = tipping(Ledger((line,)), panel, "remission.per_month")
    assert tip.value == pytest.approx(200 / 3 / (12 * 365 / 365.25))


OPEN = load_published("sleath-brown-2017")["risk"]


def test_the_standard_error_of_measurement_that_tips_is_a_set_in_closed_form():
    rule = Selection("risk", ("before",), "at_least", "at_boundary", threshold=220)
    spec = ScoreRegression(sem=Range(32.0, 64.0), edge_density=Range(0.005, 0.04), grid=20.0, selection=rule)
    tip = tipping(Ledger((spec,)), OPEN, "score_regression.sem")
    least, most = (abs(m - OPEN.mean_post) for m in (OPEN.baselines[0][0], OPEN.baselines[-1][0]))
    assert tip.value is None
    assert tip.set_low == pytest.approx(np.sqrt(least / 0.04 - 400 / 12), rel=1e-9)
    assert tip.set_high == pytest.approx(np.sqrt(most / 0.005 - 400 / 12), rel=1e-9)
    assert "between" in str(tip)
    some = tipping(Ledger((spec,)), OPEN, "score_regression.sem", low=30.0, high=60.0)
    root = tip.set_low
    assert (some.value, some.set_low, some.set_high) == (None, pytest.approx(root, rel=1e-9), 60.0)
    assert some.in_some_cases
    assert not tip.in_some_cases
    assert str(some).endswith("in some cases; in others no value from 30 to 60 does it")


def test_a_set_is_of_some_cases_where_others_leave_something_wherever_it_was_searched():
    panel, r = cohort(), RateRatio()(cohort()).estimate
    ledger = Ledger((Detection(ratio=Range(0.5, 0.9)), History(ratio=1.0)))
    whole = tipping(ledger, panel, "history.ratio")
    assert whole.ends == pytest.approx((r / 0.9, r / 0.5), rel=1e-9)
    assert not whole.in_some_cases
    some = tipping(ledger, panel, "history.ratio", low=0.8)  # r / .9 lies below, so that at .8 a case between does it
    assert (some.value, some.in_some_cases) == (None, True)
    assert some.ends == pytest.approx((0.8, r / 0.5), rel=1e-9)
    assert "in some cases; in others no value from 0.8 to 50 does it" in str(some)
    between = tipping(ledger, panel, "history.ratio", low=0.8, high=1.01)  # no end of the set is there
    assert (between.ends, between.in_some_cases) == ((0.8, 1.01), True)
    near = replace_path(ledger, "detection.ratio", Range(0.5, 0.52))
    nowhere = tipping(near, panel, "history.ratio", low=0.8, high=1.01)
    assert (nowhere.ends, nowhere.in_some_cases) == ((), False)

"""RateRatio: the published ratio, windows without events, days at risk, and what is refused."""

import numpy as np
import pytest

from iom_causal.errors import DegenerateDataError, InputError
from iom_causal.estimate.notes import DAYS_DIFFER, of_kind
from iom_causal.estimators import DiffInDiff, RateRatio
from iom_causal.panel import Panel
from tests.estimators.one_group import agree, cohort


def test_the_published_rate_ratio():
    known = {"n": 225, "total_pre": 1539, "sd_pre": 4.75, "total_post": 812, "sd_post": 3.66, "t": 11.64}
    e = RateRatio().from_summary(**known)
    assert e.estimate == pytest.approx(0.5276, abs=5e-5)
    assert (e.conf_low, e.conf_high) == pytest.approx((0.470646, 0.591480), abs=5e-7)
    assert "not known" in e.note
    per_day = RateRatio().from_summary(**known, days_pre=547, days_post=549)
    assert per_day.estimate == pytest.approx(0.52569, abs=5e-6)
    assert per_day.exposure == "547 and 549 days"
    exact = RateRatio(se="conditional").from_summary(n=225, total_pre=1539, total_post=812)
    assert (exact.conf_low, exact.conf_high) == pytest.approx((0.4840192, 0.5748071), abs=5e-8)


def test_a_window_without_events():
    none_after = RateRatio()(Panel.from_arrays([[4, 0], [3, 0], [5, 0]], name="arrests"))
    p = 1 - 0.025 ** (1 / 12)
    assert (none_after.estimate, none_after.conf_low) == (0.0, 0.0)
    assert none_after.conf_high == pytest.approx(p / (1 - p), rel=1e-11)
    assert none_after.diagnostics["jeffreys_ratio"] == pytest.approx(0.5 / 12.5)
    none_before = RateRatio()(Panel.from_arrays([[0, 4], [0, 3], [0, 5]], name="arrests"))
    assert (none_before.estimate, none_before.conf_high) == (None, None)
    assert none_before.conf_low == pytest.approx((1 - p) / p, rel=1e-11)
    assert "undefined" in none_before.note
    with pytest.raises(DegenerateDataError, match="IOM-E064"):
        RateRatio()(Panel.from_arrays([[0, 0], [0, 0]], name="arrests"))


def test_everybody_in_proportion_has_no_standard_error():
    e = RateRatio()(Panel.from_arrays([[4, 2], [8, 4], [2, 1]], name="arrests"))
    assert (e.estimate, e.std_error, e.conf_low) == (pytest.approx(0.5), None, None)
    assert "same proportion" in e.note


def test_person_exposure_survives_missing_follow_up_and_weights():
    rng = np.random.default_rng(8)
    personal = rng.integers(200, 549, (40, 2)).astype(float)
    outcome = cohort(40).outcome.astype(float)
    outcome[:5, 1] = np.nan
    kept = RateRatio()(Panel.from_arrays(outcome[5:], exposure=personal[5:], name="arrests"))
    agree(RateRatio()(Panel.from_arrays(outcome, exposure=personal, name="arrests", missing="keep")), kept)
    w = rng.integers(0, 3, 40)
    kept_gaps = {"name": "arrests", "missing": "keep"}
    whole = Panel.from_arrays(np.repeat(outcome, w, 0), exposure=np.repeat(personal, w, 0), **kept_gaps)
    weighted = Panel.from_arrays(outcome, exposure=personal, weight=w, **kept_gaps)
    agree(RateRatio()(weighted), RateRatio()(whole), 1e-10)


def test_a_ratio_of_scores_is_refused():
    with pytest.raises(InputError, match="IOM-E066"):
        RateRatio()(Panel.from_arrays([[300.0, 200.0], [200.0, 100.0]], kind="score", name="risk"))


def test_the_conditional_interval_warns_when_people_differ_more():
    rng = np.random.default_rng(11)
    pairs = rng.negative_binomial(1.0, 0.2, (200, 2))
    e = RateRatio(se="conditional")(Panel.from_arrays(pairs, name="arrests"))
    assert "too narrow" in e.note
    robust, quasi = (RateRatio(se=x)(Panel.from_arrays(pairs, name="arrests")) for x in ("robust", "quasi"))
    assert quasi.std_error == pytest.approx(robust.std_error, rel=0.25)
    assert e.std_error < 0.7 * robust.std_error


def test_a_ratio_that_weights_people_by_days_that_differ_says_so():
    counts, days = [[6, 3], [2, 2], [4, 1], [1, 1]], [[365, 100], [365, 365], [365, 200], [365, 365]]
    assert of_kind(RateRatio()(Panel.from_arrays(counts, exposure=days)).notes, DAYS_DIFFER)
    for same in (None, 365.0, [[365, 360], [365, 365], [365, 363], [365, 365]]):
        assert not of_kind(RateRatio()(Panel.from_arrays(counts, exposure=same)).notes, DAYS_DIFFER)
    start = np.ma.MaskedArray([1] * 4, mask=[False, True, False, True])
    assert of_kind(DiffInDiff()(Panel.from_arrays(counts, exposure=days, start=start)).notes, DAYS_DIFFER)

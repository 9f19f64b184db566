import time

import numpy as np
import pytest

from iom_causal.beliefs import LogNormal, Normal, Range
from iom_causal.confounds import Ageing, Detection, RegressionToMean
from iom_causal.errors import InputError, SpecError
from iom_causal.estimators import PairedT, RateRatio
from iom_causal.ledger import Ledger
from iom_causal.moments import Moments
from iom_causal.panel import Panel
from iom_causal.sensitivity.tipping import tipping
from iom_causal.specs import replace_path
from iom_causal.windows import Selection

PAPER = Moments.from_summary(n=225, mean_pre=6.84, sd_pre=4.75, mean_post=3.61, sd_post=3.66, t=11.64, name="arrests")


def cohort(n=225, seed=3, **settings):
    rng = np.random.default_rng(seed)
    rate = rng.gamma(2.0, 3.4, n)
    pairs = np.stack([rng.poisson(rate), rng.poisson(0.53 * rate)], axis=-1)
    return Panel.from_arrays(pairs, name="arrests", **settings)


def test_with_no_line_it_is_the_change_itself():
    panel = cohort(exposure=[547.0, 549.0])
    ledger, ratio = Ledger()(panel, rng=1), RateRatio()(panel)
    assert ledger.estimate == pytest.approx(ratio.estimate, rel=1e-12)
    assert ledger.estimand == "descriptive_change"
    # 20,000 draws put the end of an interval within about 1% of the standard error's width, and the
    # bootstrap leaves out the factor n / (n - 1) and the t quantile: 2% together at n = 225.
    width, robust = np.log([ledger.conf_high / ledger.conf_low, ratio.conf_high / ratio.conf_low])
    assert width == pytest.approx(robust, rel=0.04)


def test_from_print_the_interval_is_that_of_the_robust_ratio():
    ledger, ratio = Ledger()(PAPER, rng=1), RateRatio()(PAPER)
    assert ledger.estimate == pytest.approx(ratio.estimate, rel=1e-12)
    assert ledger.std_error == pytest.approx(ratio.std_error, rel=0.03)  # 20,000 draws: 0.5% each way, four times


def test_a_known_line_divides_the_ratio_exactly():
    panel = cohort()
    plain, allowed = Ledger()(panel, rng=1), Ledger((Detection(ratio=0.8),))(panel, rng=1)
    assert allowed.estimate == pytest.approx(plain.estimate / 0.8, rel=1e-12)
    assert (allowed.conf_low, allowed.conf_high) == pytest.approx((plain.conf_low / 0.8, plain.conf_high / 0.8))
    assert allowed.estimand == "att_ratio"


def test_beliefs_and_sampling_add_in_variance():
    belief = LogNormal(0.9, 0.2)
    plain = Ledger()(cohort(), rng=1)
    allowed = Ledger((Detection(ratio=belief),))(cohort(), rng=1)
    assert allowed.std_error == pytest.approx(np.hypot(plain.std_error, 0.2), rel=0.03)


def test_a_range_gives_bounds_and_no_point():
    result = Ledger((Detection(ratio=Range(0.7, 1.0)),))(cohort(), rng=1)
    plain = Ledger()(cohort(), rng=1)
    assert result.estimate is None
    assert result.interval == "bounds"
    assert (result.set_low, result.set_high) == pytest.approx((plain.estimate, plain.estimate / 0.7))
    assert result.conf_low == pytest.approx(plain.conf_low)
    assert result.conf_high == pytest.approx(plain.conf_high / 0.7)


def test_lines_and_remainder_add_up_in_logs_and_in_arrests():
    result = Ledger((Detection(ratio=LogNormal(0.9, 0.1)),))(cohort(), rng=1)
    parts = {p.term: p.estimate for p in result.parts}
    assert parts["observed"] == pytest.approx(parts["detection"] + parts["remainder"], abs=1e-12)
    shares = result.diagnostics["attribution"]
    change = result.diagnostics["after"] - result.diagnostics["before"]
    assert sum(shares.values()) == pytest.approx(change, abs=1e-10)
    assert result.cov.shape == (3, 3)


def test_the_same_seed_gives_the_same_result_and_another_line_leaves_the_draws_alone():
    a = Ledger((Detection(ratio=LogNormal(0.9, 0.1)),))(cohort(), rng=1)
    assert a.to_dict() == Ledger((Detection(ratio=LogNormal(0.9, 0.1)),))(cohort(), rng=1).to_dict()
    plain = Ledger()(cohort(), rng=1)
    observed = {p.term: p for p in a.parts}["observed"]
    assert observed.std_error == plain.std_error


def test_what_is_left_out_is_assumed_and_said():
    result = Ledger((Detection(ratio=0.8),))(cohort(), rng=1)
    assert "the allowance for detection is right" in result.assumptions
    assert any("ageing" in text or "age" in text for text in result.assumptions)
    assert not any("share of offences" in text for text in result.assumptions)


def test_a_score_adds_in_points():
    panel = Panel.from_arrays([[300.0, 240.0], [280.0, 260.0], [420.0, 300.0]], kind="score", name="risk")
    result = Ledger()(panel, rng=1)
    assert result.scale == "points"
    assert result.estimate == pytest.approx(PairedT()(panel).estimate)


def test_weights_repeat_people_in_the_bootstrap():
    panel = cohort(60)
    unique, counts = np.unique(panel.outcome, axis=0, return_counts=True)
    collapsed = Ledger()(Panel.from_arrays(unique, weight=counts, name="arrests"), rng=1)
    assert collapsed.estimate == pytest.approx(Ledger()(panel, rng=1).estimate, rel=1e-12)
    assert collapsed.std_error == pytest.approx(Ledger()(panel, rng=1).std_error, rel=0.03)


def test_missing_follow_up_is_left_out_and_counted():
    outcome = cohort(60).outcome.astype(float)
    outcome[:5, 1] = np.nan
    result = Ledger()(Panel.from_arrays(outcome, name="arrests"), rng=1)
    assert (result.n_input, result.n_used) == (60, 55)
    assert result.estimate == pytest.approx(outcome[5:, 1].sum() / outcome[5:, 0].sum())


@pytest.mark.parametrize(
    "bad",
    [
        lambda: Ledger((3,)),
        lambda: Ledger((Detection(), Detection())),
        lambda: Ledger(draws=1),
        lambda: Ledger(cohort()),
    ],
)
def test_what_is_no_ledger(bad):
    with pytest.raises(SpecError):
        bad()


def test_replicates_go_through_batch():
    with pytest.raises(InputError, match="IOM-E047"):
        Ledger()(Panel.from_arrays(np.ones((2, 3, 2), dtype=int)))


def test_tipping_undoes_the_whole_change():
    panel = cohort()
    ledger = Ledger((Detection(ratio=0.9),))
    tip = tipping(ledger, panel, "detection.ratio")
    ratio = RateRatio()(panel).estimate
    assert tip.value == pytest.approx(ratio, rel=1e-9)
    assert tip.remainder == pytest.approx(ratio / 0.9, rel=1e-12)
    tipped = replace_path(ledger, "detection.ratio", tip.value)
    assert tipped(panel, rng=1).estimate == pytest.approx(1.0, rel=1e-9)


def test_tipping_outside_the_search_says_so():
    tip = tipping(Ledger((Detection(ratio=0.9),)), cohort(), "detection.ratio", low=0.8, high=1.0)
    assert tip.value is None
    assert "leaves nothing" in str(tip)
    with pytest.raises(SpecError, match="did you mean 'ratio'"):
        tipping(Ledger((Detection(),)), cohort(), "detection.rato")
    with pytest.raises(SpecError, match="IOM-E092"):
        tipping(Ledger((Detection(),)), cohort(), "detection")


def test_the_waterfall_has_a_bar_a_line():
    result = Ledger((Detection(ratio=Normal(0.9, 0.0)),))(cohort(), rng=1)
    labels = [t.get_text() for t in result.plot().get_yticklabels()]
    assert labels == ["before", "detection", "expected without the programme", "remainder", "observed after"]


def test_a_hundred_thousand_draws_keep_their_memory():
    start = time.perf_counter()
    Ledger((Detection(ratio=LogNormal(0.9, 0.1)),), draws=100_000)(cohort(), rng=1)
    assert time.perf_counter() - start < 30  # about half a second; the bound only catches a loop over draws


RULE = Selection("arrests", ("before",), "at_least", "unknown", threshold=3)


def test_unknown_timing_of_the_picking_gives_bounds():
    rng = np.random.default_rng(4)
    rate = rng.gamma(1.2, 2.0, 4000)
    pairs = np.stack([rng.poisson(rate), rng.poisson(rate)], axis=-1)
    panel = Panel.from_arrays(pairs[pairs[:, 0] >= 3], name="arrests", selection=RULE)
    result = Ledger((RegressionToMean(method="linear", comparable_mean=4.5),), draws=2000)(panel, rng=1)
    assert result.interval == "bounds"
    assert result.set_low < result.set_high


def test_nothing_is_allowed_for_twice():
    careers = RegressionToMean(method="desistance", drift="own", selection=RULE)
    with pytest.raises(SpecError, match="already holds ageing"):
        Ledger((careers, Ageing()))


def test_allowing_for_detection_makes_it_about_offences():
    assert "offences" in Ledger((Detection(ratio=0.9),))(cohort(), rng=1).note


def test_its_error_is_that_of_the_closed_form_for_picked_counts():
    rng = np.random.default_rng(11)
    rate = rng.gamma(1.2, 2.0, 6000)
    pairs = np.stack([rng.poisson(rate), rng.poisson(rate)], axis=-1)
    picked = pairs[pairs[:, 0] >= 3]
    rule = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=3)
    result = Ledger((RegressionToMean(method="robbins_zhang"),))(
        Panel.from_arrays(picked, name="arrests", selection=rule), rng=1
    )
    before, after = picked.T
    expected = before * (before > 3)  # Robbins and Zhang: what people picked at 3 or more do again
    ratio = after.sum() / expected.sum()
    error = np.sqrt(((after - ratio * expected) ** 2).sum()) / after.sum()
    assert result.estimate == pytest.approx(ratio, rel=1e-12)
    assert result.std_error == pytest.approx(error, rel=0.03)  # 20,000 draws: 0.5%, and a bootstrap of 1,600 people

"""Where the ratio of a negative binomial model is not that of mean rates, and that the result says so."""

import numpy as np
import pytest
from scipy import stats

from iom_causal.estimators.negative_binomial_mixed import NegativeBinomialMixed
from iom_causal.estimators.rate_ratio import RateRatio
from iom_causal.panel import Panel
from iom_causal.roles import batch

BAND = 1e-4  # chance of a false alarm
JACKKNIFE = 0.1  # a first-order variance against the jackknife's at 120 people


def rates(world, rng, size):
    """Rates before and after: of one shape, or of another after because some people stop."""
    frailty = rng.gamma(1.0, 1.0, size) * 4
    if world == "stop":
        return frailty, frailty * (rng.random(size) < 0.5)
    return frailty * rng.gamma(2.0, 0.5, size), 0.8 * frailty * rng.gamma(2.0, 0.5, size)


def counts(world, seed, size=(225,)):
    rng = np.random.default_rng(seed)
    return np.stack([rng.poisson(r) for r in rates(world, rng, size)], axis=-1)


def test_a_shape_that_changes_is_said_with_the_ratio_of_the_totals():
    y = counts("stop", 1)
    e, totals = NegativeBinomialMixed()(Panel.from_arrays(y)), RateRatio()(Panel.from_arrays(y))
    assert e.diagnostics["ratio_of_totals"] == pytest.approx(totals.estimate)
    assert e.diagnostics["totals_p"] < 0.001
    assert "take RateRatio" in e.note


def test_a_batch_doubts_the_replicates_that_are_doubted_alone():
    panel = Panel.from_arrays(np.stack([counts("stop", 1), counts("same", 1), counts("stop", 2)]))
    many = batch(NegativeBinomialMixed(), panel)
    assert [many[k].notes for k in range(3)] == [NegativeBinomialMixed()(panel.replicate(k)).notes for k in range(3)]
    assert "take RateRatio" in many[0].note


def test_ratios_that_are_the_same_are_not_said_to_differ():
    """Where windows vary no more than Poisson counts the ratio is that of the totals, but for rounding."""
    said = []
    for seed in (65, 203, 313):  # of 400; what little differs has next to no variance
        rng = np.random.default_rng(seed)
        rate = rng.lognormal(1.6, 0.5, 40)
        e = NegativeBinomialMixed()(Panel.from_arrays(np.stack([rng.poisson(rate), rng.poisson(0.47 * rate)], -1)))
        assert e.diagnostics["windows_are_poisson"]
        assert e.estimate == pytest.approx(e.diagnostics["ratio_of_totals"], rel=1e-6)
        said.append("RateRatio" in e.note)
    assert not any(said)


def test_one_shape_is_doubted_as_seldom_as_it_should_be():
    cohorts = [NegativeBinomialMixed()(Panel.from_arrays(counts("same", seed))) for seed in range(80)]
    alarms = ["RateRatio" in e.note for e in cohorts]
    apart = [abs(np.log(e.estimate / e.diagnostics["ratio_of_totals"])) > e.std_error / 10 for e in cohorts]
    assert alarms == [e.diagnostics["totals_p"] < 0.05 and far for e, far in zip(cohorts, apart, strict=True)]
    assert sum(alarms) <= stats.binom.isf(BAND, 80, 0.05)


@pytest.mark.parametrize("exposure", [None, [547.0, 366.0]])
def test_the_two_ratios_differ_by_as_much_as_leaving_people_out_moves_them(exposure):
    n = 120
    y = counts("stop", 3, (n,))
    e = NegativeBinomialMixed()(Panel.from_arrays(y, exposure=exposure))
    apart = np.log(e.estimate / e.diagnostics["ratio_of_totals"])
    spread = abs(apart) / stats.t.isf(e.diagnostics["totals_p"] / 2, n - 1)
    without = Panel.from_arrays(np.stack([np.delete(y, i, axis=0) for i in range(n)]), exposure=exposure)
    gaps = np.log(batch(NegativeBinomialMixed(), without).estimate / batch(RateRatio(), without).estimate)
    jackknife = np.sqrt((n - 1) * gaps.var())
    assert spread == pytest.approx(jackknife, rel=JACKKNIFE)


@pytest.mark.slow
@pytest.mark.parametrize(("world", "truth", "low", "high"), [("same", 0.8, 0.93, 0.965), ("stop", 0.5, 0.42, 0.54)])
def test_coverage_is_what_the_docstring_tells(world, truth, low, high):
    e = batch(NegativeBinomialMixed(), Panel.from_arrays(counts(world, 7, (2000, 225))))
    assert low < ((e.conf_low <= truth) & (truth <= e.conf_high))[e.code == 0].mean() < high

"""Gamma rates that drift, picked on the count before: closed sums against people, and the pmf against Kibble's own."""

import numpy as np
import pytest
from scipy.special import ndtr
from scipy.stats import nbinom

from iom_causal.errors import InputError, NotIdentifiedError
from iom_causal.numerics.pairs import gamma as gp
from iom_causal.numerics.pairs import moment_matching as ss
from iom_causal.numerics.pairs.joint_pmf import pmf_moments, probit_rule
from iom_causal.numerics.pairs.moments import PairMoments
from tests.oracles.kibble import kibble_log_pmf
from tests.oracles.truncated_means import selected_means

PRINTED = PairMoments(6.84, 4.75, 3.61, 3.66, 0.5355)
WORLDS = [(3.0, 1.1, 0.7, 6.0, 2.0, 0.8), (5.0, 1.4**-0.5, 0.6, 4, 0.0, 1.0), (1.0, 2.0, 0.95, 3, 0.0, 1.2)]
ROUNDING = 1e-9


@pytest.mark.parametrize("renewed", [False, True])
@pytest.mark.parametrize("world", WORLDS)
def test_moments_are_those_of_the_joint_pmf(world, renewed):
    mean, cv, correlation, cut, softness, ratio = world
    share, told, _ = gp.selected_moments(*world, renewed=renewed)
    joint = gp.gamma_joint_pmf([mean, mean * ratio], cv, correlation, probit_rule(cut, softness), renewed=renewed)
    assert joint.share == pytest.approx(share, rel=ROUNDING)
    # What the table leaves out of a fourth moment's root.
    assert told == pytest.approx(list(pmf_moments(joint)[0]), rel=1e-5)


def test_the_law_is_kibbles():
    settings = {"shape": 1.4, "mean_before": 5.0, "mean_after": 3.0, "correlation": 0.6}
    y = np.arange(60.0)
    own = gp.gamma_joint_pmf([5.0, 3.0], 1.4**-0.5, 0.6)
    cells = np.exp(kibble_log_pmf(y[:, None], y[None], **settings))
    assert own.pmf[:60, :60] == pytest.approx(cells, rel=ROUNDING)  # the outermost cells are left out
    assert own.pmf.sum(1)[:60] == pytest.approx(nbinom.pmf(y, 1.4, 1.4 / 6.4), abs=ROUNDING)
    assert own.lost < ROUNDING


@pytest.mark.parametrize("renewed", [False, True])
def test_moments_are_those_of_people(renewed):
    mean, cv, rho, cut, softness, ratio = WORLDS[0]
    rng, a, size = np.random.default_rng(3), cv**-2, 4_000_000
    first = rng.gamma(a, 1 / a, size)
    second = rng.gamma(a + rng.poisson(a * rho * first / (1 - rho)), (1 - rho) / a)
    if renewed:
        second = np.where(rng.random(size) < rho, first, rng.gamma(a, 1 / a, size))
    y1, y2 = rng.poisson(mean * first), rng.poisson(mean * ratio * second)
    w = ndtr((y1 - cut) / softness)
    cov = np.cov(y1, y2, aweights=w)
    sds = np.sqrt(np.diag(cov))
    seen = [np.average(y1, weights=w), sds[0], np.average(y2, weights=w), sds[1], cov[0, 1] / sds.prod()]
    share, told, _ = gp.selected_moments(*WORLDS[0], renewed=renewed)
    assert w.mean() == pytest.approx(share, rel=0.005)  # simulation noise
    assert told == pytest.approx(seen, rel=0.01)


def test_a_hard_cut_has_the_known_means():
    known = selected_means(5.0, 1.4, 4)
    told = gp.selected_moments(5.0, 1.4**-0.5, 1.0, 4, 0.0)[1]
    assert (told.mean_pre, told.mean_post) == pytest.approx((float(known.before), float(known.after)), rel=ROUNDING)
    drifting = gp.selected_moments(5.0, 1.4**-0.5, 0.6, 4, 0.0)[1]
    assert drifting.mean_post == pytest.approx(6.5307145, abs=1e-7)  # stored to seven decimals


def test_one_rate_or_two_that_are_unrelated():
    y = np.arange(60)
    joint = gp.gamma_joint_pmf([5.0, 3.0], 1.4**-0.5, 0.0, renewed=True)
    first = nbinom.pmf(y, 1.4, 1.4 / 6.4)
    apart = np.outer(first, nbinom.pmf(y, 1.4, 1.4 / 4.4))
    assert joint.pmf[:60, :60] == pytest.approx(apart, rel=ROUNDING)
    # Counts with one rate: the second given the first is negative binomial too.
    half = gp.gamma_joint_pmf([5.0, 3.0], 1.4**-0.5, 0.5, renewed=True)
    given = nbinom.pmf(y[None], (1.4 + y)[:, None], 6.4 / 9.4)
    assert half.pmf[:60, :60] == pytest.approx((apart + first[:, None] * given) / 2, rel=ROUNDING)


@pytest.mark.parametrize("rates", ["gamma", "renewed"])
def test_at_a_ratio_of_one_the_population_averages_what_a_straight_line_says(rates):
    """Where the regression is linear, the mean at which it is the whole change is (M2 - b M1) / (1 - b)."""
    slope = PRINTED.r * PRINTED.sd_post / PRINTED.sd_pre
    fit = ss.fit_at_ratio(PRINTED, rates=rates)
    assert fit.exact
    assert fit.mean == pytest.approx((PRINTED.mean_post - slope * PRINTED.mean_pre) / (1 - slope), rel=1e-7)
    for mean in (1.2, 2.0, 2.9):
        ratio = ss.fit_at_mean(PRINTED, mean, rates=rates).ratio
        assert ratio == pytest.approx((PRINTED.mean_post - slope * (PRINTED.mean_pre - mean)) / mean, rel=1e-7)


def test_a_known_share_gives_the_world_back():
    target = ss.fit_at_ratio(PRINTED, 0.8, rates="gamma")
    fit = ss.fit_at_share(PRINTED, target.share, rates="gamma")
    assert (fit.ratio, fit.mean) == pytest.approx((0.8, target.mean), rel=1e-6)


@pytest.mark.parametrize("cv", [0.02, 0.15, 0.5])
def test_large_hidden_counts_are_summed_as_well_as_one_by_one(cv, monkeypatch):
    thin = gp.gamma_joint_pmf([4.0, 3.2], cv, 0.97)
    monkeypatch.setattr(gp, "_SUMMED", 10**7)
    whole = gp.gamma_joint_pmf([4.0, 3.2], cv, 0.97)
    assert thin.pmf == pytest.approx(whole.pmf, abs=1e-10)  # logs of gamma functions of 100,000 have ten digits


def test_what_is_refused():
    for means, cv, r in (([0, 1], 1.0, 0.5), ([1, 1], 0.0, 0.5), ([1, 1], 1.0, 1.0), ([1, 1], 1.0, -0.1)):
        with pytest.raises(InputError, match="IOM-E092"):
            gp.gamma_joint_pmf(means, cv, r)
    with pytest.raises(NotIdentifiedError, match="IOM-E068"):
        gp.gamma_joint_pmf([1, 1], 1.0, 0.5, np.zeros_like)
    with pytest.raises(InputError, match="IOM-E092"):
        gp.gamma_joint_pmf([900, 900], 1.0, 0.5)


@pytest.mark.parametrize("renewed", [False, True])
def test_a_pmf_of_very_few_is_not_lost_to_rounding(renewed):
    # One in 1e12 is picked: one minus the sum of 128 cells is off by more than that share allows for.
    settings = 3.0, 0.7, 0.85
    share, told, _ = gp.selected_moments(*settings, 110.0, 13.5, renewed=renewed)
    joint = gp.gamma_joint_pmf([3.0, 3.0], *settings[1:], probit_rule(110.0, 13.5), renewed=renewed)
    assert share < 1e-12
    assert joint.share == pytest.approx(share, rel=1e-9)
    assert pmf_moments(joint)[0] == pytest.approx(told, rel=1e-6)
    assert joint.lost < 1e-8

"""Linearised sampling: against the errors of plain estimators, and the draws of ledgers."""

import math

import numpy as np
import pytest

from iom_causal.estimators import PairedT, RateRatio
from iom_causal.inputs.linearised import linearised
from iom_causal.inputs.resampling import observed_change, sampled
from iom_causal.moments import Moments
from iom_causal.panel import Panel

LINEAR = 0.01
"""The jackknife and the linearised variance of a ratio differ by terms of order 1 / n."""


def _change(subject):
    return np.atleast_1d(observed_change(subject))[:, None]


def _rng():
    return np.random.default_rng(0)


def test_of_people_the_error_of_the_change_is_that_of_the_plain_estimator():
    rng = np.random.default_rng(2)
    counts = Panel.from_arrays(rng.poisson(rng.gamma(2, 2, (200, 1)) * [1.0, 0.6]))
    found = linearised(counts, _change, _rng()).less(0, ())
    plain = RateRatio()(counts)
    assert (math.exp(found.value), found.df) == pytest.approx((plain.estimate, plain.df))
    assert found.std_error == pytest.approx(plain.std_error, rel=LINEAR)
    scores = Panel.from_arrays(rng.normal(300, 40, (90, 2)), kind="score")
    found, plain = linearised(scores, _change, _rng()).less(0, ()), PairedT()(scores)
    assert found.std_error == pytest.approx(plain.std_error, rel=1e-9)


def test_of_moments_it_is_that_of_their_closed_form_and_of_many_draws():
    m = Moments.from_summary(n=225, mean_pre=6.84, sd_pre=4.75, mean_post=3.61, sd_post=3.66, t=11.64)

    def statistic(x):
        slope = np.asarray(x.r) * x.sd_post / x.sd_pre
        return np.stack(np.broadcast_arrays(observed_change(x), slope, np.log(x.sd_pre), np.log(x.sd_post)), axis=-1)

    found = linearised(m, statistic, _rng())
    assert found.less(0, ()).std_error == pytest.approx(RateRatio()(m).std_error, rel=1e-3)
    moves = sampled(m, statistic, np.random.default_rng(1), 200_000).moves
    covariance = found.mine.T @ found.mine
    spread = np.sqrt(np.diag(covariance))
    assert np.cov(moves.T) / np.outer(spread, spread) == pytest.approx(covariance / np.outer(spread, spread), abs=0.02)


def test_people_lost_from_a_table_move_its_first_mean_on_their_own():
    settings = {"n": 40, "mean_pre": 300.0, "sd_pre": 90.0, "mean_post": 240.0, "sd_post": 95.0, "r": 0.6}
    m = Moments.from_summary(**settings, n_input=60, mean_pre_input=330.0, sd_pre_input=100.0, kind="score")

    def entered(x):
        return np.atleast_1d(x.mean_pre_input)[:, None]

    exact = float(linearised(m, entered, _rng()).less(0, ()).std_error)
    drawn = sampled(m, entered, np.random.default_rng(3), 200_000).moves.std()
    assert exact == pytest.approx(drawn, rel=4 / math.sqrt(400_000))


def test_others_are_a_sample_of_their_own_with_fewer_degrees_of_freedom():
    rng = np.random.default_rng(4)
    start = np.ma.MaskedArray(np.ones(60, int), mask=np.arange(60) >= 50)
    panel = Panel.from_arrays(rng.poisson(3, (60, 2)), start=start, selected=True)

    def both(x):
        rest = x.where(~x.group)
        own = np.log(rest.after.mean()) if x.replicates is None else _weighted(x)
        return np.stack(np.broadcast_arrays(observed_change(x), own), axis=-1)

    def _weighted(x):
        w = x.weight * ~x.group
        return np.log((w * x.outcome[..., 1]).sum(-1) / w.sum(-1))

    found = linearised(panel, both, _rng())
    assert (len(found.mine), len(found.others)) == (50, 10)
    assert found.less(0, ()).df == 49
    assert 9 <= found.less(0, (1,)).df < 49

"""Bayesian models of counts before and after."""

from dataclasses import replace

import numpy as np
import pytest

from iom_causal.bayes import PrePostCounts
from iom_causal.beliefs import Normal
from iom_causal.errors import InputError
from iom_causal.panel import Panel
from iom_causal.roles import batch, batch_by_loop


def pairs(seed=1, n=60, unlike=0.0):
    rng = np.random.default_rng(seed)
    rate = rng.gamma(2.5, 2.7, n)
    after = 0.55 * rate * np.exp(unlike * rng.normal(size=n) - unlike**2 / 2)
    return np.stack([rng.poisson(rate), rng.poisson(after)], axis=-1)


def people(seed=1, n=60, **settings):
    return Panel.from_arrays(pairs(seed, n), name="arrests", **settings)


def test_it_lies_between_prior_and_totals():
    panel = people()
    totals = panel.after.sum() / panel.before.sum()
    found = PrePostCounts()(panel, rng=1)
    assert totals < found.estimate < 1
    assert found.interval == "credible-eti"
    assert found.conf_low < totals < found.conf_high
    assert found.diagnostics["sampler"] == "grid"
    assert found.diagnostics["contraction"]["log_ratio"] > 0.8


def test_its_priors_are_printed():
    stated = " ".join(PrePostCounts(log_ratio=Normal(0.0, 0.15))(people(), rng=1).assumptions)
    assert "the log of the ratio is Normal(mean=0.0, sd=0.15)" in stated
    assert "per window" in stated
    days = people(exposure=[547, 549])
    assert "per 548 days" in " ".join(PrePostCounts()(days, rng=1).assumptions)


def test_a_prior_of_the_mean_is_per_548_days():
    """Twice the days before with twice the events are the same mean."""
    once, twice = people(exposure=[274.0, 549.0]), people(exposure=[548.0, 549.0])
    twice = replace(twice, outcome=twice.outcome * [2, 1])
    a, b = (PrePostCounts()(p, rng=1).diagnostics["log_mean"] for p in (once, twice))
    assert a == pytest.approx(b, abs=0.05)


def test_a_batch_is_each_of_its_replicates():
    panel = Panel.from_arrays(np.stack([pairs(seed, 20) for seed in range(4)]), name="arrests")
    kernel, loop = batch(PrePostCounts(), panel, rng=1), batch_by_loop(PrePostCounts(), panel, rng=1)
    for name in ("estimate", "std_error", "conf_low", "conf_high"):
        np.testing.assert_allclose(getattr(kernel, name), getattr(loop, name), rtol=1e-9, err_msg=name)
    assert [e.notes for e in kernel] == [e.notes for e in loop]


@pytest.mark.parametrize("counts", [[[0, 0]] * 5, [[3, 3]] * 5, [[0, 2], [0, 1], [0, 3]], [[2, 0], [1, 0], [3, 0]]])
def test_sides_without_events_have_a_posterior(counts):
    found = PrePostCounts()(Panel.from_arrays(counts), rng=1)
    assert 0 < found.conf_low < found.estimate < found.conf_high
    assert ("no events at all" in found.note) == (np.sum(counts) == 0)


def test_without_events_the_ratio_is_its_prior():
    many = PrePostCounts(log_mean=Normal(-12.0, 0.1))(Panel.from_arrays([[0, 0]] * 3), rng=1)
    assert many.confidence_interval(0.95) == pytest.approx(np.exp([-0.35 * 1.96, 0.35 * 1.96]), rel=1e-3)


def test_one_person_is_refused():
    with pytest.raises(InputError, match="IOM-E060"):
        PrePostCounts()(Panel.from_arrays([[3, 1]]), rng=1)


def test_people_who_change_by_unlike_factors_are_told():
    alike = PrePostCounts()(Panel.from_arrays(pairs(3, 225)), rng=1)
    unlike = PrePostCounts()(Panel.from_arrays(pairs(3, 225, unlike=0.7)), rng=1)
    assert "too narrow" not in alike.note
    assert "too narrow" in unlike.note


def test_simulated_people_keep_what_is_missing():
    outcome = pairs(1, 8).astype(float)
    outcome[2, 1] = np.nan
    panel = Panel.from_arrays(outcome, missing="keep", name="arrests")
    model, rng = PrePostCounts(), np.random.default_rng(1)
    drawn = model.simulate(panel, model.prior_draws(5, rng), rng)
    assert drawn.outcome.shape == (5, 8, 2)
    assert (np.isnan(drawn.outcome) == np.isnan(outcome)).all()


def test_ranks_of_true_ratios_are_uniform():
    model, rng = PrePostCounts(), np.random.default_rng(5)
    z = model.prior_draws(400, rng)
    drawn = model.posterior_draws(model.simulate(people(n=12), z, rng), 99, rng)
    ranks = (drawn < z[:, None]).mean(1)
    assert np.abs(ranks.mean(0) - 0.5).max() < 4 * np.sqrt(1 / 12 / 400)
    assert np.abs(ranks.var(0) - 1 / 12).max() < 0.015

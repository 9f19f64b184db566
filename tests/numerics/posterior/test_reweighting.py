"""Reweighted draws: closed forms of normal draws under normal priors, overlap or not, and what is refused."""

import numpy as np
import pytest

from iom_causal.errors import ConvergenceError
from iom_causal.numerics.posterior.reweighting import Noise, reweighted, reweighted_by_parts, shift_to_even, unweighted

SIZE = 40_000
MEAN, SPREAD = np.array([-0.2, -0.6]), np.array([[0.02, 0.01], [0.01, 0.03]])


def normal(seed=1):
    return np.random.default_rng(seed).multivariate_normal(MEAN, SPREAD, SIZE)


def log_prior(sd):
    return lambda x: -0.5 * (x / sd) ** 2


def conjugate(sd):
    """Mean and covariance of both columns after a normal prior around 0 on the last."""
    gain = SPREAD[:, 1] / (SPREAD[1, 1] + sd**2)
    return MEAN - gain * MEAN[1], SPREAD - np.outer(gain, SPREAD[1])


def as_parts(values, share=0.5):
    """The same distribution as a fixed part and noise, which hold so much of the variance."""
    rng = np.random.default_rng(9)
    noise = rng.multivariate_normal([0.0, 0.0], share * SPREAD, SIZE)
    return Noise(MEAN + np.sqrt(1 - share) * (values - MEAN), noise, np.ones(SIZE))


def agrees(found, sd):
    mean, cov = conjugate(sd)
    error = 4 * np.sqrt(np.diag(cov) / found.effective)
    assert np.abs(found.weight @ found.values - mean) == pytest.approx([0, 0], abs=error.max())
    off = found.values - mean
    assert found.weight @ off**2 == pytest.approx(np.diag(cov), rel=6 / np.sqrt(found.effective))


@pytest.mark.parametrize("sd", [0.15, 0.35, 5.0])
def test_weights_are_those_of_the_conjugate_posterior(sd):
    values = normal()
    found = reweighted(values, log_prior(sd)(values[:, 1]))
    assert not found.degenerate
    agrees(found, sd)


@pytest.mark.parametrize("share", [0.5, 1.0])
@pytest.mark.parametrize("sd", [0.03, 0.15, 0.35])
def test_moved_noise_gives_the_same_also_where_plain_weights_degenerate(sd, share):
    values = normal()
    plain = reweighted(values, log_prior(sd)(values[:, 1]))
    found = reweighted_by_parts(as_parts(values, share), log_prior(sd), 0.0, sd)
    assert found.effective > plain.effective
    assert plain.degenerate == (sd == 0.03)
    agrees(found, sd)


def test_moved_noise_needs_no_normal_prior():
    values = normal()
    heavy = lambda x: -2 * np.log1p((x / 0.2) ** 2)  # noqa: E731
    plain = reweighted(values, heavy(values[:, 1]))
    found = reweighted_by_parts(as_parts(values), heavy, 0.0, 0.3)
    error = np.hypot(*(4 * np.sqrt(0.03 / f.effective) for f in (plain, found)))
    assert found.weight @ found.values == pytest.approx(plain.weight @ plain.values, abs=error)


def test_moved_noise_of_unlike_scales_gives_what_plain_weights_do():
    rng = np.random.default_rng(4)
    scale = np.sqrt(4 / rng.chisquare(4, SIZE))
    parts = Noise(np.full((SIZE, 1), -0.4), 0.2 * rng.standard_normal((SIZE, 1)), scale)
    values = parts.fixed + scale[:, None] * parts.deviation
    plain = reweighted(values, log_prior(0.25)(values[:, 0]))
    found = reweighted_by_parts(parts, log_prior(0.25), 0.0, 0.25)
    assert found.effective > 1.2 * plain.effective
    for power in (1, 2):
        one, two = (f.weight @ f.values[:, 0] ** power for f in (plain, found))
        assert two == pytest.approx(one, abs=4 * np.hypot(*(0.2 / np.sqrt(f.effective) for f in (plain, found))))


def test_few_draws_that_are_left_are_said():
    values = normal()
    assert reweighted(values, log_prior(0.01)(values[:, 1])).degenerate
    assert not unweighted(values).degenerate
    assert unweighted(values).effective == SIZE


def test_a_prior_that_holds_every_draw_impossible_is_refused():
    with pytest.raises(ConvergenceError, match="IOM-E080"):
        reweighted(normal(), np.full(SIZE, -np.inf))


@pytest.mark.parametrize("prior", [None, log_prior(0.1), log_prior(2.0)])
def test_after_the_shift_a_fall_is_as_likely_as_not(prior):
    values = normal()[:, 1]
    moved = values - shift_to_even(values, prior)
    weight = np.ones(SIZE) if prior is None else np.exp(prior(moved))
    assert weight[moved < 0].sum() / weight.sum() == pytest.approx(0.5, abs=0.01)

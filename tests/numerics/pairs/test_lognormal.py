"""Joint pmf of two counts of selected people with lognormal rates: against quadrature, brute force and closed forms."""

import math

import numpy as np
import pytest
from scipy import integrate, stats
from scipy.special import ndtr

from iom_causal.numerics.pairs import joint_pmf as pl
from iom_causal.numerics.pairs import lognormal
from iom_causal.numerics.pairs.lognormal import lognormal_joint_pmf, selected_moments

WORLD = (1.5, 0.744, 0.756, 12.57, 3.98)
WIDE = (3.35, 0.866, 0.833, 3.45, 1.03)
RARE = 1e-4
"""Chance that a right sampler is called wrong."""


def joint_of(mean, log_sd, correlation, cut, softness, ratio=1.0):
    return lognormal_joint_pmf([mean, mean * ratio], [log_sd] * 2, correlation, pl.probit_rule(cut, softness))


def chi_square(seen, pmf, people):
    expected = people * pmf
    common = expected >= 10
    e = np.append(expected[common], expected[~common].sum())
    o = np.append(seen[common], seen[~common].sum())
    return stats.chi2.sf(((o - e) ** 2 / e).sum(), len(e) - 1)


def test_without_spread_the_law_is_two_poissons():
    joint = lognormal_joint_pmf([4.0, 2.5], [0.0, 0.0], 0.3)
    known = np.outer(*(stats.poisson.pmf(np.arange(k), m) for k, m in zip(joint.pmf.shape, (4.0, 2.5), strict=True)))
    assert joint.pmf == pytest.approx(known, abs=1e-9)  # the pmf is trimmed at a billionth and scaled


@pytest.mark.parametrize(("y1", "y2"), [(0, 0), (3, 1), (9, 4), (25, 12)])
@pytest.mark.parametrize("correlation", [0.0, 0.76, 0.98])
def test_cells_are_those_of_adaptive_quadrature(y1, y2, correlation):
    m, s = 1.5, 0.75
    joint = lognormal_joint_pmf([m, 0.8 * m], [s, s], correlation)

    def after(z):
        def inner(e):  # in plain floats: it is asked for millions of times
            rate = 0.8 * m * math.exp(s * (correlation * z + (1 - correlation**2) ** 0.5 * e) - s * s / 2)
            return math.exp(y2 * math.log(rate) - rate - math.lgamma(y2 + 1) - e * e / 2) / math.sqrt(2 * math.pi)

        return integrate.quad(inner, -9, 9, epsabs=0, epsrel=1e-9, limit=200)[0]

    nodes = np.linspace(-9, 9, 361)
    outer = [stats.norm.pdf(z) * stats.poisson.pmf(y1, m * np.exp(s * z - s * s / 2)) * after(z) for z in nodes]
    assert joint.pmf[y1, y2] == pytest.approx(np.sum(outer) * (nodes[1] - nodes[0]), rel=1e-6)


@pytest.mark.parametrize(
    "world",
    [
        (1.5, 0.744, 0.756, 12.57, 3.98),
        (3.0, 1.2, 0.99, 40.0, 5.0),
        (2.0, 1.5, 0.8, 30.0, 0.0),
        (1.5, 0.9, 0.95, 60.0, 6.0),
        (20.0, 0.6, 0.7, 40.0, 8.0),
    ],
)
def test_moments_of_the_picked_are_right_in_the_tails_too(world):
    mean, sd, rho, cut, softness = world
    z = np.linspace(-14, 14, 1_401)
    rate = mean * np.exp(sd * z - sd * sd / 2)
    y = np.arange(500)[:, None]
    chance = stats.norm.cdf((y - cut) / softness) if softness else (y >= cut).astype(float)
    weight = stats.norm.pdf(z) * (z[1] - z[0])
    picked = [(stats.poisson.pmf(y, rate) * chance * y**k).sum(0) + _tail(rate, k) for k in range(3)]
    after = mean * 0.8 * np.exp(rho * sd * z - (rho * sd) ** 2 / 2)
    square = after**2 * np.exp(sd * sd * (1 - rho * rho)) + after
    share = weight @ picked[0]
    m1, m2 = weight @ picked[1] / share, weight @ (picked[0] * after) / share
    v1, v2 = weight @ picked[2] / share - m1**2, weight @ (picked[0] * square) / share - m2**2
    r = (weight @ (picked[1] * after) / share - m1 * m2) / np.sqrt(v1 * v2)
    found, told, _ = selected_moments(*world, 0.8)
    assert found == pytest.approx(share, rel=1e-7)
    assert told == pytest.approx((m1, v1**0.5, m2, v2**0.5, r), rel=1e-7)  # the trapezoid rule is good to 2e-8 here


def _tail(rate, power):
    """Sums over counts of 500 and more, all of which are picked."""
    over = [stats.poisson.sf(499 - k, rate) for k in range(3)]
    return (over[0], rate * over[1], rate**2 * over[2] + rate * over[1])[power]


@pytest.mark.parametrize("world", [WORLD, WIDE])
@pytest.mark.parametrize("ratio", [1.0, 0.7])
def test_the_moments_are_those_of_the_fit(world, ratio):
    joint = joint_of(*world, ratio)
    share, moments, _ = selected_moments(*world, ratio)
    assert joint.share == pytest.approx(share, rel=1e-7)
    assert pl.pmf_moments(joint)[0] == pytest.approx(moments, rel=2e-5)  # squares far beyond a billionth


@pytest.mark.parametrize("world", [WORLD, WIDE])
def test_the_law_is_that_of_people_picked_one_by_one(world):
    mean, s, rho, cut, softness = world
    rng, size = np.random.default_rng(3), 3_000_000
    z, e = rng.standard_normal((2, size))
    first = mean * np.exp(s * z - s * s / 2)
    second = 0.8 * mean * np.exp(s * (rho * z + (1 - rho**2) ** 0.5 * e) - s * s / 2)
    y1, y2 = rng.poisson(first), rng.poisson(second)
    picked = rng.random(size) < ndtr((y1 - cut) / softness)
    joint = joint_of(*world, 0.8)
    seen = np.zeros(joint.pmf.shape)
    np.add.at(seen, (np.minimum(y1[picked], seen.shape[0] - 1), np.minimum(y2[picked], seen.shape[1] - 1)), 1)
    assert picked.mean() == pytest.approx(joint.share, abs=4 * (joint.share / size) ** 0.5)
    assert chi_square(seen, joint.pmf, picked.sum()) > RARE


@pytest.mark.parametrize("world", [WORLD, WIDE])
def test_what_lies_beyond_the_cells_is_bounded(world):
    joint = joint_of(*world)
    rule, s = pl.probit_rule(*world[3:]), np.array([world[1]] * 2)
    everybody = lognormal._population(np.array([world[0]] * 2), s, world[2])
    far = pl._joint_pmf(np.arange(1501.0), everybody, rule)
    inside = far.pmf[: joint.pmf.shape[0], : joint.pmf.shape[1]]
    assert 1 - inside.sum() <= 1.001 * joint.lost  # rounding of one minus a sum
    assert joint.lost < 2 * pl.LOST
    assert inside == pytest.approx(joint.pmf, abs=2 * pl.LOST)

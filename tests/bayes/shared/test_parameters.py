"""Priors on the unbounded scale: densities integrate to 1 and agree with draws and with PyMC's own transforms."""

import math

import numpy as np
import pytest
from scipy.integrate import quad

from iom_causal.base.specs import FrozenMap
from iom_causal.bayes.shared.parameters import Parameter, log_prior, names_of, natural, prior_draws, prior_spread
from iom_causal.beliefs import Beta, HalfNormal, LogNormal, Normal, TruncatedNormal, Uniform

PRIORS = [
    Normal(1.0, 2.0),
    LogNormal(2.0, 0.5),
    HalfNormal(0.3),
    Uniform(-1.0, 3.0),
    Beta(2.0, 5.0),
    TruncatedNormal(0.2, 1.0, 0.0, 1.0),
    TruncatedNormal(0.0, 1.0, 0.5, math.inf),
    TruncatedNormal(0.0, 1.0, -math.inf, 0.5),
]
FOUR_ERRORS = 4.0


@pytest.mark.parametrize("prior", PRIORS, ids=repr)
def test_a_density_of_the_unbounded_scale_is_that_of_its_draws(prior):
    parameter = Parameter("x", prior)
    z = parameter.sample(np.random.default_rng(1), 20_000)

    def density(at):
        return float(np.exp(parameter.log_density(np.array([at]))[0]))

    ends = (-30.0, 30.0)
    assert quad(density, *ends, limit=500, points=[float(np.median(z))])[0] == pytest.approx(1, abs=1e-6)
    cut = float(np.quantile(z, 0.3))
    share = quad(density, ends[0], cut, limit=500, points=[cut - float(z.std())])[0]
    assert share == pytest.approx(0.3, abs=FOUR_ERRORS * math.sqrt(0.3 * 0.7 / z.size))


@pytest.mark.parametrize("prior", PRIORS, ids=repr)
def test_to_the_unbounded_scale_and_back(prior):
    parameter = Parameter("x", prior)
    x = prior.sample(np.random.default_rng(2), 50)
    assert parameter.natural(parameter.free(x)) == pytest.approx(x, rel=1e-9)


def test_several():
    several = (Parameter("a", Normal(0.0, 2.0)), Parameter("b", HalfNormal(1.0)), Parameter("c", Beta(2.0, 2.0)))
    assert names_of(several) == ("a", "log_b", "logit_c")
    draws = prior_draws(several, np.random.default_rng(3), 7)
    assert draws.shape == (7, 3)
    each = sum(p.log_density(draws[:, k]) for k, p in enumerate(several))
    assert log_prior(several, draws) == pytest.approx(each)
    assert {k: v.shape for k, v in natural(several, draws[None]).items()} == {"a": (1, 7), "b": (1, 7), "c": (1, 7)}
    spread = prior_spread(several)
    assert isinstance(spread, FrozenMap)
    assert spread["a"] == 2.0
    assert spread["log_b"] == pytest.approx(math.pi / math.sqrt(8), rel=0.03)  # the log of a half-normal


@pytest.mark.parametrize(
    "prior", [Normal(1.0, 2.0), LogNormal(3.0, 0.5), HalfNormal(2.0), Uniform(-1.0, 4.0)], ids=repr
)
def test_the_scale_and_the_density_are_those_of_pymc(prior):
    import pymc as pm

    parameter, z = Parameter("x", prior), np.array(0.3)
    with pm.Model() as model:
        parameter.variable()
    (name,) = (v.name for v in model.value_vars)
    assert float(model.compile_logp()({name: z})) == pytest.approx(float(parameter.log_density(z)), abs=1e-12)

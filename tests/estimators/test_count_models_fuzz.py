"""Small and sparse panels through every count model: a result without holes, or a typed error, the same in a batch."""

import numpy as np
import pytest

from iom_causal.errors import IomCausalError, NotIdentifiedError
from iom_causal.estimators.negative_binomial_mixed import NegativeBinomialMixed
from iom_causal.estimators.poisson_fixed_effects import PoissonFixedEffects
from iom_causal.estimators.poisson_mixed import PoissonMixed
from iom_causal.estimators.rate_ratio import RateRatio
from iom_causal.panel import Panel
from iom_causal.roles import batch

MODELS = [
    PoissonFixedEffects(),
    PoissonMixed(),
    PoissonMixed(mixing="lognormal", se="model"),
    PoissonMixed(mixing="bivariate"),
    PoissonMixed(mixing="bivariate", ratio="conditional"),
    NegativeBinomialMixed(),
    RateRatio(),
]
SHOWN = ("estimate", "std_error", "conf_low", "conf_high", "p_value")
SAME = 1e-6  # a batch and a single fit may start from sums taken in another order
UNBOUNDED = np.array([[0, 1]] + [[1, 0]] * 3 + [[1, 2]] + [[0, 0]] * 15)
FLAT = np.column_stack(
    [
        np.r_[np.zeros(90, int), [5, 6, 1, 9, 2, 3, 1, 1, 2, 4]],
        np.r_[np.zeros(88, int), [1, 0], [2, 3, 0, 4, 1, 1, 0, 0, 0, 9]],
    ]
)


def sparse(rng, replicates):
    """Few people, with gamma frailties that last or not, from nearly no events to many."""
    n = int(rng.integers(1, 31))
    mean, shape = rng.choice([0.05, 0.2, 0.5, 1, 3, 20]), rng.choice([0.05, 0.3, 1, 5, 100])
    frailty = rng.gamma(shape, 1 / shape, (replicates, n, 1))
    if rng.random() < 0.4:
        frailty = frailty * rng.gamma(shape, 1 / shape, (replicates, n, 2))
    return rng.poisson(np.minimum(mean * frailty * [1, rng.choice([0.0, 0.3, 1, 2])], 2000))


def alone(model, counts):
    """The code and the result of one panel; any other exception is a fault."""
    try:
        return 0, model(Panel.from_arrays(counts))
    except IomCausalError as error:
        return error.number, None


def check(model, counts):
    singles = [alone(model, c) for c in counts]
    many = batch(model, Panel.from_arrays(counts))
    assert many.code.tolist() == [code for code, _ in singles]
    for k, (code, single) in enumerate(singles):
        for name in SHOWN if code == 0 else ():
            one, value = getattr(single, name), getattr(many, name)[k]
            assert (one is None) == np.isnan(value), name
            assert one is None or value == pytest.approx(one, rel=SAME, abs=1e-12), name
        assert single is None or single.estimate is not None or single.conf_low is not None


@pytest.mark.parametrize(("panels", "seed"), [(12, 1), pytest.param(700, 2, marks=pytest.mark.slow)])
@pytest.mark.parametrize("model", MODELS, ids=repr)
def test_small_panels_give_a_result_or_a_typed_error(model, panels, seed):
    rng = np.random.default_rng(seed)
    for _ in range(panels):
        check(model, sparse(rng, 3))


@pytest.mark.parametrize("counts", [UNBOUNDED, FLAT], ids=["unbounded", "flat"])
def test_what_counts_do_not_tell_is_said_and_no_covariate_is_blamed(counts):
    model = PoissonMixed(mixing="bivariate")
    with pytest.raises(NotIdentifiedError, match=r"IOM-E068.*(log_sd|spread of the frailties)") as told:
        model(Panel.from_arrays(counts))
    assert "covariate" not in str(told.value)
    fine = np.random.default_rng(3).poisson(3.0, counts.shape)
    assert batch(model, Panel.from_arrays(np.stack([counts, fine]))).code[0] == 68

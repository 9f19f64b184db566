"""Which of importance sampling and a chain gives a posterior, and what is said of it."""

import numpy as np
import pytest

from iom_causal.bayes.shared.methods import DISTRUST, trusted_or_chain
from iom_causal.bayes.shared.posterior import IMPORTANCE, NUTPIE, Posterior
from iom_causal.errors import ConvergenceError
from iom_causal.numerics.posterior.importance import Weighted


def posterior(sampler):
    return Posterior(names=("a",), draws=np.zeros((1, 2, 1)), sampler=sampler, notes=("own",))


def found(method, k):
    def weighted():
        if k is None:
            raise ConvergenceError("IOM-E080", "no mode")
        return Weighted(points=np.zeros((2, 1)), log_weight=np.zeros(2), pareto_k=k, effective=2.0, log_evidence=0.0)

    return trusted_or_chain(method, weighted, lambda _: posterior(IMPORTANCE), lambda: posterior(NUTPIE), DISTRUST)


@pytest.mark.parametrize(
    ("method", "k", "sampler", "said"),
    [
        ("auto", 0.69, IMPORTANCE, None),
        ("auto", 0.71, NUTPIE, "Pareto k 0.71), and a chain was drawn"),
        ("auto", None, NUTPIE, "no mode to sample about, and a chain was drawn"),
        ("importance", 0.69, IMPORTANCE, None),
        ("importance", 0.71, IMPORTANCE, "Pareto k 0.71): write method='nuts'"),
        ("nuts", 0.2, NUTPIE, None),
    ],
)
def test_a_chain_takes_over_where_weights_are_not_trusted_and_it_is_said(method, k, sampler, said):
    made = found(method, k)
    assert made.sampler == sampler
    assert made.notes[-1] == "own"
    assert len(made.notes) == 1 + (said is not None)
    assert said is None or said in made.notes[0]


def test_importance_sampling_that_was_asked_for_and_finds_no_mode_is_refused():
    with pytest.raises(ConvergenceError, match="IOM-E080"):
        found("importance", None)

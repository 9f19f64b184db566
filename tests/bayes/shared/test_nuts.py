"""Hamiltonian sampling of a small model by either sampler, and its gate."""

import subprocess
import sys

import numpy as np
import pytest

from iom_causal.bayes.shared.nuts import Nuts, gate, sampled


def model():
    import pymc as pm

    with pm.Model() as made:
        theta = pm.Normal("theta", 0.0, 1.0)
        pm.Normal("y", theta, 1.0, observed=np.array([1.0, 2.0, 0.5]))
    return made


SHORT = {"draws": 500, "tune": 300, "chains": 2}


@pytest.mark.slow
@pytest.mark.parametrize("sampler", ["nutpie", "pymc"])
def test_a_seed_gives_the_same_draws(sampler):
    nuts = Nuts(**SHORT, sampler=sampler)
    one, two = (sampled(model(), nuts, seed=2**63 + 5) for _ in range(2))
    np.testing.assert_array_equal(one["posterior"]["theta"], two["posterior"]["theta"])
    assert one["posterior"].attrs["sampler"] == sampler
    figures, notes = gate(one, ["theta"])
    assert figures["divergences"] == 0
    assert figures["r_hat"] < 1.02
    draws = one["posterior"]["theta"].to_numpy()
    assert draws.mean() == pytest.approx(3.5 / 4, abs=5 * 0.5 / np.sqrt(figures["ess_bulk"]))
    assert bool(notes) is not figures["converged"]


CODE = """
import pymc as pm
from iom_causal.bayes.shared.nuts import Nuts, sampled
with pm.Model() as model:
    pm.Normal("theta")
for sampler in ("nutpie", "pymc"):
    sampled(model, Nuts(draws=20, tune=20, chains=1, sampler=sampler), seed=1)
"""


@pytest.mark.slow
def test_nothing_is_printed_where_there_is_no_terminal():
    out = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert (out.stdout, out.stderr) == ("", "")


@pytest.mark.slow
def test_chains_that_differ_are_marked_and_nothing_is_raised():
    tree = sampled(model(), Nuts(**SHORT), seed=1)
    tree["posterior"]["theta"][0] += 5.0
    figures, notes = gate(tree, ["theta"])
    assert not figures["converged"]
    assert "did not converge" in notes[0]

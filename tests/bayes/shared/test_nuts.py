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


def drawn(scale=1.0, energy=None, diverging=0):
    """Four chains of 500 draws as a sampler leaves them, without one: independent draws times a scale."""
    import arviz as az

    rng = np.random.default_rng(3)
    shape = (4, 500)
    flags = np.zeros(shape, dtype=bool)
    flags[0, :diverging] = True
    energy = rng.standard_normal(shape) if energy is None else energy
    return az.from_dict(
        {
            "posterior": {"theta": scale * rng.standard_normal(shape)},
            "sample_stats": {"diverging": flags, "energy": energy},
        }
    )


CLAUSES = {
    "r_hat": lambda f: f["r_hat"] < 1.01,
    "ess_bulk": lambda f: f["ess_bulk"] > 400,
    "ess_tail": lambda f: f["ess_tail"] > 400,
    "divergences": lambda f: f["divergences"] == 0,
    "bfmi": lambda f: f["bfmi"] > 0.3,
}
FAULTY = {
    "divergences": {"diverging": 1},
    "bfmi": {"energy": np.random.default_rng(4).standard_normal((4, 500)).cumsum(axis=-1)},  # it hardly moves
    "ess_tail": {"scale": np.where(np.arange(500) // 125 % 2, 3.0, 0.5)},  # extremes come in runs, the middle does not
}


@pytest.mark.parametrize("clause", FAULTY)
def test_each_clause_of_the_gate_marks_by_itself(clause):
    figures, notes = gate(drawn(**FAULTY[clause]), ["theta"])
    assert [name for name, holds in CLAUSES.items() if not holds(figures)] == [clause]
    assert not figures["converged"]
    assert "did not converge" in notes[0]


def test_independent_draws_pass_the_gate():
    figures, notes = gate(drawn(), ["theta"])
    assert figures["converged"]
    assert notes == ()


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

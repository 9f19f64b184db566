"""What every Bayesian model offers beside the contract of estimators; a model takes one line here."""

import pickle
import subprocess
import sys
from functools import cache

import numpy as np
import pytest

import iom_causal.bayes as room
from iom_causal.bayes.calibration import posterior_sbc, sbc
from iom_causal.bayes.checks import convergence, loo, posterior_predictive, power_scaling, prior_predictive
from iom_causal.bayes.shared.simulated import Simulated, as_replicates
from iom_causal.bayes.shared.tree import PosteriorTree
from iom_causal.panel import Panel
from iom_causal.windows import Window


def counts(n=40):
    rng = np.random.default_rng(20121101)
    rate = rng.gamma(2.0, 3.0, n)
    return Panel.from_arrays(np.stack([rng.poisson(rate), rng.poisson(0.6 * rate)], axis=-1), name="arrests")


def scores(n=40):
    rng = np.random.default_rng(20121101)
    y = rng.multivariate_normal([40, 34], [[150, 90], [90, 180]], n)
    y[: n // 6, 1], y[-1, 0] = np.nan, np.nan
    return Panel.from_arrays(y, kind="score", name="risk", missing="keep")


def entered(n=40):
    rng = np.random.default_rng(20121101)
    before = 220 + 100 * rng.exponential(size=n)
    y = np.stack([before, 230 + 0.6 * (before - 320) + 90 * rng.standard_normal(n)], axis=-1)
    y[: n // 6, 1] = np.nan
    return Panel.from_arrays(y, kind="score", name="risk", missing="keep")


def series(n=40):
    windows = [Window(f"{k}", 30 * k, 30 * k + 30, post=k >= 0) for k in range(-24, 12)]
    rates = np.where([w.post for w in windows], 0.25, 0.4)
    return Panel.from_arrays(np.random.default_rng(1).poisson(rates, (n, 36)), windows=windows, name="arrests")


QUICK = {
    "counts": (room.PrePostCounts(), counts),
    "negative binomial counts": (room.PrePostCounts(family="negative_binomial"), counts),
    "bivariate counts": (room.PrePostCounts(mixing="bivariate"), counts),
    "scores": (room.PrePostScores(span=(0, 100)), scores),
    "entry at a cut": (room.PrePostScores(cut=220.0, sem=60.0, span=(0, 1100)), entered),
    "series": (room.MonthlySeries(family="poisson"), series),
}
"""Models with a grid or importance sampling, and people for each."""
SLOW_SIMS = 300
NEEDED = (
    "posterior",
    "observed_data",
    "log_likelihood",
    "log_prior",
    "prior",
    "prior_predictive",
    "posterior_predictive",
)


@pytest.fixture(params=QUICK)
def name(request):
    return request.param


@cache
def fitted(name):
    model, people = QUICK[name]
    return model(people(), rng=1)


def test_every_model_with_a_quick_posterior_is_here():
    public = {getattr(room, name) for name in room.__all__ if isinstance(getattr(room, name), type)}
    models = {cls for cls in public if callable(getattr(cls, "posterior_draws", None))}
    assert models == {type(model) for model, _ in QUICK.values()}


def test_it_says_how_it_was_made_and_what_was_believed_before(name):
    result = fitted(name)
    assert result.interval == "credible-eti"
    assert result.diagnostics["sampler"] in {"grid", "importance"}
    assert any(text.startswith("before the data, ") for text in result.assumptions)
    assert any(note.startswith("from its draws: az.eti(result.native") for note in result.notes)
    assert all(c <= 1 for c in result.diagnostics["contraction"].values())
    assert all(0 <= p <= 1 for p in result.diagnostics["probability_below"].values())


def test_a_seed_gives_the_same_draws(name):
    model, people = QUICK[name]
    one, two, other = (model(people(), rng=seed) for seed in (1, 1, 2))
    assert one == two
    assert one.held.posterior == two.held.posterior
    assert not np.array_equal(one.held.posterior.draws, other.held.posterior.draws)


def test_people_are_drawn_from_it_as_laid_out(name):
    model, people = QUICK[name]
    panel, rng = people(), np.random.default_rng(1)
    assert isinstance(model, Simulated)
    z = model.prior_draws(7, rng)
    assert z.shape == (7, len(model.names))
    drawn = model.simulate(panel, z, rng)
    assert drawn.outcome.shape == (7, *panel.outcome.shape)
    assert drawn.outcome.dtype.kind == panel.outcome.dtype.kind
    assert (drawn.windows, drawn.kind, drawn.name) == (panel.windows, panel.kind, panel.name)
    draws = model.posterior_draws(drawn, 11, rng)
    assert draws.shape == (7, 11, len(model.names))
    assert np.isfinite(draws).all()


def test_its_own_posterior_draws_are_those_of_the_result(name):
    model, people = QUICK[name]
    result, panel = fitted(name), people()
    again = model.posterior_draws(as_replicates(panel), 2000, np.random.default_rng(5))[0]
    kept = result.held.posterior.flat
    error = 5 * np.sqrt(again.var(0) / len(again) + kept.var(0) / len(kept))
    assert (np.abs(again.mean(0) - kept.mean(0)) < error).all()
    assert again.std(0) == pytest.approx(kept.std(0), rel=0.15)


def test_predictive_checks_need_no_compiler(name):
    for check in (prior_predictive, posterior_predictive):
        found = check(fitted(name), size=200)
        assert len(found.replicated) == len(found.observed)
    assert fitted(name).held.kept is None
    assert convergence(fitted(name)).passed


def test_its_result_pickles_without_the_tree(name):
    again = pickle.loads(pickle.dumps(fitted(name)))  # noqa: S301 our own bytes
    assert isinstance(again.held, PosteriorTree)
    assert again.held.posterior == fitted(name).held.posterior


CODE = """
import pickle, sys
for model, panel in pickle.loads({bytes!r}):
    result = model(panel, rng=1)
    loaded = [m for m in ("pymc", "pytensor", "arviz", "arviz_plots", "nutpie", "matplotlib") if m in sys.modules]
    assert not loaded, (model, loaded)
"""


def in_a_process(code):
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    return out.stdout + out.stderr


def test_the_quick_path_loads_neither_pymc_nor_arviz_and_prints_nothing():
    asked = [(model, people()) for model, people in QUICK.values()]
    assert in_a_process(CODE.format(bytes=pickle.dumps(asked))) == ""


@pytest.mark.slow
def test_making_a_tree_prints_nothing_where_there_is_no_terminal():
    model, people = QUICK["counts"]
    assert in_a_process(CODE.format(bytes=pickle.dumps([(model, people())])) + "result.native") == ""


@cache
def native(name):
    return fitted(name).native


@pytest.mark.slow
def test_its_tree_has_the_standard_groups_and_gives_the_interval(name):
    import arviz as az

    result, tree = fitted(name), native(name)
    assert set(NEEDED) <= set(tree.children)
    assert tree["posterior"].attrs["sampler"] == result.diagnostics["sampler"]
    term = "ratio" if result.scale == "ratio" else "change"
    low, high = np.ravel(az.eti(tree, var_names=term, prob=result.conf_level)[term].to_numpy())
    draws = tree["posterior"][term].to_numpy().ravel()
    close = 6 * draws.std() / np.sqrt(draws.size) * 3  # a tail quantile is known some three times worse than a mean
    assert (low, high) == pytest.approx((result.conf_low, result.conf_high), abs=close)


@pytest.mark.slow
def test_arviz_checks_its_tree(name):
    result = fitted(name)
    left_out = loo(result)
    assert left_out.pareto_k.size == (36 if name == "series" else result.n_used)  # totals hold no single people
    assert np.isfinite(left_out.elpd)
    assert power_scaling(result).prior


@pytest.mark.slow
def test_its_tree_goes_to_netcdf_and_comes_back(name, tmp_path):
    import arviz as az

    tree = native(name)
    tree.to_netcdf(tmp_path / "posterior.nc")
    back = az.from_netcdf(tmp_path / "posterior.nc")
    assert set(back.children) == set(tree.children)
    for variable, values in tree["posterior"].data_vars.items():
        np.testing.assert_array_equal(back["posterior"][variable], values)
    assert back["posterior"].attrs["sampler"] == tree["posterior"].attrs["sampler"]


SEVERE = 6
"""How few people a data set of calibration has, so that the prior is asked too."""


@pytest.mark.slow
def test_it_is_calibrated(name):
    model, people = QUICK[name]
    found = sbc(model, people(SEVERE), sims=SLOW_SIMS, rng=1)
    assert found.calibrated, found.summary()
    assert (found.code == 0).mean() > 0.95


@pytest.mark.slow
def test_its_fit_of_these_people_is_calibrated(name):
    model, people = QUICK[name]
    found = posterior_sbc(model, people(15), rng=1)
    assert found.calibrated, found.summary()

"""Posteriors of counts before and after: grids against Hamiltonian sampling of the same model, in CPU seconds.

The peer samples every person's frailty (the latent model) with nutpie, compiled once; only its data are swapped. Both
have the same parameters and priors, and so the same posterior. `marginal` has the frailty integrated out, as `build`
gives it to PyMC.
"""

import warnings
from collections.abc import Callable, Iterator
from functools import cache, partial
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

import numpy as np
from peers import columns, python
from rounds import Told, in_rounds

from iom_causal.bayes import BiasModel, PrePostCounts, sbc
from iom_causal.bayes.shared.bias_posterior import Case, under_prior
from iom_causal.beliefs import Normal
from iom_causal.ledger import Ledger
from iom_causal.moments import Moments
from iom_causal.numerics import LEVEL
from iom_causal.panel import Panel
from iom_causal.published.rebuild.reconstruct import reconstruct
from iom_causal.published.study import load_published

ROUNDS, REPLICATES, PEOPLE = 5, 1000, 225
DRAWS, TUNE, CHAINS = 1000, 500, 2
SIMULATIONS, FITTED = 2000, 20
LEDGER_DRAWS, SCEPTICAL = 100_000, Normal(0.0, 0.15)
QUICK = {
    "ROUNDS": 1,
    "REPLICATES": 3,
    "DRAWS": 50,
    "TUNE": 50,
    "CHAINS": 1,
    "SIMULATIONS": 20,
    "FITTED": 2,
    "LEDGER_DRAWS": 500,
}


def rows() -> Iterator[dict[str, Any]]:
    """Measure ours and each peer in alternating rounds; the peer is compiled when it is first asked."""
    warnings.simplefilter("ignore")
    paper = load_published("sleath-brown-2017")
    arrests = Panel.from_arrays(reconstruct(paper, rng=1)["arrests"].outcome, name="arrests")
    many = _datasets()
    latent = cache(lambda: _compiled(_latent_model(arrests)))
    marginal = cache(lambda: _compiled(PrePostCounts().build(arrests)))
    model = PrePostCounts()

    def swapped() -> None:
        latent().sample(np.asarray(many.outcome[0]))

    row = partial(in_rounds, rounds=ROUNDS)
    peer = f"nutpie on latent frailties, compiled once, {CHAINS} x {DRAWS} draws"
    share = (1 / REPLICATES, 1.0)
    work = f"PrePostCounts().batch, a fit of {PEOPLE} people (of {REPLICATES:,} at once)"
    yield row(work, lambda: model.batch(many), peer, swapped, shares=share, target=32_000, note=GRID, memory=False)
    yield row(
        work,
        lambda: model.batch(many),
        peer.replace("latent frailties", "the marginal model"),
        lambda: marginal().sample(),
        shares=share,
        target=3200,
        note=GRID,
        memory=False,
    )
    with python() as ask, TemporaryDirectory() as folder:
        few = np.asarray(many.outcome[:FITTED])
        file = columns(folder, "many", {"counts": few})
        priors = (model.log_mean.mean, model.log_mean.sd, model.log_ratio.mean, model.log_ratio.sd)
        yield row(
            work,
            lambda: model.batch(many),
            f"numpyro on the marginal model, {FITTED} fits in one call, compiled once, 1 x {DRAWS} draws",
            lambda: ask("numpyro", file, DRAWS, TUNE, *priors, model.frailty_variance.sd),
            shares=(1 / REPLICATES, 1 / len(few)),
            target=2450,
            note=GRID,
            memory=False,
        )
    yield _with_age(arrests, row)
    one = "PrePostCounts() called on the rebuilt cohort, with 4,000 draws"
    yield row(one, lambda: model(arrests, rng=1), peer, swapped, memory=False)
    with python() as ask, TemporaryDirectory() as folder:
        who, post = np.indices(arrests.outcome.shape)
        table = {"person": who.ravel(), "post": post.ravel(), "y": np.asarray(arrests.outcome).ravel()}
        file = columns(folder, "pairs", table)
        yield row(
            one,
            lambda: model(arrests, rng=1),
            f"bambi, another frailty and priors, model and compilation, 2 x {DRAWS} draws",
            lambda: ask("bambi", file, DRAWS, TUNE),
            memory=False,
        )
    yield row(
        "1,000 effective draws of the log ratio, marginal model of build(panel)",
        lambda: Told(marginal().seconds_per_effective_draw()),
        "the same of the latent model",
        lambda: Told(latent().seconds_per_effective_draw()),
        shares=(1000.0, 1000.0),
        target=7.0,
        note="a ratio of effective draws a second, which vary from run to run",
    )
    yield row(
        f"calibration: {SIMULATIONS:,} fits and 99 draws of each, {PEOPLE} people",
        lambda: sbc(model, many.replicate(0), sims=SIMULATIONS, rng=1),
        peer,
        swapped,
        shares=(1.0, SIMULATIONS),
        memory=False,
    )
    yield from _priors(paper["arrests"], row)


GRID = "asked of the bare grid; about half of ours is the grid, the rest draws, quantiles and columns of a result"


def _with_age(arrests: Panel, row: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    """Return the row of four parameters, one of them the slope by age."""
    age = np.random.default_rng(1).integers(15, 45, arrests.n)
    panel = Panel.from_arrays(arrests.outcome, name="arrests", covariates={"years": age / 10})
    model = PrePostCounts(covariates="years")
    compiled = cache(lambda: _compiled(model.build(panel)))
    return row(
        f"PrePostCounts(covariates='years') called on {PEOPLE} people, with 4,000 draws",
        lambda: model(panel, rng=1),
        f"nutpie on the marginal model, compiled once, {CHAINS} x {DRAWS} draws",
        lambda: compiled().sample(),
        target=22,
        note="asked of the bare importance sampling, half of ours; the rest reads the formula, and draws",
        memory=False,
    )


def _priors(moments: Moments, row: Callable[..., dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Priors of the programme on a ledger's draws, against the ledger alone."""
    bias = BiasModel.from_evidence("england-wales-2012", draws=LEDGER_DRAWS)
    ledger = Ledger(bias.confounds, draws=LEDGER_DRAWS)
    cases = [Case.of(drawn, score=False, unit=1.0) for drawn in ledger.with_draws(moments, rng=1)[1]]
    for work, ours in (
        (f"BiasModel, {LEDGER_DRAWS:,} draws from print under three priors", lambda: bias(moments, rng=1)),
        (
            f"a further prior of the programme on these {LEDGER_DRAWS:,} draws",
            lambda: under_prior(cases, SCEPTICAL, LEVEL),
        ),
    ):
        yield row(work, ours, "the ledger alone", lambda: ledger(moments, rng=1))


class _Compiled:
    """A model compiled by nutpie, with the name of its data."""

    def __init__(self, model: Any) -> None:
        import nutpie  # noqa: PLC0415 slow to load

        self._sample = nutpie.sample
        self._model = nutpie.compile_pymc_model(model)

    def sample(self, counts: Any = None) -> Any:
        model = self._model if counts is None else self._model.with_data(counts=counts)
        return self._sample(
            model, draws=DRAWS, tune=TUNE, chains=CHAINS, cores=1, seed=1, progress_bar=False, target_accept=0.9
        )

    def seconds_per_effective_draw(self) -> float:
        import arviz as az  # noqa: PLC0415 slow to load

        start = process_time()
        tree = self.sample()
        seconds = process_time() - start
        return seconds / float(az.ess(tree, var_names="log_ratio")["log_ratio"])


_compiled = _Compiled


def _latent_model(panel: Panel) -> Any:
    import pymc as pm  # noqa: PLC0415 slow to load

    model = PrePostCounts()
    mean, ratio, variance = model.log_mean, model.log_ratio, model.frailty_variance
    with pm.Model() as made:
        counts = pm.Data("counts", np.asarray(panel.outcome))
        log_mean = pm.Normal("log_mean", mean.mean, mean.sd)  # type: ignore[attr-defined]
        log_ratio = pm.Normal("log_ratio", ratio.mean, ratio.sd)  # type: ignore[attr-defined]
        spread = pm.HalfNormal("frailty_variance", variance.sd)  # type: ignore[attr-defined]
        frailty = pm.Gamma("frailty", alpha=1 / spread, beta=1 / spread, shape=panel.n)
        rate = frailty[:, None] * pm.math.exp(log_mean + log_ratio * np.array([0.0, 1.0]))
        pm.Poisson("y", rate, observed=counts)
    return made


def _datasets() -> Panel:
    rng = np.random.default_rng(20121101)
    rate = rng.gamma(2.3, 1 / 2.3, (REPLICATES, PEOPLE))
    return Panel.from_arrays(rng.poisson(rate[..., None] * [6.84, 3.61]), name="arrests")

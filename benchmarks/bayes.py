"""Posteriors of counts before and after: grids against Hamiltonian sampling of the same model, in CPU seconds.

The peer samples every person's frailty (the latent model) with nutpie, compiled once; only its data are swapped. Both
have the same parameters and priors, and so the same posterior. `marginal` has the frailty integrated out, as `build`
gives it to PyMC.
"""

import warnings
from collections.abc import Callable
from functools import partial
from time import process_time
from typing import Any

import numpy as np
from rounds import in_rounds

from iom_causal.bayes import BiasModel, PrePostCounts, sbc
from iom_causal.bayes.shared.bias_posterior import Case, under_prior
from iom_causal.beliefs import Normal
from iom_causal.ledger import Ledger
from iom_causal.numerics import LEVEL
from iom_causal.panel import Panel
from iom_causal.published.rebuild.reconstruct import reconstruct
from iom_causal.published.study import load_published

ROUNDS, REPLICATES, PEOPLE = 5, 1000, 225
DRAWS, TUNE, CHAINS = 1000, 500, 2
SIMULATIONS, FEW = 2000, 3
LEDGER_DRAWS, SCEPTICAL = 100_000, Normal(0.0, 0.15)


def cpu(work: Callable[[], Any]) -> Callable[[], float]:
    """Return the work as one that reports its own CPU seconds, of all threads together."""

    def timed() -> float:
        start = process_time()
        work()
        return process_time() - start

    return timed


def rows() -> list[dict[str, Any]]:
    """Measure ours and each peer in alternating rounds; everything is compiled before."""
    warnings.simplefilter("ignore")
    paper = load_published("sleath-brown-2017")
    arrests = Panel.from_arrays(reconstruct(paper, rng=1)["arrests"].outcome, name="arrests")
    many = _datasets()
    latent, marginal = _compiled(_latent_model(arrests)), _compiled(PrePostCounts().build(arrests))
    model = PrePostCounts()
    moments = paper["arrests"]
    bias = BiasModel.from_evidence("england-wales-2012", draws=LEDGER_DRAWS)
    ledger = Ledger(bias.confounds, draws=LEDGER_DRAWS)
    cases = [Case.of(drawn, score=False, unit=1.0) for drawn in ledger.with_draws(moments, rng=1)[1]]

    def one() -> None:
        model(arrests, rng=1)

    def block() -> None:
        model.batch(many)

    def swapped() -> None:
        latent.sample(np.asarray(many.outcome[0]))

    def calibrated() -> None:
        sbc(model, many.replicate(0), sims=SIMULATIONS, rng=1)

    for warm in (one, block, swapped, calibrated, latent.sample, marginal.sample):
        warm()
    row = partial(in_rounds, rounds=ROUNDS)
    peer = f"nutpie on latent frailties, compiled once, {CHAINS} x {DRAWS} draws"
    return [
        row(
            f"PrePostCounts().batch, a fit of {PEOPLE} people (of {REPLICATES:,} at once)",
            cpu(block),
            peer,
            cpu(swapped),
            shares=(1 / REPLICATES, 1.0),
        ),
        row("PrePostCounts() called on the rebuilt cohort, with 4,000 draws", cpu(one), peer, cpu(swapped)),
        row(
            "1,000 effective draws of the log ratio, marginal model of build(panel)",
            marginal.seconds_per_effective_draw,
            "the same of the latent model",
            latent.seconds_per_effective_draw,
            shares=(1000.0, 1000.0),
        ),
        row(
            f"calibration: {SIMULATIONS:,} fits and 99 draws of each, {PEOPLE} people",
            cpu(calibrated),
            peer,
            cpu(swapped),
            shares=(1.0, SIMULATIONS),
        ),
        row(
            f"BiasModel, {LEDGER_DRAWS:,} draws from print under three priors",
            cpu(lambda: bias(moments, rng=1)),
            "the ledger alone",
            cpu(lambda: ledger(moments, rng=1)),
        ),
        row(
            f"a further prior of the programme on these {LEDGER_DRAWS:,} draws",
            cpu(lambda: under_prior(cases, SCEPTICAL, LEVEL)),
            "the ledger alone",
            cpu(lambda: ledger(moments, rng=1)),
        ),
    ]


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

"""Hamiltonian sampling of a PyMC model, by nutpie where it is installed, and the gate that its draws must pass."""

import importlib.util
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from iom_causal.base.specs import FrozenMap, check_choice, got
from iom_causal.bayes.shared.parameters import Parameter, names_of, unbounded
from iom_causal.bayes.shared.posterior import NUTPIE, PYMC, Posterior
from iom_causal.bayes.shared.quiet import OF_PYTENSOR, quiet
from iom_causal.errors import SpecError

R_HAT, LEAST_EFFECTIVE, LEAST_BFMI = 1.01, 400, 0.3
"""The gate: highest R-hat, fewest effective draws in bulk and tails, lowest energy fraction (posteriordb)."""
ADVICE = "do not use these figures; draw longer, state tighter priors or take a simpler model"


@dataclass(frozen=True, slots=True, kw_only=True)
class Nuts:
    """How long to sample.

    Parameters
    ----------
    draws, tune, chains : int
        Kept, discarded before, and how many chains.
    target_accept : float
        Higher takes smaller steps.
    sampler : str or None
        ``"nutpie"`` or ``"pymc"``; by default nutpie where it is installed.

    Raises
    ------
    SpecError
        IOM-E092 or IOM-E093 for a setting outside its bounds; IOM-E092 for nutpie where it is not installed.

    Examples
    --------
    >>> Nuts(draws=500, chains=2, target_accept=0.95).tune
    1000
    """

    draws: int = 1000
    tune: int = 1000
    chains: int = 4
    target_accept: float = 0.9
    sampler: str | None = None

    def __post_init__(self) -> None:
        for name, least in (("draws", 1), ("tune", 0), ("chains", 1)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise SpecError("IOM-E092", f"Nuts {name}: expected a whole number from {least}, got {got(value)}")
        accept = self.target_accept
        if isinstance(accept, bool) or not isinstance(accept, (int, float)) or not 0 < accept < 1:
            raise SpecError("IOM-E092", f"Nuts target_accept: expected a number between 0 and 1, got {got(accept)}")
        if self.sampler is not None:
            check_choice(self.sampler, (NUTPIE, PYMC), "Nuts sampler")
        if self.sampler == NUTPIE and not _has_nutpie():
            raise SpecError(
                "IOM-E092",
                "Nuts sampler: expected 'pymc' or None, as nutpie is not installed; pip install nutpie gives it",
            )

    @property
    def named(self) -> str:
        """The sampler that is used."""
        return self.sampler or (NUTPIE if _has_nutpie() else PYMC)


def _has_nutpie() -> bool:
    return importlib.util.find_spec("nutpie") is not None


def sampled(model: Any, nuts: Nuts, *, seed: int) -> Any:
    """Return the DataTree of a sampled model, whose posterior says by which sampler it was drawn."""
    import pymc as pm  # noqa: PLC0415 slow to load

    with quiet("pymc", warning=OF_PYTENSOR):
        tree = pm.sample(
            model=model,
            draws=nuts.draws,
            tune=nuts.tune,
            chains=nuts.chains,
            cores=1,
            target_accept=nuts.target_accept,
            random_seed=seed % 2**32,
            nuts_sampler=nuts.named,
            progressbar=sys.stderr.isatty(),
            compute_convergence_checks=False,
        )
    tree["posterior"].attrs["sampler"] = nuts.named
    return tree


def chains(model: Any, parameters: Sequence[Parameter], nuts: Nuts, *, seed: int) -> Posterior:
    """Return the posterior of a PyMC model's parameters as Hamiltonian sampling draws it."""
    tree = sampled(model, nuts, seed=seed)
    figures, notes = gate(tree, [p.name for p in parameters])
    return Posterior(
        names=names_of(parameters),
        draws=unbounded(parameters, {p.name: tree["posterior"][p.name].to_numpy() for p in parameters}),
        sampler=nuts.named,
        figures=figures,
        notes=notes,
        tree=tree,
    )


def gate(tree: Any, names: Sequence[str]) -> tuple[FrozenMap[str, Any], tuple[str, ...]]:
    """Return the figures of the convergence gate of some variables, and a note where they do not pass it."""
    import arviz as az  # noqa: PLC0415 slow to load

    posterior = az.extract(tree, var_names=list(names), combined=False, keep_dataset=True)

    def extreme(statistic: Any, **settings: Any) -> list[float]:
        found = statistic(posterior, **settings)
        return [float(v) for name in found.data_vars for v in np.ravel(found[name].to_numpy())]

    stats = tree["sample_stats"]
    figures: dict[str, Any] = {
        "r_hat": max(extreme(az.rhat)),
        "ess_bulk": min(extreme(az.ess, method="bulk")),
        "ess_tail": min(extreme(az.ess, method="tail")),
        "divergences": int(stats["diverging"].sum()),
        "bfmi": float(np.min(_values(az.bfmi(tree)))),
    }
    passed = (
        figures["r_hat"] < R_HAT
        and min(figures["ess_bulk"], figures["ess_tail"]) > LEAST_EFFECTIVE
        and figures["divergences"] == 0
        and figures["bfmi"] > LEAST_BFMI
    )
    figures["converged"] = passed
    said = (
        f"the sampler did not converge (R-hat {figures['r_hat']:.3f}, {figures['ess_bulk']:.0f} effective draws in "
        f"bulk and {figures['ess_tail']:.0f} in tails, {figures['divergences']} divergences, energy "
        f"fraction {figures['bfmi']:.2f}): {ADVICE}"
    )
    return FrozenMap(figures), () if passed else (said,)


def _values(found: Any) -> Any:
    return np.concatenate([np.ravel(found[name].to_numpy()) for name in found.data_vars])

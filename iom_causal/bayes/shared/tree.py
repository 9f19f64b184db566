"""A posterior as an ArviZ DataTree with the standard groups, made when somebody asks for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from iom_causal.bayes.shared.posterior import Posterior
from iom_causal.bayes.shared.quiet import OF_PYTENSOR, quiet

PREDICTIVE_DRAWS = 500
"""How many draws of the prior and of what it predicts."""


class BayesianModel(Protocol):
    """A Bayesian model: an estimator whose posterior and whose PyMC model have the same variables."""

    def build(self, panel: Any, /) -> Any:
        """Return the PyMC model of these people."""
        ...

    def variables(self, posterior: Posterior) -> dict[str, Any]:
        """Return draws of the PyMC model's variables, deterministic ones included, (chains, draws, ...) each."""
        ...

    def by_person(self, tree: Any, panel: Any, /) -> Any:
        """Return the tree with the log likelihood of every person instead of that of rows that repeat."""
        ...


@dataclass(slots=True, eq=False)
class PosteriorTree:
    """What `Estimate.native` of a Bayesian model is made of: an `iom_causal.estimate.fields.Deferred`.

    The tree has the groups posterior, sample_stats where a chain was drawn, observed_data, log_likelihood, log_prior,
    prior, prior_predictive and posterior_predictive. `panel` holds the data that the model takes.
    """

    spec: BayesianModel
    panel: Any
    posterior: Posterior
    seed: int
    kept: Any = field(default=None, repr=False)

    def made(self) -> Any:
        """Return the tree; the model is compiled the first time, which takes some seconds."""
        if self.kept is None:
            self.kept = complete(self.spec, self.panel, self.posterior, self.seed)
        return self.kept

    def __getstate__(self) -> dict[str, Any]:
        return {"spec": self.spec, "panel": self.panel, "posterior": self.posterior, "seed": self.seed}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            setattr(self, name, value)
        self.kept = None


@dataclass(slots=True, eq=False)
class PosteriorTrees:
    """Trees of several models of the same people, as branches of one, by the models' names."""

    branches: Mapping[str, PosteriorTree]

    def made(self) -> Any:
        """Return the tree of trees; each model is compiled the first time."""
        import xarray as xr  # noqa: PLC0415 slow to load

        return xr.DataTree(children={name: tree.made() for name, tree in self.branches.items()})


def complete(spec: BayesianModel, panel: Any, posterior: Posterior, seed: int) -> Any:
    """Return a posterior with all that its PyMC model says beside it."""
    import arviz as az  # noqa: PLC0415 slow to load
    import pymc as pm  # noqa: PLC0415
    from pymc.stats import compute_log_prior  # noqa: PLC0415

    model = spec.build(panel)
    tree = posterior.tree
    if tree is None:
        tree = az.from_dict({"posterior": spec.variables(posterior)})
        tree["posterior"].attrs["sampler"] = posterior.sampler
    seed %= 2**32
    with model, quiet("pymc", warning=OF_PYTENSOR):
        pm.compute_log_likelihood(tree, progressbar=False)
        compute_log_prior(tree, progressbar=False)
        tree.update(pm.sample_prior_predictive(PREDICTIVE_DRAWS, random_seed=seed))
        tree.update(
            pm.sample_posterior_predictive(tree, random_seed=seed, progressbar=False, extend_inferencedata=False)
        )
    return spec.by_person(tree, panel)

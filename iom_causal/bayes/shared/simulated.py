"""What a Bayesian model offers so that people can be drawn from it: for predictive checks and calibration."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from iom_causal.errors import IomCausalError, SpecError
from iom_causal.estimate import Estimate
from iom_causal.numerics.posterior.importance import Weighted, resampled
from iom_causal.panel import Panel
from iom_causal.roles import Rng

type Floats = NDArray[np.float64]


@runtime_checkable
class Generative(Protocol):
    """A Bayesian model from which parameters and people can be drawn."""

    def __call__(self, panel: Panel, *, rng: Rng = None) -> Estimate:
        """Return the result, which holds a `PosteriorTree`."""
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters, on the scale on which they are unbounded."""
        ...

    def prior_draws(self, size: int, rng: np.random.Generator) -> Floats:
        """Return draws from the prior, (size, parameters)."""
        ...

    def simulate(self, panel: Panel, z: Floats, rng: np.random.Generator) -> Panel:
        """Return people laid out as these, one replicate for each row of parameters."""
        ...


@runtime_checkable
class Simulated(Generative, Protocol):
    """A `Generative` model whose posteriors are quick."""

    def posterior_draws(self, panel: Panel, size: int, rng: np.random.Generator) -> Floats:
        """Return independent draws from the posterior of each replicate, (R, size, parameters)."""
        ...


@runtime_checkable
class WithLikelihood(Protocol):
    """A `Simulated` model that says how probable people are."""

    def log_likelihood(self, panel: Panel, z: Floats) -> Floats:
        """Return the log likelihood of each replicate at its own parameters (R, S, parameters), as (R, S).

        Constants that depend on the outcomes alone may be left out.
        """
        ...


def as_replicates(panel: Panel) -> Panel:
    """Return a panel with a replicate axis, of length 1 where it had none.

    Examples
    --------
    >>> as_replicates(Panel.from_arrays([[3, 1], [2, 2]])).outcome.shape
    (1, 2, 2)
    """
    return panel if panel.replicates is not None else replace(panel, outcome=panel.outcome[None])


def each_replicate(panel: Panel) -> list[Panel]:
    """Return every replicate of a panel as a panel of its own; one without replicates is itself alone.

    Examples
    --------
    >>> [people.outcome.tolist() for people in each_replicate(Panel.from_arrays([[[3, 1]], [[2, 2]]]))]
    [[[3, 1]], [[2, 2]]]
    """
    return [panel] if panel.replicates is None else [panel.replicate(k) for k in range(panel.replicates)]


def draws_by_loop(weighted: Callable[[Panel], Weighted], panel: Panel, size: int, rng: np.random.Generator) -> Floats:
    """Return independent draws from the weighted points of each replicate, one after the other, (R, size, d)."""
    return np.stack([resampled(weighted(one), rng, size) for one in each_replicate(panel)])


def some_replicates(panel: Panel, which: NDArray[np.bool_]) -> Panel:
    """Return the replicates of a panel that are marked.

    Examples
    --------
    >>> some_replicates(Panel.from_arrays([[[3, 1]], [[2, 2]]]), np.array([False, True])).outcome.tolist()
    [[[2, 2]]]
    """

    def taken(value: Any, own: int) -> Any:
        return value if value is None or value.ndim < own else value[which]

    return replace(
        panel,
        outcome=panel.outcome[which],
        exposure=taken(panel.exposure, 3),
        weight=taken(panel.weight, 2),
        age=taken(panel.age, 2),
        covariates={name: taken(value, 2) for name, value in panel.covariates.items()},
    )


def posteriors(
    model: Generative, panel: Panel, size: int, rng: np.random.Generator
) -> tuple[Floats, NDArray[np.int64]]:
    """Return posterior draws of every replicate, and the number of the error where there are none (else 0).

    Where posteriors are not quick the model is called on one replicate after the other, and its chains are thinned.
    """
    try:
        if isinstance(model, Simulated):
            return model.posterior_draws(panel, size, rng), np.zeros(len(panel.outcome), dtype=np.int64)
    except SpecError:
        raise
    except IomCausalError:
        pass  # some replicate has no posterior: which of them is seen one by one
    draws = np.full((len(panel.outcome), size, len(model.names)), np.nan)
    code = np.zeros(len(draws), dtype=np.int64)
    for k in range(len(draws)):
        try:
            draws[k] = posterior_of(model, panel.replicate(k), size, rng)
        except SpecError:
            raise
        except IomCausalError as error:
            code[k] = error.number
    return draws, code


def posterior_of(model: Generative, panel: Panel, size: int, rng: np.random.Generator) -> Floats:
    """Return draws from the posterior of people without a replicate axis, (size, parameters)."""
    if isinstance(model, Simulated):
        return np.asarray(model.posterior_draws(as_replicates(panel), size, rng)[0])
    flat = model(panel, rng=rng).held.posterior.flat
    return np.asarray(flat[np.linspace(0, len(flat) - 1, size).round().astype(np.int64)])


def with_more_people(panel: Panel, more: Panel) -> Panel:
    """Return the people of a panel, in every replicate, together with replicated ones of the same layout.

    Examples
    --------
    >>> people = Panel.from_arrays([[3, 1], [2, 2]])
    >>> with_more_people(people, Panel.from_arrays([[[4, 0], [5, 6]]])).outcome.tolist()
    [[[3, 1], [2, 2], [4, 0], [5, 6]]]
    """

    def twice(value: Any) -> Any:
        if not isinstance(value, np.ndarray):
            return value
        joined = np.ma.concatenate if isinstance(value, np.ma.MaskedArray) else np.concatenate
        return joined([value, value], axis=-1)

    days = more.exposure
    return replace(
        more,
        outcome=np.concatenate([np.broadcast_to(panel.outcome, more.outcome.shape), more.outcome], axis=-2),
        exposure=days if days is None or days.ndim == 1 else np.concatenate([days, days], axis=-2),
        weight=twice(more.weight),
        index_date=twice(more.index_date),
        start=twice(more.start),
        selected=twice(more.selected),
        age=twice(more.age),
        covariates={name: twice(value) for name, value in more.covariates.items()},
        ids=None,
    )

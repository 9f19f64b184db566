"""How a posterior is worked out, and the chain that takes over where importance sampling cannot be trusted."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple, Protocol

from iom_causal.base.specs import check_choice, check_level
from iom_causal.bayes.shared.posterior import GRID, HIGHEST_K, IMPORTANCE, Posterior
from iom_causal.errors import ConvergenceError
from iom_causal.numerics.posterior.importance import Weighted

AUTO, NUTS = "auto", "nuts"
SAMPLING = (AUTO, IMPORTANCE, NUTS)
WITH_GRID = (AUTO, GRID, IMPORTANCE, NUTS)
"""What a model may be asked for; ``auto`` takes the first that serves."""

UNTRUSTED = "the weights of importance sampling are not to be trusted (Pareto k {k:.2f})"


class Sampled(Protocol):
    """Settings of a model with a posterior."""

    @property
    def method(self) -> str:
        """How the posterior is worked out."""
        ...

    @property
    def level(self) -> float:
        """Of the credible interval."""
        ...


def check_sampling(spec: Sampled, methods: Sequence[str] = SAMPLING) -> None:
    """Refuse a method that is not known, and a level outside 0 and 1.

    Raises
    ------
    SpecError
        IOM-E092.
    """
    check_choice(spec.method, methods, "method")
    check_level(spec.level)


class Distrust(NamedTuple):
    """What is said of weights that are not trusted; of ``{k}``, Pareto's, or of ``{error}``. Empty is no note.

    Attributes
    ----------
    kept : str
        Importance sampling was asked for, and its weights are taken.
    replaced : str
        A chain was drawn in their place.
    no_mode : str
        A chain was drawn, for there is no mode to sample about.
    """

    kept: str = ""
    replaced: str = ""
    no_mode: str = ""


DISTRUST = Distrust(
    kept=f"{UNTRUSTED}: write method='nuts'",
    replaced=f"{UNTRUSTED}, and a chain was drawn",
    no_mode="importance sampling found no mode to sample about, and a chain was drawn",
)
"""What most models say."""


def trusted_or_chain(
    method: str,
    weighted: Callable[[], Weighted],
    of_weighted: Callable[[Weighted], Posterior],
    of_chain: Callable[[], Posterior],
    distrust: Distrust,
) -> Posterior:
    """Return the posterior by importance sampling where its weights are to be trusted, else by a Hamiltonian chain.

    Parameters
    ----------
    method : {"auto", "importance", "nuts"}
        ``importance`` takes the weights whatever they are, and ``nuts`` draws a chain at once.
    weighted : callable
        The weighted points.
    of_weighted, of_chain : callable
        The posterior of these, and that of a chain.
    distrust : Distrust
        What is said where the weights are not to be trusted.

    Raises
    ------
    ConvergenceError
        IOM-E080 where importance sampling was asked for and finds no mode.
    """
    if method == NUTS:
        return of_chain()
    try:
        points = weighted()
    except ConvergenceError as error:
        if method == IMPORTANCE:
            raise
        said = distrust.no_mode.format(error=error.plain)
    else:
        if points.pareto_k <= HIGHEST_K:
            return of_weighted(points)
        if method == IMPORTANCE:
            return _noted(of_weighted(points), distrust.kept.format(k=points.pareto_k))
        said = distrust.replaced.format(k=points.pareto_k)
    return _noted(of_chain(), said)


def _noted(found: Posterior, said: str) -> Posterior:
    return replace(found, notes=(said, *found.notes)) if said else found

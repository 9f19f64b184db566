"""Simulation-based calibration: whether a model's posteriors are those of its own prior and likelihood."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr, bdtrc, chdtrc

from iom_causal.base.equality import same
from iom_causal.base.formats import counted, listed, number, percent
from iom_causal.base.result import Result, table
from iom_causal.bayes.shared.simulated import (
    Floats,
    Generative,
    WithLikelihood,
    posterior_of,
    posteriors,
    some_replicates,
    with_more_people,
)
from iom_causal.errors import DegenerateDataError, SpecError
from iom_causal.panel import Panel
from iom_causal.roles import Rng, require_panel
from iom_causal.streams import as_generator

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

SIMULATIONS, POSTERIOR_SIMULATIONS, DRAWS = 300, 100, 99
"""Replicates of people, and posterior draws a replicate, by default."""
STRICT = 1e-4
"""The probability of each check to fail where the posterior is right."""
MOST_BINS, LEAST_IN_A_BIN = 20, 5
"""Of the chi-squared test of ranks."""
LEVELS = (0.5, 0.9)
"""Of the central posterior intervals whose coverage is counted."""
LOG_LIKELIHOOD, DISTANCE = "log likelihood", "distance from the means"
"""The quantities that depend on the outcomes as well as on the parameters."""
BAND, BAND_SIMULATIONS = 0.99, 1000
"""Probability of the simultaneous band of the picture, and how many uniform samples it is worked out from."""
COLUMNS = ("quantity", "depends_on_outcomes", "simulations", "p_chi_square", "p_ecdf", "cover_50", "cover_90", "failed")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class SimulatedRanks(Result):
    """Ranks of true values among posterior draws, which are uniform where the posterior is right.

    Parameters
    ----------
    model : object
        The model, a frozen value.
    given : str
        ``"prior"`` where the true values are draws from the prior, ``"posterior"`` where from this fit's posterior.
    quantities : tuple of str
        The parameters, and then what depends on the outcomes as well.
    ranks : ndarray
        (S, Q) how many of the draws lie below the true value; ties are broken at random.
    pit : ndarray
        (S, Q) the same as a share, spread evenly within a rank; uniform from 0 to 1 where all is right.
    draws : int
        Posterior draws a simulation.
    code : ndarray
        Of every simulation: 0, or the number of the error of people who have no posterior (not among the ranks).

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> ranks = rng.integers(0, 100, (400, 1))
    >>> right = SimulatedRanks(model="example", given="prior", quantities=("theta",), ranks=ranks,
    ...     pit=(ranks + rng.random(ranks.shape)) / 100, draws=99, code=np.zeros(400, dtype=int))
    >>> right.calibrated, right.failed
    (True, ())
    """

    free_columns: ClassVar[tuple[str, ...]] = ("simulations",)

    model: Any
    given: str
    quantities: tuple[str, ...]
    ranks: NDArray[np.int64]
    pit: Floats
    draws: int
    code: NDArray[np.int64]

    def __eq__(self, other: object) -> bool:
        return same(self, other)

    __hash__ = None  # type: ignore[assignment]

    def checks(self, quantity: str) -> Mapping[str, Any]:
        """Return one quantity's p-values and coverages, and the names of the checks that failed.

        The chi-squared test takes ranks in bins of equal size. `p_ecdf` is ArviZ's pointwise order test with Cauchy
        combination (``pot_c``), the successor of simultaneous bands around the ECDF. A coverage fails outside its
        exact binomial band; every check fails with probability 0.0001 where the posterior is right.
        """
        return _checked(self.pit[:, self.quantities.index(quantity)])

    @property
    def failed(self) -> tuple[str, ...]:
        """The quantities of which a check failed."""
        return tuple(q for q in self.quantities if self.checks(q)["failed"])

    @property
    def calibrated(self) -> bool:
        """Whether no check failed."""
        return not self.failed

    @property
    def tree(self) -> Any:
        """An ArviZ DataTree with the group ``prior_sbc``, as ``az.plot_ecdf_pit(tree)`` takes it."""
        import arviz as az  # noqa: PLC0415 slow to load

        return az.from_dict({"prior_sbc": {q: self.pit[None, :, k] for k, q in enumerate(self.quantities)}})

    def tidy(self) -> "pd.DataFrame":
        """Return one row a quantity."""
        rows = (
            {
                "quantity": q,
                "depends_on_outcomes": q in (LOG_LIKELIHOOD, DISTANCE),
                "simulations": len(self.pit),
                **self.checks(q),
                "failed": ", ".join(self.checks(q)["failed"]),
            }
            for q in self.quantities
        )
        return table(rows, COLUMNS)

    def summary(self) -> str:
        """Return what was checked and what failed, a line a quantity."""
        lost = int((self.code != 0).sum())
        lines = [
            f"calibration of {self.model!r}: true values from the {self.given}, "
            + counted(len(self.pit), "[simulation|simulations] of ")
            + counted(self.draws, "posterior [draw|draws]"),
            "all checks passed" if self.calibrated else f"failed: {listed(self.failed)}",
        ]
        for q in self.quantities:
            found = self.checks(q)
            wrong = f"; fails by {listed(found['failed'])}" if found["failed"] else ""
            lines.append(
                f"{q}: p = {number(found['p_chi_square'], 2)} (ranks in bins), {number(found['p_ecdf'], 2)} (their "
                f"ECDF); 50% intervals cover {percent(found['cover_50'])}, 90% intervals "
                f"{percent(found['cover_90'])}{wrong}"
            )
        if lost:
            lines.append("note: " + counted(lost, "[simulation has|simulations have] no posterior and no rank"))
        return "\n".join(lines)

    def __repr__(self) -> str:
        found = "calibrated" if self.calibrated else f"failed: {', '.join(self.failed)}"
        return f"SimulatedRanks({self.model!r}, {len(self.pit)} simulations, {found})"

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw how far the ECDF of each quantity's ranks is from uniform, and the simultaneous band around 0.

        References
        ----------
        Saeilynoja, Buerkner & Vehtari (2022), Statistics and Computing 32:32.
        """
        from arviz_stats.ecdf_utils import ecdf_pit  # noqa: PLC0415 slow to load

        from iom_causal.base.axes import BAND as SHADE  # noqa: PLC0415 beside matplotlib, which is slow to load
        from iom_causal.base.axes import INK, new_axes  # noqa: PLC0415

        ax = new_axes() if ax is None else ax
        for k, quantity in enumerate(self.quantities):
            x, ecdf, low, high = ecdf_pit(self.pit[:, k], BAND, BAND_SIMULATIONS)
            if k == 0:
                ax.fill_between(x, low - x, high - x, color=SHADE, lw=0, step="post", label=f"{percent(BAND)} band")
            ax.plot(x, ecdf - x, lw=1, label=quantity)
        ax.axhline(0, color=INK, lw=0.5)
        ax.set_xlabel("rank of the true value among posterior draws, as a share")
        ax.set_ylabel("ECDF less uniform")
        ax.legend(frameon=False, fontsize=8)
        return ax


def _checked(pit: Floats) -> Mapping[str, Any]:
    from arviz_stats.base import array_stats  # noqa: PLC0415 slow to load

    size = len(pit)
    bins = max(2, min(MOST_BINS, size // LEAST_IN_A_BIN))
    counts = np.histogram(pit, bins, (0.0, 1.0))[0]
    expected = size / bins
    found: dict[str, Any] = {
        "p_chi_square": float(chdtrc(bins - 1, ((counts - expected) ** 2 / expected).sum())),
        "p_ecdf": float(array_stats.uniformity_test(pit)[0]),
    }
    failed = [name for name, key in (("bins", "p_chi_square"), ("ECDF", "p_ecdf")) if found[key] < STRICT]
    for level in LEVELS:
        covered = int((np.abs(2 * pit - 1) <= level).sum())
        found[f"cover_{round(100 * level)}"] = covered / size
        if min(bdtr(covered, size, level), bdtrc(covered - 1, size, level)) < STRICT / 2:
            failed.append(f"coverage at {percent(level)}")
    return {**found, "failed": tuple(failed)}


def sbc(
    model: Generative, panel: Panel, *, sims: int = SIMULATIONS, draws: int = DRAWS, rng: Rng = None
) -> SimulatedRanks:
    """Simulation-based calibration: parameters from the prior, people from them, and the posterior given these.

    Where the posterior is right, a true value's rank among posterior draws is uniform, for every parameter and for
    every quantity of parameters and outcomes. A posterior that is nothing but the prior passes for all parameters; what
    depends on the outcomes as well finds it. With many people a prior that is too wide is not found: take few.

    Parameters
    ----------
    model : Simulated
        A model with a grid or importance sampling; its settings may be wrong on purpose.
    panel : Panel
        How people are laid out: their number, exposure, covariates and missing windows; the outcomes are not used.
    sims, draws : int
        Replicates of people, and posterior draws of each.
    rng : Generator, int or None
        For reproducible draws.

    References
    ----------
    Talts, Betancourt, Simpson, Vehtari & Gelman (2018), arXiv:1804.06788; Modrak, Moon, Kim, Buerkner, Huurre,
    Faltejskova, Gelman & Vehtari (2025), Bayesian Analysis 20:461-488, for what depends on the outcomes.

    Examples
    --------
    >>> panel = Panel.from_arrays([[3, 1], [4, 2], [9, 3], [0, 2], [5, 1]], name="arrests")
    >>> import iom_causal as iom
    >>> found = iom.bayes.sbc(iom.bayes.PrePostCounts(), panel, sims=10, rng=1)
    >>> found.tidy()["quantity"].tolist()
    ['log_mean', 'log_ratio', 'log_frailty_variance', 'log likelihood']
    """
    generator = _checked_call(model, panel, sims, draws, rng)
    true = model.prior_draws(sims, generator)
    people = model.simulate(panel, true, generator)
    return _calibration(model, "prior", true, people, draws, generator)


def posterior_sbc(
    model: Generative, panel: Panel, *, sims: int = POSTERIOR_SIMULATIONS, draws: int = DRAWS, rng: Rng = None
) -> SimulatedRanks:
    """Posterior simulation-based calibration: whether this fit of these people can be trusted.

    Parameters come from this posterior, as many people again from them, and the posterior given both kinds of people
    is asked for the ranks. It looks where the data are, and so finds a sampler that fails there alone.

    Parameters
    ----------
    model, panel, sims, draws, rng
        As in `sbc`, but for the outcomes, which are used.

    Raises
    ------
    IomCausalError
        Where these people have no posterior.

    References
    ----------
    Saeilynoja, Schmitt, Buerkner & Vehtari (2025), arXiv:2502.03279.

    Examples
    --------
    >>> panel = Panel.from_arrays([[3, 1], [4, 2], [9, 3], [0, 2], [5, 1]], name="arrests")
    >>> import iom_causal as iom
    >>> found = iom.bayes.posterior_sbc(iom.bayes.PrePostCounts(), panel, sims=10, rng=1)
    >>> found.tidy()["quantity"].tolist()
    ['log_mean', 'log_ratio', 'log_frailty_variance', 'log likelihood']
    """
    generator = _checked_call(model, panel, sims, draws, rng)
    true = posterior_of(model, panel, sims, generator)
    people = with_more_people(panel, model.simulate(panel, true, generator))
    return _calibration(model, "posterior", true, people, draws, generator)


def _checked_call(model: Generative, panel: Panel, sims: int, draws: int, rng: Rng) -> np.random.Generator:
    require_panel(panel, "sbc")
    if not isinstance(model, Generative):
        raise SpecError(
            "IOM-E092", f"sbc: expected a model that draws parameters and people, got {type(model).__name__}"
        )
    if panel.replicates is not None:
        raise SpecError("IOM-E092", "sbc: expected people without a replicate axis; give panel.replicate(0)")
    if min(sims, draws) < 10:
        raise SpecError("IOM-E092", f"sbc: expected at least 10 simulations and 10 draws, got {sims} and {draws}")
    return as_generator(rng)[0]


def _calibration(
    model: Generative, given: str, true: Floats, people: Panel, draws: int, rng: np.random.Generator
) -> SimulatedRanks:
    posterior, code = posteriors(model, people, draws, rng)
    served = code == 0
    if not served.any():
        raise DegenerateDataError("IOM-E065", "sbc: none of the simulated people has a posterior")
    people, both = some_replicates(people, served), np.concatenate([true[:, None], posterior], axis=1)[served]
    if isinstance(model, WithLikelihood):
        name, last = LOG_LIKELIHOOD, model.log_likelihood(people, both)
    else:
        name, last = DISTANCE, _distances(model, people, both, rng)
    values = np.concatenate([both, last[..., None]], axis=-1)
    below = (values[:, 1:] < values[:, :1]).sum(1)
    level = (values[:, 1:] == values[:, :1]).sum(1)
    ranks = below + rng.integers(0, level, endpoint=True)
    return SimulatedRanks(
        model=model,
        given=given,
        quantities=(*model.names, name),
        ranks=ranks,
        pit=(ranks + rng.random(ranks.shape)) / (draws + 1),
        draws=draws,
        code=code,
    )


def _distances(model: Generative, people: Panel, z: Floats, rng: np.random.Generator) -> Floats:
    """Return how far people drawn from each row of parameters (R, S, d) are from the replicate's, in their means."""
    first = people.replicate(0)
    observed = _means(people)
    drawn = (_means(model.simulate(first, z[:, s], rng)) for s in range(z.shape[1]))
    return np.stack([np.abs(m - observed).sum(-1) for m in drawn], axis=-1)


def _means(panel: Panel) -> Floats:
    seen = ~np.isnan(panel.outcome.astype(np.float64))
    return np.asarray(np.where(seen, panel.outcome, 0).sum(-2) / np.maximum(seen.sum(-2), 1))

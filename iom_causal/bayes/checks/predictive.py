"""Predictive checks: observed statistics among those of people simulated from the prior or the posterior."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from iom_causal.base.formats import counted, number, percent
from iom_causal.base.result import table
from iom_causal.bayes.checks.shared import Check, held
from iom_causal.bayes.shared.simulated import Floats, Generative
from iom_causal.errors import SpecError
from iom_causal.estimate import Estimate
from iom_causal.numerics.posterior.predictive import statistics, tail_share
from iom_causal.panel import Panel
from iom_causal.roles import Rng
from iom_causal.streams import as_generator

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

REPLICATES = 1000
"""How often people are simulated for a predictive check."""
EXTREME = 0.01
"""The tails within which an observed statistic is marked."""
SHOWN = (0.025, 0.5, 0.975)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class PredictiveCheck(Check):
    """Observed statistics among those of people simulated from the prior or the posterior.

    Parameters
    ----------
    given : str
        ``"prior"`` or ``"posterior"``.
    observed : mapping of str to float
        The statistics of these people.
    replicated : mapping of str to ndarray
        (S,) the same of simulated people.
    """

    COLUMNS: ClassVar[tuple[str, ...]] = (
        *("statistic", "observed", "replicated_low", "replicated_median", "replicated_high", "tail_share", "extreme"),
    )
    telling_columns: ClassVar[tuple[str, ...]] = ("observed",)

    given: str
    observed: Mapping[str, float]
    replicated: Mapping[str, Floats]

    def tail_share(self, statistic: str) -> float:
        """Return the share of simulated people's statistics below the observed one (equal ones half)."""
        return tail_share(self.replicated[statistic], self.observed[statistic])

    def _row(self, statistic: str) -> dict[str, Any]:
        share = self.tail_share(statistic)
        known = self.replicated[statistic][~np.isnan(self.replicated[statistic])]
        low, median, high = np.quantile(known, SHOWN).tolist() if known.size else (np.nan,) * 3
        return {
            "statistic": statistic,
            "observed": self.observed[statistic],
            "replicated_low": low,
            "replicated_median": median,
            "replicated_high": high,
            "tail_share": share,
            "extreme": _extreme(share),
        }

    def tidy(self) -> "pd.DataFrame":
        """Return one row a statistic."""
        return table((self._row(name) for name in self.observed), self.COLUMNS)

    def summary(self) -> str:
        """Return each statistic with the middle 95% of what the model predicts."""
        rows = (self._row(name) for name in self.observed)
        return self.lines(
            f"{r['statistic']}: observed {_shown(r['observed'])}; {self.given} predictive "
            f"{_shown(r['replicated_low'])} to {_shown(r['replicated_high'])}"
            for r in rows
        )

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the observed statistics on the scale of shares of simulated people's below them."""
        from iom_causal.base.axes import ACCENT, INK  # noqa: PLC0415 matplotlib is slow to load
        from iom_causal.base.axes_of_rows import intervals  # noqa: PLC0415 matplotlib is slow to load

        names = list(self.observed)
        ax = intervals(names, [(EXTREME, 1 - EXTREME)] * len(names), ax, inner=None)
        for bar in ax.lines:
            bar.set_color("#d8e2ee")
        for y, name in enumerate(reversed(names)):
            share = self.tail_share(name)
            ax.plot([share], [y], "o", color=ACCENT if _extreme(share) else INK, ms=6)
        ax.set_xlim(-0.02, 1.02)
        ax.set_xlabel(f"share of {self.given} predictive replicates below the observed value")
        return ax


def _extreme(share: float) -> bool:
    return share < EXTREME or share > 1 - EXTREME


def _shown(value: float) -> str:
    return "undefined" if np.isnan(value) else number(value)


def prior_predictive(result: Estimate, *, size: int = REPLICATES, rng: Rng = None) -> PredictiveCheck:
    """Prior predictive check: whether people drawn from the priors alone are like any that one would believe in.

    Parameters
    ----------
    result : Estimate
        Of a Bayesian model.
    size : int
        How often people are simulated.
    rng : Generator, int or None
        By default the seed of the result.

    Raises
    ------
    SpecError
        IOM-E092 for a result of another kind, or of a model that draws no people.
    """
    return _predictive(result, "prior", size, rng)


def posterior_predictive(result: Estimate, *, size: int = REPLICATES, rng: Rng = None) -> PredictiveCheck:
    """Posterior predictive check: zeros, highest values, dispersion, correlation, share that rose and t.

    Each statistic is compared with that of people drawn from the fitted model; one in the outer 1% is marked: the
    model misses that trait of the data.

    Parameters
    ----------
    result, size, rng
        As in `prior_predictive`.

    Raises
    ------
    SpecError
        IOM-E092 for a result of another kind, or of a model that draws no people.

    References
    ----------
    Gelman, Meng & Stern (1996), Statistica Sinica 6:733-807.
    """
    return _predictive(result, "posterior", size, rng)


def _predictive(result: Estimate, given: str, size: int, rng: Rng) -> PredictiveCheck:
    kept = held(result)
    model = kept.spec
    if not isinstance(model, Generative):
        raise SpecError("IOM-E092", f"{type(model).__name__} draws no people; look at az.plot_ppc_dist(result.native)")
    generator, _ = as_generator(kept.seed if rng is None else rng)
    if given == "prior":
        z = model.prior_draws(size, generator)
    else:
        flat = kept.posterior.flat
        z = flat[generator.integers(0, len(flat), size)]
    people = one_row_each(kept.panel)
    counts = people.kind == "count"
    seen = people.managed.prepost().outcome
    drawn = model.simulate(people, z, generator).managed.prepost().outcome
    observed = {name: float(value[0]) for name, value in statistics(seen[None], counts=counts).items()}
    replicated = statistics(drawn, counts=counts)
    marked = tuple(
        _marked(name, observed[name], share, given)
        for name in observed
        if _extreme(share := tail_share(replicated[name], observed[name]))
    )
    return PredictiveCheck(
        outcome=result.outcome,
        method=f"{given} predictive check of {counted(size, '[replicate|replicates]')}",
        notes=marked,
        given=given,
        observed=observed,
        replicated=replicated,
    )


def _marked(name: str, observed: float, share: float, given: str) -> str:
    side = "lowest" if share < EXTREME else "highest"
    return f"{name}: the observed {number(observed)} is among the {side} {percent(EXTREME)} that the {given} predicts"


def one_row_each(panel: Panel) -> Panel:
    """Return a panel with one row a person where rows stand for several alike.

    Raises
    ------
    SpecError
        IOM-E092 where rows do not stand for whole numbers of people.

    Examples
    --------
    >>> one_row_each(Panel.from_arrays([[3, 1], [2, 2]], weight=np.array([1, 2]))).outcome.tolist()
    [[3, 1], [2, 2], [2, 2]]
    """
    if panel.weight is None:
        return panel
    times = np.rint(panel.weight).astype(np.int64)
    if (times != panel.weight).any():
        raise SpecError("IOM-E092", "weight: people can be simulated only where each row is a whole number of people")
    row = np.repeat(np.arange(panel.n), times)
    days = panel.exposure
    return replace(
        panel,
        outcome=panel.outcome[row],
        exposure=days if days is None or days.ndim == 1 else days[row],
        weight=None,
        index_date=panel.index_date[row] if isinstance(panel.index_date, np.ndarray) else panel.index_date,
        start=None if panel.start is None else panel.start[row],
        selected=None if panel.selected is None else panel.selected[row],
        age=None if panel.age is None else panel.age[row],
        covariates={name: value[row] for name, value in panel.covariates.items()},
        ids=None,
    )

"""Convergence gate of a result's sampler."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from iom_causal.base.formats import listed, number
from iom_causal.base.result import table
from iom_causal.bayes.checks.shared import Check, sampler_of
from iom_causal.bayes.shared.nuts import ADVICE, LEAST_BFMI, LEAST_EFFECTIVE, R_HAT
from iom_causal.bayes.shared.posterior import HIGHEST_K
from iom_causal.estimate import Estimate

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Convergence(Check):
    """Figures of a sampler, each with its limit.

    Parameters
    ----------
    sampler : str
        How the posterior was worked out.
    figures : mapping of str to float
        R-hat, effective draws, divergences and energy of a chain; Pareto k and effective draws of importance
        sampling; none of a grid.
    """

    COLUMNS: ClassVar[tuple[str, ...]] = ("figure", "value", "limit", "passed")

    sampler: str
    figures: Mapping[str, float]

    def tidy(self) -> "pd.DataFrame":
        """Return one row a figure."""
        return table(
            (
                {"figure": name, "value": value, "limit": LIMITS[name][1], "passed": _passes(name, value)}
                for name, value in self.figures.items()
            ),
            self.COLUMNS,
        )

    def summary(self) -> str:
        """Return every figure with its limit."""
        rows = (
            f"{name}: {number(value)} ({'at most' if LIMITS[name][0] else 'at least'} {number(LIMITS[name][1])})"
            for name, value in self.figures.items()
        )
        return self.lines(rows if self.figures else ["a grid needs no check of convergence"])

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw every figure as a share of its limit."""
        from iom_causal.base.axes import ACCENT, INK, mark, new_axes  # noqa: PLC0415 matplotlib is slow to load

        ax = new_axes(height=1.4 + 0.4 * len(self.figures)) if ax is None else ax
        for y, (name, value) in enumerate(reversed(list(self.figures.items()))):
            limit = LIMITS[name][1] or 1.0
            ax.plot([value / limit], [y], "o", color=INK if _passes(name, value) else ACCENT)
        ax.set_yticks(range(len(self.figures)), list(self.figures)[::-1])
        ax.set_xlabel("as a multiple of its limit")
        return mark(ax, x=1.0)


LIMITS: Mapping[str, tuple[bool, float]] = {
    "pareto_k": (True, HIGHEST_K),
    "effective_draws": (False, LEAST_EFFECTIVE),
    "r_hat": (True, R_HAT),
    "ess_bulk": (False, LEAST_EFFECTIVE),
    "ess_tail": (False, LEAST_EFFECTIVE),
    "divergences": (True, 0),
    "bfmi": (False, LEAST_BFMI),
}
"""Of every figure: whether it may be at most (else at least) the limit, and the limit."""


def _passes(name: str, value: float) -> bool:
    most, limit = LIMITS[name]
    return value <= limit if most else value >= limit


def _worst(name: str, of: Any) -> float | None:
    """Return a figure; of several posteriors that which is furthest on the wrong side of its limit."""
    found = [float(v) for v in (of.values() if isinstance(of, Mapping) else [of]) if v is not None]
    return (max if LIMITS[name][0] else min)(found, default=None)


def convergence(result: Estimate) -> Convergence:
    """Convergence gate of a result's sampler: R-hat, effective draws, divergences, energy; or Pareto k.

    Parameters
    ----------
    result : Estimate
        Of a Bayesian model.

    Raises
    ------
    SpecError
        IOM-E092 for a result of another kind.

    References
    ----------
    Vehtari, Gelman, Simpson, Carpenter & Buerkner (2021), Bayesian Analysis 16:667-718.
    """
    sampler = sampler_of(result)
    worst = {name: _worst(name, result.diagnostics[name]) for name in LIMITS if name in result.diagnostics}
    figures = {name: value for name, value in worst.items() if value is not None}
    missed = [name for name, value in figures.items() if not _passes(name, value)]
    return Convergence(
        outcome=result.outcome,
        method=f"convergence of {result.method} ({sampler})",
        notes=(f"{listed(missed)} beyond the limit: {ADVICE}",) if missed else (),
        sampler=sampler,
        figures=figures,
    )

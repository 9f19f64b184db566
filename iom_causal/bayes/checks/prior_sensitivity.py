"""Power-scaling: how much a posterior moves with its prior and with its likelihood."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from iom_causal.base.formats import listed, number
from iom_causal.base.result import table
from iom_causal.bayes.checks.shared import Check, native
from iom_causal.bayes.shared.quiet import quiet
from iom_causal.estimate import Estimate

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

THRESHOLD = 0.05
"""Of ArviZ: the sensitivity from which a posterior is said to move."""
MOST = 20
"""A variable with more components, such as everybody's frailty, is left out."""
SAID: Mapping[str, str] = {
    "prior dominates": "the posterior follows the prior and hardly the data; show the prior beside it",
    "prior and data differ": "prior and data pull in different directions; look at both before using the posterior",
}
"""What a diagnosis means for a reader."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class PowerScaling(Check):
    """How much each parameter's posterior moves where the prior or the likelihood is raised to a power near 1.

    Parameters
    ----------
    prior, likelihood : mapping of str to float
        The sensitivity of each parameter; above `threshold` it moves.
    threshold : float
        ArviZ's.
    """

    COLUMNS: ClassVar[tuple[str, ...]] = ("parameter", "prior", "likelihood", "diagnosis")

    prior: Mapping[str, float]
    likelihood: Mapping[str, float]
    threshold: float

    def diagnosis(self, parameter: str) -> str:
        """Return ``"prior and data differ"``, ``"prior dominates"`` or nothing."""
        if self.prior[parameter] < self.threshold:
            return ""
        return "prior and data differ" if self.likelihood[parameter] >= self.threshold else "prior dominates"

    def tidy(self) -> "pd.DataFrame":
        """Return one row a parameter."""
        return table(
            (
                {
                    "parameter": p,
                    "prior": self.prior[p],
                    "likelihood": self.likelihood[p],
                    "diagnosis": self.diagnosis(p),
                }
                for p in self.prior
            ),
            self.COLUMNS,
        )

    def summary(self) -> str:
        """Return both sensitivities, a line a parameter."""
        return self.lines(
            f"{p}: moves with the prior {number(self.prior[p], 2)}, with the likelihood {number(self.likelihood[p], 2)}"
            for p in self.prior
        )

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw both sensitivities of every parameter, and the threshold."""
        from iom_causal.base.axes import INK, STEEL, mark, new_axes  # noqa: PLC0415 matplotlib is slow to load

        ax = new_axes(height=1.2 + 0.4 * len(self.prior)) if ax is None else ax
        names = list(self.prior)[::-1]
        for values, colour, label in ((self.prior, INK, "prior"), (self.likelihood, STEEL, "likelihood")):
            ax.plot([values[p] for p in names], range(len(names)), "o", color=colour, label=label)
        ax.set_yticks(range(len(names)), names)
        ax.set_xlabel("sensitivity of the posterior")
        ax.legend(frameon=False, fontsize=8)
        return mark(ax, x=self.threshold, text="moves")


def power_scaling(result: Estimate) -> PowerScaling:
    """Power-scaling of prior and likelihood (``az.psense_summary``): which posteriors the prior moves.

    A line of a bias model is expected to be dominated by its prior, because the data say nothing about it alone: that
    is a finding, and the reason why its prior must be shown.

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
    Kallioinen, Paananen, Buerkner & Vehtari (2024), Statistics and Computing 34:57.
    """
    import arviz as az  # noqa: PLC0415 slow to load

    tree = native(result)
    few = [n for n, v in tree["posterior"].data_vars.items() if v[0, 0].size <= MOST and (v.std(v.dims[:2]) > 0).all()]
    with quiet("arviz_stats"):
        found = az.psense_summary(tree, var_names=few, threshold=THRESHOLD, round_to=12)
    check = PowerScaling(
        outcome=result.outcome,
        method=f"power-scaling of {result.method}",
        notes=(),
        prior={str(p): float(v) for p, v in found["prior"].items()},
        likelihood={str(p): float(v) for p, v in found["likelihood"].items()},
        threshold=THRESHOLD,
    )
    said = {kind: [p for p in check.prior if check.diagnosis(p) == kind] for kind in SAID}
    return replace(check, notes=tuple(f"{listed(names)}: {SAID[kind]}" for kind, names in said.items() if names))

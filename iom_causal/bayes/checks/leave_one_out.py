"""Leave-one-out cross-validation by person, or by window of a series."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.formats import counted, number
from iom_causal.base.result import table
from iom_causal.bayes.checks.shared import Check, native
from iom_causal.bayes.shared.quiet import quiet
from iom_causal.errors import NotIdentifiedError
from iom_causal.estimate import Estimate

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

type Floats = NDArray[np.float64]

PEOPLE, WINDOWS = "people", "windows"
COUNTED = {PEOPLE: "[person|people]", WINDOWS: "[window|windows]"}
HAVE = {PEOPLE: "[person has|people have]", WINDOWS: "[window has|windows have]"}
"""What is left out, as the attribute `of` of the group log_likelihood says; without it people."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class LeaveOneOut(Check):
    """Expected log predictive density of people, or windows of a series, left out one by one.

    Parameters
    ----------
    elpd, std_error, p : float
        The sum over them, its standard error, and the effective number of parameters.
    pareto_k : ndarray
        Of every one; above `highest_k` the sum is not to be trusted.
    highest_k : float
        The bound for this number of draws.
    native : ELPDData
        What ArviZ returned, for ``az.compare`` and ``az.plot_khat``.
    of : {"people", "windows"}
        What is left out.
    """

    COLUMNS: ClassVar[tuple[str, ...]] = ("elpd", "std_error", "p", "of", "left_out", "above_k", "largest_k")
    people_columns: ClassVar[tuple[str, ...]] = ("left_out", "above_k")
    telling_columns: ClassVar[tuple[str, ...]] = ("elpd",)
    solving_columns: ClassVar[tuple[str, ...]] = ("std_error",)

    elpd: float
    std_error: float
    p: float
    pareto_k: Floats
    highest_k: float
    native: Any
    of: str = PEOPLE

    def tidy(self) -> "pd.DataFrame":
        """Return one row."""
        row = {
            "elpd": self.elpd,
            "std_error": self.std_error,
            "p": self.p,
            "of": self.of,
            "left_out": self.pareto_k.size,
            "above_k": int((self.pareto_k > self.highest_k).sum()),
            "largest_k": float(self.pareto_k.max()),
        }
        return table([row], self.COLUMNS)

    def summary(self) -> str:
        """Return the sum, its standard error and the effective number of parameters."""
        row = (
            f"expected log predictive density {number(self.elpd)} (SE {number(self.std_error)}), effective number of "
            f"parameters {number(self.p, 3)}, {counted(self.pareto_k.size, COUNTED[self.of])}, largest Pareto k "
            f"{number(self.pareto_k.max(), 2)}"
        )
        return self.lines([row])

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw every Pareto k in rising order, and its bound."""
        from iom_causal.base.axes import mark  # noqa: PLC0415 matplotlib is slow to load
        from iom_causal.base.axes_of_lines import curve  # noqa: PLC0415 matplotlib is slow to load

        ax = curve(np.arange(1, self.pareto_k.size + 1), np.sort(self.pareto_k), ax=ax)
        mark(ax, y=self.highest_k, text="above it not to be trusted")
        ax.set_xlabel(f"{self.of}, in rising order")
        ax.set_ylabel("Pareto k")
        return ax


def loo(result: Estimate) -> LeaveOneOut:
    """Leave-one-out cross-validation by person, of a series by window: Pareto-smoothed weights of ``az.loo``.

    A person is what is left out, with all windows, because a programme meets people; leaving out a window of a person
    whose other window stays is another question. Totals of a series hold nothing of single people: their windows are
    left out, and the windows after say how well the others predict them.

    Parameters
    ----------
    result : Estimate
        Of a Bayesian model.

    Raises
    ------
    SpecError
        IOM-E092 for a result of another kind.
    NotIdentifiedError
        IOM-E068 for a model without a log likelihood by person.

    References
    ----------
    Vehtari, Gelman & Gabry (2017), Statistics and Computing 27:1413-1432.
    """
    import arviz as az  # noqa: PLC0415 slow to load

    tree = native(result)
    if "log_likelihood" not in tree.children or len(tree["log_likelihood"].data_vars) != 1:
        raise NotIdentifiedError("IOM-E068", f"{result.method}: the model has no one log likelihood of each person")
    of = tree["log_likelihood"].attrs.get("of", PEOPLE)
    with quiet("arviz_stats"):
        found = az.loo(tree, pointwise=True)
    k = np.asarray(found.pareto_k, dtype=np.float64).ravel()
    high = int((k > found.good_k).sum())
    said = (
        f"{counted(high, HAVE[of])} a Pareto k above {number(found.good_k, 2)}: the sum is not to be "
        "trusted; use az.reloo or take a model with heavier tails"
    )
    return LeaveOneOut(
        outcome=result.outcome,
        method=f"leave-one-out of {result.method}",
        notes=(said,) if high else (),
        elpd=float(found.elpd),
        std_error=float(found.se),
        p=float(found.p),
        pareto_k=k,
        highest_k=float(found.good_k),
        native=found,
        of=of,
    )

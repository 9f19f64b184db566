"""Designs that a panel can carry: for each quasi-experiment what it needs, what the panel has and what it lacks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, ClassVar

from iom_causal.base.result import Result, table
from iom_causal.estimators.quasi_experiments.ancova import Ancova
from iom_causal.estimators.quasi_experiments.diff_in_diff import DiffInDiff
from iom_causal.estimators.quasi_experiments.discontinuity import Discontinuity
from iom_causal.estimators.quasi_experiments.event_study import EventStudy
from iom_causal.estimators.quasi_experiments.honest_trends import HonestTrends
from iom_causal.estimators.quasi_experiments.interrupted_series import InterruptedTimeSeries
from iom_causal.estimators.quasi_experiments.matched import Matched
from iom_causal.estimators.quasi_experiments.stepped_wedge import SteppedWedge
from iom_causal.estimators.quasi_experiments.synthetic_control import SyntheticControl
from iom_causal.estimators.shared.requirements import QuasiExperiment, Requirement
from iom_causal.panel import Panel
from iom_causal.roles import require_panel

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

OF_COUNTS: tuple[QuasiExperiment, ...] = (
    DiffInDiff(),
    EventStudy(),
    SteppedWedge(),
    Ancova(family="poisson"),
    Matched(),
    SyntheticControl(),
    HonestTrends(),
    InterruptedTimeSeries(),
    InterruptedTimeSeries(controlled=True),
    Discontinuity(),
)
"""Every quasi-experiment for counts and amounts, as it is without settings."""
OF_VALUES: tuple[QuasiExperiment, ...] = (
    DiffInDiff(contrast="difference"),
    EventStudy(contrast="difference"),
    SteppedWedge(contrast="difference"),
    Ancova(),
    Matched(contrast="difference"),
    SyntheticControl(contrast="difference"),
    HonestTrends(contrast="difference"),
    Discontinuity(contrast="difference"),
)
"""Those for scores and binary outcomes, which have no ratio of ratios."""

COLUMNS = (
    "design",
    "carried",
    "estimand",
    "maryland",
    "identification",
    "needs",
    "necessary",
    "met",
    "found",
    "advice",
)


@dataclass(frozen=True, slots=True, repr=False)
class Option:
    """A design with its requirements on one panel.

    Parameters
    ----------
    design : QuasiExperiment
        The estimator.
    estimand : str
        What it would estimate.
    requirements : tuple of Requirement
        What it needs.
    """

    design: QuasiExperiment
    estimand: str
    requirements: tuple[Requirement, ...]

    @property
    def name(self) -> str:
        """The design as its constructor is written, with the settings that are not the default ones."""
        told = [f for f in fields(self.design) if getattr(self.design, f.name) != f.default]
        return f"{type(self.design).__name__}({', '.join(f'{f.name}={getattr(self.design, f.name)!r}' for f in told)})"

    def __repr__(self) -> str:
        lacks = "; ".join(r.needs for r in self.lacking if r.necessary)
        return f"{self.name}: {f'lacks {lacks}' if lacks else 'carried'}"

    @property
    def carried(self) -> bool:
        """Whether the panel has all that is necessary."""
        return all(r.met for r in self.requirements if r.necessary)

    @property
    def lacking(self) -> tuple[Requirement, ...]:
        """The requirements that are not met, the necessary ones first."""
        return tuple(sorted((r for r in self.requirements if not r.met), key=lambda r: not r.necessary))


@dataclass(frozen=True, repr=False)
class DesignOptions(Result):
    """Designs that a panel can carry, and what each lacks; `designs_for` makes it.

    Parameters
    ----------
    outcome : str
        The panel's.
    options : tuple of Option
        Every design, in the order given.
    """

    outcome: str
    options: tuple[Option, ...]

    free_columns: ClassVar[tuple[str, ...]] = ("maryland",)

    @property
    def carried(self) -> tuple[QuasiExperiment, ...]:
        """The designs that the panel carries, ready to be called on it."""
        return tuple(o.design for o in self.options if o.carried)

    def tidy(self) -> "pd.DataFrame":
        """Return one row a design and requirement."""
        return table(
            (
                {
                    "design": o.name,
                    "carried": o.carried,
                    "estimand": o.estimand,
                    "maryland": o.design.maryland,
                    "identification": o.design.identification,
                    "needs": r.needs,
                    "necessary": r.necessary,
                    "met": r.met,
                    "found": r.found,
                    "advice": r.advice,
                }
                for o in self.options
                for r in o.requirements
            ),
            COLUMNS,
        )

    def summary(self) -> str:
        """Return a paragraph a design: whether it is carried, what must hold, and what is lacking."""
        return "\n".join(line for o in self.options for line in self._lines(o))

    @staticmethod
    def _lines(o: Option) -> Iterable[str]:
        said = "the data carry it" if o.carried else "the data do not carry it"
        yield f"{o.name}: {said} ({o.estimand}, level {o.design.maryland} of 5)"
        if o.carried:
            yield f"  must hold: {o.design.identification}"
        for r in o.lacking:
            yield f"  {'lacks' if r.necessary else 'note'}: {r.message}"

    def __repr__(self) -> str:
        return f"DesignOptions({self.outcome!r}, {len(self.carried)} of {len(self.options)} carried)"

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw a row a design and a dot a requirement, filled where the panel meets it."""
        from iom_causal.base.axes_of_designs import checklist  # noqa: PLC0415 matplotlib is slow to load

        return checklist({o.name: [(r.needs, r.met, r.necessary) for r in o.requirements] for o in self.options}, ax=ax)


def designs_for(panel: Panel, designs: Sequence[QuasiExperiment] | None = None) -> DesignOptions:
    """List every quasi-experiment, with what it needs and what the panel has and lacks.

    It looks at who is managed from when, at windows, covariates and the selection rule; whether what must hold for an
    effect does hold cannot be seen from a panel. No number of people stands in its words.

    Parameters
    ----------
    panel : Panel
        Of any kind.
    designs : sequence of QuasiExperiment, optional
        Those to ask, with the settings that they would have; by default every one without settings.

    Raises
    ------
    InputError
        IOM-E035 for what is not a panel.

    Examples
    --------
    >>> alone = Panel.from_arrays([[3, 1], [2, 2], [5, 0]], name="arrests")
    >>> options = designs_for(alone)
    >>> options.carried, options.options[0].lacking[0].needs
    ((), 'comparison people, who were never managed')
    """
    require_panel(panel, "designs_for")
    if designs is None:
        designs = OF_COUNTS if panel.kind in ("count", "amount") else OF_VALUES
    return DesignOptions(panel.name, tuple(Option(d, d.estimand(panel), d.requirements(panel)) for d in designs))

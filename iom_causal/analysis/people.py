"""Description of the people: every outcome window by window, and ages (Table 1)."""

from dataclasses import dataclass

import numpy as np

from iom_causal.analysis.steps import Effort
from iom_causal.analysis.subject import Subject, enough
from iom_causal.cohort import Cohort
from iom_causal.panel import Panel


@dataclass(frozen=True, slots=True)
class Described:
    """A variable of the people in one window.

    Parameters
    ----------
    name : str
        The variable, or the outcome and its window.
    n : int
        People with a value.
    mean, sd : float
        Of their values.
    days : float or None
        Mean days at risk, where they are known.
    share : bool
        Whether the values are 0 and 1.
    """

    name: str
    n: int
    mean: float
    sd: float
    days: float | None = None
    share: bool = False


@dataclass(frozen=True, slots=True)
class People:
    """The people as they are described.

    Parameters
    ----------
    outcomes : tuple of Described
        One an outcome and window.
    age : Described or None
        At the index date.
    """

    outcomes: tuple[Described, ...]
    age: Described | None


def run(subject: Subject, _effort: Effort) -> People | None:
    """Describe the people whose data are at hand."""
    if subject.cohort is None:
        return None
    shown = _shown(subject, subject.cohort)
    described = tuple(row for panel in shown for row in _windows(panel, subject))
    return People(described, _age(shown[0], subject) if shown else None)


def _shown(subject: Subject, cohort: Cohort) -> tuple[Panel, ...]:
    return tuple(panel for panel in cohort.values() if enough(subject, panel))


def _windows(panel: Panel, subject: Subject) -> tuple[Described, ...]:
    """Return a row a window; of those with every window, where the others are too few to stand apart."""
    managed = panel.managed
    gaps = managed.n - managed.n_complete
    described = managed if subject.release.enough(gaps) or not gaps else managed.where(managed.complete)
    return tuple(
        Described(
            name=f"{panel.name}, {row['window']}",
            n=int(row["people"]),
            mean=float(row["mean"]),
            sd=float(row["sd"]),
            days=None if row["days"] is None or np.isnan(row["days"]) else float(row["days"] / int(row["people"])),
            share=panel.kind == "binary",
        )
        for row in described.describe().to_dict("records")
    )


def _age(panel: Panel, subject: Subject) -> Described | None:
    ages = panel.managed.age
    known = np.empty(0) if ages is None else ages[~np.isnan(ages)]
    if panel.age is None or not subject.release.enough(len(known)):
        return None
    return Described("age", len(known), float(known.mean()), float(known.std(ddof=1)))

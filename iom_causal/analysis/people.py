"""Description of the people: every outcome window by window, and ages (Table 1)."""

from dataclasses import dataclass

import numpy as np

from iom_causal.analysis.steps import Effort
from iom_causal.analysis.subject import Subject, enough
from iom_causal.cohort import Cohort
from iom_causal.estimators.shared.requirements import from_start, starts_of
from iom_causal.panel import Panel

MOST_WINDOWS = 12
"""Windows up to which each has a row."""


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
    days, days_sd : float or None, float
        Mean days at risk, where they are known, and their standard deviation.
    share : bool
        Whether the values are 0 and 1.
    """

    name: str
    n: int
    mean: float
    sd: float
    days: float | None = None
    days_sd: float = 0.0
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
    together : tuple of str
        Outcomes of which the windows before are put together, and those after: there are many of them.
    """

    outcomes: tuple[Described, ...]
    age: Described | None
    together: tuple[str, ...] = ()


def run(subject: Subject, _effort: Effort) -> People | None:
    """Describe the people whose data are at hand."""
    if subject.cohort is None:
        return None
    shown = _shown(subject, subject.cohort)
    described = tuple(row for panel in shown for row in _windows(panel, subject))
    together = tuple(panel.name for panel in shown if _many(panel))
    return People(described, _age(shown[0], subject) if shown else None, together)


def _shown(subject: Subject, cohort: Cohort) -> tuple[Panel, ...]:
    return tuple(panel for panel in cohort.values() if enough(subject, panel))


def _many(panel: Panel) -> bool:
    """Whether a panel has so many windows that a row each is no table to read, and sides that can be put together."""
    starts, windows = starts_of(panel), len(panel.windows)
    known = panel.exposure is not None or panel.kind == "score"
    return windows > MOST_WINDOWS and len(starts) == 1 and starts[0] > 0 and (known or windows == 2 * starts[0])


def _windows(panel: Panel, subject: Subject) -> tuple[Described, ...]:
    """Return a row a window, or a side; of those with every window, where the others are too few to stand apart."""
    managed = from_start(panel.managed).prepost() if _many(panel) else panel.managed
    gaps = managed.n - managed.n_complete
    described = managed if subject.release.enough(gaps) or not gaps else managed.where(managed.complete)
    return tuple(
        Described(
            name=f"{panel.name}, {row['window']}",
            n=int(row["people"]),
            mean=float(row["mean"]),
            sd=float(row["sd"]),
            days=None if row["days"] is None or np.isnan(row["days"]) else float(row["days"] / int(row["people"])),
            days_sd=_days_sd(described, t),
            share=panel.kind == "binary",
        )
        for t, row in enumerate(described.describe().to_dict("records"))
    )


def _days_sd(panel: Panel, window: int) -> float:
    if panel.exposure is None:
        return 0.0
    return float(np.std(np.broadcast_to(panel.exposure, panel.outcome.shape)[:, window]))


def _age(panel: Panel, subject: Subject) -> Described | None:
    ages = panel.managed.age
    known = np.empty(0) if ages is None else ages[~np.isnan(ages)]
    if panel.age is None or not subject.release.enough(len(known)):
        return None
    return Described("age", len(known), float(known.mean()), float(known.std(ddof=1)))

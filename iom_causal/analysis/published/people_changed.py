"""Bounds on how many people changed, over every cohort that is observationally equivalent to a published table."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from iom_causal.analysis.results import FeatureRange
from iom_causal.analysis.steps import Effort
from iom_causal.analysis.subject import Subject
from iom_causal.cohort import Cohort
from iom_causal.inputs.sample import unlike_time
from iom_causal.published.rebuild.bounds import count_bounds
from iom_causal.published.rebuild.ranges import chain_table, ranges
from iom_causal.published.records import Outcome
from iom_causal.published.study import PublishedStudy

ZERO_AFTER = "zero after"
COUNTED = ("went down", "went up", ZERO_AFTER)
"""How many people are counted of: those who changed, and those who have none after."""


@dataclass(frozen=True, slots=True)
class PeopleChanged:
    """How many people changed.

    Parameters
    ----------
    ranges : tuple of FeatureRange
        By outcome and direction.
    as_the_mean : tuple of FeatureRange
        Those of them in the direction in which the mean went.
    n : int
        All people.
    cohorts : int
        Rebuilt cohorts.
    r_hat, ess : float or None
        The largest R-hat and the smallest effective sample size of the chains; None where nothing was sampled.
    """

    ranges: tuple[FeatureRange, ...] = ()
    as_the_mean: tuple[FeatureRange, ...] = ()
    n: int = 0
    cohorts: int = 1
    r_hat: float | None = None
    ess: float | None = None


def run(subject: Subject, effort: Effort) -> PeopleChanged:
    """Bound how many people changed; for a first look only in the direction of the mean."""
    study, cohorts = subject.published, subject.rebuilt
    if study is None or cohorts is None:
        return PeopleChanged()
    found = tuple(_ranges(study, cohorts, quick=effort.quick))
    r_hat, ess = _mixing(cohorts, found)
    return PeopleChanged(
        found,
        tuple(r for r in found if r.feature == direction(study.outcome(r.outcome))),
        study.sample.n.count,
        cohorts.replicates or 1,
        r_hat,
        ess,
    )


def direction(outcome: Outcome) -> str:
    """Return which way people went if they went as the mean did."""
    before, after = outcome.before.mean, outcome.after.mean
    return "went up" if before is not None and after is not None and after.exact > before.exact else "went down"


def _ranges(study: PublishedStudy, cohorts: Cohort, *, quick: bool) -> Iterator[FeatureRange]:
    for outcome in study.outcomes:
        if outcome.kind != "count":
            continue
        features: tuple[str, ...] = (direction(outcome),) if quick else COUNTED
        if unlike_time(_days(study), outcome.kind):  # fewer after, in less time, says nothing
            features = tuple(f for f in features if f == ZERO_AFTER)
        if not features:
            continue
        sampled = ranges(cohorts, outcome.name, features).query("measure == 'all'").set_index("feature")
        for named in features:
            bounds = count_bounds(study, outcome.name, named)
            yield FeatureRange(
                outcome=outcome.name,
                feature=named,
                low=round(bounds.low),
                high=round(bounds.high),
                sampled_low=floor(sampled["low"][named]),
                sampled_high=ceil(sampled["high"][named]),
                exact=bounds.exact,
            )


def _days(study: PublishedStudy) -> NDArray[np.float64] | None:
    return np.array([w.days for w in study.spans], dtype=np.float64) if study.spans else None


def _mixing(cohorts: Cohort, found: tuple[FeatureRange, ...]) -> tuple[float | None, float | None]:
    """Return how well the chains behind the rebuilt cohorts have mixed."""
    table = chain_table(cohorts).dropna(subset=["r_hat"])
    table = table[table["outcome"].isin([r.outcome for r in found])]
    return (None, None) if table.empty else (float(table["r_hat"].max()), float(table["ess"].min()))

"""Balanced blocks: outcomes of people with every window, over replicates, for regressions that have a kernel."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from iom_causal.inputs.observations import observe
from iom_causal.inputs.rows import sample_of_rows
from iom_causal.inputs.sample import LEAST_PEOPLE, SampleAccount
from iom_causal.panel import Panel

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class RowBlock:
    """Outcomes by person and window of people who have every window: `Rows` without covariates, over replicates.

    Attributes
    ----------
    y : ndarray
        (R, n, T) outcomes, 0 for people who do not count.
    treated : ndarray
        (n, T) whether a window is under the programme.
    group : ndarray
        (n,) who is ever managed.
    weight : ndarray
        (R, n) how often a person counts; 0 for people who lack a window.
    days : ndarray or None
        (T,), (n, T) or (R, n, T) days at risk.
    n_input : ndarray
        (R,) people given.
    notes : tuple of tuple of str
        Of each replicate.
    odd : ndarray
        (R,) replicates with too few people, or with weights that are no whole numbers: for the single call to refuse.
    sample : SampleAccount
        Name and what the published table determines.
    kind, exposure : str
        The kind of outcome, and the exposure in words.
    """

    y: Floats
    treated: Floats
    group: NDArray[np.bool_]
    weight: Floats
    days: Floats | None
    n_input: NDArray[np.int64]
    notes: tuple[tuple[str, ...], ...]
    odd: NDArray[np.bool_]
    sample: SampleAccount
    kind: str
    exposure: str


def row_block(panel: Panel, *, rates: bool = False, comparison: bool = False) -> RowBlock:
    """Lay out a panel with or without replicates, without covariates.

    Parameters
    ----------
    panel : Panel
        The people.
    rates, comparison : bool
        As in `person_rows`.
    """
    seen = observe(panel, comparison=comparison)
    people = seen.people
    given = np.broadcast_to(seen.weight, seen.outcome.shape[:2])
    weight = np.where(seen.observed.all(-1), given, 0.0)
    sample = sample_of_rows(seen, rates=rates)
    return RowBlock(
        y=np.where(weight[..., None] > 0, np.nan_to_num(seen.outcome.astype(np.float64)), 0.0),
        treated=people.treated.astype(np.float64),
        group=people.group,
        weight=weight,
        days=people.exposure,
        n_input=np.rint(given.sum(-1)).astype(np.int64),
        notes=sample.each or (sample.notes,) * len(weight),
        odd=(weight.sum(-1) < LEAST_PEOPLE) | (given != np.rint(given)).any(-1),
        sample=SampleAccount(people.name, people.n, (), people.fixed_by_table),
        kind=people.kind,
        exposure=seen.exposure if rates else "not used",
    )

"""Counts and scores of the same people, as arrays."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.cohort import Cohort
from iom_causal.errors import DegenerateDataError, InputError
from iom_causal.inputs.observations import observe
from iom_causal.inputs.rows import sample_of_rows
from iom_causal.inputs.sample import SampleAccount
from iom_causal.inputs.series import UNIT

type Floats = NDArray[np.float64]

LEAST_PAIRS = 10
"""The fewest people with both scores: their spreads and correlations are to be told."""


class Both(NamedTuple):
    """Counts and scores of the managed people, one row a person.

    Attributes
    ----------
    counts, log_exposure, scores : ndarray
        (n, 2) each; minus infinity where a count was not observed, NaN where a score was not.
    sample : SampleAccount
        Of the scores.
    """

    counts: Floats
    log_exposure: Floats
    scores: Floats
    sample: SampleAccount

    @property
    def lost(self) -> float:
        """The share of people without a score after."""
        return float(np.isnan(self.scores[:, 1]).mean())


def read(cohort: Cohort, *, counts: str, scores: str) -> Both:
    """Return the counts and the scores of the managed people of a cohort.

    Raises
    ------
    InputError
        IOM-E035 for what is no cohort; IOM-E037 where other people are managed; IOM-E047 with replicates; IOM-E060
        with fewer than 10 people with both scores; IOM-E066 for other kinds of outcome; IOM-E076 for weights that are
        not whole.
    DegenerateDataError
        IOM-E064 without an event; IOM-E065 where scores do not vary.
    """
    if not isinstance(cohort, Cohort):
        raise InputError(
            "IOM-E035", f"JointOutcomes: expected a Cohort of counts and scores, got {type(cohort).__name__}"
        )
    if cohort.replicates is not None:
        raise InputError("IOM-E047", "JointOutcomes: this cohort has replicates; take one with replicate(k)")
    seen = [observe(cohort[name], two=True) for name in (counts, scores)]
    of_counts, of_scores = (s.people for s in seen)
    for panel, kind in ((of_counts, "count"), (of_scores, "score")):
        if panel.kind != kind:
            raise InputError("IOM-E066", f"{panel.name}: JointOutcomes needs a {kind}, got a {panel.kind}")
    if of_counts.n != of_scores.n or (cohort[counts].group != cohort[scores].group).any():
        raise InputError("IOM-E037", "JointOutcomes: expected the same people to be managed in both outcomes")
    weight = seen[1].weight[0]
    if (weight != np.rint(weight)).any():
        raise InputError("IOM-E076", "JointOutcomes: expected weights that are whole numbers of people")
    y, x = (p.outcome.astype(np.float64) for p in (of_counts, of_scores))
    days = np.full(2, UNIT) if of_counts.exposure is None else of_counts.exposure
    with np.errstate(divide="ignore"):
        log_exposure = np.where(np.isnan(y), -np.inf, np.log(np.broadcast_to(days / UNIT, y.shape)))
    rows = np.repeat(np.arange(len(y)), weight.astype(np.int64))
    both = Both(
        np.nan_to_num(y)[rows], log_exposure[rows], x[rows], sample_of_rows(seen[1], rates=False, incomplete=True)
    )
    return _checked(both, of_counts.name, of_scores.name)


def _checked(both: Both, counts: str, scores: str) -> Both:
    pairs = int((~np.isnan(both.scores)).all(-1).sum())
    if pairs < LEAST_PAIRS:
        raise InputError("IOM-E060", f"{scores}: expected at least {LEAST_PAIRS} people with both scores, got {pairs}")
    if not both.counts.any():
        raise DegenerateDataError("IOM-E064", f"{counts}: there is not a single event")
    if min(float(np.nanstd(x)) for x in both.scores.T) == 0:
        raise DegenerateDataError("IOM-E065", f"{scores}: all people have the same score in a window")
    return both

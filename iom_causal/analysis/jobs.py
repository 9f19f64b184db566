"""Estimators run one after another: what refuses says why, and the rest go on."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from typing import Any

from iom_causal.analysis.results import Refusal
from iom_causal.errors import IomCausalError
from iom_causal.estimate import Estimate

NAMES = ("Poisson", "McNemar")
"""Words in the names of estimators that keep their capitals, as those of capitals alone do."""
KINDS = ("kind", "mixing")
"""Settings without which the name of an estimator does not tell which it is."""


@dataclass(frozen=True, slots=True)
class Job:
    """One estimate to be made.

    Parameters
    ----------
    outcome, what : str
        Of which outcome, and by which method.
    make : callable
        Returns the estimate.
    """

    outcome: str
    what: str
    make: Callable[[], Estimate]


def in_words(spec: Any) -> str:
    """Return the name of an estimator: its kind, and settings that are not the default.

    Examples
    --------
    >>> from iom_causal.estimators import EffectSize, PoissonMixed
    >>> in_words(EffectSize("dz")), in_words(PoissonMixed(mixing="gamma"))
    ('effect size dz', 'Poisson mixed gamma')
    """
    parts = re.findall("|".join(NAMES) + "|[A-Z]{2,}(?![a-z])|[A-Z][a-z]*", type(spec).__name__)
    name = " ".join(part if part in NAMES or (len(part) > 1 and part.isupper()) else part.lower() for part in parts)
    settings = [
        value.replace("_", " ")
        for f in fields(spec)
        if isinstance(value := getattr(spec, f.name), str) and (f.name in KINDS or value != f.default)
    ]
    return " ".join([name, *settings])


def done(jobs: Iterable[Job]) -> tuple[tuple[Estimate, ...], tuple[Refusal, ...]]:
    """Return every estimate that could be made, and of each of the others why it could not."""
    estimates, refusals = [], []
    for job in jobs:
        try:
            estimates.append(job.make())
        except IomCausalError as error:
            refusals.append(Refusal(job.outcome, job.what, error))
    return tuple(estimates), tuple(refusals)

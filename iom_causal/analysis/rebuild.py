"""Cohorts that are observationally equivalent to a published table, sampled for the steps that need people."""

from iom_causal.analysis.published_table import PublishedTable
from iom_causal.analysis.steps import Effort
from iom_causal.analysis.subject import LACKING, Subject
from iom_causal.errors import ConvergenceError, InfeasibleError, InputError
from iom_causal.published.rebuild.reconstruct import reconstruct
from iom_causal.streams import Streams

DRAWS, QUICK_DRAWS = 600, 240
UNBUILT = (LACKING, "IOM-E110", "IOM-E111")
"""The codes after which an evaluation goes on without rebuilt people, and says so."""


def with_cohorts(subject: Subject, effort: Effort) -> Subject:
    """Return a published table with cohorts rebuilt from it, or why there are none; people as they are."""
    study = subject.published
    if study is None:
        return subject
    rng = Streams(effort.seed, study.citation).generator("reconstruct")
    try:
        cohorts = reconstruct(study, draws=QUICK_DRAWS if effort.quick else DRAWS, rng=rng)
    except (InputError, InfeasibleError, ConvergenceError) as error:
        if error.code not in UNBUILT:
            raise
        return PublishedTable(study=study, unbuilt=error)
    return PublishedTable(study=study, rebuilt=cohorts)

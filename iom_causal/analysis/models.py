"""Count models fitted to every rebuilt cohort: ranges, and whether the published table pins them."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from iom_causal.analysis.jobs import Job, done, in_words
from iom_causal.analysis.results import Refusal
from iom_causal.analysis.steps import Effort
from iom_causal.analysis.subject import Subject
from iom_causal.cohort import Cohort
from iom_causal.errors import CODES, DegenerateDataError
from iom_causal.estimate import Estimate
from iom_causal.estimators import NegativeBinomialMixed, PoissonFixedEffects, PoissonMixed
from iom_causal.panel import Panel
from iom_causal.roles import batch

MODELS = (
    PoissonFixedEffects(),
    PoissonMixed(mixing="gamma"),
    PoissonMixed(mixing="lognormal"),
    PoissonMixed(mixing="bivariate"),
    NegativeBinomialMixed(),
)
MODELLED = 120
"""How many of the rebuilt cohorts the models are fitted to, spread over the base measures."""


@dataclass(frozen=True, slots=True)
class Models:
    """Count models on rebuilt cohorts.

    Parameters
    ----------
    estimates : tuple of Estimate
        The range of each ratio over the cohorts.
    refusals : tuple of Refusal
        Models without a result.
    """

    estimates: tuple[Estimate, ...] = ()
    refusals: tuple[Refusal, ...] = ()


def run(subject: Subject, _effort: Effort) -> Models:
    """Fit every model to every count of the rebuilt cohorts."""
    return Models() if subject.rebuilt is None else Models(*done(_jobs(subject.rebuilt)))


def _jobs(cohorts: Cohort) -> Iterator[Job]:
    for name, panel in cohorts.items():
        if panel.kind != "count":
            continue
        step = max(1, (panel.replicates or 1) // MODELLED)
        some = replace(panel, outcome=panel.outcome[::step], age=None, covariates={})
        yield from (Job(name, in_words(spec), partial(_range, spec, some)) for spec in MODELS)


def _range(spec: Any, panel: Panel) -> Estimate:
    many = batch(spec, panel)
    if many.code.all():
        why = many.notes or [(CODES[f"IOM-E{code:03d}"],) for code in many.code]
        raise DegenerateDataError("IOM-E061", Counter("; ".join(said) for said in why).most_common(1)[0][0])
    low, high = many.range()
    return Estimate(
        outcome=panel.name,
        method=many.method,
        estimand=many.estimand,
        term=many.term,
        scale=many.scale,
        set_low=low,
        set_high=high,
        interval="none",
        n_input=int(many.n_input.max()),
        n_used=panel.n_complete,
        notes=(f"range over {len(many)} cohorts that print the same; no finding about the study",),
        spec=spec,
        pinned=many.base.pinned if many.base is not None else False,
    )

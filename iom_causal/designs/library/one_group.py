"""Designs to begin with: the paper's own, and one group with each adjustment; sizes are parameters."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from iom_causal.base.specs import FrozenMap, check_choice
from iom_causal.confounds import Ageing, RegressionToMean
from iom_causal.designs.design import Design
from iom_causal.estimators import PairedT, PoissonFixedEffects, RateRatio
from iom_causal.ledger import Ledger
from iom_causal.moments import Moments
from iom_causal.numerics.pairs.rate_models import Rates
from iom_causal.published.study import load_published
from iom_causal.simulate import (
    BeforeAfter,
    Careers,
    Enrolment,
    Programme,
    TwoWindowCounts,
    att_difference,
    att_ratio,
)
from iom_causal.windows import YEAR, Selection

PAPER, COUNT = "sleath-brown-2017", "arrests"
ONE_GROUP = "one group"
CURVE = "scotland-2011"
"""The curve of rates by age that the people of `single_group` follow, and that its ledgers adjust for."""
ADJUSTMENTS: Mapping[str, tuple[str, ...]] = FrozenMap(
    {
        "robbins_zhang": (),
        "linear": ("comparable_mean",),
        "gamma_poisson": ("comparable_mean", "shape"),
        "lognormal": ("comparable_mean",),
    }
)
"""Methods of regression to the mean for selected people alone, and what of the source population each is told."""


def published_design(
    moments: Moments | None = None, *, people: int | None = None, ratio: float = 1.0, rates: Rates = "lognormal"
) -> Design:
    """Design of a published before/after study: cohorts with its moments, whatever its programme did.

    Right for asking what the design itself can tell: people were selected on the count before, softly, from a source
    population that reproduces the table exactly at this ratio of the programme, and nothing else happens.

    Parameters
    ----------
    moments : Moments, optional
        Of a count; by default the arrests of the paper.
    people : int, optional
        In each cohort; by default as many as the table has.
    ratio : float
        What the programme did; with 1 nothing.
    rates : {"lognormal", "gamma", "renewed"}
        Mixing distribution of people's rates.

    Raises
    ------
    NotIdentifiedError
        IOM-E068 when no population and rule of this kind have such moments with that ratio.

    Examples
    --------
    >>> design = published_design(people=100)
    >>> design.model.people, list(design.estimators)
    (100, ['PairedT', 'RateRatio', 'PoissonFixedEffects'])
    """
    table = load_published(PAPER)[COUNT] if moments is None else moments
    return Design(
        TwoWindowCounts.from_moments(table, ratio=ratio, people=people, rates=rates),
        {"att_ratio": att_ratio, "att_difference": att_difference},
        {ONE_GROUP: BeforeAfter()},
        {type(e).__name__: e for e in (PairedT(), RateRatio(), PoissonFixedEffects())},
    )


def single_group(
    *,
    people: int = 225,
    ratio: float = 1.0,
    rate: float = 1.3,
    own_sd: float = 0.75,
    drift_sd: float = 0.4,
    threshold: float = 4,
    methods: Sequence[str] = ("robbins_zhang", "linear", "gamma_poisson"),
    draws: int = 2_000,
) -> Design:
    """Design of one group before and after: the change itself, and ledgers with each adjustment and with all.

    People are selected for at least `threshold` events before, grow older and drift, so that the change itself holds
    regression to the mean and ageing beside the programme. What a method asks of the source population it is told as
    it is, so that what is left is the method's own.

    Parameters
    ----------
    people : int
        Places in the programme.
    ratio : float
        What the programme does; with 1 nothing.
    rate, own_sd, drift_sd : float
        Of the source population, as in `Careers`: events a year, log SD of lasting levels, and of what comes and goes.
    threshold : float
        Fewest events before with which people are selected.
    methods : sequence of str
        Of regression to the mean, among `ADJUSTMENTS`; ``lognormal`` takes a second a replicate.
    draws : int
        Joint draws of each ledger.

    Raises
    ------
    SpecError
        IOM-E093 for a method that is none of these.

    Examples
    --------
    >>> design = single_group(methods=["robbins_zhang"], people=100)
    >>> list(design.estimators)
    ['nothing', 'regression (robbins_zhang)', 'ageing', 'ageing and regression (robbins_zhang)']
    """
    rule = Selection(COUNT, ("before",), "at_least", "at_boundary", threshold=threshold)
    ageing = Ageing(curve=CURVE)
    model = Careers(
        people=people,
        rate=rate,
        own_sd=own_sd,
        drift_sd=drift_sd,
        confounds=(ageing,),
        programme=Programme(ratio=ratio),
        enrolment=Enrolment(selection=rule),
    )
    known: dict[str, Any] = {
        "comparable_mean": rate * float(model.windows[0].days or 0) / YEAR,
        "shape": 1 / math.expm1(own_sd**2 + drift_sd**2),
    }
    estimators: dict[str, Any] = {"nothing": RateRatio()}
    adjusted: dict[str, Any] = {"ageing": Ledger((ageing,), draws=draws)}
    for method in methods:
        check_choice(method, ADJUSTMENTS, "single_group methods")
        line = RegressionToMean(method=method, **{name: known[name] for name in ADJUSTMENTS[method]})
        estimators[f"regression ({method})"] = Ledger((line,), draws=draws)
        adjusted[f"ageing and regression ({method})"] = Ledger((ageing, line), draws=draws)
    return Design(model, {"att_ratio": att_ratio}, {ONE_GROUP: BeforeAfter()}, estimators | adjusted)

"""The steps of an evaluation of a printed table, each a function of the study and its rebuilt cohorts."""

from collections.abc import Iterator
from dataclasses import replace
from math import ceil, floor

import numpy as np

from iom_causal import words
from iom_causal.beliefs import Range
from iom_causal.cohort import Cohort
from iom_causal.confounds.detection import Detection
from iom_causal.confounds.evidence import load_evidence
from iom_causal.errors import (
    ConvergenceError,
    DegenerateDataError,
    InfeasibleError,
    InputError,
    NotIdentifiedError,
    SpecError,
)
from iom_causal.estimate import Estimate
from iom_causal.estimators import (
    EffectSize,
    NegativeBinomialMixed,
    PairedT,
    PoissonFixedEffects,
    PoissonMixed,
    RateRatio,
)
from iom_causal.ledger import Ledger
from iom_causal.moments import Moments
from iom_causal.numerics.ranks import rank_biserial
from iom_causal.panel import Panel
from iom_causal.published.bounds import count_bounds
from iom_causal.published.rebuilt import chain_table, range_over, ranges
from iom_causal.published.reconstruct import reconstruct
from iom_causal.published.study import PublishedStudy
from iom_causal.report.ledger_sections import LedgerUnder
from iom_causal.report.sections import FeatureRange
from iom_causal.roles import batch
from iom_causal.sensitivity.regression_to_mean import RegressionTipping, regression_tipping
from iom_causal.sensitivity.tipping import tipping
from iom_causal.simulate.null_calibration import NullCalibration, null_calibration
from iom_causal.simulate.null_phrases import NOT_COMPUTED
from iom_causal.specs import get_path
from iom_causal.streams import Streams

MIXED = 1.1
"""R-hat above which sampled ranges are called examples."""
PATIENCE = 60.0
"""Seconds for one pair of bounds; the bundled studies need a tenth of it, so that it decides nothing there."""
LACKING = "IOM-E112"
"""The code of a print that lacks what a rebuilding needs."""
UNREAD = (LACKING, "IOM-E067")
"""The codes of printed moments that lack something or cannot all be right; the audit says which."""
UNBUILT = (LACKING, "IOM-E110", "IOM-E111")
"""The codes after which an evaluation goes on without rebuilt people, and says so."""


def rebuilt_cohorts(study: PublishedStudy, seed: int, draws: int) -> tuple[Cohort | None, tuple[str, ...]]:
    """Rebuild cohorts, or say why none could be."""
    try:
        return reconstruct(study, draws=draws, rng=Streams(seed, study.citation).generator("reconstruct")), ()
    except (InputError, InfeasibleError, ConvergenceError) as error:
        if error.code not in UNBUILT:
            raise
        return None, (f"No cohort was rebuilt: {error.message}.",)


def changes(study: PublishedStudy, cohorts: Cohort | None) -> Iterator[Estimate]:
    """Estimate the change of every outcome from its printed moments."""
    for outcome in study.outcomes:
        printed = _moments(study, outcome.name)
        if printed is None or printed.t is None:
            continue
        if printed.kind == "count" and printed.mean_pre:
            yield RateRatio()(printed)
            yield RateRatio(se="conditional")(printed)
        if printed.mean_change is not None and printed.sd_change:
            yield PairedT()(printed)
        for kind in ("dz", "r"):
            yield EffectSize(kind)(printed)
        if cohorts is not None:
            yield _rank_biserial(cohorts, outcome.name)


MODELS = (
    PoissonFixedEffects(),
    PoissonMixed(mixing="gamma"),
    PoissonMixed(mixing="lognormal"),
    PoissonMixed(mixing="bivariate"),
    NegativeBinomialMixed(),
)
MODELLED = 120
"""How many of the rebuilt cohorts the models are fitted to, spread over the base measures."""


def models(cohorts: Cohort) -> Iterator[Estimate]:
    """Fit every model to rebuilt cohorts: what is pinned stands as one value, the rest as a range."""
    for name, panel in cohorts.items():
        if panel.kind != "count":
            continue
        step = max(1, (panel.replicates or 1) // MODELLED)
        some = replace(panel, outcome=panel.outcome[::step], age=None, covariates={})
        for spec in MODELS:
            many = batch(spec, some)
            low, high = many.range()
            yield Estimate(
                outcome=name,
                method=many.method,
                estimand=many.estimand,
                term=many.term,
                scale=many.scale,
                set_low=low,
                set_high=high,
                interval="none",
                n_input=many.n_input,
                n_used=panel.n_complete,
                notes=(f"range over {len(many)} cohorts that print the same; no finding about the study",),
                spec=spec,
                pinned=many.base.pinned if many.base is not None else False,
            )


def _rank_biserial(cohorts: Cohort, name: str) -> Estimate:
    panel = cohorts[name]
    changes = (panel.after - panel.before).astype(float)
    low, high = range_over(cohorts, [float(rank_biserial(c[~np.isnan(c)])) for c in changes])["all"]
    return Estimate(
        outcome=name,
        method="rank-biserial correlation",
        scale="correlation",
        set_low=low,
        set_high=high,
        interval="none",
        n_input=panel.n,
        n_used=panel.n_complete,
        notes=(f"middle 95% of {len(changes)} cohorts that print the same; no finding about the study",),
        pinned=False,
    )


def narrow(estimates: tuple[Estimate, ...]) -> Iterator[str]:
    """Say which intervals are too narrow, and by how much."""
    for e in estimates:
        yield from (f"{e.outcome}, {e.method}: {note}." for note in e.notes if note.startswith("too narrow"))


def _moments(study: PublishedStudy, name: str) -> Moments | None:
    try:
        return study[name]
    except InputError as error:
        if error.code not in UNREAD:
            raise
        return None


def people(study: PublishedStudy, cohorts: Cohort, features: tuple[str, ...]) -> Iterator[FeatureRange]:
    """Bound how many people changed, over all cohorts that print the same."""
    for outcome in study.outcomes:
        if outcome.kind != "count":
            continue
        sampled = ranges(cohorts, outcome.name, features).query("measure == 'all'").set_index("feature")
        for named in features:
            bounds = count_bounds(study, outcome.name, named, seconds=PATIENCE)
            yield FeatureRange(
                outcome=outcome.name,
                feature=named,
                low=round(bounds.low),
                high=round(bounds.high),
                sampled_low=floor(sampled["low"][named]),
                sampled_high=ceil(sampled["high"][named]),
                exact=bounds.exact,
            )


def mixing(cohorts: Cohort, people: tuple[FeatureRange, ...]) -> str:
    """Say how well the chains behind the rebuilt cohorts have mixed."""
    table = chain_table(cohorts).dropna(subset=["r_hat"])
    table = table[table["outcome"].isin([p.outcome for p in people])]
    if table.empty:
        return words.UNMIXED
    mixed = f"R-hat at most {table['r_hat'].max():.2f}, effective size at least {table['ess'].min():.0f}."
    return mixed if table["r_hat"].max() <= MIXED else f"{mixed} {words.UNMIXED}"


def regression(study: PublishedStudy) -> tuple[tuple[RegressionTipping, ...], tuple[str, ...]]:
    """Work out what regression to the mean alone could do, or why it cannot be told."""
    views, unread = [], []
    for outcome in study.outcomes:
        printed = _moments(study, outcome.name)
        if outcome.kind != "count":
            unread.append(words.SCORE_REGRESSION.format(outcome.name))
            continue
        try:
            views.append(regression_tipping(study[outcome.name] if printed is None else printed))
        except (InputError, DegenerateDataError) as error:
            unread.append(words.NO_REGRESSION.format(outcome.name, error.message))
    return tuple(views), tuple(unread)


BACKGROUND = Range(0.9, 1.0)
"""After over before without the programme, picking apart: ageing and trend of 10% down to none."""


def null_calibrations(study: PublishedStudy, seed: int) -> tuple[tuple[NullCalibration, ...], tuple[str, ...]]:
    """Calibrate the fall of every count with the programme switched off, or say why that cannot be."""
    found, absent = [], []
    for outcome in study.outcomes:
        try:
            found.append(null_calibration(study, outcome=outcome.name, background_ratio=BACKGROUND, rng=seed))
        except (InputError, NotIdentifiedError) as error:
            absent.append(NOT_COMPUTED.format(outcome.name, error.message.removeprefix(f"{outcome.name}: ")))
    return tuple(found), tuple(absent)


TIPPED = ("detection.ratio", "regression_to_mean.comparable_mean", "ageing.strength", "history.elasticity")
"""The settings that are moved one at a time, where a set of evidence has them."""


def ledgers(study: PublishedStudy, cohorts: Cohort | None, seed: int) -> tuple[LedgerUnder, ...]:
    """Draw up the ledger of the first count under every set of evidence that the study names."""
    counts = [o.name for o in study.outcomes if o.kind == "count"]
    printed = _moments(study, counts[0]) if counts else None
    if printed is None or printed.t is None or printed.mean_change is None:
        return ()
    people = None if cohorts is None else cohorts[counts[0]].replicate(0)
    return tuple(_ledger(name, printed, people, seed) for name in study.evidence)


def _ledger(name: str, printed: Moments, people: Panel | None, seed: int) -> LedgerUnder:
    ledger = Ledger.from_evidence(name)
    tried = replace(ledger, confounds=(*ledger.confounds, Detection()))
    fields = [f for f in TIPPED if _has_number(tried, f)]
    return LedgerUnder(
        evidence=load_evidence(name),
        result=ledger(printed, rng=seed),
        rebuilt=None if people is None else ledger(people, rng=seed),
        tips=tuple(tipping(tried, printed, f) for f in fields),
    )


def _has_number(ledger: Ledger, field: str) -> bool:
    try:
        return get_path(ledger, field) is not None
    except SpecError:
        return False

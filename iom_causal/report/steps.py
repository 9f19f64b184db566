"""The steps of an evaluation of a printed table, each a function of the study and its rebuilt cohorts."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, replace
from functools import partial
from math import ceil, floor
from typing import Any, NamedTuple

import numpy as np

from iom_causal.analysis.results import FeatureRange, LedgerUnder
from iom_causal.base.setting_paths import get_path
from iom_causal.beliefs import Range
from iom_causal.cohort import Cohort
from iom_causal.confounds.attrition import Attrition
from iom_causal.confounds.detection import Detection
from iom_causal.confounds.evidence import Evidence, load_evidence
from iom_causal.confounds.score_error import ScoreError
from iom_causal.errors import (
    CODES,
    ConvergenceError,
    DegenerateDataError,
    InfeasibleError,
    InputError,
    IomCausalError,
    SpecError,
)
from iom_causal.estimate import Estimate
from iom_causal.estimate.notes import TOO_NARROW, of_kind
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
from iom_causal.null.calibrate import SIMS, null_calibration
from iom_causal.null.result import NullCalibration
from iom_causal.null.sentences import NOT_COMPUTED
from iom_causal.numerics.inference.ranks import rank_biserial
from iom_causal.panel import Panel
from iom_causal.published.rebuild.bounds import count_bounds
from iom_causal.published.rebuild.ranges import chain_table, range_over, ranges
from iom_causal.published.rebuild.reconstruct import reconstruct
from iom_causal.published.records import Outcome
from iom_causal.published.study import PublishedStudy
from iom_causal.report import phrases, sentences
from iom_causal.roles import batch
from iom_causal.sensitivity.regression_tipping import RegressionTipping, regression_tipping
from iom_causal.sensitivity.tipping import Tipping, tipping
from iom_causal.streams import Streams

MIXED = 1.1
"""R-hat above which sampled ranges are called examples."""
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


NAMES = ("Poisson", "McNemar")
"""Words in the names of estimators that keep their capitals, as those of capitals alone do."""
KINDS = ("kind", "mixing")
"""Settings without which the name of an estimator does not tell which it is."""


def in_words(spec: Any) -> str:
    """Return an estimator in words: its kind, and what else is not as usual.

    Examples
    --------
    >>> in_words(EffectSize("dz")), in_words(PoissonMixed(mixing="gamma"))
    ('effect size dz', 'Poisson mixed gamma')
    """
    parts = re.findall("|".join(NAMES) + "|[A-Z]{2,}(?![a-z])|[A-Z][a-z]*", type(spec).__name__)
    name = " ".join(part if part in NAMES or (len(part) > 1 and part.isupper()) else part.lower() for part in parts)
    told = [
        value.replace("_", " ")
        for f in fields(spec)
        if isinstance(value := getattr(spec, f.name), str) and (f.name in KINDS or value != f.default)
    ]
    return " ".join([name, *told])


class Found(NamedTuple):
    """Estimates, and sentences on what was not computed and why."""

    estimates: tuple[Estimate, ...]
    sentences: tuple[str, ...]


def gathered(jobs: Iterable[tuple[str, str, Callable[[], Estimate]]]) -> Found:
    """Run each job, an outcome, what is estimated of it and how; what refuses says why, and the rest go on."""
    estimates, sentences = [], []
    for name, what, job in jobs:
        try:
            estimates.append(job())
        except IomCausalError as error:
            sentences.append(not_computed(name, what, error))
    return Found(tuple(estimates), tuple(sentences))


def not_computed(name: str, what: str, error: IomCausalError) -> str:
    """Say of an outcome what is not computed, and why.

    Examples
    --------
    >>> not_computed("arrests", "RateRatio", InputError("IOM-E061", "arrests: nobody is left."))
    'For arrests, RateRatio is not computed: nobody is left.'
    """
    return phrases.NOT_COMPUTED.format(name, what, reason(name, error))


def reason(name: str, error: IomCausalError) -> str:
    """Return why something is not computed of an outcome, for a sentence that names it and ends by itself."""
    return error.message.removeprefix(f"{name}: ").rstrip(".")


def changes(study: PublishedStudy, cohorts: Cohort | None) -> Found:
    """Estimate the change of every outcome from its printed moments; what refuses says why."""
    return gathered(_changes(study, cohorts))


def _changes(study: PublishedStudy, cohorts: Cohort | None) -> Iterator[tuple[str, str, Callable[[], Estimate]]]:
    for outcome in study.outcomes:
        printed = _moments(study, outcome.name)
        if printed is None or printed.t is None:
            continue
        counted = printed.kind == "count" and printed.mean_pre
        specs: tuple[Any, ...] = (
            *((RateRatio(), RateRatio(se="conditional")) if counted else ()),
            *((PairedT(),) if printed.mean_change is not None and printed.sd_change else ()),
            EffectSize("dz"),
            EffectSize("r"),
        )
        yield from ((outcome.name, in_words(spec), partial(spec, printed)) for spec in specs)
        if cohorts is not None:
            yield outcome.name, "rank-biserial correlation", partial(_rank_biserial, cohorts, outcome.name)


MODELS = (
    PoissonFixedEffects(),
    PoissonMixed(mixing="gamma"),
    PoissonMixed(mixing="lognormal"),
    PoissonMixed(mixing="bivariate"),
    NegativeBinomialMixed(),
)
MODELLED = 120
"""How many of the rebuilt cohorts the models are fitted to, spread over the base measures."""


def models(cohorts: Cohort) -> Found:
    """Fit every model to rebuilt cohorts: what is pinned stands as one value, the rest as a range."""
    return gathered(_models(cohorts))


def _models(cohorts: Cohort) -> Iterator[tuple[str, str, Callable[[], Estimate]]]:
    for name, panel in cohorts.items():
        if panel.kind != "count":
            continue
        step = max(1, (panel.replicates or 1) // MODELLED)
        some = replace(panel, outcome=panel.outcome[::step], age=None, covariates={})
        yield from ((name, in_words(spec), partial(_model, spec, some)) for spec in MODELS)


def _model(spec: Any, panel: Panel) -> Estimate:
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
        yield from (f"{e.outcome}, {e.method}: {note}." for note in of_kind(e.notes, TOO_NARROW))


def _moments(study: PublishedStudy, name: str) -> Moments | None:
    try:
        return study[name]
    except InputError as error:
        if error.code not in UNREAD:
            raise
        return None


def went(outcome: Outcome) -> str:
    """Return which way people went if they went as the mean did."""
    before, after = outcome.before.mean, outcome.after.mean
    return "went up" if before is not None and after is not None and after.exact > before.exact else "went down"


COUNTED = ("went down", "went up", "zero after")
"""How many people are counted of: those who changed, and those who have none after."""


def people(study: PublishedStudy, cohorts: Cohort, *, quick: bool = False) -> Iterator[FeatureRange]:
    """Bound how many people changed, over all cohorts that print the same; if quick, only as the mean did."""
    for outcome in study.outcomes:
        if outcome.kind != "count":
            continue
        features = (went(outcome),) if quick else COUNTED
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


def mixing(cohorts: Cohort, people: tuple[FeatureRange, ...]) -> str:
    """Say how well the chains behind the rebuilt cohorts have mixed."""
    table = chain_table(cohorts).dropna(subset=["r_hat"])
    table = table[table["outcome"].isin([p.outcome for p in people])]
    if table.empty:
        return phrases.UNMIXED
    mixed = f"R-hat at most {table['r_hat'].max():.2f}, effective size at least {table['ess'].min():.0f}."
    return mixed if table["r_hat"].max() <= MIXED else f"{mixed} {phrases.UNMIXED}"


def regression(study: PublishedStudy) -> tuple[tuple[RegressionTipping, ...], tuple[str, ...]]:
    """Work out what regression to the mean alone could do, or why it cannot be told."""
    views, unread = [], []
    for outcome in study.outcomes:
        printed = _moments(study, outcome.name)
        if outcome.kind != "count":
            share = outcome.kind == "binary"
            unread.append((phrases.SHARE_REGRESSION if share else phrases.SCORE_REGRESSION).format(outcome.name))
            continue
        try:
            views.append(regression_tipping(study[outcome.name] if printed is None else printed))
        except IomCausalError as error:
            unread.append(phrases.NO_REGRESSION.format(outcome.name, error.message))
    return tuple(views), tuple(unread)


BACKGROUND = Range(0.9, 1.0)
"""After over before without the programme, picking apart: ageing and trend of 10% down to none."""


QUICK_SIMS = 1_000
"""Cohorts a world of the null calibration, for a first look."""


def null_calibrations(
    study: PublishedStudy, seed: int, *, quick: bool = False
) -> tuple[tuple[NullCalibration, ...], tuple[str, ...]]:
    """Calibrate the fall of every count with the programme switched off, or say why that cannot be."""
    found, absent = [], []
    sims = QUICK_SIMS if quick else SIMS
    for outcome in study.outcomes:
        try:
            found.append(
                null_calibration(study, outcome=outcome.name, background_ratio=BACKGROUND, rng=seed, sims=sims)
            )
        except IomCausalError as error:
            absent.append(NOT_COMPUTED.format(outcome.name, reason(outcome.name, error)))
    return tuple(found), tuple(absent)


TIPPED: Mapping[str, tuple[str, ...]] = {
    "count": (
        "detection.ratio",
        "regression_to_mean.comparable_mean",
        "regression_to_mean.events",
        "ageing.strength",
        "history.elasticity",
    ),
    "score": (
        "score_regression.sem",
        "score_regression.edge_density",
        "remission.per_month",
        "remission.share",
        "score_error.points_per_event",
        "attrition.delta",
    ),
}
"""The settings that are moved one at a time, where a set of evidence has them."""
NEUTRAL = {"count": (Detection(),), "score": ()}
"""Allowances of nothing whose settings are moved too, though no set of evidence has them."""
FASTEST = 365.25
"""Points a year up to which drift is searched: one a day."""
REBUILT, REBUILT_DRAWS = 6, 2000
"""How many rebuilt cohorts a ledger is drawn up on, spread over the base measures, and with how many draws each."""
LEAST_SETS = 3
"""A figure that rests on beliefs is shown under so many sets of evidence or not at all."""


class Ledgers(NamedTuple):
    """The ledgers of one outcome.

    Attributes
    ----------
    under : tuple of LedgerUnder
        One a set of evidence; empty where there are none.
    sentences : tuple of str
        On the allowances that the data cannot give.
    whole : bool
        Whether every set has all its lines, so that together they show how far the answer depends on beliefs.
    drift : str
        What is left where rates move by themselves, which these sets leave out.
    """

    under: tuple[LedgerUnder, ...]
    sentences: tuple[str, ...]
    whole: bool = False
    drift: str = ""


def ledgers(study: PublishedStudy, cohorts: Cohort | None, seed: int) -> tuple[Ledgers, ...]:
    """Draw up the ledger of the first count and of the first score, each under every set of evidence for its kind.

    Raises
    ------
    SpecError
        IOM-E093 for an unknown set, IOM-E096 where the study names fewer than three for a kind of outcome it has.
    """
    return tuple(each for kind in TIPPED for each in _ledgers(study, cohorts, seed, kind))


def _ledgers(study: PublishedStudy, cohorts: Cohort | None, seed: int, kind: str) -> Iterator[Ledgers]:
    sets = [found for name in study.evidence if (found := load_evidence(name)).kind == kind]
    printed = next((_moments(study, o.name) for o in study.outcomes if o.kind == kind), None)
    if not sets or printed is None or printed.t is None or printed.completions()[0].mean_change is None:
        return
    if len(sets) < LEAST_SETS:
        raise SpecError(
            "IOM-E096", f"published.evidence: expected at least {LEAST_SETS} sets for a {kind}, got {len(sets)}; "
            "one answer alone would pass for the answer"
        )  # fmt: skip
    people = () if cohorts is None else tuple(_spread(cohorts[printed.name]))
    under, failed = [], []
    for evidence in sets:
        try:
            under.append(_ledger(evidence, printed, people, seed))
        except IomCausalError as error:
            failed.append(not_computed(printed.name, f"the ledger under {evidence.name}", error))
    if len(under) < LEAST_SETS:
        yield Ledgers((), (phrases.FEW_SETS.format(printed.name, LEAST_SETS), *failed))
    else:
        yield Ledgers(tuple(under), tuple(failed), whole=not failed)


def _spread(panel: Panel) -> Iterator[Panel]:
    replicates = panel.replicates or 1
    yield from (panel.replicate(k) for k in range(0, replicates, max(1, replicates // REBUILT)))


def _ledger(evidence: Evidence, printed: Moments, people: tuple[Panel, ...], seed: int) -> LedgerUnder:
    ledger = Ledger(evidence.on(printed.name))
    tried = replace(ledger, confounds=(*ledger.confounds, *NEUTRAL[printed.kind]))
    fewer = replace(ledger, draws=REBUILT_DRAWS)
    return LedgerUnder(
        evidence=evidence,
        result=ledger(printed, rng=seed),
        rebuilt=tuple(fewer(panel, rng=seed) for panel in people),
        tried=tried,
        tips=tuple(tipping(tried, printed, f) for f in TIPPED[printed.kind] if _moves(tried, f)),
    )


def _moves(ledger: Ledger, field: str) -> bool:
    try:
        return get_path(ledger, field) is not None
    except SpecError:
        return False


def score_alone(study: PublishedStudy) -> tuple[tuple[str, ...], tuple[Tipping, ...]]:
    """Say of the first score what lost people could do, and which drift alone would leave nothing."""
    printed = next((_moments(study, o.name) for o in study.outcomes if o.kind == "score"), None)
    if printed is None or printed.completions()[0].mean_change is None:
        return (), ()
    drift = tipping(Ledger((ScoreError(),)), printed, "score_error.drift_per_year", low=-FASTEST, high=FASTEST)
    return tuple(_lost(printed)), ((drift,) if printed.exposure else ())


def _lost(printed: Moments) -> Iterator[str]:
    if printed.range_pre is None or printed.range_post is None or printed.n_input in {None, printed.n}:
        return
    support = min(printed.range_pre[0], printed.range_post[0]), max(printed.range_pre[1], printed.range_post[1])
    yield sentences.lost_sentence(
        printed.name,
        printed.n_input or printed.n,
        printed.n,
        Attrition().tipping_mean(printed),
        support,
        Attrition().bounds(printed, support),
    )

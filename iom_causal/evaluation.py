"""An evaluation: from a published table to the report, in reporting order."""

import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from importlib.metadata import version
from math import ceil, floor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from iom_causal import words
from iom_causal.cohort import Cohort
from iom_causal.confounds.detection import Detection
from iom_causal.confounds.evidence import load_evidence
from iom_causal.errors import ConvergenceError, DegenerateDataError, InfeasibleError, InputError, SpecError
from iom_causal.estimate import COLUMNS, Estimate
from iom_causal.estimators import (
    EffectSize,
    NegativeBinomialMixed,
    PairedT,
    PoissonFixedEffects,
    PoissonMixed,
    RateRatio,
)
from iom_causal.formats import fixed
from iom_causal.ledger import Ledger
from iom_causal.moments import Moments
from iom_causal.numerics.partial_test import completer_bounds
from iom_causal.numerics.ranks import rank_biserial
from iom_causal.panel import Panel
from iom_causal.published.audit import audit
from iom_causal.published.bounds import count_bounds
from iom_causal.published.checks_partial import partial_print
from iom_causal.published.findings import Finding, Findings
from iom_causal.published.rebuilt import chain_table, range_over, ranges
from iom_causal.published.reconstruct import reconstruct
from iom_causal.published.study import PublishedStudy, load_published
from iom_causal.report import folder, html, sections, text
from iom_causal.report.page import Page
from iom_causal.report.recomputed import recomputed
from iom_causal.report.sections import FeatureRange, LedgerUnder, Recomputed
from iom_causal.roles import batch
from iom_causal.sensitivity.regression_to_mean import RegressionTipping, regression_tipping
from iom_causal.sensitivity.tipping import tipping
from iom_causal.specs import digest, get_path
from iom_causal.streams import Streams

if TYPE_CHECKING:
    import pandas as pd

DRAWS, QUICK_DRAWS = 600, 240
COUNTED, QUICK_COUNTED = ("went down", "went up", "zero after"), ("went down",)
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


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Evaluation:
    """Everything that was found about one study.

    Parameters
    ----------
    study : PublishedStudy
        What was read.
    findings : Findings
        The audit.
    table : tuple of Recomputed
        Printed statistics beside those of the rebuilt cohort.
    estimates : tuple of Estimate
        The change itself.
    people : tuple of FeatureRange
        How many people changed, over all cohorts that print the same.
    regression : tuple of RegressionTipping
        What regression to the mean alone could do.
    ledgers : tuple of LedgerUnder
        What remains, under every named set of evidence.
    cohorts : Cohort or None
        The rebuilt cohorts; None where the table does not print enough.
    page : Page
        The report as values.
    seed : int
        Of every random step.
    """

    study: PublishedStudy
    findings: Findings
    table: tuple[Recomputed, ...]
    estimates: tuple[Estimate, ...]
    people: tuple[FeatureRange, ...]
    regression: tuple[RegressionTipping, ...]
    ledgers: tuple[LedgerUnder, ...]
    cohorts: Cohort | None
    page: Page
    seed: int

    def summary(self) -> str:
        """Return the report as text, without the sections that are for the page only."""
        return text.render(self.page)

    def __str__(self) -> str:
        return self.summary()

    def __repr__(self) -> str:
        return f"Evaluation({self.study.citation!r}, {len(self.findings)} findings, seed {self.seed})"

    def files(self) -> dict[str, str | bytes]:
        """Return every file of the report by name."""
        import pandas as pd  # noqa: PLC0415 slow to load

        estimates = pd.DataFrame([e.row() for e in self.estimates], columns=list(COLUMNS))
        out: dict[str, str | bytes] = {
            "report.html": html.render(self.page),
            "estimates.csv": folder.csv_text(estimates),
            "findings.csv": folder.csv_text(self.findings.tidy()),
        }
        if self.people:
            out["people.csv"] = folder.csv_text(pd.DataFrame(self.people))
        if self.regression:
            curves = pd.concat([view.tidy() for view in self.regression], ignore_index=True)
            out["sensitivity.csv"] = folder.csv_text(curves)
        if self.ledgers:
            out["ledger.csv"] = folder.csv_text(_ledger_table(self.ledgers))
        return out | {f"figures/{figure.name}.svg": figure.svg for figure in self.page.figures}

    def write(self, out: Path | str) -> tuple[Path, ...]:
        """Write the report into a folder, whole or not at all.

        Raises
        ------
        SpecError
            IOM-E090 when the folder is unsafe or holds files that this tool did not write.
        """
        return folder.write(Path(out), self.files(), manifest(self.study, self.seed), work("evaluate", self.study))


def evaluate(
    study: PublishedStudy | str | Path,
    *,
    out: Path | str | None = None,
    rng: int = 1,
    quick: bool = False,
    progress: Callable[[str], None] | None = None,
) -> Evaluation:
    """Evaluate a published before/after table, in reporting order.

    Audits the print, rebuilds cohorts that print the same, estimates the change with a robust
    interval, bounds how many people changed, and works out what regression to the mean alone could do.

    Parameters
    ----------
    study : PublishedStudy, str or path
        What to evaluate: a bundled name, or the path of a ``[published]`` TOML file.
    out : path, optional
        A folder to write the report into.
    rng : int
        The seed of every random step.
    quick : bool
        Rebuild fewer cohorts, and give the bounds less time.
    progress : callable, optional
        Told what is done next.

    Returns
    -------
    Evaluation
        With `summary()`, `files()` and `write(out)`.

    Raises
    ------
    IomCausalError
        When the study cannot be read or contradicts itself in form, or the folder is not ours.

    Examples
    --------
    >>> result = evaluate("template", quick=True)
    >>> [view.moments.name for view in result.regression]
    ['contacts']
    """
    tell = progress or (lambda _message: None)
    paper = study if isinstance(study, PublishedStudy) else load_published(study)
    if out is not None:
        folder.check_target(Path(out), work("evaluate", paper))
    tell("auditing the printed numbers")
    findings = audit(paper)
    tell("rebuilding cohorts that print the same")
    cohorts, missing = _rebuild(paper, rng, QUICK_DRAWS if quick else DRAWS)
    tell("bounding how many people changed")
    people = () if cohorts is None else tuple(_people(paper, cohorts, QUICK_COUNTED if quick else COUNTED))
    tell("estimating the change")
    estimates = tuple(_changes(paper, cohorts))
    models = () if cohorts is None else tuple(_models(cohorts))
    tell("drawing up the ledger")
    ledgers = _ledgers(paper, cohorts)
    regression, unread = _regression(paper)
    table = () if cohorts is None else recomputed(paper, cohorts.replicate(0))
    page = Page(
        title=f"How much of the change was the programme's? {paper.title}",
        subtitle=f"{paper.citation}. {findings.version}",
        synthetic=cohorts is not None,
        lead=_lead(paper),
        can_say=_can_say(paper, findings, estimates, people, regression, ledgers),
        cannot_say=_cannot_say(paper),
        sections=(
            *((sections.printed_numbers(table, paper),) if table else ()),
            *sections.audit_sections(findings),
            sections.change_section(estimates, (*missing, *_narrow(estimates))),
            *(
                (sections.people_section(people, cohorts.replicates or 1, _mixing(cohorts, people)),)
                if cohorts and people
                else ()
            ),
            *((sections.models_section(models),) if models else ()),
            sections.regression_section(regression, unread),
            *((sections.ledger_section(ledgers), sections.grounds_section(ledgers)) if ledgers else ()),
            sections.limitations_section(paper),
            sections.making_section(manifest(paper, rng)),
        ),
    )
    result = Evaluation(
        study=paper,
        findings=findings,
        table=table,
        estimates=estimates + models,
        people=people,
        regression=regression,
        ledgers=ledgers,
        cohorts=cohorts,
        page=page,
        seed=rng,
    )
    if out is not None:
        result.write(out)
    return result


def write_cohorts(study: PublishedStudy, *, draws: int, rng: int, out: Path) -> tuple[Path, ...]:
    """Write rebuilt cohorts as CSV, one file an outcome, marked as synthetic in name and content."""
    folder.check_target(out, work("reconstruct", study))
    cohorts = reconstruct(study, draws=draws, rng=Streams(rng, study.citation).generator("reconstruct"))
    contents: dict[str, str | bytes] = {
        f"SYNTHETIC_{name}.csv": folder.csv_text(panel.to_wide()) for name, panel in cohorts.items()
    }
    contents["SYNTHETIC_chains.csv"] = folder.csv_text(chain_table(cohorts))
    record = manifest(study, rng) | {"notes": list(cohorts.notes)}
    return folder.write(out, contents, record, work("reconstruct", study))


def _ledger_table(ledgers: tuple[LedgerUnder, ...]) -> "pd.DataFrame":
    import pandas as pd  # noqa: PLC0415 slow to load

    rows = [
        {
            "evidence": under.evidence.name,
            "outcome": under.result.outcome,
            "line": part.term,
            "log_ratio": part.estimate,
            "std_error": part.std_error,
            "conf_low": part.conf_low,
            "conf_high": part.conf_high,
            "per_person": under.result.diagnostics["attribution"].get(part.term),
        }
        for under in ledgers
        for part in under.result.parts
    ]
    return pd.DataFrame(rows)


def work(command: str, study: PublishedStudy) -> str:
    """Return what a folder of results holds, in words."""
    return f"{command} of {study.citation}"


def manifest(study: PublishedStudy, seed: int) -> dict[str, object]:
    """Return what is needed to make the same files again."""
    packages = ("iom-causal", "numpy", "scipy", "numba", "pandas", "matplotlib", "jinja2")
    return {
        "study": study.citation,
        "source_version": study.source_version,
        "study_digest": digest(study),
        "seed": seed,
        "synthetic": True,
        "synthetic_note": f"rebuilt cohorts: {words.REBUILT}",
        "versions": {name: version(name) for name in packages} | {"python": platform.python_version()},
    }


def _rebuild(study: PublishedStudy, seed: int, draws: int) -> tuple[Cohort | None, tuple[str, ...]]:
    try:
        return reconstruct(study, draws=draws, rng=Streams(seed, study.citation).generator("reconstruct")), ()
    except (InputError, InfeasibleError, ConvergenceError) as error:
        if error.code not in UNBUILT:
            raise
        return None, (f"No cohort was rebuilt: {error.message}.",)


def _changes(study: PublishedStudy, cohorts: Cohort | None) -> Iterator[Estimate]:
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


def _models(cohorts: Cohort) -> Iterator[Estimate]:
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


def _narrow(estimates: tuple[Estimate, ...]) -> Iterator[str]:
    for e in estimates:
        yield from (f"{e.outcome}, {e.method}: {note}." for note in e.notes if note.startswith("too narrow"))


def _moments(study: PublishedStudy, name: str) -> Moments | None:
    try:
        return study[name]
    except InputError as error:
        if error.code not in UNREAD:
            raise
        return None


def _people(study: PublishedStudy, cohorts: Cohort, features: tuple[str, ...]) -> Iterator[FeatureRange]:
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


def _mixing(cohorts: Cohort, people: tuple[FeatureRange, ...]) -> str:
    table = chain_table(cohorts).dropna(subset=["r_hat"])
    table = table[table["outcome"].isin([p.outcome for p in people])]
    if table.empty:
        return words.UNMIXED
    mixed = f"R-hat at most {table['r_hat'].max():.2f}, effective size at least {table['ess'].min():.0f}."
    return mixed if table["r_hat"].max() <= MIXED else f"{mixed} {words.UNMIXED}"


def _regression(study: PublishedStudy) -> tuple[tuple[RegressionTipping, ...], tuple[str, ...]]:
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


TIPPED = ("detection.ratio", "regression_to_mean.comparable_mean", "ageing.strength")
"""The settings that are moved one at a time, where a set of evidence has them."""


def _ledgers(study: PublishedStudy, cohorts: Cohort | None) -> tuple[LedgerUnder, ...]:
    """Draw up the ledger of the first count under every set of evidence that the study names."""
    counts = [o.name for o in study.outcomes if o.kind == "count"]
    printed = _moments(study, counts[0]) if counts else None
    if printed is None or printed.t is None or printed.mean_change is None:
        return ()
    people = None if cohorts is None else cohorts[counts[0]].replicate(0)
    return tuple(_ledger(name, printed, people) for name in study.evidence)


def _ledger(name: str, printed: Moments, people: Panel | None) -> LedgerUnder:
    ledger = Ledger.from_evidence(name)
    tried = replace(ledger, confounds=(*ledger.confounds, Detection()))
    fields = [f for f in TIPPED if _has_number(tried, f)]
    return LedgerUnder(
        evidence=load_evidence(name),
        result=ledger(printed, rng=1),
        rebuilt=None if people is None else ledger(people, rng=1),
        tips=tuple(tipping(tried, printed, f) for f in fields),
    )


def _has_number(ledger: Ledger, field: str) -> bool:
    try:
        return get_path(ledger, field) is not None
    except SpecError:
        return False


def _lead(study: PublishedStudy) -> tuple[str, ...]:
    level = () if study.comparison_group else (words.LEVEL_TWO,)
    cautious = (
        f"The authors' own words of caution: {words.listed(words.quote(h) for h in study.hedges)}."
        if study.hedges
        else ""
    )
    return (*level, *((cautious,) if cautious else ()), *(() if study.invented else (words.AS_PUBLISHED,)))


def _names(study: PublishedStudy) -> tuple[str, ...]:
    return tuple(o.name for o in study.outcomes)


def _figures(findings: Findings) -> tuple[Finding, ...]:
    """Return the checks of figures; a size of the wrong kind leaves test, means and direction as they are."""
    return tuple(f for f in findings if f.claim is None and not f.check.startswith(("kind of effect", "effect sizes")))


def _can_say(
    study: PublishedStudy,
    findings: Findings,
    estimates: tuple[Estimate, ...],
    people: tuple[FeatureRange, ...],
    regression: tuple[RegressionTipping, ...],
    ledgers: tuple[LedgerUnder, ...],
) -> tuple[str, ...]:
    clash = any(f.verdict == "inconsistent" and f.subject.split(",")[0] in _names(study) for f in _figures(findings))
    said = [words.DISAGREE] if clash else []
    said += [
        words.bare_change_sentence(o.name, o.before.mean.value, o.after.mean.value)
        for o in study.outcomes
        if o.name not in {e.outcome for e in estimates}
        and o.before.mean
        and o.after.mean
        and partial_print(study, o) is None
    ]
    for e in estimates:
        robust = isinstance(e.spec, RateRatio) and e.spec.se == "robust"
        if robust and e.estimate is not None and e.conf_low is not None and e.conf_high is not None:
            said.append(
                words.change_sentence(
                    e.outcome,
                    e.estimate,
                    e.conf_low,
                    e.conf_high,
                    level=e.conf_level,
                    per_day=bool(study.spans),
                )
            )
    for outcome in study.outcomes:
        partial = partial_print(study, outcome)
        if partial is not None:
            change = completer_bounds(partial).change
            score = outcome.kind == "score"
            said.append(words.completers_sentence(outcome.name, change.low, change.high, partial.n, score=score))
    said += [
        words.people_sentence(p.outcome, p.low, p.high, study.sample.n.count)
        for p in people
        if p.feature == "went down" and study.outcome(p.outcome).kind == "count"
    ]
    said += [
        words.expected_anyway_sentence(view.moments.name, view.tipping.mean)
        for view in regression
        if view.tipping_is_usable
    ]
    if ledgers:
        said.append(
            words.beliefs_sentence(
                f"The ratio of {ledgers[0].result.outcome} that remains after ageing, trend and regression to the "
                "mean, if these allowances are right,",
                {u.evidence.name: fixed(u.result.estimate or 0, 2) for u in ledgers},
            )
        )
    return tuple(said)


def _cannot_say(study: PublishedStudy) -> tuple[str, ...]:
    counts = any(o.kind == "count" for o in study.outcomes)
    return (
        words.not_settled("how much of the change was the programme's share", f"help {study.people}"),
        *((words.NOT_OFFENCES,) if counts and study.limitation("c03") else ()),
        words.NOT_ANYONE,
    )

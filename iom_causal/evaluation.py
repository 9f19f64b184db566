"""An evaluation: from a published table, or from one's own people, to the report, in reporting order."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from iom_causal.analysis.recomputed import recomputed
from iom_causal.analysis.release import PRINT, Source
from iom_causal.analysis.results import FeatureRange, LedgerUnder, Recomputed
from iom_causal.analysis.subject import StudyPeople, read_people
from iom_causal.base import output, wording
from iom_causal.base.names import check_names
from iom_causal.base.specs import digest, kind_of
from iom_causal.cohort import Cohort
from iom_causal.estimate import COLUMNS, Estimate
from iom_causal.ledger import lines
from iom_causal.null.result import NullCalibration
from iom_causal.numerics.plain import plain_number
from iom_causal.protocol.study import Study, load_study
from iom_causal.published.audit.audit import audit
from iom_causal.published.audit.findings import Findings
from iom_causal.published.rebuild.ranges import chain_table
from iom_causal.published.rebuild.reconstruct import reconstruct
from iom_causal.published.study import PublishedStudy, load_published
from iom_causal.report import box, ledger_sections, null_section, own_sections, own_steps, sections, short_report, steps
from iom_causal.report.render import html, text, word
from iom_causal.report.render.page import Page, reworded
from iom_causal.sensitivity.regression_tipping import RegressionTipping
from iom_causal.sensitivity.tipping import Tipping
from iom_causal.streams import Streams, check_seed

if TYPE_CHECKING:
    import pandas as pd

DRAWS, QUICK_DRAWS = 600, 240
MAKERS = ("iom-causal", "numpy", "scipy", "numba", "pandas", "matplotlib", "jinja2", "python-docx", "lxml")
CHAINS = "chains"


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Evaluation:
    """Everything that was found about one study.

    Parameters
    ----------
    study : PublishedStudy or StudyPeople
        What was read.
    findings : Findings or None
        The audit of a print.
    table : tuple of Recomputed
        Printed statistics beside those of the rebuilt cohort.
    estimates : tuple of Estimate
        The change itself.
    people : tuple of FeatureRange
        How many people changed, over all cohorts that print the same.
    null : tuple of NullCalibration
        How often such a fall would come with the programme switched off.
    regression : tuple of RegressionTipping
        What regression to the mean alone could do.
    ledgers : tuple of tuple of LedgerUnder
        What remains of each outcome, under every named set of evidence.
    cohorts : Cohort or None
        The people, or rebuilt cohorts; None where the table does not print enough.
    page : Page
        The report as values.
    seed : int
        Of every random step.
    source : Source
        Where the figures come from, and so how they may be given.
    """

    study: PublishedStudy | StudyPeople
    findings: Findings | None
    table: tuple[Recomputed, ...]
    estimates: tuple[Estimate, ...]
    people: tuple[FeatureRange, ...]
    null: tuple[NullCalibration, ...]
    regression: tuple[RegressionTipping, ...]
    ledgers: tuple[tuple[LedgerUnder, ...], ...]
    cohorts: Cohort | None
    page: Page
    seed: int
    source: Source = PRINT
    quick: bool = False

    def summary(self) -> str:
        """Return the report as text, without the sections that are for the page only."""
        return text.render(self.page)

    def __str__(self) -> str:
        return self.summary()

    def __repr__(self) -> str:
        return f"Evaluation({self.study.citation!r}, {len(self.estimates)} estimates, seed {self.seed})"

    def files(self) -> dict[str, str | bytes]:
        """Return every file of the report by name."""
        import pandas as pd  # noqa: PLC0415 slow to load

        estimates = pd.DataFrame([e.row() for e in self.estimates], columns=list(COLUMNS))
        out: dict[str, str | bytes] = {
            "report.html": html.render(self.page),
            "report-short.docx": word.render(short_report.compose(self.page)),
            "estimates.csv": output.csv_text(self.source.released(estimates)),
        }
        if self.findings is not None:
            out["findings.csv"] = output.csv_text(self.findings.tidy())
        if self.people:
            out["people.csv"] = output.csv_text(pd.DataFrame(self.people))
        if self.null:
            worlds = pd.concat([found.tidy() for found in self.null], ignore_index=True)
            out["null_calibration.csv"] = output.csv_text(self.source.released(worlds))
        if self.regression:
            curves = pd.concat([view.tidy() for view in self.regression], ignore_index=True)
            out["sensitivity.csv"] = output.csv_text(self.source.released(curves))
        if self.ledgers:
            out["ledger.csv"] = output.csv_text(self.source.released(_ledger_table(self.ledgers, self.source)))
        return output.gathered(out, *({f"figures/{f.name}.{f.form}": f.image} for f in self.page.figures))

    def write(self, out: Path | str) -> tuple[Path, ...]:
        """Write the report into a folder, whole or not at all.

        Raises
        ------
        SpecError
            IOM-E090 when the folder is unsafe or holds files that this tool did not write.
        """
        record = manifest(self.study, self.seed, quick=self.quick)
        return output.write(Path(out), self.files(), record, work("evaluate", self.study))


def evaluate(
    study: PublishedStudy | Study | StudyPeople | str | Path,
    *,
    out: Path | str | None = None,
    rng: int | None = None,
    quick: bool = False,
    progress: Callable[[str], None] | None = None,
) -> Evaluation:
    """Evaluate a published before/after table, or one's own people, in reporting order.

    Audits a print and rebuilds cohorts that print the same, or reads people and says what was set aside; estimates
    the change with a robust interval; works out how often such a fall would come with the programme switched off, and
    what regression to the mean alone could do; and draws up the ledger under every named set of evidence.

    Parameters
    ----------
    study : PublishedStudy, Study, StudyPeople, str or path
        What to evaluate: a bundled name, or the path of a ``[published]`` or ``[study]`` TOML file.
    out : path, optional
        A folder to write the report into.
    rng : int, optional
        The seed of every random step; by default the study's own, or 1.
    quick : bool
        Rebuild fewer cohorts, bound fewer counts, and draw ledgers and worlds without the programme fewer times.
    progress : callable, optional
        Told what is done next.

    Returns
    -------
    Evaluation
        With `summary()`, `files()` and `write(out)`.

    Raises
    ------
    IomCausalError
        When the study cannot be read or contradicts itself in form, the folder is not ours, or the seed is none.

    Examples
    --------
    >>> result = evaluate("template", quick=True)
    >>> [view.moments.name for view in result.regression]
    ['contacts']
    """
    tell = progress or (lambda _message: None)
    rng = plain_number(rng)
    if rng is not None:
        check_seed(rng, "rng (the seed)")
    own = _own_people(study, tell)
    if own is not None:
        return _of_people(own, out=out, seed=own.study.seed if rng is None else rng, quick=quick, tell=tell)
    paper = study if isinstance(study, PublishedStudy) else load_published(study)  # type: ignore[arg-type]
    rng = 1 if rng is None else rng
    if out is not None:
        output.check_target(Path(out), work("evaluate", paper), tell)
    tell("auditing the printed numbers")
    findings = audit(paper)
    tell("rebuilding cohorts that print the same")
    cohorts, missing = steps.rebuilt_cohorts(paper, rng, QUICK_DRAWS if quick else DRAWS)
    tell("bounding how many people changed")
    people = () if cohorts is None else tuple(steps.people(paper, cohorts, quick=quick))
    tell("estimating the change")
    changes = steps.changes(paper, cohorts)
    models = steps.Found((), ()) if cohorts is None else steps.models(cohorts)
    estimates = changes.estimates
    tell("switching the programme off")
    null, uncalibrated = steps.null_calibrations(paper, rng, quick=quick)
    tell("drawing up the ledger")
    drawn = steps.ledgers(paper, cohorts, rng)
    ledgers = tuple(each.under for each in drawn if each.under)
    without = [why for each in drawn if not each.under for why in each.sentences]
    alone = {"count": ((), ()), "score": steps.score_alone(paper)}
    regression, unread = steps.regression(paper)
    table = () if cohorts is None else recomputed(paper, cohorts.replicate(0))
    page = Page(
        title=f"How much of the change was the programme's? {paper.title}",
        subtitle=f"{paper.citation}. {findings.version}",
        synthetic=cohorts is not None,
        lead=box.lead(paper),
        can_say=box.can_say(paper, findings, estimates, people, null, regression, ledgers),
        cannot_say=box.cannot_say(paper),
        changed=box.changed(paper, estimates),
        sections=(
            *((sections.printed_numbers(table, paper),) if table else ()),
            *sections.audit_sections(findings),
            sections.change_section(estimates, (*missing, *changes.sentences, *steps.narrow(estimates))),
            *(
                (sections.people_section(people, cohorts.replicates or 1, steps.mixing(cohorts, people)),)
                if cohorts and people
                else ()
            ),
            *((sections.models_section(models.estimates, models.sentences),) if any(models) else ()),
            *((null_section.null_section(null, uncalibrated, paper.people),) if null or uncalibrated else ()),
            sections.regression_section(regression, unread, picked=paper.selection),
            *(ledger_sections.ledger_section(*_of_print(each, alone)) for each in drawn if each.under),
            *((ledger_sections.without_section(without, others=bool(ledgers)),) if without else ()),
            *((ledger_sections.grounds_section([u for under in ledgers for u in under]),) if ledgers else ()),
            sections.limitations_section(paper, estimates),
            sections.emmie_section(paper),
            *((sections.research_section(paper),) if paper.research else ()),
            sections.making_section(manifest(paper, rng, quick=quick)),
        ),
    )
    result = Evaluation(
        study=paper,
        findings=findings,
        table=table,
        estimates=estimates + models.estimates,
        people=people,
        null=null,
        regression=regression,
        ledgers=ledgers,
        cohorts=cohorts,
        page=page,
        seed=rng,
        quick=quick,
    )
    if out is not None:
        result.write(out)
    return result


type _Alone = Mapping[str, tuple[tuple[str, ...], tuple[Tipping, ...]]]


def _of_print(
    each: steps.Ledgers, alone: _Alone
) -> tuple[tuple[LedgerUnder, ...], tuple[str, ...], tuple[Tipping, ...]]:
    """Return what a ledger section of a print holds: sets, sentences, and settings that no set has."""
    also, tips = alone[each.under[0].evidence.kind]
    return each.under, (*also, *each.sentences), tips


def _own_people(study: object, tell: Callable[[str], None]) -> StudyPeople | None:
    """Return a study of one's own people with them, or None for a print."""
    if isinstance(study, StudyPeople):
        return study
    if isinstance(study, Study):
        tell("reading the people")
        return read_people(study)
    if not isinstance(study, (str, Path)) or Path(study).suffix != ".toml" or kind_of(study) == "published":
        return None
    tell("reading the people")
    return read_people(study)


def _of_people(
    people: StudyPeople, *, out: Path | str | None, seed: int, quick: bool, tell: Callable[[str], None]
) -> Evaluation:
    if out is not None:
        output.check_target(Path(out), work("evaluate", people), tell)
    source = Source(people.study.disclosure)
    tell("estimating the change")
    changes = own_steps.changes(people, source, seed)
    missing = own_steps.missing(people, source, seed)
    regression, unread = own_steps.regression(people, source)
    tell("switching the programme off")
    null, uncalibrated = own_steps.null_calibrations(people, source, seed, quick=quick)
    tell("drawing up the ledger")
    ledgers = own_steps.beside(own_steps.ledgers(people, source, seed, quick=quick), null)
    under = tuple(each.under for each in ledgers if each.under)
    shared = Page(
        title=f"How much of the change was the programme's? {wording.quote(people.study.title)}",
        subtitle=own_sections.subtitle(people),
        synthetic=people.study.invented,
        lead=own_sections.lead(people, source),
        can_say=own_sections.can_say(people, source, changes.estimates, null, regression, ledgers),
        cannot_say=own_sections.cannot_say(people, source),
        changed=own_sections.changed(people, source, changes.estimates),
        sections=(
            own_sections.reading_section(people, source),
            sections.change_section(changes.estimates, changes.sentences, source),
            *((own_sections.missing_section(missing, people, source),) if missing else ()),
            *(
                (null_section.null_section(null, uncalibrated, own_sections.called(people), source),)
                if null or uncalibrated
                else ()
            ),
            *(
                (sections.regression_section(regression, unread, source, stated=people.study.selection is not None),)
                if regression or unread
                else ()
            ),
            *own_sections.ledger_parts(ledgers, source),
            *((ledger_sections.grounds_section([u for each in under for u in each]),) if under else ()),
            sections.limitations_section(people, changes.estimates),
            own_sections.emmie_section(people),
            sections.making_section(manifest(people, seed, quick=quick)),
        ),
    )
    page = reworded(shared, source.words)
    result = Evaluation(
        study=people,
        findings=None,
        table=(),
        estimates=changes.estimates,
        people=(),
        null=null,
        regression=regression,
        ledgers=under,
        cohorts=people.cohort,
        page=page,
        seed=seed,
        source=source,
        quick=quick,
    )
    if out is not None:
        result.write(out)
    return result


def write_cohorts(
    study: PublishedStudy, *, draws: int, rng: int, out: Path, progress: Callable[[str], None] | None = None
) -> tuple[Path, ...]:
    """Write rebuilt cohorts as CSV, one file an outcome, marked as synthetic in name and content."""
    check_names([*(o.name for o in study.outcomes), CHAINS], "published.outcomes, and what is written beside them")
    output.check_target(out, work("reconstruct", study), progress)
    cohorts = reconstruct(study, draws=draws, rng=Streams(rng, study.citation).generator("reconstruct"))
    contents: dict[str, str | bytes] = {
        f"SYNTHETIC_{name}.csv": output.csv_text(panel.to_wide()) for name, panel in cohorts.items()
    }
    contents[f"SYNTHETIC_{CHAINS}.csv"] = output.csv_text(chain_table(cohorts))
    record = manifest(study, rng) | {"notes": list(cohorts.notes)}
    return output.write(out, contents, record, work("reconstruct", study))


def _ledger_table(ledgers: tuple[tuple[LedgerUnder, ...], ...], source: Source) -> "pd.DataFrame":
    import pandas as pd  # noqa: PLC0415 slow to load

    seen = "print" if source.rules is None else "people"
    rows = [
        {
            "evidence": under.evidence.name,
            "outcome": e.outcome,
            "data": data,
            "line": name,
            "scale": "points" if e.scale == "points" else "log ratio",
            **{end: source.of_ledger(value, e.scale, e.n_used or 0) for end, value in line._asdict().items()},
            "per_person": source.of_ledger(_per_person(e, name), "points", e.n_used or 0),
        }
        for under in (u for each in ledgers for u in each)
        for data, e in ((seen, under.result), *((f"rebuilt cohort {k}", e) for k, e in enumerate(under.rebuilt)))
        for name, line in lines(e).items()
    ]
    return pd.DataFrame(rows)


def _per_person(e: Estimate, line: str) -> float | None:
    return None if e.estimate is None else e.diagnostics["attribution"].get(line)


def default_folder(file: str | Path) -> Path:
    """Return the folder that a report goes to if no other is named: the study's own, beside its file."""
    if Path(file).suffix != ".toml":
        return Path("iom-report")
    return Path(file).parent / (load_study(file).out if kind_of(file) == "study" else "iom-report")


def work(command: str, study: PublishedStudy | StudyPeople) -> str:
    """Return what a folder of results holds, in words."""
    return f"{command} of {study.citation}"


def _own_manifest(people: StudyPeople, seed: int) -> dict[str, object]:
    return {
        "study": people.citation,
        "study_digest": digest(people.study),
        "extract_digest": people.digest,
        "seed": seed,
        "synthetic": people.study.invented,
        "disclosure": people.study.disclosure.note(),
        "versions": output.versions(*MAKERS, "duckdb", "openpyxl", "pyreadstat"),
    }


def manifest(study: PublishedStudy | StudyPeople, seed: int, *, quick: bool = False) -> dict[str, object]:
    """Return what is needed to make the same files again."""
    if isinstance(study, StudyPeople):
        return _own_manifest(study, seed) | {"quick": quick}
    return {
        "study": study.citation,
        "source_version": study.source_version,
        "study_digest": digest(study),
        "seed": seed,
        "quick": quick,
        "synthetic": True,
        "synthetic_note": f"rebuilt cohorts: {wording.REBUILT}",
        "versions": output.versions(*MAKERS),
    }

"""An evaluation: from a published table, or from one's own people, to the report, in reporting order."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from iom_causal.analysis import ledgers, null, regression
from iom_causal.analysis.ledgers import OutcomeLedgers
from iom_causal.analysis.published import audit, people_changed, recomputed
from iom_causal.analysis.published.table import PublishedTable, with_cohorts
from iom_causal.analysis.release import Release
from iom_causal.analysis.remainder_set import RemainderSet, remainder_sets
from iom_causal.analysis.results import FeatureRange, LedgerUnder, Recomputed
from iom_causal.analysis.sensitivity.asked import asked_outcomes, nothing_told
from iom_causal.analysis.sensitivity.curves import FIRST, curves_of
from iom_causal.analysis.sensitivity.moved_settings import Moves, Span, moved_settings
from iom_causal.analysis.steps import Effort, Results
from iom_causal.analysis.study_people import StudyPeople, read_people
from iom_causal.analysis.subject import Subject
from iom_causal.base import output
from iom_causal.base.names import check_names
from iom_causal.base.result import Result, table
from iom_causal.base.specs import EMPTY, kind_of
from iom_causal.beliefs import Belief
from iom_causal.cohort import Cohort
from iom_causal.data.release.earlier import EARLIER, GIVEN, Given, nearly_the_same, releases
from iom_causal.estimate import COLUMNS, Estimate
from iom_causal.null.result import NullCalibration
from iom_causal.numerics.plain import plain_number
from iom_causal.protocol.study import Study, load_study
from iom_causal.published.audit.findings import Findings
from iom_causal.published.rebuild.ranges import chain_table
from iom_causal.published.rebuild.reconstruct import reconstruct
from iom_causal.published.study import PublishedStudy, load_published
from iom_causal.report import phrases, short_report
from iom_causal.report.manifest import manifest, work
from iom_causal.report.render import html, text, word, workbook
from iom_causal.report.render.page import Page
from iom_causal.report.sections import PARTS, change, closing, first_page, people
from iom_causal.report.sections.first_screen import first_screen
from iom_causal.report.sections.part import Part
from iom_causal.report.sections.sensitivity import request
from iom_causal.report.sources import claims, with_sources
from iom_causal.report.sources.claims import LimitationAnswer
from iom_causal.report.sources.trail import trail
from iom_causal.report.study_curves import StudyCurves
from iom_causal.report.study_sensitivity import StudySensitivity
from iom_causal.report.without_ledger import cannot_use
from iom_causal.sensitivity.regression_tipping import RegressionTipping
from iom_causal.streams import Streams, check_seed

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

CHAINS = "chains"

type Readable = PublishedStudy | Study | StudyPeople | str | Path


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Evaluation(Result):
    """Everything that was found about one study.

    Parameters
    ----------
    subject : Subject
        What was evaluated: a published table with its rebuilt cohorts, or people.
    results : Results
        What each step of the analysis returned.
    page : Page
        The report as values.
    seed : int
        Of every random step.
    quick : bool
        Whether it is a first look.
    earlier : tuple of mapping
        What earlier releases of the same study gave of other people.

    Examples
    --------
    >>> import iom_causal as iom
    >>> found = iom.evaluate("template", quick=True)
    >>> found.page.first is not None, len(found.tidy()) == len(found.estimates)
    (True, True)
    """

    subject: Subject
    results: Results
    page: Page
    seed: int
    quick: bool = False
    earlier: tuple[Given, ...] = ()

    people_columns: ClassVar[tuple[str, ...]] = Estimate.people_columns
    solving_columns: ClassVar[tuple[str, ...]] = Estimate.solving_columns
    telling_columns: ClassVar[tuple[str, ...]] = Estimate.telling_columns
    figure_columns: ClassVar[Mapping[str, str]] = Estimate.figure_columns

    @property
    def study(self) -> "PublishedStudy | Subject":
        """What was read: a `PublishedStudy`, or `StudyPeople`."""
        return self.subject if self.subject.published is None else self.subject.published

    @property
    def findings(self) -> Findings | None:
        """The audit of a published table."""
        return self.results.of(audit.run)

    @property
    def table(self) -> tuple[Recomputed, ...]:
        """Published statistics beside those of the rebuilt cohort."""
        found = self.results.of(recomputed.run)
        return () if found is None else found.rows

    @property
    def estimates(self) -> tuple[Estimate, ...]:
        """The change itself, and models on rebuilt cohorts."""
        return change.estimates(self.results)

    @property
    def people(self) -> tuple[FeatureRange, ...]:
        """How many people changed, over all cohorts that are observationally equivalent to a published table."""
        found = self.results.of(people_changed.run)
        return () if found is None else found.ranges

    @property
    def null(self) -> tuple[NullCalibration, ...]:
        """How often such a fall would come with the programme switched off."""
        found = self.results.of(null.run)
        return () if found is None else found.calibrations

    @property
    def regression(self) -> tuple[RegressionTipping, ...]:
        """What regression to the mean alone could do."""
        found = self.results.of(regression.run)
        return () if found is None else found.views

    @property
    def ledgers(self) -> tuple[tuple[LedgerUnder, ...], ...]:
        """What remains of each outcome, under every named set of evidence."""
        found: tuple[OutcomeLedgers, ...] = self.results.of(ledgers.run) or ()
        return tuple(each.under for each in found if each.under)

    @property
    def remainders(self) -> tuple[RemainderSet, ...]:
        """What may be left of each outcome over all sets of evidence and null models; the first page quotes it."""
        return remainder_sets(self.results, self.source)

    @property
    def cohorts(self) -> Cohort | None:
        """The people, or rebuilt cohorts; None where a published table does not give enough."""
        return self.subject.cohort or self.subject.rebuilt

    @property
    def source(self) -> Release:
        """How figures may be given."""
        return self.subject.release

    @property
    def beside(self) -> str:
        """What to do where an earlier release is of nearly the same people; empty where none is."""
        rules, given = self.source.rules, _given(self.subject, self.results)
        if rules is None or rules.research or not any(nearly_the_same(given, g, rules) for g in self.earlier):
            return ""
        return phrases.EARLIER_RELEASE.format(rules.threshold)

    def summary(self, *, sources: bool = False) -> str:
        """Return the report as text, without what is for the page only; on request with where figures come from."""
        return text.render(self.page, sources=sources)

    def tidy(self) -> "pd.DataFrame":
        """Return the table of estimates, a row each, as it may leave."""
        return self.source.released(table([e.row() for e in self.estimates], COLUMNS), Estimate)

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the estimates that are on the scale of the first one; others cannot be lined up with it."""
        from iom_causal.base.axes_of_rows import forest  # noqa: PLC0415 matplotlib is slow to load

        alike = [e for e in self.estimates if e.scale == self.estimates[0].scale]
        return forest([{"label": f"{e.outcome}: {e.method}", **e.row()} for e in alike], ax=ax)

    def claims(self) -> tuple[LimitationAnswer, ...]:
        """Return each limitation of the study with the figures that answer it, or why none does (claims.json)."""
        record = manifest(self.subject, self.seed, quick=self.quick)
        return claims.claims(trail(self.page, self.subject, self.results, record))

    def __repr__(self) -> str:
        return f"Evaluation({self.subject.citation!r}, {len(self.estimates)} estimates, seed {self.seed})"

    def files(self) -> dict[str, str | bytes]:
        """Return every file of the report by name."""
        parts = [part.files(self.subject, self.results) for part in PARTS]
        tables = output.gathered(*parts)
        return output.gathered(
            {
                "report.html": html.render(self.page),
                "report-short.docx": word.render(short_report.compose(self.page)),
                **request.letters(self.subject, self.results),
                "report-tables.xlsx": workbook.render(self.page.title, tables),
                claims.FILE: claims.as_json(self.claims(), self.subject.citation),
            },
            {name: output.csv_text(table.frame) for name, table in tables.items()},
            *({f"figures/{f.name}.{f.form}": f.image} for f in self.page.figures),
        )

    def write(self, out: Path | str) -> tuple[Path, ...]:
        """Write the report into a folder, whole or not at all.

        Raises
        ------
        SpecError
            IOM-E090 when the folder is unsafe or holds files that this tool did not write.
        """
        whole = _beside(self, Path(out))
        record = manifest(self.subject, self.seed, quick=self.quick)
        if self.subject.published is None:
            record |= {GIVEN: _given(self.subject, self.results), EARLIER: whole.earlier}
        return output.write(Path(out), whole.files(), record, work("evaluate", self.subject))


def evaluate(
    study: Readable,
    *,
    out: Path | str | None = None,
    rng: int | None = None,
    quick: bool = False,
    progress: Callable[[str], None] | None = None,
) -> Evaluation:
    """Evaluate a published before/after table, or one's own people, in reporting order.

    Audits a published table and rebuilds observationally equivalent cohorts, or reads people and says what was set
    aside; estimates the change with a robust interval; calibrates it under the null of no programme effect, and works
    out what regression to the mean alone could do; and draws up the ledger under every named set of evidence.

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
    read = read_subject(study, progress=tell)
    if out is not None:
        output.check_target(Path(out), work("evaluate", read), tell)
    effort = Effort(read.seed if rng is None else rng, quick=quick)
    if read.published is not None:
        tell("rebuilding cohorts that print the same")
    subject = with_cohorts(read, effort)
    results = Results()
    parts = [part for part in PARTS if part.only in (None, subject.voice)]
    for part in parts:
        if part.doing:
            tell(part.doing)
        results = results.with_one(part.step, part.step(subject, effort))
    result = Evaluation(
        subject=subject,
        results=results,
        page=_page(subject, results, parts, manifest(subject, effort.seed, quick=quick)),
        seed=effort.seed,
        quick=quick,
    )
    if out is not None:
        result = _beside(result, Path(out))
        if result.beside:
            tell(f"note: {result.beside}")
        result.write(out)
    return result


def _given(subject: Subject, results: Results) -> dict[str, list[str]]:
    """Return what a release gives of the people, by which a later one is compared with it: Table 1 and the changes."""
    return {**people.given(subject, results), **change.given(subject, results)}


def _beside(result: Evaluation, out: Path) -> Evaluation:
    """Return an evaluation that says whether an earlier release near a folder is of nearly the same people."""
    if result.subject.published is not None:
        return result
    given = _given(result.subject, result.results)
    found = tuple(table for table in releases(out, result.subject.citation) if table != given)
    lead = tuple(text for text in result.page.lead if text != result.beside)
    whole = replace(result, earlier=found)
    return replace(whole, page=replace(result.page, lead=(*lead, *((whole.beside,) if whole.beside else ()))))


def _page(subject: Subject, results: Results, parts: Sequence[Part], record: Mapping[str, object]) -> Page:
    page = Page(
        title=first_page.title(subject),
        subtitle=first_page.subtitle(subject, results),
        synthetic=subject.synthetic,
        lead=first_page.lead(subject, results),
        can_say=first_page.can_say(subject, results),
        cannot_say=first_page.cannot_say(subject, results),
        first=first_screen(subject, results),
        sections=tuple(
            sorted(
                (
                    *(section for part in parts for section in part.section(subject, results)),
                    *closing.closing(subject, results, record),
                ),
                key=lambda section: section.detail,
            )
        ),
    )
    page = replace(page, words=first_page.explained(page.texts()))
    return with_sources(page, subject, results, record)


def study_sensitivity(
    study: Readable,
    *,
    settings: Mapping[str, Belief] = EMPTY,
    swept: Mapping[str, Span] = EMPTY,
    together: Mapping[str, Span] = EMPTY,
    evidence: Sequence[str] = (),
    outcome: str = "",
    out: Path | str | None = None,
    rng: int | None = None,
    progress: Callable[[str], None] | None = None,
) -> StudySensitivity:
    """Sensitivity of what remains of a study under every set of evidence: tipping values, frontiers, sweeps, surfaces.

    It says at which values of what is believed nothing remains, and not which of them is right.

    Parameters
    ----------
    study : PublishedStudy, Study, StudyPeople, str or path
        As for `evaluate`.
    settings : mapping of str to belief, optional
        What is put in the place of what a set of evidence states, by dotted path.
    swept : mapping of str to (float, float), optional
        Settings to move one at a time, each from where to where.
    together : mapping of str to (float, float), optional
        Two settings to move together.
    evidence : sequence of str, optional
        The sets by their code names; by default all.
    outcome : str, optional
        By default the first count and the first score.
    out : path, optional
        A folder to write the table, the text and the figures into.
    rng : int, optional
        The seed of the draws; by default the study's own.
    progress : callable, optional
        Told what is done next.

    Raises
    ------
    SpecError
        IOM-E093 for a setting, an outcome or a set that there is none of, with the nearest, and IOM-E092 for a range
        that cannot be, each before anything is worked out; IOM-E090 for a folder that is not ours.
    InputError
        IOM-E066 where no count or score is known before and after, and where none of the sets named can be used.

    Examples
    --------
    >>> found = study_sensitivity("template", swept={"detection.ratio": (0.5, 1.0)})
    >>> found.tidy()["asked"].unique().tolist()
    ['remainder', 'tipping', 'sweep']
    """
    tell = progress or (lambda _message: None)
    subject, seed = _of_sensitivity(study, out, rng, tell)
    tell("moving what is believed")
    moves = Moves(settings=settings, swept=swept, together=together, evidence=tuple(evidence), outcome=outcome)
    moved = moved_settings(subject, moves, seed)
    if not moved:
        raise cannot_use(subject, moves.evidence)
    found = StudySensitivity(subject=subject, moves=moves, moved=moved, seed=seed)
    if out is not None:
        found.write(out)
    return found


def study_curves(
    study: Readable,
    *,
    outcome: str = "",
    out: Path | str | None = None,
    rng: int | None = None,
    progress: Callable[[str], None] | None = None,
) -> StudyCurves:
    """Specification curves of a study, as its report gives them: which choice moves what remains most.

    The choices are those of `specification_curve`. Of people whose figures are guarded each answer is as coarse as in
    the report, and combinations of too few people, or of a few more or fewer than another, are refused.

    Parameters
    ----------
    study : PublishedStudy, Study, StudyPeople, str or path
        As for `evaluate`.
    outcome : str, optional
        By default the first count and the first score.
    out : path, optional
        A folder to write the table, the text and the figures into.
    rng : int, optional
        The seed that the folder's record names; nothing is drawn.
    progress : callable, optional
        Told what is done next.

    Raises
    ------
    SpecError
        IOM-E093 for an outcome that there is none of, with the nearest; IOM-E090 for a folder that is not ours.
    InputError
        IOM-E066 where no count or score is known before and after.
    IomCausalError
        Why there is no curve, where there is none of any outcome.

    Examples
    --------
    >>> [curve.ranked[0] for curve in study_curves("sleath-brown-2017").found.curves]
    ['how people were picked', 'how much of a score is chance']
    """
    tell = progress or (lambda _message: None)
    subject, seed = _of_sensitivity(study, out, rng, tell)
    tell("trying every combination of choices")
    outcomes = asked_outcomes(subject, outcome, FIRST)
    found = curves_of(subject, outcomes)
    if not found.curves:
        raise next((r.error for r in found.refusals if r.error is not None), None) or nothing_told(subject, outcomes)
    made = StudyCurves(subject=subject, outcomes=tuple(o.name for o in outcomes), found=found, seed=seed)
    if out is not None:
        made.write(out)
    return made


def _of_sensitivity(
    study: Readable, out: Path | str | None, rng: int | None, tell: Callable[[str], None]
) -> tuple[Subject, int]:
    """Read what is asked, with the seed, once a folder for it is known to be ours."""
    rng = plain_number(rng)
    if rng is not None:
        check_seed(rng, "rng (the seed)")
    subject = read_subject(study, progress=tell)
    if out is not None:
        output.check_target(Path(out), work("sensitivity", subject), tell)
    return subject, subject.seed if rng is None else rng


def read_subject(study: Readable, *, progress: Callable[[str], None] | None = None) -> Subject:
    """Read what is to be evaluated: a published table, or people where their study is given.

    Parameters
    ----------
    study : PublishedStudy, Study, StudyPeople, str or path
        A bundled name, or the path of a ``[published]`` or ``[study]`` TOML file.
    progress : callable, optional
        Told when people are read.

    Raises
    ------
    IomCausalError
        When the study cannot be read or contradicts itself in form.

    Examples
    --------
    >>> [outcome.name for outcome in read_subject("sleath-brown-2017").outcomes]
    ['arrests', 'risk']
    """
    tell = progress or (lambda _message: None)
    if isinstance(study, StudyPeople):
        return study
    if isinstance(study, Study):
        tell("reading the people")
        return read_people(study)
    if isinstance(study, PublishedStudy):
        return PublishedTable(study=study)
    if isinstance(study, (str, Path)) and Path(study).suffix == ".toml" and kind_of(study) != "published":
        tell("reading the people")
        return read_people(study)
    return PublishedTable(study=load_published(study))


def write_cohorts(
    study: PublishedStudy, *, draws: int, rng: int, out: Path, progress: Callable[[str], None] | None = None
) -> tuple[Path, ...]:
    """Write rebuilt cohorts as CSV, one file an outcome, marked as synthetic in name and content."""
    check_names([*(o.name for o in study.outcomes), CHAINS], "published.outcomes, and what is written beside them")
    output.check_target(out, work("reconstruct", study), progress)
    cohorts = reconstruct(study, draws=draws, rng=Streams(rng, study.citation).generator("reconstruct"))
    contents: dict[str, str | bytes] = {
        f"SYNTHETIC_{name}.csv": output.csv_text(panel.to_wide(lengths=True)) for name, panel in cohorts.items()
    }
    contents[f"SYNTHETIC_{CHAINS}.csv"] = output.csv_text(chain_table(cohorts))
    record = manifest(PublishedTable(study=study), rng) | {"notes": list(cohorts.notes)}
    return output.write(out, contents, record, work("reconstruct", study))


def default_folder(file: str | Path) -> Path:
    """Return the folder that a report goes to if no other is named: the study's own, beside its file."""
    if Path(file).suffix != ".toml":
        return Path("iom-report")
    return Path(file).parent / (load_study(file).out if kind_of(file) == "study" else "iom-report")

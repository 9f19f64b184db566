"""The way back from a figure: what was read, which checks hold it, and the command that works it out again."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from iom_causal.analysis.published import audit
from iom_causal.analysis.steps import Results
from iom_causal.analysis.subject import Subject
from iom_causal.base.formats import listed
from iom_causal.base.wording import quote
from iom_causal.published.audit.findings import VERDICTS, Finding, Verdict
from iom_causal.published.records import Describes, PrintedTest
from iom_causal.published.study import bundled_studies, load_published
from iom_causal.report.formulas import cited
from iom_causal.report.render.page import Page, Source

STUDY_FILE = "study.toml"
OF_PEOPLE = (
    "The people of the study file, window by window; the section “The people, and what was read of them” says what was "
    "set aside."
)
NO_PRINT = "No published figure stands beside these; that section counts what was read, and what was set aside and why."
NAMED: Mapping[Verdict, str] = {
    "consistent": "consistent",
    "inconsistent": "inconsistent, with what would reconcile it there",
    "uninformative": "without power here",
}
"""How the checks of each verdict are headed."""
PRINTED = "Printed: {0}. In the study file: outcomes, {1}. {2}"


@dataclass(frozen=True, slots=True)
class Trail:
    """What every source of one report has in common.

    Parameters
    ----------
    page : Page
        The report whose sentences these are.
    subject : Subject
        What was evaluated.
    results : Results
        What each step of the analysis returned.
    command : str
        Makes the report again.
    audited : str
        Audits a published table again; empty for people.
    """

    page: Page
    subject: Subject
    results: Results
    command: str
    audited: str

    def source(self, *says: str, figure: str, formula: str, where: str, outcome: str = "", read: str = "") -> Source:
        """Return the source of figures: those read and checked of an outcome, or what is read and no check holds.

        A sentence may stand inside another one, so that its first letter is not held to.
        """
        return Source(
            says=tuple(text[1:] for text in says if text),
            figure=figure,
            read=read or self.read(outcome),
            check="" if read else self.checks(outcome),
            formula=cited(formula),
            command=self.command,
            where=where,
        )

    def read(self, outcome: str) -> str:
        """Return the reported numbers of an outcome as printed, or where people's stand."""
        study = self.subject.published
        if study is None:
            return OF_PEOPLE
        found = study.outcome(outcome)
        parts = [*_described("before", found.before), *_described("after", found.after), *_tested(found.test)]
        return PRINTED.format("; ".join(parts), outcome, self._version())

    def _version(self) -> str:
        findings = self.results.of(audit.run)
        return "" if findings is None else findings.version

    def checks(self, outcome: str) -> str:
        """Return the checks of the audit that hold the numbers of an outcome, by verdict."""
        found = [f for f in self.findings if f.claim is None and f.subject.split(",")[0] == outcome]
        if not found:
            return "" if self.subject.published is not None else NO_PRINT
        by_verdict = ((v, [_check(f) for f in found if f.verdict == v]) for v in VERDICTS)
        said = "; ".join(f"{NAMED[verdict]}: {listed(names)}" for verdict, names in by_verdict if names)
        return f"In findings.csv, made again by {self.audited}: {said}."

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings of the audit; none of people."""
        found = self.results.of(audit.run)
        return () if found is None else found.rows


def trail(page: Page, subject: Subject, results: Results, record: Mapping[str, object]) -> Trail:
    """Return what the sources of a report have in common; `record` is what its manifest holds."""
    name = study_name(subject)
    quick = " --quick" if record.get("quick") else ""
    return Trail(
        page,
        subject,
        results,
        f"iom-causal evaluate {name} --seed {record['seed']}{quick}",
        "" if subject.published is None else f"iom-causal audit {name}",
    )


def study_name(subject: Subject) -> str:
    """Return how a command names a study: a bundled one by its name, another by what its file is usually called."""
    study = subject.published
    bundled = () if study is None else bundled_studies()
    return next((name for name in bundled if load_published(name) == study), STUDY_FILE)


def _check(finding: Finding) -> str:
    side = finding.subject.partition(", ")[2]
    return f"{finding.check} ({side})" if side else finding.check


def _described(side: str, d: Describes) -> Iterator[str]:
    """Yield the printed numbers of a window, as text."""
    named = [f"{name} {quote(p.text)}" for name, p in (("n", d.n), ("mean", d.mean), ("SD", d.sd)) if p is not None]
    ends = [] if d.low is None or d.high is None else [f"range {quote(d.low.text)} to {quote(d.high.text)}"]
    if named or ends:
        yield f"{side} {', '.join([*named, *ends])}"


def _tested(test: PrintedTest | None) -> Iterator[str]:
    if test is None:
        return
    df = f"({', '.join(d.text for d in test.df)})" if test.df else ""
    p = "" if test.p is None else f", {quote(test.p.text)}"
    yield f"{test.statistic}{df} = {quote(test.value.text)}{p}"

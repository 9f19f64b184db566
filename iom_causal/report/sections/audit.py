"""The audit of a printed table: what does not match, what is told twice, the authors' readings, and every check."""

from collections.abc import Sequence

from iom_causal.analysis.published import audit
from iom_causal.analysis.release import Leaving
from iom_causal.analysis.steps import Results
from iom_causal.analysis.subject import Subject
from iom_causal.base.formats import counted
from iom_causal.published.audit.checks_effects import ABOUT_KINDS
from iom_causal.published.audit.findings import Finding, Findings
from iom_causal.report import phrases
from iom_causal.report.render.page import Section, Table
from iom_causal.report.sections.part import Part

FINDING = (
    "Of {} checks of printed numbers against one another {} are consistent, {} are inconsistent and {} are "
    "uninformative (a check without power here)."
)
SEVERAL = "[matter stands|matters stand] in more than one place of the paper; what it says there is held side by side."
READINGS = (
    "[reading of the figures by their authors is|readings of the figures by their authors are] held against them."
)
EVERY_CHECK = "Each of the {} checks, with its verdict: those that do not match come first."
FILE = "The file findings.csv has {} rows: {}."
_ORDER = ("inconsistent", "consistent", "uninformative")


def section(_subject: Subject, results: Results) -> tuple[Section, ...]:
    """Say what the audit found."""
    findings = results.of(audit.run)
    return () if findings is None else of_findings(findings)


def of_findings(findings: Findings) -> tuple[Section, ...]:
    """Say what does not match, which matters are told twice, how the authors read their figures, and all checks."""
    twice, tally = findings.restated, findings.tally()
    checks = sorted(findings.checks, key=lambda f: _ORDER.index(f.verdict))
    unmatched = tuple(f.text for f in checks if f.verdict == "inconsistent")
    agree = "All figures that can be checked agree." if tally["consistent"] else phrases.NO_CHECKS
    heading = "Figures that do not match, with what would reconcile them:" if unmatched else agree
    claims = tuple(f"{f.claim}: {f.text}" for f in findings.claims)
    rows = tuple((f"{f.subject}: {f.check}", f.verdict, f.text) for f in checks)
    return (
        Section(
            title="Audit: do the printed numbers agree with one another?",
            name="audit",
            finding=FINDING.format(len(checks), *tally.values()),
            paragraphs=(heading,),
            points=unmatched,
        ),
        *((_told_twice([f.text for f in twice]),) if twice else ()),
        Section(
            title="The authors' readings of their figures",
            name="readings",
            finding=counted(len(claims), READINGS),
            points=claims,
            detail=True,
        ),
        Section(
            title="Every check",
            name="checks",
            finding=EVERY_CHECK.format(len(checks)),
            paragraphs=(FILE.format(len(findings), findings.composition()),),
            tables=(Table(findings.version, ("check", "verdict", "finding"), rows, "findings.csv"),),
            detail=True,
        ),
    )


def _told_twice(points: Sequence[str]) -> Section:
    told = counted(len(points), SEVERAL)
    return Section(title=phrases.TOLD_TWICE, name="told-twice", finding=told, points=tuple(points), detail=True)


def headline(subject: Subject, results: Results) -> tuple[str, ...]:
    """Say that figures of the outcomes do not agree with one another, where that is so."""
    names, findings = {o.name for o in subject.outcomes}, results.of(audit.run)
    figures = () if findings is None else _figures(findings)
    clash = any(f.verdict == "inconsistent" and f.subject.split(",")[0] in names for f in figures)
    return (phrases.DISAGREE,) if clash else ()


def _figures(findings: Findings) -> tuple[Finding, ...]:
    """Return the checks of figures; a size of the wrong kind leaves test, means and direction as they are."""
    return tuple(f for f in findings if f.claim is None and f.check not in ABOUT_KINDS)


def files(subject: Subject, results: Results) -> dict[str, Leaving]:
    """Return the table of findings."""
    findings = results.of(audit.run)
    return {} if findings is None else {"findings.csv": subject.release.published(findings.tidy())}


PART = Part(
    step=audit.run,
    section=section,
    headline=headline,
    files=files,
    doing="auditing the printed numbers",
    only="print",
)

"""Audit of a published study: every consistency check of its reported numbers, in reading order."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from iom_causal.base import wording
from iom_causal.published.audit import (
    checks_cited,
    checks_claims,
    checks_completers,
    checks_effects,
    checks_groups,
    checks_numbers,
    checks_sample,
    checks_tests,
    checks_text,
)
from iom_causal.published.audit.findings import Finding, Findings
from iom_causal.published.study import PublishedStudy, load_published

CHECKS: tuple[Callable[[PublishedStudy], Iterator[Finding]], ...] = (
    checks_tests.degrees_of_freedom,
    checks_tests.p_values,
    checks_tests.directions,
    checks_tests.moments,
    checks_tests.intervals,
    checks_completers.partial_tests,
    checks_effects.effect_kinds,
    checks_effects.effect_orders,
    checks_numbers.means,
    checks_numbers.grids,
    checks_numbers.spreads,
    checks_numbers.ranges,
    checks_numbers.ones,
    checks_sample.breakdowns,
    checks_sample.stated_counts,
    checks_sample.accounts,
    checks_groups.subgroup_differences,
    checks_groups.proportions,
    checks_cited.cited_evaluations,
    checks_claims.claims,
    checks_text.text_of_the_work,
)
"""Every check; each takes a study and yields its findings."""


def audit(study: PublishedStudy | str | Path) -> Findings:
    """Check every reported number of a study against the others.

    Nothing is estimated: a finding says whether numbers on the page can belong together, allowing for
    rounding, and what would reconcile them if not.

    Parameters
    ----------
    study : PublishedStudy
        From `load_published`.

    Returns
    -------
    Findings
        Three verdicts: ``consistent``, ``inconsistent`` (always with what would reconcile it) and
        ``uninformative`` (always with why the check has no power here). The authors' sentences also carry
        ``supported``, ``not supported`` or ``not checkable``.

    Notes
    -----
    Checks: degrees of freedom; p recomputed from t, F, chi-squared, z and r (Nuijten et al. 2016); t from
    means, SDs and correlation and back; intervals against t; tests on completers; kinds of effect size; GRIM
    (Brown & Heathers 2017), grids, GRIMMER (Anaya 2016), DEBIT (Heathers & Brown 2019), ranges (Bhatia & Davis
    2000); percentages and totals; numbers stated twice; matters stated twice; statements of no difference; shares;
    cited evaluations; claims; quotations and numbers against the text of the work, where the file names it.

    Examples
    --------
    >>> from iom_causal.published.study import load_published
    >>> findings = audit(load_published("sleath-brown-2017"))
    >>> findings["effect-size-kind:arrests"].sentence
    'The printed .38 equals r squared for t(224) = 11.64 (.377); r itself would be .614.'
    """
    study = study if isinstance(study, PublishedStudy) else load_published(study)
    rows = (_stamped(row, study.source_version) for check in CHECKS for row in check(study))
    version = wording.version_line(
        study.source_version, journal_compared=study.journal_compared, invented=study.invented
    )
    return Findings(tuple(rows), title=study.citation, version=version)


def _stamped(row: Finding, source_version: str) -> Finding:
    lonely = row.verdict == "inconsistent" and not row.neighbour
    return replace(row, source_version=source_version, neighbour=wording.UNKNOWN_ORIGIN if lonely else row.neighbour)

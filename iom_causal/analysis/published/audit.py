"""Audit of a published table: every check of its figures against one another."""

from iom_causal.analysis.steps import Effort
from iom_causal.analysis.subject import Subject
from iom_causal.published.audit.audit import audit
from iom_causal.published.audit.findings import Findings


def run(subject: Subject, _effort: Effort) -> Findings | None:
    """Return the findings of a published table."""
    return None if subject.published is None else audit(subject.published)

"""What the page says of each step of an analysis: one file a step, under the same name."""

from iom_causal.report.sections import (
    audit,
    change,
    ledgers,
    missing,
    models,
    null,
    people,
    people_changed,
    recomputed,
    regression,
)

__all__ = [
    "audit",
    "change",
    "ledgers",
    "missing",
    "models",
    "null",
    "people",
    "people_changed",
    "recomputed",
    "regression",
]

"""What the page says of each step of an analysis: one file a step, under the same name."""

from iom_causal.report.sections import (
    audit,
    change,
    comparison,
    guesses,
    ledgers,
    levels,
    missing,
    models,
    null,
    people,
    people_changed,
    recomputed,
    regression,
    score_classes,
    selection_plausibility,
    settling,
    subgroups,
)
from iom_causal.report.sections.part import Part
from iom_causal.report.sections.sensitivity import curves, request, score_posterior, strengths

PARTS: tuple[Part, ...] = (
    guesses.PART,
    people.PART,
    audit.PART,
    recomputed.PART,
    levels.PART,
    comparison.PART,
    change.PART,
    subgroups.PART,
    people_changed.PART,
    models.PART,
    missing.PART,
    score_classes.PART,
    score_posterior.PART,
    selection_plausibility.PART,
    null.PART,
    regression.PART,
    ledgers.PART,
    strengths.PART,
    curves.PART,
    request.PART,
    settling.PART,
)
"""The parts of a report, each a step of the analysis with what is said of it, in reporting order."""

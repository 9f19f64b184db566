"""Evidence sets of a study that states adjustments of its own."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from iom_causal.confounds.evidence import Evidence, EvidenceLine

SELECTION = "regression to the mean"
"""The line of what selection alone does."""
STATED = "stated-by-the-study"
"""The name of a set whose line on selection is the study's own; of several, the second ends in -2."""
TITLE = "What the study itself states of picking"
ABOUT = (
    "What picking alone did is what the study states, on its own grounds; beside it stand the study's other lines and "
    "no others."
)


def with_own_lines(sets: Sequence[Evidence], own: Sequence[EvidenceLine], kind: str) -> tuple[Evidence, ...]:
    """Combine evidence sets of one kind of outcome with a study's own lines.

    A set is what it says of selection. It keeps that line, and each own line on selection makes a set beside the
    others. An own line on anything else takes the place of the line of its kind in every set.

    Examples
    --------
    >>> from iom_causal.confounds import RegressionToMean
    >>> from iom_causal.confounds.evidence import load_evidence
    >>> line = RegressionToMean(method="linear", comparable_mean=2.0)
    >>> own = EvidenceLine(confound=line, source="the file", date="2024", reason="the mean of everybody in it")
    >>> [e.name for e in with_own_lines([load_evidence("picked-on-rate")], [own], "count")]
    ['picked-on-rate', 'stated-by-the-study']
    """
    others = tuple(line for line in own if not _on_selection(line))
    stated = [line for line in own if _on_selection(line) and line.confound.in_ledger(kind).assumed]
    return (*(_replaced(evidence, others) for evidence in sets), *_stated(stated, others, kind))


def _on_selection(line: EvidenceLine) -> bool:
    return SELECTION in (line.confound.line, *line.confound.also_holds)


def _replaced(evidence: Evidence, own: tuple[EvidenceLine, ...]) -> Evidence:
    mine = {line.confound.line for line in own}
    return replace(evidence, lines=(*(line for line in evidence.lines if line.confound.line not in mine), *own))


def _stated(lines: Sequence[EvidenceLine], others: tuple[EvidenceLine, ...], kind: str) -> Iterator[Evidence]:
    for k, line in enumerate(lines, 1):
        tail, again = (f"-{k}", f" ({k})") if k > 1 else ("", "")
        yield Evidence(name=f"{STATED}{tail}", title=f"{TITLE}{again}", about=ABOUT, kind=kind, lines=(line, *others))

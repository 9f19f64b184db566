"""The sections of the ledger: what remains under every set of evidence, and on which grounds."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

from iom_causal import draw, words
from iom_causal.confounds.evidence import Evidence
from iom_causal.estimate import Estimate
from iom_causal.formats import fixed
from iom_causal.ledger import REMAINDER
from iom_causal.report.page import Figure, Section, Table
from iom_causal.sensitivity.tipping import Tipping


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerUnder:
    """The remainder of one outcome under one named set of evidence.

    Parameters
    ----------
    evidence : Evidence
        The set.
    result : Estimate
        What the ledger gave, from the printed figures.
    rebuilt : Estimate or None
        The same on one rebuilt cohort.
    tips : tuple of Tipping
        One setting at a time.
    """

    evidence: Evidence
    result: Estimate
    rebuilt: Estimate | None
    tips: tuple[Tipping, ...]


def ledger_section(ledgers: Sequence[LedgerUnder]) -> Section:
    """Show observed, expected without the programme and remainder, under every named set of evidence."""
    lines = list(dict.fromkeys(p.term for under in ledgers for p in under.result.parts))
    lines = [*[x for x in lines if x != REMAINDER], REMAINDER]
    rows = [(_title(line), *(_ratio_of(under.result, line) for under in ledgers)) for line in lines]
    rows.append(("remainder on a rebuilt cohort", *(ratio_text(under.rebuilt) for under in ledgers)))
    tips = [(f"{u.evidence.name}: {t.field}", fixed(t.now, 2), _tip(t)) for u in ledgers for t in u.tips]
    name = ledgers[0].result.outcome
    return Section(
        title="Expected without the programme, and what remains",
        paragraphs=(
            words.WITHOUT_PROGRAMME,
            words.beliefs_sentence(
                f"The ratio of {name} that remains, if these allowances are right,",
                {u.evidence.title: ratio_text(u.result) for u in ledgers},
            ),
            words.LEFT_OUT.format(words.listed(dict.fromkeys(_left_out(ledgers)))),
        ),
        tables=(
            Table(
                f"Ratios after over before for {name}, line by line, with 95% intervals; lines multiply. "
                "From the print, intervals take counts as normal: wider than those of a rebuilt cohort.",
                ("line", *(u.evidence.name for u in ledgers)),
                tuple(rows),
            ),
            Table(
                "One setting at a time: where it would have to be for nothing to remain, all else as in the set.",
                ("setting", "as it is", "nothing remains at"),
                tuple(tips),
            ),
        ),
        figures=tuple(_waterfall(u) for u in ledgers),
    )


def grounds_section(ledgers: Sequence[LedgerUnder]) -> Section:
    """Print every allowance with its source, date and reason."""
    rows = tuple(
        (f"{u.evidence.name}: {g.confound.line}", g.source, g.date, g.reason) for u in ledgers for g in u.evidence.lines
    )
    return Section(
        title="Grounds of every allowance",
        paragraphs=tuple(f"{u.evidence.name}: {u.evidence.about}" for u in ledgers),
        tables=(
            Table("Where each figure comes from, and why it is used.", ("allowance", "source", "date", "reason"), rows),
        ),
        detail=True,
    )


def _title(line: str) -> str:
    return "remainder after the listed allowances" if line == REMAINDER else line


def _ratio_of(e: Estimate, line: str) -> str:
    part = next((p for p in e.parts if p.term == line), None)
    if part is None:
        return "not allowed for"
    point = fixed(exp(part.estimate), 2)
    if part.conf_low is None or part.conf_high is None or part.conf_high - part.conf_low < 1e-9:
        return point
    return f"{point} ({fixed(exp(part.conf_low), 2)} to {fixed(exp(part.conf_high), 2)})"


def ratio_text(e: Estimate | None) -> str:
    """Return a ratio with its interval."""
    if e is None or e.conf_low is None or e.conf_high is None:
        return "not computed"
    point = "" if e.estimate is None else fixed(e.estimate, 2)
    return f"{point} ({fixed(e.conf_low, 2)} to {fixed(e.conf_high, 2)})".strip()


def _left_out(ledgers: Sequence[LedgerUnder]) -> list[str]:
    return [a for u in ledgers for a in u.result.assumptions if not a.startswith("the allowance for")]


def _tip(tip: Tipping) -> str:
    if tip.value is None:
        return f"nowhere from {fixed(tip.searched[0], 2)} to {fixed(tip.searched[1], 2)}"
    return fixed(tip.value, 2)


def _waterfall(under: LedgerUnder) -> Figure:
    shares = "; ".join(f"{k} {fixed(v, 2)}" for k, v in under.result.diagnostics["attribution"].items())
    return Figure(
        f"ledger-{under.result.outcome}-{under.evidence.name}",
        f"{under.evidence.title}: {under.result.outcome} per person and window, from before to after.",
        f"Waterfall: {shares}.",
        draw.to_svg(under.result.plot()),
    )

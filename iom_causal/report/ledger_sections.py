"""The sections of the ledger: what remains under every set of evidence, and on which grounds."""

from collections.abc import Sequence
from math import exp

from iom_causal.analysis.release import PRINT, Source
from iom_causal.analysis.results import LedgerUnder
from iom_causal.base import axes, wording
from iom_causal.base.formats import fixed, listed, number
from iom_causal.base.setting_paths import get_path
from iom_causal.beliefs import Range
from iom_causal.estimate import Estimate, Line
from iom_causal.estimate.notes import LEFT_OUT, of_kind
from iom_causal.inputs.lines import REMAINDER
from iom_causal.ledger import ends, lines
from iom_causal.report import phrases, sentences
from iom_causal.report.render.page import Figure, Section, Short, Table
from iom_causal.sensitivity.tipping import Tipping

DECIMALS = {"ratio": 2, "points": 0}


def ledger_section(
    ledgers: Sequence[LedgerUnder],
    also: Sequence[str] = (),
    alone: Sequence[Tipping] = (),
    source: Source = PRINT,
) -> Section:
    """Show observed, expected without the programme and remainder, under every named set of evidence.

    Parameters
    ----------
    ledgers : sequence of LedgerUnder
        Of one outcome.
    also : sequence of str
        Sentences that rest on no set of evidence.
    alone : sequence of Tipping
        Settings that no set of evidence has, with nothing else allowed for.
    source : Source
        A print, or people.
    """
    name, kind = ledgers[0].result.outcome, ledgers[0].evidence.kind
    captions = phrases.LINES if source.rules is None else phrases.LINES_OF_PEOPLE
    named = list(dict.fromkeys(name for under in ledgers for name in lines(under.result)))
    named = [*[name for name in named if name != REMAINDER], REMAINDER]
    rows = [(_title(name), *(_cell(under.result, name) for under in ledgers)) for name in named]
    heads = ("line", *(u.evidence.name for u in ledgers))
    tables = [Table(captions[kind].format(name), heads, tuple(rows))]
    if all(u.rebuilt for u in ledgers):
        again = ("remainder on rebuilt cohorts", *(_over(under.rebuilt) for under in ledgers))
        tables.append(Table(phrases.REBUILT_LINES[kind], heads, (again,)))
    tips = [(f"{u.evidence.name}: {t.field}", _as_it_is(u, t), _tip(t)) for u in ledgers for t in u.tips]
    defined = (wording.WITHOUT_PROGRAMME,) if kind == "count" else ()
    in_box = int(source.rules is None)  # the box of a print holds the sentence on beliefs already
    tips += [(f"alone: {t.field}", _figure(t.now), _tip(t)) for t in alone]
    tables.append(Table(phrases.TIPS, ("setting", "as it is", "nothing remains at"), tuple(tips)))
    return Section(
        title=f"{name.capitalize()}: expected without the programme, and what remains",
        paragraphs=(
            *defined,
            wording.beliefs_sentence(
                phrases.REMAINS[kind].format(name), {u.evidence.title: remainder_text(u.result) for u in ledgers}
            ),
            *also,
            *_left_out(ledgers),
        ),
        tables=tuple(tables),
        figures=(_remainders(ledgers, source), *(_waterfall(u, source) for u in ledgers)),
        short=(
            Short("expected", paragraphs=slice(len(defined))),
            Short("expected", paragraphs=slice(len(defined) + in_box, None), tables=slice(1), figures=slice(1)),
            Short("overturn", tables=slice(len(tables) - 1, None)),
        ),
    )


def without_section(why: Sequence[str], *, others: bool) -> Section:
    """Say why there is no ledger, or none for some outcomes where others have one."""
    title = "Expected without the programme, and what remains"
    return Section(
        title=f"{title}: where there is no ledger" if others else title,
        paragraphs=tuple(why),
        short=(Short("bracket", paragraphs=slice(None)),),
    )


def grounds_section(ledgers: Sequence[LedgerUnder]) -> Section:
    """Print every allowance with its source, date and reason."""
    rows = tuple(
        (f"{u.evidence.name}: {g.confound.line}", g.source, g.date, g.reason) for u in ledgers for g in u.evidence.lines
    )
    lines = {g.confound.line for u in ledgers for g in u.evidence.lines}
    return Section(
        title="Grounds of every allowance",
        paragraphs=(*(f"{u.evidence.name}: {u.evidence.about}" for u in ledgers), *sentences.not_allowed_for(lines)),
        tables=(
            Table("Where each figure comes from, and why it is used.", ("allowance", "source", "date", "reason"), rows),
        ),
        detail=True,
    )


def _title(line: str) -> str:
    return "remainder after the listed allowances" if line == REMAINDER else line


def _cell(e: Estimate, name: str) -> str:
    line = lines(e).get(name)
    return "not allowed for" if line is None else _text(e.scale, line)


def _text(scale: str, line: Line) -> str:
    """Return a value or the ends of a set, with the interval around it where there is one."""
    shown = [fixed(exp(v) if scale == "ratio" else v, DECIMALS[scale]) for v in line]
    ends, around = shown[:2], shown[2:]
    point = ends[0] if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"
    return point if around == ends else f"{point} ({around[0]} to {around[1]})"


def remainder_text(e: Estimate) -> str:
    """Return the remainder with its interval."""
    return _cell(e, REMAINDER)


def _over(rebuilt: Sequence[Estimate]) -> str:
    """Return where the remainder lies over rebuilt cohorts, and the widest of its intervals."""
    low, high, conf_low, conf_high = zip(*(lines(e)[REMAINDER] for e in rebuilt), strict=True)
    return _text(rebuilt[0].scale, Line(min(low), max(high), min(conf_low), max(conf_high)))


def _left_out(ledgers: Sequence[LedgerUnder]) -> tuple[str, ...]:
    """Say what every column takes for granted, and what only some do because others allow for it."""
    taken = [of_kind(u.result.assumptions, LEFT_OUT) for u in ledgers]
    everywhere = [a for a in taken[0] if all(a in each for each in taken)]
    somewhere = dict.fromkeys(a for each in taken for a in each if a not in everywhere)
    told = (phrases.LEFT_OUT.format(listed(everywhere)),) if everywhere else ()
    return (*told, *((phrases.LEFT_OUT_OF_SOME.format(listed(somewhere)),) if somewhere else ()))


def _as_it_is(under: LedgerUnder, tip: Tipping) -> str:
    """Return the setting as the set of evidence has it; one that it lacks takes nothing."""
    setting = get_path(under.tried, tip.field)
    return f"{_figure(setting.low)} to {_figure(setting.high)}" if isinstance(setting, Range) else _figure(tip.now)


def _tip(tip: Tipping) -> str:
    if tip.set_low is not None and tip.set_high is not None:
        return f"{_figure(tip.set_low)} to {_figure(tip.set_high)}"
    if tip.value is None:
        return f"nowhere from {_figure(tip.searched[0])} to {_figure(tip.searched[1])}"
    return _figure(tip.value)


def _figure(value: float) -> str:
    return number(value, 3)


def _remainders(ledgers: Sequence[LedgerUnder], source: Source) -> Figure:
    """Draw what remains under every set, with none of it left at the dotted line."""
    e = ledgers[0].result
    ax = axes.forest([{"label": u.evidence.name, **u.result.row()} for u in ledgers])
    ax.set_xlabel(phrases.REMAINDER_AXIS[e.scale].format(e.outcome))
    ends = "; ".join(f"{u.evidence.name} {remainder_text(u.result)}" for u in ledgers)
    return Figure(
        f"remainder-{e.outcome}",
        phrases.REMAINDERS.format(e.outcome),
        f"One interval a set of evidence: {ends}.",
        source.image(ax),
        axes.to_png(ax),
    )


def _waterfall(under: LedgerUnder, source: Source) -> Figure:
    e = under.result
    both = ends(e)
    shares = ["; ".join(f"{k} {fixed(v, DECIMALS[e.scale])}" for k, v in end["attribution"].items()) for end in both]
    caption = f"{under.evidence.title}: {e.outcome}{phrases.WATERFALL[under.evidence.kind]}"
    return Figure(
        f"ledger-{e.outcome}-{under.evidence.name}",
        f"{caption} {phrases.BOTH_ENDS}" if len(both) > 1 else caption,
        f"Waterfall: {' | other end: '.join(shares)}.",
        source.image(e.plot()),
    )

"""The sections of the ledger: what remains under every set of evidence, and on which grounds."""

from collections.abc import Callable, Iterator, Sequence

from iom_causal.analysis import ledgers
from iom_causal.analysis.ledgers import OutcomeLedgers, reads_pool
from iom_causal.analysis.release import Leaving, Release
from iom_causal.analysis.remainder_set import RemainderSet, remainder_sets
from iom_causal.analysis.results import LedgerUnder
from iom_causal.analysis.steps import Results
from iom_causal.analysis.subject import Subject
from iom_causal.base import axes, axes_of_rows, wording
from iom_causal.base.decimals import DECIMALS
from iom_causal.base.formats import fixed, listed, percent
from iom_causal.base.setting_paths import get_path
from iom_causal.beliefs import Range
from iom_causal.estimate import Estimate, Line
from iom_causal.estimate.notes import LEFT_OUT, of_kind
from iom_causal.inputs.lines import REMAINDER
from iom_causal.ledger import ends, lines
from iom_causal.report import ledger_phrases, sentences
from iom_causal.report.ledger_cells import cell_of, line_text, remainder_text, setting_text, tip_text
from iom_causal.report.remainder_sentences import left_sentence, remains_sentence
from iom_causal.report.render.page import Figure, Section, Short, Table
from iom_causal.report.sections import bias
from iom_causal.report.sections.live import live
from iom_causal.report.sections.missing import lost
from iom_causal.report.sections.part import Part
from iom_causal.report.set_names import set_names
from iom_causal.report.voices import words
from iom_causal.report.without_ledger import left_out, why_none
from iom_causal.sensitivity.tipping import Tipping

type Called = Callable[[str], str]
"""The words for a set of evidence by its code name."""


def section(subject: Subject, results: Results) -> tuple[Section, ...]:
    """Show the ledger of each outcome, why others have none, the grounds of every allowance, and the posteriors."""
    found = given(subject, results)
    drawn = tuple(_ledger(each, subject, results) for each in found if each.under)
    why = tuple(text for each in found if not each.under for text in why_none(each, subject))
    under = [u for each in found for u in each.under]
    against = {each.outcome: _contradicted(each, subject, results) for each in found}
    return (
        *drawn,
        *((_without(why, found, others=bool(drawn)),) if why else ()),
        *((_grounds(under, set_names(subject)),) if under else ()),
        *(bias.section(each, subject, contradicted=against[each.outcome]) for each in found if each.under),
    )


def given(subject: Subject, results: Results) -> tuple[OutcomeLedgers, ...]:
    """Return the ledgers as they may be given: all that is said, drawn and written of them is of these."""
    return tuple(each.as_given(subject.release) for each in results.of(ledgers.run) or ())


def _ledger(each: OutcomeLedgers, subject: Subject, results: Results) -> Section:
    """Show observed, expected without the programme and remainder, under every named set of evidence."""
    name, kind, under, voice = each.outcome, each.kind, each.under, words(subject)
    called = set_names(subject)
    named = list(dict.fromkeys(line for u in under for line in lines(u.result)))
    named = [*[line for line in named if line != REMAINDER], REMAINDER]
    rows = [(_title(line), *(_held(u, line) or cell_of(u.result, line) for u in under)) for line in named]
    heads = ("line", *(called(u.evidence.name) for u in under))
    tables = [Table(voice.ledger_lines[kind].format(name), heads, tuple(rows))]
    if all(u.rebuilt for u in under):
        again = ("remainder on rebuilt cohorts", *(_over(u.rebuilt) for u in under))
        tables.append(Table(ledger_phrases.REBUILT_LINES[kind], heads, (again,)))
    tables.append(Table(ledger_phrases.TIPS, ("what is moved", *heads[1:]), tuple(_tips(under))))
    defined, alone = (wording.WITHOUT_PROGRAMME,) if kind == "count" else (), tuple(_alone(each))
    in_box = int(voice.box_in_short)
    return Section(
        title=f"{name.capitalize()}: expected without the programme, and what remains",
        name=f"ledger-{name}",
        finding=remains_sentence(_remainder(each, subject, results)),
        paragraphs=(
            *defined,
            wording.beliefs_sentence(
                ledger_phrases.REMAINS[kind].format(name),
                {called(u.evidence.name): remainder_text(u.result) for u in under},
            ),
            *lost(name, results),
            *left_of(each, subject, results),
            *left_out(each, called),
            *_from_others(under, called),
            *_taken_for_granted(under),
            *alone,
        ),
        tables=tuple(tables),
        figures=(
            _remainders(under, called, subject.release),
            *(_waterfall(u, called, subject.release) for u in under),
        ),
        short=(
            Short("expected", paragraphs=slice(len(defined))),
            Short(
                "expected",
                paragraphs=slice(len(defined) + in_box, -len(alone) or None),
                tables=slice(1),
                figures=slice(1),
            ),
            Short("overturn", tables=slice(len(tables) - 1, None)),
        ),
        live=live(each),
    )


def _tips(under: Sequence[LedgerUnder]) -> Iterator[tuple[str, ...]]:
    """Yield a row a setting: where nothing remains under each set, and what the setting is there."""
    for field in dict.fromkeys(t.field for u in under for t in u.tips):
        at = [
            next((ledger_phrases.TIP.format(tip_text(t), _as_it_is(u, t)) for t in u.tips if t.field == field), "")
            for u in under
        ]
        yield (_setting(field), *at)


def _alone(each: OutcomeLedgers) -> Iterator[str]:
    for t in each.alone:
        yield ledger_phrases.ALONE.format(each.outcome, tip_text(t), _setting(t.field), setting_text(t.now))


def _contradicted(each: OutcomeLedgers, subject: Subject, results: Results) -> bool:
    """Return whether windows before speak against the sets of an outcome."""
    sets = remainder_sets(results, subject.release)
    return any(s.contradiction is not None for s in sets if s.outcome == each.outcome)


def left_of(each: OutcomeLedgers, subject: Subject, results: Results) -> tuple[str, ...]:
    """Say what may be left over all sets and worlds; of a table whose sets the box lists, where the two are at odds."""
    left = _remainder(each, subject, results)
    lists = words(subject).lists_sets and not left.at_odds
    return (
        ()
        if lists
        else (left_sentence(ledger_phrases.REMAINS[each.kind].format(each.outcome), left, set_names(subject)),)
    )


def _remainder(each: OutcomeLedgers, subject: Subject, results: Results) -> RemainderSet:
    (left,) = (s for s in remainder_sets(results, subject.release) if (s.outcome, s.kind) == (each.outcome, each.kind))
    return left


def headline(subject: Subject, results: Results) -> tuple[str, ...]:
    """Say what may be left of each outcome; of a published table, what remains under every set of evidence."""
    drawn = [each for each in given(subject, results) if each.under]
    return tuple(" ".join((*by_set(each, subject), *left_of(each, subject, results))) for each in drawn)


def by_set(each: OutcomeLedgers, subject: Subject) -> tuple[str, ...]:
    """Say what remains under every set of evidence, where the first page lists the sets."""
    if not words(subject).lists_sets:
        return ()
    called = set_names(subject)
    remains = {called(u.evidence.name): remainder_text(u.result) for u in each.under}
    return (wording.beliefs_sentence(ledger_phrases.REMAINS[each.kind].format(each.outcome), remains),)


def files(subject: Subject, results: Results) -> dict[str, Leaving]:
    """Return every line under every set as one table, those of rebuilt cohorts among them, and the posteriors."""
    import pandas as pd  # noqa: PLC0415 slow to load

    found = given(subject, results)
    rows = [
        {
            "evidence": under.evidence.name,
            "outcome": e.outcome,
            "data": data,
            "line": name,
            "scale": "points" if e.scale == "points" else "log ratio",
            **line._asdict(),
            "per_person": _per_person(e, name),
        }
        for each in found
        for under in each.under
        for data, e in (
            (subject.voice, under.result),
            *((f"rebuilt cohort {k}", e) for k, e in enumerate(under.rebuilt)),
        )
        for name, line in lines(e).items()
    ]
    tables = {"ledger.csv": rows, "bias.csv": bias.rows(found, subject)}
    return {name: subject.release.leaving(pd.DataFrame(made), LedgerUnder) for name, made in tables.items() if made}


def _per_person(e: Estimate, line: str) -> float | None:
    return None if e.estimate is None else e.diagnostics["attribution"].get(line)


def _without(why: Sequence[str], found: Sequence[OutcomeLedgers], *, others: bool) -> Section:
    """Say why there is no ledger, or none for some outcomes where others have one."""
    title = "Expected without the programme, and what remains"
    return Section(
        title=f"{title}: where there is no ledger" if others else title,
        name="no-ledger",
        finding=ledger_phrases.NOT_TOLD.format(listed(each.outcome for each in found if not each.under)),
        paragraphs=tuple(why),
        short=(Short("bracket", paragraphs=slice(None)),),
    )


def _grounds(under: Sequence[LedgerUnder], called: Called) -> Section:
    """Print every allowance with the condition on which it is right, and its source, date and reason."""
    grounds = [(u, g, g.confound.line) for u in under for g in u.evidence.lines]
    rows = tuple(
        (f"{called(u.evidence.name)}: {line}", u.conditions[line], g.source, g.date, g.reason) for u, g, line in grounds
    )
    heads = ("allowance", "right if", "source", "date", "reason")
    absent = sentences.not_allowed_for({line for *_, line in grounds})
    return Section(
        title="Grounds of every allowance",
        name="grounds",
        finding=ledger_phrases.GROUNDS_FINDING,
        paragraphs=(*(_stands_for(u, called) for u in under), *absent),
        tables=(Table(ledger_phrases.GROUNDS, heads, rows), _in_code(under)),
        detail=True,
    )


def _in_code(under: Sequence[LedgerUnder]) -> Table:
    """Name the settings that were moved as code names them."""
    moved = dict.fromkeys(t.field for u in under for t in u.tips)
    return Table(
        ledger_phrases.IN_CODE, ("what is moved", "in code"), tuple((_setting(field), field) for field in moved)
    )


def _stands_for(under: LedgerUnder, called: Called) -> str:
    """Say what a set stands for, with its code name."""
    title = wording.quote(called(under.evidence.name))
    return ledger_phrases.STANDS_FOR.format(title, under.evidence.name, under.evidence.about)


def _setting(field: str) -> str:
    """Return a setting in words; one that has none by its name."""
    return ledger_phrases.SETTINGS.get(field, field)


def _title(line: str) -> str:
    return "remainder after the listed allowances" if line == REMAINDER else line


def _held(under: LedgerUnder, name: str) -> str:
    """Say in which other line of a set this one is."""
    if name in lines(under.result):
        return ""
    confounds = (line.confound for line in under.evidence.lines)
    return next((f"in that for {c.line}" for c in confounds if name in c.also_holds), "")


def _over(rebuilt: Sequence[Estimate]) -> str:
    """Return where the remainder lies over rebuilt cohorts, and the widest of its intervals."""
    low, high, conf_low, conf_high = zip(*(lines(e)[REMAINDER] for e in rebuilt), strict=True)
    return line_text(rebuilt[0].scale, Line(min(low), max(high), min(conf_low), max(conf_high)))


def _taken_for_granted(under: Sequence[LedgerUnder]) -> tuple[str, ...]:
    """Say what every column takes for granted, and what only some do because others allow for it."""
    taken = [of_kind(u.result.assumptions, LEFT_OUT) for u in under]
    everywhere = [a for a in taken[0] if all(a in each for each in taken)]
    somewhere = dict.fromkeys(a for each in taken for a in each if a not in everywhere)
    told = (ledger_phrases.LEFT_OUT.format(listed(everywhere)),) if everywhere else ()
    return (*told, *((ledger_phrases.LEFT_OUT_OF_SOME.format(listed(somewhere)),) if somewhere else ()))


def _from_others(under: Sequence[LedgerUnder], called: Called) -> Iterator[str]:
    """Say how much of an interval is that of the source population, to tens of per cent."""
    for u in under:
        if reads_pool(u.evidence):
            share = round(u.result.diagnostics["from_others"], 1)
            about = f"About {percent(share)}" if share else "Less than 5%"
            yield ledger_phrases.FROM_OTHERS.format(about, wording.quote(called(u.evidence.name)))


def _as_it_is(under: LedgerUnder, tip: Tipping) -> str:
    """Return the setting as the set of evidence has it; one that it lacks takes nothing."""
    setting = get_path(under.tried, tip.field)
    return (
        f"{setting_text(setting.low)} to {setting_text(setting.high)}"
        if isinstance(setting, Range)
        else setting_text(tip.now)
    )


def _remainders(under: Sequence[LedgerUnder], called: Called, release: Release) -> Figure:
    """Draw what remains under every set, with none of it left at the dotted line."""
    e = under[0].result
    ax = axes_of_rows.forest([{"label": called(u.evidence.name), **u.result.row()} for u in under])
    ax.set_xlabel(ledger_phrases.REMAINDER_AXIS[e.scale].format(e.outcome))
    image = release.image(ax)
    ends = "; ".join(f"{called(u.evidence.name)}, {remainder_text(u.result)}" for u in under)
    return Figure(
        f"remainder-{e.outcome}",
        ledger_phrases.REMAINDERS.format(e.outcome),
        f"One interval a set of evidence: {ends}.",
        image,
        axes.to_png(ax) if release.rules is None else image,
    )


def _waterfall(under: LedgerUnder, called: Called, release: Release) -> Figure:
    e = under.result
    both = ends(e)
    steps = ["; ".join(f"{k} {fixed(v, DECIMALS[e.scale])}" for k, v in end["steps"].items()) for end in both]
    title = wording.quote(called(under.evidence.name).removeprefix("if "))
    caption = f"If {title}: {e.outcome}{ledger_phrases.WATERFALL[under.evidence.kind]}"
    return Figure(
        f"ledger-{e.outcome}-{under.evidence.name}",
        f"{caption} {ledger_phrases.BOTH_ENDS}" if len(both) > 1 else caption,
        f"Waterfall: {' | other end: '.join(steps)}.",
        release.image(e.plot()),
    )


PART = Part(step=ledgers.run, section=section, headline=headline, files=files, doing="drawing up the ledger")

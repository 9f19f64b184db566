"""The change against a comparison: what the data carry, what must hold for it, and what other designs lack."""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from iom_causal.analysis import comparison, ledgers
from iom_causal.analysis.comparison import Basis, Before, Compared, Unlike, basis_of
from iom_causal.analysis.jobs import in_words
from iom_causal.analysis.ledgers import reads_pool
from iom_causal.analysis.release import Leaving, Release
from iom_causal.analysis.results import Refusal, Why
from iom_causal.analysis.steps import Results
from iom_causal.analysis.subject import Subject
from iom_causal.base import axes_of_rows
from iom_causal.base.formats import fixed, listed, percent
from iom_causal.base.wording import quote
from iom_causal.estimate import COLUMNS, Estimate
from iom_causal.estimate.estimate import Drawn
from iom_causal.estimate.notes import DAYS_DIFFER, TOO_NARROW, of_kind
from iom_causal.estimators import DiffInDiff, InterruptedTimeSeries, Matched, SteppedWedge
from iom_causal.estimators.quasi_experiments.designs_for import DesignOptions, Option
from iom_causal.estimators.shared.matched_people import BEFORE
from iom_causal.numerics import ALPHA
from iom_causal.report import comparison_phrases as said
from iom_causal.report import estimate_cells, sentences
from iom_causal.report.phrases import NOT_COMPUTED, UNLIKE_TIME, WEIGHTED_BY_DAYS, WINDOWS_TOGETHER
from iom_causal.report.render.page import Figure, Section, Short, Table
from iom_causal.report.sections.part import Part
from iom_causal.report.set_names import set_names
from iom_causal.report.voices import several_before

if TYPE_CHECKING:
    import pandas as pd

SOME_APART = 0.1
"""Ratio of levels before, as a log, from which on a ratio and a difference cannot both be right; also the standardised
mean difference up to which groups count as balanced."""
PRE_TREND = "pre_trend_p"
"""The diagnostic that tests windows before, and the decimals of a p-value about people."""


def section(subject: Subject, results: Results) -> tuple[Section, ...]:
    """Show the comparison of each outcome that has one, or say why it has none; and every design with what it lacks."""
    found = results.of(comparison.run) or ()
    shown = tuple(_shown(each, subject, results) for each in found if each.estimates or each.unlike)
    return (*shown, *((_lacking(found),) if found else ()))


def _shown(each: Compared, subject: Subject, results: Results) -> Section:
    release = subject.release
    rows = tuple(_row(each, e, release) for e in each.estimates)
    first, groups, apart = (
        _first(each, subject),
        tuple(_groups(each, subject)),
        tuple(_apart_before(each, subject.release)),
    )
    overturned = tuple(said.OVERTURNED.format(_holds(each, e.spec), each.outcome) for e in each.offered[:1])
    before = len(groups)
    heads = ("design", "value", "95% interval", "people", "level of 5")
    held = _must_hold(each)
    return Section(
        title=f"{each.outcome.capitalize()} against a comparison",
        name=f"comparison-{each.outcome}",
        finding=" ".join(first) or said.NO_CONTRAST.format(each.outcome),
        paragraphs=(
            *groups,
            *overturned,
            *apart,
            *_withheld(each, subject, results),
            *map(_refused, each.refusals),
            *_narrow(each, release),
            *_matched(each),
            *((said.MUST_HOLD,) if held else ()),
        ),
        points=held,
        tables=(Table(said.CONTRASTS, heads, rows),) if rows else (),
        figures=tuple(_figures(each, release)),
        short=(
            Short("expected", paragraphs=slice(before)),
            Short("overturn", paragraphs=slice(before, before + len(overturned) + len(apart))),
        )
        if first
        else (),
    )


def _first(each: Compared, subject: Subject) -> tuple[str, ...]:
    return (_sentence(each, subject),) if each.offered else ()


def holds_of(outcome: str, results: Results) -> str:
    """Return what must hold for the first comparison of an outcome, as a clause."""
    found = (each for each in results.of(comparison.run) or () if each.outcome == outcome and each.offered)
    return next((_holds(each, each.offered[0].spec) for each in found), "")


def sentence_of(outcome: str, subject: Subject, results: Results) -> str:
    """Return the sentence on the first comparison of an outcome; empty where none is offered."""
    found = (
        text for each in results.of(comparison.run) or () if each.outcome == outcome for text in _first(each, subject)
    )
    return next(found, "")


def _sentence(each: Compared, subject: Subject) -> str:
    """Say what the first estimate that is offered shows, and in the same sentence what must hold for that."""
    e = each.offered[0]
    design: Any = e.spec
    basis = basis_of(design)
    alike = basis is Basis.OTHERS and each.before is not None and each.before.alike
    beside = said.BESIDE_ALIKE if alike else said.BESIDE_LOTS if _by_lots(each, design) else said.BESIDE[basis]
    value, interval = estimate_cells.value_and_interval(e, subject.release)
    ends = f"{percent(e.conf_level)} interval {interval}"
    whom = said.AT_THE_CUT if e.estimand == "late_cutoff" else ""
    if e.scale == "ratio":
        what = f"{e.outcome} of managed people came to {value} times ({ends}) what was to be expected"
    else:
        per = e.term.partition(", ")[2]
        unit = " points" if e.estimand == "att_score" else f" {per}".rstrip()
        what = f"{e.outcome} of managed people changed by {value}{unit} ({ends}) against what was to be expected"
    return f"{beside}, {what}{whom}: the programme’s share, if {_holds(each, design)}."


def _why(each: Compared, why: Unlike) -> str:
    return said.WITHHELD_CONTRAST[why].format(each.outcome, _high(each))


def _high(each: Compared) -> str:
    return said.HIGH[each.kind].format(each.outcome)


def _must_hold(each: Compared) -> tuple[str, ...]:
    held: dict[str, None] = {}
    for e in each.offered:
        held.setdefault(f"{_name(each, e.spec)}: {_holds(each, e.spec)}.")
    return tuple(held)


def _by_lots(each: Compared, design: Any) -> bool:
    """Whether a stepped wedge has one step: then lots decided who was managed, and there is no order of starts."""
    return isinstance(design, SteppedWedge) and each.starts == 1


def _holds(each: Compared, design: Any) -> str:
    """Return what must hold, as a clause."""
    return said.LOTS_HOLD if _by_lots(each, design) else str(design.identification)


def _name(each: Compared, design: Any) -> str:
    """Return what a design is called: by its name, or as a class of one's own is."""
    name = said.LOTS if _by_lots(each, design) else said.TITLES.get(type(design).__name__) or in_words(design)
    return f"{name[:1].upper()}{name[1:]}"


def _method(each: Compared, e: Estimate) -> str:
    """Return the method of an estimate by the name of its design."""
    stepped = said.TITLES["SteppedWedge"]
    return e.method.replace(stepped, said.LOTS) if _by_lots(each, e.spec) else e.method


def _title(each: Compared, design: Any) -> str:
    """Return the name of a design with the setting by which it differs from another in the same table."""
    scale = f", {design.contrast}" if isinstance(design, DiffInDiff) else ""
    alone = said.SERIES[design.controlled] if isinstance(design, InterruptedTimeSeries) else ""
    return f"{_name(each, design)}{scale}{alone}"


def _refused(refusal: Refusal) -> str:
    """Say why a design refused these people; the name that its refusal begins with is said once."""
    if refusal.why is Why.UNLIKE_TIME:
        return UNLIKE_TIME.format(refusal.outcome, refusal.what)
    if refusal.why is Why.TOO_WIDE:
        return said.TOO_WIDE.format(refusal.outcome, said.TITLES[refusal.what])
    why = sentences.reason(refusal).removeprefix(f"{refusal.what}: ")
    return NOT_COMPUTED.format(refusal.outcome, said.TITLES.get(refusal.what, refusal.what), why)


def _narrow(each: Compared, release: Release) -> Iterator[str]:
    """Say which intervals are too narrow, and which ratios weight people by their days, without what counts people."""
    for e in each.estimates:
        if of_kind(e.notes, DAYS_DIFFER):
            yield f"{_title(each, e.spec)}: {WEIGHTED_BY_DAYS[:1].lower()}{WEIGHTED_BY_DAYS[1:]}"
        notes = map(release.note, of_kind(e.notes, TOO_NARROW))
        yield from (f"{_title(each, e.spec)}: {note}." for note in notes if note)


def _matched(each: Compared) -> Iterator[str]:
    """Say on what people were matched, and what matching took further apart."""
    for e in each.offered:
        if isinstance(e.spec, Matched):
            names, *apart = (e.diagnostics[key] for key in ("covariates", "difference_before", "difference_after"))
            on = [name for name in names if name != BEFORE or e.spec.on_outcome_before]
            yield said.MATCHED_ON.format(each.outcome, listed(dict.fromkeys((*e.spec.exact, *on))))
            for name, before, after in zip(names, *apart, strict=True):
                if before is not None and after is not None and abs(after) > max(abs(before), SOME_APART):
                    yield said.FURTHER_APART.format(name, fixed(abs(before), 2), fixed(abs(after), 2))


def _groups(each: Compared, subject: Subject) -> Iterator[str]:
    """Say how groups were selected, how far apart they were before, and how each changed."""
    b, release = each.before, subject.release
    if b is None:
        return
    if each.why_not_others is None:
        yield said.COMPARED_WITH[b.alike].format(each.outcome, _high(each))
    yield were(each, b, subject)
    for e in each.offered:
        if isinstance(e.spec, DiffInDiff) and e.scale == "ratio":
            own, other = (
                estimate_cells.part(e.diagnostics[f"change_{who}"], n, e, release)
                for who, n in (("managed", b.n), ("comparison", b.n_others))
            )
            yield said.GROUPS_CHANGED.format(each.outcome, fixed(own), fixed(other))
            if abs(math.log(b.managed / b.others)) > SOME_APART:
                yield said.ONE_SCALE
            return


def _apart_before(each: Compared, release: Release) -> Iterator[str]:
    """Say whether groups went apart in windows before, by the first design that tests it."""
    tested = (p for e in each.offered if isinstance(p := e.diagnostics.get(PRE_TREND), float))
    for p in list(tested)[:1]:
        yield said.PRE_TREND[p < ALPHA].format(release.p_text(p))


def _withheld(each: Compared, subject: Subject, results: Results) -> Iterator[str]:
    """Say why there is no contrast, and what reads the people who are there."""
    called = set_names(subject)
    for why in dict.fromkeys(why for _, why in each.unlike):
        stated = said.STATE_IT.get(why, "").format(each.outcome, _high(each))
        yield f"{_why(each, why)} {stated}".rstrip()
        if why is Unlike.SELECTED:
            reading = [
                quote(called(u.evidence.name))
                for found in results.of(ledgers.run) or ()
                for u in found.under
                if found.outcome == each.outcome and reads_pool(u.evidence)
            ]
            yield from (said.LEDGER_READS.format(listed(reading)),) if reading else ()


def _row(each: Compared, e: Estimate, release: Release) -> tuple[str, ...]:
    design: Any = e.spec
    level = said.NOT_OFFERED if each.why_not(design) else str(design.maryland)
    value, interval = estimate_cells.value_and_interval(e, release)
    method = _method(each, e)
    return (f"{method[:1].upper()}{method[1:]}", value, interval, estimate_cells.people(e, release), level)


def _figures(each: Compared, release: Release) -> Iterator[Figure]:
    """Draw the first estimate by its own picture, and all that are ratios side by side."""
    drawn = [e for e in each.offered if isinstance(e.spec, Drawn) and e in each.pictures]
    if drawn:
        e = drawn[0]
        value, interval = estimate_cells.value_and_interval(e, release)
        title = said.PICTURE.format(_name(each, e.spec), each.outcome, f"{value} ({interval})")
        yield Figure(f"comparison-{each.outcome}", title, title, release.image(e.plot()))
    ratios = [e for e in each.offered if e.scale == "ratio"]
    if len(ratios) > 1:
        ax = axes_of_rows.forest([{"label": _method(each, e), **estimate_cells.as_drawn(e, release)} for e in ratios])
        ax.set_xlabel(f"{each.outcome}, {ax.get_xlabel()}")
        ends = "; ".join(f"{_method(each, e)} {estimate_cells.value_and_interval(e, release)[0]}" for e in ratios)
        yield Figure(
            f"comparisons-{each.outcome}", said.SIDE_BY_SIDE, f"Forest plot of ratios: {ends}.", release.image(ax)
        )


def _lacking(found: tuple[Compared, ...]) -> Section:
    """List every design with what must hold for it and what the data lack for it."""
    tables = tuple(
        Table(
            said.DESIGNS_TABLE.format(each.outcome),
            ("design", "level of 5", "must hold", "lacks", "in a study file"),
            tuple(_design(each, o) for o in each.options.options),
        )
        for each in found
    )
    return Section(
        title="Which designs these data carry",
        name="designs",
        finding=" ".join(map(carried, found)),
        tables=tables,
        detail=True,
    )


def carried(each: Compared) -> str:
    """Say of how many designs an outcome lacks nothing, and of how many of these what they give may be offered."""
    held, offered = len(each.carried), len(each.may_be_offered)
    of_these = said.OF_THESE.format(offered or "none") if offered < held else ""
    return said.CARRIED_OF.format(held, len(each.options.options), each.outcome, of_these)


def why_none(each: Compared) -> str:
    """Say why no contrast with people who were never managed is offered; empty where one may be."""
    return "" if each.why_not_others is None else _why(each, each.why_not_others)


def _design(each: Compared, o: Option) -> tuple[str, ...]:
    lacks = "; ".join(r.plain for r in o.lacking if r.necessary)
    advice = "; ".join(r.plain for r in o.lacking if not r.necessary)
    names = ", ".join([type(o.design).__name__, *dict.fromkeys(r.in_code for r in o.lacking if r.in_code)])
    told = f"{lacks or said.CARRIED}{f' (but {advice})' if advice and not lacks else ''}."
    return (_title(each, o.design), str(o.design.maryland), f"{_holds(each, o.design)}.", told, names)


def headline(subject: Subject, results: Results) -> tuple[str, ...]:
    """Say what the first comparison of each outcome shows, and what must hold."""
    return tuple(text for each in results.of(comparison.run) or () for text in _first(each, subject))


def withheld(subject: Subject, results: Results) -> tuple[str, ...]:
    """Say of outcomes for which nothing is offered why; of people who were not managed, how far apart they were."""
    bare = [each for each in results.of(comparison.run) or () if not each.offered]
    apart = [
        f"{why_none(each)} {were(each, each.before, subject)}"
        for each in bare
        if each.why_not_others is not None and each.before is not None
    ]
    alone = [_why(each, Unlike.UNSTATED) for each in bare if Unlike.UNSTATED in dict(each.unlike).values()]
    return (*apart, *alone)


def were(each: Compared, b: Before, subject: Subject) -> str:
    """Say how far apart the two groups were before."""
    release = subject.release
    means = release.mean(b.managed, b.n, moved=b.furthest), release.mean(b.others, b.n_others, moved=b.furthest)
    over = f" ({WINDOWS_TOGETHER})" if several_before(subject) and each.kind != "score" else ""
    return said.WERE_BEFORE.format(over, *means, each.outcome, fixed(abs(b.apart), 1))


def level(results: Results) -> str:
    """Return the sentence on the level of the design that the first page stands on; empty without one."""
    for each in results.of(comparison.run) or ():
        if each.offered:
            design: Any = each.offered[0].spec
            what = said.DESIGN_BY_LOTS if _by_lots(each, design) else said.DESIGNS[type(design).__name__]
            return said.LEVEL_OF_COMPARISON.format(what, design.maryland)
    return ""


def taken_for_granted(results: Results) -> tuple[str, ...]:
    """Say of each comparison on the first page what it takes for granted."""
    found = [each for each in results.of(comparison.run) or () if each.offered]
    return tuple(said.TAKEN_FOR_GRANTED.format(_holds(each, each.offered[0].spec), each.outcome) for each in found)


def beside_alike(results: Results) -> tuple[str, ...]:
    """Return the outcomes whose comparison on the first page is with people who were selected alike."""
    return tuple(
        each.outcome
        for each in results.of(comparison.run) or ()
        if each.offered
        and basis_of(each.offered[0].spec) is Basis.OTHERS
        and each.before is not None
        and each.before.alike
    )


def quoted(results: Results) -> tuple[Estimate, ...]:
    """Return the comparison of each outcome that the first page quotes."""
    return tuple(each.offered[0] for each in results.of(comparison.run) or () if each.offered)


def files(subject: Subject, results: Results) -> dict[str, Leaving]:
    """Return the table of estimates against a comparison, and that of designs."""
    import pandas as pd  # noqa: PLC0415 slow to load

    found, release = results.of(comparison.run) or (), subject.release
    rows = [e.row() for each in found for e in each.estimates]
    tables = (
        {"designs.csv": release.leaving(pd.concat([_told(each.options) for each in found]), DesignOptions)}
        if found
        else {}
    )
    if rows:
        tables["comparison.csv"] = release.leaving(pd.DataFrame(rows, columns=list(COLUMNS)), Estimate)
    return tables


def _told(options: DesignOptions) -> "pd.DataFrame":
    table = options.tidy()
    table.insert(0, "outcome", options.outcome)
    return table


PART = Part(
    step=comparison.run,
    section=section,
    headline=headline,
    files=files,
    doing="comparing with people who were not managed",
    only="people",
)

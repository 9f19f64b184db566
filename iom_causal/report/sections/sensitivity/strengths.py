"""How strong something would have to be for nothing to remain: all beliefs together, and what no ledger holds."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import floor
from typing import ClassVar

from scipy.special import ndtr

from iom_causal.analysis import change
from iom_causal.analysis.change import Change
from iom_causal.analysis.release import Leaving, Release, arm
from iom_causal.analysis.results import LedgerUnder, Refusal
from iom_causal.analysis.sensitivity import strengths as step
from iom_causal.analysis.steps import Results
from iom_causal.analysis.subject import Subject
from iom_causal.base.formats import fixed, listed, number
from iom_causal.base.wording import quote
from iom_causal.beliefs import Range
from iom_causal.data.release.disclosure import nearest, outward
from iom_causal.estimate import Estimate
from iom_causal.inputs.threats import named
from iom_causal.ledger import all_expected
from iom_causal.report import ledger_phrases, sensitivity_phrases, sentences
from iom_causal.report.render.page import Figure, Section, Table
from iom_causal.report.sections.ledgers import given
from iom_causal.report.sections.part import Part
from iom_causal.report.set_names import set_names
from iom_causal.sensitivity.e_value import e_value
from iom_causal.sensitivity.frontier import Frontier, odds
from iom_causal.sensitivity.placebo_result import PlaceboDates
from iom_causal.sensitivity.rosenbaum import RosenbaumBounds
from iom_causal.sensitivity.several_biases import several_biases

LIKELY = 1 / 3
"""What comes more often is well within what is believed."""
LEAST_PART = 0.3
"""A setting that makes up a smaller part of the distance of a combination is not named in its sentence."""
FIGURES = ("now", "value", "set_low", "set_high", "conf_low", "conf_high", "chance")
"""Columns of numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strength:
    """What one question of sensitivity found, as it may be given.

    Parameters
    ----------
    outcome, question : str
        Of what, and in words what is asked.
    evidence, setting : str
        The set of evidence and the dotted path of what is moved; empty where nothing of a ledger is.
    now, value, set_low, set_high, conf_low, conf_high, chance : float or None
        The setting as it is, what it would have to be, the ends of a set of such values and of an interval, and how
        often what is believed lies as far out in that direction.
    said : str
        The same in words, for the page; empty for what another section shows.
    speaks_to, silent_on : tuple of str
        Points of the register.
    """

    figure_columns: ClassVar[Mapping[str, str]] = dict.fromkeys(FIGURES, "setting")
    people_columns: ClassVar[tuple[str, ...]] = ()
    free_columns: ClassVar[tuple[str, ...]] = ()
    solving_columns: ClassVar[tuple[str, ...]] = ()
    telling_columns: ClassVar[tuple[str, ...]] = ()

    outcome: str
    question: str
    evidence: str = ""
    setting: str = ""
    now: float | None = None
    value: float | None = None
    set_low: float | None = None
    set_high: float | None = None
    conf_low: float | None = None
    conf_high: float | None = None
    chance: float | None = None
    said: str = ""
    speaks_to: tuple[str, ...] = ()
    silent_on: tuple[str, ...] = ()


def section(subject: Subject, results: Results) -> tuple[Section, ...]:
    """Say where nothing remains with all beliefs moved, and how strong what no ledger holds would have to be."""
    under = [u for each in given(subject, results) for u in each.under]
    called = set_names(subject)
    together = tuple(
        (_title(u, called), u.result.outcome, *_cells(u.frontier)) for u in under if isinstance(u.frontier, Frontier)
    )
    outside = [strength for strength in _outside(subject, results) if strength.said]
    refused = [u.frontier for u in under if isinstance(u.frontier, Refusal)]
    refused += [
        one for each in results.of(step.run) or () for one in (each.rosenbaum, each.placebo) if isinstance(one, Refusal)
    ]
    if not (together or outside):
        return ()
    tables = (
        [Table(sensitivity_phrases.FRONTIERS, sensitivity_phrases.FRONTIER_HEADS, together, "sensitivity.csv")]
        if together
        else []
    )
    if outside:
        rows = tuple((f"{a.outcome}: {a.question}", a.said, named(a.speaks_to)) for a in outside)
        tables.append(Table(sensitivity_phrases.OUTSIDE, sensitivity_phrases.OUTSIDE_HEADS, rows, "sensitivity.csv"))
    return (
        Section(
            title="How strong something else would have to be",
            name="sensitivity",
            finding=_finding(under, subject),
            paragraphs=(sensitivity_phrases.NO_SUMMARY, *(sentences.not_computed(one) for one in refused)),
            tables=tuple(tables),
            figures=(*_frontiers(under, subject), *_earlier(results, subject.release)),
        ),
    )


def _finding(under: Sequence[LedgerUnder], subject: Subject) -> str:
    """Say of each outcome which combination of beliefs is nearest to leaving nothing."""
    called, nearest, said = set_names(subject), _nearest(under), []
    for outcome in dict.fromkeys(u.result.outcome for u in under):
        sets = [u for u in under if u.result.outcome == outcome]
        already = [u for u in sets if all_expected(u.result)]
        if already:
            which = (
                "every one of these sets" if len(already) == len(sets) else listed(_title(u, called) for u in already)
            )
            said.append(sensitivity_phrases.FRONTIER_ALL.format(outcome, which))
        if len(already) == len(sets):
            continue
        if outcome not in nearest:
            tried = any(isinstance(u.frontier, Frontier) for u in sets)
            which = "any of these sets" if not already else "the others"
            said += [sensitivity_phrases.FRONTIER_NONE.format(outcome, which)] if tried else []
            continue
        f, u = nearest[outcome]
        title = _title(u, called)
        if not f.distance:
            said.append(sensitivity_phrases.FRONTIER_AT_ONCE.format(outcome, title))
        else:
            said.append(sensitivity_phrases.FRONTIER_FINDING.format(outcome, title, *_cells(f)))
    return " ".join(said) or sensitivity_phrases.SENSITIVITY_FINDING


def _nearest(under: Sequence[LedgerUnder]) -> dict[str, tuple[Frontier, LedgerUnder]]:
    """Return of each outcome the combination that is nearest to what is believed, where any leaves nothing."""
    found: dict[str, tuple[Frontier, LedgerUnder]] = {}
    for u in under:
        f, name = u.frontier, u.result.outcome
        if isinstance(f, Frontier) and f.distance is not None:
            held = found.get(name)
            if held is None or f.distance < (held[0].distance or 0.0):
                found[name] = f, u
    return found


def _title(under: LedgerUnder, called: Callable[[str], str]) -> str:
    return quote(called(under.evidence.name).removeprefix("if "))


def _cells(f: Frontier) -> tuple[str, str]:
    """Return a combination in words, and how far out it is."""
    if f.values is None or f.scores is None:
        return sensitivity_phrases.NO_COMBINATION, ""
    if not f.distance:
        return sensitivity_phrases.AS_BELIEVED, sensitivity_phrases.WELL_WITHIN
    far = max(map(abs, f.scores))
    moved = [k for k, score in enumerate(f.scores) if abs(score) >= LEAST_PART * far]
    at = listed(
        sensitivity_phrases.AT.format(
            ledger_phrases.SETTINGS.get(f.fields[k], f.fields[k]), number(f.values[k], 3), f.believed(k)
        )
        for k in moved
    )
    return at, _far(f)


def _far(f: Frontier) -> str:
    """Say how far out a combination is: by its probability, or by the furthest of its settings."""
    drawn = [
        abs(score) for score, belief in zip(f.scores or (), f.beliefs, strict=True) if not isinstance(belief, Range)
    ]
    chance = float(2 * ndtr(-max(drawn, default=0.0))) if f.rarity is None else f.rarity
    if chance > LIKELY:
        return sensitivity_phrases.WELL_WITHIN if drawn else sensitivity_phrases.INSIDE
    return (sensitivity_phrases.FURTHEST if f.rarity is None else sensitivity_phrases.RARITY).format(odds(chance))


def _answers(subject: Subject, results: Results) -> Iterator[Strength]:
    """Yield the rows of the file: one belief at a time, all together, and what no ledger holds."""
    for each in given(subject, results):
        for under in each.under:
            yield from _one_at_a_time(under)
            yield from _together(under)
    yield from _outside(subject, results)


def _one_at_a_time(under: LedgerUnder) -> Iterator[Strength]:
    for tip in under.tips:
        yield Strength(
            outcome=under.result.outcome,
            question="one belief moved",
            evidence=under.evidence.name,
            setting=tip.field,
            now=tip.now,
            value=tip.value,
            set_low=tip.set_low,
            set_high=tip.set_high,
            speaks_to=tip.speaks_to,
            silent_on=tip.silent_on,
        )


def _together(under: LedgerUnder) -> Iterator[Strength]:
    if not isinstance(under.frontier, Frontier):
        return
    f = under.frontier
    for k, field in enumerate(f.fields):
        yield Strength(
            outcome=under.result.outcome,
            question="all beliefs moved together",
            evidence=under.evidence.name,
            setting=field,
            now=f.middles[k],
            value=None if f.values is None else f.values[k],
            chance=f.rarity,
            speaks_to=f.speaks_to,
            silent_on=f.silent_on,
        )


def _outside(subject: Subject, results: Results) -> Iterator[Strength]:
    """Yield what no ledger holds: unmeasured causes, several biases at once, the order of windows, earlier dates."""
    found = results.of(change.run) or Change()
    seen: set[str] = set()
    for e in found.estimates:
        if e.scale == "ratio" and e.estimate is not None and e.conf_low is not None and e.outcome not in seen:
            seen.add(e.outcome)
            yield from _of_ratio(e, subject.release)
    for each in results.of(step.run) or ():
        if isinstance(each.rosenbaum, RosenbaumBounds):
            yield _of_order(each.rosenbaum)
        if isinstance(each.placebo, PlaceboDates):
            yield _of_dates(each.placebo, subject.release)


def _of_ratio(e: Estimate, release: Release) -> Iterator[Strength]:
    """Yield the E-value of one cause, and the strength at which several biases at once would do."""
    ratio, low, high = _rounded(e, release)
    if not ratio > 0:  # no strength is enough
        return
    for question, said, bound in (
        (sensitivity_phrases.ONE_CAUSE, sensitivity_phrases.STRENGTH_OF_ONE, e_value(ratio, low=low, high=high)),
        (
            sensitivity_phrases.SEVERAL_BIASES,
            sensitivity_phrases.STRENGTH_OF_EACH,
            several_biases(ratio, low=low, high=high),
        ),
    ):
        yield Strength(
            outcome=e.outcome,
            question=question,
            value=bound.estimate,
            conf_low=bound.interval,
            said=said.format(fixed(bound.estimate), _interval(bound.interval)),
            speaks_to=bound.speaks_to,
            silent_on=bound.silent_on,
        )


def _interval(strength: float | None) -> str:
    """Say at which strength the interval reaches no change."""
    if strength is None or strength <= 1:
        return sensitivity_phrases.INTERVAL_AS_IT_IS
    return sensitivity_phrases.INTERVAL_AT.format(fixed(strength))


def _rounded(e: Estimate, release: Release) -> tuple[float, float, float]:
    """Return a ratio and its limits as they are given."""
    ratio, low, high = e.estimate or 0.0, e.conf_low or 0.0, e.conf_high or 0.0
    if not release.guarded:
        return ratio, low, high
    step = release.step(ratio, e.scale, e.n_used or 0, arm(ratio, low, high), e.outcome)
    low, high = outward(low, high, step)
    return nearest(ratio, step), low or step, high  # a lower limit given as 0: of one below 1 it is the same how far


def _of_order(found: RosenbaumBounds) -> Strength:
    gamma = round(found.gamma_at, 1)
    said = sensitivity_phrases.ORDER if gamma > 1 else sensitivity_phrases.ORDER_NONE
    return Strength(
        outcome=found.outcome,
        question=sensitivity_phrases.ORDER_OF_WINDOWS,
        value=gamma,
        said=said.format(fixed(gamma, 1), "before" if found.falls else "after"),
        speaks_to=found.speaks_to,
        silent_on=found.silent_on,
    )


def _of_dates(found: PlaceboDates, release: Release) -> Strength:
    """Return what the same rule met at earlier dates, as finely as the change itself may be given."""
    n, half = round(found.real.people), (found.high - found.low) / 2
    step = release.step(found.real.ratio, "ratio", n, half, found.outcome, most=2)  # as the sentence prints them
    ratio, expected = nearest(found.real.ratio, step), nearest(found.expected, step)
    low, high = outward(found.low, found.high, step)
    inside = low <= ratio <= high
    mostly = (
        floor(10 * found.detectable) / 10
    )  # a fall as large or larger: of a smaller one it would be too much to say
    return Strength(
        outcome=found.outcome,
        question=sensitivity_phrases.EARLIER_DATES,
        now=ratio,
        value=expected,
        conf_low=low,
        conf_high=high,
        said=(sensitivity_phrases.DATES_INSIDE if inside else sensitivity_phrases.DATES_OUTSIDE).format(
            len(found.dates), *(fixed(v) for v in (expected, low, high, ratio)), fixed(mostly, 1)
        ),
        speaks_to=found.speaks_to,
        silent_on=found.silent_on,
    )


def _frontiers(under: Sequence[LedgerUnder], subject: Subject) -> Iterator[Figure]:
    """Draw of each outcome the combination that is nearest to what is believed, unless nothing is left as it is."""
    for outcome, (f, u) in _nearest(under).items():
        if not f.distance:
            continue
        title = _title(u, set_names(subject))
        named = replace(f, fields=tuple(ledger_phrases.SETTINGS.get(field, field) for field in f.fields))
        each = "; ".join(
            sensitivity_phrases.FRONTIER_ALT.format(name, number(value, 3), f.believed(k), fixed(score, 1))
            for k, (name, value, score) in enumerate(zip(named.fields, f.values or (), f.scores or (), strict=True))
        )
        yield Figure(
            f"frontier-{outcome}",
            sensitivity_phrases.FRONTIER_FIGURE.format(outcome, title),
            f"{each}.",
            subject.release.image(named.plot()),
        )


def _earlier(results: Results, release: Release) -> Iterator[Figure]:
    """Draw changes at earlier dates, where what is drawn is not of people whose figures are guarded."""
    for each in results.of(step.run) or ():
        if isinstance(each.placebo, PlaceboDates) and not release.guarded:
            found = each.placebo
            yield Figure(
                f"earlier-dates-{each.outcome}",
                sensitivity_phrases.EARLIER_FIGURE.format(each.outcome),
                found.sentence,
                release.image(found.plot()),
            )


def files(subject: Subject, results: Results) -> dict[str, Leaving]:
    """Return every strength as one table."""
    import pandas as pd  # noqa: PLC0415 slow to load

    rows = [_row(strength) for strength in _answers(subject, results)]
    return {"sensitivity.csv": subject.release.leaving(pd.DataFrame(rows), Strength)} if rows else {}


def _row(strength: Strength) -> dict[str, object]:
    names = ("outcome", "question", "evidence", "setting", *FIGURES)
    points = {name: " ".join(getattr(strength, name)) for name in ("speaks_to", "silent_on")}
    return {name: getattr(strength, name) for name in names} | points


PART = Part(step=step.run, section=section, files=files)

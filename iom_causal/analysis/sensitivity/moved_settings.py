"""Settings of a study's ledgers stated, swept and moved together, under every set of evidence; no words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from iom_causal.analysis.disclosed import under_as_given
from iom_causal.analysis.ledgers import DRAWS as OF_THE_PAGE
from iom_causal.analysis.ledgers import LACKING, Data, drawn_up, frontier_of, movable, of_outcome, shows_change
from iom_causal.analysis.results import LedgerUnder
from iom_causal.analysis.sensitivity.asked import COUNTED, SCORED, asked_outcomes, nothing_told, untold
from iom_causal.analysis.steps import Effort
from iom_causal.analysis.subject import Named, Subject, enough, readable
from iom_causal.base.setting_paths import label, paths_of, replace_path
from iom_causal.base.specs import EMPTY, nearest
from iom_causal.beliefs import Belief
from iom_causal.confounds import (
    CONFOUNDS,
    Ageing,
    Attrition,
    Breach,
    Custody,
    Desistance,
    Detection,
    History,
    ScoreError,
)
from iom_causal.confounds.evidence import Evidence, EvidenceLine
from iom_causal.errors import InputError, SpecError
from iom_causal.ledger import Ledger
from iom_causal.sensitivity.moving import check_apart, check_path, check_span
from iom_causal.sensitivity.surface import Surface, surface
from iom_causal.sensitivity.sweep import Sweep, sweep
from iom_causal.sensitivity.tipping import Tipping, tipping

type Span = tuple[float, float]

DRAWS = 4000
"""Joint draws of each ledger along a setting: the ends of its interval are known to about 2% of its width. What remains
with nothing moved is drawn as often as on the page, which gives the same figure."""
NEUTRAL: Mapping[str, tuple[Any, ...]] = {
    **dict.fromkeys(
        COUNTED,
        (
            Detection(),
            Custody(ratio=1.0),
            Breach(),
            History(ratio=1.0),
            Desistance(hazard=0.0),
            Ageing(strength=0.0),
            Attrition(handling="complete"),
        ),
    ),
    **dict.fromkeys(SCORED, (ScoreError(), Attrition(handling="complete"))),
}
"""Lines that allow for nothing until one of their settings is moved, by the kind of outcome."""
NOTHING_ELSE, NEUTRAL_SET = "nothing else is allowed for", "nothing-else"
"""The title and the name of the set that allows for nothing: the one there is where a study names none."""
DRIFT = "score_error.drift_per_year"
"""What is moved of a score for which nothing is stated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """Which settings of a study's ledgers are moved, of which outcome and under which sets of evidence.

    Parameters
    ----------
    settings : mapping of str to belief
        What is put in the place of what a set of evidence states, by dotted path.
    swept : mapping of str to (float, float)
        Settings to move one at a time, each from where to where.
    together : mapping of str to (float, float)
        Two settings to move together; none for no surface.
    evidence : tuple of str
        The sets by their code names; none for all.
    outcome : str
        The outcome; empty for the first count and the first score.
    """

    settings: Mapping[str, Belief] = EMPTY
    swept: Mapping[str, Span] = EMPTY
    together: Mapping[str, Span] = EMPTY
    evidence: tuple[str, ...] = ()
    outcome: str = ""

    @property
    def paths(self) -> tuple[str, ...]:
        """Every setting that is named."""
        return tuple(dict.fromkeys((*self.settings, *self.swept, *self.together)))


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedSettings:
    """One outcome under one set of evidence, its settings moved.

    Parameters
    ----------
    under : LedgerUnder
        The set, with the ledger that was moved as `tried`; what it gave, its tipping values and its frontier.
    swept : tuple of Sweep
        Along one setting.
    surface : Surface or None
        Over two.
    lacks : tuple of str
        Settings asked for that the set does not have.
    """

    under: LedgerUnder
    swept: tuple[Sweep, ...]
    surface: Surface | None
    lacks: tuple[str, ...]


def moved_settings(subject: Subject, moves: Moves, seed: int) -> dict[str, tuple[MovedSettings, ...]]:
    """Move the settings of every ledger of a study, by outcome, one entry a set of evidence.

    What remains and its frontier are as they may be given.

    Raises
    ------
    SpecError
        IOM-E093 for a setting, an outcome or a set that there is none of, with the nearest, and IOM-E092 for a range
        that cannot be, each before anything is worked out.
    InputError
        IOM-E066 where no count or score is known before and after; where sets are named and none can be used, nothing
        is returned.
    """
    outcomes = asked_outcomes(subject, moves.outcome)
    _check(subject, moves, outcomes)
    moved: dict[str, tuple[MovedSettings, ...]] = {}
    for outcome in outcomes:
        data = readable(subject, outcome.name)
        if data is not None and enough(subject, data) and shows_change(data):
            found = [_moved(evidence, data, subject, moves, seed) for evidence in _sets(subject, outcome, moves)]
            if found:
                moved[outcome.name] = tuple(found)
    unusable = moves.evidence and not all(untold(subject, outcome.name) for outcome in outcomes)
    if not (moved or unusable):
        raise nothing_told(subject, outcomes)
    return moved


def left_out(subject: Subject, moves: Moves, moved: Mapping[str, object]) -> dict[str, str]:
    """Return the outcomes that are asked for and not moved, and why: "unread", "few", "no change" or "no set"."""
    asked = (outcome.name for outcome in asked_outcomes(subject, moves.outcome))
    return {name: untold(subject, name) or "no set" for name in asked if name not in moved}


def _stated(subject: Subject, outcome: Named, moves: Moves) -> tuple[Evidence, ...]:
    """Return the sets of evidence of an outcome that are asked for, as the study states them."""
    return tuple(e for e in subject.sets(outcome) if not moves.evidence or e.name in moves.evidence)


def _check(subject: Subject, moves: Moves, outcomes: Sequence[Named]) -> None:
    """Refuse what cannot be asked before anything is worked out."""
    names = list(dict.fromkeys(e.name for outcome in outcomes for e in subject.sets(outcome)))
    for name in moves.evidence:
        if name not in {*names, NEUTRAL_SET}:
            known = nearest(name, names) if names else "this study names none"
            raise SpecError("IOM-E093", f"evidence: {name!r} is no set of this study; {known}")
    specs = [
        _with_lines(Ledger(confounds), outcome.kind, tuple(label(c) for c in NEUTRAL[outcome.kind]))
        for outcome in outcomes
        for confounds in ([e.confounds for e in _stated(subject, outcome, moves)] or [()])
    ]
    for path in moves.paths:
        _check_path(path, moves, specs)
    if moves.together:
        if len(moves.together) != 2:
            raise SpecError(
                "IOM-E092", "surface: expected two settings, such as detection.ratio and history.elasticity"
            )
        check_apart(next(spec for spec in specs if _has(spec, next(iter(moves.together)))), list(moves.together))


def _check_path(path: str, moves: Moves, specs: Sequence[Ledger]) -> None:
    """Refuse a setting that no set of evidence has, and a value or a range that it cannot have."""
    holding = [spec for spec in specs if _has(spec, path)]
    if not holding:
        known = dict.fromkeys(p for spec in specs for p in paths_of(spec) if "." in p)
        raise SpecError("IOM-E093", f"{path}: no setting of any set of evidence here; {nearest(path, known)}")
    for spec in holding:
        for span in (moves.swept.get(path), moves.together.get(path)):
            if span is not None:
                check_span(spec, path, span)
        if path in moves.settings:
            replace_path(spec, path, moves.settings[path])


def _has(spec: Ledger, path: str) -> bool:
    """Whether a path leads to a number or belief of a line."""
    try:
        check_path(spec, path)
    except SpecError:
        return False
    return "." in path


def _with_lines(ledger: Ledger, kind: str, heads: Sequence[str]) -> Ledger:
    """Return a ledger with the lines of these names that it lacks, which allow for nothing yet."""
    there = {line for c in ledger.confounds for line in (c.line, *c.also_holds)}
    added = tuple(c for c in NEUTRAL[kind] if label(c) in heads and c.line not in there)
    return replace(ledger, confounds=(*ledger.confounds, *added))


def _sets(subject: Subject, outcome: Named, moves: Moves) -> tuple[Evidence, ...]:
    """Return the sets of evidence that the data can use; one that allows for nothing where there are none."""
    found = next(of_outcome(subject, outcome, Effort(quick=True, remainder=True)), None)
    used = () if found is None else tuple(u.evidence for u in found.under)
    asked = tuple(e for e in used if not moves.evidence or e.name.partition(LACKING)[0] in moves.evidence)
    if NEUTRAL_SET not in (moves.evidence or (() if used else (NEUTRAL_SET,))):
        return asked
    neutral = EvidenceLine(confound=NEUTRAL[outcome.kind][0], source="none", date="none", reason=NOTHING_ELSE)
    kind = "score" if outcome.kind in SCORED else "count"
    return (*asked, Evidence(name=NEUTRAL_SET, title=NOTHING_ELSE, about=NOTHING_ELSE, kind=kind, lines=(neutral,)))


def _moved(evidence: Evidence, data: Data, subject: Subject, moves: Moves, seed: int) -> MovedSettings:
    """Move the settings of one set of evidence."""
    heads = {path.partition(".")[0] for path in moves.settings}
    stated = _with_lines(Ledger(evidence.confounds, draws=OF_THE_PAGE), data.kind, tuple(heads))
    for path, value in moves.settings.items():
        stated = replace_path(stated, path, value) if _has(stated, path) else stated
    tried = tuple(label(c) for c in CONFOUNDS if c.in_ledger(data.kind).tried)
    moving = {path.partition(".")[0] for path in (*moves.swept, *moves.together)}
    ledger = _with_lines(replace(stated, draws=DRAWS), data.kind, (*moving, *tried))
    under, _ = drawn_up(evidence, stated, ledger, data, seed=seed)
    usual = (DRIFT,) if evidence.title == NOTHING_ELSE and data.kind in SCORED else movable(ledger, data.kind)
    named = tuple(path for path in moves.paths if _has(ledger, path))
    tips = [_tip(ledger, data, field) for field in usual if field not in named]
    both = moves.together and all(_has(ledger, path) for path in moves.together)
    under = replace(
        under,
        tips=(*(tip for tip in tips if tip is not None), *(tipping(ledger, data, field) for field in named)),
        frontier=frontier_of(ledger, data),
    )
    return MovedSettings(
        under=under_as_given(under, subject.release),
        swept=tuple(
            sweep(ledger, data, path, span, rng=seed) for path, span in moves.swept.items() if _has(ledger, path)
        ),
        surface=surface(ledger, data, moves.together, rng=seed) if both else None,
        lacks=tuple(path for path in moves.paths if not _has(ledger, path)),
    )


def _tip(ledger: Ledger, data: Data, field: str) -> Tipping | None:
    """Return a tipping value that nobody asked for by name, where the data can give one."""
    try:
        return tipping(ledger, data, field)
    except InputError:
        return None

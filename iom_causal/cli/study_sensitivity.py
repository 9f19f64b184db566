"""Sensitivity of what remains of a study: under every set of evidence, with one setting moved, with two, with all."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from iom_causal.analysis.disclosed import ledger_as_given
from iom_causal.analysis.ledgers import movable, of_outcome
from iom_causal.analysis.results import LedgerUnder, Refusal
from iom_causal.analysis.steps import Effort
from iom_causal.analysis.subject import LEAST_SETS, Named, Subject, enough, readable
from iom_causal.base import axes, output, wording
from iom_causal.base.formats import number
from iom_causal.base.result import Result, table
from iom_causal.base.setting_paths import label, paths_of, replace_path
from iom_causal.base.specs import EMPTY, check_choice, nearest
from iom_causal.beliefs import Belief, Range
from iom_causal.cli.question import NOTHING_ELSE, drawn, if_set
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
from iom_causal.estimate import Estimate
from iom_causal.evaluation import manifest
from iom_causal.ledger import Ledger
from iom_causal.moments import Moments
from iom_causal.panel import Panel
from iom_causal.report import phrases
from iom_causal.report.sections.ledgers import as_finely, remainder_text, tip_text
from iom_causal.report.set_names import LACKING, set_names
from iom_causal.sensitivity.frontier import Frontier, frontier
from iom_causal.sensitivity.moving import check_apart, check_path, check_span
from iom_causal.sensitivity.surface import Surface, surface
from iom_causal.sensitivity.sweep import Sweep, sweep
from iom_causal.sensitivity.tipping import Tipping, tipping

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

type Data = Panel | Moments
type Span = tuple[float, float]

DRAWS = 4000
"""Joint draws of a ledger: the ends of its interval are known to about 2% of its width."""
COUNTED, SCORED = ("count", "amount"), ("score",)
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
COLUMNS = (
    "outcome",
    "evidence",
    "asked",
    "field",
    "value_low",
    "value_high",
    "other_field",
    "other_value",
    "scale",
    "low",
    "high",
    "conf_low",
    "conf_high",
)
DRIFT = "score_error.drift_per_year"
"""What is moved of a score for which nothing is stated."""
NOWHERE = "nowhere"
"""How a tipping value is told that there is none of."""
REGRESSION = "u1"
"""The register's point on regression to the mean."""
NO_BELIEFS = "IOM-E096"
"""The code of a specification that states numbers alone, so that there is no frontier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a study is asked.

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
class Moved:
    """One outcome under one set of evidence, its settings moved.

    Parameters
    ----------
    under : LedgerUnder
        The set, with the ledger that was moved as `tried` and what it gave as it may be given.
    called : str
        The set in words.
    tips : tuple of Tipping
        One setting at a time.
    frontier : Frontier or None
        All beliefs together; None where the set states numbers alone.
    swept : tuple of Sweep
        Along one setting.
    surface : Surface or None
        Over two.
    lacks : tuple of str
        Settings asked for that the set does not have.
    """

    under: LedgerUnder
    called: str
    tips: tuple[Tipping, ...]
    frontier: Frontier | None
    swept: tuple[Sweep, ...]
    surface: Surface | None
    lacks: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class StudySensitivity(Result):
    """What remains of a study under every set of evidence, and how far its settings would have to move.

    Parameters
    ----------
    subject : Subject
        What was asked.
    asked : Asked
        The questions.
    moved : mapping of str to tuple of Moved
        By outcome, one a set of evidence.
    seed : int
        Of the draws.
    """

    subject: Subject
    asked: Asked
    moved: Mapping[str, tuple[Moved, ...]]
    seed: int

    figure_columns: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("value_low", "value_high", "other_value"), "setting"),
        **dict.fromkeys(("low", "high", "conf_low", "conf_high"), "estimate as it is given"),
    }

    def summary(self) -> str:
        """Return a paragraph an outcome: what remains, and under each set where nothing does."""
        return "\n\n".join("\n".join(self._told(name, moved)) for name, moved in self.moved.items())

    def _told(self, name: str, moved: Sequence[Moved]) -> Iterator[str]:
        remains = {m.called: remainder_text(m.under.result) for m in moved}
        kind = moved[0].under.evidence.kind
        if len(remains) >= LEAST_SETS:
            yield wording.beliefs_sentence(phrases.REMAINS[kind].format(name), remains)
        else:
            yield from (f"{phrases.REMAINS[kind].format(name)} is {text} {if_set(at)}." for at, text in remains.items())
        if self.asked.settings:
            stated = (f"{path} = {_value_text(value)}" for path, value in self.asked.settings.items())
            yield f"Here {', '.join(stated)} stands in the place of what is stated."
        for m in moved:
            yield f"\nI{if_set(m.called)[1:]}:"
            yield from (f"  {line}" for line in self._lines(m))

    def _lines(self, m: Moved) -> Iterator[str]:
        if not any(REGRESSION in c.ids and c.adjusts for c in m.under.tried.confounds):
            yield phrases.NO_REGRESSION_IN_IT
        for tip in m.tips:
            at = tip_text(tip, m.under, self.subject)
            found = f"nothing remains at {at}" if at.partition(" ")[0] != NOWHERE else f"{at} does nothing remain"
            yield f"{tip.field}, now {number(tip.now, 3)}: {found}"
        if m.frontier is not None:
            yield m.frontier.summary()
        if not self.subject.release.guarded:
            yield from (swept.summary() for swept in m.swept)
            if m.surface is not None:
                yield m.surface.summary()
        yield from (f"{path} is no setting of this set, and is left out" for path in m.lacks)

    def tidy(self) -> "pd.DataFrame":
        """Return one row a figure; of people without those along settings, from which more could be read."""
        rows = (row for name, several in self.moved.items() for m in several for row in self._rows(name, m))
        return self.subject.release.released(table(rows, COLUMNS), type(self))

    def _rows(self, name: str, m: Moved) -> Iterator[dict[str, Any]]:
        e = m.under.result
        same = {"outcome": name, "evidence": m.under.evidence.name, "scale": e.scale}
        left = _remainder(e)
        yield {**same, "asked": "remainder", **left}
        nothing = 1.0 if e.scale == "ratio" else 0.0
        none = {"low": nothing, "high": nothing}
        for tip in m.tips:
            at = _ends(tip, m.under, self.subject)
            yield {**same, "asked": "tipping", "field": tip.field, "value_low": at[0], "value_high": at[1], **none}
        if m.frontier is not None:
            yield from ({**same, **row, **none} for row in _together(m.frontier))
        if not self.subject.release.guarded:
            yield from ({**same, **row} for swept in m.swept for row in _along(swept))
            yield from ({**same, **row} for row in _over(m.surface))

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw what remains of the first outcome, an interval a set of evidence."""
        return _remainders(next(iter(self.moved.values())), ax)

    @cached_property
    def figures(self) -> Mapping[str, bytes]:
        """Every picture by its name: what remains, along each setting swept, and over two under each set."""
        made = {}
        for name, several in self.moved.items():
            made[f"remainder-{name}"] = axes.to_png(_remainders(several))
            for path in self.asked.swept:
                along = {m.called: swept for m in several for swept in m.swept if swept.field == path}
                if along:
                    made[f"sweep-{name}-{path}"] = axes.to_png(drawn(along, path))
            for m in several:
                if m.surface is not None:
                    made[f"surface-{name}-{m.under.evidence.name}"] = axes.to_png(m.surface.plot())
        return made

    def files(self) -> dict[str, str | bytes]:
        """Return every file by name."""
        return {
            "sensitivity.csv": output.csv_text(self.tidy()),
            "sensitivity.txt": self.summary() + "\n",
            **{f"figures/{name}.png": image for name, image in self.figures.items()},
        }

    def write(self, out: Path | str) -> tuple[Path, ...]:
        """Write the table, the text and the figures into a folder, whole or not at all.

        Raises
        ------
        SpecError
            IOM-E090 when the folder is unsafe or holds files that this tool did not write.
        """
        return output.write(Path(out), self.files(), manifest(self.subject, self.seed), work_of(self.subject))

    def __repr__(self) -> str:
        return f"StudySensitivity({self.subject.citation!r}, {', '.join(self.moved)})"


def work_of(subject: Subject) -> str:
    """Return what a folder of it holds, in words."""
    return f"sensitivity of {subject.citation}"


def study_sensitivity(subject: Subject, asked: Asked | None = None, *, seed: int | None = None) -> StudySensitivity:
    """Work out what remains of a study under every set of evidence, its tipping values and its frontiers.

    Parameters
    ----------
    subject : Subject
        A published table or people, as `read_subject` reads it.
    asked : Asked, optional
        Settings to state, to sweep and to move together.
    seed : int, optional
        Of the draws; by default the study's own.

    Raises
    ------
    SpecError
        IOM-E093 for a setting, an outcome or a set that there is none of, with the nearest, and IOM-E092 for a range
        that cannot be, each before anything is worked out.
    InputError
        IOM-E066 where no count or score is known before and after.

    Examples
    --------
    >>> from iom_causal.evaluation import read_subject
    >>> found = study_sensitivity(read_subject("template"), Asked(swept={"detection.ratio": (0.5, 1.0)}))
    >>> found.tidy()["asked"].unique().tolist()
    ['remainder', 'tipping', 'sweep']
    """
    asked = Asked() if asked is None else asked
    seed = subject.seed if seed is None else seed
    outcomes = _outcomes(subject, asked.outcome)
    _check(subject, asked, outcomes)
    moved: dict[str, tuple[Moved, ...]] = {}
    for outcome in outcomes:
        data = readable(subject, outcome.name)
        if data is not None and enough(subject, data):
            found = [_moved(evidence, data, subject, asked, seed) for evidence in _sets(subject, outcome, asked)]
            if found:
                moved[outcome.name] = tuple(found)
    if not moved:
        names = ", ".join(o.name for o in outcomes) or "none"
        under = f" that can use {', '.join(asked.evidence)}" if asked.evidence else ""
        raise InputError(
            "IOM-E066",
            f"sensitivity: expected a count or a score of enough people before and after{under}, got {names}",
        )
    return StudySensitivity(subject=subject, asked=asked, moved=moved, seed=seed)


def _outcomes(subject: Subject, name: str) -> tuple[Named, ...]:
    """Return the outcome that is named, or the first count and the first score."""
    usual = [o for o in subject.outcomes if o.kind in NEUTRAL]
    if name:
        check_choice(name, [o.name for o in usual], "outcome")
        return tuple(o for o in usual if o.name == name)
    first = (next((o for o in usual if o.kind in kinds), None) for kinds in (COUNTED, SCORED))
    return tuple(outcome for outcome in first if outcome is not None)


def _stated(subject: Subject, outcome: Named, asked: Asked) -> tuple[Evidence, ...]:
    """Return the sets of evidence of an outcome that are asked for, as the study states them."""
    return tuple(e for e in subject.sets(outcome) if not asked.evidence or e.name in asked.evidence)


def _check(subject: Subject, asked: Asked, outcomes: Sequence[Named]) -> None:
    """Refuse what cannot be asked before anything is worked out."""
    names = list(dict.fromkeys(e.name for outcome in outcomes for e in subject.sets(outcome)))
    for name in asked.evidence:
        if name not in names:
            known = nearest(name, names) if names else "this study names none"
            raise SpecError("IOM-E093", f"evidence: {name!r} is no set of this study; {known}")
    specs = [
        _with_lines(Ledger(confounds), outcome.kind, tuple(label(c) for c in NEUTRAL[outcome.kind]))
        for outcome in outcomes
        for confounds in ([e.confounds for e in _stated(subject, outcome, asked)] or [()])
    ]
    for path in asked.paths:
        _check_path(path, asked, specs)
    if asked.together:
        if len(asked.together) != 2:
            raise SpecError(
                "IOM-E092", "surface: expected two settings, such as detection.ratio and history.elasticity"
            )
        check_apart(next(spec for spec in specs if _has(spec, next(iter(asked.together)))), list(asked.together))


def _check_path(path: str, asked: Asked, specs: Sequence[Ledger]) -> None:
    """Refuse a setting that no set of evidence has, and a value or a range that it cannot have."""
    holding = [spec for spec in specs if _has(spec, path)]
    if not holding:
        known = dict.fromkeys(p for spec in specs for p in paths_of(spec) if "." in p)
        raise SpecError("IOM-E093", f"{path}: no setting of any set of evidence here; {nearest(path, known)}")
    for spec in holding:
        for span in (asked.swept.get(path), asked.together.get(path)):
            if span is not None:
                check_span(spec, path, span)
        if path in asked.settings:
            replace_path(spec, path, asked.settings[path])


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


def _sets(subject: Subject, outcome: Named, asked: Asked) -> tuple[Evidence, ...]:
    """Return the sets of evidence that the data can use; one that allows for nothing where there are none."""
    found = next(of_outcome(subject, outcome, Effort(quick=True, remainder=True)), None)
    used = () if found is None else tuple(u.evidence for u in found.under)
    if used or asked.evidence:
        return tuple(e for e in used if not asked.evidence or e.name.partition(LACKING)[0] in asked.evidence)
    neutral = EvidenceLine(confound=NEUTRAL[outcome.kind][0], source="none", date="none", reason=NOTHING_ELSE)
    kind = "score" if outcome.kind in SCORED else "count"
    return (Evidence(name="nothing-else", title=NOTHING_ELSE, about=NOTHING_ELSE, kind=kind, lines=(neutral,)),)


def _moved(evidence: Evidence, data: Data, subject: Subject, asked: Asked, seed: int) -> Moved:
    """Move the settings of one set of evidence."""
    heads = {path.partition(".")[0] for path in asked.settings}
    stated = _with_lines(Ledger(evidence.confounds, draws=DRAWS), data.kind, tuple(heads))
    for path, value in asked.settings.items():
        stated = replace_path(stated, path, value) if _has(stated, path) else stated
    tried = tuple(label(c) for c in CONFOUNDS if c.in_ledger(data.kind).tried)
    moving = {path.partition(".")[0] for path in (*asked.swept, *asked.together)}
    ledger = _with_lines(stated, data.kind, (*moving, *tried))
    result = stated(data, rng=seed)
    under = LedgerUnder(
        evidence=evidence,
        result=ledger_as_given(result, subject.release),
        posterior=Refusal(data.name, "the posterior"),
        rebuilt=(),
        tried=ledger,
        tips=(),
        frontier=None,
        conditions=EMPTY,
    )
    usual = (DRIFT,) if evidence.title == NOTHING_ELSE and data.kind in SCORED else movable(ledger, data.kind)
    named = tuple(path for path in asked.paths if _has(ledger, path))
    tips = [_tip(ledger, data, field) for field in usual if field not in named]
    both = asked.together and all(_has(ledger, path) for path in asked.together)
    return Moved(
        under=under,
        called=set_names(subject)(evidence.name) if evidence.title != NOTHING_ELSE else NOTHING_ELSE,
        tips=(*(tip for tip in tips if tip is not None), *(tipping(ledger, data, field) for field in named)),
        frontier=_frontier(ledger, data, under, subject),
        swept=tuple(
            sweep(ledger, data, path, span, rng=seed) for path, span in asked.swept.items() if _has(ledger, path)
        ),
        surface=surface(ledger, data, asked.together, rng=seed) if both else None,
        lacks=tuple(path for path in asked.paths if not _has(ledger, path)),
    )


def _tip(ledger: Ledger, data: Data, field: str) -> Tipping | None:
    """Return a tipping value that nobody asked for by name, where the data can give one."""
    try:
        return tipping(ledger, data, field)
    except InputError:
        return None


def _frontier(ledger: Ledger, data: Data, under: LedgerUnder, subject: Subject) -> Frontier | None:
    """Return the frontier of all beliefs of a set; of people as finely as the remainder may be given."""
    try:
        found = frontier(ledger, data)
    except SpecError as error:
        if error.code != NO_BELIEFS:
            raise
        return None
    values = found.values  # noqa: PD011 no frame
    if not subject.release.guarded or values is None or found.scores is None:
        return found
    values = tuple(as_finely(value, under, subject) for value in values)
    return replace(found, values=values, scores=tuple(round(s, 1) for s in found.scores), left=None)


def _remainder(e: Estimate) -> dict[str, float | None]:
    """Return what remains, or the ends of its set, with the interval."""
    low, high = (e.set_low, e.set_high) if e.estimate is None else (e.estimate, e.estimate)
    return {"low": low, "high": high, "conf_low": e.conf_low, "conf_high": e.conf_high}


def _ends(tip: Tipping, under: LedgerUnder, subject: Subject) -> tuple[float | None, float | None]:
    """Return the tipping value or the ends of its set; of people as finely as the remainder may be given."""
    ends = (tip.value, tip.value) if tip.set_low is None else (tip.set_low, tip.set_high)
    if not subject.release.guarded or ends[0] is None:
        return ends
    low, high = (None if end is None else as_finely(end, under, subject) for end in ends)
    return low, high


def _together(found: Frontier) -> Iterator[dict[str, Any]]:
    values = (None,) * len(found.fields) if found.values is None else found.values  # noqa: PD011 no frame
    for field, value in zip(found.fields, values, strict=True):
        yield {"asked": "frontier", "field": field, "value_low": value, "value_high": value}


def _along(swept: Sweep) -> Iterator[dict[str, Any]]:
    sides = (swept.values, swept.low, swept.high, swept.conf_low, swept.conf_high)  # noqa: PD011 no frame
    for value, low, high, conf_low, conf_high in zip(*sides, strict=True):
        yield {
            "asked": "sweep",
            "field": swept.field,
            "value_low": value,
            "value_high": value,
            "low": low,
            "high": high,
            "conf_low": conf_low,
            "conf_high": conf_high,
        }


def _over(over: Surface | None) -> Iterator[dict[str, Any]]:
    if over is None:
        return
    for row in over.tidy().to_dict("records"):
        yield {
            "asked": "surface",
            "field": row["first"],
            "value_low": row["first_value"],
            "value_high": row["first_value"],
            "other_field": row["second"],
            "other_value": row["second_value"],
            **{name: row[name] for name in ("low", "high", "conf_low", "conf_high")},
        }


def _remainders(moved: Sequence[Moved], ax: "Axes | None" = None) -> "Axes":
    e = moved[0].under.result
    ax = axes.forest([{"label": m.called, **m.under.result.row()} for m in moved], ax=ax)
    ax.set_xlabel(phrases.REMAINDER_AXIS[e.scale].format(e.outcome))
    return ax


def _value_text(value: Belief) -> str:
    if isinstance(value, Range):
        return f"{number(value.low)} to {number(value.high)}"
    return number(value) if isinstance(value, int | float) else str(value)

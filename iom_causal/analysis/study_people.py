"""A study with its people as the subject of an evaluation, and how they are read."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from iom_causal.analysis.release import Release
from iom_causal.analysis.subject import Named, Voice
from iom_causal.base.formats import counted
from iom_causal.base.specs import EMPTY, FrozenMap, digest
from iom_causal.cohort import Cohort
from iom_causal.confounds.evidence import Evidence
from iom_causal.confounds.own_lines import with_own_lines
from iom_causal.confounds.register import COUNTS, GAPS, INTERVIEWS, REGISTER, SCORES
from iom_causal.data.events.flow import Flow
from iom_causal.data.events.quality import DataQuality
from iom_causal.data.extract_parts import ExtractOutcome
from iom_causal.data.reading.columns import Fact
from iom_causal.data.reading.linked import LOST_IDS
from iom_causal.data.reading.panels import read_extract
from iom_causal.data.reading.pool_file import PoolRead, read_pool
from iom_causal.data.reading.source_population import facts_of_others
from iom_causal.data.release.furthest import Furthest
from iom_causal.data.release.nested import apart
from iom_causal.data.severity import SeverityTable
from iom_causal.errors import InputError, echo
from iom_causal.panel import Panel
from iom_causal.panel.parts import check_lengths
from iom_causal.protocol.digest import protocol_digest
from iom_causal.protocol.first_reading import FirstReading
from iom_causal.protocol.score_classes import ScoreClasses
from iom_causal.protocol.study import Study, check_answered, load_study
from iom_causal.published.statements import Limitation, Theme
from iom_causal.windows import Selection, Window


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class StudyPeople:
    """A study with its people, as the report reads it.

    Parameters
    ----------
    study : Study
        What was asked.
    cohort : Cohort
        One panel an outcome.
    facts : tuple of Fact
        What was read, and what was set aside.
    notes : tuple of str
        Warnings of the reading.
    pool : PoolRead, optional
        People who were never managed, where they are in a file of their own: they stand beside the others in `data`
        of the outcome that the rule reads.
    severity : mapping of str to SeverityTable
        The table by which each harm-weighted outcome counts.
    flows : mapping of str to Flow
        The flow chart of each outcome that is counted from a log of events.
    quality : DataQuality, optional
        What is odd in the log of events and the spells, where there is a log.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import pandas as pd
    >>> import iom_causal as iom
    >>> two = (iom.ExtractWindow(label="before", months=12), iom.ExtractWindow(label="after", months=12, post=True))
    >>> arrests = iom.ExtractOutcome(name="arrests", kind="count", columns=("pre", "post"))
    >>> ours = iom.Extract(file="people.csv", id="urn", outcomes=(arrests,), windows=two)
    >>> people = pd.DataFrame({"urn": ["A1", "B2", "C3"], "pre": [4, 3, 6], "post": [2, 3, 1]})
    >>> with TemporaryDirectory() as folder:
    ...     people.to_csv(Path(folder, "people.csv"), index=False)
    ...     found = iom.read_people(iom.Study(title="Ours", extract=ours), folder)
    >>> [outcome.name for outcome in found.outcomes]
    ['arrests']
    """

    study: Study
    cohort: Cohort
    facts: tuple[Fact, ...]
    notes: tuple[str, ...]
    pool: PoolRead | None = None
    severity: Mapping[str, SeverityTable] = EMPTY
    flows: Mapping[str, Flow] = EMPTY
    quality: DataQuality | None = None

    voice: ClassVar[Voice] = "people"
    published: ClassVar[None] = None
    rebuilt: ClassVar[None] = None
    unbuilt: ClassVar[None] = None
    got_in: ClassVar[str] = ""
    hedges: ClassVar[tuple[str, ...]] = ()
    research: ClassVar[tuple[str, ...]] = ()
    moderators: ClassVar[tuple[str, ...]] = ()
    sets_whole: ClassVar[bool] = False

    @property
    def citation(self) -> str:
        """What the study is called in a manifest."""
        return self.study.title

    @property
    def title(self) -> str:
        """The title of the study."""
        return self.study.title

    @property
    def programme(self) -> str:
        """What was introduced, in the words of the study."""
        return self.study.programme

    @property
    def called(self) -> str:
        """What the study calls its people."""
        return self.study.people

    @property
    def invented(self) -> bool:
        """Whether the people do not exist."""
        return self.study.invented

    @property
    def synthetic(self) -> bool:
        """Whether the people do not exist."""
        return self.study.invented

    @property
    def seed(self) -> int:
        """The seed that the study states."""
        return self.study.seed

    @cached_property
    def release(self) -> Release:
        """What may leave: no estimate is finer than the furthest of these people moves it."""
        managed = {name: panel.managed for name, panel in self.cohort.items()}
        sizes = (*(fact.people for fact in self.facts), *(n for p in self.cohort.values() for n in sizes_of(p)))
        return Release(
            self.study.disclosure,
            FrozenMap({name: furthest(panel) for name, panel in managed.items()}),
            FrozenMap({name: furthest(panel) for name, panel in self.cohort.items() if not panel.group.all()}),
            FrozenMap({name: panel.n for name, panel in managed.items()}),
            apart(sizes, self.study.disclosure),
        )

    @property
    def rule(self) -> Selection | None:
        """The selection rule that the study states."""
        return self.study.selection

    @property
    def smallest_effect(self) -> float | None:
        """The smallest change that matters, as a share, where the study states one."""
        return self.study.smallest_effect

    def sets(self, outcome: Named) -> tuple[Evidence, ...]:
        """Return the sets of evidence for this kind of outcome, with the study's own lines."""
        sets = [evidence for evidence in self.study.sets if evidence.kind == outcome.kind]
        return with_own_lines(sets, self.study.confounds, outcome.kind)

    def data(self, name: str) -> Panel:
        """Return the people with one outcome, without those who lack it in some window where these are few."""
        panel, rule = _without_few(self.cohort[name], self.release), self.study.selection
        if self.pool is None or rule is None or name != rule.variable:
            return panel
        return self.pool.population.beside(panel)

    def asked(self, name: str) -> tuple[Any, ...]:
        """Return the estimators that the study asks for in place of the usual ones."""
        return tuple(line.estimator for line in self.study.estimators if name in line.outcomes)

    @property
    def score_classes(self) -> tuple[ScoreClasses, ...]:
        """What the study states of its scores."""
        return self.study.score_classes

    def per(self, name: str) -> str:
        """Return what a rate is per: days at risk where they were recorded, else those of the calendar, if known."""
        if self.cohort[name].exposure is None:
            return ""
        return "day at risk" if self.study.extract.follows else "calendar day"

    def record(self) -> Mapping[str, object]:
        """Return what a manifest says of it."""
        return {
            "study": self.citation,
            "study_digest": digest(self.study),
            "protocol": protocol_digest(self.study),
            "protocol_noted_before": self.study.protocol,
            **(
                {"severity_tables": {name: table.record() for name, table in self.severity.items()}}
                if self.severity
                else {}
            ),
            "synthetic": self.synthetic,
            "disclosure": self.study.disclosure.note(),
            "research": self.study.disclosure.research,
        }

    @property
    def outcomes(self) -> tuple[ExtractOutcome, ...]:
        """The outcomes with their kinds."""
        return self.study.extract.outcomes

    @property
    def guessed(self) -> Mapping[str, Any]:
        """Lines of the study file that were guessed and not confirmed, each with what it states."""
        extract = self.study.extract
        return {field.name: getattr(extract, field.name) for field in fields(extract) if field.name in extract.guessed}

    @property
    def spans(self) -> tuple[Window, ...]:
        """The windows, where their lengths are known."""
        spans = self.study.extract.spans
        return () if any(w.days is None for w in spans) else spans

    @property
    def day_zero(self) -> dt.date | None:
        """The index date; None where each person has another, or none is stated."""
        return None if self.study.extract.entry else self.study.extract.day_zero

    @property
    def compared(self) -> bool:
        """Whether there are people who were not managed beside those who were."""
        return self.pool is not None or any(not panel.group.all() for panel in self.cohort.values())

    @property
    def themes(self) -> tuple[Theme, ...]:
        """What was heard."""
        return self.study.themes

    @property
    def limitations(self) -> tuple[Limitation, ...]:
        """The points of the register that no allowance of the study's own speaks to, and that it can have."""
        met = {key for line in self.study.confounds for key in line.confound.ids}
        heard = {key for theme in self.study.themes for key in theme.bears_on}
        open_points = (p for p in REGISTER.values() if p.id not in met and (p.id in heard or self._holds(p.needs)))
        return tuple(Limitation(id=p.id, text=p.point, named_by="design") for p in open_points)

    def _holds(self, needed: str) -> bool:
        """Whether the study holds what a point of the register needs to arise."""
        kinds = {o.kind for o in self.outcomes}
        held = {
            COUNTS: bool(kinds & {"count", "amount"}),
            SCORES: "score" in kinds,
            INTERVIEWS: False,
            GAPS: any(o.missing == "keep" for o in self.outcomes),
        }
        return held.get(needed, True)

    def limitation(self, key: str) -> Limitation | None:
        """Return a limitation by its register id, or None if it does not apply."""
        return next((item for item in self.limitations if item.id == key), None)

    def __repr__(self) -> str:
        return f"StudyPeople({self.study.title!r}, {self.cohort!r})"


def sizes_of(panel: Panel) -> Iterator[int]:
    """Yield the numbers of people of a panel: managed and others, and of each those with a window, a side, and all.

    Examples
    --------
    >>> gaps = Panel.from_arrays([[3.0, 2.0], [4.0, np.nan], [np.nan, np.nan]], kind="score", missing="keep")
    >>> sorted(set(sizes_of(gaps)))
    [0, 1, 2, 3]
    """
    known = ~np.isnan(panel.outcome.astype(np.float64))
    post = np.array([w.post for w in panel.windows])
    seen = (*known.T, known[:, ~post].all(axis=1), known[:, post].all(axis=1), panel.complete)
    for who in (panel.group, ~panel.group, np.ones_like(panel.group)):
        yield from (int(np.sum(who & each)) for each in (who, *seen))


def furthest(panel: Panel) -> Furthest:
    """Return how far the person furthest from the others stands out, by the sides before and after.

    Without one common start the windows before each person's own are put together, and those from it on.

    Examples
    --------
    >>> round(furthest(Panel.from_arrays([[4, 3], [6, 2], [5, 4], [31, 25]])).ratio, 2)
    1.51
    """
    after = np.array([w.post for w in panel.windows])[None, :]
    if panel.start is not None:
        after = np.arange(len(panel.windows)) >= panel.start.filled(np.flatnonzero(after[0]).min(initial=0))[:, None]
    known = panel.complete
    values, after = panel.outcome[known].astype(np.float64), np.broadcast_to(after, panel.outcome.shape)[known]
    days = np.broadcast_to(1.0 if panel.exposure is None else panel.exposure, panel.outcome.shape)
    put = np.ones((1, 1)) if panel.kind != "score" else np.maximum(np.stack((~after, after)).sum(axis=-1), 1)
    sides = [values.sum(axis=1, where=side) for side in (~after, after)] / put
    at_risk = [days[known].sum(axis=1, where=side) for side in (~after, after)]
    return Furthest.of(sides[0], sides[1], (at_risk[0], at_risk[1]), panel.group[known].astype(np.float64))


def _without_few(panel: Panel, release: Release) -> Panel:
    """Leave out people with a gap where these are too few to be spoken of.

    Figures with and without them, side by side, would tell about them.
    """
    gaps = (panel.group & ~panel.complete, ~panel.group & ~panel.complete)
    few = [gap for gap in gaps if gap.any() and not release.enough(int(gap.sum()))]
    return panel.where(~np.any(few, axis=0)) if few else panel


def read_people(
    study: Study | Path | str, folder: Path | str | None = None, *, known: FirstReading | None = None
) -> StudyPeople:
    """Read the extract of a study into panels, and the people of its pool beside them.

    Parameters
    ----------
    study : Study or path
        With the extract, or its file.
    folder : path, optional
        Where the extract lies; by default beside the study file that it was loaded from, else where Python runs.
    known : FirstReading, optional
        What was read from there before, and is not read again where the study states the same of it.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import pandas as pd
    >>> import iom_causal as iom
    >>> two = (iom.ExtractWindow(label="before", months=12), iom.ExtractWindow(label="after", months=12, post=True))
    >>> arrests = iom.ExtractOutcome(name="arrests", kind="count", columns=("pre", "post"))
    >>> ours = iom.Extract(file="people.csv", id="urn", outcomes=(arrests,), windows=two)
    >>> people = pd.DataFrame({"urn": ["A1", "B2", "C3"], "pre": [4, 3, 6], "post": [2, 3, 1]})
    >>> with TemporaryDirectory() as folder:
    ...     people.to_csv(Path(folder, "people.csv"), index=False)
    ...     found = iom.read_people(iom.Study(title="Ours", extract=ours), folder)
    >>> found.cohort["arrests"].n
    3
    """
    study = study if isinstance(study, Study) else load_study(study)
    check_answered(study)
    folder = study.folder if folder is None else folder
    if known is not None and known[:2] == (study.extract, study.selection):
        read = known.read
    else:
        read = read_extract(study.extract, folder, selection=study.selection)
    rule = study.selection
    pool = None
    if study.pool is not None and rule is not None and rule.variable in read.cohort:
        pool = read_pool(study.pool, study.extract, rule.variable, folder)
    facts, notes = read.facts, read.notes
    if pool is not None:
        facts, notes = facts + pool.facts, tuple(dict.fromkeys(notes + pool.notes))
    return checked(
        StudyPeople(
            study=study,
            cohort=read.cohort,
            facts=facts,
            notes=notes,
            pool=pool,
            severity=read.severity,
            flows=read.flows,
            quality=read.quality,
        )
    )


def checked(people: StudyPeople) -> StudyPeople:
    """Return people with what others among them show, or refuse what contradicts the study before it is evaluated.

    Raises
    ------
    InputError
        IOM-E068 for people below a stated cut, and what the windows or people who were not managed are refused for.
    """
    for panel in people.cohort.values():
        check_lengths(panel)
        _check_start(panel)
    _check_selected(people.study, people.cohort, people.notes)
    rule = people.study.selection
    if rule is None or rule.variable not in people.cohort:
        return people
    return replace(people, facts=(*people.facts, *facts_of_others(people.data(rule.variable), rule)))


def _check_start(panel: Panel) -> None:
    """Refuse managed people who all start at one window that is not the first after: before and after then differ."""
    starts = [] if panel.start is None else np.unique(panel.start.compressed()).tolist()
    first = next(k for k, w in enumerate(panel.windows) if w.post)
    if len(starts) == 1 and starts[0] != first:
        label = panel.windows[starts[0]].label
        raise InputError(
            "IOM-E047",
            f"study: everybody managed starts in window {echo(label)}, and the windows that lie after (post = true, or "
            "months: after) do not begin with it; let them",
        )


GROUP_FIRST = (
    "if these were not managed, name the column that says so (group = ..., managed = [...]), for they show what "
    "becomes of others; else "
)
"""Advice on people below the cut that costs no people, where the study names no column of treatment status."""

LOG_FIRST = (
    "if events counted for the rule that are left out here (filters, only, index_event, in_custody, records put "
    "together), state an outcome that counts them and let the rule read it; else "
)
"""Advice where counts come from a log of events."""


def _check_selected(study: Study, cohort: Cohort, notes: Sequence[str]) -> None:
    """Refuse a stated cut below which there are people: it was not the rule."""
    rule, disclosure = study.selection, study.disclosure
    if rule is None or rule.rule != "at_least" or rule.threshold is None or rule.variable not in cohort:
        return
    panel = cohort[rule.variable].managed
    read = [w.label in rule.windows or (not w.post and "before" in rule.windows) for w in panel.windows]
    there = np.ones(panel.n, dtype=np.bool_) if panel.weight is None else panel.weight > 0
    below = int((there & (panel.outcome[:, read].sum(axis=1) < rule.threshold)).sum())  # missing is below nothing
    few = below < disclosure.threshold and not disclosure.research
    told = f"fewer than {disclosure.threshold} people have" if few else counted(below, "[person has|people have]")
    lost = "".join(f"{note.partition(': ')[2]}. Beyond that, " for note in notes if note.startswith(LOST_IDS))
    if below:
        raise InputError(
            "IOM-E068",
            f"study: selection: {lost}{told} fewer {rule.variable} in the windows that the rule reads than its "
            f"threshold of {rule.threshold:g}, so that it did not pick everybody; "
            f"{'' if study.extract.compared else GROUP_FIRST}"
            f"{'' if study.extract.events is None else LOG_FIRST}"
            'look at threshold and windows, set rule = "soft" if people were referred too, or leave them out with a '
            "filter",
        )

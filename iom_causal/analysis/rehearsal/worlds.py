"""Simulated worlds of a planned study: its people, windows, selection rule and outcomes under kinds of scenarios."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from iom_causal.base.specs import FrozenMap
from iom_causal.cohort import Cohort
from iom_causal.data.extract_parts import ExtractOutcome
from iom_causal.errors import SpecError
from iom_causal.panel import Panel
from iom_causal.protocol.scenario import load_scenario
from iom_causal.protocol.study import Study
from iom_causal.simulate.careers import Careers
from iom_causal.simulate.data_strategies import Group, managed_groups, seen
from iom_causal.simulate.enrolment import Enrolment
from iom_causal.simulate.settings import DropOut, Programme, Score
from iom_causal.windows import YEAR, Selection, Window
from iom_causal.world import World

BASE = "regression-to-the-mean"
"""The scenario whose people all worlds have: levels that differ, and rates that come and go."""
RATE, TWICE = 2.0, 2.0
"""Events a year where no threshold says more; a threshold is so many times the mean of everybody."""
RATES = 0.01, 1000.0
"""Events a year that may be given: fewer fill no window, more are those of no person."""
OTHERS = 10
"""People of the source population for each managed one, where the study reads them."""
CUT, PER_LOG_RATE = 300.0, 60.0
"""The score's middle, and its points for one more unit of the log of a rate, where no rule reads it."""
SCORE = Score(base=CUT, per_event=8.0, per_log_rate=PER_LOG_RATE, lasting_sd=60.0, error_sd=45.0)
LOST = DropOut(share=0.1)
"""Follow-up of a score where the study keeps people without a later one."""
UNKNOWN_DAYS = 365
"""Days of a window whose length the study does not state."""


class Kind(NamedTuple):
    """A kind of world: the scenario that it takes from, the programme's ratio, and what happens in it in words."""

    scenario: str
    ratio: float
    about: str

    @property
    def nothing(self) -> bool:
        """Whether the programme does nothing in it."""
        return self.ratio == 1


KINDS: Mapping[str, Kind] = FrozenMap(
    {
        "picking alone": Kind(BASE, 1.0, "the programme does nothing; rates come and go"),
        "a fifth off": Kind(BASE, 0.8, "the programme takes a fifth off, and nothing else happens"),
        "half off": Kind(BASE, 0.5, "the programme takes half off, and nothing else happens"),
        "recording": Kind("detection", 1.0, "the programme does nothing; fewer of the same events are recorded after"),
        "custody": Kind("custody", 1.0, "the programme does nothing; arrests lead to time in custody"),
        "trend": Kind("history", 1.0, "the programme does nothing; everybody’s events fall"),
        "lost": Kind("attrition", 1.0, "the programme does nothing; some people are not looked for after"),
        "everything": Kind("all-together", 0.85, "the programme takes 15% off, and most confounds are at work"),
    }
)
"""The worlds of a rehearsal by name."""


@dataclass(frozen=True)
class Plan:
    """A study as the worlds live it."""

    study: Study
    people: int
    given_rate: float | None = None

    def __post_init__(self) -> None:
        low, high = RATES
        if self.given_rate is not None and not low <= self.given_rate <= high:
            raise SpecError(
                "IOM-E092", f"rehearse: rate: expected events a year from {low} to {high}, got {self.given_rate}"
            )

    @property
    def count(self) -> ExtractOutcome | None:
        """The first count."""
        return next((o for o in self.study.extract.outcomes if o.kind == "count"), None)

    @property
    def score(self) -> ExtractOutcome | None:
        """The first score."""
        return next((o for o in self.study.extract.outcomes if o.kind == "score"), None)

    @property
    def dated(self) -> bool:
        """Whether the study says how long its windows are."""
        return all(w.days is not None for w in self.study.extract.spans)

    @property
    def windows(self) -> tuple[Window, ...]:
        """The study's windows with their days, a year each where it does not say."""
        spans = self.study.extract.spans
        if self.dated:
            return spans
        first = -sum(not w.post for w in spans) * UNKNOWN_DAYS
        ends = range(first, first + (len(spans) + 1) * UNKNOWN_DAYS, UNKNOWN_DAYS)
        return tuple(Window(w.label, a, b, post=w.post) for w, a, b in zip(spans, ends, ends[1:], strict=False))

    @property
    def reads(self) -> str:
        """What the rule reads in the worlds: events, score or rate; empty where they have nothing that it reads."""
        rule = self.study.selection
        if rule is None:
            return ""
        if rule.rule == "rate":
            return "rate"
        names = {"events": self.count, "score": self.score}
        return next((reads for reads, o in names.items() if o is not None and o.name == rule.variable), "")

    @property
    def compared(self) -> bool:
        """Whether the study reads people who were not managed as those from whom its own were selected."""
        extract = self.study.extract
        return self.study.pool is not None or bool((extract.group or extract.others) and extract.selected is not True)

    @property
    def assumed(self) -> tuple[str, ...]:
        """What the study does not say, so that the worlds take it for granted."""
        twice = self.reads == "rate" or (self._cut is not None and self.given_rate is None)
        rate = self.given_rate is None and not twice
        told = {"windows": not self.dated, "rule": not self.reads, "twice": twice, "rate": rate}
        return tuple(name for name, holds in told.items() if holds)

    def careers(self, kind: Kind) -> Careers:
        """Return the world of one kind: the base's people, picked as the study picks, and the scenario's confounds."""
        base, own = load_scenario(BASE).careers, load_scenario(kind.scenario).careers
        places = self.places
        ratio = own.programme.ratio if kind.scenario != BASE else kind.ratio
        missing = self.score is not None and self.score.missing == "keep"
        return replace(
            base,
            people=places,
            pool=OTHERS * places if self.compared or self._top else None,
            windows=self.windows,
            rate=self.rate,
            confounds=own.confounds,
            programme=Programme(ratio=ratio),
            engaged=own.engaged,
            women=own.women,
            score=None if self.score is None else SCORE,
            drop_out=(own.drop_out or LOST) if missing else None,
            enrolment=self._enrolment,
            index_date=self.study.extract.day_zero,
        )

    @property
    def _top(self) -> bool:
        return self.study.selection is not None and self.study.selection.rule == "top"

    @property
    def places(self) -> int:
        """Managed people: those expected, or as many as the rule has places."""
        rule = self.study.selection
        return int(rule.threshold) if self._top and rule is not None and rule.threshold else self.people

    @property
    def _read(self) -> tuple[Window, ...]:
        """The windows that the rule reads."""
        named = () if self.study.selection is None else self.study.selection.windows
        return tuple(w for w in self.windows if w.label in named or (not w.post and "before" in named))

    @property
    def _cut(self) -> float | None:
        """The threshold where events are held against one."""
        rule = self.study.selection
        return None if rule is None or self.reads != "events" or self._top else rule.threshold

    @property
    def _years_read(self) -> float:
        return sum(w.days or 0 for w in self._read) / YEAR

    @property
    def rate(self) -> float:
        """Events a year of everybody: as given, or half the threshold in the windows that the rule reads."""
        if self.given_rate is not None:
            return self.given_rate
        return RATE if self._cut is None else self._cut / TWICE / self._years_read

    @property
    def _enrolment(self) -> Enrolment:
        rule = self.study.selection
        if rule is None or not self.reads:
            return Enrolment()
        name = Careers.score_name if self.reads == "score" else Careers.name
        labels = tuple(w.label for w in self._read)
        if self.reads == "rate":
            cut = Selection(name, labels, "at_least", rule.timing, threshold=TWICE * self.rate)
            return Enrolment(selection=cut, reads="rate")
        return Enrolment(selection=replace(rule, variable=name, windows=labels), reads=self.reads)

    @property
    def _own_days(self) -> bool:
        """Whether the study's file holds each person's own days at risk."""
        return self.study.extract.follows

    def seen(self, world: World) -> Cohort:
        """Return what the study would see: its outcomes by their names, and others where it reads them."""
        groups = managed_groups(world)
        if self.compared or self._top:
            others = ~world.managed if self._top else ~world.selected
            groups = [*groups, Group(others, None, treated=False)]
        found = seen(world, groups, outcome="both" if self.score else "events", custody_known=self._own_days)
        cohort = found if isinstance(found, Cohort) else {found.name: found}
        named = {Careers.name: self.count, Careers.score_name: self.score}
        return Cohort({o.name: self._as_read(cohort[name], o) for name, o in named.items() if o is not None})

    def _as_read(self, panel: Panel, outcome: ExtractOutcome) -> Panel:
        """Return a panel as the study's file would give it: without ages or days that it does not hold."""
        extract = self.study.extract
        known: dict[str, Any] = {} if self.dated else {"windows": extract.spans, "index_date": None}
        if not (self.dated or self._own_days):
            known["exposure"] = None
        fields: dict[str, Any] = {
            "name": outcome.name,
            "selection": self.study.selection,
            "covariates": {},
            "notes": (),
            **known,
        }
        if not (extract.age or extract.date_of_birth):
            fields["age"] = None
        return replace(panel, **fields)

"""The subject of an evaluation: all in which a published table and people with their data differ."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol

import numpy as np

from iom_causal.analysis.release import Release
from iom_causal.cohort import Cohort
from iom_causal.confounds.evidence import Evidence
from iom_causal.data.events.flow import Flow
from iom_causal.data.events.quality import DataQuality
from iom_causal.data.reading.columns import Fact
from iom_causal.errors import InputError, IomCausalError
from iom_causal.moments import Moments
from iom_causal.panel import Panel
from iom_causal.protocol.score_classes import ScoreClasses
from iom_causal.published.statements import Limitation, Theme
from iom_causal.published.study import PublishedStudy
from iom_causal.windows import Selection, Window

LEAST_SETS = 3
"""A figure that rests on beliefs is shown under so many sets of evidence or not at all."""
LACKING = "IOM-E112"
"""The code of a published table that lacks what is needed."""
UNREAD = (LACKING, "IOM-E067")
"""The codes of published moments that lack something or cannot all be right; the audit says which."""
type Voice = Literal["print", "people"]


class Named(Protocol):
    """An outcome of a subject."""

    @property
    def name(self) -> str:
        """What it is called in every sentence."""
        ...

    @property
    def kind(self) -> str:
        """What its numbers are: ``count``, ``amount``, ``score`` or ``binary``."""
        ...


class Subject(Protocol):
    """What is evaluated: steps and sections ask it for all in which a published table and people differ."""

    @property
    def voice(self) -> Voice:
        """Which of the two it is, and so in which words it is spoken of."""
        ...

    @property
    def citation(self) -> str:
        """What the study is called in a manifest; also the key of its random streams."""
        ...

    @property
    def title(self) -> str:
        """The title of the study."""
        ...

    @property
    def programme(self) -> str:
        """What was introduced, where the study describes it itself."""
        ...

    @property
    def called(self) -> str:
        """What the study calls its people."""
        ...

    @property
    def invented(self) -> bool:
        """Whether nobody conducted it."""
        ...

    @property
    def synthetic(self) -> bool:
        """Whether figures come from rebuilt or invented people."""
        ...

    @property
    def seed(self) -> int:
        """The seed where none is given."""
        ...

    @property
    def release(self) -> Release:
        """Rules for figures that leave."""
        ...

    @property
    def outcomes(self) -> Sequence[Named]:
        """The outcomes with their kinds."""
        ...

    @property
    def published(self) -> PublishedStudy | None:
        """The published table, where it is one."""
        ...

    @property
    def rebuilt(self) -> Cohort | None:
        """Cohorts that are observationally equivalent to a published table, where they could be rebuilt."""
        ...

    @property
    def unbuilt(self) -> IomCausalError | None:
        """Why no cohort was rebuilt from a published table."""
        ...

    @property
    def cohort(self) -> Cohort | None:
        """The people, where their data are at hand."""
        ...

    @property
    def facts(self) -> tuple[Fact, ...]:
        """What was read of people, and what was set aside."""
        ...

    @property
    def flows(self) -> Mapping[str, Flow]:
        """The flow chart of each outcome that is counted from a log of events."""
        ...

    @property
    def quality(self) -> DataQuality | None:
        """What is odd in a log of events and spells, where there is a log."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """Warnings of the reading."""
        ...

    @property
    def guessed(self) -> Mapping[str, Any]:
        """Lines of the study file that were guessed and not confirmed, each with what it states."""
        ...

    @property
    def spans(self) -> tuple[Window, ...]:
        """The windows, where their lengths are known."""
        ...

    @property
    def day_zero(self) -> dt.date | None:
        """The day from which windows count, where it is known and the same for everybody."""
        ...

    @property
    def compared(self) -> bool:
        """Whether there are people who were not managed beside those who were."""
        ...

    @property
    def rule(self) -> Selection | None:
        """The selection rule, where one is stated that can be computed with."""
        ...

    @property
    def got_in(self) -> str:
        """How people were selected, in the words of a published study."""
        ...

    @property
    def smallest_effect(self) -> float | None:
        """The smallest change that matters, as a share, where one is stated."""
        ...

    @property
    def hedges(self) -> tuple[str, ...]:
        """The authors' words of caution."""
        ...

    @property
    def research(self) -> tuple[str, ...]:
        """What the authors suggest for research."""
        ...

    @property
    def moderators(self) -> tuple[str, ...]:
        """What the authors say of subgroups, in their words."""
        ...

    @property
    def themes(self) -> tuple[Theme, ...]:
        """Views voiced in interviews."""
        ...

    @property
    def limitations(self) -> tuple[Limitation, ...]:
        """What has not been adjusted for."""
        ...

    @property
    def sets_whole(self) -> bool:
        """Whether a set of evidence stands with all its lines or not at all."""
        ...

    def sets(self, outcome: Named) -> tuple[Evidence, ...]:
        """Return the sets of evidence for an outcome, with the adjustments of the study's own."""
        ...

    def data(self, name: str) -> Panel | Moments:
        """Return what is known of an outcome."""
        ...

    def asked(self, name: str) -> tuple[Any, ...]:
        """Return the estimators that the study asks for in place of the usual ones."""
        ...

    @property
    def score_classes(self) -> tuple[ScoreClasses, ...]:
        """What is stated of scores, so that people's changes are put into classes."""
        ...

    def per(self, name: str) -> str:
        """Return what a rate is per: days at risk where they were recorded, else those of the calendar, if known."""
        ...

    def limitation(self, key: str) -> Limitation | None:
        """Return a limitation by its register id, or None if it does not apply."""
        ...

    def record(self) -> Mapping[str, object]:
        """Return what a manifest says of the subject."""
        ...


def readable(subject: Subject, name: str) -> Panel | Moments | None:
    """Return what is known of an outcome before and after.

    None where a published table does not give it (the audit says why), and of people who entered at different times.
    """
    try:
        return None if staggered(subject, name) else subject.data(name)
    except InputError as error:
        if error.code not in UNREAD:
            raise
        return None


def staggered(subject: Subject, name: str) -> bool:
    """Whether managed people entered at different windows, so that before and after are not common to them."""
    start = None if subject.cohort is None else subject.cohort[name].start
    return start is not None and len(np.unique(start.compressed())) > 1


def enough(subject: Subject, data: Panel | Moments) -> bool:
    """Whether the release rules let something be said of so many managed people."""
    return subject.release.enough(data.n if isinstance(data, Moments) else data.managed.n_complete)

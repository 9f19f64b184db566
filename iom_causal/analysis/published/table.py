"""A published table as the subject of an evaluation, with cohorts rebuilt from it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from iom_causal.analysis.release import PRINT, Release
from iom_causal.analysis.steps import Effort
from iom_causal.analysis.subject import LACKING, LEAST_SETS, Named, Subject, Voice
from iom_causal.base import wording
from iom_causal.base.specs import EMPTY, digest
from iom_causal.cohort import Cohort
from iom_causal.confounds.evidence import Evidence, load_evidence
from iom_causal.data.events.flow import Flow
from iom_causal.data.reading.columns import Fact
from iom_causal.errors import ConvergenceError, InfeasibleError, InputError, IomCausalError, SpecError
from iom_causal.moments import Moments
from iom_causal.protocol.score_classes import ScoreClasses
from iom_causal.published.rebuild.reconstruct import reconstruct
from iom_causal.published.records import Outcome
from iom_causal.published.statements import Limitation, Theme
from iom_causal.published.study import PublishedStudy
from iom_causal.streams import Streams
from iom_causal.windows import Window

DRAWS, QUICK_DRAWS = 600, 240
UNBUILT = (LACKING, "IOM-E110", "IOM-E111")
"""The codes after which an evaluation goes on without rebuilt people, and says so."""


@dataclass(frozen=True, kw_only=True, eq=False)
class PublishedTable:
    """A published table, with cohorts rebuilt from it.

    Parameters
    ----------
    study : PublishedStudy
        What was published.
    rebuilt : Cohort or None
        Cohorts that are observationally equivalent to it.
    unbuilt : IomCausalError or None
        Why there are none.
    """

    study: PublishedStudy
    rebuilt: Cohort | None = None
    unbuilt: IomCausalError | None = None

    voice: ClassVar[Voice] = "print"
    seed: ClassVar[int] = 1
    release: ClassVar[Release] = PRINT
    cohort: ClassVar[None] = None
    facts: ClassVar[tuple[Fact, ...]] = ()
    notes: ClassVar[tuple[str, ...]] = ()
    flows: ClassVar[Mapping[str, Flow]] = EMPTY
    quality: ClassVar[None] = None
    guessed: ClassVar[Mapping[str, Any]] = EMPTY
    rule: ClassVar[None] = None
    programme: ClassVar[str] = ""
    smallest_effect: ClassVar[None] = None
    sets_whole: ClassVar[bool] = True

    @property
    def published(self) -> PublishedStudy:
        """The published table."""
        return self.study

    @property
    def citation(self) -> str:
        """Author and year."""
        return self.study.citation

    @property
    def title(self) -> str:
        """The title of the work."""
        return self.study.title

    @property
    def called(self) -> str:
        """What the study calls its people."""
        return self.study.people

    @property
    def invented(self) -> bool:
        """Whether nobody conducted it."""
        return self.study.invented

    @property
    def synthetic(self) -> bool:
        """Whether figures come from rebuilt people."""
        return self.rebuilt is not None

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """The outcomes as they are published."""
        return self.study.outcomes

    @property
    def spans(self) -> tuple[Window, ...]:
        """The windows in days relative to the index date."""
        return self.study.spans

    @property
    def day_zero(self) -> dt.date | None:
        """The day on which the programme was introduced."""
        return self.study.index_date

    @property
    def compared(self) -> bool:
        """Whether people without the programme were compared."""
        return self.study.comparison_group

    @property
    def got_in(self) -> str:
        """How people were selected, as stated."""
        return self.study.selection

    @property
    def hedges(self) -> tuple[str, ...]:
        """The authors' words of caution."""
        return self.study.hedges

    @property
    def research(self) -> tuple[str, ...]:
        """What the authors suggest for research."""
        return self.study.research

    @property
    def moderators(self) -> tuple[str, ...]:
        """What the authors say of subgroups."""
        return tuple(s.quote for s in self.study.subgroups)

    @property
    def themes(self) -> tuple[Theme, ...]:
        """Views voiced."""
        return self.study.themes

    @property
    def limitations(self) -> tuple[Limitation, ...]:
        """The limitations that the study lists."""
        return self.study.limitations

    def limitation(self, key: str) -> Limitation | None:
        """Return a limitation by its register id, or None if the study does not list it."""
        return self.study.limitation(key)

    def sets(self, outcome: Named) -> tuple[Evidence, ...]:
        """Return the sets that the study names for this kind of outcome, their rules read as ones about it.

        Raises
        ------
        SpecError
            IOM-E093 for an unknown set, IOM-E096 where there are some, but fewer than three.
        """
        named = [each for name in self.study.evidence if (each := load_evidence(name)).kind == outcome.kind]
        if 0 < len(named) < LEAST_SETS:
            raise SpecError(
                "IOM-E096",
                f"published.evidence: expected at least {LEAST_SETS} sets for a {outcome.kind}, got {len(named)}; "
                "one answer alone would pass for the answer",
            )
        return tuple(_about(each, outcome.name) for each in named)

    def data(self, name: str) -> Moments:
        """Return the published moments of an outcome."""
        return self.study[name]

    def asked(self, name: str) -> tuple[Any, ...]:  # noqa: ARG002 as Subject has it
        """Return no estimators: a published study asks for none."""
        return ()

    @property
    def score_classes(self) -> tuple[ScoreClasses, ...]:
        """None: a published table does not say who changed by how much."""
        return ()

    def per(self, name: str) -> str:  # noqa: ARG002 as Subject has it
        """Return what a rate is per: a day of the calendar, where the dates are published."""
        return "calendar day" if self.spans else ""

    def record(self) -> Mapping[str, object]:
        """Return what a manifest says of it."""
        return {
            "study": self.citation,
            "source_version": self.study.source_version,
            "study_digest": digest(self.study),
            "synthetic": True,
            "synthetic_note": f"rebuilt cohorts: {wording.REBUILT}",
        }


def _about(evidence: Evidence, outcome: str) -> Evidence:
    lines = zip(evidence.lines, evidence.on(outcome), strict=True)
    return replace(evidence, lines=tuple(replace(line, confound=confound) for line, confound in lines))


def with_cohorts(subject: Subject, effort: Effort) -> Subject:
    """Return a published table with cohorts rebuilt from it, or why there are none; people as they are."""
    study = subject.published
    if study is None:
        return subject
    rng = Streams(effort.seed, study.citation).generator("reconstruct")
    try:
        cohorts = reconstruct(study, draws=QUICK_DRAWS if effort.quick else DRAWS, rng=rng)
    except (InputError, InfeasibleError, ConvergenceError) as error:
        if error.code not in UNBUILT:
            raise
        return PublishedTable(study=study, unbuilt=error)
    return PublishedTable(study=study, rebuilt=cohorts)

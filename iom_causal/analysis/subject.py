"""The subject of an evaluation: people of a study whose data are at hand."""

from dataclasses import dataclass
from pathlib import Path

from iom_causal.base.formats import counted
from iom_causal.cohort import Cohort
from iom_causal.confounds.register import REGISTER
from iom_causal.data.extracts import ExtractOutcome
from iom_causal.data.panels import Fact, read_extract
from iom_causal.errors import InputError
from iom_causal.protocol.study import Study, load_study
from iom_causal.published.statements import Limitation, Theme
from iom_causal.windows import Window

OF_COUNTS, OF_SCORES, OF_INTERVIEWS, OF_GAPS = ("c03", "c04", "u2", "u4"), "c07", "c12", "u3"
"""Points of the register for studies that count events, have a score, have interviews, or keep missing values."""


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
    digest : str
        Of the file that was read.
    """

    study: Study
    cohort: Cohort
    facts: tuple[Fact, ...]
    notes: tuple[str, ...]
    digest: str

    @property
    def citation(self) -> str:
        """What the study is called in a manifest."""
        return self.study.title

    @property
    def outcomes(self) -> tuple[ExtractOutcome, ...]:
        """The outcomes with their kinds."""
        return self.study.extract.outcomes

    @property
    def spans(self) -> tuple[Window, ...]:
        """The windows, where their lengths are known."""
        spans = self.study.extract.spans
        return () if any(w.days is None for w in spans) else spans

    @property
    def compared(self) -> bool:
        """Whether there are people who were not managed beside those who were."""
        return any(not panel.group.all() for panel in self.cohort.values())

    @property
    def themes(self) -> tuple[Theme, ...]:
        """What was heard."""
        return self.study.themes

    @property
    def limitations(self) -> tuple[Limitation, ...]:
        """The points of the register that no allowance of the study's own speaks to, and that it can have."""
        met = {key for line in self.study.confounds for key in line.confound.ids}
        heard = {key for theme in self.study.themes for key in theme.bears_on}
        open_points = (p for p in REGISTER.values() if p.id not in met and (p.id in heard or self._can_have(p.id)))
        return tuple(Limitation(id=p.id, text=p.point, named_by="design") for p in open_points)

    def _can_have(self, key: str) -> bool:
        kinds = {o.kind for o in self.outcomes}
        if key in OF_COUNTS:
            return bool(kinds & {"count", "amount"})
        if key == OF_SCORES:
            return "score" in kinds
        return key != OF_INTERVIEWS and (key != OF_GAPS or any(o.missing == "keep" for o in self.outcomes))

    def limitation(self, key: str) -> Limitation | None:
        """Return a limitation by its register id, or None if it does not apply."""
        return next((item for item in self.limitations if item.id == key), None)

    def __repr__(self) -> str:
        return f"StudyPeople({self.study.title!r}, {self.cohort!r})"


def read_people(study: Study | Path | str, folder: Path | str | None = None) -> StudyPeople:
    """Read the extract of a study into panels.

    Parameters
    ----------
    study : Study or path
        With the extract, or its file.
    folder : path, optional
        Where the extract lies; by default beside the study file that it was loaded from, else where Python runs.
    """
    study = study if isinstance(study, Study) else load_study(study)
    read = read_extract(study.extract, study.folder if folder is None else folder, selection=study.selection)
    _check_picked(study, read.cohort)
    return StudyPeople(study=study, cohort=read.cohort, facts=read.facts, notes=read.notes, digest=read.digest)


def _check_picked(study: Study, cohort: Cohort) -> None:
    """Refuse a stated cut below which there are people: it was not the rule."""
    rule, disclosure = study.selection, study.disclosure
    if rule is None or rule.rule != "at_least" or rule.threshold is None or rule.variable not in cohort:
        return
    panel = cohort[rule.variable].managed
    read = [w.label in rule.windows or (not w.post and "before" in rule.windows) for w in panel.windows]
    below = int((panel.outcome[:, read].sum(axis=1) < rule.threshold).sum())  # a missing value is below nothing
    few = below < disclosure.threshold and not disclosure.research
    told = f"fewer than {disclosure.threshold} people have" if few else counted(below, "[person has|people have]")
    if below:
        raise InputError(
            "IOM-E068",
            f"study: selection: {told} fewer {rule.variable} in the windows that the rule reads than its threshold of "
            f"{rule.threshold:g}, so that it did not pick everybody; look at threshold and windows, set rule = "
            '"soft" if people were referred too, or leave them out with a filter',
        )

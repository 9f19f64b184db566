"""Requirements of a quasi-experiment: what it needs of a panel, whether the panel has it, and the refusal otherwise."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np

from iom_causal.base.formats import counted, listed
from iom_causal.errors import IomCausalError, NotIdentifiedError
from iom_causal.inputs.alikeness import Alikeness, alikeness
from iom_causal.inputs.comparison import compared
from iom_causal.panel import Panel
from iom_causal.roles import Estimator

ALIKENESS: Mapping[Alikeness, str] = {
    Alikeness.ALIKE: "they were picked alike",
    Alikeness.CUT: "all of them reach the cut",
    Alikeness.RATE: "nobody was picked by a count",
    Alikeness.NONE_SELECTED: "the rule picked none of the comparison people",
    Alikeness.MOST_NOT_SELECTED: "the rule did not pick most of the comparison people",
    Alikeness.SOME_NOT_SELECTED: "the rule did not pick some of the comparison people",
    Alikeness.MOST_BELOW: "most comparison people are below the cut",
    Alikeness.SOME_BELOW: "some comparison people are below the cut",
    Alikeness.RULE: "a rule is stated, and nothing says that it picked the comparison people",
    Alikeness.UNSTATED: "nothing says how either group was picked",
}
"""What is known of how comparison people were selected, in words."""
_COME_BACK = (
    "they come back towards their mean by another amount than the managed, and the contrast holds the difference; "
    "compare with people picked alike, or take what follows as many events from these "
    '(a Ledger, with regression to the mean by its method "pool")'
)
_RULE = f"if it did not, {_COME_BACK}; say whom it picked (selected)"
_UNSTATED = (
    "if the managed were picked at a high point and the others were not, what comes back of itself counts as change "
    "here; state it (selection and selected)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """Requirement of a design, and whether a panel meets it; numbers of people are never in its words.

    Parameters
    ----------
    needs : str
        What is needed, as a noun: ``"comparison people"``.
    met : bool
        Whether the panel has it.
    found : str
        What the panel has, in words that follow "there" or stand alone: ``"there are no comparison people"``.
    advice : str
        What to do where it is not met.
    in_code : str
        The settings and classes by which that is done, which only callers know: they end the message, and a page leaves
        them out of its sentences.
    necessary : bool
        Whether the design refuses without it; otherwise it is advice, and the design says so in a note.
    """

    needs: str
    met: bool
    found: str = ""
    advice: str = ""
    in_code: str = ""
    necessary: bool = True

    @property
    def plain(self) -> str:
        """What is lacking and what to do, in one line."""
        return "; ".join(text for text in (self.found or f"needs {self.needs}", self.advice) if text)

    @property
    def message(self) -> str:
        """The same with names of settings and classes."""
        return f"{self.plain} ({self.in_code})" if self.in_code else self.plain


ONE_GROUP = 2
"""Level on the Maryland Scientific Methods Scale of one group before and after, whatever is allowed for."""


@runtime_checkable
class QuasiExperiment(Estimator, Protocol):
    """An estimator with something to compare managed people with, which says what it needs and what must hold."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def identification(self) -> str:
        """What must hold for the estimate to be the programme's effect, as a clause."""
        ...

    @property
    def maryland(self) -> int:
        """Level on the Maryland Scientific Methods Scale, of 5."""
        ...

    def estimand(self, panel: Panel) -> str:
        """Return the key of `ESTIMANDS` that it estimates from such a panel."""
        ...

    def requirements(self, panel: Panel) -> tuple[Requirement, ...]:
        """Return what it needs of a panel, the first that is lacking first refused."""
        ...


def require(name: str, design: str, requirements: Iterable[Requirement]) -> tuple[str, ...]:
    """Refuse the first necessary requirement that is not met, and return notes on those that are advice.

    Raises
    ------
    NotIdentifiedError
        IOM-E068.

    Examples
    --------
    >>> require("arrests", "DiffInDiff", [Requirement(needs="windows before", met=False, necessary=False)])
    ('needs windows before',)
    """
    lacking = [r for r in requirements if not r.met]
    for requirement in lacking:
        if requirement.necessary:
            raise NotIdentifiedError("IOM-E068", f"{name}: {design}: {requirement.message}")
    return tuple(requirement.message for requirement in lacking)


def both_groups(panel: Panel) -> tuple[Requirement, Requirement]:
    """Require managed people, and comparison people who are never managed."""
    managed, others = bool(panel.group.any()), not panel.group.all()
    return (
        Requirement(
            needs="managed people",
            met=managed,
            found="there are managed people" if managed else "there are no managed people",
            advice="" if managed else "say who was managed",
            in_code="" if managed else "group= or start=",
        ),
        Requirement(
            needs="comparison people, who were never managed",
            met=others,
            found="there are comparison people" if others else "there are no comparison people",
            advice="" if others else "bring them, or estimate the change itself",
            in_code="" if others else "group= or start=; RateRatio or PairedT",
        ),
    )


def selected_alike(panel: Panel, *, also: str = "", instead: str = "", allotted: bool = False) -> Requirement:
    """Advise comparison people selected as the managed were, so that regression to the mean is the same in both.

    Parameters
    ----------
    panel : Panel
        Of any kind.
    also : str
        What a design leaves in the contrast, or what to do, besides.
    instead : str
        What a design does about it that adjusts for the outcome before; what must hold for that it says itself, so that
        it needs no advice where nothing is stated.
    allotted : bool
        Whether it is stated that lots decided, which holds unless the panel knows otherwise.
    """
    known, nobody = alikeness(panel), bool(panel.group.all())
    granted = known is Alikeness.UNSTATED and bool(instead)
    drawn = allotted and known in {Alikeness.RULE, Alikeness.UNSTATED}
    met = nobody or known.alike or known is Alikeness.RATE or granted or drawn
    return Requirement(
        needs="comparison people who were picked as the managed were",
        met=met,
        found="there are no comparison people" if nobody else ALIKENESS[known],
        advice="" if met else instead or _unlike_advice(known, also),
        necessary=False,
    )


def _unlike_advice(known: Alikeness, also: str) -> str:
    if known is Alikeness.UNSTATED:
        return _UNSTATED
    return "; ".join(text for text in (_RULE if known is Alikeness.RULE else _COME_BACK, also) if text)


def advised(panel: Panel, requirements: Iterable[Requirement]) -> Panel:
    """Return the people whom a design compares, with its advice on the panel in their notes; it refuses nothing."""
    both = compared(panel)
    advice = tuple(r.message for r in requirements if not (r.met or r.necessary))
    return replace(both, notes=both.notes + advice) if advice else both


def people_compared(panel: Panel, design: QuasiExperiment) -> Panel:
    """Return the people whom a design compares, before and after one start, with its advice in their notes.

    Raises
    ------
    NotIdentifiedError
        IOM-E068 where the panel lacks what the design needs.
    """
    requirements = design.requirements(panel)
    require(panel.name, type(design).__name__, requirements)
    return from_start(advised(panel, requirements))


def one_start(panel: Panel) -> Requirement:
    """Require that managed people start at one window."""
    starts = starts_of(panel)
    return Requirement(
        needs="one start of all managed people",
        met=len(starts) <= 1,
        found=(
            "all managed people start at one window"
            if len(starts) == 1
            else f"managed people start at {len(starts)} different windows, so before and after are not common to them"
        ),
        advice="take those of one start beside the people who are never managed, or an event study" * (len(starts) > 1),
        in_code="EventStudy" * (len(starts) > 1),
    )


def windows_before(
    panel: Panel, least: int = 1, *, necessary: bool = True, why: str = "", last: bool = False
) -> Requirement:
    """Require so many windows before the first start of managed people, or before the last."""
    starts = starts_of(panel)
    before = (max(starts) if last else min(starts)) if starts else 0
    first = "managed people start at the first window" if starts else "nobody starts"
    lie = counted(before, "window[ lies|s lie] before") + " the last start" * last
    return Requirement(
        needs="a window before" if least == 1 else f"{least} windows before",
        met=before >= least,
        found=lie if before else f"{first}, so there is no window before",
        advice="" if before >= least else (why or "bring earlier windows"),
        necessary=necessary,
    )


def counts_or_amounts(panel: Panel) -> Requirement:
    """Require counts of events, or amounts, which add up as they do."""
    met = panel.kind in ("count", "amount")
    found = "these are counts or amounts" if met else f"these are of the kind {panel.kind}"
    return Requirement(needs="counts or amounts of events", met=met, found=found)


def windows_after(panel: Panel, least: int = 1, *, why: str = "", in_code: str = "") -> Requirement:
    """Require so many windows from the first start of managed people on."""
    starts = starts_of(panel)
    after = len(panel.windows) - min(starts) if starts else 0
    return Requirement(
        needs="a window from the start on" if least == 1 else f"{least} windows from the start on",
        met=after >= least,
        found=counted(after, "window[ lies|s lie] from the start on"),
        advice="" if after >= least else (why or "bring later windows"),
        in_code="" if after >= least else in_code,
    )


def what_passes(needs: str, check: Callable[[], object]) -> Requirement:
    """Require what a check does not refuse, in the words with which it does."""
    try:
        check()
    except IomCausalError as error:
        return Requirement(needs=needs, met=False, found=error.message)
    return Requirement(needs=needs, met=True, found=f"there are {needs}")


def named_covariates(panel: Panel, *names: str, what: str = "covariate", setting: str = "") -> Requirement:
    """Require that covariates are named and that the panel has them."""
    absent = [name for name in names if name not in panel.covariates]
    found = f"the panel has {listed(list(names))}" if names else f"no {what} is named"
    has = listed(sorted(panel.covariates)) or "none"
    met = bool(names) and not absent
    settings = [f"{setting}="] if setting else []
    return Requirement(
        needs=f"a {what}",
        met=met,
        found=found if not absent else f"the panel has no covariate {listed(absent)}; it has {has}",
        advice="" if met else "name one of the columns that are carried along, or carry the column along",
        in_code="" if met else ", ".join([*settings, "covariates="]),
    )


def from_start(panel: Panel) -> Panel:
    """Return the panel with the windows from the managed people's first start on as those after."""
    first = starts_of(panel)[0]
    windows = tuple(w if w.post == (k >= first) else replace(w, post=k >= first) for k, w in enumerate(panel.windows))
    return panel if windows == panel.windows else replace(panel, windows=windows)


def starts_of(panel: Panel) -> tuple[int, ...]:
    """Return the windows at which managed people start, each once, in order of time."""
    if panel.start is None:
        return tuple(k for k, w in enumerate(panel.windows) if w.post)[:1]
    return tuple(int(k) for k in np.unique(panel.start.compressed()))

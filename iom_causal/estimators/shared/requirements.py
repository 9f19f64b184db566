"""Requirements of a quasi-experiment: what it needs of a panel, whether the panel has it, and the refusal otherwise."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np

from iom_causal.base.formats import counted, listed
from iom_causal.errors import IomCausalError, NotIdentifiedError
from iom_causal.inputs.selected import reached
from iom_causal.panel import Panel
from iom_causal.roles import Estimator


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
    necessary : bool
        Whether the design refuses without it; otherwise it is advice, and the design says so in a note.
    """

    needs: str
    met: bool
    found: str = ""
    advice: str = ""
    necessary: bool = True

    @property
    def message(self) -> str:
        """What is lacking and what to do, in one line."""
        return "; ".join(text for text in (self.found or f"needs {self.needs}", self.advice) if text)


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
            advice="" if managed else "say who was managed (group= or start=)",
        ),
        Requirement(
            needs="comparison people, who were never managed",
            met=others,
            found="there are comparison people" if others else "there are no comparison people",
            advice="" if others else "bring them (group= or start=), or use RateRatio or PairedT for the change itself",
        ),
    )


def selected_alike(panel: Panel) -> Requirement:
    """Advise comparison people selected as the managed were, so that regression to the mean is the same in both.

    Of a panel that does not say who was selected, a cut that it states tells, where most of the others are below it.
    """
    said = panel.selected is not None and not np.ma.getmaskarray(panel.selected)[panel.rest].any()
    cut = None if panel.alike.any() or said else reached(panel)
    below = cut is not None and 2 * cut.selected < cut.people
    unlike = bool(panel.rest.any() and not panel.alike.any() and (said or below))
    found = "the rule picked none of the comparison people" if said else "most comparison people are below the cut"
    return Requirement(
        needs="comparison people who were picked as the managed were",
        met=bool(panel.alike.any()) or not unlike,
        found=found if unlike else "they were picked alike" if panel.alike.any() else "nothing says that they were not",
        advice=(
            "they come back towards their mean by another amount than the managed, and the contrast holds the "
            "difference; compare with people picked alike, or take what follows as many events from these "
            '(RegressionToMean(method="pool") in a Ledger)'
        )
        * unlike,
        necessary=False,
    )


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
        advice="take those of one start beside the people who are never managed, or EventStudy" * (len(starts) > 1),
    )


def windows_before(panel: Panel, least: int = 1, *, necessary: bool = True, why: str = "") -> Requirement:
    """Require so many windows before the first start of managed people."""
    starts = starts_of(panel)
    before = min(starts) if starts else 0
    found = counted(before, "window[ lies|s lie] before") if before else "managed people start at the first window"
    return Requirement(
        needs="a window before" if least == 1 else f"{least} windows before",
        met=before >= least,
        found=found if before else f"{found}, so there is no window before",
        advice="" if before >= least else (why or "bring earlier windows"),
        necessary=necessary,
    )


def counts_or_amounts(panel: Panel) -> Requirement:
    """Require counts of events, or amounts, which add up as they do."""
    met = panel.kind in ("count", "amount")
    found = "these are counts or amounts" if met else f"these are of the kind {panel.kind}"
    return Requirement(needs="counts or amounts of events", met=met, found=found)


def windows_after(panel: Panel, least: int = 1, *, why: str = "") -> Requirement:
    """Require so many windows from the first start of managed people on."""
    starts = starts_of(panel)
    after = len(panel.windows) - min(starts) if starts else 0
    return Requirement(
        needs="a window from the start on" if least == 1 else f"{least} windows from the start on",
        met=after >= least,
        found=counted(after, "window[ lies|s lie] from the start on"),
        advice="" if after >= least else (why or "bring later windows"),
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
    return Requirement(
        needs=f"a {what}",
        met=bool(names) and not absent,
        found=found if not absent else f"the panel has no covariate {listed(absent)}; it has {has}",
        advice="" if names and not absent else f"name one of the panel's covariates{f' ({setting}=)' * bool(setting)}",
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

"""Which answer of a design is scored against which estimand, on which scale, and what may not be lined up."""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.names import function_name
from iom_causal.base.specs import check_choice, got
from iom_causal.errors import SpecError
from iom_causal.estimate import ESTIMANDS, SCALES, Estimate
from iom_causal.estimate.estimates import Estimates
from iom_causal.panel import Panel
from iom_causal.roles import Answer, Confound
from iom_causal.world import World

SCALE_OF: Mapping[str, str] = {
    "att_ratio": "ratio",
    "att_ratio_free": "ratio",
    "att_difference": "difference",
    "att_score": "points",
    "ate_eligible": "ratio",
    "late_cutoff": "ratio",
}
"""The estimands that a world can state the truth of, and the scale that the simulator's functions state it on."""
DESCRIPTIVE = ("descriptive_change", "conditional_ratio")
"""Estimands of the change itself, whatever brought it about, which people read as the programme's."""
RECORDED = "recorded"
"""The outcome of an answer, or of a truth, that speaks of what was recorded."""


@dataclass(frozen=True)
class Target:
    """An estimand as a function of a world, with the name of what it states.

    The simulator's own functions (`att_ratio`, `att_difference`, ...) are taken as they are; this class is for one of
    your own.

    Parameters
    ----------
    function : callable
        World to one number, or (R,) numbers along its axis of replicates.
    estimand : str
        One of `SCALE_OF`.
    scale : str, optional
        By default the scale of the simulator's function of that name.
    outcome : {"recorded", "offences"}
        Whether it speaks of recorded events, or of offences whatever became of detection.

    Examples
    --------
    >>> from iom_causal.simulate import att_ratio
    >>> Target.of(functools.partial(att_ratio, of="offences")).outcome
    'offences'
    """

    function: Callable[[World], Any]
    estimand: str
    scale: str = ""
    outcome: str = RECORDED

    def __post_init__(self) -> None:
        if not callable(self.function):
            raise SpecError("IOM-E092", f"Target: expected a function of a World, got {got(self.function)}")
        check_choice(self.estimand, SCALE_OF, "Target estimand")
        if not self.scale:
            object.__setattr__(self, "scale", SCALE_OF[self.estimand])
        check_choice(self.scale, SCALES, "Target scale")
        check_choice(self.outcome, (RECORDED, "offences"), "Target outcome")

    def __call__(self, world: World) -> NDArray[np.float64]:
        """Return the truth, (R,); one number where the world has no axis of replicates.

        Raises
        ------
        SpecError
            IOM-E092 for what is no number, or another number of them than there are replicates.
        """
        stated = self.function(world)
        try:
            truth = np.atleast_1d(np.asarray(stated, dtype=np.float64))
        except (TypeError, ValueError):
            truth = np.array([np.nan])
        if truth.shape != (np.size(world.numbers),) or np.isnan(truth).any():
            raise SpecError(
                "IOM-E092",
                f"estimand {self.estimand}: expected {np.size(world.numbers):,} numbers, one a replicate, got "
                f"{got(stated)}; raise a DegenerateDataError where it is undefined, or give the design cell=1 if the "
                "function takes one world at a time",
            )
        return truth

    @classmethod
    def of(cls, function: Any) -> "Target":
        """Return an estimand with its name: one of the simulator's functions is known by its own.

        Raises
        ------
        SpecError
            IOM-E092 for a function whose name is no estimand.
        """
        if isinstance(function, Target):
            return function
        inner = function.func if isinstance(function, functools.partial) else function
        name = function_name(inner) if callable(inner) else ""
        if name not in SCALE_OF:
            raise SpecError(
                "IOM-E092",
                f"estimands: {name or got(function)} is none that is known by name; say what it states: "
                'Target(function, estimand="att_ratio")',
            )
        of = function.keywords.get("of") if isinstance(function, functools.partial) else None
        return cls(function, name, outcome="offences" if of == "offences" else RECORDED)


@runtime_checkable
class _Adjusted(Protocol):
    """An estimator that adjusts for confounds, as a `Ledger` does."""

    @property
    def confounds(self) -> Sequence[Any]: ...


class AnswerKind(NamedTuple):
    """What an answer is an estimate of, as its first result says.

    Attributes
    ----------
    method, estimand, scale : str
        As in `Estimate`; a difference of scores is in points.
    outcome : str
        Whether it speaks of recorded events or of offences.
    level : float
        Of its interval.
    read_as : str
        The estimand that its author says people read it as; empty for none.
    """

    method: str
    estimand: str
    scale: str
    outcome: str
    level: float
    read_as: str = ""

    @classmethod
    def of(cls, result: Estimate | Estimates, panel: Panel, estimator: Any) -> "AnswerKind":
        """Return the kind of a result on a panel."""
        points = panel.kind == "score" and result.scale == "difference"
        lines = estimator.confounds if isinstance(estimator, _Adjusted) else ()
        offences = any(isinstance(line, Confound) and line.speaks_of == "offences" for line in lines)
        return cls(
            result.method,
            result.estimand,
            "points" if points else result.scale,
            "offences" if offences else RECORDED,
            result.conf_level,
            estimator.read_as or "" if isinstance(estimator, Answer) else "",
        )


class Score(NamedTuple):
    """An answer lined up with an estimand.

    Attributes
    ----------
    target : str
        The estimand's label in the design.
    read_as : str
        What a descriptive change is read as here; empty where the answer estimates the estimand itself.
    """

    target: str
    read_as: str = ""


def scores(label: str, answer: AnswerKind, targets: Mapping[str, Target]) -> tuple[Score, ...]:
    """Line an answer up with the estimands of its design.

    Parameters
    ----------
    label : str
        The answer's, for messages.
    answer : AnswerKind
        What it is.
    targets : mapping of str to Target
        The design's estimands.

    Returns
    -------
    tuple of Score
        At least one. A descriptive change may be read as any estimand on its scale.

    Raises
    ------
    SpecError
        IOM-E098 where no estimand has its scale, states what it estimates and speaks of the same outcome.

    Examples
    --------
    >>> from iom_causal.simulate import att_difference, att_ratio
    >>> change = AnswerKind("ratio of totals", "descriptive_change", "ratio", "recorded", 0.95)
    >>> scores("ratio", change, {"ratio": Target.of(att_ratio), "events": Target.of(att_difference)})
    (Score(target='ratio', read_as='att_ratio'),)
    """
    found = []
    for name, target in targets.items():
        if (target.scale, target.outcome) != (answer.scale, answer.outcome):
            continue
        if target.estimand == answer.estimand:
            found.append(Score(name))
        elif answer.estimand in DESCRIPTIVE and answer.read_as in ("", target.estimand):
            found.append(Score(name, read_as=target.estimand))
    if found:
        return tuple(found)
    stated = "; ".join(f"{name}: {t.estimand}, scale {t.scale}, {t.outcome}" for name, t in targets.items())
    raise SpecError(
        "IOM-E098",
        f"{label} estimates {answer.estimand} ({ESTIMANDS[answer.estimand]}) on the scale {answer.scale}, of "
        f"{answer.outcome} events, which no estimand of the design states ({stated}); add one that does, or leave "
        "this estimator out",
    )

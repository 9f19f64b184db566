"""The protocol of a method for regression to the mean, and the method that flat settings name."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.specs import FrozenMap, got, refuse_data
from iom_causal.beliefs import theta as th
from iom_causal.beliefs.theta import Bounds, Theta, belief_fields, check_beliefs
from iom_causal.errors import InputError, SpecError
from iom_causal.inputs.selected import rule_of, timed
from iom_causal.moments import Moments
from iom_causal.panel import Panel
from iom_causal.windows import Selection, Window
from iom_causal.world import Mechanism

type Floats = NDArray[np.float64]

BOUNDS: Mapping[str, Bounds] = FrozenMap(
    {
        "comparable_mean": th.POSITIVE,
        "shape": th.POSITIVE,
        "desistance": th.SHARE_INSIDE,
        "events": th.AT_LEAST_ZERO,
        "slope": th.SHARE,
        "persistence": th.SHARE,
        "sem": th.AT_LEAST_ZERO,
        "edge_density": th.POSITIVE,
        "reliability": th.SHARE,
        "late": th.SHARE,
    }
)
"""The values that each belief may take, whichever method holds it."""


@dataclass(frozen=True)
class Method(ABC):
    """A method for regression to the mean: what is assumed of rates or scores, with the beliefs that it needs.

    A method is a frozen value. Its own fields are the settings that it takes, those without a default are needed, and
    it is looked up by its `name` in `RegressionToMean` or `ScoreRegression`, which lists it.

    Raises
    ------
    SpecError
        IOM-E092 for a belief outside its bounds, IOM-E096 when one that is given needs another.
    """

    name: ClassVar[str]
    confound: ClassVar[str] = "RegressionToMean"
    """The line that takes it."""
    reads_rule: ClassVar[bool] = True
    """Whether the selection rule read the outcome itself."""
    of_mean_days: ClassVar[bool] = False
    """Whether it takes everybody to have the mean of the days at risk."""

    def __post_init__(self) -> None:
        refuse_data(self)
        check_bounds(self)
        if lacking := [name for name in self.needs if name not in belief_fields(self)]:
            raise _lacking(self.confound, self.name, lacking)

    @property
    def needs(self) -> tuple[str, ...]:
        """Settings that those given call for."""
        return ()

    @property
    def also_holds(self) -> tuple[str, ...]:
        """Lines of a ledger that this one already contains."""
        return ()

    @property
    def adjusts(self) -> bool:
        """Whether it is more than the statement that nothing needs adjusting."""
        return True

    @property
    def lasting(self) -> bool:
        """Whether it holds each person's rate to last, and no setting says otherwise."""
        return False

    @abstractmethod
    def shift(self, data: Panel | Moments, selection: Selection | None, theta: Theta) -> Floats:
        """Return the change that selection alone brings about: a number or (D,), in logs for a count."""

    def chosen(self, data: Panel | Moments, rule: Selection) -> "Method":
        """Return the method that the data call for, where that is left to them; else this one."""
        del data, rule
        return self

    def timing_is_open(self, data: Panel | Moments, rule: Selection) -> bool:
        """Whether the data show that a rule timed after the index date may have read any stretch."""
        del data, rule
        return False

    def mechanism(self, windows: tuple[Window, ...], theta: Theta) -> Mechanism:
        """Return the mechanism that a simulator applies; neutral where any mixing distribution will do."""
        del windows, theta
        return Mechanism()

    @abstractmethod
    def condition(self, data: Panel | Moments, theta: Theta) -> str:
        """Return its assumptions, in the words of a sentence."""

    def conditions(self, data: Panel | Moments, selection: Selection | None, theta: Theta) -> str:
        """Return the assumptions on selection and on rates or scores, in the words of a sentence."""
        own = self.condition(data, theta)
        if not self.reads_rule:
            return own
        rule = rule_of(selection, data)
        return f"people were picked {timed(rule, theta)} {ruled(data, rule)}, and {own}"


def method_of[M: Method](spec: Any, methods: Mapping[str, type[M]]) -> M:
    """Return the method that flat settings name, made of those of its settings that they give.

    Parameters
    ----------
    spec : RegressionToMean or ScoreRegression
        With the name of a method, and every method's settings beside one another.
    methods : mapping
        The methods by name.

    Raises
    ------
    SpecError
        IOM-E092 for a belief that the method does not use, IOM-E096 when it lacks one that it needs.
    """
    kind, where = methods[spec.method], type(spec).__name__
    own = {f.name: f.default is MISSING for f in fields(kind)}
    given = [*belief_fields(spec), *(name for name in ("drift",) if getattr(spec, name, None) is not None)]
    if unused := sorted(set(given) - own.keys()):
        raise SpecError("IOM-E092", f"{where} method {spec.method!r} does not use {', '.join(unused)}")
    if lacking := sorted(name for name, needed in own.items() if needed and name not in given):
        raise _lacking(where, spec.method, lacking)
    return kind(**{name: getattr(spec, name) for name in own if getattr(spec, name) is not None})


def flat_settings(method: Method, confound: str) -> dict[str, Any]:
    """Return a method as the settings that its line would be given: its name, and its own.

    Raises
    ------
    SpecError
        IOM-E092 for what is no method of this line.
    """
    if not isinstance(method, Method) or method.confound != confound:
        raise SpecError("IOM-E092", f"{confound}.of: expected one of its methods, got {got(method)}")
    return {"method": method.name, **{f.name: getattr(method, f.name) for f in fields(method)}}


def check_bounds(spec: Any) -> None:
    """Refuse a belief that reaches outside its bounds.

    Raises
    ------
    SpecError
        IOM-E092, naming the class and the field.
    """
    own = {f.name for f in fields(spec)}
    check_beliefs(spec, {name: bounds for name, bounds in BOUNDS.items() if name in own})


def threshold_of(rule: Selection) -> float:
    """Return the cut of a rule that selected on a score.

    Raises
    ------
    InputError
        IOM-E048 for another rule than a threshold.
    """
    if rule.rule != "at_least" or rule.threshold is None:
        raise InputError("IOM-E048", "regression of a score needs a rule 'at_least' with its threshold")
    return rule.threshold


def ruled(data: Panel | Moments, rule: Selection) -> str:
    """Return the selection rule, in the words of a sentence."""
    if data.kind == "score":
        return f"with a {data.name} of at least {threshold_of(rule):g}"
    if rule.rule == "rate":
        return "for the rate behind their counts"
    if rule.threshold is None:
        return "more often with more events"
    shown = f"{rule.threshold:g}"
    return {
        "at_least": f"with at least {shown} events",
        "top": "as those with the most events",  # the threshold is a number of people
        "soft": f"more often with more events, half of them at {shown}",
    }[rule.rule]


def _lacking(where: str, method: str, names: list[str]) -> SpecError:
    return SpecError("IOM-E096", f"{where} method {method!r} needs {', '.join(names)}")

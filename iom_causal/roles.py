"""Protocols of what the rooms hand one another, and how an estimator is run over a replicate axis.

Those of results stand below them: `base.result.Result`, and `estimate.estimate.Drawn` for a picture of one's own.
"""

import math
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iom_causal.base.names import function_name
from iom_causal.base.specs import check_choice, got, panel_call
from iom_causal.cohort import Cohort
from iom_causal.errors import InputError, IomCausalError, NotIdentifiedError, SpecError
from iom_causal.estimate import ESTIMANDS, SCALES, Estimate
from iom_causal.estimate.estimates import Estimates, stacked
from iom_causal.intervals import StudentT
from iom_causal.moments import Moments
from iom_causal.panel import Panel
from iom_causal.streams import Seed, as_streams, replicate_numbers
from iom_causal.windows import Selection, Window
from iom_causal.world import Mechanism, World

type Rng = np.random.Generator | int | None


@runtime_checkable
class Estimator(Protocol):
    """A method of estimation: a frozen dataclass of settings, called on a panel."""

    @property
    def reference(self) -> str:
        """Reference to the method's source."""
        ...

    def __call__(self, panel: Panel, *, rng: Rng = None) -> Estimate:
        """Return the estimate."""
        ...


@runtime_checkable
class Batched(Protocol):
    """An estimator with a kernel that works out all replicates at once."""

    def batch(self, panel: Panel, *, rng: Seed = None, numbers: ArrayLike | None = None) -> Estimates:
        """Return one estimate a replicate."""
        ...


@runtime_checkable
class Remainder(Protocol):
    """An estimator of the ratio or difference that is left after adjustment, as a `Ledger` is, for searches over it."""

    def cases(self, data: Panel | Moments) -> Sequence[tuple[Self, Panel | Moments]]:
        """Return every specification without ranges, with data that leave nothing open, that this one stands for."""
        ...

    def central(self, data: Panel | Moments) -> float:
        """Return the log of the ratio, or the difference, at central beliefs."""
        ...

    def central_at(self, data: Panel | Moments, *fields: str) -> Callable[..., NDArray[np.float64]]:
        """Return the same as a function of the settings at dotted paths: arrays, broadcast together."""
        ...

    def interval_at(
        self, data: Panel | Moments, *fields: str, rng: Rng = None
    ) -> Callable[..., tuple[NDArray[np.float64], NDArray[np.float64]]]:
        """Return both ends of its interval as functions of these settings, from one set of joint draws."""
        ...


@runtime_checkable
class Selected(Protocol):
    """An adjustment, as a frozen dataclass, that reads the rule by which people were selected."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def selection(self) -> Selection | None:
        """The rule; None where it is unknown or that of the data."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class InLedger:
    """Part of a confound in ledgers of one kind of outcome.

    Parameters
    ----------
    assumed : bool
        Whether a ledger without it says the assumption of leaving it out.
    tipped : tuple of str
        The settings that a search for tipping values moves, one at a time.
    tried : bool
        Whether these are moved from an adjustment of nothing where no evidence set has it.
    to_state : str
        The belief that an evidence set of a study's own states about it, in the words of a sentence.
    """

    assumed: bool = False
    tipped: tuple[str, ...] = ()
    tried: bool = False
    to_state: str = ""


@runtime_checkable
class Confound(Protocol):
    """A frozen dataclass whose numeric fields are beliefs, with two pure faces of the same theta.

    A class derives from this one and says what has no default here.
    """

    line: ClassVar[str]
    """Name of its line in a ledger, which takes each line once."""
    ids: ClassVar[tuple[str, ...]]
    """The rows of the register of threats that it speaks to."""
    reference: ClassVar[str]
    """Reference to its source."""
    assumption_left_out: ClassVar[str]
    """Assumption of a ledger without it, as a sentence."""
    of_counts: ClassVar[InLedger] = InLedger()
    """Part in ledgers of counts."""
    of_scores: ClassVar[InLedger] = InLedger()
    """Part in ledgers of scores."""
    seldom_known: ClassVar[bool] = False
    """Whether its size is seldom known of people like these, so that a report says where no evidence set has it."""
    speaks_of: ClassVar[str] = ""
    """Outcome of the remainder once it is adjusted for; empty where that stays the outcome."""
    range_points: ClassVar[int] = 2
    """At how many evenly spaced values a range is visited, ends included; more than 2 where the shift turns inside."""

    @property
    @abstractmethod
    def acts(self) -> str:
        """Action on an outcome, one of `confounds.units.ACTS`."""
        ...

    @property
    def of_mean_days(self) -> bool:
        """Whether it takes everybody to have the mean of the days at risk, though they differ."""
        return False

    @property
    def also_holds(self) -> tuple[str, ...]:
        """The lines that are part of it as set, so that a ledger may not take both."""
        return ()

    @property
    def adjusts(self) -> bool:
        """Whether it is more than the statement that nothing needs adjusting."""
        return True

    @property
    def lasting(self) -> bool:
        """Whether it holds each person's rate to last, with no setting that could say otherwise."""
        return False

    def resolved(self, data: Panel | Moments) -> Self:
        """Return it with what it leaves to the data filled in."""
        del data
        return self

    @abstractmethod
    def shift(self, data: Panel | Moments, theta: Mapping[str, Any]) -> float | NDArray[np.float64]:
        """Return the log change (points for a score) in the expected outcome after, without the programme."""
        ...

    @abstractmethod
    def condition(self, data: Panel | Moments, theta: Mapping[str, Any]) -> str:
        """Return the identifying assumption of the line, in the words of a sentence and without figures of people."""
        ...

    @classmethod
    def in_ledger(cls, kind: str) -> InLedger:
        """Return its part in ledgers of an outcome of that kind."""
        return cls.of_scores if kind == "score" else cls.of_counts

    @classmethod
    def advice(cls, data: Panel | Moments) -> str:
        """Return why the data ask for its line where a ledger lacks it, as a sentence; empty where they do not."""
        del data
        return ""

    @abstractmethod
    def mechanism(self, windows: tuple[Window, ...], theta: Mapping[str, Any]) -> Mechanism:
        """Return the mechanism by which a simulator applies it."""
        ...


class Model(Protocol):
    """Draws a world, enrolment included."""

    def __call__(self, rng: Rng) -> World:
        """Return people with both potential outcomes."""
        ...


class DataStrategy(Protocol):
    """Chooses who is observed, in which windows and with what error."""

    def __call__(self, world: World, *, rng: Rng) -> Panel | Cohort:
        """Return the data that an evaluator would observe."""
        ...


@runtime_checkable
class _OfOutcomes(Protocol):
    @property
    def outcomes(self) -> object: ...


def require_panel(data: object, name: str, *, or_moments: bool = False) -> None:
    """Refuse what is no panel where one belongs, with the call that makes one of it.

    Raises
    ------
    InputError
        IOM-E035.

    Examples
    --------
    >>> require_panel(Panel.from_arrays([[5, 3], [4, 4]]), "PairedT")
    """
    if isinstance(data, Panel):
        return
    kinds, call = "Panel or Moments" if or_moments else "Panel", panel_call(data)
    hint = f"; make one by {call}" if call else ""
    if isinstance(data, (Mapping, _OfOutcomes)):
        hint = "; take one outcome of it by its name"
    raise InputError("IOM-E035", f"{name}: expected a {kinds}, got {type(data).__name__}{hint}")


def batch(estimator: Estimator, panel: Panel, *, rng: Seed = None, numbers: ArrayLike | None = None) -> Estimates:
    """Run an estimator over the replicate axis of a panel.

    The estimator's own ``batch`` is used where it has a kernel; otherwise replicates are run one by one. An
    expected error becomes a code instead of stopping the rest. What is drawn for a replicate is named by its number,
    so that it does not depend on the block that it is in.

    Parameters
    ----------
    estimator : callable
        Panel to `Estimate`.
    panel : Panel
        With or without a replicate axis; without one the result has one replicate.
    rng : Streams, Generator, int or None
        The streams, or their seed.
    numbers : array_like of int, optional
        The replicates' numbers, by default 0, 1, 2 and so on.

    Raises
    ------
    InputError
        IOM-E035 for what is no panel.
    SpecError
        IOM-E092 for numbers that do not fit; errors of settings, which fit no replicate.

    Examples
    --------
    >>> panel = Panel.from_arrays([[[3, 1], [4, 4]], [[2, 2], [5, 0]]])
    >>> def change(p):
    ...     return float(p.after.mean() - p.before.mean()), 1.0
    >>> batch(answer(change, estimand="descriptive_change", scale="difference"), panel).estimate.tolist()
    [-1.0, -2.5]
    """
    if isinstance(estimator, type) or not callable(estimator):
        raise SpecError("IOM-E092", f"batch: expected one estimator, such as RateRatio(), got {got(estimator)}")
    require_panel(panel, "batch")
    if not isinstance(estimator, Batched):
        return batch_by_loop(estimator, panel, rng=rng, numbers=numbers)
    nobody = _without_managed(panel)
    if not nobody.any():
        return estimator.batch(panel, rng=as_streams(rng), numbers=numbers)
    found = estimator.batch(_weighed(panel, nobody), rng=as_streams(rng), numbers=numbers)
    return found.overlaid(one_by_one(estimator, panel, np.flatnonzero(nobody)))


def batch_by_loop(
    estimator: Estimator, panel: Panel, *, rng: Seed = None, numbers: ArrayLike | None = None
) -> Estimates:
    """Run an estimator on one replicate after the other; what `batch` does where there is no kernel."""
    streams = as_streams(rng)
    panels = [panel] if panel.replicates is None else [panel.replicate(i) for i in range(panel.replicates)]
    named = replicate_numbers(numbers, len(panels))
    results = [_attempt(estimator, p, streams.generator("batch", int(k))) for p, k in zip(panels, named, strict=True)]
    return stacked(results, outcome=panel.name, method=type(estimator).__name__, numbers=named)


def one_by_one(estimator: Estimator, panel: Panel, places: NDArray[np.int64]) -> dict[int, Estimate | IomCausalError]:
    """Run an estimator that draws nothing on some replicates, for a kernel that does not serve them."""
    alone = panel.replicates is None
    return {int(k): _attempt(estimator, panel if alone else panel.replicate(int(k)), None) for k in places}


def _without_managed(panel: Panel) -> NDArray[np.bool_]:
    """Return in which replicates every managed person has weight 0, (R,); worlds of unlike size are padded so."""
    size = panel.replicates or 1
    if panel.weight is None or not panel.group.any():
        return np.zeros(size, dtype=np.bool_)
    return np.broadcast_to(panel.weight[..., panel.group].sum(-1) == 0, (size,))


def _weighed(panel: Panel, places: NDArray[np.bool_]) -> Panel:
    # A kernel takes the managed people of all replicates at once: those of these places stand in until overlaid.
    weight = np.broadcast_to(np.asarray(panel.weight), panel.outcome.shape[:-1])
    alone = panel.replicates is None
    return replace(panel, weight=np.where(places[0] if alone else places[:, None], 1, weight))


def _attempt(estimator: Estimator, panel: Panel, rng: Rng) -> Estimate | IomCausalError:
    try:
        return estimator(panel, rng=rng)
    except SpecError:
        raise
    except IomCausalError as error:
        return error


type Answered = tuple[float, float] | tuple[float, float, float] | Estimate


@dataclass(frozen=True, repr=False)
class Answer:
    """A function of a panel as an estimator; `answer` makes it."""

    function: Callable[[Panel], Answered]
    estimand: str
    scale: str
    read_as: str | None = None

    reference: ClassVar[str] = "a function of its user's own"

    def __repr__(self) -> str:
        # The function by its name: its address would be another one in every process.
        read_as = "" if self.read_as is None else f", read_as={self.read_as!r}"
        return f"answer({function_name(self.function)}, estimand={self.estimand!r}, scale={self.scale!r}{read_as})"

    def __call__(self, panel: Panel, *, rng: Rng = None) -> Estimate:
        """Return the function's answer as an `Estimate`."""
        del rng
        result = self.function(panel)
        if isinstance(result, Estimate):
            return result
        return _from_numbers(self, panel, tuple(float(v) for v in result))


def answer(function: Callable[[Panel], Answered], *, estimand: str, scale: str, read_as: str | None = None) -> Answer:
    """Turn any function of a panel into an estimator.

    Parameters
    ----------
    function : callable
        Panel to ``(estimate, std_error)``, ``(estimate, low, high)`` or an `Estimate`. For a ratio
        the standard error is that of the log.
    estimand, scale : str
        What it estimates, and on which scale.
    read_as : str, optional
        The estimand that people read it as, where a design study scores it against that.

    Examples
    --------
    >>> half = answer(lambda panel: (0.5, 0.1), estimand="descriptive_change", scale="ratio")
    >>> half(Panel.from_arrays([[2, 1], [4, 2]])).estimate
    0.5
    """
    if not callable(function):
        raise SpecError("IOM-E097", "answer: expected a function of a panel; write iom.answer(function, ...)")
    check_choice(estimand, ESTIMANDS, "estimand")
    check_choice(scale, SCALES, "scale")
    if read_as is not None:
        check_choice(read_as, ESTIMANDS, "read_as")
    return Answer(function, estimand, scale, read_as)


def _from_numbers(spec: Answer, panel: Panel, values: tuple[float, ...]) -> Estimate:
    name = function_name(spec.function)
    if len(values) not in (2, 3):
        raise SpecError("IOM-E092", f"{name}: expected (estimate, std_error) or (estimate, low, high)")
    if not all(math.isfinite(v) for v in values):
        raise NotIdentifiedError("IOM-E068", f"{name}: the function's answer on these people is not finite")
    ratio = spec.scale == "ratio"
    distribution = None
    low, high = values[-2:]
    if len(values) == 2:
        centre = math.log(values[0]) if ratio else values[0]
        distribution = StudentT(centre, values[1], math.inf, log=ratio)
        low, high = distribution.interval()
    return Estimate(
        outcome=panel.name,
        method=name,
        estimand=spec.estimand,
        term="after / before" if ratio else "after - before",
        scale=spec.scale,
        estimate=values[0],
        std_error=values[1] if len(values) == 2 else None,
        std_error_scale="log" if ratio else "identity",
        conf_low=low,
        conf_high=high,
        n_input=panel.n,
        n_used=panel.n_complete,
        law=distribution,
        spec=spec,
    )

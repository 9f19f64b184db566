"""Specification curves: the answer under every combination of choices, and which choice moves it most."""

import dataclasses
import itertools
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.axes_of_specifications import specification_axes
from iom_causal.base.formats import counted, listed, number, percent
from iom_causal.base.result import Result, table
from iom_causal.base.setting_paths import get_path, replace_path
from iom_causal.base.specs import got
from iom_causal.errors import InputError, IomCausalError, SpecError
from iom_causal.estimate import Estimate
from iom_causal.inputs.threats import named, others
from iom_causal.numerics import LEVEL
from iom_causal.numerics.sensitivity.main_effects import MainEffect, main_effects
from iom_causal.roles import Confound

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

type Choices = Mapping[str, Mapping[str, Any]]

COLUMNS = ("estimate", "conf_low", "conf_high", "set_low", "set_high", "conf_level", "scale", "code", "refused")
_NO_COLUMNS = ("chosen", "allows", "n_used")
MOST = 100_000
"""Specifications that are run; more are refused before the first."""
REGRESSION = "u1"
"""The register's point on regression to the mean."""
NONE_ALLOWS = (
    f"None of these answers allows for {named((REGRESSION,))}: where people were picked because of high numbers, the "
    "fall that comes by itself is in every one of them."
)
UNITS: Mapping[str, str] = {"ratio": "ratio after / before", "points": "points, after - before"}
"""At the axis of answers, by scale."""
NO_DRAWS = "Specifications are choices and no draws: these shares are no probabilities."


@dataclass(frozen=True, slots=True, kw_only=True)
class Specification:
    """One combination of choices with its answer, or with why it has none.

    Parameters
    ----------
    chosen : tuple of str
        The label of each choice, in their order.
    estimate, conf_low, conf_high : float or None
        The answer with its interval; of a set the interval is around it.
    set_low, set_high : float or None
        An identified set, in which case there is no estimate.
    code, refused : str
        Of the error where the combination was refused; empty else.
    allows : tuple of str or None
        Points of the register for which it takes a line out of the change; None where that is not known.
    n_used : int or None
        People the answer is of.
    """

    chosen: tuple[str, ...]
    estimate: float | None = None
    conf_low: float | None = None
    conf_high: float | None = None
    set_low: float | None = None
    set_high: float | None = None
    code: str = ""
    refused: str = ""
    allows: tuple[str, ...] | None = None
    n_used: int | None = None

    @property
    def ends(self) -> tuple[float, float] | None:
        """The set, or the estimate twice; None where it was refused."""
        if self.set_low is not None and self.set_high is not None:
            return self.set_low, self.set_high
        return None if self.estimate is None else (self.estimate, self.estimate)

    @classmethod
    def of(
        cls, chosen: tuple[str, ...], answer: "Estimate | IomCausalError", allows: tuple[str, ...] | None = None
    ) -> "Specification":
        """Return the specification of an estimate, or of the error with which it was refused."""
        if isinstance(answer, IomCausalError):
            return cls(chosen=chosen, code=answer.code, refused=answer.plain)
        e = answer
        lowest = e.estimate if e.set_low is None else e.set_low
        if lowest is None or (e.scale == "ratio" and lowest <= 0):
            return cls(chosen=chosen, code="IOM-E064", refused=e.note or "there is no estimate here, or a ratio of 0")
        names = ("estimate", "conf_low", "conf_high", "set_low", "set_high", "n_used")
        return cls(chosen=chosen, allows=allows, **{name: getattr(e, name) for name in names})


@dataclass(frozen=True, kw_only=True)
class SpecificationCurve(Result):
    """Answers under every combination of choices; refused combinations stay, with the code of their error.

    Parameters
    ----------
    outcome : str
        What the answers are of.
    scale : str
        Of the answers: ``ratio``, or a difference.
    levels : mapping of str to tuple of str
        The labels of each choice.
    rows : tuple of Specification
        Every combination, in the order of the choices.
    speaks_to : tuple of str
        Points of the register that a choice is about, and where it is known that an answer allows for.
    level : float
        Confidence level.

    Examples
    --------
    >>> from iom_causal.estimate import Estimate
    >>> def run(data, *, start, price):
    ...     return Estimate(outcome="loss", method="sum", scale="difference", estimate=data + start * price)
    >>> found = run_specifications({"start": {"one": 1, "two": 2}, "price": {"low": 3, "high": 5}}, 0.5, run)
    >>> [row.estimate for row in found.rows], found.ranked[0]
    ([3.5, 5.5, 6.5, 10.5], 'start')
    """

    figure_columns: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("estimate", "conf_low", "conf_high", "set_low", "set_high"), "estimate as it is given"),
        "conf_level": "setting",
    }

    outcome: str
    scale: str
    levels: Mapping[str, tuple[str, ...]]
    rows: tuple[Specification, ...]
    speaks_to: tuple[str, ...] = ()
    level: float = LEVEL

    @property
    def silent_on(self) -> tuple[str, ...]:
        """All other points of the register."""
        return others(self.speaks_to)

    @property
    def answered(self) -> tuple[Specification, ...]:
        """Those that were not refused, from the lowest answer to the highest."""
        there = (row for row in self.rows if row.ends is not None)
        return tuple(sorted(there, key=self._middle))

    @staticmethod
    def reach(rows: Iterable[Specification]) -> tuple[float, float]:
        """Return the least and the greatest answer of some that were not refused, of sets their ends."""
        lows, highs = zip(*(row.ends for row in rows if row.ends is not None), strict=True)
        return min(lows), max(highs)

    @property
    def allowing(self) -> tuple[Specification, ...] | None:
        """Answers that allow for regression to the mean; None where it is not known of all."""
        if any(row.allows is None for row in self.answered):
            return None
        return tuple(row for row in self.answered if REGRESSION in (row.allows or ()))

    @property
    def nothing(self) -> float:
        """The answer that stands for no change: 1 of a ratio, else 0."""
        return 1.0 if self.scale == "ratio" else 0.0

    @property
    def shares(self) -> Mapping[str, float]:
        """Shares of the answers below no change and above, and of intervals wholly below and wholly above."""
        answered, at = self.answered, self.nothing
        if not answered:
            return dict.fromkeys(("below", "above", "interval_below", "interval_above"), math.nan)
        ends = [row.ends or (math.nan, math.nan) for row in answered]
        limits = [_known(row.conf_low, row.conf_high) for row in answered]
        sides = {
            "below": [high < at for _, high in ends],
            "above": [low > at for low, _ in ends],
            "interval_below": [high < at for _, high in limits],
            "interval_above": [low > at for low, _ in limits],
        }
        return {name: sum(side) / len(answered) for name, side in sides.items()}

    @cached_property
    def effects(self) -> Mapping[str, MainEffect]:
        """The main effect of each choice over the answers, of ratios on the log scale."""
        answered = self.answered
        found = main_effects([self._middle(row) for row in answered], self._at(answered))
        return dict(zip(self.levels, found, strict=True))

    @property
    def ranked(self) -> tuple[str, ...]:
        """The choices by how much of the spread of the answers lies between their levels, the most first."""
        return tuple(sorted(self.levels, key=lambda name: -self.effects[name].share))

    def tidy(self) -> "pd.DataFrame":
        """Return a row a specification: a column a choice, named after it, its answer, and why it has none."""
        heads = {name: _snake(name) for name in self.levels}
        rows = (
            {"outcome": self.outcome}
            | dict(zip(heads.values(), row.chosen, strict=True))
            | {name: getattr(row, name) for name in Specification.__slots__ if name not in _NO_COLUMNS}
            | {"conf_level": self.level, "scale": self.scale}
            for row in self.rows
        )
        return table(rows, ("outcome", *heads.values(), *COLUMNS))

    def summary(self) -> str:
        """Return how many specifications there are and where their answers lie, and which choice moves them most."""
        answered = self.answered
        refused = len(self.rows) - len(answered)
        many = counted(len(self.rows), "[specification|specifications]")
        head = f"{self.outcome}: {many} of {listed(self.levels)}"
        if refused:
            codes = Counter(row.code for row in self.rows if row.code)
            why = listed(f"{code} {times}" for code, times in sorted(codes.items()))
            head += f"; {counted(refused, f'[was|were] refused ({why}), and [stays|stay] in the table')}"
        return "\n".join([f"{head}.", self._where(answered), *self._regression(answered), self._most(), NO_DRAWS])

    def _where(self, answered: tuple[Specification, ...]) -> str:
        middle = float(np.median([math.exp(v) if self.scale == "ratio" else v for v in map(self._middle, answered)]))
        least, most = self.reach(answered)
        word, shares = ("ratio" if self.scale == "ratio" else "change"), self.shares
        sides = f"{percent(shares['below'])} lie below {number(self.nothing)} and {percent(shares['above'])} above"
        intervals = (
            f"{percent(shares['interval_below'])} of {percent(self.level)} intervals lie wholly below, "
            f"{percent(shares['interval_above'])} wholly above"
        )
        return (
            f"The {word} is from {number(least, 3)} to {number(most, 3)}, its median {number(middle, 3)}: "
            f"{sides}; {intervals}."
        )

    def _regression(self, answered: tuple[Specification, ...]) -> Iterator[str]:
        """Say how many answers allow for regression to the mean, where that is known and not all do."""
        allowing = self.allowing
        if allowing is None or len(allowing) == len(answered):
            return
        if not allowing:
            yield NONE_ALLOWS
            return
        least, most = self.reach(allowing)
        word = "ratio" if self.scale == "ratio" else "change"
        yield (
            f"{len(allowing)} of {len(answered)} answers allow for {named((REGRESSION,))}; of these the {word} is from "
            f"{number(least, 3)} to {number(most, 3)}. The others suppose that nobody was picked because "
            "of high numbers."
        )

    def _most(self) -> str:
        first, *others = self.ranked
        effect = self.effects[first]
        if effect.share == 0:
            return "No choice moves the answer."
        ends = [f"{number(value, 3)} ({label})" for label, value in self.ends_of(first)]
        rest = listed(f"{name} ({percent(self.effects[name].share)})" for name in others)
        return (
            f"What moves the answer most is {first}: on average from {ends[0]} to {ends[1]}, "
            f"{percent(effect.share)} of the spread{f'; then {rest}' if rest else ''}{self._unlike}."
        )

    def ends_of(self, choice: str) -> tuple[tuple[str, float], tuple[str, float]]:
        """Return the level of a choice at which the answer is lowest on average, and the one at which it is highest."""
        means = self.effects[choice].means
        lowest, highest = (
            (self.levels[choice][k], float(np.exp(means[k])) if self.scale == "ratio" else float(means[k]))
            for k in (int(np.nanargmin(means)), int(np.nanargmax(means)))
        )
        return lowest, highest

    @property
    def _unlike(self) -> str:
        """What averages over unlike rows mean, where some were refused."""
        refused = any(row.code for row in self.rows)
        return " (averages are over those that were not refused, which are not alike at every level)" if refused else ""

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the answers with their intervals in order, and below each the choices that it was made with."""
        answered = self.answered
        around = np.array([_known(row.conf_low, row.conf_high) for row in answered], float).reshape(-1, 2)
        return specification_axes(
            np.array([row.ends for row in answered], float).reshape(-1, 2),
            np.where(np.isfinite(around), around, np.nan),
            self.levels,
            self._at(answered),
            unit=UNITS.get(self.scale, "difference"),
            nothing=self.nothing,
            ratio=self.scale == "ratio",
            ax=ax,
        )

    def _middle(self, row: Specification) -> float:
        low, high = row.ends or (math.nan, math.nan)
        return (math.log(low) + math.log(high)) / 2 if self.scale == "ratio" else (low + high) / 2

    def _at(self, rows: Iterable[Specification]) -> NDArray[np.int64]:
        places = [{label: k for k, label in enumerate(labels)} for labels in self.levels.values()]
        at = [[place[label] for place, label in zip(places, row.chosen, strict=True)] for row in rows]
        return np.array(at, np.int64).reshape(-1, len(places))


def run_specifications(
    choices: Choices, data: Any, run: Callable[..., Estimate] | Any, *, outcome: str = "", level: float = LEVEL
) -> SpecificationCurve:
    """Run an estimator under every combination of choices; a typed refusal is a row, and any other error is raised.

    Parameters
    ----------
    choices : mapping of str to mapping of str to value
        Of each choice its labels with their values.
    data : object
        What is estimated from, as `run` takes it.
    run : callable or specification
        ``run(data, **chosen) -> Estimate`` with the choices by name; or an estimator or ledger, a frozen dataclass, of
        which each choice is a setting by its dotted path.
    outcome : str
        The name of the outcome; by default that of the first estimate.
    level : float
        The level that intervals are taken to have.

    Raises
    ------
    SpecError
        IOM-E096 without a choice or for a choice without a label, IOM-E092 for what is no mapping or too many
        combinations, IOM-E093 for a path that leads nowhere: all before anything is run.
    InputError
        IOM-E098 where answers are on different scales.
    IomCausalError
        The first refusal, where every combination is refused.
    """
    check_choices(choices)
    by_path = dataclasses.is_dataclass(run) and not isinstance(run, type)
    if by_path:
        for name in choices:
            get_path(run, name)
    elif not callable(run):
        raise SpecError("IOM-E092", f"run: expected a function of data and choices, or an estimator, got {got(run)}")
    answers = {}
    for chosen in combinations(choices):
        values = {name: choices[name][label] for name, label in zip(choices, chosen, strict=True)}
        answers[chosen] = _attempt(run, data, values, by_path=by_path)
    return curve_of(choices, answers, outcome=outcome, level=level)


def check_choices(choices: Choices) -> None:
    """Refuse choices that are no mapping of mappings, that lack labels, or that have too many combinations."""
    if not isinstance(choices, Mapping):
        raise SpecError(
            "IOM-E092", f"choices: expected {{name: {{label: value}}}}, got {got(choices)}; data go first, then choices"
        )
    if not choices:
        raise SpecError("IOM-E096", "choices: expected at least one, {name: {label: value}}, got none")
    for name, labels in choices.items():
        if not isinstance(labels, Mapping):
            raise SpecError("IOM-E092", f"choices, {name}: expected {{label: value}}, got {got(labels)}")
        if not labels:
            raise SpecError("IOM-E096", f"choices, {name}: expected at least one label with its value, got none")
    number_of = math.prod(len(labels) for labels in choices.values())
    if number_of > MOST:
        raise SpecError("IOM-E092", f"choices: expected at most {MOST:,} combinations, got {number_of:,}")


def combinations(choices: Choices) -> Iterator[tuple[str, ...]]:
    """Yield every combination of labels, the last choice fastest.

    Examples
    --------
    >>> list(combinations({"a": {"x": 1, "y": 2}, "b": {"z": 3}}))
    [('x', 'z'), ('y', 'z')]
    """
    return itertools.product(*(tuple(labels) for labels in choices.values()))


def curve_of(
    choices: Choices,
    answers: Mapping[tuple[str, ...], Estimate | IomCausalError],
    *,
    outcome: str = "",
    level: float = LEVEL,
    allows: Mapping[tuple[str, ...], tuple[str, ...]] | None = None,
) -> SpecificationCurve:
    """Return the curve of answers by their combination of labels.

    Parameters
    ----------
    choices : mapping of str to mapping of str to value
        Of each choice its labels with their values.
    answers : mapping of tuple of str to Estimate or error
        By the labels chosen.
    outcome : str
        Its name; by default that of the first estimate.
    level : float
        Of intervals.
    allows : mapping of tuple of str to tuple of str, optional
        Points of the register for which each combination takes a line out; where it is not known what choices do, the
        points of all confounds among them count as spoken to.

    Raises
    ------
    InputError
        IOM-E098 where answers are on different scales.
    IomCausalError
        The first refusal, where there is no answer.
    """
    estimates = [answer for answer in answers.values() if isinstance(answer, Estimate)]
    if not estimates:
        raise next(answer for answer in answers.values() if isinstance(answer, IomCausalError))
    scales = sorted({e.scale for e in estimates})
    if len(scales) > 1:
        raise InputError("IOM-E098", f"specification curve: expected answers on one scale, got {listed(scales)}")
    rows = tuple(
        Specification.of(tuple(map(str, chosen)), answer, None if allows is None else allows[chosen])
        for chosen, answer in answers.items()
    )
    spoken = tuple(sorted({key for row in rows for key in row.allows or ()}))
    return SpecificationCurve(
        outcome=outcome or estimates[0].outcome,
        scale=scales[0],
        levels={name: tuple(map(str, labels)) for name, labels in choices.items()},
        rows=rows,
        speaks_to=_points(choices) if allows is None else spoken,
        level=level,
    )


def _attempt(run: Any, data: Any, values: Mapping[str, Any], *, by_path: bool) -> Estimate | IomCausalError:
    try:
        if not by_path:
            answer = run(data, **values)
        else:
            for path, value in values.items():
                run = replace_path(run, path, value)
            answer = run(data, rng=0)
    except IomCausalError as error:
        return error
    if not isinstance(answer, Estimate):
        raise SpecError("IOM-E092", f"run: expected it to return an Estimate, got {got(answer)}")
    return answer


def _points(choices: Choices) -> tuple[str, ...]:
    """Return the points of the register that any confound among the values speaks to."""
    values = [value for labels in choices.values() for value in labels.values()]
    every = [one for value in values for one in (value if isinstance(value, tuple) else (value,))]
    ids = {key for one in every if isinstance(one, Confound) for key in one.ids}
    return tuple(sorted(ids))


def _known(low: float | None, high: float | None) -> tuple[float, float]:
    return (math.nan if low is None else low), (math.nan if high is None else high)


def _snake(name: str) -> str:
    return re.sub(r"\W+", "_", name).strip("_").lower()

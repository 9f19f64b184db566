"""What a callable leaves as a function of its settings: a ledger over arrays, an estimator one value after another."""

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iom_causal.base.formats import number
from iom_causal.base.setting_paths import get_path, paths_of, replace_path, replace_paths, resolve
from iom_causal.base.specs import nearest
from iom_causal.beliefs import Belief, ends, is_belief
from iom_causal.errors import IomCausalError, NotIdentifiedError, SpecError, echo
from iom_causal.inputs.threats import threats
from iom_causal.moments import Moments
from iom_causal.panel import Panel
from iom_causal.roles import Confound, Remainder, Rng
from iom_causal.streams import as_generator

type Floats = NDArray[np.float64]
type Ends = tuple[Floats, Floats]

RATIO, POINTS = "ratio", "points"


class Moving(NamedTuple):
    """What a callable leaves, as a function of some of its settings; logs of ratios, else differences.

    Attributes
    ----------
    cases : tuple of callable
        What is left in every case that ranges or a published table leave open: arrays of settings, broadcast together,
        to an array; NaN where a value is refused.
    interval : callable
        From the same arrays to both ends of the interval, around the set where there is one.
    now : tuple of float
        The settings as they are, at their centres.
    scale : str
        The scale of the result: a ratio, or what its differences are in.
    outcome : str
        Its name.
    together : bool
        Whether many values cost little more than one.
    seed : int
        What draws are made from.
    speaks_to, silent_on : tuple of str
        The points of the register of threats that the confounds of these settings speak to, and the others.
    """

    cases: tuple[Callable[..., Floats], ...]
    interval: Callable[..., Ends]
    now: tuple[float, ...]
    scale: str
    outcome: str
    together: bool
    seed: int
    speaks_to: tuple[str, ...]
    silent_on: tuple[str, ...]

    @property
    def ratio(self) -> bool:
        """Whether what is left is a ratio."""
        return self.scale == RATIO

    def shown(self, value: Any) -> Any:
        """Return a value on the scale of the result."""
        with np.errstate(over="ignore"):
            return np.exp(value) if self.ratio else value

    def target(self, until: float | None) -> float:
        """Return what is to be left, by default nothing, on the scale on which nothing is 0.

        Raises
        ------
        SpecError
            IOM-E092 for what is no such number.
        """
        if until is None:
            return 0.0
        number = isinstance(until, (int, float, np.number)) and not isinstance(until, bool)
        if not number or not math.isfinite(until) or (self.ratio and until <= 0):
            wanted = "a ratio above 0" if self.ratio else "a finite number"
            raise SpecError("IOM-E092", f"until: expected {wanted}, got {echo(until)}")
        return math.log(until) if self.ratio else float(until)


def remaining(value: float, scale: str) -> str:
    """Return in words how much remains.

    Examples
    --------
    >>> remaining(1.0, "ratio"), remaining(0.9, "ratio"), remaining(-5.0, "points")
    ('nothing', 'a ratio of 0.9', '-5 points')
    """
    if value == (1.0 if scale == RATIO else 0.0):
        return "nothing"
    if scale == RATIO:
        return f"a ratio of {number(value)}"
    return f"{number(value)} points" if scale == POINTS else f"a {scale} of {number(value)}"


def no_value(shape: tuple[int, ...]) -> Ends:
    """Return two ends of which nothing is known."""
    return np.full(shape, np.nan), np.full(shape, np.nan)


def optional(values: Floats) -> tuple[float | None, ...]:
    """Return numbers, with None for NaN."""
    return tuple(None if math.isnan(value) else value for value in values.tolist())


def check_path(spec: Any, field: Any) -> Belief:
    """Return the number or belief that a dotted path names.

    Raises
    ------
    SpecError
        IOM-E093 for a path that leads nowhere, with the nearest that does; IOM-E092 for what is no number or belief.
    """
    if not isinstance(field, str):
        raise SpecError(
            "IOM-E092",
            f"field: expected one dotted path as text, such as 'detection.ratio', got {type(field).__name__}; "
            "call tipping once for each setting",
        )
    try:
        setting = get_path(spec, field)
    except SpecError as error:
        raise SpecError(error.code, error.plain, f"of all paths: {nearest(field, paths_of(spec))}") from None
    if setting is None:
        raise SpecError(
            "IOM-E092",
            f"{field}: nothing is stated here that could be moved; state a number or a belief first, if its method "
            "takes one",
        )
    if not is_belief(setting):
        raise SpecError("IOM-E092", f"{field}: expected a number or a belief, got {type(setting).__name__}")
    return setting


def check_apart(spec: Any, fields: Sequence[str]) -> None:
    """Refuse two paths of which one holds the other, or that are one.

    Raises
    ------
    SpecError
        IOM-E092.
    """
    keys = sorted((resolve(spec, field), field) for field in fields)
    for (one, first), (other, second) in pairwise(keys):
        if other[: len(one)] == one:
            raise SpecError("IOM-E092", f"{second}: it is moved by {first} already; give each setting once")


def check_span(spec: Any, field: str, span: Any) -> tuple[float, float]:
    """Return the ends between which a setting is moved, which its specification must take.

    Raises
    ------
    SpecError
        IOM-E092 for what are no two numbers in order, and whatever the specification says of an end that it refuses.
    """
    try:
        low, high = (float(end) for end in span)
    except (TypeError, ValueError):
        raise SpecError("IOM-E092", f"{field}: expected two numbers, low and high, got {echo(span)}") from None
    check_order(field, low, high)
    for end in (low, high):
        replace_path(spec, field, end)
    return low, high


def check_order(name: str, low: float, high: float) -> None:
    """Refuse two ends that are not finite, or not in order.

    Raises
    ------
    SpecError
        IOM-E092, saying which.
    """
    wanted = "low < high" if math.isfinite(low) and math.isfinite(high) else "finite ends"
    if wanted == "finite ends" or not low < high:
        raise SpecError("IOM-E092", f"{name}: expected {wanted}, got {low:g} and {high:g}")


def moving(
    spec: Any, data: Panel | Moments, fields: Sequence[str], *, now: Mapping[str, float] | None = None, rng: Rng = 0
) -> Moving:
    """Return what a callable leaves as a function of the settings at these paths.

    Parameters
    ----------
    spec : callable
        A ledger, or any estimator whose result is a ratio or a difference.
    data : Panel or Moments
        What it is called on.
    fields : sequence of str
        The paths, which `check_path` took.
    now : mapping, optional
        Where they start, by default at the centre of what is stated.
    rng : Generator, int or None
        For draws.
    """
    now = {field: sum(ends(get_path(spec, field))) / 2 for field in fields} if now is None else now
    start = replace_paths(spec, now)
    generator, seed = as_generator(rng)
    seed = int(generator.integers(2**32)) if seed is None else seed
    if isinstance(start, Remainder):
        cases = tuple(case.central_at(subject, *fields) for case, subject in start.cases(data))
        interval = _once(lambda: start.interval_at(data, *fields, rng=seed))
        scale, together = POINTS if data.kind == "score" else RATIO, True
    else:
        answers, first = _Answers(start, data, tuple(fields), seed), start(data, rng=seed)
        if first.estimate is None:
            raise NotIdentifiedError(
                "IOM-E068", f"{data.name}: {first.method} leaves a set here, which has no one value"
            )
        cases, interval = (answers.estimate,), answers.interval
        scale, together = first.scale, False
    speaks_to, silent_on = threats(_holder(spec, field) for field in fields)
    return Moving(
        cases=cases,
        interval=interval,
        now=tuple(now.values()),
        scale=scale,
        outcome=data.name,
        together=together,
        seed=seed,
        speaks_to=speaks_to,
        silent_on=silent_on,
    )


def left_by(spec: Any, data: Panel | Moments, *, case: int, seed: int) -> float:
    """Return what a callable leaves by a call of its own: a log of a ratio, else a difference."""
    if isinstance(spec, Remainder):
        one, subject = spec.cases(data)[case]
        return one.central(subject)
    result = spec(data, rng=seed)
    return math.log(result.estimate) if result.scale == RATIO else float(result.estimate)


def _holder(spec: Any, field: str) -> Any:
    """Return the confound that holds a setting, or what else holds it."""
    for key in resolve(spec, field)[:-1]:
        spec = spec[key] if isinstance(key, int) or isinstance(spec, Mapping) else getattr(spec, key)
        if isinstance(spec, Confound):
            return spec
    return spec


def _once(make: Callable[[], Callable[..., Ends]]) -> Callable[..., Ends]:
    """Return a function that is made when it is first called: intervals take draws, which not everybody asks for."""
    made: list[Callable[..., Ends]] = []

    def called(*values: ArrayLike) -> Ends:
        if not made:
            made.append(make())
        return made[0](*values)

    return called


class _Answers:
    """The results of an estimator at other settings, each worked out once."""

    def __init__(self, spec: Any, data: Panel | Moments, fields: tuple[str, ...], seed: int) -> None:
        self.spec, self.data, self.fields, self.seed = spec, data, fields, seed
        self.known: dict[tuple[float, ...], tuple[float, float, float]] = {}

    def estimate(self, *values: ArrayLike) -> Floats:
        return self._all(values)[0]

    def interval(self, *values: ArrayLike) -> Ends:
        _, low, high = self._all(values)
        return low, high

    def _all(self, values: Sequence[ArrayLike]) -> tuple[Floats, ...]:
        grid = np.broadcast_arrays(*(np.asarray(v, dtype=np.float64) for v in values))
        rows = list(zip(*(column.ravel().tolist() for column in grid), strict=True))
        self.known |= {row: self._at(row) for row in dict.fromkeys(rows) if row not in self.known}
        found = np.array([self.known[row] for row in rows]).reshape(-1, 3)
        return tuple(column.reshape(grid[0].shape) for column in found.T)

    def _at(self, row: tuple[float, ...]) -> tuple[float, float, float]:
        try:
            result = replace_paths(self.spec, dict(zip(self.fields, row, strict=True)))(self.data, rng=self.seed)
        except IomCausalError:
            return math.nan, math.nan, math.nan
        values = np.array([result.estimate, result.conf_low, result.conf_high], dtype=np.float64)  # None becomes NaN
        with np.errstate(divide="ignore", invalid="ignore"):
            one, low, high = (np.log(values) if result.scale == RATIO else values).tolist()
        return one, low, high

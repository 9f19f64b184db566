"""Settings as they are typed, PATH=VALUE and PATH=LOW:HIGH, and what stands alone."""

import math
from collections.abc import Callable, Iterable, Sequence

from iom_causal.base.formats import listed
from iom_causal.beliefs import Belief, Range
from iom_causal.errors import SpecError, echo

type Span = tuple[float, float]


def values(option: str, typed: Iterable[str]) -> dict[str, Belief]:
    """Return settings with a value or a range each, by path.

    Raises
    ------
    SpecError
        IOM-E092 for what cannot be read, saying what was expected.

    Examples
    --------
    >>> values("--set", ["detection.ratio=0.9"])
    {'detection.ratio': 0.9}
    """
    return _each(option, typed, _value)


def spans(option: str, typed: Iterable[str]) -> dict[str, Span]:
    """Return settings with a range each, by path.

    Raises
    ------
    SpecError
        IOM-E092 for what cannot be read, saying what was expected.

    Examples
    --------
    >>> spans("--sweep", ["history.elasticity=0:2"])
    {'history.elasticity': (0.0, 2.0)}
    """
    return _each(option, typed, _span)


def check_alone(option: str, others: Sequence[str]) -> None:
    """Refuse options beside one that is asked alone.

    Raises
    ------
    SpecError
        IOM-E092 where there are any, naming them.

    Examples
    --------
    >>> check_alone("--curve", [])
    """
    if others:
        raise SpecError(
            "IOM-E092",
            f"{option} stands alone, and got {listed(others)} beside it: it tries every combination of choices with "
            f"the values that these state; leave {option} out, or the others",
        )


def _each[T](option: str, typed: Iterable[str], read: Callable[[str, str], T]) -> dict[str, T]:
    found: dict[str, T] = {}
    for text in typed:
        path, equals, value = (part.strip() for part in text.partition("="))
        if not (path and equals and value):
            raise SpecError("IOM-E092", f"{option} {echo(text)}: expected PATH=..., such as detection.ratio=0.9")
        if path in found:
            raise SpecError("IOM-E092", f"{option} {path}: it is there twice; give each setting once")
        found[path] = read(f"{option} {path}", value)
    return found


def _value(where: str, text: str) -> Belief:
    return Range(*_span(where, text)) if ":" in text else _number(where, text)


def _span(where: str, text: str) -> Span:
    low, colon, high = text.partition(":")
    if not colon:
        raise SpecError("IOM-E092", f"{where}: expected a range LOW:HIGH, such as 0.8:1.2, got {echo(text)}")
    ends = _number(where, low), _number(where, high)
    if not all(map(math.isfinite, ends)):
        raise SpecError("IOM-E092", f"{where}: expected a range of two finite numbers, got {echo(text)}")
    if not ends[0] < ends[1]:
        raise SpecError("IOM-E092", f"{where}: expected a range whose first end is the lower, got {echo(text)}")
    return ends


def _number(where: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise SpecError("IOM-E092", f"{where}: expected a number, got {echo(text)}") from None

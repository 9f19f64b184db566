"""Settings as they are typed: PATH=VALUE, PATH=LOW:HIGH."""

from collections.abc import Callable, Iterable

from iom_causal.beliefs import Belief, Range
from iom_causal.cli.study_sensitivity import Asked, Span
from iom_causal.errors import SpecError, echo


def asked_for(
    stated: Iterable[str], swept: Iterable[str], together: str | None, *, evidence: tuple[str, ...], outcome: str
) -> Asked:
    """Return what a study is asked, from what was typed.

    Raises
    ------
    SpecError
        IOM-E092 for what cannot be read, saying what was expected.

    Examples
    --------
    >>> asked_for(["detection.ratio=0.9"], ["history.elasticity=0:2"], None, evidence=(), outcome="").swept
    {'history.elasticity': (0.0, 2.0)}
    """
    both = [] if together is None else together.split(",")
    return Asked(
        settings=_each("--set", stated, _value),
        swept=_each("--sweep", swept, _span),
        together=_each("--surface", both, _span),
        evidence=evidence,
        outcome=outcome,
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
    if not ends[0] < ends[1]:
        raise SpecError("IOM-E092", f"{where}: expected a range whose first end is the lower, got {echo(text)}")
    return ends


def _number(where: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise SpecError("IOM-E092", f"{where}: expected a number, got {echo(text)}") from None

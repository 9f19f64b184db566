"""Dotted paths into nested settings: the field that one names, and a copy in which it has another value."""

import dataclasses
import re
from collections.abc import Iterator, Mapping
from typing import Any

from iom_causal.base.equality import same
from iom_causal.base.specs import FrozenMap, nearest
from iom_causal.beliefs import is_belief
from iom_causal.errors import SpecError, echo


def get_path(spec: Any, path: str) -> Any:
    """Read the field that a dotted `path` names.

    A part is a field's name, a label of a mapping, a position in a tuple, or the name of the class of an element of a
    tuple in lower case with underscores; the tuple's own field may be left out.

    Examples
    --------
    >>> from iom_causal.beliefs import Range
    >>> get_path((Range(0.7, 1.0),), "0.low"), get_path((Range(0.7, 1.0),), "range.high")
    (0.7, 1.0)
    """
    for key in resolve(spec, path):
        spec = _inside(spec, key)
    return spec


def replace_path(spec: Any, path: str, value: Any) -> Any:
    """Return a copy of `spec` in which the field that the dotted `path` names is `value`.

    Examples
    --------
    >>> from iom_causal.beliefs import Range
    >>> replace_path(Range(0.7, 1.0), "low", 0.8)
    Range(low=0.8, high=1.0)
    """
    return _replaced(spec, resolve(spec, path), value)


def replace_paths(spec: Any, values: Mapping[str, Any]) -> Any:
    """Return a copy of `spec` in which every field that a dotted path names has its value.

    Examples
    --------
    >>> from iom_causal.beliefs import Range
    >>> replace_paths(Range(0.7, 1.0), {"low": 0.8, "high": 0.9})
    Range(low=0.8, high=0.9)
    """
    for path, value in values.items():
        spec = replace_path(spec, path, value)
    return spec


def paths_of(spec: Any) -> tuple[str, ...]:
    """Return the dotted paths of every number or belief in a specification, each as short as it can be written.

    Examples
    --------
    >>> from iom_causal.beliefs import LogNormal
    >>> from iom_causal.confounds.detection import Detection
    >>> from iom_causal.ledger import Ledger
    >>> paths_of(Ledger([Detection(ratio=LogNormal(0.9, 0.1))]))[:2]
    ('detection.ratio', 'detection.false_pre')
    """
    return tuple(_paths(spec, ""))


def paths_apart(one: Any, other: Any) -> tuple[str, ...]:
    """Return the dotted paths at which two specifications differ, each down to the last part that both have.

    Examples
    --------
    >>> from iom_causal.beliefs import Range
    >>> paths_apart((Range(0.7, 1.0), 3), (Range(0.8, 1.0), 4))
    ('0', '1')
    """
    return tuple(_apart(one, other, ""))


def _apart(one: Any, other: Any, before: str) -> Iterator[str]:
    if same(one, other):
        return
    here, there = ({} if is_belief(spec) else dict(_steps(spec)) for spec in (one, other))
    if type(one) is not type(other) or not here or here.keys() != there.keys():
        yield before
        return
    for step, value in here.items():
        yield from _apart(value, there[step], f"{before}.{step}" if before else step)


def _paths(spec: Any, before: str) -> Iterator[str]:
    for step, value in _steps(spec):
        path = f"{before}.{step}" if before else step
        if is_belief(value):
            yield path
        else:
            yield from _paths(value, path)


def _steps(spec: Any) -> Iterator[tuple[str, Any]]:
    """Yield what lies inside with the part of a path that leads there; the field of a tuple of settings is left out."""
    if isinstance(spec, FrozenMap):
        yield from spec.items()
    elif isinstance(spec, tuple):
        yield from ((str(k) if name is None else name, item) for k, (name, item) in enumerate(_named(spec)))
    elif dataclasses.is_dataclass(spec) and not isinstance(spec, type):
        for field in dataclasses.fields(spec):
            value = getattr(spec, field.name)
            inside = _named(value) if isinstance(value, tuple) else [(field.name, value)]
            yield from ((f"{field.name}.{k}" if name is None else name, v) for k, (name, v) in enumerate(inside))


def _named(items: tuple[Any, ...]) -> list[tuple[str | None, Any]]:
    """Return the label by which each element of a tuple is found, None where only its position leads there."""
    labels = [label(item) for item in items]
    own = [dataclasses.is_dataclass(item) and not is_belief(item) for item in items]
    return [(labels[k] if own[k] and labels.index(labels[k]) == k else None, item) for k, item in enumerate(items)]


def _replaced(spec: Any, keys: list[int | str], value: Any) -> Any:
    if not keys:
        return value
    head, rest = keys[0], keys[1:]
    if isinstance(head, int):
        return (*spec[:head], _replaced(spec[head], rest, value), *spec[head + 1 :])
    if isinstance(spec, FrozenMap):
        return FrozenMap(dict(spec) | {head: _replaced(spec[head], rest, value)})
    return dataclasses.replace(spec, **{head: _replaced(getattr(spec, head), rest, value)})


def resolve(spec: Any, path: str) -> list[int | str]:
    """Return a dotted path as the fields and positions to go through.

    Raises
    ------
    SpecError
        IOM-E093 for a part that leads nowhere, with the nearest that does.
    """
    keys: list[int | str] = []
    for part in path.split("."):
        step = _step(spec, part, path)
        for key in step:
            spec = _inside(spec, key)
        keys += step
    return keys


def _inside(spec: Any, key: int | str) -> Any:
    return spec[key] if isinstance(key, int) or isinstance(spec, FrozenMap) else getattr(spec, key)


def label(value: object) -> str:
    """Return the name of a class, or of a value's class, in lower case with underscores.

    Examples
    --------
    >>> from iom_causal.beliefs import LogNormal
    >>> label(LogNormal(1.0, 0.1))
    'log_normal'
    """
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", (value if isinstance(value, type) else type(value)).__name__).lower()


def _step(spec: Any, part: str, path: str) -> list[int | str]:
    if isinstance(spec, tuple):
        labels = [label(item) for item in spec]
        if part.isdigit() and int(part) < len(spec):
            return [int(part)]
        if part in labels:
            return [labels.index(part)]
        raise SpecError("IOM-E093", f"{path}: {echo(part)} is no element here; {nearest(part, labels)}")
    if isinstance(spec, FrozenMap):
        if part in spec:
            return [part]
        raise SpecError("IOM-E093", f"{path}: {echo(part)} is no label here; {nearest(part, spec)}")
    names = [f.name for f in dataclasses.fields(spec)] if dataclasses.is_dataclass(spec) else []
    if part in names:
        return [part]
    inside: dict[str, list[int | str]] = {
        label(item): [name, i] for name in names for i, item in enumerate(_tuple(spec, name))
    }
    if part in inside:
        return inside[part]
    if not names:
        raise SpecError("IOM-E093", f"{path}: there are no settings in a {type(spec).__name__}, so no {echo(part)}")
    raise SpecError("IOM-E093", f"{path}: unknown field {echo(part)}; {nearest(part, [*names, *inside])}")


def _tuple(spec: Any, name: str) -> tuple[Any, ...]:
    value = getattr(spec, name)
    return value if isinstance(value, tuple) else ()

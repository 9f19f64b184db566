"""Description of designs, as what JSON holds: settings in full, functions by name and by what they do."""

import dataclasses
import datetime as dt
import functools
import hashlib
from collections.abc import Mapping
from types import CodeType, FunctionType
from typing import Any

import numpy as np

from iom_causal.base.names import function_name
from iom_causal.designs.design import Design

_PLAIN = (bool, int, float, str, type(None))


def described(designs: Mapping[str, Design]) -> dict[str, Any]:
    """Return designs with all that their replicates depend on, so that two that differ are told apart by name.

    Functions are described by their name and a digest of their code, with the functions and the constants of their own
    module that they use, and what they enclose; what those of other modules do is not.

    Examples
    --------
    >>> import iom_causal as iom
    >>> from iom_causal import simulate as sim
    >>> design = Design(sim.Careers(people=30), sim.att_ratio, sim.BeforeAfter(), iom.RateRatio())
    >>> described({"ours": design})["ours"]["model"]["people"]
    30
    """
    return {label: _of(design, frozenset()) for label, design in designs.items()}


def _of(value: Any, known: frozenset[int]) -> Any:
    """Return a value as what JSON holds; one that holds itself ends there."""
    return "the same again" if id(value) in known else _described(value, known)


@functools.singledispatch
def _described(value: Any, known: frozenset[int]) -> Any:
    kind = {"type": _name(type(value))}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        held = {f.name: getattr(value, f.name) for f in dataclasses.fields(value) if f.compare}
        return kind | _each(held, known | {id(value)})
    try:
        return kind | _each(vars(value), known | {id(value)})
    except TypeError:  # what is compiled holds nothing that can be read
        return kind | {"name": function_name(value)}


@_described.register(bool | int | float | str | None)
def _(value: Any, known: frozenset[int]) -> Any:
    del known
    return value


@_described.register
def _(value: np.generic, known: frozenset[int]) -> Any:
    del known
    return value.item()


@_described.register
def _(value: np.ndarray, known: frozenset[int]) -> Any:
    del known
    return {"array": list(value.shape), "digest": _digest(f"{value.dtype}".encode() + value.tobytes())}


@_described.register
def _(value: dt.date, known: frozenset[int]) -> Any:
    del known
    return value.isoformat()


@_described.register
def _(value: type, known: frozenset[int]) -> Any:
    del known
    return _name(value)


@_described.register
def _(value: Mapping, known: frozenset[int]) -> Any:  # type: ignore[type-arg]
    return _each(value, known | {id(value)})


@_described.register(tuple | list)
def _(value: Any, known: frozenset[int]) -> Any:
    return [_of(item, known | {id(value)}) for item in value]


@_described.register(set | frozenset)
def _(value: Any, known: frozenset[int]) -> Any:
    return sorted((_of(item, known | {id(value)}) for item in value), key=repr)


@_described.register
def _(value: FunctionType, known: frozenset[int]) -> Any:
    return {"function": _name(value)} | _function(value, known | {id(value)})


@_described.register
def _(value: functools.partial, known: frozenset[int]) -> Any:  # type: ignore[type-arg]
    return _each({"partial": value.func, "args": value.args, "with": value.keywords}, known | {id(value)})


def _each(held: Mapping[Any, Any], known: frozenset[int]) -> dict[str, Any]:
    return {str(name): _of(item, known) for name, item in held.items()}


def _name(value: Any) -> str:
    return f"{value.__module__}.{value.__qualname__}"


def _function(function: FunctionType, known: frozenset[int]) -> dict[str, Any]:
    """Return what a function does, as a digest of its code, and what it uses of its own module or encloses."""
    names = [name for name in _names(function.__code__) if name in function.__globals__]
    globals_ = {name: function.__globals__[name] for name in names}
    own = {n: v for n, v in globals_.items() if isinstance(v, _PLAIN) or _of_module(v, function.__module__)}
    cells = function.__closure__ or ()
    held = {
        "defaults": [function.__defaults__, function.__kwdefaults__],
        "encloses": [cell.cell_contents for cell in cells],
        "uses": own,
    }
    used = {name: _of(value, known) for name, value in held.items() if value not in ([None, None], [], {})}
    return {"code": _digest(_code(function.__code__))} | used


def _of_module(value: Any, module: str) -> bool:
    return isinstance(value, FunctionType) and value.__module__ == module


def _names(code: CodeType) -> tuple[str, ...]:
    inner = (c for c in code.co_consts if isinstance(c, CodeType))
    return tuple(dict.fromkeys((*code.co_names, *(n for c in inner for n in _names(c)))))


def _code(code: CodeType) -> bytes:
    inner = [_code(c) if isinstance(c, CodeType) else repr(c).encode() for c in code.co_consts]
    return b"\0".join([code.co_code, repr(code.co_names).encode(), repr(code.co_varnames).encode(), *inner])


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]

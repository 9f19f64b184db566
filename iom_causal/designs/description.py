"""Description of designs, as what JSON holds: settings in full, functions by name and by what they do."""

import dataclasses
import datetime as dt
import functools
import hashlib
from collections.abc import Mapping
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from iom_causal.base.names import function_name
from iom_causal.designs.design import Design


def described(designs: Mapping[str, Design]) -> dict[str, Any]:
    """Return designs with all that their replicates depend on, so that two that differ are told apart by name.

    Functions are described by their name and a digest of their code, with the functions, classes and values of their
    own module that they use, and what they enclose; what those of other modules do is not.

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
    kind = {"type": _name(type(value))} | _called(type(value), known | {id(value)})
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        held = {f.name: getattr(value, f.name) for f in dataclasses.fields(value) if f.compare}
        return kind | _each(held, known | {id(value)})
    slots = {n: value.__getattribute__(n) for c in type(value).__mro__ for n in _slots(c) if _holds(value, n)}
    try:
        return kind | _each(slots | vars(value), known | {id(value)})
    except TypeError:  # without a dictionary of its own: slots, or what is compiled, which shows itself by its text
        return kind | (
            _each(slots, known | {id(value)}) if slots else {"name": function_name(value), "text": _text(value)}
        )


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
    return {"class": _name(value)} | _called(value, known | {id(value)})


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
def _(value: MethodType, known: frozenset[int]) -> Any:
    return _each({"method": value.__func__, "of": value.__self__}, known | {id(value)})


@_described.register
def _(value: dt.timedelta, known: frozenset[int]) -> Any:
    del known
    return f"{value.total_seconds()!r} s"


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
    own = {n: v for n, v in globals_.items() if _of_module(v, function.__module__)}
    cells = function.__closure__ or ()
    held = {
        "defaults": [d for d in (function.__defaults__, function.__kwdefaults__) if d],
        "encloses": [cell.cell_contents for cell in cells],
        "uses": own,
    }
    used = {name: _of(value, known) for name, value in held.items() if value}
    return {"code": _digest(_code(function.__code__))} | used


def _of_module(value: Any, module: str) -> bool:
    """Return whether a global is a function or a class of the module, or a value; other modules' are not followed."""
    if isinstance(value, (FunctionType, type)):
        return value.__module__ == module
    return not isinstance(value, ModuleType)


def _called(kind: type, known: frozenset[int]) -> dict[str, Any]:
    """Return what calling an object of a class of its user's own does."""
    call = kind.__dict__.get("__call__")
    ours = kind.__module__.partition(".")[0] == "iom_causal"
    return {"calls": _of(call, known)} if isinstance(call, FunctionType) and not ours else {}


def _slots(kind: type) -> tuple[str, ...]:
    slots = kind.__dict__.get("__slots__", ())
    return (slots,) if isinstance(slots, str) else tuple(slots)


def _holds(value: Any, name: str) -> bool:
    try:
        value.__getattribute__(name)
    except AttributeError:
        return False
    return True


def _text(value: Any) -> str:
    text = repr(value)
    return "" if " at 0x" in text else text


def _names(code: CodeType) -> tuple[str, ...]:
    inner = (c for c in code.co_consts if isinstance(c, CodeType))
    return tuple(dict.fromkeys((*code.co_names, *(n for c in inner for n in _names(c)))))


def _code(code: CodeType) -> bytes:
    inner = [_code(c) if isinstance(c, CodeType) else _constant(c).encode() for c in code.co_consts]
    return b"\0".join([code.co_code, repr(code.co_names).encode(), repr(code.co_varnames).encode(), *inner])


def _constant(value: Any) -> str:
    """Return a constant of compiled code as text, in an order that does not hang on how text is hashed."""
    if isinstance(value, frozenset):
        return "{" + ",".join(sorted(map(_constant, value))) + "}"
    return "(" + ",".join(map(_constant, value)) + ")" if isinstance(value, tuple) else repr(value)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]

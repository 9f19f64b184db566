"""Arguments of public functions, held to the kinds that their annotations name before anything is worked out."""

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, partial, wraps
from types import NoneType, UnionType
from typing import Any, TypeAliasType, Union, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iom_causal.base.specs import got
from iom_causal.beliefs import Belief
from iom_causal.errors import InputError, SpecError
from iom_causal.moments import Moments
from iom_causal.numerics.plain import plain_number
from iom_causal.panel import Panel
from iom_causal.roles import require_panel

_WORDS: Mapping[Any, str] = {
    float: "a number",
    int: "a whole number",
    bool: "True or False",
    str: "text",
    NoneType: "None",
    np.ndarray: "numbers",
}
_CONTAINERS: Mapping[Any, str] = {
    Sequence: "a sequence, of which each is {}",
    Iterable: "several, of which each is {}",
    tuple: "{count} values, each {}",
    Callable: "a function",
}


def checked[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Refuse arguments of another kind than the annotations of a function; their values are its own to judge.

    A number may be of numpy, a pair a list, a sequence an array. What cannot be told apart (`Any`) is let through.

    Raises
    ------
    InputError
        IOM-E035 for what is no panel where one belongs.
    SpecError
        IOM-E092 for all else, naming the function, the argument and what it takes.

    Examples
    --------
    >>> @checked
    ... def doubled(x: float) -> float:
    ...     return 2 * x
    >>> doubled("3")
    Traceback (most recent call last):
        ...
    iom_causal.errors.SpecError: IOM-E092: doubled: x: expected a number, got str
    """
    signature = inspect.signature(function)
    hints = cache(lambda: get_type_hints(function))
    name = function.__name__

    @wraps(function)
    def called(*args: P.args, **kwargs: P.kwargs) -> R:
        for key, value in signature.bind(*args, **kwargs).arguments.items():
            _check(value, hints()[key], name, key)
        return function(*args, **kwargs)

    return called


def _check(value: object, hint: Any, function: str, name: str) -> None:
    if _fits(value, hint):
        return
    parts = set(_parts(hint))
    if parts <= {Panel, Moments}:
        require_panel(value, function, or_moments=Moments in parts)
    said = f"{function}: {name}: expected {_in_words(hint)}, got {got(value)}"
    raise InputError("IOM-E035", said) if Panel in parts else SpecError("IOM-E092", said)


def _parts(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in {Union, UnionType} else (hint,)


def _resolved(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    """Return what a hint is of, aliases followed, and its arguments; `np.ndarray` where it is of anything like one."""
    while isinstance(hint, TypeAliasType) and hint is not ArrayLike:
        hint = hint.__value__
    if hint is ArrayLike or get_origin(hint) in {np.ndarray, NDArray}:
        return np.ndarray, ()
    return get_origin(hint) or hint, get_args(hint)


def _fits(value: Any, hint: Any) -> bool:
    origin, of = _resolved(hint)
    if origin in {Union, UnionType}:
        return any(_fits(value, part) for part in of)
    return _FITS.get(origin, partial(_is_one, origin))(value, *of)


def _is_one(kind: Any, value: Any, *_: Any) -> bool:
    value = plain_number(value)
    if kind in {float, int}:
        return isinstance(value, (int, float) if kind is float else int) and not isinstance(value, bool)
    if not isinstance(kind, type):
        return True
    return isinstance(value, (bool, np.bool_) if kind is bool else kind)


def _is_sequence(value: Any, part: Any) -> bool:
    if isinstance(value, str):
        return str in _parts(part)
    if isinstance(value, np.ndarray):
        return value.ndim == 1 and all(_fits(each, part) for each in value)
    return isinstance(value, Sequence) and all(_fits(each, part) for each in value)


def _is_iterable(value: Any, part: Any) -> bool:
    if isinstance(value, (Sequence, np.ndarray)):
        return _is_sequence(value, part)
    return isinstance(value, Iterable) and not isinstance(value, Mapping)  # an iterator is not used up


def _is_mapping(value: Any, key: Any, item: Any) -> bool:
    return isinstance(value, Mapping) and all(_fits(k, key) and _fits(v, item) for k, v in value.items())


def _is_tuple(value: Any, *of: Any) -> bool:
    if not isinstance(value, (tuple, list, np.ndarray)):
        return False
    parts = of[:1] * len(value) if Ellipsis in of else of
    return len(value) == len(parts) and all(_fits(each, part) for each, part in zip(value, parts, strict=True))


def _are_numbers(value: Any) -> bool:
    if isinstance(value, (str, bytes, Mapping)) or value is None:
        return False
    try:
        return np.asarray(value).dtype.kind in "iuf"
    except (TypeError, ValueError):  # rows of different lengths
        return False


_FITS: Mapping[Any, Callable[..., bool]] = {
    Any: lambda _: True,
    np.ndarray: _are_numbers,
    Sequence: _is_sequence,
    Iterable: _is_iterable,
    Mapping: _is_mapping,
    tuple: _is_tuple,
    Callable: lambda value, *_: callable(value),
}


def _in_words(hint: Any) -> str:
    if hint is Belief:
        return "a number or a belief"
    origin, of = _resolved(hint)
    words = list(dict.fromkeys(_in_words(part) for part in of if part is not Ellipsis))
    if origin is Mapping:
        return f"a mapping of {_in_words(of[0])} to {_in_words(of[1])}"
    if origin in {Union, UnionType}:
        return ", or ".join(words)
    if origin in _CONTAINERS:
        return _CONTAINERS[origin].format(" or ".join(words), count=len(of))
    name = origin.__name__ if isinstance(origin, type) else str(origin)
    return _WORDS.get(origin, f"{'an' if name[0] in 'AEIOU' else 'a'} {name}")

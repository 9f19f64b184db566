"""Frozen values to and from TOML: keys checked, dotted paths, digests.

A specification is a frozen dataclass of plain values (text, numbers, booleans, None, dates, tuples
and other specifications). It can be printed, compared, written as a table, varied by a dotted path
and named by a digest.
"""

import dataclasses
import datetime as dt
import difflib
import hashlib
import json
import math
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType, UnionType
from typing import Any, TypeAliasType, Union, get_args, get_origin, get_type_hints

from iom_causal.base.names import where_instead
from iom_causal.base.toml_slips import slip
from iom_causal.errors import ECHOED, SpecError, echo
from iom_causal.numerics.plain import plain_number, plain_numbers

DEEPEST, LARGEST = 20, 2**63
"""How deep the tables of a file are nested at most, and the whole number that none reaches, as TOML has it."""
KINDS = ("study", "published", "scenario", "design", "evidence")
"""The first table of a file says what kind it is."""

_DATA_TYPES = frozenset({"Panel", "Cohort", "Moments", "PublishedStudy"})


_PARTS, LEAST_PART = re.compile(r"[-_ .]"), 4
"""What parts names, and how many letters a part has by which a name is found."""


def nearest(name: str, options: Iterable[str]) -> str:
    """Return a hint that names the option most like `name`, or all of them.

    Examples
    --------
    >>> nearest("titel", ["title", "doi"])
    "did you mean 'title'?"
    >>> nearest("pickd", ["picked-on-their-rate", "selected-on-the-window"])  # by a part of it
    "did you mean 'picked-on-their-rate'?"
    >>> nearest("x", ["title", "doi"])
    'known: doi, title'
    """
    known = sorted(options)
    parts = {part: option for option in reversed(known) for part in _PARTS.split(option) if len(part) >= LEAST_PART}
    near = difflib.get_close_matches(name, known, n=1) or difflib.get_close_matches(name, parts, n=1)
    match = [parts.get(found, found) if found not in known else found for found in near]
    shown = [name if len(name) <= ECHOED else name[: ECHOED - 3] + "..." for name in known]
    return f"did you mean {echo(match[0])}?" if match else "known: " + ", ".join(shown)


def check_keys(table: Mapping[str, Any], allowed: Iterable[str], where: str) -> None:
    """Refuse keys that are not in `allowed`, naming the nearest valid key."""
    allowed = tuple(allowed)
    for key in table:
        if key not in allowed:
            raise SpecError("IOM-E093", f"{where}: unknown key {echo(key)}; {nearest(key, allowed)}")


def require_keys(table: Mapping[str, Any], required: Iterable[str], where: str) -> None:
    """Refuse a table that lacks one of the `required` keys."""
    absent = [key for key in required if key not in table]
    if absent:
        raise SpecError("IOM-E096", f"{where}: required but absent: {', '.join(absent)}")


def read_toml(path: str | Path | Traversable, kind: str | None = None) -> dict[str, Any]:
    """Read a TOML file and check by its first table what kind it is.

    Parameters
    ----------
    path : path
        The file.
    kind : {"study", "published", "scenario", "design"}, optional
        What is expected; None takes any kind.

    Returns
    -------
    dict
        The document.

    Raises
    ------
    SpecError
        IOM-E096 when there is no such file, IOM-E094 when it is not TOML, IOM-E095 when it is of
        another kind.
    """
    file = Path(path) if isinstance(path, str) else path
    try:
        text = file.read_bytes().decode("utf-8")
    except FileNotFoundError:
        instead = f"; {where_instead(file)}" if isinstance(file, Path) else ""
        raise SpecError("IOM-E096", f"expected a TOML file, found none called {echo(file.name)}{instead}") from None
    except UnicodeDecodeError:
        raise SpecError("IOM-E094", f"{file.name}: expected text in UTF-8; save the file as UTF-8") from None
    except (OSError, ValueError) as error:
        raise SpecError("IOM-E096", f"expected a TOML file, {echo(file.name)} {_unread(file, error)}") from None
    try:
        document = tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        todo = slip(text, str(error))
        raise SpecError("IOM-E094", f"{file.name} is not valid TOML: {error}{f'; {todo}' if todo else ''}") from None
    except (RecursionError, ValueError):
        raise SpecError(
            "IOM-E094", f"{file.name}: expected brackets at most {DEEPEST} deep, and no endless number"
        ) from None
    _check_within(document, file.name)
    _check_kind(document, kind, file.name)
    return document


def _unread(file: Path | Traversable, error: Exception) -> str:
    """Say why what bears a file's name is not read, and what to do."""
    if isinstance(error, IsADirectoryError) or (isinstance(error, PermissionError) and file.is_dir()):
        return "is a folder; name the file in it"
    if isinstance(error, PermissionError):
        return "may not be read; ask for permission, or copy it"
    return "cannot be read as a file"


def _check_within(document: Mapping[str, Any], name: str) -> None:
    """Refuse a document that is nested deeper, or has longer keys or numbers, than any that is meant."""
    level: list[Any] = [document]
    for _ in range(DEEPEST):
        tables = [item for item in level if isinstance(item, Mapping)]
        inside = [v for item in level for v in (item.values() if isinstance(item, Mapping) else item)]
        if any(len(key) > ECHOED for table in tables for key in table):
            raise SpecError("IOM-E094", f"{name}: expected keys of at most {ECHOED} characters, got a longer one")
        if any(isinstance(v, int) and abs(v) >= LARGEST for v in inside):
            raise SpecError(
                "IOM-E094", f"{name}: expected whole numbers below {LARGEST:,} either way, got a larger one"
            )
        level = [v for v in inside if isinstance(v, (Mapping, list))]
        if not level:
            return
    raise SpecError("IOM-E094", f"{name}: expected brackets and tables at most {DEEPEST} deep, got deeper ones")


def kind_of(path: str | Path) -> str:
    """Return what kind of file a TOML file is, for what takes a study or a published one.

    Raises
    ------
    SpecError
        As `read_toml`, and IOM-E095 for another kind.
    """
    kind = next(iter(read_toml(path)))
    if kind not in ("study", "published"):
        raise SpecError(
            "IOM-E095", f"{Path(path).name}: expected a [study] or a [published] file, this is a [{kind}] file"
        )
    return kind


def _check_kind(document: Mapping[str, Any], kind: str | None, name: str) -> None:
    first = next(iter(document), None)
    if first not in KINDS or not isinstance(document[first], dict):
        options = ", ".join(f"[{k}]" for k in KINDS)
        raise SpecError("IOM-E095", f"{name}: expected the first table to be one of {options}")
    if kind is not None and first != kind:
        raise SpecError("IOM-E095", f"{name}: expected a [{kind}] file, this is a [{first}] file")


def refuse_data(spec: object) -> None:
    """Refuse data where settings belong, showing the call to write, and settings of another type, as `check_types`.

    Called in the ``__post_init__`` of every estimator and confound.
    """
    plain_numbers(spec)
    name = type(spec).__name__
    for field in dataclasses.fields(spec):  # type: ignore[arg-type]
        value = getattr(spec, field.name)
        if isinstance(value, dict) and (settings := _settings_of(type(spec), field.name)) is not None:
            call = _made_of(settings, value)
            raise SpecError("IOM-E092", f"{name} {field.name}: expected {call}, got {got(value)}")
        looks_like_data = (
            hasattr(value, "__array__") or hasattr(value, "__dataframe__") or isinstance(value, (list, dict, set))
        )
        if looks_like_data or type(value).__name__ in _DATA_TYPES:
            call = panel_call(value)
            made = f" with panel = {call}" if call else ""
            raise SpecError(
                "IOM-E097",
                f"{name} was given data ({type(value).__name__}) as its setting {echo(field.name)}; "
                f"settings go in the constructor, data in the call: write {name}()(panel){made}",
            )
    check_types(spec)


def _settings_of(kind: type, name: str) -> type | None:
    """Return the class of settings that a field takes, if it takes one."""
    hint = _hints(kind).get(name)
    parts = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    return next((part for part in parts if isinstance(part, type) and dataclasses.is_dataclass(part)), None)


def _made_of(kind: type, settings: Mapping[str, Any]) -> str:
    """Return the call that makes a value of settings that are its own; else only what it is."""
    if not settings.keys() <= {f.name for f in dataclasses.fields(kind)}:
        return _in_words(kind)
    return f"{kind.__name__}({', '.join(f'{name}={echo(value)}' for name, value in settings.items())})"


def panel_call(data: object) -> str:
    """Return the call that makes a panel of a frame or an array, or nothing for what is neither.

    Examples
    --------
    >>> import numpy as np
    >>> panel_call(np.zeros((2, 2)))
    'Panel.from_arrays(values, kind=...)'
    """
    if hasattr(data, "columns") or hasattr(data, "__dataframe__"):
        return "Panel.from_wide(df, unit=..., pre=..., post=..., kind=...)"
    return "Panel.from_arrays(values, kind=...)" if hasattr(data, "__array__") or isinstance(data, list) else ""


def check_types(spec: object) -> None:
    """Refuse fields whose values are not what the class says they are: numbers are finite, and True is no number.

    Beliefs are checked by `theta.check_beliefs`, and None is refused where the class does not allow it. Where several
    labels are asked for, one stands for itself alone, and a list becomes a tuple.

    Raises
    ------
    SpecError
        IOM-E092, naming the class, the field and what it takes.

    Examples
    --------
    >>> from iom_causal.simulate import Score
    >>> Score(base="high")
    Traceback (most recent call last):
        ...
    iom_causal.errors.SpecError: IOM-E092: Score base: expected a finite number, got str
    """
    plain_numbers(spec)
    kind: Any = type(spec)
    for name, hint in _hints(kind).items():
        given = getattr(spec, name)
        if get_origin(hint) is tuple and isinstance(given, str) and get_args(hint)[0] is str:
            object.__setattr__(spec, name, (given,))
        elif get_origin(hint) is tuple and isinstance(given, list):
            object.__setattr__(spec, name, tuple(given))
    check_settings(kind, {name: getattr(spec, name) for name in _hints(kind)}, kind.__name__)


def check_settings(kind: type, settings: Mapping[str, Any], where: str) -> None:
    """Refuse settings of another kind than a class's own fields, before it is made.

    Raises
    ------
    SpecError
        IOM-E092, as `check_types`.
    """
    for name, value in settings.items():
        hint = _hints(kind)[name]
        if not _fits(value, hint):
            raise SpecError("IOM-E092", f"{where} {name}: expected {_in_words(hint)}, got {got(value)}")


def got(value: object) -> str:
    """Return what was given in place of a setting, for a message: a number itself, of anything else what it is.

    Examples
    --------
    >>> got(None), got(7), got("seven"), got(dict)
    ('nothing', '7', 'str', 'the class dict, not one made of it')
    """
    if isinstance(value, type):
        return f"the class {value.__name__}, not one made of it"
    return "nothing" if value is None else f"{value}" if _is_number(value) else type(value).__name__


@lru_cache(maxsize=128)
def _hints(kind: type) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {f.name: hints[f.name] for f in dataclasses.fields(kind) if f.init}


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _fits(value: object, hint: Any) -> bool:
    if get_origin(hint) in (Union, UnionType):
        return any(_fits(value, part) for part in get_args(hint))
    if get_origin(hint) is tuple:
        return isinstance(value, (tuple, list)) and all(_fits(v, get_args(hint)[0]) for v in value)
    if hint is Any or not isinstance(hint, type):
        return not isinstance(hint, TypeAliasType) or value is not None
    if hint is float:
        return _is_number(value) and math.isfinite(value)  # type: ignore[arg-type]
    if getattr(hint, "_is_protocol", False):  # what a file holds is none
        hint = type(None) if isinstance(value, (str, int, float, tuple)) else object
    if not isinstance(value, hint) or (isinstance(value, bool) and hint is not bool):
        return False
    return hint is not dt.date or value == value  # noqa: PLR0124 pandas' missing date is a date


_WORDS = {int: "a whole number", float: "a finite number", bool: "True or False", str: "text", type(None): "None"}


def _in_words(hint: Any) -> str:
    if isinstance(hint, TypeAliasType):
        return "a number or a belief"
    if get_origin(hint) in (Union, UnionType):
        return " or ".join(_in_words(part) for part in get_args(hint))
    if get_origin(hint) is tuple:
        part = get_args(hint)[0]
        return "a tuple" if part is Any else f"a tuple, of which each is {_in_words(part)}"
    name = str(getattr(hint, "__name__", hint))
    return _WORDS.get(hint, f"{'an' if name[0] in 'AEIOU' else 'a'} {name}")


def check_choice(value: object, options: Iterable[str], where: str) -> None:
    """Refuse a setting that is not one of the named `options`."""
    options = tuple(options)
    if not any(type(value) is type(option) and value == option for option in options):
        raise SpecError("IOM-E093", f"{where}: {echo(value)} is not known; {nearest(str(value), options)}")


def check_level(level: float) -> None:
    """Refuse a level that is not strictly between 0 and 1."""
    if not (_is_number(plain_number(level)) and 0 < level < 1):
        raise SpecError("IOM-E092", f"level: expected a number above 0 and below 1, got {echo(level)}")


UNDIGESTED: Mapping[str, bool] = MappingProxyType({"undigested": True})
"""Metadata of a field that a file holds and that decides no figure: it is no part of the digest."""


def to_dict(value: Any) -> Any:
    """Return a specification as plain nested dictionaries, its class under ``type``.

    Fields that are not compared, and those that decide no figure (`UNDIGESTED`), are left out.

    Examples
    --------
    >>> from iom_causal.beliefs import Range
    >>> to_dict(Range(0.7, 1.0))
    {'type': 'Range', 'low': 0.7, 'high': 1.0}
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {f.name: to_dict(getattr(value, f.name)) for f in dataclasses.fields(value) if _is_digested(f)}
        return {"type": type(value).__name__, **fields}
    if isinstance(value, Mapping):
        return {str(key): to_dict(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [to_dict(item) for item in value]
    if isinstance(value, (dt.date, dt.datetime)):
        return value.isoformat()
    return value


def _is_digested(field: dataclasses.Field[Any]) -> bool:
    return field.compare and "undigested" not in field.metadata


def to_toml(document: Mapping[str, Any]) -> str:
    """Return nested tables as TOML that reads back the same; a list of tables is written as ``[[name]]``.

    Examples
    --------
    >>> print(to_toml({"study": {"title": "ours", "seed": 1, "outcomes": [{"name": "arrests"}]}}))
    [study]
    title = "ours"
    seed = 1
    <BLANKLINE>
    [[study.outcomes]]
    name = "arrests"
    """
    return "\n\n".join(_tables(document, ()))


def _tables(table: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    inside = {k: v for k, v in table.items() if isinstance(v, Mapping) and len(path) < 2}
    listed = {k: v for k, v in table.items() if path and _is_tables(v)}
    plain = [f"{k} = {toml_value(v)}" for k, v in table.items() if k not in inside and k not in listed]
    if path:
        yield "\n".join([f"[{'.'.join(path)}]", *plain])
    for key, value in inside.items():
        yield from _tables(value, (*path, key))
    for key, rows in listed.items():
        head = f"[[{'.'.join((*path, key))}]]"
        yield from ("\n".join([head, *(f"{k} = {toml_value(v)}" for k, v in row.items())]) for row in rows)


def _is_tables(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and bool(value) and all(isinstance(row, Mapping) for row in value)


def toml_value(value: Any) -> str:
    """Return a value as TOML writes it on one line, a text with quotation marks as it stands between single ones."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{k} = {toml_value(v)}" for k, v in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(toml_value, value)) + "]"
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, str) and '"' in value and "'" not in value and value.isprintable():
        return f"'{value}'"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (str, bool)) else repr(value)


def digest(value: Any) -> str:
    """Name a specification by 16 hexadecimal digits of the SHA-256 of its canonical JSON.

    Examples
    --------
    >>> from iom_causal.beliefs import Range
    >>> digest(Range(0.7, 1.0)) == digest(Range(0.7, 1.0))
    True
    """
    canonical = json.dumps(to_dict(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]


class FrozenMap[K, V](Mapping[K, V]):
    """A mapping that cannot be changed, can be pickled and compares by content.

    Examples
    --------
    >>> FrozenMap({"a": 1})["a"]
    1
    """

    _items: dict[K, V]

    def __init__(self, items: Mapping[K, V] | None = None) -> None:
        object.__setattr__(self, "_items", dict(items or {}))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(name)

    def __getitem__(self, key: K) -> V:
        return self._items[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        return hash(frozenset(self._items))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._items!r})"

    def __reduce__(self) -> tuple[type["FrozenMap[K, V]"], tuple[dict[K, V]]]:
        return type(self), (self._items,)


EMPTY: FrozenMap[str, Any] = FrozenMap()
"""The mapping with nothing in it."""

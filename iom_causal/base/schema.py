"""From a TOML table to a record, by the record's own annotations; every refusal says where."""

import dataclasses
import datetime as dt
import types
from collections.abc import Mapping
from typing import Any, Protocol, Union, get_args, get_origin, get_type_hints, runtime_checkable

from iom_causal.base.specs import check_keys, require_keys
from iom_causal.beliefs import Belief, parse
from iom_causal.errors import SpecError


@runtime_checkable
class FromToml(Protocol):
    """A class that makes itself of what a file holds."""

    def from_toml(self, item: Any, where: str) -> Any:
        """Return one of it."""
        ...


@runtime_checkable
class AsText(Protocol):
    """A record that a file holds as text."""

    is_text: bool


def build[T](record: type[T], table: Mapping[str, Any], where: str) -> T:
    """Make a record from a table.

    Parameters
    ----------
    record : type
        A frozen dataclass of numbers, text, dates, flags, records, or tuples of these. A class with a
        ``from_toml(item, where)`` of its own, such as a printed number, is made by it.
    table : mapping
        What the file holds.
    where : str
        The table's name, for messages.

    Raises
    ------
    SpecError
        IOM-E093 for an unknown key (naming the nearest), IOM-E096 for an absent one, IOM-E092 for a value
        of another type.

    Examples
    --------
    >>> from iom_causal.windows import Window
    >>> build(Window, {"label": "before", "start": -365, "end": 0}, "windows").days
    365
    """
    if not isinstance(table, Mapping):
        raise SpecError("IOM-E092", f"{where}: expected a table, got {type(table).__name__}; write [{where}]")
    fields = [f for f in dataclasses.fields(record) if f.compare]  # type: ignore[arg-type]
    check_keys(table, [f.name for f in fields], where)
    require_keys(table, [f.name for f in fields if _required(f)], where)
    hints = get_type_hints(record)
    return record(**{key: _value(hints[key], item, f"{where}.{key}") for key, item in table.items()})


def _required(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _value(hint: Any, item: Any, where: str) -> Any:
    options = _options(hint)
    first = options[0]
    if any(option is Belief for option in options):
        return parse(item, where)
    several = next((option for option in options if get_origin(option) is tuple), None)
    if several is not None and type(item) not in options:
        return _several(get_args(several)[0], item, where)
    if isinstance(first, FromToml):
        return first.from_toml(item, where)
    if dataclasses.is_dataclass(first):
        return build(first, item, where)  # type: ignore[arg-type]
    if type(item) in options:
        return item
    if float in options and type(item) is int:
        return float(item)
    raise SpecError("IOM-E092", f"{where}: expected {' or '.join(map(_name, options))}, got {_name(type(item))}")


def _several(hint: Any, item: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(item, list):
        tables = dataclasses.is_dataclass(hint) and not isinstance(hint, AsText)
        wanted = f"[[{where}]] tables" if tables else "a list"
        raise SpecError("IOM-E092", f"{where}: expected {wanted}, got {_name(type(item))}")
    return tuple(_value(hint, entry, f"{where}[{k}]") for k, entry in enumerate(item, start=1))


def _options(hint: Any) -> tuple[Any, ...]:
    if get_origin(hint) in {Union, types.UnionType}:
        return tuple(option for option in get_args(hint) if option is not types.NoneType)
    return (hint,)


def _name(kind: type) -> str:
    named = {str: "text in quotation marks", bool: "true or false", dt.date: "a date such as 2012-05-01"}
    numbers = {int: "a whole number", float: "a number", list: "a list", dict: "a table"}
    return (named | numbers).get(kind, kind.__name__)

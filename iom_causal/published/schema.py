"""From a TOML table to a record, by the record's own annotations; every refusal says where."""

import dataclasses
import datetime as dt
import types
from collections.abc import Mapping
from typing import Any, Union, get_args, get_origin, get_type_hints

from iom_causal.errors import InputError, SpecError
from iom_causal.published.printed import Printed, PrintedP
from iom_causal.specs import check_keys, require_keys


def build[T](record: type[T], table: Mapping[str, Any], where: str) -> T:
    """Make a record from a table.

    Parameters
    ----------
    record : type
        A frozen dataclass of printed numbers, text, dates, flags, records, or tuples of these.
    table : mapping
        What the file holds.
    where : str
        The table's name, for messages.

    Raises
    ------
    SpecError
        IOM-E093 for an unknown key (naming the nearest), IOM-E096 for an absent one, IOM-E092 for a value
        of another type.
    InputError
        IOM-E100 for a number that is not given as text.

    Examples
    --------
    >>> from iom_causal.published.statements import Limitation
    >>> build(Limitation, {"id": "c02", "text": "no comparison group", "named_by": "authors"}, "limitations").id
    'c02'
    """
    if not isinstance(table, Mapping):
        raise SpecError("IOM-E092", f"{where}: expected a table, got {type(table).__name__}; write [{where}]")
    fields = dataclasses.fields(record)  # type: ignore[arg-type]
    check_keys(table, [f.name for f in fields], where)
    require_keys(table, [f.name for f in fields if _required(f)], where)
    hints = get_type_hints(record)
    return record(**{key: _value(hints[key], item, f"{where}.{key}") for key, item in table.items()})


def _required(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _value(hint: Any, item: Any, where: str) -> Any:
    hint = _without_none(hint)
    if get_origin(hint) is tuple:
        return _several(get_args(hint)[0], item, where)
    if hint in {Printed, PrintedP}:
        return _printed(hint, item, where)
    if dataclasses.is_dataclass(hint):
        return build(hint, item, where)  # type: ignore[arg-type]
    if type(item) is not hint:
        raise SpecError("IOM-E092", f"{where}: expected {_name(hint)}, got {_name(type(item))}")
    return item


def _several(hint: Any, item: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(item, list):
        wanted = (
            f"[[{where}]] tables" if dataclasses.is_dataclass(hint) and hint not in {Printed, PrintedP} else "a list"
        )
        raise SpecError("IOM-E092", f"{where}: expected {wanted}, got {_name(type(item))}")
    return tuple(_value(hint, entry, f"{where}[{k}]") for k, entry in enumerate(item, start=1))


def _printed(hint: type[Printed] | type[PrintedP], item: Any, where: str) -> Printed | PrintedP:
    try:
        return hint(item)
    except InputError as error:
        raise InputError(error.code, f"{where}: {error.message}") from None


def _without_none(hint: Any) -> Any:
    if get_origin(hint) in {Union, types.UnionType}:
        return next(option for option in get_args(hint) if option is not types.NoneType)
    return hint


def _name(kind: type) -> str:
    return {str: "text in quotation marks", bool: "true or false", dt.date: "a date such as 2012-05-01"}.get(
        kind, kind.__name__
    )

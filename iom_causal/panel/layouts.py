"""Frames with one row a person, or one a person and period, to the fields of a `Panel`."""

import itertools
from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iom_causal.base.formats import counted
from iom_causal.errors import InputError, echo
from iom_causal.moments import KINDS
from iom_causal.numerics.plain import plain_number
from iom_causal.panel import columns as col
from iom_causal.windows import Window, as_windows

type Days = float | str | Sequence[str] | None


def read_wide(
    df: Any,
    *,
    unit: str,
    pre: str | Sequence[str],
    post: str | Sequence[str],
    kind: str,
    exposure_pre: Days,
    exposure_post: Days,
    age: str | None,
    group: str | None,
    covariates: Sequence[str],
    windows: Sequence[Window] | None,
    missing: str,
    name: str | None,
) -> dict[str, Any]:
    """Return the fields of the panel that a wide frame holds; `Panel.from_wide` documents them."""
    before, after = listed(pre), listed(post)
    exposures = _exposure_columns(exposure_pre, before) + _exposure_columns(exposure_post, after)
    named = [e for e in exposures if isinstance(e, str)]
    columns = col.as_columns(df, [unit, *before, *after, *named, *_given(age, group), *covariates])
    people = col.ids(columns[unit], unit)
    repeated = len(people) - len(np.unique(people))
    if repeated:
        raise InputError(
            "IOM-E020",
            f"column {echo(unit)}: {counted(repeated, '[id occurs|ids occur]')} more than once; expected one row each",
        )
    check_kind(kind)
    values = [col.check_outcome(col.numbers(columns[c], c), kind, missing, c) for c in before + after]
    block = np.stack(values, axis=-1)
    spans = as_windows(windows) if windows else _labelled(before, after)
    return {
        "outcome": block,
        "kind": kind,
        "windows": spans,
        "name": name or _common_name(before + after),
        "exposure": _wide_exposure(exposures, columns, spans),
        "start": _start_from_group(columns, group, spans),
        "age": _age(columns, age),
        "covariates": {c: columns[c] for c in covariates},
        "ids": people,
        "notes": col.implausible(block, kind),
    }


def read_long(
    df: Any,
    *,
    unit: str,
    period: str,
    outcome: str,
    kind: str,
    post: Any,
    order: Sequence[Any] | None,
    exposure: str | None,
    age: str | None,
    group: str | None,
    covariates: Sequence[str],
    windows: Sequence[Window] | None,
    missing: str,
    name: str | None,
) -> dict[str, Any]:
    """Return the fields of the panel that a long frame holds; `Panel.from_long` documents them."""
    fixed = [*_given(age, group), *covariates]
    columns = col.as_columns(df, [unit, period, outcome, *_given(exposure), *fixed])
    check_kind(kind)
    after = set(listed(post))
    periods = _period_order(columns[period], period, after, order)
    people, person, slot = col.pivot(columns, unit=unit, period=period, outcome=outcome, order=periods)
    shape = (len(people), len(periods))
    spans = as_windows(windows) if windows else tuple(Window(str(p), post=p in after) for p in periods)
    within = {c: _constant_within(columns[c], person, len(people), c) for c in fixed}
    block = _scatter(col.numbers(columns[outcome], outcome), shape, person, slot)
    days = None if exposure is None else col.numbers(columns[exposure], exposure).astype(np.float64)
    return {
        "outcome": col.check_outcome(block, kind, missing, name or outcome),
        "kind": kind,
        "windows": spans,
        "name": name or outcome,
        "exposure": default_exposure(None if days is None else _scatter(days, shape, person, slot), spans),
        "start": _start_from_group(within, group, spans),
        "age": _age(within, age),
        "covariates": {c: within[c] for c in covariates},
        "ids": people,
        "notes": col.implausible(block, kind),
    }


def check_kind(kind: str) -> None:
    """Refuse a kind of outcome that does not exist."""
    if kind not in KINDS:
        raise InputError("IOM-E038", f"kind: expected one of {', '.join(KINDS)}, got {echo(kind)}")


def default_exposure(exposure: ArrayLike | None, windows: tuple[Window, ...]) -> NDArray[np.float64] | None:
    """Return exposure as days, taken from the windows' lengths where it is not given; None when unknown."""
    if exposure is not None:
        days = _as_days(exposure)
        return np.full(len(windows), float(days)) if days.ndim == 0 else days
    lengths = [w.days for w in windows]
    return None if any(d is None for d in lengths) else np.array(lengths, dtype=np.float64)


def _as_days(exposure: Any) -> NDArray[np.float64]:
    try:
        return np.asarray(exposure, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(
            "IOM-E043", "exposure: expected days at risk as numbers, such as 365; of a timedelta give its .days"
        ) from None


def listed(value: Any) -> list[Any]:
    """Return one value or several as a list."""
    if isinstance(value, (str, bytes)) or not isinstance(value, (Sequence, set, frozenset, np.ndarray)):
        return [value]
    return list(value)


def _given(*names: str | None) -> list[str]:
    return [name for name in names if name]


def _age(columns: Mapping[str, NDArray[Any]], age: str | None) -> NDArray[np.float64] | None:
    return None if age is None else col.numbers(columns[age], age).astype(np.float64)


def _common_name(columns: list[str]) -> str:
    """Return what the columns' names share at the start, such as arrests of arrests_before and arrests_after."""
    same = itertools.takewhile(lambda letters: len(set(letters)) == 1, zip(*columns, strict=False))
    shared = "".join(letters[0] for letters in same).rstrip("_-. 0123456789")
    return shared if len(shared) > 2 else columns[0]


def _labelled(before: list[str], after: list[str]) -> tuple[Window, ...]:
    if len(before) == len(after) == 1:
        return (Window("before"), Window("after", post=True))
    return tuple(Window(c) for c in before) + tuple(Window(c, post=True) for c in after)


def _exposure_columns(exposure: Days, outcomes: list[str]) -> list[float | str | None]:
    if exposure is None or isinstance(exposure, Real):
        return [plain_number(exposure)] * len(outcomes)
    given = listed(exposure)
    if len(given) != len(outcomes):
        raise InputError("IOM-E037", f"exposure: expected {len(outcomes)} columns, got {len(given)}")
    return given


def _wide_exposure(
    exposures: list[float | str | None], columns: Mapping[str, NDArray[Any]], windows: tuple[Window, ...]
) -> NDArray[np.float64] | None:
    if all(e is None for e in exposures):
        return default_exposure(None, windows)
    if any(e is None for e in exposures):
        raise InputError("IOM-E043", "exposure: give both exposure_pre and exposure_post, or neither")
    if not any(isinstance(e, str) for e in exposures):
        return _as_days(exposures)
    n = len(next(iter(columns.values())))
    parts = [col.numbers(columns[e], e) if isinstance(e, str) else np.full(n, _as_days(e)) for e in exposures]
    return np.stack(parts, axis=-1).astype(np.float64)


def _start_from_group(
    columns: Mapping[str, NDArray[Any]], group: str | None, windows: tuple[Window, ...]
) -> "np.ma.MaskedArray[Any, Any] | None":
    if group is None:
        return None
    flags = col.numbers(columns[group], group)
    if not np.isin(flags, (0, 1)).all():
        raise InputError("IOM-E036", f"column {echo(group)}: expected 1 for managed people and 0 for the others")
    first = next((i for i, w in enumerate(windows) if w.post), 0)
    return np.ma.MaskedArray(np.full(len(flags), first), mask=flags == 0)


def _period_order(column: NDArray[Any], period: str, after: set[Any], order: Sequence[Any] | None) -> list[Any]:
    found = list(dict.fromkeys(column.tolist()))
    absent = [p for p in after if p not in found]
    if absent:
        raise InputError("IOM-E047", f"column {echo(period)}: {len(absent)} of the periods given as post do not occur")
    if len(after) == len(found):
        raise InputError("IOM-E047", f"column {echo(period)}: expected at least one period before")
    if order is not None:
        return list(order)
    is_text = any(isinstance(p, str) for p in found)
    if is_text and len(found) > 2:
        raise InputError(
            "IOM-E047",
            f"column {echo(period)} holds {len(found)} text labels: give order=, the periods in order of time",
        )
    return sorted(found, key=lambda p: p in after) if is_text else sorted(found)


def _scatter(
    values: NDArray[Any], shape: tuple[int, int], person: NDArray[np.int64], slot: NDArray[np.int64]
) -> NDArray[Any]:
    full = len(values) == shape[0] * shape[1]
    block = np.empty(shape, dtype=values.dtype) if full else np.full(shape, np.nan)
    block[person, slot] = values
    return block


def _constant_within(column: NDArray[Any], person: NDArray[np.int64], n: int, name: str) -> NDArray[Any]:
    first = np.full(n, len(column), dtype=np.int64)
    np.minimum.at(first, person, np.arange(len(column)))
    values = column[first]
    again = values[person]
    same = (again == column) | ((again != again) & (column != column))  # noqa: PLR0124 NaN equals NaN here
    varies = len(np.unique(person[~np.asarray(same, dtype=np.bool_)]))
    if varies:
        raise InputError(
            "IOM-E039",
            f"column {echo(name)}: differs between rows of the same person for {counted(varies, '[person|people]')}",
        )
    return np.asarray(values)

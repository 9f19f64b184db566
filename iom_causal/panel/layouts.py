"""Layouts of a table of people, one row a person or one a person and period, and the fields of a `Panel` from them."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iom_causal.base.formats import counted
from iom_causal.errors import InputError, echo
from iom_causal.moments import KINDS
from iom_causal.numerics.plain import plain_number
from iom_causal.panel import columns as col
from iom_causal.panel.where import Where
from iom_causal.windows import Window, as_windows

type Columns = Mapping[str, NDArray[Any]]
type Days = float | str | Sequence[str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wide:
    """Columns of a table with one row a person.

    Parameters
    ----------
    unit : str
        The column of ids, each once.
    before, after : tuple of str
        The outcome's columns, in order of time.
    exposure : tuple of (number, str or None)
        Days at risk of each window, a number for all or a column; empty where they are not known.
    age, group, entry : str, optional
        Columns of the age at the index date, of who was managed (1) and who is there for comparison (0), and of each
        person's own index date.
    start : str, optional
        In place of `group`: the column of each person's first managed window, by its label, missing for never.
    selected : str or bool, optional
        Whether comparison people were selected as the managed were: a column, or one answer for all of them.
    covariates : tuple of str
        Columns to carry along.
    """

    unit: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    exposure: tuple[float | str | None, ...] = ()
    age: str | None = None
    group: str | None = None
    selected: str | bool | None = None
    entry: str | None = None
    start: str | None = None
    covariates: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """The columns that are read."""
        days = [e for e in self.exposure if isinstance(e, str)]
        return [self.unit, *self.before, *self.after, *days, *_personal(self)]

    def fields(
        self, columns: Columns, *, kind: str, windows: Sequence[Window] | None, missing: str, name: str, where: Where
    ) -> dict[str, Any]:
        """Return the fields of a panel; `Panel.from_columns` documents the rest."""
        outcome = (*self.before, *self.after)
        people = col.ids(columns[self.unit], self.unit, where)
        shared = "rows share their id with another"
        where.refuse("IOM-E020", f"column {echo(self.unit)}", col.repeated(people), shared, where.once)
        check_kind(kind)
        values = [col.check_outcome(col.numbers(columns[c], c), kind, missing, where.column(c), where) for c in outcome]
        spans = as_windows(windows) if windows else _labelled(self.before, self.after)
        return {
            "outcome": np.stack(values, axis=-1),
            "windows": spans,
            "name": name or _common_name(outcome),
            "exposure": _wide_exposure(self.exposure, columns, spans),
            "ids": people,
            **_person_fields(self, columns, spans, [w.label for w in spans]),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Long:
    """Columns of a table with one row a person and period.

    Parameters
    ----------
    unit, period, outcome : str
        The columns of ids, periods and values; a person and period may occur once.
    after : tuple
        The periods that lie after the index date.
    order : tuple, optional
        The periods in order of time; needed for text periods when there are more than two.
    exposure : str, optional
        The column of days at risk.
    age, group, selected, entry, covariates
        As in `Wide`; they do not vary within a person.
    start : str, optional
        As in `Wide`, by its period.
    """

    unit: str
    period: str
    outcome: str
    after: tuple[Any, ...]
    order: tuple[Any, ...] | None = None
    exposure: str | None = None
    age: str | None = None
    group: str | None = None
    selected: str | bool | None = None
    entry: str | None = None
    start: str | None = None
    covariates: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """The columns that are read."""
        return [self.unit, self.period, self.outcome, *([self.exposure] if self.exposure else []), *_personal(self)]

    def fields(
        self, columns: Columns, *, kind: str, windows: Sequence[Window] | None, missing: str, name: str, where: Where
    ) -> dict[str, Any]:
        """Return the fields of a panel; `Panel.from_columns` documents the rest."""
        check_kind(kind)
        after = set(self.after)
        periods = _period_order(columns[self.period], self.period, after, self.order)
        people, person = np.unique(col.ids(columns[self.unit], self.unit, where), return_inverse=True)
        slot = _slots(columns[self.period], self.period, periods, where)
        shared = f"rows share their person and {echo(self.period)} with another"
        again = col.repeated(person * len(periods) + slot)
        where.refuse("IOM-E020", f"column {echo(self.unit)}", again, shared, "add them up, or take out what is double")
        values = col.numbers(columns[self.outcome], self.outcome)
        values = col.check_outcome(values, kind, missing, where.column(self.outcome), where)
        shape = (len(people), len(periods))
        if missing == "refuse":
            _check_every_row(shape, len(values), self.period, where)
        spans = as_windows(windows) if windows else tuple(Window(str(p), post=p in after) for p in periods)
        days = None if self.exposure is None else col.numbers(columns[self.exposure], self.exposure).astype(np.float64)
        within = {c: _constant_within(columns[c], person, len(people), c) for c in _personal(self)}
        return {
            "outcome": _scatter(values, shape, person, slot),
            "windows": spans,
            "name": name or self.outcome,
            # Days in which a person has no row are missing as the outcome is: none are observed.
            "exposure": default_exposure(None if days is None else _scatter(days, shape, person, slot, 0.0), spans),
            "ids": people,
            **_person_fields(self, within, spans, periods),
        }


def _personal(layout: Wide | Long) -> list[str]:
    """Return the columns that hold one value a person."""
    selected = layout.selected if isinstance(layout.selected, str) else None
    return [*filter(None, (layout.age, layout.group, selected, layout.entry, layout.start)), *layout.covariates]


def _person_fields(
    layout: Wide | Long, people: Columns, windows: tuple[Window, ...], periods: Sequence[Any]
) -> dict[str, Any]:
    """Return the fields of a panel that hold one value a person; `periods` are the windows as a table calls them."""
    if layout.group is not None and layout.start is not None:
        raise InputError("IOM-E047", "give group= or start=, not both: start= tells who was managed, and from when")
    age = None if layout.age is None else col.numbers(people[layout.age], layout.age).astype(np.float64)
    start = (
        _start_from_group(people, layout.group, windows)
        if layout.start is None
        else _start_from_periods(people[layout.start], layout.start, periods)
    )
    named = layout.selected
    stated = people[named] if isinstance(named, str) else named
    read = {
        "start": start,
        "selected": selected_people(stated, start, str(named)),
        "age": age,
        "covariates": {c: people[c] for c in layout.covariates},
    }
    return read if layout.entry is None else read | {"index_date": people[layout.entry].astype("M8[D]")}


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


def listed(value: Any) -> tuple[Any, ...]:
    """Return one value or several as a tuple."""
    if isinstance(value, (str, bytes)) or not isinstance(value, (Sequence, set, frozenset, np.ndarray)):
        return (value,)
    return tuple(value)


def _common_name(columns: Sequence[str]) -> str:
    """Return the common start of the columns' names, such as arrests of arrests_before and arrests_after."""
    same = itertools.takewhile(lambda letters: len(set(letters)) == 1, zip(*columns, strict=False))
    shared = "".join(letters[0] for letters in same).rstrip("_-. 0123456789")
    return shared if len(shared) > 2 else columns[0]


def _labelled(before: Sequence[str], after: Sequence[str]) -> tuple[Window, ...]:
    if len(before) == len(after) == 1:
        return (Window("before"), Window("after", post=True))
    return tuple(Window(c) for c in before) + tuple(Window(c, post=True) for c in after)


def exposure_columns(exposure: Days, outcomes: Sequence[str]) -> tuple[float | str | None, ...]:
    """Return days at risk, or the column that holds them, of each of an outcome's columns.

    Raises
    ------
    InputError
        IOM-E037 for another number of columns.

    Examples
    --------
    >>> exposure_columns(365, ["y2015", "y2016"]), exposure_columns("days", ["y2017"])
    ((365, 365), ('days',))
    """
    if exposure is None or isinstance(exposure, Real):
        return (plain_number(exposure),) * len(outcomes)
    given = listed(exposure)
    if len(given) != len(outcomes):
        raise InputError("IOM-E037", f"exposure: expected {len(outcomes)} columns, got {len(given)}")
    return given


def _wide_exposure(
    exposures: Sequence[float | str | None], columns: Columns, windows: tuple[Window, ...]
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
    columns: Columns, group: str | None, windows: tuple[Window, ...]
) -> "np.ma.MaskedArray[Any, Any] | None":
    if group is None:
        return None
    flags = col.numbers(columns[group], group)
    if not np.isin(flags, (0, 1)).all():
        raise InputError("IOM-E036", f"column {echo(group)}: expected 1 for managed people and 0 for the others")
    first = next((i for i, w in enumerate(windows) if w.post), 0)
    return np.ma.MaskedArray(np.full(len(flags), first), mask=flags == 0)


def _start_from_periods(column: NDArray[Any], name: str, periods: Sequence[Any]) -> "np.ma.MaskedArray[Any, Any]":
    """Return the first managed window of each person, masked for never."""
    position = {period: k for k, period in enumerate(periods)}
    never = np.array([col.is_missing(cell) for cell in column.tolist()], dtype=np.bool_)
    start = np.array([position.get(cell, -1) for cell in column.tolist()], dtype=np.int64)
    unlisted = int(((start < 0) & ~never).sum())
    if unlisted:
        raise InputError(
            "IOM-E047",
            f"column {echo(name)}: {counted(unlisted, '[value is|values are] none of the windows')}; expected each "
            "person's first managed window, and nothing for never",
        )
    return np.ma.MaskedArray(start, mask=never)


def selected_people(
    stated: ArrayLike | None, start: "np.ma.MaskedArray[Any, Any] | None", name: str = "selected"
) -> "np.ma.MaskedArray[Any, Any] | None":
    """Return whom the rule selected, (n,) masked where not known, from an answer for each person or for all others.

    Parameters
    ----------
    stated : array_like, bool or None
        Of each person, masked or NaN where not known; or of all comparison people.
    start : masked array or None
        Masked for comparison people.
    name : str
        What these answers are called in messages.

    Raises
    ------
    InputError
        IOM-E048 for an answer for all where everybody is managed; IOM-E036 for other values than 0 and 1, and for
        managed people whom the rule did not select.
    """
    if stated is None:
        return None
    others = np.zeros(np.shape(stated), dtype=np.bool_) if start is None else np.ma.getmaskarray(start)
    if isinstance(stated, bool | np.bool_):
        if not others.any():
            raise InputError(
                "IOM-E048",
                "selected: says of comparison people whether they were selected, and everybody here is managed; bring "
                "them in (group= or start=), or leave it out",
            )
        return np.ma.MaskedArray(~others | bool(stated))
    marks = _marks(stated, name)
    refused = int((~others & ~marks.filled(fill_value=True)).sum()) if marks.shape == others.shape else 0
    if refused:
        raise InputError(
            "IOM-E036",
            f"column {echo(name)}: {refused} managed people are marked as not selected by the rule; mark them 1, or "
            "leave them empty where that is not known",
        )
    return marks


def _marks(stated: ArrayLike, name: str) -> "np.ma.MaskedArray[Any, Any]":
    values = np.ma.asarray(stated)
    flags = col.numbers(np.ma.getdata(values), name).astype(np.float64)
    hidden = np.ma.getmaskarray(values) | np.isnan(flags)
    if not np.isin(flags[~hidden], (0, 1)).all():
        raise InputError(
            "IOM-E036",
            f"column {echo(name)}: expected 1 for people whom the rule selected, 0 for those whom it did not, and "
            "nothing where that is not known",
        )
    return np.ma.MaskedArray(np.where(hidden, 0, flags).astype(np.bool_), mask=hidden)


def _period_order(column: NDArray[Any], period: str, after: set[Any], order: Sequence[Any] | None) -> list[Any]:
    observed = list(dict.fromkeys(column.tolist()))
    absent = [p for p in after if p not in observed]
    if absent:
        raise InputError("IOM-E047", f"column {echo(period)}: {len(absent)} of the periods given as post do not occur")
    if len(after) == len(observed):
        raise InputError("IOM-E047", f"column {echo(period)}: expected at least one period before")
    if order is not None:
        return list(order)
    is_text = any(isinstance(p, str) for p in observed)
    if is_text and len(observed) > 2:
        raise InputError(
            "IOM-E047",
            f"column {echo(period)} holds {len(observed)} text labels: give order=, the periods in order of time",
        )
    return sorted(observed, key=lambda p: p in after) if is_text else sorted(observed)


def _slots(column: NDArray[Any], period: str, periods: Sequence[Any], where: Where) -> NDArray[np.int64]:
    """Return the position of each row's period among the periods in order."""
    position = {label: i for i, label in enumerate(periods)}
    slot = np.array([position.get(label, -1) for label in column.tolist()], dtype=np.int64)
    unlisted = f"[row is|rows are] in none of the periods {list(periods)}"
    where.refuse("IOM-E047", f"column {echo(period)}", slot < 0, unlisted)
    return slot


def _check_every_row(shape: tuple[int, int], rows: int, period: str, where: Where) -> None:
    """Refuse a person without a row for a period."""
    absent = shape[0] * shape[1] - rows
    if absent:
        what = counted(absent, "[row is|rows are] not there, a person and window each")
        raise InputError("IOM-E034", f"column {echo(period)}: {what}; {where.keep}")


def _scatter(
    values: NDArray[Any],
    shape: tuple[int, int],
    person: NDArray[np.int64],
    slot: NDArray[np.int64],
    absent: float = np.nan,
) -> NDArray[Any]:
    full = len(values) == shape[0] * shape[1]
    block = np.empty(shape, dtype=values.dtype) if full else np.full(shape, absent)
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

"""Validation of columns: frames of any make to arrays, and arrays to numbers, ids and outcomes.

A frame is whatever narwhals understands (pandas, polars, pyarrow, duckdb, ...). Errors name
columns, counts and rows, never a value or an id.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from iom_causal.base.formats import counted, listed
from iom_causal.base.specs import nearest
from iom_causal.errors import InputError, SpecError, echo
from iom_causal.numerics.kernels.decimals import whole
from iom_causal.panel.where import NOWHERE, Where

_PLAIN_NUMBER = re.compile(r"\s*[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?\s*", re.ASCII)
_LARGEST_COUNT = 2**53  # the last whole number before a float skips some
_LARGEST_AGE = 120
_IMPLAUSIBLE_COUNT = 10_000


def as_columns(frame: Any, names: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Return the named columns of a frame as arrays.

    Raises
    ------
    InputError
        IOM-E009 for an absent column, IOM-E008 for one that occurs twice.
    """
    if hasattr(frame, "collect_schema") and hasattr(frame, "collect"):
        frame = frame.collect()  # a lazy frame knows its columns only at a cost
    present = list(getattr(frame, "columns", ()))
    check_once([str(c) for c in present])
    try:
        native = nw.from_native(frame)
    except TypeError:
        raise InputError(
            "IOM-E009", f"expected a data frame (pandas, polars, pyarrow, ...), got {type(frame).__name__}"
        ) from None
    table = native.collect() if isinstance(native, nw.LazyFrame) else native
    _check_present(names, table.columns)
    return {name: np.asarray(table[name].to_numpy()) for name in dict.fromkeys(names)}


def check_columns(columns: Mapping[str, NDArray[Any]], names: Sequence[str]) -> None:
    """Refuse columns of which one that is needed is absent, that have no rows, or that differ in length.

    Raises
    ------
    InputError
        IOM-E009 for an absent column, IOM-E002 for no rows, IOM-E037 for unlike lengths.

    Examples
    --------
    >>> check_columns({"id": np.arange(3), "before": np.arange(2)}, ["id", "before"])
    Traceback (most recent call last):
        ...
    iom_causal.errors.InputError: IOM-E037: columns: expected all of one length, got 3 and 2 rows
    """
    _check_present(names, tuple(columns))
    lengths = sorted({len(columns[name]) for name in names}, reverse=True)
    if len(lengths) > 1:
        sizes = listed([f"{n:,}" for n in lengths])
        raise InputError("IOM-E037", f"columns: expected all of one length, got {sizes} rows")
    if lengths == [0]:
        raise InputError("IOM-E002", "the frame has 0 rows")


def _check_present(names: Sequence[str], known: Sequence[str]) -> None:
    for name in names:
        if name not in known:
            raise InputError("IOM-E009", f"no column {echo(name)}; {nearest(str(name), map(str, known))}")


def check_once(names: Sequence[str], advice: str = "") -> None:
    """Refuse a name that occurs twice, telling where: what stands in a head may be a person's cell.

    Raises
    ------
    InputError
        IOM-E008.

    Examples
    --------
    >>> check_once(["id", "7173", "7173"])
    Traceback (most recent call last):
        ...
    iom_causal.errors.InputError: IOM-E008: columns 2 and 3 have the same name; rename or drop all but one
    """
    first = next((name for name in names if names.count(name) > 1), None)
    if first is not None:
        places = [str(k) for k, name in enumerate(names, start=1) if name == first]
        advised = f"; {advice}" if advice else ""
        raise InputError(
            "IOM-E008", f"columns {listed(places)} have the same name; rename or drop all but one{advised}"
        )


def numbers(column: NDArray[Any], name: str) -> NDArray[Any]:
    """Return a numeric column as int64 or float64, refusing text, infinities and counts that do not fit."""
    if column.dtype.kind == "O":
        column = _from_objects(column, name)
    if column.dtype.kind in "US":
        raise _text_error(column.tolist(), name)
    if column.dtype.kind == "u" and column.size and int(column.max()) > np.iinfo(np.int64).max:
        raise InputError("IOM-E032", f"column {echo(name)}: a number is too large to hold")
    if column.dtype.kind in "bui":
        return column.astype(np.int64)
    if column.dtype.kind != "f":
        raise InputError("IOM-E035", f"column {echo(name)}: expected numbers, got {column.dtype}")
    values = column.astype(np.float64)
    infinite = int(np.isinf(values).sum())
    if infinite:
        raise InputError("IOM-E033", f"column {echo(name)}: {infinite} infinite values; expected finite numbers")
    return values


def is_missing(cell: Any) -> bool:
    """Whether a cell holds no value, in whichever way its frame says so."""
    return cell is None or type(cell).__name__ in ("NAType", "NaTType") or bool(cell != cell)  # noqa: PLR0124 NaN


def _from_objects(column: NDArray[Any], name: str) -> NDArray[Any]:
    cells: list[Any] = [None if is_missing(cell) else cell for cell in column]
    if any(isinstance(cell, (str, bytes)) for cell in cells):
        raise _text_error([cell for cell in cells if isinstance(cell, str)], name)
    try:
        if any(cell is None for cell in cells):
            return np.array([np.nan if cell is None else float(cell) for cell in cells])
        return np.array([int(cell) if float(cell).is_integer() else float(cell) for cell in cells])
    except (TypeError, ValueError, OverflowError):
        raise InputError("IOM-E035", f"column {echo(name)}: expected numbers") from None


def _text_error(cells: Sequence[str], name: str) -> InputError:
    strange = sum(1 for cell in cells if not _PLAIN_NUMBER.fullmatch(cell))
    if strange and any(re.search(r"\d", cell) for cell in cells if not _PLAIN_NUMBER.fullmatch(cell)):
        what = f"of {len(cells):,} text cells [is not a plain number|are not plain numbers]"
        return InputError(
            "IOM-E031",
            f"column {echo(name)}: {counted(strange, what)}; convert them",
        )
    what = counted(strange, "[cell of it is no number|cells of it are not numbers]")
    return InputError("IOM-E035", f"column {echo(name)} holds text, {what}; convert it to numbers first")


def ids(column: NDArray[Any], name: str, where: Where = NOWHERE) -> NDArray[Any]:
    """Return ids as text or whole numbers, refusing missing ones and those that passed through floats."""
    if column.dtype.kind == "U":
        return column
    missing = np.array([is_missing(cell) for cell in column], dtype=np.bool_)
    where.refuse("IOM-E021", f"id column {echo(name)}", missing, "[id is|ids are] missing")
    if column.dtype.kind == "f":
        raise InputError("IOM-E022", f"id column {echo(name)} holds decimals; read ids as text")
    if column.dtype.kind in "ui":
        return column.astype(np.int64)
    if column.dtype.kind in "bMm":
        raise InputError("IOM-E022", f"id column {echo(name)}: expected text or whole numbers, got {column.dtype}")
    return np.array([str(cell) for cell in column], dtype=np.str_)


def check_outcome(values: NDArray[Any], kind: str, missing: str, name: str, where: Where = NOWHERE) -> NDArray[Any]:
    """Validate a block of outcomes against its kind and return it as int64 (nothing missing) or float64.

    Parameters
    ----------
    values : ndarray
        int64 or float64; NaN is missing.
    kind : {"count", "amount", "score", "binary"}
        What the numbers are.
    missing : {"refuse", "keep"}
        Whether NaN is allowed.
    name : str
        For messages.
    where : Where
        How a message names the rows that hold a fault, and what it advises about missing values.
    """
    if missing not in ("refuse", "keep"):
        raise SpecError("IOM-E092", f"missing: expected 'refuse' or 'keep', got {echo(missing)}")
    if kind in ("count", "binary"):
        values = whole(values)
    gaps = np.isnan(values)
    if missing == "refuse":
        where.refuse("IOM-E034", name, gaps, where.empty, where.keep)
    for code, faulty, what, todo in _faults(values, gaps, kind):
        where.refuse(code, name, faulty, what, todo)
    exact = kind in ("count", "binary") and not gaps.any()
    return values.astype(np.int64 if exact else np.float64)


def _faults(
    values: NDArray[Any], gaps: NDArray[np.bool_], kind: str
) -> Iterator[tuple[str, NDArray[np.bool_], str, str]]:
    """Yield what no outcome of this kind may hold: a code, which values, the words for them, and what to do."""
    if kind != "score":
        yield "IOM-E030", values < 0, "[value is|values are] negative", ""  # NaN is not below 0
    if kind in ("count", "binary"):
        broken = ~gaps & (values != np.floor(values))
        fractions = "[count is not a whole number|counts are not whole numbers]"
        yield "IOM-E031", broken, fractions, 'weights that add up are kind = "amount"'
        beyond = "[count is|counts are] above 2**53, too large to hold exactly"
        yield "IOM-E032", values > _LARGEST_COUNT, beyond, ""
    if kind == "binary":
        yield "IOM-E036", values > 1, "[value is|values are] neither 0 nor 1", ""


def implausible(values: NDArray[Any], kind: str) -> tuple[str, ...]:
    """Return a note when counts are larger than people can have."""
    if kind == "count" and values.size and np.nanmax(values, initial=0) > _IMPLAUSIBLE_COUNT:
        return (f"IOM-W130: a count is above {_IMPLAUSIBLE_COUNT}, larger than is plausible",)
    return ()


def check_age(age: NDArray[Any]) -> tuple[str, ...]:
    """Refuse ages that nobody has; return a note for those above 100."""
    known = age[~np.isnan(age)]
    odd = int(((known < 0) | (known > _LARGEST_AGE)).sum())
    if odd:
        raise InputError("IOM-E054", f"age: {odd} ages are below 0 or above {_LARGEST_AGE}")
    return ("IOM-W154: an age is above 100",) if known.size and known.max() > 100 else ()


def repeated(keys: NDArray[Any]) -> NDArray[np.bool_]:
    """Mark the rows that share their key with another row.

    Examples
    --------
    >>> repeated(np.array(["a", "b", "a"])).tolist()
    [True, False, True]
    """
    _, key, times = np.unique(keys, return_inverse=True, return_counts=True)
    return np.asarray(times[key] > 1)

"""Readers of workbooks, statistics packages' files and Parquet, which are checked before they are unpacked."""

import math
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from iom_causal.base.formats import counted
from iom_causal.base.specs import nearest
from iom_causal.data.files.sheet import CellArray, Limits, Reading, Sheet, check_is_head, headed
from iom_causal.errors import InputError, IomCausalError, SpecError, echo

BROKEN = (
    *(ArithmeticError, AttributeError, EOFError, LookupError, NotImplementedError, OSError, SyntaxError, TypeError),
    *(ValueError, zipfile.BadZipFile, zlib.error),
)
"""Errors that a reader raises on a damaged workbook, its own bugs included."""
BLANK_ROW = 20
"""Cells that a row without any is counted as; to skip it takes as long."""
NESTED = ("[]", "STRUCT", "MAP", "UNION", "BLOB")
"""Parquet types that hold no single cell."""


def read_xlsx(path: Path, how: Reading) -> Sheet:
    """Read one sheet of a workbook; formulas give the values that were saved with them.

    Raises
    ------
    SpecError
        IOM-E096 when there are several sheets and none is named, IOM-E093 when there is no such sheet.
    InputError
        IOM-E012 for one that unpacks to far more than it holds, IOM-E014 for a damaged one, IOM-E015 for one with
        macros.
    """
    _check_workbook(path, how.limits)
    with _opened(path) as book:
        return _worksheet(book[_sheet_name(book.sheetnames, how.sheet)], how.skip_rows, how.limits)


def sheet_names(path: Path) -> tuple[str, ...]:
    """Return the names of a workbook's sheets."""
    with _opened(path) as book:
        return tuple(book.sheetnames)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """Open a workbook; every exception that its reader raises on damaged XML or ZIP becomes one refusal."""
    import openpyxl  # noqa: PLC0415 slow to load

    with path.open("rb") as file:
        try:
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
            yield book
            book.close()
        except IomCausalError:
            raise
        except BROKEN:
            raise _damaged("workbook") from None


def read_sav(path: Path, how: Reading) -> Sheet:
    """Read an SPSS file; values that it declares as missing stay apart, labels stay beside their codes."""
    import pyreadstat  # noqa: PLC0415 slow to load

    return _statistics(pyreadstat.read_sav, path, how.limits, user_missing=True)


def read_dta(path: Path, how: Reading) -> Sheet:
    """Read a Stata file; labels stay beside their codes, and `.` and `.a` to `.z` are cells without a value."""
    import pyreadstat  # noqa: PLC0415 slow to load

    return _statistics(pyreadstat.read_dta, path, how.limits)


def read_parquet(path: Path, how: Reading) -> Sheet:
    """Read a Parquet file.

    Raises
    ------
    InputError
        IOM-E011 to E014, by what is the matter.
    """
    import duckdb  # noqa: PLC0415 slow to load

    limits = how.limits
    _check_parquet(path)
    with duckdb.connect(config={"autoinstall_known_extensions": "false"}) as db:
        try:
            (rows,) = db.execute("SELECT num_rows FROM parquet_file_metadata(?)", [str(path)]).fetchall()[0]
            types = db.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(path)]).fetchall()
            limits.check_shape(rows, len(types))
            nested = sorted(name for name, kind, *_ in types if any(mark in kind for mark in NESTED))
            if nested:
                raise InputError("IOM-E013", f"columns that hold lists or tables: {', '.join(nested)}; leave them out")
            (size,) = db.execute(
                "SELECT sum(total_uncompressed_size) FROM parquet_metadata(?)", [str(path)]
            ).fetchall()[0]
            limits.check_size(path.stat().st_size, int(size or 0))
            columns: dict[str, Any] = db.execute("SELECT * FROM read_parquet(?)", [str(path)]).fetchnumpy()
        except duckdb.Error:
            raise _damaged("Parquet file") from None
    headed(list(columns), limits)
    return _sheet({name: _unmasked(cells) for name, cells in columns.items()})


def _check_parquet(path: Path) -> None:
    with path.open("rb") as file:
        if file.read(4) != b"PAR1":
            raise _damaged("Parquet file")


def _statistics(read: Any, path: Path, limits: Limits, **settings: Any) -> Sheet:
    import pyreadstat  # noqa: PLC0415 slow to load

    _check_survives(read.__name__, path)
    try:
        _, meta = read(str(path), metadataonly=True)
        limits.check_shape(meta.number_rows or 0, meta.number_columns)
        limits.check_size(1, 8 * (meta.number_rows or 0) * meta.number_columns // limits.ratio)
        table, meta = read(str(path), output_format="dict", **settings)
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, UnicodeDecodeError):
        raise _damaged("file") from None
    except OverflowError:
        raise InputError("IOM-E053", "a date lies outside the years 1 to 9999; correct it in the file") from None
    headed(list(table), limits)
    columns = {name: np.array([_none_for_nan(cell) for cell in cells], dtype=object) for name, cells in table.items()}
    declared = {
        name: tuple((span["lo"], span["hi"]) for span in spans if not isinstance(span["lo"], str))
        for name, spans in (meta.missing_ranges or {}).items()
    }
    return _sheet(columns, labels=_labels(meta.variable_value_labels, table), missing=declared)


def _labels(given: Mapping[str, Mapping[Any, str]], columns: Mapping[str, Any]) -> dict[str, dict[Any, str]]:
    """Return value labels by code, without those of Stata's missing codes, which are letters among numbers."""
    text = {name for name, cells in columns.items() if any(isinstance(cell, str) for cell in cells)}
    return {
        name: {code: word for code, word in words.items() if name in text or not isinstance(code, str)}
        for name, words in given.items()
    }


def _check_survives(reader: str, path: Path) -> None:
    """Trial read in a process of its own: on some damaged files the reader crashes its process."""
    code = f"import sys, pyreadstat; pyreadstat.{reader}(sys.argv[1], output_format='dict')"
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, check=False)  # noqa: S603 our own code
    if done.returncode not in (0, 1):
        raise _damaged("file")


def _sheet(columns: Mapping[str, CellArray], first: int = 1, **rest: Any) -> Sheet:
    """Return a sheet without the rows in which every cell is empty; `first` is the row of the file it starts in."""
    rows = len(next(iter(columns.values()), ()))
    filled = np.zeros(rows, dtype=np.bool_)
    for cells in columns.values():
        seen = [cell is not None for cell in cells] if cells.dtype == object else ~np.isnan(cells)
        filled |= np.array(seen, dtype=np.bool_)
    filled_rows = columns if filled.all() else {name: cells[filled] for name, cells in columns.items()}
    lines = first + np.flatnonzero(filled)
    return Sheet(columns=filled_rows, rows=int(filled.sum()), blank=int((~filled).sum()), lines=lines, **rest)


def _none_for_nan(cell: Any) -> Any:
    if isinstance(cell, str):
        return cell.strip() or None
    return None if isinstance(cell, float) and math.isnan(cell) else cell


def _unmasked(cells: CellArray) -> CellArray:
    if cells.dtype.kind in "iufb" and not np.ma.is_masked(cells):
        return np.asarray(cells)
    mask = np.ma.getmaskarray(cells)
    plain = np.asarray(cells).astype("datetime64[us]").astype(object) if cells.dtype.kind == "M" else np.asarray(cells)
    return np.array([None if absent else _none_for_nan(c) for c, absent in zip(plain, mask, strict=True)], dtype=object)


def _check_workbook(path: Path, limits: Limits) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            inside = archive.infolist()
    except zipfile.BadZipFile:
        raise _damaged("workbook") from None
    limits.check_size(path.stat().st_size, sum(entry.file_size for entry in inside))
    if any(entry.filename.lower().endswith("vbaproject.bin") for entry in inside):
        raise InputError("IOM-E015", "workbooks with macros are not read; save it as .xlsx without them")


def _sheet_name(names: list[str], wanted: str) -> str:
    if wanted and wanted not in names:
        raise SpecError("IOM-E093", f"sheet: no sheet {echo(wanted)}; {nearest(wanted, names)}")
    if not wanted and len(names) > 1:
        raise SpecError(
            "IOM-E096", f"the workbook has {len(names)} sheets ({', '.join(names)}); set sheet = one of them"
        )
    return wanted or names[0]


def _worksheet(sheet: Any, skip_rows: int, limits: Limits) -> Sheet:
    sheet.reset_dimensions()
    rows = sheet.iter_rows(min_row=skip_rows + 1, values_only=True)
    head = [_head(cell) for cell in next(rows, ())]
    check_is_head(head)
    names = headed(head, limits)
    table: list[tuple[Any, ...]] = []
    empty = 0
    for number, held in enumerate(rows, start=skip_rows + 2):
        row = tuple(map(_none_for_nan, held))
        blank = all(cell is None for cell in row)
        empty += max(len(row), BLANK_ROW) if blank else max(len(row) - len(names), 0)
        limits.check_empty(empty)
        if any(cell is not None for cell in row[len(names) :]):
            raise InputError("IOM-E005", f"row {number} has {counted(len(row), '[cell|cells]')}, expected {len(names)}")
        cells = row[: len(names)]
        if any(isinstance(cell, str) and len(cell) > limits.cell for cell in cells):
            raise InputError("IOM-E010", f"row {number}: a cell is longer than {limits.cell:,} characters")
        table.append((*cells, *[None] * (len(names) - len(cells))))
        if len(table) > limits.rows:
            limits.check_shape(len(table), len(names))
    columns = {name: np.empty(len(table), dtype=object) for name in names}
    for k, name in enumerate(names):
        columns[name][:] = [row[k] for row in table]
    return _sheet(columns, first=skip_rows + 2)


def _head(cell: Any) -> str:
    return "" if cell is None else str(cell).strip()


def _damaged(what: str) -> InputError:
    return InputError("IOM-E014", f"the {what} is damaged or not complete; save it again")

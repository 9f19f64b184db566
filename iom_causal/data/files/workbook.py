"""Reader of workbooks: which sheet is read, and what its user does not see."""

import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from iom_causal.base.formats import counted
from iom_causal.base.specs import nearest
from iom_causal.data.files.reading import Reading
from iom_causal.data.files.sheet import EPOCH, Limits, Sheet
from iom_causal.data.files.sheet_words import spoken, told
from iom_causal.data.files.table import Row, table
from iom_causal.errors import InputError, IomCausalError, SpecError, echo

FIRST_YEAR = 1900
DAMAGED = "the workbook is damaged or not complete; save it again"
BROKEN = (
    *(ArithmeticError, AttributeError, EOFError, LookupError, NotImplementedError, OSError, SyntaxError, TypeError),
    *(ValueError, zipfile.BadZipFile, zlib.error),
)
"""Errors that openpyxl raises on a damaged workbook, its own bugs included."""


def read_xlsx(path: Path, how: Reading, limits: Limits) -> Sheet:
    """Read one sheet of a workbook; formulas give the values that were saved with them.

    Raises
    ------
    SpecError
        IOM-E096 when there are several sheets and none is named, IOM-E093 when there is no such sheet.
    InputError
        IOM-E012 for one that unpacks to far more than it holds, IOM-E014 for a damaged one, IOM-E015 for one with
        macros, and those of `table`.
    """
    from iom_causal.data.files.worksheet import Worksheet  # noqa: PLC0415 slow to load

    _check_workbook(path, limits)
    with _opened(path) as book:
        named = _sheet_name(book, how.sheet)
        sheet = Worksheet(book, named, how, limits)
        return table(
            _undamaged(sheet.rows()),
            how,
            limits,
            ragged=True,
            hidden_columns=sheet.hidden_columns,
            notes=tuple(_about_sheets(book, named)),
            epoch=EPOCH if book.epoch.year < FIRST_YEAR else book.epoch.date(),
        )


def _about_sheets(book: Any, read: str) -> Iterator[str]:
    shown = _shown(book)
    if read not in shown:
        yield f"IOM-W126: the sheet {echo(read)} is hidden in the workbook, and was asked for by name"
    unread = len(book.worksheets) - len({*shown, read})
    if unread:
        yield f"IOM-W126: {counted(unread, '[sheet is|sheets are] hidden in the workbook and not read')}"


def sheet_names(path: Path) -> tuple[str, ...]:
    """Return the names of a workbook's sheets that its user sees."""
    with _opened(path) as book:
        return _shown(book)


def _shown(book: Any) -> tuple[str, ...]:
    return tuple(sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible")


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """Open a workbook for reading."""
    import openpyxl  # noqa: PLC0415 slow to load

    with path.open("rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they quote cells
        with _damage():
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        yield book
        book.close()


def _undamaged(rows: Iterator[Row]) -> Iterator[Row]:
    """Yield rows as they are read; what is made of them is outside, so that a bug there is not called damage."""
    with _damage():
        yield from rows


@contextmanager
def _damage() -> Iterator[None]:
    """Turn every exception that openpyxl raises on damaged XML or ZIP into one refusal."""
    try:
        yield
    except IomCausalError:
        raise
    except BROKEN:
        raise InputError("IOM-E014", DAMAGED) from None


def _check_workbook(path: Path, limits: Limits) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            inside = archive.infolist()
    except zipfile.BadZipFile:
        raise InputError("IOM-E014", DAMAGED) from None
    limits.check_size(path.stat().st_size, sum(entry.file_size for entry in inside))
    if any(entry.filename.lower().endswith("vbaproject.bin") for entry in inside):
        raise InputError("IOM-E015", "workbooks with macros are not read; save it as .xlsx without them")


def _sheet_name(book: Any, wanted: str) -> str:
    """Return the sheet that is read: the one that is named, or the only one that is shown."""
    names, shown = [sheet.title for sheet in book.worksheets], _shown(book)
    if wanted and wanted not in names:
        raise SpecError("IOM-E093", f"sheet: no sheet {echo(wanted)}; {nearest(wanted, filter(spoken, names))}")
    if not wanted and len(shown) != 1:
        raise SpecError("IOM-E096", f"the workbook has {len(shown)} sheets ({told(shown)}); set sheet = one of them")
    return wanted or shown[0]

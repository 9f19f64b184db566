"""Settings by which a table is read from a file, as a study states them."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar

from iom_causal.base.specs import check_choice
from iom_causal.data.files.dates import DATES
from iom_causal.data.files.numerals import DECIMALS
from iom_causal.errors import SpecError

DROP_ROWS = ("headings", "totals", "hidden")
"""Rows that are no people and can be left out: a heading or a note in one cell, sums, and rows that are not shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Settings by which a table is read from a file; those that its format cannot have are refused (`check_obeyed`).

    Parameters
    ----------
    sheet : str
        Of a workbook with several.
    encoding : str
        Of a table in text.
    separator : str
        Of a table in text; by default a comma, and a tab for .tsv.
    skip_rows : int
        Rows above the header, in text and workbooks.
    header_rows : {0, 1, 2}
        Rows of the header, in text and workbooks: of two, the upper names groups of columns; without any, columns are
        called ``column 1``, ...
    drop_rows : tuple of {"headings", "totals", "hidden"}
        Rows that are left out: those with one cell between groups or below the table, sums, and rows that the workbook
        does not show.

    Examples
    --------
    >>> Reading(header_rows=2).skip_rows
    0
    """

    where: ClassVar[str] = "extract"

    sheet: str = ""
    encoding: str = "utf-8"
    separator: str = ""
    skip_rows: int = 0
    header_rows: int = 1
    drop_rows: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.skip_rows < 0:
            raise SpecError(
                "IOM-E092", f"{self.where}: skip_rows: expected 0 or more rows above the names of the columns"
            )
        if self.header_rows not in (0, 1, 2):
            raise SpecError(
                "IOM-E092", f"{self.where}: header_rows: expected 0, 1 or 2: the rows that name the columns"
            )
        for kind in self.drop_rows:
            check_choice(kind, DROP_ROWS, f"{self.where}: drop_rows")


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion(Reading):
    """Settings by which a table is read from a file, and its cells are converted to numbers and dates.

    Parameters
    ----------
    decimal : {"", ".", ","}
        The mark of decimals; without one, a number is read where it can be read in one way only.
    dates : str
        The form of dates.
    missing : tuple
        The codes that stand for no value.

    Examples
    --------
    >>> Conversion(dates="dd/mm/yyyy").decimal
    ''
    """

    unread: ClassVar[tuple[str, ...]] = ()
    """Keys that nothing in a file of this kind needs: stated, they are refused."""

    decimal: str = ""
    dates: str = DATES[0]
    missing: tuple[str | float, ...] = ()

    def __post_init__(self) -> None:
        Reading.__post_init__(self)
        check_choice(self.decimal, DECIMALS, f"{self.where}: decimal")
        check_choice(self.dates, DATES, f"{self.where}: dates")
        usual = {f.name: f.default for f in fields(self)}
        for key in self.unread:
            if getattr(self, key) != usual[key]:
                raise SpecError("IOM-E092", f"{self.where}: {key}: no cell of this file is read by it; take {key} out")


def reading_of(settings: Mapping[str, Any]) -> Reading:
    """Return how a table is read, of settings that may say more of it.

    Examples
    --------
    >>> reading_of({"skip_rows": 2, "dates": "excel"}).skip_rows
    2
    """
    return Reading(**{f.name: settings[f.name] for f in fields(Reading) if f.name in settings})


AS_USUAL = Reading()
"""A header of one row at the top."""
ISO = Conversion()
"""Days as yyyy-mm-dd, and numbers that can be read in one way only."""

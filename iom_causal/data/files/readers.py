"""Files to tables: the list of formats, and the dispatch of a file to the reader of its format."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import NamedTuple

from iom_causal.base.formats import listed
from iom_causal.base.names import where_instead
from iom_causal.data.files.delimited import read_delimited
from iom_causal.data.files.parquet import read_parquet
from iom_causal.data.files.reading import AS_USUAL, Reading
from iom_causal.data.files.sheet import Limits, Sheet
from iom_causal.data.files.spss_stata import read_dta, read_sav
from iom_causal.data.files.workbook import read_xlsx, sheet_names
from iom_causal.errors import InputError, IomCausalError, SpecError, echo


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A format of files: how a file of it is recognised, and its reader, or what to do where there is none.

    Parameters
    ----------
    name : str
        As the documentation, the command line and messages call it.
    endings : tuple of str
        Of file names, in small letters.
    starts : tuple of bytes
        First bytes by which a file of this format is known under any other name.
    read : callable, optional
        From a path, how it is read and what it may hold to a table; None where files of this format are refused.
    settings : tuple of str
        Keys of `Reading` that it obeys, ``hidden`` of rows that it may not show; of any, other rows may be left out.
    sheets : callable, optional
        From a path to the names of the sheets that its user sees, where a file may hold several.
    instead : str
        What to do with a file that is refused.
    """

    name: str
    endings: tuple[str, ...]
    starts: tuple[bytes, ...] = ()
    read: Callable[[Path, Reading, Limits], Sheet] | None = None
    settings: tuple[str, ...] = ()
    sheets: Callable[[Path], tuple[str, ...]] | None = None
    instead: str = ""

    def unread(self, how: Reading) -> tuple[str, ...]:
        """Return the keys that a reading states and this format cannot have.

        Examples
        --------
        >>> FORMATS[0].unread(Reading(sheet="People", skip_rows=1, drop_rows=("totals", "hidden")))
        ('sheet', 'hidden')
        """
        stated = (f.name for f in fields(Reading) if f.name != "drop_rows" and getattr(how, f.name) != f.default)
        return tuple(k for k in (*stated, *how.drop_rows) if k in CANNOT and k not in self.settings)


_ELSE = "export it as .csv"
_FROM_R = "in R, write it with write.csv(x, row.names = FALSE) or haven::write_sav"

_HEADER = ("skip_rows", "header_rows")
_TEXT = ("encoding", "separator", *_HEADER)
_BOOK = ("sheet", *_HEADER, "hidden")
CANNOT = {
    "sheet": "{} files hold one table; take sheet out",
    "encoding": "{} files say themselves how their text is stored; take encoding out",
    "separator": "{} files have no mark between cells; take separator out",
    "skip_rows": "{} files hold the names of their columns apart from their rows; take skip_rows out",
    "header_rows": "{} files hold the names of their columns apart from their rows; take header_rows out",
    "hidden": 'no row of {} files is hidden; take "hidden" out of drop_rows',
}
"""Why a format cannot obey a setting, and what to do."""

FORMATS: tuple[Format, ...] = (
    Format(name="csv", endings=(".csv", ".tsv", ".txt"), read=read_delimited, settings=_TEXT),
    Format(name="csv", endings=(".csv.gz",), starts=(b"\x1f\x8b",), read=read_delimited, settings=_TEXT),
    Format(
        name="xlsx", endings=(".xlsx",), starts=(b"PK\x03\x04",), read=read_xlsx, settings=_BOOK, sheets=sheet_names
    ),
    Format(name="sav", endings=(".sav",), starts=(b"$FL2",), read=read_sav),
    Format(name="dta", endings=(".dta",), starts=(b"<stata_d",), read=read_dta),
    Format(name="parquet", endings=(".parquet",), starts=(b"PAR1",), read=read_parquet),
    Format(name="xls", endings=(".xls",), starts=(b"\xd0\xcf\x11\xe0",), instead="save it as .xlsx"),
    Format(name="xlsm", endings=(".xlsm",), instead="save it as .xlsx, without macros"),
    Format(name="xlsb", endings=(".xlsb",), instead="save it as .xlsx"),
    Format(name="ods", endings=(".ods",), instead="save it as .xlsx or .csv"),
    Format(name="R", endings=(".rds", ".rdata"), instead=_FROM_R),
    Format(name="pickle", endings=(".pkl", ".pickle"), starts=(b"\x80\x04\x95", b"\x80\x05\x95"), instead=_ELSE),
    Format(name="NumPy", endings=(".npy",), starts=(b"\x93NUMPY",), instead=_ELSE),
)
"""Every format that is read, and those that people have and that are not: all that knows of formats reads this list."""


def format_of(path: Path | str) -> Format | None:
    """Return the format of a file by the ending of its name, or None for an unknown one.

    Examples
    --------
    >>> format_of("people.CSV.gz").name, format_of("people.ods").instead, format_of("study.toml")
    ('csv', 'save it as .xlsx or .csv', None)
    """
    ending = _ending(Path(path))
    return next((known for known in FORMATS if ending in known.endings), None)


def format_names() -> tuple[str, ...]:
    """Return the names of the formats that are read.

    Examples
    --------
    >>> format_names()
    ('csv', 'xlsx', 'sav', 'dta', 'parquet')
    """
    return tuple(dict.fromkeys(known.name for known in FORMATS if known.read))


def read_sheet(path: Path | str, how: Reading = AS_USUAL, *, limits: Limits | None = None) -> Sheet:
    """Read a table from a file of the format that its name has and its first bytes confirm.

    Parameters
    ----------
    path : path
        The file, of a format that `FORMATS` has a reader for.
    how : Reading
        The settings by which it is read.
    limits : Limits, optional
        What it may hold.

    Returns
    -------
    Sheet
        Its cells, not yet numbers or dates.

    Raises
    ------
    SpecError
        IOM-E096 when there is no such file or a needed setting is absent.
    InputError
        IOM-E001 to E017; no message holds a cell.
    """
    path = Path(path)
    known, read = _readable(path)
    if not path.is_file():
        raise SpecError("IOM-E096", f"found no file called {echo(path.name)}; {where_instead(path)}")
    check_start(path, known)
    check_obeyed(how, path)
    return read(path, how, limits or Limits())


def check_obeyed(how: Reading, *paths: Path | str) -> None:
    """Refuse settings that none of the files which they are stated for can have.

    Raises
    ------
    SpecError
        IOM-E092, naming the key.

    Examples
    --------
    >>> check_obeyed(Reading(skip_rows=2), "people.sav")
    Traceback (most recent call last):
        ...
    iom_causal.errors.SpecError: IOM-E092: skip_rows: .sav files hold the names of their columns apart from their \
rows; take skip_rows out
    """
    formats = {_ending(Path(path)): known for path in paths if (known := format_of(path)) is not None}
    unread = [set(known.unread(how)) for known in formats.values()]
    for key, why in CANNOT.items():
        if unread and all(key in keys for keys in unread):
            name = "drop_rows" if key == "hidden" else key
            raise SpecError("IOM-E092", f"{name}: {why.format(listed(list(formats)))}")


def obeyed(how: Reading, path: Path | str) -> Reading:
    """Return the settings that a file's format has, of those stated for several files together.

    Examples
    --------
    >>> obeyed(Reading(sheet="People", skip_rows=1), "others.csv")
    Reading(sheet='', encoding='utf-8', separator='', skip_rows=1, header_rows=1, drop_rows=())
    """
    known = format_of(path)
    unread = () if known is None else known.unread(how)
    held = {f.name: getattr(how, f.name) for f in fields(Reading) if f.name not in unread}
    return Reading(**(held | {"drop_rows": tuple(kind for kind in how.drop_rows if kind not in unread)}))


class ReadTable(NamedTuple):
    """Table of a file, with the settings by which it was read."""

    path: Path
    how: Reading
    sheet: Sheet

    def is_of(self, path: Path, how: Reading) -> bool:
        """Return whether it is what reading a file by some settings would give."""
        same = all(getattr(self.how, f.name) == getattr(how, f.name) for f in fields(Reading))
        return same and self.path.resolve() == path.resolve()


class Files(NamedTuple):
    """Files of a folder.

    Attributes
    ----------
    folder : Path
        Where they lie.
    limits : Limits or None
        What each may hold.
    known : tuple of ReadTable
        Tables of them that were read before, and are not read again.
    """

    folder: Path
    limits: Limits | None = None
    known: tuple[ReadTable, ...] = ()

    def sheet(self, name: str, how: Reading) -> Sheet:
        """Return the table of a file.

        Raises
        ------
        InputError, SpecError
            Those of `read_sheet`.
        """
        path = self.folder / name
        before = next((table.sheet for table in self.known if table.is_of(path, how)), None)
        return read_sheet(path, how, limits=self.limits) if before is None else before


@contextmanager
def said_of(what: str, file: str) -> Iterator[None]:
    """Name the file in a refusal: its columns may be called as those of the people are."""
    try:
        yield
    except IomCausalError as error:
        raise type(error)(error.code, f"{what}, {echo(Path(file).name)}: {error.message}") from error


LOOKED_AT = 512
"""Bytes at the beginning of a file by which its format is told."""


def _ending(path: Path) -> str:
    """Return the ending of a name in small letters, both parts of one such as .csv.gz where that is a format's."""
    double = "".join(path.suffixes[-2:]).lower()
    return double if any(double in known.endings for known in FORMATS) else path.suffix.lower()


def _readable(path: Path) -> tuple[Format, Callable[[Path, Reading, Limits], Sheet]]:
    known = format_of(path)
    if known is not None and known.read is not None:
        return known, known.read
    instead = _ELSE if known is None else known.instead
    every = listed([ending for each in FORMATS if each.read for ending in each.endings])
    raise InputError("IOM-E015", f"{_ending(path) or 'files without an ending'}: not read; {instead}. Read are {every}")


def _is_text(start: bytes) -> bool:
    return all(byte >= ord(" ") or byte in b"\t\r\n" for byte in start)


def check_start(path: Path, known: Format) -> None:
    """Refuse a file that starts as one of another format."""
    with path.open("rb") as file:
        start = file.read(LOOKED_AT)
    other = next((each for each in FORMATS if start.startswith(each.starts) and each is not known), None)
    if other is not None:
        really = (
            f"is a {other.endings[0]} file; give it that ending" if other.read else "is of another format; export it"
        )
        raise InputError("IOM-E015", f"the file is called {_ending(path)} but {really}")
    if known.starts and start and not start.startswith(known.starts) and _is_text(start):
        raise InputError(
            "IOM-E015",
            f"the file is called {_ending(path)} but is text, as .csv files are; give it that ending, or save it in "
            f"its own program as {_ending(path)}",
        )

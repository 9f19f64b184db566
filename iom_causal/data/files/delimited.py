"""Reader of delimited text: bytes to cells, with encoding and separator as stated."""

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path

from iom_causal.base.formats import counted
from iom_causal.data.files.reading import Reading
from iom_causal.data.files.sheet import Limits, Sheet
from iom_causal.data.files.table import Row, table
from iom_causal.errors import InputError, SpecError

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
CHUNK = 2**20


def read_delimited(path: Path, how: Reading, limits: Limits) -> Sheet:
    """Read a table in text; every cell stays text, without the spaces around it.

    Parameters
    ----------
    path : Path
        The file; packed if its name ends in ``.gz``.
    how : Reading
        An encoding or separator other than stated is refused with the key to set; none stated is a comma, for .tsv
        a tab.
    limits : Limits
        What the file may hold.

    Raises
    ------
    InputError
        IOM-E003 to E012, by what is the matter.
    """
    separator = how.separator or ("\t" if path.suffix.lower() == ".tsv" else ",")
    rows = _rows(decoded(raw_bytes(path, limits), how.encoding), separator, limits)
    return table(_numbered(rows, how, separator), how, limits)


def _numbered(rows: Iterator[tuple[list[str], int]], how: Reading, separator: str) -> Iterator[Row]:
    """Yield the rows with their numbers, and refuse another separator in the first that is looked at."""
    for number, (cells, lines) in enumerate(rows, start=1):
        if number == how.skip_rows + 1:
            _check_separator(separator.join(cells), separator)
        if lines > 1:
            _check_quotes(cells, number, separator)
        yield Row(number, cells)


def _check_quotes(cells: list[str], row: int, separator: str) -> None:
    """Refuse a cell that holds whole rows: a quotation mark opened in one and closed in another further down."""
    for k, cell in enumerate(cells):
        lines = cell.splitlines() if "\n" in cell or "\r" in cell else []
        behind = len(cells) - 1 - k
        if len(cells) > 1 and [line.count(separator) for line in lines] == _broken(len(lines), k, behind):
            raise InputError(
                "IOM-E006",
                f"row {row}: a quotation mark opens in this row and closes "
                f"{counted(len(lines) - 1, '[row|rows]')} further down; double both marks, or take them out",
            )


def _broken(lines: int, before: int, behind: int) -> list[int] | None:
    """Return how many separators each line of a cell holds if it is the end of a row, whole rows, and a beginning."""
    return [behind, *[before + behind] * (lines - 2), before] if lines > 1 else None


def raw_bytes(path: Path, limits: Limits) -> bytes:
    """Return the bytes of a file, unpacked, up to the limit."""
    packed = path.stat().st_size
    if path.suffix.lower() != ".gz":
        limits.check_size(packed, packed)
        return path.read_bytes()
    out = io.BytesIO()
    try:
        with gzip.open(path) as file:
            while chunk := file.read(CHUNK):
                out.write(chunk)
                limits.check_size(packed, out.tell())
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise InputError("IOM-E014", "the packed file is not complete or not gzip; pack it again") from None
    return out.getvalue()


def decoded(data: bytes, encoding: str) -> str:
    """Return bytes as text.

    Raises
    ------
    SpecError
        IOM-E092 for an encoding that does not exist.
    InputError
        IOM-E003 for text in another one, IOM-E004 for bytes that no text holds, IOM-E001 for nothing.
    """
    if not data.strip(b"\xef\xbb\xbf\r\n \t"):
        raise InputError("IOM-E001", "the file has no header: it is empty")
    try:
        known = codecs.lookup(encoding).name
    except LookupError:
        raise SpecError("IOM-E092", 'encoding: expected one such as "utf-8", "cp1252" or "utf-16"') from None
    wide = data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    if wide and not known.startswith("utf-16"):
        raise InputError("IOM-E003", 'the file is in UTF-16; set encoding = "utf-16", or save it as UTF-8')
    try:
        text = data.decode("utf-8-sig" if known == "utf-8" else known)
    except UnicodeDecodeError as error:
        raise InputError("IOM-E003", _misread(known, error.start)) from None
    if "\0" in text:
        raise InputError("IOM-E004", "the file holds NUL bytes; save it again as CSV in UTF-8")
    return text.removeprefix("\ufeff")


def _misread(known: str, offset: int) -> str:
    other = "cp1252" if known != "cp1252" else "latin-1"
    if known == "utf-8":
        return f'byte {offset} is not UTF-8; set encoding = "{other}" if the file was saved by Excel for Windows'
    return f'byte {offset} cannot be read as {known}; set encoding to what the file was saved in, such as "{other}"'


def _rows(text: str, separator: str, limits: Limits) -> Iterator[tuple[list[str], int]]:
    """Yield the cells of each row, and how many lines of the text it takes."""
    if separator not in SEPARATORS:
        raise SpecError("IOM-E092", 'separator: expected ",", ";", "|" or a tab, "\\t"')
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    lines = 0
    try:
        for row in reader:
            if row and max(map(len, row)) > limits.cell:
                raise InputError("IOM-E010", _too_long(limits, reader.line_num))
            yield row, reader.line_num - lines
            lines = reader.line_num
    except csv.Error as error:
        if "field limit" in str(error):
            raise InputError("IOM-E010", _too_long(limits, reader.line_num)) from None
        raise InputError(
            "IOM-E006",
            f"near line {reader.line_num}: a quotation mark is not closed, or stands inside a cell undoubled",
        ) from None


def _too_long(limits: Limits, line: int) -> str:
    return f"near line {line}: a cell is longer than {limits.cell:,} characters; is a quotation mark left open?"


def _check_separator(head: str, separator: str) -> None:
    better = best_separator(head)
    if head.count(better) > head.count(separator):
        written = "\\t" if better == "\t" else better
        raise InputError(
            "IOM-E007",
            f"the header is separated by {SEPARATORS[better]}s, not by {SEPARATORS[separator]}s; "
            f'set separator = "{written}"',
        )


def best_separator(line: str) -> str:
    """Return the separator that occurs most often in a line.

    Examples
    --------
    >>> best_separator("urn;arrests, before;arrests after")
    ';'
    """
    return max(SEPARATORS, key=line.count)

"""Reader of delimited text: bytes to cells, with encoding and separator as stated."""

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from iom_causal.base.formats import counted
from iom_causal.data.files.sheet import Limits, Reading, Sheet, check_is_head, headed
from iom_causal.errors import InputError, SpecError

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
CHUNK = 2**20


def read_delimited(path: Path, how: Reading) -> Sheet:
    """Read a table in text; every cell stays text, without the spaces around it.

    Parameters
    ----------
    path : Path
        The file; packed if its name ends in ``.gz``.
    how : Reading
        An encoding or separator other than stated is refused with the key to set; none stated is a comma, for .tsv
        a tab.

    Raises
    ------
    InputError
        IOM-E003 to E012, by what is the matter.
    """
    limits, separator = how.limits, how.separator or ("\t" if path.suffix.lower() == ".tsv" else ",")
    rows = _rows(decoded(raw_bytes(path, limits), how.encoding), separator, limits)
    head = _header(rows, how.skip_rows, separator)
    check_is_head([cell.strip() for cell in head])
    names = headed([cell.strip() for cell in head], limits)
    width, table, lines, blank = len(names), [], [], 0
    for number, held in enumerate(rows, start=how.skip_rows + 2):
        row = [cell.strip() for cell in held]
        if not any(row):
            blank += 1
            continue
        if len(row) < width or any(row[width:]):
            raise InputError("IOM-E005", f"row {number} has {counted(len(row), '[cell|cells]')}, expected {width}")
        table.append(row)
        lines.append(number)
        if len(table) > limits.rows:
            limits.check_shape(len(table), width)
    columns = {name: np.array([row[k] or None for row in table], dtype=object) for k, name in enumerate(names)}
    return Sheet(columns=columns, rows=len(table), blank=blank, lines=np.array(lines, dtype=np.int64))


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


def _rows(text: str, separator: str, limits: Limits) -> Iterator[list[str]]:
    if separator not in SEPARATORS:
        raise SpecError("IOM-E092", 'separator: expected ",", ";", "|" or a tab, "\\t"')
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for row in reader:
            if row and max(map(len, row)) > limits.cell:
                raise InputError("IOM-E010", _too_long(limits, reader.line_num))
            yield row
    except csv.Error as error:
        if "field limit" in str(error):
            raise InputError("IOM-E010", _too_long(limits, reader.line_num)) from None
        raise InputError(
            "IOM-E006",
            f"near line {reader.line_num}: a quotation mark is not closed, or stands inside a cell undoubled",
        ) from None


def _too_long(limits: Limits, line: int) -> str:
    return f"near line {line}: a cell is longer than {limits.cell:,} characters; is a quotation mark left open?"


def _header(rows: Iterator[list[str]], skip_rows: int, separator: str) -> list[str]:
    for _ in range(skip_rows):
        next(rows, None)
    head = next(rows, [])
    text = separator.join(head)
    better = best_separator(text)
    if text.count(better) > text.count(separator):
        written = "\\t" if better == "\t" else better
        raise InputError(
            "IOM-E007",
            f"the header is separated by {SEPARATORS[better]}s, not by {SEPARATORS[separator]}s; "
            f'set separator = "{written}"',
        )
    return head


def best_separator(line: str) -> str:
    """Return the separator that occurs most often in a line.

    Examples
    --------
    >>> best_separator("urn;arrests, before;arrests after")
    ';'
    """
    return max(SEPARATORS, key=line.count)

"""Canaries: cells that occur nowhere else, and the search for their traces in whatever is said or written."""

import base64
import html
import io
import re
import zipfile
import zlib
from pathlib import Path

WORDS = tuple(f"Quillfeather{k:02d}" for k in range(12))
IDS = tuple(f"XQZ7{k:03d}K" for k in range(20))
DATES = ("1971-06-17", "1966-11-23", "1979-08-19", "2017-10-29")
TEXTS = ("seen near Vexley Mill", "=HYPERLINK(Wrenborough)", "<b>Ostrelle</b>", "owes “Pellingham” 40")
NUMBERS = ("918273645", "564738291", "837465.25", "7391.62")
TOKENS = (*WORDS, *IDS, *DATES, *TEXTS, *NUMBERS)
PACKED = re.compile(rb"data:[\w/+.-]+;base64,([A-Za-z0-9+/=]+)")
PNG = b"\x89PNG\r\n\x1a\n"


def spellings(token):
    """Return the ways in which a token may be written: as it is, with marks of thousands, turned or rounded."""
    ways = {token, html.escape(token), html.escape(html.escape(token)), token.encode("unicode_escape").decode()}
    if re.fullmatch(r"[\d.]+", token):
        value = float(token)
        ways |= {f"{value:,.{d}f}" for d in (0, 1, 2)} | {f"{value:.{d}f}" for d in (0, 1, 2)} | {f"{value:.4g}"}
    if re.fullmatch(r"\d{4}-\d\d-\d\d", token):
        year, month, day = token.split("-")
        ways |= {
            f"{day}/{month}/{year}",
            f"{day}.{month}.{year}",
            f"{year}{month}{day}",
            f"{year}, {int(month)}, {int(day)}",
        }
    return ways


def codings(text):
    """Return the bytes that a text leaves: in three encodings, in hex, and in base64 wherever it begins."""
    raw = text.encode()
    yield from (raw, text.encode("utf-16-le"), text.encode("utf-16-be"), raw.hex().encode(), raw.hex().upper().encode())
    for shift in range(3):
        whole = base64.b64encode(b"\0" * shift + raw)
        yield whole[(0, 2, 3)[shift] : len(whole) - (0, 3, 2)[(shift + len(raw)) % 3]]


TRACES = {token: {code for way in spellings(token) for code in codings(way)} for token in TOKENS}
ROUNDED = {way.encode() for token in NUMBERS for way in spellings(token) if len(way) < len(token)}
"""Numbers of few digits: chance puts them into one digest in a thousand, and into figures with all their digits."""
DIGEST = re.compile(rb"[0-9a-f]{16,}")


def holds(data, code):
    """Return whether bytes hold a trace; a rounded number as one, not as digits of a digest or of a longer number."""
    if code not in data or code not in ROUNDED:
        return code in data
    alone = rb"(?<!\d)(?<!\d\.)" + re.escape(code) + rb"(?!\d|\.\d)"
    return re.search(alone, DIGEST.sub(b" ", data)) is not None


def opened(data):
    """Yield bytes, and those that are packed in them: parts of documents, texts of pictures, pictures of pages.

    Pictures of a page are unpacked and not searched as they stand there: any four digits are found in so long a code.
    """
    yield PACKED.sub(b"", data)
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            for name in packed.namelist():
                yield from opened(packed.read(name))
    if data.startswith(PNG):
        for kind, body in chunks(data):
            if kind in {b"zTXt", b"iTXt", b"tEXt"}:
                yield body
                yield from (zlib.decompress(part) for part in body.split(b"\0\0")[1:] if kind == b"zTXt")
    for found in PACKED.finditer(data):
        yield from opened(base64.b64decode(found[1]))


def chunks(png):
    """Yield the kind and the body of every chunk of a picture."""
    at = len(PNG)
    while at < len(png):
        size = int.from_bytes(png[at : at + 4])
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + size]
        at += 12 + size


def found(data):
    """Return the tokens of which bytes or a text hold a trace."""
    data = data.encode("utf-8", "surrogateescape") if isinstance(data, str) else data
    return {t for part in opened(data) for t, codes in TRACES.items() if any(holds(part, code) for code in codes)}


def found_in(folder):
    """Return the tokens of which files in a folder, or their names, hold a trace, by file."""
    files = [p for p in Path(folder).rglob("*") if p.is_file()]
    held = {p.relative_to(folder).as_posix(): found(p.name) | found(p.read_bytes()) for p in files}
    return {name: tokens for name, tokens in held.items() if tokens}


def chained(error):
    """Return all that a traceback of an error would say: of it, and of the errors before it that it does not hide."""
    told = []
    while error is not None and len(told) < 20:
        told.append(f"{type(error).__name__}: {error} {error!r} {error.args!r}")
        error = error.__cause__ if error.__cause__ is not None or error.__suppress_context__ else error.__context__
    return "\n".join(told)

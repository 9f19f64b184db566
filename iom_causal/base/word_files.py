"""Word documents and workbooks that the same values make byte for byte, of text that XML can hold."""

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from iom_causal.errors import inert

LONG_AGO = datetime(1980, 1, 1, tzinfo=UTC)
"""Stands for the time of making, so that the same values give the same bytes; the earliest that a zip can hold."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")


def plain(text: str) -> str:
    """Return text without the characters that XML cannot hold, or that turn its direction.

    Examples
    --------
    >>> plain("a" + chr(7) + "b")
    'a b'
    """
    return _CONTROL.sub(" ", inert(text))


def timeless(document: bytes) -> bytes:
    """Pack a document again, with every time in it the same."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(document)) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            part = _MODIFIED.sub(rb"\g<1>" + f"{LONG_AGO:%Y-%m-%dT%H:%M:%SZ}".encode(), old.read(name))
            new.writestr(zipfile.ZipInfo(name, LONG_AGO.timetuple()[:6]), part, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def packed(document: Any) -> bytes:
    """Return a document as bytes, without a time or an author."""
    core = document.core_properties
    core.author, core.last_modified_by, core.comments = "", "", ""
    core.created = core.modified = LONG_AGO
    core.revision = 1
    buffer = io.BytesIO()
    document.save(buffer)
    return timeless(buffer.getvalue())


def one_table(rows: Sequence[Sequence[str]], notes: Sequence[str]) -> bytes:
    """Return a document of one table, its heads first, and notes beneath."""
    from docx import Document  # noqa: PLC0415 slow to load

    document = Document()
    grid = document.add_table(rows=0, cols=len(rows[0]), style="Light Shading")
    for texts in rows:
        for cell, text in zip(grid.add_row().cells, texts, strict=True):
            cell.text = plain(text)
    for note in notes:
        document.add_paragraph(plain(note))
    return packed(document)

"""One line of a terminal, written over and gone at the end: no colours, and no codes but the carriage return."""

import os
import sys
from typing import TextIO

USUAL = 80
"""Columns of a terminal that does not say how many it has."""


def is_watched(stream: TextIO) -> bool:
    """Whether somebody looks at a stream: a terminal that can go back in a line, and no log of a build.

    Examples
    --------
    >>> import io
    >>> is_watched(io.StringIO())
    False
    """
    return stream.isatty() and not os.environ.get("CI") and os.environ.get("TERM") != "dumb"


def duration(seconds: float) -> str:
    """Return a time in its largest unit that is not below one and a half.

    Examples
    --------
    >>> duration(12.4), duration(100), duration(7_200)
    ('12 s', '2 min', '2.0 h')
    """
    for unit, name in ((1, "s"), (60, "min")):
        if seconds < 90 * unit:
            return f"{seconds / unit:.0f} {name}"
    return f"{seconds / 3600:.1f} h"


class TerminalLine:
    """A line on standard error; nothing where nobody looks.

    Parameters
    ----------
    stream : TextIO, optional
        Standard error.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = sys.stderr if stream is None else stream
        self.watched = is_watched(self.stream)
        self._length = 0

    def show(self, text: str, short: str = "") -> None:
        """Write a text in place of the one before, a shorter one where it is wider than the terminal."""
        if not self.watched:
            return
        room = self._columns() - 1
        text = (short if short and len(text) > room else text)[:room]
        self.stream.write(f"\r{text:{self._length}}")
        self.stream.flush()
        self._length = len(text)

    def clear(self) -> None:
        """Take the line away."""
        if self._length:
            self.stream.write(f"\r{'':{self._length}}\r")
            self.stream.flush()
            self._length = 0

    def _columns(self) -> int:
        try:
            return os.get_terminal_size(self.stream.fileno()).columns or USUAL
        except (OSError, ValueError):
            return USUAL

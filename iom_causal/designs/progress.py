"""One line of progress on a terminal: how many replicates, how fast, how long still."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from iom_causal.base.terminal_line import TerminalLine, duration


@contextmanager
def progress(
    of: str = "replicates", *, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic
) -> Iterator[Callable[[int, int], None] | None]:
    """Show one line on standard error while something runs; nothing where it is not a terminal.

    Parameters
    ----------
    of : str
        What is counted.
    stream : TextIO, optional
        Standard error.
    clock : callable
        Seconds.

    Yields
    ------
    callable or None
        What `run_cells` takes as `tell`: `(done, of how many)`.

    Examples
    --------
    >>> import io
    >>> with progress(stream=io.StringIO()) as tell:
    ...     tell is None
    True
    """
    shown = TerminalLine(stream)
    if not shown.watched:
        yield None
        return
    first: list[tuple[int, float]] = []

    def tell(done: int, total: int) -> None:
        first[:] = first or [(done, clock())]  # what a store held already is not counted in the rate
        made, seconds = done - first[0][0], clock() - first[0][1]
        shown.show(line(done, total, made, seconds, of), line(done, total, made, seconds, of, short=True))

    try:
        yield tell
    finally:
        shown.clear()


def line(done: int, total: int, made: int, seconds: float, of: str = "replicates", *, short: bool = False) -> str:
    """Return the line: how many of all, and rate and time left once some were made; a short one has no rate.

    Examples
    --------
    >>> line(12_000, 100_000, 8_000, 4.0)
    '12,000 of 100,000 replicates, 2,000 a second, 44 s left'
    >>> line(3, 200, 1, 8.0)
    '3 of 200 replicates, 8 s each, 26 min left'
    """
    start = f"{done:,} of {total:,}" if short else f"{done:,} of {total:,} {of}"
    if not made or seconds <= 0:
        return start
    rate = made / seconds
    speed = f"{rate:,.0f} a second" if rate >= 1 else f"{1 / rate:,.0f} s each"
    left = f"{duration((total - done) / rate)} left"
    return f"{start}, {left}" if short else f"{start}, {speed}, {left}"

"""What is being done, for how long and for how long still, on a terminal alone."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

import click

NOTE = "note: "
"""How a message begins that stays, and is for everybody."""


@contextmanager
def steps(
    total: int = 0, *, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic
) -> Iterator[Callable[[str], None]]:
    """Show the step that is being done; notes are written wherever standard error goes.

    Parameters
    ----------
    total : int
        How many steps there are, where each takes about as long as any other: only then is time left more than a guess,
        and shown.
    stream : TextIO, optional
        Standard error.
    clock : callable
        Seconds.

    Yields
    ------
    callable
        What takes ``progress``: the name of the step that begins.

    Examples
    --------
    >>> import io
    >>> with steps(stream=io.StringIO()) as tell:
    ...     tell("reading the people")
    """
    from iom_causal.base.terminal_line import TerminalLine  # noqa: PLC0415 --help stays light

    line = TerminalLine(stream)
    begun: list[float] = []

    def tell(message: str) -> None:
        if message.startswith(NOTE):
            line.clear()
            click.echo(message, file=line.stream)
            return
        begun.append(clock())
        line.show(f"{_so_far(len(begun) - 1, total, begun[-1] - begun[0])}{message}")

    try:
        yield tell
    finally:
        line.clear()


def _so_far(done: int, total: int, seconds: float) -> str:
    from iom_causal.base.terminal_line import duration  # noqa: PLC0415 --help stays light

    if not total:
        return f"{duration(seconds)} so far: " if done else ""
    left = f", {duration(seconds / done * (total - done))} left" if done else ""
    return f"{done} of {total} done{left}: "

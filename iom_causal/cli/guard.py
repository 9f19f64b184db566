"""How every command ends: done, refused with one message, or stopped with nothing half written."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from signal import SIGTERM, default_int_handler, getsignal, signal
from typing import NoReturn

import click

REFUSED, STOPPED = 2, 130
"""Exit status of what is refused, and of what somebody stopped."""
WORTH_SAYING = 1.0
"""Seconds from which on it is said how long a command took."""


def guarded[**P, T](command: Callable[P, T]) -> Callable[P, T]:
    """Turn the errors that users meet into one message and exit status 2, and a request to stop into 130."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        from iom_causal.base.terminal_line import duration, is_watched  # noqa: PLC0415 --help stays light
        from iom_causal.errors import IomCausalError  # noqa: PLC0415 --help stays light

        begun = time.monotonic()
        try:
            with _ended_as_interrupted():
                done = command(*args, **kwargs)
        except IomCausalError as error:
            _end(str(error), REFUSED)
        except KeyboardInterrupt as stopped:
            _end(str(stopped) or "stopped; what was not finished is not written", STOPPED)
        except BrokenPipeError:  # who reads the output has seen enough
            raise
        except OSError as error:
            _end(_about(error), REFUSED)
        took = time.monotonic() - begun
        if took >= WORTH_SAYING and is_watched(sys.stderr):
            click.echo(f"It took {duration(took)}.", err=True)
        return done

    return run


def _end(message: str, status: int) -> NoReturn:
    click.echo(f"iom-causal: {message}", err=True)
    sys.exit(status)


def _about(error: OSError) -> str:
    """Say which file the system did not give or take, and why."""
    from iom_causal.base.names import where_instead  # noqa: PLC0415 --help stays light
    from iom_causal.errors import echo  # noqa: PLC0415 --help stays light

    file = Path(str(error.filename)) if error.filename else None
    if file is not None and isinstance(error, FileNotFoundError):
        return f"IOM-E096: found no file called {echo(file.name)}; {where_instead(file)}"
    about = "a file" if file is None else echo(file.name)
    why = (error.strerror or "input or output did not work").lower()
    return f"IOM-E090: {about} cannot be read or written: {why}"


@contextmanager
def _ended_as_interrupted() -> Iterator[None]:
    """Take a request to end, as schedulers and time limits send it, for Ctrl-C."""
    before = getsignal(SIGTERM)
    if before is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    signal(SIGTERM, default_int_handler)
    try:
        yield
    finally:
        signal(SIGTERM, before)

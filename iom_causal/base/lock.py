"""A folder that one process works in: a lock which the system itself lifts when that process dies."""

import errno
import json
import os
import platform
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

LOCK, HOLDER = "lock", "writer.json"


@contextmanager
def locked(folder: Path) -> Iterator[bool]:
    """Hold the lock of a folder; where another process, or this one already, holds it, say so.

    The lock is that of an SQLite file: it needs no process number, which systems use again, and is lifted by any
    death of the process that holds it, on every system. A file says who that is, for messages.

    Yields
    ------
    bool
        Whether it is held.

    Raises
    ------
    OSError
        Where the folder cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, locked(Path(folder)) as one, locked(Path(folder)) as two:
    ...     one, two
    (True, False)
    """
    # nothing else may open the file of the lock: POSIX lifts a lock when its process closes the file anywhere
    with closing(sqlite3.connect(folder / LOCK, timeout=0, isolation_level=None)) as lock:
        try:
            lock.execute("PRAGMA journal_mode = MEMORY")  # no second file
            lock.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
                yield False
                return
            (folder / HOLDER).touch()  # the system says why
            raise OSError(errno.EIO, os.strerror(errno.EIO)) from None
        who = {"host": platform.node(), "process": os.getpid()}
        (folder / HOLDER).write_text(json.dumps(who), encoding="utf-8")
        yield True


def holder(folder: Path) -> str:
    """Return in words who holds the lock, as far as a file says.

    Examples
    --------
    >>> holder(Path("nowhere"))
    'another process'
    """
    try:
        who = json.loads((folder / HOLDER).read_text(encoding="utf-8"))
        return f"process {int(who['process'])} on {str(who['host'])[:80]}"
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return "another process"

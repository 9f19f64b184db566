"""Blocks of replicates on disk: Parquet files written whole, never changed, whose names say what must be in them."""

import errno
import hashlib
import os
import re
import shutil
from dataclasses import dataclass
from functools import cache, cached_property
from glob import escape
from pathlib import Path
from typing import Any

import numpy as np

from iom_causal.designs.columns import REPLICATE, Columns, checked

WRITING = "writing.tmp"
_NAME = re.compile(r"(\d{9,})-(\d{9,})-([0-9a-f]{64})\.parquet")
_ERRNO = re.compile(r'"errno":"(\d+)"')
_ROOM = 2**20
"""Bytes: a disk with less that refuses a block is full."""


@dataclass(frozen=True)
class Blocks:
    """The blocks of one study in a folder, which one process at a time writes to.

    A name holds the first replicate, the one after the last, and the SHA-256 of the study and of all bytes of the file,
    so that a block that is torn, changed or another study's is noticed.

    Parameters
    ----------
    folder : Path
        Of the blocks alone.
    study : bytes
        Digest of the study's manifest.
    """

    folder: Path
    study: bytes

    def names(self) -> list[str]:
        """Return the names of blocks in order of replicate; other files are nobody's business here."""
        return sorted((p.name for p in self.folder.iterdir() if _NAME.fullmatch(p.name)), key=bounds)

    def read(self, name: str) -> Columns | None:
        """Return the columns of a block; nothing where the file is not the one that was written."""
        path = self.folder / name
        try:
            data = path.read_bytes()
        except OSError:
            return None
        if self._name(*bounds(name), data) != name:
            return None
        table: dict[str, Any] = self._db.execute("SELECT * FROM read_parquet(?)", [escape(str(path))]).fetchnumpy()
        columns = {n: np.ma.filled(c, np.nan) if np.ma.isMaskedArray(c) else c for n, c in table.items()}
        return checked(columns, np.arange(*bounds(name)))

    def add(self, block: Columns) -> None:
        """Write a block beside the others, through to the disk, and then give it its name in one step.

        Raises
        ------
        OSError
            Where the system refuses.
        """
        written = self.folder / WRITING
        self._write(block, written)
        numbers = block[REPLICATE]
        publish(written, self._name(int(numbers[0]), int(numbers[-1]) + 1, written.read_bytes()))

    def put_aside(self, name: str, folder: Path) -> None:
        """Move a damaged block to another folder, of which nothing is read.

        Raises
        ------
        OSError
            Where the system refuses.
        """
        folder.mkdir(exist_ok=True)
        (self.folder / name).replace(folder / name)
        sync(self.folder)

    def _name(self, first: int, stop: int, data: bytes) -> str:
        return f"{first:09d}-{stop:09d}-{hashlib.sha256(self.study + data).hexdigest()}.parquet"

    def _write(self, block: Columns, path: Path) -> None:
        import duckdb  # noqa: PLC0415 slow to load

        quoted = str(path).replace("'", "''")
        try:
            self._db.register("block", block)
            self._db.execute(f"COPY block TO '{quoted}' (FORMAT parquet)")
        except duckdb.Error as error:
            said = _ERRNO.search(str(error))
            full = shutil.disk_usage(self.folder).free < _ROOM
            number = int(said[1]) if said else errno.ENOSPC if full else errno.EIO
            raise OSError(number, os.strerror(number)) from None
        except RuntimeError as error:  # Ctrl-C as DuckDB passes it on
            raise KeyboardInterrupt from error

    @cached_property
    def _db(self) -> Any:
        return _database().cursor()


@cache
def _database() -> Any:
    import duckdb  # noqa: PLC0415 slow to load

    return duckdb.connect(config={"threads": 1, "autoinstall_known_extensions": "false"})


def bounds(name: str) -> tuple[int, int]:
    """Return the first replicate of a block, and the one after its last.

    Examples
    --------
    >>> bounds("000000500-000001000-" + 64 * "0" + ".parquet")
    (500, 1000)
    """
    first, stop, _ = name.split("-")
    return int(first), int(stop)


def publish(written: Path, name: str) -> None:
    """Give a file that is written its name, once its bytes are on the disk; what had the name is replaced.

    Raises
    ------
    OSError
        Where the system refuses.
    """
    with written.open("rb+") as file:
        os.fsync(file.fileno())
    written.replace(written.with_name(name))
    sync(written.parent)


def sync(folder: Path) -> None:
    """Put the names in a folder on the disk, where systems do that.

    Raises
    ------
    OSError
        Where the system refuses.
    """
    if os.name != "nt":
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)

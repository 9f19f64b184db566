"""Peers in other processes: R, and a Python of the user's own that has what this package does not depend on.

Each is a script that loads nothing until it is asked, reads a request a line, and answers a line: CPU seconds and
figures, or ``failed:`` and why. ``PYTHON_PEERS`` names the other Python; without it, it is this one.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np
from rounds import PeerError, Told

FOLDER = Path(__file__).parent
PYTHON = (
    "pingouin",
    "pyfixest",
    "bambi",
    "statsmodels",
    "linearmodels",
    "pandas",
    "polars",
    "pymc",
    "nutpie",
    "numpyro",
)
R = ("lme4", "glmmTMB", "estimatr", "did", "synthdid", "DeclareDesign")
"""Peers that are looked for, here or in the other Python, and in R."""

R_VERSIONS = """
cat("R", as.character(getRversion()), "\\n")
for (p in commandArgs(TRUE)) if (requireNamespace(p, quietly = TRUE)) cat(p, as.character(packageVersion(p)), "\\n")
"""
PYTHON_VERSIONS = """
import sys
from importlib.metadata import version, PackageNotFoundError
for p in sys.argv[1:]:
    try: print(p, version(p))
    except PackageNotFoundError: pass
"""


class Peer:
    """A script that is asked a line at a time; it starts when it is first asked, and ends with the `with` block."""

    def __init__(self, command: list[str]) -> None:
        self._command = command
        self._process: subprocess.Popen[str] | None = None

    def __call__(self, *words: object) -> Told:
        """Return the CPU seconds and the figures of a request."""
        process = self._process or self._started()
        try:
            print(*words, sep="\t", file=process.stdin, flush=True)
        except BrokenPipeError:
            raise PeerError(f"{Path(self._command[0]).name} has ended") from None
        line = process.stdout.readline().strip() if process.stdout else ""
        if not line or line.startswith("failed:"):
            raise PeerError(line.removeprefix("failed:").strip() or "it ended without an answer")
        seconds, *figures = (float(word) for word in line.split())
        return Told(seconds, np.array(figures))

    def _started(self) -> "subprocess.Popen[str]":
        if not shutil.which(self._command[0]):
            raise PeerError(f"not here: {Path(self._command[0]).name}")
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        return self._process

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process and self._process.stdin and self._process.stdout:
            with self._process as process:
                process.kill()


def r(script: Path, *arguments: object) -> Peer:
    """Return a peer in R."""
    return Peer(["Rscript", str(script), *map(str, arguments)])


def python() -> Peer:
    """Return the peers in another Python, which `python_peers.py` holds."""
    return Peer([other_python(), "-W", "ignore", str(FOLDER / "python_peers.py")])


def other_python() -> str:
    """Return the Python that PYTHON_PEERS names, or this one."""
    return os.environ.get("PYTHON_PEERS", sys.executable)


def columns(folder: str, name: str, table: Mapping[str, Any]) -> str:
    """Write columns for Python into a folder; return the file."""
    file = str(Path(folder) / f"{name}.npz")
    np.savez(file, **table)
    return file


def text(folder: str, name: str, table: Mapping[str, Any]) -> str:
    """Write whole numbers for R into a folder; return the file."""
    file = str(Path(folder) / f"{name}.csv")
    np.savetxt(file, np.column_stack(list(table.values())), "%d", ",", header=",".join(table), comments="")
    return file


def versions() -> dict[str, str]:
    """Return the version of every peer that is looked for, "not here" for one that is not."""
    found = dict.fromkeys(("R", *R, *PYTHON), "not here")
    for python_here in dict.fromkeys((other_python(), sys.executable)):  # this one last: its libraries are the peers
        found |= _told([python_here, "-c", PYTHON_VERSIONS, *PYTHON])
    if shutil.which("Rscript"):
        found |= _told(["Rscript", "-e", R_VERSIONS, *R])
    return found


def _told(command: list[str]) -> dict[str, str]:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return dict(line.split() for line in done.stdout.splitlines() if len(line.split()) == 2)

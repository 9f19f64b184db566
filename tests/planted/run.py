"""Plant faults one at a time in a copy of the tree, and count those that the named tests notice.

A patch names the tests to run, a file, the lines to take out (-) and those to put in (+). The lines have to
stand in the file once, wherever: patches survive edits about them. Run it as

    python tests/planted/run.py [part of a patch's name ...]
"""

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from functools import cache
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
COPIED = ("iom_causal", "tests", "examples", "docs", "pyproject.toml", "README.md")
ENOUGH = 50
"""How many of the faults have to be noticed."""
NOTICED, ALL_PASSED = 1, 0
"""What pytest ends with where a test fails, and where none does."""


class Fault(NamedTuple):
    """A fault to plant: its name, the tests that have to notice it, the file, and the lines of it."""

    name: str
    tests: str
    file: str
    old: str
    new: str

    def planted(self, text: str) -> str | None:
        """Return a file's text with the fault, or None where its lines do not stand in it once."""
        return text.replace(self.old, self.new) if text.count(self.old) == 1 else None


def faults() -> list[Fault]:
    """Return every fault that is kept."""
    return [_read(path) for path in sorted(HERE.glob("*.patch"))]


def _read(path: Path) -> Fault:
    lines = path.read_text(encoding="utf-8").splitlines()
    heads = dict(line.split(": ", 1) for line in lines if line[:1] not in "-+")
    old, new = ("".join(f"{line[1:]}\n" for line in lines if line[:1] == mark) for mark in "-+")
    return Fault(path.stem, heads["tests"], heads["file"], old, new)


def run(fault: Fault, tree: Path) -> str:
    """Plant a fault in a copy of the tree, run its tests, take it out, and say whether it was noticed.

    Its tests have to pass without it first: what fails anyway has noticed nothing.
    """
    file = tree / fault.file
    made = file.stat()
    text = file.read_text(encoding="utf-8")
    changed = fault.planted(text)
    if changed is None:
        return "does not apply"
    if (before := _sound(fault.tests, tree)) != ALL_PASSED:
        return f"its tests do not pass without it: pytest ended with {before}"
    file.write_text(changed, encoding="utf-8")
    try:
        ended = _tested(fault.tests, tree)
    finally:
        file.write_text(text, encoding="utf-8")
        os.utime(file, ns=(made.st_atime_ns, made.st_mtime_ns))  # else its kernels are compiled again
    return {NOTICED: "noticed", ALL_PASSED: "not noticed"}.get(ended, f"pytest ended with {ended}")


@cache
def _sound(tests: str, tree: Path) -> int:
    return _tested(tests, tree)


def _tested(tests: str, tree: Path) -> int:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *shlex.split(tests)]
    return subprocess.run(command, cwd=tree, env=_environment(tree), capture_output=True, check=False).returncode


def _environment(tree: Path) -> dict[str, str]:
    fixed = {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1", "OPENBLAS_NUM_THREADS": "1"}
    return {**os.environ, **fixed}


def copy(tree: Path) -> None:
    """Copy what the tests need; the working tree itself is never changed."""
    ignored = shutil.ignore_patterns("*.pyc", ".*")  # compiled kernels come along
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tree / name, ignore=ignored)
        else:
            shutil.copy2(source, tree / name)


def main(wanted: list[str]) -> int:
    """Run all faults, or those whose names hold one of the words, and return 0 where enough were noticed."""
    chosen = [f for f in faults() if not wanted or any(word in f.name for word in wanted)]
    found: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        tree.mkdir()
        copy(tree)
        for fault in chosen:
            came = run(fault, tree)
            found[came] += 1
            print(f"{fault.name}: {came}", flush=True)  # noqa: T201 a script prints
    print(f"{found['noticed']} of {len(chosen)} noticed")  # noqa: T201
    return 0 if found["noticed"] >= (len(chosen) if wanted else ENOUGH) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

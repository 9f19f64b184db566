"""Run all benchmarks, those in folders too, and print one table: ``python benchmarks/run.py [--json FILE] [NAME ...]``.

A benchmark is a module with a function ``rows()`` that returns dictionaries with the fields of `Row`.
Each measures its peer in the same run, in alternating rounds, so that the ratio survives a busy machine.
"""

import argparse
import importlib.util
import json
import platform
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Row:
    """One comparison: seconds for the same work, ours and the peer's, and how many times faster ours is."""

    work: str
    ours_seconds: float
    peer: str
    peer_seconds: float
    ratio: float
    note: str = ""

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.type is float and not (isinstance(value, (int, float)) and value >= 0):
                raise TypeError(f"{self.work}: {field.name} must be a number of at least 0, got {value!r}")
            if field.type is str and not isinstance(value, str):
                raise TypeError(f"{self.work}: {field.name} must be text, got {value!r}")


def modules(names: list[str]) -> Iterator[ModuleType]:
    """Load the benchmarks beside this file and in its folders, or those that are named, or whose folder is."""
    sys.path[:] = [str(FOLDER), *(entry for entry in sys.path if entry != str(FOLDER))]
    for path in sorted(FOLDER.rglob("*.py")):
        if path.stem == "run" or (names and not {path.stem, path.parent.name} & set(names)):
            continue
        spec = importlib.util.spec_from_file_location(f"benchmark_{path.stem}", path)
        if spec is None or spec.loader is None:
            continue
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        if hasattr(module, "rows"):
            yield module


def measure(names: list[str]) -> list[Row]:
    """Run the benchmarks and check every row."""
    return [Row(**row) for module in modules(names) for row in module.rows()]


def table(rows: list[Row]) -> str:
    """Return the rows as aligned text."""
    cells = [("work", "ours", "peer", "peer takes", "ratio", "note")]
    cells += [(r.work, _time(r.ours_seconds), r.peer, _time(r.peer_seconds), f"{r.ratio:,.1f}x", r.note) for r in rows]
    widths = [max(len(row[k]) for row in cells) for k in range(6)]
    return "\n".join("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in cells)


def machine() -> dict[str, str]:
    """Return what the figures were measured on."""
    packages = {name: version(name) for name in ("numpy", "scipy", "numba")}
    return {"python": platform.python_version(), "machine": platform.machine(), **packages}


def _time(seconds: float) -> str:
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= scale:
            return f"{seconds / scale:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", help="benchmarks to run; all by default")
    parser.add_argument("--json", type=Path, help="also write the rows to this file")
    options = parser.parse_args(arguments)
    rows = measure(options.names)
    print(table(rows))
    if options.json:
        document: dict[str, Any] = {"machine": machine(), "rows": [asdict(row) for row in rows]}
        options.json.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

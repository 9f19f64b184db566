"""Measure ours against other packages: ``python benchmarks/run.py [--json FILE] [--quick | --full] [NAME ...]``.

A benchmark is a module with a function ``rows()`` that yields dictionaries with the fields of `Row`; those in folders
count too. Each measures its peer in the same run, in alternating rounds, so that the ratio survives a busy machine. Its
sizes are constants of the module, of which QUICK and FULL hold others for ``--quick`` and ``--full``.
"""

import argparse
import importlib.util
import json
import os
import platform
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

FOLDER = Path(__file__).parent
CLOCKS = ("wall", "CPU")
SIZES = ("usual", "quick", "full")


@dataclass(frozen=True)
class Row:
    """One comparison: the same work, ours and the peer's, and how many times faster ours is.

    Attributes
    ----------
    work, peer : str
        What is done, and what else does it.
    ours_seconds : float
        Seconds of ours, the median of the rounds.
    peer_seconds, ratio, ratio_low, ratio_high : float or None
        The same of the peer; the median of the rounds' ratios, the least and the largest of them. None where the peer
        is not here or failed, or there is none; then the note says so.
    seconds : {"wall", "CPU"}
        What seconds they are.
    rounds : int
        How many alternating rounds.
    memory_mb, peer_memory_mb : float or None
        The most megabytes that Python and numpy held at once in one more call, by tracemalloc. What compiled code takes
        for itself is left out, and work in another process is not measured.
    agreement : float or None
        The largest relative difference between the answers; None where they answer different things.
    target : float or None
        The ratio that was asked for.
    note : str
        Anything else, above all why a ratio is less than its target.
    """

    work: str
    ours_seconds: float
    peer: str
    peer_seconds: float | None = None
    ratio: float | None = None
    ratio_low: float | None = None
    ratio_high: float | None = None
    seconds: str = "wall"
    rounds: int = 1
    memory_mb: float | None = None
    peer_memory_mb: float | None = None
    agreement: float | None = None
    target: float | None = None
    note: str = ""

    def __post_init__(self) -> None:
        for field in fields(self):
            value, kinds = getattr(self, field.name), get_args(field.type) or (field.type,)
            if value is None and type(None) in kinds:
                continue
            if str in kinds:
                if not isinstance(value, str):
                    raise TypeError(f"{self.work}: {field.name} must be text, got {value!r}")
            elif isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < float("inf"):
                raise TypeError(f"{self.work}: {field.name} must be a finite number of at least 0, got {value!r}")
        if self.seconds not in CLOCKS:
            raise TypeError(f"{self.work}: seconds must be one of {CLOCKS}, got {self.seconds!r}")
        if (self.ratio is None) != (self.peer_seconds is None) or (self.ratio is None and not self.note):
            raise TypeError(f"{self.work}: a peer has seconds and a ratio, or a note says why it has neither")
        if self.short and not self.note:
            raise TypeError(f"{self.work}: {self.ratio:.3g} of {self.target:.3g} needs a note that says why")

    @property
    def short(self) -> bool:
        """Whether the ratio is less than what was asked for."""
        return self.ratio is not None and self.target is not None and self.ratio < self.target


def modules(names: list[str], sizes: str = "usual") -> Iterator[ModuleType]:
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
            for name, value in getattr(module, sizes.upper(), {}).items():
                setattr(module, name, value)
            yield module


def measure(names: list[str], sizes: str = "usual") -> Iterator[Row]:
    """Run the benchmarks one row at a time, and check every row."""
    for module in modules(names, sizes):
        for row in module.rows():
            yield Row(**row)


def table(rows: list[Row]) -> str:
    """Return the rows as aligned text."""
    cells = [
        ("work", "ours", "peer", "peer takes", "ratio", "asked", "memory", "peer's", "apart", "note"),
        *map(_cells, rows),
    ]
    widths = [max(len(row[k]) for row in cells) for k in range(len(cells[0]))]
    return "\n".join("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in cells)


def _cells(r: Row) -> tuple[str, ...]:
    return (
        r.work,
        time_text(r.ours_seconds),
        r.peer,
        time_text(r.peer_seconds),
        ratio_text(r),
        "" if r.target is None else f"{r.target:,.3g}x",
        *("" if mb is None else f"{mb:.3g} MB" for mb in (r.memory_mb, r.peer_memory_mb)),
        "" if r.agreement is None else f"{r.agreement:.1g}",
        r.note,
    )


def ratio_text(row: Row) -> str:
    """Return the ratio, and its least and largest over rounds."""
    if row.ratio is None:
        return ""
    if row.ratio_low is None or row.ratio_high is None:
        return f"{_short(row.ratio)}x"
    return f"{_short(row.ratio)}x ({_short(row.ratio_low)} to {_short(row.ratio_high)})"


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def time_text(seconds: float | None) -> str:
    """Return seconds in a unit that suits them."""
    if seconds is None:
        return ""
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= scale:
            return f"{seconds / scale:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def machine(sizes: str) -> dict[str, Any]:
    """Return what the figures were measured on, in words, with the version of every peer that is looked for."""
    from peers import versions  # noqa: PLC0415 beside this file, which `modules` puts on the path

    return {
        "machine": f"{os.process_cpu_count() or 1} processors of kind {platform.machine()}, {platform.system()}",
        "load": round(os.getloadavg()[0], 1),
        "sizes": sizes,
        "python": platform.python_version(),
        **{name: version(name) for name in ("iom-causal", "numpy", "scipy", "numba")},
        "peers": versions(),
    }


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; what was measured is written even where a later row fails."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", help="benchmarks to run; all by default")
    parser.add_argument("--json", type=Path, help="also write the rows to this file")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", dest="sizes", action="store_const", const="quick", help="small sizes, few rounds")
    size.add_argument("--full", dest="sizes", action="store_const", const="full", help="the largest sizes: an hour")
    options = parser.parse_args(arguments)
    sizes, rows = options.sizes or "usual", []
    try:
        for row in measure(options.names, sizes):
            print(f"{row.work}: {ratio_text(row) or row.note}", file=sys.stderr, flush=True)
            rows.append(row)
    finally:
        print(table(rows))
        if options.json:
            document = {"measured_on": machine(sizes), "rows": [asdict(row) for row in rows]}
            options.json.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

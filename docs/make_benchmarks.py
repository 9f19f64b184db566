"""Write docs/benchmarks.md from benchmarks/results.json: ``python -m docs.make_benchmarks`` after a run with --json."""

import json
from pathlib import Path
from typing import Any

from benchmarks.run import Row, ratio_text, time_text

PAGE = Path(__file__).with_name("benchmarks.md")
RESULTS = Path(__file__).parents[1] / "benchmarks" / "results.json"
HEAD = """# Benchmarks

The same work by this package and by another, in turns, on one machine. The ratio is how many times longer the other
takes: the median of the rounds, with the least and the largest of them. Under 1, ours takes longer.

Measured on {machine}, which others used at the same time (load {load}): ratios of CPU seconds survive that, absolute
times are those of a busy machine. *Asked* is the ratio that was set as an aim, mostly from a bare kernel; where less
was reached, the ratio is in bold and the note says why. *Apart* is the largest relative difference of the answers; it
is empty where the two answer different things, as where each draws its own numbers. *Memory* is the most that Python
and numpy held at once for one call, by tracemalloc: what compiled code takes for itself is left out, and so is work in
another process.

{short}

To measure it anew: `python benchmarks/run.py --json benchmarks/results.json`, then `python -m docs.make_benchmarks`. A
peer that is not here costs its own row alone.
"""
COLUMNS = ("work", "ours", "peer", "peer takes", "clock", "ratio", "asked", "memory, ours / peer's", "apart", "note")


def page() -> str:
    """Return the page."""
    found = json.loads(RESULTS.read_text(encoding="utf-8"))
    on, rows = found["measured_on"], [Row(**row) for row in found["rows"]]
    asked = [row for row in rows if row.target is not None and row.ratio is not None]
    short = [row for row in asked if row.short]
    words = f"Of {len(asked)} ratios that were asked for and measured, {len(asked) - len(short)} are reached."
    return "\n".join(
        [
            HEAD.format(machine=on["machine"], load=on["load"], short=words),
            *_table(COLUMNS, map(_cells, rows)),
            "\n## Versions\n",
            *_table(("package", "version"), _versions(on)),
            "",
        ]
    )


def _cells(row: Row) -> tuple[str, ...]:
    memory = [("-" if mb is None else f"{mb:.3g}") for mb in (row.memory_mb, row.peer_memory_mb)]
    ratio = ratio_text(row)
    return (
        row.work,
        time_text(row.ours_seconds),
        row.peer,
        time_text(row.peer_seconds),
        row.seconds,
        f"**{ratio}**" if row.short else ratio,
        "" if row.target is None else f"{row.target:,.3g}x" if row.target < 1e3 else f"{row.target:,.0f}x",
        "" if memory == ["-", "-"] else f"{memory[0]} / {memory[1]} MB",
        "" if row.agreement is None else f"{row.agreement:.0e}" if row.agreement else "0",
        row.note,
    )


def _versions(on: dict[str, Any]) -> list[tuple[str, str]]:
    ours = [(name, on[name]) for name in ("python", "iom-causal", "numpy", "scipy", "numba")]
    return ours + list(on["peers"].items())


def _table(head: tuple[str, ...], rows: Any) -> list[str]:
    lines = [head, ("---",) * len(head), *rows]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

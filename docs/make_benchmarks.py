"""Write docs/benchmarks.md from benchmarks/results.json: ``python -m docs.make_benchmarks`` after a run with --json."""

import json
from pathlib import Path
from typing import Any

from benchmarks.run import Row, ratio_text, time_text

PAGE = Path(__file__).with_name("benchmarks.md")
RESULTS = Path(__file__).parents[1] / "benchmarks" / "results.json"
HEAD = """# Benchmarks

Each row sets something that this package does beside a peer, in turns, on one machine. The ratio is how many times
longer the peer takes: the median of the rounds, with the least and the largest of them. Under 1, ours takes longer.
There are three tables: of peers that do [the same work](#the-same-work), of peers that do [other work](#other-work),
and of this package [beside itself](#ours-beside-ours).

Measured on {machine}, which others used at the same time (load {load}): ratios of CPU seconds survive that, absolute
times are those of a busy machine. Seconds are of CPU, or where *wall* stands, of the clock. *Rounds* is how often each
was measured, from {least} to {most}: the fewer, the less the range says. *Asked* is the ratio that was set as an aim,
mostly from a bare kernel; where less was reached, the ratio is in bold and the note says why. *Apart* is the largest
relative difference of the answers; it is empty where the two answer different things, as where each draws its own
numbers. *Memory* is the most megabytes that Python and numpy held at once for one call, ours / the other's, by
tracemalloc: what compiled code takes for itself is left out, and so is work in another process.

{short}

To measure it anew: `python benchmarks/run.py --json benchmarks/results.json`, then `python -m docs.make_benchmarks`. A
peer that is not here costs its own row alone.
"""
COLUMNS = ("work", "ours", "peer", "peer takes", "ratio", "rounds", "asked", "memory", "apart", "note")
SAME, OTHER, OURS = "The same work", "Other work", "Ours beside ours"
ABOUT = {
    SAME: (
        "The two answer the same question; where both do so from the same data, *apart* says how far their answers "
        "differ."
    ),
    OTHER: (
        "The two do not do the same: a grid beside a sampler, other priors or another frailty, a peer that does less, "
        "or another package being loaded. The ratio says how long one waits for each, and not which is better written."
    ),
    OURS: "The peer is this package as well, in another way or of another size, or there is none.",
}
"""The tables, in order, each with what its rows have in common."""
OF_OURS = (
    *("one thread", "each on its own", "every total's programme", "none", "the ledger alone"),
    *("the kernel interpreted", "the same of", "loop of replace", "loop over ledgers"),
)
"""How peers begin that are this package."""
OF_OTHERS = (
    *("nutpie", "numpyro", "bambi", "import ", "base R loop", "DeclareDesign", "R synthdid"),
    *("numpy, month by month", "plain Python loop", "numpy and scipy ttest_rel", "glmmTMB, whose frailty"),
)
"""How peers begin that do other work."""
MORE_OF_OURS = ("paired t, interval, 9 effect sizes",)
"""How work begins of which every peer does a part alone."""


def page() -> str:
    """Return the page."""
    found = json.loads(RESULTS.read_text(encoding="utf-8"))
    on, rows = found["measured_on"], [Row(**row) for row in found["rows"]]
    asked = [row for row in rows if row.target is not None and row.ratio is not None]
    short = [row for row in asked if row.short]
    words = f"Of {len(asked)} ratios that were asked for and measured, {len(asked) - len(short)} are reached."
    rounds = [row.rounds for row in rows if row.ratio is not None]
    head = HEAD.format(machine=on["machine"], load=on["load"], short=words, least=min(rounds), most=max(rounds))
    sections = [_section(kind, [row for row in rows if kind_of(row) == kind]) for kind in ABOUT]
    return "\n".join([head, *sections, "## Versions\n", *_table(("package", "version"), _versions(on)), ""])


def kind_of(row: Row) -> str:
    """Return the table in which a row stands."""
    if row.peer.startswith(OF_OURS):
        return OURS
    return OTHER if row.peer.startswith(OF_OTHERS) or row.work.startswith(MORE_OF_OURS) else SAME


def _section(kind: str, rows: list[Row]) -> str:
    notes = list(dict.fromkeys(row.note for row in rows if row.note))
    lines = _table(COLUMNS, (_cells(row, notes) for row in rows))
    below = [f"{at}. {note}" for at, note in enumerate(notes, 1)]
    return "\n".join([f"## {kind}\n", f"{ABOUT[kind]}\n", ":::{div} figures", *lines, ":::\n", "Notes:\n", *below, ""])


def _cells(row: Row, notes: list[str]) -> tuple[str, ...]:
    memory = [
        ("-" if mb is None else f"{mb:,.3g}" if mb < 1e3 else f"{mb:,.0f}")
        for mb in (row.memory_mb, row.peer_memory_mb)
    ]
    ratio, wall = ratio_text(row), " wall" if row.seconds == "wall" else ""
    return (
        row.work,
        time_text(row.ours_seconds) + wall,
        row.peer,
        "" if row.peer_seconds is None else time_text(row.peer_seconds) + wall,
        f"**{ratio}**" if row.short else ratio,
        "" if row.ratio is None else str(row.rounds),
        "" if row.target is None else f"{row.target:,.3g}x" if row.target < 1e3 else f"{row.target:,.0f}x",
        "" if memory == ["-", "-"] else " / ".join(memory),
        "" if row.agreement is None else f"{row.agreement:.0e}" if row.agreement else "0",
        str(notes.index(row.note) + 1) if row.note else "",
    )


def _versions(on: dict[str, Any]) -> list[tuple[str, str]]:
    ours = [(name, on[name]) for name in ("python", "iom-causal", "numpy", "scipy", "numba")]
    return ours + list(on["peers"].items())


def _table(head: tuple[str, ...], rows: Any) -> list[str]:
    lines = [head, ("---",) * len(head), *rows]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

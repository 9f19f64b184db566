"""Seconds that importing the package adds to starting Python, against importing a peer."""

import subprocess
import sys
from statistics import median
from time import perf_counter
from typing import Any

ROUNDS = 7
PEERS = ("scipy.stats", "statsmodels.api", "pandas")


def rows() -> list[dict[str, Any]]:
    """Measure each import in a fresh interpreter, in alternating rounds."""
    _seconds("import iom_causal")
    return [_row(peer) for peer in PEERS]


def _row(peer: str) -> dict[str, Any]:
    times = []
    for _ in range(ROUNDS):
        bare, ours, theirs = (_seconds(code) for code in ("pass", "import iom_causal", f"import {peer}"))
        times.append((max(ours - bare, 0.0), max(theirs - bare, 0.0)))
    return {
        "work": "import iom_causal",
        "ours_seconds": median(a for a, _ in times),
        "peer": f"import {peer}",
        "peer_seconds": median(b for _, b in times),
        "ratio": median(b / max(a, 1e-4) for a, b in times),
        "note": f"beyond a bare interpreter, median of {ROUNDS} alternating rounds",
    }


def _seconds(code: str) -> float:
    start = perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return perf_counter() - start

"""Seconds that importing the package, or its first help, adds to starting Python, against importing a peer."""

import subprocess
import sys
from collections.abc import Iterator
from time import perf_counter
from typing import Any

from rounds import PeerError, Told, in_rounds

ROUNDS = 5
QUICK = {"ROUNDS": 1}
PEERS = ("scipy.stats", "statsmodels.api", "pandas")
HELP = "from iom_causal.cli import main; main(['--help'], standalone_mode=False)"
LEAST = 1e-5
"""Seconds below which the difference of two starts of Python is nothing but noise."""


def rows() -> Iterator[dict[str, Any]]:
    """Measure each in a fresh interpreter, beyond a bare one, in alternating rounds."""
    for work, code in (("import iom_causal", "import iom_causal"), ("iom-causal --help", HELP)):
        _seconds(code)
        for peer in PEERS:
            yield in_rounds(
                work,
                lambda code=code: _beyond(code),
                f"import {peer}",
                lambda peer=peer: _beyond(f"import {peer}"),
                rounds=ROUNDS,
                seconds="wall",
                note="beyond a bare interpreter" + ("; it loads no numpy" if _loads_nothing(code) else ""),
            )


def _beyond(code: str) -> Told:
    bare = _seconds("pass")
    return Told(max(_seconds(code) - bare, LEAST))


def _seconds(code: str) -> float:
    start = perf_counter()
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True)
    if done.returncode:
        raise PeerError(f"not here: {code}")
    return perf_counter() - start


def _loads_nothing(code: str) -> bool:
    asked = f"import sys; {code}; sys.exit('numpy' in sys.modules)"
    return subprocess.run([sys.executable, "-c", asked], check=False, capture_output=True).returncode == 0

"""Reader of the stored reference values: mpmath with 50 digits, kept with their tolerances."""

import json
from pathlib import Path

DOCUMENT = json.loads((Path(__file__).parent / "numerical_reference.json").read_text(encoding="utf-8"))


def entries(group, start=""):
    """Return (inputs, value) of one group whose id starts with `start`, by id."""
    chosen = [e for e in DOCUMENT["entries"] if e["group"] == group and e["id"].startswith(start)]
    assert chosen, f"no reference values in {group} starting with {start!r}"
    return {e["id"]: (e["inputs"], float(e["value"])) for e in chosen}


def tolerance(group):
    """Return the relative tolerance of a group."""
    return float(DOCUMENT["tolerances"][group])

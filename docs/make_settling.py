"""Write the stored diagnosis behind "What would settle it": run it after changing its designs or the simulator.

``python docs/make_settling.py [FOLDER]`` takes about a quarter of an hour on two cores; with a folder, the same command
goes on after a stop.
"""

import sys
from dataclasses import replace
from pathlib import Path

from iom_causal.base.output import versions
from iom_causal.designs import diagnose, settling_designs
from iom_causal.designs.design import Design
from iom_causal.designs.library.stored_settling import FILE, SettlingRow, SettlingTable, settling_rows
from iom_causal.protocol.scenario import load_scenario

STUDY, SEED, SIMS = "sleath-brown-2017", 1, 2_000
SIZES, RATIOS = (60, 225, 500), (1.0, 0.8)
FIRST = {60: 100, 225: 24, 500: 10}
"""The first replicates, by size, of which a slow test makes the figures again."""
POOL = 110
"""People of a force for one place: the rule selects about one in a hundred."""
TARGET = Path(__file__).parents[1] / "iom_causal" / "designs" / "library" / FILE


def designs(people: int, ratio: float) -> dict[str, Design]:
    """Return the designs at a size; scores, which nothing reads, and what only they and custody need are left out."""
    careers = replace(load_scenario(STUDY).careers, score=None, drop_out=None, burn_in_months=0)
    return settling_designs(careers, people=people, ratio=ratio, pool=POOL * people)


def rows(people: int, ratio: float, *, sims: int = SIMS, store: Path | None = None) -> tuple[SettlingRow, ...]:
    """Diagnose the designs at a size, and count: over all replicates, and over the first of them."""
    found = diagnose(designs(people, ratio), sims=sims, seed=SEED, store=store, resume=store is not None)
    return settling_rows(found, people=people, ratio=ratio, first=[FIRST[people]] if sims > FIRST[people] else [])


def main(folder: str = "") -> None:
    """Diagnose every size and write the table."""
    every: list[SettlingRow] = []
    for people in SIZES:
        for ratio in RATIOS:
            store = Path(folder) / f"{people}-{ratio}" if folder else None
            every += rows(people, ratio, store=store)
    made = versions("iom-causal", "numpy", "scipy", "numba")
    TARGET.write_text(SettlingTable(STUDY, SEED, SIMS, made, tuple(every)).text(), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])

"""One group, and difference in differences with every comparison cohort, in worlds with each confound.

``python benchmarks/designs/comparison_cohorts.py [--sims 2000] [--to docs]`` writes every performance measure to
comparison_cohorts.csv, and what the estimates are of the truth, with coverage, to comparison_cohorts.md.
"""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from platform import python_version
from time import perf_counter

import numpy as np
import pandas as pd

from iom_causal.designs import comparison_designs, diagnose
from iom_causal.designs.diagnosis import DiagnosedAnswer, Diagnosis
from iom_causal.designs.library_cohorts import CONFOUNDS

SIMS, SEED = 2_000, 15
WORLDS: Mapping[str, Sequence[str]] = {
    "no confound": (),
    **{name: (name,) for name in CONFOUNDS},
    "all together": tuple(CONFOUNDS),
}
"""Confounds at work beside regression to the mean, which is there in all: people are selected for the most events."""
COLUMNS = ("world", "design", "estimator", "estimand", "read_as", "measure", "value", "mcse", "n", "reason")
NAME = "comparison_cohorts"


def diagnosed(sims: int, *, people: int, pool: int, ratio: float) -> dict[str, Diagnosis]:
    """Diagnose all designs in all worlds with one seed, so that worlds differ in their confounds alone."""
    found = {}
    for world, confounds in WORLDS.items():
        start = perf_counter()
        designs = comparison_designs(people=people, pool=pool, ratio=ratio, confounds=confounds)
        found[world] = diagnose(designs, sims=sims, seed=SEED)
        print(f"{world}: {perf_counter() - start:.0f} s", file=sys.stderr)
    return found


def every_measure(found: Mapping[str, Diagnosis]) -> pd.DataFrame:
    """Return all performance measures, a row each, with the world's name."""
    return pd.concat([d.tidy().assign(world=world)[list(COLUMNS)] for world, d in found.items()], ignore_index=True)


def page(found: Mapping[str, Diagnosis], about: str) -> str:
    """Return the page: estimates as multiples of the truth, and coverage."""
    return "\n".join(
        [
            "# Designs with a comparison cohort, in worlds with each confound",
            "",
            about,
            "",
            "## Estimate over truth",
            "",
            "The geometric mean over the replicates; at .8 a programme that does nothing is said to have cut a fifth.",
            "",
            *_table(found, _multiple),
            "",
            "## Coverage of the 95% interval",
            "",
            *_table(found, _coverage),
            "",
        ]
    )


def _table(found: Mapping[str, Diagnosis], cell: Callable[[DiagnosedAnswer], str]) -> list[str]:
    designs = [a.design for a in next(iter(found.values())).answers]
    lines = [f"| world | {' | '.join(designs)} |", f"| --- |{' ---: |' * len(designs)}"]
    lines += [f"| {world} | {' | '.join(cell(a) for a in d.answers)} |" for world, d in found.items()]
    return lines


def _multiple(answer: DiagnosedAnswer) -> str:
    return f"{np.exp(answer.figures['distance'].value):.3f}"


def _coverage(answer: DiagnosedAnswer) -> str:
    return f"{answer.figures['coverage'].value:.1%}"


def _about(found: Mapping[str, Diagnosis], sims: int, *, people: int, pool: int, ratio: float) -> str:
    worst = max(a.figures["distance"].mcse for d in found.values() for a in d.answers)
    tools = ", ".join(f"{name} {version(name)}" for name in ("iom-causal", "numpy", "scipy"))
    return f"""\
Made by `benchmarks/designs/{NAME}.py` with {sims:,} replicates, seed {SEED},
{tools}, Python {python_version()}: the {people} people of {pool:,} with the most events in the
window before are managed, with a ratio of {ratio:g}; a second force has no programme. The lottery and the waiting list
manage half as many. A placebo date has a truth of 1. The truth is of recorded events: what management does to detection
and to breaches is part of it. Every measure, with its Monte Carlo error, is in `{NAME}.csv`; that of an estimate over
the truth is at most {worst:.4f}."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the study and write both files."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("sims", SIMS), ("people", 150), ("pool", 1500)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--ratio", type=float, default=0.8)
    parser.add_argument("--to", type=Path, default=Path(__file__).parents[2] / "docs")
    given = parser.parse_args(arguments)
    sizes = {"people": given.people, "pool": given.pool, "ratio": given.ratio}
    found = diagnosed(given.sims, **sizes)
    every_measure(found).to_csv(given.to / f"{NAME}.csv", index=False, float_format="%.6g")
    (given.to / f"{NAME}.md").write_text(page(found, _about(found, given.sims, **sizes)), encoding="utf-8")


if __name__ == "__main__":
    main()

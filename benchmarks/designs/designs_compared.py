"""Every comparison cohort with every estimator that takes it, and every design of the library, in worlds of confounds.

``python benchmarks/designs/designs_compared.py [--sims 200] [--slow-sims 50] [--store FOLDER] [--to docs]`` writes
every performance measure to designs_compared.csv, and what the estimates are of the truth, with coverage, to
designs_compared.md. With a folder, the same command goes on after a stop.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from platform import python_version
from time import perf_counter

import numpy as np
import pandas as pd

from iom_causal.designs import Design, comparison_designs, diagnose, processes
from iom_causal.designs.diagnosis import DiagnosedAnswer, Diagnosis
from iom_causal.designs.library import designs_with_a_comparison
from iom_causal.estimators import Ancova, DiffInDiff, EventStudy, Matched
from iom_causal.roles import Batched, Estimator

SIMS, SLOW_SIMS, SEED = 200, 50, 16
ALL = ("ageing", "custody", "detection", "history", "season")
WORLDS: Mapping[str, Sequence[str]] = {
    "no confound": (),
    "history": ("history",),
    "season": ("season",),
    "all together": ALL,
}
"""Confounds at work beside regression to the mean, which is there wherever people are selected."""
SIZES: Mapping[str, int] = {"people": 150, "pool": 1500}
"""Of the comparison cohorts; the designs of the library have their own."""
COHORTS = ("next below", "matched on history", "historical", "neighbouring force", "lottery")
ESTIMATORS: Mapping[str, Estimator] = {
    "differences": DiffInDiff(),
    "covariance": Ancova(family="poisson"),
    "event study": EventStudy(bands="pointwise"),
    "matched on age": Matched(covariates="age"),
}
COLUMNS = ("world", "design", "data", "estimator", "estimand", "measure", "value", "mcse", "n", "reason")
NAME = "designs_compared"

type Found = Mapping[str, Sequence[Diagnosis]]
"""Diagnoses of the designs of each world."""


def cohorts(confounds: Sequence[str]) -> dict[str, Design]:
    """Return a design for each comparison cohort, with every estimator."""
    designs = comparison_designs(**SIZES, confounds=confounds)
    return {name: replace(designs[name], estimators=ESTIMATORS) for name in COHORTS}


def diagnosed(
    what: str,
    of: Callable[[Sequence[str]], Mapping[str, Design]],
    sims: Mapping[str, int],
    *,
    at_once: int,
    store: Path | None,
) -> Found:
    """Diagnose designs in every world, each in a folder of its own; what has no kernel has fewer replicates."""
    found: dict[str, list[Diagnosis]] = {}
    for world, confounds in WORLDS.items():
        named = of(confounds)
        loops = {name: d for name, d in named.items() if not all(isinstance(e, Batched) for e in d.estimators.values())}
        kernels = {name: d for name, d in named.items() if name not in loops}
        for kind, designs in (("kernels", kernels), ("loops", loops)):
            start = perf_counter()
            if designs:
                made = diagnose(
                    designs,
                    sims=sims[kind],
                    seed=SEED,
                    executor=processes(at_once) if kind == "loops" and at_once else None,
                    store=None if store is None else store / f"{what}, {world}, {kind}",
                    resume=store is not None,
                )
                found.setdefault(world, []).append(made)
                print(f"{what}, {world}, {kind}: {perf_counter() - start:.0f} s", file=sys.stderr)
    return found


def every_measure(*several: Found) -> pd.DataFrame:
    """Return all performance measures, a row each, with the world's name."""
    parts = [
        d.tidy().assign(world=world)[list(COLUMNS)] for found in several for world, made in found.items() for d in made
    ]
    return pd.concat(parts, ignore_index=True)


def page(of_cohorts: Found, of_library: Found, about: str) -> str:
    """Return the page: estimates as multiples of the truth, and coverage, of cohorts and of the library's designs."""
    parts = (("Comparison cohorts", of_cohorts), ("Designs of the library", of_library))
    sections = [
        [f"## {title}: {what}", "", *_table(found, cell), ""]
        for title, found in parts
        for what, cell in (("estimate over truth", _multiple), ("coverage of the 95% interval", _coverage))
    ]
    return "\n".join(["# Designs compared", "", about, "", *(line for lines in sections for line in lines)])


def _table(found: Found, cell: Callable[[DiagnosedAnswer], str]) -> list[str]:
    cells: dict[str, dict[str, str]] = {}
    for world, made in found.items():
        for head, text in _cells(made, cell):
            cells.setdefault(head, {})[world] = text
    lines = [f"| design | {' | '.join(found)} |", f"| --- |{' ---: |' * len(found)}"]
    return lines + [f"| {head} | {' | '.join(row.get(w, 'refuses') for w in found)} |" for head, row in cells.items()]


def _cells(made: Sequence[Diagnosis], cell: Callable[[DiagnosedAnswer], str]) -> Iterator[tuple[str, str]]:
    for one in made:
        for answer in one.answers:
            yield f"{answer.design}: {answer.estimator}", cell(answer)


def _multiple(answer: DiagnosedAnswer) -> str:
    value, error, *_ = answer.figures["distance"]
    if value is None or error is None:
        return "a set"
    return f"{np.exp(value):.3f} ({np.exp(value) * error:.3f})"


def _coverage(answer: DiagnosedAnswer) -> str:
    value, error, *_ = answer.figures["coverage"]
    return "no interval" if value is None or error is None else f"{value:.1%} ({error:.1%})"


def _about(sims: int, slow: int) -> str:
    tools = ", ".join(f"{name} {version(name)}" for name in ("iom-causal", "numpy", "scipy"))
    return f"""\
Made by `benchmarks/designs/{NAME}.py`, seed {SEED}, {tools},
Python {python_version()}. Each cell is of {sims:,} simulated studies, or {slow:,} where the design has an estimator
without a kernel; its Monte Carlo error is in brackets. The programme's ratio is .8 in all worlds: an estimate over
truth of .9 says that it cut 28% where it cut 20%. People were selected for their events before unless the design says
otherwise, so that regression to the mean is in every world. Cohorts and what each gets wrong: `iom_causal.simulate`;
designs: `iom_causal.designs.library`, each scored against its own estimand. Every measure is in `{NAME}.csv`."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the study and write both files."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("sims", SIMS), ("slow-sims", SLOW_SIMS), ("processes", 2)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--store", type=Path)
    parser.add_argument("--to", type=Path, default=Path(__file__).parents[2] / "docs")
    given = parser.parse_args(arguments)
    how = {"at_once": given.processes, "store": given.store}
    sims = {"kernels": given.sims, "loops": given.slow_sims}
    of_cohorts = diagnosed("cohorts", cohorts, sims, **how)
    of_library = diagnosed("library", _library, sims, **how)
    every_measure(of_cohorts, of_library).to_csv(given.to / f"{NAME}.csv", index=False, float_format="%.6g")
    about = _about(given.sims, given.slow_sims)
    (given.to / f"{NAME}.md").write_text(page(of_cohorts, of_library, about), encoding="utf-8")


def _library(confounds: Sequence[str]) -> Mapping[str, Design]:
    return designs_with_a_comparison(confounds=confounds)


if __name__ == "__main__":
    main()

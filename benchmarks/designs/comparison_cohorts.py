"""One group, and difference in differences with every comparison cohort, in worlds with each confound.

``python benchmarks/designs/comparison_cohorts.py [--sims 2000] [--slow-sims 200] [--to docs]`` writes every
performance measure to comparison_cohorts.csv, and what the estimates are of the truth, with coverage, to
comparison_cohorts.md. What has no kernel (ledgers, the verdict of an evaluation) has fewer replicates, over two
processes, in worlds where people are selected by a cut; with ``--cohorts-only`` its figures stay as the file has them.
"""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from platform import python_version
from time import perf_counter

import numpy as np
import pandas as pd

from iom_causal.analysis.rehearsal.verdict import Verdict
from iom_causal.designs import Design, comparison_designs, diagnose, processes
from iom_causal.designs.diagnosis import Diagnosis
from iom_causal.designs.library.worlds import CONFOUNDS, FORCE_SD, comparison_world
from iom_causal.estimators import RateRatio
from iom_causal.ledger import Ledger
from iom_causal.simulate import BeforeAfter, att_ratio
from iom_causal.windows import Selection

SIMS, SLOW_SIMS, SEED = 2_000, 200, 15
CUT = 6.0
LEDGERS: Mapping[str, str] = {
    "ledger, rates last": "picked-on-count",
    "ledger, rates drift": "picked-on-count-drifting",
    "ledger, some stop": "picked-on-count-and-stopping",
}
"""Ledgers of what is without a programme, by what their evidence set holds of people's rates."""
VERDICT = "verdict"
WORLDS: Mapping[str, Sequence[str]] = {
    "no confound": (),
    **{name: (name,) for name in CONFOUNDS},
    "all together": tuple(CONFOUNDS),
}
"""Confounds at work beside regression to the mean, which is there in all: people are selected for the most events."""
_ALONE = """\
People with {:g} or more events in the window before are managed; {:,} replicates. How often the interval, of a set that
around it, holds the programme's ratio; and how often it leaves no room for a programme that does nothing."""
COLUMNS = ("world", "design", "estimator", "estimand", "read_as", "measure", "value", "mcse", "n", "reason")
NAME = "comparison_cohorts"
ALONE = "one group, by a cut"


def diagnosed(sims: int, *, people: int, pool: int, ratio: float) -> dict[str, Diagnosis]:
    """Diagnose all designs in all worlds with one seed, so that worlds differ in their confounds alone."""
    found = {}
    for world, confounds in WORLDS.items():
        start = perf_counter()
        designs = comparison_designs(people=people, pool=pool, ratio=ratio, confounds=confounds)
        found[world] = diagnose(designs, sims=sims, seed=SEED)
        print(f"{world}: {perf_counter() - start:.0f} s", file=sys.stderr)
    return found


def one_group(sims: int, at_once: int, *, people: int, pool: int, ratio: float) -> dict[str, Diagnosis]:
    """Diagnose ledgers and the verdict of an evaluation on one group that was selected by a cut, in all worlds."""
    found = {}
    rule = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=CUT)
    for world, confounds in WORLDS.items():
        start = perf_counter()
        careers = comparison_world(people=people, pool=pool, ratio=ratio, confounds=confounds)
        careers = replace(careers, enrolment=replace(careers.enrolment, selection=rule, noise=0.0))
        answers = {name: Ledger.from_evidence(evidence) for name, evidence in LEDGERS.items()} | {VERDICT: Verdict()}
        design = Design(careers, att_ratio, {"one group": BeforeAfter()}, {"the change itself": RateRatio()} | answers)
        pool_of = processes(at_once) if at_once else None
        found[world] = diagnose({ALONE: design}, sims=sims, seed=SEED, executor=pool_of)
        print(f"{world}, one group: {perf_counter() - start:.0f} s", file=sys.stderr)
    return found


def every_measure(found: Mapping[str, Diagnosis]) -> pd.DataFrame:
    """Return all performance measures, a row each, with the world's name."""
    return pd.concat([d.tidy().assign(world=world)[list(COLUMNS)] for world, d in found.items()], ignore_index=True)


def page(cohorts: pd.DataFrame, alone: pd.DataFrame, about: str) -> str:
    """Return the page: estimates as multiples of the truth, and coverage; then what one group can say by itself."""
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
            *_table(cohorts, "design", _multiple),
            "",
            "## Coverage of the 95% interval",
            "",
            *_table(cohorts, "design", _coverage),
            "",
            "## One group alone: ledgers, and the verdict of an evaluation",
            "",
            _ALONE.format(CUT, int(alone["n"].max())),
            "",
            *_table(alone, "estimator", _held),
            "",
        ]
    )


type Figures = Mapping[str, float]


def _table(rows: pd.DataFrame, heads: str, cell: Callable[[Figures], str]) -> list[str]:
    """Return a line a world and a column a design or estimator, each in the order in which it comes."""
    names = list(dict.fromkeys(rows[heads]))
    lines = [f"| world | {' | '.join(names)} |", f"| --- |{' ---: |' * len(names)}"]
    for world in dict.fromkeys(rows["world"]):
        here = rows[rows["world"] == world]
        measured = [here[here[heads] == name].set_index("measure")["value"] for name in names]
        lines.append(f"| {world} | {' | '.join(cell(one) for one in measured)} |")
    return lines


def _multiple(figures: Figures) -> str:
    return f"{np.exp(figures['distance']):.3f}"


def _coverage(figures: Figures) -> str:
    return f"{figures['coverage']:.1%}"


def _held(figures: Figures) -> str:
    holds, finds = figures["coverage"], figures["power"]
    return "no answer" if np.isnan(holds) or np.isnan(finds) else f"{holds:.0%} / {finds:.0%}"


def _about(cohorts: pd.DataFrame, sims: int, *, people: int, pool: int, ratio: float) -> str:
    worst = cohorts.loc[cohorts["measure"] == "distance", "mcse"].max()
    tools = ", ".join(f"{name} {version(name)}" for name in ("iom-causal", "numpy", "scipy"))
    return f"""\
Made by `benchmarks/designs/{NAME}.py` with {sims:,} replicates, seed {SEED},
{tools}, Python {python_version()}: the {people} people of {pool:,} with the most events in the
window before are managed, with a ratio of {ratio:g}; a second force has no programme. The lottery and the waiting list
manage half as many. "Before" is all that lies before, two windows, of which the rule read the later one; the
historical cohort and the placebo date have that one alone, in which regression to the mean is larger than in both.
How strongly, and with how much chance, people are selected decides what each cohort is worth: another world orders
them otherwise. A placebo date has a truth of 1. The truth is of recorded events: what management does to detection
and to breaches is part of it. What happens to one force alone on the index date, with an SD of {FORCE_SD:g} of the log
rate, is in no interval from people of two forces: the neighbouring force covers less for it. Every measure, with its
Monte Carlo error, is in `{NAME}.csv`; that of an estimate over the truth is at most {worst:.4f}."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the study and write both files."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("sims", SIMS), ("slow-sims", SLOW_SIMS), ("processes", 2), ("people", 150), ("pool", 1500)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--ratio", type=float, default=0.8)
    parser.add_argument("--cohorts-only", action="store_true")
    parser.add_argument("--to", type=Path, default=Path(__file__).parents[2] / "docs")
    given = parser.parse_args(arguments)
    sizes = {"people": given.people, "pool": given.pool, "ratio": given.ratio}
    cohorts = every_measure(diagnosed(given.sims, **sizes))
    if given.cohorts_only:
        kept = pd.read_csv(given.to / f"{NAME}.csv")
        alone = kept[kept["design"] == ALONE]
    else:
        alone = every_measure(one_group(given.slow_sims, given.processes, **sizes))
    pd.concat([cohorts, alone]).to_csv(given.to / f"{NAME}.csv", index=False, float_format="%.6g")
    about = _about(cohorts, given.sims, **sizes)
    (given.to / f"{NAME}.md").write_text(page(cohorts, alone, about), encoding="utf-8")


if __name__ == "__main__":
    main()

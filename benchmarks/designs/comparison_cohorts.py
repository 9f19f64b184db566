"""One group, and difference in differences with every comparison cohort, in worlds with each confound.

``python benchmarks/designs/comparison_cohorts.py [--sims 2000] [--slow-sims 200] [--to docs]`` writes every
performance measure to comparison_cohorts.csv, and what the estimates are of the truth, with coverage, to
comparison_cohorts.md. What has no kernel (ledgers, the verdict of an evaluation) has fewer replicates, over two
processes, in worlds where people are selected by a cut.
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
from iom_causal.designs.diagnosis import DiagnosedAnswer, Diagnosis
from iom_causal.designs.library.worlds import CONFOUNDS, comparison_world
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
        found[world] = diagnose({"one group, by a cut": design}, sims=sims, seed=SEED, executor=pool_of)
        print(f"{world}, one group: {perf_counter() - start:.0f} s", file=sys.stderr)
    return found


def every_measure(*several: Mapping[str, Diagnosis]) -> pd.DataFrame:
    """Return all performance measures, a row each, with the world's name."""
    parts = [d.tidy().assign(world=world)[list(COLUMNS)] for found in several for world, d in found.items()]
    return pd.concat(parts, ignore_index=True)


def page(found: Mapping[str, Diagnosis], alone: Mapping[str, Diagnosis], about: str) -> str:
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
            *_table(found, _multiple),
            "",
            "## Coverage of the 95% interval",
            "",
            *_table(found, _coverage),
            "",
            "## One group alone: ledgers, and the verdict of an evaluation",
            "",
            _ALONE.format(CUT, next(iter(alone.values())).sims),
            "",
            *_table(alone, _held, _answer),
            "",
        ]
    )


def _design(answer: DiagnosedAnswer) -> str:
    return answer.design


def _answer(answer: DiagnosedAnswer) -> str:
    return answer.estimator


def _table(
    found: Mapping[str, Diagnosis],
    cell: Callable[[DiagnosedAnswer], str],
    head: Callable[[DiagnosedAnswer], str] = _design,
) -> list[str]:
    designs = [head(a) for a in next(iter(found.values())).answers]
    lines = [f"| world | {' | '.join(designs)} |", f"| --- |{' ---: |' * len(designs)}"]
    lines += [f"| {world} | {' | '.join(cell(a) for a in d.answers)} |" for world, d in found.items()]
    return lines


def _multiple(answer: DiagnosedAnswer) -> str:
    return f"{np.exp(answer.figures['distance'].value):.3f}"


def _coverage(answer: DiagnosedAnswer) -> str:
    return f"{answer.figures['coverage'].value:.1%}"


def _held(answer: DiagnosedAnswer) -> str:
    holds, finds = (answer.figures[name].value for name in ("coverage", "power"))
    return f"{holds:.0%} / {finds:.0%}" if holds is not None and finds is not None else "no answer"


def _about(found: Mapping[str, Diagnosis], sims: int, *, people: int, pool: int, ratio: float) -> str:
    worst = max(a.figures["distance"].mcse for d in found.values() for a in d.answers)
    tools = ", ".join(f"{name} {version(name)}" for name in ("iom-causal", "numpy", "scipy"))
    return f"""\
Made by `benchmarks/designs/{NAME}.py` with {sims:,} replicates, seed {SEED},
{tools}, Python {python_version()}: the {people} people of {pool:,} with the most events in the
window before are managed, with a ratio of {ratio:g}; a second force has no programme. The lottery and the waiting list
manage half as many. "Before" is all that lies before, two windows, of which the rule read the later one; the
historical cohort and the placebo date have that one alone, in which regression to the mean is larger than in both.
How strongly, and with how much chance, people are selected decides what each cohort is worth: another world orders
them otherwise. A placebo date has a truth of 1. The truth is of recorded events: what management does to detection
and to breaches is part of it. Every measure, with its Monte Carlo error, is in `{NAME}.csv`; that of an estimate over
the truth is at most {worst:.4f}."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the study and write both files."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("sims", SIMS), ("slow-sims", SLOW_SIMS), ("processes", 2), ("people", 150), ("pool", 1500)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--ratio", type=float, default=0.8)
    parser.add_argument("--to", type=Path, default=Path(__file__).parents[2] / "docs")
    given = parser.parse_args(arguments)
    sizes = {"people": given.people, "pool": given.pool, "ratio": given.ratio}
    found = diagnosed(given.sims, **sizes)
    alone = one_group(given.slow_sims, given.processes, **sizes)
    every_measure(found, alone).to_csv(given.to / f"{NAME}.csv", index=False, float_format="%.6g")
    (given.to / f"{NAME}.md").write_text(page(found, alone, _about(found, given.sims, **sizes)), encoding="utf-8")


if __name__ == "__main__":
    main()

"""A before/after design of two counts, 225 people and three estimators: ours, a base R loop and DeclareDesign.

The model has no selection, which ours draws at no cost and R would have to draw by rejection. CPU seconds of one
replicate, measures included. R's rows need Rscript, and DeclareDesign's need DeclareDesign and estimatr.
"""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
from rounds import in_rounds

from iom_causal.designs import Design
from iom_causal.designs.replicates import Replicates
from iom_causal.estimators import PairedT, PoissonFixedEffects, RateRatio
from iom_causal.simulate import BeforeAfter, TwoWindowCounts, att_difference, att_ratio
from iom_causal.windows import YEAR

OURS, LOOPED, DECLARED, ROUNDS = 20_000, 2_000, 50, 9
SCRIPT = Path(__file__).with_suffix(".R")
MODEL = TwoWindowCounts(people=225, rate=4.5, spread=0.65, reliability=0.75, ratio=0.8)
DESIGN = Design(
    MODEL, [att_ratio, att_difference], {"one group": BeforeAfter()}, [PairedT(), RateRatio(), PoissonFixedEffects()]
)
WORK = "before/after of 225 people, paired t, rate ratio, fixed-effects Poisson, a replicate"


def rows() -> list[dict[str, Any]]:
    """Measure ours and each peer in alternating rounds."""
    if not shutil.which("Rscript"):
        return []
    with _r() as (version, ask):
        row = partial(in_rounds, WORK, lambda: ours(OURS)[0], rounds=ROUNDS)
        peers = [("base R loop with t.test", lambda: ask(f"loop {LOOPED}")[0])]
        if version != "none":
            peers.append((f"DeclareDesign {version} + lm_robust", lambda: ask(f"declare {DECLARED}")[0]))
        ours(OURS)
        return [row(name, theirs) for name, theirs in peers]


def ours(sims: int, seed: int = 1) -> list[float]:
    """Return CPU seconds a replicate; bias, coverage and power of the change and of the log ratio."""
    begun = process_time()
    found = Replicates({"": DESIGN}, seed)(np.arange(sims))
    mean = MODEL.rate * float(MODEL.windows[0].days or 0) / YEAR
    change = MODEL.treated.mean_post - mean
    truths = {"PairedT": change, "RateRatio": np.log(MODEL.ratio), "PoissonFixedEffects": np.log(MODEL.ratio)}
    figures = {name: _judged(found, name, float(truth)) for name, truth in truths.items()}
    spent = process_time() - begun
    return [spent / sims, *figures["PairedT"], *figures["RateRatio"]]


def _judged(found: dict[str, Any], name: str, truth: float) -> list[float]:
    columns = [found[f"/answer/one group/{name}/{k}"] for k in ("estimate", "conf_low", "conf_high", "p_value")]
    estimate, low, high = columns[:3] if name == "PairedT" else (np.log(c) for c in columns[:3])
    shares = ((low <= truth) & (truth <= high), columns[3] < 0.05)
    return [float(estimate.mean()) - truth, *(float(share.mean()) for share in shares)]


@contextmanager
def _r() -> Iterator[tuple[str, Callable[[str], list[float]]]]:
    before, after = (float(w.days or 0) for w in MODEL.windows)
    settings = (MODEL.people, MODEL.rate * before / YEAR, MODEL.spread, MODEL.reliability, after / before, MODEL.ratio)
    command = [shutil.which("Rscript") or "Rscript", str(SCRIPT), *map(repr, settings)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("no pipes to R")
        version = process.stdout.readline().strip()

        def ask(line: str) -> list[float]:
            print(line, file=process.stdin, flush=True)
            return [float(figure) for figure in process.stdout.readline().split()]

        yield version, ask
        process.stdin.close()


if __name__ == "__main__":
    with _r() as (found, asked):
        for who, figures in (("ours", ours(OURS)), ("base R", asked("loop 4000")), (found, asked("declare 200"))):
            print(who, *(f"{figure:.5g}" for figure in figures))
    sys.exit(0)

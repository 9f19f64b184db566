"""A before/after design of two counts, 225 people and three estimators: ours, a base R loop and DeclareDesign.

Once nobody is selected, and once as the paper's people may have been: of a hundred people less than one, which ours
draws at no cost and R by rejection. CPU seconds of one replicate, measures included. R's rows need Rscript, and
DeclareDesign's need DeclareDesign and estimatr.
"""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
from rounds import in_rounds

from iom_causal.designs import Design, published_design
from iom_causal.designs.replicates import Replicates
from iom_causal.estimators import PairedT, PoissonFixedEffects, RateRatio
from iom_causal.simulate import BeforeAfter, TwoWindowCounts, att_difference, att_ratio
from iom_causal.windows import YEAR

OURS, LOOPED, DECLARED, ROUNDS = 20_000, 300, 40, 7
SCRIPT = Path(__file__).with_suffix(".R")
MODELS = {
    "nobody selected": TwoWindowCounts(people=225, rate=4.5, spread=0.65, reliability=0.75, ratio=0.8),
    "selected as in the paper": published_design().model,
}
ESTIMATORS = (PairedT(), RateRatio(), PoissonFixedEffects())
WORK = "before/after of 225 people, paired t, rate ratio, fixed-effects Poisson, a replicate"


def rows() -> list[dict[str, Any]]:
    """Measure ours and each peer in alternating rounds."""
    if not shutil.which("Rscript"):
        return []
    return [row for name, model in MODELS.items() for row in _rows_of(name, model)]


def _rows_of(name: str, model: TwoWindowCounts) -> Iterator[dict[str, Any]]:
    with _r(model) as (version, ask):
        row = partial(in_rounds, f"{WORK}, {name}", lambda: ours(model, OURS)[0], rounds=ROUNDS)
        ours(model, OURS)
        yield row("base R loop with t.test", lambda: ask(f"loop {LOOPED}")[0])
        if version != "none":
            yield row(f"DeclareDesign {version} + lm_robust", lambda: ask(f"declare {DECLARED}")[0])


def ours(model: TwoWindowCounts, sims: int, seed: int = 1) -> list[float]:
    """Return CPU seconds a replicate; bias, coverage and power of the change and of the log ratio."""
    design = Design(model, [att_ratio, att_difference], {"one group": BeforeAfter()}, list(ESTIMATORS))
    begun = process_time()
    found = Replicates({"": design}, seed)(np.arange(sims))
    truths = _truths(model)
    figures = [_judged(found, type(e).__name__, truths[type(e) is not PairedT]) for e in ESTIMATORS]
    spent = process_time() - begun
    return [spent / sims, *figures[0], *figures[1]]


def _truths(model: TwoWindowCounts) -> tuple[float, float]:
    """Return the change that is expected, and the log of the ratio: the design's own targets."""
    m = model.treated
    return m.mean_post - m.mean_pre, float(np.log(model.untreated_ratio * model.ratio))


def _judged(found: dict[str, Any], name: str, truth: float) -> list[float]:
    columns = [found[f"/answer/one group/{name}/{k}"] for k in ("estimate", "conf_low", "conf_high", "p_value")]
    estimate, low, high = columns[:3] if name == "PairedT" else (np.log(c) for c in columns[:3])
    shares = ((low <= truth) & (truth <= high), columns[3] < 0.05)
    return [float(estimate.mean()) - truth, *(float(share.mean()) for share in shares)]


@contextmanager
def _r(model: TwoWindowCounts) -> Iterator[tuple[str, Callable[[str], list[float]]]]:
    before, after = (float(w.days or 0) for w in model.windows)
    population = (
        model.people,
        model.rate * before / YEAR,
        model.spread,
        model.reliability,
        after / before,
        model.ratio,
    )
    rule = ("-Inf" if model.cut is None else model.cut, model.softness, model.share)
    settings = [str(v) for v in (*population, *rule, *_truths(model))]
    with subprocess.Popen(
        [shutil.which("Rscript") or "Rscript", str(SCRIPT), *settings],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("no pipes to R")
        version = process.stdout.readline().strip()

        def ask(line: str) -> list[float]:
            print(line, file=process.stdin, flush=True)
            return [float(figure) for figure in process.stdout.readline().split()]

        yield version, ask
        process.stdin.close()


def agree() -> None:
    """Print seconds, and bias, coverage and power of the change and of the log ratio, by each."""
    for name, model in MODELS.items():
        with _r(model) as (version, ask):
            measured = {"ours": ours(model, OURS), "base R": ask("loop 1000"), version: ask("declare 200")}
        for who, figures in measured.items():
            print(name, who, *(f"{figure:.5g}" for figure in figures))


if __name__ == "__main__":
    agree()

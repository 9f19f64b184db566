"""A before/after design of two counts, 225 people and three estimators: ours, loops in R and DeclareDesign.

Once nobody is selected, and once as the paper's people may have been: of a hundred people less than one, which ours
draws at no cost and R by rejection. CPU seconds of one replicate, measures included.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
from peers import Peer, r
from rounds import PeerError, Told, in_rounds

from iom_causal.designs import Design, published_design
from iom_causal.designs.replicates import Replicates
from iom_causal.estimators import PairedT, PoissonFixedEffects, RateRatio
from iom_causal.simulate import BeforeAfter, TwoWindowCounts, att_difference, att_ratio
from iom_causal.windows import YEAR

OURS, LOOPED, DECLARED, ROUNDS = 20_000, 300, 40, 7
QUICK = {"OURS": 500, "LOOPED": 10, "DECLARED": 2, "ROUNDS": 1}
SCRIPT = Path(__file__).with_suffix(".R")
MODELS = {
    "nobody selected": TwoWindowCounts(people=225, rate=4.5, spread=0.65, reliability=0.75, ratio=0.8),
    "selected as in the paper": published_design().model,
}
ESTIMATORS = (PairedT(), RateRatio(), PoissonFixedEffects())
WORK = "before/after of 225 people, paired t, rate ratio, fixed-effects Poisson, a replicate"


def rows() -> Iterator[dict[str, Any]]:
    """Measure ours and each peer in alternating rounds; each draws its own cohorts, so that no answers are to agree."""
    for name, model in MODELS.items():
        with _r(model) as ask:
            work = partial(ours, model, OURS)
            row = partial(in_rounds, f"{WORK}, {name}", lambda work=work: Told(work()[0]), rounds=ROUNDS)
            asked = (141.0, 5323.0) if name == "nobody selected" else (None, None)
            yield row("base R loop with t.test", partial(ask, "loop", LOOPED), target=asked[0], note=THREE)
            yield row("base R loop with lm_robust", partial(ask, "robust", LOOPED), note=THREE)
            yield row("DeclareDesign + lm_robust", partial(ask, "declare", DECLARED), target=asked[1], note=THREE)


THREE = (
    "asked of a paired t of counts alone; ours draws both potential outcomes and has three estimators with limits and "
    "codes; its largest part, the fixed-effects fit, is a seventh"
)


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


def _r(model: TwoWindowCounts) -> Peer:
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
    return r(SCRIPT, *population, *rule, *_truths(model))


def agree() -> None:
    """Print seconds, and bias, coverage and power of the change and of the log ratio, by each that is here."""
    for name, model in MODELS.items():
        print(name, "ours", *(f"{figure:.5g}" for figure in ours(model, OURS)))
        for who, sims in (("loop", 1000), ("robust", 1000), ("declare", 200)):
            with _r(model) as ask:
                try:
                    told = ask(who, sims)
                except PeerError as error:
                    print(name, who, error)
                    continue
            print(name, who, *(f"{figure:.5g}" for figure in (told.seconds, *told.answer)))


if __name__ == "__main__":
    agree()

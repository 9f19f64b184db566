"""Memory of a hundred thousand replicates of 225 people: ours works in cells, a peer holds all of them at once.

Each draws its own cohorts from the same population, tests pairs, and keeps an estimate, limits and a p-value of each.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from designs.two_windows import MODELS
from rounds import in_rounds
from scipy import stats

from iom_causal.designs import Design
from iom_causal.designs.replicates import Replicates
from iom_causal.estimators import PairedT
from iom_causal.simulate import BeforeAfter, att_difference
from iom_causal.windows import YEAR

REPLICATES, ROUNDS = 100_000, 3
QUICK = {"REPLICATES": 2_000, "ROUNDS": 1}
MODEL = MODELS["nobody selected"]


def rows() -> Iterator[dict[str, Any]]:
    """Measure both in alternating rounds, and what each holds at most."""
    row = in_rounds(
        f"a paired t of {REPLICATES:,} simulated cohorts of {MODEL.people}",
        cells,
        "numpy and scipy ttest_rel(axis=1), all at once",
        at_once,
        rounds=ROUNDS,
    )
    less = row["peer_memory_mb"] / row["memory_mb"]
    note = f"asked of memory, 119 times less: {less:.0f} times less is held; ours has both potential outcomes and codes"
    yield row | {"note": note}


def cells() -> Any:
    """Return what a design keeps of its replicates."""
    design = Design(MODEL, [att_difference], {"one group": BeforeAfter()}, [PairedT()])
    return Replicates({"": design}, 1)(np.arange(REPLICATES))


def at_once() -> Any:
    """Return the same by whole arrays of decimals."""
    rng = np.random.default_rng(1)
    correlated = [[1.0, MODEL.reliability], [MODEL.reliability, 1.0]]
    logs = rng.multivariate_normal([0.0, 0.0], correlated, (REPLICATES, MODEL.people)) * MODEL.spread
    days = np.array([float(w.days or 0) for w in MODEL.windows]) * [1.0, MODEL.ratio]
    mean = MODEL.rate * days / YEAR
    counts = rng.poisson(np.exp(logs - MODEL.spread**2 / 2) * mean).astype(float)
    found = stats.ttest_rel(counts[..., 1], counts[..., 0], axis=1)
    interval = found.confidence_interval()
    return counts.mean(1) @ [-1.0, 1.0], found.pvalue, interval.low, interval.high

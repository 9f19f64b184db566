"""Paired statistics of 10,000 datasets of 225 people, against loops and axes of scipy."""

from functools import partial
from typing import Any

import numpy as np
from rounds import in_rounds
from scipy import optimize, stats

from iom_causal.estimators import PairedT
from iom_causal.numerics import LEVEL
from iom_causal.numerics.inference.effect_sizes import effect_sizes
from iom_causal.numerics.inference.noncentral_t import noncentrality_limits
from iom_causal.numerics.inference.paired import paired_t
from iom_causal.numerics.inference.paired_moments import paired_moments
from iom_causal.panel import Panel

DATASETS, PEOPLE, ROUNDS = 10_000, 225, 15
LOOPED = 150  # datasets in the slow loops, scaled up


def rows() -> list[dict[str, Any]]:
    """Measure ours and each peer in alternating rounds."""
    counts = _datasets()
    before, after = (np.ascontiguousarray(counts[..., k], dtype=float) for k in (0, 1))
    panel = Panel.from_arrays(counts, name="arrests")

    def everything() -> None:
        m = paired_moments(counts)
        paired_t(m, level=LEVEL)
        effect_sizes(m, level=LEVEL)

    def loop() -> None:
        for i in range(LOOPED):
            stats.ttest_rel(after[i], before[i])

    def axis() -> None:
        stats.ttest_rel(after, before, axis=1)

    def root_finding() -> None:
        for i in range(LOOPED // 10):
            _limits_by_root_finding(float(8 + i / 10))

    for warm in (everything, loop, axis, root_finding):
        warm()
    row = partial(in_rounds, rounds=ROUNDS)
    work = "paired t, interval, 9 effect sizes with limits, 10,000 datasets of 225"
    return [
        row(work, everything, "loop over scipy ttest_rel (t and p only)", loop, shares=(1, DATASETS / LOOPED)),
        row(work, everything, "scipy ttest_rel(axis=1) (t and p only)", axis),
        row("PairedT().batch on a panel of them", lambda: PairedT().batch(panel), "scipy ttest_rel(axis=1)", axis),
        row(
            "one noncentral-t interval, without a table",
            lambda: noncentrality_limits(11.64, 224, LEVEL),
            "brentq on scipy.stats.nct.cdf",
            root_finding,
            shares=(1, 10 / LOOPED),
        ),
    ]


def _datasets() -> np.ndarray:
    rng = np.random.default_rng(20121101)
    rate = rng.gamma(2.3, 1 / 2.3, (DATASETS, PEOPLE))
    pairs = rng.poisson(rate[..., None] * [6.84, 3.61])
    return np.minimum(pairs, 255).astype(np.uint8)


def _limits_by_root_finding(t: float) -> tuple[float, float]:
    low, high = (
        optimize.brentq(lambda d, area=area: stats.nct.cdf(t, 224, d) - area, t - 8, t + 8) for area in (0.975, 0.025)
    )
    return low, high

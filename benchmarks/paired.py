"""Paired statistics of 10,000 datasets of 225 people, against loops and axes of scipy."""

from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
from scipy import optimize, stats

from iom_causal.estimators import PairedT
from iom_causal.numerics import LEVEL
from iom_causal.numerics.effect_sizes import effect_sizes
from iom_causal.numerics.noncentral_t import noncentrality_limits
from iom_causal.numerics.paired import paired_t
from iom_causal.numerics.paired_moments import paired_moments
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

    everything()
    work = "paired t, interval, 9 effect sizes with limits, 10,000 datasets of 225"
    return [
        _row(work, everything, "loop over scipy ttest_rel (t and p only)", loop, DATASETS / LOOPED),
        _row(work, everything, "scipy ttest_rel(axis=1) (t and p only)", axis, 1.0),
        _row(
            "PairedT().batch on a panel of them", lambda: PairedT().batch(panel), "scipy ttest_rel(axis=1)", axis, 1.0
        ),
        _row(
            "one noncentral-t interval, without a table",
            lambda: noncentrality_limits(11.64, 224, LEVEL),
            "brentq on scipy.stats.nct.cdf",
            root_finding,
            10 / LOOPED,
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


def _row(work: str, ours: Callable[[], Any], peer: str, theirs: Callable[[], Any], scale: float) -> dict[str, Any]:
    ours()
    theirs()
    times = [(_seconds(ours), scale * _seconds(theirs)) for _ in range(ROUNDS)]
    return {
        "work": work,
        "ours_seconds": median(a for a, _ in times),
        "peer": peer,
        "peer_seconds": median(b for _, b in times),
        "ratio": median(b / a for a, b in times),
        "note": f"median of {ROUNDS} alternating rounds",
    }


def _seconds(work: Callable[[], Any]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start

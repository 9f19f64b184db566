"""Simulated cohorts of 225 people with their estimates, against numpy's generator with scipy's tests."""

from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
from scipy import stats

from iom_causal.numerics.pair_moments import PairMoments
from iom_causal.numerics.pair_sampler import pair_sums, pair_table
from iom_causal.numerics.paired import t_statistic
from iom_causal.numerics.paired_moments import moments_from_sums
from iom_causal.numerics.soft_selection import fit_at_ratio
from iom_causal.streams import Streams

COHORTS, PEOPLE, ROUNDS = 10_000, 225, 7
BLOCK, LOOPED = 500, 100  # of the slow peers, scaled up
PRINTED = PairMoments(6.84, 4.75, 3.61, 3.66, 0.5355)


def rows() -> list[dict[str, Any]]:
    """Measure ours and each peer in alternating rounds."""
    law = fit_at_ratio(PRINTED).law()
    table = pair_table(law.pmf)
    keys = Streams(1).keys("benchmark", np.arange(COHORTS))
    rng = np.random.default_rng(1)
    flat, width = law.pmf.ravel(), law.pmf.shape[1]

    def ours() -> None:
        m = moments_from_sums(pair_sums(table, keys, PEOPLE))
        t_statistic(m), np.log(m.mean_after / m.mean_before)

    def drawn(cohorts: int) -> tuple[np.ndarray, np.ndarray]:
        return np.divmod(rng.choice(flat.size, (cohorts, PEOPLE), p=flat), width)

    def axis() -> None:
        before, after = drawn(BLOCK)
        stats.ttest_rel(after, before, axis=1), np.log(after.sum(1) / before.sum(1))

    def loop() -> None:
        for before, after in zip(*drawn(LOOPED), strict=True):
            stats.ttest_rel(after, before), np.log(after.sum() / before.sum())

    work = f"draw {COHORTS:,} cohorts of {PEOPLE} picked people, paired t and ratio of totals"
    return [
        _row(work, ours, "numpy choice on the same law + scipy ttest_rel(axis=1)", axis, COHORTS / BLOCK),
        _row(work, ours, "numpy choice on the same law + loop over scipy ttest_rel", loop, COHORTS / LOOPED),
    ]


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
        "note": f"median of {ROUNDS} alternating rounds; {1e6 * median(a for a, _ in times) / COHORTS:.2f} us a cohort",
    }


def _seconds(work: Callable[[], Any]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start

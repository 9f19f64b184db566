"""Simulated cohorts of 225 people with their estimates, against numpy's generator with scipy's tests."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from rounds import in_rounds
from scipy import stats

from iom_causal.numerics.inference.paired import t_statistic
from iom_causal.numerics.inference.paired_moments import moments_from_sums
from iom_causal.numerics.pairs.alias_sampler import pair_sums, pair_table
from iom_causal.numerics.pairs.moment_matching import fit_at_ratio
from iom_causal.numerics.pairs.moments import PairMoments
from iom_causal.streams import Streams

COHORTS, PEOPLE, ROUNDS = 10_000, 225, 7
BLOCK, LOOPED = 500, 100  # of the slow peers, scaled up
QUICK = {"COHORTS": 1000, "ROUNDS": 1, "BLOCK": 50, "LOOPED": 10}
PRINTED = PairMoments(6.84, 4.75, 3.61, 3.66, 0.5355)


def rows() -> Iterator[dict[str, Any]]:
    """Measure ours and each peer in alternating rounds."""
    joint = fit_at_ratio(PRINTED).joint_pmf()
    table = pair_table(joint.pmf)
    keys = Streams(1).keys("benchmark", np.arange(COHORTS))
    rng = np.random.default_rng(1)
    flat, width = joint.pmf.ravel(), joint.pmf.shape[1]

    def ours() -> None:
        m = moments_from_sums(pair_sums(table, keys, PEOPLE))
        t_statistic(m), np.log(m.mean_post / m.mean_pre)

    def drawn(cohorts: int) -> tuple[np.ndarray, np.ndarray]:
        return np.divmod(rng.choice(flat.size, (cohorts, PEOPLE), p=flat), width)

    def axis() -> None:
        before, after = drawn(BLOCK)
        stats.ttest_rel(after, before, axis=1), np.log(after.sum(1) / before.sum(1))

    def loop() -> None:
        for before, after in zip(*drawn(LOOPED), strict=True):
            stats.ttest_rel(after, before), np.log(after.sum() / before.sum())

    work = f"draw {COHORTS:,} cohorts of {PEOPLE} picked people, paired t and ratio of totals"
    for peer, theirs, n, target in (
        ("scipy ttest_rel(axis=1)", axis, BLOCK, 36),
        ("loop over scipy ttest_rel", loop, LOOPED, 354),
    ):
        row = in_rounds(
            work,
            ours,
            f"numpy choice on the same law + {peer}",
            theirs,
            rounds=ROUNDS,
            shares=(1, COHORTS / n),
            target=target,
        )
        yield row | {"note": f"{1e6 * row['ours_seconds'] / COHORTS:.2f} us a cohort; both draw their own"}

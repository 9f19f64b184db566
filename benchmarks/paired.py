"""Paired statistics of 10,000 datasets of 225 people, against loops and axes of scipy, statsmodels and pingouin."""

from collections.abc import Iterator
from functools import partial
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from peers import columns, python
from rounds import in_rounds
from scipy import optimize, special, stats

from iom_causal.estimators import PairedT
from iom_causal.numerics import LEVEL
from iom_causal.numerics.inference.effect_sizes import effect_size, effect_sizes
from iom_causal.numerics.inference.noncentral_t import noncentrality_limits
from iom_causal.numerics.inference.paired import paired_t, t_statistic
from iom_causal.numerics.inference.paired_moments import paired_moments
from iom_causal.panel import Panel

DATASETS, PEOPLE, ROUNDS = 10_000, 225, 7
LOOPED = 150  # datasets in the slow loops, scaled up
QUICK = {"DATASETS": 500, "ROUNDS": 1, "LOOPED": 20}


def rows() -> Iterator[dict[str, Any]]:
    """Measure ours and each peer in alternating rounds."""
    counts = _datasets()
    before, after = (np.ascontiguousarray(counts[..., k], dtype=float) for k in (0, 1))
    panel = Panel.from_arrays(counts, name="arrests")
    moments = paired_moments(counts)
    t = t_statistic(moments)

    def everything() -> Any:
        m = paired_moments(counts)
        effect_sizes(m, level=LEVEL)
        return paired_t(m, level=LEVEL).statistic

    def loop() -> list[float]:
        return [stats.ttest_rel(after[i], before[i]).statistic for i in range(LOOPED)]

    def with_intervals() -> list[float]:
        from statsmodels.stats.weightstats import DescrStatsW  # noqa: PLC0415 a peer

        found = [DescrStatsW(after[i] - before[i]) for i in range(LOOPED)]
        return [d.ttest_mean()[0] for d in found if d.tconfint_mean()]

    def axis() -> Any:
        return stats.ttest_rel(after, before, axis=1).statistic

    def by_root() -> np.ndarray:
        return np.array([_limits_by_root_finding(float(x)) for x in t[: LOOPED // 10]]) / PEOPLE**0.5

    def by_inverse() -> np.ndarray:
        found = [special.nctdtrinc(PEOPLE - 1, area, t[:LOOPED]) for area in (1 - (1 - LEVEL) / 2, (1 - LEVEL) / 2)]
        return np.stack(found, axis=-1) / PEOPLE**0.5

    def dz() -> np.ndarray:
        found = effect_size(moments, "dz", level=LEVEL)
        return np.stack([found.conf_low, found.conf_high], axis=-1)

    row = partial(in_rounds, rounds=ROUNDS)
    work = f"paired t, interval, 9 effect sizes with limits, {DATASETS:,} datasets of {PEOPLE}"
    scaled, same = (1, DATASETS / LOOPED), (lambda mine: mine[:LOOPED], lambda theirs: theirs)
    yield row(work, everything, "loop over scipy ttest_rel", loop, shares=scaled, answers=same, target=773, note=WIDER)
    yield row(
        work,
        everything,
        "loop over statsmodels DescrStatsW",
        with_intervals,
        shares=scaled,
        answers=same,
        target=219,
        note=WIDER,
    )
    with python() as ask, TemporaryDirectory() as folder:
        file = columns(folder, "pairs", {"before": before[:LOOPED], "after": after[:LOOPED]})
        yield row(
            work,
            everything,
            "loop over pingouin ttest",
            lambda: ask("ttest", file),
            shares=scaled,
            answers=same,
            target=4248,
            note=WIDER,
        )
    yield row(work, everything, "scipy ttest_rel(axis=1)", axis, answers=same[1:] * 2, target=8.1, note=WIDER)
    yield row(
        "PairedT().batch on a panel of them",
        lambda: PairedT().batch(panel),
        "scipy ttest_rel(axis=1)",
        axis,
        answers=(lambda mine: mine.statistic, same[1]),
        note="with the checks and columns of a result",
    )
    work = f"limits of d_z from the noncentral t, {DATASETS:,} datasets"
    for peer, theirs, n, target in (
        ("brentq on scipy.stats.nct.cdf", by_root, LOOPED // 10, 2600),
        ("scipy.special.nctdtrinc", by_inverse, LOOPED, 78),
    ):
        yield row(
            work,
            dz,
            peer,
            theirs,
            shares=(1, DATASETS / n),
            answers=(lambda mine, n=n: mine[:n], same[1]),
            target=target,
            note=TABLE,
        )
    yield row(
        "one noncentral-t interval, without a table",
        lambda: noncentrality_limits(11.64, PEOPLE - 1, LEVEL),
        "brentq on scipy.stats.nct.cdf",
        lambda: _limits_by_root_finding(11.64),
        answers=(same[1], same[1]),
    )


WIDER = "the peer gives t and p, and statsmodels and pingouin an interval; ours nine effect sizes with limits besides"
TABLE = "ours by a table for one number of people, made once"


def _datasets() -> np.ndarray:
    rng = np.random.default_rng(20121101)
    rate = rng.gamma(2.3, 1 / 2.3, (DATASETS, PEOPLE))
    pairs = rng.poisson(rate[..., None] * [6.84, 3.61])
    return np.minimum(pairs, 255).astype(np.uint8)


def _limits_by_root_finding(t: float) -> tuple[float, float]:
    low, high = (
        optimize.brentq(lambda d, area=area: stats.nct.cdf(t, PEOPLE - 1, d) - area, t - 8, t + 8, xtol=1e-10)
        for area in (1 - (1 - LEVEL) / 2, (1 - LEVEL) / 2)
    )
    return low, high

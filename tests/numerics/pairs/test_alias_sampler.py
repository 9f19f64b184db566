"""Pairs drawn by alias tables: cells, moments and estimates of the cohorts, and memory."""

import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from scipy import stats

from iom_causal.errors import InputError, NotIdentifiedError
from iom_causal.numerics.inference.paired import paired_t, t_statistic
from iom_causal.numerics.inference.paired_moments import moments_from_sums, paired_moments
from iom_causal.numerics.pairs import joint_pmf as pl
from iom_causal.numerics.pairs.alias_sampler import drawn_pairs, pair_sums, pair_table
from iom_causal.numerics.pairs.lognormal import lognormal_joint_pmf, selected_moments
from iom_causal.streams import Streams

WORLD = (1.5, 0.744, 0.756, 12.57, 3.98)
RARE = 1e-4
"""Chance that a right sampler is called wrong."""


def joint_of(mean, log_sd, correlation, cut, softness, ratio=1.0):
    return lognormal_joint_pmf([mean, mean * ratio], [log_sd] * 2, correlation, pl.probit_rule(cut, softness))


def keys(size, role="test"):
    return Streams(7).keys(role, np.arange(size))


def chi_square(seen, pmf, people):
    expected = people * pmf
    common = expected >= 10
    e = np.append(expected[common], expected[~common].sum())
    o = np.append(seen[common], seen[~common].sum())
    return stats.chi2.sf(((o - e) ** 2 / e).sum(), len(e) - 1)


def test_cohorts_have_the_cells_of_the_joint_pmf():
    joint = joint_of(*WORLD)
    pairs = drawn_pairs(pair_table(joint.pmf), keys(1000), 100).reshape(-1, 2)
    seen = np.zeros(joint.pmf.shape)
    np.add.at(seen, (pairs[:, 0], pairs[:, 1]), 1)
    assert chi_square(seen, joint.pmf, len(pairs)) > RARE
    other = np.zeros(joint.pmf.shape)
    near = joint_of(*WORLD[:3], 12.0, 3.98).pmf[: other.shape[0], : other.shape[1]]
    other[: near.shape[0], : near.shape[1]] = near
    assert chi_square(seen, other, len(pairs)) < RARE


def test_cohorts_have_the_moments_of_the_fit():
    sums = pair_sums(pair_table(joint_of(*WORLD).pmf), keys(20_000), 225)
    m = moments_from_sums(sums)
    known = selected_moments(*WORLD)[1]
    for seen, truth in ((m.mean_pre, known.mean_pre), (m.mean_post, known.mean_post)):
        assert seen.mean() == pytest.approx(truth, abs=4 * seen.std() / len(seen) ** 0.5)
    for seen, truth in ((m.sd_pre**2, known.sd_pre**2), (m.sd_post**2, known.sd_post**2)):
        assert seen.mean() == pytest.approx(truth, abs=4 * seen.std() / len(seen) ** 0.5)


def test_estimates_are_those_of_the_same_people():
    table = pair_table(joint_of(*WORLD).pmf)
    m = moments_from_sums(pair_sums(table, keys(300), 225))
    people = paired_moments(drawn_pairs(table, keys(300), 225))
    assert all((a == b).all() for a, b in zip(m, people, strict=True))
    assert (t_statistic(m) == paired_t(people, level=0.95).statistic).all()


def test_chunks_and_threads_change_nothing():
    table, some = pair_table(joint_of(*WORLD).pmf), keys(1000)
    whole = pair_sums(table, some, 225)
    for chunk in (1, 7, 333):
        parts = [some[i : i + chunk] for i in range(0, 1000, chunk)]
        with ThreadPoolExecutor(3) as pool:
            done = list(pool.map(lambda k: pair_sums(table, k, 225), parts))
        assert (np.concatenate(done) == whole).all()


def test_memory_does_not_hold_the_people():
    table, many = pair_table(joint_of(*WORLD).pmf), keys(100_000)
    pair_sums(table, many[:2], 225)
    tracemalloc.start()
    m = moments_from_sums(pair_sums(table, many, 225))
    t_statistic(m)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 50e6


def test_how_moments_vary_together_between_samples():
    joint, n = joint_of(*WORLD), 2000
    m = moments_from_sums(pair_sums(pair_table(joint.pmf), keys(4000), n))
    seen = np.cov([m.mean_pre, m.sd_pre, m.mean_post, m.sd_post, m.r]) * n
    told = pl.pmf_moments(joint)[1]
    scale = np.sqrt(np.outer(told.diagonal(), told.diagonal()))
    assert seen / scale == pytest.approx(told / scale, abs=0.1)  # 4 standard errors of a variance of 4000, 1/n terms


def test_extremes_by_drawing_them():
    joint, n = joint_of(*WORLD), 50
    pairs = drawn_pairs(pair_table(joint.pmf), keys(4000), n)
    band = 4 * (0.25 / 4000) ** 0.5
    before = joint.pmf.sum(1)
    assert np.mean(pairs[..., 0].max(1) <= 17) == pytest.approx(pl.largest_at_most(before, 17, n), abs=band)
    assert np.mean(pairs[..., 0].min(1) <= 0) == pytest.approx(pl.smallest_at_most(before, 0, n), abs=band)
    assert pl.largest_at_most(before, -1, n) == 0
    assert pl.smallest_at_most(before, -1, n) == 0


def test_what_is_refused():
    with pytest.raises(NotIdentifiedError, match="IOM-E068"):
        lognormal_joint_pmf([1, 1], [0.5, 0.5], 0.5, np.zeros_like)
    for means, sds, r in (([-1, 1], [0.5, 0.5], 0.5), ([1, 1], [-0.5, 0.5], 0.5), ([1, 1], [0.5, 0.5], 1.0)):
        with pytest.raises(InputError, match="IOM-E092"):
            lognormal_joint_pmf(means, sds, r)
    with pytest.raises(InputError, match="at most 1023"):
        lognormal_joint_pmf([900, 900], [1.0, 1.0], 0.5)
    for bad in ([[-0.1, 1.1]], [[0.0]], [[np.nan, 1.0]]):
        with pytest.raises(InputError, match="IOM-E092"):
            pair_table(bad)
    with pytest.raises(InputError, match="IOM-E037"):
        pair_table([0.5, 0.5])
    with pytest.raises(InputError, match="IOM-E060"):
        pair_sums(pair_table([[1.0]]), [1], 0)

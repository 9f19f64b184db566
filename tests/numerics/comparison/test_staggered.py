"""Group-time effects against R's did, brute force over people, and the jackknife."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from iom_causal.numerics.comparison.staggered import People, average_effects, influence
from iom_causal.numerics.comparison.staggered_cells import AVERAGES, Averages, averages, group_time_cells

STORED = json.loads((Path(__file__).parents[2] / "reference" / "r" / "did.json").read_text(encoding="utf-8"))
PRINTED = 1e-10  # R wrote 12 digits
EXACT = 1e-9
BY_R = {"nevertreated": "never", "notyettreated": "not_yet"}
NAMED_BY_R = dict(zip(AVERAGES, ("simple", "dynamic", "group", "calendar"), strict=True))


@dataclass(frozen=True)
class Study:
    people: People
    starts: np.ndarray

    @property
    def windows(self):
        return self.people.outcome.shape[-1]

    def effects(self, kind, *, ratio, adjusted=True, **settings):
        cells = group_time_cells(self.starts, self.windows, **settings)
        return average_effects(self.people, cells, averages(cells, kind), ratio=ratio, adjusted=adjusted)


def study_of_r():
    start = np.array(STORED["start"])
    outcome = np.array(STORED["outcome"], dtype=float)[None]
    starts, group = np.unique(np.where(start == 0, 6, start - 1), return_inverse=True)
    return Study(People(outcome, np.ones((1, len(start))), group), starts)


def made_up(n=60, windows=6, replicates=1, seed=1, **more):
    rng = np.random.default_rng(seed)
    starts = np.array([2, 3, 5, windows])
    rate = rng.gamma(2.0, 1.5, (replicates, n, 1)) * rng.uniform(0.7, 1.3, windows)
    outcome = rng.poisson(rate).astype(float)
    return Study(People(outcome, np.ones((replicates, n)), np.arange(n) % 4, **more), starts)


@pytest.mark.parametrize("case", STORED["cases"], ids=lambda c: f"{c['control']}-{c['base']}-{c['anticipation']}")
def test_each_cell_is_that_of_did(case):
    study = study_of_r()
    settings = {"comparison": BY_R[case["control"]], "base": case["base"], "anticipation": case["anticipation"]}
    cells = group_time_cells(study.starts, study.windows, **settings)
    each = len(cells.own)
    every = np.eye(each, dtype=bool)
    alone = Averages(every, np.arange(each), every.any(0), np.zeros(each), by_people=False)
    found = average_effects(study.people, cells, alone, ratio=False, adjusted=False)
    errors = np.sqrt(np.diag(found.cov[0]))[1:]
    named = zip(study.starts[cells.own] + 1, cells.window + 1, strict=True)
    ours = dict(zip(named, zip(found.value[0, 1:], errors, strict=True), strict=True))
    rows = zip(case["starts"], case["windows"], case["att"], case["se"], strict=True)
    theirs = {(g, t): (att, se) for g, t, att, se in rows if se is not None}  # R lists the base itself as 0 without SE
    assert ours.keys() == theirs.keys()
    for key, wanted in theirs.items():
        assert ours[key] == pytest.approx(wanted, abs=PRINTED)


@pytest.mark.parametrize("kind", AVERAGES)
@pytest.mark.parametrize("case", STORED["cases"], ids=lambda c: f"{c['control']}-{c['base']}-{c['anticipation']}")
def test_each_average_is_that_of_did(case, kind):
    study, theirs = study_of_r(), case[NAMED_BY_R[kind]]
    settings = {"comparison": BY_R[case["control"]], "base": case["base"], "anticipation": case["anticipation"]}
    found = study.effects(kind, ratio=False, adjusted=False, **settings)
    errors = np.sqrt(np.diag(found.cov[0]))
    overall = found.value[0, 0], errors[0]
    assert overall == pytest.approx((theirs["overall.att"], theirs["overall.se"]), abs=PRINTED)
    if kind != "simple":
        rows = zip(theirs["att.egt"], theirs["se.egt"], strict=True)
        path = np.array([row for row in rows if row[1] is not None]).T
        assert [found.value[0, 1:], errors[1:]] == [pytest.approx(row, abs=PRINTED) for row in path]


def by_hand(study, *, ratio, base="universal"):
    """The effect of all treated cells, not-yet-treated people compared, person by person."""
    y, weight = study.people.outcome[0], study.people.weight[0]
    days = np.ones_like(y) if study.people.days is None else np.broadcast_to(study.people.days, y.shape)
    start = study.starts[study.people.group]
    observed = expected = people = 0.0
    for g in study.starts[:-1]:
        for t in range(g, study.windows):
            own, pool = start == g, (start > t) & (start != g)
            before = slice(0 if base == "every" else g - 1, g)
            sums = [
                [(weight * x)[who].sum() for x in (v[:, t], v[:, before].mean(-1))]
                for who in (own, pool)
                for v in (y, days)
            ]
            (y1, y0), (d1, d0), (c1, c0), (e1, e0) = sums
            size = weight[own].sum()
            if ratio:
                observed += y1
                expected += y0 / d0 * d1 * (c1 / e1) / (c0 / e0)
            else:
                observed += y1 - y0
                expected += size * (c1 - c0) / weight[pool].sum()
            people += size
    return np.log(observed / expected) if ratio else (observed - expected) / people


@pytest.mark.parametrize("base", ["universal", "every"])
@pytest.mark.parametrize("ratio", [True, False])
def test_the_overall_effect_by_hand_with_weights_and_days(ratio, base):
    study = made_up()
    rng = np.random.default_rng(2)
    days = rng.uniform(20, 31, (60, 6))
    people = study.people._replace(weight=rng.integers(0, 4, (1, 60)).astype(float), days=days)
    people = people if ratio else people._replace(days=None)
    study = Study(people, study.starts)
    found = study.effects("simple", ratio=ratio, base=base).value[0, 0]
    assert found == pytest.approx(by_hand(study, ratio=ratio, base=base), rel=EXACT)


def test_from_all_windows_before_is_imputation_where_one_group_starts():
    study = made_up()
    study = Study(study.people._replace(group=np.arange(60) % 2), np.array([3, 6]))
    y = study.people.outcome[0]
    managed = np.arange(60) % 2 == 0
    free = ~managed[:, None] | (np.arange(6) < 3)
    person, window = (a[free] for a in np.indices(y.shape))
    design = np.hstack([np.eye(60)[person], np.eye(6)[window][:, 1:]])
    fit = np.linalg.lstsq(design, y[free], rcond=None)[0]
    imputed = fit[:60, None] + np.append(0.0, fit[60:])
    wanted = (y - imputed)[managed, 3:].mean()
    assert study.effects("simple", ratio=False, base="every").value[0, 0] == pytest.approx(wanted, rel=EXACT)


@pytest.mark.parametrize(("days", "base"), [(None, "universal"), ("own", "universal"), ("own", "every")])
@pytest.mark.parametrize("kind", AVERAGES)
@pytest.mark.parametrize("ratio", [True, False])
def test_influences_are_the_slopes_on_each_persons_weight(kind, ratio, days, base):
    if days is not None:
        days = np.random.default_rng(3).uniform(20, 31, (60, 6))
    study = made_up(days=days)
    step = 1e-5
    cells = group_time_cells(study.starts, study.windows, base=base)
    wanted = averages(cells, kind)
    # without the small-sample factor, which is near 1 where everybody counts a million times
    many = study.people._replace(weight=np.full((1, 60), 1e6))
    psi = influence(many, cells, wanted, ratio=ratio) / 1e6
    for i in (0, 1, 2, 3, 17):
        ends = []
        for side in (-step, step):
            weight = np.ones((1, 60))
            weight[0, i] += side
            people = study.people._replace(weight=weight)
            ends.append(average_effects(people, cells, wanted, ratio=ratio).value[0])
        slopes = (ends[1] - ends[0]) / (2 * step)
        assert psi[i] * 1e6 == pytest.approx(slopes, rel=1e-4, abs=1e-7)


def test_influences_make_the_covariance():
    study = made_up()
    cells = group_time_cells(study.starts, study.windows)
    wanted = averages(cells, "simple")
    psi = influence(study.people, cells, wanted, ratio=True)
    cov = average_effects(study.people, cells, wanted, ratio=True).cov[0]
    assert psi.sum(0) == pytest.approx(np.zeros(len(cov)), abs=EXACT)
    assert psi.T @ psi == pytest.approx(cov, rel=EXACT, abs=EXACT)


def test_clusters_of_one_person_are_people_and_doubled_people_are_clusters_of_two():
    study = made_up()
    alone = Study(study.people._replace(cluster=np.arange(60)), study.starts)
    people = study.people
    twice = People(np.repeat(people.outcome, 2, axis=1), np.ones((1, 120)), np.repeat(people.group, 2))
    twice = Study(twice._replace(cluster=np.repeat(np.arange(60), 2)), study.starts)
    for ratio in (True, False):
        wanted = study.effects("event", ratio=ratio)
        for other in (alone, twice):
            found = other.effects("event", ratio=ratio)
            assert found.value == pytest.approx(wanted.value, rel=EXACT, abs=EXACT)
            assert found.cov == pytest.approx(wanted.cov, rel=EXACT, abs=EXACT)
            assert found.df == pytest.approx(np.minimum(wanted.df, 59), rel=EXACT)


def test_a_cluster_with_people_in_several_groups_adds_up_over_them():
    study = made_up()
    cluster = np.arange(60) // 10
    study = Study(study.people._replace(cluster=cluster), study.starts)
    cells = group_time_cells(study.starts, study.windows)
    wanted = averages(cells, "simple")
    psi = influence(study.people._replace(cluster=None), cells, wanted, ratio=False)
    factor = np.sqrt(6 / 5) / np.sqrt(15 / 14)  # 6 clusters, 15 people, in each group; pools differ in people only
    found = study.effects("simple", ratio=False)
    assert found.df.max() <= 5
    own = np.zeros((6, psi.shape[-1]))
    np.add.at(own, cluster, psi)
    assert np.sqrt(found.cov[0, 0, 0] / (own[:, 0] @ own[:, 0])) == pytest.approx(factor, rel=0.05)


def test_weights_repeat_people():
    study = made_up()
    counts = np.arange(60) % 3 + 1
    weighted = Study(study.people._replace(weight=counts[None].astype(float)), study.starts)
    rows = np.repeat(np.arange(60), counts)
    people = study.people
    longer = Study(People(people.outcome[:, rows], np.ones((1, len(rows))), people.group[rows]), study.starts)
    for ratio in (True, False):
        one, other = (s.effects("group", ratio=ratio) for s in (weighted, longer))
        for a, b in zip(one, other, strict=True):
            assert a == pytest.approx(b, rel=EXACT, abs=EXACT)


def test_replicates_are_worked_out_as_alone():
    study = made_up(replicates=3)
    both = study.effects("calendar", ratio=True)
    for r in range(3):
        people = study.people._replace(outcome=study.people.outcome[[r]], weight=study.people.weight[[r]])
        alone = Study(people, study.starts).effects("calendar", ratio=True)
        for a, b in zip(both, alone, strict=True):
            assert a[[r]] == pytest.approx(b, rel=EXACT, abs=EXACT)


def test_a_cell_without_events_leaves_the_overall_ratio_and_takes_only_its_own_term():
    study = made_up()
    outcome = study.people.outcome.copy()
    outcome[0, study.people.group == 0, 2:] = 0
    outcome[0, :, 5] = 0
    found = Study(study.people._replace(outcome=outcome), study.starts).effects("event", ratio=True)
    total = Study(study.people._replace(outcome=outcome), study.starts).effects("simple", ratio=True)
    assert np.isnan(found.value[0]).any()
    assert np.isfinite(total.value[0, 0])
    assert np.isfinite(total.cov[0, 0, 0])


def test_nobody_treated_or_alone_is_compared_with():
    starts = [0, 2, 3, 5]
    for comparison in ("not_yet", "never"):
        cells = group_time_cells(starts, 5, comparison=comparison, base="varying")
        for own, window, base, pool in zip(cells.own, cells.window, cells.base, cells.pool, strict=True):
            others = {starts[h] for h in np.flatnonzero(cells.pools[pool])}
            assert starts[own] not in others
            assert base >= 0
            assert min(others) > max(window, base)
            assert comparison == "not_yet" or others == {5}
    assert group_time_cells([2, 3], 5, comparison="never").own.size == 0
    assert set(group_time_cells([2, 3], 5).window) == {0, 2}

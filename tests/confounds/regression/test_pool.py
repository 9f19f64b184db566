"""What follows the same count in never-managed people: by hand, in worlds, and what the default makes of a panel."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from iom_causal.base import wording
from iom_causal.beliefs import Range
from iom_causal.confounds import Ageing, History, RegressionToMean
from iom_causal.confounds.regression.pool import pool_shift
from iom_causal.errors import DegenerateDataError, InputError, NotIdentifiedError, SpecError
from iom_causal.inputs.resampling import jackknife
from iom_causal.ledger import Ledger
from iom_causal.moments import Moments
from iom_causal.panel import Panel
from iom_causal.panel.parts import with_weights
from iom_causal.windows import Selection, Window

POOL = RegressionToMean(method="pool")
CUT = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=4)
SOFT = replace(CUT, rule="soft", threshold=4.0, softness=2.0)
RATE = replace(CUT, rule="rate", threshold=None)
TWO = (Window("before", -365, 0), Window("after", 0, 365, post=True))
THREE = (Window("earlier", -730, -365), *TWO)
EXACT = 1e-12
LOOSE = 4.0


def panel(outcome, managed, selection=SOFT, windows=TWO, **settings):
    start = np.ma.MaskedArray(np.full(len(outcome), len(windows) - 1), mask=~np.asarray(managed))
    return Panel.from_arrays(outcome, name="arrests", windows=windows, start=start, selection=selection, **settings)


def people(rng, size, selection, *, earlier=False, tau=1.0, lasts=1.0):
    """Gamma rates of mean 2 that stay, or of which a share is drawn anew each year; picked on the year before."""
    rate = [rng.gamma(1.2, 2.0 / 1.2, size)]
    for _ in range(1 + earlier):
        rate.append(np.where(rng.random(size) < lasts, rate[-1], rng.gamma(1.2, 2.0 / 1.2, size)))
    before = rng.poisson(np.stack(rate[:-1], 1))
    chance = 0.5 * (rate[-2] >= 4) if selection.rule == "rate" else selection.probability(before[:, -1])
    managed = rng.random(size) < chance
    after = rng.poisson(rate[-1] * np.where(managed, tau, 1.0))
    return panel(np.column_stack([before, after]), managed, selection, THREE if earlier else TWO)


@pytest.fixture(scope="module")
def overlap():
    return people(np.random.default_rng(1), 900, SOFT)


@pytest.fixture(scope="module")
def beneath():
    return people(np.random.default_rng(2), 900, replace(CUT, windows=("before",)), earlier=True)


def test_the_line_by_hand():
    pool = [[0, 0]] * 30 + [[1, 1]] * 20 + [[2, 1]] * 10 + [[3, 2]] * 10 + [[4, 3]] * 10 + [[8, 5]] * 10
    managed = [[2, 0], [3, 1], [5, 4]]
    made = panel(managed + pool, [True] * 3 + [False] * 90)
    before, after = np.array(pool, dtype=float).T
    slope = np.polyfit(before, after, 1, w=np.sqrt(before))[0]
    tail = 4 + slope * (5 - 6)  # 20 people stand at 4 or 8, on average at 6 with 4 after
    assert float(POOL.shift(made, {})) == pytest.approx(np.log((1 + 2 + tail) / 10), abs=EXACT)


def test_the_line_is_by_day_at_risk(overlap):
    once = float(POOL.shift(overlap, {}))
    twice = overlap.outcome * np.array([1, 2])
    longer = (TWO[0], Window("after", 0, 730, post=True))
    made = panel(twice, overlap.group, windows=longer)
    assert float(POOL.shift(made, {})) == pytest.approx(once, abs=EXACT)
    days = np.full(overlap.outcome.shape, 365.0)
    days[overlap.group, 1] = 200.0  # expected events a day do not change with managed people's days
    assert float(POOL.shift(panel(overlap.outcome, overlap.group, exposure=days), {})) == pytest.approx(once, abs=EXACT)


def test_weights_are_people_and_replicates_are_worked_out_one_by_one(overlap, beneath):
    rng = np.random.default_rng(3)
    for made in (overlap, beneath):
        times = rng.integers(1, 4, made.n)
        rows = np.repeat(np.arange(made.n), times)
        repeated = panel(made.outcome[rows], made.group[rows], made.selection, made.windows)
        weighted = replace(made, weight=times)
        for drift in ("comparison", "own", "none") if made is beneath else ("comparison",):
            one = float(pool_shift(repeated, made.selection, drift))
            assert float(pool_shift(weighted, made.selection, drift)) == pytest.approx(one, abs=EXACT)
            weight = rng.uniform(0.2, 1.0, (3, made.n))
            weight[0] = 1.0  # the people as they are place the tail
            together = pool_shift(with_weights(made, weight), made.selection, drift)
            assert together[0] == pytest.approx(float(pool_shift(made, made.selection, drift)), abs=EXACT)
            assert np.ptp(together) > 0
    worlds = np.stack([overlap.outcome, overlap.outcome[:, ::1] + [[0, 1]]])
    both = POOL.shift(replace(overlap, outcome=worlds), {})
    alone = [float(POOL.shift(replace(overlap, outcome=y), {})) for y in worlds]
    np.testing.assert_allclose(both, alone, atol=EXACT)


@pytest.mark.parametrize(
    ("selection", "earlier", "drift", "lasts"),
    [
        (SOFT, False, "comparison", 0.6),
        (replace(CUT, rule="top", threshold=900), False, "comparison", 0.6),
        (CUT, True, "comparison", 0.6),
        (CUT, True, "own", 0.6),
        (CUT, True, "none", 0.6),
        (RATE, False, "comparison", 0.6),
        (RATE, False, "comparison", 1.0),
    ],
)
def test_the_programme_remains(selection, earlier, drift, lasts):
    size = 8000 if selection.rule != "top" else 7000
    made = people(np.random.default_rng(5), size, selection, earlier=earlier, tau=0.7, lasts=lasts)
    if selection.rule == "top":
        made = tired(made)
    result = Ledger((RegressionToMean(method="pool", drift=drift),), draws=400)(made, rng=1)
    assert result.std_error < 0.1
    assert abs(np.log(result.estimate) - np.log(0.7)) < LOOSE * result.std_error
    naive = Ledger(draws=400)(made, rng=1)
    if lasts < 1:  # who is selected on a rate that lasts does not regress
        assert np.log(naive.estimate) < np.log(0.7) - 2 * result.std_error


def tired(made):
    """Half of those who were picked refused, and were not managed: their events after are those without."""
    rng = np.random.default_rng(6)
    stay = made.group & (rng.random(made.n) < 0.5)
    outcome = made.outcome.copy()
    left = made.group & ~stay
    outcome[left, -1] = rng.poisson(outcome[left, -1] / 0.7)
    return panel(outcome, stay, made.selection, made.windows)


def test_what_it_needs_and_what_it_refuses(overlap, beneath):
    def shift(made, **settings):
        return RegressionToMean(method="pool", **settings).shift(made, {})

    with pytest.raises(InputError, match="IOM-E048: what follows the same count"):
        shift(overlap.managed)
    with pytest.raises(InputError, match="IOM-E060: arrests: expected at least 20 people who were never managed"):
        shift(overlap.where(overlap.group | (np.cumsum(~overlap.group) <= 19)))
    with pytest.raises(InputError, match="IOM-E048: method 'pool' needs people"):
        shift(
            Moments.from_summary(n=225, mean_pre=7, sd_pre=5, mean_post=4, sd_post=4, r=0.5, name="arrests"),
            selection=CUT,
        )
    with pytest.raises(NotIdentifiedError, match="IOM-E068: method 'pool' expects the rule to have read the history"):
        shift(replace(overlap, selection=replace(SOFT, timing="within_post")))
    two = panel(beneath.outcome[:, 1:], beneath.group, CUT)
    with pytest.raises(NotIdentifiedError, match="IOM-E068: nearly everybody who stands as high was managed"):
        shift(two)
    with pytest.raises(NotIdentifiedError, match="IOM-E068: without the time after"):
        shift(overlap, drift="own")
    nothing = overlap.outcome * [[1, 0]]
    with pytest.raises(DegenerateDataError, match="IOM-E064"):
        shift(replace(overlap, outcome=nothing))
    alike = np.tile([[1, 1], [0, 1]], (30, 1))
    with pytest.raises(DegenerateDataError, match="IOM-E065: counts vary no more"):
        shift(panel(alike, np.arange(60) < 10, RATE))


def test_an_earlier_date_is_as_long_as_now():
    rng = np.random.default_rng(7)
    rate = rng.gamma(1.2, 2.0 / 1.2, 900)
    lengths = (365, 182, 183, 365)  # two half-years that are read together, and a year after
    edges = np.cumsum((-730, *lengths))
    windows = [Window(f"w{k}", int(a), int(b), post=k == 3) for k, (a, b) in enumerate(pairwise(edges))]
    counts = rng.poisson(rate[:, None] * np.array(lengths) / 365)
    rule = replace(CUT, windows=("w1", "w2"))
    managed = counts[:, 1:3].sum(1) >= 4
    made = panel(counts, managed, rule, windows)
    whole = np.column_stack([counts[:, 0], counts[:, 1:3].sum(1), counts[:, 3]])
    joined = panel(whole, managed, replace(CUT, windows=("before",)), THREE)
    assert float(POOL.shift(made, {})) == pytest.approx(float(POOL.shift(joined, {})), abs=EXACT)
    with pytest.raises(NotIdentifiedError, match="IOM-E068"):
        RegressionToMean(method="pool", drift="own", selection=replace(CUT, windows=("w0", "w1", "w2"))).shift(made, {})


def test_beneath_a_cut_by_hand():
    """Earlier counts 0 to 6 with what followed, and a change since then that grows with the count."""
    rows = [[k, k, after] for k, after in ((0, 0), (1, 0), (2, 4), (3, 6))] * 25  # low: picked at 4
    rows += [[6, k, after] for k, after in ((4, 2), (5, 3), (7, 6))] * 10
    counts = np.array(rows)
    managed = counts[:, 1] >= 4
    made = panel(counts, managed, CUT, THREE)
    earlier = {k: counts[counts[:, 0] == k, 1].mean() for k in (0, 1, 2, 3)}
    slope = np.polyfit(counts[:, 0], counts[:, 1], 1, w=np.sqrt(counts[:, 0]))[0]
    tail = counts[counts[:, 0] == 6, 1].mean()

    def table(k):
        return earlier[k] if k < 6 and k in earlier else max(tail + slope * (k - 6), earlier[3]) if k >= 6 else None

    between = {4: earlier[3], 5: earlier[3]}  # nobody stood there earlier: as the last count below the tail
    expected = sum(between.get(k) or table(k) for k in counts[managed, 1])
    low = counts[~managed]
    change = (low[:, 1] * low[:, 2]).sum() / sum(k * table(k) for k in low[:, 1])
    before, after = counts[managed, :2].sum(), expected
    own = np.log(after / before * 2)
    whole = counts[:, 1].sum() / counts[:, 0].sum()
    for drift, times in (("own", 1.0), ("none", 1 / whole), ("comparison", change)):
        shift = float(RegressionToMean(method="pool", drift=drift).shift(made, {}))
        assert shift == pytest.approx(own + np.log(times), abs=EXACT), drift


def test_people_who_lack_a_window_are_not_in_the_table(overlap):
    counts = overlap.outcome.astype(float)
    others = np.flatnonzero(~overlap.group)
    lost = np.zeros(len(counts), bool)
    lost[others[::12]] = True
    without = Panel.from_arrays(
        np.where(lost[:, None] & [False, True], np.nan, counts),
        name="arrests", windows=TWO, start=overlap.start, selection=SOFT, missing="keep",
    )  # fmt: skip
    assert float(POOL.shift(without, {})) == pytest.approx(float(POOL.shift(overlap.where(~lost), {})), abs=EXACT)


def test_a_rule_that_did_not_read_the_last_windows_has_no_earlier_date(beneath):
    wrong = replace(CUT, windows=("earlier",))
    with pytest.raises(NotIdentifiedError, match="IOM-E068: without the time after"):
        RegressionToMean(method="pool", drift="own", selection=wrong).shift(beneath, {})


def test_windows_without_dates_are_as_long_as_people_were_at_risk():
    rng = np.random.default_rng(9)
    rate = rng.gamma(1.2, 2.0 / 1.2, 4000)
    days = np.array([182.5, 365.0, 365.0])
    counts = rng.poisson(rate[:, None] * days / 365)
    managed = rng.random(4000) < SOFT.probability(counts[:, 1])
    windows = (Window("early"), Window("before"), Window("after", post=True))
    made = panel(counts, managed, replace(SOFT, windows=("before",)), windows, exposure=days)
    with pytest.raises(NotIdentifiedError, match="IOM-E068: without the time after"):  # half a year is no year
        RegressionToMean(method="pool", drift="own").shift(made, {})
    alike = panel(
        np.column_stack([counts[:, 1], counts[:, 1:]]), managed, made.selection, windows, exposure=[365.0] * 3
    )
    assert np.isfinite(RegressionToMean(method="pool", drift="own").shift(alike, {}))


def test_people_picked_on_their_rate_are_followed_by_day_at_risk():
    rng = np.random.default_rng(10)
    rate = rng.gamma(1.2, 2.0 / 1.2, 20_000)
    managed = (rate >= 4) & (rng.random(20_000) < 0.5)
    free = np.column_stack([np.where(managed, 0.5, rng.uniform(0.6, 1.0, 20_000)), np.ones(20_000)])
    counts = rng.poisson(rate[:, None] * free)
    made = panel(counts, managed, RATE, exposure=365 * free)
    result = Ledger((POOL,), draws=400)(made, rng=1)
    assert result.std_error < 0.05
    assert abs(np.log(result.estimate)) < LOOSE * result.std_error  # 2.1 by window


def test_one_person_more_or_less_changes_little_between_the_two_tables():
    """A few very prolific people, nearly all of them picked: the table now and that of earlier years differ."""
    rng = np.random.default_rng(11)
    rate = np.where(rng.random(1500) < 0.03, 10.0, rng.gamma(1.0, 1.3, 1500))
    counts = rng.poisson(np.repeat(rate[:, None], 3, axis=1))
    managed = rng.random(1500) < replace(SOFT, threshold=5.0).probability(counts[:, 1])
    lowest = np.flatnonzero(managed)[np.argsort(counts[managed, 1], kind="stable")]
    shifts = []
    for gone in range(0, 120, 4):
        kept = np.ones(1500, bool)
        kept[lowest[:gone]] = False
        made = panel(counts[kept], managed[kept], replace(SOFT, threshold=5.0), THREE)
        mean = counts[kept & managed, 1].mean()
        shifts.append(float(POOL.shift(made, {})) + np.log(counts[kept & managed, :2].mean() / mean))
    assert np.abs(np.diff(shifts)).max() < 0.04
    assert np.ptp(shifts) > 0.02


def test_of_people_picked_on_their_rate_others_must_stand_as_high():
    made = people(np.random.default_rng(12), 3000, RATE, lasts=0.6)
    assert POOL.model.supports(made, RATE)
    low = made.where(made.group | (made.outcome[:, 0] < 5))
    with pytest.raises(NotIdentifiedError, match="IOM-E068: nearly everybody"):
        POOL.shift(low, {})
    assert RegressionToMean().resolved(low).method == "none"


def test_people_among_too_few_of_the_others_are_noticed(beneath):
    few = beneath.where(beneath.group | (np.cumsum(~beneath.group) <= 250))
    with pytest.raises(NotIdentifiedError, match="IOM-E068: the events of everybody here rose"):
        POOL.shift(few, {})
    weight = np.where(few.group, 1, round((~beneath.group).sum() / 250))
    whole = float(POOL.shift(beneath, {}))
    assert float(POOL.shift(replace(few, weight=weight), {})) == pytest.approx(whole, abs=0.15)
    assert RegressionToMean().resolved(few).method == "robbins_zhang"


def test_the_condition_says_how_far_it_carries(overlap, beneath):
    for made in (overlap, beneath):
        text = POOL.resolved(made).condition(made, {})
        assert text.startswith("people were picked on what was recorded before the index date, ")
        assert wording.violations(f"The line is right if {text}.") == ()
        assert "of the others or higher, on a straight line" in text
        assert "%" not in text  # of few people a share is their number
    rate = people(np.random.default_rng(8), 900, RATE)
    assert "for the rate behind their counts" in POOL.resolved(rate).condition(rate, {})


def test_the_default_is_what_the_panel_supports(overlap, beneath):
    default = RegressionToMean()
    assert default.resolved(overlap).method == default.resolved(beneath).method == "pool"
    two = panel(beneath.outcome[:, 1:], beneath.group, CUT)
    for made in (two, overlap.managed):
        bounds = default.resolved(made)
        assert (bounds.method, bounds.persistence) == ("robbins_zhang", Range(0.7, 1.0))
        with pytest.raises(NotIdentifiedError, match="IOM-E068: without a source population"):
            default.shift(made, {})
    on_rate = default.resolved(replace(overlap.managed, selection=RATE))
    assert (on_rate.method, on_rate.persistence) == ("none", Range(0.7, 1.0))
    late = default.resolved(replace(overlap.managed, selection=replace(SOFT, timing="unknown")))
    assert (late.method, late.persistence, late.late) == ("robbins_zhang", None, Range(0.0, 1.0))
    assert RegressionToMean(persistence=0.8).resolved(overlap).method == "robbins_zhang"
    beside = Ledger((default, History(ratio=0.9)), draws=200)  # which the pool would hold
    assert dict(beside.conditions(overlap)) == dict(beside.conditions(overlap.managed))
    assert beside(overlap, rng=1).set_high == pytest.approx(beside(overlap.managed, rng=1).set_high, abs=EXACT)
    with pytest.raises(SpecError, match="IOM-E092: Ledger: regression to the mean as set already holds ageing"):
        Ledger((POOL, Ageing()), draws=200)
    with pytest.raises(SpecError, match=r"IOM-E096: .*method 'auto' needs persistence"):
        RegressionToMean(comparable_mean=3.0)
    assert replace(POOL, method="robbins_zhang") == RegressionToMean(method="robbins_zhang")
    assert RegressionToMean(method="pool", drift="comparison") == POOL
    assert RegressionToMean(late=0.0).resolved(overlap).method == "robbins_zhang"
    assert Ledger((default, History(ratio=0.9)), draws=200)(two, rng=1).set_low is not None


def test_how_much_of_the_interval_is_the_pools(overlap):
    def share(made):
        return Ledger((POOL,), draws=20_000)(made, rng=1).diagnostics["from_others"]

    few = overlap.where(overlap.group | (np.cumsum(~overlap.group) <= 600))
    assert share(few) > share(overlap) > 0
    effects = jackknife(overlap, lambda p: np.stack([_observed(p) - POOL.shift(p, {})], -1), np.random.default_rng(1))[
        :, 0
    ]
    mine = int(overlap.group.sum())
    assert share(overlap) == pytest.approx((effects[mine:] ** 2).sum() / (effects**2).sum(), abs=0.02)
    note = Ledger((POOL,), draws=200)(few, rng=1).notes[-1]
    assert note.startswith("about ")
    assert note.endswith("% of the variance that is sampling comes of the people who were never managed")
    assert Ledger(draws=200)(overlap, rng=1).diagnostics["from_others"] == 0


def _observed(p):
    totals = (p.weight * p.group) @ p.outcome[0]
    return np.log(totals[:, 1] / totals[:, 0])

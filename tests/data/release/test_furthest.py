"""No estimate of people is given finer than the person furthest from the others moves it."""

import math

import numpy as np
import pytest

from iom_causal.analysis.disclosed import ledger_as_given
from iom_causal.analysis.release import Release
from iom_causal.analysis.study_people import furthest
from iom_causal.base.specs import FrozenMap
from iom_causal.data.release.disclosure import Disclosure, nearest
from iom_causal.data.release.furthest import Furthest, Z
from iom_causal.estimate import Estimate, Line
from iom_causal.estimators import PairedT, RateRatio
from iom_causal.panel import Panel
from iom_causal.report import estimate_cells

SIZES = (60, 150, 500)
SEEDS = range(12)
FAR = (12, 31)


def counts(n, seed, *, far):
    """Counts of people before and after, of whom the last has far more after than the others."""
    rng = np.random.default_rng([n, seed])
    rate = rng.gamma(1.5, 3, n)
    pairs = np.column_stack([rng.poisson(rate) + 1, rng.poisson(0.6 * rate)])
    if far:
        pairs[-1] = FAR
    return pairs


def rules(panel):
    known = FrozenMap({panel.name: furthest(panel)})
    return Release(Disclosure(), known, FrozenMap({}), FrozenMap({panel.name: panel.n}))


def estimated(pairs, method):
    panel = Panel.from_arrays(pairs, name="arrests")
    e, release = method(panel), rules(panel)
    return (e.estimate, e.conf_low, e.conf_high), step_of(e, release)


def step_of(e, release):
    return release.step(e.estimate, e.scale, e.n_used, (e.conf_high - e.conf_low) / 2, e.outcome)


@pytest.mark.parametrize("method", [RateRatio(), PairedT()], ids=["ratio", "difference"])
@pytest.mark.parametrize("far", [True, False], ids=["far", "ordinary"])
@pytest.mark.parametrize("n", SIZES)
def test_the_furthest_person_moves_estimate_and_limits_by_a_step_or_less(n, far, method):
    for seed in SEEDS:
        pairs = counts(n, seed, far=far)
        whole, step = estimated(pairs, method)
        moved = max(
            max(abs(a - b) for a, b in zip(whole, estimated(np.delete(pairs, k, axis=0), method)[0], strict=True))
            for k in outermost(pairs)
        )
        assert moved <= 1.2 * step  # the rule is of first order


def outermost(pairs):
    """Return the three people who stand out most in what they add to the ratio, and the last."""
    before, after = pairs.T
    added = np.abs(after - after.sum() / before.sum() * before)
    return {*np.argsort(added)[-3:].tolist(), len(pairs) - 1}


@pytest.mark.parametrize("n", SIZES)
def test_what_two_releases_tell_of_somebody_far_out_is_off_by_more_than_a_few(n):
    def error(step_for):
        off = []
        for seed in SEEDS:
            pairs = counts(n, seed, far=True)
            (with_him, *_), one = estimated(pairs, RateRatio())
            (without, *_), other = estimated(pairs[:-1], RateRatio())
            steps = (one, other) if step_for is None else (step_for, step_for)
            given = nearest(with_him, steps[0]) - nearest(without, steps[1])
            solved = given * pairs[:-1, 0].sum() + with_him * FAR[0]
            off.append(abs(solved - FAR[1]))
        return float(np.median(off))

    assert error(0.01) < 4
    assert error(None) > 4


def decimals(step):
    return -math.floor(math.log10(step))


@pytest.mark.parametrize("n", SIZES)
def test_ordinary_people_cost_a_decimal_at_most(n):
    for seed in SEEDS:
        panel = Panel.from_arrays(counts(n, seed, far=False), name="arrests")
        e = RateRatio()(panel)
        assert decimals(step_of(e, Release(Disclosure()))) - decimals(step_of(e, rules(panel))) <= 1


def test_what_is_added_is_within_groups_and_over_days_at_risk():
    before, after = np.array([4.0, 6.0, 8.0, 2.0]), np.array([2.0, 3.0, 4.0, 1.0])
    assert Furthest.of(before, after).ratio == 1.0
    days = np.array([10.0, 10.0, 10.0, 30.0]), np.full(4, 10.0)
    assert Furthest.of(before, after, days).ratio > 1.2
    apart = np.array([0.0, 0.0, 1.0, 1.0])
    assert Furthest.of(np.array([1.0, 1, 9, 9]), np.array([2.0, 2, 3, 3]), group=apart) == Furthest()


def test_comparisons_go_by_the_furthest_of_all_and_changes_by_that_of_managed_people():
    release = Release(Disclosure(), {"arrests": Furthest(1.5)}, {"arrests": Furthest(9.0)}, FrozenMap({"arrests": 100}))
    assert release.step(0.6, "ratio", 100, 0.1, "arrests") < release.step(0.6, "ratio", 400, 0.1, "arrests")


def test_a_row_for_a_drawing_holds_what_the_page_gives():
    panel = Panel.from_arrays(counts(150, 1, far=True), name="arrests")
    e, release = RateRatio()(panel), rules(panel)
    row, shown = estimate_cells.as_drawn(e, release), estimate_cells.given(e, release)
    assert (row["estimate"], row["conf_low"], row["conf_high"]) == (shown.estimate, shown.conf_low, shown.conf_high)
    assert row["estimate"] != e.estimate
    assert estimate_cells.as_drawn(e, Release()) == e.row()


def test_every_line_level_and_share_of_a_ledger_is_rounded():
    line = Line(math.log(0.6178), math.log(0.6178), math.log(0.5312), math.log(0.7123))
    shares = FrozenMap({"regression": -0.4321, "remainder": -1.5412})
    steps = FrozenMap({"regression": -0.5163, "remainder": -1.457})
    end = {"before": 5.1627, "expected_after": 4.6464, "after": 3.1894, "attribution": shares, "steps": steps}
    e = Estimate(
        outcome="arrests",
        method="ledger",
        scale="ratio",
        estimate=0.6178,
        conf_low=0.5312,
        conf_high=0.7123,
        n_used=150,
        diagnostics=FrozenMap({**end, "lines": FrozenMap({"regression": line, "remainder": line}), "from_others": 0.0}),
    )
    release = Release(Disclosure(), {"arrests": Furthest(6.0, 6.0)})
    given = ledger_as_given(e, release)
    assert (given.estimate, given.conf_low, given.conf_high) == (0.6, 0.52, 0.72)
    assert [math.exp(v) for v in given.diagnostics["lines"]["regression"]] == pytest.approx([0.6, 0.6, 0.52, 0.72])
    assert given.diagnostics["before"] == 5.1
    assert given.diagnostics["attribution"]["regression"] in {-0.3, -0.4, -0.5}
    assert given.diagnostics["steps"]["regression"] in {-0.4, -0.5, -0.6}
    assert round(10 * given.diagnostics["expected_after"], 9) == round(10 * given.diagnostics["expected_after"])
    assert ledger_as_given(e, Release()) is e


def test_a_chance_is_coarse_where_one_person_moves_it_and_fine_in_the_tail():
    release = Release(Disclosure(), {"arrests": Furthest(6.0, 6.0)})
    assert release.chance(0.534, "ratio", 150, "arrests") in {0.5, 0.6}
    assert release.chance(0.9987, "ratio", 150, "arrests") == 1.0
    assert Z == 1.96

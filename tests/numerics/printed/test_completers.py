from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from iom_causal.errors import InfeasibleError, InputError
from iom_causal.numerics.printed.completers import CompletersTest, baselines, completer_bounds, correlation_if_alike
from iom_causal.numerics.printed.interval_arithmetic import Interval

COARSE_SHARES = 0.03  # a grid of 2,000 splits meets a narrow feasible band only so closely


def around(value, half=0.005):
    return Interval(value - half, value + half)


RISK = CompletersTest(
    225, 187, around(328.89), around(142.71), around(238.61), around(174.04), around(8.10), 220, 1100
)  # fmt: skip


def exact(value):
    return Interval(value, value)


def test_the_paper():
    bounds = completer_bounds(RISK)
    assert (round(bounds.mean_before.low, 1), round(bounds.mean_before.high, 1)) == (280.6, 351.0)
    assert (round(-bounds.change.high, 1), round(-bounds.change.low, 1)) == (42.0, 112.4)
    assert (round(bounds.correlation.low, 2), round(bounds.correlation.high, 2)) == (0.31, 1.0)
    assert round(correlation_if_alike(RISK), 3) == 0.552


@pytest.mark.parametrize(
    ("n_all", "n", "figures", "low", "high", "step"),
    [
        (225, 187, (328.89, 142.71, 238.61, 174.04, 8.10), 220, 1100, 0.1),
        (60, 58, (15.0, 8.0, 5.0, 1.0, 12.0), 0, 30, 0.002),  # their spread must fit the SD of the change
        (60, 40, (15.0, 8.0, 5.0, 1.0, 20.0), 0, 30, 0.01),
        (60, 30, (5.0, 6.0, 4.0, 3.0, 2.5), 0, 30, 0.01),
    ],
)
def test_against_a_slow_grid_of_means_and_shares(n_all, n, figures, low, high, step):
    # Every trial mean with every split of the sum of squares, checked condition by condition.
    m1, s1, m2, s2, t = figures
    lost, means, rs = n_all - n, [], []
    for m in np.arange(max(low, m2) + step, high, step):
        other = (n_all * m1 - n * m) / lost
        if not low <= other <= high:
            continue
        within = (n_all - 1) * s1**2 - n * lost / n_all * (m - other) ** 2
        own = within * np.linspace(0, 1, 2001)
        fits = (own <= n * (high - m) * (m - low)) & (within - own <= lost * (high - other) * (other - low)) & (own > 0)
        v = np.sqrt(own[fits] / (n - 1))
        r = (v**2 + s2**2 - ((m - m2) * np.sqrt(n) / t) ** 2) / (2 * v * s2)
        r = r[np.abs(r) <= 1]
        if r.size:
            means.append(m)
            rs += [r.min(), r.max()]
    bounds = completer_bounds(CompletersTest(n_all, n, *map(exact, figures), low, high))
    assert bounds.mean_before.low == pytest.approx(min(means), abs=3 * step)
    assert bounds.mean_before.high == pytest.approx(max(means), abs=3 * step)
    assert bounds.correlation.low == pytest.approx(min(rs), abs=COARSE_SHARES)
    assert bounds.correlation.high == pytest.approx(max(rs), abs=COARSE_SHARES)


@pytest.mark.parametrize("seed", range(30))
def test_data_always_lie_inside(seed):
    rng = np.random.default_rng(seed)
    before = rng.integers(0, 30, 60).astype(float)
    stay = np.sort(rng.permutation(60)[: rng.integers(20, 55)])
    after = np.clip(before[stay] * rng.uniform(0.3, 0.8) + rng.normal(0, 4, stay.size), 0, 30)
    change = after - before[stay]
    t = abs(change.mean()) / change.std(ddof=1) * np.sqrt(stay.size)
    figures = (before.mean(), before.std(ddof=1), after.mean(), after.std(ddof=1), t)
    printed = CompletersTest(60, stay.size, *map(around, figures), before.min(), before.max(), falls=change.mean() < 0)
    bounds = completer_bounds(printed)
    assert bounds.mean_before.holds(before[stay].mean())
    assert bounds.change.holds(change.mean())
    assert bounds.correlation.holds(np.corrcoef(before[stay], after)[0, 1])


def test_every_completer_data_set_of_a_small_study():
    # Four people, three followed up, scores 0 to 3: all data sets that print the same table.
    target, found = None, []
    for before in product(range(4), repeat=4):
        for after in ((0, 0, 1), (0, 1, 0), (1, 0, 0)):
            change = np.subtract(after, before[:3])
            if change.std(ddof=1) == 0 or change.mean() >= 0 or {0, 3} - set(before):
                continue
            t = -change.mean() / change.std(ddof=1) * np.sqrt(3)
            key = (round(np.mean(before), 2), round(np.std(before, ddof=1), 2), round(t, 2))
            if target is None:
                target = key
            if key == target:
                found.append(np.mean(before[:3]))
    mean_after, sd_after = 1 / 3, np.std([0, 0, 1], ddof=1)
    figures = (target[0], target[1], mean_after, sd_after, target[2])
    bounds = completer_bounds(CompletersTest(4, 3, *map(around, figures), 0, 3))
    assert found
    assert all(bounds.mean_before.holds(m) for m in found)


def test_a_rise_is_the_mirror_of_a_fall():
    mirrored = CompletersTest(
        225,
        187,
        around(-328.89),
        around(142.71),
        around(-238.61),
        around(174.04),
        around(8.10),
        -1100,
        -220,
        falls=False,
    )
    fall, rise = completer_bounds(RISK), completer_bounds(mirrored)
    assert (rise.change.low, rise.change.high) == pytest.approx((-fall.change.high, -fall.change.low), abs=1e-9)


def test_nothing_agrees():
    with pytest.raises(InfeasibleError, match="IOM-E110"):
        completer_bounds(replace(RISK, sd_after=around(900.0)))


def test_refusals():
    with pytest.raises(InputError, match="IOM-E101"):
        replace(RISK, n=225)
    with pytest.raises(InputError, match=r"IOM-E101.*away from 0"):
        replace(RISK, t=Interval(0.0, 0.005))


def test_baselines_span_the_bounds_and_each_agrees_with_the_print():
    found, bounds = baselines(RISK), completer_bounds(RISK)
    assert found[0][0] == pytest.approx(bounds.mean_before.low, abs=0.1)  # rounding moves the ends that far
    assert found[-1][0] == pytest.approx(bounds.mean_before.high, abs=0.1)
    for m, sd in found:
        others = (225 * 328.89 - 187 * m) / 38
        assert 220 <= others <= 1100
        own, all_squares = 186 * sd**2, 224 * 142.71**2
        theirs = all_squares - own - 187 * 38 / 225 * (m - others) ** 2
        assert -1e-6 <= theirs <= 38 * (1100 - others) * (others - 220) * (1 + 1e-9)
        assert own <= 187 * (1100 - m) * (m - 220) * (1 + 1e-9)
        sd_change = (m - 238.61) * np.sqrt(187) / 8.10
        assert abs((sd**2 + 174.04**2 - sd_change**2) / (2 * sd * 174.04)) <= 1 + 1e-9


def test_no_baseline_is_refused_by_name():
    with pytest.raises(InfeasibleError, match="IOM-E110"):
        baselines(replace(RISK, sd_after=around(900.0)))

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import iom_causal as iom
from iom_causal.errors import DegenerateDataError, InputError
from iom_causal.estimators import persistence
from iom_causal.inputs.pool import SourcePopulation
from iom_causal.panel import Panel
from iom_causal.windows import Selection, Window

ROUNDED = 1e-9  # sums in another order
ERRORS = 4  # standard errors that a draw may be off
SHAPE, MEAN, CUT = 0.8, 1.5, 6
WINDOWS = (Window("before", -365, 0), Window("after", 0, 365, post=True))
RULES = {
    "at_least": Selection("arrests", ("before",), "at_least", "at_boundary", threshold=CUT),
    "soft": Selection("arrests", ("before",), "soft", "at_boundary", threshold=CUT, softness=1.5),
    "top": Selection("arrests", ("before",), "top", "at_boundary", threshold=900),
}


def rates(rng, n, lasting):
    """Gamma rates of which a share lasts (Kibble), or all of it."""
    before = rng.gamma(SHAPE, MEAN / SHAPE, n)
    if lasting == 1:
        return before, before
    shared = rng.poisson(lasting / (1 - lasting) * before * SHAPE / MEAN)
    return before, rng.gamma(SHAPE + shared, (1 - lasting) * MEAN / SHAPE)


def population(lasting, n=20_000, seed=1, change=1.0, days=None):
    rng = np.random.default_rng(seed)
    before, after = rates(rng, n, lasting)
    days = np.ones((n, 2)) if days is None else days(rng, n)
    return np.stack([rng.poisson(before * days[:, 0]), rng.poisson(change * after * days[:, 1])], axis=-1), days * 365


def table(y, days=None):
    frame = pd.DataFrame({"y1": y[:, 0], "y2": y[:, 1]})
    if days is None:
        return SourcePopulation.from_table(frame, pre="y1", post="y2")
    frame = frame.assign(d1=days[:, 0], d2=days[:, 1])
    return SourcePopulation.from_table(frame, pre="y1", post="y2", exposure_pre="d1", exposure_post="d2")


def panel(y, rule, seed=2):
    """Everybody, of whom the rule took some for a programme that halves what follows."""
    rng = np.random.default_rng(seed)
    if rule.rule == "top":
        managed = np.isin(np.arange(len(y)), np.lexsort((rng.random(len(y)), -y[:, 0]))[: int(rule.threshold)])
    else:
        managed = rng.random(len(y)) < rule.probability(y[:, 0])
    y = np.column_stack([y[:, 0], np.where(managed, y[:, 1] // 2, y[:, 1])])
    start = np.ma.MaskedArray(np.ones(len(y), dtype=int), mask=~managed)
    return Panel.from_arrays(y, name="arrests", windows=WINDOWS, start=start, selection=rule)


def off(estimate, truth):
    return abs(estimate.estimate - truth) / estimate.std_error


def test_it_is_the_ratio_of_moments_by_hand():
    y, _ = population(0.7, n=400)
    x, z = y.T
    by_hand = np.cov(x, z, ddof=0)[0, 1] / (x.mean() * z.mean()) / ((x.var() - x.mean()) / x.mean() ** 2)
    found = persistence(table(y))
    assert found.estimate == pytest.approx(by_hand, rel=ROUNDED)
    assert (found.estimand, found.n_input, found.n_used) == ("persistence", 400, 400)
    assert iom.persistence is persistence


@pytest.mark.parametrize("lasting", [1, 0.7, 0.3])
def test_gamma_rates_of_which_a_share_lasts_show_that_share(lasting):
    y, _ = population(lasting, change=0.6)
    assert off(persistence(table(y)), lasting) < ERRORS


def test_people_who_stop_whatever_their_rate_leave_it_as_it_is():
    y, _ = population(1)
    gone = np.random.default_rng(5).random(len(y)) < 0.3
    assert off(persistence(table(np.column_stack([y[:, 0], np.where(gone, 0, y[:, 1])]))), 1) < ERRORS


def test_days_at_risk_of_peoples_own_and_windows_of_unlike_length_do_not_move_it():
    def days(rng, n):
        return rng.uniform(0.3, 1.0, (n, 2)) * [1.0, 0.5]

    for lasting in (1, 0.7):
        y, at_risk = population(lasting, days=days)
        assert off(persistence(table(y, at_risk)), lasting) < ERRORS


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("lasting", [1, 0.7])
def test_those_left_tell_of_everybody_because_the_rule_says_whom_it_took(rule, lasting):
    everybody, _ = population(lasting, seed=3)
    found = persistence(panel(everybody, RULES[rule]))
    assert off(found, lasting) < ERRORS
    assert found.std_error < 0.1


def test_those_left_alone_do_not():
    everybody, _ = population(1, seed=3)
    left = SourcePopulation.of(panel(everybody, RULES["at_least"]))
    assert persistence(left).estimate > 1.3


def test_rows_that_stand_for_several_people_count_as_these():
    y, _ = population(0.7, n=3000)
    rows, people = np.unique(y, axis=0, return_counts=True)
    frame = pd.DataFrame({"y1": rows[:, 0], "y2": rows[:, 1], "n": people})
    ours, theirs = (
        persistence(SourcePopulation.from_table(frame, pre="y1", post="y2", people="n")),
        persistence(table(y)),
    )
    for name in ("estimate", "std_error", "conf_low", "conf_high", "n_used"):
        assert getattr(ours, name) == pytest.approx(getattr(theirs, name), rel=ROUNDED)


@pytest.mark.parametrize("rule", RULES)
def test_people_who_lack_a_window_do_not_count(rule):
    everybody = panel(population(0.7, n=3000)[0], RULES[rule])
    y, first = everybody.outcome.astype(float), np.arange(3000) % 5 == 0
    y[first & ~everybody.group, 1] = np.nan
    y[first & everybody.group, 0] = np.nan
    lost = np.where(everybody.group & ~first)[0][:3]
    y[lost, 1] = np.nan  # of the managed nothing after is read
    there = np.flatnonzero(~first)
    found, expected = (
        persistence(replace(everybody, outcome=values, start=everybody.start[rows]))
        for values, rows in ((y, slice(None)), (np.nan_to_num(y)[there], there))
    )
    assert found.n_used == expected.n_used == (~everybody.group & ~first).sum()
    for name in ("estimate", "conf_low", "conf_high"):
        assert getattr(found, name) == pytest.approx(getattr(expected, name), rel=ROUNDED)


def test_limits_are_left_beyond_0_and_1_and_cover_at_their_level():
    missed, beyond = 0, 0
    for seed in range(200):
        found = persistence(table(population(1, n=300, seed=seed)[0]), level=0.9)
        missed += not found.conf_low <= 1 <= found.conf_high
        beyond += found.conf_high > 1
    assert 8 <= missed <= 38  # 20 expected, SD 4
    assert beyond > 150


def test_counts_that_vary_as_chance_does_tell_nothing():
    y = np.random.default_rng(1).poisson(3.0, (500, 2))
    with pytest.raises(DegenerateDataError, match="IOM-E065"):
        persistence(table(y))
    assert persistence(table(population(1, n=200)[0])).law.interval(0.999999999) == (-math.inf, math.inf)


def test_what_cannot_tell_is_refused():
    y, _ = population(1, n=200)
    everybody = panel(y, RULES["at_least"])
    with pytest.raises(InputError, match="IOM-E035"):
        persistence(y)
    with pytest.raises(InputError, match="IOM-E048"):
        persistence(everybody.managed)
    unknown = Panel.from_arrays(y, name="arrests", windows=WINDOWS, start=everybody.start)
    with pytest.raises(InputError, match="IOM-E048: arrests: nothing says how people were picked"):
        persistence(unknown)
    late = Selection("arrests", ("after",), "at_least", "within_post", threshold=CUT)
    with pytest.raises(InputError, match=r"IOM-E048.*picked on the window after"):
        persistence(Panel.from_arrays(y, name="arrests", windows=WINDOWS, start=everybody.start, selection=late))
    unlike = np.ma.MaskedArray(np.arange(200) % 2, mask=everybody.start.mask)
    with pytest.raises(InputError, match=r"IOM-E047.*start at different windows"):
        persistence(Panel.from_arrays(y, name="arrests", windows=WINDOWS, start=unlike, selection=RULES["at_least"]))
    for weight in (np.where(everybody.group, 0, 1), np.where(everybody.group, 0.0, 2.5)):
        with pytest.raises(InputError, match=r"IOM-E061: arrests: expected managed people with a weight"):
            persistence(replace(everybody, weight=weight))
    with pytest.raises(InputError, match="IOM-E047"):
        persistence(Panel.from_arrays(np.stack([y, y]), windows=WINDOWS, start=np.ma.masked_all(200, dtype=int)))

import itertools

import numpy as np
import pytest
from scipy.stats import norm

from iom_causal.numerics.sensitivity.lee import lee_bounds, trimmed_mean

EXACT = 1e-12
NAN = np.nan
SAMPLED = 4  # standard errors of a simulated figure


def groups(rng, managed, others, followed, *, digits=8):
    """Make two groups with so many people, of whom a share each is followed up."""
    outcome = np.round(rng.normal(size=managed + others), digits)
    treated = np.arange(managed + others) < managed
    lost = np.concatenate([np.arange(managed) >= followed[0] * managed, np.arange(others) >= followed[1] * others])
    return np.where(lost, NAN, outcome), treated


@pytest.mark.parametrize("digits", [8, 0])
@pytest.mark.parametrize("followed", [(0.8, 0.4), (0.5, 1.0)])
def test_the_ends_are_those_of_the_worst_subsets(followed, digits):
    # 10 people each: whole people are cut, and every way to keep so many of the better followed is tried.
    y, treated = groups(np.random.default_rng(7), 10, 10, followed, digits=digits)
    better = treated if followed[0] > followed[1] else ~treated
    most, few = (side[~np.isnan(side)] for side in (y[better], y[~better]))
    means = [np.mean(kept) for kept in itertools.combinations(most, len(few))]
    ends = sorted(np.array([min(means), max(means)]) - few.mean()) if better is treated else None
    if ends is None:
        ends = sorted(few.mean() - np.array([min(means), max(means)]))
    found = lee_bounds(y, treated)
    assert (found.low, found.high) == pytest.approx(ends, abs=EXACT)
    assert found.trimmed == pytest.approx(1 - len(few) / len(most))


def test_a_fraction_of_a_person_is_that_of_people_repeated():
    # 7 and 5 people: the cut lies within a person. Of everybody seven times over it lies between people.
    rng = np.random.default_rng(2)
    y, treated = rng.integers(0, 4, 12).astype(float), np.arange(12) < 7
    y[[3, 8, 9, 10]] = NAN
    many = np.repeat(y, 35)
    rows = np.repeat(treated, 35)
    kept = np.sort(many[rows & ~np.isnan(many)])
    mass = round((~np.isnan(many) & ~rows).sum() / (~rows).sum() * rows.sum())
    others = np.nanmean(many[~rows])
    found = lee_bounds(y, treated)
    assert found.low == pytest.approx(kept[:mass].mean() - others, abs=EXACT)
    assert found.high == pytest.approx(kept[-mass:].mean() - others, abs=EXACT)


def test_weights_are_people():
    rng = np.random.default_rng(3)
    y, treated = groups(rng, 12, 9, (0.9, 0.5), digits=0)
    weight = rng.integers(0, 4, 21).astype(float)
    rows = np.repeat(np.arange(21), weight.astype(int))
    one, other = lee_bounds(y, treated, weight), lee_bounds(y[rows], treated[rows])
    assert one[:5] == pytest.approx(other[:5], rel=1e-9)


def test_everybody_followed_up_is_the_difference_of_means():
    y, treated = groups(np.random.default_rng(4), 30, 20, (1.0, 1.0))
    found = lee_bounds(y, treated)
    assert found.low == pytest.approx(y[treated].mean() - y[~treated].mean(), abs=EXACT)
    assert found.high == pytest.approx(found.low, abs=EXACT)
    error = np.sqrt(y[treated].var(ddof=1) / 30 + y[~treated].var(ddof=1) / 20)
    assert (found.low_error, found.high_error) == pytest.approx((error, error), rel=EXACT)


def test_groups_that_change_places_turn_the_ends():
    y, treated = groups(np.random.default_rng(5), 30, 20, (0.9, 0.6))
    one, other = lee_bounds(y, treated), lee_bounds(y, ~treated)
    assert (one.low, one.high) == pytest.approx((-other.high, -other.low))
    assert (one.low_error, one.high_error) == pytest.approx((other.high_error, other.low_error))


def test_standard_errors_are_those_of_proposition_3():
    # Lee (2009), for the upper end: three parts of the trimmed group, and the mean of the other.
    y, treated = groups(np.random.default_rng(6), 400, 300, (0.9, 0.6))
    found = lee_bounds(y, treated)
    seen, q1, q0 = y[treated & ~np.isnan(y)], 0.9, 0.6
    p = 1 - q0 / q1
    kept = trimmed_mean(seen, np.ones(len(seen)), (1 - p) * len(seen), lowest=False)
    inside = seen[kept.kept > 0]
    beyond = (kept.cut - kept.mean) ** 2
    n1 = len(seen)
    parts = inside.var() / (n1 * (1 - p)) + beyond * p / (n1 * (1 - p))
    parts += beyond * ((1 - q0) / (q0 * 300) + (1 - q1) / (q1 * 400))
    other = y[~treated & ~np.isnan(y)]
    expected = np.sqrt(parts + other.var() / len(other))
    assert found.high_error == pytest.approx(expected, rel=0.005)  # n in place of n - 1, of 300 and 400


def test_in_a_large_world_the_ends_are_those_of_the_normal_and_hold_the_truth():
    # Everybody's outcome is normal; a quarter more are followed up if treated, and they are the lowest.
    rng = np.random.default_rng(8)
    n, truth = 400_000, 0.5
    untreated, treated = rng.normal(size=n), rng.random(n) < 0.5
    always = rng.random(n) < 0.6
    only_treated = ~always & (rng.random(n) < 0.5)
    outcome = untreated + truth * treated - only_treated
    seen = always | (only_treated & treated)
    found = lee_bounds(np.where(seen, outcome, NAN), treated)
    assert found.low <= truth <= found.high
    assert found.trimmed == pytest.approx(0.25, abs=0.01)  # of 300,000 draws
    share = 0.6 / 0.8
    z = norm.ppf(share)
    plain = lee_bounds(np.where(rng.random(n) < np.where(treated, 0.8, 0.6), untreated, NAN), treated)
    room = norm.pdf(z) / share
    assert plain.high == pytest.approx(room, abs=SAMPLED * plain.high_error)
    assert plain.low == pytest.approx(-room, abs=SAMPLED * plain.low_error)


def test_standard_errors_are_the_spread_over_samples():
    rng = np.random.default_rng(9)
    lows, errors = [], []
    for _ in range(1500):
        treated = np.arange(400) < 200
        seen = rng.random(400) < np.where(treated, 0.9, 0.7)
        found = lee_bounds(np.where(seen, rng.normal(size=400), NAN), treated)
        lows.append(found.low)
        errors.append(found.low_error)
    spread = np.std(lows, ddof=1)
    assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(spread, abs=SAMPLED * spread / np.sqrt(2 * 1500))


def test_what_is_cut_is_never_more_than_there_is():
    trimmed = trimmed_mean(np.array([1.0, 1.0, 2.0]), np.array([1.0, 2.0, 1.0]), 3.0, lowest=True)
    assert (trimmed.mean, trimmed.cut) == (1.0, 1.0)
    assert trimmed_mean(np.array([3.0]), np.ones(1), 1.0, lowest=False).kept.tolist() == [1.0]

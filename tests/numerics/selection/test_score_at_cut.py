"""Regression of a score at a cut: the density at its edge, bounds, and what is refused."""

import numpy as np
import pytest

from iom_causal.errors import DegenerateDataError, InputError, NotIdentifiedError
from iom_causal.numerics.selection.normal import (
    excess_cv,
)
from iom_causal.numerics.selection.score_at_cut import change_at_cut, density_bounds, edge_density, error_for_change

SIZE = 1_000_000
NOISE = 4  # standard errors of a simulation


def test_the_error_of_a_score_moves_people_above_a_cut():
    rng = np.random.default_rng(4)
    true = rng.gamma(2.0, 60.0, SIZE)
    first, second = true + rng.normal(0, 40, SIZE), true + rng.normal(0, 40, SIZE)
    picked = first >= 220
    x, y = first[picked], second[picked]
    edge = edge_density(x, 220, 8.0)
    change = change_at_cut(edge.density, 40.0)
    spread = NOISE * (1600 * float(edge.std_error) + (y - x).std() / x.size**0.5)
    assert abs(float(change) - (y - x).mean()) < spread


def test_a_grid_of_20_points():
    rng = np.random.default_rng(5)
    true = rng.gamma(2.0, 60.0, SIZE)
    first, second = (20 * np.round((true + rng.normal(0, 40, SIZE)) / 20) for _ in range(2))
    x, y = first[first >= 220], second[first >= 220]
    edge = edge_density(x, 220, 20)
    told = float(change_at_cut(edge.density, 40.0, grid=20))
    drop = (y - x).mean()
    assert told == pytest.approx(drop, rel=0.03)  # curvature between two points of a coarse grid
    averaged = ((x == 220).mean() + (x == 240).mean()) / 40 * (1600 + 400 / 12)
    assert -averaged > 0.85 * drop  # the average of two points says less than there is


def test_the_error_of_the_density_is_that_of_samples():
    rng = np.random.default_rng(6)
    samples = 100 + rng.exponential(50, (4000, 200))
    densities = [float(edge_density(s, 100, 15).density) for s in samples]
    told = np.mean([float(edge_density(s, 100, 15).std_error) for s in samples])
    assert np.std(densities) == pytest.approx(told, rel=NOISE / np.sqrt(2 * 4000))


def test_weights_stand_for_people():
    x = np.array([220, 220, 240, 300, 500.0])
    weight = np.array([[1, 1, 1, 1, 1], [2, 2, 1, 0, 3]])
    by_hand = edge_density(np.repeat(x, weight[1]), 220, 20)
    assert edge_density(x, 220, 20, weight).density[1] == pytest.approx(float(by_hand.density), rel=1e-12)


def test_what_is_refused():
    with pytest.raises(DegenerateDataError, match="IOM-E065"):
        excess_cv(200.0, 10.0, 220.0)
    with pytest.raises(NotIdentifiedError, match="IOM-E068"):
        edge_density([300.0, 320.0], 220, 20)
    with pytest.raises(InputError, match="IOM-E092"):
        edge_density([200.0, 320.0], 220, 20)
    with pytest.raises(InputError, match="IOM-E092"):
        change_at_cut(0.01, -1.0)


@pytest.mark.parametrize("seed", range(20))
def test_falling_histograms_lie_inside_their_own_density_bounds(seed):
    rng = np.random.default_rng(seed)
    size = int(rng.integers(3, 30))
    shares = np.sort(rng.dirichlet(np.full(size, 0.5)))[::-1] * 0.98
    shares[-1] += 0.02  # somebody is at the highest, and perhaps more than one step below
    scores = 220 + 20 * np.arange(size)
    mean = float(shares @ scores)
    sd = float(np.sqrt(shares @ (scores - mean) ** 2 * 1000 / 999))
    low, high = density_bounds(mean, sd, 1000, lowest=220, highest=float(scores[-1]), step=20)
    assert low - 1e-9 <= (3 * shares[0] - shares[1]) / 40 <= high + 1e-9


def test_the_least_density_is_that_of_steps_of_a_falling_curve_and_people_at_the_top():
    # A falling density is a mixture of uniforms from the edge. With a mass at the top, a total and two moments the
    # ends have three parts at most: two uniforms and that mass, gone through here one by one.
    mean, sd, top = 108.89, 142.71, 880.0
    seen = []
    for short in np.arange(1.0, 300.0):
        for far in np.append(np.arange(short + 4, top, 8.0), top):
            parts = np.array([[1, 1, 1], [short / 2, far / 2, top], [short**2 / 3, far**2 / 3, top**2]])
            masses = np.linalg.solve(parts, [1.0, mean, mean**2 + sd**2])
            if (masses >= 0).all():
                seen.append(masses[0] / short + masses[1] / far)
    low, high = density_bounds(mean, sd, 10**9, lowest=0.0, highest=top, step=1.0)
    assert low == pytest.approx(min(seen), rel=0.01)  # steps of 1 in a width of 150
    # As many people as can be lie in the narrowest uniform: there the reading of a density through two cells decides.
    assert max(seen) < high < 2 * max(seen)


def test_scores_that_cannot_fall_from_their_lowest_are_refused():
    with pytest.raises(NotIdentifiedError, match="IOM-E068"):
        density_bounds(1000.0, 10.0, 225, lowest=220, highest=1100, step=20)


def test_the_error_that_brings_a_fall_brings_it_where_scores_thin_out_evenly():
    rng = np.random.default_rng(7)
    true = rng.exponential(42.0, 10 * SIZE)  # with a normal error added, scores far above 0 thin out as evenly
    first, second = true + rng.normal(0, 20, true.size), true + rng.normal(0, 20, true.size)
    x, y = first[first >= 100], second[first >= 100]
    change = (y - x).mean()
    error = float(error_for_change(change, 1 / (x.mean() - 100)))
    assert abs(error - 20) < NOISE * 21 * (y - x).std() / x.size**0.5 / 20  # dE = 42 dC / 2E


def test_an_error_that_brings_a_rise_is_refused():
    for change, density in ((1.0, 0.02), (-1.0, 0.0), (-1.0, float("nan"))):
        with pytest.raises(InputError, match="expected a fall"):
            error_for_change(change, density)

"""Jump at a cut against RDHonest, least squares, quadrature, and a search over bounded second derivatives."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import integrate, optimize

from iom_causal.numerics.comparison.discontinuity import (
    People,
    cells_of,
    jump_at,
    kernel_weights,
    local_line,
    misspecification_interval,
    smoothness_rule,
)

STORED = json.loads((Path(__file__).parents[2] / "reference" / "r" / "discontinuity.json").read_text(encoding="utf-8"))
CUT = 11
SAME = 1e-9
LEVEL = 0.95


def both_sides(*, sparse, bandwidth):
    x, y = np.array(STORED["score"], dtype=float) - CUT, np.array(STORED["after"], dtype=float)
    rows = np.array(STORED["sparse_rows"]) - 1 if sparse else np.arange(x.size)
    x, y = x[rows], y[rows]
    inside = np.abs(x) <= bandwidth
    return [People(x[inside & side], y[inside & side]) for side in (x < 0, x >= 0)]


def inside_of_kernel(people, bandwidth, kernel):
    keep = kernel_weights(np.abs(people.x), bandwidth, kernel) > 0
    return People(people.x[keep], people.y[keep])


@pytest.mark.parametrize("case", STORED["bsd"], ids=lambda c: f"{c['M']}-{c['h']}-{c['kernel']}")
def test_bounded_second_derivatives_are_those_of_rdhonest(case):
    people = both_sides(sparse=case["sparse"], bandwidth=case["h"])
    sides = [
        local_line(cells_of(*inside_of_kernel(p, case["h"], case["kernel"])), case["h"], case["kernel"]) for p in people
    ]
    found = jump_at(*sides, case["M"], LEVEL, ratio=False)
    names = ("estimate", "std.error", "maximum.bias", "conf.low", "conf.high", "p.value")
    ours = (found.value, found.std_error, found.bias, found.low, found.high, found.p_value)
    assert ours == pytest.approx([case[name] for name in names], rel=SAME)


@pytest.mark.parametrize("case", STORED["bme"], ids=lambda c: f"{c['h']}-{c['sparse']}")
def test_bounded_misspecification_is_that_of_rdhonest(case):
    people = both_sides(sparse=case["sparse"], bandwidth=case["h"])
    found = misspecification_interval(*(cells_of(*p) for p in people), tuple(people), LEVEL)
    names = ("estimate", "std.error", "maximum.bias", "conf.low", "conf.high")
    ours = (found.value, found.std_error, found.bias, found.low, found.high)
    assert ours == pytest.approx([case[name] for name in names], rel=SAME)


def test_the_rule_of_thumb_is_that_of_rdhonest():
    people = both_sides(sparse=False, bandwidth=np.inf)
    assert max(smoothness_rule(*p) for p in people) == pytest.approx(STORED["rule"], rel=1e-7)


@pytest.mark.parametrize("kernel", ["triangular", "uniform"])
def test_the_line_is_weighted_least_squares(kernel):
    people = both_sides(sparse=True, bandwidth=7.5)[1]
    side = local_line(cells_of(*people), 7.5, kernel)
    weight = np.sqrt(kernel_weights(people.x, 7.5, kernel))
    design = np.column_stack([weight, weight * people.x])
    fit = np.linalg.lstsq(design, weight * people.y, rcond=None)[0]
    assert (side.limit, side.slope) == pytest.approx(tuple(fit), rel=SAME)
    assert side.weights.sum() == pytest.approx(1.0)
    assert side.weights @ cells_of(*people).x == pytest.approx(0.0, abs=1e-12)


def test_no_mean_with_the_second_derivative_has_more_bias_and_one_has_as_much():
    # A second derivative of +-1 that changes sign wherever it may: bias by quadrature, greatest by linear programming.
    people = both_sides(sparse=True, bandwidth=9.0)[1]
    cells = cells_of(*people)
    side = local_line(cells, 9.0, "triangular")
    grid = np.linspace(0, 9, 901)
    middle, step = (grid[1:] + grid[:-1]) / 2, grid[1]
    response = step * np.array([(side.weights * np.maximum(cells.x - s, 0)).sum() for s in middle])
    best = optimize.linprog(-response, bounds=[(-1, 1)] * len(middle))
    assert side.curvature == pytest.approx(-best.fun, rel=1e-4)
    exact = integrate.quad(
        lambda s: abs((side.weights * np.maximum(cells.x - s, 0)).sum()), 0, 9, points=cells.x, limit=200
    )
    assert side.curvature == pytest.approx(exact[0], rel=1e-8)


def test_the_ratio_is_the_delta_method_on_both_limits():
    people = both_sides(sparse=False, bandwidth=6.0)
    below, above = (local_line(cells_of(*p), 6.0, "uniform") for p in people)
    found = jump_at(below, above, 0.1, LEVEL, ratio=True)
    assert found.value == pytest.approx(np.log(above.limit) - np.log(below.limit), rel=SAME)
    assert found.std_error == pytest.approx(
        np.hypot(np.sqrt(below.variance) / below.limit, np.sqrt(above.variance) / above.limit), rel=SAME
    )
    assert found.bias == pytest.approx(0.1 * (below.curvature / below.limit + above.curvature / above.limit), rel=SAME)

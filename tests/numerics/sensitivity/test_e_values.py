import math

import numpy as np
import pytest

from iom_causal.numerics.sensitivity.e_values import (
    RiskCounts,
    bounding_factor,
    difference_factors,
    e_value,
    risk_ratio_of_difference,
    risk_ratio_of_hazards,
    risk_ratio_of_odds,
)

PRINTED = 5e-6  # five decimals are printed
EXACT = 1e-12
GRID = 1e-4  # R's EValue 4.1.3 searches bounding factors on a grid of this step, from 1 up, and takes the next one
HAMMOND_HORN = RiskCounts(397, 397 + 78557, 51, 51 + 108778)


def test_two_associations_of_that_strength_make_the_ratio():
    ratio = np.array([1.0, 1 + 1e-12, 1.3, 3.9, 1e8])
    e = e_value(ratio)
    assert bounding_factor(e, e) == pytest.approx(ratio, rel=EXACT)
    assert e_value(1 / ratio) == pytest.approx(e, rel=1e-6)  # near 1 the root takes half of the digits


def test_no_confounder_of_these_associations_biases_a_ratio_by_more():
    # Brute force: binary causes of any frequency among exposed and unexposed, and of any risks.
    rng = np.random.default_rng(1)
    exposed, unexposed = rng.uniform(size=(2, 20_000))
    times = rng.uniform(1, 6, 20_000)  # the risk with the cause over that without it
    confounded = (1 + exposed * (times - 1)) / (1 + unexposed * (times - 1))  # where the exposure does nothing
    frequency = np.maximum(exposed / unexposed, (1 - exposed) / (1 - unexposed))
    bound = bounding_factor(np.maximum(frequency, 1), times)
    assert (confounded <= bound * (1 + EXACT)).all()
    # It is attained: everybody exposed has the cause, and one in the first strength of the others.
    attained = 2.5 / (1 + (2.5 - 1) / 2.3)
    assert float(bounding_factor(2.3, 2.5)) == pytest.approx(attained, rel=EXACT)


def test_a_cause_without_limit_on_one_side_biases_by_the_other():
    assert float(bounding_factor(math.inf, 2.5)) == 2.5


def test_a_difference_of_risks_on_the_grid_of_its_package():
    factors = difference_factors(HAMMOND_HORN)
    on_grid = 1 + math.ceil((factors.limit - 1) / GRID) * GRID
    assert float(e_value(on_grid)) == pytest.approx(15.95703, abs=PRINTED)  # R: EValue::evalues.RD
    ratio = (397 / HAMMOND_HORN.people) / (51 / HAMMOND_HORN.people_unexposed)
    assert factors.estimate == pytest.approx(ratio, rel=EXACT)  # a difference of 0 is a ratio of 1


def test_a_difference_of_risks_moved_elsewhere_solves_the_equation_of_its_source():
    counts, reference = RiskCounts(60, 200, 30, 300), 0.05
    factor = difference_factors(counts, reference).estimate
    f, p1, p0 = 0.4, 0.3, 0.1
    assert (p1 - p0 * factor) * (f + (1 - f) / factor) == pytest.approx(reference, abs=EXACT)
    assert difference_factors(counts, 0.2).estimate == pytest.approx(1.0, rel=EXACT)
    assert difference_factors(counts, 0.15).limit == 1.0  # the interval reaches it as it is


def test_the_limit_of_a_difference_is_that_of_its_delta_method():
    counts = RiskCounts(60, 200, 30, 300)
    factor = difference_factors(counts).limit
    step = 1e-6

    def bounded(p1, p0, f):
        return (p1 - p0 * factor) * (f + (1 - f) / factor)

    at, variance = (0.3, 0.1, 0.4), (0.3 * 0.7 / 200, 0.1 * 0.9 / 300, 0.4 * 0.6 / 500)
    slopes = [(bounded(*(v + step * (i == j) for j, v in enumerate(at))) - bounded(*at)) / step for i in range(len(at))]
    error = math.sqrt(sum(s * s * v for s, v in zip(slopes, variance, strict=True)))
    assert bounded(*at) == pytest.approx(1.959963984540054 * error, rel=1e-5)  # by differences of 1e-6


def test_ratios_of_common_outcomes():
    assert float(risk_ratio_of_odds(0.86)) == math.sqrt(0.86)
    for hazards in (0.2, 0.56, 1.0, 3.0):
        plain = (1 - 0.5 ** math.sqrt(hazards)) / (1 - 0.5 ** math.sqrt(1 / hazards))
        assert float(risk_ratio_of_hazards(hazards)) == pytest.approx(plain, rel=EXACT)
    # Where half of the unexposed have the outcome: the root lies between the ratios of risks and of odds.
    odds = 3.0
    assert 2 * odds / (1 + odds) < float(risk_ratio_of_odds(odds)) < odds


def test_a_standardised_difference_stands_for_the_root_of_the_odds_of_a_cut():
    # Logistic outcomes a distance d apart: odds of exceeding any cut differ by exp(d pi / sqrt 3), whose root it is.
    d = 0.5
    assert float(risk_ratio_of_difference(d)[0]) == pytest.approx(math.exp(d * math.pi / math.sqrt(3) / 2), rel=0.002)
    low, high = risk_ratio_of_difference(d, 0.25)[1:]
    assert low * high == pytest.approx(math.exp(2 * 0.91 * d), rel=EXACT)

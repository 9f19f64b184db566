"""Power, sample size and detectable change of the paired test: noncentral areas and published sizes."""

import numpy as np
import pytest
from scipy import stats

from iom_causal.errors import InputError
from iom_causal.numerics.inference.power import (
    paired_detectable,
    paired_power,
    paired_sample_size,
    ratio_sample_size,
)


@pytest.mark.parametrize("sides", ["two-sided", "one-sided"])
def test_power_is_a_noncentral_area(sides):
    n, d = np.array([5, 20, 60]), 0.4
    cut = stats.t.isf(0.05 / (2 if sides == "two-sided" else 1), n - 1)
    theirs = stats.nct.sf(cut, n - 1, d * n**0.5)
    if sides == "two-sided":
        theirs = theirs + stats.nct.cdf(-cut, n - 1, d * n**0.5)
    power = paired_power(n, d, sides=sides)
    assert power == pytest.approx(theirs, rel=1e-9)


@pytest.mark.parametrize("d", [0.08, 0.5, -1.3, 4.0])
def test_sample_size_is_the_first_with_the_power(d):
    n = paired_sample_size(d, power=0.9)
    assert paired_power(n, d) >= 0.9
    assert n == 2 or paired_power(n - 1, d) < 0.9


def test_detectable_change_has_exactly_the_power():
    d = paired_detectable(36, power=0.8)
    assert float(paired_power(36, d)) == pytest.approx(0.8, rel=1e-11)


def test_sizes_for_the_published_ratio():
    cv = {"cv_pre": 4.75 / 6.84, "cv_post": 3.66 / 3.61, "r": 0.53554}
    assert ratio_sample_size(0.8, **cv) == 120
    assert ratio_sample_size(0.9, **cv) == pytest.approx(535, abs=1)


@pytest.mark.parametrize(
    "call",
    [
        lambda: paired_power(1, 0.5),
        lambda: paired_power(10, 0.5, alpha=0.0),
        lambda: paired_power(10, 0.5, sides="left"),
        lambda: paired_sample_size(0.0),
        lambda: paired_sample_size(0.5, power=1.0),
        lambda: paired_detectable(10, power=0.05),
        lambda: ratio_sample_size(1.0, cv_pre=1, cv_post=1, r=0),
    ],
)
def test_impossible_requests_get_typed_errors(call):
    with pytest.raises(InputError, match=r"IOM-E0(60|92)"):
        call()

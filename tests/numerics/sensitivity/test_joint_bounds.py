from decimal import Decimal, localcontext

import numpy as np
import pytest

from iom_causal.numerics.sensitivity.e_values import bounding_factor, e_value
from iom_causal.numerics.sensitivity.joint_bounds import joint_bound, joint_e_value

PRINTED = 5e-7  # six decimals are printed
SEARCHED = 2.5e-5  # R's uniroot stops within 1.2e-4; what it printed lies this near to the solution
EXPLAINS = 1e-8  # of the ratio: asked of the joint E-value, 6 digits better than any strength is known


def test_bounds_as_published():
    assert float(joint_bound([(2.3, 2.5), (3, 2)])) == pytest.approx((2.3 * 2.5 / 3.8) * (3 * 2 / 4), rel=1e-14)
    assert float(joint_bound([(2.3, 2.5), (3, 2)])) == pytest.approx(2.269737, abs=PRINTED)
    assert float(joint_bound([(2, 1.22)], [1.59])) == pytest.approx(1.747568, abs=PRINTED)


@pytest.mark.parametrize(
    ("ratio", "pairs", "singles", "printed", "within"),
    [
        (6.75, 2, 0, 4.635703, PRINTED),
        (2.79, 2, 0, 2.728474, PRINTED),
        (0.51, 1, 2, 1.351985, SEARCHED),
        (0.89, 1, 2, 1.058404, SEARCHED),
    ],
)
def test_joint_e_values_as_printed(ratio, pairs, singles, printed, within):
    assert float(joint_e_value(ratio, pairs, singles)) == pytest.approx(printed, abs=within)


@pytest.mark.parametrize("singles", range(4))
@pytest.mark.parametrize("pairs", range(4))
def test_at_the_joint_e_value_the_bound_is_the_ratio(pairs, singles):
    if pairs + singles == 0:
        return
    ratio = np.array([1.0, 1 + 1e-9, 1.05, 2.0, 50.0, 1e6])
    x = joint_e_value(ratio, pairs, singles)
    assert joint_bound([(x, x)] * pairs, [x] * singles) == pytest.approx(ratio, rel=EXPLAINS)
    assert (np.diff(x) > 0).all()
    assert joint_e_value(1 / ratio, pairs, singles) == pytest.approx(x, rel=1e-7)  # near 1 half of the digits are lost


def test_it_is_the_root_that_many_digits_find():
    with localcontext(prec=40):
        low, high = Decimal(1), Decimal(2)
        for _ in range(100):  # halve 2 x - 1 = 0.51 x^4
            middle = (low + high) / 2
            low, high = (middle, high) if Decimal("0.51") * middle**4 < 2 * middle - 1 else (low, middle)
        root = low
    assert float(joint_e_value(0.51, 1, 2)) == pytest.approx(float(root), rel=1e-14)


def test_one_bias_alone_is_the_e_value_and_more_biases_need_less():
    ratio = np.array([1.2, 3.0])
    assert joint_e_value(ratio, 1) == pytest.approx(e_value(ratio), rel=1e-14)
    needed = [joint_e_value(ratio, pairs, singles) for pairs, singles in ((1, 0), (2, 0), (3, 0), (3, 1), (3, 2))]
    assert (np.diff(needed, axis=0) < 0).all()


def test_a_bound_grows_with_every_strength():
    strengths = np.linspace(1, 9, 50)
    for other in (1.0, 1.5, 4.0):
        growth = np.diff(bounding_factor(strengths, other))
        assert (growth > 0).all() if other > 1 else (growth == 0).all()

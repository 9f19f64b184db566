import pytest

from iom_causal.errors import InputError, SpecError
from iom_causal.estimate import Estimate
from iom_causal.sensitivity.e_value import e_value

PRINTED = 5e-7  # six decimals are printed


@pytest.mark.parametrize(
    ("ratio", "low", "high", "reference", "expected"),
    [
        (3.9, 1.8, 8.7, 1.0, (7.263034, 3.0)),
        (0.80, 0.71, 0.91, 1.0, (1.809017, 1.428571)),
        (2.5, None, None, 1.5, (2.720759, None)),
    ],
)
def test_published_values(ratio, low, high, reference, expected):
    found = e_value(ratio, low=low, high=high, reference=reference)
    assert found.estimate == pytest.approx(expected[0], abs=PRINTED)
    assert found.interval == (None if expected[1] is None else pytest.approx(expected[1], abs=PRINTED))


def test_a_joint_association_of_that_strength_just_explains_the_ratio():
    e = e_value(0.5278).estimate
    assert e * e / (2 * e - 1) == pytest.approx(1 / 0.5278)  # the bias that two associations of e can make


def test_an_interval_that_holds_the_reference_needs_nothing():
    assert e_value(1.2, low=0.9, high=1.6).interval == 1.0


def test_only_ratios():
    with pytest.raises(InputError, match="IOM-E066"):
        e_value(Estimate(outcome="y", method="m", estimate=-3.0))
    with pytest.raises(SpecError, match="IOM-E092"):
        e_value(-1.0)

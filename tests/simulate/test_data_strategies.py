"""Data strategies: what an evaluator is told of how people were selected."""

import numpy as np
import pytest
from scipy.special import ndtr

from iom_causal.simulate import BeforeAfter, Careers, Enrolment
from iom_causal.windows import Selection


@pytest.mark.parametrize(
    ("kind", "threshold", "stated"), [("at_least", 4.0, 4.0), ("soft", 4.0, 4.0), ("top", 20.0, None)]
)
def test_a_rule_with_noise_is_told_as_the_soft_rule_that_it_is(kind, threshold, stated):
    given = {"softness": 1.0} if kind == "soft" else {}
    rule = Selection("arrests", ("before",), kind, "at_boundary", threshold=threshold, **given)
    pool = {"pool": 200} if kind == "top" else {}
    careers = Careers(people=20, rate=2.0, enrolment=Enrolment(selection=rule, noise=2.0), **pool)
    told = BeforeAfter()(careers(1)).selection
    assert (told.rule, told.threshold) == ("soft", stated)
    if kind == "at_least":
        # A logistic curve of the same SD is within .025 of a normal one everywhere.
        history = np.arange(12.0)
        assert np.abs(told.probability(history) - ndtr((history - 4) / 2)).max() < 0.025
    elif stated is None:
        assert told.softness is None
    else:
        assert told.softness > 1.0


def test_a_rule_without_noise_is_told_as_it_is():
    rule = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=4)
    assert BeforeAfter()(Careers(people=20, rate=2.0, enrolment=Enrolment(selection=rule))(1)).selection == rule

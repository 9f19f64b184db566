"""Data strategies: what an evaluator is told of how people were selected."""

import numpy as np
import pytest
from scipy.special import ndtr

from iom_causal.simulate import BeforeAfter, Careers, Enrolment
from iom_causal.windows import Selection


@pytest.mark.parametrize("kind", ["at_least", "soft"])
def test_a_cut_with_noise_is_told_as_the_soft_rule_that_it_is(kind):
    given = {"softness": 1.0} if kind == "soft" else {}
    rule = Selection("arrests", ("before",), kind, "at_boundary", threshold=4.0, **given)
    careers = Careers(people=20, rate=2.0, enrolment=Enrolment(selection=rule, noise=2.0))
    told = BeforeAfter()(careers(1)).selection
    assert (told.rule, told.threshold) == ("soft", 4.0)
    if kind == "at_least":
        # A logistic curve of the same SD is within .025 of a normal one everywhere.
        history = np.arange(12.0)
        assert np.abs(told.probability(history) - ndtr((history - 4) / 2)).max() < 0.025
    else:
        assert told.softness == pytest.approx(np.hypot(1.0, 2 * np.sqrt(3) / np.pi))


def test_the_number_of_places_is_told_whatever_else_had_a_part():
    rule = Selection("arrests", ("before",), "top", "at_boundary", threshold=20.0)
    careers = Careers(people=20, pool=200, rate=2.0, enrolment=Enrolment(selection=rule, noise=2.0))
    assert BeforeAfter()(careers(1)).selection == rule


def test_a_rule_without_noise_is_told_as_it_is():
    rule = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=4)
    assert BeforeAfter()(Careers(people=20, rate=2.0, enrolment=Enrolment(selection=rule))(1)).selection == rule

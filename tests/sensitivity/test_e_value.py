import math
from dataclasses import replace

import pytest

from iom_causal.base.wording import violations
from iom_causal.errors import InputError, SpecError
from iom_causal.estimate import Estimate
from iom_causal.estimators import McNemar
from iom_causal.panel import Panel
from iom_causal.sensitivity.e_value import EValue, e_value

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


def test_of_a_ratio_of_odds_it_takes_that_of_risks():
    pairs = [[1, 0]] * 10 + [[0, 1]] * 2 + [[1, 1]] * 5 + [[0, 0]] * 3
    fit = McNemar()(Panel.from_arrays(pairs, kind="binary", name="rearrested"))
    risks = fit.parts[-1]
    assert risks.estimate == (5 + 2) / (5 + 10)
    assert e_value(fit) == e_value(risks.estimate, low=risks.conf_low, high=risks.conf_high)
    with pytest.raises(InputError, match=r"IOM-E066.*risks"):
        e_value(replace(fit, parts=()))


def test_only_ratios():
    with pytest.raises(InputError, match="IOM-E066"):
        e_value(Estimate(outcome="y", method="m", estimate=-3.0))
    with pytest.raises(SpecError, match="IOM-E092"):
        e_value(-1.0)


@pytest.mark.parametrize(
    ("ratio", "low", "high"),
    [(0.8, 0.9, 0.7), (0.8, 0.5, 0.7), (0.8, 0.85, 0.9), (1.5, 1.6, None), (1.5, None, 1.4), (0.8, math.nan, 0.9)],
)
def test_limits_that_do_not_hold_the_ratio_are_refused(ratio, low, high):
    with pytest.raises(SpecError, match="IOM-E092: e_value: expected low <= ratio <= high"):
        e_value(ratio, low=low, high=high)


def test_limits_of_nothing_and_infinity_are_limits():
    assert e_value(0.5, low=0.0, high=0.8).interval == pytest.approx(e_value(0.8).estimate)
    assert e_value(0.5, low=0.2, high=math.inf).interval == 1.0
    assert e_value(3.0, low=0.0, high=math.inf).interval == 1.0


@pytest.mark.parametrize(("found", "told"), [((3.2, 2.77), "2.77"), ((3.2, 1.0), "as it is"), ((3.2, None), "3.20")])
def test_its_sentence_says_of_what_it_is_no_summary(found, told):
    sentence = EValue(*found).sentence
    assert told in sentence
    for said in ("differ between the windows", "picked", "ageing", "detection", "does not sum them up"):
        assert said in sentence
    assert not violations(sentence)

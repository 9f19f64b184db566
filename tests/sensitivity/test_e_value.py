import math
from dataclasses import replace

import numpy as np
import pytest

from iom_causal.base.wording import violations
from iom_causal.confounds import Detection
from iom_causal.confounds.register import REGISTER
from iom_causal.errors import DegenerateDataError, InputError, SpecError
from iom_causal.estimate import Estimate
from iom_causal.estimators import DiffInDiff, EffectSize, McNemar, RateRatio
from iom_causal.ledger import Ledger
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


def test_it_says_what_is_contrasted_and_is_of_its_points():
    n = 40
    start = np.ma.MaskedArray(np.ones(n, dtype=int), mask=np.arange(n) < 20)
    outcome = np.random.default_rng(2).poisson(5, (n, 2))
    two = Panel.from_arrays(outcome, start=start, name="arrests")
    groups = [
        e_value(DiffInDiff()(two)),
        e_value([(60, 200), (30, 300)], measure="risk difference"),
        e_value(0.5, contrast="groups"),
    ]
    for found in groups:
        assert "tied to the group" in found.sentence
        assert "between the groups" in found.sentence
        assert not {"time", "windows"} & set(found.sentence.replace(".", "").split())
        assert not violations(found.sentence)
        assert (found.speaks_to, "group" in found.plot().get_xlabel()) == (("c01", "c02"), True)
    ledger = Ledger((Detection(ratio=0.9),), draws=200)(two, rng=1)  # managed people alone, though of an ATT
    for found in (e_value(ledger), e_value(RateRatio()(two)), e_value(0.5)):
        assert "tied to the time" in found.sentence
        assert found.speaks_to == ("c01",)
    with pytest.raises(SpecError, match="brings its own contrast"):
        e_value(ledger, contrast="groups")
    with pytest.raises(SpecError, match="of two groups"):
        e_value([(60, 200), (30, 300)], measure="risk difference", contrast="windows")


@pytest.mark.parametrize(("found", "told"), [((3.2, 2.77), "2.77"), ((3.2, 1.0), "as it is"), ((3.2, None), "3.20")])
def test_its_sentence_says_of_what_it_is_no_summary(found, told):
    sentence = EValue(*found).sentence
    assert told in sentence
    for said in ("differ between the windows", "picked", "ageing", "detection", "does not sum them up"):
        assert said in sentence
    assert not violations(sentence)


def test_it_unpacks_into_its_two_values():
    estimate, interval = e_value(3.9, low=1.8, high=8.7)
    assert (estimate, interval) == pytest.approx((7.263034, 3.0), abs=PRINTED)


def test_common_outcomes_are_read_by_their_root_and_rare_ones_as_they_are():
    # R: evalues.OR(0.86, 0.75, 0.99, rare = FALSE); evalues.HR(0.56, 0.46, 0.69, rare = FALSE)
    common = e_value(0.86, low=0.75, high=0.99, measure="odds ratio", rare=False)
    assert tuple(common) == pytest.approx(tuple(e_value(0.86**0.5, high=0.99**0.5)))
    hazard = e_value(0.56, low=0.46, high=0.69, measure="hazard ratio", rare=False)
    assert hazard.ratio == pytest.approx((1 - 0.5**0.56**0.5) / (1 - 0.5 ** (1 / 0.56) ** 0.5))
    assert tuple(e_value(0.86, measure="odds ratio", rare=True)) == tuple(e_value(0.86))
    assert e_value(3.0, low=0.0, high=math.inf, measure="odds ratio", rare=False).interval == 1.0
    with pytest.raises(SpecError, match=r"IOM-E092.*rare"):
        e_value(0.86, measure="odds ratio")


def test_a_reference_is_read_as_the_ratio_is():
    moved = e_value(4.0, reference=2.25, measure="odds ratio", rare=False)
    assert moved.estimate == pytest.approx(e_value(2.0, reference=1.5).estimate)
    assert "to 2.25" in moved.sentence


def test_a_standardised_difference():
    # R: evalues.MD(.5, .25)
    found = e_value(0.5, std_error=0.25, measure="standardised difference")
    assert tuple(found) == pytest.approx(tuple(e_value(math.exp(0.455), low=math.exp(0.455 - 0.445))))
    assert e_value(-0.5, measure="standardised difference").estimate == pytest.approx(found.estimate)
    assert e_value(0.2, std_error=0.2, measure="standardised difference").interval == 1.0
    assert e_value(0.5, measure="standardised difference", reference=0.5).estimate == 1.0


def test_a_standardised_difference_of_an_estimate_is_over_the_spread_among_people():
    panel = Panel.from_arrays([[5, 2], [3, 1], [4, 4], [6, 1], [2, 3], [7, 3]], name="arrests")
    among = EffectSize("dav", interval="analytic")(panel)
    found = e_value(among, measure="standardised difference")
    assert found.estimate == pytest.approx(e_value(math.exp(0.91 * among.estimate)).estimate)
    with pytest.raises(InputError, match=r"IOM-E066.*dav"):
        e_value(EffectSize("dz")(panel), measure="standardised difference")


def test_a_difference_of_risks_is_the_same_whichever_group_comes_first():
    groups = [(60, 200), (30, 300)]
    one, other = (e_value(g, measure="risk difference") for g in (groups, groups[::-1]))
    assert tuple(one) == tuple(other)
    assert one.given == -other.given == pytest.approx(0.2)
    moved = e_value(groups[::-1], measure="risk difference", reference=-0.05)
    assert tuple(moved) == tuple(e_value(groups, measure="risk difference", reference=0.05))
    assert moved.estimate < one.estimate


@pytest.mark.parametrize(
    ("result", "error"),
    [
        ([(0, 20), (3, 20)], DegenerateDataError),
        ([(21, 20), (3, 20)], SpecError),
        ([(1, 20)], SpecError),
        (0.3, SpecError),
    ],
)
def test_what_is_no_difference_of_risks(result, error):
    with pytest.raises(error, match="IOM-E0"):
        e_value(result, measure="risk difference")
    with pytest.raises(SpecError, match="IOM-E092"):
        e_value([(60, 200), (30, 300)], measure="risk difference", reference=0.3)
    with pytest.raises(SpecError, match="IOM-E092"):
        e_value([(60, 200), (30, 300)])


@pytest.mark.parametrize(
    "found",
    [
        e_value(0.5, high=0.8),
        e_value(0.5, measure="odds ratio", rare=False),
        e_value(0.5, measure="odds ratio", rare=True),
        e_value(0.5, measure="hazard ratio", rare=False),
        e_value(0.5, std_error=0.1, measure="standardised difference"),
        e_value([(60, 200), (30, 300)], measure="risk difference"),
    ],
)
def test_each_measure_has_its_sentence(found):
    assert not violations(found.sentence)
    assert "does not sum them up" in found.sentence
    assert found.measure == "risk ratio" or "stands for" in found.sentence or "risks" in found.sentence
    assert set(found.speaks_to) | set(found.silent_on) <= set(REGISTER)


@pytest.mark.parametrize(
    ("result", "settings"),
    [
        (0.5, {"rare": True}),
        (0.5, {"std_error": 0.1}),
        (0.5, {"measure": "odds ratio", "rare": True, "std_error": 0.1}),
        (0.5, {"measure": "standardised difference", "low": 0.4}),
        ([(60, 200), (30, 300)], {"measure": "risk difference", "high": 0.4}),
        (Estimate(outcome="y", method="m", scale="ratio", estimate=0.5), {"low": 0.4}),
        (Estimate(outcome="y", method="m", scale="standardised", estimate=0.5), {"std_error": 0.4}),
    ],
)
def test_what_a_measure_does_not_take_is_refused(result, settings):
    if isinstance(result, Estimate) and result.scale == "standardised":
        settings = settings | {"measure": "standardised difference"}
    with pytest.raises(SpecError, match="IOM-E092"):
        e_value(result, **settings)

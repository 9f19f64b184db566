"""Checks of test statistics: p-values as statcheck has them, degrees of freedom, directions, intervals."""

import pytest

from iom_causal.base.wording import violations
from iom_causal.errors import InputError
from iom_causal.published.audit.audit import audit
from tests.published.audit.studies import paired, study


def p_value(statistic, value, p, *df, tails="2"):
    test = {"name": "x", "statistic": statistic, "value": value, "df": list(df), "p": p, "tails": tails}
    return audit(study(tests=[test]))["p-value:x"]


# statcheck, tests/testthat/test-error.R
@pytest.mark.parametrize(
    ("statistic", "df", "value", "p", "tails", "verdict"),
    [
        ("t", ["28"], "2.20", ".03", "2", "inconsistent"),
        ("t", ["28"], "2.20", ".036", "2", "consistent"),
        ("t", ["28"], "2.20", ".037", "2", "consistent"),
        ("t", ["28"], "2.2", ".03", "2", "consistent"),
        ("t", ["28"], "2.2", ".04", "2", "consistent"),
        ("t", ["28"], "2.20", ".06", "2", "inconsistent"),
        ("t", ["28"], "1.20", ".03", "2", "inconsistent"),
        ("t", ["28"], "22.20", ".000", "2", "inconsistent"),
        ("t", ["28"], "22.20", "p < .000", "2", "inconsistent"),
        ("t", ["28"], "22.20", "p < .001", "2", "consistent"),
        ("t", ["28"], "-2.20", ".036", "2", "consistent"),
        ("t", ["28"], "2.20", ".018", "1", "consistent"),
        ("t", ["28"], "2.20", ".018", "2", "inconsistent"),
        ("t", ["28"], "2.20", "p < .05", "2", "consistent"),
        ("t", ["28"], "2.20", "p > .05", "2", "inconsistent"),
        ("F", ["2", "28"], "2.20", ".13", "2", "consistent"),
        ("r", ["28"], ".22", ".24", "2", "consistent"),
        ("chi2", ["28"], "22.20", ".77", "2", "consistent"),
        ("z", [], "2.20", ".03", "2", "consistent"),
        ("z", [], "2.20", ".02", "2", "inconsistent"),
    ],
)
def test_p_values(statistic, df, value, p, tails, verdict):
    assert p_value(statistic, value, p, *df, tails=tails).verdict == verdict


# P(T > -1.86) on 18 degrees of freedom is .96035: scipy.stats.t.sf(-1.86, 18)
@pytest.mark.parametrize(
    ("value", "p", "tails", "verdict", "told"),
    [
        ("-1.86", "p = .960", "1", "consistent", "for a test of the other direction; “p = .960” agrees"),
        ("1.86", "p = .960", "1", "consistent", "for a test of the other direction"),
        ("-1.86", "p = .040", "1", "consistent", "from .0393 to .0400; “p = .040” agrees"),
        ("-1.86", "p > .05", "1", "consistent", "for a test of the other direction"),
        ("-1.86", "p = .96", "2", "inconsistent", "does not match"),
        ("-1.86", "p = .500", "1", "inconsistent", "from .0393 to .0400; “p = .500” does not match"),
    ],
)
def test_a_one_sided_p_may_be_of_the_other_direction(value, p, tails, verdict, told):
    found = p_value("t", value, p, "18", tails=tails)
    assert found.verdict == verdict
    assert told in found.sentence
    assert not violations(found.sentence)
    if tails == "2":
        assert "one-sided p-value of the same statistic for a test of the other direction" in found.reconcile


def test_there_is_no_other_direction_of_a_square():
    assert p_value("F", "2.20", ".87", "2", "28", tails="1").verdict == "inconsistent"


def test_a_p_without_degrees_of_freedom():
    assert p_value("t", "2.20", ".03").verdict == "uninformative"


@pytest.mark.parametrize(
    "test",
    [
        {"statistic": "t", "value": "2.2", "df": ["2", "28"]},
        {"statistic": "F", "value": "-2.2", "df": ["2", "28"]},
        {"statistic": "r", "value": "1.2", "df": ["28"]},
        {"statistic": "z", "value": "1.2", "tails": "3"},
    ],
)
def test_impossible_tests_are_refused_when_read(test):
    with pytest.raises(InputError, match="IOM-E101"):
        study(tests=[test])


def test_a_p_on_the_other_side_of_the_usual_level_is_said():
    assert "different sides of .05" in p_value("t", "2.20", ".06", "28").sentence
    assert "different sides of .05" in p_value("t", "1.20", ".03", "28").sentence
    assert "different sides" not in p_value("t", "2.20", ".03", "28").sentence


def test_what_reconciles_a_p():
    assert "one-sided" in p_value("t", "2.20", ".018", "28").reconcile
    assert "two-sided" in p_value("t", "2.20", ".036", "28", tails="1").reconcile
    assert "“p < .001” would agree" in p_value("t", "22.20", ".000", "28").reconcile
    assert "t of about 2.29" in p_value("t", "2.20", ".03", "28").reconcile
    assert "agree with p from .1290 to .1302" in p_value("F", "2.20", ".03", "2", "28").reconcile


def test_degrees_of_freedom():
    assert paired()["degrees-of-freedom:arrests"].verdict == "consistent"
    found = paired(df="28")["degrees-of-freedom:arrests"]
    assert (found.verdict, found.reconcile) == ("inconsistent", "28 would belong to 29 pairs.")


def test_direction():
    assert paired()["direction:arrests"].verdict == "consistent"
    assert paired(t="-2.00")["direction:arrests"].verdict == "inconsistent"
    assert paired(t="-2.00", contrast="after_minus_before")["direction:arrests"].verdict == "consistent"


def test_a_t_that_no_correlation_gives():
    assert paired(t="1.10")["moments:arrests"].verdict == "inconsistent"
    assert paired(t="60.00")["moments:arrests"].verdict == "inconsistent"
    assert paired(t="1.40")["moments:arrests"].verdict == "consistent"


def test_moments_of_other_people_are_no_evidence():
    block = {"n": "30", "mean": "4.25", "sd": "2.10"}
    found = paired(before=block)["moments:arrests"]
    assert found.verdict == "uninformative"


def test_interval_against_t():
    # Change 1.11, t 2.00: SE .555, critical 2.0518, so -0.03 to 2.25.
    good = {"mean": "1.11", "low": "-0.03", "high": "2.25"}
    assert paired(change=good)["interval:arrests"].verdict == "consistent"
    found = paired(change={"mean": "1.11", "low": "0.20", "high": "2.02"})["interval:arrests"]
    assert found.verdict == "inconsistent"
    assert "do not agree" in found.sentence
    assert "t of about 2.50" in found.reconcile

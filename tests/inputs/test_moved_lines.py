"""The remainder as a function of settings against a ledger made anew at every value."""

import numpy as np
import pytest

from iom_causal.base.setting_paths import label, replace_path, replace_paths
from iom_causal.beliefs import LogNormal, Normal, Range
from iom_causal.confounds import CONFOUNDS, Detection, History, RegressionToMean, ScoreError
from iom_causal.errors import IomCausalError, SpecError
from iom_causal.ledger import Ledger
from iom_causal.windows import Selection
from tests.sensitivity.subjects import COUNTS, RULE, SCORES, arrests, printed, risk

EXACT = 1e-12
"""Sums of the same lines in another order."""
LINEAR = RegressionToMean(method="linear", comparable_mean=3.0, selection=RULE)
SOFT = Selection("arrests", ("before",), "soft", "at_boundary")
LOGNORMAL = RegressionToMean(method="lognormal", comparable_mean=3.0, selection=SOFT)
CASES = [(line, name, values, refused, arrests()) for line, name, values, refused in COUNTS]
CASES += [(line, name, values, refused, risk(lost=8)) for line, name, values, refused in SCORES]


def anew(ledger, data, field, value):
    try:
        return replace_path(ledger, field, value).central(data)
    except IomCausalError:
        return np.nan


@pytest.mark.parametrize(("line", "name", "values", "refused", "data"), CASES)
def test_it_is_the_ledger_at_every_value_and_nothing_where_one_is_refused(line, name, values, refused, data):
    other = ScoreError(drift_per_year=-5.0) if data.kind == "score" and not isinstance(line, ScoreError) else None
    other = History(ratio=0.9) if data.kind != "score" and not isinstance(line, History) else other
    ledger, field = Ledger(tuple(c for c in (other, line) if c is not None)), f"{label(line)}.{name}"
    tried = [*values, *([] if refused is None else [refused]), *values[:1]]
    found = ledger.central_at(data, field)(np.array(tried))
    expected = [anew(ledger, data, field, value) for value in tried]
    np.testing.assert_allclose(found, expected, rtol=0, atol=EXACT)
    assert np.isnan(found).sum() == (refused is not None)
    assert len(set(np.round(found[: len(values)], 9))) > 1  # it moves


@pytest.mark.parametrize("line", [LOGNORMAL, LINEAR], ids=["fitted at every value", "in closed form"])
def test_many_values_are_as_exact_as_one(line):
    ledger, values = Ledger((line,)), np.geomspace(0.5, 6.0, 40)
    found = ledger.central_at(printed(), "regression_to_mean.comparable_mean")(values)
    expected = [anew(ledger, printed(), "regression_to_mean.comparable_mean", value) for value in values]
    np.testing.assert_allclose(found, expected, rtol=0, atol=EXACT)


def test_every_line_that_moves_anything_is_here():
    assert {type(line) for line, *_ in CASES} == {c for c in CONFOUNDS if c.acts != "not at all"}


@pytest.mark.parametrize("data", [arrests(), printed()], ids=["people", "a print"])
def test_two_settings_are_broadcast_together_and_those_of_one_line_too(data):
    ledger = Ledger((Detection(ratio=0.9), History(ratio=Range(0.8, 0.9))))
    x, y = np.array([[0.5], [0.7], [1.1]]), np.array([0.0, 0.2])
    for fields in (("detection.ratio", "history.ratio"), ("detection.ratio", "detection.false_post")):
        values = y + 0.8 if "history" in fields[1] else y
        found = ledger.central_at(data, *fields)(x, values)
        for i in range(3):
            for j in range(2):
                moved = replace_paths(ledger, {fields[0]: float(x[i, 0]), fields[1]: float(values[j])})
                assert found[i, j] == pytest.approx(moved.central(data), abs=EXACT)


def test_a_setting_of_no_line_is_refused():
    with pytest.raises(SpecError, match=r"level: expected a setting of a confound"):
        Ledger((Detection(),)).central_at(arrests(), "level")


DRAWN = [
    (Ledger((Detection(ratio=0.9), History(ratio=LogNormal(0.9, 0.05))), draws=300), "detection.ratio", arrests()),
    (Ledger((Detection(ratio=LogNormal(0.9, 0.1), false_pre=0.1),), draws=300), "detection.ratio.median", arrests()),
    (
        Ledger((LINEAR, Detection(ratio=LogNormal(1.0, 0.1))), draws=300),
        "regression_to_mean.comparable_mean",
        printed(),
    ),
    (Ledger((History(ratio=0.9, elasticity=Normal(1.0, 0.1)),), draws=300), "history.ratio", arrests()),
    (Ledger((ScoreError(drift_per_year=3.0),), draws=300), "score_error.drift_per_year", risk()),
    (Ledger((Detection(ratio=0.9), History(ratio=Range(0.8, 1.0))), draws=300), "detection.ratio", arrests()),
]  # fmt: skip


@pytest.mark.parametrize(("ledger", "field", "data"), DRAWN)
def test_its_interval_at_every_value_is_that_of_a_call_with_the_same_seed(ledger, field, data):
    values = [0.7, 1.0, 2.0]
    low, high = ledger.interval_at(data, field, rng=5)(np.array(values))
    back = np.exp if data.kind != "score" else np.asarray
    for k, value in enumerate(values):
        called = replace_path(ledger, field, value)(data, rng=5)
        assert back(low[k]) == pytest.approx(called.conf_low, rel=1e-9)
        assert back(high[k]) == pytest.approx(called.conf_high, rel=1e-9)


def test_the_interval_over_two_lines_is_that_of_a_call_and_none_where_a_value_is_refused():
    ledger = Ledger((Detection(), History(ratio=LogNormal(0.9, 0.05)), LINEAR), draws=300)
    fields = ("detection.ratio", "regression_to_mean.comparable_mean")
    low, high = ledger.interval_at(arrests(), *fields, rng=2)(np.array([[0.8], [1.0], [-1.0]]), np.array([2.0, 5.0]))
    called = replace_paths(ledger, {fields[0]: 1.0, fields[1]: 5.0})(arrests(), rng=2)
    assert (np.exp(low[1, 1]), np.exp(high[1, 1])) == pytest.approx((called.conf_low, called.conf_high), rel=1e-9)
    assert np.isnan(low[2]).all()
    assert np.isnan(high[2]).all()
    assert np.isfinite(low[:2]).all()

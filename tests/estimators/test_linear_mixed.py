"""The linear mixed model against lme4 and nlme, closed forms, and its boundary."""

import json
from pathlib import Path

import numpy as np
import pytest

from iom_causal.estimators.linear_mixed import LinearMixed
from iom_causal.estimators.paired_t import PairedT
from iom_causal.panel import Panel

R = json.loads((Path(__file__).parents[1] / "reference" / "r" / "linear_mixed.json").read_text(encoding="utf-8"))
LME4 = 1e-8  # what lme4's optimiser leaves with tolerances of 1e-12
NLME = 2e-6  # what nlme's leaves; its printed variance has seven digits
LIKELIHOOD = 1e-10


def panel(*, missing=False):
    pairs = np.stack([R["before"], R["after"]], axis=-1).astype(float)
    if missing:
        pairs[4::5, 1] = np.nan
    return Panel.from_arrays(pairs, kind="score", age=np.array(R["age"], dtype=float), missing="keep")


@pytest.mark.parametrize(
    ("case", "spec", "missing", "tolerance"),
    [
        ("common", LinearMixed(), False, LME4),
        ("common_age", LinearMixed("age"), False, LME4),
        ("common_missing", LinearMixed(), True, LME4),
        ("by_window", LinearMixed(variances="by_window"), False, NLME),
        ("by_window_missing", LinearMixed(variances="by_window"), True, NLME),
    ],
)
def test_it_gives_what_r_gives(case, spec, missing, tolerance):
    expected, result = R[case], spec(panel(missing=missing))
    figures = result.diagnostics
    assert result.params.tolist() == pytest.approx(expected["coefficients"], rel=tolerance)
    assert result.bse.tolist() == pytest.approx(expected["std_errors"], rel=tolerance)
    assert figures["person_variance"] == pytest.approx(expected["person_variance"], rel=tolerance)
    residual = [figures["residual_variance_before"], figures["residual_variance_after"]]
    assert residual == pytest.approx(expected["residual_variances"], rel=tolerance)
    assert figures["log_likelihood"] == pytest.approx(expected["log_likelihood"], rel=LIKELIHOOD)


def test_the_variances_by_window_are_the_moments():
    result, cov = LinearMixed(variances="by_window")(panel()), np.cov(panel().outcome.T)
    figures = [
        result.diagnostics[k] for k in ("person_variance", "residual_variance_before", "residual_variance_after")
    ]
    assert figures == pytest.approx([cov[0, 1], cov[0, 0] - cov[0, 1], cov[1, 1] - cov[0, 1]], rel=1e-8)


def test_people_without_follow_up_inform_the_fit_and_it_says_so():
    result = LinearMixed()(panel(missing=True))
    assert (result.n_input, result.n_used, result.df) == (40, 40, 31)
    assert "32 of 40 people have both windows; 8 with some windows inform the fit" in result.note
    assert result.estimate != pytest.approx(PairedT()(panel(missing=True)).estimate)


@pytest.mark.parametrize("variances", ["common", "by_window"])
def test_at_the_boundary_it_is_the_paired_test_and_says_so(variances):
    before = np.arange(1, 31) % 11
    opposed = Panel.from_arrays(np.stack([before, 12 - before + np.arange(30) % 3], axis=-1))
    result, paired = LinearMixed(variances=variances)(opposed), PairedT()(opposed)
    assert (result.std_error, result.p_value) == pytest.approx((paired.std_error, paired.p_value), rel=1e-9)
    assert "a variance is estimated at 0" in result.note
    assert result.native is None


def test_native_is_the_mixed_model_of_statsmodels_at_the_same_estimates():
    result = LinearMixed("age")(panel())
    assert result.native.converged
    assert result.native.bse_fe["post"] == pytest.approx(result.std_error, rel=1e-6)  # its gradient stops at 1e-6


def test_an_offset_of_the_outcome_moves_only_the_intercept():
    near, far = panel(), Panel.from_arrays(panel().outcome + 1e6, kind="score")
    assert LinearMixed()(far).std_error == pytest.approx(LinearMixed()(near).std_error, rel=1e-7)

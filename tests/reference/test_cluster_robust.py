"""Cluster-robust least squares against clubSandwich, closed forms, and a definition written out."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from tests.oracles.cluster_robust import KINDS, cluster_robust, satterthwaite_df

R = json.loads((Path(__file__).parent / "r" / "cluster_robust.json").read_text(encoding="utf-8"))
EXACT = 1e-9

I = np.arange(1, 41)
CLUSTER = np.repeat([1, 2, 3, 4, 5, 6], [3, 5, 12, 4, 9, 7])
WHOLE = (CLUSTER <= 3).astype(float)
WITHIN = (I % 3 == 0).astype(float)
Z = (I * 7 % 11) / 5
Y = I * 5 % 13 + CLUSTER + 2 * WITHIN - WHOLE
W = 1.0 + I * 3 % 4
ONE = np.ones(40)
DESIGNS = {
    "ordinary": ((ONE, WHOLE, Z), {}),
    "within": ((ONE, WITHIN, Z), {}),
    "weighted": ((ONE, WHOLE, WITHIN), {"weight": W}),
    "inverse_variance": ((ONE, WHOLE, WITHIN), {"weight": W, "inverse_variance": True}),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("design", DESIGNS)
def test_it_is_what_clubsandwich_gives(design, kind):
    columns, settings = DESIGNS[design]
    x, theirs = np.column_stack(columns), R[design]
    fit = cluster_robust(x, Y, CLUSTER, kind=kind, **settings)
    assert fit.coefficients == pytest.approx(theirs["coefficients"], rel=EXACT)
    assert fit.covariance.ravel() == pytest.approx(np.ravel(theirs[kind]["covariance"]), rel=1e-8, abs=1e-12)
    dfs = [satterthwaite_df(x, e, CLUSTER, kind=kind, **settings) for e in np.eye(3)]
    assert dfs == pytest.approx(theirs[kind]["df"], rel=1e-6)


def test_replicates_are_fitted_as_one_by_one():
    x = np.column_stack([ONE, WHOLE, Z])
    many = np.random.default_rng(3).normal(size=(5, 40))
    fit = cluster_robust(x, many, CLUSTER)
    for r in range(5):
        one = cluster_robust(x, many[r], CLUSTER)
        assert fit.coefficients[r] == pytest.approx(one.coefficients, rel=EXACT)
        assert fit.covariance[r].ravel() == pytest.approx(one.covariance.ravel(), rel=EXACT)


def test_two_groups_of_rows_have_welchs_variance_and_equal_variances_its_degrees_of_freedom():
    first, second = np.random.default_rng(1).normal(size=8), np.random.default_rng(2).normal(size=20)
    x = np.column_stack([np.ones(28), np.r_[np.ones(8), np.zeros(20)]])
    y = np.r_[first, second]
    fit = cluster_robust(x, y)
    theirs = stats.ttest_ind(first, second, equal_var=False)
    assert fit.coefficients[1] / np.sqrt(fit.covariance[1, 1]) == pytest.approx(theirs.statistic, rel=EXACT)
    welch = (1 / 8 + 1 / 20) ** 2 / (1 / (64 * 7) + 1 / (400 * 19))
    assert satterthwaite_df(x, [0, 1]) == pytest.approx(welch, rel=EXACT)


def test_hc2_and_hc3_are_those_of_statsmodels():
    import statsmodels.api as sm

    x = np.column_stack([ONE, WHOLE, Z])
    for kind, theirs in (("CR2", "HC2"), ("CR3", "HC3"), ("CR0", "HC0")):
        fit = sm.OLS(Y, x).fit(cov_type=theirs)
        assert cluster_robust(x, Y, kind=kind).covariance.ravel() == pytest.approx(fit.cov_params().ravel(), rel=1e-8)


def test_a_cluster_that_alone_has_the_treatment_determines_nothing_of_its_error():
    alone = (CLUSTER == 2).astype(float)
    fit = cluster_robust(np.column_stack([ONE, alone]), Y, CLUSTER)
    others = cluster_robust(np.ones((35, 1)), Y[alone == 0], CLUSTER[alone == 0])
    assert fit.covariance[1, 1] == pytest.approx(others.covariance[0, 0], rel=1e-8)  # that of the others alone

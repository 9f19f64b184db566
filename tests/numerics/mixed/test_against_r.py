"""Fits of lme4 and glmmTMB, stored beside the script that made them, to the digits they themselves have."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from scipy.special import gammaln

from iom_causal.numerics.kernels.newton import CONVERGED
from iom_causal.numerics.mixed import bivariate_kernel, negative_binomial_kernel
from iom_causal.numerics.mixed.bivariate import fit_bivariate
from iom_causal.numerics.mixed.negative_binomial import fit_negative_binomial
from iom_causal.numerics.mixed.quadrature import hermite
from iom_causal.numerics.mixed.shared import fit_shared

FOLDER = Path(__file__).parents[2] / "reference" / "r"
REFERENCE = json.loads((FOLDER / "count_models.json").read_text(encoding="utf-8"))
EPIL = Path(__file__).parents[4] / "shared" / "data" / "epil.csv"
PREPOST = np.array([[1.0, 0.0], [1.0, 1.0]])
QUADRATURE = 2e-5  # glmer with 25 nodes stops this close to the optimum
LME4_ERROR = 2e-3  # relative: its standard errors come from differences
DIGITS = 1e-5  # of a log likelihood at parameters that R printed
LAPLACE = 0.03  # glmmTMB's standard errors are off by per cents, its coefficients by less
LAPLACE_COEFFICIENT = 3e-3


def read(name):
    with (FOLDER / name).open(encoding="utf-8") as file:
        return {k: np.array(v) for k, v in zip(*_columns(file), strict=True)}


def _columns(file):
    names, *rows = csv.reader(file)
    return names, np.array(rows, dtype=int).T


def pairs():
    p = read("pairs.csv")
    y = np.column_stack([p["before"], p["after"]])
    return y, np.column_stack([p["days_before"], p["days_after"]]).astype(float), p["age"].astype(float)


def windows():
    w = read("windows.csv")
    y, days = np.zeros((80, 5), dtype=int), np.zeros((80, 5))
    y[w["id"], w["window"]], days[w["id"], w["window"]] = w["y"], w["days"]
    return y, days, np.column_stack([np.ones(5), [0, 0, 0, 1, 1]])


def errors(fit, count):
    return np.sqrt(np.diag(np.linalg.inv(-fit.hessian[0])))[:count]


def check_quadrature(fit, name):
    expected = REFERENCE[name]
    count = len(expected["beta"])
    assert fit.ended[0] == CONVERGED
    assert fit.theta[0, :count] == pytest.approx(expected["beta"], abs=QUADRATURE)
    assert np.exp(fit.theta[0, count]) == pytest.approx(expected["sd"], abs=QUADRATURE)
    assert errors(fit, count) == pytest.approx(expected["se"], rel=LME4_ERROR)


def check_laplace(fit, name, y, exposure, x):
    """With one node our likelihood is R's at R's answer; with fifteen, the answer is near."""
    expected = REFERENCE[name]
    count = len(expected["beta"])
    theta = np.array([*expected["beta"], np.log(expected["sd"]), np.log(expected["size"])])
    cells = negative_binomial_kernel.Cells(
        np.ascontiguousarray(y), np.ones(len(y)), np.atleast_2d(exposure), x if x.ndim == 3 else x[None]
    )
    grad, hess = np.zeros(count + 2), np.zeros((count + 2, count + 2))
    value = negative_binomial_kernel.likelihood(
        cells, theta, hermite(1), grad, hess, np.zeros(len(y)), np.zeros((0, count + 2))
    )
    assert value - gammaln(y + 1).sum() == pytest.approx(expected["log_lik"], abs=DIGITS)
    assert fit.theta[0, :count] == pytest.approx(expected["beta"], abs=LAPLACE_COEFFICIENT)
    assert errors(fit, count) == pytest.approx(expected["se"], rel=LAPLACE)


def test_pairs_with_common_and_own_exposure():
    y, days, age = pairs()
    check_quadrature(fit_shared(y[None], [1.0, 1.0], PREPOST, "lognormal", nodes=25), "pairs_plain")
    check_quadrature(fit_shared(y[None], days, PREPOST, "lognormal", nodes=25), "pairs_days")
    x = np.concatenate([np.broadcast_to(PREPOST, (225, 2, 2)), np.tile(age[:, None, None], (1, 2, 1))], axis=-1)
    check_quadrature(fit_shared(y[None], days, x, "lognormal", nodes=25), "pairs_age")


def test_unbalanced_windows_with_gaps():
    y, days, x = windows()
    check_quadrature(fit_shared(y[None], days, x, "lognormal", nodes=25), "windows_poisson")
    fixed = fit_shared(y[None], days, x[:, 1:], "fixed")
    assert fixed.theta[0, 0] == pytest.approx(REFERENCE["windows_fixed"]["beta"], abs=1e-8)  # what R printed
    assert errors(fixed, 1)[0] == pytest.approx(REFERENCE["windows_fixed"]["se"], rel=1e-6)
    check_laplace(fit_negative_binomial(y[None], days, x), "windows_nb2_laplace", y, days, x)


def test_negative_binomial_pairs():
    y, days, _ = pairs()
    check_laplace(fit_negative_binomial(y[None], days, PREPOST), "pairs_nb2_laplace", y, days, PREPOST)


def test_one_node_a_dimension_is_the_laplace_approximation_of_r():
    y, _, _ = pairs()
    expected = REFERENCE["pairs_bivariate_laplace"]
    sides = bivariate_kernel.Sides(y.astype(np.int64), np.ones(225), np.ones((1, 2)), PREPOST[None], np.array([0, 1]))
    theta = np.array([*expected["beta"], *np.log(expected["sd"]), np.arctanh(expected["correlation"])])
    grad, hess = np.zeros(5), np.zeros((5, 5))
    value = bivariate_kernel.likelihood(sides, theta, hermite(1), grad, hess, np.zeros((225, 2)), np.zeros((0, 5)))
    assert value - gammaln(y + 1).sum() == pytest.approx(expected["log_lik"], abs=1e-5)  # digits of R's parameters
    fit = fit_bivariate(y[None], [1.0, 1.0], PREPOST, [0, 1])
    assert fit.theta[0, :2] == pytest.approx(expected["beta"], abs=0.01)
    assert errors(fit, 2) == pytest.approx(expected["se"], rel=LAPLACE)


@pytest.mark.skipif(not EPIL.exists(), reason="the epil file is not beside this checkout")
def test_seizures_of_epileptics():
    with EPIL.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    people = sorted({int(r["subject"]) for r in rows})
    y, drug = np.zeros((len(people), 5), dtype=int), np.zeros(len(people))
    for r in rows:
        i = people.index(int(r["subject"]))
        y[i, 0], y[i, int(r["period"])] = int(r["base"]), int(r["y"])
        drug[i] = r["trt"] == "progabide"
    weeks = np.array([8.0, 2, 2, 2, 2])
    post = np.array([0.0, 1, 1, 1, 1])
    plain = np.column_stack([np.ones(5), post])
    x = np.stack(
        [np.ones(y.shape), np.tile(post, (len(y), 1)), np.tile(drug[:, None], 5), drug[:, None] * post], axis=-1
    )
    check_quadrature(fit_shared(y[None], weeks, x, "lognormal", nodes=25), "epil_poisson")
    check_laplace(fit_negative_binomial(y[None], weeks, x), "epil_nb2_laplace", y, weeks, x)
    for arm, name in enumerate(("placebo", "progabide")):
        some = y[drug == arm]
        check_quadrature(fit_shared(some[None], weeks, plain, "lognormal", nodes=25), f"epil_{name}_poisson")
        check_laplace(fit_negative_binomial(some[None], weeks, plain), f"epil_{name}_nb2_laplace", some, weeks, plain)

import math

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.stats import t as student

from iom_causal.errors import DegenerateDataError
from iom_causal.numerics.sensitivity.robustness import (
    adjusted,
    benchmark,
    omitted_bias,
    partial_r2,
    regress,
    robustness_value,
)

EXACT = 1e-9  # algebra of least squares, to the rounding of a few hundred rows
FITTED = 1e-5  # a minimum over a curve
FIVE_DIGITS = 1e-5  # the coefficient and its error are printed to seven decimals, the values to five or more


def ols(y, *columns):
    """Fit by the normal equations: coefficients, standard errors and what is left over."""
    x = np.column_stack([np.ones(len(y)), *columns])
    inverse = np.linalg.inv(x.T @ x)
    beta = inverse @ x.T @ y
    left = y - x @ beta
    return beta, np.sqrt(np.diag(inverse) * (left @ left) / (len(y) - x.shape[1])), left @ left


@pytest.fixture(params=range(5))
def world(request):
    rng = np.random.default_rng(request.param)
    n = 200
    x, z = rng.normal(size=(n, 2)), rng.normal(size=n)
    d = 0.3 * x[:, 0] + 0.5 * z + rng.normal(size=n)
    y = d + x @ [1.0, -0.5] + 0.8 * z + rng.normal(size=n)
    return y, d, x, z


def test_with_the_confounder_included_the_algebra_is_exact(world):
    y, d, x, z = world
    short, long = ols(y, d, *x.T), ols(y, d, *x.T, z)
    df = len(y) - 4
    r2_outcome = 1 - long[2] / short[2]
    r2_treatment = 1 - ols(d, *x.T, z)[2] / ols(d, *x.T)[2]
    bias = omitted_bias(short[1][1], df, r2_treatment, r2_outcome)
    assert float(bias) == pytest.approx(abs(short[0][1] - long[0][1]), rel=EXACT)
    assert short[0][1] > long[0][1] > 0  # it biases away from 0, as is supposed of an unknown one
    found = adjusted(short[0][1], short[1][1], df, r2_treatment, r2_outcome)
    expected = (long[0][1], long[1][1], long[0][1] / long[1][1])
    assert [float(v) for v in found] == pytest.approx(expected, rel=EXACT)


def test_the_regression_and_its_groups(world):
    y, d, x, _ = world
    groups = np.array([[True, False], [True, True], [False, False]])
    fit = regress(y, d, x, groups)
    beta, error, left = ols(y, d, *x.T)
    assert (fit.estimate, fit.std_error, fit.df) == pytest.approx((beta[1], error[1], 196), rel=EXACT)
    with_outcome = [1 - left / ols(y, d, x[:, 1])[2], 1 - left / ols(y, d)[2], 0.0]
    assert fit.outcome == pytest.approx(with_outcome, abs=EXACT)
    alone = ols(d, *x.T)[2]
    assert fit.treatment == pytest.approx([1 - alone / ols(d, x[:, 1])[2], 1 - alone / ols(d)[2], 0.0], abs=EXACT)


def test_what_regressions_are_refused():
    x = np.arange(8.0)[:, None]
    d = np.tile([0.0, 1.0], 4)
    with pytest.raises(DegenerateDataError, match=r"IOM-E065.*managed"):
        regress(x[:, 0] ** 2, d, d[:, None], np.ones((1, 1), dtype=bool))
    with pytest.raises(DegenerateDataError, match=r"IOM-E065.*outcome"):
        regress(2 * d + x[:, 0], d, x, np.ones((1, 1), dtype=bool))


def test_darfur_as_published():
    # sensemakr 0.1.6, tests of the Darfur data: 783 degrees of freedom, female as the benchmark, 1 to 3 times.
    estimate, error, df = 0.09731582, 0.02325654, 783
    t = estimate / error
    assert float(robustness_value(t, df)) == pytest.approx(0.138776, abs=FIVE_DIGITS)
    assert float(robustness_value(t, df, level=0.95)) == pytest.approx(0.07625797, abs=FIVE_DIGITS)
    assert float(partial_r2(t, df)) == pytest.approx(0.02187309, abs=FIVE_DIGITS)
    once = (0.00916428667504862, 0.12464092303637)
    # The R squared of female themselves, out of the bound of 1 times: the two other rows then test the formula.
    r2_treatment = once[0] / (1 + once[0])
    beside = r2_treatment**2 / (1 - r2_treatment) ** 2
    odds = once[1] / ((1 + math.sqrt(beside)) ** 2 / (1 - beside))
    strengths = benchmark(r2_treatment, odds / (1 + odds), [1, 2, 3])
    assert strengths.treatment == pytest.approx([once[0], 0.0183285733500972, 0.0274928600251459], rel=EXACT)
    assert strengths.outcome == pytest.approx([once[1], 0.249324064199975, 0.374050471038094], rel=EXACT)
    found = adjusted(estimate, error, df, *strengths)
    printed = (
        [0.0752202698486415, 0.0529151689180575, 0.0303960178770157],
        [0.0218733298036818, 0.0203500639944344, 0.0186700665753491],
        [3.43890347394571, 2.60024582392121, 1.62806156873318],
    )
    for mine, theirs in zip(found, printed, strict=True):
        assert mine == pytest.approx(theirs, rel=EXACT)


@pytest.mark.parametrize("share", [0.5, 1.0, 1.4])
@pytest.mark.parametrize(("t", "df"), [(0.4, 20), (4.18445, 783), (-11.64, 224), (1e-6, 3), (300.0, 5)])
def test_at_the_robustness_value_the_share_is_gone(t, df, share):
    value = float(robustness_value(t, df, share=share))
    assert 0 < value < 1
    # The bias there is the share of the estimate, in standard errors; near 1 rounding of 1 - R2 costs digits.
    assert float(omitted_bias(1.0, df, value, value)) == pytest.approx(share * abs(t), rel=1e-6)


def least(t, df, share, level):
    """Return by search the smallest r with an omitted variable of R squared up to r whose interval reaches the rest."""
    critical = student.ppf((1 + level) / 2, df - 1)

    def reaches(r):
        def miss(outcome):  # of the treatment the most is always the worst; of the outcome it need not be
            moved = adjusted(abs(t), 1.0, df, r, outcome)
            return float(moved.estimate - critical * moved.std_error) - (1 - share) * abs(t)

        inside = minimize_scalar(miss, bounds=(0, r), method="bounded", options={"xatol": 1e-12}).fun
        return min(inside, miss(0.0), miss(r)) <= 0

    low, high = 0.0, 1 - 1e-12
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if reaches(middle) else (middle, high)
    return high


@pytest.mark.parametrize("share", [0.5, 1.0])
@pytest.mark.parametrize(("t", "df"), [(2.5, 20), (4.18445, 783), (11.64, 224), (30.0, 8), (8.0, 4)])
def test_of_an_interval_it_is_the_least_that_reaches(t, df, share):
    assert float(robustness_value(t, df, share=share, level=0.95)) == pytest.approx(
        least(t, df, share, 0.95), abs=FITTED
    )


def test_an_interval_that_reaches_it_already_needs_nothing():
    assert float(robustness_value(1.0, 50, level=0.95)) == 0.0
    assert float(robustness_value(0.0, 50)) == 0.0


def test_it_grows_with_t_and_falls_with_the_level():
    t = np.linspace(0, 40, 200)
    for level in (None, 0.9, 0.99):
        assert (np.diff(robustness_value(t, 30, level=level)) >= 0).all()
    values = [float(robustness_value(5.0, 60, level=level)) for level in (0.5, 0.8, 0.95, 0.999)]
    assert values == sorted(values, reverse=True)


def covariances(a, b, g, h):
    """Return those of x, z, d, y: two independent causes with slopes a, b on d, and with d of g, h on y."""
    x, z, d = np.eye(4)[0], np.eye(4)[1], np.array([a, b, 1.0, 0.0])
    y = 0.7 * d + g * x + h * z + np.eye(4)[3]
    rows = np.array([x, z, d, y])
    return rows @ rows.T


def partial(c, of, on, given):
    """Return a partial R squared out of covariances."""

    def left(target, by):
        return c[target, target] - (c[target, by] @ np.linalg.solve(c[np.ix_(by, by)], c[by, target]) if by else 0.0)

    return 1 - left(of, [*given, on]) / left(of, given)


@pytest.mark.parametrize(("a", "g"), [(0.5, 0.8), (1.2, 0.3), (0.1, 2.0)])
def test_a_variable_as_strong_as_an_observed_one_attains_the_bound(a, g):
    # x and z alike in every way: z is once as strong as x, with the treatment and with the outcome.
    c = covariances(a, a, g, g)
    x, z, d, y = range(4)
    bound = benchmark(partial(c, d, x, []), partial(c, y, x, [d]))
    # Given the observed x, z explains what the bound says of the treatment, and no more of the outcome.
    assert partial(c, d, z, [x]) == pytest.approx(float(bound.treatment), rel=EXACT)
    assert partial(c, y, z, [x, d]) <= float(bound.outcome) * (1 + EXACT)
    against = covariances(a, -a, g, g)  # the same strength with the treatment, and the other sign
    assert partial(against, y, z, [x, d]) <= float(bound.outcome) * (1 + EXACT)
    assert max(partial(c, y, z, [x, d]), partial(against, y, z, [x, d])) == pytest.approx(
        float(bound.outcome), rel=EXACT
    )


def test_a_benchmark_that_cannot_be_is_marked_and_one_of_the_outcome_is_at_most_all():
    found = benchmark(0.4, 0.6, [1, 2, 3])
    assert np.isnan(found.treatment).tolist() == np.isnan(found.outcome).tolist() == [False, True, True]
    assert float(benchmark(0.1, 0.9, 2).outcome) == 1.0

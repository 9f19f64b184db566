"""Zeros expected of laws of counts, and fitted models on the response scale."""

import numpy as np
import pytest
from scipy import stats

from iom_causal.errors import DegenerateDataError, InputError, SpecError
from iom_causal.estimate import Estimate, Part
from iom_causal.estimators.average_comparisons import average_comparisons
from iom_causal.estimators.gee import GEE
from iom_causal.estimators.linear_mixed import LinearMixed
from iom_causal.estimators.panel_ols import PanelOLS
from iom_causal.estimators.poisson_glm import PoissonGLM
from iom_causal.estimators.zero_inflation import zero_diagnostics
from iom_causal.numerics.mixed.separation import separates
from iom_causal.panel import Panel

FEW_DRAWS = 5  # Monte Carlo standard errors


def cohort(n=120, seed=9, **fields):
    rng = np.random.default_rng(seed)
    rate = rng.gamma(1.5, 2.0, n)
    pairs = np.stack([rng.poisson(rate), rng.poisson(0.6 * rate)], axis=-1)
    return Panel.from_arrays(pairs, name="arrests", **fields)


def test_expected_zeros_are_those_of_the_law():
    panel, table = cohort(), zero_diagnostics(cohort()).set_index(["window", "law"])
    row = table.loc[("before", "poisson")]
    assert row.expected_zeros == pytest.approx(120 * np.exp(-panel.before.mean()), rel=1e-12)
    assert row.zeros == (panel.before == 0).sum()
    assert row.log_likelihood == pytest.approx(stats.poisson.logpmf(panel.before, panel.before.mean()).sum(), rel=1e-12)
    assert row.p_value == pytest.approx(2 * stats.norm.sf(abs(row.z)), rel=1e-9)


def test_poissons_z_is_the_root_of_the_score_statistic():
    counts = cohort().before
    mean, n = counts.mean(), len(counts)
    p0, zeros = np.exp(-mean), (counts == 0).sum()
    score = (zeros - n * p0) ** 2 / (n * p0 * (1 - p0) - n * mean * p0**2)  # van den Broek (1995)
    z = zero_diagnostics(cohort()).query("window == 'before' and law == 'poisson'").z.iloc[0]
    assert z**2 == pytest.approx(score, rel=1e-10)


def test_two_part_laws_reproduce_the_zeros_and_agree_without_covariates():
    table = zero_diagnostics(cohort()).query("window == 'after'").set_index("law")
    inflated, hurdle = table.loc["zero_inflated_poisson"], table.loc["hurdle_poisson"]
    assert inflated.expected_zeros == inflated.zeros == hurdle.expected_zeros
    assert inflated.log_likelihood == pytest.approx(hurdle.log_likelihood, rel=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("law", ["poisson", "negative_binomial"])
def test_z_is_standard_normal_under_its_law(law):
    rng, z = np.random.default_rng(2), []
    for _ in range(300):
        rate = 3.0 if law == "poisson" else rng.gamma(1.5, 2.0, (150, 2))
        table = zero_diagnostics(Panel.from_arrays(rng.poisson(rate, (150, 2))))
        z += table.z[table.law == law].tolist()
    assert abs(np.mean(z)) < FEW_DRAWS / len(z) ** 0.5
    assert abs(np.std(z) - 1) < FEW_DRAWS / (2 * len(z)) ** 0.5


def test_under_dispersed_counts_leave_the_negative_binomial_at_poisson():
    table = zero_diagnostics(Panel.from_arrays([[1, 1], [1, 2], [2, 1], [1, 1]])).set_index(["window", "law"])
    assert table.loc[("before", "negative_binomial")].expected_zeros == table.loc[("before", "poisson")].expected_zeros


def test_days_at_risk_are_honoured():
    days = np.random.default_rng(3).integers(60, 547, (120, 2)).astype(float)
    panel = cohort(exposure=days)
    expected = np.exp(-days[:, 0] * panel.before.sum() / days[:, 0].sum()).sum()
    assert zero_diagnostics(panel).expected_zeros[0] == pytest.approx(expected, rel=1e-12)


def test_what_has_no_zeros_to_explain_is_refused():
    with pytest.raises(InputError, match="IOM-E066"):
        zero_diagnostics(Panel.from_arrays([[1.5, 2.0], [2.0, 3.0]], kind="score"))
    with pytest.raises(DegenerateDataError, match="IOM-E064"):
        zero_diagnostics(Panel.from_arrays([[1, 0], [2, 0], [0, 0]]))


def test_a_ratio_model_in_eighteen_months():
    panel = cohort(exposure=(547.0, 549.0))
    ratio, difference = average_comparisons(PoissonGLM()(panel))
    plain = PoissonGLM()(panel)
    assert (ratio.estimate, ratio.conf_low) == pytest.approx((plain.estimate, plain.conf_low), rel=1e-9)
    expected = 548 * (panel.after.sum() / 549 - panel.before.sum() / 547) / 120
    assert difference.estimate == pytest.approx(expected, rel=1e-9)
    assert "per 548 days" in difference.term


def test_the_difference_has_the_standard_error_of_the_paired_test():
    panel = cohort(exposure=(548.0, 548.0))
    change = panel.after - panel.before
    difference = average_comparisons(GEE()(panel)).difference
    assert difference.std_error == pytest.approx(change.std(ddof=1) / 120**0.5, rel=1e-9)


def test_covariates_are_averaged_over_and_not_plugged_in_at_their_mean():
    panel = cohort(age=np.random.default_rng(4).uniform(15, 60, 120), exposure=(548.0, 548.0))
    fit = PoissonGLM(covariates="age")(panel)
    b = fit.params.to_numpy()
    means = [548 * np.exp(b[0] + b[1] * side + b[2] * panel.age).mean() for side in (1, 0)]
    assert average_comparisons(fit).difference.estimate == pytest.approx(means[0] - means[1], rel=1e-9)


def test_linear_models_give_their_difference_and_a_ratio():
    fit = LinearMixed()(cohort())
    ratio, difference = average_comparisons(fit)
    assert (difference.estimate, difference.std_error) == pytest.approx((fit.estimate, fit.std_error), rel=1e-9)
    assert ratio.estimate == pytest.approx(cohort().after.mean() / cohort().before.mean(), rel=1e-9)


def test_a_model_that_predicts_a_mean_below_zero_has_no_ratio():
    fit = LinearMixed()(Panel.from_arrays(cohort().outcome - 8.0, kind="score"))
    assert average_comparisons(fit).ratio is None


def test_normal_frailties_are_averaged_over():
    names, values = (
        ("intercept", "post", "log_sd_before", "log_sd_after", "atanh_correlation"),
        (1.2, -0.7, -0.6, -0.3, 1.0),
    )
    parts = tuple(Part(name, value, 0.1) for name, value in zip(names, values, strict=True))
    cov = np.diag([0.01, 0.02, 0.03, 0.04, 0.05])
    words = {
        "outcome": "arrests",
        "method": "own",
        "estimand": "conditional_ratio",
        "scale": "ratio",
        "exposure": "not known",
    }
    ratio, difference = average_comparisons(Estimate(**words, estimate=0.5, parts=parts, cov=cov))
    half = [np.exp(2 * x) / 2 for x in values[2:4]]
    means = [np.exp(1.2 + half[0]), np.exp(1.2 - 0.7 + half[1])]
    assert (ratio.estimate, difference.estimate) == pytest.approx((means[1] / means[0], means[1] - means[0]), rel=1e-12)
    slopes = [0.0, 1.0, -2 * half[0], 2 * half[1], 0.0]
    assert ratio.std_error == pytest.approx(np.sqrt(np.square(slopes) @ np.diag(cov)), rel=1e-12)
    assert ratio.estimand == "descriptive_change"


def test_fits_that_lack_what_is_needed_are_refused():
    with pytest.raises(InputError, match="IOM-E048"):
        average_comparisons(PanelOLS()(cohort()))
    with pytest.raises(SpecError, match="IOM-E092"):
        average_comparisons(PoissonGLM()(cohort()), per_days=0)


def test_separation_is_found_where_the_search_runs_away():
    rng = np.random.default_rng(6)
    for _ in range(30):
        group = np.repeat([0, 1, 2], 6)
        matrix = np.column_stack([np.ones(18), group == 1, group == 2, rng.normal(size=18)])
        y = rng.poisson(0.25, 18).astype(float)
        assert separates(matrix, y) == runs_away(matrix, y)


def runs_away(matrix, y):
    """Follow the likelihood uphill by Newton's steps and see whether some coefficient leaves."""
    beta = np.zeros(matrix.shape[1])
    for _ in range(60):
        mean = np.exp(np.clip(matrix @ beta, -60, 20))
        information = matrix.T @ (mean[:, None] * matrix) + 1e-12 * np.eye(len(beta))
        step = np.linalg.solve(information, matrix.T @ (y - mean))
        beta += step * min(1.0, 3 / np.abs(step).max())
    return bool(np.abs(matrix @ beta).max() > 20)

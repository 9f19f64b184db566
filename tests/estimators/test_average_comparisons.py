"""Fitted models on the response scale: average comparisons against closed forms and the paired test."""

import numpy as np
import pytest

from iom_causal.errors import InputError, SpecError
from iom_causal.estimate import Estimate, Part
from iom_causal.estimators.average_comparisons import average_comparisons
from iom_causal.estimators.gee import GEE
from iom_causal.estimators.linear_mixed import LinearMixed
from iom_causal.estimators.panel_ols import PanelOLS
from iom_causal.estimators.poisson_glm import PoissonGLM
from iom_causal.panel import Panel


def cohort(n=120, seed=9, **fields):
    rng = np.random.default_rng(seed)
    rate = rng.gamma(1.5, 2.0, n)
    pairs = np.stack([rng.poisson(rate), rng.poisson(0.6 * rate)], axis=-1)
    return Panel.from_arrays(pairs, name="arrests", **fields)


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

"""GEE: working correlations, few people, counts without extra variance, and a broken covariance."""

import pytest

from iom_causal.errors import ConvergenceError, InputError
from iom_causal.estimators.gee import GEE
from iom_causal.estimators.rate_ratio import RateRatio
from iom_causal.panel import Panel
from tests.estimators.counts_in_windows import cohort, monthly


def test_the_autoregressive_correlation_needs_windows_of_one_length():
    assert GEE(working="autoregressive")(monthly()).diagnostics["working_correlation"] > 0
    with pytest.raises(InputError, match="IOM-E047"):
        GEE(working="autoregressive")(cohort())


def test_few_people_get_the_bias_reduced_covariance_and_it_is_wider():
    panel = cohort(n=20)
    result = GEE()(panel)
    assert "bias-reduced" in result.method
    assert result.std_error > RateRatio()(panel).std_error


def test_counts_without_extra_variance_make_the_negative_binomial_poisson():
    panel = Panel.from_arrays([[2, 1], [2, 1], [3, 1], [2, 2], [1, 1], [2, 1]] * 10)
    result = GEE("negative_binomial")(panel)
    assert result.diagnostics["alpha"] == 0
    assert "no more than Poisson" in result.note


def test_a_broken_covariance_is_an_error_and_not_a_result():
    with pytest.raises(ConvergenceError, match="IOM-E080"):
        GEE()(Panel.from_arrays([[1, 0], [0, 1], [2, 2]]))

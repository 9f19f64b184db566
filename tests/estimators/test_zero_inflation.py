"""Zeros expected of count models, and the score test of too many of them."""

import numpy as np
import pytest
from scipy import stats

from iom_causal.errors import DegenerateDataError, InputError
from iom_causal.estimators.zero_inflation import zero_diagnostics
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

"""The numerics against values computed with 50 digits by code that shares nothing with them."""

import numpy as np
import pytest

from iom_causal.numerics.inference.bayes_factor import jzs_log_bf10
from iom_causal.numerics.inference.effect_sizes import hedges_factor
from iom_causal.numerics.inference.noncentral_t import nct_cdf, noncentrality_limits
from iom_causal.numerics.inference.paired import t_statistic
from iom_causal.numerics.inference.paired_moments import paired_moments
from iom_causal.numerics.inference.power import paired_power
from iom_causal.numerics.inference.ranks import binomial_half_tails, signed_rank
from iom_causal.numerics.inference.ratios import conditional_limits
from iom_causal.numerics.inference.student_t import t_isf, t_two_sided
from iom_causal.numerics.inference.t_batch import limits_batch, two_sided_batch
from tests.reference.reader import entries, tolerance


def signed_rank_p(n, w):
    ranks = np.arange(1.0, n + 1)
    rise = np.zeros(n, bool)
    for k in range(n - 1, -1, -1):
        if ranks[k] <= w:
            rise[k], w = True, w - ranks[k]
    assert w == 0
    return signed_rank(np.where(rise, ranks, -ranks)).two_sided


def mcnemar_p(b, c):
    return min(1.0, 2 * min(binomial_half_tails(b, b + c)))


ROUTES = {
    ("noncentral_t", "nct_cdf"): lambda i: nct_cdf(i["t"], i["nu"], i["delta"]),
    ("power", "paired_t_power"): lambda i: paired_power(i["n"], i["d"], alpha=i["alpha"]),
    ("effect_size", "hedges_J"): lambda i: hedges_factor(i["nu"]),
    ("effect_size_ci", "dz_ci"): lambda i: noncentrality_limits(i["t"], i["n"] - 1, i["level"])[1] / i["n"] ** 0.5,
    ("tails", "t_two_sided"): lambda i: t_two_sided(i["t"], i["nu"]),
    ("quantiles", "t_isf"): lambda i: t_isf(i["p"], i["nu"]),
    ("paired_t", "paired_t"): lambda i: t_statistic(
        paired_moments(np.column_stack([np.zeros(i["n"]), i["differences"]]))
    ),
    ("exact_counts", "mcnemar"): lambda i: mcnemar_p(i["b"], i["c"]),
    ("exact_counts", "rate_ratio"): lambda i: conditional_limits(i["before"], i["after"], i["level"])[1],
    ("exact_counts", "wilcoxon"): lambda i: signed_rank_p(i["n"], i["W"]),
    ("bayes", "jzs"): lambda i: jzs_log_bf10(i["t"], i["n"]),
    ("univariate", "sd"): lambda i: paired_moments(np.column_stack([i["x"], i["x"]])).sd_pre,
}
CASES = [
    pytest.param(route, inputs, value, tolerance(group), id=name)
    for (group, start), route in ROUTES.items()
    for name, (inputs, value) in entries(group, start).items()
]


@pytest.mark.parametrize(("route", "inputs", "value", "allowed"), CASES)
def test_stored_value(route, inputs, value, allowed):
    assert float(route(inputs)) == pytest.approx(value, rel=allowed, abs=0)


@pytest.mark.parametrize(("inputs", "value"), entries("effect_size_ci").values(), ids=list(entries("effect_size_ci")))
def test_the_tables_give_the_same_limits(inputs, value):
    high = limits_batch([inputs["t"]], inputs["n"] - 1, inputs["level"])[1][0]
    assert high / inputs["n"] ** 0.5 == pytest.approx(value, rel=tolerance("effect_size_ci"), abs=0)


@pytest.mark.parametrize(("inputs", "value"), entries("tails").values(), ids=list(entries("tails")))
def test_the_tables_give_the_same_p(inputs, value):
    assert two_sided_batch([inputs["t"]], inputs["nu"])[0] == pytest.approx(value, rel=tolerance("tails"), abs=0)


def test_a_far_lower_tail_where_series_lose_everything():
    stored = 1.7035066163360132e-24
    assert float(nct_cdf(-5.0, 8, 8.26915191978)) == pytest.approx(stored, rel=tolerance("noncentral_t"), abs=0)

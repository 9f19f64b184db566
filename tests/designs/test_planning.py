"""How many replicates: against the formulas, and the band against the exact binomial distribution."""

import numpy as np
import pytest
from scipy import stats

from iom_causal.designs.diagnosands import bias, emp_se
from iom_causal.designs.figures import share_figure
from iom_causal.designs.planning import NOMINAL_AFTER, acceptance_band, nominal, plan_sims
from iom_causal.designs.samples import Sample
from iom_causal.errors import SpecError


def test_sizes_of_validation_and_of_morris_white_and_crowther():
    assert plan_sims(0.005) == 1900
    assert plan_sims(0.002, coverage=0.95) == 11875
    assert plan_sims(0.005, power=0.5) == 10000
    assert plan_sims(0.005, sd=np.sqrt(0.2)) == 8000


@pytest.mark.parametrize("mcse", [0.003, 0.01, 0.0217])
def test_the_error_planned_is_the_error_had(mcse):
    n = plan_sims(mcse, sd=0.4)
    had = [bias(Sample.of(0.4 * stats.zscore(np.sin(np.arange(k)), ddof=1), 0.0)).mcse for k in (n - 1, n)]
    assert had[1] <= mcse * (1 + 1e-9)
    assert had[0] > mcse
    n = plan_sims(mcse, emp_se=0.4)
    had = [emp_se(Sample.of(0.4 * stats.zscore(np.sin(np.arange(k)), ddof=1), 0.0)).mcse for k in (n - 1, n)]
    assert had[1] <= mcse * (1 + 1e-9)
    assert had[0] > mcse
    n = plan_sims(mcse, power=0.8)
    assert share_figure(np.arange(n) < 0.8 * n, np.ones(n, dtype=bool)).mcse == pytest.approx(mcse, rel=0.02)


@pytest.mark.parametrize("sims", [1, 37, 2000, 50_000])
@pytest.mark.parametrize("share", [0.01, 0.05, 0.5, 0.95])
@pytest.mark.parametrize("error", [1e-4, 0.05])
def test_the_band_is_exact(sims, share, error):
    law = stats.binom(sims, share)
    low, high = acceptance_band(share, sims, error=error)
    assert (low, high) == (law.ppf(error / 2), law.isf(error / 2))
    assert law.cdf(low - 1) < error / 2 <= law.cdf(low)
    assert law.sf(high) <= error / 2


def test_bands_of_validation():
    assert [x / 1000 for x in acceptance_band(0.95, 1000)] == [0.921, 0.975]
    assert [x / 2000 for x in acceptance_band(0.95, 2000)] == [0.93, 0.968]


def test_a_coverage_is_called_nominal_on_enough_replicates_alone():
    low, high = acceptance_band(0.95, NOMINAL_AFTER)
    assert [nominal(hits, NOMINAL_AFTER, 0.95) for hits in (low - 1, low, high, high + 1)] == [False, True, True, False]
    assert nominal(9499, NOMINAL_AFTER - 1, 0.95) is None


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: plan_sims(0.0), "mcse: expected a number above 0, got 0.0"),
        (lambda: plan_sims(0.01, coverage=1.0), r"coverage: expected a number in \(0, 1\), got 1.0"),
        (lambda: plan_sims(0.01, sd=float("nan")), "sd: expected a number above 0, got nan"),
        (lambda: plan_sims(0.01, sd=0.1, power=0.8), "got power and sd"),
        (lambda: acceptance_band(0.0, 100), r"share: expected a number in \(0, 1\)"),
        (lambda: acceptance_band(0.5, 0), "expected a whole number of at least 1, got 0"),
        (lambda: acceptance_band(0.5, 10, error=1.5), r"error: expected a number in \(0, 1\)"),
    ],
)
def test_settings_outside_their_bounds(call, words):
    with pytest.raises(SpecError, match=words):
        call()

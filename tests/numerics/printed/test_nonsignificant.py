import numpy as np
import pytest
from scipy import stats

from iom_causal.errors import InputError
from iom_causal.numerics.printed.nonsignificant import difference_with_power, largest_undetected, sd_within


@pytest.mark.parametrize(("n1", "n2"), [(189, 36), (30, 10), (2, 5)])
def test_a_difference_of_that_size_has_just_that_p(n1, n2):
    d = largest_undetected(n1, n2, level=0.95)
    x, y = np.linspace(-1, 1, n1), np.linspace(-1, 1, n2)
    pooled = np.sqrt((x.var() * n1 + y.var() * n2) / (n1 + n2 - 2))
    assert stats.ttest_ind(x + d * pooled, y).pvalue == pytest.approx(0.05, rel=1e-9)


@pytest.mark.parametrize(("n1", "n2", "power"), [(189, 36, 0.8), (30, 10, 0.9), (20, 20, 0.5)])
def test_power_against_the_noncentral_t_of_scipy(n1, n2, power):
    d = difference_with_power(n1, n2, level=0.95, power=power)
    df, shift = n1 + n2 - 2, d / np.sqrt(1 / n1 + 1 / n2)
    critical = stats.t.isf(0.025, df)
    assert stats.nct.sf(critical, df, shift) + stats.nct.cdf(-critical, df, shift) == pytest.approx(power, abs=1e-6)


def test_the_paper():
    assert round(largest_undetected(189, 36, level=0.95), 3) == 0.358
    assert round(difference_with_power(189, 36, level=0.95, power=0.8), 2) == 0.51


def test_within_spread_of_data():
    rng = np.random.default_rng(2)
    x, y = rng.normal(0, 2, 40), rng.normal(0, 2, 15)
    y += (
        stats.t.isf(0.025, 53) * np.sqrt(1 / 40 + 1 / 15) * np.sqrt((x.var() * 40 + y.var() * 15) / 53)
        + x.mean()
        - y.mean()
    )
    within = np.sqrt((x.var() * 40 + y.var() * 15) / 53)
    assert sd_within(np.r_[x, y].std(ddof=1), 40, 15, level=0.95) == pytest.approx(within, rel=1e-12)


def test_refusals():
    with pytest.raises(InputError, match="IOM-E101"):
        largest_undetected(1, 1, level=0.95)
    with pytest.raises(InputError, match="IOM-E092"):
        difference_with_power(10, 10, level=0.95, power=0.01)

import pytest
from scipy import stats

from iom_causal.errors import InputError
from iom_causal.numerics.printed.interval_arithmetic import Interval
from iom_causal.numerics.printed.p_values import p_interval, p_value, statistic_for_p

SIX_DECIMALS = 5e-7  # the stored values have six
SAME_FORMULA = 1e-12  # relative; two routes to one distribution function


# statcheck, tests/testthat/test-compute-pvalues.R
@pytest.mark.parametrize(
    ("statistic", "value", "df", "expected"),
    [
        ("t", 2.20, (28,), 0.036225),
        ("F", 2.20, (2, 28), 0.129593),
        ("r", 0.22, (28,), 0.242739),
        ("chi2", 22.20, (28,), 0.771949),
        ("z", 2.20, (), 0.027807),
    ],
)
def test_stored_values(statistic, value, df, expected):
    assert p_value(statistic, value, df) == pytest.approx(expected, abs=SIX_DECIMALS)


def test_rounding_interval():
    p = p_interval("t", Interval(2.195, 2.205), (28,))
    assert (round(p.low, 6), round(p.high, 6)) == (0.035836, 0.036619)


@pytest.mark.parametrize("value", [0.0, 0.3, 1.7, 5.0, 12.0, 40.0])
@pytest.mark.parametrize("df", [1, 4, 30, 224])
def test_against_scipy_stats(value, df):
    assert p_value("t", -value, (df,)) == pytest.approx(2 * stats.t.sf(value, df), rel=SAME_FORMULA)
    assert p_value("t", value, (df,), tails=1) == pytest.approx(stats.t.sf(value, df), rel=SAME_FORMULA)
    assert p_value("F", value, (3, df)) == pytest.approx(stats.f.sf(value, 3, df), rel=SAME_FORMULA)
    assert p_value("chi2", value, (df,)) == pytest.approx(stats.chi2.sf(value, df), rel=SAME_FORMULA)
    assert p_value("z", value) == pytest.approx(2 * stats.norm.sf(value), rel=SAME_FORMULA)


def test_correlations_against_pearsonr():
    rng = stats.norm.rvs(size=(2, 30), random_state=1)
    r, p = stats.pearsonr(*rng)
    assert p_value("r", r, (28,)) == pytest.approx(p, rel=1e-9)  # pearsonr goes through a beta distribution
    assert p_value("r", 1.0, (28,)) == 0.0


def test_an_interval_across_zero_reaches_one():
    assert p_interval("t", Interval(-0.005, 0.005), (28,)).high == 1.0


def test_the_statistic_for_a_p():
    assert p_value("t", statistic_for_p("t", 0.03, (28,)), (28,)) == pytest.approx(0.03, rel=SAME_FORMULA)
    assert statistic_for_p("F", 0.03, (2, 28)) is None
    assert statistic_for_p("t", 0.0, (28,)) is None


@pytest.mark.parametrize(
    ("statistic", "value", "df", "tails"),
    [
        ("q", 1, (), 2),
        ("t", 1, (), 2),
        ("t", 1, (0,), 2),
        ("F", 1, (2,), 2),
        ("F", -1, (2, 3), 2),
        ("r", 1.2, (9,), 2),
        ("z", 1, (), 3),
    ],
)
def test_refusals(statistic, value, df, tails):
    with pytest.raises(InputError, match="IOM-E101"):
        p_value(statistic, value, df, tails=tails)

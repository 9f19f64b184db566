from fractions import Fraction

import pytest

from iom_causal.errors import InputError
from iom_causal.numerics.printed.grim import admissible_sums
from iom_causal.numerics.printed.grim_power import fitting_grids, mean_pass_share, sd_pass_share

RISK = ((Fraction("328.89"), 2, 225), (Fraction("238.61"), 2, 187))


@pytest.mark.parametrize("decimals", [1, 2])
@pytest.mark.parametrize("n", [3, 17, 28, 99, 225])
@pytest.mark.parametrize("unit", [1, 2, 5])
def test_mean_share_equals_trying_every_mean(decimals, n, unit):
    half, step = Fraction(1, 2 * 10**decimals), Fraction(1, 10**decimals)
    tried = [Fraction("3.1") + k * step for k in range(unit * 10**decimals)]
    passed = sum(bool(admissible_sums(m - half, m + half, n, unit)) for m in tried)
    assert mean_pass_share(Fraction("3.1"), decimals, n, unit) == Fraction(passed, len(tried))


def test_many_people_make_the_check_powerless():
    assert mean_pass_share(Fraction("2.5"), 1, 200) == 1  # rsprite2: GRIM_test(2.5, 200) warns
    assert mean_pass_share(Fraction("5.19"), 2, 28) < 1


def test_very_fine_prints_use_the_limit():
    assert mean_pass_share(Fraction("1.2345678"), 7, 30) == Fraction(30, 10**7)


def test_sd_share():
    assert sd_pass_share(Fraction("4.75"), 2, 225, range(1539, 1540)) == 1
    share = sd_pass_share(Fraction("1.20"), 2, 10, range(30, 31))
    passing = {round(((q - 90) / 9) ** 0.5, 2) for q in range(90, 300, 2)}
    assert share == Fraction(sum(round(1.20 + k / 100, 2) in passing for k in range(100)), 100)


def test_the_paper_lies_on_a_twenty_point_grid():
    grids = fitting_grids(RISK, (220, 1100, 20, 900))
    assert [g.unit for g in grids] == [1, 2, 4, 5, 10, 20]
    # .1125 and .0935 of means on a 20-point grid of 225 and 187 people: 225/2000 and 187/2000.
    assert grids[-1].bayes_factor == 1 / (Fraction(225, 2000) * Fraction(187, 2000))


def test_forty_fails_by_its_mean_not_only_by_the_extremes():
    assert not any(g.unit == 40 for g in fitting_grids(RISK, (40, 1200)))


def test_no_extremes_no_grid():
    assert [g.unit for g in fitting_grids(RISK, ())] == [1]
    with pytest.raises(InputError, match="IOM-E101"):
        fitting_grids((), ())

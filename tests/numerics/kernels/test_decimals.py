"""Decimals that differ by binary rounding alone are one number, in every method that asks.

Each case is held against the same figures in whole tenths or hundredths, which no rounding touches.
"""

import numpy as np
import pytest

import iom_causal as iom
from iom_causal.errors import DegenerateDataError
from iom_causal.numerics.inference.bootstrap import unique_pairs, weighted_moments
from iom_causal.numerics.inference.paired_moments import paired_moments
from iom_causal.numerics.kernels.decimals import NOISE, constant, differences, settled, whole

REL = 1e-9  # the same sums in another order of magnitude

TENTHS = np.array([[3, 3], [3, 3], [7, 8], [1, 2], [6, 7], [12, 9], [9, 12], [14, 11], [23, 23], [5, 9], [8, 7]])


def _decimals(tenths: np.ndarray) -> np.ndarray:
    """Write tenths as decimals that went through sums, so that equal ones differ in the last places."""
    rng = np.random.default_rng(3)
    parts = rng.integers(0, 7, (*tenths.shape, 5))
    return sum(parts[..., k] * 0.1 for k in range(5)) + (tenths - parts.sum(-1)) * 0.1


def _panel(values: np.ndarray, kind: str = "score") -> iom.Panel:
    return iom.Panel.from_arrays(values, kind=kind, name="harm")


def test_the_decimals_are_noisy() -> None:
    made = _decimals(TENTHS)
    assert (made[:, 0] == made[:, 1]).sum() < (TENTHS[:, 0] == TENTHS[:, 1]).sum()
    assert len(np.unique(np.abs(made[:, 1] - made[:, 0]))) > len(np.unique(np.abs(TENTHS[:, 1] - TENTHS[:, 0])))


@pytest.mark.parametrize(
    ("estimator", "power"),
    [
        (iom.SignTest(), 0),
        (iom.Wilcoxon(), 1),
        (iom.Wilcoxon(zeros="pratt"), 1),
        (iom.EffectSize("rank_biserial", draws=200), 0),
        (iom.EffectSize("cles", draws=200), 0),
        (iom.PairedT(), 1),
    ],
    ids=repr,
)
def test_decimals_give_what_their_tenths_give(estimator, power) -> None:
    tenths, decimals = (estimator(_panel(v), rng=1) for v in (TENTHS, _decimals(TENTHS)))
    assert decimals.p_value == (None if tenths.p_value is None else pytest.approx(tenths.p_value, rel=REL))
    assert decimals.estimate == pytest.approx(tenths.estimate / 10**power, rel=REL)
    assert decimals.conf_low == pytest.approx(tenths.conf_low / 10**power, rel=REL)


def test_ten_unchanged_people_are_unchanged() -> None:
    before, after = [0.3] * 10 + [1.0, 2.0, 3.0], [0.1 + 0.2] * 10 + [2.0, 3.0, 5.0]
    panel = _panel(np.column_stack([before, after]), "amount")
    signs = iom.SignTest()(panel)
    assert (signs.p_value, signs.diagnostics["same"]) == (2 * 0.5**3, 10)
    assert iom.Wilcoxon()(panel).p_value == 2 * 0.5**3
    assert iom.SignFlip()(panel).p_value == 2 * 0.5**3


CONSTANT = np.array([0.1, 0.2, 0.3, 0.4, 0.7])


@pytest.mark.parametrize(
    "estimator",
    [
        iom.PairedT(),
        iom.Equivalence(-1, 1),
        iom.BayesFactor(),
        iom.PanelOLS(),
        *(iom.EffectSize(kind) for kind in ("dz", "hedges", "drm", "dav", "glass", "r")),
    ],
    ids=repr,
)
@pytest.mark.parametrize(("step", "code"), [(0.1, "IOM-E063"), (0.0, "IOM-E062")])
def test_a_constant_change_has_no_spread(estimator, step, code) -> None:
    after = CONSTANT + step if step else (CONSTANT * 3 + 0.1) / 3 - 0.1 / 3
    with pytest.raises(DegenerateDataError) as caught:
        estimator(_panel(np.column_stack([CONSTANT, after])))
    assert caught.value.code == code


def test_a_constant_change_has_no_spread_in_the_replicates_either() -> None:
    block = np.stack([np.column_stack([CONSTANT, CONSTANT + 0.1]), np.column_stack([CONSTANT, CONSTANT[::-1]])])
    assert iom.batch(iom.PairedT(), _panel(block)).code.tolist()[0] == 63
    pairs = unique_pairs(np.column_stack([CONSTANT, CONSTANT + 0.1]))
    drawn = weighted_moments(pairs.values, np.random.default_rng(1).multinomial(5, [0.2] * 5, 50).astype(float))
    assert (drawn.sd_change == 0).all()


@pytest.mark.parametrize("factor", [0.9, 1 / 3, 3])
@pytest.mark.parametrize("days", [None, [300.0, 310.0, 325.0, 330.0, 340.0]])
def test_everybody_in_one_proportion_leaves_no_standard_error(factor, days) -> None:
    before = np.array([0.3, 0.6, 0.7, 1.1, 0.2]) * (1 if days is None else np.array(days) / 100)
    exposure = None if days is None else np.column_stack([days, np.array(days) / 2])
    panel = iom.Panel.from_arrays(np.column_stack([before, before * factor]), kind="amount", exposure=exposure)
    assert iom.RateRatio()(panel).std_error is None


def test_levels_of_a_decimal_covariate_are_the_numbers_not_their_rounding() -> None:
    rng = np.random.default_rng(2)
    counts = rng.poisson([4.0, 2.0], (40, 2)) + 1
    dose = np.tile([0.3, 0.1 + 0.2, 0.5, 0.5], 10)
    found = iom.Heterogeneity(by="dose")(iom.Panel.from_arrays(counts, covariates={"dose": dose}))
    assert found.term == "dose: 0.5 / 0.3"


def test_counts_that_are_whole_but_for_rounding_are_counts() -> None:
    flags = np.array([[0.1 * 3 * 10 - 2, 0.0], [1.0, 0.1 + 0.2 - 0.3], [0.7 / 0.7, 0.1 * 10]])
    assert (flags != np.rint(flags)).any()
    table = iom.McNemar()(_panel(flags, "binary")).diagnostics
    assert (table["before_only"], table["both"]) == (2, 1)


def test_whole_numbers_are_not_touched_bit_for_bit() -> None:
    rng = np.random.default_rng(4)
    for values in (rng.integers(0, 9, (300, 2)), rng.integers(0, 2**45, (300, 2)).astype(float)):
        assert differences(*values.T).tobytes() == (values[:, 1] - values[:, 0]).tobytes()
        assert settled(values).tobytes() == values.tobytes()
        assert whole(values).tobytes() == values.tobytes()
    ints = rng.integers(0, 30, (300, 2))
    exact, floats = paired_moments(ints), paired_moments(ints.astype(float))
    assert [float(x) for x in exact] == pytest.approx([float(x) for x in floats], rel=1e-14)


def test_the_tolerance_ends_where_records_begin() -> None:
    """Thirteen digits are told apart: what is nearer than the tolerance is one number, what is further is two."""
    assert constant([1.0, 1.0 + NOISE / 2])
    assert not constant([1.0, 1.0 + 4 * NOISE])
    assert differences([1.0], [1.0 + NOISE / 2]).tolist() == [0.0]
    assert differences([1e9 + 0.1], [1e9 + 0.2]).tolist() != [0.0]
    assert differences([1e-300], [2e-300]).tolist() == [1e-300]

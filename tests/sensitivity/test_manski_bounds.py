import numpy as np
import pytest

from iom_causal.base.wording import violations
from iom_causal.confounds import Attrition
from iom_causal.errors import DegenerateDataError, InputError, SpecError
from iom_causal.estimators import PairedT, RateRatio
from iom_causal.moments import Moments
from iom_causal.panel import Panel
from iom_causal.sensitivity.manski_bounds import manski_bounds

NAN = float("nan")
SEED = Moments.from_summary(n=187, mean_post=238.61, n_input=225, mean_pre_input=328.89, kind="score", name="risk")
SCORES = Panel.from_arrays([[4, 3], [2, NAN], [7, 5], [5, 6], [6, NAN]], kind="score", missing="keep", name="risk")
COUNTS = Panel.from_arrays([[4, 3], [2, NAN], [7, 5], [5, 6], [6, NAN]], missing="keep", name="arrests")


def test_the_seed():
    found = manski_bounds(SEED, support=(20, 1100))
    assert (found.set_low, found.set_high) == pytest.approx((-127.2008, 55.1992), abs=5e-5)  # four decimals are stored
    assert (found.n, found.n_missing) == (225, 38)
    assert found.conf_low is None
    assert not found.settled
    assert "do not settle" in found.summary()
    assert manski_bounds(SEED, support=(20, 400)).settled
    assert "the mean of all fell" in manski_bounds(SEED, support=(20, 400)).summary()


def test_they_are_those_of_attrition():
    found = manski_bounds(SCORES, support=(0, 10))
    assert (found.set_low, found.set_high) == pytest.approx(Attrition().bounds(SCORES, (0, 10)), rel=1e-12)
    assert (found.conf_low, found.conf_high) == pytest.approx(Attrition().bounds_interval(SCORES, (0, 10)), rel=1e-12)


def test_without_a_hole_they_are_the_change():
    rng = np.random.default_rng(1)
    panel = Panel.from_arrays(rng.poisson([6.0, 4.0], (60, 2)), exposure=[730, 365], name="arrests")
    ratio = manski_bounds(panel, support=(0, 20))
    fit = RateRatio()(panel)
    assert ratio.set_low == pytest.approx(fit.estimate, rel=1e-12)
    assert ratio.set_high == pytest.approx(fit.estimate, rel=1e-12)
    assert ratio.scale == "ratio"
    rates = manski_bounds(panel, support=(0, 20), scale="difference")
    before, after = panel.outcome.mean(0)
    assert rates.set_low == pytest.approx(548 * (after / 365 - before / 730), rel=1e-12)
    assert rates.term.endswith("a person and 18 months")
    alike = Panel.from_arrays(panel.outcome, exposure=[365, 365], name="arrests")
    difference = manski_bounds(alike, support=(0, 20), scale="difference")
    fit = PairedT()(alike)
    assert difference.set_low == pytest.approx(fit.estimate, rel=1e-9)
    assert difference.term == fit.term
    # The interval is that of the normal, with the standard error of the change.
    assert difference.conf_high - difference.set_high == pytest.approx(1.959963984540054 * fit.std_error, rel=1e-9)


def test_a_ratio_of_counts():
    found = manski_bounds(COUNTS, support=(0, 9))
    assert found.set_low == pytest.approx(14 / 24)
    assert found.set_high == pytest.approx(32 / 24)
    assert 0 < found.conf_low < found.set_low < found.set_high < found.conf_high
    fell = manski_bounds(COUNTS, support=(0, 9), suppose="no_rise")
    assert fell.set_high == pytest.approx(22 / 24)
    assert fell.set_low == found.set_low


def test_a_ratio_of_which_nothing_may_be_after():
    panel = Panel.from_arrays([[4, 0], [2, NAN], [7, 0]], missing="keep")
    found = manski_bounds(panel, support=(0, 9))
    assert found.set_low == found.conf_low == 0.0
    assert found.set_high == pytest.approx(9 / 13)
    with pytest.raises(DegenerateDataError, match="IOM-E064"):
        manski_bounds(Panel.from_arrays([[4, 0], [2, 0]]), support=(0, 9))
    lost = Panel.from_arrays([[0, 1], [0, 1], [NAN, 2]], missing="keep")
    with pytest.raises(DegenerateDataError, match=r"IOM-E064.*no upper end"):
        manski_bounds(lost, support=(0, 9))


def test_a_binary_outcome_has_its_support():
    panel = Panel.from_arrays([[1, 0], [1, NAN], [0, 1], [1, 1]], kind="binary", missing="keep")
    found = manski_bounds(panel)
    assert (found.set_low, found.set_high, found.support) == (-0.25, 0.0, (0.0, 1.0))


def test_comparison_people_are_set_aside_and_days_of_ones_own_not_used():
    start = np.ma.MaskedArray([1, 1, 1], mask=[False, False, True])
    panel = Panel.from_arrays(
        [[4, 3], [2, NAN], [9, 9]], start=start, missing="keep", exposure=[[365, 365], [365, 100], [365, 365]]
    )
    with pytest.raises(InputError, match="IOM-E060"):
        manski_bounds(panel, support=(0, 9))
    more = Panel.from_arrays([[4, 3], [2, 1], [9, 9]], start=start, exposure=[[365, 365], [365, 100], [365, 365]])
    found = manski_bounds(more, support=(0, 9))
    assert found.n == 2
    assert found.set_low == pytest.approx(4 / 6)
    assert any("not used" in note for note in found.notes)
    assert any("set aside" in note for note in found.notes)


@pytest.mark.parametrize("suppose", ["", "no_rise", "no_fall", "no_higher", "no_lower"])
def test_its_sentences(suppose):
    for found in (
        manski_bounds(COUNTS, support=(0, 9), suppose=suppose),
        manski_bounds(SCORES, support=(0, 9), suppose=suppose),
    ):
        assert not violations(found.summary())
        assert found.speaks_to == ("u3",)


def test_where_nobody_lacks_a_value_no_support_is_spoken_of():
    found = manski_bounds(Panel.from_arrays([[4, 3], [2, 2], [7, 5]], name="arrests"), support=(0, 9))
    assert "none of whom lacks a value" in found.summary()
    assert "anywhere" not in found.summary()
    assert not violations(found.summary())


@pytest.mark.parametrize("suppose", ["no_rise", "no_fall"])
@pytest.mark.parametrize("scale", ["difference", "ratio"])
@pytest.mark.parametrize("days", [None, [365, 365], [730, 365], [365, 730]])
def test_who_lacks_both_values_did_not_rise_or_fall_either(suppose, scale, days):
    """Every completion that keeps the supposition, on a grid of the two values of those people."""
    rows = np.array([[4, 3], [2, 3], [7, 5], [NAN, NAN], [NAN, NAN]])
    panel = Panel.from_arrays(rows, missing="keep", exposure=days, name="arrests")
    found = manski_bounds(panel, support=(0, 10), scale=scale, suppose=suppose)
    length = 1.0 if days is None else days[1] / days[0]
    units = {"ratio": (1.0, length), "difference": (1.0, 1.0)}[scale]
    if scale == "difference" and length != 1:
        units = tuple(d / 548 for d in days)
    grid = np.linspace(0, 10, 41)
    x, y = (side.ravel() for side in np.meshgrid(grid, grid))
    keeps = y <= np.clip(length * x, 0, 10) if suppose == "no_rise" else y >= np.clip(length * x, 0, 10)
    before, after = ((rows[:3, k].sum() + 2 * side[keeps]) / 5 / units[k] for k, side in enumerate((x, y)))
    left = after / before if scale == "ratio" else after - before
    assert (found.set_low, found.set_high) == pytest.approx((left.min(), left.max()), rel=1e-12)


def test_a_table_with_the_mean_before_of_some_alone_is_refused():
    some = Moments.from_summary(n=187, mean_pre=328.0, mean_post=238.61, n_input=225, kind="score", name="risk")
    with pytest.raises(InputError, match=r"IOM-E067.*mean_pre_input"):
        manski_bounds(some, support=(20, 1100))


def test_suppositions_of_a_table():
    for suppose in ("no_higher", "no_lower"):
        found = manski_bounds(SEED, support=(20, 1100), suppose=suppose)
        assert found.set_high == pytest.approx(-90.28 if suppose == "no_higher" else 55.1992, abs=5e-5)
    with pytest.raises(InputError, match="IOM-E066"):
        manski_bounds(SEED, support=(20, 1100), suppose="no_rise")


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: manski_bounds(SCORES), SpecError),
        (lambda: manski_bounds(SCORES, support=(10, 0)), SpecError),
        (lambda: manski_bounds(SCORES, support=(0, float("inf"))), SpecError),
        (lambda: manski_bounds(COUNTS, support=(-1, 9)), SpecError),
        (lambda: manski_bounds(SCORES, support=(0, 5)), InputError),
        (lambda: manski_bounds(SCORES, support=(0, 9), scale="ratio"), InputError),
        (lambda: manski_bounds(SEED, support=(20, 1100), scale="ratio"), InputError),
        (lambda: manski_bounds(SCORES, support=(0, 9), scale="odds"), SpecError),
        (lambda: manski_bounds(SCORES, support=(0, 9), suppose="hope"), SpecError),
        (lambda: manski_bounds(SCORES, support=(0, 9), level=0.0), SpecError),
        (lambda: manski_bounds(Panel.from_arrays(np.ones((2, 3, 2))), support=(0, 9)), InputError),
    ],
)
def test_what_is_refused(call, error):
    with pytest.raises(error, match="IOM-E0"):
        call()


@pytest.mark.parametrize("lacking", [0, 1])
def test_bounds_on_one_side_are_told_of_these_people_where_their_interval_is_not(lacking):
    rows = np.array([[4.0, 3.0], [5.0, 1.0], [2.0, 2.0], [6.0, 7.0]])
    rows = np.vstack([rows, np.full((lacking, 2), [5.0, np.nan])])
    found = manski_bounds(
        Panel.from_arrays(rows, missing="keep", name="arrests"), support=(0, 9), suppose="no_rise", level=0.99
    )
    assert found.set_high < 1 < found.conf_high
    said = found.summary()
    assert "the mean of these people fell" in said
    assert "of all such people these data do not settle whether it rose or fell" in said
    assert not violations(said)


def test_a_support_that_a_count_cannot_have_is_named():
    with pytest.raises(SpecError, match=r"expected 0 or more, as a count is, got -5\.0 for the least"):
        manski_bounds(Panel.from_arrays([[4, 3], [5, 1]]), support=(-5, 10))

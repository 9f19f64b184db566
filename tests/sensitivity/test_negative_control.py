"""Negative controls: coverage where a placebo shares the bias, what is said where it does not, and refusals."""

import math
from dataclasses import replace

import numpy as np
import pytest

from iom_causal.base.wording import violations
from iom_causal.beliefs import Range
from iom_causal.confounds import Detection
from iom_causal.confounds.register import REGISTER
from iom_causal.errors import DegenerateDataError, InputError, NotIdentifiedError, SpecError
from iom_causal.estimators import PairedT, RateRatio
from iom_causal.inputs.threats import NAMES
from iom_causal.ledger import Ledger
from iom_causal.panel import Panel
from iom_causal.sensitivity.negative_control import MOVED, SUPPORTS, negative_control
from iom_causal.windows import Selection, Window

EXACT = 1e-11
HISTORY = ("c01",)
RULE = Selection("theft", ("before",), "at_least", "at_boundary", threshold=4)
TRUE, SHOCK = 0.8, 0.7
"""The programme's ratio, and a shock of everybody's rates that placebo and outcome share."""


def outcomes(rng, n=150, *, shared=True, picked=False):
    """Thefts, which the programme changes, and traffic offences, which it does not; frailties are correlated."""
    rate = rng.gamma(2.0, 1.5, n)
    other = rate * rng.gamma(4.0, 0.25, n)
    shock = SHOCK if shared else 1.0
    theft = np.column_stack([rng.poisson(rate), rng.poisson(rate * TRUE * SHOCK)])
    traffic = np.column_stack([rng.poisson(other), rng.poisson(other * shock)])
    keep = theft[:, 0] >= 4 if picked else slice(None)
    return Panel.from_arrays(theft[keep], name="theft"), Panel.from_arrays(traffic[keep], name="traffic")


def test_a_placebo_that_shares_the_bias_calibrates_at_its_level():
    """500 worlds: a share of .95 has a standard error of .0097, and three of them on either side stand."""
    rng, hits, raw = np.random.default_rng(20), 0, 0
    for _ in range(500):
        found = negative_control(*outcomes(rng), shares=HISTORY, same_people=True)
        hits += found.calibrated.conf_low <= TRUE <= found.calibrated.conf_high
        raw += found.change.conf_low <= TRUE <= found.change.conf_high
    assert 0.92 < hits / 500 < 0.98
    assert raw / 500 < 0.2


def test_people_in_both_bring_their_covariance():
    """Two outcomes of one frailty that drifts: without the covariance the interval would be too wide."""
    rng, found = np.random.default_rng(21), []
    for _ in range(400):
        rate = rng.gamma(2.0, 2.0, (120, 1)) * rng.gamma(3.0, 1 / 3, (120, 2))
        panels = [Panel.from_arrays(rng.poisson(rate), name=name) for name in ("theft", "traffic")]
        found.append(negative_control(*panels, shares=HISTORY, same_people=True))
    spread = np.std([math.log(f.calibrated.estimate) for f in found])
    assert np.mean([f.calibrated.std_error for f in found]) == pytest.approx(spread, rel=4 / math.sqrt(800))
    assert np.mean([f.correlation for f in found]) > 0.3
    apart = negative_control(*panels, shares=HISTORY)
    assert apart.correlation == 0
    assert not apart.same_people
    assert apart.calibrated.std_error > found[-1].calibrated.std_error


def test_the_changes_are_those_of_the_plain_estimators_and_panels_give_what_their_estimates_give():
    theft, traffic = outcomes(np.random.default_rng(22))
    found = negative_control(theft, traffic, shares=HISTORY)
    for row, panel in ((found.change, theft), (found.placebo, traffic)):
        plain = RateRatio()(panel)
        assert (row.estimate, row.conf_low, row.conf_high, row.std_error) == pytest.approx(
            (plain.estimate, plain.conf_low, plain.conf_high, plain.std_error), rel=EXACT
        )
    from_estimates = negative_control(RateRatio()(theft), RateRatio()(traffic), shares=HISTORY)
    assert from_estimates.calibrated.estimate == pytest.approx(found.calibrated.estimate, rel=EXACT)
    assert from_estimates.calibrated.std_error == pytest.approx(found.calibrated.std_error, rel=EXACT)
    mixed = negative_control(theft, RateRatio()(traffic), shares=HISTORY)
    assert mixed.calibrated.conf_high == pytest.approx(found.calibrated.conf_high, rel=EXACT)


def test_a_placebo_that_is_the_outcome_itself_leaves_nothing():
    theft, _ = outcomes(np.random.default_rng(23))
    found = negative_control(theft, theft, shares=HISTORY, same_people=True)
    assert (found.calibrated.estimate, found.calibrated.std_error) == (1.0, 0.0)
    assert found.correlation == pytest.approx(1.0, rel=EXACT)


def test_a_stated_correlation_enters_as_it_is():
    one, other = (RateRatio()(panel) for panel in outcomes(np.random.default_rng(24)))
    found = negative_control(one, other, shares=HISTORY, correlation=0.5)
    variance = one.std_error**2 + other.std_error**2 - one.std_error * other.std_error
    assert found.calibrated.std_error == pytest.approx(math.sqrt(variance), rel=EXACT)
    assert found.correlation == 0.5
    assert "taken to be so" in found.summary()


def test_people_are_matched_by_ids_whatever_their_order():
    theft, traffic = outcomes(np.random.default_rng(25))
    ids = np.arange(theft.n)
    order = np.random.default_rng(1).permutation(theft.n)
    named = Panel.from_arrays(theft.outcome, name="theft", ids=ids)
    turned = Panel.from_arrays(traffic.outcome[order], name="traffic", ids=ids[order])
    by_ids = negative_control(named, turned, shares=HISTORY)
    by_rows = negative_control(theft, traffic, shares=HISTORY, same_people=True)
    assert by_ids.calibrated.std_error == pytest.approx(by_rows.calibrated.std_error, rel=EXACT)
    strangers = Panel.from_arrays(traffic.outcome, name="traffic", ids=ids + 1000)
    assert not negative_control(named, strangers, shares=HISTORY).same_people
    some = Panel.from_arrays(traffic.outcome[:100], name="traffic", ids=ids[:100])
    assert negative_control(named, some, shares=HISTORY).calibrated.n_used == 100


def test_weights_days_and_missing_windows_are_as_for_every_method():
    rng = np.random.default_rng(26)
    theft, traffic = outcomes(rng)
    weight = rng.integers(0, 3, theft.n)
    some = [Panel.from_arrays(p.outcome, name=p.name, weight=weight) for p in (theft, traffic)]
    whole = [Panel.from_arrays(np.repeat(p.outcome, weight, axis=0), name=p.name) for p in (theft, traffic)]
    one, other = (negative_control(*panels, shares=HISTORY, same_people=True) for panels in (some, whole))
    assert one.calibrated.std_error == pytest.approx(other.calibrated.std_error, rel=EXACT)
    assert one.correlation == pytest.approx(other.correlation, rel=EXACT)
    days = np.column_stack([np.full(theft.n, 365.0), rng.uniform(100, 365, theft.n)])
    own = Panel.from_arrays(theft.outcome, name="theft", exposure=days)
    found = negative_control(own, traffic, shares=HISTORY, same_people=True)
    assert found.change.estimate == pytest.approx(RateRatio()(own).estimate, rel=EXACT)
    values = theft.outcome.astype(float)
    values[:30, 1] = np.nan
    lost = Panel.from_arrays(values, name="theft", missing="keep")
    found = negative_control(lost, traffic, shares=HISTORY, same_people=True)
    assert (found.change.n_used, found.placebo.n_used) == (120, 150)


def test_of_scores_points_are_taken_from_points():
    rng = np.random.default_rng(27)
    base = rng.normal(300, 40, (80, 1))
    scores = [
        Panel.from_arrays(base + rng.normal(shift, 15, (80, 2)), kind="score", name=n)
        for shift, n in ((0, "a"), (0, "b"))
    ]
    found = negative_control(*scores, shares=("c07",), same_people=True)
    plain = [PairedT()(panel) for panel in scores]
    assert found.scale == "difference"
    assert found.calibrated.estimate == pytest.approx(plain[0].estimate - plain[1].estimate, rel=EXACT)
    change = [np.diff(panel.outcome)[:, 0] for panel in scores]
    both = np.std(change[0] - change[1], ddof=1) / math.sqrt(80)
    assert found.calibrated.std_error == pytest.approx(both, rel=EXACT)
    assert "by the same amount" in found.summary()
    with pytest.raises(InputError, match="IOM-E098"):
        negative_control(scores[0], outcomes(rng)[0])


WINDOWS = (Window("y1", -730, -365), Window("y2", -365, 0), Window("after", 0, 365, post=True))


def three_windows(selection=None, *, shock=0.9, seed=28):
    rng = np.random.default_rng(seed)
    rate = rng.gamma(2.0, 2.0, (200, 1)) * [1.0, shock, shock**2 * TRUE]
    return Panel.from_arrays(rng.poisson(rate), windows=WINDOWS, name="theft", selection=selection)


def staggered():
    windows = (*WINDOWS, Window("later", 365, 730, post=True))
    start = np.where(np.arange(40) % 2, 2, 3)
    return Panel.from_arrays(np.random.default_rng(33).poisson(3, (40, 4)), windows=windows, start=start)


def test_two_windows_before_are_a_placebo_of_their_own():
    panel = three_windows()
    found = negative_control(panel, ("y1", "y2"), shares=("c05",))
    totals = panel.outcome.sum(0)
    assert found.placebo.estimate == pytest.approx(totals[1] / totals[0], rel=EXACT)
    assert found.change.estimate == pytest.approx(totals[2] / totals[1], rel=EXACT)
    assert found.same_people
    assert found.correlation < -0.2  # the later window is after in one and before in the other
    assert "opposite of regression to the mean" in found.summary()
    assert found.placebo.outcome == "theft, y1 to y2"


def test_the_calibrated_interval_of_windows_covers_a_trend():
    hits = 0
    for seed in range(300):
        found = negative_control(three_windows(seed=seed), ("y1", "y2"), shares=("c05",))
        hits += found.calibrated.conf_low <= TRUE <= found.calibrated.conf_high
    assert 0.91 < hits / 300 < 0.99


def test_a_placebo_whose_later_window_people_were_picked_by_is_refused():
    rule = Selection("theft", ("y2",), "at_least", "at_boundary", threshold=4)
    with pytest.raises(NotIdentifiedError, match=r"IOM-E068: .* the opposite of the fall"):
        negative_control(three_windows(rule), ("y1", "y2"), shares=HISTORY)
    earlier = Selection("theft", ("y1",), "at_least", "within_pre", threshold=4)
    assert "in the placebo alone" in negative_control(three_windows(earlier), ("y1", "y2")).summary()
    other = Selection("burglary", ("y2",), "at_least", "at_boundary", threshold=4)
    assert negative_control(three_windows(other), ("y1", "y2")).notes == ()


def test_where_picking_is_in_the_change_alone_it_is_said_and_cannot_be_stated_as_shared():
    theft, traffic = outcomes(np.random.default_rng(29), n=900, picked=True)
    picked = [replace(panel, selection=RULE) for panel in (theft, traffic)]
    found = negative_control(*picked, shares=HISTORY, same_people=True)
    assert "regression to the mean is in the change and not in the placebo" in found.summary()
    assert found.calibrated.conf_high < TRUE  # it does not cover, and says why
    with pytest.raises(NotIdentifiedError, match="u1 cannot be shared"):
        negative_control(*picked, shares=("u1",), same_people=True)
    alike = replace(outcomes(np.random.default_rng(30), n=900, picked=True)[0], selection=RULE)
    assert negative_control(picked[0], alike, shares=("u1", "c01")).notes == ()


def test_a_rise_and_the_fall_after_it_share_no_regression_to_the_mean():
    """Divided by the rise up to being picked, a fall without any programme would be twice as large."""
    unstated = three_windows(None)
    with pytest.raises(NotIdentifiedError, match="one after the other"):
        negative_control(unstated, ("y1", "y2"), shares=("c01", "u1"))
    assert negative_control(unstated, ("y1", "y2"), shares=("c01",)).calibrated is not None


def test_what_it_says_depends_on_the_placebo_and_on_what_is_stated():
    rng = np.random.default_rng(31)
    shared, alone = outcomes(rng), outcomes(rng, shared=False)
    moved, null = (negative_control(*panels, shares=HISTORY, same_people=True) for panels in (shared, alone))
    assert MOVED in moved.summary()
    assert SUPPORTS in null.summary()
    assert "never proves" in null.summary()
    assert "how people were picked is not stated" in null.summary()
    assert "other changes over the same period (c01)" in null.summary()
    bare = negative_control(*shared)
    assert bare.calibrated is None
    assert "nothing is calibrated" in bare.summary()
    assert len(bare.tidy()) == 2
    for found in (moved, null, bare):
        assert violations(found.summary()) == ()
        assert set(found.speaks_to) | set(found.silent_on) == set(NAMES) <= set(REGISTER)
        assert not set(found.speaks_to) & set(found.silent_on)


def test_what_it_cannot_use_is_refused():
    theft, traffic = outcomes(np.random.default_rng(32))
    one = RateRatio()(theft)
    soft = Ledger((Detection(ratio=Range(0.8, 1.0)),), draws=200)(theft, rng=1)
    for error, code, call in (
        (InputError, "E035", lambda: negative_control(theft.outcome, traffic)),
        (InputError, "E035", lambda: negative_control(one, ("y1", "y2"))),
        (InputError, "E047", lambda: negative_control(Panel.from_arrays(theft.outcome[None]), traffic)),
        (InputError, "E048", lambda: negative_control(three_windows(), ("y2", "y1"))),
        (InputError, "E047", lambda: negative_control(staggered(), ("y1", "y2"))),
        (InputError, "E048", lambda: negative_control(three_windows(), ("y1", "after"))),
        (InputError, "E060", lambda: negative_control(Panel.from_arrays([[2, 1]]), traffic)),
        (InputError, "E037", lambda: negative_control(theft, Panel.from_arrays([[2, 1]] * 3), same_people=True)),
        (InputError, "E037", lambda: negative_control(one, one, same_people=True)),
        (DegenerateDataError, "E064", lambda: negative_control(Panel.from_arrays([[2, 0], [1, 0]]), traffic)),
        (DegenerateDataError, "E065", lambda: negative_control(replace(one, std_error=None), one)),
        (NotIdentifiedError, "E068", lambda: negative_control(soft, one)),
        (SpecError, "E093", lambda: negative_control(one, one, shares=("c99",))),
        (SpecError, "E092", lambda: negative_control(one, one, correlation=1.5)),
    ):
        with pytest.raises(error, match=f"IOM-{code}"):
            call()

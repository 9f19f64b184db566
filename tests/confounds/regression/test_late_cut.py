"""A hard cut read at a time that is not known, or within the window after: bounds that hold whatever the law."""

import numpy as np
import pytest

from iom_causal.confounds import RegressionToMean
from iom_causal.errors import NotIdentifiedError
from iom_causal.ledger import Ledger
from iom_causal.panel import Panel
from iom_causal.windows import Selection

CUT = 4
NOISE = 0.02
"""Five standard errors of tens of thousands of people."""
LAWS = {
    "gamma": lambda rng, n: rng.gamma(1.5, 1.5, n),
    "two kinds": lambda rng, n: np.where(rng.random(n) < 0.2, 8.0, 1.0),
    "lognormal": lambda rng, n: rng.lognormal(0.3, 0.8, n),
}


def selected(into, timing, law="gamma", seed=5, size=300_000, ratio=0.8):
    """People with at least the cut in the year that ends a share `into` of the window after; then a programme."""
    rng = np.random.default_rng(seed)
    rate = LAWS[law](rng, size)
    unread, old, new = (rng.poisson(rate * share) for share in (into, 1 - into, into))
    rest, managed = rng.poisson(rate * (1 - into) * (1 - ratio)), rng.poisson(rate * (1 - into) * ratio)
    keep = old + new >= CUT
    before, after = unread + old, new + managed
    rule = Selection("arrests", ("before",), "at_least", timing, threshold=CUT)
    panel = Panel.from_arrays(np.stack([before, after], axis=-1)[keep], name="arrests", selection=rule)
    return panel, float(np.log((after + rest)[keep].sum() / before[keep].sum()))


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("into", [0.0, 0.2, 0.5, 0.8, 1.0])
@pytest.mark.parametrize("timing", ["unknown", "within_post"])
def test_the_bounds_hold_what_selection_did_whenever_it_was(timing, into, law):
    panel, truth = selected(into, timing, law)
    line = RegressionToMean(method="robbins_zhang").resolved(panel)
    if line.late is None:  # everybody has the cut after, so it can have read that window
        ends = [float(line.shift(panel, {}))]
    else:
        ends = [float(line.shift(panel, {"late": late})) for late in (0.0, 1.0)]
    assert min(ends) - NOISE <= truth <= max(ends) + NOISE


def test_an_end_that_the_counts_allow_is_what_the_cut_gives_and_the_other_is_a_cut_above():
    panel, truth = selected(0.0, "unknown")
    line = RegressionToMean(method="robbins_zhang").resolved(panel)
    early, late = (float(line.shift(panel, {"late": v})) for v in (0.0, 1.0))
    assert early == pytest.approx(truth, abs=0.01)
    assert late == pytest.approx(float(np.log1p(CUT / panel.outcome[:, 0].mean())))


@pytest.mark.parametrize("timing", ["unknown", "within_post"])
def test_a_share_of_rates_that_lasts_widens_the_bounds_at_both_ends(timing):
    panel, _ = selected(0.4, timing, size=30_000)
    lasting, drifting = (
        RegressionToMean(method="robbins_zhang", persistence=share).resolved(panel) for share in (None, 0.8)
    )
    for late in (0.0, 1.0):
        away = drifting.shift(panel, {"late": late, "persistence": 0.8}) - lasting.shift(panel, {"late": late})
        assert float(away) == pytest.approx(float(np.log(0.8)) * (1 - 2 * late))  # away from when they were picked


def test_the_ledger_gives_bounds_that_hold_the_programme():
    panel, _ = selected(0.4, "within_post", size=12_000)
    result = Ledger((RegressionToMean(method="robbins_zhang"),), draws=500)(panel, rng=1)
    assert result.estimate is None
    assert result.interval == "bounds"
    assert result.set_low < 0.8 * 0.6 + 0.4 < result.set_high  # managed for .6 of the window after


def test_where_nothing_bounds_the_fall_that_is_said_in_words():
    rule = Selection("arrests", ("before",), "at_least", "within_post", threshold=5)
    panel = Panel.from_arrays([[1, 6], [0, 4], [2, 5], [3, 7]], name="arrests", selection=rule)
    with pytest.raises(NotIdentifiedError, match="state when they were picked"):
        RegressionToMean(method="robbins_zhang").resolved(panel).shift(panel, {"late": 0.0})

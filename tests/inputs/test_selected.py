import numpy as np
import pytest

from iom_causal.inputs.selected import contradicts_its_cut, selected_counts
from iom_causal.panel import Panel
from iom_causal.panel.parts import with_weights
from iom_causal.windows import Selection

RULE = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=3)
ROWS = [[5.0, 2.0], [3.0, 1.0], [8.0, float("nan")]]
DAYS = [[300.0, 300.0], [360.0, 120.0], [365.0, 5.0]]


def test_time_at_risk_is_that_of_the_people_followed_up():
    panel = Panel.from_arrays(ROWS, name="arrests", exposure=DAYS, missing="keep")
    assert selected_counts(panel, RULE).length == pytest.approx(660 / 420)
    weighted = Panel.from_arrays(ROWS, name="arrests", exposure=DAYS, missing="keep", weight=[3, 1, 2])
    assert selected_counts(weighted, RULE).length == pytest.approx((3 * 300 + 360) / (3 * 300 + 120))
    drawn = with_weights(panel, np.array([[1.0, 1.0, 1.0], [0.1, 1.0, 1.0]]))
    assert selected_counts(drawn, RULE).length == pytest.approx(660 / 420)


def test_days_of_all_in_common_are_theirs():
    panel = Panel.from_arrays(ROWS, name="arrests", exposure=[365.0, 730.0], missing="keep")
    assert selected_counts(panel, RULE).length == pytest.approx(0.5)


@pytest.mark.parametrize("replicates", [None, 2])
def test_the_share_picked_by_count_is_among_those_whose_count_is_known(replicates):
    before = np.array([6.0, 5, np.nan, np.nan, 4, 0, 0, 0])
    rows = np.column_stack([before, np.ones(8)])
    start = np.ma.MaskedArray(np.ones(8, int), mask=np.arange(8) >= 3)
    top = Selection("arrests", ("before",), "top", "at_boundary", threshold=3)
    drawn = rows if replicates is None else np.stack([rows] * replicates)
    panel = Panel.from_arrays(drawn, name="arrests", start=start, missing="keep", selection=top)
    curve = selected_counts(panel, top).curve
    assert curve.levels.tolist() == [0, 4, 5, 6]
    assert np.atleast_2d(curve.probability).tolist() == [[0, 0, 1, 1]] * (replicates or 1)


@pytest.mark.parametrize(
    ("threshold", "timing", "variable", "contradicted"),
    [
        (3, "at_boundary", "arrests", True),
        (5, "at_boundary", "arrests", False),
        (7, "at_boundary", "arrests", True),  # somebody lies below it
        (3, "within_pre", "arrests", False),  # read before the window ended
        (3, "at_boundary", "risk", False),
    ],
)
def test_a_cut_is_contradicted_where_too_few_stand_just_above_it(threshold, timing, variable, contradicted):
    rule = Selection(variable, ("before",), "at_least", timing, threshold=threshold)
    counts = np.repeat([5.0, 6, 7, 8, 9], [60, 50, 40, 30, 20])
    panel = Panel.from_arrays(np.column_stack([counts, counts - 3]), name="arrests", selection=rule)
    assert contradicts_its_cut(panel) is contradicted

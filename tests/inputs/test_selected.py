import numpy as np
import pytest

from iom_causal.inputs.selected import selected_counts
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

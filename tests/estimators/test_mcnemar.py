"""McNemar and the risk difference on paired yes-or-no outcomes: degenerate tables, and the contract."""

import numpy as np
import pytest
from scipy import stats

from iom_causal.errors import InputError
from iom_causal.estimators.mcnemar import McNemar
from iom_causal.estimators.risk_difference import RiskDifference
from iom_causal.panel import Panel


def panel(both, before_only, after_only, neither, **fields):
    cells = [[1, 1]] * both + [[1, 0]] * before_only + [[0, 1]] * after_only + [[0, 0]] * neither
    return Panel.from_arrays(cells, kind="binary", name="rearrested", **fields)


def test_the_standard_error_of_the_risk_ratio_is_the_robust_one():
    a, b, c, d = 14, 9, 4, 30
    part = {p.term: p for p in McNemar()(panel(a, b, c, d)).parts}["risk ratio"]
    pairs = panel(a, b, c, d).outcome.astype(float)
    ratio = pairs[:, 1].sum() / pairs[:, 0].sum()
    robust = np.sqrt(((pairs[:, 1] - ratio * pairs[:, 0]) ** 2).sum()) / pairs[:, 1].sum()
    assert (part.estimate, part.std_error) == pytest.approx((ratio, robust), rel=1e-12)


def test_nobody_changed_is_defined():
    test, difference = McNemar()(panel(3, 0, 0, 7)), RiskDifference()(panel(3, 0, 0, 7))
    assert (test.p_value, test.estimate, test.interval) == (1.0, None, "none")
    assert "nobody changed" in test.note
    assert "odds ratio" in test.method
    assert (difference.estimate, difference.p_value, difference.std_error) == (0.0, 1.0, None)
    z2 = stats.norm.isf(0.025) ** 2
    assert difference.conf_high == pytest.approx(z2 / (10 + z2), rel=1e-9)


def test_one_person_changed_is_defined():
    stopped, started = McNemar()(panel(3, 1, 0, 7)), McNemar()(panel(3, 0, 1, 7))
    assert (stopped.p_value, stopped.estimate, stopped.conf_low) == (1.0, 0.0, 0.0)
    assert stopped.conf_high == pytest.approx(39.0)
    assert (started.p_value, started.estimate, started.conf_high) == (1.0, None, None)
    assert started.conf_low == pytest.approx(1 / 39)


def test_a_cohort_in_which_everybody_had_the_event_is_questioned():
    result = RiskDifference()(panel(4, 6, 0, 0))
    assert "everybody had the event before" in result.note
    assert any("picked by an event" in text for text in result.assumptions)


@pytest.mark.parametrize("spec", [McNemar(), McNemar("mid_p"), RiskDifference(), RiskDifference("newcombe")], ids=repr)
def test_the_contract_on_yes_or_no_outcomes(spec):
    result = spec(panel(10, 9, 4, 20))
    assert result.confidence_interval(0.8)[0] > result.conf_low
    assert result.n_used == 43
    draws = result.law.sample(np.random.default_rng(1), 4000)
    low, high = result.confidence_interval(0.9)
    assert 0.87 < ((draws > low) & (draws < high)).mean() < 0.96  # the exact limits reach further than their level
    weighted = Panel.from_arrays(
        [[1, 1], [1, 0], [0, 1], [0, 0]], weight=[10, 9, 4, 20], kind="binary", name="rearrested"
    )
    assert spec(weighted).row() == result.row()
    missing = np.vstack([panel(10, 9, 4, 20).outcome, [[1, np.nan]]])
    lost = spec(Panel.from_arrays(missing, kind="binary", missing="keep"))
    assert (lost.n_input, lost.n_used) == (44, 43)
    with pytest.raises(InputError, match="IOM-E066"):
        spec(Panel.from_arrays([[3, 1], [2, 2]]))

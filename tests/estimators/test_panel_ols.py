"""PanelOLS: two-way effects, staggered starts, centred covariates."""

import numpy as np
import pytest

from iom_causal.errors import NotIdentifiedError
from iom_causal.estimators.panel_ols import PanelOLS
from iom_causal.panel import Panel
from tests.estimators.counts_in_windows import CHAIN, cohort, monthly


def test_two_way_effects_are_the_difference_of_mean_changes():
    start = np.ma.MaskedArray(np.full(80, 1), mask=np.arange(80) >= 45)
    panel = cohort(start=start)
    result = PanelOLS(time_effects=True)(panel)
    change = panel.after - panel.before
    assert result.estimate == pytest.approx(change[:45].mean() - change[45:].mean(), rel=CHAIN)
    assert result.estimand == "att_difference"
    assert any("would have changed by the same amount" in text for text in result.assumptions)


def test_time_effects_without_comparison_people_are_refused():
    with pytest.raises(NotIdentifiedError, match="IOM-E068"):
        PanelOLS(time_effects=True)(cohort())


def test_staggered_starts_carry_the_warning():
    start = np.ma.MaskedArray(np.where(np.arange(60) < 20, 4, 5), mask=np.arange(60) >= 40)
    assert "negative weight" in PanelOLS(time_effects=True)(monthly(start=start)).note


def test_centred_covariates_leave_the_mean_change_and_sharpen_it():
    rng = np.random.default_rng(5)
    age = rng.uniform(18, 50, 80)
    before = rng.poisson(6, 80)
    panel = Panel.from_arrays(np.stack([before, before + np.rint(age / 6 - 8)], -1).clip(0).astype(int), age=age)
    plain, adjusted = PanelOLS()(panel), PanelOLS(covariates="age")(panel)
    assert adjusted.estimate == pytest.approx(plain.estimate, rel=CHAIN)
    assert adjusted.std_error < plain.std_error
    assert adjusted.params.index.tolist() == ["post", "post:age"]

"""FollowUp restated over days; what acts on the programme alone moves nothing without it."""

import numpy as np
import pytest

from iom_causal.confounds import (
    Engagement,
    FollowUp,
    PartExposure,
)
from iom_causal.confounds.units import NOTHING
from tests.confounds.lines import line, seed


def test_follow_up_without_ramp_or_fade_says_the_same_at_every_length():
    said = FollowUp().restate(0.8, seed(), {"ramp_years": 0.0})
    assert [float(v) for v in said.values()] == pytest.approx([0.8, 0.8, 0.8])


def test_follow_up_restated_equals_a_sum_over_days():
    theta = {"ramp_years": 0.5, "half_life_years": 1.0}
    said = FollowUp(ramp_years=0.5, half_life_years=1.0).restate(0.8, seed(), theta, horizons=(0.5, 549 / 365.25))
    time = (np.arange(200_000) + 0.5) / 200_000
    course = {h: np.minimum(h * time / 0.5, 1) * 0.5 ** (h * time) for h in said}
    full = np.linspace(-1.5, 0.0, 3001)
    at_end = np.array([np.exp(f * course[549 / 365.25][::200]).mean() for f in full])
    strength = np.interp(0.8, at_end, full)
    assert float(said[549 / 365.25]) == pytest.approx(0.8, abs=1e-9)
    assert float(said[0.5]) == pytest.approx(np.exp(strength * course[0.5]).mean(), abs=1e-4)
    assert float(said[0.5]) > 0.8


@pytest.mark.parametrize("spec", [Engagement(), FollowUp(ramp_years=1.0), PartExposure(after=0.5)])
def test_what_acts_on_the_programme_alone_moves_nothing_without_it(spec):
    assert line(spec) == 0
    assert spec.acts == NOTHING
    assert not spec.of_counts.assumed
    assert not spec.of_scores.assumed

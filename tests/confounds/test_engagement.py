"""Which share of engaged people gives the pooled change."""

import pytest

from iom_causal.beliefs import theta as th
from iom_causal.confounds import (
    Engagement,
)
from tests.confounds.lines import code_of


def test_which_share_of_engaged_people_prints_the_pooled_change():
    spec = Engagement()
    pooled = 812 / 1539
    share = spec.share_needed(pooled, th.central(spec))
    assert share == pytest.approx(0.762, abs=0.001)
    assert Engagement(share=share).pooled({**th.central(spec), "share": share}) == pytest.approx(pooled)
    same = {"engaged_ratio": 0.5, "other_ratio": 0.5}
    assert code_of(lambda: spec.share_needed(0.5, same)) == "IOM-E068"

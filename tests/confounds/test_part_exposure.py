"""PartExposure solves the mixture."""

import pytest

from iom_causal.confounds import (
    PartExposure,
)
from tests.confounds.lines import code_of


def test_part_exposure_solves_the_mixture():
    tau, after, before = 0.55, 0.7, 0.2
    shown = (1 - after + after * tau) / (1 - before + before * tau)
    spec = PartExposure(after=after, before=before)
    assert float(spec.restate(shown, {"after": after, "before": before})) == pytest.approx(tau)
    assert code_of(lambda: spec.restate(0.1, {"after": 0.5, "before": 0.0})) == "IOM-E068"

"""Detection acts both ways, and false records are apart from it."""

import numpy as np
import pytest

from iom_causal.confounds import (
    Detection,
)
from tests.confounds.lines import EXACT, line


def test_detection_acts_both_ways_and_its_tipping_ratio_is_the_observed_one():
    observed = np.log(3.61 / 6.84)
    assert line(Detection(ratio=3.61 / 6.84)) == pytest.approx(observed, abs=EXACT)
    assert line(Detection(ratio=1.3)) > 0 > line(Detection(ratio=0.8))
    assert np.exp(np.log(0.7) + line(Detection(ratio=1.3))) == pytest.approx(0.91, abs=EXACT)


def test_false_records_are_told_apart_from_detection():
    # 100 offences each window, half of them leading to arrest; of the arrests after, a fifth stand for no offence.
    recorded_before, recorded_after = 50.0, 50 / 0.8
    assert line(Detection(false_post=0.2)) == pytest.approx(np.log(recorded_after / recorded_before), abs=EXACT)

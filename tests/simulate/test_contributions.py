"""What each mechanism contributes adds up."""

from dataclasses import replace

import numpy as np
import pytest

from iom_causal import simulate as sim
from iom_causal.confounds import (
    Ageing,
    Desistance,
    History,
)
from tests.simulate.worlds import AT_LEAST_4


def test_what_each_mechanism_is_worth_adds_up():
    confounds = (History(ratio=0.85), Desistance(hazard=0.1), Ageing())
    spec = sim.Careers(people=200, rate=2.0, confounds=confounds, enrolment=sim.Enrolment(selection=AT_LEAST_4))
    found = sim.contributions(spec, rng=1, replicates=20)
    whole = sim.untreated_change(spec.batch(20, rng=1)).mean()
    bare = sim.untreated_change(replace(spec, confounds=()).batch(20, rng=1)).mean()
    assert sum(c.shapley for c in found.values()) == pytest.approx(float(whole - bare), abs=0.05)
    assert found["history"].shapley == pytest.approx(np.log(0.85), abs=0.01)

import numpy as np
import pytest

from iom_causal.errors import SpecError
from iom_causal.world import Mechanism


def test_merging_is_the_same_in_any_order():
    a = Mechanism(hazard=np.array([0.5, 1.0]), score_drift=1.0)
    b = Mechanism(hazard=np.array([0.5, 0.5]), supervision_events=np.array([0.0, 0.1]), score_drift=2.0)
    ab, ba = a.merge(b), b.merge(a)
    assert ab.hazard.tolist() == ba.hazard.tolist() == [0.25, 0.5]
    assert ab.score_drift == ba.score_drift == 3.0
    assert ab.supervision_events.tolist() == [0.0, 0.1]
    assert Mechanism().merge(a).hazard.tolist() == [0.5, 1.0]


def test_only_one_may_set_custody():
    with pytest.raises(SpecError, match="custody"):
        Mechanism(custody={"p": 0.1}).merge(Mechanism(custody={"p": 0.2}))

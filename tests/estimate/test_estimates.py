"""Estimates over replicates: columns, and one result put in its place."""

import numpy as np
import pytest

from iom_causal.errors import DegenerateDataError
from iom_causal.estimate import COLUMNS, Part
from iom_causal.estimate.estimates import Estimates
from tests.estimate.example import make


def test_columns_over_replicates():
    es = Estimates(outcome="y", method="m", estimate=np.array([1.0, np.nan, 3.0]), code=np.array([0, 62, 0]), n_input=9)
    assert es[2].estimate == 3.0
    assert es[0].std_error is None
    assert es.range() == (1.0, 3.0)
    assert list(es.tidy().columns) == ["replicate", "code", *COLUMNS]
    with pytest.raises(DegenerateDataError, match="IOM-E062"):
        es[1]


def test_what_comes_out_one_at_a_time_takes_its_place():
    es = Estimates(outcome="y", method="m", estimate=np.array([1.0, np.nan, 3.0]), n_input=9, base=make(notes=("all",)))
    found = make(estimate=None, set_low=0.5, set_high=0.9, interval="bounds", parts=(Part("post", -1.0, 0.5),))
    both = es.overlaid({0: found, 1: DegenerateDataError("IOM-E062", "y: nobody changed")})
    assert both.code.tolist() == [0, 62, 0]
    assert both.set_high.tolist()[0] == 0.9
    assert both.interval.tolist() == ["bounds", "none", "confidence"]
    assert both.n_input.tolist() == [225, 0, 9]
    assert [n.note for n in (both[0], both[2])] == ["", "all"]
    assert both[0].parts == found.parts
    assert np.isnan(both.parts["post"].estimate[1:]).all()
    assert both.range() == (0.5, 3.0)
    with pytest.raises(DegenerateDataError, match="y: nobody changed"):
        both[1]
    assert es.estimate[0] == 1.0

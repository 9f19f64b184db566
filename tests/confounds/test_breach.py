"""Breach: shares and arrests a year, and created arrests in a simulation."""

import numpy as np
import pytest

from iom_causal.beliefs import theta as th
from iom_causal.confounds import (
    Breach,
)
from iom_causal.panel import Panel
from tests.confounds.lines import EXACT, WINDOWS, code_of, line, seed


def test_breach_in_shares_and_in_arrests_a_year_agree():
    share = Breach(after=0.1, before=0.02)
    data = seed()
    yearly = Breach(after=0.1 * 3.61 * 365.25 / 549, before=0.02 * 6.84 * 365.25 / 547, unit="per_year")
    assert line(share) == pytest.approx(np.log(0.98 / 0.9), abs=EXACT)
    assert line(yearly, data) == pytest.approx(line(share), abs=EXACT)


def test_more_created_arrests_than_there_are_is_refused():
    assert code_of(lambda: line(Breach(after=9.0, unit="per_year"))) == "IOM-E092"
    spec = Breach(after=0.1)
    assert code_of(lambda: spec.mechanism(WINDOWS, th.central(spec))) == "IOM-E096"


def test_created_arrests_in_the_simulator_make_up_their_share():
    spec = Breach(after=0.2, base_per_year=4.0)
    events = spec.mechanism(WINDOWS, th.central(spec)).supervision_events
    created = events[18:].sum() / 1.5
    assert created / (created + 4.0) == pytest.approx(0.2)


def test_pooled_rates_are_those_of_everybody_the_lost_changing_by_the_ratio_of_the_others():
    nan = float("nan")
    some = Panel.from_arrays([[2.0, 1.0], [4.0, 2.0], [8.0, nan]], windows=WINDOWS, missing="keep")
    full = Panel.from_arrays([[2, 1], [4, 2], [8, 4]], windows=WINDOWS)
    spec = Breach(after=0.1, unit="per_year")
    assert line(spec, some) == pytest.approx(line(spec, full), abs=EXACT)

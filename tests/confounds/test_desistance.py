"""Desistance: the window before in full, and its hazard in a simulation."""

import numpy as np
import pytest

from iom_causal.beliefs import theta as th
from iom_causal.confounds import (
    Desistance,
)
from tests.confounds.lines import EXACT, SIMULATED, WINDOWS, line


def test_desistance_counts_the_window_before_in_full():
    years = 549 / 365.25
    expected = np.log((1 - np.exp(-0.06 * years)) / (0.06 * years))
    assert line(Desistance(hazard=0.06)) == pytest.approx(expected, abs=EXACT)
    rng = np.random.default_rng(2)
    stop = np.minimum(rng.exponential(1 / 0.5, 200_000), years)
    active = rng.random(200_000) < 0.7
    share = np.where(active, stop, years).mean() / years
    assert np.exp(line(Desistance(hazard=0.5, at_risk=0.7))) == pytest.approx(share, abs=SIMULATED)


def test_desistance_in_the_simulator_adds_up_to_its_hazard():
    spec = Desistance(hazard=0.12)
    monthly = spec.mechanism(WINDOWS, th.central(spec)).desistance
    assert monthly[:18].sum() == 0
    assert monthly[18:].sum() == pytest.approx(0.12 * 1.5)

"""Season: closed forms, whole years, dates, and its own line in a simulation."""

import datetime as dt

import numpy as np
import pytest

from iom_causal.confounds import (
    Season,
)
from iom_causal.windows import Window
from tests.confounds.lines import DAY, EXACT, WINDOWS, code_of, line, seed

TWO_PLACES = 0.005


def test_season_is_near_two_thirds_of_the_amplitude():
    a = 0.06
    spec = Season(amplitude=a, index_date=DAY)
    assert line(spec) == pytest.approx(np.log((1 + a / 3) / (1 - a / 3)), abs=0.001)
    days = np.arange(np.datetime64("2010-11-01"), np.datetime64("2013-11-01"))
    warm = (days.astype("datetime64[M]").astype(int) % 12 >= 4) & (days.astype("datetime64[M]").astype(int) % 12 <= 9)
    rate, after = np.where(warm, 1 + a, 1 - a), days >= np.datetime64("2012-05-01")
    assert line(spec) == pytest.approx(np.log(rate[after].mean() / rate[~after].mean()), abs=EXACT)


@pytest.mark.parametrize("shape", ["half-year", "cosine"])
def test_whole_years_have_no_season(shape):
    windows = (Window("before", -731, 0), Window("after", 0, 730, post=True))
    spec = Season(amplitude=0.2, index_date=dt.date(2012, 5, 1), shape=shape)
    assert abs(line(spec, seed(windows=windows))) < 0.001


def test_season_needs_dates_and_a_rate_above_zero():
    assert code_of(lambda: line(Season(amplitude=0.1))) == "IOM-E048"
    assert code_of(lambda: line(Season(amplitude=5.0, index_date=DAY))) == "IOM-E092"


def test_season_in_the_simulator_gives_back_its_own_line():
    a, spec = 0.06, Season(amplitude=0.06, index_date=DAY)
    hazard = spec.mechanism(WINDOWS, {"amplitude": a}).hazard
    assert np.log(hazard[18:].mean() / hazard[:18].mean()) == pytest.approx(line(spec), abs=TWO_PLACES)

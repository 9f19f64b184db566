"""Levels over windows of a calendar, day by day."""

import datetime as dt

import numpy as np
import pytest

from iom_causal.errors import InputError
from iom_causal.numerics.adjustment import calendar as cal


def test_a_level_over_a_window_is_its_mean_over_days():
    spells = [
        (dt.date(2010, 1, 1), dt.date(2011, 1, 1), 3.0),
        (dt.date(2011, 1, 1), dt.date(2012, 1, 1), 7.0),
    ]
    start, end = dt.date(2010, 10, 17), dt.date(2011, 3, 2)
    days = [3.0 if (start + dt.timedelta(k)).year == 2010 else 7.0 for k in range((end - start).days)]
    assert cal.mean_level(spells, start, end) == pytest.approx(np.mean(days))
    with pytest.raises(InputError):
        cal.mean_level(spells, start, dt.date(2012, 1, 2))
    with pytest.raises(InputError):
        cal.half_year_contrast(end, start)


def test_the_contrast_of_a_half_year_counts_days():
    assert cal.half_year_contrast(dt.date(2012, 5, 1), dt.date(2012, 11, 1)) == 1
    assert cal.half_year_contrast(dt.date(2012, 11, 1), dt.date(2013, 5, 1)) == -1

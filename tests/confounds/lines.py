"""A line on published moments, and its code where it is refused."""

import datetime as dt

import pytest

from iom_causal.beliefs import theta as th
from iom_causal.errors import InputError, SpecError
from iom_causal.moments import Moments
from iom_causal.windows import Window

DAY = dt.date(2012, 5, 1)
WINDOWS = (Window("before", -547, 0), Window("after", 0, 549, post=True))
EXACT = 1e-12
SIMULATED = 0.01  # four standard errors of 200,000 people


def seed(**settings):
    base = {"n": 225, "mean_pre": 6.84, "sd_pre": 4.75, "mean_post": 3.61, "sd_post": 3.66, "windows": WINDOWS}
    return Moments.from_summary(**{**base, **settings})


def line(spec, data=None):
    return float(spec.shift(seed() if data is None else data, th.central(spec)))


def code_of(call):
    with pytest.raises((InputError, SpecError)) as caught:
        call()
    return caught.value.code

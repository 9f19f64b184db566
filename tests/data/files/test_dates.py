"""Days as plain numbers: which are days of a workbook, which are numbers of something else, and which lie too far."""

import datetime as dt

import numpy as np
import pytest

from iom_causal.data.files.dates import dates
from iom_causal.data.files.sheet import Sheet
from iom_causal.errors import InputError

LAST = (dt.date(2100, 12, 31) - dt.date(1899, 12, 30)).days


def read(number, form="excel"):
    return dates(Sheet(columns={"day": np.array([number], dtype=object)}, rows=1), "day", form=form).tolist()


@pytest.mark.parametrize(
    ("number", "day"), [(7306, dt.date(1920, 1, 1)), (7306.9, dt.date(1920, 1, 1)), (LAST, dt.date(2100, 12, 31))]
)
def test_a_number_from_1920_to_2100_is_a_day(number, day):
    assert read(number) == [day]


@pytest.mark.parametrize(
    ("number", "code"),
    [(7305, "IOM-E050"), (2016, "IOM-E050"), (0, "IOM-E050"), (-1, "IOM-E053"), (LAST + 1, "IOM-E053")],
)
def test_a_year_or_a_month_since_1960_is_no_day(number, code):
    with pytest.raises(InputError, match=code):
        read(number)

"""Days as plain numbers: which are days of a workbook, which are numbers of something else, and which lie too far."""

import datetime as dt

import numpy as np
import pytest

from iom_causal.data.files.dates import births, dates
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


@pytest.mark.parametrize(
    ("cell", "form", "day"),
    [
        ("13/04/22", "dd/mm/yy", dt.date(2022, 4, 13)),
        ("13.04.2022 10:30", "dd/mm/yy", dt.date(2022, 4, 13)),
        ("04/13/98", "mm/dd/yy", dt.date(1998, 4, 13)),
        ("13-Apr-22", "dd-mon-yy", dt.date(2022, 4, 13)),
        ("13/04/69", "dd/mm/yy", dt.date(2069, 4, 13)),
        ("13/04/70", "dd/mm/yy", dt.date(1970, 4, 13)),
    ],
)
def test_a_year_of_two_digits_is_read_where_the_form_has_one(cell, form, day):
    assert read(cell, form) == [day]


@pytest.mark.parametrize(
    ("cell", "form", "told"),
    [
        ("13/04/22", "dd/mm/yyyy", '"dd/mm/yy"'),
        ("13-04-22", "dd/mm/yy", "between hyphens"),
        ("n/a", "dd/mm/yyyy", 'missing = ["n/a"]'),
        ("alive", "dd/mm/yyyy", "1 different text: if that stands for no day"),
    ],
)
def test_what_is_no_day_is_refused_with_its_cure(cell, form, told):
    with pytest.raises(InputError, match="IOM-E050") as refusal:
        read(cell, form)
    assert told in refusal.value.message
    assert "alive" not in refusal.value.message


def test_nobody_is_born_after_the_index_date():
    born = np.array(["2055-03-01", "2001-03-01"], "M8[D]")
    assert births(born, np.datetime64("2021-10-01"), "dd/mm/yy").tolist()[0] == dt.date(1955, 3, 1)
    assert births(born, np.datetime64("2021-10-01"), "dd/mm/yyyy").tolist() == born.tolist()

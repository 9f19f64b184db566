"""What is asked about custody records that may be none, and about events on days of entry."""

import datetime as dt

import numpy as np
import pytest

from iom_causal.data.files.sheet import Sheet
from iom_causal.data.guesses.records import about_entry, about_records


def asked(*rows):
    columns = {
        name: np.array(cells, dtype=object)
        for name, cells in zip(("urn", "made", "ref"), zip(*rows, strict=True), strict=True)
    }
    return about_records(
        Sheet(columns=columns, rows=len(rows)), person="urn", date="made", record="ref", form="yyyy-mm-dd"
    )


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("a", "2019-05-01", "N/K"), "1 row holds a word for no record"),
        (("a", "2019-05-01", "C1"), "1 record is of several people and days"),
        (("b", "2019-01-01", "C1"), "1 record is of several people and days"),
        (("b", "2019-01-01", "C2"), ""),
        (("b", "2019-01-01", None), ""),
    ],
)
def test_words_for_none_and_records_that_are_too_wide_are_asked_about(row, said):
    ask = asked(("a", "2019-01-01", "C1"), ("a", "2019-01-20", "C1"), row)
    assert ask.startswith(said)
    assert ('write record = "ref" if that is right, or record = "made"' in ask) == bool(said)


def test_events_on_the_day_of_entry_are_asked_about_from_five_people_in_a_hundred_on():
    entered = {f"p{k}": dt.date(2019, 1, 1 + k % 28) for k in range(100)}
    some = list(entered.items())
    assert about_entry(some[:5], entered).startswith("5 people have an event on the day of entry")
    assert about_entry([*some[:4], ("p4", dt.date(2019, 2, 1)), ("p5", None)], entered) == ""

"""Placebo dates on real court contacts of people in no programme: every birthday from the 23rd as the real date.

The file is other people's data and is read where it lies; without it these tests skip. Contacts go to one court from
age 17 on, and from age 32 on the file thins out (67 contacts at 32, 18 at 35).
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from iom_causal.errors import InputError
from iom_causal.panel import Panel
from iom_causal.sensitivity.placebo_dates import placebo_dates
from iom_causal.windows import Selection, Window

FILE = Path(__file__).parents[3] / "shared" / "data" / "toronto_sample_a.csv"
pytestmark = pytest.mark.skipif(not FILE.exists(), reason="the Toronto file is not beside this checkout")
FIRST, DATES, THRESHOLDS = 17, range(23, 31), range(1, 6)


def panel(birthday, threshold, *, first=FIRST, at_risk=False):
    table = pd.read_csv(FILE).pivot_table(index="id", columns="age", values=["contacts", "time_at_risk"])
    ages = list(range(first, birthday + 2))
    counts = table["contacts"][ages].to_numpy().astype(int)
    picked = counts[:, -4:-2].sum(1) >= threshold
    return Panel.from_arrays(
        counts,
        windows=[Window(f"{a}", 365 * (a - birthday), 365 * (a - birthday + 1), post=a >= birthday) for a in ages],
        start=np.ma.MaskedArray(np.full(len(counts), len(ages) - 2), mask=~picked),
        selection=Selection(
            "contacts", (f"{birthday - 2}", f"{birthday - 1}"), "at_least", "at_boundary", threshold=threshold
        ),
        exposure=365 * table["time_at_risk"][ages].to_numpy().clip(0.02) if at_risk else None,
        name="contacts",
    )


@pytest.mark.parametrize(("at_risk", "count"), [(False, 2), (True, 1)])
def test_where_nothing_began_few_dates_are_flagged(at_risk, count):
    found = [placebo_dates(panel(d, c, at_risk=at_risk)) for d in DATES for c in THRESHOLDS]
    assert sum(f.outside for f in found) == count
    assert binom.isf(5e-5, len(found), 0.05) >= count
    assert all(f.real.ratio < 0.8 for f in found)  # each would have been called a fall


@pytest.mark.parametrize(("at_risk", "count"), [(False, 9), (True, 14)])
def test_a_history_from_another_part_of_life_misleads(at_risk, count):
    """As the docstring says: careers began after 12, and what followed being picked at 14 is no placebo at 30."""
    found = []
    for birthday in range(18, 31):
        for threshold in THRESHOLDS:
            try:
                found.append(placebo_dates(panel(birthday, threshold, first=12, at_risk=at_risk)).outside)
            except InputError:  # fewer than ten people at a date
                continue
    assert (len(found), sum(found)) == (63, count)


def test_what_it_could_have_shown_of_these_people():
    found = placebo_dates(panel(25, 3))
    assert 0.4 < found.expected < 0.65
    assert found.detectable < 0.75

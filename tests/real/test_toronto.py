"""Real court contacts of people in no programme: picking the prolific alone halves the numbers.

The file is other people's data and is read where it lies; without it these tests skip.
"""

from pathlib import Path

import pandas as pd
import pytest

from iom_causal.panel import Panel

FILE = Path(__file__).parents[3] / "shared" / "data" / "toronto_sample_a.csv"
pytestmark = pytest.mark.skipif(not FILE.exists(), reason="the Toronto file is not beside this checkout")


def placebo(threshold, ages=range(20, 31)):
    """Contacts in the two years before and after each placebo birthday, of people above the threshold."""
    contacts = pd.read_csv(FILE).pivot_table(index="id", columns="age", values="contacts")
    rows = []
    for age in ages:
        before = contacts[age - 2] + contacts[age - 1]
        after = contacts[age] + contacts[age + 1]
        for person in contacts.index[before >= threshold]:
            rows += [
                (f"{person}-{age}", "before", int(before[person])),
                (f"{person}-{age}", "after", int(after[person])),
            ]
    return pd.DataFrame(rows, columns=["person_age", "period", "contacts"])


def read(threshold):
    return Panel.from_long(
        placebo(threshold), unit="person_age", period="period", outcome="contacts", kind="count", post="after"
    )


def test_a_placebo_date_shows_the_same_fall():
    from iom_causal.estimators import RateRatio

    panel = read(3)
    assert panel.n == 899
    assert round(float(panel.before.mean()), 2) == 4.63
    assert round(float(panel.after.mean()), 2) == 2.46
    assert round(RateRatio()(panel).estimate, 3) == 0.531


def test_the_readme_tells_the_change_of_the_whole_cohort_and_both_windows():
    everybody, picked = (t.groupby("period")["contacts"].sum() for t in (placebo(0), placebo(3)))
    whole, ratio = (float(c["after"] / c["before"]) for c in (everybody, picked))
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    assert f"a ratio of {ratio:.3f}".replace("0.", ".") in readme
    assert f"{whole:.3f} is".replace("0.", ".") in readme
    assert f"{ratio / whole:.2f} what picking".replace("0.", ".") in readme
    assert "in the two years before" in readme
    assert "2.46 in the two years after" in readme
    assert "over 18 months before and 18\nafter, is .528" in readme


@pytest.mark.parametrize(
    ("threshold", "people", "ratio"), [(1, 2214, 0.627), (2, 1394, 0.573), (4, 550, 0.494), (5, 344, 0.475)]
)
def test_a_higher_threshold_shows_a_larger_fall(threshold, people, ratio):
    from iom_causal.estimators import RateRatio

    panel = read(threshold)
    assert panel.n == people
    assert round(RateRatio()(panel).estimate, 3) == ratio


def test_the_page_of_regression_to_the_mean_has_these_figures():
    explanation = Path(__file__).parents[2] / "docs" / "explanation"
    page = (explanation / "regression_to_the_mean.md").read_text(encoding="utf-8")
    whole = placebo(0).groupby("period")["contacts"].sum()
    assert "4.63 contacts before, 2.46 in the two years after, a ratio of .531" in page
    for threshold in range(1, 6):
        panel = read(threshold)
        before, after = (float(window.mean()) for window in (panel.before, panel.after))
        row = f"| {threshold} | {panel.n:,} | {before:.2f} | {after:.2f} | {after / before:.3f} | "
        row += f"{after / before / (whole['after'] / whole['before']):.2f} |"
        assert row.replace(" 0.", " .") in page

"""Checks of the sample: breakdowns, percentages, numbers stated in several places."""

from iom_causal.published.audit.audit import audit
from tests.published.audit.studies import study


def groups(*rows, n="28"):
    rows = [{"variable": "sex"} | row for row in rows]
    return audit(study(sample={"n": n, "groups": rows}))["breakdown:sex"]


def test_breakdowns():
    men, women = {"category": "men", "count": "20"}, {"category": "women", "count": "8"}
    assert groups(men, women).verdict == "consistent"
    assert groups(men, women | {"count": "9"}).verdict == "inconsistent"
    assert groups(men, women | {"count": "7"}, {"category": "?", "count": "1", "missing": True}).verdict == "consistent"
    assert groups(men).verdict == "uninformative"
    assert groups(men, women | {"count": "29"}).verdict == "inconsistent"


def test_percentages_taken_back_to_counts():
    men, women = {"category": "men", "percent": "71.4"}, {"category": "women", "percent": "28.6"}
    assert groups(men, women).computed == "20 and 8"
    assert groups(men | {"percent": "71.0"}, women).verdict == "inconsistent"
    assert groups(men | {"count": "21"}, women).verdict == "inconsistent"


def test_percentages_of_those_known():
    men, women = {"category": "men", "percent": "74.1"}, {"category": "women", "percent": "25.9"}
    assert groups(men, women, {"category": "?", "count": "1", "missing": True}).computed == "20 and 7"


def test_a_count_that_stands_as_a_percentage():
    found = groups({"category": "men", "percent": "20"}, {"category": "women", "percent": "28.6"})
    assert found.verdict == "inconsistent"
    assert "Read as a count, 20 would be 71.4%." in found.reconcile


def test_numbers_stated_in_several_places():
    def stated(*statements):
        return audit(study(counts=[{"name": "x", "statements": list(statements)}]))["stated:x"].verdict

    six = {"says": "methods", "count": "6"}
    assert stated(six, {"quote": "four and two", "parts": ["4", "2"]}) == "consistent"
    assert stated(six, {"quote": "four and three", "parts": ["4", "3"]}) == "inconsistent"
    assert stated(six, {"quote": "Staff6", "at_least": "6"}) == "consistent"
    assert stated(six, {"quote": "Staff7", "at_least": "7"}) == "inconsistent"

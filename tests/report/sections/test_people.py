"""How many people are used is what is said first, whatever else was read of them."""

from iom_causal.data.reading.panels import USED
from iom_causal.report.sections import people


def test_people_used_are_those_and_not_who_lacks_a_value_or_was_picked_elsewhere():
    facts = [("people in the file", "2,500"), (USED, "140"), ("risk, after: no value", "25")]
    assert people._finding(facts) == "140 people are used, of 2,500 in the file."

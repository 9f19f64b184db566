"""Checks of shares and differences between subgroups."""

from iom_causal.published.audit.audit import audit
from tests.published.audit.studies import study


def test_a_share_of_more_than_everybody():
    found = audit(study(proportions=[{"name": "x", "count": "7", "n": "5"}]))["share:x"]
    assert found.verdict == "inconsistent"

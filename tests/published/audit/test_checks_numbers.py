"""Checks of means, SDs and ranges of whole numbers."""

import pytest

from iom_causal.base.wording import violations
from iom_causal.published.audit.audit import audit
from tests.published.audit.studies import described, outcome, study


def _spread_of(**block):
    n = block.get("n", "7")
    return audit(study([outcome(before=block | {"n": n}, after={"n": n})], sample={"n": n}))["spread:arrests, before"]


def test_an_sd_that_no_set_has_is_not_told_as_possible():
    """Every set of 7 whole numbers from 0 to 4 with both ends was listed: squares of the rest add up to 3, 5 or 9."""
    found = _spread_of(mean="1.00", sd="1.63", low="0", high="4")
    assert (found.verdict, found.computed) == ("inconsistent", "no set of values")
    assert "every set was tried" in found.sentence
    assert "range" in found.reconcile
    assert not violations(found.sentence + found.reconcile)


def test_an_sd_that_some_set_has_can_be_had():
    found = _spread_of(mean="1.00", sd="1.41", low="0", high="4")  # 0 0 0 1 1 1 4 has squares 19, SD 1.414
    assert "7 whole numbers can have an SD that prints as 1.41" in found.sentence
    assert "not ruled out" not in found.sentence


@pytest.mark.parametrize("kind", ["count", "score"])
def test_where_not_every_set_was_tried_it_is_not_ruled_out(kind):
    large = {"n": "225", "mean": "6.84", "sd": "4.75", "low": "0", "high": "23"}
    block = large if kind == "count" else {"n": "7", "mean": "1.00", "sd": "1.63"}  # a score without ends
    found = audit(study([outcome(before=block, after={"n": block["n"]}, kind=kind)]))["spread:arrests, before"]
    assert found.verdict in {"consistent", "uninformative"}
    assert "is not ruled out for" in found.sentence


def test_means_that_whole_numbers_cannot_have():
    found = described(mean="5.19")["mean:arrests, before"]
    assert found.verdict == "inconsistent"
    assert "5.18 and 5.21" in found.reconcile
    assert described(mean="5.18")["mean:arrests, before"].verdict == "consistent"


def test_a_stated_unit_is_used():
    assert described(mean="5.00", unit="5")["mean:arrests, before"].verdict == "consistent"
    assert described(mean="5.11", unit="5")["mean:arrests, before"].verdict == "inconsistent"


def test_spreads_that_whole_numbers_cannot_have():
    # Eight values that add up to 24: their squares add up to an even number of 72 or more.
    passing = {f"{((q - 72) / d) ** 0.5:.2f}" for q in range(72, 120, 2) for d in (7, 8)}
    for hundredths in range(100, 130):
        sd = f"{hundredths / 100:.2f}"
        block = {"n": "8", "mean": "3.00", "sd": sd}
        verdict = audit(study([outcome(before=block)]))["spread:arrests, before"].verdict
        assert verdict == ("consistent" if sd in passing else "inconsistent")


def test_a_range_too_narrow_for_its_spread():
    found = described(mean="5.00", sd="4.00", low="3", high="7")
    assert found["range:arrests, before"].verdict == "inconsistent"
    assert described(mean="9.00", sd="1.00", low="3", high="7")["range:arrests, before"].verdict == "inconsistent"
    assert described(mean="5.00", sd="1.00", low="3", high="7")["range:arrests, before"].verdict == "consistent"


def binary(**block):
    return audit(study([outcome(kind="binary", before={"n": "40"} | block)]))["ones:arrests, before"]


def test_binary_outcomes():
    assert binary(mean="0.30", sd="0.46").verdict == "consistent"
    assert binary(mean="0.30", sd="0.40").verdict == "inconsistent"
    assert binary(mean="0.31").verdict == "inconsistent"
    assert "0.30 and 0.33" in binary(mean="0.31").reconcile
    assert binary(mean="0.3").computed == "10, 11, 12, 13 or 14 of 40"
    assert binary(mean="0.3").verdict == "uninformative"


def test_nearest_means_are_named():
    # rsprite2: GRIM_test(5.83, 50) gives 5.82 and 5.84.
    found = audit(study([outcome(before={"n": "50", "mean": "5.83"})]))["mean:arrests, before"]
    assert "5.82 and 5.84" in found.reconcile

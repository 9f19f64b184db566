"""Rules of selection: ties at the last place, and one half at a soft threshold."""

import pytest

from iom_causal.errors import InputError, SpecError
from iom_causal.windows import AFTER, BEFORE, Selection, Window, check_windows


def test_top_rule_shares_the_last_place_between_ties():
    rule = Selection("arrests", ("before",), "top", "at_boundary", threshold=2)
    assert rule.probability([5, 3, 3, 1]).tolist() == [1.0, 0.5, 0.5, 0.0]


def test_soft_rule_is_one_half_at_the_threshold():
    rule = Selection("arrests", ("before",), "soft", "unknown", threshold=4, softness=2)
    assert rule.probability([4])[0] == 0.5
    with pytest.raises(SpecError, match="IOM-E096"):
        Selection("arrests", ("before",), "soft", "unknown", threshold=4).probability([4])


def test_windows_need_both_ends():
    with pytest.raises(InputError, match="IOM-E042"):
        Window("a", 3)
    with pytest.raises(InputError, match="IOM-E042"):
        Window("a", 3, 3)
    check_windows((BEFORE, AFTER))

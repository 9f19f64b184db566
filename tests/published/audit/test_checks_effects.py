"""Checks of effect sizes: which kind a reported figure is."""

import pytest

from tests.published.audit.studies import paired


@pytest.mark.parametrize(
    ("symbol", "value", "verdict"),
    [
        ("r", ".359", "consistent"),
        ("r_squared", ".13", "consistent"),
        ("r", ".13", "inconsistent"),
        ("dz", "0.38", "consistent"),
        ("d", "0.38", "consistent"),
        ("dav", "0.49", "consistent"),
        ("glass_pre", "0.53", "consistent"),
        ("glass_pre", "0.38", "inconsistent"),
        ("r", ".99", "inconsistent"),
        ("omega", ".10", "uninformative"),
    ],
)
def test_kinds_of_effect_size(symbol, value, verdict):
    found = paired(test={"effect_size": {"symbol": symbol, "value": value}})["effect-size-kind:arrests"]
    assert found.verdict == verdict


def test_none_of_the_kinds_is_said():
    found = paired(test={"effect_size": {"symbol": "r", "value": ".99"}})["effect-size-kind:arrests"]
    assert "matches none of" in found.sentence

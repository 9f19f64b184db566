"""Dotted paths reach a setting, and replace it."""

import pytest

from iom_causal.base import setting_paths
from iom_causal.beliefs import Normal, Range
from iom_causal.errors import SpecError


def test_dotted_paths_reach_and_replace():
    pair = (Range(0.7, 1.0), Normal(0.0, 1.0))
    assert setting_paths.get_path(pair, "1.sd") == 1.0
    assert setting_paths.replace_path(pair, "1.sd", 2.0) == (Range(0.7, 1.0), Normal(0.0, 2.0))
    with pytest.raises(SpecError, match="did you mean 'low'"):
        setting_paths.get_path(pair, "0.lo")

"""Dotted paths reach a setting, and replace it."""

import pytest

from iom_causal.base import setting_paths
from iom_causal.beliefs import Normal, Range, is_belief
from iom_causal.confounds import Ageing, Detection, RegressionToMean
from iom_causal.confounds.age_curves import Piecewise
from iom_causal.errors import SpecError
from iom_causal.estimators import Equivalence
from iom_causal.ledger import Ledger
from iom_causal.windows import Selection


def test_dotted_paths_reach_and_replace():
    pair = (Range(0.7, 1.0), Normal(0.0, 1.0))
    assert setting_paths.get_path(pair, "1.sd") == 1.0
    assert setting_paths.replace_path(pair, "1.sd", 2.0) == (Range(0.7, 1.0), Normal(0.0, 2.0))
    with pytest.raises(SpecError, match="did you mean 'low'"):
        setting_paths.get_path(pair, "0.lo")


RULE = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=3.0)
CURVE = Piecewise(((18.0, 1.0), (60.0, 0.2)))
LINES = (
    Detection(ratio=Range(0.8, 1.0)),
    Ageing(curve=CURVE),
    RegressionToMean(method="robbins_zhang", selection=RULE),
)
NESTED = Ledger(LINES)


@pytest.mark.parametrize(
    "spec", [NESTED, Equivalence(-1.0, 1.0), (Normal(0.0, 1.0), 3.0)], ids=["ledger", "one", "tuple"]
)
def test_every_path_is_listed_once_and_leads_to_a_number_or_belief(spec):
    paths = setting_paths.paths_of(spec)
    assert len(set(paths)) == len(paths) > 0
    for path in paths:
        assert is_belief(setting_paths.get_path(spec, path)), path
    if spec is NESTED:
        assert {"detection.ratio", "ageing.strength", "regression_to_mean.selection.threshold", "level"} <= set(paths)


def test_several_are_replaced():
    moved = setting_paths.replace_paths(NESTED, {"detection.ratio": 0.5, "ageing.strength": 2.0})
    assert (moved.confounds[0].ratio, moved.confounds[1].strength) == (0.5, 2.0)

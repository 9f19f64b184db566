import ast
from pathlib import Path

import numpy as np
import pytest

import iom_causal.sensitivity as room
from iom_causal.confounds.register import REGISTER
from iom_causal.panel import Panel
from iom_causal.sensitivity.e_value import EValue
from iom_causal.sensitivity.lee_bounds import lee_bounds
from iom_causal.sensitivity.manski_bounds import manski_bounds
from iom_causal.sensitivity.points import EXPECTED, NAMES, others
from iom_causal.sensitivity.robustness_value import robustness_value
from iom_causal.sensitivity.several_biases import several_biases
from iom_causal.sensitivity.volunteer_bounds import volunteer_bounds

FOLDER = Path(room.__file__).parent
START = np.ma.MaskedArray([1, 1, 1, 1], mask=[False, False, True, True])
PANEL = Panel.from_arrays([[3, 1], [2, 2], [4, 4], [1, 3]], start=START)
FAMILY = {
    "EValue": EValue(3.2, 2.77),
    "SeveralBiases": several_biases(0.5),
    "RobustnessValue": robustness_value(2.0, df=9),
    "ManskiBounds": manski_bounds(PANEL, support=(0, 9)),
    "LeeBounds": lee_bounds(PANEL),
    "VolunteerBounds": volunteer_bounds(positive=6, n=10),
}
WITH_TESTS_OF_THEIR_OWN = {"NegativeControl", "RosenbaumBounds"}


@pytest.mark.parametrize("found", FAMILY.values(), ids=FAMILY)
def test_each_names_points_of_the_register(found):
    assert found.speaks_to
    assert set(found.speaks_to) | set(found.silent_on) <= set(REGISTER)
    assert not set(found.speaks_to) & set(found.silent_on)
    assert not set(EXPECTED) & set(found.speaks_to)


def test_none_of_the_family_is_forgotten():
    named = {
        node.name
        for path in FOLDER.glob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef)
        and any(isinstance(base, ast.Name) and base.id == "Result" for base in node.bases)
        and "silent_on" in ast.unparse(node)
    }
    assert named == set(FAMILY) | WITH_TESTS_OF_THEIR_OWN


def test_points_in_words_are_those_of_the_register():
    assert set(NAMES) <= set(REGISTER)
    assert set(others(())) <= set(NAMES)

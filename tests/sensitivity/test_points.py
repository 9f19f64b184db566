import ast
import importlib
from pathlib import Path

import numpy as np
import pytest

import iom_causal.sensitivity as room
from iom_causal.confounds.register import REGISTER
from iom_causal.inputs.threats import EXPECTED
from iom_causal.panel import Panel
from iom_causal.sensitivity.e_value import EValue
from iom_causal.sensitivity.lee_bounds import lee_bounds
from iom_causal.sensitivity.manski_bounds import manski_bounds
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


@pytest.mark.parametrize("found", FAMILY.values(), ids=FAMILY)
def test_each_names_points_of_the_register(found):
    assert found.speaks_to
    assert sorted((*found.speaks_to, *found.silent_on)) == sorted(REGISTER)
    assert not set(EXPECTED) & set(found.speaks_to)


def with_points():
    """Return every result of the room that names points, by where it stands."""
    for path in sorted(FOLDER.glob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            bases = (
                [base.id for base in node.bases if isinstance(base, ast.Name)] if isinstance(node, ast.ClassDef) else []
            )
            if "Result" in bases and "silent_on" in ast.unparse(node):
                yield getattr(importlib.import_module(f"{room.__name__}.{path.stem}"), node.name)


@pytest.mark.parametrize("kind", list(with_points()), ids=lambda kind: kind.__name__)
def test_every_result_that_names_points_names_those_of_the_register(kind):
    # Where each result has its own, those made above are asked, and the others in their tests.
    stated = [ids for ids in (kind.speaks_to, kind.silent_on) if isinstance(ids, tuple)]
    assert all(set(ids) <= set(REGISTER) for ids in stated)


def test_none_of_these_is_missed():
    assert {kind.__name__ for kind in with_points()} >= set(FAMILY)

"""Settings of a simulated world: whatever is given for any of them, it is taken or refused in words."""

import dataclasses
import math

import pytest

from iom_causal import simulate as sim
from iom_causal.confounds import Ageing
from iom_causal.data.panels import read_extract
from iom_causal.errors import IomCausalError, SpecError
from iom_causal.ledger import Ledger

KINDS = {
    sim.Careers: {},
    sim.Trajectory: {"share": 0.5},
    sim.Pauses: {"off_years": 1.0, "on_years": 1.0},
    sim.Excitation: {"branching": 0.2, "memory_years": 0.1},
    sim.Ages: {},
    sim.Engaged: {"share": 0.5},
    sim.Programme: {},
    sim.Score: {},
    sim.DropOut: {"share": 0.1},
    sim.Enrolment: {},
}
NOTHING_OF_THE_KIND = (None, "x", math.nan, math.inf, object(), {}, True, (3, "x"))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_nothing_that_is_no_setting_is_taken_or_dies_without_a_word(kind):
    for field in dataclasses.fields(kind):
        for value in NOTHING_OF_THE_KIND:
            if (value is None and field.default is None) or (value is True and isinstance(field.default, bool)):
                continue
            with pytest.raises(IomCausalError, match=r"IOM-E0\d\d: .{10}") as refused:
                kind(**(KINDS[kind] | {field.name: value}))
            assert field.name.split("_")[0] in str(refused.value)


def test_the_field_and_what_it_takes_are_named():
    with pytest.raises(SpecError, match=r"Careers people: expected a whole number, got nan"):
        sim.Careers(people=math.nan)
    with pytest.raises(SpecError, match=r"Careers programme: expected a Programme, got nothing"):
        sim.Careers(programme=None)
    with pytest.raises(
        SpecError, match=r"Careers trajectories: expected a tuple, of which each is a Trajectory, got str"
    ):
        sim.Careers(trajectories="many")
    with pytest.raises(SpecError, match=r"Careers rate: expected a number or a belief, got nothing"):
        sim.Careers(rate=None)


def test_other_doors_say_what_they_take():
    with pytest.raises(SpecError, match=r"Ledger: expected a tuple of confounds"):
        Ledger(Ageing())
    with pytest.raises(SpecError, match=r"read_extract: expected an Extract"):
        read_extract("people.csv")

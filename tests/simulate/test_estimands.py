"""Estimands of a world: what they are the truth of, where each person enters or is at the cut."""

from dataclasses import replace

import numpy as np
import pytest

from iom_causal import simulate as sim
from iom_causal.errors import DegenerateDataError, SpecError
from iom_causal.windows import MONTH, Selection, Window

STEPS = tuple(
    Window(f"half-year {k}", round(6 * k * MONTH), round(6 * (k + 1) * MONTH), post=k >= 0) for k in range(-2, 3)
)
WEDGE = sim.Careers(
    people=80,
    windows=STEPS,
    rate=2.0,
    programme=sim.Programme(ratio=0.7),
    enrolment=sim.Enrolment(entry_months=(0, 6, 12, 18)),
    burn_in_months=0,
)


def test_since_entry_holds_the_managed_windows_of_each_and_nothing_else():
    world = WEDGE.batch(3, rng=1)
    assert np.unique(world.start).tolist() == [2, 3, 4, 5]
    np.testing.assert_allclose(sim.att_ratio_since_entry(world), 0.7, rtol=1e-12)
    assert (sim.att_ratio(world) > 0.75).all()
    managed = [
        np.array([c.expected[r, i, world.start[r, i] :].sum() for i in range(world.n)]).sum()
        for r in range(3)
        for c in (world.treated, world.untreated)
    ]
    by_hand = np.array(managed[::2]) / np.array(managed[1::2])
    np.testing.assert_allclose(sim.att_ratio_since_entry(world), by_hand, rtol=1e-12)


def test_with_one_date_it_is_the_ratio_of_the_windows_after():
    world = replace(WEDGE, enrolment=sim.Enrolment()).batch(3, rng=1)
    np.testing.assert_allclose(sim.att_ratio_since_entry(world), sim.att_ratio(world), rtol=1e-12)
    late = replace(WEDGE, enrolment=sim.Enrolment(entry_months=(18,)))
    with pytest.raises(DegenerateDataError, match="after anybody's entry"):
        sim.att_ratio_since_entry(late(1))


def test_at_the_cut_are_those_who_are_exactly_there():
    rule = Selection("arrests", (STEPS[1].label,), "at_least", "at_boundary", threshold=3.0)
    women = replace(WEDGE, people=50, pool=400, women=0.5, programme=sim.Programme(ratio=0.5, women_ratio=0.9))
    spec = replace(women, enrolment=sim.Enrolment(selection=rule))
    world = spec.batch(4, rng=1)
    at = (world.untreated.events[..., 1] == 3)[..., None]
    sums = [np.where(at, c.expected[..., 2:], 0.0).sum((-2, -1)) for c in (world.treated, world.untreated)]
    np.testing.assert_allclose(sim.late_cutoff(world), sums[0] / sums[1], rtol=1e-12)
    assert (np.abs(sim.late_cutoff(world) - sim.att_ratio(world)) > 1e-3).any()  # the higher ones are others
    with pytest.raises(DegenerateDataError, match="nobody is exactly at the cut"):
        sim.late_cutoff(replace(spec, enrolment=sim.Enrolment(selection=replace(rule, threshold=3.5)))(1))
    with pytest.raises(SpecError, match="a rule with a cut"):
        sim.late_cutoff(women(1))

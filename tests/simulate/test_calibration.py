"""Worlds that print a table: what was put in comes back, as far as the print tells it."""

import numpy as np
import pytest

from iom_causal import simulate as sim
from iom_causal.errors import InputError, SpecError
from iom_causal.moments import Moments
from iom_causal.simulate.calibration import NAMES, calibrate
from iom_causal.windows import Selection

RULE = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=4.0)
TRUE = sim.Careers(
    people=40_000,
    rate=2.0,
    own_sd=0.6,
    drift_sd=0.4,
    return_rate=0.5,
    programme=sim.Programme(ratio=0.8),
    enrolment=sim.Enrolment(selection=RULE, noise=2.0),
    burn_in_months=0,
)


@pytest.fixture(scope="module")
def printed():
    counts = TRUE(7).treated.events.astype(float)
    before, after = counts.T
    return Moments.from_summary(
        n=225,
        mean_pre=before.mean(),
        sd_pre=before.std(ddof=1),
        mean_post=after.mean(),
        sd_post=after.std(ddof=1),
        r=float(np.corrcoef(before, after)[0, 1]),
        range_pre=(0.0, 15.0),
        name="arrests",
    )


@pytest.fixture(scope="module")
def found(printed):
    template = sim.Careers(return_rate=0.5, burn_in_months=0)
    return calibrate(printed, template, ratios=(0.8, 1.0), rng=1, pools=60, sims=100)


def test_the_world_that_was_put_in_is_on_the_ridge(found):
    world = found.worlds[0]
    pool = TRUE.batch(200, rng=3)
    share = pool.managed.sum() / pool.drawn.sum() if pool.weight is None else 0
    assert (np.abs(world.misses) < 4 * np.array(world.miss_errors)).all()  # of people whom the search has not seen
    assert max(world.miss_errors) < 0.8  # sampling errors of a cohort of 225
    assert world.pool_share == pytest.approx(float(share), abs=0.06)
    assert world.pool_mean == pytest.approx(2.0 * 547 / 365.25, rel=0.06)
    assert world.careers.own_sd == pytest.approx(0.6, abs=0.08)


def test_another_ratio_prints_the_same_from_another_pool(found):
    one, other = found.worlds
    assert (np.abs(other.misses) < 4 * np.array(other.miss_errors)).all()
    assert other.miss_errors > one.miss_errors  # fewer of its pool are picked
    assert other.pool_share < one.pool_share
    assert other.pool_mean < one.pool_mean


def test_cohorts_of_the_world_print_what_was_printed(found, printed):
    world = found.worlds[0]
    counts = world.careers.batch(300, rng=11).treated.events.astype(float)
    assert counts[..., 0].mean() == pytest.approx(printed.mean_pre, rel=0.02)
    assert counts[..., 1].mean() == pytest.approx(printed.mean_post, rel=0.02)
    names = {check.name: check for check in world.checks}
    assert set(names) == {"lowest before", "highest before"}  # t follows from what was fitted
    assert names["highest before"].low <= names["highest before"].high


def test_the_table_has_a_row_a_world(found):
    table = found.tidy()
    assert table["ratio"].tolist() == [0.8, 1.0]
    assert set(NAMES) <= set(table.columns)
    assert "225" not in repr(found)


def test_what_cannot_be_fitted_is_refused(printed):
    with pytest.raises(InputError, match="count"):
        calibrate(Moments.from_summary(n=9, mean_pre=3.0, mean_post=2.0, kind="score"), sim.Careers())
    with pytest.raises(InputError, match="correlation"):
        calibrate(Moments.from_summary(n=9, mean_pre=3.0, mean_post=2.0), sim.Careers())
    with pytest.raises(SpecError, match="ratios"):
        calibrate(printed, sim.Careers(), ratios=(0.0,))

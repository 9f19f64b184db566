"""Worlds that print a table: what was put in comes back, as far as the print tells it."""

import numpy as np
import pytest

from iom_causal import simulate as sim
from iom_causal.errors import ConvergenceError, InputError, SpecError
from iom_causal.moments import Moments
from iom_causal.simulate.calibration import calibrate as fitting
from iom_causal.simulate.calibration.calibrate import NAMES, calibrate
from iom_causal.streams import Streams
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


def test_a_search_that_ends_far_off_begins_elsewhere(printed, monkeypatch):
    search = fitting._Search(printed, fitting._reported(printed), sim.Careers(), 1.0, Streams(1), 1)
    begun = []

    def ends(_self, first):
        begun.append(first.copy())
        return first + 1, np.full(5, 0.1 if len(begun) == 3 else 2.0 - len(begun) / 10)

    monkeypatch.setattr(fitting._Search, "_search", ends)
    start = fitting._Point(0.0, 0.0, 0.0, 1.0, 1.0)
    assert search.run(start) == fitting._Point(1.0, 1.0 - 0.3, 1.0 - 0.5, 2.0, 2.0)
    assert [tuple(b[1:3] - begun[0][1:3]) for b in begun] == list(fitting.TRIED[:3])
    monkeypatch.setattr(fitting._Search, "_search", lambda _self, first: (first, np.array([0.1, 0.2, -0.9, 0.0, 0.3])))
    with pytest.raises(ConvergenceError, match=r"IOM-E080.*mean after stayed 0\.90"):
        search.run(start)


def test_a_printed_score_is_fitted_in_the_same_world(printed):
    risk = Moments.from_summary(
        n=187, n_input=225, mean_pre_input=420.0, sd_pre_input=110.0, mean_post=370.0, sd_post=110.0, t=-6.0,
        range_pre=(20.0, 1100.0), kind="score", name="risk",
    )  # fmt: skip
    template = sim.Careers(return_rate=0.5, burn_in_months=0, score=sim.Score(per_event=5.0))
    (world,) = calibrate(printed, template, score=risk, ratios=(0.8,), rng=1, pools=40, sims=50).worlds
    assert world.score.fitted["mean before"] == pytest.approx(420, abs=3)
    assert world.score.fitted["t"] == pytest.approx(-6, abs=0.6)
    assert world.careers.score == world.score.score
    assert world.careers.drop_out.share == pytest.approx(38 / 225, abs=1e-6)
    assert {"lowest before, risk", "SD after, risk"} <= {check.name for check in world.checks}
    row = fitting.Calibration(moments=printed, worlds=(world,), seed=1).tidy().iloc[0]
    assert row["score base"] == world.score.score.base
    assert row["drop-out share"] == world.careers.drop_out.share


def test_what_cannot_be_fitted_is_refused(printed):
    with pytest.raises(InputError, match="count"):
        calibrate(Moments.from_summary(n=9, mean_pre=3.0, mean_post=2.0, kind="score"), sim.Careers())
    with pytest.raises(InputError, match="correlation"):
        calibrate(Moments.from_summary(n=9, mean_pre=3.0, mean_post=2.0), sim.Careers())
    with pytest.raises(SpecError, match="ratios"):
        calibrate(printed, sim.Careers(), ratios=(0.0,))

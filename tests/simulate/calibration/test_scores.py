"""The score of a world that prints a table: what was put in comes back, as far as the print tells it."""

from dataclasses import replace

import numpy as np
import pytest

from iom_causal import simulate as sim
from iom_causal.confounds import Attrition
from iom_causal.errors import ConvergenceError, InputError, SpecError
from iom_causal.moments import Moments
from iom_causal.simulate.calibration import scores as sc
from iom_causal.streams import Streams

SCORE = sim.Score(
    base=330.0, per_event=6.0, per_log_rate=40.0, lasting_sd=70.0, error_sd=50.0, drift_per_year=-30.0, grid=20.0
)
LAW = sim.DropOut(share=0.15, on_score=-0.4, on_events=0.05)
WORLD = sim.Careers(
    people=1000, rate=2.0, own_sd=0.6, drift_sd=0.4, return_rate=0.5, burn_in_months=0, score=SCORE, drop_out=LAW
)
BLANK = replace(SCORE, base=0.0, lasting_sd=0.0, error_sd=0.0, drift_per_year=0.0)
PICKED = 3
SEEN, UNSEEN = Streams(3, "seen"), Streams(3, "unseen")
POOLS = 60


def chance(counts):
    return 1.0 * (counts[:, 0] >= PICKED)


@pytest.fixture(scope="module")
def people():
    course = WORLD.batch(200, rng=9).treated
    picked = course.events[..., 0].ravel() >= PICKED
    return course.score.reshape(-1, 2)[picked], course.followed.ravel()[picked]


def printed(people, n=225, **changes):
    scores, known = people
    before, after = scores[known].T
    change = after - before
    there = round(n * known.mean())
    told = {
        "n": there,
        "n_input": n,
        "mean_pre_input": scores[:, 0].mean(),
        "sd_pre_input": scores[:, 0].std(),
        "mean_post": after.mean(),
        "sd_post": after.std(),
        "t": change.mean() / change.std() * there**0.5,
        "name": "risk",
        "kind": "score",
    }
    return Moments.from_summary(**{k: v for k, v in (told | changes).items() if v is not None})


def fit(moments, score=BLANK, drop_out=replace(LAW, share=0.5), pools=POOLS):  # noqa: B008 frozen
    return sc.fit_score(moments, replace(WORLD, score=score, drop_out=drop_out), chance, (SEEN, UNSEEN), pools)


def test_what_was_put_in_comes_back(people):
    found = fit(printed(people))
    for name, close in (("base", 6), ("lasting_sd", 6), ("error_sd", 4), ("drift_per_year", 3)):
        assert getattr(found.score, name) == pytest.approx(getattr(SCORE, name), abs=close)  # 200,000 and 60,000 people
    # A share of people is a whole number of 225, which moves it by up to half a person.
    assert found.drop_out.share == pytest.approx(LAW.share, abs=0.01)
    assert (found.drop_out.on_score, found.score.per_event) == (LAW.on_score, SCORE.per_event)
    assert set(found.misses) == {"mean before", "SD before", "mean after", "t", "share lost"}
    for name, miss in found.misses.items():
        assert abs(miss) < 4 * found.miss_errors[name] + 0.02
        assert found.miss_errors[name] < 0.3


def test_figures_are_those_of_the_world_with_that_score(people):
    found = fit(printed(people))
    world = replace(WORLD, score=found.score, drop_out=found.drop_out).batch(POOLS, rng=UNSEEN).treated
    picked = world.events[..., 0].ravel() >= PICKED
    scores, known = world.score.reshape(-1, 2)[picked], world.followed.ravel()[picked]
    seen = scores[known, 1]
    assert scores[:, 0].mean() == pytest.approx(found.fitted["mean before"], abs=1e-6)
    assert scores[:, 0].std() == pytest.approx(found.fitted["SD before"], abs=1e-6)
    assert seen.mean() == pytest.approx(found.fitted["mean after"], abs=5 * seen.std() * 0.4 / seen.size**0.5)  # by lot
    assert 1 - known.mean() == pytest.approx(found.fitted["share lost"], abs=5 * 0.4 / known.size**0.5)


def test_where_the_mean_before_of_completers_is_printed_it_is_met(people):
    scores, known = people
    before = scores[known, 0]
    told = printed(people, mean_pre=before.mean(), sd_pre=before.std(), mean_pre_input=None, sd_pre_input=None)
    found = fit(told)
    assert found.score.base == pytest.approx(SCORE.base, abs=6)
    assert found.fitted["mean before"] == pytest.approx(before.mean(), abs=2)
    assert before.mean() > scores[:, 0].mean() + 3  # high scores are followed more often here


def test_without_a_t_the_error_stays_as_stated(people):
    found = fit(printed(people, t=None), score=replace(BLANK, error_sd=50.0))
    assert found.score.error_sd == 50.0
    assert found.score.lasting_sd == pytest.approx(SCORE.lasting_sd, abs=6)
    assert "t" not in found.misses


def test_nobody_lost_is_no_drop_out():
    scores = replace(WORLD, drop_out=None).batch(50, rng=9).treated
    picked = scores.events[..., 0].ravel() >= PICKED
    pairs = scores.score.reshape(-1, 2)[picked]
    found = fit(printed((pairs, np.ones(len(pairs), dtype=bool)), n_input=None), drop_out=None)
    assert found.drop_out is None
    assert set(found.misses) == {"mean before", "SD before", "mean after", "t"}


def test_what_cannot_be_fitted_is_refused(people):
    told = printed(people)
    with pytest.raises(SpecError, match=r"IOM-E096.*score=Score"):
        sc.fit_score(told, replace(WORLD, score=None, drop_out=None), chance, (SEEN, UNSEEN), 2)
    with pytest.raises(InputError, match="IOM-E066"):
        fit(Moments.from_summary(n=20, mean_pre=3, sd_pre=2, mean_post=2, sd_post=2, r=0.3), pools=2)
    with pytest.raises(InputError, match="mean and SD before"):
        fit(printed(people, mean_pre_input=None, sd_pre_input=None), pools=2)
    with pytest.raises(ConvergenceError, match=r"IOM-E080: risk.*SD before stayed"):
        fit(told, score=replace(BLANK, per_log_rate=400.0), pools=5)


def test_scores_that_nobody_sees_are_on_the_grid_too():
    lost = replace(WORLD, confounds=(Attrition(delta=-130.0),))
    shifted, plain = (spec.batch(20, rng=2).treated for spec in (lost, WORLD))
    assert (shifted.score % 20 == 0).all()
    assert shifted.score.min() >= SCORE.low
    moved = (shifted.score - plain.score)[..., 1]
    assert (moved[shifted.followed] == 0).all()
    assert moved[~shifted.followed].mean() == pytest.approx(-130, abs=6)  # the floor of the score takes a little

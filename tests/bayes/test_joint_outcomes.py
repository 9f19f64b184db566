"""Scores and counts together: worlds made in numpy alone, closed forms where counts are irrelevant, and refusals."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from iom_causal.bayes import JointOutcomes
from iom_causal.bayes.shared.nuts import Nuts
from iom_causal.cohort import Cohort
from iom_causal.errors import DegenerateDataError, InputError, SpecError, UnknownNameError
from iom_causal.numerics.adjustment.missing import mar_change
from iom_causal.panel import Panel
from iom_causal.windows import Window
from tests.bayes.monte_carlo import FIVE_ERRORS, both, of_chains, of_kept

TIED, LOOSE = "tied", "loose"
CORRELATIONS = {}
CORRELATIONS[TIED] = np.array([[1, 0.7, 0.5, 0.5], [0.7, 1, 0.3, 0.8], [0.5, 0.3, 1, 0.6], [0.5, 0.8, 0.6, 1]])
CORRELATIONS[LOOSE] = np.array([[1, 0.7, 0, 0], [0.7, 1, 0, 0], [0, 0, 1, 0.6], [0, 0, 0.6, 1]])
SEM = 5.0
CHANGE = -5.0


def world(seed=4, n=100, correlation=TIED, lost="counts", tilt=0.0):
    """People whose score after is missing at random, by their counts or not at all; true change -5 points."""
    rng = np.random.default_rng(seed)
    g = rng.standard_normal((n, 4)) @ np.linalg.cholesky(CORRELATIONS[correlation]).T
    y = rng.poisson(np.exp([np.log(8), np.log(6)] + 0.8 * g[:, :2]))
    true = np.array([50, 50 + CHANGE]) + 10 * g[:, 2:]
    x = true + SEM * rng.standard_normal((n, 2))
    gone = rng.random(n) < (1 / (1 + np.exp(-(y[:, 1] - 8) / 2)) if lost == "counts" else 0.3)
    x[gone & (lost != "nobody"), 1] = np.nan
    return y, x, true + np.outer(gone, [0, tilt])


def cohort(y, x, **settings):
    scores = Panel.from_arrays(x, kind="score", name="risk", missing="keep", **settings)
    return Cohort({"arrests": Panel.from_arrays(y, name="arrests", **settings), "risk": scores})


SPEC = JointOutcomes(sem=SEM, span=(0, 100))


@cache
def answered(spec, **settings):
    y, x, _ = world(**settings)
    return spec(cohort(y, x), rng=1)


def test_people_lost_for_their_counts_are_allowed_for():
    e = answered(SPEC)
    _, x, true = world()
    alone, error = e.diagnostics["scores_alone"]
    assert e.diagnostics["sampler"] == "importance"
    assert e.diagnostics["pareto_k"] < 0.7
    assert abs(e.estimate - CHANGE) < 2.5 * e.std_error
    assert e.estimate - alone > error  # of those with high counts, who are lost, the scores are higher
    assert e.diagnostics["informed"] > 0.4
    assert e.diagnostics["lost_share"] == np.isnan(x[:, 1]).mean()
    assert abs(np.mean(true[:, 1] - true[:, 0]) - e.estimate) < 2.5 * e.std_error
    assert e.coefficient == "mean_change"


@pytest.mark.parametrize(("name", "value"), [("sd_before", -800.0), ("rate_sd_before", -800.0), ("sd_before", -60.0)])
def test_a_point_without_a_spread_is_impossible_and_leaves_the_others_as_they_are(monkeypatch, name, value):
    """Of the log density that importance sampling meets, in one block: the second point's matrices are singular."""
    seen = []

    def kept(log_density, at, _):
        seen.append((log_density, at))
        raise InputError("IOM-E060", "enough seen")

    monkeypatch.setattr("iom_causal.bayes.joint_outcomes.laplace", kept)
    y, x, _ = world(n=30)
    spec = JointOutcomes(span=(0, 100))
    with pytest.raises(InputError, match="enough seen"):
        spec(cohort(y, x), rng=1)
    log_density, at = seen[0]
    points = np.stack([at, at, at + 0.01])
    points[1, [p.name for p in spec.parameters].index(name)] = value
    found = log_density(points)
    assert found[1] == -np.inf
    np.testing.assert_allclose(found[[0, 2]], log_density(points[[0, 2]]), rtol=1e-9)
    assert np.isfinite(found[[0, 2]]).all()


def test_where_counts_are_irrelevant_it_is_the_regression_of_one_score_on_the_other():
    e = answered(SPEC, correlation=LOOSE, lost="chance", n=200)
    x = world(correlation=LOOSE, lost="chance", n=200)[1]
    theirs = mar_change(x[:, 0], x[:, 1])
    assert e.diagnostics["scores_alone"] == (theirs.estimate, theirs.std_error)
    assert e.estimate == pytest.approx(theirs.estimate, abs=0.35 * theirs.std_error)
    assert e.std_error == pytest.approx(theirs.std_error, rel=0.12)
    assert e.diagnostics["informed"] < 0.1


def test_counts_that_tell_of_scores_narrow_the_interval():
    tied, (y, x, _) = answered(SPEC, lost="chance", n=200, seed=7), world(lost="chance", n=200, seed=7)
    others = SPEC(cohort(np.random.default_rng(1).permutation(y), x), rng=1)  # the same scores, the counts of others
    assert tied.std_error < 0.97 * others.std_error
    assert tied.diagnostics["informed"] > 0.4 > others.diagnostics["informed"]
    low, middle, high = tied.diagnostics["ratio_of_counts"]
    assert low < 0.75 < high
    assert tied.diagnostics["correlations"]["log_rate_after, score_after"] == pytest.approx(0.8, abs=0.15)
    assert low < middle < high


def test_psi_moves_those_lost_by_the_variance_that_is_left():
    e, moved = answered(SPEC), answered(replace(SPEC, psi=0.05))
    assert moved.diagnostics["tilt_in_points"] == pytest.approx(
        0.05 * 100 * (1 - moved.diagnostics["informed"]) * 0.65, rel=0.5
    )
    gap = moved.diagnostics["lost_share"] * moved.diagnostics["tilt_in_points"]
    assert moved.estimate - e.estimate == pytest.approx(gap, rel=0.15)
    assert moved.params.equals(e.params)
    assert "rise by 0.05" in " ".join(moved.assumptions)
    assert "higher than others predict" in moved.note
    assert "missing at random" in " ".join(e.assumptions)


def test_nobody_lost_and_nothing_stated_of_the_span():
    e = answered(JointOutcomes(sem=SEM, psi=0.1), lost="nobody", n=60)
    x = world(lost="nobody", n=60)[1]
    change = x[:, 1] - x[:, 0]
    assert e.estimate == pytest.approx(change.mean(), abs=0.25 * change.std() / np.sqrt(60))
    assert "scores_alone" not in e.diagnostics
    assert any("HalfNormal" in text for text in e.assumptions)


def test_weights_repeat_people_and_comparison_people_are_set_aside():
    y, x, _ = world(n=40)
    order = np.r_[0:40, 0:10]
    one = JointOutcomes(sem=SEM, span=(0, 100))(cohort(y, x, weight=np.r_[np.full(10, 2), np.ones(30)]), rng=1)
    two = JointOutcomes(sem=SEM, span=(0, 100))(cohort(y[order], x[order]), rng=1)
    assert one.estimate == pytest.approx(two.estimate, abs=0.05 * two.std_error)
    assert one.n_used == two.n_used == 50
    start = np.ma.MaskedArray(np.ones(50, dtype=int), mask=np.arange(50) >= 40)
    both = JointOutcomes(sem=SEM, span=(0, 100))._read(cohort(y[order], x[order], start=start))
    assert both.counts.tolist() == y.tolist()


def test_days_at_risk_and_counts_that_were_not_observed():
    y, x, _ = world(n=20)
    windows = (Window("before", -548, 0), Window("after", 0, 274, post=True))
    data = SPEC._read(cohort(y, x, windows=windows))
    assert np.exp(data.log_exposure) == pytest.approx(np.tile([1.0, 0.5], (20, 1)))
    part = y.astype(float)
    part[3, 1] = np.nan
    arrests = Panel.from_arrays(part, name="arrests", missing="keep")
    data = SPEC._read(Cohort({"arrests": arrests, "risk": cohort(y, x)["risk"]}))
    assert np.isneginf(data.log_exposure[3, 1])
    assert data.log_exposure[3, 0] == 0


def test_refusals():
    y, x, _ = world(n=30)
    good = cohort(y, x)
    few = np.where(np.arange(30)[:, None] < 25, np.nan, x)
    for wrong, error, code in (
        (good["risk"], InputError, "IOM-E035"),
        (Cohort({"arrests": good["arrests"]}), UnknownNameError, "IOM-E009"),
        (Cohort({"arrests": good["arrests"], "risk": replace(good["arrests"], name="risk")}), InputError, "IOM-E066"),
        (cohort(y, few), InputError, "IOM-E060"),
        (cohort(0 * y, x), DegenerateDataError, "IOM-E064"),
        (cohort(y, np.full_like(x, 7.0)), DegenerateDataError, "IOM-E065"),
        (cohort(y[None], x[None]), InputError, "IOM-E047"),
        (cohort(y, x, weight=np.full(30, 0.5)), InputError, "IOM-E076"),
    ):
        for call in (lambda c: SPEC(c, rng=1), SPEC.build):
            with pytest.raises(error, match=code):
                call(wrong)
    for settings in ({"sem": -1.0}, {"eta": 0.0}, {"span": (5.0, 1.0)}, {"level": 2.0}):
        with pytest.raises(SpecError, match="IOM-E092"):
            JointOutcomes(**settings)
    with pytest.raises(SpecError, match="IOM-E093"):
        JointOutcomes(method="grid")


def test_the_same_seed_gives_the_same():
    y, x, _ = world(n=30)
    one, two = (SPEC(cohort(y, x), rng=3) for _ in range(2))
    assert one == two
    assert len(SPEC.parameters) == 14


@pytest.mark.slow
def test_nuts_with_log_rates_of_people_finds_the_same_and_loo_is_by_person():
    import arviz as az

    y, x, _ = world(n=60)
    mine = SPEC(cohort(y, x), rng=1)
    chain = replace(SPEC, method="nuts", nuts=Nuts(draws=500, tune=500, chains=2))(cohort(y, x), rng=2)
    for a, b in zip(mine.parts[:8], chain.parts[:8], strict=True):
        draws = chain.held.posterior.of(b.term)
        error = both(of_kept(draws, mine), of_chains(draws))
        assert a.estimate == pytest.approx(b.estimate, abs=FIVE_ERRORS * error.median)
        assert a.std_error == pytest.approx(b.std_error, abs=FIVE_ERRORS * error.sd)
    tree = mine.native
    assert tree["log_likelihood"]["person"].shape == (1, 1000, 60)
    assert (az.loo(tree).pareto_k.to_numpy() < 0.7).all()
    assert np.ravel(az.eti(tree, var_names="change", prob=0.95)["change"]) == pytest.approx(
        (mine.conf_low, mine.conf_high), abs=0.2 * mine.std_error
    )


@pytest.mark.slow
def test_intervals_cover_where_people_are_lost_for_their_counts():
    covered, estimates = 0, []
    for seed in range(12):
        y, x, _ = world(seed=100 + seed, n=60)
        e = SPEC(cohort(y, x), rng=seed)
        covered += e.conf_low <= CHANGE <= e.conf_high
        estimates.append((e.estimate - CHANGE) / e.std_error)
    assert covered >= 9  # of 12 at 95%, fewer with a chance of 1 in 500
    assert abs(np.mean(estimates)) < 4 / np.sqrt(12)

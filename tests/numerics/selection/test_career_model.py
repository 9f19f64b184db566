import itertools
import math

import numpy as np
import pytest
from scipy import stats

from iom_causal.errors import DegenerateDataError, InputError
from iom_causal.numerics.selection import career_model as careers
from iom_causal.numerics.selection.career_likelihood import GRID, transition
from tests.oracles.career_influence import log_share_influence

THETA = np.array([0.3, -0.1, math.log(0.7), math.log(0.6), math.log(0.5), math.log(0.08 / 0.92)])
COUNTS = np.array([[2, 0, 1], [0, 0, 0], [5, 3, 0], [0, 0, 4], [1, 0, 0]])
EXPOSURE = np.array([[1, 0.8, 1], [1, 1, 1], [0.5, 1, 1], [1, 0.02, 0.9], [1, 1, 0.3]])


def by_enumeration(y, exposure):
    """Sum over every path of states, every own level and every year of stopping."""
    own_sd, drift_sd, back = np.exp(THETA[2:5])
    stop = 0.08
    p = stats_transition(back)
    total = 0.0
    for level, weight in zip(GRID.own, GRID.own_weight, strict=True):
        rates = [
            np.exp(THETA[0] + THETA[1] * (t - 2.5) + own_sd * level + drift_sd * GRID.states) * exposure[t]
            for t in range(3)
        ]
        pmf = [stats.poisson.pmf(y[t], rates[t]) for t in range(3)]
        for last in range(3):
            if any(y[last + 1 :]):
                continue
            stays = (1 - stop) ** last * (stop if last < 2 else 1.0)
            if last == 0:
                paths = (GRID.stationary * pmf[0]).sum()
            elif last == 1:
                paths = np.einsum("i,i,ij,j->", GRID.stationary, pmf[0], p, pmf[1])
            else:
                paths = np.einsum("i,i,ij,j,jk,k->", GRID.stationary, pmf[0], p, pmf[1], p, pmf[2])
            total += weight * stays * paths
    return math.log(total)


def stats_transition(back):
    """Each of 30 coins is thrown again at the rate of return: the Ehrenfest urn, by binomial convolutions."""
    keep = (1 + math.exp(-back)) / 2
    rows = [
        np.convolve(stats.binom.pmf(np.arange(i + 1), i, keep), stats.binom.pmf(np.arange(31 - i), 30 - i, 1 - keep))
        for i in range(31)
    ]
    return np.array(rows)


def terms(theta=THETA):
    return careers.person_terms(careers.make_history(COUNTS, EXPOSURE), theta)


@pytest.mark.parametrize("back", [0.05, 0.5, 3.0])
def test_the_chain_is_the_urn_and_keeps_exponential_memory(back):
    p, slopes = transition(back)
    np.testing.assert_allclose(p, stats_transition(back), rtol=1e-9)
    assert (GRID.stationary * GRID.states) @ p @ GRID.states == pytest.approx(math.exp(-back), rel=1e-10)
    np.testing.assert_allclose(GRID.stationary @ p, GRID.stationary, atol=1e-14)
    step = 1e-5
    ends = [transition(back * math.exp(side))[0] for side in (step, -step)]
    np.testing.assert_allclose(slopes, (ends[0] - ends[1]) / (2 * step), atol=1e-8)


def test_the_likelihood_is_the_sum_over_paths():
    constant = stats.poisson.logpmf(COUNTS, EXPOSURE) + EXPOSURE  # y log(exposure) - log(y!)
    ours = terms()[0] + constant.sum(1)
    told = [by_enumeration(y, t) for y, t in zip(COUNTS, EXPOSURE, strict=True)]
    np.testing.assert_allclose(ours, told, rtol=1e-9)


def test_scores_are_the_slopes_of_the_likelihood():
    scores = terms()[1]
    for j in range(6):
        step = np.zeros(6)
        step[j] = 1e-5
        slope = (terms(THETA + step)[0] - terms(THETA - step)[0]) / 2e-5
        np.testing.assert_allclose(scores[:, j], slope, atol=1e-8)


def test_the_law_of_now_is_bayes_rule():
    filtered = terms()[2]
    total = filtered.sum((1, 2))
    assert (total <= 1 + 1e-12).all()
    active = [COUNTS[i, -1] > 0 for i in range(5)]
    np.testing.assert_allclose(total[active], 1.0, rtol=1e-12)  # an event in the last year: not stopped before it
    assert total[1] < total[4] or total[1] < 1


def test_the_forecast_is_the_mean_of_the_next_count():
    history = careers.make_history(COUNTS, EXPOSURE)
    fit = careers.CareerFit(THETA, np.ones(6, bool), np.zeros((5, 6)), 0.0, terms()[2])
    later = THETA + np.array([THETA[1], 0, 0, 0, 0, 0])  # the same law, told from one year on
    means = np.zeros(5)
    for y in range(250):
        longer = careers.make_history(np.column_stack([COUNTS, np.full(5, y)]), np.column_stack([EXPOSURE, np.ones(5)]))
        means += y * np.exp(careers.person_terms(longer, later)[0] - terms()[0] - math.lgamma(y + 1))
    np.testing.assert_allclose(careers.forecast(fit, 1)[:, 0], means, rtol=1e-9)
    slopes = careers.forecast_slopes(fit, history, 2)
    assert slopes.shape == (5, 2, 6)
    step = np.array([0, 0, 0, 0, 0, 1e-5])
    ends = [careers.forecast(fit, 2, THETA + s, terms(THETA + s)[2]) for s in (step, -step)]
    np.testing.assert_allclose(slopes[..., 5], (ends[0] - ends[1]) / 2e-5, rtol=1e-5)


def simulate(rng, n, years, theta=THETA):
    own_sd, drift_sd, back = np.exp(theta[2:5])
    stop, keep = 1 / (1 + math.exp(-theta[5])), math.exp(-back)
    own, x, active = rng.normal(size=n), rng.normal(size=n), np.ones(n, bool)
    out = []
    for t in range(years):
        rate = np.exp(theta[0] + theta[1] * (t - years + 2.5) + own_sd * own + drift_sd * x)
        out.append(rng.poisson(np.where(active, rate, 0.0)))
        x = keep * x + math.sqrt(1 - keep**2) * rng.normal(size=n)
        active &= rng.random(n) >= stop
    return np.array(out).T


@pytest.fixture(scope="module")
def cohort():
    return simulate(np.random.default_rng(51), 1500, 8)


@pytest.fixture(scope="module")
def fitted(cohort):
    history = careers.make_history(cohort[:, :6])
    return history, careers.fit_careers(history)


def test_the_fit_finds_the_law(fitted):
    _, fit = fitted
    error = np.sqrt(np.diag(fit.covariance))
    assert (np.abs(fit.theta - THETA) < 4 * error).all()
    assert error[0] < 0.2


@pytest.mark.parametrize("threshold", [1, 3, 5])
def test_people_picked_for_their_counts_do_as_forecast(cohort, fitted, threshold):
    history, fit = fitted
    picked = (cohort[:, 4:6].sum(1) >= threshold).astype(float)
    expected = careers.forecast(fit, 2).sum(1)
    seen = cohort[:, 6:].sum(1)
    slopes = careers.forecast_slopes(fit, history, 2).sum(1) * picked[:, None]
    moved = log_share_influence(picked * expected, fit, slopes, np.ones(1500))
    own = picked * seen / (picked @ seen) - moved
    remainder = math.log((picked @ seen) / (picked @ expected))
    assert abs(remainder) < 4 * math.sqrt(own @ own)
    naive = math.log((picked @ seen) / (picked @ cohort[:, 4:6].sum(1)))
    assert naive < -0.3


def test_without_stopping_the_forecast_is_too_high_for_the_whole_cohort(cohort):
    history = careers.make_history(cohort[:800, :6])
    with_it, without = (careers.fit_careers(history, desistance=d, trend=False) for d in (True, False))
    seen = cohort[:800, 6:].sum()
    assert without.log_posterior < with_it.log_posterior - 5
    assert careers.forecast(without, 2).sum() > 1.1 * seen


def test_influence_is_what_leaving_people_out_does(cohort):
    counts = cohort[:300, :6]
    fit = careers.fit_careers(careers.make_history(counts))
    most = np.argsort(-np.abs(fit.influence[:, 0]))[:5]
    weight = np.ones(300)
    weight[most] = 0.5
    again = careers.fit_careers(careers.make_history(counts, weight=weight), start=fit.theta)
    told = fit.theta - 0.5 * fit.influence[most].sum(0)
    gap = np.abs(again.theta - told) / np.sqrt(np.diag(fit.covariance))
    assert (gap < 0.15).all()  # of a standard error: the first order of a move of up to one


def test_parts_that_are_left_out_are_held_at_nothing(cohort):
    fit = careers.fit_careers(careers.make_history(cohort[:400, :4]), drift=False, desistance=False, trend=False)
    assert np.exp(fit.theta[3]) < 1e-10
    assert np.exp(fit.theta[5]) < 1e-10
    assert fit.theta[1] == 0
    assert not fit.covariance[3:].any()
    np.testing.assert_allclose(fit.filtered.sum((1, 2)), 1.0, rtol=1e-10)


def test_weights_stand_for_people(cohort):
    rows = cohort[:60, :3]
    w = np.random.default_rng(2).integers(0, 3, 60)
    ours = careers.fit_careers(careers.make_history(rows, weight=w))
    by_hand = careers.fit_careers(careers.make_history(np.repeat(rows, w, axis=0)))
    np.testing.assert_allclose(ours.theta, by_hand.theta, atol=1e-3)  # where the searches end


def test_what_is_refused():
    with pytest.raises(InputError, match="IOM-E047"):
        careers.make_history([[1, 2], [0, 1]])
    with pytest.raises(InputError, match="IOM-E034"):
        careers.make_history([[1, 2, float("nan")]])
    with pytest.raises(DegenerateDataError, match="IOM-E064"):
        careers.make_history(np.zeros((3, 4)))


def test_a_law_far_from_the_counts_is_refused_by_the_search_not_by_a_crash():
    history = careers.make_history(COUNTS)
    far = THETA.copy()
    far[0] = 15.0
    values = careers.person_terms(history, far)
    assert all(np.isfinite(v).all() for v in values)
    assert list(itertools.accumulate(values[0]))[-1] < -1e5

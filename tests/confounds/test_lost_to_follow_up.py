"""People lost to follow-up by what picked them: a ledger with Attrition speaks of everybody whom the rule picked.

Worlds are made with numpy alone, and their truth is what was put in.
"""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy.stats import nbinom

from iom_causal import confounds as room
from iom_causal.beliefs.theta import central
from iom_causal.errors import InputError
from iom_causal.ledger import Ledger
from iom_causal.moments import Moments
from iom_causal.numerics.selection.truncated_gamma_poisson import fit_truncated
from iom_causal.panel import Panel
from iom_causal.windows import Selection, Window

TAU, POINTS = 0.8, -10.0
LOOSE = 0.025  # of a log ratio, 3 standard errors of 70,000 people; the faults kept out were .02 to .11
LOOSE_POINTS = 0.9  # 4 standard errors of 260,000 people; the faults kept out were 2 to 8
SHAPE, MEAN, CUT = 1.2, 3.0, 4
SEM, SPREAD, CUT_SCORE = 30.0, 60.0, 260.0
YEAR = 365
YEARS = (
    Window("year 3", -3 * YEAR, -2 * YEAR),
    Window("year 2", -2 * YEAR, -YEAR),
    Window("year 1", -YEAR, 0),
    Window("after", 0, YEAR, post=True),
)
COUNTED = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=CUT)
SCORED = Selection("risk", ("before",), "at_least", "at_boundary", threshold=CUT_SCORE)


def without(after, chance, rng):
    return np.where(rng.random(len(after)) < chance, np.nan, after)


def by_chance(before):
    return np.full(len(before), 0.3)


def by_count(before):
    return np.clip((before - 3) / 12, 0, 1)


def by_score(before):
    return np.clip((before - CUT_SCORE) / 100, 0, 0.9)


@cache
def counts(lost):
    rng = np.random.default_rng(11)
    rate = rng.gamma(SHAPE, MEAN / SHAPE, 250_000)
    before = rng.poisson(rate)
    picked = before >= CUT
    before, after = before[picked], rng.poisson(TAU * rate[picked]).astype(float)
    outcome = np.column_stack([before, without(after, lost(before), rng)])
    return Panel.from_arrays(outcome, name="arrests", selection=COUNTED, missing="keep")


@cache
def histories(lost):
    """Static gamma rates of everybody, of whom those with a high last year are managed and lost by that year."""
    rng = np.random.default_rng(12)
    rate = rng.gamma(SHAPE, MEAN / SHAPE, 150_000)
    years = rng.poisson(rate[:, None], (len(rate), 3))
    managed = years[:, 2] >= CUT
    after = rng.poisson(rate * np.where(managed, TAU, 1.0)).astype(float)
    chance = np.where(managed, lost(years[:, 2]), 0.0)
    return Panel.from_arrays(
        np.column_stack([years, without(after, chance, rng)]),
        name="arrests",
        windows=YEARS,
        start=np.ma.MaskedArray(np.full(len(rate), 3), mask=~managed),
        selection=Selection("arrests", ("year 1",), "at_least", "at_boundary", threshold=CUT),
        missing="keep",
    )


@cache
def scores(lost, law="error"):
    """Normal true scores read with error; or a share of the score, or of its distance from 200, that goes by itself."""
    rng = np.random.default_rng(13)
    true = rng.normal(250, SPREAD, 600_000)
    before = true + rng.normal(0, SEM, len(true))
    picked = before >= CUT_SCORE
    true, before = true[picked], before[picked]
    expected = {"error": true, "share": 0.9 * before, "distance": before - 0.3 * (before - 200)}[law]
    after = expected + POINTS + rng.normal(0, SEM, len(true))
    outcome = np.column_stack([before, without(after, lost(before), rng)])
    return Panel.from_arrays(outcome, kind="score", name="risk", selection=SCORED, missing="keep")


METHODS = [
    room.RegressionToMean(method="robbins_zhang"),
    room.RegressionToMean(method="gamma_poisson"),
    room.RegressionToMean(method="gamma_poisson", comparable_mean=MEAN, shape=SHAPE),
    room.RegressionToMean(method="linear", comparable_mean=MEAN),
    room.RegressionToMean(method="linear", comparable_mean=MEAN, slope=MEAN / (MEAN + SHAPE)),
]
OF_HISTORIES = [room.RegressionToMean(method=m) for m in ("robbins_zhang", "earlier_rule", "mirror")]
OF_SCORES = [
    ("error", room.ScoreRegression(sem=SEM, bin_width=5.0)),
    ("error", room.ScoreRegression(method="normal", reliability=SPREAD**2 / (SPREAD**2 + SEM**2))),
    ("share", room.History(ratio=0.9)),
    ("distance", room.Remission(share=0.3, population_mean=200.0)),
]


@pytest.mark.parametrize("line", METHODS, ids=repr)
@pytest.mark.parametrize("lost", [by_chance, by_count])
def test_counts_add_up_to_the_programme(lost, line):
    left = Ledger([line, room.Attrition()]).central(counts(lost))
    assert left == pytest.approx(np.log(TAU), abs=LOOSE)


@pytest.mark.parametrize("line", OF_HISTORIES, ids=repr)
@pytest.mark.parametrize("lost", [by_chance, by_count])
def test_histories_add_up_to_the_programme(lost, line):
    left = Ledger([line, room.Attrition()]).central(histories(lost))
    assert left == pytest.approx(np.log(TAU), abs=LOOSE)


@pytest.mark.parametrize(("law", "line"), OF_SCORES, ids=repr)
@pytest.mark.parametrize("lost", [by_chance, by_score])
def test_scores_add_up_to_the_programme(lost, law, line):
    left = Ledger([line, room.Attrition()]).central(scores(lost, law))
    assert left == pytest.approx(POINTS, abs=LOOSE_POINTS)


@pytest.mark.parametrize("line", METHODS, ids=repr)
def test_of_people_lost_by_chance_nothing_need_be_stated(line):
    assert Ledger([line]).central(counts(by_chance)) == pytest.approx(np.log(TAU), abs=LOOSE)


@pytest.mark.parametrize("line", [METHODS[2], METHODS[3], METHODS[4]], ids=repr)
def test_a_print_of_counts_says_what_people_say(line):
    people = counts(by_count)
    line, seen = replace(line, selection=COUNTED), people.where(people.complete)
    m = seen.moments()
    told = Moments.from_summary(
        n=seen.n, n_input=people.n, mean_pre=m.mean_pre, sd_pre=m.sd_pre, mean_post=m.mean_post, sd_post=m.sd_post,
        r=m.r, mean_pre_input=float(people.outcome[:, 0].mean()), sd_pre_input=float(people.outcome[:, 0].std(ddof=1)),
        name="arrests",
    )  # fmt: skip
    both = [Ledger([line, room.Attrition()]).central(subject) for subject in (people, told)]
    assert both[1] == pytest.approx(both[0], rel=1e-9)


@pytest.mark.parametrize(("law", "line"), OF_SCORES[1:], ids=repr)
def test_a_print_of_scores_says_what_people_say(law, line):
    people = scores(by_score, law)
    before = people.outcome[:, 0]
    m = people.where(people.complete).moments()
    told = Moments.from_summary(
        n=m.n, n_input=people.n, mean_pre=m.mean_pre, sd_pre=m.sd_pre, mean_post=m.mean_post, sd_post=m.sd_post, r=m.r,
        mean_pre_input=float(before.mean()), sd_pre_input=float(before.std(ddof=1)), name="risk", kind="score",
    )  # fmt: skip
    if isinstance(line, room.ScoreRegression):
        line = replace(line, selection=SCORED)
    both = [Ledger([line, room.Attrition()]).central(subject) for subject in (people, told)]
    assert both[1] == pytest.approx(both[0], rel=1e-9)


@pytest.mark.parametrize(
    "line", [room.Breach(unit="per_year", before=0.5, after=1.5), room.Custody(custody_per_arrest=0.05, stay_years=0.4)]
)
def test_lines_that_ask_for_the_level_of_counts_take_everybodys(line):
    rng = np.random.default_rng(14)
    before = 1 + rng.poisson(rng.gamma(SHAPE, MEAN / SHAPE, 200_000))
    after = rng.poisson(TAU * before).astype(float)  # a ratio that does not depend on who was lost
    windows = (Window("before", -YEAR, 0), Window("after", 0, YEAR, post=True))
    whole = Panel.from_arrays(np.column_stack([before, after]), name="arrests", windows=windows)
    outcome = np.column_stack([before, without(after, by_count(before), rng)])
    people = Panel.from_arrays(outcome, name="arrests", windows=windows, missing="keep")
    seen = people.where(people.complete).moments()
    told = replace(seen, n_input=people.n, mean_pre_input=float(before.mean()))
    at = central(line)
    for subject in (people, told):
        assert float(line.shift(subject, at)) == pytest.approx(float(line.shift(whole, at)), abs=0.002)


def test_who_was_not_seen_after_tells_of_the_law_of_rates_before():
    """Against the negative binomial law cut from below, on a grid of its own."""
    people = counts(by_count).outcome[:4000]
    fit = fit_truncated(*people.T, CUT)
    seen = ~np.isnan(people[:, 1])

    def log_likelihood(mean, shape, ratio):
        first, after, odds = people[:, 0], people[seen, 1], shape / (shape + mean)
        before = nbinom.logpmf(first, shape, odds) - nbinom.logsf(CUT - 1, shape, odds)
        rest = shape + first[seen]  # given the count before rates are gamma again
        return before.sum() + nbinom.logpmf(after, rest, (shape + mean) / (shape + mean + mean * ratio)).sum()

    best = log_likelihood(fit.mean, fit.shape, np.exp(fit.log_ratio))
    assert fit.log_likelihood == pytest.approx(best, rel=1e-9)
    for k in range(3):
        for step in (0.99, 1.01):
            at = np.array([fit.mean, fit.shape, np.exp(fit.log_ratio)])
            at[k] *= step
            assert log_likelihood(*at) < best


@pytest.mark.parametrize("level", [0.0, -3.0])
def test_a_share_of_a_mean_that_is_not_above_0_is_refused(level):
    panel = Panel.from_arrays([[level - 1, 1], [level, 2], [level + 1, 0]], kind="score", name="change")
    with pytest.raises(InputError, match=r"IOM-E066: change: History.*not above 0"):
        Ledger([room.History(ratio=0.9)]).central(panel)


def test_lines_read_before_do_not_ask_who_was_seen_after():
    whole = histories(by_count)
    few = whole.where(np.arange(whole.n) < 2000)
    seen = replace(few, outcome=np.nan_to_num(few.outcome, nan=2.0))
    read = [room.RegressionToMean(method=m) for m in ("own_history", "desistance", "robbins_zhang", "mirror")]
    for line in (*read, room.RegressionToMean(method="at_event", events=1.0)):
        theta = {"events": 1.0} if line.method == "at_event" else {}
        assert float(line.shift(few, theta)) == float(line.shift(seen, theta))

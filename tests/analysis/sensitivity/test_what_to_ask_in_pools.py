"""What to ask in pools of other laws than those of its models: what the true figure narrows, as it is then known."""

from math import inf, log, sqrt
from typing import NamedTuple

import numpy as np
import pytest
from scipy import stats

from iom_causal.analysis.sensitivity.requested_known import read
from iom_causal.analysis.sensitivity.requested_models import RECORDS, Line, models_of
from iom_causal.analysis.sensitivity.requested_statistics import STATISTICS, noise_of
from iom_causal.analysis.sensitivity.what_to_ask import AT_LIBERTY, BACKGROUND, COURSE, STILL_THERE, ranked
from iom_causal.errors import NotIdentifiedError
from iom_causal.moments import Moments

POOL, PEOPLE, PICKED = 40_000, 225, 0.05
MEAN, KEPT = 1.5, 0.8
"""Mean a window, and how much of the normal scores of rates lasts from one to the next."""
WINDOWS = 6
"""Four that a rule may read, of which the last is the one before; one earlier is among them; and the one after."""
HIGH = 0.12
"""Share of people at the higher of two rates, in a pool with two."""
LAWS = {
    "gamma": stats.gamma(1.0),
    "lognormal": stats.lognorm(sqrt(log(2)), scale=sqrt(0.5)),
    "inverse Gaussian": stats.invgauss(1.0),
}
"""Laws of rates with a mean and a standard deviation of 1."""
LINES = {
    name: Line(log(ratio.low), log(ratio.high))
    for name, ratio in (
        ("background", BACKGROUND),
        ("time at liberty", AT_LIBERTY),
        ("people still there", STILL_THERE),
    )
}
"""What else may have changed; in these pools nothing did."""
PLACES = np.linspace(0.0, 1.0, 21)
"""Along each segment of models."""
HELD = 0.95
"""Share of cohorts in which what is left once the rule is known holds the true ratio; it was all of them."""
OF_OTHER_LAWS = 0.05
"""By how much less or more than expected a figure of the pool may narrow where rates have a law that no model has."""
SES = 3.0
"""Standard errors that a mean over cohorts may be off."""


class Cohort(NamedTuple):
    """Moments of selected people, the true value of figures that are not known, and the record that the rule read."""

    moments: Moments
    true: dict[str, float]
    record: float


def rates(law, rng):
    scores = np.empty((POOL, WINDOWS))
    scores[:, 0] = rng.normal(size=POOL)
    for k in range(1, WINDOWS):
        scores[:, k] = KEPT * scores[:, k - 1] + sqrt(1 - KEPT**2) * rng.normal(size=POOL)
    u = stats.norm.cdf(scores)
    if law == "two rates":
        low = 1 - sqrt(HIGH / (1 - HIGH))
        return MEAN * np.where(u > 1 - HIGH, (1 - (1 - HIGH) * low) / HIGH, low)
    grid = np.linspace(1e-7, 1 - 1e-7, 100_001)
    return MEAN * np.interp(u, grid, LAWS[law].ppf(grid))


def picked(law, record, programme, seed):
    """Pick people from a pool on the record of so many windows, or on the rate, and count them before and after."""
    rng = np.random.default_rng([seed, *law.encode()])
    rate = rates(law, rng)
    counts = rng.poisson(rate)
    before, after = counts[:, -2], counts[:, -1]
    if record == inf:
        value = rate[:, -2]
    else:
        value = counts[:, -1 - int(record) : -1].mean(1) + rng.normal(size=POOL) / sqrt(record)
    chosen = value >= np.quantile(value, 1 - PICKED)
    rest = ~chosen
    ours = rng.choice(np.flatnonzero(chosen), PEOPLE, replace=False)
    pairs = np.column_stack([before[ours], rng.binomial(after[ours], programme)])
    moments = Moments.from_summary(
        n=PEOPLE,
        mean_pre=pairs[:, 0].mean(),
        sd_pre=pairs[:, 0].std(ddof=1),
        mean_post=pairs[:, 1].mean(),
        sd_post=pairs[:, 1].std(ddof=1),
        r=np.corrcoef(pairs.T)[0, 1],
        name="arrests",
    )
    true = {
        "rule": 1 / record,
        "pool_mean": log(before.mean()),
        "pool_size": log(chosen.mean()),
        "earlier_mean": log(counts[ours, -3].mean()),
        "list_after": log(after[rest].mean() / before[rest].mean()),
    }
    return Cohort(moments, true, record)


def models_and_what_is_known(moments):
    known, course = read(moments), log(COURSE.high / COURSE.low)
    return models_of(known.tables, LINES, records=RECORDS, course=course, noise=noise_of(0.95), level=0.95), known


def narrowed(models, name, value):
    """By which share the range is narrower once a figure has its true value, over points along all models.

    A figure that no model has tells nothing of the ratio.

    Models whose rule read more than one window have the means alone (as `Request` says), so that neither the mean nor
    the size of their pool is held against the true one.
    """
    along = lambda ends: ends[:, :1] + np.diff(ends) * PLACES  # noqa: E731 one line of arithmetic
    ratio, figure, off = along(models.value), along(models.statistics[name]), models.tolerance[name][:, None]
    rest = sum(each.high - each.low for each in models.lines.values())
    today = np.ptp(ratio) + rest
    if line := STATISTICS[name].line:
        low = np.maximum(value - off - figure, models.lines[line].low)
        high = np.minimum(value + off - figure, models.lines[line].high)
        left = low <= high
        told = models.lines[line].high - models.lines[line].low
        width = (ratio - low)[left].max() - (ratio - high)[left].min() - told if left.any() else np.ptp(ratio)
    else:
        left = np.abs(figure - value) <= off
        if name in {"pool_mean", "pool_size"}:
            left |= models.statistics["rule"][:, :1] < 1
        width = np.ptp(ratio[left]) if left.any() else np.ptp(ratio)
    return 1 - (width + rest) / today


def holds(models, record, programme):
    """Whether the true ratio lies in what is left once the record that the rule read is known."""
    ratio = models.value[models.statistics["rule"][:, 0] == 1 / record]
    lines = models.lines.values()
    return ratio.min() - sum(each.high for each in lines) <= log(programme) <= ratio.max() - sum(e.low for e in lines)


class Narrowing(NamedTuple):
    """What each figure narrowed in cohorts from pools of one law, and what the ranking said of it."""

    got: dict[str, np.ndarray]
    of_pool: dict[str, np.ndarray]
    first: list[str]
    expected: np.ndarray
    asked: list[list[str]]
    records: np.ndarray
    held: list[bool]


def narrowed_in(law, cohorts):
    """Ask in cohorts of pools of one law, as many for each record, with a programme in every other one."""
    got: dict[str, list[float]] = {}
    of_pool: dict[str, list[float]] = {"pool_mean": [], "pool_size": []}
    expected, asked, records, held = [], [], [], []
    for seed in range(cohorts):
        for record in RECORDS:
            programme = (1.0, 0.8)[seed % 2]
            cohort = picked(law, record, programme, seed)
            try:
                models, known = models_and_what_is_known(cohort.moments)
            except NotIdentifiedError:
                continue
            for name, value in cohort.true.items():
                got.setdefault(name, []).append(narrowed(models, name, value))
            for name, found in of_pool.items():
                found.append(1 - models.expected((name,)) / models.expected(()))
            order = list(ranked(models, known.statistics))
            asked.append([each.statistic for each in order])
            (rule,) = (each for each in order if each.statistic == "rule")
            expected.append(1 - rule.expected_width / models.expected(()))
            records.append(record)
            held.append(holds(models, record, programme))
    first = [next(name for name in order if name in got) for order in asked]
    return Narrowing(
        {name: np.array(v) for name, v in got.items()},
        {name: np.array(v) for name, v in of_pool.items()},
        first,
        np.array(expected),
        asked,
        np.array(records),
        held,
    )


def error(values):
    return values.std(ddof=1) / sqrt(len(values))


def check(law, cohorts):
    got, of_pool, first, expected, asked, records, held = narrowed_in(law, cohorts)
    assert len(records) >= 4 * cohorts - 1
    leading = np.array([got[name][k] for k, name in enumerate(first)])
    for name, values in got.items():
        apart = leading - values
        assert apart.mean() >= -SES * error(apart), name
    off = got["rule"] - expected
    assert abs(off.mean()) <= SES * error(off)
    for name, promised in of_pool.items():
        off = got[name] - promised
        assert abs(off.mean()) <= OF_OTHER_LAWS + SES * error(off), name
    assert all("earlier_mean" in order for order in asked)
    assert np.mean(held) >= HELD
    beside = (got["earlier_mean"] - got["rule"])[records == 1]
    assert beside.mean() >= -SES * error(beside)


def test_what_is_ranked_first_leads_in_pools_of_another_law_and_the_mean_of_an_earlier_window_is_asked_for_too():
    check("inverse Gaussian", 2)


@pytest.mark.slow
@pytest.mark.parametrize("law", [*LAWS, "two rates"])
def test_what_is_ranked_first_leads_and_narrows_as_expected_in_pools_of_every_law(law):
    check(law, 10)

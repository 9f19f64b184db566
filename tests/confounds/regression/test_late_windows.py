"""People picked on the count after, in windows of unlike length: what is stated is of a window as long as before."""

from dataclasses import replace

import numpy as np
import pytest

from iom_causal.confounds import RegressionToMean
from iom_causal.errors import NotIdentifiedError
from iom_causal.panel import Panel
from iom_causal.windows import Selection, Window

SIZE = 1_000_000
EFFECT = 0.8
NOISE = 0.02  # of a log ratio with tens of thousands of people picked: four standard errors
NOISE_OF_TAILS = 0.03  # where the product of both counts is used, which few people carry; and probit for logistic
YEAR = 365
LONG = 2 * YEAR
LENGTHS = [(YEAR, YEAR), (YEAR, LONG), (LONG, YEAR)]
PER_YEAR, SHAPE = 3.0, 1.2
RULE = Selection("arrests", ("after",), "soft", "within_post", threshold=7, softness=1)


def people(days, persistence=1.0, rule=RULE, log_sd=None, seed=5):
    """Gamma or lognormal rates of mean 3 a year; picked on the window after, which holds the effect."""
    rng = np.random.default_rng(seed)
    if log_sd is None:
        rate = rng.gamma(SHAPE, 1 / SHAPE, SIZE)
        if persistence < 1:
            hidden = rng.poisson(SHAPE * persistence * rate / (1 - persistence))
            later = rng.gamma(SHAPE + hidden, (1 - persistence) / SHAPE)
        else:
            later = rate
    else:
        z = rng.standard_normal((2, SIZE))
        z[1] = persistence * z[0] + np.sqrt(1 - persistence**2) * z[1]
        rate, later = np.exp(log_sd * z - log_sd**2 / 2)
    before = rng.poisson(PER_YEAR * days[0] / YEAR * rate)
    after = rng.poisson(EFFECT * PER_YEAR * days[1] / YEAR * later)
    keep = rng.random(SIZE) < rule.probability(after if rule.timing == "within_post" else before)
    windows = (Window("before", -days[0], 0), Window("after", 0, days[1], post=True))
    return Panel.from_arrays(
        np.stack([before, after], -1)[keep], name="arrests", windows=windows, exposure=list(days), selection=rule
    )


def remainder(panel, line, data=None):
    days = panel.exposure
    before, after = panel.outcome.T
    theta = {k: v for k in ("comparable_mean", "shape", "persistence", "slope") if (v := getattr(line, k)) is not None}
    log_ratio = np.log(after.mean() / before.mean() * days[0] / days[1])
    return float(log_ratio - line.shift(panel if data is None else data, theta))


METHODS = {
    "linear": RegressionToMean(method="linear", comparable_mean=1.0),
    "stated gamma": RegressionToMean(method="gamma_poisson", comparable_mean=1.0, shape=SHAPE),
    "stated slope": RegressionToMean(method="linear", comparable_mean=1.0, slope=0.5),
    "robbins_zhang": RegressionToMean(method="robbins_zhang"),
    "gamma that drifts": RegressionToMean(method="gamma_poisson", comparable_mean=1.0, shape=SHAPE, persistence=0.6),
    "any law that drifts": RegressionToMean(comparable_mean=1.0, persistence=0.6),
}


@pytest.mark.parametrize("days", LENGTHS)
@pytest.mark.parametrize("method", METHODS)
def test_the_effect_is_left_whatever_the_lengths(method, days):
    line = METHODS[method]
    if line.comparable_mean is not None:
        mean = PER_YEAR * days[0] / YEAR
        line = replace(line, comparable_mean=mean)
        if line.slope is not None:
            line = replace(line, slope=mean / (mean + SHAPE))
    panel = people(days, line.persistence or 1.0)
    assert remainder(panel, line) == pytest.approx(np.log(EFFECT), abs=NOISE)


@pytest.mark.parametrize("days", LENGTHS)
@pytest.mark.parametrize("method", ["linear", "stated gamma", "stated slope"])
def test_a_print_gives_what_its_people_give(method, days):
    panel = people(days)
    mean = PER_YEAR * days[0] / YEAR
    line = replace(METHODS[method], comparable_mean=mean, selection=RULE)
    if line.slope is not None:
        line = replace(line, slope=mean / (mean + SHAPE))
    assert remainder(panel, line, panel.moments()) == pytest.approx(remainder(panel, line), abs=1e-9)


@pytest.mark.parametrize("days", LENGTHS)
@pytest.mark.parametrize("timing", ["within_post", "at_boundary"])
def test_lognormal_rates_with_a_fitted_rule(timing, days):
    rule = replace(RULE, windows=("after",) if timing == "within_post" else ("before",), timing=timing)
    panel = replace(people(days, 0.8, rule, log_sd=0.8), selection=replace(rule, threshold=None, softness=None))
    line = RegressionToMean(method="lognormal", comparable_mean=PER_YEAR * days[0] / YEAR)
    assert remainder(panel, line) == pytest.approx(np.log(EFFECT), abs=NOISE_OF_TAILS)


def test_lognormal_rates_and_a_known_rule_do_not_tell_late_selection():
    line = RegressionToMean(method="lognormal", comparable_mean=PER_YEAR)
    with pytest.raises(NotIdentifiedError, match="how much everybody's rate changed"):
        line.shift(people((YEAR, YEAR), 0.8, log_sd=0.8), {"comparable_mean": PER_YEAR})


@pytest.mark.parametrize("line", ["any law that drifts", "stated slope"])
def test_if_nothing_lasts_the_count_after_tells_nothing_of_the_one_before(line):
    panel = people((YEAR, YEAR))
    field = "persistence" if METHODS[line].persistence else "slope"
    with pytest.raises(NotIdentifiedError, match="nothing of a rate lasts"):
        METHODS[line].shift(panel, {"comparable_mean": PER_YEAR, field: 0.0})

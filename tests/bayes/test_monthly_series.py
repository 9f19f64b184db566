"""Interrupted time series: worlds made in numpy alone, statsmodels in the limit, PyMC's density, and what it says."""

import datetime as dt
import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy import stats

from iom_causal.bayes import MonthlySeries
from iom_causal.bayes.shared.nuts import Nuts
from iom_causal.bayes.shared.parameters import log_prior
from iom_causal.beliefs import HalfNormal, LogNormal, Normal
from iom_causal.errors import DegenerateDataError, InputError, NotIdentifiedError, SpecError
from iom_causal.estimate.notes import TOO_NARROW, of_kind
from iom_causal.numerics.posterior import series as numbers
from iom_causal.panel import Panel
from iom_causal.roles import batch
from iom_causal.windows import Selection, Window
from tests.bayes.monte_carlo import FIVE_ERRORS, both, of_chains, of_independent

FLAT = {"trend": Normal(0.0, 30.0), "change": Normal(0.0, 30.0), "slope_change": Normal(0.0, 30.0)}
PERSON_TIME = math.log(200 * 30 / 548)
FOUR_ERRORS = 4.0


def windows(before=24, after=12, days=30):
    return [Window(f"{k}", days * k, days * (k + 1), post=k >= 0) for k in range(-before, after)]


MIDDLE = (np.arange(-24, 12) + 0.5) * 30 / 365.25
POST = np.arange(-24, 12) >= 0


def world(seed=1, *, n=200, spread=0.0, path=0.0, lasting=1.0, ratio=0.7, replicates=None, date=None, **settings):
    """People whose total in each month follows a trend, with a spread or a path of the months' own."""
    rng = np.random.default_rng(seed)
    size = replicates or 1
    log_rate = math.log(0.4) - 0.15 * MIDDLE + math.log(ratio) * POST
    log_rate = log_rate + spread * rng.standard_normal((size, 36))
    at = np.zeros(size)
    for k in range(36):
        log_rate[:, k] += at
        at = lasting * at + path * rng.standard_normal(size)
    frailty = rng.gamma(2.0, 0.5, (size, n, 1))
    frailty /= frailty.mean(1, keepdims=True)
    y = rng.poisson(np.exp(log_rate)[:, None] * frailty)
    return Panel.from_arrays(
        y if replicates else y[0], windows=windows(), name="arrests", index_date=date or dt.date(2012, 5, 1), **settings
    )


@cache
def answered(spec, **settings):
    return spec(world(**settings), rng=1)


def test_in_the_limit_of_flat_priors_it_is_the_poisson_regression_of_statsmodels():
    import statsmodels.api as sm

    spec = MonthlySeries(family="poisson", baseline=Normal(0.0, 30.0), **FLAT)
    e, panel = spec(world(), rng=1), world()
    x = np.column_stack([np.ones(36), MIDDLE, POST, POST * MIDDLE])
    fit = sm.GLM(
        panel.outcome.sum(0), x, family=sm.families.Poisson(), offset=np.full(36, np.log(200 * 30 / 548))
    ).fit()
    for part, at, error in zip(e.parts, fit.params, fit.bse, strict=True):
        assert part.estimate == pytest.approx(at, abs=0.05 * error)
        assert part.std_error == pytest.approx(error, rel=0.05)
    assert e.diagnostics["pareto_k"] < 0.5


def test_the_ratio_is_of_totals_expected_with_and_without_the_change():
    e, panel = answered(MonthlySeries(family="poisson")), world()
    at = {p.term: p.estimate for p in e.parts}
    without = np.exp(at["baseline"] + at["trend"] * MIDDLE[POST])
    change = np.exp(at["change"] + at["slope_change"] * MIDDLE[POST])
    assert e.estimate == pytest.approx((without * change).sum() / without.sum(), rel=0.02)
    level = MonthlySeries(family="poisson", slope_change=None)(panel, rng=1)
    assert level.coefficient == "change"
    assert level.params["change"] == pytest.approx(math.log(level.estimate))
    fixed = MonthlySeries(family="poisson", slope_change=None, trend=0.0)(panel, rng=1)
    assert "trend" not in fixed.params
    rates = panel.outcome.sum(0)
    assert fixed.estimate == pytest.approx(rates[POST].mean() / rates[~POST].mean(), rel=0.02)


def test_the_same_events_in_days_twice_as_many_change_no_ratio():
    spec, panel = MonthlySeries(slope_change=None), world()
    days = np.where(np.arange(200) % 2, 30.0, 15.0)[:, None] * np.ones(36)
    half = Panel.from_arrays(panel.outcome, windows=windows(), exposure=days, name="arrests")
    assert spec(half, rng=1).estimate == pytest.approx(spec(panel, rng=1).estimate, rel=1e-3)
    part = np.where(POST, 15.0, 30.0)
    twice = Panel.from_arrays(panel.outcome, windows=windows(), exposure=part, name="arrests")
    assert spec(twice, rng=1).estimate > 1.7 * spec(panel, rng=1).estimate  # the prior holds some back


def test_a_forecast_knows_nothing_of_what_came_after():
    spec, panel = MonthlySeries("forecast"), world()
    other = replace(panel, outcome=np.where(POST, 3 * panel.outcome, panel.outcome))
    one, two = (spec(p, rng=1) for p in (panel, other))
    assert one.params.equals(two.params)
    assert two.estimate == pytest.approx(3 * one.estimate)
    low, middle, high = one.diagnostics["forecast"]
    total = one.diagnostics["observed"]
    assert (one.conf_low, one.estimate, one.conf_high) == pytest.approx(
        (total / high, total / middle, total / low), 0.01
    )
    assert total == panel.outcome[:, POST].sum()


def test_a_forecast_of_one_rate_is_the_gamma_poisson_predictive():
    spec = MonthlySeries("forecast", family="poisson", trend=0.0, baseline=Normal(0.0, 30.0))
    e, panel = spec(world(n=4), rng=1), world(n=4)
    before = panel.outcome[:, ~POST].sum()
    theirs = stats.nbinom(before, 24 / 36).ppf([0.025, 0.5, 0.975])  # a flat prior of the log: Gamma(y)
    assert e.diagnostics["forecast"] == pytest.approx(theirs, rel=0.05)


@pytest.mark.parametrize("season", [0, 1])
@pytest.mark.parametrize("family", ["poisson", "negative_binomial"])
def test_its_marginal_log_likelihood_is_the_sum_over_windows(season, family):
    spec, panel = MonthlySeries(season=season, family=family), world()
    z = spec.prior_draws(3, np.random.default_rng(1))
    at = dict(zip(spec.names, z.T, strict=True))
    phase = (
        np.array([(dt.date(2012, 5, 1) + dt.timedelta(days=365.25 * m)).timetuple().tm_yday for m in MIDDLE]) / 365.25
    )
    log_mean = PERSON_TIME + at["baseline"][:, None] + at["trend"][:, None] * MIDDLE
    log_mean = log_mean + POST * (at["change"][:, None] + at["slope_change"][:, None] * MIDDLE)
    if season:
        turn = 2 * np.pi * (phase - 0.5 / 365.25)
        log_mean = log_mean + at["cosine_1"][:, None] * np.cos(turn) + at["sine_1"][:, None] * np.sin(turn)
    y = panel.outcome.sum(0)
    if family == "poisson":
        wanted = stats.poisson.logpmf(y, np.exp(log_mean)).sum(-1)
    else:
        size = np.exp(-2 * at["log_spread"])[:, None]
        wanted = stats.nbinom.logpmf(y, size, size / (size + np.exp(log_mean))).sum(-1)
    assert spec.log_likelihood(panel, z[None])[0] == pytest.approx(wanted, rel=1e-4 if season else 1e-9)


COVERED = {
    "none": (MonthlySeries(), {"spread": 0.1}),
    "forecast": (MonthlySeries("forecast"), {"spread": 0.1}),
    "walk": (MonthlySeries(autocorrelation="random_walk", slope_change=None), {"path": 0.05}),
    "ar1": (MonthlySeries("forecast", autocorrelation="ar1", family="poisson"), {"path": 0.08, "lasting": 0.6}),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", COVERED)
def test_intervals_cover_as_often_as_they_say(name):
    spec, settings = COVERED[name]
    forecast = spec.compare == "forecast"
    size = 60 if spec.autocorrelation == "none" else 12
    found = batch(spec, world(9, replicates=size, ratio=1.0 if forecast else 0.7, **settings), rng=1)
    assert (found.code == 0).all()
    truth = 1.0 if forecast else 0.7
    covered = ((found.conf_low <= truth) & (truth <= found.conf_high)).mean()
    assert stats.binom.sf(covered * size - 1, size, 0.95) > 1e-4  # a prior about 1 makes it no lower
    assert stats.binom.cdf(covered * size, size, 0.95) > 1e-4
    if spec.autocorrelation == "none":  # of a path the prior holds the change back
        error = np.log(found.estimate).std() / math.sqrt(size)
        assert np.log(found.estimate).mean() == pytest.approx(math.log(truth), abs=FOUR_ERRORS * error + 0.02)


def test_windows_that_hang_together_and_vary_more_than_poisson_are_told_of():
    e = answered(MonthlySeries(family="poisson"), spread=0.5)
    assert "totals vary" in of_kind(e.notes, TOO_NARROW)[0]
    hung = answered(MonthlySeries(), path=0.4, lasting=0.8, seed=3)
    assert hung.diagnostics["autocorrelation"] > 0.34
    assert "hang together" in of_kind(hung.notes, TOO_NARROW)[0]
    assert not of_kind(answered(MonthlySeries()).notes, TOO_NARROW)


def test_a_wandering_rate_takes_up_the_change_and_it_says_how_much():
    spec = MonthlySeries(autocorrelation="random_walk", innovation=HalfNormal(0.3))
    e, plain = answered(spec, path=0.1), answered(MonthlySeries(), path=0.1)
    assert e.std_error > 1.3 * plain.std_error
    after, before = e.diagnostics["change_sd"]
    assert 0.4 * before < after < before == 0.35
    assert any("wandering rate can take up a change" in note for note in e.notes)
    assert e.diagnostics["contraction"]["change"] == pytest.approx(1 - (after / before) ** 2, abs=0.02)


ON_COUNT = Selection("arrests", ("-1",), "at_least", "at_boundary", threshold=3)


def test_people_selected_for_a_high_count_are_told_of():
    comes_back = "what comes back of itself counts as change here"
    for rule, told in ((None, True), (ON_COUNT, True), (replace(ON_COUNT, rule="rate"), False)):
        assert (comes_back in answered(MonthlySeries(), selection=rule).note) == told
    assert comes_back not in answered(MonthlySeries(), selection=replace(ON_COUNT, variable="risk")).note


def test_each_names_the_other_and_what_it_takes_for_granted():
    joint, forecast = answered(MonthlySeries()), answered(MonthlySeries("forecast"))
    assert "compare='forecast'" in joint.note
    assert "compare='joint'" in forecast.note
    for e in (joint, forecast):
        assert e.estimand == "descriptive_change"
        assert e.assumptions[0] == "without the programme the rate would have gone on along the trend before"
        assert any("before the data, the log of the events a person in 548 days" in text for text in e.assumptions)
    assert joint.diagnostics["windows"] == (24, 12)
    assert -1 < joint.diagnostics["trend_correlation"] < 0


def test_the_same_seed_gives_the_same_and_batch_the_single_calls():
    spec, panel = MonthlySeries(), world(replicates=2)
    both = batch(spec, panel, rng=3)
    again = batch(spec, panel, rng=3)
    assert both.estimate.tolist() == again.estimate.tolist()
    assert np.isfinite(both.conf_low).all()
    assert spec(panel.replicate(0), rng=5) == spec(panel.replicate(0), rng=5)


APART = [*windows(24, 1), Window("later", 60, 90, post=True)]


@pytest.mark.parametrize(
    ("spec", "panel", "code"),
    [
        (MonthlySeries(), {"windows": windows(11, 12)}, "IOM-E047"),
        (MonthlySeries(season=1), {"windows": windows(24, 6), "date": dt.date(2012, 5, 1)}, "IOM-E068"),
        (MonthlySeries(season=1), {"windows": windows()}, "IOM-E048"),
        (MonthlySeries(), {"windows": windows(), "kind": "score"}, "IOM-E066"),
        (
            MonthlySeries(autocorrelation="ar1"),
            {"windows": [*windows(24, 1), Window("x", 60, 90, post=True)]},
            "IOM-E047",
        ),
    ],
)
def test_refusals_come_before_anything_is_computed(spec, panel, code):
    y = np.ones((3, len(panel["windows"])), dtype=int)
    made = Panel.from_arrays(
        y, windows=panel["windows"], kind=panel.get("kind", "count"), index_date=panel.get("date"), name="arrests"
    )
    with pytest.raises((InputError, NotIdentifiedError), match=code):
        spec(made, rng=1)
    with pytest.raises((InputError, NotIdentifiedError), match=code):
        spec.build(made)


def test_no_events_after_leave_a_posterior_and_no_forecast_to_compare():
    panel = world()
    none = replace(panel, outcome=np.where(POST, 0, panel.outcome))
    e = MonthlySeries()(none, rng=1)
    assert e.estimate < 0.2  # the prior of the log ratio, SD .35, holds it up
    with pytest.raises(DegenerateDataError, match="IOM-E064"):
        MonthlySeries("forecast")(none, rng=1)
    one = np.zeros_like(panel.outcome)
    one[0, 0] = one[0, 30] = 1
    with pytest.raises(DegenerateDataError, match=r"IOM-E064.*so few events"):
        MonthlySeries("forecast")(replace(panel, outcome=one), rng=1)
    assert MonthlySeries()(replace(panel, outcome=one), rng=1).conf_low < 1


def test_settings_are_refused_in_words():
    for settings in ({"compare": "both"}, {"family": "normal"}, {"autocorrelation": "ar2"}, {"method": "grid"}):
        with pytest.raises(SpecError, match="IOM-E093"):
            MonthlySeries(**settings)
    with pytest.raises(SpecError, match="IOM-E092"):
        MonthlySeries(season=-1)
    with pytest.raises(InputError, match="IOM-E047"):
        MonthlySeries()(world(replicates=2))


def test_people_are_drawn_with_totals_of_the_model():
    spec, panel = MonthlySeries(trend=0.0, slope_change=None), world(n=30)
    z = np.tile([math.log(6.0), -0.5, math.log(0.3)], (2000, 1))
    totals = spec.simulate(panel, z, np.random.default_rng(1)).outcome.sum(1)
    mean = 30 * 30 / 548 * 6 * np.exp(-0.5 * POST)
    variance = mean + (0.3 * mean) ** 2
    assert np.abs(totals.mean(0) - mean).max() < 5 * np.sqrt(variance.max() / 2000)
    assert totals.var(0) == pytest.approx(variance, rel=0.15)
    walk = MonthlySeries(trend=0.0, slope_change=None, autocorrelation="random_walk", family="poisson")
    many = walk.simulate(world(n=2), np.tile([16.0, 0.0, math.log(0.1)], (400, 1)), np.random.default_rng(1))
    steps = np.diff(np.log(many.outcome.sum(1)), axis=-1)
    assert steps.std() == pytest.approx(0.1, rel=0.03)
    with pytest.raises(InputError, match="IOM-E076"):
        spec.simulate(replace(panel, weight=np.full(30, 2)), z[:1], np.random.default_rng(1))


@pytest.mark.parametrize("compare", ["joint", "forecast"])
def test_a_walk_leaves_the_level_at_the_index_date_to_the_baseline(compare):
    """What its prior is of: worlds with walks of any size have that rate in the last window before."""
    spec = MonthlySeries(compare, trend=0.0, autocorrelation="random_walk", family="poisson")
    z = np.tile([16.0, *([0.0, 0.0] if compare == "joint" else []), math.log(0.3)], (1000, 1))
    log_total = np.log(spec.simulate(world(n=2), z, np.random.default_rng(1)).outcome.sum(1))
    expected = 16.0 + math.log(2 * 30 / 548)
    assert log_total[:, 23] == pytest.approx(expected, abs=0.01)  # of a million events and more
    for k in (0, 11, 35):
        drawn, away = log_total[:, k] - expected, abs(k - 23)
        error = of_independent(drawn, drawn.size)
        assert drawn.std() == pytest.approx(0.3 * math.sqrt(away), abs=FIVE_ERRORS * error.sd)


@pytest.mark.slow
def test_the_baseline_is_found_at_the_index_date_where_rates_have_walked():
    """Truths drawn from the priors, in worlds made here; ranks of the truth among draws are uniform."""
    spec = MonthlySeries(
        autocorrelation="random_walk",
        family="poisson",
        trend=0.0,
        slope_change=None,
        baseline=Normal(math.log(6.0), 0.25),
        innovation=HalfNormal(0.3),
    )
    rng, ranks = np.random.default_rng(4), []
    for _ in range(60):
        walk = np.concatenate([[0.0], rng.normal(0, abs(rng.normal(0, 0.3)), 35).cumsum()])
        level = rng.normal(math.log(6.0), 0.25) + walk - walk[23]
        events = rng.poisson(np.exp(level + rng.normal(0, 0.35) * POST + math.log(30 / 548)), (40, 36))
        truth = level[23]
        e = spec(Panel.from_arrays(events, windows=windows(), name="arrests"), rng=1)
        ranks.append((e.held.posterior.of("baseline") < truth).mean())
    assert stats.kstest(ranks, "uniform").pvalue > 1e-3


def test_its_picture_holds_what_was_observed_and_the_band_without_a_change():
    spec = MonthlySeries("forecast", autocorrelation="ar1")
    e = answered(spec)
    ax = e.plot()
    line, dots = ax.lines[:2]
    assert dots.get_ydata().tolist() == world().outcome.sum(0).tolist()
    middle = line.get_ydata()
    assert middle[~POST] == pytest.approx(world().outcome.sum(0)[~POST], rel=0.5)
    band = ax.collections[0].get_paths()[0].get_extents()
    assert band.ymin < middle.min() < middle.max() < band.ymax
    assert ax.get_xlabel() == "years from the index date"
    with pytest.raises(InputError, match="IOM-E048"):
        spec.draw(replace(e, held=None))


SPECS = [
    MonthlySeries(season=1),
    MonthlySeries(autocorrelation="ar1", family="poisson", slope_change=None),
    MonthlySeries(autocorrelation="random_walk"),
    MonthlySeries("forecast", autocorrelation="random_walk"),
]


def likelihood(spec, panel, z, steps):
    """That of the windows that are fitted, given the path."""
    model = spec._model(panel)
    fitted, at = model.fitted, model.values(z)
    log_mean = model.log_mean(fitted, z)
    if steps is not None:
        log_mean = log_mean + model.path_design(at, fitted.events.size)[0] @ steps
    return float(numbers.log_likelihood(fitted.events, log_mean, at.get("spread"))[0])


@pytest.mark.slow
@pytest.mark.parametrize("spec", SPECS, ids=lambda s: f"{s.compare}-{s.autocorrelation}")
def test_pymc_has_the_same_density(spec):
    panel = world()
    model, rng = spec.build(panel), np.random.default_rng(1)
    names = [v.name for v in model.free_RVs]
    density = model.compile_logp(jacobian=False)
    z = spec.prior_draws(3, rng)
    for k in range(3):
        values = {p.name: p.natural(z[k, j]) for j, p in enumerate(spec.parameters)}
        jacobian = sum(
            float(p.log_density(z[k : k + 1, j])[0] - p.prior.log_density(np.atleast_1d(values[p.name]))[0])
            for j, p in enumerate(spec.parameters)
        )
        wanted = float(log_prior(spec.parameters, z[k : k + 1])[0]) - jacobian
        steps = (
            rng.standard_normal({"ar1": 36}.get(spec.autocorrelation, 23 if spec.compare == "forecast" else 35))
            if "steps" in names
            else None
        )
        wanted += 0.0 if steps is None else stats.norm.logpdf(steps).sum()
        wanted += likelihood(spec, panel, z[k : k + 1], steps)
        point = {p.name: values[p.name] for p in spec.parameters} | ({} if steps is None else {"steps": steps})
        at = {model.rvs_to_values[v].name: _value(model, v, point[v.name]) for v in model.free_RVs}
        assert float(density(at)) == pytest.approx(wanted, rel=1e-10)


def _value(model, rv, x):
    transform = model.rvs_to_transforms[rv]
    return np.asarray(x) if transform is None else transform.forward(np.asarray(x), *rv.owner.inputs).eval()


def test_with_a_path_it_is_what_a_grid_of_the_spreads_gives():
    spec = MonthlySeries(autocorrelation="random_walk", slope_change=None)
    e, events = spec(world(spread=0.1, seed=5), rng=1), world(spread=0.1, seed=5).outcome.sum(0)
    centre, scale = np.array([math.log(6.0), 0.0, 0.0]), np.array([1.5, 0.35, 0.35])
    x, steps = np.column_stack([np.ones(36), MIDDLE, POST]), np.tril(np.ones((36, 36)), 0)[:, 1:]
    steps -= steps[23]  # the walk is 0 in the last window before
    log_weight, first, second = [], [], []
    for log_spread in np.linspace(-10.0, -0.2, 25):
        for log_innovation in np.linspace(-11.0, -0.8, 27):
            size, innovation = math.exp(-2 * log_spread), math.exp(log_innovation)
            design, offset = np.column_stack([x * scale, innovation * steps]), PERSON_TIME + x @ centre
            g = np.zeros(38)
            for _ in range(12):  # Newton; the log density is concave
                mean = np.exp(offset + design @ g)
                weight = size * mean * (events + size) / (size + mean) ** 2
                curvature = (design.T * weight) @ design + np.eye(38)
                move = np.linalg.solve(curvature, design.T @ (size * (events - mean) / (size + mean)) - g)
                g = g + move
            assert np.abs(move).max() < 1e-6
            density = stats.nbinom.logpmf(events, size, size / (size + mean)).sum() - g @ g / 2
            density += stats.halfnorm.logpdf(math.exp(log_spread), scale=0.2) + log_spread
            density += stats.halfnorm.logpdf(innovation, scale=0.1) + log_innovation
            log_weight.append(density - np.linalg.slogdet(curvature)[1] / 2)
            at, variance = centre + scale * g[:3], scale**2 * np.diag(np.linalg.inv(curvature))[:3]
            first.append([*at, log_spread, log_innovation])
            second.append([*(at**2 + variance), log_spread**2, log_innovation**2])
    share = np.exp(np.array(log_weight) - max(log_weight))
    share /= share.sum()
    mean = share @ np.array(first)
    sd = np.sqrt(share @ np.array(second) - mean**2)
    draws = e.held.posterior.flat
    for k, of in enumerate(draws.T):
        error = of_independent(of, e.diagnostics["effective_draws"])
        assert of.mean() == pytest.approx(mean[k], abs=FOUR_ERRORS * error.mean)
        assert of.std() == pytest.approx(sd[k], abs=FOUR_ERRORS * error.sd)


@pytest.mark.slow
def test_importance_sampling_is_what_nuts_finds():
    away = {"spread": LogNormal(0.1, 0.4), "innovation": LogNormal(0.08, 0.4)}  # from 0, where chains mix badly
    spec = MonthlySeries(autocorrelation="random_walk", slope_change=None, **away)
    panel = world(spread=0.1, path=0.08, seed=5)
    mine = spec(panel, rng=1)
    nuts = Nuts(draws=4000, tune=1000, chains=2, target_accept=0.98)
    chain = replace(spec, method="nuts", nuts=nuts)(panel, rng=2)
    assert chain.diagnostics["sampler"] == "nutpie"
    assert chain.diagnostics["converged"]
    for a, b in zip(mine.parts, chain.parts, strict=True):
        draws = chain.held.posterior.of(b.term)
        error = both(of_independent(draws, mine.diagnostics["effective_draws"]), of_chains(draws))
        assert a.estimate == pytest.approx(b.estimate, abs=FIVE_ERRORS * error.median)
        assert a.std_error == pytest.approx(b.std_error, abs=FIVE_ERRORS * error.sd)
    tree = chain.native
    assert {"posterior", "log_likelihood", "prior", "posterior_predictive"} <= set(tree.children)
    assert tree["log_likelihood"].attrs["of"] == "windows"
    assert tree["log_likelihood"]["events"].shape == (2, 4000, 36)

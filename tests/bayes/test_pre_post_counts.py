"""Bayesian models of counts before and after."""

from dataclasses import replace

import numpy as np
import pytest

from iom_causal.bayes import PrePostCounts
from iom_causal.bayes.shared.nuts import Nuts
from iom_causal.bayes.shared.parameters import log_prior
from iom_causal.beliefs import HalfNormal, Normal, Range, TruncatedNormal, Uniform
from iom_causal.confounds import Ageing
from iom_causal.errors import InputError, SpecError
from iom_causal.panel import Panel
from iom_causal.roles import batch, batch_by_loop
from iom_causal.windows import Window

MODELS = {
    "gamma": PrePostCounts(),
    "negative binomial": PrePostCounts(family="negative_binomial"),
    "bivariate": PrePostCounts(mixing="bivariate"),
}
ROUTES = 1e-10  # of log densities by two routes, beside their size
DATED = (Window("a", -700, -350), Window("b", -350, 0), Window("c", 0, 350, post=True))


def pairs(seed=1, n=60, unlike=0.0):
    rng = np.random.default_rng(seed)
    rate = rng.gamma(2.5, 2.7, n)
    after = 0.55 * rate * np.exp(unlike * rng.normal(size=n) - unlike**2 / 2)
    return np.stack([rng.poisson(rate), rng.poisson(after)], axis=-1)


def people(seed=1, n=60, **settings):
    return Panel.from_arrays(pairs(seed, n), name="arrests", **settings)


def test_it_lies_between_prior_and_totals():
    panel = people()
    totals = panel.after.sum() / panel.before.sum()
    found = PrePostCounts()(panel, rng=1)
    assert totals < found.estimate < 1
    assert found.interval == "credible-eti"
    assert found.conf_low < totals < found.conf_high
    assert found.diagnostics["sampler"] == "grid"
    assert found.diagnostics["contraction"]["log_ratio"] > 0.8


def test_its_priors_are_printed():
    stated = " ".join(PrePostCounts(log_ratio=Normal(0.0, 0.15))(people(), rng=1).assumptions)
    assert "the log of the ratio is Normal(mean=0.0, sd=0.15)" in stated
    assert "per window" in stated
    days = people(exposure=[547, 549])
    assert "per 548 days" in " ".join(PrePostCounts()(days, rng=1).assumptions)


def test_a_prior_of_the_mean_is_per_548_days():
    """Twice the days before with twice the events are the same mean."""
    once, twice = people(exposure=[274.0, 549.0]), people(exposure=[548.0, 549.0])
    twice = replace(twice, outcome=twice.outcome * [2, 1])
    a, b = (PrePostCounts()(p, rng=1).diagnostics["log_mean"] for p in (once, twice))
    assert a == pytest.approx(b, abs=0.05)


def test_a_grid_and_weights_take_a_prior_of_the_mean_alike_where_days_are_unlike_its_unit():
    panel, tight = people(exposure=[137.0, 274.0]), Normal(np.log(6.0), 0.1)
    found = PrePostCounts(method="importance", log_mean=tight)(panel, rng=1)
    mean = next(part.estimate for part in found.parts if part.term == "log_mean")
    assert PrePostCounts(log_mean=tight)(panel, rng=1).diagnostics["log_mean"] == pytest.approx(mean, abs=0.02)


def test_few_people_who_leave_the_prior_as_it_is_are_told():
    panel = Panel.from_arrays(np.stack([np.minimum(pairs(1, 3), 1), pairs(1, 3)]), name="arrests")
    few, many = batch(PrePostCounts(), panel, rng=1)
    assert "mostly the prior" in few.note
    assert "mostly the prior" not in many.note
    assert "mostly the prior" in PrePostCounts()(panel.replicate(0), rng=1).note


@pytest.mark.parametrize(("n", "size"), [(20, 400), (60, 400), (225, 200)])
def test_people_who_change_alike_are_seldom_said_to_be_unlike(n, size):
    """A ratio of variances above 1.2 comes by chance in a fifth of twenty people, and is said to be chance."""
    rng = np.random.default_rng(11)
    rate = rng.gamma(2.07, 3.3, (size, n))
    found = batch(
        PrePostCounts(), Panel.from_arrays(np.stack([rng.poisson(rate), rng.poisson(0.55 * rate)], -1)), rng=1
    )
    notes = [" ".join(e) for e in found.notes]
    assert np.mean(["more unlike than chance" in note for note in notes]) < 0.07
    if n == 20:
        assert np.mean(["may be too narrow" in note for note in notes]) > 0.1


def test_a_batch_is_each_of_its_replicates():
    panel = Panel.from_arrays(np.stack([pairs(seed, 20) for seed in range(4)]), name="arrests")
    kernel, loop = batch(PrePostCounts(), panel, rng=1), batch_by_loop(PrePostCounts(), panel, rng=1)
    for name in ("estimate", "std_error", "conf_low", "conf_high"):
        np.testing.assert_allclose(getattr(kernel, name), getattr(loop, name), rtol=1e-9, err_msg=name)
    assert [e.notes for e in kernel] == [e.notes for e in loop]


@pytest.mark.parametrize("counts", [[[0, 0]] * 5, [[3, 3]] * 5, [[0, 2], [0, 1], [0, 3]], [[2, 0], [1, 0], [3, 0]]])
def test_sides_without_events_have_a_posterior(counts):
    found = PrePostCounts()(Panel.from_arrays(counts), rng=1)
    assert 0 < found.conf_low < found.estimate < found.conf_high
    assert ("no events at all" in found.note) == (np.sum(counts) == 0)


def test_without_events_the_ratio_is_its_prior():
    many = PrePostCounts(log_mean=Normal(-12.0, 0.1))(Panel.from_arrays([[0, 0]] * 3), rng=1)
    assert many.confidence_interval(0.95) == pytest.approx(np.exp([-0.35 * 1.96, 0.35 * 1.96]), rel=1e-3)


def test_one_person_is_refused():
    with pytest.raises(InputError, match="IOM-E060"):
        PrePostCounts()(Panel.from_arrays([[3, 1]]), rng=1)


def test_people_who_change_by_unlike_factors_are_told():
    alike = PrePostCounts()(Panel.from_arrays(pairs(3, 225)), rng=1)
    unlike = PrePostCounts()(Panel.from_arrays(pairs(3, 225, unlike=0.7)), rng=1)
    assert "too narrow" not in alike.note
    assert "too narrow" in unlike.note


def test_simulated_people_keep_what_is_missing():
    outcome = pairs(1, 8).astype(float)
    outcome[2, 1] = np.nan
    panel = Panel.from_arrays(outcome, missing="keep", name="arrests")
    model, rng = PrePostCounts(), np.random.default_rng(1)
    drawn = model.simulate(panel, model.prior_draws(5, rng), rng)
    assert drawn.outcome.shape == (5, 8, 2)
    assert (np.isnan(drawn.outcome) == np.isnan(outcome)).all()


def test_ranks_of_true_ratios_are_uniform():
    model, rng = PrePostCounts(), np.random.default_rng(5)
    z = model.prior_draws(400, rng)
    drawn = model.posterior_draws(model.simulate(people(n=12), z, rng), 99, rng)
    ranks = (drawn < z[:, None]).mean(1)
    assert np.abs(ranks.mean(0) - 0.5).max() < 4 * np.sqrt(1 / 12 / 400)
    assert np.abs(ranks.var(0) - 1 / 12).max() < 0.015


def several_windows(n=40, **settings):
    """Three windows, one of them missing for a person, ages and a covariate."""
    rng = np.random.default_rng(3)
    rate = rng.gamma(2.0, 3.0, n)
    y = np.stack([rng.poisson(rate), rng.poisson(rate), rng.poisson(0.5 * rate)], axis=-1).astype(float)
    y[3, 2] = np.nan
    covariates = {"sex": np.array(list("mf"))[rng.integers(0, 2, n)]}
    days = np.full(3, 350.0)
    return Panel.from_arrays(
        y,
        windows=DATED,
        exposure=days,
        missing="keep",
        age=rng.uniform(18, 60, n),
        covariates=covariates,
        **settings,
    )


def near_the_prior(parameters, size, rng):
    centre = np.array([float(p.free(np.array(p.prior.centre))) for p in parameters])
    return centre + 0.5 * rng.normal(size=(size, len(centre)))


@pytest.mark.parametrize(
    "model",
    [
        PrePostCounts(covariates="sex"),
        PrePostCounts(family="negative_binomial"),
        pytest.param(
            PrePostCounts(mixing="bivariate", covariates="sex", ageing="scotland-2011"), marks=pytest.mark.slow
        ),
    ],
    ids=["gamma", "negative binomial", "bivariate"],
)
def test_the_density_is_that_of_the_pymc_model(model):
    panel = several_windows()
    data = model._data(panel)
    parameters = model._parameters(data)
    compiled = model.build(panel).compile_logp()
    names = [p.name if p.unbounded == p.name else f"{p.name}_log__" for p in parameters]
    points = near_the_prior(parameters, 6, np.random.default_rng(1))
    ours = model._fit(panel, data).log_likelihood(points) + log_prior(parameters, points)
    theirs = [float(compiled(dict(zip(names, z, strict=True)))) for z in points]
    assert ours == pytest.approx(theirs, rel=ROUTES)


def test_the_grid_kernel_has_the_density_of_rows():
    panel, rng = people(exposure=[547.0, 549.0]), np.random.default_rng(2)
    z = PrePostCounts().prior_draws(8, rng)
    grid, rows = (PrePostCounts(method=m).log_likelihood(panel, z[None])[0] for m in ("grid", "importance"))
    assert np.diff(grid) == pytest.approx(np.diff(rows), rel=1e-9)  # but for what depends on the counts alone


def test_importance_sampling_gives_what_the_grid_gives():
    grid, sampled = (PrePostCounts(method=m)(people(), rng=1) for m in ("grid", "importance"))
    assert sampled.estimate == pytest.approx(grid.estimate, rel=0.1 * grid.std_error)
    ends = np.log([sampled.conf_low, sampled.conf_high]) - np.log([grid.conf_low, grid.conf_high])
    assert np.abs(ends).max() < 0.15 * grid.std_error
    assert sampled.diagnostics["pareto_k"] < 0.4
    assert "importance sampling" in sampled.method


def worlds():
    rng = np.random.default_rng(8)
    for k in range(21):
        n, sds, rho = (20, 60, 150)[k % 3], rng.uniform(0.2, 1.2, 2), rng.uniform(-0.3, 0.95)
        z = rng.multivariate_normal([0, 0], [[1, rho], [rho, 1]], n)
        rate = rng.uniform(0.5, 9) * np.exp(sds * z - sds**2 / 2) * [1, np.exp(rng.normal(0, 0.4))]
        yield Panel.from_arrays(rng.poisson(rate * rng.gamma(4, 0.25, rate.shape) if k % 2 else rate))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["negative binomial", "bivariate"])
def test_weights_can_be_trusted_on_many_data_sets(name):
    found = [MODELS[name](panel, rng=1).diagnostics for panel in worlds()]
    assert {f["sampler"] for f in found} == {"importance"}
    assert max(f["pareto_k"] for f in found) <= 0.4


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_a_chain_gives_the_same(name):
    model, panel = MODELS[name], Panel.from_arrays(pairs(5, 40))
    quick = model(panel, rng=1)
    chain = replace(model, method="nuts", nuts=Nuts(draws=600, tune=300, chains=2))(panel, rng=1)
    error = quick.std_error / np.sqrt(chain.diagnostics["ess_bulk"])
    assert chain.diagnostics["sampler"] in {"nutpie", "pymc"}
    assert np.log(chain.estimate) == pytest.approx(np.log(quick.estimate), abs=4 * 1.25 * error)
    assert chain.std_error == pytest.approx(quick.std_error, rel=4 / np.sqrt(chain.diagnostics["ess_tail"]))


def test_ratios_of_means_and_of_a_person_are_both_said():
    panel = Panel.from_arrays(pairs(2, 225, unlike=0.6))
    mean, person = (PrePostCounts(mixing="bivariate", ratio=r)(panel, rng=1) for r in ("population", "conditional"))
    both = mean.diagnostics
    assert (mean.estimand, person.estimand) == ("descriptive_change", "conditional_ratio")
    assert mean.estimate == pytest.approx(both["population_ratio"]["estimate"])
    assert person.estimate == pytest.approx(both["conditional_ratio"]["estimate"])
    assert person.estimate < mean.estimate  # changes that vary raise the mean above that of a person
    assert "too narrow" not in mean.note
    assert mean.std_error > PrePostCounts()(panel, rng=1).std_error


def test_a_world_of_unlike_changes_is_found_again():
    rng = np.random.default_rng(4)
    z = rng.multivariate_normal([0, 0], [[0.29, 0.24], [0.24, 0.49]], 3000)
    rate = 6.0 * np.exp(z - np.array([0.29, 0.49]) / 2) * [1, 0.6]
    found = PrePostCounts(mixing="bivariate")(Panel.from_arrays(rng.poisson(rate)), rng=1)
    value = {part.term: part.estimate for part in found.parts}
    assert value["log_ratio"] == pytest.approx(np.log(0.6), abs=0.1)
    assert np.exp([value["log_frailty_sd_before"], value["log_frailty_sd_after"]]) == pytest.approx(
        np.sqrt([0.29, 0.49]), rel=0.1
    )
    assert np.tanh(value["correlation_z"]) == pytest.approx(0.24 / np.sqrt(0.29 * 0.49), abs=0.08)


def test_missing_windows_and_days_of_their_own_are_used():
    outcome = pairs(1, 30).astype(float)
    outcome[:6, 1] = np.nan
    found = PrePostCounts()(Panel.from_arrays(outcome, missing="keep"), rng=1)
    assert (found.n_used, found.diagnostics["sampler"]) == (30, "importance")
    whole = PrePostCounts()(Panel.from_arrays(outcome[6:].astype(int)), rng=1)
    assert found.std_error < 1.1 * whole.std_error
    half = Panel.from_arrays(pairs(1, 30), exposure=np.where(np.arange(30)[:, None] < 0, 1.0, [548.0, 274.0]))
    assert (
        PrePostCounts()(half, rng=1).estimate > 1.3 * PrePostCounts()(Panel.from_arrays(pairs(1, 30)), rng=1).estimate
    )


def test_covariates_are_adjusted_for():
    found = PrePostCounts(covariates="sex")(several_windows(), rng=1)
    assert [part.term for part in found.parts] == ["log_mean", "log_ratio", "sex[T.m]", "log_frailty_variance"]
    assert "each coefficient is Normal" in " ".join(found.assumptions)
    with pytest.raises(SpecError, match="IOM-E092"):
        _ = PrePostCounts(covariates="sex").names


def test_what_ageing_explains_is_not_the_ratio():
    panel = several_windows()
    plain, aged = (PrePostCounts(method="importance", ageing=a)(panel, rng=1) for a in (None, "scotland-2011"))
    expected = np.average(Ageing(curve="scotland-2011").by_person(panel), weights=panel.before)
    assert np.log(aged.estimate / plain.estimate) == pytest.approx(-0.9 * expected, abs=0.15 * abs(expected))
    assert "beside the change expected with age" in aged.note
    assert (
        aged.estimate == PrePostCounts(method="importance", ageing=Ageing(curve="scotland-2011"))(panel, rng=1).estimate
    )


@pytest.mark.parametrize("prior", [TruncatedNormal(0.0, 0.35, -np.inf, 0.0), Uniform(-1.5, 1.5)])
def test_a_prior_may_have_ends(prior):
    found = PrePostCounts(log_ratio=prior)(people(), rng=1)
    assert found.diagnostics["sampler"] == "importance"
    low, high = prior.support
    assert np.exp(low) <= found.conf_low < found.estimate < found.conf_high <= np.exp(high)
    assert found.estimate == pytest.approx(PrePostCounts()(people(), rng=1).estimate, rel=0.1)


@pytest.mark.parametrize(
    "settings",
    [
        {"mixing": "bivariate", "family": "negative_binomial"},
        {"method": "grid", "covariates": "sex"},
        {"log_ratio": 0.0},
        {"log_ratio": Normal(0.0, 0.0)},
        {"frailty_variance": Normal(0.0, 1.0)},
        {"ageing": Ageing(strength=Range(0.5, 1.0))},
    ],
    ids=repr,
)
def test_settings_that_do_not_go_together_are_refused(settings):
    with pytest.raises(SpecError, match="IOM-E092"):
        PrePostCounts(**settings)


def test_a_grid_is_refused_where_it_does_not_serve():
    with pytest.raises(SpecError, match="common to all"):
        PrePostCounts(method="grid")(several_windows(), rng=1)


def test_a_tight_prior_of_frailties_is_no_trouble():
    assert PrePostCounts(frailty_variance=HalfNormal(0.01))(people(), rng=1).conf_low > 0


def test_one_frailty_under_covers_where_changes_are_unlike_and_says_so():
    """On worlds like the published cohort (correlated lognormals) its 95% interval holds the truth in 83%."""
    rng, size, sds = np.random.default_rng(77), 400, np.array([0.538, 0.749])
    z = rng.multivariate_normal([0, 0], [[1, 0.794], [0.794, 1]], (size, 225))
    rate = 6.84 * np.exp(sds * z - sds**2 / 2) * [1, 0.5276]
    found = batch(PrePostCounts(), Panel.from_arrays(rng.poisson(rate)), rng=1)
    covered = ((found.conf_low < 0.5276) & (found.conf_high > 0.5276)).mean()
    assert 0.75 < covered < 0.90
    assert np.mean(["too narrow" in " ".join(notes) for notes in found.notes]) > 0.95

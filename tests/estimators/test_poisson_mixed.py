"""Count models with random effects as estimators: identities, boundaries, words, coverage."""

import warnings

import numpy as np
import pytest
from scipy import stats

from iom_causal.errors import DegenerateDataError, InputError, NotIdentifiedError, SpecError
from iom_causal.estimators.negative_binomial_mixed import NegativeBinomialMixed
from iom_causal.estimators.poisson_fixed_effects import PoissonFixedEffects
from iom_causal.estimators.poisson_mixed import PoissonMixed
from iom_causal.estimators.rate_ratio import RateRatio
from iom_causal.panel import Panel
from iom_causal.roles import batch, batch_by_loop
from iom_causal.windows import Window

SHARED = [PoissonFixedEffects(), PoissonMixed(), PoissonMixed(mixing="lognormal")]
ALL = [*SHARED, PoissonMixed(mixing="bivariate"), NegativeBinomialMixed()]
IDENTITY = 1e-9
BAND = 1e-4  # chance of a false alarm


def draw(rng, replicates, n=225, *, same=False):
    """People whose log frailties have the SDs and the correlation that the paper's printed moments imply."""
    sd, correlation = np.array([0.538, 0.749]), 0.794
    cov = np.outer(sd, sd) * np.array([[1, correlation], [correlation, 1]])
    frailty = np.exp(rng.multivariate_normal(-(sd**2) / 2, cov, (replicates, n)))
    if same:
        frailty = frailty[..., :1] * [1, 1]
    return rng.poisson(frailty * [6.84, 3.61])


def cohort(seed=1, **settings):
    return Panel.from_arrays(draw(np.random.default_rng(seed), 1)[0], name="arrests", **settings)


@pytest.mark.parametrize("spec", SHARED, ids=repr)
def test_without_covariates_it_is_the_rate_ratio(spec):
    panel = cohort(exposure=[547.0, 549.0])
    ours, ratio = spec(panel), RateRatio()(panel)
    for name in ("estimate", "std_error", "statistic", "df", "conf_low", "conf_high"):
        assert getattr(ours, name) == pytest.approx(getattr(ratio, name), rel=IDENTITY), name
    assert ours.exposure == ratio.exposure


def test_equal_counts_carry_information():
    pairs = [[3, 3]] * 10 + [[2, 1]] * 5
    for spec in SHARED:
        assert np.log(spec(Panel.from_arrays(pairs)).estimate) == pytest.approx(np.log(35 / 40), abs=IDENTITY)


def test_the_conditional_poisson_of_statsmodels_drops_equal_counts():
    from statsmodels.discrete.conditional_models import ConditionalPoisson

    pairs = np.array([[3, 3]] * 10 + [[2, 1]] * 5)
    post = np.tile([0.0, 1.0], 15)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = ConditionalPoisson(pairs.ravel(), post[:, None], groups=np.repeat(np.arange(15), 2)).fit(disp=0)
    assert fit.params[0] == pytest.approx(-0.693, abs=5e-4)


@pytest.mark.parametrize("spec", ALL, ids=repr)
def test_a_side_without_events_has_exact_limits(spec):
    none_after = spec(Panel.from_arrays([[3, 0], [2, 0], [4, 0]]))
    assert none_after.estimate == 0
    assert none_after.conf_high == pytest.approx(0.025 ** (-1 / 9) - 1)  # p/(1-p) with (1-p)^9 = .025
    assert none_after.std_error is None
    none_before = spec(Panel.from_arrays([[0, 3], [0, 2], [0, 4]]))
    assert none_before.estimate is None
    assert none_before.conf_low > 1
    with pytest.raises(DegenerateDataError, match="IOM-E064"):
        spec(Panel.from_arrays([[0, 0], [0, 0]]))
    with pytest.raises(InputError, match="IOM-E066"):
        spec(Panel.from_arrays([[1.5, 2.0], [3.0, 1.0]], kind="score"))


@pytest.mark.parametrize("spec", ALL, ids=repr)
def test_a_batch_is_one_at_a_time_also_where_a_side_is_empty(spec):
    y = draw(np.random.default_rng(4), 4, n=60)
    y[1, :, 1] = 0
    y[2] = 0
    panel = Panel.from_arrays(y)
    ours, loop = batch(spec, panel), batch_by_loop(spec, panel)
    assert ours.code.tolist() == loop.code.tolist() == [0, 0, 64, 0]
    for name in ("estimate", "std_error", "conf_low", "conf_high", "p_value"):
        assert getattr(ours, name) == pytest.approx(getattr(loop, name), rel=1e-8, nan_ok=True)


def test_windows_add_up_and_missing_ones_leave_both_sums():
    rng = np.random.default_rng(2)
    y = rng.poisson(np.exp(rng.normal(0, 0.5, 90))[:, None] * [1, 1, 1, 0.7, 0.7, 0.7])
    windows = [Window(f"w{k}", post=k > 2) for k in range(6)]
    whole = Panel.from_arrays(y, windows=windows)
    for spec in (PoissonMixed(mixing="lognormal"), PoissonFixedEffects()):
        assert spec(whole).estimate == pytest.approx(y[:, 3:].sum() / y[:, :3].sum(), rel=IDENTITY)
    outcome = y.astype(float)
    outcome[:9, 4:] = np.nan
    outcome[:3, 3:] = np.nan
    e = PoissonMixed()(Panel.from_arrays(outcome, windows=windows, missing="keep"))
    f = PoissonFixedEffects()(Panel.from_arrays(outcome, windows=windows, missing="keep"))
    assert (e.n_used, f.n_used) == (90, 87)
    assert "81 of 90 people have every window; 9 are used" in e.note
    assert "87 of 90" in f.note


def test_covariates_shift_the_level_and_interactions_the_change():
    rng = np.random.default_rng(6)
    n = 3000
    old = rng.integers(0, 2, n).astype(float)
    frailty = np.exp(rng.normal(0, 0.4, n))
    mean = np.exp(1.2 - 0.5 * old)[:, None] * np.column_stack([np.ones(n), np.exp(-0.6 + 0.3 * old)])
    panel = Panel.from_arrays(rng.poisson(frailty[:, None] * mean), covariates={"old": old})
    for spec in (
        PoissonMixed(mixing="lognormal", covariates="old + post:old"),
        NegativeBinomialMixed(covariates="old + post:old"),
    ):
        e = spec(panel)
        truth = {"post": -0.6, "old": -0.5, "post:old": 0.3}
        for name, value in truth.items():
            assert abs(e.params[name] - value) < 4.5 * e.bse[name]
        assert "covariates are 0" in e.note
    fixed = PoissonFixedEffects(covariates="post:old")(panel)
    assert abs(fixed.params["post:old"] - 0.3) < 4.5 * fixed.bse["post:old"]
    with pytest.raises(NotIdentifiedError, match=r"IOM-E068.*old"):
        PoissonFixedEffects(covariates="old")(panel)


def test_effects_of_every_month_absorb_the_change():
    y = np.random.default_rng(1).poisson(2.0, (40, 4))
    windows = [Window(f"w{k}", 100 * k - 200, 100 * k - 100, post=k > 1) for k in range(4)]
    panel = Panel.from_arrays(y, windows=windows)
    with pytest.raises(NotIdentifiedError, match="IOM-E068"):
        PoissonFixedEffects(covariates="C(time)")(panel)
    assert PoissonFixedEffects(covariates="time")(panel).parts[1].term == "time"


def test_a_level_without_events_is_named_not_printed_as_a_huge_number():
    y = draw(np.random.default_rng(3), 1, n=60)[0]
    gone = np.arange(60) < 12
    y[gone, 1] = 0
    panel = Panel.from_arrays(y, covariates={"gone": gone.astype(float)})
    for spec in (
        PoissonFixedEffects(covariates="post:gone"),
        PoissonMixed(covariates="gone + post:gone"),
        NegativeBinomialMixed(covariates="gone + post:gone"),
    ):
        with pytest.raises(NotIdentifiedError, match="IOM-E068"):
            spec(panel)


def test_people_who_do_not_differ_get_a_limit_not_a_number():
    y = np.array([[2, 3], [3, 2], [2, 2], [3, 3], [2, 3], [3, 3], [4, 2]])
    for mixing in ("gamma", "lognormal"):
        e = PoissonMixed(mixing=mixing)(Panel.from_arrays(y))
        assert e.diagnostics["frailty_is_zero"]
        assert e.diagnostics["frailty_sd"] == 0
        assert 0 < e.diagnostics["frailty_sd_high"] < 2
        assert e.diagnostics["likelihood_ratio_p"] == 1
        assert "variance is 0" in e.note
        assert [p.term for p in e.parts] == ["intercept", "post"]


def test_bivariate_frailties_tell_two_ratios_apart():
    panel = cohort(exposure=[547.0, 549.0])
    population = PoissonMixed(mixing="bivariate")(panel)
    conditional = PoissonMixed(mixing="bivariate", ratio="conditional")(panel)
    assert population.estimand == "descriptive_change"
    assert conditional.estimand == "conditional_ratio"
    assert population.estimate == pytest.approx(population.diagnostics["population_ratio"])
    assert conditional.estimate == pytest.approx(population.diagnostics["conditional_ratio"])
    assert conditional.estimate < population.estimate
    assert population.estimate == pytest.approx(RateRatio()(panel).estimate, rel=0.03)


def test_a_correlation_of_one_gets_a_profile_interval():
    y = draw(np.random.default_rng(12), 1, n=120, same=True)[0]
    e = PoissonMixed(mixing="bivariate")(Panel.from_arrays(y))
    if "at its bound" in e.note:
        assert e.conf_low < e.estimate < e.conf_high
    assert abs(e.diagnostics["frailty_correlation"]) <= 1
    assert e.conf_high / e.conf_low < 2


def test_the_model_based_error_says_that_it_is_too_narrow():
    e = PoissonMixed(se="model")(cohort())
    assert "too narrow" in e.note
    assert e.df is None or np.isinf(e.df)
    assert e.conf_high - e.conf_low < PoissonMixed()(cohort()).conf_high - PoissonMixed()(cohort()).conf_low


def test_settings_are_checked():
    with pytest.raises(SpecError, match="IOM-E092"):
        PoissonMixed(nodes=14)
    with pytest.raises(SpecError):
        PoissonMixed(mixing="normal")
    with pytest.raises(SpecError, match="IOM-E091"):
        NegativeBinomialMixed(covariates="__import__('os')")
    with pytest.raises(InputError, match="IOM-E047"):
        PoissonMixed()(Panel.from_arrays(draw(np.random.default_rng(1), 2, n=5)))


def coverage(spec, replicates, seed):
    panel = Panel.from_arrays(draw(np.random.default_rng(seed), replicates))
    e = batch(spec, panel)
    assert (e.code == 0).all()
    truth = 3.61 / 6.84
    return int(((e.conf_low <= truth) & (truth <= e.conf_high)).sum())


@pytest.mark.parametrize("replicates", [2000, pytest.param(10_000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("spec", [PoissonFixedEffects(), PoissonMixed(), PoissonMixed(mixing="lognormal")], ids=repr)
def test_the_default_interval_covers_at_its_level(spec, replicates):
    covered = coverage(spec, replicates, seed=20121101)
    low, high = stats.binom.ppf(BAND / 2, replicates, 0.95), stats.binom.isf(BAND / 2, replicates, 0.95)
    assert low <= covered <= high


@pytest.mark.slow
@pytest.mark.parametrize("spec", [PoissonMixed(mixing="bivariate"), NegativeBinomialMixed()], ids=repr)
def test_models_with_more_variation_cover_too(spec):
    covered = coverage(spec, 2000, seed=7)
    assert covered >= stats.binom.ppf(BAND / 2, 2000, 0.94)


@pytest.mark.parametrize("replicates", [2000, pytest.param(10_000, marks=pytest.mark.slow)])
def test_the_model_based_interval_covers_about_85_in_100(replicates):
    share = coverage(PoissonMixed(mixing="lognormal", se="model"), replicates, seed=20121101) / replicates
    assert 0.82 < share < 0.88

"""Every prior against scipy.stats, under one contract, and in its TOML form."""

import copy
import math
import pickle
import tomllib
from dataclasses import fields

import numpy as np
import pytest
from scipy import stats

import iom_causal as iom
from iom_causal.base.specs import to_toml
from iom_causal.beliefs import Distribution, Range, as_table, at_score, draws, ends, is_belief, parse
from iom_causal.beliefs.distributions import DISTRIBUTIONS, END, LOG_SPREAD, PLACE, SHAPE, SPREAD
from iom_causal.errors import SpecError
from iom_causal.sensitivity.tipping import tipping

EXACT = 1e-12
SIZE = 200_000
STEPS = 5.0  # standard errors of a mean and of a share: one false alarm in a million

PRIORS = [
    (iom.Normal(-0.2, 0.5), stats.norm(-0.2, 0.5)),
    (iom.LogNormal(0.85, 0.3), stats.lognorm(0.3, scale=0.85)),
    (iom.Uniform(0.7, 1.1), stats.uniform(0.7, 0.4)),
    (iom.HalfNormal(0.4), stats.halfnorm(scale=0.4)),
    (iom.TruncatedNormal(0.9, 0.2, 0.0, 1.0), stats.truncnorm(-4.5, 0.5, 0.9, 0.2)),
    (iom.TruncatedNormal(0.2, 0.1, 0.0, math.inf), stats.truncnorm(-2, math.inf, 0.2, 0.1)),
    (iom.TruncatedNormal(0.0, 0.1, -math.inf, -0.3), stats.truncnorm(-math.inf, -3, 0.0, 0.1)),
    (iom.TruncatedNormal(0.0, 0.1, 1.0, 2.0), stats.truncnorm(10, 20, 0.0, 0.1)),
    (iom.Beta(2.0, 8.0), stats.beta(2, 8)),
    (iom.Beta(0.5, 0.5), stats.beta(0.5, 0.5)),
]


@pytest.fixture(params=PRIORS, ids=lambda pair: repr(pair[0]))
def pair(request):
    return request.param


def test_every_distribution_is_here_and_at_the_root():
    assert {type(prior) for prior, _ in PRIORS} == set(DISTRIBUTIONS)
    assert all(getattr(iom, kind.__name__) is kind for kind in DISTRIBUTIONS)


def test_its_values_at_normal_scores_are_quantiles(pair):
    prior, theirs = pair
    z = np.linspace(-4.0, 4.0, 17)
    lower, upper = theirs.ppf(stats.norm.cdf(z)), theirs.isf(stats.norm.sf(z))
    np.testing.assert_allclose(prior.at_score(z), np.where(z < 0, lower, upper), rtol=1e-9, atol=1e-12)
    assert at_score(prior, np.zeros(1))[0] == pytest.approx(prior.centre, rel=1e-12)


def test_median_and_support_are_those_of_scipy(pair):
    prior, theirs = pair
    assert prior.centre == pytest.approx(theirs.median(), rel=1e-9)
    assert prior.support == pytest.approx(theirs.support(), rel=EXACT)
    assert ends(prior) == (prior.centre, prior.centre)


def test_the_density_is_that_of_scipy(pair):
    prior, theirs = pair
    low, high = theirs.ppf([0.001, 0.999])
    x = np.concatenate([np.linspace(low, high, 101), [low - 1e3, high + 1e3]])
    with np.errstate(all="ignore"):
        found, wanted = prior.log_density(x), theirs.logpdf(x)
    assert found[:-2] == pytest.approx(wanted[:-2], rel=1e-9, abs=1e-9)
    assert np.isneginf(found[-2:]).tolist() == [not a <= v <= b for v in x[-2:] for a, b in [prior.support]]


def test_a_fixed_value_has_no_density():
    for fixed in (iom.Normal(0, 0), iom.LogNormal(1, 0), iom.Uniform(1, 1), iom.HalfNormal(0)):
        with pytest.raises(SpecError, match="IOM-E092"):
            fixed.log_density(np.zeros(1))


@pytest.mark.parametrize("level", [0.5, 0.95])
def test_between_states_a_prior_by_the_ends_of_its_interval(level):
    normal, ratio = iom.Normal.between(-3, 7, level), iom.LogNormal.between(0.5, 4, level)
    tails = [(1 - level) / 2, (1 + level) / 2]
    assert stats.norm(normal.mean, normal.sd).ppf(tails) == pytest.approx([-3, 7], rel=1e-9)
    assert stats.lognorm(ratio.sd, scale=ratio.median).ppf(tails) == pytest.approx([0.5, 4], rel=1e-9)


@pytest.mark.parametrize(
    ("kind", "ends", "level"), [(iom.Normal, (1, 0), 0.9), (iom.LogNormal, (0, 1), 0.9), (iom.Normal, (0, 1), 1)]
)
def test_between_refuses_what_is_no_interval(kind, ends, level):
    with pytest.raises(SpecError, match="IOM-E092"):
        kind.between(*ends, level)


def test_draws_have_the_moments_and_quantiles_of_scipy(pair):
    prior, theirs = pair
    drawn = prior.sample(np.random.default_rng(7), SIZE)
    low, high = prior.support
    assert drawn.shape == (SIZE,)
    assert ((drawn >= low) & (drawn <= high)).all()
    assert drawn.mean() == pytest.approx(theirs.mean(), abs=STEPS * theirs.std() / SIZE**0.5)
    excess = float(theirs.stats(moments="k"))
    assert drawn.var() == pytest.approx(theirs.var(), rel=STEPS * ((2 + excess) / SIZE) ** 0.5)
    for share in (0.01, 0.25, 0.5, 0.9, 0.999):
        below = (drawn <= theirs.ppf(share)).mean()
        assert below == pytest.approx(share, abs=STEPS * (share * (1 - share) / SIZE) ** 0.5)


def test_a_seed_gives_the_same_draws(pair):
    prior, _ = pair
    first, second = (draws(prior, np.random.default_rng(3), 4).tolist() for _ in range(2))
    assert first == second


def test_a_prior_keeps_the_contract(pair):
    prior, _ = pair
    assert isinstance(prior, Distribution)
    assert is_belief(prior)
    assert eval(repr(prior), {**vars(iom.beliefs), "inf": math.inf}) == prior  # noqa: S307 our own words
    assert pickle.loads(pickle.dumps(prior)) == copy.deepcopy(prior) == prior  # noqa: S301 our own bytes
    assert len({prior, copy.copy(prior)}) == 1
    assert len(prior.form) == len(fields(prior))
    assert set(prior.form.values()) <= {PLACE, END, SPREAD, LOG_SPREAD, SHAPE}


def test_toml_reads_what_toml_writes(pair):
    prior, _ = pair
    table = as_table(prior)
    assert parse(table) == prior
    assert parse(tomllib.loads(to_toml({"settings": {"ratio": table}}))["settings"]["ratio"]) == prior


def test_no_two_forms_have_the_same_keys():
    forms = [frozenset(kind.form) for kind in (Range, *DISTRIBUTIONS)]
    assert len(set(forms)) == len(forms)


@pytest.mark.parametrize("table", [{"sd": 1}, {"mean": 0, "sd": 1, "low": 0}, {"alpha": 2}, {"low": 0, "sd": 1}])
def test_a_form_that_is_none_names_all_that_are(table):
    with pytest.raises(
        SpecError, match=r"ratio: expected a number, \{low, high\}.*\{half_normal_sd\}.* or \{alpha, beta\}"
    ):
        parse(table, "ratio")


@pytest.mark.parametrize("value", [lambda: 0, object(), "0.7", True, None, (0.7, 1.0), np.ones(2)])
def test_what_is_no_belief_is_none(value):
    assert not isinstance(value, Distribution)
    assert not is_belief(value)


@pytest.mark.parametrize(
    "bad",
    [
        lambda: iom.HalfNormal(-1),
        lambda: iom.HalfNormal(math.inf),
        lambda: iom.TruncatedNormal(0, 0, 0, 1),
        lambda: iom.TruncatedNormal(0, 1, 1, 1),
        lambda: iom.TruncatedNormal(0, 1, math.nan, 1),
        lambda: iom.TruncatedNormal(math.inf, 1, 0, 1),
        lambda: iom.TruncatedNormal(0, 1, low=True, high=2),
        lambda: iom.Beta(0, 1),
        lambda: iom.Beta(1, "2"),
    ],
)
def test_impossible_parameters_are_refused(bad):
    with pytest.raises(SpecError, match="IOM-E092"):
        bad()


def test_a_truncated_normal_far_from_its_mean_is_drawn_inside():
    prior = iom.TruncatedNormal(0.0, 1.0, 40.0, 41.0)
    drawn = prior.sample(np.random.default_rng(1), 1_000)
    assert drawn.mean() == pytest.approx(40 + 1 / 40, abs=2e-3)  # an exponential tail with rate 40


@pytest.mark.parametrize(
    ("belief", "said"),
    [
        (iom.HalfNormal(50), r"did you mean HalfNormal\(0.5\)"),
        (iom.TruncatedNormal(80, 10, 50, 100), r"did you mean TruncatedNormal\(0.8, 0.1, 0.5, 1\)"),
        (iom.TruncatedNormal(80, 10, 0, math.inf), r"did you mean TruncatedNormal\(0.8, 0.1, 0, inf\)"),
    ],
)
def test_percentages_are_asked_about(belief, said):
    with pytest.raises(SpecError, match=said):
        iom.Detection(ratio=belief)


@pytest.mark.parametrize("belief", [iom.HalfNormal(0.2), iom.TruncatedNormal(0.1, 0.1, 0, 2)])
def test_a_prior_that_reaches_outside_its_field_is_refused(belief):
    with pytest.raises(SpecError, match="false_post: expected a number 0 or more"):
        iom.Detection(false_post=belief)


@pytest.mark.parametrize("belief", [iom.HalfNormal(0.2), iom.TruncatedNormal(0.9, 0.1, 0.5, 1.2), iom.Beta(8.0, 2.0)])
def test_a_ledger_draws_from_a_new_prior_and_tipping_moves_it(belief):
    data = iom.Moments.from_summary(n=225, mean_pre=6.84, sd_pre=6.0, mean_post=3.61, sd_post=4.0, r=0.4)
    ledger = iom.Ledger([iom.Detection(ratio=belief)])
    found = ledger(data, rng=1)
    known = iom.Ledger([iom.Detection(ratio=belief.centre)])(data, rng=1)
    assert found.conf_high - found.conf_low > known.conf_high - known.conf_low
    assert tipping(ledger, data, "detection.ratio").now == belief.centre


def people():
    return iom.Panel.from_arrays(
        np.random.default_rng(2).poisson(4.0, (50, 2)), name="arrests", exposure=[365.0, 365.0]
    )


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "prior",
    [
        iom.Beta(2, 0.25),
        iom.Beta(0.01, 0.01),
        iom.HalfNormal(1e-323),
        iom.LogNormal(5e-324, 0.5),
        iom.LogNormal(1e300, 100.0),
        iom.TruncatedNormal(0, 1e-320, 0, 1),
        iom.TruncatedNormal(-1, 1e-160, 0, 1),
        iom.TruncatedNormal(0, 1e-320, 0.5, 1),
        iom.TruncatedNormal(0, 1e300, 0, 1),
        iom.Uniform(0, 1e-322),
    ],
    ids=repr,
)
def test_draws_are_inside_the_support_where_rounding_puts_them_on_an_end(prior):
    low, high = prior.support
    drawn = prior.sample(np.random.default_rng(1), 20_000)
    assert ((drawn > low) & (drawn < high)).all()


@pytest.mark.parametrize(("mean", "sd"), [(0.0, 1e300), (0.5, 1e20), (1e12, 1e25), (0.0, 1e5), (-40.0, 1e9)])
def test_a_truncated_normal_that_is_flat_between_its_ends_is_uniform(mean, sd):
    prior = iom.TruncatedNormal(mean, sd, 0, 1)
    drawn = prior.sample(np.random.default_rng(1), SIZE)
    assert prior.centre == pytest.approx(0.5, abs=1e-8)
    assert stats.kstest(drawn, "uniform").pvalue > 1e-3


def test_draws_that_no_end_touches_keep_their_bytes():
    # Of numpy's own generators, and of the inversion as scipy's quantile has it.
    assert (
        iom.Beta(2.0, 8.0).sample(np.random.default_rng(3), 9).tobytes()
        == np.random.default_rng(3).beta(2, 8, 9).tobytes()
    )
    assert (
        iom.Uniform(0.7, 1.1).sample(np.random.default_rng(3), 9).tobytes()
        == np.random.default_rng(3).uniform(0.7, 1.1, 9).tobytes()
    )


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "confound",
    [
        iom.Breach(after=iom.Beta(2, 0.25)),
        iom.Breach(after=iom.Beta(2, 0.05)),
        iom.Detection(ratio=iom.Beta(0.01, 0.01)),
        iom.Detection(ratio=iom.Beta(0.001, 0.5)),
        iom.Detection(ratio=iom.TruncatedNormal(0, 1e300, 0, 1)),
        iom.Detection(ratio=iom.TruncatedNormal(0, 1e-320, 0.5, 1)),
    ],
    ids=repr,
)
def test_a_ledger_takes_priors_with_mass_near_a_bound(confound):
    found = iom.Ledger([confound])(people(), rng=1)
    assert found.conf_low <= found.estimate <= found.conf_high
    assert math.isfinite(found.std_error)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "made",
    [
        lambda: iom.Detection(false_post=iom.Beta(10, 0.01)),
        lambda: iom.Attrition(untracked=iom.Beta(1, 0.01)),
        lambda: iom.Detection(ratio=iom.Uniform(0, 5e-324)),
        lambda: iom.Detection(ratio=iom.TruncatedNormal(0, 0.1, -1, 0)),
        lambda: iom.Detection(ratio=iom.HalfNormal(0)),
        lambda: iom.Breach(after=iom.Uniform(1 - 1e-16, 1)),
    ],
)
def test_a_prior_of_which_half_is_on_an_open_bound_is_refused(made):
    with pytest.raises(SpecError, match=r"IOM-E092.*expected a number"):
        made()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("confound", "said"),
    [
        (iom.Detection(ratio=iom.HalfNormal(1e-320)), "leave a remainder beyond all numbers"),
        (iom.Detection(ratio=1e-320), "leave a remainder beyond all numbers"),
        (iom.Attrition(delta=iom.Normal(0, 1e308)), "attrition: its beliefs reach values"),
    ],
    ids=repr,
)
def test_a_ledger_beyond_all_numbers_says_so(confound, said):
    with pytest.raises(SpecError, match=f"IOM-E092.*{said}"):
        iom.Ledger([confound])(people(), rng=1)

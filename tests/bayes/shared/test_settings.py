"""Settings that several Bayesian models share are refused in words."""

import numpy as np
import pytest

import iom_causal as iom
from iom_causal import bayes
from iom_causal.errors import IomCausalError, SpecError
from iom_causal.panel import Panel


@pytest.mark.parametrize(
    "wrong", [{"draws": 0}, {"chains": 0}, {"tune": -1}, {"target_accept": 2}, {"sampler": "stan"}]
)
def test_a_chain_of_no_length_or_unknown_sampler_is_refused(wrong):
    with pytest.raises(IomCausalError):
        bayes.Nuts(**wrong)


@pytest.mark.parametrize(
    "made", [bayes.PrePostCounts, bayes.PrePostScores, bayes.MonthlySeries, bayes.JointOutcomes, bayes.SelectionModel]
)
def test_settings_of_a_chain_as_a_dict_are_a_wrong_setting_and_no_data(made):
    with pytest.raises(SpecError, match=rf"IOM-E092: {made.__name__} nuts: expected Nuts\(draws=100\), got dict"):
        made(nuts={"draws": 100})
    with pytest.raises(SpecError, match=r"IOM-E092.*expected a Nuts, got dict"):
        made(nuts={"length": 100})
    with pytest.raises(SpecError, match="IOM-E097"):
        made(level={"a": [1, 2]})


def test_nutpie_is_refused_where_it_is_not_installed_and_pymc_stands_in(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(SpecError, match=r"IOM-E092.*pip install nutpie"):
        bayes.Nuts(sampler="nutpie")
    assert bayes.Nuts(sampler="pymc").named == bayes.Nuts().named == "pymc"


@pytest.mark.parametrize("prior", [iom.LogNormal(0.9, 0.2), iom.Uniform(5, 6), iom.HalfNormal(1)])
def test_a_prior_of_a_log_ratio_on_another_scale_is_refused(prior):
    for made in (
        lambda: bayes.PrePostCounts(log_ratio=prior),
        lambda: bayes.JointOutcomes(log_ratio=prior),
    ):
        with pytest.raises(SpecError, match="IOM-E092"):
            made()


def test_a_selection_model_says_of_which_scale_its_prior_is():
    with pytest.raises(SpecError, match="the log of a ratio"):
        bayes.SelectionModel(log_ratio=iom.LogNormal(0.9, 0.2))


def test_spreads_that_may_be_negative_are_refused():
    for made in (
        lambda: bayes.PrePostScores(sd_before=iom.Normal(0, 3)),
        lambda: bayes.JointOutcomes(score_sd=iom.Normal(0, 3)),
    ):
        with pytest.raises(SpecError, match="IOM-E092"):
            made()


def test_a_prior_of_the_change_with_ends_has_a_result():
    rng = np.random.default_rng(1)
    before = rng.normal(60, 10, 40)
    panel = Panel.from_arrays(np.stack([before, before - 3 + rng.normal(0, 5, 40)], axis=-1), kind="score")
    found = bayes.PrePostScores(change=iom.TruncatedNormal(0, 5, -20, 20))(panel, rng=1)
    assert -6 < found.estimate < 0


@pytest.mark.parametrize("seed", [1, 2])
def test_a_step_of_the_search_beyond_the_bounds_of_frailties_is_no_bug(seed):
    counts = np.random.default_rng(1).poisson(5, (6, 30, 2))[2]
    assert bayes.PrePostCounts(mixing="bivariate")(Panel.from_arrays(counts), rng=seed).estimate > 0

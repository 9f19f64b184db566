"""Checks of a result on a posterior in closed form, whose tree is written by hand: nothing is compiled."""

import logging
import pickle
import warnings
from dataclasses import dataclass, replace

import numpy as np
import pytest
from scipy.special import gammaln

from iom_causal.base.result import Result
from iom_causal.base.specs import FrozenMap
from iom_causal.base.wording import violations
from iom_causal.bayes import BiasModel
from iom_causal.bayes.checks import convergence, loo, posterior_predictive, power_scaling, prior_predictive
from iom_causal.bayes.shared.posterior import Posterior
from iom_causal.bayes.shared.tree import PosteriorTree, PosteriorTrees
from iom_causal.beliefs import Range
from iom_causal.confounds import Detection
from iom_causal.errors import NotIdentifiedError, SpecError
from iom_causal.estimate import Estimate
from iom_causal.estimators import RateRatio
from iom_causal.panel import Panel


@dataclass(frozen=True)
class Rate:
    """Counts of one rate in both windows, with a gamma prior."""

    shape: float = 2.0
    scale: float = 2.0
    names = ("log rate",)

    def __call__(self, panel, *, rng=None):
        raise NotImplementedError

    def prior_draws(self, size, rng):
        return np.log(rng.gamma(self.shape, self.scale, (size, 1)))

    def simulate(self, panel, z, rng):
        return replace(panel, outcome=rng.poisson(np.exp(z)[:, None, :], (len(z), *panel.outcome.shape)))


def result(y, model=None, **settings):
    model = model or Rate()
    panel = Panel.from_arrays(y, name="arrests", **settings)
    people = panel.outcome if panel.weight is None else np.repeat(panel.outcome, panel.weight, axis=0)
    shape, rate = model.shape + people.sum(), 1 / model.scale + people.size
    theta = np.random.default_rng(1).gamma(shape, 1 / rate, 2000)
    posterior = Posterior(names=model.names, draws=np.log(theta)[None, :, None], sampler="grid")
    held = PosteriorTree(model, panel, posterior, 7, kept=tree(theta, people, model))
    return Estimate(
        outcome="arrests", method="example", held=held, diagnostics=FrozenMap({"sampler": "grid"}), spec=model
    )


def tree(theta, people, model):
    import arviz as az

    each = people.sum(1) * np.log(theta)[:, None] - 2 * theta[:, None] - gammaln(people + 1).sum(1)
    prior = (model.shape - 1) * np.log(theta) - theta / model.scale
    made = az.from_dict(
        {
            "posterior": {"rate": theta[None]},
            "log_likelihood": {"arrests": each[None]},
            "log_prior": {"rate": prior[None]},
        }
    )
    made["posterior"].attrs["sampler"] = "grid"
    return made


def alike(n=60, rate=4.0):
    return np.random.default_rng(2).poisson(rate, (n, 2))


def test_people_of_the_model_pass_and_other_people_are_marked():
    assert posterior_predictive(result(alike())).passed
    unlike = np.random.default_rng(2).poisson(np.random.default_rng(3).gamma(0.7, 6.0, (60, 1)), (60, 2))
    found = posterior_predictive(result(unlike))
    marked = found.tidy().set_index("statistic")["extreme"]
    assert marked[["zeros before", "variance / mean before", "correlation"]].all()
    assert not marked["mean before"]
    assert f"correlation: the observed {found.observed['correlation']:.4g} is among the highest 1%" in "; ".join(
        found.notes
    )
    assert violations(found.summary()) == ()


def test_the_prior_predictive_is_that_of_the_prior():
    found = prior_predictive(result(alike()), size=4000)
    means = found.replicated["mean before"]
    assert means.mean() == pytest.approx(4.0, abs=4 * means.std() / np.sqrt(4000))
    assert prior_predictive(result(alike(), Rate(shape=500.0, scale=0.001))).notes  # 0.5 events, and 4 observed


def test_seeds_give_the_same_replicates():
    one, two = (posterior_predictive(result(alike()), rng=3) for _ in range(2))
    assert one == two == pickle.loads(pickle.dumps(one))  # noqa: S301 our own bytes
    assert posterior_predictive(result(alike())) == posterior_predictive(result(alike()))
    assert one != posterior_predictive(result(alike()), rng=4)


def test_rows_that_stand_for_several_people_are_as_many():
    y = alike()
    unique, times = np.unique(y, axis=0, return_counts=True)
    one, rows = posterior_predictive(result(y)), posterior_predictive(result(unique, weight=times))
    assert rows.observed == pytest.approx(dict(one.observed))
    low, high = (f.replicated["variance / mean before"].std() for f in (one, rows))
    assert low == pytest.approx(high, rel=0.15)


def test_rows_of_parts_of_people_cannot_be_simulated():
    made = result(alike(3))
    parts = Panel.from_arrays(alike(3), weight=np.array([0.5, 1.0, 1.0]))
    with pytest.raises(SpecError, match="whole number of people"):
        posterior_predictive(replace(made, held=replace(made.held, panel=parts)))


def test_loo_is_by_person_and_marks_who_is_influential():
    found = loo(result(alike()))
    assert found.passed
    assert found.pareto_k.size == found.tidy()["left_out"][0] == 60
    # of one rate: the exact predictive of each person given the others is negative multinomial
    assert found.elpd == pytest.approx(exact_elpd(alike(), Rate()), abs=0.02)
    far = alike()
    far[0] = 400
    assert "1 person has a Pareto k above" in " ".join(loo(result(far)).notes)


def test_loo_of_a_series_speaks_of_windows():
    made = result(alike())
    made.held.kept["log_likelihood"].attrs["of"] = "windows"
    found = loo(made)
    assert "60 windows" in found.summary()
    assert found.tidy()["of"][0] == "windows"
    assert found.plot().get_xlabel() == "windows, in rising order"
    far = alike()
    far[0] = 400
    marked = result(far)
    marked.held.kept["log_likelihood"].attrs["of"] = "windows"
    assert "1 window has a Pareto k above" in loo(marked).notes[0]
    assert "60 people" in loo(result(alike())).summary()


def exact_elpd(y, model):
    total, n = y.sum(), len(y)
    out = 0.0
    for pair in y:
        shape, rate = model.shape + total - pair.sum(), 1 / model.scale + 2 * (n - 1)
        out += (gammaln(shape + pair.sum()) - gammaln(shape) - gammaln(pair + 1).sum() + shape * np.log(rate)) - (
            shape + pair.sum()
        ) * np.log(rate + 2)
    return out


def test_without_a_log_likelihood_of_each_person_loo_says_so():
    made = result(alike())
    del made.held.kept["log_likelihood"]
    with pytest.raises(NotIdentifiedError, match="no one log likelihood"):
        loo(made)


def test_a_strong_prior_moves_its_posterior_and_a_weak_one_does_not():
    weak, strong = power_scaling(result(alike())), power_scaling(result(alike(4), Rate(200.0, 0.01)))
    assert weak.passed
    assert weak.prior["rate"] < weak.threshold < weak.likelihood["rate"]
    assert strong.diagnosis("rate")
    assert strong.notes[0].startswith("rate: ")


def test_few_components_are_scaled_each_and_everybodys_are_left_out():
    import arviz as az

    made = result(alike())
    rng = np.random.default_rng(1)
    made.held.kept["posterior"] = az.convert_to_datatree(
        {"rate": made.held.kept["posterior"]["rate"].to_numpy(), "lines": rng.normal(size=(1, 2000, 2))}
        | {"fixed": np.ones((1, 2000)), "frailty": rng.normal(size=(1, 2000, 60))}
    )["posterior"]
    assert list(power_scaling(made).prior) == ["rate", "lines[0]", "lines[1]"]


def test_a_set_has_no_one_posterior_to_check():
    ranges = BiasModel((Detection(ratio=Range(0.8, 1.0)),), draws=2000)(Panel.from_arrays(alike()), rng=1)
    assert convergence(ranges).passed
    for check in (loo, power_scaling):
        with pytest.raises(SpecError, match="no one posterior"):
            check(ranges)
    with pytest.raises(SpecError, match="no model of people"):
        posterior_predictive(ranges)


def test_a_tree_of_trees_has_no_one_posterior_to_check():
    one = result(alike())
    both = replace(one, held=PosteriorTrees({"gamma": one.held, "lognormal": one.held}))
    for check in (loo, power_scaling):
        with pytest.raises(SpecError, match="no one posterior"):
            check(both)


@pytest.mark.parametrize(
    ("figures", "marked"),
    [
        ({"sampler": "grid"}, False),
        ({"sampler": "importance", "pareto_k": 0.3, "effective_draws": 600.0}, False),
        ({"sampler": "importance", "pareto_k": 0.9, "effective_draws": 600.0}, True),
        ({"sampler": "nutpie", "r_hat": 1.0, "ess_bulk": 900, "ess_tail": 800, "divergences": 0, "bfmi": 0.9}, False),
        ({"sampler": "nutpie", "r_hat": 1.2, "ess_bulk": 900, "ess_tail": 800, "divergences": 3, "bfmi": 0.9}, True),
    ],
)
def test_the_gate_marks_and_never_raises(figures, marked):
    found = convergence(replace(result(alike()), diagnostics=FrozenMap(figures)))
    assert found.passed is not marked
    assert len(found.tidy()) == len(figures) - 1


CHECKS = [prior_predictive, posterior_predictive, loo, power_scaling, convergence]


@pytest.mark.parametrize("check", CHECKS)
def test_every_check_is_a_result_and_prints_nothing(check, capfd):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = check(result(alike(4), Rate(200.0, 0.01)))
    assert isinstance(found, Result)
    assert tuple(found.tidy().columns) == found.COLUMNS
    assert found.summary().startswith("arrests: ")
    assert found.plot().get_xlabel()
    assert capfd.readouterr() == ("", "")
    assert logging.getLogger("arviz_stats").level == logging.NOTSET


@pytest.mark.parametrize("check", CHECKS)
def test_another_result_is_refused_in_words(check):
    with pytest.raises(SpecError, match="the result of a Bayesian model"):
        check(RateRatio()(Panel.from_arrays(alike())))


def test_a_model_that_draws_no_people_says_where_to_look():
    class Bare:
        pass

    made = result(alike())
    with pytest.raises(SpecError, match="Bare draws no people"):
        posterior_predictive(replace(made, held=replace(made.held, spec=Bare())))

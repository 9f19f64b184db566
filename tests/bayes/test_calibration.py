"""Calibration by simulation, on posteriors in closed form and on each model with a quick posterior."""

import pickle
from dataclasses import dataclass, replace

import numpy as np
import pytest

from iom_causal.bayes import PrePostCounts
from iom_causal.bayes.calibration import COLUMNS, posterior_sbc, sbc
from iom_causal.bayes.shared.posterior import Posterior
from iom_causal.bayes.shared.simulated import WithLikelihood, as_replicates, with_more_people
from iom_causal.bayes.shared.tree import PosteriorTree
from iom_causal.beliefs import HalfNormal, Normal
from iom_causal.errors import DegenerateDataError, InputError, SpecError
from iom_causal.estimate import Estimate
from iom_causal.panel import Panel
from iom_causal.windows import Window

SIMS = 2000


@dataclass(frozen=True)
class GammaPoisson:
    """Counts of one rate a day with a gamma prior, whose posterior is gamma in closed form."""

    shape: float = 2.0
    refuses: int = -1

    names = ("log rate",)

    def __call__(self, panel, *, rng=None):
        raise NotImplementedError

    def prior_draws(self, size, rng):
        return np.log(rng.gamma(self.shape, 1 / self.shape, (size, 1)))

    def simulate(self, panel, z, rng):
        mean = np.exp(z)[:, None, :] * np.broadcast_to(panel.exposure, panel.outcome.shape)
        return replace(panel, outcome=rng.poisson(mean))

    def posterior_draws(self, panel, size, rng):
        total = panel.outcome.sum((-1, -2))
        if (total == self.refuses).any():
            raise DegenerateDataError("IOM-E064", "a total that is refused")
        days = np.broadcast_to(1.0 if panel.exposure is None else panel.exposure, panel.outcome.shape[1:]).sum()
        return np.log(rng.gamma((self.shape + total)[:, None], 1 / (self.shape + days), (len(total), size)))[..., None]


@dataclass(frozen=True)
class WithLikelihoodToo(GammaPoisson):
    def log_likelihood(self, panel, z):
        total = panel.outcome.sum((-1, -2))[:, None]
        assert (total != self.refuses).all()
        days = np.broadcast_to(panel.exposure, panel.outcome.shape[1:]).sum()
        return total * z[..., 0] - np.exp(z[..., 0]) * days


@dataclass(frozen=True)
class Mismatched:
    """People of one model, and a posterior that is wrong on purpose."""

    truth: object
    fit: object = None
    shift: float = 0.0
    reads: bool = True
    offset: bool = True

    @property
    def names(self):
        return self.truth.names

    def __call__(self, panel, *, rng=None):
        raise NotImplementedError

    def prior_draws(self, size, rng):
        return self.truth.prior_draws(size, rng)

    def simulate(self, panel, z, rng):
        return self.truth.simulate(panel, z, rng)

    def posterior_draws(self, panel, size, rng):
        if not self.reads:
            return self.prior_draws(len(panel.outcome) * size, rng).reshape(len(panel.outcome), size, -1)
        seen = panel if self.offset else replace(panel, exposure=None, windows=UNDATED)
        draws = (self.fit or self.truth).posterior_draws(seen, size, rng)
        return draws + self.shift * draws.std(1, keepdims=True)


@dataclass(frozen=True)
class MismatchedToo(Mismatched):
    def log_likelihood(self, panel, z):
        return self.truth.log_likelihood(panel, z)


UNDATED = (Window("before"), Window("after", post=True))


def people(n=3):
    return Panel.from_arrays(np.zeros((n, 2), dtype=int), exposure=np.array([0.5, 2.5]), name="arrests")


@pytest.mark.parametrize(("model", "n"), [(GammaPoisson(), 3), (WithLikelihoodToo(), 3), (WithLikelihoodToo(), 225)])
def test_a_posterior_in_closed_form_is_calibrated(model, n):
    found = sbc(model, people(n), sims=SIMS, rng=1)
    assert found.calibrated, found.summary()
    assert found.ranks.shape == (SIMS, 2)
    assert found.ranks.min() == 0
    assert found.ranks.max() == 99


WRONG = {
    "prior too wide": {"fit": GammaPoisson(shape=2.0 / 1.5**2)},
    "no offset": {"offset": False},
    "shifted by a third of its SD": {"shift": 0.3},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_wrong_posterior_fails(wrong):
    assert "log rate" in sbc(MismatchedToo(WithLikelihoodToo(), **wrong), people(), sims=SIMS, rng=1).failed


def test_nothing_finds_a_prior_too_wide_where_there_are_many_people():
    wide = MismatchedToo(WithLikelihoodToo(), **WRONG["prior too wide"])
    assert sbc(wide, people(225), sims=SIMS, rng=1).calibrated


@pytest.mark.parametrize(
    "model", [Mismatched(GammaPoisson(), reads=False), MismatchedToo(WithLikelihoodToo(), reads=False)]
)
def test_a_posterior_that_is_the_prior_is_found_by_what_depends_on_the_outcomes_alone(model):
    found = sbc(model, people(), sims=SIMS, rng=1)
    assert found.failed == (found.quantities[-1],)
    assert found.tidy()["depends_on_outcomes"].tolist() == [False, True]


COUNTS = PrePostCounts()


def laid_out(n):
    return Panel.from_arrays(np.ones((n, 2), dtype=int), name="arrests", exposure=[60.0, 548.0])


@pytest.mark.parametrize("n", [3, 225])
def test_two_thousand_fits_on_grids_are_calibrated(n):
    found = sbc(COUNTS, laid_out(n), sims=SIMS, rng=1)
    assert found.calibrated, found.summary()
    assert found.quantities == (*COUNTS.names, "log likelihood")


WIDE = PrePostCounts(
    log_ratio=Normal(0.0, 0.35 * 1.5), log_mean=Normal(np.log(6.0), 2.25), frailty_variance=HalfNormal(1.5)
)
WRONG_COUNTS = {
    "prior of the ratio too wide": ({"fit": replace(COUNTS, log_ratio=WIDE.log_ratio)}, {"log_ratio"}),
    "all priors too wide": ({"fit": WIDE}, {"log_mean", "log_ratio", "log_frailty_variance"}),
    "no offset": ({"offset": False}, {"log_mean", "log_ratio", "log likelihood"}),
    "shifted by a third of its SD": ({"shift": 0.3}, {*COUNTS.names, "log likelihood"}),
    "nothing but the prior": ({"reads": False}, {"log likelihood"}),
}


@pytest.mark.slow
@pytest.mark.parametrize(("wrong", "finds"), WRONG_COUNTS.values(), ids=WRONG_COUNTS)
def test_wrong_grids_fail_by_what_is_wrong(wrong, finds):
    found = sbc(MismatchedToo(COUNTS, **wrong), laid_out(3), sims=SIMS, rng=1)
    assert set(found.failed) == finds, found.summary()


@pytest.mark.slow
def test_nothing_finds_priors_too_wide_of_many_counts():
    assert sbc(MismatchedToo(COUNTS, fit=WIDE), laid_out(225), sims=SIMS, rng=1).calibrated


def observed(n=8):
    rng = np.random.default_rng(5)
    return replace(people(n), outcome=rng.poisson(1.3 * np.array([0.5, 2.5]), (n, 2)))


def test_the_posterior_of_these_people_is_calibrated_and_a_shifted_one_is_not():
    right = posterior_sbc(WithLikelihoodToo(), observed(), sims=SIMS, rng=1)
    assert right.calibrated, right.summary()
    assert right.given == "posterior"
    # both the true value and the draws are shifted, by more the fewer people the posterior has
    assert posterior_sbc(MismatchedToo(WithLikelihoodToo(), shift=1.5), observed(), sims=SIMS, rng=1).failed


def test_a_posterior_that_ignores_the_outcomes_fails_in_posterior_calibration_too():
    assert posterior_sbc(Mismatched(GammaPoisson(), reads=False), observed(), sims=SIMS, rng=1).failed == (
        "distance from the means",
    )


def test_more_people_have_the_same_layout():
    n = 4
    first = Panel.from_arrays(
        np.arange(2.0 * n).reshape(n, 2),
        kind="score",
        exposure=np.full((n, 2), 3.0) + np.arange(n)[:, None],
        weight=np.arange(1, n + 1),
        age=np.arange(20.0, 20 + n),
        covariates={"sex": np.array(list("mfmf"))},
        start=np.ma.MaskedArray(np.ones(n, dtype=int), mask=[False, True, False, True]),
        ids=np.arange(n),
    )
    both = with_more_people(first, replace(first, outcome=np.stack([first.outcome + 1, first.outcome + 2])))
    assert both.outcome.shape == (2, 2 * n, 2)
    assert both.replicate(1).outcome.tolist() == [*first.outcome.tolist(), *(first.outcome + 2).tolist()]
    for name in ("weight", "age"):
        assert getattr(both, name).tolist() == 2 * getattr(first, name).tolist()
    assert both.exposure.tolist() == 2 * first.exposure.tolist()
    assert both.covariates["sex"].tolist() == 2 * list("mfmf")
    assert np.ma.getmaskarray(both.start).tolist() == 2 * [False, True, False, True]
    assert both.ids is None


@pytest.mark.parametrize("model", [GammaPoisson(refuses=0), WithLikelihoodToo(refuses=0)])
def test_people_without_a_posterior_have_no_rank_and_are_counted(model):
    found = sbc(model, people(), sims=400, rng=1)
    assert 0 < (found.code == 64).sum() == 400 - len(found.ranks)
    assert "no posterior and no rank" in found.summary()
    assert found.calibrated  # what is refused depends on outcomes alone


class Sampled:
    """The same model without a quick posterior: it is called, and its chains are thinned."""

    names = GammaPoisson.names
    prior_draws, simulate = GammaPoisson().prior_draws, GammaPoisson().simulate

    def __call__(self, panel, *, rng=None):
        chains = GammaPoisson().posterior_draws(as_replicates(panel), 400, rng).reshape(2, 200, 1)
        held = PosteriorTree(self, panel, Posterior(names=self.names, draws=chains, sampler="nutpie"), 1)
        return Estimate(outcome=panel.name, method="chains", held=held)


def test_a_model_without_a_quick_posterior_is_called_for_every_replicate():
    found = sbc(Sampled(), people(), sims=400, rng=1)
    assert found.calibrated, found.summary()
    assert found.ranks.max() == 99
    assert posterior_sbc(Sampled(), observed(), sims=200, rng=1).calibrated


def test_people_of_whom_none_has_a_posterior_are_refused():
    nobody = replace(people(), exposure=np.array([1e-9, 1e-9]))
    with pytest.raises(DegenerateDataError, match="none of the simulated people"):
        sbc(GammaPoisson(refuses=0), nobody, sims=20, rng=1)


def test_equal_draws_take_ranks_at_random():
    class Equal(GammaPoisson):
        def prior_draws(self, size, _rng):
            return np.zeros((size, 1))

        def posterior_draws(self, panel, size, _rng):
            return np.zeros((len(panel.outcome), size, 1))

    assert not sbc(Equal(), people(), sims=500, rng=1).checks("log rate")["failed"]


def test_the_result_is_a_table_a_text_a_picture_and_a_tree():
    found = sbc(WithLikelihoodToo(), people(), sims=60, rng=1)
    again = sbc(WithLikelihoodToo(), people(), sims=60, rng=1)
    assert found == again == pickle.loads(pickle.dumps(found))  # noqa: S301 our own bytes
    assert found != sbc(WithLikelihoodToo(), people(), sims=60, rng=2)
    assert tuple(found.tidy().columns) == COLUMNS
    assert found.tidy()["simulations"].tolist() == [60, 60]
    assert found.summary().splitlines()[1] == "all checks passed"
    assert len(found.plot().lines) == 3
    assert found.tree["prior_sbc"]["log rate"].shape == (1, 60)


def test_arviz_draws_it():
    import arviz as az

    drawn = az.plot_ecdf_pit(sbc(GammaPoisson(), people(), sims=60, rng=1).tree, backend="matplotlib")
    assert drawn.viz["figure"].item() is not None


def test_what_cannot_be_calibrated_is_refused():
    assert isinstance(WithLikelihoodToo(), WithLikelihood)
    assert not isinstance(GammaPoisson(), WithLikelihood)
    with pytest.raises(SpecError, match="draws parameters and people"):
        sbc(3, people())
    with pytest.raises(InputError, match="IOM-E035"):
        sbc(GammaPoisson(), np.zeros((3, 2)))
    with pytest.raises(SpecError, match="without a replicate axis"):
        sbc(GammaPoisson(), replace(people(), outcome=np.zeros((2, 3, 2), dtype=int)))
    with pytest.raises(SpecError, match="at least 10"):
        sbc(GammaPoisson(), people(), sims=5)

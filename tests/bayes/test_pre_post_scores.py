"""Bayesian change of a score against closed forms, quadrature by brute force and simulated worlds."""

import math
import pickle
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from scipy.special import log_ndtr

from iom_causal.bayes.pre_post_scores import PrePostScores
from iom_causal.bayes.score_data import ROUNDED_TO_ONE, rows_like
from iom_causal.bayes.shared.nuts import Nuts
from iom_causal.beliefs import HalfNormal, LogNormal, Normal, Range, TruncatedNormal, Uniform
from iom_causal.errors import DegenerateDataError, InputError, SpecError
from iom_causal.estimators import PairedT
from iom_causal.intervals import Draws
from iom_causal.moments import Moments
from iom_causal.numerics.adjustment.missing import mar_change
from iom_causal.numerics.posterior.score_pairs import pattern_moments
from iom_causal.panel import Panel
from iom_causal.roles import batch, batch_by_loop
from iom_causal.windows import Selection
from tests.bayes.monte_carlo import FIVE_ERRORS, both, of_chains, of_kept

MONTE_CARLO = 0.04  # of a posterior SD: 4,096 weighted points
CUT = Selection("risk", ("before",), "at_least", "at_boundary", threshold=220)


def people(y, **settings):
    return Panel.from_arrays(y, kind="score", name="risk", missing="keep", **settings)


def pairs(n, seed=1, lost=0.0, r=0.6):
    rng = np.random.default_rng(seed)
    y = rng.multivariate_normal([330, 250], [[140**2, r * 140 * 170], [r * 140 * 170, 170**2]], n)
    y[rng.random(n) < lost, 1] = np.nan
    return y


def lose_by_score(y, rng, steep=1.0):
    """Follow-up lost more often with a higher score before."""
    gone = rng.random(len(y)) < 1 / (1 + np.exp(1.5 - steep * (y[:, 0] - 330) / 140))
    return np.where(np.stack([np.zeros_like(gone), gone], -1), np.nan, y)


def test_of_complete_pairs_it_is_the_t_interval_under_wide_priors():
    wide = {"mean_before": Normal(0, 1e4), "change": Normal(0, 1e4), "correlation": Normal(0, 3)}
    spread = {"sd_before": HalfNormal(1e4), "sd_after": HalfNormal(1e4)}
    panel = people(pairs(225))
    found, t = PrePostScores(**wide, **spread)(panel, rng=1), PairedT()(panel)
    assert found.estimate == pytest.approx(t.estimate, abs=MONTE_CARLO * t.std_error)
    assert found.std_error == pytest.approx(t.std_error, rel=0.03)
    assert (found.conf_low, found.conf_high) == pytest.approx((t.conf_low, t.conf_high), abs=0.06 * t.std_error)
    assert found.diagnostics["pareto_k"] < 0.2


def test_of_many_people_with_gaps_it_is_the_factored_likelihood():
    y = lose_by_score(pairs(2000), np.random.default_rng(3))
    found, mar = PrePostScores(span=(0, 1100))(people(y), rng=1), mar_change(y[:, 0], y[:, 1])
    complete = y[~np.isnan(y[:, 1])]
    assert abs(complete[:, 1].mean() - complete[:, 0].mean() - mar.estimate) > 1.5 * mar.std_error
    assert found.estimate == pytest.approx(mar.estimate, abs=MONTE_CARLO * mar.std_error)
    assert found.std_error == pytest.approx(mar.std_error, rel=0.03)


@pytest.mark.parametrize("sem", [0.0, 6.0])
def test_of_few_people_it_is_the_posterior_by_quadrature(sem):
    """Spreads and correlation on a grid; the means, normal given them, by the algebra of normal distributions."""
    y = np.array([[10, 8.5], [12, 9], [15, 13], [11, 12], [18, 14.5], [14, 11], [20, np.nan], [np.nan, 16.0]])
    spec = PrePostScores(span=(0, 40), sem=sem or None)
    found = spec(people(y), rng=1)
    log_s, z = np.linspace(-3.0 if sem else 0.0, 4.0, 41), np.linspace(-2.5, 4.0, 31)
    a, b, c = (g.ravel() for g in np.meshgrid(log_s, log_s, z, indexing="ij"))
    s1, s2, shared = np.exp(a), np.exp(b), np.exp(a + b) * np.tanh(c)
    cov = np.stack([np.stack([s1**2 + sem**2, shared], -1), np.stack([shared, s2**2 + sem**2], -1)], -1)
    precision = np.broadcast_to(np.diag([1 / 20.0**2, 1 / 10.0**2]), cov.shape).copy()
    shift = precision @ np.array([20.0, 0.0])
    weights = a - 0.5 * (s1 / 10) ** 2 + b - 0.5 * (s2 / 10) ** 2 - 0.5 * ((c - 0.5) / 0.75) ** 2
    for row in y:
        there = ~np.isnan(row)
        of_means, v = np.array([[1.0, 0.0], [1.0, 1.0]])[there], cov[:, there][:, :, there]
        inverse = np.linalg.inv(v)
        precision += of_means.T @ inverse @ of_means
        shift += of_means.T @ inverse @ row[there]
        weights -= 0.5 * (np.log(np.linalg.det(v)) + row[there] @ inverse @ row[there])
    middle = np.linalg.solve(precision, shift[..., None])[..., 0]
    weights += 0.5 * ((shift * middle).sum(-1) - np.log(np.linalg.det(precision)))
    means, sds = middle[:, 1], np.sqrt(np.linalg.inv(precision)[:, 1, 1])
    weight, mean, sd = np.exp(weights - weights.max()), means, sds
    weight /= weight.sum()
    total = math.sqrt(weight @ (sd**2 + mean**2) - (weight @ mean) ** 2)
    for end, share in ((found.conf_low, 0.025), (found.estimate, 0.5), (found.conf_high, 0.975)):
        reached = float(weight @ np.exp(log_ndtr((end - mean) / sd)))
        assert reached == pytest.approx(share, abs=0.015), end
    assert found.std_error == pytest.approx(total, rel=0.09)  # without the last thousandth of a heavy tail


def test_few_people_take_rounds_of_importance_sampling_that_can_be_trusted():
    for seed in range(6):
        found = PrePostScores(span=(0, 1100))(people(pairs(3, seed)), rng=seed)
        assert found.diagnostics["sampler"] == "importance"
        assert found.diagnostics["pareto_k"] < 0.7


@pytest.mark.parametrize(
    "spec",
    [
        PrePostScores(span=(0, 1100)),
        PrePostScores(span=(0, 1100), sem=50.0),
        PrePostScores(
            sem=HalfNormal(60.0), delta=Normal(0, 50.0), sd_before=LogNormal(140, 0.5), sd_after=Uniform(1, 900)
        ),
    ],
    ids=["plain", "sem", "unknown"],
)
def test_the_pymc_model_has_the_same_density(spec):
    y = pairs(12, lost=0.2)
    y[5, 0] = np.nan
    assert_same_density(spec, people(y), 1e-10)


@pytest.mark.parametrize("spec", [PrePostScores(span=(0, 1100)), PrePostScores(sem=HalfNormal(60.0), grid=20.0)])
def test_so_it_has_for_entry_at_a_cut(spec):
    # To a constant: PyMC divides a truncated normal density by probabilities in single precision.
    assert_same_density(spec, people(entered(20), selection=CUT), 1e-10)


def assert_same_density(spec, panel, tolerance):
    fit, model = spec.fitted(panel), spec.build(panel)
    logp, rng = model.compile_logp(mode="FAST_COMPILE"), np.random.default_rng(5)
    z = np.array([p.free(np.array(p.prior.centre)) for p in fit.parameters])
    points = z + 0.2 * rng.normal(size=(6, z.size))
    ours = fit.log_density(points)
    names = [v.name for v in model.value_vars]
    theirs = [float(logp({name: np.array(x) for name, x in zip(names, at, strict=True)})) for at in points]
    apart = theirs - ours
    assert np.isfinite(ours).sum() >= 3
    seen = apart[np.isfinite(ours)]
    level = seen[0] if spec.cut or panel.selection else 0.0
    np.testing.assert_allclose(seen, level, atol=tolerance * np.abs(ours[np.isfinite(ours)]).max())


def entered(n, seed=1, sem=60.0, change=-40.0, cut=220.0, lost=0.0):
    """People above a cut on a score whose true values have a heavy tail; `change` is what a programme does."""
    rng = np.random.default_rng(seed)
    true = 40 + 450 * (rng.random(60 * n) ** -0.2 - 1)
    before = true + sem * rng.standard_normal(true.size)
    chosen = np.flatnonzero(before >= cut)[:n]
    assert len(chosen) == n
    after = true[chosen] + change + sem * rng.standard_normal(n)
    y = np.stack([before[chosen], after], axis=-1)
    y[rng.random(n) < lost, 1] = np.nan
    return y


def test_entry_at_a_cut_takes_the_regression_out():
    """Net of it the mean over worlds is what the programme did; with it, the change is far lower."""
    net, gross, covered = [], [], 0
    for seed in range(25):
        found = PrePostScores(sem=60.0, span=(0, 1100))(people(entered(225, seed, lost=0.15), selection=CUT), rng=seed)
        net.append(found.estimate)
        gross.append(found.diagnostics["change_with_regression"][0])
        covered += found.conf_low <= -40.0 <= found.conf_high
    error = np.std(net) / math.sqrt(len(net))
    assert np.mean(net) == pytest.approx(-40.0, abs=3 * error)
    assert np.mean(gross) < -40.0 - 10 * error
    assert covered >= 21


def test_the_excess_of_the_paper_fits_where_no_truncated_normal_does():
    rng = np.random.default_rng(2)
    excess = stats.genpareto(0.21, scale=86.0).rvs(225, random_state=rng)
    y = np.stack([220 + excess, 240 + 100 * rng.standard_normal(225)], axis=-1)
    found = PrePostScores(sem=60.0)(people(y, selection=CUT), rng=1)
    shape = {p.term: p for p in found.parts}["logit_shape"]
    assert shape.conf_low < math.log(0.71 / 0.29) < shape.conf_high
    middle, low, high = found.diagnostics["regression"]
    assert low < -(60.0**2) / 86 < high
    assert found.estimand == "att_score"
    assert found.term == "after - before, net of regression to the mean"
    assert found.estimate == pytest.approx(found.diagnostics["change_with_regression"][0] - middle, abs=2.0)


def test_a_cut_below_the_mode_is_said_not_to_fit():
    rng = np.random.default_rng(5)
    x = 50 + 12 * rng.standard_normal(900)
    y = np.stack([x, 0.7 * x + 8 * rng.standard_normal(900)], axis=-1)[x >= 35]
    found = PrePostScores(cut=35.0, sem=6.0)(people(y), rng=1)
    assert found.diagnostics["too_few_at_cut"] < 1e-3
    assert "fewer people stand next to the cut" in found.note
    fits = PrePostScores(sem=60.0)(people(entered(225), selection=CUT), rng=1)
    assert fits.diagnostics["too_few_at_cut"] > 0.05
    assert "fewer people" not in fits.note


def test_without_the_error_of_measurement_the_change_at_a_cut_is_said_to_hold_regression():
    found = PrePostScores()(people(entered(60), selection=CUT), rng=1)
    assert found.estimand == "descriptive_change"
    assert "the change holds regression to the mean" in found.note
    stated = PrePostScores(cut=220.0)(people(entered(60)), rng=1)
    assert (stated.estimate, stated.note) == (found.estimate, found.note)


def test_a_rule_that_is_no_cut_before_is_said_not_to_be_allowed_for():
    for rule in (replace(CUT, rule="top"), replace(CUT, timing="unknown"), replace(CUT, rule="soft", softness=9.0)):
        found = PrePostScores()(people(pairs(30), selection=rule), rng=1)
        assert "the change holds what comes of that by itself" in found.note
        assert found.diagnostics["cut"] is None
    other = PrePostScores()(people(pairs(30), selection=replace(CUT, variable="arrests")), rng=1)
    assert "picked by this very score" not in other.note


def test_people_lost_who_are_off_their_prediction_move_the_change_by_their_share():
    panel = people(pairs(100, lost=0.3))
    share = float(np.isnan(panel.after).mean())
    plain, off = PrePostScores()(panel, rng=1), PrePostScores(delta=50.0)(panel, rng=1)
    assert off.estimate == pytest.approx(plain.estimate + 50 * share, abs=1e-9)
    assert off.diagnostics["tipping_delta"] == pytest.approx(plain.diagnostics["tipping_delta"])
    both = PrePostScores(delta=Range(0.0, 50.0))(panel, rng=1)
    assert (both.set_low, both.set_high) == pytest.approx((plain.estimate, off.estimate))
    assert (both.conf_low, both.conf_high, both.interval) == (plain.conf_low, off.conf_high, "bounds")
    tipped = PrePostScores(delta=plain.diagnostics["tipping_delta"])(panel, rng=1)
    assert tipped.conf_high == pytest.approx(0.0, abs=1e-6)
    none = PrePostScores(delta=plain.diagnostics["delta_of_no_change"])(panel, rng=1)
    assert none.estimate == pytest.approx(0.0, abs=1e-6)


def test_a_delta_with_a_prior_widens_the_posterior_and_is_not_learned():
    panel = people(pairs(100, lost=0.3))
    share = float(np.isnan(panel.after).mean())
    plain, off = (PrePostScores(delta=d)(panel, rng=1) for d in (0.0, Normal(30.0, 100.0)))
    assert off.estimate == pytest.approx(plain.estimate + 30 * share, abs=0.1 * plain.std_error)
    assert off.std_error == pytest.approx(math.hypot(plain.std_error, 100 * share), rel=0.03)
    assert abs(off.diagnostics["contraction"]["delta"]) < 0.1


@pytest.mark.slow
@pytest.mark.parametrize("delta", [0.0, 150.0])
def test_it_covers_the_change_of_all_where_follow_up_is_lost_by_score(delta):
    """Missing after with a probability that rises with the score before, and then `delta` off its prediction."""
    covered, simulated = 0, 400
    for seed in range(simulated):
        rng = np.random.default_rng([seed, 7])
        y = pairs(120, seed)
        gone = np.isnan(lose_by_score(y, rng)[:, 1])
        truth = -80.0 + delta * gone.mean()
        found = PrePostScores(span=(0, 1100), delta=delta)(
            people(np.where(gone[:, None] & [[False, True]], np.nan, y)), rng=seed
        )
        covered += found.conf_low <= truth <= found.conf_high
    assert stats.binomtest(covered, simulated, 0.95).pvalue > 1e-3


def test_a_published_table_gives_what_people_with_its_moments_give():
    y = pairs(80, lost=0.2)
    y = y[np.argsort(np.isnan(y[:, 1]), kind="stable")]
    complete = y[~np.isnan(y[:, 1])]
    m = Moments.from_summary(
        n=len(complete),
        **dict(zip(("mean_pre", "mean_post"), complete.mean(0), strict=True)),
        **dict(zip(("sd_pre", "sd_post"), complete.std(0, ddof=1), strict=True)),
        r=float(np.corrcoef(complete.T)[0, 1]),
        n_input=80,
        mean_pre_input=float(y[:, 0].mean()),
        sd_pre_input=float(y[:, 0].std(ddof=1)),
        name="risk",
        kind="score",
    )
    printed, people_found = PrePostScores()(m, rng=1), PrePostScores()(people(y), rng=1)
    assert printed.estimate == pytest.approx(people_found.estimate, rel=1e-6)
    assert printed.conf_low == pytest.approx(people_found.conf_low, rel=1e-6)
    assert (printed.n_input, printed.n_used) == (80, 80)
    like = pattern_moments(rows_like(PrePostScores().fitted(m).data.moments), np.ones(80))
    np.testing.assert_allclose(np.array(like), np.array(pattern_moments(y, np.ones(80))), rtol=1e-9, atol=1e-6)


def test_the_set_of_an_open_baseline_is_that_of_its_completions(risk_of_the_paper):
    m = risk_of_the_paper
    found = PrePostScores()(m, rng=1)
    each = [PrePostScores()(c, rng=1) for c in m.completions()]
    assert (found.set_low, found.set_high) == (min(e.estimate for e in each), max(e.estimate for e in each))
    for c, e in zip(m.completions(), each, strict=True):
        r = min(c.r, ROUNDED_TO_ONE)
        mar = m.mean_post + r * c.sd_post / c.sd_pre * (m.mean_pre_input - c.mean_pre) - m.mean_pre_input
        assert e.estimate == pytest.approx(mar, abs=0.1 * e.std_error + 0.2)
    assert found.interval == "bounds"
    assert (found.n_input, found.n_used) == (225, 225)


@pytest.fixture(scope="module")
def risk_of_the_paper():
    from iom_causal.published.study import load_published

    return load_published("sleath-brown-2017")["risk"]


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([[3.0, 1.0], [2.0, np.nan], [5.0, np.nan]], "IOM-E060"),
        ([[3.0, 1.0], [3.0, 2.0], [3.0, 5.0]], "IOM-E065"),
        ([[3.0, 1.0], [4.0, 1.0], [6.0, 1.0]], "IOM-E065"),
        ([[3.0, 1.0], [4.0, 2.0], [6.0, 4.0], [9.0, 7.0]], "IOM-E063"),
        ([[3.0, 1.0], [4.0, 3.0], [6.0, 7.0], [9.0, 13.0]], "IOM-E065"),
    ],
)
def test_people_of_whom_nothing_can_be_said_get_the_typed_error(rows, code):
    with pytest.raises((InputError, DegenerateDataError), match=code):
        PrePostScores()(people(np.array(rows)), rng=1)


def test_settings_that_mean_nothing_are_refused_in_words():
    for settings in ({"sem": -1.0}, {"span": (3.0, 1.0)}, {"grid": -1.0}, {"method": "mcmc"}, {"shape": Normal(0, 1)}):
        with pytest.raises(SpecError):
            PrePostScores(**settings)
    with pytest.raises(InputError, match="below the cut"):
        PrePostScores(cut=220.0)(people(pairs(30)), rng=1)
    with pytest.raises(InputError, match="IOM-E048"):
        PrePostScores(cut=220.0)(
            Moments.from_summary(n=40, mean_pre=9.0, mean_post=7.0, sd_pre=3.0, sd_post=3.0, r=0.5, kind="score")
        )
    with pytest.raises(SpecError, match="state span"):
        PrePostScores().prior_draws(5, np.random.default_rng(1))
    with pytest.raises(SpecError, match="has no probability"):
        PrePostScores(sem=Range(1.0, 2.0)).posterior(people(pairs(30)))


@pytest.mark.parametrize("kind", ["count", "amount"])
def test_what_is_no_score_is_refused(kind):
    y = np.abs(np.rint(pairs(30)))
    with pytest.raises(InputError, match="IOM-E066"):
        PrePostScores()(Panel.from_arrays(y, kind=kind), rng=1)
    m = Moments.from_summary(n=40, mean_pre=9.0, mean_post=7.0, sd_pre=3.0, sd_post=3.0, r=0.5, kind=kind)
    with pytest.raises(InputError, match="IOM-E066"):
        PrePostScores()(m, rng=1)


def test_scores_outside_the_stated_span_are_refused_and_some_of_them_noted():
    y = np.clip(pairs(60), 1, 1099)
    with pytest.raises(InputError, match="outside the stated span"):
        PrePostScores(span=(0, 50))(people(y), rng=1)
    with pytest.raises(InputError, match="outside the stated span"):  # those before are inside
        PrePostScores(span=(0, 400))(people(y + np.array([0, 300])), rng=1)
    m = Moments.from_summary(n=40, mean_pre=63, mean_post=61, sd_pre=9, sd_post=9, r=0.5, kind="score")
    with pytest.raises(InputError, match="outside the stated span"):
        PrePostScores(span=(0, 50))(m, rng=1)
    assert "some scores lie outside" in PrePostScores(span=(0, 350))(people(y), rng=1).note
    assert "some scores lie outside" not in PrePostScores(span=(0, 1100))(people(y), rng=1).note


@pytest.mark.parametrize(("sem", "window"), [(110.0, ""), (155.0, "before"), (HalfNormal(250.0), "before"), (None, "")])
def test_an_error_of_measurement_above_the_spread_of_scores_is_noted(sem, window):
    y = pairs(200)
    assert y.std(0, ddof=1) == pytest.approx([117, 163], abs=1)
    said = [n for n in PrePostScores(sem=sem)(people(y), rng=1).notes if "error of measurement is above" in n]
    assert [window in n for n in said] == ([True] if window else [])


def test_at_a_cut_only_the_spread_after_is_asked():
    y = entered(100)
    small = np.stack([220 + 0.1 * (y[:, 0] - 220), y[:, 1]], axis=-1)
    assert "is above the SD" not in PrePostScores(sem=60.0)(people(small, selection=CUT), rng=1).note
    assert "is above the SD of the scores after" in PrePostScores(sem=900.0)(people(y, selection=CUT), rng=1).note


def test_a_set_keeps_no_draws_and_says_nothing_of_them(risk_of_the_paper):
    panel = people(pairs(40, lost=0.3))
    for found in (PrePostScores(delta=Range(0, 50))(panel, rng=1), PrePostScores()(risk_of_the_paper, rng=1)):
        assert found.native is None
        assert "from its draws" not in found.note
    assert "from its draws" in PrePostScores()(panel, rng=1).note


def test_a_prior_of_the_change_with_ends_has_the_parts_of_a_change_at_a_cut():
    panel = people(entered(100), selection=CUT)
    ended = PrePostScores(sem=60.0, change=TruncatedNormal(0, 90, -400, 400))(panel, rng=1)
    free = PrePostScores(sem=60.0, change=Normal(0, 90))(panel, rng=1)
    assert ended.diagnostics["change_with_regression"] == pytest.approx(
        free.diagnostics["change_with_regression"], abs=0.15 * free.std_error
    )


def test_what_is_said_of_people_lost_is_one_sentence():
    panel = people(pairs(40, lost=0.3))
    for delta, said in ((0.0, "changed as the scores"), (9.0, "changed so far off as stated from what the scores")):
        (lost,) = (a for a in PrePostScores(delta=delta)(panel, rng=1).assumptions if "lost to follow-up" in a)
        assert said in lost


def test_weights_that_are_not_trusted_are_noted_or_a_chain_takes_over(monkeypatch):
    panel, trusted = people(pairs(30)), PrePostScores()
    drawn = trusted.posterior(panel, rng=2)
    chain = replace(drawn, sampler="pymc", exact={"change": Draws(drawn.of("mean_change").ravel())}, figures={})
    monkeypatch.setattr("iom_causal.bayes.pre_post_scores.chains", lambda *_, **__: chain)
    monkeypatch.setattr("iom_causal.bayes.score_fit.Fit.of_chain", staticmethod(lambda found: found))
    assert trusted(panel, rng=1).diagnostics["sampler"] == "importance"
    monkeypatch.setattr("iom_causal.bayes.shared.methods.HIGHEST_K", -math.inf)
    replaced, kept = (PrePostScores(method=method)(panel, rng=1) for method in ("auto", "importance"))
    assert replaced.diagnostics["sampler"] == "pymc"
    assert "by Hamiltonian sampling: the weights of importance sampling are not to be trusted" in replaced.note
    assert kept.diagnostics["sampler"] == "importance"
    assert "are not to be trusted (Pareto k" in kept.note
    assert "not to be trusted" not in PrePostScores(method="nuts")(panel, rng=1).note


def test_the_same_seed_gives_the_same_bytes_and_its_value_is_a_value():
    panel = people(pairs(40, lost=0.2))
    one, two = (PrePostScores()(panel, rng=4) for _ in range(2))
    assert one.to_dict() == two.to_dict()
    assert pickle.loads(pickle.dumps(one)) == one  # noqa: S301 our own bytes
    spec = PrePostScores(sem=4.0, delta=Range(0, 1))
    assert eval(repr(spec), {**globals()}) == spec  # noqa: S307 our own repr


def test_scores_on_another_scale_are_the_same_change_on_that_scale():
    y = pairs(40, lost=0.2)
    one, two = (PrePostScores()(people(scaled), rng=1) for scaled in (y, 10 * y))
    assert two.estimate == pytest.approx(10 * one.estimate, rel=1e-4)
    assert two.conf_low == pytest.approx(10 * one.conf_low, rel=1e-3)


def test_replicates_run_one_after_the_other():
    y = np.stack([pairs(30, seed, lost=0.2) for seed in (1, 2)] + [np.ones((30, 2))])
    panel = people(y)
    many = batch(PrePostScores(), panel, rng=3)
    assert many.code.tolist() == [0, 0, 65]
    assert many.estimate[:2].tolist() == batch_by_loop(PrePostScores(), panel, rng=3).estimate[:2].tolist()


@pytest.mark.parametrize(("settings", "selection"), [({}, None), ({"cut": 220.0, "sem": 40.0}, CUT)])
def test_people_drawn_from_the_model_are_laid_out_as_these(settings, selection):
    y = entered(400, lost=0.2) if selection else pairs(400, lost=0.2)
    spec = PrePostScores(span=(0, 1100), **settings)
    panel = people(y, selection=selection)
    z = spec.prior_draws(3, np.random.default_rng(1))
    drawn = spec.simulate(panel, z, np.random.default_rng(2))
    assert drawn.outcome.shape == (3, 400, 2)
    assert (np.isnan(drawn.outcome) == np.isnan(panel.outcome)).all()
    values = dict(zip(spec.names, z.T, strict=True))
    spread = np.nanstd(drawn.outcome[..., 1] - drawn.outcome[..., 0], axis=1) / math.sqrt(300)
    seen = np.nanmean(drawn.outcome[..., 1], axis=1) - np.nanmean(drawn.outcome[..., 0], axis=1)
    assert np.abs(seen - values["mean_change"]) == pytest.approx(np.zeros(3), abs=8 * spread.max())
    posterior = spec.posterior_draws(drawn, 50, np.random.default_rng(3))
    assert posterior.shape == (3, 50, len(spec.names))
    assert spec.log_likelihood(drawn, posterior).shape == (3, 50)


def test_calibrated_on_people_drawn_from_its_prior():
    """Ranks of the true change, for 60 people with losses and for 3."""
    spec = PrePostScores(span=(0, 100))
    rng = np.random.default_rng(11)
    for n, gaps, simulated in ((60, 9, 150), (4, 1, 60)):
        y = np.zeros((n, 2))
        y[:gaps, 1] = np.nan
        z = spec.prior_draws(simulated, rng)
        drawn = spec.simulate(people(y), z, rng)
        ranks = (spec.posterior_draws(drawn, 99, rng) < z[:, None]).sum(1)
        for column in ranks.T:
            assert stats.kstest((column + rng.random(simulated)) / 100, "uniform").pvalue > 1e-4


@pytest.mark.slow
def test_hamiltonian_sampling_agrees():
    y = pairs(60, lost=0.2)
    y[5, 0] = np.nan
    for spec, panel in (
        (PrePostScores(sem=40.0), people(y)),
        (PrePostScores(sem=40.0), people(entered(60, lost=0.2), selection=CUT)),
    ):
        fast = spec(panel, rng=1)
        slow = replace(spec, method="nuts", nuts=Nuts(draws=1000, tune=500, chains=2, target_accept=0.95))(panel, rng=1)
        assert slow.diagnostics["sampler"] in {"nutpie", "pymc"}
        assert slow.diagnostics["r_hat"] < 1.03
        change = slow.native["posterior"]["change"].to_numpy()
        error = both(of_kept(change, fast), of_chains(change))
        assert fast.estimate == pytest.approx(slow.estimate, abs=FIVE_ERRORS * error.median)
        assert fast.std_error == pytest.approx(slow.std_error, abs=FIVE_ERRORS * error.sd)
        for a, b in zip(fast.parts, slow.parts, strict=True):
            draws = slow.held.posterior.of(b.term)
            error = both(of_kept(draws, fast), of_chains(draws))
            assert a.estimate == pytest.approx(b.estimate, abs=FIVE_ERRORS * error.median)
            assert a.std_error == pytest.approx(b.std_error, abs=FIVE_ERRORS * error.sd)

"""Selection model: recovery in worlds of numpy alone, what the pool tells, and what the selected do not."""

import pickle
import subprocess
import sys
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy.special import ndtr

from iom_causal.bayes import SelectionModel, sbc
from iom_causal.bayes.shared.nuts import Nuts, chains
from iom_causal.bayes.shared.simulated import Simulated
from iom_causal.beliefs import Normal, TruncatedNormal
from iom_causal.confounds import RegressionToMean
from iom_causal.errors import InputError, NotIdentifiedError, SpecError
from iom_causal.inputs.pool import SourcePopulation
from iom_causal.panel import Panel
from iom_causal.roles import batch
from iom_causal.windows import Selection, Window
from tests.bayes.monte_carlo import FIVE_ERRORS, both, of_chains, of_independent, of_quantile

RATIO, DRIFT, MEAN = 0.7, 0.9, 2.0
CUT = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=4)
FAMILIES = ("gamma", "lognormal")
ROUNDED = 1e-10  # sums of thousands of logs, in another order


def world(seed, n, law, ratio=RATIO, slope=1.0):
    """People some of whom are managed by a probit of the count before; rates last, or are correlated lognormals."""
    rng = np.random.default_rng([seed, 14])
    if law == "gamma":
        first = second = rng.gamma(1.0, MEAN, n)
    else:
        z, e = rng.standard_normal((2, n))
        later = 0.7 * z + np.sqrt(1 - 0.49) * e
        first, second = (MEAN * np.exp(s * v - s**2 / 2) for s, v in ((0.9, z), (1.0, later)))
    before = rng.poisson(first)
    managed = rng.random(n) < ndtr(-2.0 + slope * np.log1p(before))
    after = rng.poisson(second * DRIFT * np.where(managed, ratio, 1.0))
    start = np.ma.MaskedArray(np.ones(n, dtype=int), mask=~managed)
    return Panel.from_arrays(np.stack([before, after], axis=-1), name="arrests", start=start)


def alone(panel):
    return panel.where(panel.group)


def beneath_a_cut(n=600):
    everybody = world(1, n, "gamma")
    below = everybody.outcome[:, 0] < CUT.threshold
    return replace(everybody, start=np.ma.MaskedArray(np.ones(n, dtype=int), mask=below), selection=CUT)


LAYOUTS = {
    "pool": lambda: world(1, 300, "gamma"),
    "pool, cut": beneath_a_cut,
    "alone": lambda: alone(world(5, 900, "gamma")),
    "alone, cut": lambda: alone(beneath_a_cut()),
}


@cache
def fitted(law, family):
    return SelectionModel(family=family)(world(3, 1200, law), rng=1)


@cache
def fitted_alone():
    return SelectionModel()(alone(world(5, 1000, "gamma")), rng=1)


def of(estimate, family, name):
    return estimate.diagnostics["parameters"][family][name]


@pytest.mark.parametrize("family", FAMILIES)
def test_it_recovers_a_world_of_its_own_family(family):
    law = "gamma" if family == "gamma" else "correlated"
    found = fitted(law, family)
    truth = {"log_ratio": np.log(RATIO), "drift": np.log(DRIFT), "log_mean": np.log(MEAN)}
    truth |= {"selection_intercept": -2.0, "selection_slope": 1.0}
    truth |= (
        {"log_spread": 0.0} if family == "gamma" else {"log_spread": np.log(0.9), "atanh_correlation": np.arctanh(0.7)}
    )
    for name, value in truth.items():
        figures = of(found, family, name)
        assert figures["mean"] == pytest.approx(value, abs=3 * figures["sd"]), name
        assert figures["contraction"] > 0.7, name
    assert found.interval == "credible-eti"
    assert found.diagnostics["sampler"] == "importance"
    assert found.diagnostics["pareto_k"] < 0.7


def test_rates_that_last_are_told_from_rates_that_drift():
    drifting, lasting = (
        of(fitted(law, "lognormal"), "lognormal", "atanh_correlation") for law in ("correlated", "gamma")
    )
    assert drifting["mean"] + 2 * drifting["sd"] < lasting["mean"]
    evidence = [fitted("correlated", family).diagnostics["log_evidence"] for family in FAMILIES]
    assert evidence[1] > evidence[0] + 5


def test_with_the_pool_the_rule_informs_its_own_parameters_alone():
    """Priors of the probit move nothing else, though they move the probit."""
    panel = world(4, 500, "gamma")
    usual, other = (
        SelectionModel(family="gamma", intercept=Normal(centre, 0.1), slope=Normal(1.0, 0.1))(panel, rng=1)
        for centre in (-2.0, -1.0)
    )
    for name in ("log_ratio", "drift", "log_mean", "log_spread"):
        a, b = (of(e, "gamma", name) for e in (usual, other))
        assert b["mean"] == pytest.approx(a["mean"], abs=0.1 * a["sd"]), name
    a, b = (of(e, "gamma", "selection_intercept") for e in (usual, other))
    assert b["mean"] > a["mean"] + 2 * a["sd"]


def test_without_the_pool_two_families_stand_side_by_side():
    found = fitted_alone()
    assert (found.interval, found.estimate, found.std_error) == ("bounds", None, None)
    assert [p.term for p in found.parts] == ["ratio, gamma rates", "ratio, lognormal rates"]
    assert found.set_low == min(p.estimate for p in found.parts)
    assert found.set_high == max(p.estimate for p in found.parts)
    assert found.conf_low == min(p.conf_low for p in found.parts)
    assert found.conf_high == max(p.conf_high for p in found.parts)
    assert found.conf_low < RATIO < found.conf_high
    table = SelectionModel().learned(found)
    assert set(table["family"]) == set(FAMILIES)
    assert {"log_lasting", "selection_slope", "log_spread"} <= set(table["parameter"])
    assert table["prior_sd"].gt(0).all()


def test_what_lasts_is_seen_with_the_programme_alone():
    """A prior of the share that would have come moves the ratio one for one; no number of people tells of it."""
    panel = alone(beneath_a_cut(3000))
    flat = Normal(0.0, 5.0)
    low, high = (
        SelectionModel(method="importance", log_ratio=flat, lasting=TruncatedNormal(c, 0.02, 0.0, 2.0))(panel, rng=1)
        for c in (0.7, 1.0)
    )
    for a, b in zip(low.parts, high.parts, strict=True):
        assert b.estimate / a.estimate == pytest.approx(0.7, rel=0.02)
    for family in FAMILIES:
        lasting = of(
            low, family, "log_lasting" if "log_lasting" in low.diagnostics["parameters"][family] else "logit_lasting"
        )
        assert abs(lasting["contraction"]) < 0.1
    # With the programme's own prior the contraction is that of two normal terms of a known sum.
    usual = SelectionModel()(panel, rng=1)
    known = 0.223**2 / (0.223**2 + 0.35**2)
    assert of(usual, "gamma", "log_lasting")["contraction"] == pytest.approx(known, abs=0.05)


def test_the_selected_tell_of_the_rule_through_the_family():
    """The slope of the probit is not left at its prior, though nobody was seen who was not selected (METHODS 12.6)."""
    found = fitted_alone()
    assert all(of(found, family, "selection_slope")["contraction"] > 0.5 for family in FAMILIES)


def test_beneath_a_cut_the_others_show_nothing_of_counts_as_high():
    panel = beneath_a_cut()
    found = SelectionModel()(panel, rng=1)
    assert found.interval == "bounds"
    assert any("read off the family" in note for note in found.notes)
    assert "drift" in found.diagnostics["parameters"]["gamma"]
    assert "selection_slope" not in found.diagnostics["parameters"]["gamma"]  # the rule states it


def test_it_agrees_with_regression_to_the_mean_by_the_pool():
    """On rates that last: the observed ratio over that line is the programme's, without priors to speak of."""
    panel = replace(
        world(3, 4000, "gamma"), selection=Selection("arrests", ("before",), "top", "at_boundary", threshold=1)
    )
    line = RegressionToMean(method="pool").shift(panel, {})
    observed = np.log(panel.after[panel.group].sum() / panel.before[panel.group].sum())
    found = SelectionModel(family="gamma", log_ratio=Normal(0.0, 10.0))(panel, rng=1)
    assert np.log(found.estimate) == pytest.approx(observed - float(line), abs=2.5 * found.std_error)


def test_it_agrees_with_the_truncated_fit_where_the_prior_says_that_rates_last():
    panel = alone(beneath_a_cut(4000))
    line = RegressionToMean(method="gamma_poisson").shift(panel, {})
    observed = np.log(panel.after.sum() / panel.before.sum())
    lasting = TruncatedNormal(1.0, 0.001, 0.9, 1.1)
    found = SelectionModel(log_ratio=Normal(0.0, 10.0), lasting=lasting)(panel, rng=1)
    assert np.log(found.parts[0].estimate) == pytest.approx(observed - float(line), abs=0.02)


def test_weights_are_people():
    panel = world(7, 400, "gamma")
    pool = panel.where(~panel.group)
    unique, counts = np.unique(pool.outcome, axis=0, return_counts=True)
    mine = alone(panel)
    table = SourcePopulation(
        counts=unique.astype(float), weight=counts.astype(float), exposure=None, windows=panel.windows, name="arrests"
    )
    a = SelectionModel(family="gamma")(panel, rng=1)
    b = SelectionModel(family="gamma")(table.beside(replace(mine, start=None)), rng=1)
    assert (a.conf_low, a.estimate, a.conf_high) == pytest.approx((b.conf_low, b.estimate, b.conf_high), rel=1e-9)
    assert a.diagnostics["never_managed"] == b.diagnostics["never_managed"] == counts.sum()


def test_people_lost_to_follow_up_inform_the_rates_before():
    panel = world(8, 500, "gamma")
    lost = panel.outcome.astype(float)
    lost[::9, 1] = np.nan
    found = SelectionModel(family="gamma")(replace(panel, outcome=lost), rng=1)
    assert found.n_used == int(panel.group.sum())
    assert any("without a window after" in note for note in found.notes)
    whole = SelectionModel(family="gamma")(panel, rng=1)
    assert found.std_error > whole.std_error
    assert found.estimate == pytest.approx(whole.estimate, rel=0.2)


def test_days_of_ones_own_are_used_with_the_pool_and_refused_without():
    panel = world(9, 900, "gamma")
    days = np.tile([365.0, 365.0], (panel.n, 1))
    days[panel.group, 1] = 182.5
    thinned = panel.outcome.copy()
    thinned[panel.group, 1] = np.random.default_rng(1).binomial(thinned[panel.group, 1], 0.5)
    whole, half = (
        SelectionModel(family="gamma")(replace(panel, outcome=y, exposure=d), rng=1)
        for y, d in ((panel.outcome, np.array([365.0, 365.0])), (thinned, days))
    )
    events = [float(y[panel.group, 1].sum()) for y in (thinned, panel.outcome)]
    thinning = np.sqrt(1 / events[0] - 1 / events[1])  # the error of the logarithm of what is left of them
    assert np.log(half.estimate / whole.estimate) == pytest.approx(0.0, abs=FIVE_ERRORS * thinning)
    own = days.copy()
    own[::2, 0] = 200.0
    with pytest.raises(InputError, match="IOM-E048"):
        SelectionModel()(alone(replace(panel, exposure=own)), rng=1)


def rule(kind, **settings):
    return Selection(
        **{"variable": "arrests", "windows": ("before",), "rule": kind, "timing": "at_boundary", "threshold": 4}
        | settings
    )


@pytest.mark.parametrize(
    ("selection", "error", "code"),
    [
        (rule("rate"), NotIdentifiedError, "E068"),
        (rule("at_least", timing="within_post"), NotIdentifiedError, "E068"),
        (rule("at_least", timing="unknown"), NotIdentifiedError, "E068"),
        (rule("top"), InputError, "E048"),
        (rule("at_least", variable="risk"), InputError, "E048"),
        (rule("at_least", windows=("another",)), InputError, "E039"),
    ],
)
def test_what_it_does_not_hold_of_is_refused_in_words(selection, error, code):
    with pytest.raises(error, match=code):
        SelectionModel()(replace(alone(beneath_a_cut()), selection=selection), rng=1)


def test_a_histogram_that_contradicts_its_cut_is_refused():
    with pytest.raises(NotIdentifiedError, match="E068"):
        SelectionModel()(replace(alone(beneath_a_cut()), selection=rule("at_least", threshold=2)), rng=1)


def test_settings_are_checked():
    for settings in (
        {"family": "weibull"},
        {"method": "grid"},
        {"log_ratio": TruncatedNormal(0, 1, -1, 1)},
        {"spread": Normal(0, 1)},
    ):
        with pytest.raises(SpecError, match="E09"):
            SelectionModel(**settings)


@pytest.mark.parametrize("pairs", [[[0, 0], [0, 0]], [[3, 1]], [[0, 5]], [[4, 4], [4, 4]]])
def test_few_people_and_few_events_have_a_posterior(pairs):
    found = SelectionModel(method="importance")(Panel.from_arrays(pairs, name="arrests"), rng=1)
    assert 0 < found.conf_low <= found.set_low <= found.set_high <= found.conf_high < 10


def test_a_window_that_the_rule_does_not_read_is_said():
    windows = (Window("earlier", -730, -365), Window("before", -365, 0), Window("after", 0, 365, post=True))
    panel = world(2, 300, "gamma")
    three = Panel.from_arrays(
        np.column_stack([panel.outcome[:, 0], panel.outcome]),
        name="arrests",
        windows=windows,
        start=np.ma.MaskedArray(np.full(panel.n, 2), mask=panel.start.mask),
        selection=replace(CUT, rule="soft", threshold=4, softness=1.0),
    )
    found = SelectionModel(family="gamma")(three, rng=1)
    assert any("does not read" in note for note in found.notes)


def test_a_batch_is_its_replicates():
    panel = alone(world(1, 300, "gamma"))
    rng = np.random.default_rng(2)
    stacked = np.stack([panel.outcome, rng.permutation(panel.outcome)])
    found = batch(SelectionModel(method="importance"), Panel.from_arrays(stacked, name="arrests"), rng=1)
    assert (found.code == 0).all()
    assert found.conf_low[1] == pytest.approx(found.conf_low[0], rel=0.05)
    assert (found.set_low <= found.set_high).all()


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("family", FAMILIES)
def test_people_are_drawn_from_it_and_fitted(layout, family):
    panel, rng = LAYOUTS[layout](), np.random.default_rng(1)
    model = SelectionModel().of(panel, family)
    assert isinstance(model, Simulated)
    z = model.prior_draws(2, rng) * 0.1 + model.start(model.read(panel)) * 0.9
    drawn = model.simulate(panel, z, rng)
    assert drawn.replicates == 2
    assert drawn.weight is None or (drawn.weight.sum(-1) == panel.n).all()
    draws = model.posterior_draws(drawn, 5, rng)
    assert draws.shape == (2, 5, len(model.names))
    assert np.isfinite(draws).all()


def test_the_selected_are_drawn_as_the_rule_has_it():
    """Drawn people alone against everybody drawn and then selected."""
    panel = alone(beneath_a_cut())
    model = SelectionModel().of(panel, "lognormal")
    z = np.tile([np.log(RATIO), np.log(MEAN), np.log(0.8), np.log(0.9)], (40, 1))
    drawn = model.simulate(panel, z, np.random.default_rng(1)).outcome.reshape(-1, 2)
    rng = np.random.default_rng(2)
    rate = MEAN * np.exp(0.8 * rng.standard_normal(400_000) - 0.32)
    before = rng.poisson(rate)
    selected = before >= CUT.threshold
    after = rng.poisson(rate * RATIO * 0.9)
    for mine, theirs in ((drawn[:, 0], before[selected]), (drawn[:, 1], after[selected])):
        error = np.sqrt(mine.var() / len(mine) + theirs.var() / len(theirs))
        assert mine.mean() == pytest.approx(theirs.mean(), abs=4 * error)


def test_its_result_pickles_without_the_trees():
    found = fitted_alone()
    again = pickle.loads(pickle.dumps(found))  # noqa: S301 our own bytes
    assert again.held.branches["gamma"].posterior == found.held.branches["gamma"].posterior


def test_the_quick_path_loads_no_pymc():
    outcome = LAYOUTS["alone"]().outcome[:30].tolist()
    code = (
        "import sys\nfrom iom_causal.bayes import SelectionModel\nfrom iom_causal.panel import Panel\n"
        f"SelectionModel(method='importance')(Panel.from_arrays({outcome}), rng=1)\n"
        "print([m for m in ('pymc', 'pytensor', 'arviz', 'nutpie') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


@pytest.mark.slow
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("family", FAMILIES)
def test_its_pymc_model_is_the_kernel(layout, family):
    panel = LAYOUTS[layout]()
    model = SelectionModel().of(panel, family)
    graph = model.build(panel)
    assert [v.name for v in graph.free_RVs] == [p.name for p in model.parameters]
    compiled, density = graph.compile_logp(), model.log_posterior(model.read(panel))
    z = model.start(model.read(panel)) + 0.3 * np.random.default_rng(1).standard_normal((5, len(model.names)))
    there = [compiled({v.name: np.array(x) for v, x in zip(graph.value_vars, row, strict=True)}) for row in z]
    assert density(z) == pytest.approx(np.array(there), rel=ROUNDED)


@pytest.mark.slow
@pytest.mark.parametrize(("layout", "family"), [("pool", "gamma"), ("alone", "lognormal")])
def test_it_draws_as_nutpie_does(layout, family):
    panel = LAYOUTS[layout]()
    model = replace(SelectionModel(nuts=Nuts(draws=1000, tune=500, chains=2)).of(panel, family))
    quick = model.weighted(model.read(panel), np.random.default_rng(1))
    long = chains(model.build(panel), model.parameters, model.nuts, seed=1)
    assert long.figures["ess_bulk"] > 300
    mean = quick.weight @ quick.points
    sd = np.sqrt(quick.weight @ (quick.points - mean) ** 2)
    for k, name in enumerate(model.names):
        draws = long.of(name)
        error = both(of_independent(draws, quick.effective), of_chains(draws))
        assert draws.mean() == pytest.approx(mean[k], abs=FIVE_ERRORS * error.mean)
        assert draws.std() == pytest.approx(sd[k], abs=FIVE_ERRORS * error.sd)


@pytest.mark.slow
def test_its_trees_have_the_standard_groups():
    import arviz as az

    panel = LAYOUTS["alone"]()
    found = SelectionModel()(panel, rng=1)
    tree = found.native
    assert set(tree.children) == set(FAMILIES)
    for part, family in zip(found.parts, FAMILIES, strict=True):
        branch = tree[family]
        assert {"posterior", "log_likelihood", "log_prior", "prior", "prior_predictive", "posterior_predictive"} <= set(
            branch.children
        )
        assert branch["log_likelihood"]["counts"].sizes["person"] == panel.n
        low, high = np.ravel(az.eti(branch, var_names="ratio", prob=0.95)["ratio"].to_numpy())
        drawn = branch["posterior"]["ratio"].to_numpy()  # kept of those that the limits are of
        for end, at, given in ((low, 0.025, part.conf_low), (high, 0.975, part.conf_high)):
            assert end == pytest.approx(given, abs=FIVE_ERRORS * of_quantile(drawn, at))
        predicted = (
            branch["posterior_predictive"]["counts"].to_numpy().reshape(-1, *branch["observed_data"]["counts"].shape)
        )
        assert predicted.mean((0, 1)) == pytest.approx(panel.outcome.mean(0), rel=0.15)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("layout", "family", "sims"), [("pool", "gamma", 100), ("alone", "gamma", 100), ("alone, cut", "lognormal", 40)]
)
def test_it_is_calibrated(layout, family, sims):
    panel = LAYOUTS[layout]()
    model = SelectionModel().of(panel, family)
    small = panel.where(np.arange(panel.n) < 40)
    found = sbc(model, small, sims=sims, draws=49, rng=1)
    assert found.calibrated, found.summary()
    nobody = 0.3 if layout == "pool" else 0.05  # of 40 people with a pool there is often nobody whom the rule selects
    assert (found.code != 0).mean() < nobody

"""The bias model: closed forms, brute force, the ledger under a flat prior, and what it refuses."""

import numpy as np
import pytest
from scipy import stats

from iom_causal.bayes import BiasModel, components, under_priors
from iom_causal.bayes.shared.bias_posterior import Case, per_person
from iom_causal.beliefs import LogNormal, Normal, Range, Uniform
from iom_causal.confounds import Attrition, Custody, Detection, History, RegressionToMean, ScoreError
from iom_causal.errors import ConvergenceError, DegenerateDataError, InputError, SpecError
from iom_causal.estimate import Estimate
from iom_causal.inputs.lines import JointDraws
from iom_causal.ledger import Ledger
from iom_causal.moments import Moments
from iom_causal.panel import Panel
from iom_causal.published.study import load_published
from iom_causal.windows import Selection
from tests.bayes.monte_carlo import FIVE_ERRORS, both, of_chains, of_independent, of_quantile

PAPER = Moments.from_summary(n=225, mean_pre=6.84, sd_pre=4.75, mean_post=3.61, sd_post=3.66, t=11.64, name="arrests")
LINES = (Detection(ratio=LogNormal(0.9, 0.1)), History(ratio=LogNormal(0.95, 0.05)))
RULE = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=5)
PRIORS = {"sceptical": 0.15, "stated": 0.35}


def cohort(n=225, seed=3, **settings):
    rng = np.random.default_rng(seed)
    rate = rng.gamma(2.0, 3.4, n)
    pairs = np.stack([rng.poisson(rate), rng.poisson(0.53 * rate)], axis=-1)
    return Panel.from_arrays(pairs, name="arrests", **settings)


def picked(seed=3):
    """People whom a cut on the count before selected."""
    rng = np.random.default_rng(seed)
    rate = rng.gamma(2.0, 2.0, 900)
    pairs = np.stack([rng.poisson(rate), rng.poisson(0.8 * rate)], axis=-1)
    return Panel.from_arrays(pairs[pairs[:, 0] >= 5], name="arrests", selection=RULE)


def scores(n=60, seed=5):
    rng = np.random.default_rng(seed)
    before = rng.normal(300, 80, n)
    return Panel.from_arrays(np.stack([before, before + rng.normal(-60, 50, n)], -1), kind="score", name="risk")


def whitened(size, columns, seed=1):
    """Normal draws in pairs of opposite sign, with mean 0 and covariance 1 exactly."""
    z = np.random.default_rng(seed).standard_normal((size // 2, columns))
    z = np.concatenate([z, -z])
    return z @ np.linalg.inv(np.linalg.cholesky(z.T @ z / size)).T


OBSERVED, ERROR, MEANS, SDS = -0.64, 0.06, np.array([-0.12, -0.05]), np.array([0.1, 0.04])


def by_hand(size=100_000):
    """Joint draws of a normal observed change and two normal lines that ignore the data."""
    z = whitened(size, 3)
    believed = np.column_stack([np.full(size, OBSERVED), MEANS + z[:, 1:] * SDS])
    sampling = np.column_stack([ERROR * z[:, 0], np.zeros((size, 2))])
    return JointDraws(
        confounds=LINES,
        before=6.84,
        after=6.84 * np.exp(OBSERVED),
        central=np.array([OBSERVED, *MEANS]),
        believed=believed,
        sampling=sampling,
        widening=np.ones(size),
        theta=({}, {}),
    )


def conjugate(sd):
    """METHODS' Gaussian posterior of the programme and two lines: means and variances."""
    m, v = np.array([*MEANS, 0.0]), np.array([*SDS, sd]) ** 2
    total = ERROR**2 + v.sum()
    return m + v * (OBSERVED - m.sum()) / total, v - v**2 / total


@pytest.mark.parametrize("sd", [0.15, 0.35, 0.02])
def test_it_equals_the_gaussian_conjugate_formula(sd):
    mean, variance = conjugate(sd)
    found = Case.of(by_hand(), score=False, unit=1.0).under(Normal(0.0, sd))
    off = (found.weight @ found.values[:, 1:] - mean) / np.sqrt(variance)
    assert np.abs(off).max() < 4 / np.sqrt(found.effective)
    if sd == 0.35:  # pairs of opposite sign with exact moments leave errors of fourth order alone
        assert np.abs(off).max() < 1e-3
    spread = found.weight @ (found.values[:, 1:] - mean) ** 2
    assert spread == pytest.approx(variance, rel=6 / np.sqrt(found.effective))


def test_the_result_reads_the_posterior():
    result = BiasModel(LINES).reweighted(Ledger(LINES)(PAPER, rng=1), [by_hand()])
    mean, variance = conjugate(0.35)
    found = {p.term: p for p in result.parts}
    (shown,) = components(result)
    for k, (name, prior) in enumerate((("detection", SDS[0]), ("history", SDS[1]), ("remainder", 0.35))):
        assert found[name].estimate == pytest.approx(mean[k], abs=0.01 * np.sqrt(variance[k]))
        assert found[name].std_error == pytest.approx(np.sqrt(variance[k]), rel=0.01)
        assert shown[name].contraction == pytest.approx(1 - variance[k] / prior**2, abs=0.01)
    for name, sd in PRIORS.items():
        centre, spread = conjugate(sd)[0][2], np.sqrt(conjugate(sd)[1][2])
        shares = stats.norm(centre, spread).cdf([0.0, np.log(0.9)])
        shown_under = under_priors(result)[name]
        assert (shown_under.fall_low, shown_under.tenth_low) == pytest.approx(tuple(shares), abs=0.008)
    assert result.estimate == pytest.approx(np.exp(mean[2]), rel=0.003)
    assert np.log([result.conf_low, result.conf_high]) == pytest.approx(
        stats.norm(mean[2], np.sqrt(variance[2])).interval(0.95), abs=0.005
    )
    assert result.interval == "credible-eti"
    assert result.confidence_interval(0.5)[0] > result.conf_low


@pytest.mark.parametrize(
    ("confounds", "data"),
    [
        (LINES, PAPER),
        (LINES, cohort()),
        ((Detection(ratio=Range(0.8, 1.0)), RegressionToMean(method="robbins_zhang")), picked()),
        ((ScoreError(points_per_event=Normal(5.0, 2.0), events_change=-2.0),), scores()),
    ],
    ids=["print", "people", "range", "score"],
)
def test_under_a_flat_prior_the_interval_is_the_ledgers_to_the_last_digit(confounds, data):
    ledger = Ledger(confounds, draws=2000)(data, rng=4)
    result = BiasModel(confounds, draws=2000)(data, rng=4)
    flat = under_priors(result)["flat"]
    assert (flat.conf_low, flat.conf_high) == (ledger.conf_low, ledger.conf_high)
    assert (result.scale, result.estimand, result.n_used) == (ledger.scale, ledger.estimand, ledger.n_used)
    assert set(ledger.notes) <= set(result.notes)
    assert set(ledger.assumptions) < set(result.assumptions)


def test_a_wide_prior_comes_to_the_flat_one():
    wide = under_priors(BiasModel(LINES, programme=Normal(0.0, 50.0), draws=2000)(PAPER, rng=1))
    assert wide["stated"].median_low == pytest.approx(wide["flat"].median_low, rel=1e-3)
    assert wide["stated"].conf_high == pytest.approx(wide["flat"].conf_high, rel=1e-3)


@pytest.mark.parametrize(("data", "kind"), [(cohort(), "count"), (scores(), "score")])
def test_components_add_up_to_the_observed_change_draw_by_draw(data, kind):
    confounds = LINES if kind == "count" else ()
    _, (drawn,) = Ledger(confounds, draws=2000).with_draws(data, rng=2)
    case = Case.of(drawn, score=kind == "score", unit=1.0)
    found = case.under(Normal(0.0, 0.35) if kind == "count" else Normal(0.0, 80.0))
    assert found.values[:, 1:].sum(-1) == pytest.approx(found.values[:, 0], abs=1e-10)
    own = per_person(case, found.values)
    whole = found.values[:, 0] if kind == "score" else case.before * np.expm1(found.values[:, 0])
    assert own[:, 1:].sum(-1) == pytest.approx(whole, abs=1e-10)


def test_means_per_person_and_shares_are_those_of_the_whole_change():
    (shown,) = components(BiasModel(LINES, draws=2000)(PAPER, rng=2))
    parts = [c for name, c in shown.items() if name != "observed"]
    assert sum(c.per_person for c in parts) == pytest.approx(shown["observed"].per_person, abs=1e-10)
    assert shown["observed"].share == shown["observed"].share_high == 1.0
    assert shown["detection"].share_low < 0 < shown["detection"].share_high  # not clipped


def test_skewed_lines_equal_brute_force_integration():
    """A uniform and a lognormal line and sampling as t, by sums over a fine grid that shares no code."""
    confounds = (Detection(ratio=Uniform(0.7, 1.0)), History(ratio=LogNormal(0.95, 0.08)))
    result = BiasModel(confounds, draws=40_000)(cohort(), rng=6)
    plain = Ledger(draws=20_000)(cohort(), rng=6)
    observed, error = np.log(plain.estimate), float(RateError.of(cohort()))
    tau = np.linspace(-1.3, 0.6, 401)
    d = np.log(np.linspace(0.7, 1.0, 301)[:-1] + 0.0005)
    h = np.log(0.95) + 0.08 * stats.norm.ppf((np.arange(200) + 0.5) / 200)
    lines = (d[:, None] + h).ravel()
    likelihood = stats.t(224, observed, error).pdf(tau[:, None] + lines[::41]).mean(1)
    for name, sd in PRIORS.items():
        density = likelihood * stats.norm(0, sd).pdf(tau)
        share = np.cumsum(density) / density.sum()
        found = under_priors(result)[name]
        tolerance = 4 * 0.5 / np.sqrt(found.effective)
        assert np.interp(0.0, tau, share) == pytest.approx(found.fall_low, abs=tolerance)
        assert np.interp(np.log(found.median_low), tau, share) == pytest.approx(0.5, abs=tolerance)
        assert np.interp(np.log(found.conf_low), tau, share) == pytest.approx(0.025, abs=tolerance)


class RateError:
    """Standard error of a log ratio of totals, by hand."""

    @staticmethod
    def of(panel):
        before, after = panel.outcome.astype(float).T
        off = after / after.sum() - before / before.sum()
        return np.sqrt((off**2).sum() * len(off) / (len(off) - 1))


def test_a_line_that_moves_with_the_observed_change_is_taken_with_its_covariance():
    confounds = (
        RegressionToMean(method="linear", selection=RULE, comparable_mean=3.0),
        Detection(ratio=LogNormal(0.95, 0.05)),
    )
    result = BiasModel(confounds, programme=Normal(0.0, 0.15), draws=50_000)(PAPER, rng=3)
    _, (drawn,) = Ledger(confounds, draws=50_000).with_draws(PAPER, rng=3)
    values = np.column_stack([drawn.wide, drawn.wide[:, 0] - drawn.wide[:, 1:].sum(-1)])
    centre, cov = values.mean(0), np.cov(values.T)
    assert cov[0, 1] < -0.3 * np.sqrt(cov[0, 0] * cov[1, 1])
    gain = cov[:, -1] / (cov[-1, -1] + 0.15**2)
    mean, after = centre - gain * centre[-1], cov - np.outer(gain, cov[-1])
    for k, part in enumerate(result.parts):
        error = 4 * np.sqrt(after[k, k] / result.diagnostics["effective_draws"]) + 0.01 * np.sqrt(after[k, k])
        assert part.estimate == pytest.approx(mean[k], abs=error)
        assert part.std_error == pytest.approx(np.sqrt(after[k, k]), rel=0.05)


def test_a_range_gives_the_set_over_its_ends():
    both = BiasModel((Detection(ratio=Range(0.5, 0.7)),), draws=2000)(PAPER, rng=1)
    low, high = (BiasModel((Detection(ratio=r),), draws=2000)(PAPER, rng=1) for r in (0.7, 0.5))
    assert both.interval == "bounds"
    assert both.estimate is None
    assert (both.set_low, both.set_high) == (low.estimate, high.estimate)
    assert (both.conf_low, both.conf_high) == (low.conf_low, high.conf_high)
    shown = under_priors(both)["sceptical"]
    assert shown.fall_low == under_priors(high)["sceptical"].fall_low
    assert shown.fall_high == under_priors(low)["sceptical"].fall_high
    assert shown.fall_low < shown.fall_high
    assert [end["remainder"].value for end in components(both)] == [
        components(end)[0]["remainder"].value for end in (low, high)
    ]


def test_the_bias_that_is_needed_makes_a_fall_as_likely_as_not():
    needed = under_priors(BiasModel(LINES, draws=5000)(PAPER, rng=1))
    for name, shown in needed.items():
        biased = BiasModel((*LINES, Custody(ratio=shown.bias_low)), draws=5000)(PAPER, rng=1)
        assert under_priors(biased)[name].fall_low == pytest.approx(0.5, abs=0.01)


def test_a_prior_in_points_is_stated_in_sds_before_or_in_a_unit_of_ones_own():
    people = scores()
    sd = people.outcome[:, 0].std(ddof=1)
    by_sd = BiasModel(draws=2000)(people, rng=1)
    in_points = BiasModel(programme=Normal(0.0, 0.35 * sd), sceptical=Normal(0.0, 0.15 * sd), unit=1.0, draws=2000)(
        people, rng=1
    )
    assert by_sd.diagnostics["unit"] == pytest.approx(sd)
    assert by_sd.estimate == pytest.approx(in_points.estimate, rel=1e-12)
    assert by_sd.assumptions[-1].startswith(f"before the data, the programme's difference in units of {sd:.4g} points")
    flat, sceptical = under_priors(by_sd)["flat"], under_priors(by_sd)["sceptical"]
    assert flat.median_low < by_sd.estimate < sceptical.median_low < 0


def test_a_table_that_leaves_completers_open_states_priors_in_its_own_sd_before():
    risk = load_published("sleath-brown-2017")["risk"]
    assert BiasModel().points(risk) == risk.sd_pre_input == 142.71
    closed = risk.completions()[1]
    assert BiasModel().points(closed) == closed.sd_pre


def test_priors_of_the_lines_are_the_beliefs_of_the_evidence_set():
    model = BiasModel.from_evidence("england-wales-2012", draws=500)
    assert model.confounds == Ledger.from_evidence("england-wales-2012").confounds
    arrests = load_published("sleath-brown-2017")["arrests"]
    flat = under_priors(model(arrests, rng=1))["flat"]
    ledger = Ledger.from_evidence("england-wales-2012", draws=500)(arrests, rng=1)
    assert (flat.conf_low, flat.conf_high) == (ledger.conf_low, ledger.conf_high)


def test_the_same_seed_gives_the_same_result_and_it_survives_as_plain_values():
    one, two = (BiasModel(LINES, draws=500)(cohort(), rng=5) for _ in range(2))
    assert one.to_dict() == two.to_dict()
    again = Estimate.from_dict(one.to_dict())
    assert under_priors(again) == under_priors(one)
    assert components(again) == components(one)


@pytest.mark.parametrize(
    ("detection", "programme"),
    [
        (LogNormal(0.8, 0.2), Normal(1.0, 0.05)),
        (LogNormal(0.8, 0.2), Normal(3.0, 0.05)),
        (Uniform(0.6, 1.0), Normal(1.5, 0.1)),
        (Range(0.8, 1.0), Uniform(-2.0, -1.99)),
    ],
    ids=["far", "further", "uniform", "range"],
)
def test_under_a_prior_that_hardly_overlaps_there_are_no_figures(detection, programme):
    draws = 2000 if isinstance(detection, Range) else 20_000
    result = BiasModel((Detection(ratio=detection),), programme=programme, draws=draws)(PAPER, rng=1)
    shown = under_priors(result)
    assert shown["stated"].degenerate
    assert not shown["stated"].figures
    assert {shown["stated"].median_low, shown["stated"].conf_high, shown["stated"].tenth_high} == {None}
    assert (result.estimate, result.set_low, result.conf_low, result.conf_high, result.interval) == (
        *(None,) * 4,
        "none",
    )
    assert (result.std_error, result.parts, result.cov, result.native) == (None, (), None, None)
    assert not any(components(result)[0])
    assert any("stated prior" in note and "no figures" in note and "hardly overlap" in note for note in result.notes)
    assert all(len(shown[other].figures) == 10 for other in ("sceptical", "flat"))
    with pytest.raises(DegenerateDataError, match="IOM-E065"):
        result.confidence_interval(0.5)
    assert "undefined" in result.summary()
    again = Estimate.from_dict(result.to_dict())
    assert under_priors(again) == shown


def test_of_a_prior_that_overlaps_no_note_speaks_against_figures():
    assert not any("hardly overlap" in note for note in BiasModel(LINES, draws=5000)(PAPER, rng=1).notes)


def test_a_prior_that_holds_a_fall_certain_stands_and_one_of_a_score_may_hold_it_impossible():
    fell = BiasModel((Detection(ratio=Uniform(0.8, 1.0)),), programme=Uniform(-0.42, -0.4), draws=2000)(PAPER, rng=1)
    assert 0.65 < fell.estimate < 0.68
    scores = Panel.from_arrays([[3.0, 1.0], [5.0, 4.0], [2.0, 2.5], [4.0, 4.5]], name="risk", kind="score")
    rose = BiasModel(programme=LogNormal(0.2, 0.2), draws=2000)(scores, rng=1)
    assert rose.conf_low > 0


@pytest.mark.parametrize(
    ("bad", "kind"),
    [
        (lambda: BiasModel(programme=0.35), SpecError),
        (lambda: BiasModel(programme=Normal(0.0, 0.0)), SpecError),
        (lambda: BiasModel(sceptical=None), SpecError),
        (lambda: BiasModel(unit=0.0), SpecError),
        (lambda: BiasModel((3,)), SpecError),
        (lambda: BiasModel(draws=1), SpecError),
        (lambda: BiasModel()(Panel.from_arrays([[3, 0], [2, 0]]), rng=1), DegenerateDataError),
        (lambda: BiasModel()(Panel.from_arrays([[3, 1]]), rng=1), InputError),
        (lambda: BiasModel()(Panel.from_arrays([[3.0, 1.0], [3.0, 2.0]], kind="score"), rng=1), DegenerateDataError),
        (lambda: BiasModel(programme=Uniform(-5.0, -4.0), draws=200)(PAPER, rng=1), ConvergenceError),
        (lambda: BiasModel(programme=Uniform(4.0, 5.0), draws=200)(PAPER, rng=1), SpecError),
        (lambda: BiasModel(sceptical=LogNormal(0.9, 0.2), draws=200)(PAPER, rng=1), SpecError),
        (lambda: BiasModel(programme=LogNormal(0.9, 0.2), draws=200).build(PAPER, rng=1), SpecError),
    ],
)
def test_what_cannot_be_worked_out_is_refused(bad, kind):
    with pytest.raises(kind, match="IOM-E"):
        bad()


@pytest.mark.parametrize("kind", ["count", "score", "no line"])
def test_native_is_a_tree_whose_interval_is_that_of_the_result(kind):
    import arviz as az

    model = BiasModel(LINES if kind == "count" else (), draws=20_000)
    result = model(scores() if kind == "score" else PAPER, rng=2)
    tree = result.native
    name = "change" if kind == "score" else "ratio"
    assert result.notes[-1] == f"from its draws: az.eti(result.native, var_names='{name}', prob=0.95)"
    low, high = az.eti(tree, var_names=name, prob=0.95)[name].to_numpy()
    drawn = tree["posterior"][name].to_numpy()  # kept of those that the limits are of
    for end, at, given in ((low, 0.025, result.conf_low), (high, 0.975, result.conf_high)):
        assert end == pytest.approx(given, abs=FIVE_ERRORS * of_quantile(drawn, at))
    assert set(tree.children) == {"posterior", "prior", "log_prior", "log_likelihood", "observed_data"}
    assert tree["posterior"].attrs["sampler"] == "importance"
    prior = tree["prior"]["programme"].to_numpy()
    assert (prior.mean(), prior.std()) == pytest.approx((0, 0.35), abs=0.03)
    if kind == "count":
        assert list(tree["posterior"]["line"].to_numpy()) == ["detection", "history"]
        lines = tree["posterior"]["lines"].mean(("chain", "draw")).to_numpy()
        found = {p.term: p for p in result.parts}
        assert lines == pytest.approx([found[n].estimate for n in ("detection", "history")], abs=0.01)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["count", "score"])
def test_nutpie_on_its_pymc_model_finds_the_same_posterior(kind):
    from iom_causal.bayes.shared.nuts import Nuts, sampled

    lost = scores()
    outcome = lost.outcome.copy()
    outcome[:9, 1] = np.nan
    lost = Panel.from_arrays(outcome, kind="score", name="risk", missing="keep")
    model, data = (BiasModel(LINES), PAPER) if kind == "count" else (BiasModel((Attrition(),)), lost)
    result = model(data, rng=2)
    tree = sampled(model.build(data, rng=2), Nuts(draws=5000, chains=2), seed=1)
    drawn = tree["posterior"]["change" if kind == "score" else "log_ratio"].to_numpy()
    lines = np.moveaxis(tree["posterior"]["lines"].to_numpy(), -1, 0)
    for draws, part in zip((drawn, *lines), (result.parts[-1], *result.parts[1:-1]), strict=True):
        # the model takes the ledger's draws as normal and a call their t: measured, 0.03 of an SD in a mean and 2%
        # of an SD at most, which these errors do not tell from nothing
        error = both(of_chains(draws), of_independent(draws, result.diagnostics["effective_draws"]))
        assert draws.mean() == pytest.approx(part.estimate, abs=FIVE_ERRORS * error.mean)
        assert draws.std() == pytest.approx(part.std_error, abs=FIVE_ERRORS * error.sd)

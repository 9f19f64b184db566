"""Groups that changed differently: contrasts, spread, levels drawn together, and equivalence."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import optimize, stats

from iom_causal.errors import DegenerateDataError, InputError, SpecError
from iom_causal.estimators.heterogeneity import Heterogeneity
from iom_causal.estimators.level_difference import LevelDifference
from iom_causal.estimators.paired_t import PairedT
from iom_causal.estimators.quasi_experiments.diff_in_diff import DiffInDiff
from iom_causal.estimators.rate_ratio import RateRatio
from iom_causal.numerics.inference.pooling import (
    draw_together,
    equivalence_of,
    heterogeneity_q,
    q_profile,
    reml_variance,
)
from iom_causal.panel import Panel


def cohort(n=225, women=36, levels="fm", seed=5, factor=0.55, **fields):
    rng = np.random.default_rng(seed)
    rate = rng.gamma(2.0, 3.5, n)
    pairs = np.stack([rng.poisson(rate), rng.poisson(factor * rate)], axis=-1)
    label = np.where(np.arange(n) < women, levels[0], levels[1])
    area = np.array(list("abcde"))[np.arange(n) % 5]
    return Panel.from_arrays(pairs, name="arrests", covariates={"sex": label, "area": area}, **fields)


def test_the_contrast_of_differences_is_welchs_t_test_of_the_changes():
    panel = cohort()
    result = Heterogeneity(scale="difference")(panel)
    change = panel.after - panel.before
    test = stats.ttest_ind(change[:36], change[36:], equal_var=False)
    low, high = test.confidence_interval()
    assert (result.statistic, result.df, result.p_value) == pytest.approx(
        (test.statistic, test.df, test.pvalue), rel=1e-9
    )
    assert (result.conf_low, result.conf_high) == pytest.approx((low, high), rel=1e-9)
    assert result.term == "sex: f - m"


def test_the_contrast_of_ratios_is_the_ratio_of_the_levels_ratios():
    panel = cohort(exposure=(547.0, 549.0))
    result = Heterogeneity()(panel)
    women, men = (RateRatio()(panel.where(panel.covariates["sex"] == s)) for s in "fm")
    assert result.estimate == pytest.approx(women.estimate / men.estimate, rel=1e-12)
    assert result.std_error == pytest.approx(np.hypot(*(p.std_error for p in result.parts[:2])), rel=1e-12)
    assert [p.estimate for p in result.parts[:2]] == [men.estimate, women.estimate]


@pytest.mark.parametrize(
    ("scale", "days"), [("ratio", None), ("ratio", "common"), ("ratio", "own"), ("difference", None)]
)
def test_the_contrast_of_two_levels_is_the_difference_in_differences(scale, days):
    own = np.random.default_rng(2).uniform(200.0, 400.0, (60, 2))
    panel = cohort(60, 8, exposure={None: None, "common": (547.0, 365.0), "own": own}[days])
    outcome = panel.outcome.astype(float)
    outcome[[3, 40], [0, 1]] = np.nan
    weight = np.where(np.arange(60) % 7 == 0, 2, 1)
    panel = replace(panel, outcome=outcome, weight=weight)
    start = np.ma.MaskedArray(np.ones(60, dtype=int), mask=np.arange(60) >= 8)
    levels, groups = Heterogeneity(scale=scale)(panel), DiffInDiff(contrast=scale)(replace(panel, start=start))
    for name in ("estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high"):
        rel = 0.02 if days == "own" and name in {"df", "p_value", "conf_low", "conf_high"} else 1e-9
        assert getattr(levels, name) == pytest.approx(getattr(groups, name), rel=rel), name


def test_the_contrast_holds_beside_a_level_of_few():
    rng, held, made = np.random.default_rng(11), 0, 0
    sex = np.array(["f"] * 10 + ["m"] * 50)
    for _ in range(600):
        pairs = rng.poisson(rng.gamma(1.0, 2.0, (60, 1)) * [1.0, 0.8])
        try:
            found = Heterogeneity()(Panel.from_arrays(pairs, covariates={"sex": sex}))
        except DegenerateDataError:
            continue
        made, held = made + 1, held + (found.conf_low <= 1 <= found.conf_high)
    low, high = stats.binom.ppf(0.0005, made, 0.93), stats.binom.ppf(0.9995, made, 0.97)
    assert made > 590
    assert low <= held <= high


def test_one_person_with_all_events_of_a_level_is_refused():
    pairs = [[4, 3], [2, 0], [0, 0], [3, 2], [2, 4], [1, 1], [2, 0]]
    panel = Panel.from_arrays(pairs, covariates={"sex": ["f"] * 3 + ["m"] * 4})
    with pytest.raises(DegenerateDataError, match=r"IOM-E070.*one person has all events"):
        Heterogeneity()(panel)


def test_the_most_people_are_the_reference_whatever_the_labels():
    one, other = Heterogeneity()(cohort()), Heterogeneity()(cohort(levels="zm"))
    assert other.estimate == one.estimate
    assert other.term == "sex: z / m"


def test_swapping_the_windows_inverts_the_contrast():
    panel = cohort()
    swapped = Panel.from_arrays(panel.outcome[:, ::-1], covariates=panel.covariates)
    assert Heterogeneity()(swapped).estimate == pytest.approx(1 / Heterogeneity()(panel).estimate, rel=1e-12)


def test_no_significant_difference_comes_with_what_is_ruled_out():
    result = Heterogeneity()(cohort())
    assert result.p_value > 0.05
    margin = result.diagnostics["smallest_margin"]
    low, high = result.confidence_interval(0.9)
    assert margin == pytest.approx(max(high, 1 / low), rel=1e-9)
    assert "the data rule out ratios of ratios beyond" in result.note


def test_the_equivalence_test_agrees_with_the_interval_of_90_percent():
    low, high = Heterogeneity()(cohort()).confidence_interval(0.9)
    edge = max(high, 1 / low)
    inside, outside = (Heterogeneity(margin=edge * k)(cohort()) for k in (1.01, 0.99))
    assert inside.diagnostics["p_equivalence"] < 0.05 < outside.diagnostics["p_equivalence"]
    assert "levels are within the margin" in inside.note
    assert "not shown to be within" in outside.note


def test_with_more_levels_the_estimate_is_the_spread_between_them():
    result = Heterogeneity("area", "difference")(cohort())
    changes = [PairedT()(cohort().where(cohort().covariates["area"] == a)) for a in "abcde"]
    values, variances = (np.array(x) for x in zip(*((e.estimate, e.std_error**2) for e in changes), strict=True))
    assert result.estimate == pytest.approx(reml_variance(values, variances) ** 0.5, abs=1e-9)
    assert result.conf_low <= result.estimate <= result.conf_high
    assert len(result.parts) == 10


def test_levels_drawn_together_lie_between_themselves_and_the_mean():
    values, variances = np.array([-0.9, -0.2, -0.5]), np.array([0.04, 0.01, 0.09])
    pooled = draw_together(values, variances, reml_variance(values, variances))
    assert (np.abs(pooled.values - pooled.mean) <= np.abs(values - pooled.mean)).all()
    assert (pooled.std_errors < np.sqrt(variances)).all()


def test_levels_drawn_together_are_the_posterior_by_grid():
    values, variances, between = np.array([0.3, -0.4]), np.array([0.05, 0.2]), 0.1
    mean = np.linspace(-6, 6, 24001)
    likelihood = np.prod(
        [stats.norm.pdf(y, mean, np.sqrt(v + between)) for y, v in zip(values, variances, strict=True)], 0
    )
    share = likelihood / likelihood.sum()
    pull = variances / (variances + between)
    centres = [y + b * (mean - y) for y, b in zip(values, pull, strict=True)]
    expected = np.array([(share * c).sum() for c in centres])
    within = variances * (1 - pull)
    spreads = [np.sqrt((share * (c - e) ** 2).sum() + w) for c, e, w in zip(centres, expected, within, strict=True)]
    pooled = draw_together(values, variances, between)
    assert pooled.values == pytest.approx(expected, rel=1e-8)
    assert pooled.std_errors == pytest.approx(spreads, rel=1e-8)


def test_the_spread_maximises_the_restricted_likelihood():
    values, variances = np.array([1.0, 2.5, 4.0, 2.2]), np.array([0.2, 0.5, 0.3, 0.9])

    def loss(tau2):
        w = 1 / (variances + tau2)
        mean = w @ values / w.sum()
        return (np.log(variances + tau2).sum() + np.log(w.sum()) + w @ (values - mean) ** 2) / 2

    found = optimize.minimize_scalar(loss, bounds=(0, 50), method="bounded", options={"xatol": 1e-10})
    assert reml_variance(values, variances) == pytest.approx(found.x, rel=1e-6)


def test_alike_groups_have_no_spread():
    values, variances = np.array([1.0, 1.1, 0.9]), np.array([1.0, 1.0, 1.0])
    assert reml_variance(values, variances) == 0
    assert q_profile(values, variances, 0.95)[0] == 0


def test_q_profile_covers_the_spread():
    rng = np.random.default_rng(5)
    variances, tau2, hits = np.array([0.2, 0.5, 0.3, 0.9, 0.4]), 0.5, 0
    for _ in range(2000):
        values = rng.normal(0, np.sqrt(variances + tau2))
        low, high = q_profile(values, variances, 0.95)
        hits += low <= tau2 <= high
    assert 0.925 < hits / 2000 < 0.975  # exact, up to 5 Monte Carlo standard errors
    assert heterogeneity_q(values, variances)[0] > 0


def test_equivalence_is_two_one_sided_tests():
    result = equivalence_of(0.2, 0.1, 30, margin=0.5)
    assert result.p_value == pytest.approx(max(stats.t.sf(7, 30), stats.t.sf(3, 30)), rel=1e-10)


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"margin": 0.9}, "IOM-E092"),
        ({"scale": "difference", "margin": -1.0}, "IOM-E092"),
        ({"scale": "odds"}, "IOM-E093"),
    ],
)
def test_settings_out_of_bounds_are_refused(settings, code):
    with pytest.raises(SpecError, match=code):
        Heterogeneity(**settings)


def test_what_has_no_levels_to_compare_is_refused():
    panel = cohort()
    with pytest.raises(InputError, match=r"IOM-E009.*'sex'"):
        Heterogeneity("sx")(panel)
    with pytest.raises(InputError, match="IOM-E072"):
        Heterogeneity()(panel.where(panel.covariates["sex"] == "f"))
    with pytest.raises(InputError, match="IOM-E073"):
        Heterogeneity("id")(Panel.from_arrays(panel.outcome, covariates={"id": np.arange(225)}))
    with pytest.raises(InputError, match="IOM-E072"):
        Heterogeneity("age")(
            Panel.from_arrays(panel.outcome, covariates={"age": np.where(np.arange(225) < 9, np.nan, 1.0)})
        )
    with pytest.raises(InputError, match="IOM-E060"):
        Heterogeneity()(cohort(women=1))


@pytest.mark.parametrize("gap", ["", "missing"])
@pytest.mark.parametrize("method", [Heterogeneity(), LevelDifference()], ids=["change", "level"])
def test_people_of_whom_the_level_is_not_known_are_left_out_and_counted(gap, method):
    panel = cohort()
    lost = np.arange(225) % 9 == 0
    sex = panel.covariates["sex"].astype("U9")
    some = Panel.from_arrays(panel.outcome, name=panel.name, covariates={"sex": np.where(lost, gap, sex)})
    found, known = method(some), method(some.where(~lost))
    assert (found.term, found.estimate, found.n_used) == (known.term, known.estimate, known.n_used)
    assert found.n_input == 225
    assert sorted(found.notes) == sorted([*known.notes, "25 people of whom 'sex' is not known left out"])


def test_a_level_without_events_after_is_refused():
    outcome = cohort().outcome.copy()
    outcome[:36, 1] = 0
    with pytest.raises(DegenerateDataError, match="IOM-E070"):
        Heterogeneity()(Panel.from_arrays(outcome, covariates=cohort().covariates))


def test_people_lost_and_set_aside_are_counted():
    outcome = cohort().outcome.astype(float)
    outcome[:4, 1] = np.nan
    start = np.ma.MaskedArray(np.ones(225, dtype=int), mask=np.arange(225) >= 220)
    result = Heterogeneity()(Panel.from_arrays(outcome, covariates=cohort().covariates, start=start, missing="keep"))
    assert (result.n_input, result.n_used) == (220, 216)
    assert "5 comparison people set aside" in result.note
    assert "216 of 220 people" in result.note


def test_a_replicated_panel_is_pointed_to_batch():
    block = Panel.from_arrays(np.stack([cohort().outcome] * 2), covariates=cohort().covariates)
    with pytest.raises(InputError, match="IOM-E047"):
        Heterogeneity()(block)

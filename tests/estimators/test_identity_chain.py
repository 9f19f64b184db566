"""Regressions that must equal the paired test or the ratio of totals, whatever the data."""

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings

from iom_causal.errors import DegenerateDataError, InputError, IomCausalError
from iom_causal.estimators.gee import GEE
from iom_causal.estimators.linear_mixed import LinearMixed
from iom_causal.estimators.paired_t import PairedT
from iom_causal.estimators.panel_ols import PanelOLS
from iom_causal.estimators.poisson_glm import PoissonGLM
from iom_causal.estimators.random_effects import RandomEffects
from iom_causal.estimators.rate_ratio import RateRatio
from iom_causal.panel import Panel
from tests.estimators.counts_in_windows import CHAIN, cohort, monthly, pairs

DIFFERENCES = [LinearMixed(), LinearMixed(variances="by_window"), PanelOLS(), RandomEffects()]
RATIOS = [
    PoissonGLM(),
    GEE(),
    GEE(working="independence"),
    GEE("negative_binomial"),
    GEE("negative_binomial", "independence"),
]


COLUMNS = ("estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high")


def numbers(result):
    return [getattr(result, name) for name in COLUMNS]


@pytest.mark.parametrize("spec", DIFFERENCES, ids=repr)
def test_differences_equal_the_paired_t_test(spec):
    assert numbers(spec(cohort())) == pytest.approx(numbers(PairedT()(cohort())), rel=CHAIN)


@pytest.mark.parametrize("spec", RATIOS, ids=repr)
@pytest.mark.parametrize("exposure", [None, (547.0, 549.0)])
def test_ratios_equal_the_robust_ratio_of_totals(spec, exposure):
    panel = cohort(exposure=exposure)
    assert numbers(spec(panel)) == pytest.approx(numbers(RateRatio()(panel)), rel=CHAIN)


@pytest.mark.parametrize("spec", [PoissonGLM(), GEE(working="independence")], ids=repr)
def test_each_persons_days_at_risk_are_honoured(spec):
    days = np.random.default_rng(1).integers(90, 547, (80, 2)).astype(float)
    panel = cohort(exposure=days)
    assert numbers(spec(panel)) == pytest.approx(numbers(RateRatio()(panel)), rel=CHAIN)


@pytest.mark.parametrize("spec", [PoissonGLM(), GEE()], ids=repr)
def test_scaling_all_days_changes_no_ratio(spec):
    days = np.random.default_rng(1).integers(90, 540, (80, 2)).astype(float)
    short, long = cohort(exposure=days), cohort(exposure=3 * days)
    assert numbers(spec(short)) == pytest.approx(numbers(spec(long)), rel=CHAIN)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(pairs)
def test_the_chain_holds_on_any_pairs(outcome):
    change = outcome[:, 1] - outcome[:, 0]
    assume(np.ptp(change) > 0 and (outcome.sum(0) > 0).all())
    panel = Panel.from_arrays(outcome)
    paired = PairedT()(panel)
    for spec in (PanelOLS(), LinearMixed(variances="by_window")):
        result = spec(panel)
        assert result.estimate == pytest.approx(paired.estimate, rel=CHAIN, abs=1e-12)
        assert result.std_error == pytest.approx(paired.std_error, rel=CHAIN)
    robust = RateRatio()(panel)
    if robust.std_error is not None and robust.std_error > 1e-6:
        glm = PoissonGLM()(panel)
        assert (glm.estimate, glm.std_error) == pytest.approx((robust.estimate, robust.std_error), rel=1e-8)


def test_with_many_windows_person_effects_still_compare_the_averages_before_and_after():
    panel = monthly()
    averages = np.stack([panel.outcome[:, :4].mean(1), panel.outcome[:, 4:].mean(1)], axis=-1)
    paired = PairedT()(Panel.from_arrays(averages, kind="score"))
    for spec in (PanelOLS(), RandomEffects()):
        result = spec(panel)
        assert (result.estimate, result.std_error) == pytest.approx((paired.estimate, paired.std_error), rel=CHAIN)


def test_with_many_windows_of_one_length_the_ratio_is_that_of_totals():
    panel = monthly()
    assert numbers(PoissonGLM()(panel))[:2] == pytest.approx(numbers(RateRatio()(panel))[:2], rel=CHAIN)


@pytest.mark.parametrize("spec", [PoissonGLM(), GEE(), GEE("negative_binomial")], ids=repr)
@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        ([[0, 0]] * 5, "IOM-E064"),
        ([[3, 3]] * 5, "IOM-E062"),
        ([[5, 3], [10, 6], [5, 3]], "IOM-E063"),
        ([[2, 0], [1, 0], [3, 0]], "IOM-E070"),
        ([[0, 2], [0, 1], [0, 3]], "IOM-E070"),
        ([[3, 1]], "IOM-E060"),
    ],
)
def test_what_no_ratio_model_can_fit_is_refused(spec, outcome, code):
    with pytest.raises(IomCausalError, match=code):
        spec(Panel.from_arrays(outcome, name="arrests"))


def test_a_level_without_events_separates():
    area = np.array(["a"] * 40 + ["b"] * 40)
    outcome = cohort().outcome.copy()
    outcome[40:] = 0
    panel = Panel.from_arrays(outcome, covariates={"area": area})
    with pytest.raises(DegenerateDataError, match=r"IOM-E070.*marks out people without events"):
        PoissonGLM(covariates="C(area)")(panel)


@pytest.mark.parametrize("spec", DIFFERENCES, ids=repr)
@pytest.mark.parametrize(("outcome", "code"), [([[3, 3]] * 5, "IOM-E062"), ([[5, 3]] * 5, "IOM-E063")])
def test_changes_without_variation_are_refused(spec, outcome, code):
    with pytest.raises(DegenerateDataError, match=code):
        spec(Panel.from_arrays(outcome))


@pytest.mark.parametrize("spec", [PoissonGLM(), GEE()], ids=repr)
def test_scores_are_refused_by_ratio_models(spec):
    with pytest.raises(InputError, match="IOM-E066"):
        spec(Panel.from_arrays([[3.5, 1.0], [2.0, 2.5], [4.0, 1.0]], kind="score"))


def test_a_person_without_a_day_at_risk_on_a_side_is_left_out_and_said():
    days = np.full((80, 2), 500.0)
    days[3, 1] = 0
    outcome = cohort().outcome.copy()
    outcome[3, 1] = 0
    panel = Panel.from_arrays(outcome, exposure=days)
    result = PoissonGLM()(panel)
    assert "79 of 80 people have both windows; 1 left out" in result.note
    assert (result.estimate, result.std_error) == pytest.approx(
        (RateRatio()(panel).estimate, RateRatio()(panel).std_error), rel=CHAIN
    )


@pytest.mark.parametrize("spec", [*RATIOS, *DIFFERENCES], ids=repr)
def test_weights_must_be_whole_people(spec):
    with pytest.raises(InputError, match="IOM-E076"):
        spec(cohort(weight=np.full(80, 0.5)))


def test_native_is_the_library_fit_with_the_same_numbers():
    for spec, scale in ((PoissonGLM(), 80 / 79), (GEE(), 80 / 79), (PanelOLS(), 1.0), (RandomEffects(), 1.0)):
        result = spec(cohort())
        errors = getattr(result.native, "bse", None)
        errors = result.native.std_errors if errors is None else errors
        assert errors["post"] * scale**0.5 == pytest.approx(result.bse["post"], rel=CHAIN)

"""Performance measures against rsimsum, by hand, by brute force over many simulations, and where they are undefined."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from scipy import special

from iom_causal.base import wording
from iom_causal.designs import diagnosands as measures
from iom_causal.designs.diagnosands import DIAGNOSANDS, failures_by_code, fall_share
from iom_causal.designs.figures import ONE_REPLICATE, mean_error, paired_difference, share_error
from iom_causal.designs.planning import acceptance_band
from iom_causal.designs.samples import Sample, common_successes

R = json.loads((Path(__file__).parents[1] / "reference" / "r" / "simulation_measures.json").read_text(encoding="utf-8"))
THEIRS = {
    "thetamean": "mean_estimate",
    "bias": "bias",
    "mse": "rmse",
    "empse": "emp_se",
    "modelse": "model_se",
    "relerror": "se_error",
    "cover": "coverage",
    "becover": "bias_eliminated_coverage",
    "power": "power",
}
SAME_FORMULA = 1e-12
"""Two programs that work out one formula in double precision."""
STUDIES, SIMS = 600, 300
BY_BRUTE_FORCE = 0.12
"""An SD over 600 simulations has a relative error of 3%; four of them."""


def rsimsums(limits):
    numbers = {name: [np.nan if x == "NA" else x for x in R[name]] for name in ("b", "se")}
    estimate, error = np.array(numbers["b"]), np.array(numbers["se"])
    z = special.ndtri((1 + R["level"]) / 2)
    below, above = (z, z) if limits == "normal" else (1.5, 2.5)
    return Sample.of(
        estimate,
        R["truth"],
        std_error=error,
        low=estimate - below * error,
        high=estimate + above * error,
        p_value=2 * special.ndtr(-np.abs(estimate / error)),
        code=np.where(np.isnan(estimate), 64, 0),
    )


@pytest.mark.parametrize("limits", ["normal", "own_limits"])
@pytest.mark.parametrize("theirs", THEIRS)
def test_values_and_errors_are_those_of_rsimsum(theirs, limits):
    figure, expected = DIAGNOSANDS[THEIRS[theirs]].function(rsimsums(limits)), R[limits][theirs]
    value, mcse = figure.value, figure.mcse
    if theirs == "mse":
        value, mcse = value**2, 2 * value * mcse
    assert figure.n == R[limits]["nsim"]["est"]
    assert value == pytest.approx(expected["est"], rel=SAME_FORMULA)
    if expected["mcse"] != "NA":
        assert mcse == pytest.approx(expected["mcse"], rel=SAME_FORMULA)


SMALL = Sample.of(
    [-0.6, -0.2, 0.4, -1.0, np.nan],
    [-0.5, -0.5, -0.5, -0.25, -0.5],
    own=[-0.7, -0.1, 0.3, -0.9, -0.6],
    std_error=[0.1, 0.3, 0.1, 0.3, np.nan],
    low=[-0.8, -0.8, 0.2, -1.6, np.nan],
    high=[-0.4, 0.4, 0.6, -0.4, np.nan],
    p_value=[0.001, 0.4, 0.01, 0.05, np.nan],
    set_low=[-0.7, -0.55, 0.3, -1.1, np.nan],
    set_high=[-0.5, -0.1, 0.5, -0.9, np.nan],
    code=[0, 0, 0, 0, 64],
)
MODEL_SE = math.sqrt(0.05)
EMP_SE = math.sqrt((0.25**2 + 0.15**2 + 0.75**2 + 0.65**2) / 3)
BY_HAND = {
    "mean_estimate": (-0.35, EMP_SE / 2, 4),
    "mean_truth": (-0.4375, 0.0625, 4),
    "bias": (0.0, math.sqrt((0.1**2 + 0.1**2 + 0.1**2 + 0.1**2) / 3) / 2, 4),
    "distance": (0.0875, math.sqrt((0.1875**2 + 0.2125**2 + 0.8125**2 + 0.8375**2) / 3) / 2, 4),
    "rmse": (
        math.sqrt(1.4725 / 4),
        math.sqrt((0.358125**2 + 0.278125**2 + 0.441875**2 + 0.194375**2) / 12) / (2 * math.sqrt(1.4725 / 4)),
        4,
    ),
    "emp_se": (EMP_SE, EMP_SE / math.sqrt(6), 4),
    "model_se": (MODEL_SE, math.sqrt(4 * 0.04**2 / 3 / (4 * 4 * 0.05)), 4),
    "se_error": (
        100 * (MODEL_SE / EMP_SE - 1),
        100 * MODEL_SE / EMP_SE * math.sqrt(4 * 0.04**2 / 3 / (4 * 4 * 0.05**2) + 1 / 6),
        4,
    ),
    "coverage": (2 / 4, 0.25, 4),
    "own_coverage": (1.0, share_error(4, 4), 4),
    "bias_eliminated_coverage": (1.0, share_error(4, 4), 4),
    "coverage_failures_miss": (2 / 5, math.sqrt(0.4 * 0.6 / 5), 5),
    "set_coverage": (2 / 4, 0.25, 4),
    "power": (2 / 4, 0.25, 4),
    "type_s": (1 / 2, math.sqrt(0.5 * 0.5 / 2), 2),
    "type_m": (1.0, 0.2, 2),
    "width": (0.8, math.sqrt(4 * 0.4**2 / 3) / 2, 4),
    "failures": (1 / 5, math.sqrt(0.2 * 0.8 / 5), 5),
}


def test_every_measure_is_worked_out_by_hand():
    assert BY_HAND.keys() == DIAGNOSANDS.keys()


@pytest.mark.parametrize("name", BY_HAND)
def test_by_hand(name):
    figure, (value, mcse, n) = DIAGNOSANDS[name].function(SMALL), BY_HAND[name]
    assert figure.value == pytest.approx(value, abs=1e-14)
    assert figure.mcse == pytest.approx(mcse, rel=SAME_FORMULA)
    assert (figure.n, figure.reason) == (n, "")


def test_coverage_without_bias_moves_the_target_by_the_bias():
    sample = Sample.of([1.0, 2.0, 3.0], [0.0, 1.0, 2.5], low=[0.5, 1.9, 3.2], high=[1.5, 2.2, 3.6])
    assert measures.bias(sample).value == pytest.approx(5 / 6)
    assert measures.bias_eliminated_coverage(sample).value == pytest.approx(2 / 3)  # of .83 and 3.33, not of 1.83
    fixed = Sample.of([1.0, 2.0, 3.0], 0.0, low=[0.5, 1.9, 3.2], high=[1.5, 2.2, 3.6])
    assert measures.bias_eliminated_coverage(fixed).value == pytest.approx(1 / 3)  # the one that holds 2, their mean


def test_a_pooled_target_is_one_number_over_all_replicates():
    sample = Sample.of(
        [0.0, 2.0, np.nan],
        9.0,
        own=[0.0, 1.0, -4.0],
        own_pooled=True,
        code=[0, 0, 64],
        low=[-2.0, 0.0, np.nan],
        high=[0.0, 3.0, np.nan],
    )
    figure = measures.bias(sample)
    assert figure.value == pytest.approx(2.0)  # a mean of 1 less one of -1
    np.testing.assert_allclose(figure.influence, [-1.5 - 1, 1.5 - 2, 0 + 3])
    assert figure.mcse == pytest.approx(np.std([-2.5, -0.5, 3.0], ddof=1) / math.sqrt(3))
    assert measures.own_coverage(sample).value == pytest.approx(0.5)  # -1 for both
    assert measures.bias_eliminated_coverage(sample).value == pytest.approx(0.5)  # 1 for both


def test_without_a_p_value_the_interval_tests():
    sample = Sample.of(
        [-1.0] * 4, -1.0, p_value=[0.2, np.nan, np.nan, np.nan], low=[-2, -2, 0.1, -2], high=[-1, -1, 3, 1]
    )
    assert measures.power(sample).value == pytest.approx(2 / 4)


def test_sets_are_measured_by_their_intervals_and_themselves():
    sample = Sample.of(
        np.full(4, np.nan),
        -0.5,
        set_low=[-0.6, -0.4, -0.1, 0.2],
        set_high=[-0.4, -0.3, 0.2, 0.4],
        low=[-0.8, -0.6, -0.5, 0.1],
        high=[-0.1, -0.1, 0.5, 0.6],
    )
    values = {name: measure.function(sample).value for name, measure in DIAGNOSANDS.items()}
    assert (values["set_coverage"], values["coverage"], values["power"]) == (1 / 4, 3 / 4, 3 / 4)
    assert values["type_s"] == pytest.approx(1 / 3)
    assert fall_share(sample, -0.35).value == 1 / 4
    for name in ("bias", "distance", "rmse", "emp_se", "type_m", "mean_estimate"):
        assert DIAGNOSANDS[name].function(sample).reason == measures.IS_SET


def test_infinite_estimates_are_left_out_of_means_and_said():
    sample = Sample.of(
        [-math.inf, -1.0, -3.0],
        -1.0,
        std_error=[math.inf, 1.0, 1.0],
        low=[-math.inf, -2.0, -4.0],
        high=[0.5, 0.0, -2.0],
        p_value=[0.01, 0.3, 0.01],
    )
    said = "left out: 1 of 3 answers, whose estimate is infinite"
    for name, value in {"bias": -1.0, "distance": -1.0, "rmse": math.sqrt(2), "emp_se": math.sqrt(2)}.items():
        assert DIAGNOSANDS[name].function(sample)[:1] + DIAGNOSANDS[name].function(sample)[3:] == (
            pytest.approx(value),
            2,
            said,
        )
    assert measures.coverage(sample)[0::3] == (pytest.approx(2 / 3), 3)
    assert measures.power(sample)[0::3] == (pytest.approx(2 / 3), 3)
    assert measures.type_s(sample)[0::3] == (0.0, 2)
    assert measures.type_m(sample)[0::3] == (3.0, 1)
    assert measures.width(sample).reason == "left out: 1 of 3 answers, whose interval is infinite"
    assert measures.model_se(sample).reason == "left out: 1 of 3 answers, whose standard error is infinite"
    assert fall_share(sample, -2.0).value == pytest.approx(2 / 3)
    assert measures.bias(Sample.of([-math.inf], 0.0)).reason == "no answer has a finite estimate"


def test_signs_need_an_effect_of_one_sign():
    def at(truth):
        return Sample.of([-1.0, -2.0], truth, p_value=0.01)

    assert measures.type_s(at([0.0, -1.0])).reason == measures.NO_EFFECT
    assert measures.type_m(at([1e-17, -1.0])).reason == measures.NO_EFFECT
    assert measures.type_s(at([1.0, -1.0])).value == 1 / 2
    assert measures.type_m(at([1.0, -1.0])).reason == measures.BOTH_SIGNS
    assert measures.type_m(Sample.of([-1.0], -1.0, p_value=0.6)).reason == measures.NO_REJECTION
    assert measures.type_m(Sample.of([3.0, 5.0], 2.0, p_value=0.01, null=1.0)).value == 3.0


EMPTY = np.array([])
DEGENERATE = {
    "no replicates": Sample.of(EMPTY, EMPTY),
    "one replicate": Sample.of([0.2], 0.1, std_error=0.1, low=[0.0], high=[0.4], p_value=0.04),
    "all failed": Sample.of(np.full(3, np.nan), 0.1, code=[60, 64, 64]),
    "all equal": Sample.of([0.1, 0.1, 0.1], 0.1, std_error=0.0, low=0.1, high=0.1, p_value=1.0),
    "estimates alone": Sample.of([0.1, 0.3, 0.2], 0.1),
    "no truth": Sample.of([0.1, 0.3, 0.2], np.nan, std_error=0.1, low=0.0, high=1.0, p_value=0.01),
    "nothing in them": Sample.of(np.full(3, np.nan), 0.1),
    "all infinite": Sample.of(np.full(3, -np.inf), -0.1, std_error=np.inf, low=-np.inf, high=np.inf, p_value=0.5),
    "infinite beside truth": Sample.of([-np.inf, 1.0], [-np.inf, 1.0], low=[-np.inf, 0.0], high=[np.inf, 2.0]),
    "one of each": Sample.of([0.1, np.nan], 0.2, set_low=[np.nan, 0.0], set_high=[np.nan, 1.0], low=0.0, high=1.0),
    "pooled, one left": Sample.of([0.1, np.nan], 0.2, own=[0.1, 0.4], own_pooled=True, code=[0, 64]),
    "pooled, no target where it answered": Sample.of(
        [0.1, np.nan], 0.2, own=[np.nan, 0.4], own_pooled=True, code=[0, 64]
    ),
    "errors elsewhere": Sample.of([0.1, 0.3, np.nan, np.nan], 0.2, std_error=[np.nan, np.nan, 0.1, 0.2]),
    "pooled, no target": Sample.of([0.1, 0.2], 0.2, own=np.nan, own_pooled=True, low=0.0, high=0.3),
}


@pytest.mark.parametrize("name", DIAGNOSANDS)
@pytest.mark.parametrize("case", DEGENERATE)
def test_undefined_is_said_and_never_nan(case, name):
    sample = DEGENERATE[case]
    figure = DIAGNOSANDS[name].function(sample)
    assert figure.influence.shape == (sample.size,)
    assert not np.isinf(figure.influence).any()
    assert figure.value is None or math.isfinite(figure.value)
    assert figure.mcse is None or (math.isfinite(figure.mcse) and figure.mcse >= 0)
    assert figure.reason or (figure.value is not None and figure.mcse is not None)
    assert (figure.value is None) == (figure.n == 0)
    assert wording.violations(figure.reason) == ()


def test_reasons_name_what_is_missing():
    def reason(case, name):
        return DIAGNOSANDS[name].function(DEGENERATE[case]).reason

    assert reason("all failed", "bias") == measures.NO_ANSWER
    assert reason("one replicate", "bias") == ONE_REPLICATE
    assert reason("one replicate", "emp_se") == measures.TWO_NEEDED
    assert reason("all equal", "se_error") == measures.NO_SPREAD
    assert reason("estimates alone", "model_se") == measures.NO_ERROR
    assert reason("estimates alone", "se_error") == measures.NO_ERROR
    assert reason("errors elsewhere", "se_error") == measures.NOT_BOTH
    assert reason("one replicate", "se_error") == measures.TWO_NEEDED
    assert reason("pooled, no target", "bias") == measures.NO_TRUTH
    assert reason("pooled, no target where it answered", "bias") == measures.NO_TRUTH
    assert reason("estimates alone", "coverage") == measures.NO_INTERVAL
    assert reason("estimates alone", "power") == measures.NO_TEST
    assert reason("estimates alone", "set_coverage") == measures.NO_SET
    assert reason("no truth", "bias") == measures.NO_TRUTH
    assert reason("no truth", "coverage") == measures.NO_TRUTH
    assert reason("nothing in them", "bias") == measures.NO_ESTIMATE


def test_equal_estimates_have_defined_errors_of_0():
    sample = DEGENERATE["all equal"]
    assert measures.bias(sample)[:2] == measures.rmse(sample)[:2] == measures.emp_se(sample)[:2] == (0.0, 0.0)


@pytest.mark.parametrize("measure", DIAGNOSANDS.values(), ids=lambda m: m.name)
def test_words_of_measures_are_plain(measure):
    assert wording.violations(f"{measure.header}. {measure.meaning}") == ()
    assert measure.meaning.endswith(".")


def test_shares_are_those_whose_replicates_hit_or_miss():
    of_replicates = {name for name, measure in DIAGNOSANDS.items() if measure.share}
    assert of_replicates == {n for n in DIAGNOSANDS if "coverage" in n} | {"power", "type_s", "failures"}


def test_failures_by_their_number():
    assert failures_by_code(SMALL) == {64: 1}


@pytest.mark.parametrize("effect", [0.5, 1.5, 3.0])
def test_a_normal_estimate_has_the_measures_of_its_closed_form(effect):
    n, z = 20_000, special.ndtri(0.975)
    estimate = np.random.default_rng(int(10 * effect)).normal(effect, 1.0, n)
    sample = Sample.of(estimate, effect, std_error=1.0, low=estimate - z, high=estimate + z)
    above, below = special.ndtr(effect - z), special.ndtr(-effect - z)
    found = {name: measure.function(sample) for name, measure in DIAGNOSANDS.items()}
    for name, share in {"coverage": 0.95, "power": above + below, "type_s": below / (above + below)}.items():
        low, high = acceptance_band(share, found[name].n)
        assert low <= round(found[name].value * found[name].n) <= high
    density = (math.exp(-((z - effect) ** 2) / 2) + math.exp(-((z + effect) ** 2) / 2)) / math.sqrt(2 * math.pi)
    larger = 1 / (above + below) * (density / effect + above - below)
    for name, value in {"bias": 0.0, "rmse": 1.0, "emp_se": 1.0, "se_error": 0.0, "type_m": larger}.items():
        assert abs(found[name].value - value) <= 4 * found[name].mcse


# --- Brute force: many simulations of the same design ---


def simulation(rng, noise=None):
    """One simulation of a small study of a weak effect, whose stated error moves with its estimate."""
    noise = rng.standard_normal(SIMS) if noise is None else noise
    truth = -0.06 + 0.01 * rng.standard_normal(SIMS).clip(-2, 2)
    error = 0.12 * np.exp(0.3 * np.abs(noise) - 0.2 + 0.2 * rng.standard_normal(SIMS))
    estimate = truth + 0.03 + 0.15 * noise
    failed = rng.random(SIMS) < 0.1
    half = np.where(failed, np.nan, 1.3 * error)
    return Sample.of(
        np.where(failed, np.nan, estimate),
        truth,
        std_error=np.where(failed, np.nan, error),
        low=estimate - half,
        high=estimate + half,
        set_low=estimate - half / 2,
        set_high=estimate + half / 3,
        code=np.where(failed, 64, 0),
    )


@pytest.fixture(scope="module")
def many():
    rng = np.random.default_rng(20190107)
    return [simulation(rng) for _ in range(STUDIES)]


NORMAL_THEORY = {"se_error"}
"""Measures whose formula leaves out that stated errors move with estimates; the influence does not."""


@pytest.mark.parametrize("name", DIAGNOSANDS)
def test_errors_are_the_spread_of_measures_over_simulations(many, name):
    figures = [DIAGNOSANDS[name].function(sample) for sample in many]
    spread = np.std([f.value for f in figures], ddof=1)
    by_influence = np.sqrt(np.mean([mean_error(f.influence) ** 2 for f in figures]))
    assert by_influence == pytest.approx(spread, rel=BY_BRUTE_FORCE)
    stated = np.sqrt(np.mean([f.mcse**2 for f in figures]))
    if name in NORMAL_THEORY:
        assert abs(stated / spread - 1) > BY_BRUTE_FORCE
    else:
        assert stated == pytest.approx(spread, rel=BY_BRUTE_FORCE)


def test_the_error_of_a_spread_supposes_normal_estimates_where_its_influence_does_not():
    rng = np.random.default_rng(5)
    figures = [measures.emp_se(Sample.of(rng.standard_exponential(SIMS), 1.0)) for _ in range(STUDIES)]
    spread = np.std([f.value for f in figures], ddof=1)
    assert np.mean([mean_error(f.influence) for f in figures]) == pytest.approx(spread, rel=BY_BRUTE_FORCE)
    assert np.mean([f.mcse for f in figures]) < 0.7 * spread


def test_a_pooled_target_carries_its_own_error():
    def study(rng):
        own = rng.normal(-0.4, 0.3, SIMS)
        failed = own < -0.7
        return Sample.of(
            np.where(failed, np.nan, own + 0.02 + 0.1 * rng.standard_normal(SIMS)),
            0.0,
            own=own,
            own_pooled=True,
            code=np.where(failed, 64, 0),
        )

    rng = np.random.default_rng(6)
    figures = [measures.bias(study(rng)) for _ in range(STUDIES)]
    spread = np.std([f.value for f in figures], ddof=1)
    assert np.mean([f.mcse for f in figures]) == pytest.approx(spread, rel=BY_BRUTE_FORCE)
    beyond = 0.3 * math.exp(-0.5) / math.sqrt(2 * math.pi) / special.ndtr(1.0)  # mean of a normal cut at -1 SD
    assert np.mean([f.value for f in figures]) == pytest.approx(0.02 + beyond, abs=4 * spread / math.sqrt(STUDIES))


PAIRED = (
    "bias",
    "distance",
    "rmse",
    "emp_se",
    "model_se",
    "se_error",
    "coverage",
    "power",
    "type_s",
    "type_m",
    "width",
)


@pytest.fixture(scope="module")
def pairs():
    rng, found = np.random.default_rng(8), []
    for _ in range(STUDIES):
        noise = rng.standard_normal(SIMS)
        found.append((simulation(rng, noise), simulation(rng, 0.9 * noise + 0.4 * rng.standard_normal(SIMS))))
    return found


@pytest.mark.parametrize("name", PAIRED)
def test_errors_of_paired_differences(pairs, name):
    measure = DIAGNOSANDS[name].function
    figures = [tuple(map(measure, pair)) for pair in pairs]
    differences = [paired_difference(*pair) for pair in figures]
    spread = np.std([d.value for d in differences], ddof=1)
    assert np.sqrt(np.mean([d.mcse**2 for d in differences])) == pytest.approx(spread, rel=BY_BRUTE_FORCE)
    apart = np.mean([math.hypot(mean_error(a.influence), mean_error(b.influence)) for a, b in figures])
    assert spread < 0.95 * apart


@pytest.mark.parametrize("name", PAIRED)
def test_differences_on_common_successes_are_those_of_the_measures(pairs, name):
    measure = DIAGNOSANDS[name].function
    both = common_successes(dict(zip("ab", pairs[0], strict=True)))
    first, second = (measure(sample) for sample in both.values())
    difference = paired_difference(first, second)
    assert difference.value == pytest.approx(first.value - second.value, abs=1e-12)


def test_differences_of_means_are_exact_on_the_common_replicates():
    one, two = Sample.of([1.0, 2.0, np.nan, 4.0], 0.0), Sample.of([np.nan, 1.0, 7.0, 2.5], 0.0)
    difference = paired_difference(measures.bias(one), measures.bias(two))
    assert (difference.value, difference.n) == (pytest.approx(1.25), 2)

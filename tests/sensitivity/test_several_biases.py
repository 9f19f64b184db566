import numpy as np
import pytest

from iom_causal.base.wording import violations
from iom_causal.confounds.register import REGISTER
from iom_causal.errors import InputError, SpecError
from iom_causal.estimators import PairedT, RateRatio
from iom_causal.panel import Panel
from iom_causal.sensitivity.biases import Bias, ConfoundingBias, MisclassificationBias, SelectionBias
from iom_causal.sensitivity.e_value import e_value
from iom_causal.sensitivity.several_biases import several_biases

PRINTED = 5e-7  # six decimals are printed
SEARCHED = 2.5e-5  # R's uniroot stops within 1.2e-4; what it printed lies this near to the solution
EXPLAINS = 1e-8
PANEL = Panel.from_arrays([[5, 2], [3, 1], [4, 4], [6, 1], [2, 3]], name="arrests")
GENERAL = {"exposed": (3, 3), "unexposed": (4, 4)}

# Every set of biases of the tests of R's EValue 4.1.3 (test-multiple_biases.R), with its strengths and printed bound.
SETS = [
    ([ConfoundingBias(exposure=2, outcome=2)], 1.33333),
    ([SelectionBias(**GENERAL)], 1.8 * 2.28571),
    ([SelectionBias(population="selected", exposed=(5, 5))], 2.77778),
    ([SelectionBias(risk="increased", exposed=(3, 3))], 1.8),
    ([SelectionBias(risk="decreased", common=True, unexposed=4)], 4),
    ([SelectionBias(common=True, exposed=3, unexposed=4)], 12),
    ([MisclassificationBias(strength=7)], 7),
    ([MisclassificationBias(of="exposure", strength=8)], 8),
    ([MisclassificationBias(of="exposure", strength=9, rare_exposure=True)], 9),
    ([ConfoundingBias(exposure=2, outcome=2), SelectionBias(**GENERAL)], 1.33333 * 1.8 * 2.28571),
    (
        [ConfoundingBias(exposure=2, outcome=2), SelectionBias(**GENERAL), MisclassificationBias(strength=7)],
        1.33333 * 1.8 * 2.28571 * 7,
    ),
    (
        [
            ConfoundingBias(exposure=6, outcome=6),
            SelectionBias(population="selected"),
            MisclassificationBias(of="exposure", strength=8),
        ],
        3.27273 * 8,
    ),
]


@pytest.mark.parametrize(("biases", "printed"), SETS)
def test_bounds_of_strengths_stated(biases, printed):
    found = several_biases(2.0, biases=biases)
    assert found.bound == pytest.approx(printed, rel=1e-5)  # R's tests compare to that
    assert found.bound_at(found.estimate) == pytest.approx(2.0, rel=EXPLAINS)


@pytest.mark.parametrize("risk", ["increased", "decreased"])
@pytest.mark.parametrize("rises", [True, False])
def test_the_group_that_counts_bounds_the_ratio_whichever_way_it_lies(risk, rises):
    """In worlds where a cause moves who is selected, more or less in each window, brought to a true ratio of 1."""
    rng = np.random.default_rng(5)
    for _ in range(200):
        cause, often = rng.uniform(0.1, 0.9), rng.uniform(0.05, 0.95, (2, 2))  # of selection, by window and cause
        often.sort(axis=1)
        ratio = rng.uniform(1.0, 4.0, 2)  # of the outcome, by window
        risks = 0.2 * np.stack([np.ones(2), ratio], 1)
        if risk == "decreased":
            risks = risks[:, ::-1]
        share = np.array([1 - cause, cause])
        among = [share * often[k] / (share @ often[k]) for k in (0, 1)]
        out = [share * (1 - often[k]) / (share @ (1 - often[k])) for k in (0, 1)]
        strengths = [
            (ratio[k], max(np.max(among[k] / out[k]), np.max(out[k] / among[k]))) for k in (0, 1)
        ]  # the first window is the unexposed
        seen, all_of = (np.array([risks[k] @ s[k] for k in (0, 1)]) for s in (among, (share, share)))
        observed, true = seen[1] / seen[0], all_of[1] / all_of[0]
        biased = observed / true
        if (biased > 1) != rises:
            continue
        bias = SelectionBias(risk=risk, exposed=strengths[1], unexposed=strengths[0])
        found = several_biases(observed, reference=true, biases=[bias])
        assert found.ratio_at_bound == pytest.approx(true, rel=1e-9)


def test_joint_e_values_as_published():
    hiv = several_biases(6.75, low=2.79, biases=[ConfoundingBias(), SelectionBias(risk="increased")])
    assert (hiv.estimate, hiv.interval) == pytest.approx((4.635703, 2.728474), abs=PRINTED)
    leukaemia = several_biases(
        0.51, low=0.30, high=0.89, biases=[ConfoundingBias(), MisclassificationBias(of="exposure")]
    )
    assert (leukaemia.estimate, leukaemia.interval) == pytest.approx((1.351985, 1.058404), abs=SEARCHED)


def test_one_bias_is_the_e_value_with_its_measures_and_references():
    alone = [ConfoundingBias()]
    for settings in ({}, {"low": 0.4, "high": 0.9}, {"reference": 0.7}, {"measure": "hazard ratio", "rare": False}):
        one, other = several_biases(0.5, biases=alone, **settings), e_value(0.5, **settings)
        assert one.estimate == pytest.approx(other.estimate, rel=1e-12)
        assert (one.interval or 0.0) == pytest.approx(other.interval or 0.0, rel=1e-12)
    fit = RateRatio()(PANEL)
    assert several_biases(fit, biases=alone).estimate == pytest.approx(e_value(fit).estimate, rel=1e-12)


def test_every_strength_makes_the_bound_greater_and_the_ratio_at_it_nearer():
    def found(x):
        biases = [
            ConfoundingBias(exposure=x, outcome=2),
            SelectionBias(exposed=(2, x), unexposed=(1.5, 1.5)),
            MisclassificationBias(strength=x),
        ]
        return several_biases(0.2, biases=biases)

    several = [found(1 + 0.1 * k) for k in range(10)]
    bounds = [one.bound for one in several]
    assert bounds == sorted(bounds)
    assert len(set(bounds)) == len(bounds)
    assert all(one.ratio_at_bound == pytest.approx(min(0.2 * one.bound, 1.0)) for one in several)


def test_a_bound_beyond_the_reference_stops_there_and_says_so():
    found = several_biases(1.3, biases=[MisclassificationBias(strength=2)])
    assert found.ratio_at_bound == 1.0
    assert "which reaches it" in found.summary()
    assert several_biases(1.3, biases=[MisclassificationBias()]).ratio_at_bound is None


def test_its_sentences_name_the_other_question_and_the_points():
    found = several_biases(0.53, low=0.47, high=0.59)
    said = found.summary()
    assert not violations(said)
    assert "asks another question" in said
    for key in ("c01", "c03", "c04", "u3", "u6"):
        assert key in found.speaks_to
    for key in ("u1", "c05"):
        assert key in found.silent_on
    assert "changes to be expected" in said
    assert sorted((*found.speaks_to, *found.silent_on)) == sorted(REGISTER)
    exposure = several_biases(0.53, biases=[MisclassificationBias(of="exposure")])
    assert exposure.speaks_to == ("u7",)
    assert "another question" not in exposure.summary()


@pytest.mark.parametrize(
    "make",
    [
        lambda: several_biases(0.5, biases=[]),
        lambda: several_biases(0.5, biases=[ConfoundingBias(), ConfoundingBias()]),
        lambda: several_biases(0.5, measure="odds ratio"),
        lambda: several_biases(0.5, measure="risk difference"),
        lambda: several_biases(-0.5),
        lambda: several_biases(0.5, reference=0.0),
        lambda: several_biases(0.5).bound_at(0.9),
        lambda: ConfoundingBias(exposure=2),
        lambda: ConfoundingBias(exposure=0.5, outcome=2),
        lambda: SelectionBias(exposed=(2, 2)),
        lambda: SelectionBias(exposed=2, unexposed=2),
        lambda: several_biases(2.0, biases=[SelectionBias(risk="increased", unexposed=(2, 2))]),
        lambda: several_biases(0.5, biases=[SelectionBias(risk="increased", exposed=(2, 2))]),
        lambda: SelectionBias(population="selected", unexposed=(2, 2)),
        lambda: SelectionBias(population="selected", common=True),
        lambda: SelectionBias(risk="some"),
        lambda: MisclassificationBias(of="other"),
        lambda: MisclassificationBias(strength=float("nan")),
        lambda: several_biases(0.5, biases=[ConfoundingBias(), SelectionBias(population="selected", exposed=(2, 2))]),
    ],
)
def test_settings_outside_their_bounds_are_refused(make):
    with pytest.raises(SpecError, match="IOM-E09"):
        make()


def test_only_ratios():
    with pytest.raises(InputError, match="IOM-E066"):
        several_biases(PairedT()(PANEL))


def test_biases_are_of_one_protocol():
    assert all(isinstance(bias, Bias) for bias in (ConfoundingBias(), SelectionBias(), MisclassificationBias()))

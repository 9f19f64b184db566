"""Specification curves: every combination, refusals that stay, which choice moves the answer, and the picture."""

import math

import numpy as np
import pytest
from matplotlib.figure import Figure

from iom_causal.base.wording import violations
from iom_causal.confounds import Detection, History
from iom_causal.confounds.register import REGISTER
from iom_causal.errors import InputError, NotIdentifiedError, SpecError
from iom_causal.estimate import Estimate
from iom_causal.estimators import PairedT, RateRatio, Wilcoxon
from iom_causal.inputs.threats import NAMES
from iom_causal.ledger import Ledger
from iom_causal.panel import Panel
from iom_causal.sensitivity.specification_curve import run_specifications

EXACT = 1e-12
PANEL = Panel.from_arrays([[5, 2], [3, 1], [4, 4], [6, 1], [2, 3], [7, 2]], name="arrests")


def answer(value, scale="difference", **more):
    return Estimate(outcome="loss", method="stated", scale=scale, estimate=value, **more)


def added(data, *, a, b):
    if a + b == 4:
        raise NotIdentifiedError("IOM-E068", "they cannot be told apart")
    return answer(data + a + b, conf_low=data + a + b - 1, conf_high=data + a + b + 1)


SET = {1.0: {}, None: {"set_low": 2.0, "set_high": 3.0}}
CHOICES = {"a": {"none": 0, "two": 2}, "b": {"low": -3, "mid": 1, "high": 2}}


def test_every_combination_is_there_and_refused_ones_stay_with_their_code():
    found = run_specifications(CHOICES, 0.0, added)
    assert [row.chosen for row in found.rows] == [(a, b) for a in ("none", "two") for b in ("low", "mid", "high")]
    assert [row.estimate for row in found.rows] == [-3, 1, 2, -1, 3, None]
    (refused,) = [row for row in found.rows if row.code]
    assert (refused.code, refused.refused) == ("IOM-E068", "they cannot be told apart")
    frame = found.tidy()
    assert list(frame.columns[:3]) == ["outcome", "a", "b"]
    assert len(frame) == 6
    assert "1 was refused (IOM-E068 1), and stays in the table" in found.summary()


def test_shares_of_sides_are_of_answers_and_of_whole_intervals():
    shares = run_specifications(CHOICES, 0.0, added).shares
    assert shares == {"below": 0.4, "above": 0.6, "interval_below": 0.2, "interval_above": 0.4}


def test_the_choice_that_moves_the_answer_most_is_named_with_its_ends():
    choices = {"small": {"x": 0.0, "y": 0.1}, "large": {"p": 0.5, "q": 2.0}}

    def run(data, *, small, large):
        return answer(data * large * math.exp(small), "ratio")

    found = run_specifications(choices, 1.0, run)
    spread = {name: effect.share for name, effect in found.effects.items()}
    whole = 0.05**2 + math.log(2) ** 2
    assert spread == pytest.approx({"small": 0.05**2 / whole, "large": math.log(2) ** 2 / whole}, rel=1e-9)
    assert found.ranked == ("large", "small")
    middle = math.exp(0.05)
    assert f"from {0.5 * middle:.3f} (p) to {2 * middle:.3g} (q)" in found.summary()
    assert "no probabilities" in found.summary()
    assert violations(found.summary()) == ()


def test_a_set_is_on_a_side_only_as_a_whole():
    def run(low, *, end):
        return Estimate(
            outcome="x", method="set", scale="ratio", set_low=low, set_high=end, conf_low=0.4, conf_high=end
        )

    found = run_specifications({"end": {"under": 0.9, "over": 1.2}}, 0.5, run)
    assert found.shares == {"below": 0.5, "above": 0.0, "interval_below": 0.5, "interval_above": 0.0}
    assert found.answered[0].chosen == ("under",)


def test_a_ratio_of_0_has_no_place_on_the_curve():
    found = run_specifications({"v": {"zero": 0.0, "half": 0.5}}, None, lambda _, v: answer(v, "ratio"))
    assert [row.code for row in found.rows] == ["IOM-E064", ""]


def test_settings_of_an_estimator_are_choices_by_their_dotted_paths():
    choices = {"detection.ratio": {"less": 0.8, "same": 1.0}, "history.ratio": {"fell": 0.9, "same": 1.0}}
    ledger = Ledger((Detection(ratio=1.0), History(ratio=1.0)), draws=200)
    found = run_specifications(choices, PANEL, ledger)
    observed = float(RateRatio()(PANEL).estimate)
    assert [row.estimate for row in found.rows] == pytest.approx(
        [observed / (d * h) for d in (0.8, 1) for h in (0.9, 1)]
    )
    again = run_specifications(choices, PANEL, ledger)
    assert again.tidy().equals(found.tidy())
    with pytest.raises(SpecError, match="IOM-E093"):
        run_specifications({"detection.ration": {"a": 1}}, PANEL, ledger)
    levels = run_specifications(
        {"level": {"95": 0.95, "80": 0.8}, "zeros": {"w": "wilcox", "p": "pratt"}}, PANEL, Wilcoxon()
    )
    assert len(levels.rows) == 4


def test_a_value_that_the_estimator_refuses_is_a_row():
    found = run_specifications({"level": {"fine": 0.9, "beyond": 2.0}}, PANEL, PairedT())
    assert [row.code for row in found.rows] == ["", "IOM-E092"]


def test_points_of_the_register_are_those_of_the_confounds_among_the_values():
    choices = {"lines": {"none": (), "both": (Detection(ratio=0.9), History(ratio=0.9))}}
    found = run_specifications(choices, PANEL, lambda data, lines: Ledger(lines, draws=200)(data, rng=1))
    assert {"c01", "c04"} <= set(found.speaks_to)
    assert set(found.speaks_to) | set(found.silent_on) <= set(REGISTER)
    assert set(found.silent_on) <= set(NAMES)
    assert not set(found.speaks_to) & set(found.silent_on)


def test_what_is_not_right_is_refused_before_anything_runs():
    ran = []

    def run(data, **chosen):
        ran.append(chosen)
        return answer(data)

    for choices, code in (
        ({}, "E096"),
        ({"a": {}}, "E096"),
        ({"a": [1, 2]}, "E092"),
        ([1], "E092"),
        ({f"c{k}": dict.fromkeys(map(str, range(10)), 1) for k in range(6)}, "E092"),
    ):
        with pytest.raises(SpecError, match=f"IOM-{code}"):
            run_specifications(choices, 1.0, run)
    assert not ran
    with pytest.raises(SpecError, match="IOM-E092"):
        run_specifications(CHOICES, 1.0, 3)
    with pytest.raises(SpecError, match="IOM-E092"):
        run_specifications(CHOICES, 1.0, lambda data, a, b: data + a + b)
    with pytest.raises(InputError, match="IOM-E098"):
        run_specifications({"s": {"r": "ratio", "d": "difference"}}, 1.0, lambda data, s: answer(value=data, scale=s))
    with pytest.raises(NotIdentifiedError, match="IOM-E068"):
        run_specifications({"a": {"x": 2}, "b": {"y": 2}}, 1.0, added)


def test_a_slip_in_the_code_that_runs_is_no_refusal():
    with pytest.raises(ZeroDivisionError):
        run_specifications(CHOICES, 0.0, lambda data, a, b: answer((a + b) / data))


def test_the_picture_has_a_dot_an_answer_and_a_mark_for_each_of_its_choices():
    found = run_specifications(CHOICES, 0.0, added)
    ax = found.plot()
    (dots,) = [line for line in ax.lines if line.get_marker() == "."]
    assert dots.get_ydata().tolist() == [-3, -1, 1, 2, 3]
    (below,) = ax.child_axes
    assert sum(len(line.get_xdata()) for line in below.lines) == 5 * 2
    assert [label.get_text().strip() for label in below.get_yticklabels()] == [
        "a",
        "none",
        "two",
        "b",
        "low",
        "mid",
        "high",
    ]
    given = Figure().add_subplot()
    assert found.plot(given) is given
    assert len(given.child_axes) == 1
    mixed = run_specifications({"v": {"value": 1.0, "set": None}}, None, lambda _, v: answer(v, **SET[v])).plot()
    assert [line.get_ydata().tolist() for line in mixed.lines if line.get_marker() == "."] == [[1.0]]
    ratios = run_specifications({"v": {"x": 0.5, "y": 2.0}}, None, lambda _, v: answer(v, "ratio")).plot()
    assert ratios.get_yscale() == "log"
    assert np.isfinite(ratios.get_ylim()).all()

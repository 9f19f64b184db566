"""Protocols hold what keeps them and nothing else; any function can answer, and a batch tells failures from faults."""

from dataclasses import dataclass

import numpy as np
import pytest

from iom_causal.confounds import Ageing, Detection, RegressionToMean
from iom_causal.confounds.units import PROPORTION, as_line
from iom_causal.errors import DegenerateDataError, InputError, SpecError
from iom_causal.estimate.estimate import Drawn
from iom_causal.estimators import PairedT, RateRatio, Wilcoxon
from iom_causal.ledger import Ledger
from iom_causal.panel import Panel
from iom_causal.roles import Batched, Confound, Estimator, InLedger, Remainder, Selected, answer, batch
from iom_causal.world import Mechanism


@pytest.mark.parametrize("protocol", [Estimator, Batched, Remainder, Selected, Confound, Drawn])
@pytest.mark.parametrize("value", [lambda: 0, lambda panel: panel, 3, "Ledger", object(), (), {}])
def test_a_protocol_does_not_hold_everything(protocol, value):
    assert not isinstance(value, protocol)


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (Wilcoxon(), {Estimator}),
        (PairedT(), {Estimator, Batched}),
        (Ledger(), {Estimator, Remainder, Drawn}),
        (Detection(), {Confound}),
        (RegressionToMean(method="robbins_zhang"), {Confound, Selected}),
    ],
    ids=lambda v: type(v).__name__,
)
def test_a_value_keeps_the_protocols_that_it_should(value, kept):
    assert {p for p in (Estimator, Batched, Remainder, Selected, Confound, Drawn) if isinstance(value, p)} == kept


@dataclass(frozen=True, kw_only=True)
class Half(Confound):
    """An adjustment of somebody's own, with nothing but what has no default."""

    line = "half"
    ids = ("c02",)
    reference = "made for a test"
    assumption_left_out = "nothing halved the outcome"
    acts = PROPORTION

    @as_line
    def shift(self, data, theta):
        del data, theta
        return np.log(0.5)

    def condition(self, data, theta):
        del data, theta
        return "everything halves"

    def mechanism(self, windows, theta):
        del windows, theta
        return Mechanism()


def test_a_confound_of_ones_own_takes_the_defaults_and_stands_in_a_ledger():
    assert (Half().also_holds, Half().speaks_of, Half().range_points) == ((), "", 2)
    assert Half().in_ledger("count") == Half().in_ledger("score") == InLedger()
    panel = Panel.from_arrays([[4, 2], [6, 3], [8, 3], [2, 2]], name="arrests")
    assert Half().resolved(panel) == Half()
    assert Ledger([Half()])(panel, rng=1).estimate == pytest.approx(2 * Ledger()(panel, rng=1).estimate, rel=1e-9)


def test_a_confound_that_leaves_out_what_has_no_default_cannot_be_made_or_entered():
    class NoShift(Confound):
        acts, mechanism = PROPORTION, Half.mechanism

    class NoLine:
        shift, mechanism, acts = Half.shift, Half.mechanism, PROPORTION

    with pytest.raises(TypeError, match="abstract method"):
        NoShift()
    with pytest.raises(SpecError, match="IOM-E092: Ledger: expected confounds"):
        Ledger([NoLine()])


def test_only_what_turns_inside_a_range_asks_for_more_than_its_ends():
    assert (Ageing().range_points, Detection().range_points) == (9, 2)


def mean_change(panel):
    d = (panel.after - panel.before).astype(float)
    if d.std() == 0:
        raise DegenerateDataError("IOM-E063", "all the same")
    return float(d.mean()), float(d.std(ddof=1) / np.sqrt(len(d)))


def test_any_function_can_answer():
    spec = answer(mean_change, estimand="descriptive_change", scale="difference")
    result = spec(Panel.from_arrays([[3, 1], [2, 2], [5, 0]]))
    assert result.method == "mean_change"
    assert result.conf_low < result.estimate < result.conf_high
    with pytest.raises(SpecError, match="IOM-E093"):
        answer(mean_change, estimand="effect", scale="difference")
    with pytest.raises(SpecError, match="IOM-E097"):
        answer(3, estimand="descriptive_change", scale="difference")


def test_an_answer_that_is_not_finite_is_a_code_and_one_of_another_shape_a_fault_of_the_function():
    def ratio(panel):
        total = float(panel.before.sum())
        return (float(panel.after.sum()) / total if total else np.nan), 0.1

    block = Panel.from_arrays(np.array([[[3, 1], [2, 2]], [[0, 0], [0, 1]]]))
    assert batch(answer(ratio, estimand="descriptive_change", scale="ratio"), block).code.tolist() == [0, 68]
    with pytest.raises(SpecError, match="IOM-E092"):
        batch(answer(lambda _: (1.0,), estimand="descriptive_change", scale="ratio"), block)
    with pytest.raises(InputError, match="IOM-E035"):
        batch(RateRatio(), [[3, 1]])


def test_expected_failures_are_rows_and_bugs_stop():
    spec = answer(mean_change, estimand="descriptive_change", scale="difference")
    block = np.array([[[3, 1], [2, 2]], [[1, 0], [2, 1]]])
    es = batch(spec, Panel.from_arrays(block))
    assert es.code.tolist() == [0, 63]

    def broken(_panel):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        batch(answer(broken, estimand="descriptive_change", scale="difference"), Panel.from_arrays(block))

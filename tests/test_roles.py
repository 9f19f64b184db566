"""Any function can answer, and a batch tells expected failures from faults."""

import numpy as np
import pytest

from iom_causal.errors import DegenerateDataError, InputError, SpecError
from iom_causal.estimators import RateRatio
from iom_causal.panel import Panel
from iom_causal.roles import answer, batch


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

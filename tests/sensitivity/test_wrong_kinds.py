"""What is no argument of a function of sensitivity is refused with a type of this package, whatever it is."""

import contextlib
import inspect
import math

import numpy as np
import pytest

import iom_causal as iom
from iom_causal.beliefs import Range
from iom_causal.errors import IomCausalError
from iom_causal.windows import Selection, Window

N = 40


def _panel(**settings):
    rng = np.random.default_rng(5)
    start = np.ma.MaskedArray(np.ones(N, dtype=int), mask=np.arange(N) >= N // 2)
    return iom.Panel.from_arrays(rng.poisson(5, (N, 2)), start=start, name="arrests", **settings)


def _yearly():
    windows = [Window(f"{k}", 365 * k, 365 * (k + 1), post=k >= 0) for k in range(-4, 1)]
    counts = np.random.default_rng(1).poisson(4, (N, 5))
    start = np.ma.MaskedArray(np.full(N, 4), mask=counts[:, 3] < 5)
    rule = Selection("arrests", ("-1",), "at_least", "at_boundary", threshold=5)
    return iom.Panel.from_arrays(counts, windows=windows, start=start, selection=rule, name="arrests")


PANEL, MOMENTS = (
    _panel(),
    iom.Moments.from_summary(n=225, mean_pre=6.84, sd_pre=4.75, mean_post=3.61, sd_post=3.66, t=11.64, name="arrests"),
)
LEDGER = iom.Ledger([iom.Detection(ratio=0.9)], draws=100)
CALLS = {
    iom.e_value: {"result": 0.5},
    iom.robustness_value: {"result": PANEL},
    iom.several_biases: {"result": 0.5},
    iom.lee_bounds: {"panel": PANEL},
    iom.manski_bounds: {"panel": PANEL, "support": (0, 30)},
    iom.volunteer_bounds: {"positive": 6, "n": 10},
    iom.rosenbaum_bounds: {"data": PANEL},
    iom.amplify: {"gamma": 2.0, "strength": 3.0},
    iom.regression_tipping: {"data": MOMENTS},
    iom.tipping: {"spec": LEDGER, "data": PANEL, "field": "detection.ratio"},
    iom.sweep: {"spec": LEDGER, "data": PANEL, "field": "detection.ratio", "span": (0.5, 1.0), "points": 3},
    iom.surface: {
        "spec": LEDGER,
        "data": PANEL,
        "spans": {"detection.ratio": (0.5, 1.0), "detection.false_post": (0.0, 0.1)},
        "points": 3,
    },
    iom.frontier: {"spec": LEDGER, "data": PANEL, "beliefs": {"detection.ratio": Range(0.8, 1.0)}},
    iom.negative_control: {"data": PANEL, "placebo": PANEL, "shares": ("c01",), "same_people": True},
    iom.placebo_dates: {"panel": _yearly()},
    iom.selection_plausibility: {"panel": _yearly()},
}
"""A call of every function that answers, or is refused."""
WRONG = {
    "nothing": None,
    "a text": "a",
    "an empty text": "",
    "a number": 3,
    "a negative number": -1.5,
    "no number": math.nan,
    "infinity": math.inf,
    "true": True,
    "a numpy number": np.float32(0.5),
    "an empty list": [],
    "texts": ["a", "b"],
    "numbers": (0.1, 0.2),
    "no numbers": (math.nan,),
    "an array": np.array([0.5, 2.0]),
    "a table": {"a": 1},
    "an object": object(),
    "a class": iom.Detection,
    "a range": Range(0.5, 1.2),
    "a panel": PANEL,
    "moments": MOMENTS,
    "an estimate": iom.RateRatio()(PANEL),
}
CASES = [
    pytest.param(function, name, kind, id=f"{function.__name__}-{name}-{kind}")
    for function in CALLS
    for name in inspect.signature(function).parameters
    for kind in WRONG
]


@pytest.mark.parametrize(("function", "name", "kind"), CASES)
def test_it_answers_or_refuses_with_a_type_and_warns_of_nothing(function, name, kind, recwarn):
    with contextlib.suppress(IomCausalError):
        function(**{**CALLS[function], name: WRONG[kind]})
    assert not [w for w in recwarn.list if issubclass(w.category, RuntimeWarning)]

"""Regressions with a kernel over replicates, against the libraries one at a time, closed forms and stored R."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from iom_causal.errors import DegenerateDataError, IomCausalError
from iom_causal.estimate.estimates import NUMBERS
from iom_causal.estimators import Ancova, PanelOLS
from iom_causal.numerics.mixed.regressions import poisson
from iom_causal.numerics.mixed.within import within_change
from iom_causal.panel import Panel
from iom_causal.roles import batch, batch_by_loop
from iom_causal.windows import Window

R = json.loads((Path(__file__).parents[1] / "reference" / "r" / "ancova.json").read_text(encoding="utf-8"))
SINGLE = 1e-10  # a library's single fit: sums in another order, and the last step of Newton's method
STORED = 1e-8  # R's search stops there
SPECS = [
    PanelOLS(),
    PanelOLS(level=0.9, time_effects=True),
    Ancova(),
    Ancova(se="model"),
    Ancova("poisson"),
    Ancova("poisson", se="model", level=0.8),
]


def worlds(replicates=2, n=24, windows=2, *, seed=1, missing=False, days=False, weights=False, starts=()):
    rng = np.random.default_rng(seed)
    half = windows // 2
    named = [Window(f"w{k}", 365 * (k - half), 365 * (k + 1 - half), post=k >= half) for k in range(windows)]
    mean = rng.gamma(2.0, 2.0, (replicates, n, 1)) * np.where(np.arange(windows) < half, 1.0, 0.7)
    exposure = rng.integers(100, 366, (replicates, n, windows)).astype(float) if days else None
    if exposure is not None:
        exposure[0, :3, -1] = 0.0
        mean = mean * (exposure > 0)
    outcome = rng.poisson(mean).astype(float)
    if missing:
        outcome[rng.random(outcome.shape) < 0.08] = np.nan
    first = np.array(starts)[np.arange(n) % len(starts)] if starts else np.full(n, half)
    start = np.ma.MaskedArray(first, mask=np.arange(n) >= 2 * n // 3)
    weight = rng.integers(0, 4, (replicates, n)) if weights else None
    return Panel.from_arrays(
        outcome, windows=named, start=start, exposure=exposure, weight=weight, name="arrests", missing="keep"
    )


PANELS = {
    "plain": worlds(),
    "missing": worlds(missing=True),
    "weights": worlds(weights=True),
    "weights and missing": worlds(weights=True, missing=True),
    "days": worlds(days=True),
    "days and weights": worlds(days=True, weights=True),
    "months": worlds(windows=6),
    "months missing": worlds(windows=6, missing=True, weights=True),
    "scores": replace(worlds(missing=True), kind="score"),
}


def assert_as_one_by_one(spec, panel):
    kernel, loop = batch(spec, panel), batch_by_loop(spec, panel)
    for name in ("code", "n_input", "n_used", "numbers", "interval"):
        assert getattr(kernel, name).tolist() == getattr(loop, name).tolist(), name
    for name in NUMBERS:
        np.testing.assert_allclose(getattr(kernel, name), getattr(loop, name), rtol=SINGLE, atol=1e-13, err_msg=name)
    assert loop.base is None or list(kernel.parts) == list(loop.parts)
    for term, columns in loop.parts.items():
        np.testing.assert_allclose(kernel.parts[term], columns, rtol=SINGLE, atol=1e-13, err_msg=term)
    assert kernel.notes == loop.notes
    words = ["outcome", "method", "estimand", "term", "scale", "std_error_scale", "conf_level", "note"]
    if loop.base is not None:
        assert kernel.tidy()[words].equals(loop.tidy()[words])
        for name in ("exposure", "assumptions", "spec", "pinned", "coefficient"):
            assert getattr(kernel.base, name) == getattr(loop.base, name), name
    return kernel


@pytest.mark.parametrize("panel", PANELS.values(), ids=list(PANELS))
@pytest.mark.parametrize("spec", SPECS, ids=repr)
def test_the_kernel_gives_what_the_libraries_give_one_at_a_time(spec, panel):
    assert_as_one_by_one(spec, panel)


@pytest.mark.parametrize("time_effects", [False, True])
def test_starts_at_different_windows_are_told_where_they_are(time_effects):
    panel = worlds(replicates=2, windows=6, starts=(2, 4))
    early = replace(panel, weight=np.stack([np.ones(panel.n), np.where(panel.start.filled(9) == 4, 0, 1)]))
    assert_as_one_by_one(PanelOLS(time_effects=time_effects), early)


def broken():
    """Replicates in which nobody changed, all changed alike, nothing happened, nobody of a group is there."""
    plain = worlds(replicates=8)
    outcome, weight = plain.outcome.copy(), np.ones(plain.outcome.shape[:2])
    outcome[1, :, 1] = outcome[1, :, 0]
    outcome[2, :, 1] = outcome[2, :, 0] + 1
    outcome[3] = 0
    outcome[4, :, 0] = 2
    outcome[5, plain.group, 1] = 0
    weight[6, ~plain.group] = 0
    weight[7] = np.arange(plain.n) == 0
    return replace(plain, outcome=outcome, weight=weight)


@pytest.mark.parametrize("spec", SPECS, ids=repr)
def test_what_the_single_call_refuses_has_its_code(spec):
    found = assert_as_one_by_one(spec, broken())
    assert found.code[0] == 0
    assert (found.code != 0).sum() >= 3


def test_a_poisson_fit_that_leaves_nothing_over_has_no_robust_error():
    # Everybody has one more after, which is the exponential of log1p(before) of a count as it is: days are not known.
    one = broken().replicate(2)
    panel = Panel.from_arrays(one.outcome, name="arrests", start=one.start)
    with pytest.raises(DegenerateDataError, match="IOM-E065"):
        Ancova("poisson")(panel)
    assert Ancova("poisson", se="model")(panel).estimate == pytest.approx(1.0)


def test_weights_that_are_no_whole_numbers_are_a_code():
    plain = worlds(replicates=2)
    weight = np.ones(plain.outcome.shape[:2])
    weight[1, 0] = 0.5
    for spec in SPECS:
        assert batch(spec, replace(plain, weight=weight)).code.tolist() == [0, 76]


def test_difference_in_differences_has_its_closed_form():
    panel = worlds(replicates=3, n=30)
    found = batch(PanelOLS(time_effects=True), panel)
    change = panel.after - panel.before
    sides = [change[:, panel.group], change[:, ~panel.group]]
    gap = sides[0].mean(-1) - sides[1].mean(-1)
    squares = sum(((s - s.mean(-1, keepdims=True)) ** 2).sum(-1) / s.shape[-1] ** 2 for s in sides)
    factor = 30 / 29 * 59 / 28  # g / (g - 1) and (N - 1) / (N - k) for 30 people, 60 rows and 32 coefficients
    assert found.estimate == pytest.approx(gap, rel=SINGLE)
    assert found.std_error == pytest.approx(np.sqrt(squares * factor), rel=SINGLE)


@pytest.mark.parametrize(("se", "key"), [("robust", "robust_se"), ("model", "model_se")])
def test_poisson_regression_over_replicates_gives_what_r_gives(se, key):
    made = R["poisson"]
    y, x = (
        np.array(made["after"], dtype=float),
        np.column_stack([np.ones(60), made["managed"], np.log1p(made["before"])]),
    )
    order = np.random.default_rng(1).permutation(60)
    stacked = [np.stack([v, v[order]]) for v in (x, y, np.log(made["days"]))]
    fit = poisson(*stacked, np.ones((2, 60)), robust=se == "robust")
    assert fit.sound.all()
    for k in range(2):
        assert fit.values[k].tolist() == pytest.approx(made["coefficients"], rel=STORED)
        assert np.sqrt(np.diag(fit.cov[k])).tolist() == pytest.approx(made[key], rel=STORED)


def test_a_poisson_fit_without_a_maximum_is_not_sound():
    x = np.array([[[1.0, 0], [1, 0], [1, 1], [1, 1]]] * 2)
    fit = poisson(x, np.array([[2.0, 1, 0, 0], [2, 1, 1, 0]]), np.zeros((2, 4)), np.ones((2, 4)), robust=False)
    assert fit.sound.tolist() == [False, True]


def test_effects_that_absorb_treatment_leave_nothing():
    treated = np.array([[0.0, 1]] * 4)
    y = np.random.default_rng(1).random((1, 4, 2))
    assert within_change(y, treated, np.ones((1, 4)), time_effects=True).left[0] == pytest.approx(0, abs=1e-15)
    assert within_change(y, treated, np.ones((1, 4)), time_effects=False).left[0] == pytest.approx(0.5)


@pytest.mark.parametrize("n", [2, 3, 4])
def test_few_people_get_an_answer_or_a_typed_error(n):
    panel = Panel.from_arrays(
        [[3, 1], [2, 5], [4, 4], [6, 1]][:n], start=np.ma.MaskedArray([1] * n, mask=np.arange(n) % 2 == 1)
    )
    for spec in SPECS:
        try:
            assert spec(panel).std_error > 0
        except IomCausalError:
            assert batch(spec, panel).code[0] > 0

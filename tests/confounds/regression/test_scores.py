import math
from dataclasses import replace

import numpy as np
import pytest

from iom_causal.base import wording
from iom_causal.beliefs import Range, Uniform
from iom_causal.beliefs.theta import central, corners, draw
from iom_causal.confounds.regression.scores import ScoreRegression
from iom_causal.errors import InputError, NotIdentifiedError, SpecError
from iom_causal.moments import Moments
from iom_causal.panel import Panel
from iom_causal.windows import Selection

RULE = Selection("risk", ("before",), "at_least", "at_boundary", threshold=220)
NOISE = 4  # standard errors of a simulation
PAPER = Moments.from_summary(
    n=187, n_input=225, mean_pre_input=328.89, sd_pre_input=142.71, mean_post=238.61, name="risk", kind="score"
)


def people(law, *, grid=0, size=1_000_000, seed=1, after=False, change=0.0):
    rng = np.random.default_rng(seed)
    true = rng.gamma(2.0, 60.0, size) if law == "gamma" else rng.normal(150, 60, size)
    scores = np.stack([true, true + change], -1) + rng.normal(0, 40, (size, 2))
    scores = grid * np.round(scores / grid) if grid else scores
    return Panel.from_arrays(scores[scores[:, int(after)] >= 220], kind="score", name="risk", selection=RULE)


def moved(panel):
    change = panel.after - panel.before
    return change.mean(), NOISE * change.std() / math.sqrt(panel.n)


@pytest.mark.parametrize(("law", "grid"), [("gamma", 0), ("gamma", 20), ("normal", 0)])
def test_any_law_of_true_scores(law, grid):
    panel = people(law, grid=grid, change=-15.0)
    spec = ScoreRegression(sem=40.0, grid=grid, bin_width=None if grid else 6.0)
    change, noise = moved(panel)
    # The density at the edge has its own noise, and bends a little over two bins.
    assert change - spec.shift(panel, central(spec)) == pytest.approx(-15.0, abs=noise + 1.5)
    assert change < -30


def test_normal_scores():
    panel = people("normal", change=-15.0)
    spec = ScoreRegression(method="normal", reliability=3600 / 5200)
    change, noise = moved(panel)
    assert change - spec.shift(panel, central(spec)) == pytest.approx(-15.0, abs=noise + 0.5)


def test_the_paper_is_not_normal():
    spec = ScoreRegression(method="normal", reliability=0.8, selection=RULE)
    with pytest.raises(NotIdentifiedError, match=r"IOM-E068.*1\.31"):
        spec.shift(PAPER, central(spec))


def test_the_paper_under_a_stated_density():
    spec = ScoreRegression(sem=Range(30.0, 60.0), edge_density=0.0116, selection=RULE)
    ends = [spec.shift(PAPER, {**corner, **central(spec)}) for corner in corners(spec)]
    assert ends == pytest.approx([-0.0116 * 900, -0.0116 * 3600], rel=1e-12)
    with pytest.raises(InputError, match="IOM-E048: risk: moments do not hold"):
        ScoreRegression(sem=40.0, selection=RULE).shift(PAPER, {"sem": 40.0})


def test_selected_on_the_later_score_it_runs_the_other_way():
    panel = replace(people("gamma", after=True), selection=replace(RULE, timing="within_post"))
    spec = ScoreRegression(sem=40.0, bin_width=6.0)
    change, noise = moved(panel)
    assert change > 20
    assert change - spec.shift(panel, central(spec)) == pytest.approx(0.0, abs=noise + 1.5)


def test_unknown_timing_is_refused_or_bounded():
    panel = replace(people("normal", size=10_000), selection=replace(RULE, timing="unknown"))
    spec = ScoreRegression(sem=40.0, edge_density=0.01)
    with pytest.raises(NotIdentifiedError, match="IOM-E068"):
        spec.shift(panel, central(spec))
    bounded = spec.resolved(panel)
    ends = [bounded.shift(panel, {**central(spec), **corner}) for corner in corners(bounded)]
    assert ends == pytest.approx([-16.0, 16.0], rel=1e-12)


@pytest.mark.parametrize(
    "spec",
    [ScoreRegression(sem=Uniform(30.0, 50.0), bin_width=15.0), ScoreRegression(method="normal", reliability=0.7)],
    ids=lambda s: s.method,
)
def test_weights_of_a_bootstrap(spec):
    panel = people("normal", size=20_000)
    w = np.random.default_rng(2).exponential(size=(50, panel.n))
    outcome = np.broadcast_to(panel.outcome, (50, *panel.outcome.shape))
    block = Panel._trusted(outcome=outcome, kind="score", name="risk", windows=panel.windows, weight=w, selection=RULE)
    theta = draw(spec, np.random.default_rng(3), 50)
    told = spec.shift(block, theta)
    for k in (0, 20):
        one = replace(panel, weight=w[k])
        expected = spec.shift(one, {name: v[k] for name, v in theta.items()})
        assert told[k] == pytest.approx(expected, rel=0.03)  # first order for the normal law, exact at the cut
    differing = Panel.from_arrays(
        np.stack([panel.outcome, panel.outcome[::-1]]), kind="score", name="risk", selection=RULE
    )
    both = spec.shift(differing, central(spec))
    assert both == pytest.approx(np.full(2, spec.shift(panel, central(spec))), rel=1e-9)


def test_people_without_a_later_score_were_selected_as_the_others_were():
    panel = people("gamma", size=20_000)
    scores = panel.outcome.copy()
    scores[::3, 1] = np.nan
    lost = replace(panel, outcome=scores)
    early = ScoreRegression(sem=40.0, bin_width=10.0)
    assert early.shift(lost, central(early)) == early.shift(panel, central(early))
    late = replace(early, selection=replace(panel.selection, timing="within_post", threshold=-500.0), bin_width=900.0)
    kept = panel.where(~np.isnan(scores[:, 1]))  # nobody was picked for a later score that nobody has
    assert late.shift(lost, central(late)) == pytest.approx(late.shift(kept, central(late)), rel=1e-12)


@pytest.mark.parametrize(
    "spec", [ScoreRegression(sem=40.0, grid=20.0), ScoreRegression(method="normal", reliability=0.7)]
)
def test_the_condition_and_the_mechanism(spec):
    panel = people("normal", grid=20 if spec.sem else 0, size=20_000)
    text = spec.condition(panel, central(spec))
    assert wording.violations(f"The line is right if {text}.") == ()
    assert text.startswith("people were picked on what was recorded before")
    assert spec.mechanism(panel.windows, central(spec)).score_error == (40.0 if spec.sem else None)


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({}, "E096"),
        ({"method": "normal"}, "E096"),
        ({"method": "normal", "reliability": 1.2}, "E092"),
        ({"method": "normal", "reliability": 0.8, "sem": 3.0}, "E092"),
        ({"sem": -1.0}, "E092"),
        ({"sem": 1.0, "grid": -1.0}, "E092"),
        ({"method": "guess"}, "E093"),
    ],
)
def test_a_bad_specification_is_refused(settings, code):
    with pytest.raises(SpecError, match=f"IOM-{code}"):
        ScoreRegression(**settings)


def test_what_data_are_refused():
    panel = people("normal", size=20_000)
    spec = ScoreRegression(sem=40.0, bin_width=10.0)
    with pytest.raises(InputError, match="IOM-E066"):
        spec.shift(Panel.from_arrays([[3, 1]], name="risk", selection=RULE), {"sem": 40.0})
    with pytest.raises(InputError, match="IOM-E048: scores without a grid"):
        ScoreRegression(sem=40.0).shift(panel, {"sem": 40.0})
    with pytest.raises(InputError, match="IOM-E048: regression of a score needs"):
        spec.shift(replace(panel, selection=replace(RULE, rule="soft", softness=10.0)), {"sem": 40.0})
    with pytest.raises(InputError, match="IOM-E092"):
        spec.shift(replace(panel, selection=replace(RULE, threshold=260)), {"sem": 40.0})
    with pytest.raises(InputError, match="IOM-E048: risk: nothing says"):
        spec.shift(replace(panel, selection=None), {"sem": 40.0})

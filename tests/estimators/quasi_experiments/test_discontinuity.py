"""Discontinuity against RDHonest, its checks and refusals, and worlds that bend as much as the bound."""

import json
import math
from dataclasses import replace
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest
from scipy import stats

from iom_causal import simulate as sim
from iom_causal.designs import Design, diagnose
from iom_causal.errors import DegenerateDataError, InputError, NotIdentifiedError, SpecError
from iom_causal.estimators import Discontinuity, designs_for
from iom_causal.panel import Panel
from iom_causal.roles import batch
from iom_causal.windows import Selection

STORED = json.loads((Path(__file__).parents[2] / "reference" / "r" / "discontinuity.json").read_text(encoding="utf-8"))
CUT = 11
BEND = 0.03
EFFECT = 0.7
LEVEL = 4.0
SAME = 1e-9
FLAKE = 1e-4
SPEC = Discontinuity(running="score", cutoff=CUT, curvature=BEND)


def panel_of(pairs, score, **settings):
    start = np.ma.MaskedArray(np.ones(len(score), dtype=int), mask=score < CUT)
    return Panel.from_arrays(pairs, name="arrests", start=start, covariates={"score": score}, **settings)


def world(rng, replicates, n, *, bend=0.0, **settings):
    """People on a score of 21 points, with gamma-Poisson counts whose mean bends up below the cut and down above."""
    score = np.clip(np.rint(rng.normal(10, 4, n)), 0, 20).astype(int)
    x = score - CUT
    mean = np.maximum(LEVEL + 0.2 * x + bend / 2 * x**2 * np.where(x < 0, 1, -1), 0.2)
    rate = mean * rng.gamma(2.0, 0.5, (replicates, n))
    pairs = np.stack([rng.poisson(rate), rng.poisson(rate * np.where(x >= 0, EFFECT, 1.0))], axis=-1)
    return panel_of(pairs, score, **settings)


def one(n=500, seed=2, **settings):
    return world(np.random.default_rng(seed), 1, n, **settings).replicate(0)


@pytest.mark.parametrize("case", STORED["bsd"][:2], ids=lambda c: c["kernel"])
def test_its_difference_is_that_of_rdhonest(case):
    score, after = np.array(STORED["score"]), np.array(STORED["after"])
    panel = panel_of(np.stack([after, after], axis=-1), score, kind="score")
    spec = replace(SPEC, contrast="difference", curvature=case["M"], bandwidth=float(case["h"]), kernel=case["kernel"])
    e = spec(panel)
    assert (e.estimate, e.std_error, e.conf_low, e.conf_high, e.p_value) == pytest.approx(
        [case[name] for name in ("estimate", "std.error", "conf.low", "conf.high", "p.value")], rel=SAME
    )
    assert (e.estimand, e.scale, e.spec.maryland) == ("late_cutoff", "difference", 4)
    assert "allows for a bias of up to" in e.note


def test_bounded_misspecification_is_that_of_rdhonest():
    score, after = np.array(STORED["score"]), np.array(STORED["after"])
    case = STORED["bme"][1]
    spec = Discontinuity(
        running="score", cutoff=CUT, contrast="difference", bound="misspecification", bandwidth=float(case["h"])
    )
    e = spec(panel_of(np.stack([after, after], axis=-1), score, kind="score"))
    assert (e.estimate, e.std_error, e.conf_low, e.conf_high) == pytest.approx(
        [case[name] for name in ("estimate", "std.error", "conf.low", "conf.high")], rel=SAME
    )
    assert "by how far the lines miss means elsewhere" in e.note


def test_the_bandwidth_is_that_of_the_narrowest_interval():
    panel = one()
    chosen = SPEC(panel)
    widths = {h: replace(SPEC, contrast="difference", bandwidth=h)(panel) for h in np.arange(2.5, 12.0)}
    lengths = {h: e.conf_high - e.conf_low for h, e in widths.items()}
    assert chosen.diagnostics["bandwidth"] == min(lengths, key=lengths.get)
    assert "the narrowest interval" in chosen.note
    assert replace(SPEC, curvature=10 * BEND)(panel).diagnostics["bandwidth"] < chosen.diagnostics["bandwidth"]


def _advised(spec, panel):
    """Whether the list of designs advises to state how far the mean bends."""
    (option,) = designs_for(panel, (spec,)).options
    assert option.carried
    return any("curvature=" in r.in_code for r in option.lacking)


def test_the_rule_of_thumb_is_said_and_wider():
    panel = one()
    rule, stated = (spec(panel) for spec in (replace(SPEC, curvature=None), SPEC))
    assert "by a rule of thumb, which is an estimate itself" in rule.note
    assert "as stated" in stated.note
    assert [("(curvature=)" in e.note, _advised(e.spec, panel)) for e in (rule, stated)] == [
        (True, True),
        (False, False),
    ]
    assert rule.conf_high / rule.conf_low > stated.conf_high / stated.conf_low


def test_days_at_risk_of_each_are_made_alike():
    panel = one()
    half = np.where(panel.group[:, None], [365.0, 182.5], [365.0, 365.0])
    fixed = replace(SPEC, bandwidth=6.0)
    assert fixed(replace(panel, exposure=half)).estimate == pytest.approx(2 * fixed(panel).estimate, rel=SAME)
    gone = half.copy()
    gone[:5, 1] = 0
    outcome = panel.outcome.copy()
    outcome[:5, 1] = 0
    assert SPEC(replace(panel, exposure=gone, outcome=outcome)).n_used <= panel.n - 5


def test_a_weight_stands_for_so_many_people():
    panel = one()
    weight = np.random.default_rng(1).integers(0, 3, panel.n)
    who = np.repeat(np.arange(panel.n), weight)
    found, wanted = (
        SPEC(replace(panel, weight=weight)),
        SPEC(panel_of(panel.outcome[who], panel.covariates["score"][who])),
    )
    assert (found.estimate, found.std_error) == pytest.approx((wanted.estimate, wanted.std_error), rel=SAME)
    assert found.n_used == wanted.n_used


def test_people_moved_over_the_cut_and_a_jump_before_are_said():
    panel = one(n=900, seed=4)
    assert "moved over" not in SPEC(panel).note
    assert "jumps at the cut as well" not in SPEC(panel).note
    score = panel.covariates["score"].copy()
    score[(score == CUT - 1) & (np.arange(900) % 3 > 0)] = CUT
    assert "were some moved over it?" in SPEC(panel_of(panel.outcome, score)).note
    outcome = panel.outcome.copy()
    outcome[panel.group, 0] *= 3
    moved = SPEC(replace(panel, outcome=outcome))
    assert "the outcome before jumps at the cut as well" in moved.note
    assert moved.diagnostics["before_low"] > 1


def test_what_is_no_discontinuity_is_refused():
    panel = one()
    group = panel.start.copy()
    group[np.flatnonzero(panel.covariates["score"] == CUT)[0]] = np.ma.masked
    two = panel.where(np.isin(panel.covariates["score"], (9, 10, 11)))
    nothing = panel.outcome * (panel.covariates["score"] < CUT)[:, None]
    missing = np.where(np.arange(panel.n) == 3, np.nan, panel.covariates["score"])
    refused = {
        "IOM-E068.*some people below the cut are managed": (SPEC, replace(panel, start=group), NotIdentifiedError),
        "IOM-E068.*no cut is stated": (Discontinuity(running="score"), panel, NotIdentifiedError),
        "IOM-E068.*no running variable is named": (Discontinuity(cutoff=3), panel, NotIdentifiedError),
        "IOM-E068.*no covariate risk": (replace(SPEC, running="risk"), panel, NotIdentifiedError),
        "IOM-E068.*no comparison people": (SPEC, replace(panel, start=None), NotIdentifiedError),
        "IOM-E068.*fewer than two values of score at or above the cut": (SPEC, two, NotIdentifiedError),
        "IOM-E068.*within the bandwidth": (replace(SPEC, bandwidth=2.0), panel, NotIdentifiedError),
        "IOM-E068.*fewer than five values.*curvature=": (
            replace(SPEC, curvature=None),
            panel.where(panel.covariates["score"] < 15),
            NotIdentifiedError,
        ),
        "IOM-E064.*no events left at the cut": (SPEC, replace(panel, outcome=nothing), DegenerateDataError),
        "IOM-E065": (SPEC, replace(panel, outcome=0 * panel.outcome + 2), DegenerateDataError),
        "IOM-E034.*'score' is missing": (SPEC, replace(panel, covariates={"score": missing}), InputError),
        "IOM-E066": (SPEC, replace(panel, kind="score"), InputError),
        "IOM-E076": (SPEC, replace(panel, weight=np.full(panel.n, 0.5)), InputError),
    }
    for words, (spec, bad, kind) in refused.items():
        with pytest.raises(kind, match=words):
            spec(bad)
    scores = replace(panel, outcome=panel.outcome.astype(float), kind="score")
    assert replace(SPEC, contrast="difference")(scores).estimand == "late_cutoff"


@pytest.mark.parametrize(
    "settings",
    [
        {"curvature": -1.0},
        {"bandwidth": 0.0},
        {"bound": "misspecification"},
        {"bound": "misspecification", "contrast": "difference"},
        {"kernel": "normal"},
    ],
)
def test_settings_that_do_not_go_together_are_refused(settings):
    with pytest.raises(SpecError, match="IOM-E09"):
        Discontinuity(running="score", cutoff=CUT, **settings)


def test_its_picture_has_means_of_ten_people_or_more_and_two_lines():
    panel = one()
    e = SPEC(panel)
    score = panel.covariates["score"]
    for side, who in (("below", score < CUT), ("above", score >= CUT)):
        dots = np.array(e.diagnostics[f"means_{side}"])
        assert len(dots) <= who.sum() / 10
        (start, level), (end, _) = e.diagnostics[f"line_{side}"]
        assert start == CUT
        assert abs(end - CUT) <= e.diagnostics["bandwidth"]
        assert level > 0
    ax = e.plot()
    assert ax.get_xlabel() == "score"
    assert len(ax.get_lines()) >= 3


def test_it_is_scored_against_the_truth_at_the_cut():
    rule = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=4.0)
    model = sim.Careers(
        people=150, pool=900, programme=sim.Programme(ratio=0.8), enrolment=sim.Enrolment(selection=rule)
    )
    spec = Discontinuity(running="read", cutoff=4, curvature=0.05)
    table = diagnose(Design(model, sim.late_cutoff, sim.NotSelected(value="read"), spec), sims=20, seed=1).tidy()
    assert len(table)


def covered(spec, replicates, n, **settings):
    rng = np.random.default_rng(crc32(f"{spec}-{n}-{settings}".encode()))
    inside = answered = 0
    for _ in range(replicates // 100):
        found = batch(spec, world(rng, 100, n, **settings))
        truth = EFFECT if spec.contrast == "ratio" else LEVEL * (EFFECT - 1)
        answered += int((found.code == 0).sum())
        inside += int(((found.conf_low <= truth) & (truth <= found.conf_high)).sum())
    assert answered > 0.98 * replicates
    return inside, answered


def test_its_interval_covers_where_means_bend():
    inside, answered = covered(SPEC, 100, 400, bend=BEND)
    assert inside >= stats.binom.ppf(FLAKE / 2, answered, 0.95)


@pytest.mark.slow
@pytest.mark.parametrize("contrast", ["ratio", "difference"])
def test_its_interval_covers_in_two_thousand_studies_that_bend_as_much_as_the_bound(contrast):
    inside, answered = covered(replace(SPEC, contrast=contrast), 2000, 600, bend=BEND)
    low, high = stats.binom.ppf(FLAKE / 2, answered, 0.95), stats.binom.isf(FLAKE / 2, answered, 0.95)
    assert low <= inside <= high  # by more than its level where means are straight: next test


@pytest.mark.slow
def test_its_interval_covers_more_often_where_means_are_straight():
    inside, answered = covered(SPEC, 2000, 600)
    assert 0.96 < inside / answered < 0.99


def test_without_the_bias_the_interval_would_miss():
    panel = world(np.random.default_rng(3), 150, 600, bend=6 * BEND)
    stated, none = (
        batch(replace(SPEC, curvature=c, bandwidth=8.5, contrast="difference"), panel) for c in (6 * BEND, 1e-9)
    )
    truth = LEVEL * (EFFECT - 1)
    shares = [float(np.mean((b.conf_low <= truth) & (truth <= b.conf_high))) for b in (stated, none)]
    assert shares[0] > 0.88
    assert shares[1] < 0.7
    assert math.isfinite(stated.estimate.mean())

"""Tipping values, sweeps, surfaces and frontiers: what holds of each, and that they agree with one another."""

from dataclasses import dataclass

import numpy as np
import pytest
from scipy.stats import norm

import iom_causal as iom
from iom_causal.base.setting_paths import label, replace_path, replace_paths
from iom_causal.base.wording import violations
from iom_causal.beliefs import Beta, LogNormal, Normal, Range, TruncatedNormal, Uniform, at_score
from iom_causal.confounds import Attrition, Custody, Detection, History, ScoreError
from iom_causal.confounds.register import REGISTER
from iom_causal.errors import NotIdentifiedError, SpecError
from iom_causal.estimators import RateRatio
from iom_causal.ledger import Ledger
from iom_causal.published.study import load_published
from iom_causal.sensitivity.frontier import frontier
from iom_causal.sensitivity.surface import surface
from iom_causal.sensitivity.sweep import sweep
from iom_causal.sensitivity.tipping import tipping
from tests.sensitivity.subjects import COUNTS, SCORES, arrests, printed, risk

TIPS = 1e-8
EXACT = 1e-10
OPEN = load_published("sleath-brown-2017")["risk"]
TWO = Ledger((Detection(ratio=0.9), History(ratio=0.95)), draws=400)
LINES = [(line, name, arrests()) for line, name, *_ in COUNTS] + [
    (line, name, risk(lost=8)) for line, name, *_ in SCORES
]


@pytest.mark.parametrize("share", [1.0, 0.97, 0.5])
@pytest.mark.parametrize(("line", "name", "data"), LINES)
def test_at_the_tipping_value_as_much_remains_as_was_asked_for(line, name, data, share):
    ledger, field = Ledger((line,)), f"{label(line)}.{name}"
    score = data.kind == "score"
    until = 100 * np.log(share) if score else share
    tip = tipping(ledger, data, field, until=until)
    if tip.value is None:
        assert "no value of" in str(tip)
        return
    left = replace_path(ledger, field, tip.value).central(data)
    assert left == pytest.approx(until if score else np.log(until), abs=TIPS)
    assert str(tip).endswith("nothing to remain" if share == 1 else "remain")


def test_most_lines_can_be_tipped():
    found = [tipping(Ledger((c,)), data, f"{label(c)}.{name}", until=None).value for c, name, data in LINES]
    assert sum(value is not None for value in found) >= 12


@pytest.mark.parametrize("data", [arrests(), printed()], ids=["people", "a print"])
def test_an_interval_begins_to_hold_it_at_the_tipping_value(data):
    tip = tipping(TWO, data, "detection.ratio", interval=True, rng=3)
    there = replace_path(TWO, "detection.ratio", tip.value)(data, rng=3)
    assert there.conf_high == pytest.approx(1.0, abs=TIPS)
    plain = tipping(TWO, data, "detection.ratio")
    assert plain.value < tip.value < tip.now  # before the estimate
    assert "for an end of the interval to be at nothing" in str(tip)
    leaves = tipping(replace_path(TWO, "detection.ratio", plain.value), data, "detection.ratio", interval=True, rng=3)
    assert leaves.value == pytest.approx(min(tip.value, leaves.value, key=lambda v: abs(v - plain.value)))


@pytest.mark.parametrize("until", [0.0, -1.0, float("nan"), float("inf"), True, "none"], ids=lambda value: f"{value}")
def test_a_target_that_cannot_be_is_refused(until):
    with pytest.raises(SpecError, match=r"until: expected a (ratio above 0|number, or None, got (bool|str))"):
        tipping(TWO, arrests(), "detection.ratio", until=until)


def test_any_estimator_is_moved_by_its_settings():
    panel = arrests()
    tip = tipping(RateRatio(), panel, "level", until=0.6, interval=True, low=0.5, high=0.9999)
    there = RateRatio(level=tip.value)(panel)
    assert min(abs(there.conf_low - 0.6), abs(there.conf_high - 0.6)) < 1e-7
    found = sweep(RateRatio(), panel, "level", (0.8, 0.99), points=3)
    for k, level in enumerate(found.values):
        called = RateRatio(level=level)(panel)
        assert (found.set_low[k], found.conf_low[k], found.conf_high[k]) == pytest.approx(
            (called.estimate, called.conf_low, called.conf_high), rel=EXACT
        )
    assert found.speaks_to == ()
    with pytest.raises(NotIdentifiedError, match="leaves a set"):
        sweep(OfASet(), panel, "ratio", (0.8, 0.9))


@dataclass(frozen=True)
class OfASet:
    """An estimator whose result is a set."""

    ratio: float = 0.8

    def __call__(self, panel, *, rng=None):
        return Ledger((Detection(ratio=Range(self.ratio, 1.0)),), draws=200)(panel, rng=rng)


SWEPT = [
    (TWO, "detection.ratio", (0.6, 1.2), arrests()),
    (TWO, "history.ratio", (0.6, 1.2), printed()),
    (Ledger((Detection(), History(ratio=Range(0.8, 1.0))), draws=300), "detection.ratio", (0.5, 1.0), arrests()),
    (Ledger((ScoreError(),), draws=300), "score_error.drift_per_year", (-60.0, 20.0), risk()),
    (Ledger((ScoreError(),), draws=300), "score_error.drift_per_year", (-60.0, 20.0), OPEN),
]


@pytest.mark.parametrize(("ledger", "field", "span", "data"), SWEPT)
def test_a_sweep_is_the_ledger_at_every_value(ledger, field, span, data):
    found = sweep(ledger, data, field, span, points=5, rng=4)
    for k, value in enumerate(found.values):
        called = replace_path(ledger, field, value)(data, rng=4)
        ends = [called.estimate] * 2 if called.set_low is None else [called.set_low, called.set_high]
        shown = (found.set_low[k], found.set_high[k], found.conf_low[k], found.conf_high[k])
        assert shown == pytest.approx((*ends, called.conf_low, called.conf_high), rel=1e-9, abs=1e-9)
    tip = tipping(ledger, data, field)
    roots = [tip.value] if tip.value is not None else [tip.set_low, tip.set_high]
    for root in (r for r in roots if r is not None and span[0] < r < span[1] and r not in tip.searched):
        assert min(abs(root - at) for at in found.crossings) < 1e-8 * max(1.0, abs(root))
    assert not violations(found.summary())
    assert set(found.speaks_to) | set(found.silent_on) == set(REGISTER)


def test_refused_values_have_no_answer_and_a_sweep_says_so():
    found = sweep(TWO, arrests(), "detection.ratio", (0.5, 1.0), points=3, interval=False)
    assert found.conf_low == (None,) * 3
    gaps = sweep(Ledger((Attrition(),), draws=200), risk(lost=8), "attrition.untracked", (0.0, 0.5), points=9)
    assert None in gaps.set_low
    assert [v is None for v in gaps.set_low] == [v is None for v in gaps.conf_low]
    assert "values have no answer" in gaps.summary()


@pytest.mark.parametrize("data", [arrests(), printed()], ids=["people", "a print"])
def test_cells_of_a_surface_are_the_ledgers_and_its_line_is_that_of_tipping_values(data):
    spans = {"detection.ratio": (0.3, 1.2), "history.ratio": (0.5, 1.1)}
    found = surface(TWO, data, spans, points=7, interval=True, rng=2)
    for i, j in ((0, 0), (3, 5), (6, 2)):
        moved = {"detection.ratio": float(found.first[i]), "history.ratio": float(found.second[j])}
        called = replace_paths(TWO, moved)(data, rng=2)
        shown = (found.set_low[i, j], found.set_high[i, j], found.conf_low[i, j], found.conf_high[i, j])
        assert shown == pytest.approx((called.estimate, called.estimate, called.conf_low, called.conf_high), rel=1e-9)
    for j, history in enumerate(found.second):
        tip = tipping(replace_path(TWO, "history.ratio", float(history)), data, "detection.ratio", low=0.3, high=1.2)
        crossed = np.flatnonzero(np.diff(np.sign(np.log(found.set_low[:, j]))))
        assert (tip.value is None) == (len(crossed) == 0)
        assert tip.value is None or found.first[crossed[0]] <= tip.value <= found.first[crossed[0] + 1]
    assert not violations(found.summary())
    assert found == surface(TWO, data, spans, points=7, interval=True, rng=2)


def test_a_surface_of_one_line_and_of_a_set():
    spans = {"detection.ratio": (0.5, 1.0), "detection.false_post": (0.0, 0.3)}
    ledger = Ledger((Detection(), History(ratio=Range(0.8, 1.0))), draws=200)
    found = surface(ledger, arrests(), spans, points=4, interval=True, rng=1)
    called = replace_paths(ledger, {"detection.ratio": 0.5, "detection.false_post": 0.3})(arrests(), rng=1)
    shown = (found.set_low[0, 3], found.set_high[0, 3], found.conf_low[0, 3], found.conf_high[0, 3])
    assert shown == pytest.approx((called.set_low, called.set_high, called.conf_low, called.conf_high), rel=1e-9)


BELIEVED = {
    "two normals of logs": {"detection.ratio": LogNormal(0.9, 0.1), "history.ratio": LogNormal(0.95, 0.2)},
    "bounded": {"detection.ratio": Uniform(0.3, 1.0), "history.ratio": TruncatedNormal(0.9, 0.2, 0.4, 1.1)},
    "ranges": {"detection.ratio": Range(0.3, 1.1), "history.ratio": Range(0.5, 1.1)},
    "mixed": {"detection.ratio": Range(0.6, 1.1), "history.ratio": LogNormal(0.9, 0.3)},
    "shares": {"detection.false_pre": Beta(2, 8), "detection.ratio": LogNormal(0.9, 0.2)},
    "one": {"detection.ratio": LogNormal(0.9, 0.2)},
}


@pytest.mark.parametrize("name", BELIEVED)
@pytest.mark.parametrize("until", [None, 0.9])
def test_a_frontier_point_tips_and_none_nearer_does(name, until):
    beliefs = BELIEVED[name]
    found = frontier(TWO, arrests(), beliefs, until=until)
    target = 1.0 if until is None else until
    moved = replace_paths(TWO, dict(zip(found.fields, found.values, strict=True)))
    assert moved.central(arrests()) == pytest.approx(np.log(target), abs=TIPS)
    assert found.left == pytest.approx(target, abs=TIPS)
    if len(beliefs) == 2:
        angles = np.linspace(0, 2 * np.pi, 721)
        z = 0.999 * found.distance * np.stack([np.cos(angles), np.sin(angles)])
        columns = [at_score(belief, row) for belief, row in zip(beliefs.values(), z, strict=True)]
        nearer = TWO.central_at(arrests(), *beliefs)(*columns)
        inside = np.all(
            [np.abs(row) <= 1 for b, row in zip(beliefs.values(), z, strict=True) if isinstance(b, Range)], 0
        )
        sides = np.sign(nearer - np.log(target))[np.broadcast_to(inside, angles.shape)]
        assert len(set(sides)) == 1
    assert not violations(found.summary())


def test_of_lognormal_beliefs_it_is_the_closed_form():
    """Logs add, so that the point is the foot of a perpendicular, whose parts are in proportion to the variances."""
    data, beliefs = printed(), BELIEVED["two normals of logs"]
    found = frontier(TWO, data, beliefs)
    gap = np.log(3.61 / 6.84 * 547 / 549 / 0.9 / 0.95)
    spread = np.array([0.1, 0.2])
    np.testing.assert_allclose(found.scores, gap * spread / (spread @ spread), rtol=1e-6)
    distance = abs(gap) / np.sqrt(spread @ spread)
    assert found.distance == pytest.approx(distance, rel=1e-6)
    assert found.rarity == pytest.approx(2 * norm.sf(distance), rel=1e-5)
    alone = frontier(TWO, data, BELIEVED["one"])
    assert alone.values[0] == pytest.approx(tipping(TWO, data, "detection.ratio").value, rel=1e-9)
    assert alone.rarity == pytest.approx(2 * norm.sf(abs(alone.scores[0])), rel=1e-9)


@pytest.mark.parametrize("wider", [1.2, 2.0, 4.0])
def test_a_wider_belief_never_puts_the_frontier_further_out(wider):
    def found(factor):
        beliefs = {"detection.ratio": LogNormal(0.9, 0.1 * factor), "history.ratio": LogNormal(0.95, 0.2)}
        return frontier(TWO, arrests(), beliefs)

    assert found(wider).distance < found(1.0).distance
    assert found(wider).rarity > found(1.0).rarity


def test_a_belief_that_moves_nothing_does_not_make_a_combination_likelier():
    """As often as the draws of a ledger with these beliefs alone lie beyond nothing, on both sides of the middle."""
    ledger = Ledger((Detection(ratio=LogNormal(0.9, 0.1)), History(ratio=LogNormal(0.95, 0.2)), Custody(ratio=1.0)))
    alone = frontier(ledger, printed())
    beside = frontier(replace_path(ledger, "custody.ratio", LogNormal(1.0, 1e-6)), printed())
    assert beside.distance == pytest.approx(alone.distance, rel=1e-6)
    assert beside.rarity == pytest.approx(alone.rarity, rel=1e-5)
    rng = np.random.default_rng(1)
    left = np.log(alone.remainder) - rng.normal(0, 0.1, 400_000) - rng.normal(0, 0.2, 400_000)
    assert 2 * np.mean(left > 0) == pytest.approx(alone.rarity, rel=0.1)  # 5,400 of them beyond: 1.4%


def test_what_no_combination_leaves_is_said():
    found = frontier(TWO, arrests(), {"detection.ratio": Range(0.85, 0.95), "history.ratio": Range(0.9, 1.0)})
    assert (found.values, found.scores, found.left, found.distance, found.rarity) == (None,) * 5
    assert "no combination of detection.ratio and history.ratio that these beliefs hold possible" in str(found)


def test_a_frontier_takes_what_a_specification_states_and_the_case_that_takes_least():
    ledger = Ledger((Detection(ratio=LogNormal(0.9, 0.2)), History(ratio=Range(0.8, 1.0))), draws=200)
    one = frontier(ledger, arrests(), ["detection.ratio"])
    assert one.cases == 2
    nearest = [frontier(replace_path(ledger, "history.ratio", end), arrests()).distance for end in (0.8, 1.0)]
    assert one.distance == pytest.approx(min(nearest))
    assert "in the case of 2 left open" in str(one)
    assert frontier(ledger, arrests()).fields == ("detection.ratio", "history.ratio")
    with pytest.raises(SpecError, match="numbers alone"):
        frontier(TWO, arrests())
    score = frontier(Ledger((ScoreError(),)), OPEN, {"score_error.drift_per_year": Normal(0.0, 40.0)})
    assert score.left == pytest.approx(0.0, abs=1e-6)
    assert score.scale == "points"


class Untouched(Ledger):
    """A ledger that may not be worked out."""

    def cases(self, data):
        raise AssertionError(f"{data.name} is worked on before settings are checked")


NEVER = Untouched((Detection(), History(ratio=0.9)))


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda d: sweep(NEVER, d, "detection.rato", (0.5, 1)), "of all paths: did you mean 'detection.ratio'"),
        (lambda d: sweep(NEVER, d, "detecton.ratio", (0.5, 1)), "of all paths: did you mean 'detection.ratio'"),
        (lambda d: tipping(NEVER, d, "histry.ratio"), "of all paths: did you mean 'history.ratio'"),
        (lambda d: sweep(NEVER, d, "detection.ratio", (1, 0.5)), "expected low < high"),
        (lambda d: sweep(NEVER, d, "detection.ratio", (-1, 0.5)), "Detection ratio: expected a number above 0"),
        (lambda d: sweep(NEVER, d, "detection.ratio", (0.5, float("inf"))), "expected finite ends, got 0.5 and inf"),
        (lambda d: sweep(NEVER, d, "detection.ratio", 0.5), "span: expected 2 values, each a number, got 0.5"),
        (lambda d: sweep(NEVER, d, "detection.ratio", (0.5, 1), points=1), "points: expected a whole number"),
        (lambda d: sweep(NEVER, d, "history.series", (0.5, 1)), "nothing is stated here"),
        (lambda d: surface(NEVER, d, {"detection.ratio": (0.5, 1)}), "surface: expected two settings"),
        (
            lambda d: surface(NEVER, d, {"detection.ratio": (0.5, 1), "confounds.0.ratio": (0.5, 1)}),
            "is moved by .* already",
        ),
        (lambda d: surface(NEVER, d, {"detection.ratio": (0.5, 1), "history.ratio": (0, 1)}), "above 0"),
        (lambda d: frontier(NEVER, d, {"detection.ratio": 0.9}), "a distribution with a spread"),
        (lambda d: frontier(NEVER, d, {"detection.ratio": Normal(0.9, 0.1)}), "must lie inside altogether"),
        (lambda d: frontier(NEVER, d, {"detection.ratios": LogNormal(0.9, 0.1)}), "did you mean 'detection.ratio'"),
        (lambda d: frontier(NEVER, d, {"detection.ratio": "wide"}), "a mapping of text to a number or a belief"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_before_anything_is_worked_out(call, said):
    with pytest.raises(SpecError, match=said):
        call(arrests())


def test_they_are_at_the_root():
    assert (iom.tipping, iom.sweep, iom.surface, iom.frontier) == (tipping, sweep, surface, frontier)


def test_a_frontier_says_in_one_sentence_where_each_setting_is_and_how_far_out():
    data = printed()
    assert str(frontier(TWO, data, BELIEVED["two normals of logs"])) == (
        "arrests: nothing would remain with detection.ratio at 0.817 (its middle is 0.9; 1 in 3 as far out) and "
        "history.ratio at 0.644 (its middle is 0.95; 1 in 19 as far out) together; 1 in 34 combinations are as far out "
        "in that direction, either way, if these beliefs are right and independent of one another"
    )
    assert "of the way to an end of its range" in str(frontier(TWO, data, BELIEVED["mixed"]))
    at_once = frontier(TWO, data, {"detection.ratio": LogNormal(3.61 / 6.84 * 547 / 549 / 0.95, 0.1)})
    assert str(at_once).startswith("arrests: nothing remains at the middles")


@dataclass(frozen=True)
class ByHand:
    """A ledger's arithmetic as an estimator of its own, without arrays or shared draws."""

    detection: float = 0.9
    history: float = 0.95

    def __call__(self, panel, *, rng=None):
        return Ledger((Detection(ratio=self.detection), History(ratio=self.history)), draws=400)(panel, rng=rng)


def test_an_estimator_is_swept_and_searched_by_its_calls_to_the_same_ends():
    people, seed = arrests(), 3
    for field, own in (("detection.ratio", "detection"), ("history.ratio", "history")):
        assert tipping(ByHand(), people, own).value == pytest.approx(tipping(TWO, people, field).value, rel=1e-9)
        both = ((TWO, field), (ByHand(), own))
        ours, theirs = (sweep(spec, people, at, (0.6, 1.1), points=3, rng=seed) for spec, at in both)
        for side in ("set_low", "set_high", "conf_low", "conf_high"):
            assert getattr(theirs, side) == pytest.approx(getattr(ours, side), rel=1e-9)
    spans = {"detection": (0.5, 1.0), "history": (0.6, 1.0)}
    theirs = surface(ByHand(), people, spans, points=3, interval=True, rng=seed)
    ours = surface(TWO, people, {f"{k}.ratio": span for k, span in spans.items()}, points=3, interval=True, rng=seed)
    np.testing.assert_allclose(theirs.set_low, ours.set_low, rtol=1e-9)
    np.testing.assert_allclose(theirs.conf_high, ours.conf_high, rtol=1e-9)


@pytest.mark.slow
def test_the_frontier_of_an_estimator_is_that_of_the_ledger_which_it_is():
    beliefs = BELIEVED["two normals of logs"]
    theirs = frontier(ByHand(), arrests(), {path.removesuffix(".ratio"): belief for path, belief in beliefs.items()})
    ours = frontier(TWO, arrests(), beliefs)
    np.testing.assert_allclose(theirs.values, ours.values, rtol=1e-4)
    assert theirs.distance == pytest.approx(ours.distance, rel=1e-8)
    assert theirs.left == pytest.approx(1.0, abs=TIPS)

"""Every method under every kind of rule: what it allows for is what picking did, or it refuses by name.

Worlds are drawn here, with plain numpy, and nobody in them is under a programme.
"""

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from iom_causal.beliefs import LogNormal
from iom_causal.beliefs.theta import central
from iom_causal.confounds.regression.to_mean import RegressionToMean
from iom_causal.errors import InputError, IomCausalError, NotIdentifiedError
from iom_causal.ledger import Ledger
from iom_causal.panel import Panel
from iom_causal.windows import Selection, Window

NOISE = 4.5
"""Standard errors of what a simulation leaves."""
MEAN, SHAPE, PLACES = 2.0, 1.4, 0.075
YEARS = (*(Window(f"y{k}", -365 * k, -365 * (k - 1)) for k in (4, 3, 2, 1)), Window("after", 0, 365, post=True))
RULES = {
    "hard": {"rule": "at_least", "threshold": 4},
    "soft": {"rule": "soft", "threshold": 5, "softness": 1.2},
    "soft, not stated": {"rule": "soft"},
    "top": {"rule": "top"},
    "top, the picked alone": {"rule": "top"},
}


def rates(world, rng, size, windows):
    """(size, windows) rates: gamma or lognormal ones that stay, or lognormal ones that drift but keep their law."""
    if world == "gamma":
        return np.repeat(rng.gamma(SHAPE, MEAN / SHAPE, size)[:, None], windows, axis=1)
    sd, kept = 0.8, 1.0 if world == "lognormal" else 0.8
    steps = rng.normal(size=(windows, size))
    z = [steps[0]]
    for step in steps[1:]:
        z.append(kept * z[-1] + math.sqrt(1 - kept**2) * step)
    return MEAN * np.exp(sd * np.array(z).T - sd**2 / 2)


@cache
def people(world, kind, years=1, size=400_000, *, competing=False):
    rng = np.random.default_rng(17)
    y = rng.poisson(rates(world, rng, size, years + 1))
    windows = YEARS[-years - 1 :] if years > 1 else (Window("before", -365, 0), YEARS[-1])
    rule = Selection("arrests", ("y1",) if years > 1 else ("before",), timing="at_boundary", **RULES[kind])
    rule = replace(rule, threshold=round(PLACES * size)) if rule.rule == "top" else rule
    read = y[:, years - 1].astype(float)
    if kind.startswith("top"):
        mine = np.zeros(size, bool)
        mine[np.lexsort((rng.random(size), -read))[: round(PLACES * size)]] = True
    else:
        drawn = replace(rule, threshold=5, softness=1.2) if rule.threshold is None else rule
        mine = rng.random(size) < drawn.probability(read)
    start = np.ma.MaskedArray(np.full(size, years), mask=~mine)
    panel = Panel.from_arrays(y, name="arrests", windows=windows, start=start, selection=rule)
    return panel if competing or kind == "top" else panel.managed


def left(panel, spec):
    """What a line leaves of the change of people without a programme, and its standard error."""
    mine = panel.managed
    years = len(panel.windows) - 1
    seen = np.asarray(mine.outcome[:, :-1].sum(1) / years, dtype=float)
    after = np.asarray(mine.outcome[:, -1], dtype=float)
    ratio = after.sum() / seen.sum()
    error = math.sqrt(((after - ratio * seen) ** 2).sum()) / after.sum()
    return math.log(ratio) - float(spec.shift(panel, central(spec))), error


LINES = {
    "none": RegressionToMean(method="none"),
    "linear": RegressionToMean(method="linear", comparable_mean=MEAN),
    "any law": RegressionToMean(method="robbins_zhang"),
    "stated gamma": RegressionToMean(method="gamma_poisson", comparable_mean=MEAN, shape=SHAPE),
    "own gamma": RegressionToMean(method="gamma_poisson"),
    "lognormal": RegressionToMean(method="lognormal", comparable_mean=MEAN),
    "own history": RegressionToMean(method="own_history"),
    "earlier rule": RegressionToMean(method="earlier_rule"),
    "mirror": RegressionToMean(method="mirror"),
}
WORLDS = {
    "linear": ("gamma", 1, 400_000),
    "any law": ("lognormal", 1, 400_000),
    "stated gamma": ("gamma", 1, 400_000),
    "own gamma": ("gamma", 1, 400_000),
    "lognormal": ("drifting", 1, 400_000),
    "own history": ("drifting", 3, 12_000),  # its fit goes over everybody many times
    "earlier rule": ("drifting", 4, 200_000),
    "mirror": ("drifting", 4, 200_000),
}
OWN = {"linear": 0.03, "lognormal": 0.03, "own history": 0.15, "own gamma": 0.03}
"""Further room for the chance in what these fit: to tens of thousands of people, or to a thousand."""
REFUSED = {
    ("any law", "soft, not stated"): "E096",
    ("any law", "top, the picked alone"): "E048",
    ("own gamma", "soft"): "E048",
    ("own gamma", "soft, not stated"): "E048",
    ("own gamma", "top, the picked alone"): "E048",
    ("lognormal", "top, the picked alone"): "E048",
    ("own history", "soft, not stated"): "E096",
    ("own history", "top, the picked alone"): "E048",
    ("earlier rule", "soft, not stated"): "E096",
    ("earlier rule", "top, the picked alone"): "E048",
}


def settings(name, kind):
    world, years, size = WORLDS.get(name, ("gamma", 1, 400_000))
    return world, kind, years, size


@pytest.mark.parametrize("kind", RULES)
@pytest.mark.parametrize("name", WORLDS)
def test_a_method_honours_the_rule_or_refuses_by_name(name, kind):
    panel = people(*settings(name, kind), competing=name == "earlier rule" and kind != "top, the picked alone")
    if (name, kind) in REFUSED:
        with pytest.raises(IomCausalError, match=REFUSED[name, kind]):
            left(panel, LINES[name])
        return
    remainder, error = left(panel, LINES[name])
    # A soft rule whose chances are not stated is fitted as a probit, and the worlds pick by a logit.
    room = 0.06 if (name, kind) == ("lognormal", "soft, not stated") else OWN.get(name, 0.0)
    assert abs(remainder) < NOISE * error + room


@pytest.mark.parametrize("kind", RULES)
@pytest.mark.parametrize("name", LINES)
def test_a_rule_whose_time_is_not_known_gives_bounds_or_is_refused(name, kind):
    panel = people(*settings(name, kind))
    unknown = replace(panel, selection=replace(panel.selection, timing="unknown"))
    if name == "none":
        assert LINES[name].shift(unknown, {}) == 0
        return
    with pytest.raises(IomCausalError, match=r"IOM-E(048|068)"):
        LINES[name].shift(unknown, central(LINES[name]))


@pytest.mark.parametrize("cut", [3, 4, 6, 8])
def test_lognormal_rates_above_a_hard_cut(cut):
    rng = np.random.default_rng(cut)
    size = 800_000
    y = rng.poisson(rates("drifting", rng, size, 2))
    y[:, 1] = rng.binomial(y[:, 1], 0.75)
    rule = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=cut)
    panel = Panel.from_arrays(y[y[:, 0] >= cut], name="arrests", selection=rule)
    spec = RegressionToMean(method="lognormal", comparable_mean=MEAN)
    remainder, error = left(panel, spec)
    assert abs(remainder - math.log(0.75)) < NOISE * error + 0.01 * cut  # heavy tails: the fit's own noise grows
    printed = replace(spec, selection=rule)
    # A print tells how far rates last by the product of counts, in which high ones weigh most.
    assert printed.shift(panel.moments(), central(spec)) == pytest.approx(
        spec.shift(panel, central(spec)), abs=0.005 * cut
    )


def test_draws_and_bootstraps_of_a_hard_cut_are_the_fits_one_by_one():
    panel = people("drifting", "hard").where(np.arange(people("drifting", "hard").n) < 300)
    spec = RegressionToMean(method="lognormal", comparable_mean=LogNormal(MEAN, 0.05))
    w = np.random.default_rng(1).exponential(size=(30, panel.n))
    outcome = np.broadcast_to(panel.outcome, (30, *panel.outcome.shape))
    block = Panel._trusted(outcome=outcome, name="arrests", windows=panel.windows, weight=w, selection=panel.selection)
    means = np.linspace(1.8, 2.2, 30)
    told = spec.shift(block, {"comparable_mean": means})
    for k in range(0, 30, 7):
        one = spec.shift(replace(panel, weight=w[k]), {"comparable_mean": float(means[k])})
        assert told[k] == pytest.approx(one, abs=1e-8)


def test_places_that_are_shared_leave_the_selected_above_them_to_a_cut():
    panel = people("gamma", "top")
    weight = np.ones(panel.n)
    doubled = replace(
        panel, weight=weight * 2, selection=replace(panel.selection, threshold=2 * panel.selection.threshold)
    )
    for name in ("any law", "own gamma", "lognormal"):
        spec = LINES[name]
        assert spec.shift(doubled, central(spec)) == pytest.approx(spec.shift(panel, central(spec)), rel=1e-4)


def at_the_cut(numbers, rng):
    counts = np.repeat(list(numbers), list(numbers.values()))
    return np.column_stack([counts, rng.poisson(0.6 * counts)])


@pytest.mark.parametrize("name", ["any law", "own gamma", "lognormal"])
def test_a_threshold_that_the_histogram_contradicts_is_not_reasoned_from(name):
    numbers = {7: 2, 8: 17, 9: 11, 10: 8, 11: 5, 12: 3}
    rule = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=7)
    panel = Panel.from_arrays(at_the_cut(numbers, np.random.default_rng(1)), name="arrests", selection=rule)
    spec = LINES[name]
    with pytest.raises(NotIdentifiedError, match=r"IOM-E068.*contradict the rule"):
        spec.shift(panel, central(spec))
    with pytest.raises(NotIdentifiedError, match="contradict the rule"):
        Ledger((spec,), draws=100)(panel, rng=1)
    eight = replace(panel.where(panel.outcome[:, 0] >= 8), selection=replace(rule, threshold=8))
    assert float(spec.shift(eight, central(spec))) < 0
    assert float(LINES["linear"].shift(panel, central(LINES["linear"]))) < 0  # it asks for no cut
    bounds = replace(panel, selection=replace(rule, timing="unknown"))
    early = RegressionToMean(late=0.0).shift(bounds, {"late": 0.0})
    mean = panel.outcome[:, 0].mean()
    assert early == pytest.approx(math.log(1 - 7 / mean))


def test_whom_the_rule_would_have_met_earlier_needs_the_others():
    with pytest.raises(InputError, match=r"IOM-E048.*everybody here is managed"):
        LINES["earlier rule"].shift(people(*settings("earlier rule", "hard")), {})


def test_somebody_whom_the_cut_leaves_out_is_refused():
    panel = people("gamma", "hard")
    wrong = replace(panel, selection=replace(panel.selection, threshold=6))
    for name in ("any law", "own gamma", "lognormal"):
        with pytest.raises(InputError, match="IOM-E092"):
            LINES[name].shift(wrong, central(LINES[name]))
    history = people(*settings("own history", "hard"))
    with pytest.raises(InputError, match="IOM-E092"):
        LINES["own history"].shift(replace(history, selection=replace(history.selection, threshold=6)), {})


@pytest.mark.parametrize("method", ["earlier_rule", "pool"])
def test_a_placebo_is_by_day_at_risk(method):
    """Rates stay, and whoever has four or more in a year is free for six tenths of the next: nothing is left."""
    rng = np.random.default_rng(23)
    rate = rng.gamma(SHAPE, MEAN / SHAPE, 60_000)
    free, counts = np.ones((rate.size, 3)), np.zeros((rate.size, 3), dtype=int)
    for year in range(3):
        free[:, year] = np.where(counts[:, year - 1] >= 4, 0.6, 1.0) if year else 1.0
        counts[:, year] = rng.poisson(rate * free[:, year])
    mine = counts[:, 1] >= 4
    panel = Panel.from_arrays(
        counts,
        name="arrests",
        windows=(*YEARS[-3:-1], YEARS[-1]),
        exposure=365 * free,
        start=np.ma.MaskedArray(np.full(len(counts), 2), mask=~mine),
        selection=Selection("arrests", ("y1",), "at_least", "at_boundary", threshold=4),
    )
    spec = RegressionToMean(method=method)
    seen = np.log(counts[mine, 2].sum() / free[mine, 2].sum()) - np.log(counts[mine, :2].sum() / free[mine, :2].sum())
    assert (
        abs(seen - float(spec.shift(panel, {}))) < 0.1
    )  # .5 by window; the year of custody is in the count that the rule read
    assert seen < -0.1
    before = [counts[mine, k].sum() / free[mine, k].sum() for k in (slice(0, 1), slice(0, 2))]
    by_hand = RegressionToMean(method="mirror").shift(panel, {})
    assert float(by_hand) == pytest.approx(math.log(before[0] / before[1]), abs=1e-12)


def test_lognormal_rates_advise_only_what_takes_what_it_names():
    rule = Selection("arrests", ("second",), "at_least", "within_pre", threshold=3)
    windows = [Window("first"), Window("second"), Window("after", post=True)]
    panel = Panel.from_arrays([[1, 3, 2], [0, 5, 1], [2, 4, 3]], name="arrests", windows=windows, selection=rule)
    with pytest.raises(InputError, match=r"IOM-E048: .*take 'gamma_poisson' with comparable_mean and shape"):
        RegressionToMean(method="lognormal", comparable_mean=2.0).shift(panel, {"comparable_mean": 2.0})
    RegressionToMean(method="gamma_poisson", comparable_mean=2.0, shape=1.0).shift(
        panel, {"comparable_mean": 2.0, "shape": 1.0}
    )

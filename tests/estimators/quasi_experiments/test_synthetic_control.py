"""SyntheticControl: exact mixtures, refusals, notes, contrasts by hand, and coverage whichever unit is managed."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from iom_causal.errors import DegenerateDataError, InputError, NotIdentifiedError, SpecError
from iom_causal.estimators import SyntheticControl
from iom_causal.panel import Panel
from iom_causal.roles import batch
from iom_causal.windows import Window

EXACT = 1e-8


def windows(before, after):
    return [Window(str(k), 30 * k, 30 * k + 30, post=k >= 0) for k in range(-before, after)]


def units(y, before, managed=0, kind="count"):
    start = np.ma.MaskedArray([before] * len(y), mask=np.arange(len(y)) != managed)
    return Panel.from_arrays(y, windows=windows(before, len(y[0]) - before), start=start, name="arrests", kind=kind)


def mixture(factor=0.6, donors=30, before=8, after=4):
    rng = np.random.default_rng(1)
    y = rng.gamma(9.0, 4.0, (donors, before + after))
    own = 0.3 * y[2] + 0.7 * y[5]
    own[before:] *= factor
    return units(np.vstack([own, y]), before, kind="amount")


def forces(rng, *, donors=19, before=18, after=18, ratio=0.8, size=100):
    """Counts of forces that share two factors, with what each has of its own; any of them is managed."""
    every = before + after
    shared = np.cumsum(rng.normal(0, 0.05, (2, every)), -1) + 0.1 * np.sin(np.arange(every) * np.pi / 6)
    loads, level = rng.normal(0.7, 0.4, (donors + 1, 2)), rng.normal(0, 0.4, (donors + 1, 1))
    mean = size * np.exp(level + loads @ shared + rng.normal(0, 0.03, (donors + 1, every)))
    managed = int(rng.integers(donors + 1))
    mean[managed, before:] *= ratio
    return units(rng.poisson(mean), before, managed)


def test_a_convex_mixture_gives_the_ratio_exactly():
    e = SyntheticControl()(mixture(0.6, before=24))
    assert e.estimate == pytest.approx(0.6, rel=EXACT)
    assert dict(e.diagnostics["weights"]) == pytest.approx({"unit 6": 0.7, "unit 3": 0.3}, rel=EXACT)
    assert "the mixture is 70% unit 6, 30% unit 3" in e.notes
    assert "exactly" in e.note
    assert e.diagnostics["placebo_in_time"] == pytest.approx(1.0, rel=EXACT)
    assert e.estimand == "att_ratio"


def test_the_difference_is_of_all_windows_after_of_counts_and_a_mean_of_scores():
    panel = mixture(0.6)
    e = SyntheticControl(contrast="difference")(panel)
    expected = np.array(e.diagnostics["synthetic"])[8:]
    assert e.estimate == pytest.approx((panel.outcome[0, 8:] - expected).sum(), rel=EXACT)
    scores = replace(panel, kind="score")
    assert SyntheticControl(contrast="difference")(scores).estimate == pytest.approx(e.estimate / 4, rel=EXACT)
    assert SyntheticControl(contrast="difference")(scores).estimand == "att_score"
    with pytest.raises(InputError, match="IOM-E066"):
        SyntheticControl()(scores)


def test_people_in_units_are_the_units_means():
    rng = np.random.default_rng(3)
    force = np.repeat(np.arange(25), 12)
    y = rng.poisson(rng.gamma(4.0, 1.0, (25, 10))[force] * (1 + 0.02 * force[:, None]))
    start = np.ma.MaskedArray([7] * len(y), mask=force > 0)
    made = {"windows": windows(7, 3), "name": "arrests"}
    people = Panel.from_arrays(y, start=start, covariates={"force": force}, **made)
    means = np.array([y[force == f].mean(0) for f in range(25)])
    rows = Panel.from_arrays(means, kind="amount", start=np.ma.MaskedArray([7] * 25, mask=np.arange(25) > 0), **made)
    a, b = SyntheticControl(unit="force")(people), SyntheticControl()(rows)
    assert (a.estimate, a.conf_low, a.p_value) == pytest.approx((b.estimate, b.conf_low, b.p_value), rel=EXACT)
    assert (a.n_used, b.n_used) == (300, 25)
    longer = replace(people, exposure=np.tile([w.days * 1.0 for w in people.windows], (300, 1)))
    assert SyntheticControl(unit="force")(longer).estimate == pytest.approx(a.estimate, rel=EXACT)


def test_people_known_not_to_be_picked_alike_are_in_no_donor():
    rng = np.random.default_rng(3)
    force = np.repeat(np.arange(6), 10)
    y = rng.poisson(3.0, (60, 10))
    y[force >= 4] *= 9
    selected = np.ma.MaskedArray(force < 4)
    start = np.ma.MaskedArray([7] * 60, mask=force > 0)
    made = {"windows": windows(7, 3), "name": "arrests"}
    every = Panel.from_arrays(y, start=start, covariates={"force": force}, selected=selected, **made)
    alike = every.where(force < 4)
    a, b = (SyntheticControl(unit="force")(p) for p in (every, alike))
    assert a.estimate == pytest.approx(b.estimate, rel=EXACT)
    assert (a.diagnostics["donors"], a.n_input, a.n_used) == (3, 60, 40)
    assert "set aside" in a.note
    assert [r.found for r in SyntheticControl(unit="force").requirements(every)][5].startswith("there are 3 units")


def test_the_interval_holds_the_counterfactual_within_a_rank_of_the_placebos():
    e = SyntheticControl()(forces(np.random.default_rng(2)))
    shown = e.diagnostics
    observed, expected = (np.mean(shown[name][18:]) for name in ("observed", "synthetic"))
    half = np.sort(np.abs(np.mean(np.array(shown["placebos"])[:, 18:], -1)))[-1]
    assert e.estimate == pytest.approx(observed / expected, rel=EXACT)
    # Below 1, half the length grows as 1 over the root of the ratio.
    assert abs(observed / e.conf_low - expected) == pytest.approx(half / np.sqrt(e.conf_low))
    assert abs(observed / e.conf_high - expected) == pytest.approx(half)
    assert e.conf_low < 1 < e.conf_high
    assert e.p_value >= 1 / 20
    narrower = SyntheticControl(level=0.8)(forces(np.random.default_rng(2)))
    assert e.conf_low < narrower.conf_low < narrower.conf_high < e.conf_high


def test_with_few_donors_there_is_no_interval_and_it_says_how_small_p_values_get():
    e = SyntheticControl()(forces(np.random.default_rng(2), donors=6))
    assert (e.conf_low, e.interval) == (None, "none")
    assert "no p-value below 0.14" in e.note
    assert "takes 19" in e.note
    assert SyntheticControl(level=0.8)(forces(np.random.default_rng(2), donors=6)).conf_low is not None


def test_a_poor_fit_says_so():
    y = np.array(mixture().outcome)
    y[0] *= 4
    assert "the fit before is poor" in SyntheticControl()(units(y, 8, kind="amount")).note
    fair = SyntheticControl()(forces(np.random.default_rng(8)))
    assert "no mixture of the donors equals" in fair.note
    assert fair.diagnostics["error_before_share"] < 0.25


def test_what_cannot_be_compared_is_refused():
    good = mixture()
    two = np.ma.MaskedArray([8, 9, *[8] * 29], mask=[False, False, *[True] * 29])
    refused = {
        "no comparison people": good.where(good.group),
        "name one of the columns that are carried along": replace(
            good, start=np.ma.MaskedArray([8] * 31, mask=[False, False, *[True] * 29])
        ),
        "2 different windows": replace(good, start=two),
        "1 window lies before": replace(good, start=np.ma.MaskedArray([1] * 31, mask=np.arange(31) > 0)),
        "there are 2 units": good.where(np.arange(31) < 3),
    }
    for words, panel in refused.items():
        with pytest.raises(NotIdentifiedError, match=f"IOM-E068.*{words}"):
            SyntheticControl()(panel)
    with pytest.raises(NotIdentifiedError, match="has no covariate force"):
        SyntheticControl(unit="force")(good)
    y = good.outcome.copy()
    y[3:, 0] = np.nan
    with pytest.raises(NotIdentifiedError, match="every window has somebody, got 2"):
        SyntheticControl()(replace(good, outcome=y))
    y = good.outcome.copy()
    y[0, 8:] = 0
    with pytest.raises(DegenerateDataError, match=r"IOM-E064.*observed"):
        SyntheticControl()(replace(good, outcome=y))
    assert SyntheticControl(contrast="difference")(replace(good, outcome=y)).estimate < 0
    with pytest.raises(SpecError):
        SyntheticControl(contrast="log")


def test_an_end_that_the_errors_reach_is_open():
    rng = np.random.default_rng(6)
    e = SyntheticControl()(units(rng.poisson(2.0, (25, 4)), 2))
    assert e.conf_low is not None
    assert e.conf_high is None
    assert "no upper end" in e.note


def test_over_replicates_it_is_itself_and_pictures_draw():
    rng = np.random.default_rng(9)
    panels = [forces(rng) for _ in range(3)]
    at_front = [np.roll(p.outcome, -int(np.flatnonzero(p.group)[0]), axis=0) for p in panels]
    one = units(at_front[0], 18)
    found = batch(SyntheticControl(), replace(one, outcome=np.array(at_front)))
    assert found.estimate == pytest.approx([SyntheticControl()(units(y, 18)).estimate for y in at_front], rel=EXACT)
    e = SyntheticControl()(one)
    assert len(e.plot().lines) == 19 + 3
    assert len(SyntheticControl().draw_weights(e).patches) == len(e.diagnostics["weights"])


@pytest.mark.parametrize(
    ("replicates", "settings"),
    [
        (200, {}),
        *[
            pytest.param(2_000, s, marks=pytest.mark.slow)
            for s in ({}, {"donors": 39, "before": 6, "after": 3}, {"size": 12, "before": 8, "after": 4})
        ],
    ],
)
def test_coverage_whichever_unit_is_managed(replicates, settings):
    """Ranks are exact where units are exchangeable: 19 of 20, and 38 of 40."""
    rng = np.random.default_rng(20121101)
    held = 0
    for _ in range(replicates):
        e = SyntheticControl()(forces(rng, **settings))
        held += e.conf_low <= 0.8 <= (np.inf if e.conf_high is None else e.conf_high)
    assert stats.binom.ppf(5e-5, replicates, 0.95) <= held <= stats.binom.isf(5e-5, replicates, 0.95)

"""SteppedWedge: refusals, clusters and weights, replicates, its picture, coverage with few clusters and in worlds."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binom

from iom_causal.confounds import History
from iom_causal.designs import Design, Target, diagnose
from iom_causal.errors import DegenerateDataError, InputError, NotIdentifiedError, SpecError
from iom_causal.estimators import EventStudy, SteppedWedge
from iom_causal.panel import Panel
from iom_causal.roles import batch, batch_by_loop
from iom_causal.simulate import Careers, Enrolment, Programme, att_ratio_since_entry
from iom_causal.simulate import SteppedWedge as Observed
from iom_causal.windows import Selection, Window

EXACT = 1e-9
BY_LOT = SteppedWedge(by_lot=True)
TEAMS = SteppedWedge(by_lot=True, cluster="team")
WINDOWS = tuple(Window(f"q{k}", 91 * (k - 2), 91 * (k - 1), post=k >= 2) for k in range(6))


def teams(seed=1, count=9, effect=0.7, steps=(2, 3, 4), **settings):
    """Teams of unequal size and level that start in an order drawn by lot, in a calendar that falls."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(np.repeat(steps, count // len(steps)))
    team = np.repeat(np.arange(count), rng.integers(10, 31, count))
    rate = np.exp(rng.normal(0, 0.3, count))[team, None] * rng.gamma(2.0, 0.5, len(team))[:, None]
    rate = rate * np.exp(rng.normal(0, 0.1, (count, 6)))[team] * np.linspace(1.3, 0.7, 6)
    rate = np.where(np.arange(6) >= order[team, None], effect * rate, rate)
    settings = {"covariates": {"team": team}, "name": "arrests", "windows": WINDOWS} | settings
    return Panel.from_arrays(rng.poisson(rate), start=np.ma.MaskedArray(order[team]), **settings)


def test_whole_teams_cross_over_and_every_order_counts():
    e = TEAMS(teams(), rng=1)
    assert (e.estimand, e.scale, e.term) == ("att_ratio", "ratio", "managed / waiting")
    assert e.diagnostics["orders"] == 999
    assert 0 < e.conf_low < e.estimate < e.conf_high
    assert "9 clusters start at 3 windows" in e.note
    few, again = (TEAMS(teams(count=6), rng=seed) for seed in (1, 2))
    assert few.diagnostics["orders"] == 90
    assert few.row() == again.row()  # nothing is drawn where every order is tried


def test_limits_at_another_level_are_estimated_anew():
    e = TEAMS(teams(count=6))
    assert e.confidence_interval(0.95) == (e.conf_low, e.conf_high)
    with pytest.raises(DegenerateDataError, match=r"IOM-E065.*only that at level 0\.95 is kept.*anew with level=0\.9"):
        e.confidence_interval(0.9)
    narrow = replace(TEAMS, level=0.9)(teams(count=6))
    assert e.conf_low < narrow.conf_low < narrow.conf_high < e.conf_high


def test_what_it_cannot_identify_is_refused():
    panel = teams()
    once = replace(panel, start=np.ma.MaskedArray(np.full(panel.n, 3)))
    mixed = panel.start.copy()
    mixed[0] = 5
    refused = {
        r"\(by_lot=; EventStudy\)": (SteppedWedge(), panel),
        "in no window are some managed while others wait": (BY_LOT, once),
        "people of one cluster start at unlike windows": (TEAMS, replace(panel, start=mixed)),
        "no covariate force": (SteppedWedge(by_lot=True, cluster="force"), panel),
    }
    for words, (spec, bad) in refused.items():
        with pytest.raises(NotIdentifiedError, match=f"IOM-E068.*{words}"):
            spec(bad)
    with pytest.raises(InputError, match=r'IOM-E066.*contrast="difference"'):
        BY_LOT(replace(panel, kind="score"))
    with pytest.raises(InputError, match=r"IOM-E047.*iom\.batch"):
        BY_LOT(replace(panel, outcome=panel.outcome[None]))
    with pytest.raises(InputError, match="IOM-E076"):
        BY_LOT(replace(panel, weight=np.full(panel.n, 0.5)))
    with pytest.raises(DegenerateDataError, match=r"IOM-E064.*compares means"):
        TEAMS(replace(panel, outcome=panel.outcome * 0))
    with pytest.raises(SpecError, match="IOM-E092"):
        SteppedWedge(draws=3)


def test_few_orders_are_advised_of_and_give_no_limits():
    panel = teams(count=3)
    e = TEAMS(panel, rng=1)
    assert e.conf_low is None
    assert e.interval == "none"
    assert "too few orders for limits" in e.note
    assert "too few other orders" in TEAMS.requirements(panel)[-1].message


def test_few_events_are_answered_though_other_orders_leave_a_side_without_any():
    start = np.ma.MaskedArray(np.repeat([1, 2, 3, 4], 2), mask=np.arange(8) > 5)
    y = [[1, 0, 0, 0], [2, 0, 0, 0], [1, 0, 1, 0], [1, 0, 0, 0], [1, 0, 0, 0], [1, 0, 1, 0], [1, 3, 2, 2], [1, 2, 2, 3]]
    e = BY_LOT(Panel.from_arrays(y, windows=WINDOWS[1:5], start=start, name="arrests"), rng=1)
    assert e.std_error > 0
    assert e.p_value < 0.1
    assert "too few events for limits" in e.note


@pytest.mark.parametrize("spec", [BY_LOT, TEAMS], ids=repr)
@pytest.mark.parametrize("own_days", [False, True])
def test_weights_repeat_people_and_nobody_counts_at_0(spec, own_days):
    panel = teams()
    if own_days:
        panel = replace(panel, exposure=np.random.default_rng(3).uniform(60, 91, panel.outcome.shape))
    counts = np.arange(panel.n) % 3
    rows = np.repeat(np.arange(panel.n), counts)
    longer = Panel.from_arrays(
        panel.outcome[rows],
        windows=WINDOWS,
        name="arrests",
        start=panel.start[rows],
        covariates={"team": panel.covariates["team"][rows]},
        exposure=panel.exposure[rows] if own_days else panel.exposure,
    )
    a, b = spec(replace(panel, weight=counts), rng=1), spec(longer, rng=1)
    for name in ("estimate", "std_error", "p_value", "conf_low", "conf_high", "n_used"):
        assert getattr(a, name) == pytest.approx(getattr(b, name), rel=EXACT), name


def test_people_who_lack_a_window_are_left_out():
    panel = teams()
    outcome = panel.outcome.astype(float)
    outcome[::7, 3] = np.nan
    e = TEAMS(replace(panel, outcome=outcome), rng=1)
    whole = TEAMS(panel.where(np.arange(panel.n) % 7 != 0), rng=1)
    assert e.estimate == pytest.approx(whole.estimate, rel=EXACT)
    assert e.n_used == whole.n_used < e.n_input
    assert "left out" in e.note


def test_replicates_are_run_one_by_one():
    panel = teams()
    block = replace(panel, outcome=np.stack([panel.outcome, panel.outcome[::-1], panel.outcome * 0]))
    many = batch(TEAMS, block, rng=1)
    assert many.code.tolist() == [0, 0, 64]
    assert many == batch_by_loop(TEAMS, block, rng=1)


def test_its_picture_has_those_who_are_managed_and_those_who_wait():
    e = TEAMS(teams(), rng=1)
    ax = e.plot()
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["managed", "waiting"]
    assert ax.get_ylabel() == "arrests, a person and year"
    managed, waiting = ([row[k] for row in e.diagnostics["levels"]] for k in (1, 2))
    assert [level is None for level in managed] == [True, True, False, False, False, False]
    assert [level is None for level in waiting] == [False, False, False, False, True, True]


def held(spec, panels, truth):
    ends = [(e.conf_low, e.conf_high) for e in (spec(panel, rng=k) for k, panel in enumerate(panels))]
    return sum(low is None or low <= truth <= high for low, high in ends)


def band(size, a=1e-4):
    return binom.ppf(a / 2, size, 0.95), binom.isf(a / 2, size, 0.95)


def test_limits_hold_the_effect_with_six_teams():
    size = 150
    low, high = band(size)
    assert low <= held(TEAMS, (teams(seed=[7, k], count=6) for k in range(size)), 0.7) <= high


SELECTED = Selection("arrests", ("before",), "top", "at_boundary", threshold=120.0)
WEDGE = Careers(
    people=120,
    pool=2000,
    windows=(
        Window("earlier", -366, -183),
        Window("before", -183, 0),
        *(Window(f"half {k + 1}", 183 * k, 183 * k + 183, post=True) for k in range(3)),
    ),
    rate=1.5,
    programme=Programme(ratio=0.7),
    confounds=(History(ratio=0.8),),
    enrolment=Enrolment(selection=SELECTED, entry_months=(0, 6, 12, 18)),
)
"""People with the most arrests before, who enter in an order drawn by lot, the last after the end, as arrests fall."""


@pytest.mark.slow
def test_in_worlds_with_selection_and_history_neither_is_biased():
    truth = Target(att_ratio_since_entry, estimand="att_ratio")
    estimators = {"wedge": replace(BY_LOT, draws=499), "events": EventStudy()}
    found = diagnose(Design(WEDGE, {"att_ratio": truth}, {"people": Observed()}, estimators), sims=600, seed=3)
    table = found.tidy().set_index(["estimator", "measure"])
    for name in estimators:
        bias, error = table.loc[(name, "bias"), ["value", "mcse"]]
        assert abs(bias) < 4 * error
        low, high = band(600)
        assert low / 600 <= table.loc[(name, "coverage"), "value"] <= high / 600


@pytest.mark.slow
@pytest.mark.parametrize(("count", "contrast"), [(6, "ratio"), (12, "ratio"), (9, "difference")])
def test_limits_hold_the_effect_with_few_teams_at_the_level(count, contrast):
    size, steps = 1000, (2, 3, 4, 5) if count == 12 else (2, 3, 4)
    effect, truth = (0.7, 0.7) if contrast == "ratio" else (1.0, 0.0)
    spec = replace(TEAMS, contrast=contrast, draws=499)
    studies = (teams(seed=[count, k], count=count, steps=steps, effect=effect) for k in range(size))
    low, high = band(size)
    assert low <= held(spec, studies, truth) <= high

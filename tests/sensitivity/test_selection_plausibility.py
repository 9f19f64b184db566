"""Accounts of selection in worlds of which it is known how people were selected."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import expit

from iom_causal.errors import DegenerateDataError, InputError, NotIdentifiedError
from iom_causal.inputs.pool import SourcePopulation
from iom_causal.panel import Panel
from iom_causal.sensitivity.selection_plausibility import selection_plausibility
from iom_causal.windows import Selection, Window

ROUNDING = 1e-9  # sums in another order
WINDOWS = (Window("earlier"), Window("before"), Window("after", post=True))
CUT = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=6)
SOFT = Selection("arrests", ("before",), "soft", "at_boundary", threshold=6, softness=1.0)
RATE = Selection("arrests", ("before",), "rate", "at_boundary")


def people(how, n=225, others=800, *, drift=0.0, seed=1):
    """Counts of people selected in one way, the managed first; rates are gamma, times lognormal drift."""
    rng = np.random.default_rng(seed)
    rate = rng.gamma(1.5, 2.0, (40_000, 1)) * np.exp(drift * rng.standard_normal((40_000, 3)) - drift**2 / 2)
    counts = rng.poisson(rate)
    chosen = {
        "cut": counts[:, 1] >= 6,
        "soft": rng.random(40_000) < expit(counts[:, 1] - 6.0) / 2,
        "rate": rng.random(40_000) < expit(2 * (rate[:, 1] - 6)) / 2,
        "run-up": rng.random(40_000) < expit(counts[:, 1] - counts[:, 0] - 3.0) / 2,
        "any": rng.random(40_000) < 0.1,
    }[how]
    rows = np.concatenate([np.flatnonzero(chosen)[:n], np.flatnonzero(~chosen)[:others]])
    return counts[rows]


def panel(counts, managed=225, rule=SOFT, **fields):
    start = np.ma.MaskedArray(np.full(len(counts), 2), mask=np.arange(len(counts)) >= managed)
    return Panel.from_arrays(counts, windows=WINDOWS, name="arrests", start=start, selection=rule, **fields)


@pytest.mark.parametrize(
    ("how", "drift", "verdict"),
    [("soft", 0.0, "count"), ("soft", 0.3, "count"), ("rate", 0.0, "rate"), ("run-up", 0.0, "run-up")],
)
def test_never_managed_people_tell_how_people_were_selected(how, drift, verdict):
    found = selection_plausibility(panel(people(how, drift=drift)))
    assert found.verdict == verdict
    assert (found.run_up is not None) == (verdict == "run-up")
    assert found.chosen.p_value < 0.001


def test_without_them_picking_on_drifting_rates_and_on_the_count_are_not_told_apart():
    for how, drift in (("cut", 0.0), ("cut", 0.3), ("rate", 0.3)):
        found = selection_plausibility(panel(people(how, others=0, drift=drift), rule=CUT if how == "cut" else SOFT))
        assert found.verdict == "open", how
        assert found.chosen is None
    assert selection_plausibility(panel(people("cut", others=0, seed=2), rule=CUT)).verdict_if_lasting == "count"


def test_picking_on_lasting_rates_stands_out_without_them():
    assert selection_plausibility(panel(people("rate", others=0))).verdict == "rate"


def test_the_chance_of_lasting_rates_is_that_of_a_paired_t_test_on_equivalent_counts():
    counts = people("cut", n=60, others=0)
    found = selection_plausibility(panel(counts, 60, CUT))
    equivalent = np.where(counts[:, 1] > 6, counts[:, 1], 0)
    expected = stats.ttest_rel(counts[:, 0], equivalent).pvalue
    assert found.accounts[0].p_value == pytest.approx(expected, rel=ROUNDING)
    assert found.accounts[0].total_low == pytest.approx(equivalent.mean(), rel=ROUNDING)
    on_rate = stats.ttest_rel(counts[:, 0], counts[:, 1]).pvalue
    assert found.accounts[2].p_value == pytest.approx(on_rate, rel=ROUNDING)


def test_the_right_account_is_set_aside_as_often_as_its_level_says():
    """In 5% of 150 cohorts, give or take two and a half standard errors."""
    left = [
        selection_plausibility(panel(counts[counts[:, 1] >= 6][:225], rule=CUT)).accounts[0] for counts in cohorts(150)
    ]
    assert 0.005 < np.mean([a.p_value < 0.05 for a in left]) < 0.095


def cohorts(number):
    rng = np.random.default_rng(3)
    for _ in range(number):
        yield rng.poisson(rng.gamma(1.5, 2.0, 2500)[:, None], (2500, 3))


def test_a_change_of_everybodys_rates_is_in_what_is_expected():
    rng = np.random.default_rng(7)
    rate = rng.gamma(1.5, 2.0, 40_000)
    counts = rng.poisson(rate[:, None] * [0.6, 1.0, 1.0])
    soft, on_rate = (rng.random(40_000) < expit(x) / 2 for x in (counts[:, 1] - 6.0, 2 * (rate - 6)))
    for chosen, verdict in ((soft, "count"), (on_rate, "rate")):
        rows = np.concatenate([np.flatnonzero(chosen)[:225], np.flatnonzero(~chosen)[:2000]])
        found = selection_plausibility(panel(counts[rows]))
        assert found.verdict == found.verdict_if_lasting == verdict
    alone = counts[np.flatnonzero(soft)[:225]]
    stated, none = (selection_plausibility(panel(alone), background=ratio).accounts for ratio in (0.6, 1.0))
    for one, other in zip(stated, none, strict=True):
        assert one.total_high == pytest.approx(0.6 * other.total_high, rel=ROUNDING)


def test_beneath_a_cut_everybody_with_time_reversed_tells_of_drifting_rates():
    counts = people("cut", others=2000, drift=0.6)
    found = selection_plausibility(panel(counts, rule=CUT))
    assert [a.basis for a in found.accounts] == ["own counts", "earlier windows", "change of everybody", "everybody"]
    assert found.chosen.at_cut
    assert found.verdict == "count"
    part = selection_plausibility(panel(counts[:525], rule=CUT))  # 300 of 2,000 others: the managed out of proportion
    assert [a.basis for a in part.accounts] == ["own counts", "belief", "background", "belief"]


def test_with_every_window_read_the_share_selected_by_count_is_all_there_is():
    counts, managed = people("soft")[:, 1:], np.arange(1025) < 225
    two = Panel.from_arrays(
        counts, name="arrests", start=np.ma.MaskedArray(np.full(1025, 1), mask=~managed), selection=SOFT
    )
    found = selection_plausibility(two)
    assert (found.accounts, found.verdict) == ((), "")
    shares = [b.share for b in found.chosen.bands]
    assert shares == sorted(shares)
    assert sum(round(b.share * b.people) for b in found.chosen.bands) == 225
    assert not found.chosen.at_cut


def test_people_picked_for_something_else_had_no_more_than_the_others():
    found = selection_plausibility(panel(people("any", seed=4)))
    assert found.chosen.p_value > 0.05
    assert found.verdict == "open"


def test_a_rule_that_fills_places_is_on_the_rate_or_is_not_stated_is_read_off_the_others():
    counts = people("soft")
    top = Selection("arrests", ("before",), "top", "at_boundary", threshold=225)
    stated, on_rate, unstated = (selection_plausibility(panel(counts, rule=rule)) for rule in (top, RATE, None))
    assert [found.stated for found in (stated, on_rate, unstated)] == [True, False, False]
    assert repr(unstated.accounts) == repr(on_rate.accounts) == repr(stated.accounts)  # NaN equals nothing


def test_several_windows_read_are_one_count_and_means_are_of_one_window_each():
    rng = np.random.default_rng(2)
    counts = rng.poisson(rng.gamma(1.5, 2.0, 8000)[:, None], (8000, 5))
    four = (*(Window(w) for w in ("a", "b", "c", "d")), Window("after", post=True))
    rule = Selection("arrests", ("c", "d"), "at_least", "at_boundary", threshold=12)
    chosen = counts[counts[:, 2:4].sum(1) >= 12]
    found = selection_plausibility(Panel.from_arrays(chosen, windows=four, name="arrests", selection=rule))
    assert found.mean == pytest.approx(chosen[:, :4].mean(0), rel=ROUNDING)
    assert found.read == (False, False, True, True)
    total = chosen[:, 2:4].sum(1)
    assert found.accounts[0].low[0] == pytest.approx(np.where(total > 12, total, 0).mean() / 2, rel=ROUNDING)
    assert found.verdict_if_lasting == "count"


def test_means_are_at_the_length_of_what_was_read():
    counts = people("cut", others=0)
    days = np.array([730.0, 365.0, 365.0])
    twice = selection_plausibility(panel(counts * [2, 1, 1], rule=CUT, exposure=days))
    once = selection_plausibility(panel(counts, rule=CUT))
    assert twice.length == 365
    assert twice.mean == pytest.approx(once.mean, rel=ROUNDING)
    assert twice.accounts[0].total_low == pytest.approx(once.accounts[0].total_low, rel=ROUNDING)


@pytest.mark.parametrize("others", [0, 800])
def test_every_account_goes_by_events_a_day(others):
    counts, days = people("soft", others=others), np.array([730.0, 365.0, 365.0])
    twice = selection_plausibility(panel(counts * [2, 1, 1], exposure=days))
    once = selection_plausibility(panel(counts))
    for one, other in zip(twice.accounts, once.accounts, strict=True):
        assert one.total_low == pytest.approx(other.total_low, rel=ROUNDING)
    away = np.where(np.arange(len(counts)) % 3 > 0, 1.0, 0.4)[:, None]
    found = selection_plausibility(panel(counts, exposure=365 * away * np.ones(3))).accounts[2]
    assert found.on == "rate"
    if not others:
        rate = counts[:, 1].sum() / away.sum()
        assert found.low[0] == pytest.approx(rate * away.mean(), rel=ROUNDING)


def test_people_lost_afterwards_stay_and_those_without_a_window_before_are_left_out():
    counts = people("cut", others=0).astype(float)
    counts[:30, 2] = np.nan
    assert selection_plausibility(panel(counts, rule=CUT, missing="keep")).n == 225
    counts[:30, 0] = np.nan
    found = selection_plausibility(panel(counts, rule=CUT, missing="keep"))
    assert found.n == 195
    assert found.mean == selection_plausibility(panel(counts[30:].astype(int), 195, CUT)).mean


def test_rows_that_stand_for_several_people_are_as_good_as_these():
    counts = people("soft", others=400)
    each = selection_plausibility(panel(counts))
    rows, times = np.unique(counts[225:], axis=0, return_counts=True)
    source = SourcePopulation(
        counts=rows.astype(float), weight=times.astype(float), exposure=None, windows=WINDOWS, name="arrests"
    )
    table = selection_plausibility(source.beside(panel(counts[:225])))
    assert (table.n, table.n_others) == (each.n, each.n_others) == (225, 400)
    for one, other in zip(table.accounts, each.accounts, strict=True):
        assert one.total_low == pytest.approx(other.total_low, rel=ROUNDING)
        assert one.p_value == pytest.approx(other.p_value, rel=0.02, abs=ROUNDING)


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("IOM-E066", {"kind": "score"}),
        ("IOM-E048", {"rule": Selection("risk", ("before",), "at_least", "at_boundary", threshold=6)}),
        ("IOM-E048", {"rule": None}),
        ("IOM-E048", {"rule": RATE}),
        ("IOM-E048", {"rule": Selection("arrests", ("earlier", "before"), "at_least", "at_boundary", threshold=6)}),
        ("IOM-E039", {"rule": Selection("arrests", ("then",), "at_least", "at_boundary", threshold=6)}),
        ("IOM-E068", {"rule": Selection("arrests", ("before",), "at_least", "unknown", threshold=6)}),
        ("IOM-E068", {"rule": Selection("arrests", ("before",), "at_least", "within_post", threshold=6)}),
        ("IOM-E092", {"rule": Selection("arrests", ("before",), "at_least", "at_boundary", threshold=9)}),
        ("IOM-E046", {"exposure": np.array([365.0, 365.0, 365.0]) * np.ones((225, 1)) * [0, 1, 1]}),
    ],
)
def test_what_cannot_be_told_is_refused(code, change):
    counts = people("cut", others=0)
    if "exposure" in change:
        counts = np.concatenate([counts * [0, 1, 1], people("soft", n=0, others=30)])
        change = {"exposure": np.concatenate([change["exposure"], np.full((30, 3), 365.0)])}
    with pytest.raises((InputError, NotIdentifiedError), match=code):
        selection_plausibility(panel(counts, **({"rule": CUT} | change)))


def test_replicates_one_person_and_everybody_at_the_cut_are_refused():
    counts = people("cut", others=0)
    block = Panel.from_arrays(np.stack([counts, counts]), windows=WINDOWS, name="arrests", selection=CUT)
    with pytest.raises(InputError, match=r"IOM-E047.*replicate"):
        selection_plausibility(block)
    with pytest.raises(InputError, match="IOM-E060"):
        selection_plausibility(panel(counts[:1], 1, CUT))
    with pytest.raises(InputError, match="IOM-E035"):
        selection_plausibility(counts)
    with pytest.raises(DegenerateDataError, match="IOM-E064"):
        selection_plausibility(panel([[3, 6, 1], [5, 6, 2], [4, 6, 3]], 3, CUT))

"""DiffInDiff against the closed form, regressions of other libraries, Welch's test, and worlds of parallel trends."""

import math
from dataclasses import replace
from zlib import crc32

import numpy as np
import pytest
from scipy import stats

from iom_causal.errors import DegenerateDataError, InputError, NotIdentifiedError
from iom_causal.estimate.notes import TOO_NARROW, of_kind
from iom_causal.estimators import (
    DiffInDiff,
    EventStudy,
    Heterogeneity,
    LevelDifference,
    Matched,
    PairedT,
    PanelOLS,
    RateRatio,
    SteppedWedge,
)
from iom_causal.inputs.sample import RATE_DAYS
from iom_causal.panel import Panel
from iom_causal.roles import batch
from iom_causal.windows import Window

EXACT = 1e-9
SAME = 1e-12  # sums in another order
FITTED = 1e-7  # Newton's last step
REPLICATES = 10_000
FLAKE = 1e-4


def beside(managed, n):
    return np.ma.MaskedArray(np.ones(n, dtype=int), mask=np.arange(n) >= managed)


def two_groups(managed=40, others=55, seed=3, **settings):
    rng = np.random.default_rng(seed)
    n = managed + others
    rate = rng.gamma(2.0, 2.0, n)
    after = np.where(np.arange(n) < managed, 0.6, 0.8) * rng.gamma(4.0, 0.25, n)
    pairs = np.stack([rng.poisson(rate), rng.poisson(rate * after)], axis=-1)
    return Panel.from_arrays(pairs, name="arrests", start=beside(managed, n), **settings)


def rows_of(panel):
    """One row a person and window, as a regression reads them: outcome, group, time, person."""
    n = panel.n
    return (
        panel.outcome.ravel().astype(float),
        np.repeat(panel.group.astype(float), 2),
        np.tile([0.0, 1.0], n),
        np.repeat(np.arange(n), 2),
    )


def test_the_closed_form_by_hand():
    pairs = [[4, 1], [2, 2], [3, 0], [5, 5], [1, 2], [3, 3], [3, 2]]
    e = DiffInDiff(se="cr2")(Panel.from_arrays(pairs, name="arrests", start=beside(3, 7)))
    # managed: 9 before, 3 after; comparison: 12 and 12
    assert e.estimate == pytest.approx((3 / 9) / (12 / 12), rel=SAME)
    managed = [1 / 3 - 4 / 9, 2 / 3 - 2 / 9, 0 / 3 - 3 / 9]
    others = [5 / 12 - 5 / 12, 2 / 12 - 1 / 12, 3 / 12 - 3 / 12, 2 / 12 - 3 / 12]
    v1, v2 = (3 / 2) * sum(x * x for x in managed), (4 / 3) * sum(x * x for x in others)
    assert e.std_error == pytest.approx(math.sqrt(v1 + v2), rel=SAME)
    df = (v1 + v2) ** 2 / (v1**2 / 2 + v2**2 / 3)
    assert e.df == pytest.approx(df, rel=SAME)
    half = stats.t.ppf(0.975, df) * math.sqrt(v1 + v2)
    assert (math.log(e.conf_low), math.log(e.conf_high)) == pytest.approx(
        (math.log(1 / 3) - half, math.log(1 / 3) + half), rel=EXACT
    )
    assert e.p_value == pytest.approx(2 * stats.t.sf(abs(e.statistic), df), rel=EXACT)
    assert (e.n_input, e.n_used, e.estimand, e.scale) == (7, 7, "att_ratio", "ratio")
    assert "3 managed and 4 comparison people" in e.note
    assert e.diagnostics == pytest.approx(
        {
            "before_managed": 3.0,
            "before_comparison": 3.0,
            "change_managed": 1 / 3,
            "change_comparison": 1.0,
            "rate_before_managed": 3.0,
            "rate_before_comparison": 3.0,
        }
    )


def test_the_jackknife_leaves_out_each_person_in_turn():
    panel = two_groups(9, 12)
    e = DiffInDiff()(panel)
    variances = []
    for group in (panel.outcome[panel.group], panel.outcome[~panel.group]):
        before, after = group.sum(0)
        n, whole = len(group), math.log(after / before)
        left = [math.log((after - y[1]) / (before - y[0])) - whole for y in group]
        variances.append((n - 1) / n * sum(v * v for v in left))
    assert e.std_error == pytest.approx(math.sqrt(sum(variances)), rel=EXACT)
    first, second = variances
    assert e.df == pytest.approx(sum(variances) ** 2 / (first**2 / 8 + second**2 / 11), rel=EXACT)
    other = DiffInDiff(se="cr3")(panel)
    linear = DiffInDiff(se="cr2")(panel)
    assert linear.std_error < other.std_error
    assert (linear.estimate, linear.statistic > 0) == (e.estimate, e.statistic > 0)


@pytest.mark.parametrize("own_days", [False, True])
def test_it_is_poisson_regression_with_an_interaction_clustered_by_person(own_days):
    import statsmodels.api as sm

    panel = two_groups(
        exposure=np.random.default_rng(5).integers(200, 540, (95, 2)).astype(float) if own_days else None
    )
    y, group, time, person = rows_of(panel)
    days = np.log(panel.exposure.ravel()) if own_days else None
    x = sm.add_constant(np.column_stack([group, time, group * time]))
    model = sm.GLM(y, x, family=sm.families.Poisson(), offset=days)
    fit = model.fit(cov_type="cluster", cov_kwds={"groups": person, "use_correction": False}, tol=1e-13)
    e = DiffInDiff(se="cr2")(panel)
    assert math.log(e.estimate) == pytest.approx(fit.params[3], rel=FITTED)
    if own_days:  # each person's share of the days stands in for 1 / n
        assert e.std_error == pytest.approx(fit.bse[3], rel=0.02)
        return
    # the library's variance of each group, with each its own n / (n - 1), is ours
    managed = sm.GLM(y[group == 1], x[group == 1][:, [0, 2]], family=sm.families.Poisson())
    alone = managed.fit(cov_type="cluster", cov_kwds={"groups": person[group == 1], "use_correction": False}, tol=1e-13)
    first = alone.bse[1] ** 2
    second = fit.bse[3] ** 2 - first
    assert e.std_error**2 == pytest.approx(first * 40 / 39 + second * 55 / 54, rel=FITTED)


def test_the_difference_is_that_of_two_by_two_means_and_of_fixed_effects():
    panel = two_groups()
    e = DiffInDiff(contrast="difference")(panel)
    change = (panel.after - panel.before).astype(float)
    managed, others = change[panel.group], change[~panel.group]
    assert e.estimate == pytest.approx(managed.mean() - others.mean(), rel=EXACT)
    assert e.estimate == pytest.approx(PanelOLS(time_effects=True)(panel).estimate, rel=EXACT)
    theirs = stats.ttest_ind(managed, others, equal_var=False)
    assert (e.statistic, e.df, e.p_value) == pytest.approx((theirs.statistic, theirs.df, theirs.pvalue), rel=EXACT)
    assert (e.conf_low, e.conf_high) == pytest.approx(theirs.confidence_interval(0.95), rel=EXACT)
    assert (e.estimand, e.std_error_scale) == ("att_difference", "identity")


def test_it_is_two_way_fixed_effects_by_linearmodels():
    import pandas as pd
    from linearmodels.panel import PanelOLS as TwoWay

    panel = two_groups()
    y, group, time, person = rows_of(panel)
    index = pd.MultiIndex.from_arrays([person, time])
    model = TwoWay(
        pd.Series(y, index), pd.DataFrame({"d": group * time}, index), entity_effects=True, time_effects=True
    )
    theirs = model.fit(cov_type="clustered", cluster_entity=True, auto_df=False, count_effects=False, debiased=False)
    e = DiffInDiff(contrast="difference", se="cr2")(panel)
    assert e.estimate == pytest.approx(theirs.params["d"], rel=EXACT)
    change = panel.after - panel.before
    own = sum(np.var(change[who]) / who.sum() for who in (panel.group, ~panel.group))
    assert float(theirs.std_errors["d"]) ** 2 == pytest.approx(own, rel=FITTED)
    with_factor = sum(np.var(change[who], ddof=1) / who.sum() for who in (panel.group, ~panel.group))
    assert e.std_error**2 == pytest.approx(with_factor, rel=EXACT)


def test_two_groups_are_two_ratios_or_two_mean_changes():
    panel = two_groups()
    alone = [panel.where(who) for who in (panel.group, ~panel.group)]
    one, other = (RateRatio()(replace(p, start=None)) for p in alone)
    e = DiffInDiff(se="cr2")(panel)
    assert e.estimate == pytest.approx(one.estimate / other.estimate, rel=EXACT)
    assert e.std_error == pytest.approx(math.hypot(one.std_error, other.std_error), rel=EXACT)
    kinds = Panel.from_arrays(panel.outcome, covariates={"group": np.where(panel.group, "m", "other")})
    levels = Heterogeneity(by="group")(kinds)  # the larger group is the reference
    e = DiffInDiff()(panel)
    assert (e.estimate, e.std_error, e.df) == pytest.approx((levels.estimate, levels.std_error, levels.df), rel=EXACT)
    one, other = (PairedT()(replace(p, start=None)) for p in alone)
    e = DiffInDiff(contrast="difference")(panel)
    assert e.std_error == pytest.approx(math.hypot(one.std_error, other.std_error), rel=EXACT)


def test_a_score_has_a_difference_and_no_ratio():
    panel = two_groups()
    scores = replace(panel, outcome=panel.outcome.astype(float), kind="score")
    assert DiffInDiff(contrast="difference")(scores).estimand == "att_score"
    with pytest.raises(InputError, match=r"IOM-E066.*contrast="):
        DiffInDiff()(scores)


def test_days_known_and_common_cancel_and_days_of_each_do_not():
    panel = two_groups()
    common = replace(panel, exposure=np.array([730.0, 365.0]))
    assert DiffInDiff()(common).estimate == pytest.approx(DiffInDiff()(panel).estimate, rel=EXACT)
    assert "days at risk are not known" in DiffInDiff()(panel).note
    assert "days at risk are not known" not in DiffInDiff()(common).note
    half = np.where(panel.group[:, None], [365.0, 182.5], [365.0, 365.0])
    assert DiffInDiff()(replace(panel, exposure=half)).estimate == pytest.approx(
        2 * DiffInDiff()(panel).estimate, rel=EXACT
    )


def in_four_windows(start):
    rng = np.random.default_rng(8)
    windows = tuple(Window(str(k), 100 * k, 100 * k + 100, post=k >= 0) for k in (-2, -1, 0, 1))
    first = np.ma.MaskedArray(np.full(30, start), mask=np.arange(30) >= 12)
    return Panel.from_arrays(rng.poisson(3.0, (30, 4)), name="arrests", windows=windows, start=first)


@pytest.mark.parametrize("start", [1, 2, 3])
@pytest.mark.parametrize("contrast", ["ratio", "difference"])
def test_windows_are_put_together_at_the_common_start(start, contrast):
    panel = in_four_windows(start)
    by_hand = np.stack([panel.outcome[:, :start].sum(1), panel.outcome[:, start:].sum(1)], axis=-1)
    if contrast == "difference" and start != 2:  # windows differ in length: rates a person and 18 months
        by_hand = by_hand * RATE_DAYS / np.array([100.0 * start, 100.0 * (4 - start)])
    flat = Panel.from_arrays(by_hand, name="arrests", kind="amount", start=beside(12, 30))
    ours, theirs = (DiffInDiff(contrast=contrast)(p) for p in (panel, flat))
    assert (ours.estimate, ours.std_error) == pytest.approx((theirs.estimate, theirs.std_error), rel=EXACT)


def over_unlike_time(days, n=200, replicates=None, **more):
    """Managed people at 6 events in 548 days and others at 2, whose rates do not change, over such days."""
    rng = np.random.default_rng(5)
    level = np.where(np.arange(2 * n) < n, 6.0, 2.0) / RATE_DAYS
    rate = rng.gamma(2.0, level / 2.0, (replicates or 1, 2 * n))
    days = np.asarray(days, dtype=float)
    outcome = rng.poisson(rate[..., None] * days)
    outcome = outcome if replicates else outcome[0]
    return Panel.from_arrays(outcome, name="arrests", exposure=days, start=beside(n, 2 * n), **more)


def own_days(n=200):
    """Days of people of whom the managed are at risk for less after."""
    days = np.random.default_rng(6).uniform(300, 365, (2 * n, 2))
    days[:n, 1] /= 2
    return days


@pytest.mark.parametrize("days", [[1095.0, 365.0], own_days()])
def test_differences_over_unlike_time_are_of_rates(days):
    panel = over_unlike_time(days, covariates={"sex": np.array(["m", "f"] * 200)})
    expected = DiffInDiff(contrast="difference")(panel)
    per = np.broadcast_to(panel.exposure, panel.outcome.shape) / RATE_DAYS
    sides = [panel.outcome[who].sum(0) / per[who].sum(0) for who in (panel.group, ~panel.group)]
    by_hand = sides[0][1] - sides[0][0] - sides[1][1] + sides[1][0]
    assert expected.estimate == pytest.approx(by_hand, rel=EXACT)
    assert expected.conf_low < 0 < expected.conf_high
    designs = (
        DiffInDiff(contrast="difference", people="all"),
        DiffInDiff(contrast="difference", cluster="sex"),
        Matched(exact=("sex",), contrast="difference"),
        EventStudy(contrast="difference"),
        wedge := SteppedWedge(by_lot=True, contrast="difference", adjusted=False, draws=200),
    )
    for design in designs:
        found = design(panel, rng=1)
        assert found.term.endswith(", a person and 18 months")
        assert "not used" not in found.exposure + found.note
        of_levels = sides[0][1] - sides[1][1]
        assert found.estimate == pytest.approx(of_levels if design is wedge else by_hand, rel=EXACT)
    level = LevelDifference(by="managed", scale="difference")(panel)
    mean_days = np.broadcast_to(panel.exposure, panel.outcome.shape)[:, 0].mean()
    assert level.estimate == pytest.approx((sides[0][0] - sides[1][0]) * mean_days / RATE_DAYS, rel=EXACT)
    drawn = expected.diagnostics
    moved = {g: drawn[f"rate_before_{g}"] + drawn[f"change_{g}"] for g in ("managed", "comparison")}
    assert moved == pytest.approx({"managed": sides[0][1], "comparison": sides[1][1]}, rel=EXACT)


@pytest.mark.parametrize("days", [[1095.0, 365.0], own_days(40)])
def test_differences_of_rates_that_do_not_change_hold_no_change(days):
    panel = over_unlike_time(days, n=40, replicates=1000)
    found = DiffInDiff(contrast="difference").batch(panel)
    held = ((found.conf_low < 0) & (found.conf_high > 0)).sum()
    assert stats.binom.ppf(0.0005, 1000, 0.93) <= held <= stats.binom.ppf(0.9995, 1000, 0.97)
    one = DiffInDiff(contrast="difference")(panel.replicate(3))
    assert (one.estimate, one.std_error) == pytest.approx((found.estimate[3], found.std_error[3]), rel=EXACT)


def test_windows_as_long_as_one_another_are_compared_by_counts():
    panel = over_unlike_time([547.0, 549.0])
    change = np.diff(panel.outcome, axis=1)[:, 0]
    found = DiffInDiff(contrast="difference")(panel)
    assert found.estimate == pytest.approx(change[panel.group].mean() - change[~panel.group].mean(), rel=EXACT)
    assert (found.term, found.exposure) == ("managed - comparison", "not used")


def harm(replicates, managed, others, severities):
    """Harm of events of unlike severity, the managed people's events times .8."""
    rng = np.random.default_rng(3)
    n = managed + others
    events = rng.gamma(1.0, 3.0, (replicates, n, 1)) * np.where(np.arange(n) < managed, [[1.0], [0.8]], 1.0).T
    total = sum(weight * rng.poisson(share * events) for weight, share in severities.items())
    return Panel.from_arrays(total, name="harm", kind="amount", start=beside(managed, n))


def test_an_amount_that_a_few_people_hold_is_noted_by_its_ratios_alone():
    few = harm(60, 60, 60, {1: 0.5, 3: 0.3, 10: 0.15, 100: 0.04, 900: 0.01})
    many = harm(60, 60, 60, {1: 0.6, 3: 0.4})
    for spec in (DiffInDiff(), RateRatio()):
        told = [of_kind(notes, TOO_NARROW) for notes in batch(spec, few).notes]
        assert sum(map(bool, told)) > 50
        assert (of_kind(spec(few.replicate(2)).notes, TOO_NARROW)) == told[2]
        assert not any(of_kind(notes, TOO_NARROW) for notes in batch(spec, many).notes)
    assert not of_kind(DiffInDiff(contrast="difference")(few.replicate(2)).notes, TOO_NARROW)
    counts = replace(few.replicate(2), kind="count")
    assert not of_kind(DiffInDiff()(counts).notes, TOO_NARROW)


def test_how_many_hold_half_is_said_of_the_cell_that_is_held_by_fewest():
    pairs = np.array([[1.0, 90], [1, 2], [1, 1], [1, 1], [1, 1], [2, 1], [1, 2], [1, 1], [1, 1], [1, 1]] * 2)
    panel = Panel.from_arrays(pairs, name="harm", kind="amount", start=beside(10, 20))
    (note,) = of_kind(DiffInDiff(se="cr2")(panel).notes, TOO_NARROW)
    assert note.endswith("1 of 10 people hold half of it")


def test_what_two_groups_cannot_identify_is_refused():
    panel = two_groups()
    several = in_four_windows(2)
    starts = np.ma.MaskedArray(np.where(np.arange(30) < 6, 2, 3), mask=several.start.mask)
    refused = {
        "no comparison people": Panel.from_arrays(panel.outcome),
        "no managed people": replace(panel, start=np.ma.MaskedArray(np.ones(95, dtype=int), mask=True)),
        "start at 2 different windows": replace(several, start=starts),
        "start at the first window": in_four_windows(0),
        "there are no comparison people": replace(panel, weight=panel.group.astype(int)),
    }
    for words, bad in refused.items():
        with pytest.raises(NotIdentifiedError, match=f"IOM-E068.*{words}"):
            DiffInDiff()(bad)
        found = batch(DiffInDiff(), replace(bad, outcome=np.stack([bad.outcome] * 2)))
        assert found.code.tolist() == [68, 68]
        assert words in found.notes[1][0]
    with pytest.raises(InputError, match="IOM-E060"):
        DiffInDiff()(panel.where(panel.group | (np.arange(95) == 60)))
    with pytest.raises(InputError, match=r"IOM-E047.*iom\.batch"):
        DiffInDiff()(replace(panel, outcome=panel.outcome[None]))


@pytest.mark.parametrize(
    ("group", "column", "words"),
    [(True, 1, "managed people have no events after"), (False, 0, "comparison people have no events before")],
)
@pytest.mark.parametrize("own_days", [False, True])
def test_a_window_without_events_is_refused_in_words_and_has_a_difference(group, column, words, own_days):
    panel = two_groups(exposure=np.full((95, 2), 300.0) if own_days else None)
    outcome = panel.outcome.copy()
    outcome[panel.group == group, column] = 0
    empty = replace(panel, outcome=outcome)
    with pytest.raises(DegenerateDataError, match=f"IOM-E064.*{words}"):
        DiffInDiff()(empty)
    many = batch(DiffInDiff(), replace(panel, outcome=np.stack([outcome, panel.outcome]), exposure=None))
    assert many.code.tolist() == [64, 0]
    assert words in many.notes[0][0]
    assert DiffInDiff(contrast="difference")(empty).estimate is not None


@pytest.mark.parametrize("contrast", ["ratio", "difference"])
def test_groups_in_which_all_changed_alike_are_refused(contrast):
    pairs = [[4, 2], [4, 2], [4, 2], [3, 3], [3, 3]]
    with pytest.raises(DegenerateDataError, match="IOM-E065"):
        DiffInDiff(contrast=contrast)(Panel.from_arrays(pairs, start=beside(3, 5)))


@pytest.mark.parametrize("contrast", ["ratio", "difference"])
@pytest.mark.parametrize("own_days", [False, True])
def test_replicates_with_padding_and_missing_windows_are_the_people_alone(contrast, own_days):
    rng = np.random.default_rng(21)
    panel = two_groups()
    outcome = rng.poisson(3.0, (6, 95, 2)).astype(float)
    outcome[rng.random(outcome.shape) < 0.05] = np.nan
    weight = rng.integers(0, 3, (6, 95))
    days = rng.integers(200, 500, (6, 95, 2)).astype(float) if own_days else None
    many = Panel.from_arrays(outcome, name="arrests", start=panel.start, weight=weight, exposure=days, missing="keep")
    found = batch(DiffInDiff(contrast=contrast), many)
    for k in range(6):
        one = DiffInDiff(contrast=contrast)(many.replicate(k))
        there = np.repeat(np.arange(95), weight[k] * ~np.isnan(outcome[k]).any(-1))
        people = Panel.from_arrays(
            outcome[k, there].astype(int),
            name="arrests",
            start=panel.start[there],
            exposure=None if days is None else days[k, there],
        )
        written_out = DiffInDiff(contrast=contrast)(people)
        for name in ("estimate", "std_error", "df", "p_value", "conf_low", "conf_high"):
            assert getattr(found, name)[k] == pytest.approx(getattr(one, name), rel=SAME), name
            assert getattr(one, name) == pytest.approx(getattr(written_out, name), rel=EXACT), name
        assert found.n_used[k] == one.n_used == len(there)
        assert found.notes[k] == one.notes


@pytest.mark.parametrize("contrast", ["ratio", "difference"])
def test_its_interval_covers_where_trends_are_parallel(contrast):
    rng = np.random.default_rng(crc32(f"did-{contrast}".encode()))
    managed, others, trend, programme = 100, 150, 0.9, 0.75
    n = managed + others
    level = np.where(np.arange(n) < managed, 6.0, 4.0 if contrast == "ratio" else 6.0)
    rate = rng.gamma(1.5, level / 1.5, (REPLICATES, n))
    factor = np.where(np.arange(n) < managed, programme * trend, trend)
    after = rate * factor * rng.gamma(5.0, 0.2, rate.shape)
    pairs = np.stack([rng.poisson(rate), rng.poisson(after)], axis=-1)
    found = batch(DiffInDiff(contrast=contrast), Panel.from_arrays(pairs, start=beside(managed, n)))
    truth = programme if contrast == "ratio" else 6.0 * trend * (programme - 1)
    covered = int(((found.conf_low <= truth) & (truth <= found.conf_high)).sum())
    low, high = stats.binom.ppf(FLAKE / 2, REPLICATES, 0.95), stats.binom.isf(FLAKE / 2, REPLICATES, 0.95)
    assert low <= covered <= high
    values = np.log(found.estimate / truth) if contrast == "ratio" else found.estimate - truth
    assert abs(values.mean()) <= 4 * values.std() / math.sqrt(REPLICATES) + (0.002 if contrast == "ratio" else 0.0)

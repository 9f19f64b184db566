"""InterruptedTimeSeries: what it fits, refuses and says, how far a run-up deceives it, how often it is right."""

import csv
import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from iom_causal import simulate as sim
from iom_causal.base.axes import to_png
from iom_causal.designs.design import Design
from iom_causal.designs.diagnose import diagnose
from iom_causal.designs.replicates import Replicates
from iom_causal.designs.scoring import Target
from iom_causal.errors import ConvergenceError, DegenerateDataError, InputError, NotIdentifiedError, SpecError
from iom_causal.estimate.notes import TOO_NARROW, of_kind
from iom_causal.estimators import InterruptedTimeSeries, designs_for
from iom_causal.inputs.series import series_block
from iom_causal.numerics.comparison.series_effects import segments, series_effect
from iom_causal.numerics.mixed.regressions import least_squares
from iom_causal.panel import Panel
from iom_causal.roles import batch
from iom_causal.windows import Selection, Window

A = 1e-4  # of a false alarm
SAME = 1e-8  # of another tool's search
TRAFFIC = Path(__file__).parents[4] / "shared" / "data" / "traffic2_california.csv"
INDEX = dt.date(2012, 5, 1)


def months(before=24, after=12, days=30):
    return tuple(Window(f"{k}", days * k, days * (k + 1), post=k >= 0) for k in range(-before, after))


def rates(windows, ratio=0.7, trend=-0.1):
    years = np.array([(w.start + w.end) / 2 / 365.25 for w in windows])
    return 0.5 * np.exp(trend * years) * np.where(years > 0, ratio, 1.0)


def people(seed=1, n=150, windows=None, others=0, size=(), **settings):
    rng = np.random.default_rng(seed)
    windows = windows or months()
    frailty = rng.gamma(1.5, 1 / 1.5, (*size, n + others, 1))
    outcome = rng.poisson(frailty * rates(windows))
    if others:
        outcome[..., n:, :] = rng.poisson(0.6 * frailty[..., n:, :] * rates(windows, ratio=1.0))
        first = [w.post for w in windows].index(True)
        settings["start"] = np.ma.MaskedArray(np.full(n + others, first), mask=np.arange(n + others) >= n)
    return Panel.from_arrays(outcome, windows=windows, name="arrests", **settings)


RULE = Selection("score", ("-1",), "at_least", "at_boundary", threshold=3.0)
BY_COUNT = replace(RULE, variable="arrests")


@pytest.mark.parametrize("family", ["poisson", "negative_binomial"])
def test_coefficients_are_those_of_statsmodels_and_the_ratio_that_of_its_predictions(family):
    import statsmodels.api as sm

    panel = wandering(0.0, 1).replicate(0)
    e = InterruptedTimeSeries(family=family)(panel)
    series = series_block(panel, e.spec)
    years, post = series.middle, series.post.astype(float)
    x, offset = np.column_stack([np.ones(36), years, post, post * years]), np.log(series.exposure[0])
    spread = e.diagnostics.get("spread")
    kind = sm.families.Poisson() if spread is None else sm.families.NegativeBinomial(alpha=spread)
    fit = sm.GLM(series.events[0], x, family=kind, offset=offset).fit(tol=1e-14, maxiter=100)
    np.testing.assert_allclose([p.estimate for p in e.parts], fit.params, rtol=SAME)
    expected, without = (fit.predict(x * on, offset=offset)[post == 1].sum() for on in (1, [1, 1, 0, 0]))
    assert e.estimate == pytest.approx(expected / without)


def test_a_change_of_level_alone_is_its_coefficient():
    e = InterruptedTimeSeries(slope=False)(people())
    assert e.coefficient == "level"
    assert np.exp(e.params["level"]) == pytest.approx(e.estimate)
    assert [p.term for p in e.parts] == ["intercept", "trend", "level"]


def test_comparison_people_take_out_what_both_groups_share_in_a_window():
    panel = people(others=200)
    shock = np.random.default_rng(2).integers(1, 4, 36)
    shaken = replace(panel, outcome=panel.outcome * shock)  # of all people alike
    calm, rough = (InterruptedTimeSeries(controlled=True, se="model")(p) for p in (panel, shaken))
    alone = InterruptedTimeSeries()(shaken)
    assert abs(np.log(rough.estimate / 0.7)) < 2 * calm.std_error
    assert alone.std_error > 3 * rough.std_error
    assert "150 managed and 200 comparison people" in rough.notes
    assert "200 comparison people set aside" in alone.notes
    assert (rough.n_used, alone.n_used, rough.n_input) == (350, 150, 350)


def test_days_at_risk_are_the_offset_and_missing_windows_leave_theirs_out():
    panel = people()
    half = np.broadcast_to(np.where([w.post for w in panel.windows], 15.0, 30.0), panel.outcome.shape)
    assert InterruptedTimeSeries()(replace(panel, exposure=half)).estimate == pytest.approx(
        2 * InterruptedTimeSeries()(panel).estimate
    )
    both = people(others=100)
    days = np.full(both.outcome.shape, 30.0)
    days[150:, 24:] = 15.0
    assert CONTROLLED(replace(both, exposure=days)).estimate == pytest.approx(CONTROLLED(both).estimate / 2)
    outcome = panel.outcome.astype(float)
    outcome[:50, 30:] = np.nan
    part = InterruptedTimeSeries()(replace(panel, outcome=outcome))
    assert "100 of 150 people have every window" in part.note


def test_waves_take_a_pattern_of_the_year_out():
    panel = people(windows=months(36, 24), index_date=INDEX)
    turn = 2 * np.pi * np.array([w.start + 15 for w in panel.windows]) / 365.25
    rng = np.random.default_rng(4)
    wavy = replace(panel, outcome=rng.poisson(rates(panel.windows) * np.exp(0.4 * np.cos(turn)), panel.outcome.shape))
    plain, waves = (InterruptedTimeSeries(season=k)(wavy) for k in (0, 1))
    assert waves.std_error < 0.6 * plain.std_error
    size = np.hypot(waves.params["cosine_1"], waves.params["sine_1"])
    assert size == pytest.approx(0.4, abs=0.1)
    assert plain.diagnostics["ljung_box_p"] < 0.01 < waves.diagnostics["ljung_box_p"]
    assert any("hang together" in note for note in plain.notes)


def test_a_start_after_the_index_date_is_where_the_change_is():
    panel = people(windows=months(18, 18))
    later = replace(panel, start=np.ma.MaskedArray(np.full(150, 24), mask=False))
    moved = tuple(replace(w, start=w.start - 180, end=w.end - 180, post=k >= 24) for k, w in enumerate(panel.windows))
    a, b = (InterruptedTimeSeries()(p) for p in (later, replace(panel, windows=moved)))
    assert a.estimate == pytest.approx(b.estimate)
    assert a.diagnostics["start"] == pytest.approx(180 / 365.25)


def undated():
    panel = people()
    return replace(panel, windows=(*panel.windows[:-1], Window("undated", post=True)))


STAGGERED = np.ma.MaskedArray(24 + np.arange(150) % 2, mask=False)


@pytest.mark.parametrize(
    ("spec", "panel", "said"),
    [
        (InterruptedTimeSeries(), people(windows=months(11, 12)), "11 windows lie before"),
        (InterruptedTimeSeries(), people(windows=months(24, 1)), "leave the slope out"),
        (InterruptedTimeSeries(), people(start=STAGGERED), "start at 2 different windows"),
        (InterruptedTimeSeries(), people(windows=(*months(24, 2), Window("long", 60, 400, post=True))), "one length"),
        (InterruptedTimeSeries(), undated(), "dates of window"),
        (InterruptedTimeSeries(controlled=True), people(), "no comparison people"),
        (InterruptedTimeSeries(season=1), people(), "give index_date"),
        (InterruptedTimeSeries(season=1), people(windows=months(24, 6), index_date=INDEX), "and one after"),
    ],
    ids=str,
)
def test_what_it_needs_is_refused_in_the_words_of_its_requirements(spec, panel, said):
    with pytest.raises(NotIdentifiedError, match=f"IOM-E068.*{said}") as refused:
        spec(panel)
    lacking = next(r for r in spec.requirements(panel) if r.necessary and not r.met)
    assert lacking.message in refused.value.message
    option = designs_for(panel, [spec]).options[0]
    assert not option.carried
    assert batch(spec, replace(panel, outcome=panel.outcome[None])).code.tolist() == [68]


@pytest.mark.parametrize("controlled", [False, True])
def test_the_unit_of_an_amount_does_not_matter(controlled):
    panel = people(others=100, size=(2,))
    spec = InterruptedTimeSeries(controlled=controlled)
    harm = replace(panel, outcome=36.5 * panel.outcome, kind="amount")
    a, b = (batch(spec, p) for p in (panel, harm))
    for name in ("estimate", "conf_low", "df"):
        assert getattr(b, name) == pytest.approx(getattr(a, name), rel=1e-9)
    assert spec(harm.replicate(1)).estimate == pytest.approx(b.estimate[1], rel=1e-12)
    for counts_alone in (InterruptedTimeSeries(se="model"), InterruptedTimeSeries(family="negative_binomial")):
        with pytest.raises(InputError, match=r"IOM-E066.*write InterruptedTimeSeries\(\)"):
            counts_alone(harm.replicate(0))


def test_what_it_cannot_read_is_refused():
    with pytest.raises(InputError, match="IOM-E066"):
        InterruptedTimeSeries()(replace(people(), kind="score"))
    with pytest.raises(SpecError, match="binomial"):
        InterruptedTimeSeries(controlled=True, family="negative_binomial")
    with pytest.raises(SpecError, match="harmonics"):
        InterruptedTimeSeries(season=-1)
    none = people().outcome.copy()
    none[:, 24:] = 0
    with pytest.raises(DegenerateDataError, match="no events after"):
        InterruptedTimeSeries()(replace(people(), outcome=none))
    few = np.zeros_like(none)
    few[0, 23] = few[1, 24] = 1
    with pytest.raises(ConvergenceError, match="IOM-E080"):
        InterruptedTimeSeries()(replace(people(), outcome=few))


def test_people_who_were_selected_by_the_count_make_it_no_effect():
    unknown, other, by_count = (InterruptedTimeSeries()(people(selection=rule)) for rule in (None, RULE, BY_COUNT))
    assert [e.estimand for e in (unknown, other, by_count)] == ["att_ratio", "att_ratio", "descriptive_change"]
    picked = [[n for n in e.notes if "picked" in n] for e in (unknown, other, by_count)]
    assert [len(notes) for notes in picked] == [1, 0, 1]
    assert picked[2][0].startswith("people were picked by this count")
    assumed = ["not selected at a high count" in "; ".join(e.assumptions) for e in (unknown, other, by_count)]
    assert assumed == [True, False, False]
    controlled = InterruptedTimeSeries(controlled=True)(people(others=100, selection=BY_COUNT))
    assert controlled.estimand == "att_ratio"


def wandering(rho, size, before=24, after=12, spread=0.2, seed=3, ratio=0.7, **settings):
    """Two people, of many events, whose log rate is a first-order autoregression about its trend."""
    rng = np.random.default_rng(seed)
    path = rng.standard_normal((size, before + after))
    for k in range(1, before + after):
        path[:, k] = rho * path[:, k - 1] + np.sqrt(1 - rho**2) * path[:, k]
    windows = months(before, after)
    mean = 50 * rates(windows, ratio) / 0.5 * np.exp(spread * path - spread**2 / 2)
    return Panel.from_arrays(rng.poisson(mean[:, None], (size, 2, before + after)), windows=windows, **settings)


def test_intervals_say_where_they_are_too_narrow():
    rough = wandering(0.8, 1, spread=0.3, before=48, after=24).replicate(0)
    model, quasi, hac = (InterruptedTimeSeries(se=se)(rough) for se in ("model", "quasi", "hac"))
    assert model.std_error < quasi.std_error < hac.std_error
    assert len(of_kind(model.notes, TOO_NARROW)) == 2
    assert "hang together" in of_kind(quasi.notes, TOO_NARROW)[0]
    strong = wandering(0.95, 1, spread=0.5, before=48, after=24).replicate(0)
    assert "strongly" in of_kind(InterruptedTimeSeries()(strong).notes, TOO_NARROW)[0]
    calm = wandering(0.0, 1, spread=0.0).replicate(0)
    assert not [
        n for se in ("model", "quasi", "hac") for n in InterruptedTimeSeries(se=se)(calm).notes if "hang together" in n
    ]


def test_a_break_that_never_was_is_seldom_as_clear_as_one_that_was():
    clear = InterruptedTimeSeries()(people(n=800, windows=months(36, 12))).diagnostics
    assert (clear["placebo_dates"], clear["placebo_p"]) == (25, pytest.approx(1 / 26))
    assert len(clear["placebo_ratios"]) == 25
    assert InterruptedTimeSeries()(people(windows=months(12, 12))).diagnostics["placebo_dates"] == 1
    nothing = wandering(0.0, 60, ratio=1.0, before=36)
    shares = [InterruptedTimeSeries()(nothing.replicate(k)).diagnostics["placebo_p"] for k in range(60)]
    assert 0.05 < np.mean(np.array(shares) <= 0.2) < 0.4


def test_the_picture_needs_the_result_alone():
    e = InterruptedTimeSeries(controlled=True)(people(others=100))
    assert to_png(e.plot()) == to_png(replace(e).plot())
    assert len(e.diagnostics["comparison"]) == len(e.diagnostics["observed"]) == 36
    observed, without = np.array(e.diagnostics["observed"]), np.array(e.diagnostics["without"])
    assert observed[24:].sum() / without[24:, 1].sum() == pytest.approx(e.estimate)
    many = batch(InterruptedTimeSeries(), people(size=(2,)))
    with pytest.raises(InputError, match="estimate anew"):
        many[0].plot()


def test_a_band_of_what_is_expected_is_that_of_statsmodels():
    import statsmodels.api as sm

    e = InterruptedTimeSeries(se="model")(people())
    series = series_block(people(), e.spec)
    years, post = series.middle, series.post.astype(float)
    x = np.column_stack([np.ones(36), years, post, post * years])
    offset = np.log(series.exposure[0])
    fit = sm.GLM(series.events[0], x, family=sm.families.Poisson(), offset=offset).fit(tol=1e-14)
    theirs = fit.get_prediction(x * [1, 1, 0, 0], offset=offset).summary_frame()
    wanted = theirs[["mean_ci_lower", "mean", "mean_ci_upper"]].to_numpy()
    np.testing.assert_allclose(np.array(e.diagnostics["without"]), wanted, rtol=1e-7)


def traffic():
    with TRAFFIC.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {name: np.array([float(row[name] or "nan") for row in rows]) for name in rows[0]}


@pytest.mark.skipif(not TRAFFIC.exists(), reason="other people's data are not here")
def test_two_laws_of_one_state_as_published():
    """Wooldridge (2020), Introductory Econometrics, computer exercise C10.11: fatal share of accidents, in percent."""
    data = traffic()
    of_year = ["feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    names = ["spdlaw", "beltlaw", "t", "wkends", "unem", *of_year]
    x = np.column_stack([np.ones(108), *(data[name] for name in names)])
    fit = least_squares(x[None], data["prcfat"][None], np.ones((1, 108)), robust=False)
    found = np.column_stack([fit.values[0], np.sqrt(np.diag(fit.cov[0]))])[1:3]
    assert found.round(4).tolist() == [[0.0671, 0.0206], [-0.0295, 0.0232]]


@pytest.mark.skipif(not TRAFFIC.exists(), reason="other people's data are not here")
def test_a_speed_law_raises_the_fatal_share_of_accidents():
    data = traffic()
    law = data["spdlaw"] == 1
    years = (np.arange(108) - np.argmax(law) + 0.5) / 12
    waves = np.column_stack([f(2 * np.pi * k * data["t"] / 12) for k in (1, 2, 3) for f in (np.cos, np.sin)])
    found = series_effect(
        segments(years, 0.0, waves=waves), data["fatacc"][None], np.log(data["totacc"])[None], errors="hac"
    )
    low, high = (float(found.horizon.log_ratio[0] + s * 2 * found.std_error[0]) for s in (-1, 1))
    mean = data["prcfat"][~law].mean()
    assert low < np.log1p(0.0671 / mean) < high


CONTROLLED = InterruptedTimeSeries(controlled=True)
DAYS, CUT, SHAPE, RATE, RATIO = 30, 3, 1.4, 2.0, 0.8
RUN_UP = tuple(f"{k}" for k in range(-6, 0))


def run_up_world(read, people=100):
    rule = Selection("arrests", read, "at_least", "at_boundary", threshold=float(CUT))
    return sim.Careers(
        people=people,
        windows=months(),
        rate=RATE,
        shape=SHAPE,
        programme=sim.Programme(ratio=RATIO),
        enrolment=sim.Enrolment(selection=rule),
        burn_in_months=0,
    )


def expected_series(read):
    """Expected totals of people with so many events in the months that were read, whose gamma rates last."""
    mean = RATE * DAYS * len(read) / 365.25
    y = np.arange(400)
    chance = stats.nbinom.pmf(y, SHAPE, SHAPE / (SHAPE + mean)) * (y >= CUT)
    frailty = chance @ ((SHAPE + y) / (SHAPE + mean)) / chance.sum()
    lasting = RATE * DAYS / 365.25 * frailty
    windows = months()
    in_rule = np.array([w.label in read for w in windows])
    raised = chance @ y / chance.sum() / len(read)
    return np.where(in_rule, raised, lasting * np.where([w.post for w in windows], RATIO, 1.0)), raised, lasting


@pytest.mark.parametrize("slope", [True, False])
@pytest.mark.parametrize("read", [RUN_UP, tuple(w.label for w in months() if not w.post)], ids=["run-up", "all before"])
def test_a_run_up_to_selection_is_taken_for_a_trend_by_as_much_as_its_closed_form(read, slope):
    mean, raised, lasting = expected_series(read)
    by = segments(np.array([w.start + DAYS / 2 for w in months()]) / 365.25, 0.0, slope=slope)
    limit = float(series_effect(by, mean[None], np.zeros((1, 36))).horizon.log_ratio[0])
    if len(read) == 24:  # a level before as high as regression to the mean makes it
        assert limit == pytest.approx(np.log(RATIO * lasting / raised))
    else:  # worse than that: the run-up goes on rising, and what comes back is set against it
        assert limit < np.log(RATIO * lasting / mean[:24].mean()) - 0.1
    world = run_up_world(read)
    target = {"att_ratio": Target(sim.att_ratio, estimand="att_ratio")}
    design = Design(world, target, {"d": sim.BeforeAfter()}, {"e": InterruptedTimeSeries(slope=slope)})
    columns = Replicates({"d": design}, 5)(np.arange(64))
    assert (columns["d/answer/d/e/code"] == 0).all()
    found = np.log(columns["d/answer/d/e/estimate"])
    assert abs(found.mean() - limit) < 4 * found.std(ddof=1) / 8, (found.mean(), limit)


def entered(rng, by_rule, size=40, people=150, pool=3000, ratio=1.0):
    """Counts of people of gamma rates whom a rule on the last half year selected, or did not."""
    windows = months()
    rate = RATE * DAYS / 365.25 * rng.gamma(SHAPE, 1 / SHAPE, (size, pool, 1))
    outcome = rng.poisson(rate * np.where([w.post for w in windows], ratio, 1.0))
    selected = outcome[..., 18:24].sum(-1) >= CUT
    order = np.argsort(selected != by_rule, axis=1, kind="stable")[:, :people]
    assert (np.take_along_axis(selected, order, 1) == by_rule).all()
    return np.take_along_axis(outcome, order[..., None], 1)


@pytest.mark.parametrize("alike", [True, False])
def test_comparison_people_take_the_run_up_out_where_the_same_rule_selected_them(alike):
    rng = np.random.default_rng(11)
    both = np.concatenate([entered(rng, by_rule=True, ratio=RATIO), entered(rng, by_rule=alike)], axis=1)
    start = np.ma.MaskedArray(np.full(300, 24), mask=np.arange(300) >= 150)
    many = batch(CONTROLLED, Panel.from_arrays(both, windows=months(), start=start, name="arrests"))
    off = np.log(many.estimate / RATIO)
    error = off.std(ddof=1) / np.sqrt(len(off))
    assert abs(off.mean()) < 4 * error if alike else off.mean() < -0.3


def test_covariates_of_managed_people_alone_do_no_harm():
    panel = people(others=50)
    marked = replace(panel, covariates={"selected": panel.group.astype(int)}, selection=BY_COUNT)
    assert CONTROLLED(marked).estimate == CONTROLLED(panel).estimate


def covered(panel, truth, spec):
    many = batch(spec, panel)
    assert (many.code == 0).all()
    return int(((many.conf_low <= truth) & (truth <= many.conf_high)).sum())


@pytest.mark.parametrize("spec", [InterruptedTimeSeries(), InterruptedTimeSeries(slope=False, se="model"), CONTROLLED])
def test_intervals_hold_the_ratio_of_lasting_people(spec):
    """What people are lastingly like is in all totals alike, and is no part of the ratio's error."""
    panel = people(n=20, others=20 if spec.controlled else 0, size=(1000,), seed=8)
    assert binom_holds(covered(panel, 0.7, spec), 1000)


@pytest.mark.slow
@pytest.mark.parametrize("spec", [InterruptedTimeSeries(), InterruptedTimeSeries(slope=False), CONTROLLED], ids=str)
def test_intervals_hold_the_ratio_in_ten_thousand_studies(spec):
    panel = people(n=12, others=12 if spec.controlled else 0, size=(10_000,), seed=9, windows=months(24, 12))
    assert binom_holds(covered(panel, 0.7, spec), 10_000)


@pytest.mark.slow
@pytest.mark.parametrize("rho", [0.0, 0.3, 0.5])
def test_intervals_hold_the_ratio_where_windows_hang_together(rho):
    assert binom_holds(covered(wandering(rho, 10_000), 0.7, InterruptedTimeSeries()), 10_000)


def binom_holds(count, size):
    return stats.binom.ppf(A / 2, size, 0.93) <= count <= stats.binom.isf(A / 2, size, 0.97)


def test_a_design_with_it_is_diagnosed():
    world = replace(run_up_world(RUN_UP), enrolment=sim.Enrolment())
    found = diagnose(Design(world, sim.att_ratio, sim.BeforeAfter(), InterruptedTimeSeries()), sims=60, seed=2)
    figures = found.tidy().set_index("measure")
    bias, error = figures.loc["bias", ["value", "mcse"]]
    assert abs(bias) < 4 * error
    assert figures.loc["failures", "value"] == 0


@pytest.mark.parametrize("each", [1, 3, 300_000])
@pytest.mark.parametrize("slope", [True, False])
def test_totals_that_lie_on_the_fit_have_no_error(each, slope):
    panel = people()
    panel = replace(panel, outcome=np.full_like(panel.outcome, each))
    spec = InterruptedTimeSeries(slope=slope)
    with pytest.raises(DegenerateDataError, match=r"IOM-E065.*lie on the fit"):
        spec(panel)
    assert batch(spec, replace(panel, outcome=panel.outcome[None])).code.tolist() == [65]
    assert replace(spec, se="model")(panel).std_error > 0

"""The lines one by one: closed forms, printed figures, simulations, and what is refused."""

import datetime as dt
import itertools

import numpy as np
import pytest

from iom_causal.beliefs import Range
from iom_causal.beliefs import theta as th
from iom_causal.confounds import (
    Breach,
    Custody,
    Desistance,
    Detection,
    Engagement,
    FollowUp,
    History,
    PartExposure,
    Season,
)
from iom_causal.confounds.history import _all_series
from iom_causal.confounds.units import NOTHING
from iom_causal.errors import InputError, SpecError
from iom_causal.moments import Moments
from iom_causal.panel import Panel
from iom_causal.windows import Window

DAY = dt.date(2012, 5, 1)
WINDOWS = (Window("before", -547, 0), Window("after", 0, 549, post=True))
EXACT = 1e-12
TWO_PLACES = 0.005
SIMULATED = 0.01  # four standard errors of 200,000 people


def seed(**settings):
    base = {"n": 225, "mean_pre": 6.84, "sd_pre": 4.75, "mean_post": 3.61, "sd_post": 3.66, "windows": WINDOWS}
    return Moments.from_summary(**{**base, **settings})


def line(spec, data=None):
    return float(spec.shift(seed() if data is None else data, th.central(spec)))


def code_of(call):
    with pytest.raises((InputError, SpecError)) as caught:
        call()
    return caught.value.code


def test_national_arrests_fell_to_85_per_cent_and_recorded_crime_to_92():
    assert np.exp(line(History(series="arrests-england-wales", index_date=DAY))) == pytest.approx(0.852, abs=0.001)
    crime = History(series="recorded-crime-england-wales", index_date=DAY)
    assert np.exp(line(crime)) == pytest.approx(0.919, abs=0.001)


def test_a_series_is_chained_from_the_changes_that_its_rows_name():
    for name in ("arrests-england-wales", "recorded-crime-england-wales"):
        for before, after in itertools.pairwise(_all_series()[name]):
            change = float(after.source.partition("%")[0]) / 100
            assert after.level == pytest.approx(before.level * (1 + change), abs=5e-5)


def test_every_row_of_a_series_names_its_source_and_joins_the_next():
    for name in ("arrests-england-wales", "recorded-crime-england-wales"):
        rows = _all_series()[name]
        assert all(row.source and row.level > 0 for row in rows)
        assert all(a.end == b.start for a, b in itertools.pairwise(rows))


def test_history_takes_its_date_from_the_panel_and_averages_over_people():
    series = "arrests-england-wales"
    ends = [dt.date(2011, 11, 1), dt.date(2012, 5, 1)]
    each = np.array(ends, dtype="datetime64[D]")
    short = (Window("before", -365, 0), Window("after", 0, 365, post=True))
    panel = Panel.from_arrays([[1, 1], [1, 1]], windows=short, index_date=each, weight=[1, 3])
    alone = [np.exp(line(History(series=series, index_date=d), Moments(n=2, windows=short))) for d in ends]
    expected = (alone[0] + 3 * alone[1]) / 4
    assert np.exp(line(History(series=series), panel)) == pytest.approx(expected, abs=EXACT)


def test_elasticity_scales_the_log_and_local_adds_to_it():
    assert line(History(ratio=0.85, elasticity=1.5)) == pytest.approx(1.5 * np.log(0.85), abs=EXACT)
    assert line(History(ratio=0.85, local=0.9)) == pytest.approx(np.log(0.85 * 0.9), abs=EXACT)


def test_the_cohort_is_taken_out_of_the_index():
    # The rest of the index: 90 before and 40 after; the cohort 10 before and 5 after.
    data = seed(windows=(Window("before"), Window("after", post=True)), mean_pre=10.0, mean_post=5.0)
    assert np.exp(line(History(ratio=0.45, contamination=0.1), data)) == pytest.approx(40 / 90, abs=EXACT)


def test_pooled_rates_are_those_of_everybody_the_lost_changing_by_the_ratio_of_the_others():
    nan = float("nan")
    some = Panel.from_arrays([[2.0, 1.0], [4.0, 2.0], [8.0, nan]], windows=WINDOWS, missing="keep")
    full = Panel.from_arrays([[2, 1], [4, 2], [8, 4]], windows=WINDOWS)
    spec = Breach(after=0.1, unit="per_year")
    assert line(spec, some) == pytest.approx(line(spec, full), abs=EXACT)


def test_history_without_dates_or_outside_its_series_is_refused():
    spec = History(series="arrests-england-wales")
    assert code_of(lambda: line(spec)) == "IOM-E048"
    assert code_of(lambda: line(History(series="arrests-england-wales", index_date=dt.date(2001, 1, 1)))) == "IOM-E048"
    assert code_of(lambda: line(History(ratio=0.4, contamination=0.9))) == "IOM-E092"


def test_season_is_near_two_thirds_of_the_amplitude():
    a = 0.06
    spec = Season(amplitude=a, index_date=DAY)
    assert line(spec) == pytest.approx(np.log((1 + a / 3) / (1 - a / 3)), abs=0.001)
    days = np.arange(np.datetime64("2010-11-01"), np.datetime64("2013-11-01"))
    warm = (days.astype("datetime64[M]").astype(int) % 12 >= 4) & (days.astype("datetime64[M]").astype(int) % 12 <= 9)
    rate, after = np.where(warm, 1 + a, 1 - a), days >= np.datetime64("2012-05-01")
    assert line(spec) == pytest.approx(np.log(rate[after].mean() / rate[~after].mean()), abs=EXACT)


@pytest.mark.parametrize("shape", ["half-year", "cosine"])
def test_whole_years_have_no_season(shape):
    windows = (Window("before", -731, 0), Window("after", 0, 730, post=True))
    spec = Season(amplitude=0.2, index_date=dt.date(2012, 5, 1), shape=shape)
    assert abs(line(spec, seed(windows=windows))) < 0.001


def test_season_needs_dates_and_a_rate_above_zero():
    assert code_of(lambda: line(Season(amplitude=0.1))) == "IOM-E048"
    assert code_of(lambda: line(Season(amplitude=5.0, index_date=DAY))) == "IOM-E092"


def test_season_in_the_simulator_gives_back_its_own_line():
    a, spec = 0.06, Season(amplitude=0.06, index_date=DAY)
    hazard = spec.mechanism(WINDOWS, {"amplitude": a}).hazard
    assert np.log(hazard[18:].mean() / hazard[:18].mean()) == pytest.approx(line(spec), abs=TWO_PLACES)


def test_detection_acts_both_ways_and_its_tipping_ratio_is_the_observed_one():
    observed = np.log(3.61 / 6.84)
    assert line(Detection(ratio=3.61 / 6.84)) == pytest.approx(observed, abs=EXACT)
    assert line(Detection(ratio=1.3)) > 0 > line(Detection(ratio=0.8))
    assert np.exp(np.log(0.7) + line(Detection(ratio=1.3))) == pytest.approx(0.91, abs=EXACT)


def test_false_records_are_told_apart_from_detection():
    # 100 offences each window, half of them leading to arrest; of the arrests after, a fifth stand for no offence.
    recorded_before, recorded_after = 50.0, 50 / 0.8
    assert line(Detection(false_post=0.2)) == pytest.approx(np.log(recorded_after / recorded_before), abs=EXACT)


def test_desistance_counts_the_window_before_in_full():
    years = 549 / 365.25
    expected = np.log((1 - np.exp(-0.06 * years)) / (0.06 * years))
    assert line(Desistance(hazard=0.06)) == pytest.approx(expected, abs=EXACT)
    rng = np.random.default_rng(2)
    stop = np.minimum(rng.exponential(1 / 0.5, 200_000), years)
    active = rng.random(200_000) < 0.7
    share = np.where(active, stop, years).mean() / years
    assert np.exp(line(Desistance(hazard=0.5, at_risk=0.7))) == pytest.approx(share, abs=SIMULATED)


def test_desistance_in_the_simulator_adds_up_to_its_hazard():
    spec = Desistance(hazard=0.12)
    monthly = spec.mechanism(WINDOWS, th.central(spec)).desistance
    assert monthly[:18].sum() == 0
    assert monthly[18:].sum() == pytest.approx(0.12 * 1.5)


def test_breach_in_shares_and_in_arrests_a_year_agree():
    share = Breach(after=0.1, before=0.02)
    data = seed()
    yearly = Breach(after=0.1 * 3.61 * 365.25 / 549, before=0.02 * 6.84 * 365.25 / 547, unit="per_year")
    assert line(share) == pytest.approx(np.log(0.98 / 0.9), abs=EXACT)
    assert line(yearly, data) == pytest.approx(line(share), abs=EXACT)


def test_more_created_arrests_than_there_are_is_refused():
    assert code_of(lambda: line(Breach(after=9.0, unit="per_year"))) == "IOM-E092"
    spec = Breach(after=0.1)
    assert code_of(lambda: spec.mechanism(WINDOWS, th.central(spec))) == "IOM-E096"


def test_created_arrests_in_the_simulator_make_up_their_share():
    spec = Breach(after=0.2, base_per_year=4.0)
    events = spec.mechanism(WINDOWS, th.central(spec)).supervision_events
    created = events[18:].sum() / 1.5
    assert created / (created + 4.0) == pytest.approx(0.2)


def careers(rate, custody_per_arrest, stay, length, start_free, rng):
    """Events and time free of people simulated one spell at a time."""
    n = len(rate)
    clock = np.where(start_free, 0.0, np.minimum(rng.exponential(stay, n), length))
    events, free = np.zeros(n), np.zeros(n)
    active = clock < length
    while active.any():
        gap = rng.exponential(1 / rate)
        stop = np.minimum(clock + gap, length)
        free += np.where(active, stop - clock, 0.0)
        hit = active & (clock + gap < length)
        events += hit
        clock = np.where(active, stop, clock)
        clock = np.where(hit & (rng.random(n) < custody_per_arrest), clock + rng.exponential(stay, n), clock)
        active = active & (clock < length)
    return events, np.minimum(free, length)


def two_windows(rate, rng, *, p=0.4, stay=0.5, length=1.5):
    share = 1 / (1 + rate * p * stay)
    windows = [careers(rate, p, stay, length, rng.random(len(rate)) < share, rng)]
    windows.append(careers(rate, p, stay, length, np.ones(len(rate), dtype=bool), rng))
    return tuple(np.stack(pair, axis=-1) for pair in zip(*windows, strict=True))


def test_custody_after_arrest_equals_a_simulation_of_spells():
    events, _ = two_windows(np.full(200_000, 4.0), np.random.default_rng(11))
    windows = (Window("before", -548, 0), Window("after", 0, 548, post=True))
    data = seed(mean_pre=float(events[:, 0].mean()), mean_post=float(events[:, 1].mean()), windows=windows)
    spec = Custody(custody_per_arrest=0.4, stay_years=0.5)
    assert line(spec, data) == pytest.approx(np.log(events[:, 1].mean() / events[:, 0].mean()), abs=SIMULATED)


def test_known_days_leave_nothing_where_nothing_happened():
    rng = np.random.default_rng(12)
    rate = 4 * np.exp(rng.normal(-0.5, 1.0, 200_000))
    events, free = two_windows(rate, rng)
    panel = Panel.from_arrays(
        events,
        windows=(Window("before", -548, 0), Window("after", 0, 548, post=True)),
        exposure=free / 1.5 * 548,
        name="arrests",
    )
    pooled = np.log(events.sum(0) / free.sum(0))
    observed = pooled[1] - pooled[0]
    assert observed > 0.04  # rates and time at liberty go together, so that pooled rates rise by themselves
    assert observed - line(Custody(), panel) == pytest.approx(0, abs=SIMULATED)
    assert line(Custody(weighting="time"), panel) == 0
    total = observed - line(Custody(target="total"), panel)
    assert total == pytest.approx(np.log(events[:, 1].sum() / events[:, 0].sum()), abs=1e-9)


def test_both_targets_are_reported():
    both = Custody(ratio=0.9).both(seed(), {"ratio": 0.9, "free_at_start": 1.0})
    assert float(both["free"]) == pytest.approx(np.log(0.9))
    assert float(both["total"]) == 0
    assert line(Custody(target="total")) == 0


def test_custody_without_days_or_beliefs_is_refused():
    assert code_of(lambda: line(Custody())) == "IOM-E048"
    assert code_of(lambda: line(Custody(custody_per_arrest=0.9, stay_years=1.0))) == "IOM-E068"


def test_starting_in_custody_turns_the_line():
    settings = {"custody_per_arrest": 0.2, "stay_years": 0.4}
    assert line(Custody(**settings, free_at_start=0.3)) < 0 < line(Custody(**settings))


def test_custody_bounds_over_a_range():
    spec = Custody(ratio=Range(0.8, 1.1))
    assert th.extent(spec, seed(), th.central(spec)) == pytest.approx((np.log(0.8), np.log(1.1)))


def test_which_share_of_engaged_people_prints_the_pooled_change():
    spec = Engagement()
    pooled = 812 / 1539
    share = spec.share_needed(pooled, th.central(spec))
    assert share == pytest.approx(0.762, abs=0.001)
    assert Engagement(share=share).pooled({**th.central(spec), "share": share}) == pytest.approx(pooled)
    same = {"engaged_ratio": 0.5, "other_ratio": 0.5}
    assert code_of(lambda: spec.share_needed(0.5, same)) == "IOM-E068"


def test_follow_up_without_ramp_or_fade_says_the_same_at_every_length():
    said = FollowUp().restate(0.8, seed(), {"ramp_years": 0.0})
    assert [float(v) for v in said.values()] == pytest.approx([0.8, 0.8, 0.8])


def test_follow_up_restated_equals_a_sum_over_days():
    theta = {"ramp_years": 0.5, "half_life_years": 1.0}
    said = FollowUp(ramp_years=0.5, half_life_years=1.0).restate(0.8, seed(), theta, horizons=(0.5, 549 / 365.25))
    time = (np.arange(200_000) + 0.5) / 200_000
    course = {h: np.minimum(h * time / 0.5, 1) * 0.5 ** (h * time) for h in said}
    full = np.linspace(-1.5, 0.0, 3001)
    at_end = np.array([np.exp(f * course[549 / 365.25][::200]).mean() for f in full])
    strength = np.interp(0.8, at_end, full)
    assert float(said[549 / 365.25]) == pytest.approx(0.8, abs=1e-9)
    assert float(said[0.5]) == pytest.approx(np.exp(strength * course[0.5]).mean(), abs=1e-4)
    assert float(said[0.5]) > 0.8


def test_part_exposure_solves_the_mixture():
    tau, after, before = 0.55, 0.7, 0.2
    shown = (1 - after + after * tau) / (1 - before + before * tau)
    spec = PartExposure(after=after, before=before)
    assert float(spec.restate(shown, {"after": after, "before": before})) == pytest.approx(tau)
    assert code_of(lambda: spec.restate(0.1, {"after": 0.5, "before": 0.0})) == "IOM-E068"


@pytest.mark.parametrize("spec", [Engagement(), FollowUp(ramp_years=1.0), PartExposure(after=0.5)])
def test_what_acts_on_the_programme_alone_moves_nothing_without_it(spec):
    assert line(spec) == 0
    assert spec.acts == NOTHING
    assert not spec.of_counts.assumed
    assert not spec.of_scores.assumed

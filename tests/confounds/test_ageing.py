"""Ageing: closed forms, the figures fitted to Scottish convictions, and what is refused."""

import csv
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import truncnorm

import iom_causal.confounds.age_curves as cv
from iom_causal.beliefs import Normal, Range
from iom_causal.beliefs import theta as th
from iom_causal.confounds import Ageing
from iom_causal.errors import InputError
from iom_causal.moments import Moments
from iom_causal.numerics.adjustment.age_curves import truncated_normal_parameters
from iom_causal.panel import Panel
from iom_causal.windows import Window

WINDOWS = (Window("before", -547, 0), Window("after", 0, 549, post=True))
EXACT = 1e-9
QUADRATURE = 1e-6  # 400 and 8 nodes against adaptive quadrature
PRINTED = 0.005  # two decimals
NEARBY = 0.012  # smoothing of single-year rates was not stated beside the figures compared with
MEAN_AGE, SD_AGE = 30.43, 8.09


def seed(**settings):
    base = {"n": 225, "age_mean": MEAN_AGE, "age_sd": SD_AGE, "age_range": (13, 60), "windows": WINDOWS}
    return Moments.from_summary(**{**base, **settings})


def ratio(spec, subject):
    return float(np.exp(spec.shift(subject, th.central(spec))))


def people(ages, **settings):
    outcome = np.ones((len(ages), 2), dtype=int)
    return Panel.from_arrays(outcome, windows=WINDOWS, age=ages, name="arrests", **settings)


def test_ages_printed_are_a_normal_cut_off_at_the_range():
    low, high = 13.0, 60.0
    location, scale = truncated_normal_parameters(MEAN_AGE, SD_AGE, low, high)
    law = truncnorm((low - location) / scale, (high - location) / scale, location, scale)
    assert law.mean() == pytest.approx(MEAN_AGE, abs=EXACT)
    assert law.std() == pytest.approx(SD_AGE, abs=EXACT)


@pytest.mark.parametrize("decline", [0.03, 0.05])
@pytest.mark.parametrize("weighting", ["rate", "outcome", "people"])
def test_an_exponential_curve_gives_minus_decline_times_one_and_a_half_years(decline, weighting):
    windows = (Window("before", -548, 0), Window("after", 0, 548, post=True))
    panel = Panel.from_arrays([[1, 2], [4, 1], [2, 2]], windows=windows, age=[20.0, 30.0, 51.5])
    spec = Ageing(curve=cv.Exponential(decline), weighting=weighting)
    assert float(spec.shift(panel, th.central(spec))) == pytest.approx(-decline * 548 / 365.25, abs=EXACT)


def test_a_flat_curve_gives_nothing():
    assert ratio(Ageing(curve="flat"), seed()) == pytest.approx(1, abs=EXACT)


@pytest.mark.parametrize(
    ("era", "family", "expected"),
    [
        (1990, "gamma", 0.87),
        (1990, "lognormal", 0.87),
        (1990, "log-quadratic", 0.87),
        (2011, "gamma", 0.96),
        (2011, "lognormal", 0.96),
        (2011, "weibull", 0.96),
        (2011, "log-quadratic", 0.96),
        (2018, "gamma", 1.00),
    ],
)
def test_ratios_of_the_cohort_by_fitted_curve(era, family, expected):
    found = ratio(Ageing(curve=f"scotland-{era}", family=family), seed())
    assert found == pytest.approx(expected, abs=PRINTED + 0.001)


@pytest.mark.parametrize(
    ("name", "family", "expected"),
    [
        ("scotland-1990", "gamma", 0.81),
        ("scotland-1990", "lognormal", 0.81),
        ("scotland-2000", "gamma", 0.81),
        ("scotland-2011", "gamma", 0.92),
        ("scotland-2011", "lognormal", 0.92),
        ("scotland-2011", "weibull", 0.94),
        ("scotland-2011", "log-quadratic", 0.94),
        ("scotland-2018", "gamma", 0.98),
    ],
)
def test_ratios_at_the_mean_age_by_fitted_curve(name, family, expected):
    curve = cv.named(name, family)
    logs = curve.log_rate(np.array([MEAN_AGE - 0.75, MEAN_AGE + 0.75]))
    assert np.exp(logs[1] - logs[0]) == pytest.approx(expected, abs=PRINTED + 0.001)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("scotland-1990", 0.84), ("scotland-2000", 0.85), ("scotland-2011", 0.97), ("scotland-2018", 1.00)],
)
def test_ratios_at_the_mean_age_by_smoothed_rates(name, expected):
    logs = cv.named(name).log_rate(np.array([MEAN_AGE - 0.75, MEAN_AGE + 0.75]))
    assert np.exp(logs[1] - logs[0]) == pytest.approx(expected, abs=NEARBY)


def test_the_default_is_a_fall_of_two_to_four_per_cent_for_the_cohort_of_the_paper():
    for spec in (Ageing(), Ageing(family="average")):
        assert 0.955 < ratio(spec, seed()) < 0.98


def test_rates_kept_agree_with_the_years_tabulated():
    rows = cv._table("scotland_convictions_by_age.csv")
    rate = {int(r["age"]): float(r["1990-male-all"]) for r in rows}
    shown = {17: 116.2, 20: 78.3, 25: 43.7, 28: 30.4, 30: 22.6, 32: 19.9, 35: 14.0, 40: 10.4, 45: 7.2, 50: 5.7}
    assert {age: round(rate[age], 1) for age in shown} == shown


def test_parameters_are_those_of_a_fit_to_the_rates_kept():
    rates = cv._table("scotland_convictions_by_age.csv")
    fits = {(r["curve"], r["family"]): r for r in cv._table("age_curve_parameters.csv")}
    age = np.array([int(r["age"]) + 0.5 for r in rates])
    keep = (age > 16) & (age < 61)
    for column in ("2011-male-all", "2011-female-all", "1990-male-all"):
        rate = np.array([float(r[column]) for r in rates])[keep]
        row = fits[column, "gamma"]
        level, shape, scale = (float(row[k]) for k in ("level", "first", "second"))

        def loss(shape, scale, level=level, rate=rate):
            fitted = level * (age[keep] - 8) ** (shape - 1) * np.exp(-(age[keep] - 8) / scale)
            return ((rate - fitted) ** 2).sum()

        best = loss(shape, scale)
        assert 1 - best / ((rate - rate.mean()) ** 2).sum() == pytest.approx(float(row["r_squared"]), abs=1e-4)
        for step in (0.99, 1.01):
            assert best < loss(shape * step, scale)
            assert best < loss(shape, scale * step)


def test_every_table_names_its_source():
    folder = Path(cv.__file__).parent / "tables"
    for path in folder.glob("*.csv"):
        first = path.read_text(encoding="utf-8").splitlines()[0]
        assert first.startswith("#"), path.name
        assert "Open Government Licence" in first
    with (folder / "national_series.csv").open(encoding="utf-8") as lines:
        next(lines)
        assert all(row["source"] for row in csv.DictReader(lines))


def test_the_integral_equals_adaptive_quadrature():
    curve = cv.named("scotland-1990", "gamma")
    location, scale = 29.92, 8.65
    law = truncnorm((13 - location) / scale, (60 - location) / scale, location, scale)
    moments = seed(age_mean=float(law.mean()), age_sd=float(law.std()))

    def cohort_rate(time):
        inner, _ = quad(
            lambda a: law.pdf(a) * np.exp(curve.log_rate(np.array(max(a + time, 16.0)))), 13, 60, points=[16 - time]
        )
        return inner

    before, after = (quad(cohort_rate, *w)[0] / (w[1] - w[0]) for w in ((-547 / 365.25, 0), (0, 549 / 365.25)))
    assert ratio(Ageing(curve="scotland-1990", family="gamma"), moments) == pytest.approx(after / before, rel=1e-4)


def test_weightings_are_what_they_say():
    curve = cv.Piecewise(((15.0, 10.0), (30.0, 40.0), (70.0, 1.0)))
    ages, before = [20.0, 40.0], [1, 3]
    panel = Panel.from_arrays([[1, 1], [3, 1]], windows=WINDOWS, age=ages)

    def mean_rate(age, start, end):
        return quad(lambda t: float(np.exp(curve.log_rate(np.array(age + t)))), start, end)[0] / (end - start)

    spans = ((-547 / 365.25, 0), (0, 549 / 365.25))
    mean = {age: [mean_rate(age, *span) for span in spans] for age in ages}
    expected = {
        "rate": sum(m[1] for m in mean.values()) / sum(m[0] for m in mean.values()),
        "people": np.mean([m[1] / m[0] for m in mean.values()]),
        "outcome": sum(y * mean[a][1] / mean[a][0] for a, y in zip(ages, before, strict=True)) / 4,
    }
    for weighting, value in expected.items():
        assert ratio(Ageing(curve=curve, weighting=weighting), panel) == pytest.approx(value, rel=QUADRATURE)
    assert ratio(Ageing(curve=curve), panel) == pytest.approx(expected["outcome"], rel=QUADRATURE)


def test_averaging_over_families_is_their_mean_and_spread():
    by_family = np.array(list(Ageing().by_family(seed()).values()))
    spec = Ageing(family="average", between=Normal(0, 1))
    theta = {"strength": 1.0, "age_offset": 0.0}
    assert float(spec.shift(seed(), {**theta, "between": 0.0})) == pytest.approx(by_family.mean(), abs=EXACT)
    assert float(spec.shift(seed(), {**theta, "between": 2.0})) == pytest.approx(
        by_family.mean() + 2 * by_family.std(), abs=EXACT
    )


def test_an_offset_of_ages_is_the_shift_at_those_ages():
    ages = np.array([22.0, 30.0, 41.0])
    spec = Ageing(family="gamma", age_offset=1.0)
    assert ratio(spec, people(ages)) == pytest.approx(ratio(Ageing(family="gamma"), people(ages + 1)), rel=QUADRATURE)


def test_age_at_the_last_offence_is_a_range_and_says_so():
    spec = Ageing(age_offset=Range(-1.5, 3))
    low, high = th.extent(spec, seed(), th.central(spec))
    assert -0.06 < low < float(Ageing().shift(seed(), th.central(Ageing()))) < high < 0
    assert "between -1.50 and 3.00 years older" in spec.condition(seed(), th.central(spec))


def test_participation_times_frequency():
    participation, frequency = cv.Exponential(0.1), cv.Exponential(0.02)
    modes = {m: cv.ParticipationFrequency(participation, frequency, m) for m in cv.MODES}
    shifts = {m: np.log(ratio(Ageing(curve=c), people([25.0, 35.0]))) for m, c in modes.items()}
    assert shifts["aggregate"] == pytest.approx(shifts["frequency_only"] + shifts["participation_only"], abs=0.001)
    assert shifts["frequency_only"] == pytest.approx(-0.02 * 548 / 365.25, abs=QUADRATURE)


@pytest.mark.parametrize(
    ("subject", "code"),
    [
        (people([20.0, 80.0]), "IOM-E055"),
        (Panel.from_arrays([[1, 2]], windows=WINDOWS), "IOM-E048"),
        (Panel.from_arrays([[1, 2]], age=[30.0]), "IOM-E048"),
        (seed(age_sd=None), "IOM-E067"),
        (seed(age_range=(31.0, 60.0)), "IOM-E067"),
    ],
)
def test_what_cannot_be_worked_out_is_refused_by_name(subject, code):
    with pytest.raises(InputError) as caught:
        Ageing().shift(subject, th.central(Ageing()))
    assert caught.value.code == code


def test_a_floor_below_the_curve_is_refused_when_people_are_that_young():
    spec = Ageing(family="gamma", floor=10.0)
    with pytest.raises(InputError, match="below"):
        spec.shift(people([14.0, 30.0]), th.central(spec))


def test_people_without_an_age_are_taken_to_be_like_the_others():
    panel = people([22.0, float("nan"), 40.0])
    both = people([22.0, 40.0])
    said = [Ageing().condition(data, th.central(Ageing())) for data in (panel, both)]
    assert ["without a recorded age are like the others" in text for text in said] == [True, False]
    assert ratio(Ageing(), panel) == pytest.approx(ratio(Ageing(), both), rel=EXACT)


def test_the_simulator_gets_relative_rates_with_one_at_thirty():
    made = Ageing().mechanism(WINDOWS, th.central(Ageing())).age_curve
    assert made[30] == pytest.approx(1)
    assert made[10] == made[16]
    assert made[60] < 0.3

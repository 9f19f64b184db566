"""Real court contacts of people in no programme, through Panel and Ledger: nothing must remain.

Nine placebo birthdays from 20 to 28 by five thresholds, two-year windows: 45 cells, worth about 7 to 14
independent ones. Every figure is a mean log remainder, whose truth is 0. The file is other people's data and is
read where it lies; without it these tests skip.
"""

import math
from pathlib import Path

import numpy as np
import pytest

import iom_causal as iom
from iom_causal.beliefs import LogNormal
from iom_causal.confounds import age_curves
from iom_causal.confounds.regression.careers import CareerLaw
from iom_causal.inputs.lines import central_lines, with_remainder
from iom_causal.numerics.selection import career_model as careers
from tests.oracles.career_influence import log_share_influence
from tests.test_examples import called, load

FILE = Path(__file__).parents[3] / "shared" / "data" / "toronto_sample_a.csv"
pytestmark = pytest.mark.skipif(not FILE.exists(), reason="the Toronto file is not beside this checkout")

TABLE = load(called("toronto_placebo"))
CELLS = len(TABLE.DATES) * len(TABLE.THRESHOLDS)
Z = 1.959964
DIGITS = 0.006
"""Biases stand here with two decimals; search and grid differ a little between machines."""
ONE_CELL = 1.01
YEARS = 3e-4
"""Windows of 365 days are a little less than years."""


@pytest.fixture(scope="module")
def years():
    return TABLE.read(str(FILE))


bias = TABLE.bias


def error(cells):
    return float(np.mean([c.error for c in cells]))


def z(cells):
    return bias(cells) / TABLE.standard_error(cells)


def covers(cells):
    return sum(c.covers for c in cells)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("at_risk", "own", "comparison"), [(False, (0.03, 42), (0.00, 42)), (True, (0.01, 44), (-0.02, 42))]
)
def test_nothing_remains_after_careers(years, at_risk, own, comparison):
    cohort = TABLE.Cohort(years, at_risk)
    for drift, (left, covered), widest in (("own", own, 0.16), ("comparison", comparison, 0.19)):
        cells = TABLE.cells(cohort, TABLE.METHODS[f"careers, {drift} drift"])
        assert len(cells) == CELLS
        assert bias(cells) == pytest.approx(left, abs=DIGITS)
        assert abs(z(cells)) < Z
        assert covers(cells) == pytest.approx(covered, abs=ONE_CELL)
        assert covers(cells) >= 0.91 * CELLS
        assert error(cells) <= widest


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "at_risk", "left", "covered", "number"),
    [
        ("nothing", False, -0.60, 0, CELLS),
        ("static EB", False, -0.32, 11, CELLS),
        ("static EB x own drift", False, -0.05, 40, CELLS),
        ("static EB x everybody's change", False, -0.08, 44, CELLS),
        ("robbins_zhang", False, -0.32, 16, CELLS),
        ("robbins_zhang x own drift", False, -0.05, 41, CELLS),
        ("earlier_rule", False, -0.03, 39, CELLS),
        ("earlier_rule", True, -0.056, 40, CELLS),
        ("pool, own drift", False, -0.055, 39, CELLS),
        ("pool, own drift", True, -0.038, 43, CELLS),
        # Beneath a threshold of 1 nobody who was not chosen has a contact that shows how rates move.
        ("pool, comparison drift", False, 0.06, 34, 36),
    ],
)
def test_other_methods_beside_them(years, method, at_risk, left, covered, number):
    cells = TABLE.cells(TABLE.Cohort(years, at_risk), TABLE.METHODS[method])
    assert len(cells) == number
    assert bias(cells) == pytest.approx(left, abs=DIGITS)
    assert covers(cells) == pytest.approx(covered, abs=ONE_CELL)
    if TABLE.METHODS[method].by_people:
        assert (abs(z(cells)) > Z) == (method in ("nothing", "robbins_zhang"))


@pytest.mark.slow
def test_careers_that_nobody_ends_take_too_much(years):
    cells = TABLE.cells(TABLE.Cohort(years, at_risk=False), TABLE.METHODS["careers, nobody stops, own drift"])
    assert bias(cells) == pytest.approx(0.11, abs=DIGITS)
    assert z(cells) > Z


@pytest.mark.slow
def test_the_curve_of_another_country_and_time_is_not_this_cohorts_drift(years):
    cohort, curve = TABLE.Cohort(years, at_risk=False), age_curves.named("scotland-2011", "gamma")

    def cell(date, threshold):
        before, after = (np.exp(curve.log_rate(np.array([date + a, date + a + 1.0]))).sum() for a in (-2, 0))
        ledger = iom.Ledger((cohort.static(date), iom.History(ratio=float(after / before))), draws=TABLE.DRAWS)
        return TABLE.cell(ledger, cohort.placebo(date, threshold, TABLE.SPAN))

    cells = [cell(date, threshold) for date in TABLE.DATES for threshold in TABLE.THRESHOLDS]
    assert bias(cells) < -0.15
    assert covers(cells) < 0.69 * CELLS


@pytest.mark.slow
def test_the_mirror_window_takes_too_much(years):
    cohort, mirror = TABLE.Cohort(years, at_risk=False), iom.RegressionToMean(method="mirror")

    def cell(date, threshold):
        own = cohort.change(date - TABLE.SPAN)
        twice = iom.History(ratio=LogNormal(own.median**2, 2 * own.sd))  # the windows are four years apart
        return TABLE.cell(
            iom.Ledger((mirror, twice), draws=TABLE.DRAWS), cohort.placebo(date, threshold, 2 * TABLE.SPAN)
        )

    assert 0.10 < bias([cell(date, threshold) for date in TABLE.DATES for threshold in TABLE.THRESHOLDS]) < 0.27


def test_one_date_without_the_others(years):
    cells = {
        method: TABLE.cells(TABLE.Cohort(years, at_risk=True), TABLE.METHODS[method], [24], [2, 3])
        for method in ("nothing", "careers, own drift", "pool, own drift")
    }
    assert [covers(found) for found in cells.values()] == [0, 2, 2]
    assert bias(cells["nothing"]) < -0.5


@pytest.mark.parametrize("drift", ["own", "comparison"])
def test_the_ledger_has_the_remainder_and_the_error_of_peoples_influence(years, drift):
    age, threshold = 24, 3
    panel = TABLE.Cohort(years, at_risk=True).placebo(age, threshold, TABLE.HISTORY)
    ledger = iom.Ledger((iom.RegressionToMean(method="desistance", drift=drift),))
    history, time = panel.outcome[:, :6].astype(float), panel.exposure / 365.25
    fit = careers.fit_careers(careers.make_history(history, time[:, :6]))
    expected = (careers.forecast(fit, 2) * time[:, 6:]).sum(1)
    slopes = (careers.forecast_slopes(fit, careers.make_history(history, time[:, :6]), 2) * time[:, 6:, None]).sum(1)
    chosen, all_people = panel.group, np.ones(panel.n)
    counts = [panel.outcome[:, at].sum(1) for at in (slice(2, 4), slice(4, 6), slice(6, 8))]
    days = [time[:, at].sum(1) for at in (slice(2, 4), slice(4, 6), slice(6, 8))]

    def influence(values):
        return values / values.sum()

    mine = log_share_influence(chosen * expected, fit, chosen[:, None] * slopes, all_people)
    if drift == "own":
        terms = [(2, 1), (-1, 0)]
        whole = sum(k * math.log(counts[t].sum() / days[t].sum()) for k, t in terms)
        moved = sum(k * (influence(counts[t]) - influence(days[t])) for k, t in terms) + influence(days[2])
        whole += math.log(days[2].sum()) - math.log(expected.sum())
        moved = moved - log_share_influence(expected, fit, slopes, all_people)
    else:
        others = ~chosen
        whole = math.log((others @ counts[2]) / (others @ expected))
        part = log_share_influence(others * expected, fit, others[:, None] * slopes, all_people)
        moved = influence(others * counts[2]) - part
    value = math.log((chosen @ counts[2]) / (chosen @ expected)) - whole
    person = influence(chosen * counts[2]) - mine - moved
    for group in (chosen, ~chosen):  # two samples, each of a number that is given
        person[group] -= person[group].mean()
    found = ledger(panel, rng=1)
    assert math.log(found.estimate) == pytest.approx(value, abs=YEARS)
    assert with_remainder(central_lines(ledger.confounds, panel))[-1] == pytest.approx(value, abs=YEARS)
    # The jackknife takes 90% of a person's weight away, and so keeps the curvature that influence leaves out.
    assert found.std_error == pytest.approx(math.sqrt((person**2).sum()), rel=0.03)


WINDOWS = tuple(iom.Window(f"{k}", 365 * k, 365 * (k + 1), post=k >= 0) for k in range(-6, 2))
COHORTS = 40
RULE = iom.Selection("contacts", ("-2", "-1"), "at_least", "at_boundary", threshold=3)


def simulated(rng, law, n=378):
    """Return eight years of careers under one law, of which two are after, in people who are chosen at 3."""
    own, x, active = rng.normal(size=n), rng.normal(size=n), np.ones(n, bool)
    keep, years = math.exp(-law.return_rate), []
    for window in WINDOWS:
        level = math.log(law.rate) + law.trend * (window.start / 365 + 0.5) + law.own_sd * own + law.drift_sd * x
        years.append(rng.poisson(np.exp(level) * active))
        x = keep * x + math.sqrt(1 - keep**2) * rng.normal(size=n)
        active &= rng.random(n) >= law.desistance
    return np.array(years).T


def chosen_panel(counts, chosen):
    start = np.ma.MaskedArray(np.full(len(counts), 6), mask=~chosen)
    return iom.Panel.from_arrays(counts, name="contacts", windows=WINDOWS, start=start, selection=RULE)


@pytest.mark.slow
def test_forty_cohorts_from_the_fitted_law(years):
    history = TABLE.Cohort(years, at_risk=False).placebo(24, 3, TABLE.HISTORY).outcome[:, :6].astype(float)
    theta = careers.fit_careers(careers.make_history(history)).theta
    rate, own_sd, drift_sd, back = np.exp(theta[[0, 2, 3, 4]])
    law = CareerLaw(
        rate=rate, trend=theta[1], own_sd=own_sd, drift_sd=drift_sd, return_rate=back,
        desistance=1 / (1 + math.exp(-theta[5])),
    )  # fmt: skip
    rng, ledger = np.random.default_rng(20121101), iom.Ledger((iom.RegressionToMean(method="desistance"),), draws=2000)
    found = {0.0: [], math.log(0.75): []}
    for _ in range(COHORTS):
        counts = simulated(rng, law)
        chosen = counts[:, 4:6].sum(1) >= RULE.threshold
        for truth, cells in found.items():
            counts[:, 6:] = np.where(chosen[:, None], rng.binomial(counts[:, 6:], math.exp(truth)), counts[:, 6:])
            e = ledger(chosen_panel(counts, chosen), rng=1)
            covered = e.conf_low <= math.exp(truth) <= e.conf_high
            cells.append((math.log(e.estimate) - truth, e.std_error, covered))
    for cells in found.values():
        value, errors, covered = np.array(cells).T
        assert (
            abs(value.mean()) < Z * value.std() / math.sqrt(COHORTS) + 0.02
        )  # weak priors pull a little in small cohorts
        assert covered.mean() >= 0.90
        assert errors.mean() == pytest.approx(value.std(), rel=0.2)  # the SD of so few is known to a tenth

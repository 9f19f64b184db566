"""People selected for a count that custody shortened: nothing is left over where nothing was done to them."""

import numpy as np
import pytest

from iom_causal.analysis import ledgers
from iom_causal.analysis.remainder_set import remainder_sets
from iom_causal.analysis.steps import Effort, work
from iom_causal.analysis.study_people import StudyPeople
from iom_causal.cohort import Cohort
from iom_causal.confounds import Custody, RegressionToMean
from iom_causal.data.extract_parts import ExtractOutcome, ExtractWindow
from iom_causal.data.extracts import Extract
from iom_causal.estimators import PoissonFixedEffects
from iom_causal.ledger import IN_OWN_DAYS, MEAN_DAYS_REGRESS, OF_MEAN_DAYS, Ledger
from iom_causal.null.calibrate import null_calibration
from iom_causal.numerics.adjustment.custody import event_when_free
from iom_causal.panel import Panel
from iom_causal.protocol.study import Study
from iom_causal.windows import Selection, Window
from tests.confounds.lines import code_of
from tests.oracles.custody_worlds import YEAR, Lives, at_least, lives

CUT = 4
WINDOWS = (Window("before", -365, 0), Window("after", 0, 365, post=True))
RULE = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=CUT)
CUSTODY = {
    "none": {"before": 0.0, "after": 0.0},
    "equal": {"before": 0.3, "after": 0.3},
    "more before": {"before": 0.3, "after": 0.12},
    "more after": {"before": 0.3, "after": 0.6},
}
LEDGER = Ledger((RegressionToMean(method="robbins_zhang"), Custody()), draws=500)
LARGE = 0.045
"""Log ratio: what days without dates leave, .03 at most of 30,000 people, and three standard errors of some 3,000."""


def panel(people: Lives) -> Panel:
    return Panel.from_arrays(people.counts, name="arrests", selection=RULE, windows=WINDOWS, exposure=people.free)


@pytest.fixture(scope="module", params=CUSTODY)
def large(request):
    return at_least(CUT, lives(np.random.default_rng(18), 20_000, **CUSTODY[request.param]))


def test_nothing_is_left_of_people_picked_in_fewer_days(large):
    """With counts taken as made in as many days for everybody, 1.06 to 1.14 was left where there is custody."""
    assert LEDGER.central(panel(large)) == pytest.approx(0.0, abs=LARGE)


def test_the_line_on_selection_is_what_the_rates_behind_the_counts_say(large):
    (line,) = (c.shift(panel(large), {}) for c in LEDGER.confounds[:1])
    expected = (large.rate * large.free[:, 0]).sum() / large.counts[:, 0].sum()
    assert line == pytest.approx(np.log(expected), abs=LARGE)


def test_worlds_without_a_programme_leave_nothing_either():
    """With the mean days for everybody the nearest world was at 1.08; sampling of so few moments is .04 of it."""
    people = at_least(CUT, lives(np.random.default_rng(19), 12_000, **CUSTODY["equal"]))
    found = null_calibration(panel(people), rng=1, sims=100, rates=["gamma"], ends=True)
    assert found.nearest["gamma"] == pytest.approx(1.0, abs=0.07)
    assert found.fall == pytest.approx(1 - np.divide(*(people.counts.sum(0) / people.free.sum(0))[::-1]))


def test_an_event_is_made_up_only_where_days_were_lost():
    days = np.array([0.0, 100.0, YEAR])
    assert event_when_free(0.8, days, YEAR - days)[0] == 0
    assert (np.diff(event_when_free(0.8, days[:2], YEAR - days[:2])) > 0).all()
    assert event_when_free(0.8, 100.0, 0.0) == 0


def test_days_of_one_person_are_days_at_risk_or_a_belief_and_not_both(large):
    for both in (Custody(ratio=0.8), Custody(custody_per_arrest=0.2, stay_years=0.2)):
        assert code_of(lambda both=both: Ledger((both,), draws=100)(panel(large), rng=1)) == "IOM-E048"


def test_a_ledger_says_how_it_treats_days_that_differ():
    people = panel(at_least(CUT, lives(np.random.default_rng(20), 3_000, **CUSTODY["equal"])))
    assert IN_OWN_DAYS in LEDGER(people, rng=1).notes
    assert OF_MEAN_DAYS in Ledger(LEDGER.confounds[:1], draws=100)(people, rng=1).notes
    linear = RegressionToMean(method="linear", comparable_mean=2.0)
    assert MEAN_DAYS_REGRESS in Ledger((linear, Custody()), draws=100)(people, rng=1).notes


def subject(people: Lives) -> StudyPeople:
    outcome = ExtractOutcome(name="arrests", kind="count", columns=("a", "b"))
    windows = (ExtractWindow(label="before"), ExtractWindow(label="after", post=True))
    extract = Extract(file="a.csv", id="id", outcomes=(outcome,), windows=windows)
    study = Study(title="Ours", extract=extract, selection=RULE)
    return StudyPeople(study=study, cohort=Cohort({"arrests": panel(people)}), facts=(), notes=())


@pytest.mark.parametrize(("name", "line"), [("none", False), ("more after", True)])
def test_every_set_has_the_line_where_days_differ(name, line):
    people = at_least(CUT, lives(np.random.default_rng(21), 2_000, **CUSTODY[name]))
    (found,) = work(subject(people), Effort(quick=True, remainder=True), ledgers.run).of(ledgers.run)
    assert {"custody" in {c.line for c in u.evidence.confounds} for u in found.under} == {line}
    assert not [f for f in found.failed if "custody" in f.what]


@pytest.mark.slow
@pytest.mark.parametrize("name", CUSTODY)
def test_sets_cover_nothing_where_nothing_was_done(name):
    """Of 60 cohorts of 225 people: a share of .95 has a standard error of .028, so that .85 is three and a half below.

    With all people taken to have the mean days, 1 was left out by the set in which rates last in up to a fifth.
    """
    covered, left = [], []
    for seed in range(60):
        drawn = at_least(CUT, lives(np.random.default_rng([22, seed]), 6_000, **CUSTODY[name]))
        people = drawn.take(np.arange(min(225, len(drawn.rate))))
        study = subject(people)
        results = work(study, Effort(quick=True, remainder=True), ledgers.run)
        (found,) = results.of(ledgers.run)
        lasting = next(u.result for u in found.under if u.evidence.name == "picked-on-count")
        left.append(lasting.estimate)
        covered.append(lasting.conf_low <= 1 <= lasting.conf_high)
        assert remainder_sets(results, study.release)
    assert np.mean(covered) >= 0.85
    assert np.log(np.median(left)) == pytest.approx(0.0, abs=0.05)


def test_the_ratio_within_people_is_nearer_where_custody_rises():
    """Nobody is selected: the pooled ratio falls by who is at liberty; days that go by luck leave .04 within people."""
    drawn = lives(np.random.default_rng(23), 30_000, before=0.3, after=0.6)
    people = panel(drawn.take(np.flatnonzero(drawn.free.min(1) >= 1)))
    pooled = np.log(np.divide(*(people.outcome.sum(0) / people.exposure.sum(0))[::-1]))
    within = np.log(PoissonFixedEffects()(people).estimate)
    assert pooled < -0.05
    assert abs(within) < min(0.06, -pooled)

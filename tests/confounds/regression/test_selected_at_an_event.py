"""People who are met at an event of their own have that event more before than their rate gives."""

import numpy as np
import pytest

from iom_causal.beliefs import LogNormal
from iom_causal.confounds.evidence import load_evidence
from iom_causal.confounds.regression.to_mean import RegressionToMean
from iom_causal.errors import NotIdentifiedError, SpecError
from iom_causal.ledger import Ledger
from iom_causal.moments import Moments
from iom_causal.panel import Panel
from iom_causal.published.study import load_published
from iom_causal.roles import batch

MONTHS, PEOPLE = 18, 120_000
CLOSE = 0.03
"""Two standard errors of the log ratio of some 20,000 meetings, .02, and .01 for steps of a month in place of days."""


@pytest.fixture(scope="module")
def met():
    """Counts of people met at their events of the last month before, once for each, in a world without a programme.

    Rates are lognormal and drift from month to month, the same forwards and backwards; a month's events are Poisson.
    """
    rng = np.random.default_rng(11)
    kept, level = 0.985, rng.standard_normal(PEOPLE)
    events = np.empty((PEOPLE, 2 * MONTHS), dtype=np.int64)
    for t in range(2 * MONTHS):
        events[:, t] = rng.poisson(0.12 * np.exp(0.9 * level))
        level = kept * level + np.sqrt(1 - kept**2) * rng.standard_normal(PEOPLE)
    counts = np.column_stack([events[:, :MONTHS].sum(1), events[:, MONTHS:].sum(1)])
    return rng.permutation(np.repeat(counts, events[:, MONTHS - 1], axis=0))


def test_in_a_world_without_a_programme_the_allowance_is_the_whole_change(met):
    truth = np.log(met[:, 1].mean() / met[:, 0].mean())
    line = RegressionToMean(method="at_event", events=1.0)
    assert float(line.shift(Panel.from_arrays(met, name="arrests"), {"events": 1.0})) == pytest.approx(truth, abs=CLOSE)
    assert truth < -3 * CLOSE  # there is something to allow for


def test_the_allowance_is_the_share_of_such_events():
    m = Moments.from_summary(n=225, mean_pre=6.84, sd_pre=4.75, mean_post=3.61, sd_post=3.66, t=11.64, name="arrests")
    line = RegressionToMean(method="at_event", events=1.0)
    assert float(np.exp(line.shift(m, {"events": 1.0}))) == pytest.approx(5.84 / 6.84)
    assert float(line.shift(m, {"events": 0.0})) == 0
    assert "picked at 1.00 arrests a person" in line.condition(m, {"events": 1.0})


def test_more_events_than_there_are_are_refused():
    panel = Panel.from_arrays([[2, 1], [1, 1], [3, 0]], name="arrests")
    with pytest.raises(NotIdentifiedError, match="more events before than they have"):
        RegressionToMean(method="at_event", events=2.0).shift(panel, {"events": 2.0})
    with pytest.raises(SpecError, match="needs events"):
        RegressionToMean(method="at_event")
    with pytest.raises(SpecError, match="does not use events"):
        RegressionToMean(method="none", events=1.0)


def test_people_of_their_own_go_through_a_ledger_alone_and_in_a_batch(met):
    ledger = Ledger((RegressionToMean(method="at_event", events=LogNormal(1.0, 0.2)),), draws=500)
    one = ledger(Panel.from_arrays(met[:200], name="arrests"), rng=1)
    assert one.conf_low < 1 < one.conf_high
    assert "regression to the mean" in {part.term for part in one.parts}
    many = batch(ledger, Panel.from_arrays(np.stack([met[:200], met[200:400]]), name="arrests"), rng=1)
    assert len(many) == 2


def test_the_paper_is_read_under_a_set_for_people_selected_at_a_test():
    paper = load_published("sleath-brown-2017")
    evidence = load_evidence("picked-on-test-2012")
    assert "picked-on-test-2012" in paper.evidence
    rate, test = (
        Ledger(load_evidence(n).confounds)(paper["arrests"], rng=1) for n in ("picked-on-rate-2012", evidence.name)
    )
    assert test.set_low / rate.set_low == pytest.approx(6.84 / 5.84, rel=1e-6)  # one of 6.84 arrests before
    assert "positive tests for substance misuse" in paper.selection

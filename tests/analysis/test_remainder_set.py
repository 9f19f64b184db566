"""The identified set of a remainder is the union of what evidence sets and null models leave, and is said once."""

import re
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from scipy import stats

from iom_causal.analysis import ledgers, null, selection_plausibility
from iom_causal.analysis.ledgers import OutcomeLedgers
from iom_causal.analysis.remainder_set import Contradiction, Reach, RemainderSet, remainder_set, remainder_sets
from iom_causal.analysis.results import Refusal, Why
from iom_causal.analysis.steps import Effort, Results, work
from iom_causal.analysis.study_people import StudyPeople
from iom_causal.beliefs import Range
from iom_causal.cohort import Cohort
from iom_causal.confounds import History, RegressionToMean
from iom_causal.confounds.evidence import EvidenceLine, load_evidence
from iom_causal.data.extract_parts import ExtractOutcome, ExtractWindow
from iom_causal.data.extracts import Extract
from iom_causal.ledger import Ledger
from iom_causal.panel import Panel
from iom_causal.protocol.study import Study
from iom_causal.report import ledger_phrases
from iom_causal.report.remainder_sentences import left_sentence
from iom_causal.report.sections import bias
from iom_causal.report.sections import ledgers as section
from iom_causal.windows import Selection, Window
from tests.oracles.selection_worlds import WORLDS, few_places

QUICK = Effort(quick=True)
TWO = (ExtractWindow(label="before"), ExtractWindow(label="after", post=True))
BY_CUT = {"rule": "at_least", "timing": "at_boundary", "threshold": 5}
SOFTLY = {"rule": "soft", "timing": "at_boundary", "threshold": 5, "softness": 2}


def subject(counts, rule, others=(), windows=None):
    """People with these counts, picked by this rule, as they are once their file has been read, others beside them."""
    selection = None if rule is None else Selection("arrests", ("before",), **rule)
    start = np.ma.MaskedArray(np.full(len(counts) + len(others), len(windows or TWO) - 1), mask=False)
    start[len(counts) :] = np.ma.masked
    days = None if windows is None else np.full(len(windows), 365.0)
    panel = Panel.from_arrays(
        [*counts, *others], name="arrests", selection=selection, start=start, windows=windows, exposure=days
    )
    outcome = ExtractOutcome(name="arrests", kind="count", columns=("a", "b"))
    extract = Extract(file="a.csv", id="id", outcomes=(outcome,), windows=TWO)
    study = Study(title="Ours", extract=extract, selection=selection)
    return StudyPeople(study=study, cohort=Cohort({"arrests": panel}), facts=(), notes=())


def counts(keep=lambda before: before >= 5, n=100, seed=1):
    """Counts of people of whom half have a new rate after, nothing done to them, whom a rule kept."""
    rng = np.random.default_rng(seed)
    first, again = rng.gamma(1.2, 2.0, (2, 4_000))
    second = np.where(rng.random(4_000) < 0.5, first, again)
    pairs = rng.poisson(np.stack([first, second], axis=1))
    return pairs[keep(pairs[:, 0])][:n]


@pytest.fixture(scope="module")
def by_cut():
    people = subject(counts(), BY_CUT)
    return people, work(people, QUICK, ledgers.run, null.run)


def left(over_sets, over_worlds=None):
    return RemainderSet(
        outcome="arrests",
        kind="count",
        scale="ratio",
        sets=("a", "b", "c"),
        over_sets=Reach(*over_sets),
        over_worlds=None if over_worlds is None else Reach(*over_worlds),
        backgrounds=() if over_worlds is None else (1.0, 0.9),
    )


REACHES = [(0.5, 0.8), (0.6, 1.0), (0.7, 1.2), (1.0, 1.3), (1.1, 1.4)]


def test_the_whole_excludes_nothing_that_a_part_holds():
    for sets, worlds in product(REACHES, [None, *REACHES]):
        one = left(sets, worlds)
        parts = [Reach(*reach) for reach in (sets, worlds) if reach is not None]
        assert all(one.whole.holds(end) for part in parts for end in part)
        assert not any(part.holds(1.0) for part in parts) or one.holds_nothing
        said = left_sentence("What remains", one)
        assert ("nothing remains, is among them" in said) is one.holds_nothing
        assert ("alone" in said) is one.at_odds


def test_where_days_at_risk_differ_nothing_is_not_ruled_out():
    for reach in [*REACHES, (1.1, 1.4)]:
        one = replace(left(reach), days_differ=True)
        said = left_sentence("What remains", one)
        assert ("is not among them, but this does not rule 1 out: days at risk differ" in said) is not one.holds_nothing


@pytest.mark.parametrize("verdict", ["run-up", "none", "count", "rate"])
def test_where_people_were_not_picked_as_stated_nothing_may_remain(verdict):
    found = Contradiction(verdict, ("2016", "2017"))
    for reach in [*REACHES, (1.1, 1.4)]:
        one = replace(left(reach), contradiction=found)
        said = left_sentence("What remains", one)
        assert one.holds_nothing
        assert all(one.whole.holds(end) for end in reach)
        assert "nothing remains, is among them: " in said
        assert "“2016” and “2017”" in said
        assert "nothing may remain. The sets" in said
        assert ("or more may be left" in said) == (verdict in {"run-up", "count"})
        assert (
            ", as if "
            in left_sentence("What remains", replace(one, over_pool={"others": one.over_sets})).split(":")[-1]
        )


@pytest.mark.parametrize(("how", "rule"), [("run-up", "rate"), ("run-up", "soft"), ("count", "rate"), ("rate", "soft")])
def test_the_box_says_what_the_windows_before_say(how, rule):
    rng = np.random.default_rng(15)
    rate = rng.gamma(1.0, 1.5, 1500)
    rates = np.repeat(rate[:, None], 4, 1)
    up = rng.random(1500) < 0.15
    if how == "run-up":
        rates[up, 2] = 2 * rates[up, 2] + 2
    y = rng.poisson(rates)
    managed = {"run-up": up & (rng.random(1500) < 0.8), "count": y[:, 2] >= 5, "rate": rate > 4 + rng.random(1500)}[how]
    settings = {"rule": "rate", "timing": "at_boundary"} if rule == "rate" else SOFTLY
    windows = [
        Window(label, 365 * k, 365 * (k + 1), post=k == 0)
        for k, label in enumerate(("2016", "2017", "before", "after"), -3)
    ]
    people = subject(y[managed], settings, y[~managed], windows)
    results = work(people, QUICK, ledgers.run, selection_plausibility.run)
    (one,) = remainder_sets(results, people.release)
    (boxed,) = section.headline(people, results)
    assert bias.CONTRADICTED in section.section(people, results)[-1].paragraphs
    assert one.contradiction == Contradiction(how, ("2016", "2017"))
    assert one.holds_nothing
    assert "1, at which nothing remains, is among them: " in boxed
    drawn, *_ = section.section(people, results)
    assert boxed in drawn.paragraphs
    (alone,) = remainder_sets(Results({ledgers.run: results.of(ledgers.run)}), people.release)
    if how == "run-up" and rule == "rate":
        assert not alone.holds_nothing  # no set knows of the run-up: without it no effect would be excluded


def test_which_part_alone_leaves_nothing_is_said():
    assert "1 is among those of the worlds alone" in left_sentence("What remains", left((0.5, 0.8), (0.7, 1.2)))
    assert "1 is among those of the sets alone" in left_sentence("What remains", left((0.7, 1.2), (0.5, 0.8)))


def test_box_section_and_calibration_say_one_thing(by_cut):
    people, results = by_cut
    (found,) = (each.as_given(people.release) for each in results.of(ledgers.run))
    calibrations = results.of(null.run).calibrations
    one = remainder_set(found, calibrations)
    (boxed,) = section.headline(people, results)
    drawn, *_ = section.section(people, results)
    assert boxed in drawn.paragraphs
    for under in found.under:
        low, high = (round(float(end), 2) for end in (under.result.conf_low, under.result.conf_high))
        assert one.whole.low <= low < high <= one.whole.high
    for model in calibrations[0].models:
        assert one.whole.holds(round(model.programme_ratio, 2))
    assert one.lasting == ("picked-on-count", "picked-on-count-and-stopping without desistance")
    assert "rates last” and “picked on the count, some stop anyway without desistance” stand at one end" in boxed


def test_a_stated_cut_says_that_people_were_not_picked_on_the_rate(by_cut):
    people, results = by_cut
    (found,) = results.of(ledgers.run)
    assert "picked-on-rate" not in [u.evidence.name for u in found.under]
    assert [(refusal.why, refusal.what) for refusal in found.failed] == [
        (Why.CUT_IS_STATED, "the ledger under picked-on-rate"),
        (Why.NOBODY_ELSE, "the ledger under people-not-managed"),
    ]
    texts = [text for s in section.section(people, results) for text in s.paragraphs]
    assert sum("the study states that people were picked by a cut on their count" in text for text in texts) == 1
    assert sum("everybody in these data was managed" in text for text in texts) == 1


@pytest.mark.parametrize(
    ("keep", "rule"),
    [(lambda before: before >= 3, SOFTLY), (lambda before: (before > 6) | ((before == 5) & (before < 0)), BY_CUT)],
)
def test_where_no_cut_was_kept_people_may_have_been_picked_on_the_rate(keep, rule):
    (found,) = ledgers.run(subject(counts(keep), rule), QUICK)
    assert Why.CUT_IS_STATED not in [refusal.why for refusal in found.failed]
    if rule is SOFTLY:
        assert "picked-on-rate" in [u.evidence.name for u in found.under]
        assert len(found.under) >= 3


def test_people_who_were_not_managed_take_the_place_of_a_belief():
    everybody = counts(lambda before: before >= 0, n=400, seed=2)
    people = subject(counts(), BY_CUT, others=everybody)
    results = work(people, QUICK, ledgers.run)
    (found,) = results.of(ledgers.run)
    names = [u.evidence.name for u in found.under]
    assert names == ["picked-on-count", "picked-on-count-and-stopping without desistance", "people-not-managed"]
    assert [(r.why, r.what) for r in found.failed if r.why is Why.POOL_SHOWS] == [
        (Why.POOL_SHOWS, "the ledger under picked-on-count-drifting")
    ]
    (boxed,) = section.headline(people, results)
    assert "“as others, not managed, fared” alone reads what became of people who were not managed: " in boxed
    observed = found.under[-1].result
    assert observed.conf_low < 1 < observed.conf_high
    few = subject(counts(), BY_CUT, others=everybody[:10])
    assert "picked-on-count-drifting" in [u.evidence.name for u in ledgers.run(few, QUICK)[0].under]


PLACES = {"rule": "top", "timing": "at_boundary", "threshold": 60}


@pytest.mark.parametrize("kept", [True, False])
def test_places_that_were_kept_say_that_people_were_not_picked_on_the_rate(kept):
    everybody = counts(lambda before: before >= 0, n=400, seed=2)
    order = np.argsort(-everybody[:, 0], kind="stable")
    if not kept:
        order = np.roll(order, 1)  # one of the lowest took a place
    people = subject(everybody[order[:60]], PLACES, everybody[order[60:]])
    (found,) = ledgers.run(people, QUICK)
    aside = [(r.why, r.what) for r in found.failed]
    assert ((Why.PLACES_ARE_STATED, "the ledger under picked-on-rate") in aside) == kept
    assert ("picked-on-rate" in [u.evidence.name for u in found.under]) != kept


def test_allowances_are_missed_in_columns_that_there_are():
    everybody = counts(lambda before: before >= 0, n=400, seed=2)
    people = subject(counts(), BY_CUT, others=everybody)
    (found,) = work(people, QUICK, ledgers.run).of(ledgers.run)
    drawn = {u.evidence.name.partition(" without ")[0] for u in found.under}
    missed = [o for o in found.omitted if o.line != "regression to the mean"]
    assert missed
    assert all(set(o.sets) <= drawn for o in missed)
    beneath = subject(counts(), BY_CUT, others=everybody[everybody[:, 0] < 5])
    (found,) = work(beneath, QUICK, ledgers.run).of(ledgers.run)
    assert [(o.line, o.sets) for o in found.omitted if "people-not-managed" in o.sets] == [
        ("regression to the mean", ("people-not-managed",))  # the reason why it has no column
    ]
    assert not [o.why for o in found.omitted if re.search(r"take '|index_date|\w=", o.why)]


def test_the_page_says_how_much_of_an_interval_is_that_of_people_who_were_not_managed():
    everybody = counts(lambda before: before >= 0, n=400, seed=2)
    people = subject(counts(), BY_CUT, others=everybody)
    results = work(people, QUICK, ledgers.run)
    drawn, *_ = section.section(people, results)
    (said,) = [text for text in drawn.paragraphs if "comes of the people who were not managed" in text]
    share = results.of(ledgers.run)[0].under[-1].result.diagnostics["from_others"]
    assert 0.05 < share < 0.95
    assert said.startswith(f"About {10 * round(10 * share)}% of the variance")


def by_count(lasts=0.6, n=900):
    """Counts of everybody, gamma rates of which a share lasts."""
    rng = np.random.default_rng(8)
    first, again = rng.gamma(1.2, 2.0, (2, n))
    return rng.poisson(np.stack([first, np.where(rng.random(n) < lasts, first, again)], 1)), first


@pytest.mark.parametrize("rule", [{"rule": "rate", "timing": "at_boundary"}, None])
def test_what_would_help_is_what_is_not_stated(rule):
    people = subject(counts(), rule)
    few = Refusal("arrests", "the ledger", why=Why.FEW_READ_SELECTION)
    results = Results({ledgers.run: (OutcomeLedgers("arrests", "count", refusals=(few,)),)})
    (said,) = [text for s in section.section(people, results) for text in s.paragraphs]
    assert ("what would tell more are people who were not managed" in said) == (rule is not None)
    assert ("Where the study says how people were picked" in said) == (rule is None)


def test_people_picked_on_their_rate_have_sets_of_their_own():
    pairs, rate = by_count()
    on_rate = {"rule": "rate", "timing": "at_boundary"}
    places = (rate >= 4) & (np.arange(len(rate)) % 4 == 0)
    stopping = "picked-on-rate-and-stopping without desistance"  # windows have no dates
    found, *others = (
        {u.evidence.name for u in work(people, QUICK, ledgers.run).of(ledgers.run)[0].under}
        for people in (
            subject(pairs[places], on_rate, pairs[~places]),
            subject(pairs[rate >= 4], on_rate, pairs[rate < 4]),  # nobody else is as high
            subject(pairs[rate >= 4], on_rate),
        )
    )
    assert found == {"picked-on-rate", stopping, "people-not-managed"}
    assert others == [{"picked-on-rate", stopping, "picked-on-rate-drifting"}] * 2


def test_a_line_of_the_studys_own_is_left_out_where_another_holds_it():
    pairs, _ = by_count()
    chosen = np.random.default_rng(9).random(len(pairs)) < Selection("arrests", ("before",), **SOFTLY).probability(
        pairs[:, 0]
    )
    people = subject(pairs[chosen], SOFTLY, pairs[~chosen])
    own = EvidenceLine(confound=History(ratio=0.9), source="ours", date="2012", reason="a trend")
    with_trend = replace(people, study=replace(people.study, confounds=(own,)))
    (found,) = work(with_trend, QUICK, ledgers.run).of(ledgers.run)
    of = {u.evidence.name: {line.confound.line for line in u.evidence.lines} for u in found.under}
    assert "history" not in of["people-not-managed"]
    assert all("history" in of[name] for name in of if name != "people-not-managed")
    (gone,) = [o for o in found.omitted if o.line == "history"]
    drawn, *_ = section.section(with_trend, work(with_trend, QUICK, ledgers.run))
    (row,) = [row for row in drawn.tables[0].rows if row[0] == "history"]
    assert row[1 + list(of).index("people-not-managed")] == "in that for regression to the mean"
    assert (gone.sets, gone.why) == (("people-not-managed",), "it is in that for regression to the mean")


def on_selection(**settings):
    line = RegressionToMean(**settings)
    return EvidenceLine(confound=line, source="our file", date="2024", reason="the mean of everybody in it")


def test_a_line_of_the_studys_own_on_selection_makes_a_set_of_its_own_and_takes_no_place():
    people = subject(counts(), BY_CUT, others=counts(lambda before: before >= 0, n=400, seed=2))
    trend = EvidenceLine(confound=History(ratio=0.9), source="ours", date="2012", reason="a trend")
    stated = on_selection(method="linear", comparable_mean=2.4)
    plain, told = (
        work(replace(people, study=replace(people.study, confounds=own)), QUICK, ledgers.run)
        for own in ((trend,), (stated, trend))
    )
    (before,), (after,) = (results.of(ledgers.run) for results in (plain, told))
    assert [u.evidence for u in after.under[:-1]] == [u.evidence for u in before.under]
    assert [u.result.estimate for u in after.under[:-1]] == [u.result.estimate for u in before.under]
    own = after.under[-1]
    assert (own.evidence.name, own.evidence.lines) == ("stated-by-the-study", (stated, trend))
    assert Why.CUT_IS_STATED in [refusal.why for refusal in after.failed]
    assert own.result.estimate not in {u.result.estimate for u in before.under}
    (boxed,) = section.headline(people, told)
    drawn, *others = section.section(people, told)
    assert "stated-by-the-study" in boxed
    assert "stated-by-the-study" in drawn.tables[0].columns
    assert "our file" in " ".join(cell for o in others for table in o.tables for row in table.rows for cell in row)
    assert "stated-by-the-study" in set(section.files(people, told)["ledger.csv"].frame["evidence"])


def test_a_belief_of_the_studys_own_stays_beside_people_who_show_how_far_rates_last():
    people = subject(counts(), BY_CUT, others=counts(lambda before: before >= 0, n=400, seed=2))
    own = (
        on_selection(method="robbins_zhang", persistence=Range(0.7, 0.9)),
        on_selection(method="linear", comparable_mean=2.4),
    )
    (found,) = ledgers.run(replace(people, study=replace(people.study, confounds=own)), QUICK)
    names = [u.evidence.name for u in found.under]
    assert names[-3:] == ["people-not-managed", "stated-by-the-study", "stated-by-the-study-2"]
    assert "picked-on-count-drifting" not in names


def test_worlds_of_another_outcome_say_nothing_of_this_one(by_cut):
    _, results = by_cut
    (found,), (own,) = results.of(ledgers.run), results.of(null.run).calibrations
    other = replace(own, outcome="risk")
    assert remainder_set(found, (other,)).over_worlds is None
    assert remainder_set(found, (other,)).backgrounds == ()
    assert remainder_set(found, (other, own)) == remainder_set(found, (own,))


def test_without_a_calibration_the_sets_stand_alone(by_cut):
    people, results = by_cut
    alone = Results({ledgers.run: results.of(ledgers.run)})
    (one,) = remainder_sets(alone, people.release)
    assert (one.over_worlds, one.whole) == (None, one.over_sets)


def test_a_fall_that_no_null_model_stands_behind_says_so():
    for sets, worlds in product(REACHES, [None, *REACHES]):
        one = left(sets, worlds)
        said = left_sentence("What remains", one)
        assert (ledger_phrases.NO_WORLDS_BEHIND in said) is (worlds is None and not one.holds_nothing)


COHORTS = 30
MOST = stats.binom.isf(1e-4, COHORTS, 0.07)
"""Of so many cohorts without a programme, those of which the sets may exclude 1: by chance once in 10,000."""
YEARS = (Window("before", -730, 0), Window("after", 0, 730, post=True))


@pytest.mark.slow
@pytest.mark.parametrize("beside", ["picked-on-count-drifting", "people-not-managed"])
def test_the_sets_together_seldom_exclude_that_nothing_was_done(beside):
    world = WORLDS["drifting and stopping"]
    rule = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=world.cut(2))
    excluded = dict.fromkeys(("picked-on-count", "picked-on-count-and-stopping", beside), 0)
    together = 0
    for seed in range(COHORTS):
        drawn = few_places(world, np.random.default_rng(seed), years=2, windows=2)
        start = np.ma.MaskedArray(np.ones(len(drawn.counts), int), mask=~drawn.managed)
        age, days = np.full(len(drawn.counts), 30.0), (730.0, 730.0)
        panel = Panel.from_arrays(
            drawn.counts, name="arrests", selection=rule, start=start, windows=YEARS, age=age, exposure=days
        )
        results = {name: Ledger(load_evidence(name).confounds, draws=500)(panel, rng=seed) for name in excluded}
        for name, e in results.items():
            excluded[name] += not e.conf_low < 1 < e.conf_high
        together += min(e.conf_low for e in results.values()) > 1 or max(e.conf_high for e in results.values()) < 1
    assert together <= MOST
    assert excluded["picked-on-count"] > COHORTS / 2  # which is why no set stands for the whole

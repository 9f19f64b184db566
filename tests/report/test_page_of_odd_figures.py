"""Odd but possible figures leave a page standing: what cannot be computed is said with its reason."""

from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

from iom_causal.analysis import change, ledgers, models, null, regression
from iom_causal.analysis.published.table import PublishedTable
from iom_causal.analysis.steps import Effort, Results, work
from iom_causal.analysis.study_people import StudyPeople
from iom_causal.beliefs import Range
from iom_causal.cli import main
from iom_causal.cohort import Cohort
from iom_causal.confounds.evidence import load_evidence
from iom_causal.confounds.regression.to_mean import RegressionToMean
from iom_causal.data.extract_parts import ExtractOutcome, ExtractWindow
from iom_causal.data.extracts import Extract
from iom_causal.errors import InputError, NotIdentifiedError, SpecError
from iom_causal.evaluation import evaluate
from iom_causal.ledger import Ledger
from iom_causal.null.calibrate import null_calibration
from iom_causal.null.fitting import MomentMatch
from iom_causal.null.observed import observe
from iom_causal.null.sentences import CUT_POOL, NOT_BY_THE_RULE, POOL, POOL_TELLS
from iom_causal.numerics.pairs.moments import PairMoments
from iom_causal.panel import Panel
from iom_causal.protocol.study import Study
from iom_causal.published.audit.audit import audit
from iom_causal.published.audit.findings import Findings
from iom_causal.published.printed import Printed
from iom_causal.published.rebuild.reconstruct import reconstruct
from iom_causal.published.study import load_published
from iom_causal.report import ledger_phrases, phrases, sections
from iom_causal.report.sections import first_page
from iom_causal.streams import Streams
from iom_causal.windows import Selection

USAGE = 2
"""The exit status of a command that was called wrongly."""
UNRELATED = [[before, after] for before in range(2, 7) for after in range(4)] * 3
"""Every count before with every count after: a correlation of exactly 0."""


def risen():
    """The template with a printed rise, of which one of the models has no interval."""
    paper = load_published("template")
    contacts = paper.outcome("contacts")
    effect = replace(contacts.test.effect_size, value=Printed("-0.46"))
    test = replace(contacts.test, value=Printed("-2.89"), effect_size=effect)
    change = replace(contacts.change, mean=Printed("-1.12"), low=Printed("-1.91"), high=Printed("-0.34"))
    after = replace(contacts.after, mean=Printed("5.37"), high=Printed("14"))
    return replace(paper, outcomes=(replace(contacts, after=after, test=test, change=change), *paper.outcomes[1:]))


def test_counts_that_do_not_go_together_have_a_null_calibration():
    found = null_calibration(Panel.from_arrays(UNRELATED, name="arrests"), rng=1, sims=100)
    assert found.n == len(UNRELATED)
    assert all(0 <= w.chance <= 1 for w in found.models)


def test_a_miss_of_moments_without_correlation_is_told():
    with pytest.raises(NotIdentifiedError, match=r"IOM-E068: no population .* has a .* in place of"):
        MomentMatch(PairMoments(4.0, 1.43, 1.5, 0.1, 0.0)).first(1.0, (1.0,), ratios_given=False)


TWO = (ExtractWindow(label="before"), ExtractWindow(label="after", post=True))
CUT_AT_FOUR = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=4)
QUICK = Effort(quick=True)
CONTRADICTED = np.repeat(np.arange(7, 14), [2, 17, 11, 8, 5, 3, 2])
"""Two people at seven beside seventeen at eight: no cut at seven."""


def people(before, after, *, selection=None, managed=None, name="arrests", kind="count"):
    """A study of people with these figures, as it is once its file has been read."""
    pairs = np.column_stack([before, after]).astype(float)
    start = None if managed is None else np.ma.MaskedArray([1] * len(pairs), mask=~managed)
    panel = Panel.from_arrays(pairs, name=name, kind=kind, selection=selection, start=start)
    outcome = ExtractOutcome(name=name, kind=kind, columns=("a", "b"))
    extract = Extract(file="a.csv", id="id", outcomes=(outcome,), windows=TWO)
    study = Study(title="Ours", extract=extract, selection=selection)
    return StudyPeople(study=study, cohort=Cohort({name: panel}), facts=(), notes=())


def top(*, competed):
    """People who filled places, by themselves or beside all who competed."""
    rng = np.random.default_rng(2)
    before = np.sort(rng.poisson(rng.gamma(2.0, 1.0, 300)))[::-1]
    after = rng.poisson(0.6 * before)
    rule = Selection("arrests", ("before",), "top", "at_boundary", threshold=60)
    if competed:
        return people(before, after, selection=rule, managed=np.arange(300) < 60)
    return people(before[:60], after[:60], selection=rule)


def cut(threshold):
    rule = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=threshold)
    return people(CONTRADICTED, np.random.default_rng(3).poisson(0.55 * CONTRADICTED), selection=rule)


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        (top(competed=False), "people are those with the most"),
        (cut(7), "contradict the cut"),
        (cut(9), "fewer than the cut"),
    ],
)
def test_a_rule_by_which_worlds_do_not_pick_is_said_to_be_none_of_theirs(subject, said):
    found = null_calibration(subject.cohort["arrests"], rng=1, sims=100, ratios=[0.9, 1.0])
    assert said in found.sentences()[0].lower()
    assert found.summary().lower().count(said) == 1
    results = Results({null.run: null.Null((found,))})
    (first,) = sections.null.headline(subject, results)
    assert first.endswith(NOT_BY_THE_RULE)
    assert said in sections.null.section(subject, results)[0].paragraphs[0].lower()


def test_worlds_that_pick_by_the_rule_say_nothing_of_another():
    rule = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=4)
    told = observe(people([4, 5, 6, 8], [3, 2, 1, 4], selection=rule).cohort["arrests"])
    assert (told.cut, told.read_as, told.lever) == (4, (), "")


def test_what_is_advised_of_a_pool_is_read_where_it_is_stated():
    assert 'under [[study.confounds]] states it, with method = "robbins_zhang", comparable_mean, and pers' in CUT_POOL
    rng = np.random.default_rng(5)
    rates = rng.gamma(2.0, 1.25, 6000)  # of the whole list: 2.5 on average
    drifted = 2.5 + 0.8 * (rates - 2.5)
    before, after = rng.poisson(rates), rng.poisson(drifted)
    rule = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=5)
    panel = people(before[before >= 5], after[before >= 5], selection=rule).cohort["arrests"]
    lasting = Range(0.7, 1.0)
    wide, narrow = (
        Ledger((RegressionToMean(method="robbins_zhang", persistence=lasting, comparable_mean=mean),))(panel, rng=1)
        for mean in (None, 2.5)
    )
    assert narrow.set_low < 1 < narrow.set_high  # no programme here: nothing is left, within what is told
    assert narrow.set_high - narrow.set_low < 0.8 * (wide.set_high - wide.set_low)


@pytest.mark.parametrize("competed", [False, True])
def test_what_a_rule_of_places_lacks_is_said_and_not_that_the_rule_is_absent(competed):
    subject = top(competed=competed)
    told = observe(subject.cohort["arrests"])
    assert told.lever == ("competed" if competed else "places")
    assert (POOL in POOL_TELLS[told.lever]) != competed
    results = work(subject, QUICK, ledgers.run)
    (ledger,) = results.of(ledgers.run)
    assert bool(ledger.under) == competed
    said = [text for section in sections.ledgers.section(subject, results) for text in section.paragraphs]
    assert (ledger_phrases.COMPETED_LACK in said) != competed
    assert not any("takes how people were picked (selection)" in text for text in said)


@pytest.mark.parametrize("rule", [CUT_AT_FOUR, None])
def test_worlds_say_that_they_do_not_read_people_who_were_not_managed(rule):
    rng = np.random.default_rng(3)
    counts = rng.poisson(rng.gamma(1.2, 2.0, 2000)[:, None], (2000, 2))
    high = counts[:, 0] >= 4
    start = np.ma.MaskedArray(np.ones(2000, int), mask=~high)
    panel = Panel.from_arrays(counts, name="arrests", selection=rule, start=start)
    told = null_calibration(panel, rng=1, sims=100, ratios=[0.9, 1.0] if rule is None else None)
    results = Results({null.run: null.Null((told,))})
    (shown,) = sections.null.section(cut(4), results)
    said = " ".join([*shown.paragraphs, *(f.caption for f in shown.figures)])
    assert told.lever == "others"
    assert (told.cut is None) == (rule is None)
    assert "A pool that is known" not in said
    assert POOL not in said
    if rule is None:
        assert "picked, which these worlds do not read from the people who were not managed" in said
    else:
        assert "these worlds do not read them" in said


def test_a_contradicted_cut_is_not_said_to_be_a_selection_that_is_absent():
    (section,) = sections.ledgers.section(cut(7), work(cut(7), QUICK, ledgers.run))
    assert section.paragraphs[0] == ledger_phrases.PICKING_NOT_READ.format("arrests")
    assert any("the counts contradict the rule" in text for text in section.paragraphs)


def test_how_people_were_picked_is_not_said_to_be_open_where_it_is_stated():
    stated = top(competed=False)
    results = work(stated, QUICK, regression.run)
    silent = StudyPeople(study=replace(stated.study, selection=None), cohort=stated.cohort, facts=(), notes=())

    def said(subject):
        (section,) = sections.regression.section(subject, results)
        return next(p for p in section.paragraphs if "observed ratio" in p)

    assert "as the study states" in said(stated)
    assert "Which of the two" not in said(stated)
    assert "Which of the two it was no figure shows" in said(silent)


def test_people_are_not_called_printed_numbers():
    found = null_calibration(Panel.from_arrays(UNRELATED, name="arrests"), rng=1, sims=100, ratios=[1.0])
    assert "printed" not in found.summary()
    assert "the observed figures cannot tell" in found.summary()


@pytest.mark.parametrize("seed", [-1, 2**64, 1.5, True])
def test_what_is_no_seed_is_refused_before_anything_is_computed(seed):
    told = []
    with pytest.raises(SpecError, match=r"IOM-E092: rng .* whole number from 0"):
        evaluate("template", rng=seed, progress=told.append)
    assert told == []
    with pytest.raises(SpecError, match="IOM-E092: study: seed: expected a whole number from 0"):
        replace(cut(7).study, seed=seed)


@pytest.mark.parametrize("command", [["evaluate"], ["reconstruct"], ["simulate", "one-group"]])
def test_the_command_line_refuses_a_seed_below_0(command):
    ran = CliRunner().invoke(main, [*command, "--seed", "-1"])
    assert ran.exit_code == USAGE
    assert "-1 is not in the range 0<=x" in ran.output


@pytest.mark.parametrize(
    ("mean", "said"),
    [
        ("30", r"from 0 to 1, got 30; a percentage is written as a proportion: 0\.30\?"),
        ("30.5", r"got 30\.5; a percentage is written as a proportion: 0\.305\?"),
        ("-0.30", "from 0 to 1, got -0.30$"),
        ("300", "from 0 to 1, got 300$"),
    ],
)
def test_a_printed_proportion_above_1_is_asked_about(mean, said):
    paper = load_published("template")
    employed = paper.outcome("employed")
    percent = replace(employed, before=replace(employed.before, mean=Printed(mean)))
    with pytest.raises(InputError, match=rf"IOM-E101: employed, before: expected the mean of a proportion, .*{said}"):
        replace(paper, outcomes=(paper.outcomes[0], percent))


def said_of(subject):
    results = work(subject, QUICK, change.run)
    return first_page.can_say(subject, results), sections.change.section(subject, results)[0].paragraphs


@pytest.mark.parametrize(
    ("after", "said"),
    [(CONTRADICTED, "number of arrests stayed as it was"), (2 * CONTRADICTED, "number of arrests rose by 100.0%")],
)
def test_a_change_that_is_everybodys_alike_is_said_though_it_has_no_interval(after, said):
    (can, *others), why = said_of(people(CONTRADICTED, after))
    assert said in can
    assert can.endswith(phrases.NO_INTERVAL)
    assert not others
    assert not any(".." in text for text in why)


@pytest.mark.parametrize(
    ("after", "why"),
    [
        (0 * CONTRADICTED, "and there is none: nobody has any after"),
        (0 * CONTRADICTED + 2, "and there is none: everybody has the same value after"),
        (CONTRADICTED - 1, "and there is none: everybody changed by the same"),
    ],
)
def test_a_figure_that_there_cannot_be_is_not_said_to_lack(after, why):
    subject = people(CONTRADICTED, after)
    (section,) = sections.null.section(subject, work(subject, QUICK, null.run))
    assert why in section.said[-1]


def test_a_share_is_not_told_that_it_is_a_score():
    paper = load_published("template")
    shares = PublishedTable(study=replace(paper, outcomes=paper.outcomes[1:], subgroups=(), claims=()))
    results = work(shares, QUICK, null.run, regression.run)
    (absent,) = sections.null.section(shares, results)[0].said
    (unread,) = (t for t in sections.regression.section(shares, results)[0].paragraphs if "employed" in t)
    for text in (absent, unread):
        assert "employed" in text
        assert "score" not in text
    assert "shares of people" in absent


def test_no_check_is_no_agreement():
    audited, *_ = sections.audit.of_findings(Findings(()))
    assert phrases.NO_CHECKS in audited.paragraphs[0]
    assert "agree." not in audited.paragraphs[0].replace(phrases.NO_CHECKS, "")
    some, *_ = sections.audit.of_findings(audit(load_published("template")))
    assert phrases.NO_CHECKS not in some.paragraphs[0]


def test_a_model_without_a_result_is_left_out_with_its_reason():
    subject = PublishedTable(
        study=risen(), rebuilt=reconstruct(risen(), draws=60, rng=Streams(1, risen().citation).generator("reconstruct"))
    )
    results = work(subject, QUICK, models.run)
    found = results.of(models.run)
    assert "Poisson regression with correlated lognormal frailties, robust" not in {e.method for e in found.estimates}
    assert len(found.estimates) == len(models.MODELS) - 1
    (section,) = sections.models.section(subject, results)
    (_, why) = section.paragraphs
    assert why.startswith("For contacts, Poisson mixed bivariate is not computed: the search for a profile interval")
    assert len(section.tables[0].rows) == len(models.MODELS) - 1


def test_sets_of_evidence_for_other_years_are_left_out_with_their_reason():
    sets = load_published("sleath-brown-2017").evidence
    subject = PublishedTable(study=replace(load_published("template"), evidence=sets))
    (section,) = sections.ledgers.section(subject, work(subject, QUICK, ledgers.run))
    no_ledger, *why = section.paragraphs
    assert no_ledger.startswith("For contacts no ledger is drawn up")
    assert len(why) == sum(load_evidence(name).kind == "count" for name in sets)
    assert all("the series does not cover the window from 2017-01-01" in text for text in why)

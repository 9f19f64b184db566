"""What the page says of the change of everybody in a score."""

import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from iom_causal.analysis import missing
from iom_causal.analysis.missing import Missing
from iom_causal.analysis.published.table import PublishedTable
from iom_causal.analysis.release import Release
from iom_causal.analysis.sensitivity import score_posterior
from iom_causal.analysis.sensitivity.score_posterior import Case, ScorePosterior, ScorePosteriors
from iom_causal.analysis.steps import Effort, Results
from iom_causal.base.wording import violations
from iom_causal.bayes import PrePostScores
from iom_causal.data.release.disclosure import Disclosure
from iom_causal.panel import Panel
from iom_causal.published.study import load_published
from iom_causal.report.sections.sensitivity.score_posterior import files, section
from iom_causal.windows import Selection


class People:
    """Nothing but the rules for figures that leave."""

    def __init__(self, release):
        self.release = release

    def sets(self, _outcome):
        """None are stated."""
        return ()


def shown(found, release=None):
    results = Results({score_posterior.run: ScorePosteriors((found,))})
    (only,) = section(People(release or Release(Disclosure())), results)
    assert not violations(" ".join([only.title, *only.said, *(t.caption for t in only.tables)]))
    return only


def posterior_of(y, net=(), **settings):
    panel = Panel.from_arrays(y, name="risk", kind="score", missing="keep")
    e = PrePostScores(**settings)(panel, rng=1)
    sd, lost = float(np.std(y[:, 0], ddof=1)), float(np.isnan(y[:, 1]).mean())
    cases = tuple(
        Case(
            k,
            e.estimate + k * sd * lost,
            e.estimate + k * sd * lost,
            e.conf_low + k * sd * lost,
            e.conf_high + k * sd * lost,
        )
        for k in score_posterior.STANDS
    )
    return ScorePosterior(e, sd, lost, cases if lost else (), net)


def scores(n=200, lost=40, change=-4.0):
    rng = np.random.default_rng(3)
    before = 50 + 12 * rng.standard_normal(n)
    y = np.stack([before, before + change + 8 * rng.standard_normal(n)], axis=-1)
    y[:lost, 1] = np.nan
    return y


def test_the_paper_is_shown_as_sets_and_settles_nothing():
    paper = PublishedTable(study=load_published("sleath-brown-2017"))
    found = score_posterior.run(paper, Effort())
    (only,) = section(paper, Results({score_posterior.run: found}))
    assert only.title == "The change in risk of everybody, lost to follow-up or not"
    assert not violations(" ".join(only.said))
    rows = {row[0]: row[1:] for row in only.tables[0].rows}
    low, high = rows["where the scores that are there predict"][0].split(" to ")
    assert (float(low), float(high)) == pytest.approx((-98.4, -8.8), abs=0.5)
    assert any("do not settle whether risk fell" in p for p in only.said)
    assert any("is not printed: each figure runs over" in p for p in only.said)


def test_rows_of_people_are_as_coarse_as_their_number():
    """Two rows differ by the share of those lost times an SD that the page gives."""
    found = posterior_of(scores())
    rows = [float(row[1]) for row in shown(found).tables[0].rows]
    assert [2 * v == round(2 * v) for v in rows] == [True] * 4  # halves of a point, among 200 people with an SD of 12
    assert rows != pytest.approx([c.set_low for c in found.cases], abs=1e-3)
    published = [float(row[1]) for row in shown(found, Release()).tables[0].rows]
    assert published == pytest.approx([c.set_low for c in found.cases], abs=0.051)


def test_the_tipping_point_is_given_in_halves_of_an_sd_and_no_further_than_five():
    found = posterior_of(scores())
    (said,) = (p for p in shown(found).said if p.startswith("The interval reaches"))
    size = float(re.search(r"stand (\S+) SD", said)[1])
    assert size == np.ceil(2 * found.tipping) / 2
    assert "above what" in said
    far = shown(posterior_of(scores(lost=10, change=-30.0)))
    assert any("more than 5 SDs" in p for p in far.said)
    rose = shown(posterior_of(scores(change=4.0)))
    assert any("below what" in p for p in rose.said)
    assert any("do not settle" in p for p in shown(posterior_of(scores(change=0.0))).said)


@pytest.mark.parametrize("release", [Release(), Release(Disclosure())], ids=["print", "people"])
def test_what_is_said_to_tip_the_interval_does(release):
    """At the figure that is said the interval holds no change; a half (or a tenth) nearer it does not."""
    step, seen = (0.5 if release.guarded else 0.1), 0
    for change in np.linspace(-4.0, -1.8, 12):
        found = posterior_of(scores(n=120, lost=40, change=change))
        for p in shown(found, release).said:
            if said := re.search(r"stand (\S+) SDs? of", p):
                end, by, seen = found.cases[1].conf_high, found.sd * found.lost, seen + 1
                assert end + float(said[1]) * by >= 0 > end + (float(said[1]) - step) * by
    assert seen > 3


@pytest.mark.parametrize(("n", "sd"), [(37, 20.0), (120, 8.0), (223, 12.0), (2000, 30.0)])
def test_rows_leave_as_many_numbers_of_people_lost_as_the_threshold_even_where_the_number_of_all_is_known(n, sd):
    """Every number of people lost, none included: those that give the same page of one result are at least ten."""
    release, rules = Release(Disclosure()), Disclosure()
    base = posterior_of(scores())
    alike = {}
    for lost in range(min(n, 300)):
        share = release.share_lost(n - lost, n)
        cases = tuple(score_posterior._shifted(base.result, k, k * sd * share) for k in score_posterior.STANDS)
        page = shown(replace(base, sd=sd, lost=share, cases=cases if share else ()), release)
        rows = page.tables[0].rows if page.tables else ()
        alike.setdefault((rows, page.said), set()).add(lost)
    alike = {page: numbers for page, numbers in alike.items() if max(numbers) < 290}  # the last range is cut off
    assert min(len(numbers) for numbers in alike.values()) >= rules.threshold
    assert min(lost for (rows, _), numbers in alike.items() if rows for lost in numbers) >= rules.threshold
    assert len(alike) > 1


@pytest.mark.parametrize("rules", [Disclosure(), Disclosure(threshold=20), Disclosure(threshold=12, rounding=8)])
def test_the_share_lost_tells_nothing_beyond_the_two_rounded_numbers(rules):
    release, alike, left = Release(rules), {}, {}
    for n in range(rules.threshold, 160):
        for kept in range(n + 1):
            share = release.share_lost(kept, n)
            alike.setdefault((rules.rounded(n), rules.rounded(kept)), set()).add(share)
            left.setdefault((n, share), set()).add(n - kept)
            assert share == 0 or min(kept, n - kept) >= rules.threshold
    assert {len(shares) for shares in alike.values()} == {1}
    assert min(len(numbers) for numbers in left.values()) >= rules.threshold


def test_the_step_takes_the_share_of_those_lost_from_rounded_numbers():
    y = scores(n=203, lost=43)
    y[-20:, 0] = np.nan  # these have a later score and are not lost
    panel = Panel.from_arrays(y, name="risk", kind="score", missing="keep")
    for release, share in ((Release(), 43 / 203), (Release(Disclosure()), 47.5 / 205)):
        found = score_posterior._worked_out(People(release), SimpleNamespace(name="risk", kind="score"), panel, 1)
        assert found.lost == pytest.approx(share)
        assert found.cases[3].set_low - found.cases[1].set_low == pytest.approx(found.sd * share)


@pytest.mark.parametrize(("lost", "asks"), [(0, False), (9, False), (12, False), (13, True)])
def test_nothing_is_said_of_few_people_lost_however_many_lack_a_first_score(lost, asks):
    y = scores(n=200, lost=lost)
    y[-30:, 0] = np.nan
    panel = Panel.from_arrays(y, name="risk", kind="score", missing="keep")
    assert score_posterior._asks(People(Release(Disclosure())), panel) is asks


@pytest.mark.parametrize("lost", [0, 1, 9])
def test_entry_at_a_cut_is_shown_alike_of_few_people_lost_and_of_none(lost):
    """A page that shows it of nobody lost alone would say that nobody is."""
    rng = np.random.default_rng(4)
    before = 40 + 10 * rng.exponential(size=200)
    y = np.stack([before, 0.6 * before + 8 + 6 * rng.standard_normal(200)], axis=-1)
    y[:lost, 1] = np.nan
    panel = Panel.from_arrays(y, name="risk", kind="score", missing="keep")
    before = next(w.label for w in panel.windows if not w.post)
    panel = replace(panel, selection=Selection("risk", (before,), "at_least", "at_boundary", threshold=40.0))
    subject = People(Release(Disclosure()))
    assert score_posterior._asks(subject, panel)
    found = score_posterior._worked_out(subject, SimpleNamespace(name="risk", kind="score"), panel, 1)
    page = shown(replace(found, net=()))
    assert page.tables == ()
    assert page.said == shown(posterior_of(y, cut=40.0)).said[-1:]


def test_the_table_of_people_holds_what_the_page_shows_and_that_of_a_print_every_digit():
    found = posterior_of(scores())
    results = Results({score_posterior.run: ScorePosteriors((found,))})
    guarded = files(People(Release(Disclosure())), results)["score_posterior.csv"].frame
    page = [float(row[1]) for row in shown(found).tables[0].rows]
    assert guarded["set_low"].tolist() == page
    assert guarded["sds"].tolist() == list(score_posterior.STANDS)
    exact = files(People(Release()), results)["score_posterior.csv"].frame
    assert exact["conf_high"].tolist() == [c.conf_high for c in found.cases]
    assert files(People(Release()), Results()) == {}


def test_where_people_lost_are_treated_elsewhere_too_it_is_said_that_the_question_is_the_same():
    found = posterior_of(scores())
    both = Results({score_posterior.run: ScorePosteriors((found,)), missing.run: Missing(by_method={"risk": {}})})
    (only,) = section(People(Release(Disclosure())), both)
    assert any("another method for the same question" in p for p in only.said)
    assert not violations(" ".join(only.said))
    assert not any("another method" in p for p in shown(found).said)


def test_entry_at_a_cut_without_the_error_is_said_to_hold_regression_and_with_it_is_shown_net():
    rng = np.random.default_rng(4)
    before = 40 + 10 * rng.exponential(size=200)
    y = np.stack([before, 0.6 * before + 8 + 6 * rng.standard_normal(200)], axis=-1)
    plain = posterior_of(y, cut=40.0)
    assert any("sets of evidence or more" in p for p in shown(plain).said)
    assert shown(plain).tables == ()
    nets = tuple(posterior_of(y, cut=40.0, sem=s).result for s in (2.0, 4.0, 6.0))
    (said,) = (p for p in shown(replace(plain, net=nets)).said if "Net of what" in p)
    assert said.count("standard error of measurement of") == 3
    before = 45 + np.abs(10 + 4 * rng.standard_normal(200))
    rising = posterior_of(np.stack([before, y[:, 1]], axis=-1), cut=45.0)
    (refused,) = (p for p in shown(replace(rising, net=nets)).said if "entered at a cut" in p)
    assert "not taken out here" in refused


def test_nothing_is_shown_where_nothing_was_worked_out():
    assert section(People(Release()), Results()) == ()

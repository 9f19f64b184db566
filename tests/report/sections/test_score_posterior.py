"""What the page says of the change of everybody in a score."""

import re
from dataclasses import replace

import numpy as np
import pytest

from iom_causal.analysis import score_posterior
from iom_causal.analysis.published_table import PublishedTable
from iom_causal.analysis.release import Release
from iom_causal.analysis.score_posterior import Case, ScorePosterior, ScorePosteriors
from iom_causal.analysis.steps import Effort, Results
from iom_causal.base.wording import violations
from iom_causal.bayes import PrePostScores
from iom_causal.data.release.disclosure import Disclosure
from iom_causal.panel import Panel
from iom_causal.published.study import load_published
from iom_causal.report.sections.score_posterior import section


class People:
    """Nothing but the rules for figures that leave."""

    def __init__(self, release):
        self.release = release


def shown(found, release=None):
    results = Results({score_posterior.run: ScorePosteriors((found,))})
    (only,) = section(People(release or Release(Disclosure())), results)
    assert not violations(" ".join([only.title, *only.paragraphs, *(t.caption for t in only.tables)]))
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
    assert not violations(" ".join(only.paragraphs))
    rows = {row[0]: row[1:] for row in only.tables[0].rows}
    low, high = rows["where the scores that are there predict"][0].split(" to ")
    assert (float(low), float(high)) == pytest.approx((-98.4, -8.8), abs=0.5)
    assert any("do not settle whether risk fell" in p for p in only.paragraphs)
    assert any("is not printed: each figure runs over" in p for p in only.paragraphs)


def test_rows_of_people_are_as_coarse_as_their_number():
    """Two rows differ by the share of those lost times an SD that the page gives."""
    found = posterior_of(scores())
    rows = [float(row[1]) for row in shown(found).tables[0].rows]
    assert [2 * v == round(2 * v) for v in rows] == [True] * 4  # halves of a point, among 200 people with an SD of 12
    assert rows != pytest.approx([c.low for c in found.cases], abs=1e-3)
    published = [float(row[1]) for row in shown(found, Release()).tables[0].rows]
    assert published == pytest.approx([c.low for c in found.cases], abs=0.051)


def test_the_tipping_point_is_given_in_halves_of_an_sd_and_no_further_than_five():
    found = posterior_of(scores())
    (said,) = (p for p in shown(found).paragraphs if p.startswith("The interval reaches"))
    size = float(re.search(r"stand (\S+) SD", said)[1])
    assert size == round(2 * found.tipping) / 2
    assert "above what" in said
    far = shown(posterior_of(scores(lost=10, change=-30.0)))
    assert any("more than 5 SDs" in p for p in far.paragraphs)
    rose = shown(posterior_of(scores(change=4.0)))
    assert any("below what" in p for p in rose.paragraphs)
    assert any("do not settle" in p for p in shown(posterior_of(scores(change=0.0))).paragraphs)


def test_entry_at_a_cut_without_the_error_is_said_to_hold_regression_and_with_it_is_shown_net():
    rng = np.random.default_rng(4)
    before = 40 + 10 * rng.exponential(size=200)
    y = np.stack([before, 0.6 * before + 8 + 6 * rng.standard_normal(200)], axis=-1)
    plain = posterior_of(y, cut=40.0)
    assert any("sets of evidence or more" in p for p in shown(plain).paragraphs)
    assert shown(plain).tables == ()
    nets = tuple(posterior_of(y, cut=40.0, sem=s).result for s in (2.0, 4.0, 6.0))
    (said,) = (p for p in shown(replace(plain, net=nets)).paragraphs if "Net of what" in p)
    assert said.count("standard error of measurement of") == 3
    before = 45 + np.abs(10 + 4 * rng.standard_normal(200))
    rising = posterior_of(np.stack([before, y[:, 1]], axis=-1), cut=45.0)
    (refused,) = (p for p in shown(replace(rising, net=nets)).paragraphs if "entered at a cut" in p)
    assert "not taken out here" in refused


def test_nothing_is_shown_where_nothing_was_worked_out():
    assert section(People(Release()), Results()) == ()

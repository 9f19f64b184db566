"""Every section of every kind of study opens with a finding, under an anchor of its own, in the reporting order."""

import re

import numpy as np
import pytest

from iom_causal.analysis.study_people import StudyPeople
from iom_causal.base import wording
from iom_causal.base.setting_paths import label
from iom_causal.cohort import Cohort
from iom_causal.confounds import CONFOUNDS
from iom_causal.data.extract_parts import ExtractOutcome, ExtractWindow
from iom_causal.data.extracts import Extract
from iom_causal.evaluation import evaluate
from iom_causal.panel import Panel
from iom_causal.protocol.study import Study
from iom_causal.report import ledger_phrases, phrases
from iom_causal.report.sections import first_page
from iom_causal.windows import Selection

TWO = (ExtractWindow(label="before"), ExtractWindow(label="after", post=True))


def evaluated(kind, values, selection=None, start=None):
    panel = Panel.from_arrays(values, name="arrests", kind=kind, selection=selection, start=start)
    outcome = ExtractOutcome(name="arrests", kind=kind, columns=("a", "b"))
    study = Study(title="Ours", extract=Extract(file="a.csv", id="id", outcomes=(outcome,), windows=TWO))
    subject = StudyPeople(study=study, cohort=Cohort({"arrests": panel}), facts=(), notes=())
    return evaluate(subject, quick=True).page


def counts(n, ratio, seed=1):
    rate = np.random.default_rng(seed).gamma(2.0, 2.0, (n, 1))
    return np.random.default_rng(seed + 1).poisson(rate * [1.0, ratio])


def of_counts(ratio):
    at_least_one = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=1)
    values = counts(150, ratio)
    return evaluated("count", values[values[:, 0] > 0], at_least_one)


def compared():
    start = np.ma.MaskedArray([1] * 120, mask=np.arange(120) % 2 == 0)
    return evaluated("count", counts(120, 0.8), start=start)


def of_scores():
    return evaluated("score", np.random.default_rng(2).normal([70.0, 65.0], 8.0, (80, 2)).round())


def of_shares():
    return evaluated("binary", np.random.default_rng(3).binomial(1, [0.7, 0.5], (80, 2)).astype(float))


KINDS = {
    "fall": lambda: of_counts(0.7),
    "rise": lambda: of_counts(1.5),
    "comparison": compared,
    "score": of_scores,
    "share": of_shares,
}


@pytest.fixture(scope="module", params=["template", *KINDS])
def page(request):
    if request.param == "template":
        return request.getfixturevalue("template").page
    return KINDS[request.param]()


def test_every_section_opens_with_a_finding_under_an_anchor_of_its_own(page):
    assert [s.title for s in page.sections if not s.finding or not s.name] == []
    anchors = [anchor for anchor, _ in page.anchored]
    assert len(set(anchors)) == len(anchors)
    assert not [anchor for anchor in anchors if re.search(r"\s", anchor)]
    assert [s.finding for s in page.sections if wording.violations(s.finding)] == []


def test_what_is_folded_comes_after_what_is_read(page):
    folded = [s.detail for s in page.sections]
    assert folded == sorted(folded)


def test_words_that_stand_for_more_are_explained_once_before_the_box(page):
    assert page.words == first_page.explained([t for t in page.texts() if t != page.words])


def test_what_a_page_explains_is_what_it_says():
    assert first_page.explained(("Nothing of the kind.",)) == ""
    pool = first_page.explained(("a wide pool",))
    assert phrases.WORDS["pool"] in pool
    assert phrases.WORDS["world"] not in pool
    both = first_page.explained(("worlds of one pool",))
    assert phrases.WORDS["world"] in both


def test_sets_of_evidence_go_by_their_meaning_but_in_their_grounds(paper):
    names = {u.evidence.name for under in paper.ledgers for u in under}
    found = [*paper.page.can_say, *paper.page.lead]
    for section in paper.page.sections:
        texts = [section.title, section.finding, *section.paragraphs, *section.points]
        texts += [text for t in section.tables for text in (t.caption, *t.columns, *(c for row in t.rows for c in row))]
        texts += [text for f in section.figures for text in (f.caption, f.alt)]
        found += [] if section.name == "grounds" else texts
    assert [text for text in found for name in names if name in text] == []
    (grounds,) = (s for s in paper.page.sections if s.name == "grounds")
    assert all(any(name in text for text in grounds.paragraphs) for name in names)


def test_every_setting_that_a_search_moves_has_its_words():
    moved = {
        f"{label(c)}.{name}" for c in CONFOUNDS for kind in ("count", "score") for name in c.in_ledger(kind).tipped
    }
    assert moved <= ledger_phrases.SETTINGS.keys()

"""What the page says of how people look picked, and what of it may leave."""

import numpy as np
import pytest
from scipy.special import expit

from iom_causal.analysis import selection_plausibility as step
from iom_causal.analysis.published.table import PublishedTable
from iom_causal.analysis.steps import Effort, Results, work
from iom_causal.analysis.study_people import StudyPeople
from iom_causal.base import wording
from iom_causal.cohort import Cohort
from iom_causal.data.extract_parts import ExtractOutcome, ExtractWindow
from iom_causal.data.extracts import Extract
from iom_causal.data.release.disclosure import Disclosure
from iom_causal.panel import Panel
from iom_causal.protocol.study import Study
from iom_causal.published.study import load_published
from iom_causal.report.sections import selection_plausibility
from iom_causal.windows import Selection, Window

QUICK = Effort(quick=True)
CUT = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=6)
SOFT = Selection("arrests", ("before",), "soft", "at_boundary", threshold=6, softness=1.0)
LABELS = ("earlier", "before", "after")


def study(how, *, n=225, others=500, windows=3, rule=SOFT, research=False):
    rng = np.random.default_rng(8)
    rate = rng.gamma(1.5, 2.0, 20_000)
    counts = rng.poisson(rate[:, None], (20_000, 3))
    chosen = {
        "cut": counts[:, 1] >= 6,
        "soft": rng.random(20_000) < expit(counts[:, 1] - 6.0) / 2,
        "rate": rng.random(20_000) < expit(2 * (rate - 6)) / 2,
        "run-up": rng.random(20_000) < expit(counts[:, 1] - counts[:, 0] - 3.0) / 2,
        "any": rng.random(20_000) < 0.1,
    }[how]
    rows = np.concatenate([np.flatnonzero(chosen)[:n], np.flatnonzero(~chosen)[:others]])
    labels, start = (
        LABELS[-windows:],
        np.ma.MaskedArray(np.full(n + others, windows - 1), mask=np.arange(n + others) >= n),
    )
    panel = Panel.from_arrays(
        counts[rows][:, -windows:],
        name="arrests",
        windows=tuple(Window(label, post=label == "after") for label in labels),
        start=start,
        selection=rule,
    )
    outcome = ExtractOutcome(name="arrests", kind="count", columns=labels)
    spans = tuple(ExtractWindow(label=label, post=label == "after") for label in labels)
    given = Disclosure(research=True, reason="a test") if research else Disclosure()
    return StudyPeople(
        study=Study(
            title="Ours",
            extract=Extract(file="a.csv", id="id", outcomes=(outcome,), windows=spans),
            selection=rule,
            disclosure=given,
        ),
        cohort=Cohort({"arrests": panel}),
        facts=(),
        notes=(),
    )


def page(subject):
    results = work(subject, QUICK, step.run)
    return selection_plausibility.section(subject, results), selection_plausibility.files(subject, results)


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        (lambda: study("soft"), "This is as picking on the count makes it"),
        (lambda: study("rate"), "This is as picking on the rate behind the count makes it"),
        (lambda: study("run-up"), "below the least that any of these expects"),
        (lambda: study("cut", others=0, rule=CUT), "it would speak for the count. The same figures of people who were"),
        (lambda: study("cut", rule=CUT), "Everybody from some count on was managed"),
        (lambda: study("soft", windows=2), "only a window before that the rule did not read tells them apart"),
        (lambda: study("any", windows=2), "nothing shows that they were picked on the count"),
        (lambda: study("soft", rule=None), "it is taken to be the last one before"),
    ],
)
def test_the_page_says_what_the_windows_speak_for(subject, said):
    ((shown,), _) = page(subject())
    text = " ".join(shown.paragraphs)
    assert said in text
    for each in (shown.title, *shown.paragraphs, *(t.caption for t in shown.tables), *(f.alt for f in shown.figures)):
        assert wording.violations(each) == ()
    assert shown.short == ()  # the note of two pages is without it


def test_it_stands_only_where_it_can_be_worked_out():
    assert page(study("cut", others=0, windows=2, rule=CUT)) == ((), {})
    assert page(study("cut", n=9, others=0, rule=CUT)) == ((), {})
    assert step.run(PublishedTable(study=load_published("template")), QUICK) == step.Plausibility()
    assert selection_plausibility.section(study("cut"), Results()) == ()


def test_an_expected_mean_tells_nobody_how_many_stand_at_the_cut():
    """The mean less what is expected, over the threshold, is the share of people exactly at it."""
    exact, given = (page(study("cut", n=60, others=0, rule=CUT, research=open_)) for open_ in (True, False))
    (expected,) = {row[2] for row in exact[0][0].tables[0].rows[:1]}
    (coarse,) = {row[2] for row in given[0][0].tables[0].rows[:1]}
    assert "." in expected
    assert coarse == f"{float(coarse):.0f}"
    table = given[1]["selection_plausibility.csv"].frame
    assert table["conf_low"].isna().all()
    assert (table["mean_low"].dropna() * 10 % 1).round(6).isin([0, 1]).all()


def test_shares_of_few_people_are_withheld_and_no_number_of_them_stays():
    (view,) = step.run(study("soft", n=40, others=300, windows=2), QUICK).views
    assert all(band.people == 0 for band in view.chosen.bands)
    assert np.isnan([band.share for band in view.chosen.bands]).any()
    assert view.n == 40
    assert view.plot().lines

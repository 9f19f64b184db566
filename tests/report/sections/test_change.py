"""What the first page says of a change where days at risk differ between people."""

import numpy as np
import pytest

from iom_causal.analysis import change
from iom_causal.analysis.steps import Effort, work
from iom_causal.analysis.study_people import StudyPeople
from iom_causal.base.wording import violations
from iom_causal.cohort import Cohort
from iom_causal.data.extract_parts import ExtractOutcome, ExtractWindow
from iom_causal.data.extracts import Extract
from iom_causal.data.release.disclosure import Disclosure
from iom_causal.estimators import GEE, PairedT, PoissonGLM
from iom_causal.panel import Panel
from iom_causal.protocol.study import EstimatorLine, Study
from iom_causal.report.sections import change as section
from iom_causal.windows import Window

TWO = (ExtractWindow(label="before", start=-365, end=0), ExtractWindow(label="after", start=0, end=365, post=True))


def said(days, rate):
    windows = (Window("before", -365, 0), Window("after", 0, 365, post=True))
    counts = np.random.default_rng(4).poisson(rate[:, None] * days)
    panel = Panel.from_arrays(counts, name="arrests", windows=windows, exposure=days)
    outcome = ExtractOutcome(name="arrests", kind="count", columns=("a", "b"))
    study = Study(title="Ours", extract=Extract(file="a.csv", id="id", outcomes=(outcome,), windows=TWO))
    subject = StudyPeople(study=study, cohort=Cohort({"arrests": panel}), facts=(), notes=())
    (text,) = section.headline(subject, work(subject, Effort(quick=True), change.run))
    return text


def test_the_ratio_within_people_stands_beside_one_that_weights_them_by_their_days():
    rate = np.random.default_rng(3).gamma(1.0, 0.01, 300)
    held = np.where(rate > np.median(rate), 100.0, 365.0)
    text = said(np.column_stack([np.full(300, 365.0), held]), rate)
    assert "Days at risk differ between people" in text
    assert "themselves (a fixed effect a person), the number of arrests per calendar day did not change (" in text
    assert "Days at risk differ" not in said(np.full((300, 2), 365.0), rate)


def test_models_stand_side_by_side_where_the_rules_are_off_and_nowhere_else():
    rng = np.random.default_rng(5)
    panel = Panel.from_arrays(rng.poisson(rng.gamma(3, 1.5, (90, 1)) * [1.0, 0.7]), name="arrests")
    outcome = ExtractOutcome(name="arrests", kind="count", columns=("a", "b"))
    asked = tuple(EstimatorLine(estimator=spec, outcomes=("arrests",)) for spec in (PoissonGLM(), GEE(), PairedT()))
    for rules in (Disclosure(), Disclosure(research=True, reason="a test")):
        extract = Extract(file="a.csv", id="id", outcomes=(outcome,), windows=TWO)
        study = Study(title="Ours", extract=extract, estimators=asked, disclosure=rules)
        subject = StudyPeople(study=study, cohort=Cohort({"arrests": panel}), facts=(), notes=())
        (page,) = section.section(subject, work(subject, Effort(quick=True), change.run))
        beside = page.tables[1:]
        assert len(beside) == rules.research
    (table,) = beside
    assert not violations(table.caption)
    assert table.columns[1:] == tuple(spec(panel).method for spec in (PoissonGLM(), GEE()))
    assert [row[0] for row in table.rows] == ["intercept", "post"]
    value = np.log(PoissonGLM()(panel).estimate)
    assert float(table.rows[1][1].split(" ")[0].replace("\u2212", "-")) == pytest.approx(value, rel=5e-3)

"""What may leave is decided by what a result declares of its columns, whatever they are called."""

import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from iom_causal.analysis import regression
from iom_causal.analysis.regression import moments_as_given
from iom_causal.analysis.release import PRINT, Leaving, Release
from iom_causal.analysis.steps import Effort, work
from iom_causal.analysis.study_people import StudyPeople
from iom_causal.base.result import Result
from iom_causal.cohort import Cohort
from iom_causal.data.extract_parts import ExtractOutcome, ExtractWindow
from iom_causal.data.extracts import Extract
from iom_causal.data.release.disclosure import Disclosure
from iom_causal.estimate import Estimate
from iom_causal.estimators import EffectSize, RateRatio, SignTest
from iom_causal.null.result import NullCalibration
from iom_causal.numerics.pairs.moments import PairMoments
from iom_causal.panel import Panel
from iom_causal.protocol.study import Study
from iom_causal.report.sections import PARTS
from iom_causal.sensitivity.regression_tipping import RegressionTipping
from iom_causal.sensitivity.selection_result import SelectionPlausibility

GUARDED = Release(Disclosure())
OF_ARMS = SimpleNamespace(
    people_columns=("arms",),
    free_columns=(),
    solving_columns=("odds",),
    telling_columns=(),
    figure_columns={"mean": "mean"},
)
PEOPLE = Panel.from_arrays([[5 + k % 4, k % 3] for k in range(1203)], name="arrests")


def test_columns_are_released_by_what_is_declared_and_not_by_their_names():
    frame = pd.DataFrame({"arms": [1203, 9], "odds": [0.123456, 2.0], "mean": [1.234567, 2.0]})
    out = GUARDED.released(frame, OF_ARMS)
    assert list(out["arms"]) == [1205, "withheld"]
    assert out["odds"].isna().all()
    assert list(out["mean"]) == [1.235, 2.0]
    assert PRINT.released(frame, OF_ARMS) is frame


def test_numbers_of_thousands_of_people_are_numbers_in_a_table():
    row = GUARDED.released(pd.DataFrame([RateRatio()(PEOPLE).row()]), Estimate).iloc[0]
    assert (row["n_input"], row["n_used"]) == (1205, 1205)


@pytest.mark.parametrize("declared", [NullCalibration, RegressionTipping, SelectionPlausibility, Estimate])
def test_every_table_of_a_report_declares_its_columns(declared):
    assert all(isinstance(name, str) for name in (*declared.people_columns, *declared.solving_columns))


def test_a_share_of_people_has_as_few_digits_as_an_effect_size_whatever_its_method_is_called():
    few = PEOPLE.where([k < 37 for k in range(1203)])
    for spec in (EffectSize("rank_biserial"), SignTest()):
        e = spec(few)
        assert GUARDED.step(e.estimate, e.scale, e.n_used) == 0.1
    ratio = RateRatio()(few)
    assert GUARDED.step(ratio.estimate, ratio.scale, ratio.n_used) == 0.01


def test_a_number_of_which_nothing_is_declared_is_left_out():
    spreads = pd.DataFrame({"mean": [1.234567], "spread": [0.618034]})
    assert GUARDED.released(spreads, OF_ARMS)["spread"].isna().all()
    assert PRINT.released(spreads, OF_ARMS)["spread"].tolist() == [0.618034]


class Undeclared(Result):
    """A result that forgot to say which of its columns count people."""


def test_whole_numbers_that_nothing_is_declared_of_are_taken_to_count_people():
    donors = pd.DataFrame({"donors": [3, 7, 43]})
    assert Release(Disclosure()).leaving(donors, Undeclared).frame["donors"].tolist() == ["withheld", "withheld", 45]
    assert Release().leaving(donors, Undeclared).frame["donors"].tolist() == [3, 7, 43]


def test_a_table_about_people_does_not_leave_as_published():
    with pytest.raises(TypeError, match="about people"):
        Release(Disclosure()).published(pd.DataFrame({"n": [43]}))


def test_only_tables_that_release_rules_have_made_are_written(template):
    tables = [table for part in PARTS for table in part.files(template.subject, template.results).values()]
    assert tables
    assert all(isinstance(table, Leaving) for table in tables)


@pytest.mark.parametrize("alpha", [0.001, 0.01, 0.05, 0.1])
def test_a_band_of_p_values_says_as_much_of_the_usual_levels_and_no_more(alpha):
    guarded, p = Release(Disclosure()), np.linspace(0, 1, 4001)
    given = np.array([guarded.p_value(x) for x in p])
    assert ((given < alpha) == (p < alpha)).all()
    assert len(set(given)) == 7
    assert [guarded.p_value(x) for x in given] == given.tolist()
    assert guarded.p_text(0.711) == guarded.p_text(0.559) != Release().p_text(0.559) == "p = .559"


def test_p_values_of_a_file_are_bands_and_those_of_research_as_they_are():
    frame = pd.DataFrame({"p_value": [0.0362, math.nan]})
    assert Release(Disclosure()).released(frame, Result)["p_value"].tolist()[0] == 0.01
    assert Release(Disclosure(research=True, reason="here")).released(frame, Result)["p_value"].tolist()[0] == 0.0362


def test_a_standard_deviation_is_given_no_finer_than_what_the_furthest_person_moves_it_by():
    own = PairMoments(5.162, 2.771, 3.189, 2.493, 0.5)
    near, far = (GUARDED.moments(own, 40, furthest) for furthest in ((2.0, 2.0), (10.0, 12.0)))
    assert (near.sd_pre, near.sd_post) == (2.75, 2.5)
    assert (far.sd_pre, far.sd_post) == (3.0, 2.0)  # 18.0 and 28.9 over 40, by halves and by ones
    assert PRINT.moments(own, 40, (10.0, 12.0)) == own


def test_an_estimate_is_no_finer_than_half_of_what_one_of_its_people_moves_it():
    """Half an interval over 1.96 is a standard error, and one of `n` people moves it over the root of `n`."""
    for half, step in ((0.5, 0.01), (2.5, 0.04), (25.0, 0.4), (250.0, 4.0)):
        assert GUARDED.step(-3.2, "points", 400, half) == step


def test_a_limit_in_a_file_is_rounded_once():
    row = {
        "outcome": "arrests",
        "estimate": 1.0,
        "conf_low": 0.8,
        "conf_high": 1.14496,
        "scale": "ratio",
        "n_used": 60,
        "n_input": 60,
    }
    out = Release(Disclosure()).released(pd.DataFrame([row]), Estimate)
    assert out["conf_high"].tolist() == [1.15]  # and outward


def few(n):
    """A study of so many people, whose means, SDs and correlation would be solved for one of them."""
    drawn = np.random.default_rng(3).poisson([[6.0, 4.0]], (n, 2))
    outcome = ExtractOutcome(name="arrests", kind="count", columns=("a", "b"))
    windows = (ExtractWindow(label="before"), ExtractWindow(label="after", post=True))
    extract = Extract(file="a.csv", id="id", outcomes=(outcome,), windows=windows)
    cohort = Cohort({"arrests": Panel.from_arrays(drawn, name="arrests")})
    return StudyPeople(study=Study(title="Ours", extract=extract), cohort=cohort, facts=(), notes=())


def test_moments_with_their_correlation_leave_of_ten_people_and_of_no_fewer():
    """Those of nine, printed beside ten's, would give one person's two counts; no step that takes moments has them."""
    nine, ten = (work(few(n), Effort(quick=True), regression.run).of(regression.run) for n in (9, 10))
    assert nine.views == ()
    assert [view.moments.n for view in ten.views] == [10]


def test_the_correlation_of_few_people_has_as_few_digits_as_their_means():
    own = few(12).cohort["arrests"].moments()
    given = moments_as_given(few(12).cohort["arrests"], GUARDED)
    assert given.r == round(own.r, 1) != own.r
    assert given.n == 10

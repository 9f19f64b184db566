"""What would have to be otherwise, on the page and in its file: what moved is where nothing remains."""

import io
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from iom_causal.analysis.release import Release
from iom_causal.base import wording
from iom_causal.base.setting_paths import replace_paths
from iom_causal.data.release.disclosure import Disclosure
from iom_causal.estimators import RateRatio
from iom_causal.evaluation import evaluate, study_sensitivity
from iom_causal.ledger import Ledger
from iom_causal.panel import Panel
from iom_causal.report.sections.sensitivity.strengths import _of_ratio, _rounded
from iom_causal.report.sensitivity_phrases import ONE_CAUSE, SEVERAL_BIASES
from iom_causal.sensitivity.e_value import e_value
from iom_causal.sensitivity.placebo_dates import placebo_dates
from tests.analysis.sensitivity.test_strengths import of, pool
from tests.report.sections.people import study

TOGETHER, ONE = "all beliefs moved together", "one belief moved"
DIGITS, OF_SETTINGS = 4, 3
"""Significant digits of figures about people in a file, and of a setting, whose step is a hundredth of it or more."""
NOTHING = 1e-6
"""Figures on file are rounded to the last digit of a double, and a remainder at them is as small."""


def section_of(evaluation):
    (found,) = (s for s in evaluation.page.sections if s.name == "sensitivity")
    return found


def file_of(evaluation):
    return pd.read_csv(io.StringIO(evaluation.files()["sensitivity.csv"]), keep_default_na=False, na_values=[""])


@pytest.fixture(scope="module")
def listed():
    """A list of everybody with earlier years, evaluated."""
    return evaluate(of(pool()), quick=True)


def test_every_combination_on_file_leaves_nothing(paper):
    rows = file_of(paper)
    together = rows[(rows.question == TOGETHER) & rows.value.notna()]
    under = {(u.result.outcome, u.evidence.name): u for each in paper.ledgers for u in each}
    found = dict(iter(together.groupby(["outcome", "evidence"])))
    assert {name for name, _ in found} == {"arrests", "risk"}
    for key, mine in found.items():
        ledger = Ledger(under[key].evidence.confounds)
        moved = replace_paths(ledger, dict(zip(mine.setting, mine.value, strict=True)))
        left = [case.central(data) for case, data in moved.cases(paper.subject.data(key[0]))]
        assert min(map(abs, left)) < NOTHING


def test_one_belief_at_a_time_is_on_file_as_the_ledgers_table_has_it(paper):
    rows = file_of(paper)
    tips = [(u.result.outcome, u.evidence.name, t.field) for each in paper.ledgers for u in each for t in u.tips]
    one = rows[rows.question == ONE]
    assert list(zip(one.outcome, one.evidence, one.setting, strict=True)) == tips


def test_the_nearest_combination_is_what_the_section_finds(paper):
    said = section_of(paper).finding
    assert said.startswith("All of the change in arrests, or more of it, was to be expected already under “picked from")
    assert "All of the change in arrests would be accounted for, if “regression as without a programme”, with" in said
    assert said.count("well within what is believed") == 2


def test_sets_of_which_more_was_to_be_expected_are_not_said_to_account_for_less(tmp_path):
    file = study("little", tmp_path)
    already = "All of the change in arrests, or more of it, was to be expected already under every one of these sets"
    assert section_of(evaluate(file, quick=True)).finding.startswith(already)
    told = study_sensitivity(file).summary()
    assert told.count("arrests: all of the change, or more of it, was to be expected already") == 3
    assert "no combination" not in told


def test_earlier_dates_of_a_list_stand_on_the_page(listed):
    rows = file_of(listed)
    (dates,) = rows[rows.question == "the same rule at earlier dates"].itertuples()
    assert dates.conf_low <= dates.value <= dates.conf_high
    assert dates.conf_low <= dates.now <= dates.conf_high  # nobody had a programme
    said = " ".join(row[1] for table in section_of(listed).tables for row in table.rows)
    assert "6 earlier dates lead one to expect" in said
    assert "inside that" in said
    assert "likely that a person’s larger value" not in said  # the rule made it so
    # Mostly shown is a fall at least as large as one called detectable: rounded to a tenth, a smaller one may not be.
    detectable = placebo_dates(listed.subject.data("arrests")).detectable
    (shown,) = re.findall(r"a fall to (\d\.\d) of what is expected would mostly have shown", said)
    assert detectable - 0.1 < float(shown) <= detectable


def test_limits_of_earlier_dates_hold_those_that_are_not_rounded_and_a_limit_of_0_keeps_the_strengths(listed):
    rows = file_of(listed)
    (dates,) = rows[rows.question == "the same rule at earlier dates"].itertuples()
    exact = placebo_dates(listed.subject.data("arrests"))
    assert dates.conf_low <= exact.low <= exact.high <= dates.conf_high
    assert (dates.conf_low, dates.conf_high) == tuple(round(end, 2) for end in (dates.conf_low, dates.conf_high))
    few = RateRatio()(Panel.from_arrays(np.repeat([[9, 0], [3, 1]], [40, 4], axis=0), name="arrests"))
    few = replace(few, estimate=0.06, conf_low=0.004, conf_high=0.3)
    one, several = _of_ratio(few, Release(Disclosure()))
    assert (one.question, several.question) == (ONE_CAUSE, SEVERAL_BIASES)
    _, low, high = _rounded(few, Release(Disclosure()))
    assert 0 < low <= 0.06
    assert high >= 0.3
    assert (
        one.conf_low == e_value(0.06, low=1e-9, high=high).interval
    )  # how far below 1 the lower limit is does not matter


def test_figures_of_people_are_given_as_finely_as_the_change(listed):
    rows = file_of(listed)
    assert (rows.question == ONE).any()
    for column in ("value", "set_low", "set_high", "conf_low", "conf_high"):
        given = rows[column].dropna()
        assert all(float(f"{value:.{DIGITS}g}") == value for value in given)
        settings = rows[rows.question.isin([ONE, TOGETHER])][column].dropna()
        assert all(float(f"{value:.{OF_SETTINGS}g}") == value for value in settings)


def test_its_words_keep_the_rules(paper, listed):
    for evaluation in (paper, listed):
        shown = section_of(evaluation)
        cells = [cell for table in shown.tables for row in table.rows for cell in row]
        for text in (shown.finding, *shown.paragraphs, *cells):
            assert wording.violations(text) == (), text


def test_a_chance_of_people_is_that_of_rounded_scores_here_and_in_the_command(tmp_path):
    file = study("cut", tmp_path)
    table = file_of(evaluate(file, quick=True))
    chances = table.loc[table["question"] == "all beliefs moved together", "chance"].dropna().unique()
    moved = [m.under for m in study_sensitivity(file).moved["arrests"]]
    rarities = [m.frontier.rarity for m in moved if m.frontier is not None and m.frontier.rarity is not None]
    assert len(chances)
    np.testing.assert_allclose(chances, rarities, rtol=5e-4)  # the file has four digits
    assert all(score == round(score, 1) for m in moved if m.frontier is not None for score in m.frontier.scores)


def test_an_interval_that_reaches_no_change_is_said_to():
    rate = np.random.default_rng(5).gamma(2.0, 2.0, (60, 1))
    values = np.random.default_rng(6).poisson(rate * [1.0, 1.0])
    said = " ".join(
        row[1]
        for t in section_of(evaluate(of(Panel.from_arrays(values, name="arrests")), quick=True)).tables
        for row in t.rows
    )
    assert said.count("the interval reaches none as it is") == 2
    assert "by 1.00 each" not in said

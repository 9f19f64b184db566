"""PairedT: the published t, tests on part of the people, one degree of freedom."""

import numpy as np
import pytest
from scipy import stats

from iom_causal.errors import InputError
from iom_causal.estimators import (
    PairedT,
)
from iom_causal.moments import Moments
from iom_causal.panel import Panel
from tests.estimators.one_group import ARRESTS, RISK, cohort


def test_the_published_t_prints_in_the_papers_contrast():
    paper = PairedT(contrast="before_minus_after").from_summary(**ARRESTS, t=11.64)
    assert (f"{paper.statistic:.2f}", paper.df, paper.term) == ("11.64", 224, "before - after")
    ours = PairedT().from_summary(**ARRESTS, t=11.64)
    assert (f"{ours.statistic:.2f}", ours.term) == ("-11.64", "after - before")
    assert ours.estimate == pytest.approx(-3.23)
    assert ours.p_value == pytest.approx(2 * stats.t.sf(11.64, 224), rel=1e-11)


def test_a_test_on_part_of_the_people_needs_no_means():
    e = PairedT()(Moments(**RISK))
    assert (e.estimate, e.statistic, e.n_used, e.n_input) == (None, pytest.approx(8.10), 187, 225)
    assert "187 of 225" in e.note
    assert "magnitude" in e.note


def test_two_people_get_a_test_on_one_degree_of_freedom():
    e = PairedT()(Panel.from_arrays([[3, 1], [5, 4]], name="arrests"))
    assert e.df == 1
    assert "one degree of freedom" in e.note


def test_replicates_are_for_batches():
    block = Panel.from_arrays(np.stack([cohort().outcome] * 2), name="arrests")
    with pytest.raises(InputError, match=r"IOM-E047.*iom\.batch\(PairedT\(\), panel\)"):
        PairedT()(block)

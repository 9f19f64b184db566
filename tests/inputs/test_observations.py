import numpy as np
import pytest

from iom_causal.estimators import PairedT, PanelOLS, PoissonMixed, RateRatio
from iom_causal.inputs import pairs as paired
from iom_causal.inputs.blocks import row_block
from iom_causal.inputs.counts import count_data
from iom_causal.inputs.observations import observe
from iom_causal.inputs.rows import person_rows
from iom_causal.inputs.sample import each_own, exposure_words, left_out, time_at_risk, unlike_time, unused_days
from iom_causal.panel import Panel
from iom_causal.windows import Window

WINDOWS = (Window("before", -365, 0), Window("after", 0, 730, post=True))
START = np.ma.MaskedArray([1, 1, 1, 1, 1], mask=[False, False, True, False, True])
OUTCOME = [[3, 1], [2, 2], [5, 0], [4, 3], [6, 6]]
LOST = [[3, 1], [2, np.nan], [5, 0], [4, 3], [6, 6]]


def panel(outcome=OUTCOME, **settings):
    return Panel.from_arrays(outcome, name="arrests", windows=WINDOWS, start=START, missing="keep", **settings)


def test_every_view_of_a_panel_has_the_same_account_of_its_people():
    given = panel(LOST, weight=[2, 1, 1, 1, 1])
    accounts = [
        paired.single(given, PairedT(), uses_exposure=True).sample,
        person_rows(given, PanelOLS(), rates=True).sample,
        row_block(given, rates=True).notes[0],
        count_data(given, PoissonMixed(), "", both_sides=True).sample,
    ]
    expected = ("2 comparison people set aside", "3 of 4 people have both windows; 1 left out")
    assert [getattr(a, "notes", a) for a in accounts[:3]] == [expected] * 3
    assert accounts[3].notes == (expected[0], "3 of 4 people have windows on both sides; 1 left out")
    assert {a.n_input for a in (accounts[0], accounts[1], accounts[3])} == {4}


def test_replicates_have_an_account_of_their_own():
    block = np.stack([np.array(OUTCOME, float), np.array(LOST)])
    sample = paired.replicated(panel(block)).sample
    assert sample.each[0][0] == sample.each[1][0] == "2 comparison people set aside"
    assert [len(notes) for notes in sample.each] == [3 + 0, 3 + 1]  # days not used, and windows that are not alike
    assert "2 of 3 people have both windows; 1 left out" in sample.notes


def test_a_block_of_replicates_keeps_groups():
    block = row_block(panel(np.array([OUTCOME, OUTCOME])), comparison=True)
    assert block.y.shape == (2, 5, 2)
    assert block.group.tolist() == [True, True, False, True, False]
    assert block.treated.tolist() == [[0, 1], [0, 1], [0, 0], [0, 1], [0, 0]]
    assert observe(panel(), comparison=True).notes == ()


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (None, "not known"),
        (np.array([547.0, 549.0]), "547 and 549 days"),
        (np.array([365.0, 365.0, 365.0]), "each window's days"),
        (np.ones((5, 2)), "each person's days at risk"),
        (np.ones((3, 5, 2)), "each person's days at risk"),
    ],
)
def test_exposure_in_words(days, words):
    assert exposure_words(days) == words


def test_days_that_are_not_used_are_said_and_windows_that_are_not_alike():
    assert unused_days(None, "count") == ()
    assert len(unused_days(np.array([547.0, 549.0]), "count")) == 1
    assert len(unused_days(np.array([365.0, 730.0]), "count")) == 2
    assert len(unused_days(np.array([365.0, 730.0]), "score")) == 1
    personal = np.array([[365.0, 300.0], [365.0, 360.0]])
    (note,) = unlike_time(personal, "count")
    assert note.startswith("people were at risk for 365 and 330 days on average: counts over unlike lengths of time")
    assert unlike_time(personal[1:], "count") == ()


def test_nobody_left_out_is_not_said():
    assert left_out(5, 5, "both windows") == left_out(5, None, "both windows") == ()
    assert each_own(lambda *_: ("a",), 5, np.array([4, 4])) == ()


@pytest.mark.parametrize("replicates", [None, 3])
def test_time_at_risk_is_that_of_the_people_who_count(replicates):
    rng = np.random.default_rng(4)
    shape = (7,) if replicates is None else (replicates, 7)
    days, weight = rng.integers(1, 365, (*shape, 2)).astype(float), rng.integers(0, 3, shape)
    before, after = time_at_risk(days, weight)
    assert (before.tolist(), after.tolist()) == tuple(
        (weight[..., None] * days).sum(-2)[..., t].tolist() for t in (0, 1)
    )
    common = time_at_risk(np.array([365.0, 730.0]), weight)
    assert (common[1] / common[0] == 2.0).all()


def test_the_ratio_of_rates_divides_by_the_days_of_those_with_both_windows():
    days = np.array([[365.0, 365], [365, 100], [365, 365], [365, 730], [365, 365]])
    result = RateRatio()(panel(LOST, exposure=days))
    assert result.estimate == pytest.approx((4 / 7) / (1095 / 730), rel=1e-12)  # rounding of a few operations

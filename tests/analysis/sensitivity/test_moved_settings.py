"""Settings of the paper's ledgers stated, swept and moved together: against the ledgers themselves, and refusals."""

import numpy as np
import pytest

from iom_causal.analysis.sensitivity import moved_settings as room
from iom_causal.base.wording import violations
from iom_causal.beliefs import Range
from iom_causal.errors import SpecError
from iom_causal.evaluation import study_sensitivity
from iom_causal.ledger import Ledger
from iom_causal.report.study_sensitivity import COLUMNS

PAPER = "sleath-brown-2017"


@pytest.fixture(scope="module")
def arrests():
    return study_sensitivity(
        PAPER,
        outcome="arrests",
        swept={"detection.ratio": (0.5, 1.5)},
        together={"detection.ratio": (0.5, 1.5), "history.elasticity": (0.0, 2.0)},
    )


def test_the_table_holds_every_question_and_its_sweep_and_surface_are_those_of_the_ledger(arrests):
    table = arrests.tidy()
    assert tuple(table.columns) == COLUMNS
    assert set(table["asked"]) == {"remainder", "tipping", "frontier", "sweep", "surface"}
    data = arrests.subject.data("arrests")
    for moved in arrests.moved["arrests"]:
        mine = table[table["evidence"] == moved.under.evidence.name]
        ends = [np.exp(case.central(subject)) for case, subject in Ledger(moved.under.evidence.confounds).cases(data)]
        assert mine.query("asked == 'remainder'")[["set_low", "set_high"]].to_numpy()[0] == pytest.approx(
            [min(ends), max(ends)]
        )
        along = mine.query("asked == 'sweep'")
        # A chance of detection divides what remains, whatever else is allowed for.
        assert along["set_low"].to_numpy() == pytest.approx(min(ends) / along["value_low"].to_numpy())
        assert along["set_high"].to_numpy() == pytest.approx(max(ends) / along["value_low"].to_numpy())
        tip = mine.query("asked == 'tipping' and field == 'detection.ratio'")
        assert tip[["value_low", "value_high"]].to_numpy()[0] == pytest.approx([min(ends), max(ends)])
        over = mine.query("asked == 'surface' and other_value == 1.0")
        assert over["set_low"].to_numpy() == pytest.approx(along["set_low"].to_numpy())


def test_a_setting_that_is_stated_stands_under_every_set(arrests):
    settings = {"detection.ratio": 0.8, "custody.ratio": Range(0.9, 1.0)}
    stated = study_sensitivity(PAPER, outcome="arrests", settings=settings)
    for one, other in zip(arrests.moved["arrests"], stated.moved["arrests"], strict=True):
        before, after = one.under.result, other.under.result
        assert after.set_low == pytest.approx(before.set_low / 0.8)
        assert after.set_high == pytest.approx(before.set_high / 0.8 / 0.9)
    assert "detection.ratio = 0.8, custody.ratio = 0.9 to 1 stands" in stated.summary()


def test_one_set_alone():
    found = study_sensitivity(PAPER, evidence=("england-wales-2012",))
    assert [m.under.evidence.name for m in found.moved["arrests"]] == ["england-wales-2012"]
    assert "risk" not in found.moved
    assert violations(found.summary()) == ()


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"swept": {"detectoin.ratio": (0.5, 1.0)}}, "did you mean 'detection.ratio'"),
        ({"settings": {"level": 0.9}}, "no setting of any set"),
        ({"swept": {"detection.ratio": (-1.0, 1.0)}}, "expected a number above 0"),
        ({"settings": {"detection.ratio": -1.0}}, "expected a number above 0"),
        ({"together": {"detection.ratio": (0.5, 1.0)}}, "expected two settings"),
        ({"evidence": ("wide-pool",)}, "did you mean 'wide-pool-2012'"),
        ({"outcome": "arests"}, "did you mean 'arrests'"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_anything_is_worked_out(asked, words, monkeypatch):
    monkeypatch.setattr(room, "of_outcome", None)
    with pytest.raises(SpecError, match=words):
        study_sensitivity(PAPER, **asked)

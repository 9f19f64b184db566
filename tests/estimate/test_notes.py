"""Notes are text to all but what asks of which kind they are."""

import json
import pickle
from copy import deepcopy

import numpy as np
import pytest

from iom_causal.confounds import Detection
from iom_causal.estimate import Estimate, Line
from iom_causal.estimate.notes import ALLOWANCE, COMPLETENESS, KINDS, LEFT_OUT, TOO_NARROW, Note, of_kind, without_kind
from iom_causal.estimators import RateRatio
from iom_causal.ledger import Ledger, lines
from iom_causal.panel import Panel

PANEL = Panel.from_arrays([[9, 2], [0, 5], [4, 4], [16, 1], [0, 9], [2, 7]], name="arrests")


@pytest.mark.parametrize("kind", KINDS)
def test_a_note_is_its_text_and_keeps_its_kind(kind):
    note = Note("the interval is wide", kind)
    assert note == "the interval is wide"
    assert hash(note) == hash("the interval is wide")
    assert (repr(note), f"{note}") == ("'the interval is wide'", "the interval is wide")
    for again in (pickle.loads(pickle.dumps(note)), deepcopy(note)):  # noqa: S301 our own bytes
        assert (again, again.kind) == (note, kind)
    assert of_kind((note, "plain"), kind) == (note,)
    assert without_kind((note, "plain"), kind) == ("plain",)


def test_results_say_which_of_their_notes_are_of_which_kind():
    found = RateRatio(se="conditional")(PANEL)
    (narrow,) = of_kind(found.notes, TOO_NARROW)
    assert narrow.startswith("too narrow: ")
    lost = Panel.from_arrays([[9.0, 2], [0, 5], [4, 4], [16, 1], [2, np.nan]], name="arrests", missing="keep")
    assert of_kind(RateRatio()(lost).notes, COMPLETENESS) == ("4 of 5 people have both windows; 1 left out",)
    ledger = Ledger((Detection(ratio=0.9),), draws=100)(PANEL, rng=1)
    (adjusted,) = of_kind(ledger.assumptions, ALLOWANCE)
    assert adjusted.startswith("the allowance for detection is right: the chance that the same conduct is recorded ")
    assert of_kind(ledger.assumptions, ALLOWANCE) + of_kind(ledger.assumptions, LEFT_OUT) == ledger.assumptions


def test_a_result_read_back_from_plain_values_is_the_same_with_notes_as_text():
    ledger = Ledger((Detection(ratio=0.9),), draws=100)(PANEL, rng=1)
    plain = ledger.to_dict()
    assert {type(text) for text in plain["assumptions"]} == {str}
    assert set(plain["diagnostics"]["lines"]["detection"]) == set(Line._fields)
    again = Estimate.from_dict(json.loads(json.dumps(plain)))
    assert lines(again) == lines(ledger)
    assert again.assumptions == ledger.assumptions

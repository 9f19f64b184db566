"""Ids of a log as positions in a list: what is no id, and what is somebody else's."""

import numpy as np
import pytest

from iom_causal.data.events import linkage
from iom_causal.data.events.linkage import Linkage
from iom_causal.numerics.events.counting import NO_ID, NOBODY


@pytest.mark.parametrize("people", [["b", "a"], [7, 5]])
def test_an_empty_cell_is_no_id_and_not_somebody_elses(people):
    given = np.array([str(people[1]), "", None, np.nan, "x", people[0]], dtype=object)
    assert Linkage(np.array(people)).codes(given, "urn").tolist() == [1, NO_ID, NO_ID, NO_ID, NOBODY, 0]


@pytest.mark.parametrize("spare", [linkage.SPARE, -(10**9)])
def test_numbers_are_found_by_table_as_they_are_by_hash(spare, monkeypatch):
    monkeypatch.setattr(linkage, "SPARE", spare)
    assert (Linkage(np.array([70, 5])).table is None) == (spare < 0)
    assert Linkage(np.array([70, 5])).codes(np.array([5, 6, 70, 71, 4]), "urn").tolist() == [1, -1, 0, -1, -1]

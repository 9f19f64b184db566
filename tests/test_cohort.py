"""A cohort is of panels that share people."""

import pytest

from iom_causal.cohort import Cohort
from iom_causal.errors import InputError, UnknownNameError
from iom_causal.panel import Panel


def test_a_cohort_shares_people():
    arrests = Panel.from_arrays([[1, 2], [3, 4]], name="arrests", synthetic=True)
    cohort = Cohort({"arrests": arrests})
    assert cohort["arrests"] is arrests
    assert cohort.synthetic
    assert cohort.get("risk") is None
    with pytest.raises(UnknownNameError, match="arrests"):
        cohort["arests"]
    with pytest.raises(InputError, match="IOM-E037"):
        Cohort({"a": arrests, "b": Panel.from_arrays([[1, 2]])})

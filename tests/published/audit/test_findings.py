"""A finding refuses a verdict without its reason."""

import pytest

from iom_causal.errors import InputError
from iom_causal.published.audit.findings import Finding, Findings


def test_findings_refuse_a_verdict_without_its_reason():
    plain = {"id": "a", "check": "c", "subject": "s", "claimed": "", "computed": "", "sentence": "x"}
    for verdict in ("inconsistent", "uninformative", "odd"):
        with pytest.raises(InputError, match="IOM-E101"):
            Finding(**plain, verdict=verdict)
    good = Finding(**plain, verdict="consistent")
    with pytest.raises(InputError, match="IOM-E101"):
        Findings((good, good))
    with pytest.raises(InputError, match="IOM-E093"):
        Findings((good,))["b"]
    assert Findings((good,))[0] is good
    assert Findings((good,))[:1] == (good,)

"""Checks of cited evaluations."""

from iom_causal.published.audit.audit import audit
from tests.published.audit.studies import study


def cited(first, second):
    arms = [{"label": "a"} | first, {"label": "b"} | second]
    entry = {"name": "x", "measure": "reconviction", "follow_up": "one year", "arms": arms}
    return next(f for f in audit(study(cited=[entry])) if f.check == "a cited evaluation")


def test_cited_shares():
    known = cited({"percent": "31", "n": "100"}, {"percent": "38", "n": "100"})
    assert (known.verdict, known.computed) == ("consistent", "p = .298")
    assert cited({"percent": "31.5", "n": "100"}, {"percent": "38", "n": "100"}).verdict == "inconsistent"
    assert cited({"percent": "40"}, {"percent": "40"}).computed.endswith("no upper limit people per group")
    falling = cited({"change_percent": "-10"}, {"change_percent": "-20"})
    assert "only if" not in falling.sentence

import pytest

from iom_causal import words
from iom_causal.confounds.evidence import evidence_sets, load_evidence
from iom_causal.errors import SpecError
from iom_causal.ledger import Ledger
from iom_causal.published.study import load_published


@pytest.mark.parametrize("name", evidence_sets())
def test_every_default_has_its_source_date_and_reason(name):
    evidence = load_evidence(name)
    assert evidence.title
    assert evidence.about
    for line in evidence.lines:
        assert line.source
        assert line.date
        assert line.reason
        assert words.violations(f"{line.source} {line.reason} {evidence.about}") == ()


def test_the_paper_is_read_under_at_least_three_sets():
    paper = load_published("sleath-brown-2017")
    assert len(paper.evidence) >= 3
    results = {name: Ledger.from_evidence(name)(paper["arrests"], rng=1) for name in paper.evidence}
    values = [e.estimate for e in results.values()]
    assert max(values) - min(values) > 0.3  # the sets are not variations of one answer
    for e in results.values():
        lines = {p.term: p.estimate for p in e.parts}
        assert -0.04 <= lines["ageing"] <= -0.02
        assert -0.18 < lines["history"] < -0.14


def test_regression_has_the_size_seen_in_people_without_a_programme():
    paper = load_published("sleath-brown-2017")
    parts = {p.term: p for p in Ledger.from_evidence("england-wales-2012")(paper["arrests"], rng=1).parts}
    assert 0.63 < 2.718281828 ** parts["regression to the mean"].estimate < 0.71


def test_an_unknown_set_names_those_that_there_are():
    with pytest.raises(SpecError, match="did you mean 'england-wales-2012'"):
        load_evidence("england-wales-2011")

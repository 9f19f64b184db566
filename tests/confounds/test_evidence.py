from math import ceil, floor

import pytest

from iom_causal.base import wording
from iom_causal.beliefs import Range
from iom_causal.confounds.evidence import evidence_sets, load_evidence
from iom_causal.errors import SpecError
from iom_causal.ledger import Ledger
from iom_causal.numerics.selection.score_at_cut import density_bounds
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
        assert wording.violations(f"{line.source} {line.reason} {evidence.about}") == ()


def test_the_paper_is_read_under_at_least_three_sets():
    paper = load_published("sleath-brown-2017")
    sets = [e for e in map(load_evidence, paper.evidence) if e.kind == "count"]
    assert len(sets) >= 3
    results = {e.name: Ledger(e.on("arrests"))(paper["arrests"], rng=1) for e in sets}
    values = [end for e in results.values() for end in (e.set_low, e.set_high)]
    assert max(values) - min(values) > 0.3  # the sets are not variations of one answer
    for e in results.values():
        lines = e.diagnostics["lines"]
        assert (lines["ageing"].low, lines["ageing"].high) == pytest.approx((-0.053, -0.021), abs=5e-4)
        assert -0.18 < lines["history"].low == lines["history"].high < -0.14


def test_the_age_of_the_paper_is_not_that_at_the_introduction():
    paper = load_published("sleath-brown-2017")
    assert paper.sample.age_at == "the last recorded offence"
    for e in (e for e in map(load_evidence, paper.evidence) if e.kind == "count"):
        (ageing,) = (line for line in e.lines if line.confound.line == "ageing")
        assert ageing.confound.age_offset == Range(
            -1.5, 3.0
        )  # half the windows after, and all of the three years before
        assert "at the last recorded offence" in ageing.reason
        # the set over the ends holds what every age between them gives
        at = [ageing.confound.by_family(paper["arrests"], age_offset=k / 2)["empirical"] for k in range(-3, 7)]
        assert (min(at), max(at)) == (at[-1], at[0])


def test_a_title_of_a_set_states_no_belief_as_a_fact():
    assert load_evidence("arrests-in-score-2012").title.startswith("If ")


def test_regression_has_the_size_seen_in_people_without_a_programme():
    paper = load_published("sleath-brown-2017")
    lines = Ledger.from_evidence("england-wales-2012")(paper["arrests"], rng=1).diagnostics["lines"]
    assert 0.63 < 2.718281828 ** lines["regression to the mean"].low < 0.71


def test_an_unknown_set_names_those_that_there_are():
    with pytest.raises(SpecError, match="did you mean 'england-wales-2012'"):
        load_evidence("england-wales-2011")


def test_the_score_is_read_under_at_least_three_sets_of_its_own():
    paper = load_published("sleath-brown-2017")
    sets = [e for e in map(load_evidence, paper.evidence) if e.kind == "score"]
    assert len(sets) >= 3
    assert len({line.confound.line for e in sets for line in e.lines}) >= 3  # not variations of one allowance
    results = [Ledger(e.on("risk"))(paper["risk"], rng=1) for e in sets]
    assert all(e.estimate is None and e.scale == "points" for e in results)
    assert min(e.set_low for e in results) < 0 < max(e.set_high for e in results)


def test_figures_that_the_print_gives_are_those_of_the_print():
    paper = load_published("sleath-brown-2017")
    (error,) = load_evidence("chance-in-score-2012").confounds
    bounds = density_bounds(328.89, 142.71, 225, lowest=220, highest=1100, step=20)
    assert (error.edge_density.low, error.edge_density.high) == (
        floor(bounds[0] * 1e4) / 1e4,
        ceil(bounds[1] * 1e4) / 1e4,
    )
    assert [142.71 * (1 - r) ** 0.5 for r in (0.95, 0.8)] == pytest.approx([error.sem.low, error.sem.high], abs=0.2)
    (built,) = load_evidence("arrests-in-score-2012").confounds
    arrests = paper["arrests"]
    assert built.points_per_event.high == round(142.71 / arrests.sd_pre)
    assert built.events_change.mean == pytest.approx(arrests.mean_change)
    assert built.events_change.sd == pytest.approx(arrests.mean_change / arrests.t, abs=0.005)
    (lost,) = load_evidence("lost-to-follow-up-2012").confounds
    assert lost.delta.high == round(142.71)


def test_a_set_is_read_on_an_outcome_of_another_name():
    (error,) = load_evidence("chance-in-score-2012").on("harm")
    assert error.selection.variable == "harm"

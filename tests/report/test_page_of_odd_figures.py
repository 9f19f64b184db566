"""Odd but possible figures leave a page standing: what cannot be computed is said with its reason."""

from dataclasses import replace

import pytest

from iom_causal.confounds.evidence import load_evidence
from iom_causal.errors import NotIdentifiedError
from iom_causal.numerics.pair_moments import PairMoments
from iom_causal.panel import Panel
from iom_causal.published.printed import Printed
from iom_causal.published.study import load_published
from iom_causal.report import ledger_sections, sections, steps
from iom_causal.simulate.null_calibration import null_calibration
from iom_causal.simulate.null_picking import Exact

UNRELATED = [[before, after] for before in range(2, 7) for after in range(4)] * 3
"""Every count before with every count after: a correlation of exactly 0."""


def risen():
    """The template with a printed rise, of which one of the models has no interval."""
    paper = load_published("template")
    contacts = paper.outcome("contacts")
    effect = replace(contacts.test.effect_size, value=Printed("-0.46"))
    test = replace(contacts.test, value=Printed("-2.89"), effect_size=effect)
    change = replace(contacts.change, mean=Printed("-1.12"), low=Printed("-1.91"), high=Printed("-0.34"))
    after = replace(contacts.after, mean=Printed("5.37"), high=Printed("14"))
    return replace(paper, outcomes=(replace(contacts, after=after, test=test, change=change), *paper.outcomes[1:]))


def test_counts_that_do_not_go_together_have_a_null_calibration():
    found = null_calibration(Panel.from_arrays(UNRELATED, name="arrests"), rng=1, sims=100)
    assert found.n == len(UNRELATED)
    assert all(0 <= w.chance <= 1 for w in found.worlds)


def test_a_miss_of_moments_without_correlation_is_told():
    with pytest.raises(NotIdentifiedError, match=r"IOM-E068: no population .* has a .* in place of"):
        Exact(PairMoments(4.0, 1.43, 1.5, 0.1, 0.0)).first(1.0, (1.0,), asked=False)


def test_a_model_without_a_result_is_left_out_with_its_reason():
    cohorts, _ = steps.rebuilt_cohorts(risen(), 1, 60)
    found = steps.models(cohorts)
    assert "Poisson regression with correlated lognormal frailties, robust" not in {e.method for e in found.estimates}
    assert len(found.estimates) == len(steps.MODELS) - 1
    (why,) = found.sentences
    assert why.startswith("For contacts, Poisson mixed bivariate is not computed: the search for a profile interval")
    section = sections.models_section(found.estimates, found.sentences)
    assert section.paragraphs[-1] == why
    assert len(section.tables[0].rows) == len(steps.MODELS) - 1


def test_sets_of_evidence_for_other_years_are_left_out_with_their_reason():
    sets = load_published("sleath-brown-2017").evidence
    (found,) = steps.ledgers(replace(load_published("template"), evidence=sets), None, 1)
    assert not found.under
    no_ledger, *why = found.sentences
    assert no_ledger.startswith("For contacts no ledger is drawn up")
    assert len(why) == sum(load_evidence(name).kind == "count" for name in sets)
    assert all("the series does not cover the window from 2017-01-01" in text for text in why)
    assert ledger_sections.without_section(found.sentences, others=False).paragraphs == found.sentences

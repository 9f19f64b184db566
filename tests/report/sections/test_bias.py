"""What the page says of the ledger with a belief about the programme: of a print and of people, in three strengths."""

import re
from dataclasses import replace

import numpy as np
import pytest

from iom_causal.analysis import ledgers
from iom_causal.analysis.bias import posterior_under
from iom_causal.analysis.ledgers import OutcomeLedgers
from iom_causal.analysis.release import Release
from iom_causal.analysis.results import Refusal
from iom_causal.analysis.steps import Effort, Results
from iom_causal.base import wording
from iom_causal.bayes import BiasModel, components, under_priors
from iom_causal.bayes.shared.bias_posterior import UnderPrior
from iom_causal.beliefs import LogNormal, Normal
from iom_causal.confounds import Detection
from iom_causal.confounds.evidence import Evidence, EvidenceLine
from iom_causal.estimate import Estimate
from iom_causal.ledger import Ledger
from iom_causal.panel import Panel
from iom_causal.report.sections import bias
from iom_causal.report.sections import ledgers as part
from iom_causal.report.set_names import set_names
from tests.analysis.test_remainder_set import BY_CUT, counts
from tests.analysis.test_remainder_set import subject as people

QUICK = Effort(quick=True)


@pytest.fixture(scope="module", params=["print", "people"])
def found(request):
    if request.param == "print":
        paper = request.getfixturevalue("paper")
        return paper.subject, paper.results.of(ledgers.run)
    subject = people(counts(), BY_CUT)
    return subject, ledgers.run(subject, QUICK)


def ours(confound):
    line = EvidenceLine(confound=confound, source="", date="", reason="")
    return Evidence(name="ours", title="Ours", about="", kind="count", lines=(line,))


def texts(section):
    return (
        section.title,
        *section.said,
        *(t for x in section.tables for t in (x.caption, *x.columns, *(c for row in x.rows for c in row))),
    )


def test_every_set_is_shown_under_three_beliefs_and_none_on_the_first_page(found):
    subject, each = found
    called = set_names(subject)
    for one in each:
        shown = bias.section(one, subject)
        assert not shown.short
        remaining, shares = shown.tables
        assert [row[0] for row in remaining.rows] == [
            f"{called(u.evidence.name)}: {belief}" for u in one.under for belief in ("doubtful", "open", "none")
        ]
        assert shares.columns[1:] == tuple(called(u.evidence.name) for u in one.under)
        assert shares.rows[-1][0] == "remainder"
        assert bias.CONTRADICTED not in shown.paragraphs
        assert not [t for text in (*texts(shown), bias.CONTRADICTED) for t in wording.violations(text)]
    said = " ".join(part.headline(subject, Results({ledgers.run: each})))
    assert "probab" not in said
    assert "belief about the programme" not in said


def test_with_no_belief_it_shows_the_remainder_of_the_ledger(found):
    subject, each = found
    for one in (e.as_given(subject.release) for e in each):
        rows = [row for row in bias.section(one, subject).tables[0].rows if row[0].endswith(": none")]
        for u, row in zip(one.under, rows, strict=True):
            around = re.search(r"\((.+)\)$", part.remainder_text(u.result)).group(1)
            assert row[1].endswith(f"({around})")


def test_the_table_holds_every_prior_and_every_line(found):
    subject, each = found
    table = part.files(subject, Results({ledgers.run: each}))["bias.csv"].frame
    for one in each:
        for u in one.under:
            rows = table[(table["evidence"] == u.evidence.name) & (table["outcome"] == one.outcome)]
            assert list(rows["prior"])[:3] == ["doubtful", "open", "none"]
            assert set(rows["line"]) == set(components(u.posterior)[0])
            stated = rows[(rows["line"] == "remainder") & (rows["prior"] == "open")].iloc[0]
            assert stated["fall_low"] == pytest.approx(under_priors(u.posterior)["stated"].fall_low, abs=0.006)
    if subject.release.guarded:
        chances = table[["fall_low", "fall_high", "share_low", "share_high"]].to_numpy(dtype=float)
        assert np.nanmax(np.abs(chances - np.round(chances, 2))) < 1e-12
        assert all(len(f"{v:.6f}".rstrip("0").split(".")[1]) <= 3 for v in table["conf_low"])


@pytest.mark.parametrize(("sd", "said"), [(0.02, "say little about detection"), (0.5, "about detection under")])
def test_a_belief_that_hardly_moves_is_said_and_one_that_moves_too(sd, said):
    subject = people(counts(), BY_CUT)
    evidence = ours(Detection(ratio=LogNormal(0.9, sd)))
    under = ledgers.ledger_under(evidence, subject.cohort["arrests"], seed=1, draws=4000)
    paragraphs = bias.section(OutcomeLedgers("arrests", "count", (under,)), subject).paragraphs
    assert [said in text for text in paragraphs] == [False, True]
    moved = abs(components(under.posterior)[0]["detection"].contraction)
    assert f"by more than {moved:.0%}" in paragraphs[1] or f"falls by {moved:.0%}" in paragraphs[1]
    assert not [t for text in paragraphs for t in wording.violations(text)]


def with_draws(draws, programme=None):
    subject = people(counts(), BY_CUT)
    data, evidence = subject.cohort["arrests"], ours(Detection(ratio=LogNormal(0.9, 0.05)))
    under = ledgers.ledger_under(evidence, data, seed=1, draws=draws)
    if programme is not None:
        posterior = BiasModel(evidence.confounds, programme=programme, draws=draws)(data, rng=1)
        under = replace(under, posterior=posterior)
    return OutcomeLedgers("arrests", "count", (under,)), subject


def test_of_few_draws_no_change_of_a_belief_is_said():
    (few, subject), (enough, _) = with_draws(500), with_draws(4000)
    assert not any("say little" in text for text in bias.section(few, subject).paragraphs)
    assert any("say little" in text for text in bias.section(enough, subject).paragraphs)
    assert {row.get("contraction") for row in bias.rows([few], subject)} == {None}
    assert isinstance(bias.rows([enough], subject)[-1]["contraction"], float)


def test_where_belief_and_remainder_hardly_meet_there_is_no_figure():
    each, subject = with_draws(2000, Normal(3.0, 0.01))
    shown = bias.section(each, subject)
    assert "Under “ours” the belief “open” and what remains hardly meet: no figure." in shown.paragraphs
    remaining, shares = shown.tables
    assert remaining.rows[1] == ("ours: open", *("no figure",) * 4)
    assert "no figure" not in {*remaining.rows[0], *remaining.rows[2]}
    assert {cell for row in shares.rows for cell in row[1:]} <= {"no figure"}
    assert not [t for text in texts(shown) for t in wording.violations(text)]
    table = bias.rows([each], subject)
    assert [row["conf_low"] is None for row in table] == [False, True, False]
    assert [row["fall_low"] is None for row in table] == [False, True, False]


@pytest.mark.parametrize(
    ("value", "shown"), [(1.0, "over 99%"), (0.9999, "over 99%"), (0.99, "99%"), (0.0, "under 1%"), (0.5, "50%")]
)
def test_no_probability_is_shown_as_certain(value, shown):
    figures = UnderPrior("flat", 0.9, 0.9, 0.8, 1.0, value, value, value, value, 0.9, 0.9, 1e4, None, degenerate=False)
    of = Estimate(outcome="arrests", method="", scale="ratio", n_used=225)
    assert bias._cells(of, figures, Release())[1:3] == (shown, shown)


def test_it_is_said_whose_sd_a_belief_in_points_is_stated_in(paper, monkeypatch):
    risk = paper.results.of(ledgers.run)[1]
    assert risk.kind == "score"
    assert bias.section(risk, paper.subject).paragraphs[0].endswith("in standard deviations before, of 143 points.")
    monkeypatch.setattr(bias, "of_everybody", lambda _: False)
    said = bias.section(risk, paper.subject).paragraphs[0]
    assert said.endswith("in standard deviations before, of 143 points among those with both values.")
    assert not wording.violations(said)


def test_why_there_is_none_is_said():
    alike = Panel.from_arrays([[3.0, 1.0], [3.0, 2.0], [3.0, 0.5]], kind="score", name="risk")
    result, drawn = Ledger(draws=200).with_draws(alike, rng=1)
    refused = posterior_under(ours(Detection()), alike, result, drawn)
    assert isinstance(refused, Refusal)
    subject = people(counts(), BY_CUT)
    (one,) = ledgers.run(subject, QUICK)
    half = replace(one, under=(replace(one.under[0], posterior=refused), *one.under[1:]))
    shown = bias.section(half, subject)
    assert any("everybody had the same before" in text for text in shown.paragraphs)
    assert len(shown.tables[0].rows) == 3 * (len(one.under) - 1)
    none = bias.section(replace(one, under=tuple(replace(u, posterior=refused) for u in one.under)), subject)
    assert none.tables == ()
    assert not any(isinstance(u.posterior, Estimate) for u in half.under[:1])

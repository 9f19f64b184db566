"""The verdict of an evaluation as an estimator: the evaluation's own steps, to the sentence."""

import pickle
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from iom_causal.analysis.rehearsal.verdict import (
    AT_ODDS,
    FALL,
    NOTHING,
    OPEN,
    REFUSED,
    RISE,
    SETS_ALONE,
    STEPS,
    WORDS,
    Verdict,
    verdict_word,
)
from iom_causal.analysis.remainder_set import Contradiction, Reach, RemainderSet, remainder_sets
from iom_causal.analysis.steps import Effort, work
from iom_causal.base import wording
from iom_causal.confounds import ScoreRegression
from iom_causal.confounds.evidence import Evidence, EvidenceLine
from iom_causal.data.extract_parts import ExtractOutcome, ExtractWindow
from iom_causal.data.extracts import Extract
from iom_causal.data.release.disclosure import Disclosure
from iom_causal.errors import InputError, NotIdentifiedError, SpecError
from iom_causal.estimate import COLUMNS, Estimate
from iom_causal.evaluation import evaluate
from iom_causal.panel import Panel
from iom_causal.protocol.study import Study
from iom_causal.report.remainder_sentences import left_sentence
from iom_causal.roles import Estimator, batch
from iom_causal.windows import Selection, Window
from tests.analysis.test_remainder_set import BY_CUT, SOFTLY, counts

SEED = 5


def picked(rule=BY_CUT, others=(), ratio=1.0, **settings):
    """People with half of their rates new after, whom a rule kept, and a programme that keeps a share of the events."""
    rng = np.random.default_rng(3)
    both = counts(**settings)
    both = np.stack([both[:, 0], rng.binomial(both[:, 1], ratio)], axis=1)
    start = np.ma.MaskedArray(np.ones(len(both) + len(others), dtype=int), mask=False)
    start[len(both) :] = np.ma.masked
    selection = Selection("arrests", ("before",), **rule)
    return Panel.from_arrays([*both, *others], name="arrests", selection=selection, start=start)


def ran_up():
    rng = np.random.default_rng(15)
    rates = np.repeat(rng.gamma(1.0, 1.5, 1500)[:, None], 4, 1)
    up = rng.random(1500) < 0.15
    rates[up, 2] = 2 * rates[up, 2] + 2
    managed = up & (rng.random(1500) < 0.8)
    windows = [
        Window(label, 365 * k, 365 * (k + 1), post=k == 0)
        for k, label in enumerate(("2016", "2017", "before", "after"), -3)
    ]
    start = np.ma.MaskedArray(np.full(1500, 3), mask=~managed)
    rule = Selection("arrests", ("before",), "rate", "at_boundary")
    return Panel.from_arrays(rng.poisson(rates), name="arrests", windows=windows, start=start, selection=rule)


def scores():
    rng = np.random.default_rng(4)
    level = rng.normal(300, 60, 400)
    y = 20 * np.round((level[:, None] + rng.normal(0, 40, (400, 2)) + [0, -60]) / 20)
    rule = Selection("risk", ("before",), "at_least", "at_boundary", threshold=320)
    panel = Panel.from_arrays(y[y[:, 0] >= 320], kind="score", name="risk", selection=rule)
    sets = tuple(
        Evidence(name=f"off by {sem}", title="t", about="a", kind="score", lines=(_line(sem, rule),))
        for sem in (30, 40, 50)
    )
    return panel, Verdict(own_evidence=sets)


def _line(sem, rule):
    confound = ScoreRegression(sem=float(sem), bin_width=20.0, selection=rule)
    return EvidenceLine(confound=confound, source="s", date="2020", reason="r")


EVERYBODY = counts(lambda before: before >= 0, n=400, seed=2)
PANELS = {
    "cut": lambda: (picked(), Verdict()),
    "cut, others": lambda: (picked(others=EVERYBODY), Verdict()),
    "softly": lambda: (picked(SOFTLY, n=150), Verdict(disclosure=Disclosure(research=True, reason="invented people"))),
    "halved": lambda: (picked(ratio=0.3, n=400), Verdict()),
    "run-up": lambda: (ran_up(), Verdict()),
    "score": scores,
}


@pytest.mark.parametrize("name", PANELS)
def test_it_is_what_the_evaluation_works_out(name):
    panel, verdict = PANELS[name]()
    found = verdict(panel, rng=SEED)
    people = verdict.subject(panel)
    (whole,) = remainder_sets(work(people, Effort(SEED, quick=True), *STEPS), people.release)
    assert (found.conf_low, found.conf_high) == whole.whole
    assert whole.whole.low <= found.set_low <= found.set_high <= whole.whole.high
    word = found.diagnostics["verdict"]
    assert word == verdict_word(whole)
    assert found.notes[0] == f"verdict: {word}"
    said = left_sentence("What remains", whole)
    assert ("nothing remains, is among them" in said) == (word in {NOTHING, OPEN, AT_ODDS})
    assert ("nothing may remain. The sets" in said) == (word == AT_ODDS)
    assert (" alone" in said.split(".")[1]) <= (word == OPEN)
    assert {"halved": FALL, "run-up": AT_ODDS, "cut": NOTHING}.get(name, word) == word


def test_it_says_what_the_report_of_the_same_file_says(tmp_path):
    panel = picked(ratio=0.3, n=400)
    rows = [f"p{k},{a},{b}" for k, (a, b) in enumerate(panel.outcome.tolist())]
    (tmp_path / "people.csv").write_text("\n".join(["urn,a,b", *rows]), encoding="utf-8")
    extract = Extract(
        file="people.csv",
        id="urn",
        outcomes=(ExtractOutcome(name="arrests", kind="count", columns=("a", "b")),),
        windows=(ExtractWindow(label="before"), ExtractWindow(label="after", post=True)),
        equal_windows=True,
    )
    study = Study(title="a panel", extract=extract, selection=panel.selection, folder=tmp_path)
    report = evaluate(study, rng=SEED, quick=True)
    found = Verdict.of(study)(panel, rng=SEED)
    (left,) = report.remainders
    assert (found.conf_low, found.conf_high) == left.whole
    assert found.diagnostics["verdict"] == FALL
    (boxed,) = [text for text in report.page.can_say if "may be left" in text]
    reach = f"any ratio from {found.conf_low:.2f} to {found.conf_high:.2f} may be left"
    assert f"{reach}, and 1, at which nothing remains, is not among them" in boxed


REACHES = [(0.5, 0.8), (0.6, 1.0), (0.7, 1.2), (1.0, 1.3), (1.1, 1.4)]


@pytest.mark.parametrize("worlds", [None, *REACHES])
def test_every_state_of_the_box_has_one_word(worlds):
    for sets in REACHES:
        left = RemainderSet(
            outcome="arrests",
            kind="count",
            scale="ratio",
            sets=("a", "b", "c"),
            over_sets=Reach(*sets),
            over_worlds=None if worlds is None else Reach(*worlds),
            backgrounds=(1.0, 0.9),
        )
        word = verdict_word(left)
        assert (word in {NOTHING, OPEN}) == left.holds_nothing
        assert not left.at_odds or word == OPEN
        assert word != FALL or left.whole.high < 1
        assert word != RISE or left.whole.low > 1
        assert verdict_word(replace(left, contradiction=Contradiction("none", ("2016",)))) == AT_ODDS


def test_where_the_evaluation_says_nothing_the_reason_is_raised():
    panel = picked()
    with pytest.raises(NotIdentifiedError, match=r"E068: no rule is stated"):
        Verdict()(replace(panel, selection=None), rng=1)
    with pytest.raises(InputError, match=r"E060.*at least 10 people"):
        Verdict()(picked(n=8), rng=1)
    with pytest.raises(InputError, match=r"E068.*fewer arrests"):
        Verdict()(Panel.from_arrays(EVERYBODY, name="arrests", selection=panel.selection), rng=1)
    with pytest.raises(InputError, match="E066"):
        Verdict()(replace(panel, kind="amount", outcome=panel.outcome * 1.0), rng=1)
    with pytest.raises(InputError, match="E047"):
        Verdict()(replace(panel, outcome=panel.outcome[None]), rng=1)
    with pytest.raises(NotIdentifiedError, match="E068: fewer than three sets of evidence are stated"):
        Verdict()(scores()[0], rng=1)
    with pytest.raises(SpecError, match=r"E097.*Verdict\(\)\(panel\)"):
        Verdict(evidence=panel)


def test_it_is_an_estimator_like_any_other():
    verdict, panel = Verdict(), picked()
    assert isinstance(verdict, Estimator)
    names = {"Verdict": Verdict, "Disclosure": Disclosure}
    assert eval(repr(verdict), names) == verdict  # noqa: S307 our own repr
    assert pickle.loads(pickle.dumps(verdict)) == verdict  # noqa: S301 our own bytes
    found = verdict(panel, rng=1)
    assert found.to_dict() == verdict(panel, rng=1).to_dict()
    assert Estimate.from_dict(found.to_dict()).row() == found.row()
    assert tuple(found.tidy().columns) == COLUMNS
    assert (found.estimand, found.scale, found.interval) == ("att_ratio", "ratio", "bounds")
    assert (found.n_input, found.n_used) == (100, 100)


def test_a_batch_tells_every_verdict_and_counts_what_is_refused():
    panel = picked()
    below = panel.outcome.copy()
    below[0, 0] = 0
    many = batch(Verdict(), replace(panel, outcome=np.stack([panel.outcome, below]), start=panel.start), rng=1)
    assert many.code.tolist() == [0, 68]
    one = Verdict()(panel, rng=1)
    assert many.notes[0] == one.notes
    assert (many.conf_low[0], many.conf_high[0]) == pytest.approx((one.conf_low, one.conf_high), abs=0.1)


def test_words_are_few_and_keep_the_rules_of_wording():
    assert list(WORDS) == [FALL, NOTHING, OPEN, AT_ODDS, RISE, REFUSED]
    assert not any(wording.violations(text) for pair in WORDS.items() for text in pair)
    assert all(a != b for a, b in pairwise(WORDS))


def test_a_verdict_that_no_null_model_stands_behind_says_so():
    """A few people with most events, seven in ten with a new level after: no evidence set holds, and no model fits."""
    rng = np.random.default_rng(0)
    before = np.where(rng.random(60_000) < 0.15, 8.0, 0.94)
    after = np.where(rng.random(60_000) < 0.7, rng.permutation(before), before)
    both = rng.poisson(np.stack([before, after], axis=1))
    rule = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=4)
    panel = Panel.from_arrays(both[both[:, 0] >= 4][:225], name="arrests", selection=rule)
    found = Verdict()(panel, rng=1)
    assert found.diagnostics["verdict"] == FALL  # of a programme that does nothing
    assert "null_models_low" not in found.diagnostics
    assert SETS_ALONE in found.notes
    assert not wording.violations(SETS_ALONE)
    assert SETS_ALONE not in Verdict()(picked(), rng=1).notes

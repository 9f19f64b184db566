"""A ledger to be moved starts where its set stands, reaches to the ends of its lines, and tells no more."""

import math
import re
from importlib.resources import files

import pytest

from iom_causal.analysis.ledgers import OutcomeLedgers, ledger_under
from iom_causal.analysis.release import Release
from iom_causal.base import wording
from iom_causal.beliefs import LogNormal, Range
from iom_causal.confounds import Detection, RegressionToMean
from iom_causal.confounds.evidence import Evidence, EvidenceLine
from iom_causal.data.release.disclosure import Disclosure
from iom_causal.inputs.lines import REMAINDER
from iom_causal.ledger import lines
from iom_causal.moments import Moments
from iom_causal.report.sections.live import WORDS, live

PRINT = Moments.from_summary(n=225, mean_pre=6.84, mean_post=3.61, sd_pre=4.0, sd_post=3.4, r=0.4, name="arrests")


def evidence(*confounds):
    grounds = (EvidenceLine(confound=c, source="s", date="2012", reason="r") for c in confounds)
    return Evidence(name="a-set", title="A set", about="What it stands for.", kind="count", lines=tuple(grounds))


def drawn(*confounds, data=PRINT):
    under = ledger_under(evidence(*confounds), data, seed=1, draws=500, bare=True)
    return OutcomeLedgers(data.name, "count", under=(under,))


def left(one):
    return one.observed.start - sum(line.start for line in one.lines) + one.rounded


SHARP = (RegressionToMean(method="none"), Detection(ratio=LogNormal(0.9, 0.05)))


def test_a_set_starts_at_its_remainder_and_reaches_to_the_limits_of_its_lines():
    found = drawn(*SHARP)
    made = live(found)
    (one,), of = made.sets, lines(found.under[0].result)
    assert math.exp(left(one)) == pytest.approx(found.under[0].result.estimate, abs=1e-7)
    assert [line.name for line in one.lines] == ["regression to the mean", "detection"]
    none, detection = one.lines
    assert none.low == none.start == none.high == 0.0
    assert (detection.low, detection.high) == pytest.approx(of["detection"][2:], abs=1e-8)
    assert detection.start == pytest.approx(math.log(0.9), abs=1e-8)
    assert "0.90 of what it was" in detection.about
    assert one.observed.low == one.observed.high


def test_a_range_starts_in_its_middle_and_nothing_is_made_up_by_rounding():
    found = drawn(RegressionToMean(method="none"), Detection(ratio=Range(0.8, 1.0)))
    (one,) = live(found).sets
    assert one.lines[1].start == pytest.approx(math.log(0.8) / 2, abs=1e-8)
    assert (one.lines[1].low, one.lines[1].high) == pytest.approx((math.log(0.8), 0.0), abs=1e-8)
    assert one.rounded == 0.0
    assert math.isclose(left(one), sum(lines(found.under[0].result)[REMAINDER][:2]) / 2, abs_tol=1e-8)


def test_of_people_every_value_is_one_of_those_that_are_given():
    found = drawn(*SHARP).as_given(Release(Disclosure()))
    (one,), of = live(found).sets, lines(found.under[0].result)
    given = {round(value, 9) + 0.0 for line in of.values() for value in line}
    knobs = (one.observed, *one.lines)
    assert {value for knob in knobs for value in (knob.low, knob.start, knob.high)} <= given
    assert math.exp(left(one)) == pytest.approx(found.under[0].result.estimate, abs=1e-7)
    assert one.rounded != 0.0


def test_what_the_script_says_keeps_the_rules_of_wording():
    for text in WORDS.values():
        assert wording.violations(text) == (), text
    assert WORDS["left"].startswith("If these allowances are right")


def test_the_script_uses_every_text_and_knows_each_that_it_uses():
    script = (files("iom_causal.report.render") / "ledger.js").read_text(encoding="utf-8")
    used = set(re.findall(r"\bwords\.(\w+)", script))
    assert used == set(WORDS)

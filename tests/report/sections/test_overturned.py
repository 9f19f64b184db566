"""What would overturn an answer: one sentence with one setting, its size and what is believed of it."""

import math
import re

import pytest

from iom_causal.analysis import comparison, ledgers
from iom_causal.analysis.first_answer import Overturning, overturning
from iom_causal.base import wording
from iom_causal.base.setting_paths import label, replace_path
from iom_causal.confounds import CONFOUNDS
from iom_causal.estimate import Estimate
from iom_causal.evaluation import evaluate
from iom_causal.ledger import Ledger
from iom_causal.report.sections.first_screen import OPEN, OVERTURN
from iom_causal.report.sections.overturned import CLAUSES, _in_the_middle
from iom_causal.sensitivity.tipping import Tipping
from tests.report.sections.people import study


def said(result):
    text = dict(result.page.first.sentences)[OVERTURN]
    assert wording.violations(text) == ()
    return text


@pytest.fixture
def of(tmp_path, request):
    """Evaluate invented people of a kind."""
    request.getfixturevalue("without_null_calibration")
    return lambda kind, **more: evaluate(study(kind, tmp_path, **more), quick=True)


def test_of_people_picked_at_a_cut_it_is_how_far_rates_last_inside_what_is_believed(of):
    result = of("cut")
    text = said(result)
    share = re.fullmatch(
        r"All of the fall would have come anyway if these people’s usual rate of arrests falls by at least (\d+)% "
        r"without a programme \(the rest is chance evening out\); one set of the assumptions here has 0% to 30%, so "
        r"this may be so\.",
        text,
    )
    # at that share the ledger of the set leaves nothing, by a call that does not search
    (found,) = result.results.of(ledgers.run)
    under = next(u for u in found.under if u.evidence.name.startswith("picked-on-count-drifting"))
    at = replace_path(Ledger(under.evidence.confounds), "regression_to_mean.persistence", 1 - int(share[1]) / 100)
    assert at.central(result.cohorts["arrests"]) == pytest.approx(0, abs=0.012)
    # and where it falls further, less than nothing: "at least" points the right way
    less = replace_path(Ledger(under.evidence.confounds), "regression_to_mean.persistence", 0.9 - int(share[1]) / 100)
    assert less.central(result.cohorts["arrests"]) > 0.012


def test_of_a_rise_it_is_what_no_set_allows_for_and_what_to_check_follows(of):
    result = of("rise")
    assert re.fullmatch(
        r"The rise says nothing of the programme if at least \d+% more of the same conduct was recorded than before "
        r"\(enough to make up for the fall that was to be expected as well\); no allowance was made for that here\.",
        said(result),
    )
    assert result.page.first.then[0] == (
        "Check whether recording changed: whether more of the same conduct came to be recorded."
    )


def test_of_a_comparison_it_is_how_far_the_groups_would_come_apart(of):
    result = of("alike")
    text = said(result)
    size, least, most = map(int, re.findall(r"(\d+)%", text))
    contrast = next(e for each in comparisons(result) for e in each.offered)
    assert size == pytest.approx(100 * (1 - contrast.estimate), abs=1)
    limits = [100 * (1 - contrast.conf_high), 100 * (1 - contrast.conf_low)]
    assert [least, most] == pytest.approx(limits, abs=2)  # a limit is given a step further out
    assert text.endswith(
        f"if without the programme, too, managed people had come out {size}% lower (by the interval {least}% to "
        f"{most}%) than expected from people not managed."
    )
    above = dict(result.page.first.sentences)[OPEN]
    assert f"came out {size}% (95% interval {least}% to {most}%) lower" in above


def comparisons(result):
    return result.results.of(comparison.run)


def test_windows_before_tell_how_far_the_groups_came_apart_then(of):
    assert re.search(
        r"In the periods before, the two came apart by up to \d+% from one to the next\.", said(of("runs"))
    )


def test_where_chance_is_enough_nothing_need_have_happened(of):
    assert said(of("alike", factor=1.0)).startswith("Chance alone could have brought managed people as far")


def test_of_a_score_picked_at_a_cut_it_is_the_error_of_one_score(of):
    result = of("score")
    points = re.search(r"how far chance moves one score of one person, is about (\d+) points or more", said(result))
    people = result.cohorts["risk"]
    fall = people.before.mean() - people.after.mean()
    assert int(points[1]) == pytest.approx((fall * (people.before.mean() - 280)) ** 0.5, abs=1)


def test_of_a_share_it_is_that_others_like_them_changed_as_much(of):
    assert re.fullmatch(
        r"All of the fall would have come anyway if people picked alike who were not managed fell by \d+ points too: "
        r"they were not counted here\.",
        said(of("share")),
    )


def test_of_a_pool_that_is_not_known_it_is_its_mean(of):
    assert re.fullmatch(
        r"All of the fall would have come anyway if the whole list they were picked from averaged no more than [\d.]+ "
        r"arrests \(those picked: [\d.]+\), by the simplest reckoning; what it averaged is not known here\.",
        said(of("unstated")),
    )


def at(field, value, believed, *, stated=True, now=1.0, remainder=0.8, rose=False):
    low, high = value if isinstance(value, tuple) else (None, None)
    tip = Tipping(field, None if low is not None else value, now, (0.02, 50.0), remainder, low, high)
    return Overturning(None, tip, believed, stated, rose)


def test_the_gap_is_from_what_is_believed_to_where_nothing_is_left_in_every_case():
    assert at("a", 2.0, (0.5, 1.0)).gap == pytest.approx(0.6931471805599453)
    assert at("a", 0.25, (0.5, 1.0)).gap == pytest.approx(0.6931471805599453)
    assert at("a", 0.7, (0.5, 1.0)).gap == 0
    assert at("a", (0.2, 0.6), (0.5, 1.0)).gap == pytest.approx(math.log(0.5 / 0.2))  # "no more than 0.2" is said
    assert at("a", (0.9, 1.2), (0.5, 1.0)).gap == 0
    assert at("a", -3.0, (-1.0, 1.0)).gap == 2.0


@pytest.mark.parametrize(
    ("value", "remainder", "rose", "side"),
    [
        (0.8, 0.7, False, -1),  # a fall of which something is left: nothing from there away from the setting as it is
        (1.3, 0.7, False, 1),
        (0.8, 1.1, False, 1),  # nothing is left as it is: so it goes on towards the setting as it is
        (1.3, 1.1, False, -1),
        (1.3, 1.2, True, 1),  # a rise
        (0.8, 1.2, True, -1),
        (1.3, 0.9, True, -1),
        ((0.9, 1.2), 0.7, False, 0),  # on either side of it
        ((0.6, 0.7), 0.7, False, -1),
    ],
)
def test_the_side_on_which_nothing_is_left(value, remainder, rose, side):
    assert at("a", value, (0.5, 1.0), remainder=remainder, rose=rose).side == side


def test_a_set_that_leaves_nothing_as_it_stands_says_so():
    assert at("detection.ratio", (0.8, 1.2), (1.0, 1.0), stated=False).as_it_stands
    assert not at("detection.ratio", (1.1, 1.2), (1.0, 1.0), stated=False).as_it_stands
    assert not at("detection.ratio", (0.8, 1.2), (0.9, 1.1)).as_it_stands
    assert at("detection.ratio", 1.1, (1.0, 1.0), stated=False, remainder=1.1).as_it_stands
    assert at("detection.ratio", 1.1, (1.0, 1.0), stated=False, remainder=1.1).gap == 0
    assert at("detection.ratio", 0.9, (1.0, 1.0), stated=False, remainder=0.9, rose=True).as_it_stands
    assert not at("detection.ratio", 0.9, (1.0, 1.0), stated=False, remainder=1.1, rose=True).as_it_stands


def test_of_people_of_whom_more_was_to_be_expected_no_recording_need_have_changed(of):
    assert said(of("little")) == (
        "Under each of this page’s sets of assumptions, all of the fall was to be expected already: nothing more would "
        "have to be so."
    )


def test_of_the_papers_sets_it_is_the_nearest(paper):
    for found in paper.results.of(ledgers.run):
        nearest = overturning(found, rose=False)
        assert nearest.gap == 0
        assert nearest.stated
    assert overturning(paper.results.of(ledgers.run)[0], rose=False).tip.field == "regression_to_mean.comparable_mean"


def test_every_setting_that_is_moved_has_its_words():
    moved = {
        f"{label(c)}.{name}" for c in CONFOUNDS for kind in ("count", "score") for name in c.in_ledger(kind).tipped
    }
    assert moved - {"detection.ratio"} == set(CLAUSES)


def test_an_estimate_in_the_middle():
    e = Estimate(outcome="a", method="m", scale="ratio", set_low=0.4, set_high=1.6, conf_low=0.25, conf_high=4.0,
                 interval="robust", n_input=9, n_used=9)  # fmt: skip
    assert _in_the_middle(e).estimate == 1.0

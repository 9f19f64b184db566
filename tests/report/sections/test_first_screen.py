"""The first screen in words: what fell, how much of it was to be expected, what stays open, what to do next."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from iom_causal.analysis.change import BareMeans, Completers
from iom_causal.analysis.first_answer import Band, FirstAnswer, Side
from iom_causal.analysis.remainder_set import Contradiction, Reach, RemainderSet
from iom_causal.analysis.steps import Results
from iom_causal.base import wording
from iom_causal.base.axes_of_answers import OF_COMPARISON, Expected, before_expected_after
from iom_causal.estimate import Estimate
from iom_causal.estimators import DiffInDiff
from iom_causal.evaluation import evaluate
from iom_causal.report.answer_words import moves
from iom_causal.report.sections import first_screen
from iom_causal.report.verdict import verdict


def ratio(value, low, high):
    return Estimate(
        outcome="arrests", method="rate ratio", scale="ratio", estimate=value, conf_low=low, conf_high=high,
        interval="robust", n_input=225, n_used=225,
    )  # fmt: skip


def left(low, high, scale="ratio"):
    return RemainderSet(
        outcome="arrests", kind="count", scale=scale, sets=("one", "two", "three"), over_sets=Reach(low, high)
    )


def answer(after=3.6, *, before=6.84, change=None, kind="count", **more):
    change = ratio(after / before, 0.47, 0.59) if change is None else change
    return FirstAnswer(outcome="arrests", kind=kind, before=before, after=after, change=change, **more)


def test_what_was_to_be_expected_is_the_level_after_without_the_programmes_share():
    band = answer(left=left(0.5, 2.0)).expected
    assert band == pytest.approx((1.8, 7.2))
    assert answer(after=60.0, before=64.0, kind="score", left=left(-5, 3, "points")).expected == Band(57.0, 65.0)


def test_of_a_comparison_it_goes_by_the_interval_of_its_estimate():
    assert answer(contrast=ratio(0.75, 0.6, 0.9)).compared == pytest.approx((4.0, 6.0))
    assert answer().compared is None


@pytest.mark.parametrize(
    ("band", "said"),
    [
        (Band(2.1, 6.4), "a fall of 6% to 69%"),
        (Band(6.84, 6.84), "no change"),
        (Band(3.42, 3.42), "a fall of 50%"),
        (Band(6.0, 7.524), "anything from a fall of 12% to a rise of 10%"),
        (Band(7.524, 8.208), "a rise of 10% to 20%"),
        (Band(3.42, 6.84), "anything from no change to a fall of 50%"),
    ],
)
def test_bands_are_said_as_changes(band, said):
    assert moves(answer(), band) == said


def test_bands_of_a_score_are_said_in_points():
    change = BareMeans("risk", "score", 64.0, 60.0)
    assert moves(answer(60.0, before=64.0, change=change, kind="score"), Band(54.0, 62.0)) == (
        "a fall of 2.0 to 10.0 points"
    )


@pytest.mark.parametrize(
    ("of", "asked"),
    [
        (answer(), "Arrests fell by 47%: how much of that, if any, did the programme do?"),
        (answer(8.208, before=6.84), "Arrests rose by 20%: how much of that, if any, did the programme do?"),
        (answer(6.84), "How much of the change in arrests, if any, did the programme do?"),
        (None, "How much of the change, if any, did the programme do?"),
        (
            answer(0.25, before=0.5, change=BareMeans("arrests", "binary", 0.5, 0.25), kind="binary"),
            "Arrests fell by 25 points: how much of that, if any, did the programme do?",
        ),
        (
            FirstAnswer(
                outcome="risk", kind="score", before=None, after=None,
                change=Completers("risk", "score", -112.4, -42.0, 187),
            ),
            "How much of the change in risk, if any, did the programme do?",
        ),
    ],
)  # fmt: skip
def test_the_question_has_the_outcomes_own_word(of, asked):
    assert first_screen.question(of) == asked
    assert wording.violations(asked) == ()


def heights(ax):
    return [round(patch.get_height(), 6) for patch in ax.patches]


def test_the_picture_shows_before_expected_and_after_to_scale():
    ax = before_expected_after(
        6.84, 3.6, (Expected("by assumptions", 2.1, 6.4),), unit="Arrests a person", said="inside what was expected"
    )
    assert heights(ax) == [6.84, 3.6, 4.3]
    assert ax.patches[2].get_y() == 2.1
    assert [t.get_text() for t in ax.texts] == ["6.8", "3.6", "6.4", "2.1", "after: inside what\nwas expected"]
    assert list(ax.lines[0].get_ydata()) == [3.6, 3.6]


def test_the_dotted_line_ends_where_the_bar_after_begins_and_does_not_reach_that_before():
    ax = before_expected_after(6.84, 3.6, (Expected("", 2.1, 6.4),), unit="Arrests a person")
    first, last = ax.lines[0].get_xdata()
    assert ax.patches[0].get_x() + ax.patches[0].get_width() < first < ax.patches[2].get_x()
    assert last == pytest.approx(ax.patches[1].get_x())


def test_the_picture_says_where_nothing_is_known_from_the_level_after_to_that_before():
    ax = before_expected_after(6.84, 3.6, (), unit="Arrests a person")
    assert "?" in [t.get_text() for t in ax.texts]
    assert "not known" in " ".join(t.get_text() for t in ax.get_xticklabels()).replace("\n", " ")
    assert (ax.patches[2].get_y(), heights(ax)[2]) == (3.6, pytest.approx(3.24))


def test_a_picture_of_nothing_at_all_has_room():
    assert before_expected_after(0.0, 0.0, (), unit="Arrests").get_ylim() == (0.0, 1.0)


def test_a_band_without_an_upper_limit_says_from_where_it_goes():
    ax = before_expected_after(6.84, 3.6, (Expected("", 2.1, float("inf")),), unit="Arrests a person")
    assert [t.get_text() for t in ax.texts][2] == "2.1 or more"


def test_of_two_answers_each_has_its_band_and_a_comparison_looks_different():
    bands = (Expected("the others", 3.0, 5.0, compared=True), Expected("assumptions", 2.0, 6.0))
    ax = before_expected_after(6.84, 3.6, bands, unit="Arrests")
    assert [t.get_text() for t in ax.get_xticklabels()] == ["before", "the others", "assumptions", "after"]
    hatches = [patch.get_hatch() for patch in ax.patches[2:]]
    assert hatches[0] == OF_COMPARISON.hatch != hatches[1]


def compared(low, high, **more):
    e = replace(ratio((low * high) ** 0.5, low, high), spec=DiffInDiff())
    return answer(contrast=e, **more)


@pytest.mark.parametrize(
    ("of", "side", "said"),
    [
        (answer(), Side.NOT_KNOWN, "Cannot tell: anything from none to all of it might have come anyway."),
        (answer(left=left(0.5, 1.0)), Side.INSIDE, "Cannot tell: all of it might have come anyway."),
        (answer(8.2, left=left(0.5, 1.0)), Side.INSIDE, "Cannot tell: all of it might have come anyway."),
        (
            answer(left=left(0.5, 0.9)),
            Side.BELOW,
            "Fewer arrests than was to be expected; that does not show that the programme did it.",
        ),
        (
            answer(8.2, left=left(1.1, 1.3)),
            Side.ABOVE,
            "More arrests than was to be expected; that does not show that the programme did it.",
        ),
        (
            answer(left=replace(left(0.5, 0.9), days_differ=True)),
            Side.BELOW,
            "Cannot tell: fewer arrests than the assumptions lead to, but days at risk differ between people.",
        ),
        (
            compared(0.5, 0.7),
            Side.BELOW,
            "Fewer arrests than was to be expected if the comparison holds; these data cannot show whether that is so.",
        ),
        (
            compared(1.2, 1.7, left=left(1.1, 1.5)),
            Side.ABOVE,
            "More arrests than was to be expected if the comparison holds; these data cannot show whether that is so.",
        ),
        (compared(0.8, 1.1), Side.INSIDE, "Cannot tell: all of it might have come anyway."),
        (
            compared(0.5, 0.7, left=left(0.5, 1.1)),
            Side.BELOW,
            (
                "Cannot tell: fewer arrests than was to be expected by the comparison, as many as expected by the "
                "assumptions."
            ),
        ),
    ],
)
def test_the_verdict_goes_by_where_the_level_after_lies(of, side, said):
    assert of.standing.side is side
    found = verdict(of)
    assert found.text == said
    for text in found:
        assert wording.violations(text) == ()
    drawn = {Side.INSIDE: "inside", Side.BELOW: "fewer", Side.ABOVE: "more", Side.NOT_KNOWN: "not known"}
    assert drawn[side] in found.drawn


def said(of, **found):
    """Return the sentences on what was to be expected and on what stays open, of people without more."""
    subject = SimpleNamespace(compared=False, rule=None, called="managed people", **found)
    return first_screen._anyway(of, subject, Results()), first_screen._open(of, subject, Results())


@pytest.mark.parametrize(
    ("after", "ends", "smaller"),
    [(4.0, (0.5, 1.2), True), (4.0, (0.5, 1.0), False), (8.2, (0.8, 1.3), True), (8.2, (1.0, 1.3), False)],
)
def test_where_more_may_have_been_due_the_programme_may_have_held_it_back(after, ends, smaller):
    assert (", or held it back;" in said(answer(after, left=left(*ends)))[1]) is smaller


def test_where_nothing_is_known_it_may_be_none_or_all():
    anyway, open_ = said(answer())
    assert anyway.startswith("Anything from none to all of it may have come anyway: ")
    assert open_.startswith("These data do not settle whether the programme did any of the fall; this should not")
    assert said(answer(6.84))[1].startswith("These data do not settle whether the programme did any of the change")


@pytest.mark.parametrize(
    ("ends", "opens"),
    [
        ((0.5, 1.2), "What was seen lies inside that range: these data do not settle"),
        ((0.5, 1.0), "What was seen lies inside that range: these data do not settle"),
        (
            (0.5, 0.9),
            "What was seen lies below that range: less than was to be expected, if one of these sets is right",
        ),
        (
            (1.1, 1.4),
            "What was seen lies above that range: more than was to be expected, if one of these sets is right",
        ),
    ],
)
def test_what_stays_open_goes_by_where_the_level_after_lies(ends, opens):
    anyway, open_ = said(answer(left=left(*ends)))
    assert open_.startswith(opens)
    assert anyway.startswith("Without the programme a")
    assert (
        "depending on which of the study’s own three sets of assumptions about what was not measured is right" in anyway
    )
    for text in (anyway, open_):
        assert wording.violations(text) == ()


def test_days_that_differ_and_windows_that_contradict_are_said():
    differ = replace(left(0.5, 0.9), days_differ=True)
    assert said(answer(left=differ))[1].endswith("this does not rule out that nothing is left.")
    looks = replace(left(0.5, 0.9), contradiction=Contradiction("run-up", ("before",)))
    anyway, open_ = said(answer(left=looks))
    assert " or more was to be expected" in anyway
    assert open_.startswith("Counts from before they were picked look otherwise")


def test_worlds_are_named_where_they_reach_beyond_the_sets():
    wider = replace(left(0.5, 0.9), over_worlds=Reach(0.4, 1.2), backgrounds=(1.0,))
    assert "or of the simulated cohorts in which the programme does nothing, is right" in said(answer(left=wider))[0]
    assert "simulated cohorts" not in said(answer(left=left(0.5, 0.9)))[0]


def test_nobody_picked_on_a_rate_is_said_to_come_down_from_many():
    rate = SimpleNamespace(rule="rate", timing="at_boundary")
    subject = SimpleNamespace(compared=False, rule=rate, called="managed people")
    assert "have fewer later" not in first_screen._anyway(answer(left=left(0.5, 0.9)), subject, Results())


@pytest.mark.parametrize(("after", "points"), [(3.26, "0.70 to 0.78"), (2.0, "0.7 to 0.8")])
def test_points_of_a_short_scale_have_decimals(after, points):
    few = BareMeans("risk", "score", 4.0, after)
    band = Band(3.22, 3.3)
    assert moves(answer(after, before=4.0, change=few, kind="score"), band) == f"a fall of {points} points"


def test_the_first_screen_of_the_paper(paper):
    assert paper.page.first.question == "Arrests fell by 47%: how much of that, if any, did the programme do?"
    assert dict(paper.page.first.sentences) == {
        "What changed": (
            "The number of arrests of 225 people fell by 47% over equal periods (95% interval 41% to 53%), whatever "
            "brought it about."
        ),
        "What was to be expected anyway": (
            "Without the programme a fall of 4% to 69% was to be expected, depending on which of this page’s four sets "
            "of assumptions about what was not measured is right: people picked with many arrests have fewer later, "
            "programme or not."
        ),
        "What stays open": (
            "What was seen lies inside that range: these data do not settle whether the programme did any of the fall, "
            "or held it back; this should not be taken to mean that the programme fails to help managed people."
        ),
        "What it would take": (
            "All of the fall would have come anyway if the whole list they were picked from averaged no more than 1.9 "
            "arrests; one set of the assumptions here has 1.7 to 2.8, so this may be so."
        ),
    }
    assert paper.page.first.verdict == "Cannot tell: all of it might have come anyway."
    assert paper.page.first.then[0] == (
        "Ask what is open of how people were picked: by which figure, over which time, from how many on, by whom."
    )
    assert paper.page.first.then[1] == "Find out the average of the same people in an earlier window."
    assert paper.page.first.level == (
        "Design: level 2 of 5 (Maryland scale; 5 is a lottery). It shows a change, not its cause."
    )
    assert paper.page.first.picture.alt == (
        "Arrests a person in 18 months: before 6.8; expected without it, by assumptions: 2.1 to 6.5; after 3.6, inside "
        "what was to be expected."
    )


def test_a_mean_too_small_to_be_given_has_no_picture(tmp_path):
    rows = ["id,before,after", *(f"p{k},{13 * (k == 0)},{k % 2}" for k in range(60))]
    (tmp_path / "people.csv").write_text("\n".join(rows), encoding="utf-8")
    (tmp_path / "study.toml").write_text(
        '[study]\ntitle = "Ours"\n[study.extract]\nfile = "people.csv"\nid = "id"\nequal_windows = true\n'
        'windows = [ { label = "before" }, { label = "after", post = true } ]\n'
        'outcomes = [ { name = "arrests", kind = "count", columns = ["before", "after"] } ]\n',
        encoding="utf-8",
    )
    first = evaluate(tmp_path / "study.toml", quick=True).page.first
    assert first.question == "How much of the change in arrests, if any, did the programme do?"
    assert first.picture is None


STUDY = """[study]
title = "Ours"
invented = true
{rule}
[study.extract]
file = "people.csv"
id = "id"
{group}
windows = [ {{ label = "before", months = 12 }}, {{ label = "after", months = 12, post = true }} ]
outcomes = [ {{ name = "{name}", kind = "{kind}", columns = ["y0", "y1"], missing = "keep" }} ]
"""
AT_LEAST = (
    'selection = {{ variable = "arrests", windows = ["before"], rule = "at_least", threshold = {}, '
    'timing = "at_boundary" }}'
)


@pytest.fixture
def screen(tmp_path, request):
    """Return the first screen of 200 people with five arrests or more before, of whom some have no count after."""
    request.getfixturevalue("without_null_calibration")

    def of(*, threshold=None, lost=0, others=False, name="arrests", kind="count"):
        rng = np.random.default_rng(3)
        rates = rng.gamma(2.0, 2.0, 4000)
        before, after = rng.poisson(rates), rng.poisson(0.85 * rates)
        who = np.flatnonzero(before >= 5)[:200]
        rows = [f"{k},{before[i]},{after[i] if k >= lost else ''},IOM" for k, i in enumerate(who)]
        rest = np.flatnonzero(before >= 5)[200:400]
        rows += [f"{200 + k},{before[i]},{after[i]},other" for k, i in enumerate(rest)] if others else []
        (tmp_path / "people.csv").write_text("\n".join(["id,y0,y1,g", *rows]), encoding="utf-8")
        rule = "" if threshold is None else AT_LEAST.format(threshold)
        group = 'group = "g"\nmanaged = ["IOM"]' if others else ""
        text = STUDY.format(rule=rule, group=group, name=name, kind=kind)
        (tmp_path / "study.toml").write_text(text, encoding="utf-8")
        return evaluate(tmp_path / "study.toml", quick=True).page.first

    return of


def test_where_the_figures_contradict_the_stated_rule_to_look_at_it_comes_first(screen):
    first = screen(threshold=3)
    assert first.then[0] == (
        "Look at how the rule is stated in the study file (its key selection): the figures do not agree with it, as "
        "too few people have 3 arrests or just above."
    )
    assert (len(first.then), first.then[-1].startswith("To settle it: ")) == (3, True)
    assert wording.violations(first.then[0]) == ()
    assert not any(text.startswith("Look at") for text in screen(threshold=5).then)


@pytest.mark.parametrize(
    ("lost", "others", "people", "asked"),
    [
        (15, True, "185 of 200 people", True),
        (15, False, "185 of 200 people", False),  # the list has no room
        (4, True, "200 people", False),  # so few that the two are given alike
        (0, True, "200 people", False),
    ],
)
def test_of_how_many_people_how_many_were_followed_up_is_said(screen, lost, others, people, asked):
    first = screen(lost=lost, others=others)
    assert dict(first.sentences)["What changed"].startswith(f"The number of arrests of {people} fell by ")
    assert ("Find out what became of those without a count before or after." in first.then) is asked
    assert len(first.then) <= 3
    assert first.then[-1].startswith("To settle it: ")


def test_of_a_score_those_with_one_before_and_after_are_no_part_of_those_without(screen):
    told = dict(screen(lost=15, name="risk", kind="score").sentences)["What changed"]
    assert told.startswith("The mean risk of 185 of 200 people, those with a score before and after, fell by ")

"""Words of a diagnosis: each holds the figure that it should, is silent where there is none, and keeps the rules."""

import math

import numpy as np
import pytest

import iom_causal as iom
from iom_causal import simulate as sim
from iom_causal.base.wording import violations
from iom_causal.designs import sentences as words
from iom_causal.designs.design import Design
from tests.designs.answers import STUDIES, answer, design, spread


def test_a_fall_is_said_with_its_size_its_share_and_what_the_programme_does():
    found = answer(estimates=spread(0.97))
    assert words.fall_sentence(found, design(people=225)) == (
        "With 225 people and this way of picking them it would report a fall of 20% or more in 97% of studies of a "
        "programme that does nothing (simulation error 0.9 points)."
    )
    halved = words.fall_sentence(found, design(), fall=0.5)
    assert "a fall of 50% or more in none of the 400 studies" in halved
    assert "a programme whose ratio is 0.80" in words.fall_sentence(answer(estimates=spread(0.5), truth=0.8), design())


def a_model_of_ones_own(rng):
    return sim.Careers(people=30, rate=1.0)(rng)


def test_people_who_were_not_picked_are_not_said_to_be():
    found, everybody = answer(), sim.TwoWindowCounts(people=40)
    careers = sim.Careers(people=30, rate=1.0)
    for model, start in ((everybody, "With 40 people it"), (careers, "With 30 people it")):
        told = words.fall_sentence(found, Design(model, sim.att_ratio, sim.BeforeAfter(), iom.RateRatio()))
        assert told.startswith(start)
    own = Design(a_model_of_ones_own, sim.att_ratio, sim.BeforeAfter(), iom.RateRatio())
    assert words.fall_sentence(found, own).startswith("In worlds of this model it")


def test_a_share_is_never_said_to_be_all_or_none_where_it_is_not():
    nearly = answer(estimates=np.where(np.arange(20_000) < 1, 0.95, 0.6))
    assert "in over 99.9% of studies" in words.fall_sentence(nearly, design())
    hardly = answer(estimates=np.where(np.arange(20_000) < 1, 0.6, 0.95))
    assert "in under 0.1% of studies" in words.fall_sentence(hardly, design())


def test_differences_have_no_sentence_on_falls():
    assert words.fall_sentence(answer(scale="difference", ratio=-2.0, truth=0.0), design()) == ""


def test_the_interval_is_said_to_hold_what_people_want_to_know():
    holds = np.where(np.arange(STUDIES) < 12, 2.0, 0.1)
    found = answer(ratio=0.6, low=math.log(0.6) - holds, high=math.log(0.6) + holds)
    assert words.interval_sentence(found) == (
        "Its 95% intervals hold the programme’s ratio in 3% of studies (simulation error 0.9 points)."
    )
    assert words.interval_sentence(answer(low=np.nan, high=np.nan)) == ""


def test_a_set_is_called_one_and_is_held_against_the_truth_with_and_without_its_interval():
    found = answer(estimates=np.full(STUDIES, np.nan), low=-0.5, high=0.4, set_low=-0.4, set_high=-0.3)
    assert words.interval_sentence(found).startswith(
        "Its sets with their 95% intervals hold the programme’s ratio in all 400 studies"
    )
    assert ", the sets alone in 0% (" in words.interval_sentence(found)
    assert "it would leave only falls of 20% or more in all 400 studies" in words.fall_sentence(found, design())
    assert words.bias_sentence(found) == ""


def test_bias_is_ranked_against_simulation_error():
    low = answer(estimates=spread(0.5, 0.70, 0.72))
    assert words.bias_sentence(low) == (
        "On average it reports 0.71 where the programme’s ratio is 1.00: too low by 29% (simulation error 0.1 points)."
    )
    none = words.bias_sentence(answer(estimates=spread(0.5, 0.8, 1.25)))
    assert none.endswith("what bias is left, if any, so many studies do not tell (simulation error 1.1 points).")
    high = words.bias_sentence(answer(scale="difference", estimates=spread(0.5, 1.0, 2.0), truth=0.25))
    assert "reports 1.50 where the programme’s difference a person is 0.25: too high by 1.25 (" in high


def test_estimates_without_limit_are_said_to_be_left_out_of_means():
    found = answer(estimates=np.where(np.arange(STUDIES) < 3, 0.0, 0.7))
    assert "left out: 3 of 400 answers, whose estimate is infinite" in words.bias_sentence(found)


def test_a_change_that_is_found_where_there_is_none_is_said_to_be_so():
    p = np.where(np.arange(STUDIES) < 100, 0.01, 0.5)
    found = "It finds a change (p < .05) in 25% of studies"
    assert words.power_sentence(answer(p=p)) == (
        f"{found}, though the programme does nothing (simulation error 2.2 points)."
    )
    assert words.power_sentence(answer(p=p, truth=0.8)) == f"{found} (simulation error 2.2 points)."
    assert "(by its 95% interval) in all 400 studies" in words.power_sentence(answer(p=np.nan, ratio=0.5))
    assert words.power_sentence(answer(p=np.nan, low=np.nan, high=np.nan)) == ""


def test_signs_and_exaggeration_are_of_the_changes_that_were_found():
    found = answer(estimates=spread(0.9, 0.5, 1.5), truth=0.8)
    told = words.sign_sentence(found)
    assert told.startswith("Of the changes found 10% have the other sign than the programme’s (")
    assert "on average 3.0 times as large as the programme’s, on the scale of logs" in told
    assert words.sign_sentence(answer(estimates=spread(0.5, 0.80, 0.8), truth=0.8)) == ""
    assert words.sign_sentence(answer()) == ""


def test_refusals_are_counted_by_reason_and_as_intervals_that_hold_nothing():
    code = np.where(np.arange(STUDIES) < 20, 64, 0)
    found = answer(code=np.where(np.arange(STUDIES) == 30, 61, code))
    told = words.refusal_sentence(found)
    assert told.startswith("It gives no answer in 5% of studies: 20 for “A window has no events, so there is no ratio ")
    assert "(IOM-E064)” and 1 for “Nobody is left (IOM-E061)”" in told
    assert "these leave 95% of all studies with one that holds it" in told
    assert words.refusal_sentence(answer(code=64)).startswith("It gives no answer in any of the 400 studies: 400 for")
    assert words.refusal_sentence(answer()) == ""


def test_what_states_the_change_itself_is_said_to_be_read_as_something_else():
    assert words.reading_sentence(answer()).endswith("is read here as the programme’s ratio.")
    assert words.reading_sentence(answer(read_as="")) == ""


def noisy(label, size, truth=1.0, seed=1):
    return answer(label, estimates=np.exp(np.random.default_rng(seed).normal(0.0, size, STUDIES)), truth=truth)


def test_answers_are_ranked_by_their_typical_miss():
    answers = [noisy("poor", 0.5, seed=1), noisy("good", 0.1, seed=2), noisy("middling", 0.3, seed=3)]
    (told,) = words.rank_sentences(answers, {a.design: design() for a in answers})
    assert told.startswith("Nearest to the programme’s ratio is “good”, of which a typical study misses it by ")
    assert "; farthest is “poor”, of which" in told
    assert "middling" not in told


def refusing(label, estimates, refused):
    return answer(label, estimates=estimates, code=np.where(refused, 61, 0))


def test_an_answer_that_refuses_the_hard_studies_is_not_nearer_than_one_that_answers_them():
    estimates = noisy("all", 0.5).sample.estimate
    hard = np.abs(estimates) > 0.1
    picky, whole = refusing("picky", np.exp(estimates), hard), answer("whole", estimates=np.exp(estimates))
    assert picky.figures["rmse"].value < whole.figures["rmse"].value / 5
    designs = {"picky": design(), "whole": design(), "poor": design()}
    (told,) = words.rank_sentences([picky, whole], designs)
    easy = int((~hard).sum())
    start = f"In the {easy} of 400 studies with an answer by each of them, "
    assert told.startswith(f"{start}which is nearest to the programme’s ratio this simulation leaves open: ")
    left = f"“picky” (leaving out the {1 - easy / 400:.0%} of studies in which it gave no answer)"
    assert left in told
    assert "“whole” (" not in told
    (told,) = words.rank_sentences([picky, noisy("poor", 2.0, seed=5)], designs)
    assert told.startswith(f"{start}nearest to the programme’s ratio is {left}, of which a typical study misses it")
    assert violations(told) == ()


def test_estimates_without_limit_are_no_part_of_a_ranking():
    estimates = noisy("all", 0.5).sample.estimate
    wild = answer("wild", estimates=np.where(np.abs(estimates) > 0.9, 0.0, np.exp(estimates)))
    (told,) = words.rank_sentences([wild, answer("b", estimates=np.exp(estimates))], {"wild": design(), "b": design()})
    finite = int((np.abs(estimates) <= 0.9).sum())
    assert told.startswith(f"In the {finite} of 400 studies with a finite answer by each of them, which is nearest")


def test_as_many_refusals_are_not_told_apart_and_nothing_in_common_is_not_ranked():
    first = np.arange(STUDIES) < STUDIES // 2
    designs = {"a": design(), "b": design()}
    one, other = refusing("a", np.full(STUDIES, 0.9), first), refusing("b", np.full(STUDIES, 0.7), ~first)
    (told,) = words.rank_sentences([one, other], designs)
    assert told == "No simulated study has an answer by each of “a” and “b”, so they are not ranked."
    (told,) = words.rank_sentences([one, refusing("b", np.full(STUDIES, 0.7), first)], designs)
    assert told.startswith("In the 200 of 400 studies with an answer by each of them, nearest")
    assert "leaving out" not in told


def test_a_change_found_by_an_interval_is_said_with_the_level_of_the_interval():
    sample = answer(p=np.nan, level=0.995, alpha=0.2)
    assert "(by its 99.5% interval)" in words.power_sentence(sample)
    assert words.interval_sentence(sample).startswith("Its 99.5% intervals")


def test_shares_of_studies_with_an_answer_are_said_to_be_of_those():
    code = np.where(np.arange(STUDIES) < 300, 61, 0)
    (told, _) = words.sentences([answer(estimates=spread(0.875), code=code, half=0.0)], {"one": design()})
    assert "a fall of 20% or more in 50% of the 100 answered studies of a programme" in told
    assert "hold the programme’s ratio in none of the 100 answered studies" in told
    assert "It gives no answer in 75% of studies" in told


def test_one_study_is_not_spoken_of_as_several():
    for found in (answer(estimates=[0.7]), answer(estimates=[0.9], truth=0.5, p=0.9), answer(estimates=[0.7], code=61)):
        (told, _) = words.sentences([found], {"one": design()})
        assert "studies" not in told
        assert "simulation error" not in told
        assert "one study" in told or "1 study" in told


def test_a_difference_of_no_moment_is_said_to_be_small():
    estimates = np.exp(noisy("all", 0.5).sample.estimate)
    answers = [answer("a", estimates=estimates), answer("b", estimates=estimates**1.04)]
    (told,) = words.rank_sentences(answers, {"a": design(), "b": design()})
    assert "nearest" in told.lower()
    assert told.endswith("; the misses of all differ by under 5%.")
    (told,) = words.rank_sentences([answers[0], answer("b", estimates=estimates**1.1)], {"a": design(), "b": design()})
    assert told.endswith("simulation error 0.03).")


def test_what_simulation_leaves_open_is_not_ranked():
    answers = [noisy("a", 0.3, seed=1), noisy("b", 0.3, seed=2)]
    (told,) = words.rank_sentences(answers, {a.design: design() for a in answers})
    assert told.startswith("Which is nearest to the programme’s ratio this simulation leaves open: ")
    assert " with “a” and " in told or " with “b” and " in told
    three = [*answers, noisy("c", 0.9, seed=3)]
    (told,) = words.rank_sentences(three, {a.design: design() for a in three})
    assert "which this simulation does not tell apart; farthest is “c”" in told


def test_answers_in_worlds_of_their_own_are_not_put_side_by_side():
    answers = [noisy("a", 0.1, seed=1), noisy("b", 0.5, seed=2)]
    assert words.rank_sentences(answers, {"a": design(people=50), "b": design(people=60)}) == ()
    several = {"a, people=50": 50, "b, people=50": 50, "a, people=90": 90, "b, people=90": 90}
    answers = [noisy(label, 0.1 if label < "b" else 0.5, seed=n) for n, label in enumerate(several)]
    told = words.rank_sentences(answers, {label: design(people=n) for label, n in several.items()})
    assert [t.split(", of which")[0] for t in told] == [
        "Where people=50, nearest to the programme’s ratio is “a”",
        "Where people=90, nearest to the programme’s ratio is “a”",
    ]


@pytest.mark.parametrize(
    "found",
    [
        answer(),
        answer(code=np.where(np.arange(STUDIES) < 20, 64, 0), truth=0.8),
        answer(estimates=spread(0.9, 0.5, 1.5), truth=0.8, read_as=""),
        answer(scale="difference", ratio=-2.0, truth=-0.5),
        answer(estimates=np.full(STUDIES, np.nan), low=-0.5, high=0.4, set_low=-0.4, set_high=-0.3),
        answer(estimates=np.full(STUDIES, np.nan), code=64),
        noisy("one", 0.2),
    ],
    ids=["change", "refusals", "signs", "difference", "set", "nothing", "noise"],
)
def test_all_that_is_said_keeps_the_rules_and_names_simulation_error_once(found):
    told = words.sentences([found], {"one": design()}, unanswered=[("one", "seen", "other", 64)])
    for text in told:
        assert violations(text) == ()
        assert "nan" not in text
    assert told[0].count("simulation error") <= 1
    assert "other on seen in “one” gives no answer" in told[1]


def test_a_table_shows_figures_as_people_read_them():
    found = answer(estimates=spread(0.5, 0.70, 0.72))
    assert words.measure_text(found, "mean_estimate").startswith("0.71 (")
    assert words.measure_text(found, "mean_truth") == "1.00"
    dust = answer(truth=0.8 + 1e-16 * np.arange(STUDIES))
    assert words.measure_text(dust, "mean_truth") == "0.80"
    assert words.measure_text(found, "unit") == "factor"
    assert words.measure_text(answer(scale="difference", ratio=-2.0, truth=0.0), "unit") == "events a person"
    assert words.measure_text(found, "rmse") == "1.41 (under 0.01)"
    assert words.measure_text(found, "power") == "100% (0.3)"
    assert words.measure_text(answer(p=np.nan, low=np.nan, high=np.nan), "power") == "-"

"""Designs: declared, varied, drawn; answers lined up with estimands; replicates that do not depend on blocks."""

import dataclasses
import functools

import numpy as np
import pytest

import iom_causal as iom
from iom_causal import simulate as sim
from iom_causal.designs.design import Design
from iom_causal.designs.replicates import Replicates
from iom_causal.designs.scoring import AnswerKind, Target, scores
from iom_causal.errors import DegenerateDataError, SpecError
from iom_causal.estimate import Estimate

RULE = iom.Selection("arrests", ("before",), "at_least", "at_boundary", threshold=4)
CAREERS = sim.Careers(
    people=40, rate=1.5, own_sd=0.8, programme=sim.Programme(ratio=0.8), enrolment=sim.Enrolment(selection=RULE)
)


def a_design(**changes):
    parts = {
        "model": CAREERS,
        "estimands": [sim.att_ratio, sim.att_difference],
        "data": {"one group": sim.BeforeAfter()},
        "estimators": [iom.RateRatio(), iom.PairedT()],
    }
    return Design(**(parts | changes))


def same(one, other):
    return one.keys() == other.keys() and all(np.array_equal(one[k], other[k], equal_nan=k != "replicate") for k in one)


def test_parts_without_labels_are_called_by_their_names_and_in_full_where_two_share_one():
    design = a_design(estimators=[iom.RateRatio(), iom.RateRatio(se="conditional")])
    assert list(design.estimators)[1].startswith("RateRatio(se='conditional'")
    assert list(design.estimands) == ["att_ratio", "att_difference"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"model": np.zeros((2, 2))}, "model: expected a callable"),
        ({"estimators": []}, "at least one"),
        ({"data": {"a/b": sim.BeforeAfter()}}, "without '/'"),
        ({"data": {"a\nb": sim.BeforeAfter()}}, "in words"),
        ({"data": {"One": sim.BeforeAfter(), "one": sim.BeforeAfter()}}, "capitals aside"),
        ({"estimands": np.mean}, "none that is known by name"),
        ({"estimators": iom.RateRatio}, "expected a callable"),
        ({"cell": 0}, "at least 1"),
    ],
)
def test_what_is_no_part_of_a_design_is_refused_with_what_belongs_there(changes, said):
    with pytest.raises(SpecError, match=said):
        a_design(**changes)


def test_varying_gives_a_design_for_each_combination_and_fails_on_a_typo():
    made = a_design().vary({"model.people": [20, 40], "data.one group.custody_known": [False, True]})
    assert list(made) == [
        "people=20, custody_known=False",
        "people=20, custody_known=True",
        "people=40, custody_known=False",
        "people=40, custody_known=True",
    ]
    assert made["people=20, custody_known=True"].data["one group"].custody_known
    with pytest.raises(SpecError, match="did you mean 'people'"):
        a_design().vary({"model.peple": [20]})
    with pytest.raises(SpecError, match="empty list"):
        a_design().vary({"model.people": []})
    with pytest.raises(SpecError, match="each value once"):
        a_design().vary({"model.people": [20, 20]})
    with pytest.raises(SpecError, match="no settings in a method"):
        a_design(model=CAREERS.__call__).vary({"model.people": [20]})
    with pytest.raises(SpecError, match="did you mean 'one group'"):
        a_design().vary({"data.one grup.custody_known": [True]})


def test_a_draw_is_the_replicate_that_a_study_meets():
    design = a_design()
    columns = Replicates({"d": design}, 7)(np.array([3]))
    drawn = design.draw(7, replicate=3)
    found = drawn.answers["one group", "RateRatio"]
    assert columns["d/answer/one group/RateRatio/estimate"][0] == pytest.approx(found.estimate, rel=1e-12)
    assert columns["d/truth/att_ratio"][0] == pytest.approx(drawn.truths["att_ratio"], rel=1e-12)
    assert columns["d/seen/one group/before"][0] == pytest.approx(drawn.panels["one group"].before.mean(), rel=1e-12)


def test_replicates_do_not_depend_on_the_block_that_asks_for_them():
    work = Replicates({"d": a_design(cell=4)}, 3)
    whole = work(np.arange(12))
    parts = [work(np.arange(a, b)) for a, b in ((0, 5), (5, 6), (6, 12))]
    assert same(whole, {k: np.concatenate([p[k] for p in parts]) for k in whole})


def test_replicates_of_one_at_a_time_are_those_of_many():
    many, one = (Replicates({"d": a_design(cell=c)}, 3)(np.arange(6)) for c in (6, 1))
    for name, column in many.items():
        np.testing.assert_allclose(one[name], column, rtol=1e-12, err_msg=name)


def test_designs_with_one_model_share_their_worlds():
    calls = []

    @dataclasses.dataclass(frozen=True)
    class Counted:
        def batch(self, replicates, *, rng):
            calls.append(len(replicates))
            return CAREERS.batch(replicates, rng=rng)

        def __call__(self, rng):
            return CAREERS(rng)

    first = a_design(model=Counted())
    second = a_design(model=Counted(), data={"days known": sim.BeforeAfter(custody_known=True)})
    columns = Replicates({"a": first, "b": second}, 1)(np.arange(10))
    assert calls == [500]
    assert np.array_equal(columns["a/truth/att_ratio"], columns["b/truth/att_ratio"])


def refuses_some(world, *, rng):
    """Refuse worlds whose number divides by 3."""
    del rng
    if (np.atleast_1d(world.numbers) % 3 == 0).any():
        raise DegenerateDataError("IOM-E061", "nobody here")
    return sim.BeforeAfter()(world)


def test_a_world_or_a_panel_that_is_refused_is_a_row_with_a_code_and_leaves_the_others_alone():
    design = a_design(cell=10)
    plain = Replicates({"d": design}, 1)(np.arange(10))
    found = Replicates({"d": a_design(cell=10, data={"one group": refuses_some})}, 1)(np.arange(10))
    code = found["d/answer/one group/RateRatio/code"]
    assert np.flatnonzero(code == 61).tolist() == [0, 3, 6, 9]
    good = code == 0
    name = "d/answer/one group/RateRatio/estimate"
    assert np.array_equal(found[name][good], plain[name][good])
    assert np.isnan(found[name][~good]).all()
    assert np.array_equal(found["d/truth/att_ratio"], plain["d/truth/att_ratio"])


def test_a_world_that_cannot_be_is_a_row_too():
    rule = dataclasses.replace(RULE, threshold=12)
    rare = sim.Careers(people=5, pool=150, rate=1.0, enrolment=sim.Enrolment(selection=rule))
    found = Replicates({"d": a_design(model=rare, cell=20)}, 1)(np.arange(20))
    refused = found["d/answer/one group/RateRatio/code"] == 61
    assert refused.any()
    assert not refused.all()
    assert np.array_equal(np.isnan(found["d/truth/att_ratio"]), refused)


def test_a_bug_raises():
    def broken(world, *, rng):
        del world, rng
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError) as raised:
        Replicates({"d": a_design(data={"one group": broken}, cell=1)}, 1)(np.arange(7, 9))
    assert raised.value.__notes__ == [
        "raised by data 'one group' in replicate 7: design.draw(seed, replicate=7) draws the first"
    ]


def test_a_strategy_returns_a_panel_and_an_estimand_numbers():
    with pytest.raises(SpecError, match="returns a Panel, got list"):
        Replicates({"d": a_design(data={"one group": lambda _, *, rng: [rng]})}, 1)(np.arange(2))
    for stated in (lambda _: float("nan"), lambda _: "0.8", lambda _: 0.8):
        target = Target(stated, "att_ratio")
        with pytest.raises(SpecError, match="500 numbers"):
            Replicates({"d": a_design(estimands={"ATT": target}, estimators=iom.RateRatio())}, 1)(np.arange(2))


def kind(estimand, scale="ratio", outcome="recorded"):
    return AnswerKind("a method", estimand, scale, outcome, 0.95)


def test_an_answer_is_scored_against_what_it_estimates_and_a_change_is_read_as_it():
    targets = {"ratio": Target.of(sim.att_ratio), "free": Target.of(sim.att_ratio_free)}
    assert scores("x", kind("att_ratio"), targets) == (("ratio", ""),)
    assert scores("x", kind("descriptive_change"), targets) == (("ratio", "att_ratio"), ("free", "att_ratio_free"))


@pytest.mark.parametrize(
    "answer",
    [
        kind("late_cutoff"),
        kind("descriptive_change", scale="difference"),
        kind("att_ratio", outcome="offences"),
        kind("component"),
    ],
)
def test_any_other_mismatch_is_refused(answer):
    with pytest.raises(SpecError, match="IOM-E098"):
        scores("x", answer, {"ratio": Target.of(sim.att_ratio)})


def test_offences_are_another_outcome_than_what_was_recorded():
    offences = functools.partial(sim.att_ratio, of="offences")
    ledger = iom.Ledger([iom.Detection(ratio=0.9)], draws=200)
    design = a_design(estimands={"offences": offences}, estimators={"ledger": ledger})
    kinds = Replicates({"d": design}, 1).kinds()
    assert design.scored(kinds["d"])["one group", "ledger"] == (("offences", ""),)
    with pytest.raises(SpecError, match="of recorded events"):
        Replicates({"d": a_design(estimands=offences, estimators=iom.RateRatio())}, 1).kinds()


def test_a_difference_of_scores_is_in_points():
    result = Estimate(outcome="risk", method="m", estimate=1.0)
    score = iom.Panel.from_arrays([[3.0, 1.0], [2.0, 2.0]], kind="score")
    assert AnswerKind.of(result, score, iom.PairedT()).scale == "points"


@pytest.mark.parametrize(
    "strategy", [sim.RandomHalf(), sim.NextBelow(), sim.Historical(), sim.MatchedOnHistory(caliper=0.5)]
)
def test_a_replicate_is_the_same_whatever_is_worked_out_beside_it(strategy):
    careers = iom.load_scenario("comparison-cohort").careers
    careers = dataclasses.replace(careers, people=20, pool=200)
    kept = {"model": careers, "estimands": sim.att_ratio, "data": strategy, "estimators": iom.DiffInDiff()}
    found = [Replicates({"d": Design(**kept, cell=c)}, 3)(np.arange(9)) for c in (9, 4, 1)]
    for other in found[1:]:
        for name, column in found[0].items():
            np.testing.assert_allclose(other[name], column, rtol=1e-12, err_msg=name)
    drawn = next(iter(Design(**kept).draw(3, replicate=7).answers.values()))
    name = f"d/answer/{type(strategy).__name__}/DiffInDiff/estimate"
    assert drawn.estimate == pytest.approx(found[0][name][7], rel=1e-12)


def test_what_one_writes_oneself_gets_one_world_at_a_time():
    assert a_design(data=refuses_some).cell == 1
    assert a_design().cell == 500


@dataclasses.dataclass(frozen=True)
class Held:
    """A model with an array."""

    weights: np.ndarray

    def batch(self, replicates, *, rng):
        """Draw many."""
        return CAREERS.batch(replicates, rng=rng)

    def __call__(self, rng):
        return CAREERS(rng)


def test_models_that_hold_arrays_are_compared_by_what_they_hold():
    named = {str(k): a_design(model=Held(np.arange(k)), cell=2) for k in (2, 3)}
    assert Replicates(named, 1)(np.arange(2)).keys()

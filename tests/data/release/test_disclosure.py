"""Disclosure control: rounding, withholding, and what could be worked out from the rest."""

import doctest
import importlib
import math
import re

import numpy as np
import pytest
from scipy.optimize import linprog

from iom_causal.base import wording
from iom_causal.data.release.disclosure import WITHHELD, Disclosure, nearest, outward
from iom_causal.data.release.frequencies import Frequencies
from iom_causal.errors import InputError, SpecError
from iom_causal.numerics.printed.suppression import TOLERANCE, primary

COHORTS = 200
PEOPLE = 500
RULES = Disclosure()


@pytest.mark.parametrize(
    ("n", "shown"), [(0, WITHHELD), (9, WITHHELD), (10, "10"), (12, "10"), (13, "15"), (1234, "1,235")]
)
def test_counts(n, shown):
    assert RULES.count(n) == shown


def test_a_zero_that_cannot_be_otherwise_is_given():
    assert RULES.count(0, structural=True) == "0"
    assert RULES.count(3, structural=True) == WITHHELD


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [(48, 223, "22%"), (5, 223, WITHHELD), (218, 223, WITHHELD), (223, 223, WITHHELD), (0, 223, WITHHELD)],
)
def test_shares_are_of_rounded_counts_and_guard_the_rest(part, whole, shown):
    assert RULES.share(part, whole) == shown


def test_means_need_ten_people_and_a_figure():
    assert (RULES.mean(6.844, 100, 2), RULES.mean(6.844, 10, 2), RULES.mean(6.844, 9, 2)) == ("6.84", "6.8", WITHHELD)
    with pytest.raises(InputError, match="IOM-E034"):
        RULES.mean(float("nan"), 50)


@pytest.mark.parametrize("moved", [0.0, 2.0, 4.9, 41.0, 300.0])
def test_the_unit_of_a_mean_tells_no_more_of_the_number_of_people_than_the_number_that_is_given(moved):
    for n in range(10, 400):
        assert RULES.unit(n, moved) == RULES.unit(RULES.rounded(n), moved)
        assert RULES.decimals(n) == RULES.decimals(RULES.rounded(n))


@pytest.mark.parametrize(
    ("at", "n", "shown"),
    [(0.5, 20, "7"), (0.5, 19, WITHHELD), (0.95, 200, "7"), (0.97, 10_000, WITHHELD), (0, 500, WITHHELD)],
)
def test_quantiles_need_people_beyond_them(at, n, shown):
    assert RULES.quantile(at, 7.0, n) == shown


@pytest.mark.parametrize(("n", "code"), [(-1, "IOM-E030"), (2.5, "IOM-E031"), (True, "IOM-E031"), (np.nan, "IOM-E031")])
def test_what_is_no_number_of_people_is_refused(n, code):
    with pytest.raises(InputError, match=code):
        RULES.count(n)


@pytest.mark.parametrize(
    "setting", [{"research": True}, {"threshold": 5}, {"rounding": 1}, {"research": True, "reason": " "}]
)
def test_weaker_rules_need_a_reason(setting):
    with pytest.raises(SpecError, match="IOM-E096"):
        Disclosure(**setting)


@pytest.mark.parametrize("setting", [{"threshold": 0}, {"rounding": 2.5}, {"threshold": True}])
def test_settings_outside_their_bounds_are_refused(setting):
    with pytest.raises(SpecError, match="IOM-E092"):
        Disclosure(**setting)


def test_stricter_rules_need_none():
    assert Disclosure(threshold=30, rounding=10).count(34) == "30"


def test_the_note_says_what_was_done():
    research = Disclosure(research=True, reason="in a secure room.")
    assert research.note() == "Disclosure control is switched off for research use: “in a secure room”."
    assert "fewer than 10 people" in RULES.note()
    assert "(“agreed with the data owner”)" in Disclosure(threshold=5, reason="agreed with the data owner").note()
    for rules in (RULES, research):
        assert wording.violations(rules.note()) == ()


def test_research_use_gives_figures_as_they_are():
    rules = Disclosure(research=True, reason="in a secure room")
    assert (rules.count(3), rules.share(3, 8), rules.mean(1.25, 1), rules.quantile(1, 23, 5)) == (
        "3",
        "38%",
        "1.25",
        "23",
    )
    assert rules.table(one_way(3, 14)).rows == (("a", "3"), ("b", "14"), ("all", "17"))


@pytest.mark.parametrize(("part", "refused"), [(225, False), (224, True), (216, True), (215, False)])
def test_nested_groups_that_differ_by_few_are_refused(part, refused):
    if refused:
        with pytest.raises(InputError, match="IOM-E120"):
            RULES.check_nested(225, part)
    else:
        RULES.check_nested(225, part)


def one_way(*counts):
    return Frequencies(("group",), (tuple("abcdefgh"[: len(counts)]),), np.array(counts))


def cohort(rng, people=PEOPLE):
    """People with rare levels among common ones."""
    age = rng.choice(["18-20", "21-24", "25-34", "35-49", "50+"], p=[0.015, 0.2, 0.45, 0.3, 0.035], size=people)
    unit = rng.choice(["north", "south", "east", "west"], p=[0.5, 0.3, 0.18, 0.02], size=people)
    followed = rng.choice(["yes", "no"], p=[0.9, 0.1], size=people)
    return {"age": age, "unit": unit, "followed up": followed}


def tables(people):
    return [
        Frequencies.of({name: people[name] for name in names})
        for names in (["age"], ["age", "unit"], ["unit", "followed up"])
    ]


def believed(emitted, rules=RULES):
    """What an adversary knows from the emitted text: an interval a cell, what is withheld, and the sums."""
    low, high, hidden, sums = {}, {}, set(), []
    for frequencies, released in emitted:
        sums += frequencies.sums()
        texts = [text for row in released.rows for text in row[1:]]
        for place, text in zip(frequencies.places(), texts, strict=True):
            cell = frequencies.about(place)
            given = None if text == WITHHELD else int(text)
            hidden |= {cell} if given is None else set()
            ends = (0, np.inf) if given is None else (given - rules.rounding // 2, given + rules.rounding // 2)
            low[cell] = max(low.get(cell, 0), ends[0])
            high[cell] = min(high.get(cell, np.inf), ends[1])
    return low, high, hidden, sums


def narrowest(emitted):
    """The narrowest range, by linear programming, of any count that some table withholds."""
    low, high, hidden, sums = believed(emitted)
    cells = list(low)
    rows = np.array([[(c in parts) - (c == whole) for c in cells] for whole, parts in sums], dtype=float)
    bounds = [(low[c], high[c]) for c in cells]
    found = [np.inf]
    for cell in hidden:
        cost = np.array([c == cell for c in cells], dtype=float)
        least, most = (linprog(sign * cost, A_eq=rows, b_eq=np.zeros(len(rows)), bounds=bounds) for sign in (1, -1))
        found.append(np.inf if most.status == 3 else -most.fun - least.fun)
    return min(found)


def solved(seeds):
    """How many cohorts give a withheld count away."""
    reports = (tables(cohort(np.random.default_rng(seed))) for seed in seeds)
    return sum(narrowest(list(zip(r, RULES.tables(*r), strict=True))) < RULES.threshold - TOLERANCE for r in reports)


def test_nobody_can_be_solved_for():
    assert solved(range(20)) == 0


@pytest.mark.slow
def test_nobody_can_be_solved_for_in_many_cohorts():
    assert solved(range(COHORTS)) == 0


def test_the_attack_succeeds_where_small_counts_alone_are_withheld(monkeypatch):
    monkeypatch.setattr(
        "iom_causal.data.release.disclosure.suppress", lambda counts, _, t, *, known: primary(counts, t, known=known)
    )
    assert solved(range(20)) > 0


@pytest.mark.parametrize("seed", range(5))
def test_one_person_more_or_less_moves_nothing_beyond_rounding(seed):
    """A planted person, alone in a level, is withheld; every count moves by one step at most, or is withheld."""
    people = cohort(np.random.default_rng(seed))
    with_one = {
        name: np.append(column, level)
        for (name, column), level in zip(people.items(), ["90+", "west", "no"], strict=True)
    }
    before, after = (RULES.tables(*tables(p)) for p in (people, with_one))
    texts = [
        {(row[0], column): text for row in r.rows for column, text in zip(r.columns[1:], row[1:], strict=True)}
        for r in (*before, *after)
    ]
    for first, second in zip(texts[:3], texts[3:], strict=True):
        for place in first.keys() & second.keys():
            if WITHHELD not in (first[place], second[place]):
                assert abs(int(first[place]) - int(second[place])) <= RULES.rounding
        assert {second[place] for place in second.keys() - first.keys()} <= {WITHHELD}


def test_nothing_leaves_but_multiples_and_the_mark():
    made = tables(cohort(np.random.default_rng(7)))
    for released in RULES.tables(*made):
        for row in released.rows:
            assert all(text == WITHHELD or re.fullmatch(r"\d*[05]", text) for text in row[1:])


@pytest.mark.parametrize("name", ["data.release.disclosure", "data.release.frequencies", "data.release.p_values"])
def test_examples_run(name):
    result = doctest.testmod(importlib.import_module(f"iom_causal.{name}"))
    assert result.attempted
    assert not result.failed


@pytest.mark.parametrize("at", [float("nan"), -0.1, 1.1])
def test_what_is_no_quantile_is_refused(at):
    with pytest.raises(InputError, match="quantile"):
        RULES.quantile(at, 3.0, 1000)


@pytest.mark.parametrize("unit", [0.01, 0.02, 0.05, 0.06, 0.3, 2.0, 20.0])
def test_limits_are_rounded_outward_and_by_less_than_a_step(unit):
    rng = np.random.default_rng(4)
    for low, high in np.sort(rng.normal(0, 30 * unit, (200, 2))).tolist():
        below, above = outward(low, high, unit)
        assert low - unit < below <= low
        assert high <= above < high + unit
        assert (nearest(below, unit), nearest(above, unit)) == (below, above)
        assert outward(below, above, unit) == (below, above)  # what is a multiple stays where it is
    assert outward(-math.inf, None, unit) == (-math.inf, None)

"""Tables of frequencies under rules of release: margins, structural zeros, and what is refused."""

import numpy as np
import pytest

from iom_causal.data.release.disclosure import WITHHELD, Disclosure
from iom_causal.data.release.frequencies import Frequencies
from iom_causal.errors import InputError

RULES = Disclosure()


def one_way(*counts):
    return Frequencies(("group",), (tuple("abcdefgh"[: len(counts)]),), np.array(counts))


def test_a_total_of_few_is_withheld_with_everything():
    assert {text for row in RULES.table(one_way(3, 4)).rows for text in row[1:]} == {WITHHELD}


def test_a_structural_zero_is_given_and_guards_nobody():
    f = Frequencies(
        ("sex", "unit"), (("f", "m"), ("x", "y")), np.array([[0, 40], [50, 60]]), np.eye(2, dtype=bool) & [True, False]
    )
    assert RULES.table(f).rows == (("f", "0", "40", "40"), ("m", "50", "60", "110"), ("all", "50", "100", "150"))


def test_a_table_with_its_margins():
    f = Frequencies(("age", "group"), (("18-24", "25+"), ("managed", "other")), np.array([[3, 40], [52, 61]]))
    released = RULES.table(f)
    assert released.columns == ("age", "managed", "other", "all")
    assert released.rows[2] == ("all", "55", "100", "155")
    assert released.rows[0] == ("18-24", WITHHELD, WITHHELD, "45")
    assert released.shown.tolist() == [[False, False, True], [False, False, True], [True, True, True]]


def test_one_cell_has_one_fate():
    """Guarded each by itself, these two tables withhold different sums by age; together they do not."""
    inner, ages = np.array([[1, 8], [24, 7], [13, 21]]), ("a", "b", "c")
    age = Frequencies(("age",), (ages,), inner.sum(axis=1))
    both = Frequencies(("age", "group"), (ages, ("m", "o")), inner)
    assert not np.array_equal(RULES.table(age).shown[:, 0], RULES.table(both).shown[:, -1])
    first, second = RULES.tables(age, both)
    assert np.array_equal(first.shown[:, 0], second.shown[:, -1])


def test_tables_of_different_people_are_refused():
    with pytest.raises(InputError, match="IOM-E120"):
        RULES.tables(one_way(30, 40), one_way(30, 41))


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((("a",), (("x", "y"),), np.array([1])), "IOM-E037"),
        ((("a",), (("x", "x"),), np.array([1, 2])), "IOM-E039"),
        ((("a", "a"), (("x",), ("y",)), np.array([[1]])), "IOM-E039"),
        ((("a",), (("x", "y"),), np.array([1, -2])), "IOM-E030"),
        ((("a",), (("x", "y"),), np.array([1, 2]), np.array([True, False])), "IOM-E101"),
    ],
)
def test_tables_that_are_none_are_refused(arguments, code):
    with pytest.raises(InputError, match=code):
        Frequencies(*arguments)

"""Cells to numbers and ids: value labels obeyed, words of yes and no, what is refused, and ids that look the same."""

import datetime as dt
import uuid
from contextlib import suppress

import numpy as np
import pytest

from iom_causal.data.files.cells import ids, numbers
from iom_causal.data.files.labels import labelled
from iom_causal.data.files.sheet import Sheet
from iom_causal.errors import IomCausalError


def sheet(cells, labels=None):
    given = {"n": labels} if labels else {}
    return Sheet(columns={"n": np.array(cells, dtype=object)}, rows=len(cells), labels=given)


BANDS = {0: "None", 1: "1-2", 2: "3-5", 3: "6 or more"}


@pytest.mark.parametrize("kind", ["count", "amount", ""])
def test_bands_have_no_total(kind):
    with pytest.raises(IomCausalError, match=r"IOM-E031: column 'n': 2 of 4 cells .*value labels.*\(rows 2 and 3\)"):
        numbers(sheet([0.0, 1.0, 2.0, 0.0], BANDS), "n", kind=kind)


@pytest.mark.parametrize("word", ["Refused", "Don't know", "Not asked (routed)", "N/A", "Missing"])
@pytest.mark.parametrize("kind", ["count", "amount", "score", ""])
def test_a_label_that_says_not_known_is_no_number(kind, word):
    read = numbers(sheet([0.0, 3.0, 88.0], {88.0: word, 77.0: "unused"}), "n", kind=kind)
    assert np.array_equal(read.array, [0, 3, np.nan], equal_nan=True)
    assert read.coded == 1
    assert "IOM-W132" in read.notes[0]


def test_labels_of_yes_and_no_are_obeyed():
    column = sheet([1.0, 2.0, 2.0, 9.0], {1.0: "Yes", 2.0: "No", 9.0: "Not known"})
    assert numbers(column, "n", kind="binary").array[:3].tolist() == [1, 0, 0]
    with pytest.raises(IomCausalError, match='kind = "binary"'):
        numbers(column, "n", kind="count")
    with pytest.raises(IomCausalError, match="write 1 and 0"):
        numbers(sheet([1.0, 2.0], {1.0: "in work", 2.0: "out of work"}), "n", kind="binary")
    assert numbers(sheet([1.0, 0.0], {1.0: "in work", 0.0: "out of work"}), "n", kind="binary").array.tolist() == [1, 0]


def test_labels_that_say_the_number_itself_change_nothing():
    labels = {0.0: "None", 1.0: "1 arrest", 2.0: "2"}
    assert numbers(sheet([0.0, 1.0, 2.0], labels), "n", kind="count") == (pytest.approx([0, 1, 2]), 0, ())
    assert labelled(labels, labels).others == ()


def test_a_last_label_of_so_many_or_more_is_told():
    read = numbers(sheet([0.0, 3.0, 10.0], {10.0: "10 or more"}), "n", kind="count")
    assert read.array.tolist() == [0, 3, 10]
    assert "so many or more" in read.notes[0]


def test_words_of_a_scale_are_no_hindrance_to_a_score():
    scale = {1.0: "Strongly disagree", 2.0: "Disagree", 3.0: "Agree"}
    assert numbers(sheet([1.0, 3.0], scale), "n", kind="score").array.tolist() == [1, 3]


@pytest.mark.parametrize("words", [("Y", "N"), ("yes", "no"), ("TRUE", "FALSE"), ("1", "0"), ("Ja", "Nein")])
def test_words_of_yes_and_no_are_1_and_0(words):
    assert numbers(sheet(list(words)), "n", kind="binary").array.tolist() == [1, 0]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["Y", "N"], 'kind = "binary" reads them'),
        ([3.0, dt.date(2020, 1, 1)], "they are dates or times"),
        ([3.0, dt.time(0, 0)], "they are dates or times"),
        ([3.0, dt.timedelta(1)], "they are dates or times"),
        (["3", "<5"], "ask for the numbers"),
        (["£3", "4"], 'kind = "amount"'),
        (["3%", "4%"], 'kind = "score"'),
    ],
)
def test_what_is_no_count_is_told_what_to_do(cells, said):
    with pytest.raises(IomCausalError) as refused:
        numbers(sheet(cells), "n", kind="count")
    assert said in str(refused.value)


@pytest.mark.parametrize("other", ["A1\u200b", "A1\u00ad", "\ufeffA1"])
def test_ids_that_nobody_can_tell_apart_are_refused_with_their_rows(other):
    with pytest.raises(IomCausalError, match=r"IOM-E020.* 2 rows have ids .*\(rows 1 and 3\)") as refused:
        ids(sheet(["A1", "B2", other]), "n")
    assert "A1" not in str(refused.value)


@pytest.mark.parametrize("other", ["a1", "Ａ1", "A 1", "Á1"])
def test_ids_that_differ_in_little_are_noted_with_their_rows(other):
    text, notes = ids(sheet(["A1", "B2", other]), "n")
    assert len(set(text.tolist())) == 3
    assert "IOM-W120" in notes[0]
    assert "(rows 1 and 3)" in notes[0]
    assert ids(sheet(["A1", "A1", "B2", "01", "1"]), "n")[1] == ()


ODD = [None, True, -9.0, 1e300, 10**400, float("inf"), dt.date(2020, 1, 1), dt.time(0, 0), dt.timedelta(3), b"x"]
MARKS = "0123456789.,-+ '%£€()<>eENaYn/\u200b\u00a0٣"


def test_whatever_stands_in_a_cell_is_read_or_refused_by_code():
    rng = np.random.default_rng(3)
    for k in range(1_500):
        texts = ["".join(rng.choice(list(MARKS), rng.integers(1, 7))) for _ in range(4)]
        column = sheet([*texts, [*ODD, uuid.UUID(int=5)][k % (len(ODD) + 1)], "3"], {1: "Yes", 2: "1-2"})
        for kind in ("", "count", "binary"):
            with suppress(IomCausalError):
                numbers(column, "n", kind=kind)
        with suppress(IomCausalError):
            ids(column, "n")

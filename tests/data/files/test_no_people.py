"""Rows that hold the sums of all others, with an id and without one."""

import pytest

from iom_causal.data.files.no_people import totals


def rows(people, name):
    held = [[f"a{k}", 1 + k % 3, k % 2] for k in range(people)]
    return [*held, [name, sum(row[1] for row in held), sum(row[2] for row in held)]]


def columns(held):
    return list(zip(*held, strict=True))


@pytest.mark.parametrize(
    ("people", "name", "left_out"),
    [
        (2, None, True),
        (8, "a9", False),  # of so few one person may have as many as all others
        (9, "a9", True),
        (8, "Total", True),
    ],
)
def test_sums_are_told_without_an_id_or_among_ten_rows(people, name, left_out):
    assert totals(columns(rows(people, name))).tolist() == [False] * people + [left_out]


def test_a_sum_that_is_off_by_one_is_a_person():
    held = rows(12, "a13")
    held[-1][1] += 1
    assert not totals(columns(held)).any()

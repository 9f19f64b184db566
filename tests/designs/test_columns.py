"""Columns over replicates: checked, joined, selected, digested."""

import numpy as np
import pytest

from iom_causal.designs.columns import checked, chosen, digest, joined
from iom_causal.errors import InputError


def some(first=0, stop=4, **more):
    numbers = np.arange(first, stop)
    return {"replicate": numbers, "x": numbers / 3, "code": np.zeros(numbers.size, np.int16)} | more


def test_blocks_cut_anywhere_have_one_digest():
    whole = some(0, 10)
    assert digest(joined([some(0, 3), some(3, 10)])) == digest(whole)
    assert digest(joined([some(5, 10), some(0, 5)])) == digest(whole)
    assert digest(dict(reversed(whole.items()))) == digest(whole)


@pytest.mark.parametrize(
    "other",
    [
        some(1, 5),
        some(0, 3),
        some(x=np.array([0, 1 / 3, 2 / 3, np.nextafter(1, 2)])),
        some(code=np.zeros(4)),
        some(code=np.array([0, 0, 0, 1], np.int16)),
        some(y=np.zeros(4)),
        some(x=np.array([-0.0, 1 / 3, 2 / 3, 1])),
    ],
    ids=["shifted", "shorter", "last bit", "kind", "code", "one more", "sign of zero"],
)
def test_whatever_differs_changes_the_digest(other):
    assert digest(other) != digest(some())


def test_values_that_are_none_are_the_same_bytes_on_every_processor():
    one, other = np.array([np.nan, 1.0, 2, 3]), np.array([-np.nan, 1.0, 2, 3])
    assert one.tobytes() != other.tobytes()
    assert digest(some(x=one)) == digest(some(x=other))
    assert checked(some(x=other))["x"].tobytes() == one.tobytes()


def test_rows_are_selected_by_number():
    columns = joined([some(4, 8), some(0, 4)])
    assert chosen(columns, np.array([6, 1]))["x"].tolist() == [2.0, 1 / 3]
    with pytest.raises(InputError, match="IOM-E037"):
        chosen(columns, np.array([8]))


@pytest.mark.parametrize(
    "columns",
    [
        {"x": np.zeros(3)},
        {"x": np.zeros(4), "replicate": np.arange(4)},
        some(x=np.zeros(3)),
        some(x=np.zeros((4, 1))),
        some(x=np.zeros(4, np.float32)),
        some(x=np.array(["a"] * 4)),
        some(replicate=np.array([0, 1, 1, 2])),
        some(replicate=np.arange(4.0)),
        some(1, 5),
        {},
    ],
    ids=range(10),
)
def test_columns_of_another_shape_kind_or_replicate_are_refused(columns):
    with pytest.raises(InputError, match="IOM-E037"):
        checked(columns, np.arange(4))


def test_names_that_differ_in_capitals_alone_are_refused_as_files_do_not_tell_them_apart():
    with pytest.raises(InputError, match="IOM-E039"):
        checked(some(X=np.zeros(4)))


@pytest.mark.parametrize("other", [some(y=np.zeros(4)), some(code=np.zeros(4)), {"replicate": np.arange(4)}])
def test_blocks_with_other_columns_are_not_joined(other):
    with pytest.raises(InputError, match="IOM-E037"):
        joined([some(), other])
    with pytest.raises(InputError, match="IOM-E037"):
        joined([])

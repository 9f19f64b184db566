"""A row in the place of a header: numbers that count on name months, and fewer than three may be a person's."""

import pytest

from iom_causal.data.files.heads import is_person


@pytest.mark.parametrize(
    ("head", "below", "person"),
    [
        (["north", "1", "2"], ["south", "4", "0"], True),  # two in a row are chance
        (["urn", "1", "2", "3"], ["a1", "4", "0", "1"], False),
        (["urn", "1", "2", "4"], ["a1", "4", "0", "1"], True),
        (["urn", "2019", "2020"], ["a1", "4", "0"], False),  # years
        (["urn", "1899", "2101"], ["a1", "4", "0"], True),
        (["urn", "1900", "2100"], ["a1", "4", "0"], False),
    ],
)
def test_numbers_of_a_header_are_years_or_count_on(head, below, person):
    assert is_person(head, [below]) == person

"""Value labels: what says so many or more of its own number is a count, and of another number a band."""

import pytest

from iom_causal.data.files.labels import labelled


@pytest.mark.parametrize("word", ["4 or more", "4+", "More than 4", "> 4", "At least 4", "4 and over"])
def test_an_open_end_says_least_of_its_own_number_alone(word):
    assert labelled({4: word}, [4]) == ((), {}, (), (4,))
    assert labelled({3: word}, [3]) == ((), {}, (3,), ())


def test_a_label_that_is_its_own_number_says_nothing_and_a_band_is_another():
    assert labelled({4: "4", 0: "None at all", 1: "4"}, [0, 1, 4]) == ((), {}, (1,), ())
    assert labelled({4: "4 to 6 or more"}, [4]) == ((), {}, (4,), ())


def test_labels_of_values_that_the_column_does_not_hold_do_not_count():
    assert labelled({4: "4 or more", 88: "Refused", 1: "Yes"}, [4]) == ((), {}, (), (4,))

"""The error tree: codes are registered, printed and pickled."""

import pickle

import pytest

from iom_causal.errors import CODES, InputError, UnknownNameError


def test_an_unregistered_code_is_a_bug():
    with pytest.raises(LookupError):
        InputError("IOM-E999", "no such code")


def test_an_error_prints_its_code_and_pickles():
    error = pickle.loads(pickle.dumps(InputError("IOM-E060", "too few")))  # noqa: S301 our own bytes
    assert str(error) == "IOM-E060: too few"
    assert error.number == 60


def test_what_only_callers_know_ends_the_message_and_is_left_out_of_a_page():
    given = InputError("IOM-E048", "nobody else is here", "take 'linear'")
    error = pickle.loads(pickle.dumps(given))  # noqa: S301 our own bytes
    assert str(error) == "IOM-E048: nobody else is here; take 'linear'"
    assert error.plain == "nobody else is here"
    assert InputError("IOM-E048", "all here").plain == "all here"


def test_unknown_names_are_key_errors_too():
    assert isinstance(UnknownNameError("IOM-E009", "x"), KeyError)


def test_every_code_has_one_sentence():
    assert all(text.endswith(".") and key.startswith("IOM-E") and len(key) == 8 for key, text in CODES.items())

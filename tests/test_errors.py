"""The error tree: codes are registered, printed and pickled."""

import pickle
import re
from pathlib import Path

import pytest

from docs.make_errors import PAGE, page
from iom_causal.errors import CODES, NOTES, InputError, UnknownNameError

PACKAGE = Path(__file__).parents[1] / "iom_causal"


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


@pytest.mark.parametrize(("codes", "letter"), [(CODES, "E"), (NOTES, "W")])
def test_every_code_has_one_sentence_and_is_used(codes, letter):
    assert all(text.endswith(".") for text in codes.values())
    sources = {p: p.read_text(encoding="utf-8") for p in PACKAGE.rglob("*.py") if p.name != "errors.py"}
    used = {code for text in sources.values() for code in re.findall(rf"IOM-{letter}\d+", text)}
    assert used == set(codes)


def test_the_page_of_codes_is_made_from_them():
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m docs.make_errors"

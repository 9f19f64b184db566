"""What is said of the commonest slips in a study file."""

import pytest

from iom_causal.base.specs import read_toml
from iom_causal.errors import SpecError


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("title = \u201cOurs\u201d", "straight"),
        ('title = "Ours', "quotation mark is missing"),
        ('title = Ours"', "quotation mark is missing"),
        ("equal_windows = True", "true or false"),
        ("equal_windows = yes", "true or false"),
        ("index_date = 01/01/2022", "2022-01-31"),
        ("index_date = 2022-1-1", "2022-01-31"),
        ("smallest_effect = 10%", "0.1 for 10%"),
        ("threshold = 1,5", "with a point"),
        ('file = "C:\\Users\\people.csv"', "backslash"),
        ("title =", "not valid TOML"),
    ],
)
@pytest.mark.parametrize("after", ["", '\nid = "urn"\n'])
def test_a_slip_is_told_in_plain_words(line, said, after, tmp_path):
    file = tmp_path / "study.toml"
    file.write_text(f"[study]\n{line}{after}", encoding="utf-8")
    with pytest.raises(SpecError, match=said) as told:
        read_toml(file, "study")
    assert told.value.code == "IOM-E094"
    assert "Users" not in told.value.message
    assert said != "not valid TOML" or "; " not in told.value.message

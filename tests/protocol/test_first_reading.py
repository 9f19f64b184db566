"""The people of a study are read, and refused, before the methods that it names are loaded."""

import subprocess
import sys

import pytest

from iom_causal.analysis.study_people import read_people
from iom_causal.errors import InputError
from iom_causal.protocol import first_reading
from iom_causal.protocol.first_reading import read_first

HEAVY = (
    "pandas",
    "numba",
    "scipy.stats",
    "scipy.optimize",
    "matplotlib",
    "pymc",
    "arviz",
    "statsmodels",
    "jinja2",
    "docx",
)
"""What takes seconds to load, and what a refusal of people does not need."""
STUDY = """
[study]
title = "Ours"
{rule}
[study.extract]
file = "people.csv"
id = "urn"
index_date = 2016-01-01
windows = [
  {{ label = "before", start = -365, end = 0 }},
  {{ label = "after", start = 0, end = 365, post = true }},
]
outcomes = [{{ name = "arrests", kind = "count", columns = ["before", "after"] }}]
"""
RULE = (
    'selection = { variable = "arrests", windows = ["before"], rule = "at_least", threshold = 1, '
    'timing = "at_boundary" }'
)


def study(folder, cell="1", rule=""):
    rows = [f"p{k},{k % 4 + 1},{cell}" for k in range(30)]
    (folder / "people.csv").write_text("\n".join(["urn,before,after", *rows]) + "\n", encoding="utf-8")
    file = folder / "study.toml"
    file.write_text(STUDY.format(rule=rule), encoding="utf-8")
    return file


def test_a_refusal_of_people_loads_nothing_heavy(tmp_path):
    code = (
        "import sys; from iom_causal.cli import main\n"
        f"try: main(['evaluate', {str(study(tmp_path, 'five'))!r}], standalone_mode=False)\n"
        "except SystemExit as end: print(end.code)\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "IOM-E035" in done.stderr
    assert done.stdout.split() == ["2", "[]"]


def test_what_was_read_is_not_read_again(tmp_path):
    file = study(tmp_path)
    first = read_first(file)
    assert read_people(file, known=first).cohort is first.read.cohort


def test_people_of_whom_something_else_is_stated_are_read_again(tmp_path):
    first = read_first(study(tmp_path))
    again = read_people(study(tmp_path, rule=RULE), known=first)
    assert again.cohort is not first.read.cohort
    assert again.cohort["arrests"].selection is not None


def test_the_rest_of_a_study_comes_before_a_large_file(tmp_path, monkeypatch):
    file = study(tmp_path, "five")
    with pytest.raises(InputError, match="IOM-E035"):
        read_first(file)
    monkeypatch.setattr(first_reading, "SMALL", 100)
    assert read_first(file) is None


@pytest.mark.parametrize("text", ["[published]\n", "[study]\nextract = 1\n", '[study.extract]\nfile = "a.csv"\n'])
def test_what_is_not_well_stated_is_left_to_the_study(tmp_path, text):
    file = tmp_path / "study.toml"
    file.write_text(text, encoding="utf-8")
    assert read_first(file) is None

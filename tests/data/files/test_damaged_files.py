"""Damaged files: whatever bytes are changed, the answer is people or one typed refusal."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from iom_causal.data.files.readers import read_sheet
from iom_causal.data.files.reading import Reading
from iom_causal.data.files.sheet import Limits
from iom_causal.data.files.spss_stata import read_sav
from iom_causal.errors import IomCausalError
from tests.data.mutants import mutants

ROOT = Path(__file__).parents[3]
forks = pytest.mark.skipif(sys.platform == "win32", reason="a mutant is read in a process of its own, by fork")


def untyped(*settings):
    """What comes out of a process that reads mutants: in this one a damaged file might end all tests."""
    command = [sys.executable, "-W", "error", "-m", "tests.data.mutants", *settings]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    return done.stdout + done.stderr


@forks
def test_of_files_that_are_damaged_some_show_that_none_gets_through_untyped():
    assert untyped("together", "97") == ""


@forks
@pytest.mark.slow
@pytest.mark.parametrize("forms", [("csv", "xlsx"), ("sav",), ("dta",), ("parquet", "toml")], ids="-".join)
def test_no_damaged_file_gets_through_untyped(forms):
    assert len(mutants()) >= 5_000
    assert untyped("together", "1", *forms) == ""


@forks
@pytest.mark.slow
def test_a_thousand_damaged_files_are_read_within_5_seconds_and_1_gib():
    assert len(mutants()[::5]) >= 1_000
    assert untyped("apart", "5") == ""


def test_a_file_that_brings_its_reader_down_is_refused_and_nothing_else_ends(tmp_path):
    file = tmp_path / "people.sav"
    frame = pd.DataFrame({"id": [f"{k:03d}" for k in range(30)], "a": np.arange(30.0), "b": np.arange(30.0)})
    pyreadstat.write_sav(frame, str(file), variable_value_labels={"a": {1.0: "x"}})
    found = set()
    for seed in (34, 35, 36):  # the first ends the process of the reader with a fault of memory
        rng, changed = np.random.default_rng(seed), bytearray(file.read_bytes())
        for _ in range(4):
            changed[rng.integers(len(changed))] = rng.integers(256)
        damaged = tmp_path / f"damaged{seed}.sav"
        damaged.write_bytes(bytes(changed))
        try:
            read_sav(damaged, Reading(), Limits())
        except IomCausalError as error:
            found.add(error.code)
    assert "IOM-E014" in found


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_bug_of_our_own_is_not_called_damage(tmp_path, monkeypatch, ending):
    file = tmp_path / f"people.{ending}"
    frame = pd.DataFrame({"id": ["a1", "a2"], "n": [1, 2]})
    frame.to_csv(file, index=False) if ending == "csv" else frame.to_excel(file, index=False)

    def broken(*_):
        raise AttributeError("ours")

    monkeypatch.setattr("iom_causal.data.files.table.headings", broken)
    with pytest.raises(AttributeError, match="ours"):
        read_sheet(file)

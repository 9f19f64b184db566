"""Damaged files: whatever bytes are changed, the answer is people or one typed refusal."""

import random

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from examples import from_a_spreadsheet as example
from iom_causal.analysis.study_people import read_people
from iom_causal.data.files.binary import read_sav
from iom_causal.data.files.sheet import Reading
from iom_causal.data.guesses.guess import guess
from iom_causal.errors import IomCausalError
from iom_causal.protocol.draft import start
from iom_causal.protocol.study import load_study

MUTATIONS = 40
STRANGE = (b",", b'"', b"\n", b"\0", b"9" * 20, b";", b"\xff")


def damaged(data, draw):
    out = bytearray(data)
    for _ in range(draw.choice([1, 3, 10])):
        at, how = draw.randrange(len(out)), draw.random()
        if how < 0.5:
            out[at] = draw.randrange(256)
        elif how < 0.75:
            del out[at : at + draw.choice([1, 5, 200])]
        else:
            out[at:at] = draw.choice(STRANGE)
    return bytes(out)


@pytest.mark.parametrize(
    "make",
    [example.custody_csv, example.scores_xlsx, example.semicolons_csv, example.windows_parquet],
    ids=lambda make: make.__name__,
)
def test_bytes_that_change_never_get_through_untyped(tmp_path, make):
    file, _ = make(tmp_path)
    path = start(tmp_path / "study", source=file).file
    study = load_study(path)
    data, draw = file.read_bytes(), random.Random(7)  # noqa: S311 no secret
    for _ in range(MUTATIONS):
        file.write_bytes(damaged(data, draw))
        for read in (lambda: read_people(study, path.parent), lambda: guess(file)):
            try:
                read()
            except IomCausalError as error:
                assert error.__suppress_context__ or error.__context__ is None  # noqa: PT017 only some are refused


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
            read_sav(damaged, Reading())
        except IomCausalError as error:
            found.add(error.code)
    assert "IOM-E014" in found

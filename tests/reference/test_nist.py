"""Means and standard deviations of the NIST StRD univariate sets, by digits that agree."""

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest

from iom_causal.numerics.inference.paired_moments import paired_moments

FOLDER = Path(__file__).parents[3] / "shared" / "reference"
pytestmark = pytest.mark.skipif(not (FOLDER / "nist").is_dir(), reason="the NIST files are not beside this checkout")

DIGITS = {"NumAcc3": 9, "NumAcc4": 8}  # what rounding the decimals to doubles leaves; elsewhere 13
NAMES = ["PiDigits", "Lottery", "Lew", "Mavro", "Michelso", "NumAcc1", "NumAcc2", "NumAcc3", "NumAcc4"]


def read(name):
    text = (FOLDER / "nist" / f"{name}.dat").read_text(encoding="ascii", errors="replace")
    first, last = (int(x) for x in re.search(r"Data\s+: lines\s+(\d+) to\s+(\d+)", text).groups())
    lines = text.splitlines()[first - 1 : last]
    certified = re.search(r"Sample Mean\s+ybar:\s+(\S+).*?s:\s+(\S+)", text, re.DOTALL).groups()
    return [float(x) for line in lines for x in line.split()], [float(x) for x in certified]


def digits(value, certified):
    return 15.0 if value == certified else min(15.0, -math.log10(abs(value - certified) / abs(certified)))


@pytest.mark.parametrize("name", NAMES)
def test_mean_and_sd(name):
    values, (mean, sd) = read(name)
    found = paired_moments(np.column_stack([values, values]))
    got_mean, got_sd = float(found.mean_pre), float(found.sd_pre)
    assert digits(got_mean, mean) >= 14
    assert digits(got_sd, sd) >= DIGITS.get(name, 13)


def test_the_files_are_the_expected_ones():
    facts = json.loads((FOLDER / "nist_strd.json").read_text(encoding="utf-8"))["datasets"]
    for name in NAMES:
        values, _ = read(name)
        assert len(values) == facts[name]["n"]
        assert values[:3] == facts[name]["first"]
        assert values[-1] == facts[name]["last"]

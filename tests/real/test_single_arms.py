"""Trials with a control group: the ledger of the treated arm alone covers what the whole trial finds."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from iom_causal.estimators import RateRatio
from iom_causal.ledger import Ledger
from iom_causal.moments import Moments
from iom_causal.panel import Panel

EPIL = Path(__file__).parents[3] / "shared" / "data" / "epil.csv"
ANOREXIA = Path(__file__).parents[1] / "reference" / "r" / "ancova.json"


@pytest.mark.parametrize("arm", ["CBT", "FT"])
def test_weights_of_treated_girls(arm):
    printed = json.loads(ANOREXIA.read_text(encoding="utf-8"))
    controlled = printed["gaussian"]["coefficients"][f"Treat{arm}"]
    single = Ledger()(Moments(kind="score", name="weight", **printed["groups"][arm]), rng=1)
    assert single.conf_low < controlled < single.conf_high


@pytest.mark.skipif(not EPIL.exists(), reason="the epilepsy trial is not beside this checkout")
def test_seizures_of_treated_patients():
    trial = pd.read_csv(EPIL)
    sums = trial.groupby(["subject", "trt"], as_index=False).agg(base=("base", "first"), after=("y", "sum"))
    arms = {
        name: Panel.from_arrays(group[["base", "after"]].to_numpy(), name="seizures", exposure=[56.0, 56.0])
        for name, group in sums.groupby("trt")
    }
    ratios = {name: RateRatio()(panel).estimate for name, panel in arms.items()}
    assert {k: round(v, 3) for k, v in ratios.items()} == {"placebo": 1.115, "progabide": 1.007}
    single = Ledger()(arms["progabide"], rng=1)
    assert single.conf_low < ratios["progabide"] / ratios["placebo"] < single.conf_high
    assert np.isclose(single.estimate, ratios["progabide"])

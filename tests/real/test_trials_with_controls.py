"""Trials with a control group, as the designs with something to compare with read them."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from iom_causal.estimators import DiffInDiff, LevelDifference
from iom_causal.panel import Panel

DATA = Path(__file__).parents[3] / "shared" / "data"


def read(name):
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{name} is not beside this checkout")
    return pd.read_csv(path)


def managed(who):
    return np.ma.MaskedArray(np.ones(len(who), dtype=int), mask=~np.asarray(who))


def test_seizures_with_and_without_progabide():
    """Thall & Vail (1990), MASS::epil: 59 patients, 8 weeks before and 8 after."""
    trial = read("epil.csv")
    sums = trial.groupby(["subject", "trt"], as_index=False).agg(base=("base", "first"), after=("y", "sum"))
    panel = Panel.from_arrays(
        sums[["base", "after"]].to_numpy(), exposure=[56.0, 56.0], start=managed(sums["trt"] == "progabide")
    )
    e = DiffInDiff()(panel)
    d = e.diagnostics
    assert (round(d["before_comparison"], 2), round(d["before_managed"], 2)) == (30.79, 31.61)
    assert (round(d["change_comparison"], 3), round(d["change_managed"], 3)) == (1.115, 1.007)
    assert e.estimate == pytest.approx(d["change_managed"] / d["change_comparison"], rel=1e-12)
    linear = DiffInDiff(se="cr2")(panel)
    assert linear.std_error < e.std_error  # one patient has an eighth of his arm's seizures
    assert round(sums["base"].max() / sums["base"][sums["trt"] == "progabide"].sum(), 2) == 0.15


def test_recurrent_tumours_with_and_without_thiotepa():
    """Byar (1980), survival::bladder1: the negative binomial ratio of rates, and the pooled one.

    The regression weighs people by their rate's precision, and the pooled ratio by their time alone.
    """
    import statsmodels.api as sm

    spells = read("bladder1.csv")
    people = spells.groupby("id").agg(
        treatment=("treatment", "first"), months=("stop", "max"), events=("status", lambda s: (s == 1).sum())
    )
    people = people[people["treatment"].isin(["placebo", "thiotepa"]) & (people["months"] > 0)]
    treated = (people["treatment"] == "thiotepa").to_numpy()
    totals = people.groupby("treatment")[["events", "months"]].sum()
    assert totals.to_numpy().tolist() == [[87, 1528], [45, 1183]]
    x = sm.add_constant(treated.astype(float))
    fit = sm.NegativeBinomial(people["events"].to_numpy(), x, offset=np.log(people["months"].to_numpy())).fit(disp=0)
    family = sm.families.NegativeBinomial(alpha=fit.params[-1])  # the error as MASS gives it, at the fitted dispersion
    given = sm.GLM(people["events"].to_numpy(), x, offset=np.log(people["months"].to_numpy()), family=family).fit()
    assert (round(given.params[1], 3), round(given.bse[1], 3)) == (-0.298, 0.294)
    outcome = np.column_stack([np.full(len(people), np.nan), people["events"]])
    days = np.column_stack([people["months"]] * 2).astype(float)
    panel = Panel.from_arrays(outcome, start=managed(treated), exposure=days, missing="keep")
    e = LevelDifference(by="managed", window="after")(panel)
    assert e.estimate == pytest.approx((45 / 1183) / (87 / 1528), rel=1e-12)
    assert e.conf_low < math.exp(-0.298) < e.conf_high

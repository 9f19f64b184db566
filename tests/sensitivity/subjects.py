"""Data and ledgers that the searches over settings are tried on."""

import datetime as dt

import numpy as np

from iom_causal.confounds import (
    Ageing,
    Attrition,
    Breach,
    Custody,
    Desistance,
    Detection,
    History,
    RegressionToMean,
    Remission,
    ScoreError,
    ScoreRegression,
    Season,
)
from iom_causal.moments import Moments
from iom_causal.panel import Panel
from iom_causal.windows import Selection, Window

DAY = dt.date(2012, 5, 1)
WINDOWS = (Window("before", -547, 0), Window("after", 0, 549, post=True))
RULE = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=3.0)
CUT = Selection("risk", ("before",), "at_least", "at_boundary", threshold=220.0)


def arrests(n=60, seed=3, **settings):
    rng = np.random.default_rng(seed)
    rate = 1.0 + rng.gamma(2.0, 3.0, n)
    pairs = np.maximum(np.stack([rng.poisson(rate), rng.poisson(0.53 * rate)], axis=-1), [3, 0])
    return Panel.from_arrays(
        pairs,
        name="arrests",
        windows=WINDOWS,
        index_date=DAY,
        age=rng.uniform(18, 45, n),
        selection=RULE,
        exposure=[w.days for w in WINDOWS],
        **settings,
    )


def risk(n=60, seed=4, *, lost=0):
    rng = np.random.default_rng(seed)
    before = 220 + 10 * np.round(rng.gamma(1.0, 6.0, n))
    after = before - 60 + 40 * rng.standard_normal(n)
    after[:lost] = np.nan
    return Panel.from_arrays(
        np.stack([before, after], -1), kind="score", name="risk", windows=WINDOWS, selection=CUT, missing="keep"
    )


def printed(**settings):
    given = {"n": 225, "mean_pre": 6.84, "sd_pre": 4.75, "mean_post": 3.61, "sd_post": 3.66, "r": 0.5}
    return Moments.from_summary(**given | {"windows": WINDOWS, "name": "arrests"} | settings)


# A line, the setting of it that is moved, values that it takes and one that it refuses (None where it takes all).
COUNTS = (
    (Ageing(), "strength", (0.5, 1.0, 2.0), -0.5),
    (Ageing(), "age_offset", (-1.0, 0.0, 2.0), None),
    (Attrition(), "untracked", (0.0, 0.1, 0.3), 1.0),
    (Attrition(absent=0.2), "absent_ratio", (0.5, 1.0, 2.0), -1.0),
    (Breach(), "after", (0.0, 0.1, 0.5), 1.0),
    (Breach(unit="per_year"), "after", (0.0, 0.3, 1.0), 1e3),
    (Custody(ratio=0.9), "ratio", (0.6, 0.9, 1.2), 0.0),
    (Custody(custody_per_arrest=0.2, stay_years=0.4), "stay_years", (0.1, 0.4, 0.9), 0.0),
    (Desistance(hazard=0.1), "hazard", (0.0, 0.1, 0.4), -0.1),
    (Detection(), "ratio", (0.5, 1.0, 1.5), 25.0),
    (Detection(), "false_pre", (0.0, 0.1, 0.5), 1.0),
    (History(ratio=0.9), "ratio", (0.5, 0.9, 1.5), 0.0),
    (History(series="arrests-england-wales"), "elasticity", (-1.0, 0.0, 2.0), 25.0),
    (History(ratio=0.9), "contamination", (0.0, 0.1, 0.2), 1.0),
    (Season(amplitude=0.1), "amplitude", (0.0, 0.1, 0.3), None),
    (RegressionToMean(method="linear", comparable_mean=3.0), "comparable_mean", (1.0, 3.0, 6.0), 0.0),
    (RegressionToMean(method="gamma_poisson", comparable_mean=3.0, shape=1.2), "shape", (0.5, 1.2, 3.0), 0.0),
    (RegressionToMean(method="robbins_zhang", persistence=0.9), "persistence", (0.6, 0.9, 1.0), 1.2),
    (RegressionToMean(method="at_event", events=1.0), "events", (0.0, 1.0, 2.0), -1.0),
    (RegressionToMean(persistence=0.9), "persistence", (0.6, 0.9, 1.0), 1.2),
)
SCORES = (
    (Attrition(), "delta", (-20.0, 0.0, 20.0), None),
    (History(ratio=0.9), "ratio", (0.5, 0.9, 1.5), 0.0),
    (Remission(per_month=1.0), "per_month", (-1.0, 1.0, 3.0), None),
    (Remission(share=0.1, population_mean=150.0), "population_mean", (100.0, 150.0, 200.0), None),
    (ScoreError(), "drift_per_year", (-20.0, 0.0, 20.0), None),
    (ScoreError(events_change=-3.0), "points_per_event", (0.0, 5.0, 10.0), None),
    (ScoreRegression(sem=30.0, grid=10.0), "sem", (10.0, 30.0, 60.0), -1.0),
    (ScoreRegression(sem=30.0, edge_density=0.01), "edge_density", (0.005, 0.01, 0.04), 0.0),
    (ScoreRegression(sem=30.0, edge_density=0.01, late=0.5), "late", (0.0, 0.5, 1.0), 1.2),
    (ScoreRegression(sem=30.0, edge_density=0.01, grid=10.0), "grid", (0.0, 10.0, 20.0), -1.0),
)

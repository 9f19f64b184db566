"""Worlds with the law of a real cohort show the falls that the real cohort shows, threshold by threshold,
net of the whole cohort's change."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from iom_causal import simulate as sim
from iom_causal.confounds import RegressionToMean
from iom_causal.confounds.regression.careers import CareerLaw
from iom_causal.numerics.selection import career_model as careers
from iom_causal.windows import Selection, Window

FILE = Path(__file__).parents[3] / "shared" / "data" / "toronto_sample_a.csv"
pytestmark = pytest.mark.skipif(not FILE.exists(), reason="the Toronto file is not beside this checkout")

DATES, THRESHOLDS = range(20, 27), range(6)
WINDOWS = (
    *(Window(f"year {k}", -365 * k, -365 * (k - 1)) for k in range(6, 0, -1)),
    Window("after", 0, 730, post=True),
)


def ratios(counts, weight):
    """Pooled after over before for each threshold; (n, 3) sums of four years before, two before and two after."""
    before, after = counts[:, 1], counts[:, 2]
    return [float((weight * (before >= k)) @ after / ((weight * (before >= k)) @ before)) for k in THRESHOLDS]


@pytest.mark.slow
def test_the_simulated_placebo_table_is_the_real_one():
    frame = pd.read_csv(FILE)
    table = frame.pivot_table(index="id", columns="age", values="contacts")
    rng = np.random.default_rng(20121101)
    weights = np.vstack([np.ones(len(table)), rng.exponential(size=(300, len(table)))])
    real, made = np.zeros((len(weights), len(THRESHOLDS))), np.zeros(len(THRESHOLDS))
    for age in DATES:
        first = max(17, age - 6)
        history = careers.make_history(table[list(range(first, age))].to_numpy(float))
        theta = careers.fit_careers(history).theta
        logs = np.exp(theta[[0, 2, 3, 4]])
        law = CareerLaw(
            rate=logs[0], own_sd=logs[1], drift_sd=logs[2], return_rate=logs[3], trend=float(theta[1]),
            desistance=1 / (1 + math.exp(-theta[5])),
        )  # fmt: skip
        rule = Selection("arrests", ("year 2", "year 1"), "at_least", "at_boundary", threshold=0)
        line = RegressionToMean(method="desistance", drift="model", careers=law, selection=rule)
        world = sim.Careers(people=4000, windows=WINDOWS[-(age - first + 1) :], confounds=(line,)).batch(10, rng=age)
        y = world.untreated.events.reshape(-1, age - first + 1)
        simulated = np.column_stack([y[:, :-3].sum(1), y[:, -3:-1].sum(1), y[:, -1]])
        windows = [table[list(range(age + a, age + a + 2))].to_numpy(float).sum(1) for a in (-2, 0)]
        seen = np.column_stack([np.zeros(len(table)), *windows])
        made += np.log(ratios(simulated, np.ones(len(simulated))))
        real += np.log([ratios(seen, w) for w in weights])
    real, made = real / len(DATES), made / len(DATES)
    # The whole cohort's change is drift, which no law fitted to earlier years foretells: here it falls by .26 on
    # the log scale and the worlds by .35. What picking adds to it is what the worlds must show.
    assert real[0, 0] - made[0] == pytest.approx(0.09, abs=0.03)
    picking, simulated = real[:, 1:] - real[:, :1], made[1:] - made[0]
    error = picking[1:].std(0, ddof=1)
    assert (np.abs(picking[0] - simulated) < 1.96 * error).all()
    assert (np.diff(made) < 0).all()  # the higher the threshold, the deeper the fall

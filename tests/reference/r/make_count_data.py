"""Write the made-up counts that count_models.R and the tests read: 225 people, two windows and five."""

from pathlib import Path

import numpy as np

HERE = Path(__file__).parent


def pairs(rng):
    """Correlated lognormal frailties, like those that the moments of a published table imply."""
    sd, correlation = np.array([0.538, 0.749]), 0.794
    cov = np.outer(sd, sd) * np.array([[1, correlation], [correlation, 1]])
    frailty = np.exp(rng.multivariate_normal(-(sd**2) / 2, cov, 225))
    y = rng.poisson(frailty * [6.84, 3.61])
    age = rng.integers(18, 46, 225)
    days = np.column_stack([np.full(225, 547), 549 - rng.integers(0, 200, 225) * (rng.random(225) < 0.3)])
    return np.column_stack([np.arange(225), y, days, age])


def windows(rng):
    """Five windows of unequal exposure, some missing, the last two after."""
    frailty = np.exp(rng.normal(0, 0.6, 80))
    days = rng.integers(60, 180, (80, 5))
    mean = frailty[:, None] * days / 100 * np.array([1, 1, 1, 0.7, 0.7])
    y = rng.poisson(mean * rng.gamma(6, 1 / 6, (80, 5)))
    gone = rng.random((80, 5)) < 0.1
    rows = [(i, t, int(t > 2), days[i, t], y[i, t]) for i in range(80) for t in range(5) if not gone[i, t]]
    return np.array(rows)


if __name__ == "__main__":
    rng = np.random.default_rng(20121101)
    np.savetxt(
        HERE / "pairs.csv", pairs(rng), "%d", ",", header="id,before,after,days_before,days_after,age", comments=""
    )
    np.savetxt(HERE / "windows.csv", windows(rng), "%d", ",", header="id,window,post,days,y", comments="")

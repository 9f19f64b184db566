"""The PyMC model of counts and scores together: two latent log rates a person, scores normal given these."""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.bayes.joint_data import Both
from iom_causal.bayes.shared.parameters import Parameter
from iom_causal.numerics.posterior.joint_outcomes import PAIRS, lkj_shapes

type Floats = NDArray[np.float64]


def model_of(
    data: Both, parameters: Sequence[Parameter], *, halves: Collection[str], eta: float, sem: float, psi: float
) -> Any:
    """Return the model; partial correlations, whose parameters are named by `halves`, are one vector in it."""
    import pymc as pm  # noqa: PLC0415 slow to load
    import pytensor.tensor as pt  # noqa: PLC0415

    n = len(data.counts)
    shapes = lkj_shapes(eta)
    with pm.Model() as model:
        v = {p.name: p.variable() for p in parameters if p.name not in halves}
        partial = 2 * pm.Beta("half_partial", shapes, shapes) - 1
        factor = _factor(partial)
        sd_before, sd_after = v["rate_sd_before"], v["rate_sd_after"]
        before = pm.Normal("log_rates_before", v["log_rate"], sd_before, shape=n)
        first = (before - v["log_rate"]) / sd_before
        place = v["log_rate"] + v["log_ratio"] + sd_after * factor[1, 0] * first
        after = pm.Normal("log_rates_after", place, sd_after * factor[1, 1], shape=n)
        z = pt.stack([first, (after - place) / (sd_after * factor[1, 1])], axis=1)
        log_rate = pt.stack([before, after], axis=1)
        score_sd = pt.stack([v["sd_before"], v["sd_after"]])
        who, when = np.nonzero(np.isfinite(data.log_exposure))
        mean = pt.exp(log_rate[who, when] + data.log_exposure[who, when])
        pm.Poisson("counts", mean, observed=data.counts[who, when])
        place = pt.stack([v["mean_before"], v["mean_before"] + v["mean_change"]])
        place = place + score_sd * (z @ factor[2:, :2].T)
        left = score_sd[:, None] * factor[2:, 2:]
        _scores(pm, data.scores, place, left @ left.T + sem**2 * np.eye(2))
        correlation = factor @ factor.T
        pm.Deterministic("correlation", pt.stack([correlation[i, j] for i, j in PAIRS]))
        spread = (sd_after**2 - sd_before**2) / 2
        pm.Deterministic("ratio", pt.exp(v["log_ratio"] + spread))
        given_rates = left @ left.T
        variance = given_rates[1, 1] - given_rates[0, 1] ** 2 / (given_rates[0, 0] + sem**2)
        pm.Deterministic("change", v["mean_change"] + data.lost * psi * variance)
    return model


def _factor(partial: Any) -> Any:
    """Return the Cholesky factor of the correlations, as `cholesky` does, of PyTensor's variables."""
    import pytensor.tensor as pt  # noqa: PLC0415 slow to load

    rows: list[list[Any]] = [[0.0] * 4 for _ in range(4)]
    left: list[Any] = [pt.as_tensor(1.0) for _ in range(4)]
    for k, (i, j) in enumerate(PAIRS):
        rows[i][j] = partial[k] * left[i]
        left[i] = left[i] * pt.sqrt(1 - partial[k] ** 2)
    for i in range(4):
        rows[i][i] = left[i]
    return pt.stack([pt.stack(row) for row in rows])


def _scores(pm: Any, x: Floats, place: Any, cov: Any) -> None:
    """Add the scores that are there: those before, those after given these, and those after alone."""
    before, after = ~np.isnan(x).T
    both, alone = np.flatnonzero(before & after), np.flatnonzero(~before & after)
    first = np.flatnonzero(before)
    pm.Normal("score_before", place[first, 0], cov[0, 0] ** 0.5, observed=x[first, 0])
    slope = cov[0, 1] / cov[0, 0]
    mean = place[both, 1] + slope * (x[both, 0] - place[both, 0])
    pm.Normal("score_after", mean, (cov[1, 1] - slope * cov[0, 1]) ** 0.5, observed=x[both, 1])
    if alone.size:
        pm.Normal("score_after_alone", place[alone, 1], cov[1, 1] ** 0.5, observed=x[alone, 1])

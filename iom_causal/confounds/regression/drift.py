"""Drift of rates towards the mean of the source population, on top of regression to the mean where rates stay."""

from collections.abc import Callable
from typing import Any

import numpy as np

from iom_causal.beliefs import Belief
from iom_causal.beliefs.theta import Theta, belief_fields
from iom_causal.confounds.phrases import setting
from iom_causal.confounds.regression.limits import NOT_LATE, NOTHING_LASTS, above_zero
from iom_causal.confounds.regression.method import Floats, Method
from iom_causal.confounds.regression.readings import Reading
from iom_causal.moments import Moments
from iom_causal.numerics.pairs.moments import PairMoments
from iom_causal.numerics.selection import robbins_zhang
from iom_causal.panel import Panel


def with_drift(reading: Reading, static: Callable[[PairMoments | None], Floats]) -> Floats:
    """Return the shift where a share `persistence` of a rate's distance from the mean lasts; without it all does.

    Where no mean is stated it is 0, and the share is one of the rate itself.

    Parameters
    ----------
    reading : Reading
        The window that was read, and the other one.
    static : callable
        The shift where rates stay, from the moments of `reading`, or from others in their place.
    """
    mean, persistence = reading.theta.get("comparable_mean"), reading.theta.get("persistence")
    if persistence is None:
        return static(None)
    if mean is None:
        mean, persistence = 0.0, above_zero(np.asarray(persistence, dtype=np.float64), NOTHING_LASTS)
    m = reading.moments
    if not reading.late:
        return robbins_zhang.drifting_log_shift(static(None), persistence, np.asarray(mean), m.mean_pre)
    lasting = m._replace(mean_post=_lasting_mean(m, mean, persistence))
    return static(lasting) + np.log(np.asarray(m.mean_post) / lasting.mean_post)


def _lasting_mean(m: PairMoments, population_mean: Any, persistence: Any) -> Any:
    """Return the mean in the other window of people selected late, had rates stayed: ``(M - (1 - rho) mu) / rho``.

    What they come back to is the population's mean in that window, which nothing has changed yet.
    """
    rho = above_zero(np.asarray(persistence, dtype=np.float64), NOTHING_LASTS)
    return above_zero((np.asarray(m.mean_post) - (1 - rho) * np.asarray(population_mean)) / rho, NOT_LATE)


def lasting_share(method: Method, persistence: Belief | None, data: Panel | Moments, theta: Theta) -> str:
    """Return the lasting share of rates, in the words of a sentence; nothing where they stay."""
    if persistence is None:
        return ""
    lasts = setting(method, "persistence", theta)
    if "comparable_mean" not in belief_fields(method):
        return f", and {lasts} of them lasts"
    mean = setting(method, "comparable_mean", theta)
    return f", and {lasts} of their distance from the mean of {mean} {data.name} lasts"

"""Pooled rates of one group before and after, with the cluster-robust log of their ratio."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.inputs.pairs import CompletePairs, PairedOutcomes
from iom_causal.inputs.sample import time_at_risk
from iom_causal.numerics.inference.ratios import LogRatio, robust_from_moments, robust_from_people
from iom_causal.numerics.inference.weighted_moments import weighted_sum

Floats = NDArray[np.float64]


class Totals(NamedTuple):
    """Totals of a group over its complete pairs, (R,) each.

    Attributes
    ----------
    before, after : ndarray
        Events.
    days : ndarray
        Days at risk after over days at risk before; 1 where days are not known.
    """

    before: Floats
    after: Floats
    days: Floats


def pooled_rates(people: PairedOutcomes, complete: CompletePairs) -> tuple[Totals, LogRatio]:
    """Estimate the log ratio of pooled rates, after over before, with people as clusters.

    Parameters
    ----------
    people : PairedOutcomes
        With a replicate axis. Where days at risk are common to all, sums of whole numbers lose no digits.
    complete : CompletePairs
        What ``people.filled()`` returns.

    Returns
    -------
    tuple of Totals and LogRatio
        The ratio is that of rates per day at risk where days are known, else that of totals.

    Examples
    --------
    >>> from iom_causal.inputs.pairs import replicated
    >>> from iom_causal.panel import Panel
    >>> people = replicated(Panel.from_arrays([[3, 1], [2, 2], [5, 0]]))
    >>> totals, robust = pooled_rates(people, people.filled())
    >>> totals.before.tolist(), totals.after.tolist(), np.exp(robust.log_ratio).round(4).tolist()
    ([10.0], [3.0], [0.3])
    """
    before, after, weight = complete
    days, own = people.exposure, people.own_days
    with np.errstate(invalid="ignore", divide="ignore"):  # a replicate in which nobody has both windows
        if own is not None:
            length = np.divide(*reversed(time_at_risk(own, np.broadcast_to(weight, before.shape))))
            robust = robust_from_people(before, after, own[..., 0], own[..., 1], weight=weight)
        else:
            robust = robust_from_moments(people.moments)
            length = np.where(robust.people > 0, 1.0 if days is None else days[1] / days[0], np.nan)
            robust = robust._replace(log_ratio=robust.log_ratio - np.log(length))
    return Totals(weighted_sum(weight, before), weighted_sum(weight, after), length), robust

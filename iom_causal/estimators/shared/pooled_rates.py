"""Pooled rates of one group before and after, with the cluster-robust log of their ratio."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.inputs.pairs import CompletePairs, PairedOutcomes
from iom_causal.inputs.sample import time_at_risk
from iom_causal.numerics.inference.ratios import LogRatio, robust_from_moments, robust_from_people

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
    before, after, at_risk, weight = complete
    with np.errstate(invalid="ignore", divide="ignore"):  # a replicate in which nobody has both windows
        days = time_at_risk(at_risk, weight)
        totals = Totals((weight * before).sum(-1), (weight * after).sum(-1), np.asarray(days[1] / days[0]))
        if people.exposure is not None and people.exposure.ndim > 1:
            return totals, robust_from_people(before, after, at_risk[..., 0], at_risk[..., 1], weight=weight)
        robust = robust_from_moments(people.moments)
        return totals, robust._replace(log_ratio=robust.log_ratio - np.log(totals.days))

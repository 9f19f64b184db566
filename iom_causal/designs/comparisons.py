"""Comparison of two answers by one performance measure, on the replicates that both serve."""

from dataclasses import replace

import numpy as np

from iom_causal.designs.diagnosands import DIAGNOSANDS
from iom_causal.designs.figures import Figure, Flags, paired_difference
from iom_causal.designs.samples import Sample

OF_ALL = ("failures", "coverage_failures_miss")
"""The measures that are of all replicates, whoever fails in them."""


def compared(measure: str, first: Sample, second: Sample) -> Figure:
    """Compute the difference of a measure between two answers, first less second, with the Monte Carlo error of pairs.

    Parameters
    ----------
    measure : str
        A name of `DIAGNOSANDS`.
    first, second : Sample
        Row by row the same replicates.

    Notes
    -----
    Both figures are worked out on the replicates in which both gave a finite estimate, or a set: answers that refuse
    the hard ones, or are infinite there, would look better than they are. Measures of failures are of all replicates.

    Examples
    --------
    >>> one = Sample.of([0.1, -0.1, 9.0], 0.0)
    >>> other = Sample.of([0.2, -0.2, 0.0], 0.0, code=[0, 0, 64])
    >>> round(compared("rmse", one, other).value, 3), compared("failures", one, other).n
    (-0.1, 3)
    """
    function = DIAGNOSANDS[measure].function
    if measure in OF_ALL:
        return paired_difference(function(first), function(second))
    both = useful(first) & useful(second)
    return paired_difference(*(function(replace(sample, common=both)) for sample in (first, second)))


def useful(sample: Sample) -> Flags:
    """Return the replicates in which an answer gave a finite estimate, or a set."""
    return np.asarray(sample.answered & (np.isfinite(sample.estimate) | ~np.isnan(sample.set_low)))

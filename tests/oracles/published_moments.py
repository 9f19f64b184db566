"""Paired moments from published figures, where r or t closes the gap."""

import math

import numpy as np

from iom_causal.numerics.inference.paired_moments import PairedMoments
from iom_causal.numerics.inference.summaries import change_sd, correlation


def moments_from_summary(*, n, mean_pre, sd_pre, mean_post, sd_post, r=None, t=None):
    """Build the moments from exactly one of r and t; t is read as a magnitude."""
    change = mean_post - mean_pre
    if r is None:
        sd_change = abs(change) * math.sqrt(n) / abs(t)
        r = float(correlation(sd_pre, sd_post, sd_change))
    else:
        sd_change = float(change_sd(sd_pre, sd_post, r))
    figures = (n, mean_pre, mean_post, change, sd_pre, sd_post, sd_change, r)
    return PairedMoments(*(np.asarray(x, float) for x in figures))

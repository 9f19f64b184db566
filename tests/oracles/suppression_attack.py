"""Ranges of withheld cells by linear programming: what a reader of suppressed tables could work out."""

import numpy as np

from iom_causal.numerics.printed.suppression import _ends


def widths(counts, relations, withheld, threshold):
    """Return how far apart each withheld cell can lie in two tables that show the same, at most `threshold`."""
    hidden = np.flatnonzero(withheld)
    ends = list(_ends(counts[hidden], relations[:, hidden], threshold))
    return np.array([min(high - low, threshold) for low, high in ends])

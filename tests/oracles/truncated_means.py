"""Closed-form means before and after of a gamma-Poisson population above a threshold of the count before."""

from typing import NamedTuple

import numpy as np

from iom_causal.numerics.selection.truncated_gamma_poisson import upper_tail


class SelectedMeans(NamedTuple):
    """Means of the people selected, when nothing else happens between the windows."""

    before: np.ndarray
    after: np.ndarray


def selected_means(mean, shape, threshold):
    """Compute the means of people with at least `threshold` events before; a weighted gamma has the next shape."""
    share = upper_tail(shape, mean / shape, threshold)
    return SelectedMeans(
        np.asarray(mean * upper_tail(shape + 1, mean / shape, threshold - 1) / share),
        np.asarray(mean * upper_tail(shape + 1, mean / shape, threshold) / share),
    )

"""Influence of each person on the log of a sum of forecasts, the movement of the fit included."""

import numpy as np


def log_share_influence(part, fit, slopes, weight):
    """Return how much each person moves the log of a weighted sum of forecasts.

    `part` holds each person's expected events, 0 outside the sum; `slopes` (n, 6) its derivatives in the parameters.
    """
    f, w = np.asarray(part, dtype=np.float64), np.asarray(weight, dtype=np.float64)
    total = float(w @ f)
    return w * f / total + fit.influence @ (w @ np.asarray(slopes)) / total

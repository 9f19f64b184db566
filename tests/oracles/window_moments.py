"""Moments of window averages of a stationary Ornstein-Uhlenbeck process of variance 1."""

import numpy as np


def window_variance(return_rate, length):
    """Return the variance of the average over a window, ``2 (x - 1 + e^-x) / x^2`` with x the rate times the length."""
    x = return_rate * length
    return 2 * (x + np.expm1(-x)) / x**2


def window_covariance(return_rate, length, gap=0.0):
    """Return the covariance of the averages over two windows of equal length with `gap` years between them."""
    x = return_rate * length
    return np.exp(-return_rate * gap) * (-np.expm1(-x) / x) ** 2

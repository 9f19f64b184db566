"""Separation of a regression of counts, against a search that runs away."""

import numpy as np

from iom_causal.numerics.mixed.separation import separates


def test_separation_is_found_where_the_search_runs_away():
    rng = np.random.default_rng(6)
    for _ in range(30):
        group = np.repeat([0, 1, 2], 6)
        matrix = np.column_stack([np.ones(18), group == 1, group == 2, rng.normal(size=18)])
        y = rng.poisson(0.25, 18).astype(float)
        assert separates(matrix, y) == runs_away(matrix, y)


def runs_away(matrix, y):
    """Follow the likelihood uphill by Newton's steps and see whether some coefficient leaves."""
    beta = np.zeros(matrix.shape[1])
    for _ in range(60):
        mean = np.exp(np.clip(matrix @ beta, -60, 20))
        information = matrix.T @ (mean[:, None] * matrix) + 1e-12 * np.eye(len(beta))
        step = np.linalg.solve(information, matrix.T @ (y - mean))
        beta += step * min(1.0, 3 / np.abs(step).max())
    return bool(np.abs(matrix @ beta).max() > 20)

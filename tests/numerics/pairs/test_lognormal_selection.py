"""Lognormal rates of selected people are found again from means that a double sum over normal nodes works out."""

import numpy as np
import pytest
from scipy import stats

from iom_causal.numerics.pairs.lognormal_selection import bounded, fit_selected, same

NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(120)
COUNTS = np.arange(400.0)
GRID = 2e-3
"""120 nodes of Gauss and Hermite miss a sharp cut by about this much; the fit's own rule is another one."""
MEAN, SD = 2.0, 0.8


def means(chance, rho, of):
    """The selected people's mean before, that of a function of it over events after, and their mean after."""
    w = np.outer(WEIGHTS, WEIGHTS) / WEIGHTS.sum() ** 2
    first = MEAN * np.exp(SD * NODES - SD**2 / 2)
    after = MEAN * np.exp(SD * (rho * NODES[:, None] + np.sqrt(1 - rho**2) * NODES) - SD**2 / 2)
    pmf = stats.poisson.pmf(COUNTS, first[:, None])
    selected, counted, weighed = (pmf @ (chance * f) for f in (np.ones_like(COUNTS), COUNTS, of(COUNTS)))
    share, events = (w.sum(1) * selected).sum(), (w * after * selected[:, None]).sum()
    return (w.sum(1) * counted).sum() / share, (w * after * weighed[:, None]).sum() / events, events / share


@pytest.mark.parametrize("of", [same, bounded])
@pytest.mark.parametrize("rho", [0.3, 0.63, 0.9])
@pytest.mark.parametrize("rule", [lambda y: 1.0 * (y >= 3), lambda y: 1 / (1 + np.exp(-(y - 4) / 2))])
def test_spread_and_correlation_are_found_again(of, rho, rule):
    before, weighed, after = means(rule(COUNTS), rho, of)
    fit = fit_selected(before, weighed, MEAN, rule, of=of)
    assert float(fit.log_sd) == pytest.approx(SD, abs=GRID)
    assert float(fit.correlation) == pytest.approx(rho, abs=5 * GRID)
    assert float(fit.mean_after) == pytest.approx(after, rel=GRID)


def test_high_counts_weigh_little():
    assert bounded(np.array([0.0, 3.0, 99.0])).tolist() == [0.0, 0.75, 0.99]

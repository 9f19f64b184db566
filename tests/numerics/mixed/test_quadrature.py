"""Gauss-Hermite nodes: Laplace is one node, and one person by quadrature of another kind."""

import numpy as np
import pytest
from scipy.special import logsumexp

from iom_causal.errors import SpecError
from iom_causal.numerics.mixed.quadrature import hermite


def test_laplace_is_one_node_and_nodes_are_odd():
    rule = hermite(1)
    assert rule.weights[rule.weights > 0].tolist() == [1.0]
    for count in (0, 2, 103):
        with pytest.raises(SpecError, match="IOM-E092"):
            hermite(count)


@pytest.mark.parametrize("total", [0, 5, 2000])
@pytest.mark.parametrize("sd", [0.01, 0.5, 3.0])
def test_one_person_by_quadrature_of_another_kind(total, sd):
    from iom_causal.numerics.mixed.frailty import find_mode, lognormal_terms

    mean = 7.3
    rule = hermite(51)
    mode = find_mode(float(total), mean, sd**-2.0, np.nan)
    terms = lognormal_terms(float(total), mean, np.log(sd), sd**-2.0, rule.nodes, rule.weights, mode)
    width = 1 / np.sqrt(mean * np.exp(mode) + sd**-2)
    u = mode + width * np.linspace(-14, 14, 8001)
    h = total * u - mean * np.exp(u) - u**2 / 2 / sd**2 - np.log(sd) - 0.5 * np.log(2 * np.pi)
    p = np.exp(h - logsumexp(h))
    assert terms[0] == pytest.approx(logsumexp(h) + np.log(u[1] - u[0]), abs=1e-6)  # 51 nodes at SD 3
    assert terms[1] == pytest.approx((p * np.exp(u)).sum(), rel=1e-5)
    assert terms[2] == pytest.approx((p * np.exp(2 * u)).sum() - (p * np.exp(u)).sum() ** 2, rel=1e-4)

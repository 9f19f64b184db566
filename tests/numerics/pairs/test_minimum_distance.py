"""Minimum-distance fits give their world back, and respond as fitting again does."""

import numpy as np
import pytest

from iom_causal.numerics.pairs import gamma as gp
from iom_causal.numerics.pairs.minimum_distance import fit_near, inside, nearest, response
from iom_causal.numerics.pairs.moments import PairMoments, in_logs


@pytest.mark.parametrize("given", ["ratio", "mean", "share"])
def test_a_hard_cut_gives_its_own_world_back(given):
    share, told, _ = gp.selected_moments(2.0, 1.0, 0.6, 4, 0.0, 0.75)
    above = nearest(told, 1000, 4, rates="gamma")
    assert above.distance < 1e-9
    assert (above.best.ratio, above.best.mean, above.best.spread) == pytest.approx((0.75, 2.0, 1.0), rel=1e-4)
    fit = fit_near(above, given, {"ratio": 0.75, "mean": 2.0, "share": share}[given], above.best)
    assert inside(above, fit, 0.01)
    assert fit.share == pytest.approx(share, rel=1e-4)


def test_a_response_is_that_of_fitting_again():
    told = gp.selected_moments(2.0, 1.0, 0.6, 4, 0.0, 0.75)[1]
    above = nearest(told, 1000, 4, rates="gamma")
    off = np.array([0.02, -0.01, 0.03, 0.01, -0.02, 0.0])
    logs = in_logs(told) + off[:5]
    moved = PairMoments(*np.exp(logs[:4]), np.tanh(logs[4]))
    # Fitted with the weight that the first fit has, as a response is.
    again = fit_near(above._replace(observed=moved), "mean", above.best.mean, above.best)
    free = response(above, above.best, "mean").shifts(off[None], -1)[0]
    assert np.log(again.ratio / above.best.ratio) == pytest.approx(free, abs=2e-4)  # third order

import numpy as np
import pytest

from iom_causal.numerics.sensitivity.volunteers import share_of_the_rest


@pytest.mark.parametrize(("with_it", "without"), [(0.3, 0.1), (0.02, 0.02), (0.5, 0.8)])
def test_people_counted_out(with_it, without):
    # 1,000 people, 400 with the view; chances of volunteering by view give both groups exactly.
    volunteers, others = (400 * with_it, 600 * without), (400 * (1 - with_it), 600 * (1 - without))
    odds_ratio = with_it / (1 - with_it) / (without / (1 - without))
    share = volunteers[0] / sum(volunteers)
    assert float(share_of_the_rest(share, odds_ratio)) == pytest.approx(others[0] / sum(others), rel=1e-12)


def test_ends():
    assert share_of_the_rest([0.0, 1.0], 5).tolist() == [0.0, 1.0]
    assert (np.diff(share_of_the_rest(0.6, np.geomspace(0.1, 10, 30))) < 0).all()

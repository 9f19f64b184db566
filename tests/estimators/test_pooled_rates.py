"""What a ratio of pooled rates is, and is not, when days at risk go with people's rates."""

import numpy as np
import pytest

from iom_causal.errors import InputError
from iom_causal.estimators import PoissonFixedEffects, RateRatio
from iom_causal.panel import Panel


def locked_up(n=4000, seed=5):
    """Nobody's rate changes; the half with high rates loses half of the days after."""
    rng = np.random.default_rng(seed)
    high = np.arange(n) % 2 == 1
    rate = np.where(high, 12.0, 2.0) / 549
    days = np.stack([np.full(n, 549.0), np.where(high, 275.0, 549.0)], axis=-1)
    return Panel.from_arrays(rng.poisson(rate[:, None] * days), exposure=days, name="arrests")


def test_the_pooled_ratio_is_not_the_factor_by_which_rates_changed():
    panel = locked_up()
    pooled, within = RateRatio()(panel), PoissonFixedEffects()(panel)
    assert pooled.estimate == pytest.approx(0.764, abs=0.02)  # (2 * 549 + 12 * 275) / (14 * 549) over (824 / 1098)
    assert "pooled rates" in " ".join(pooled.assumptions)
    assert within.conf_low < 1 < within.conf_high


@pytest.mark.parametrize("se", ["conditional", "quasi"])
def test_one_ratio_of_days_is_needed_for_the_others(se):
    with pytest.raises(InputError, match=r"IOM-E066.*PoissonFixedEffects"):
        RateRatio(se=se)(locked_up(40))
    days = np.array([[100.0, 200.0], [50.0, 100.0], [30.0, 60.0]])
    same = Panel.from_arrays([[3, 4], [2, 5], [1, 1]], exposure=days)
    assert RateRatio(se=se)(same).estimate == pytest.approx(10 / 360 / (6 / 180))

"""Weights of events that add up, such as harm scores: a ratio with the robust interval, no likelihood."""

import numpy as np
import pytest

from iom_causal.errors import DegenerateDataError, InputError
from iom_causal.estimators import PairedT, PoissonMixed, RateRatio
from iom_causal.panel import Panel
from iom_causal.roles import batch


def harm(n=80, seed=2):
    rng = np.random.default_rng(seed)
    rate = rng.gamma(2.0, 2.0, n)
    events = np.stack([rng.poisson(rate), rng.poisson(0.6 * rate)], axis=-1)
    return events * 36.5


def test_the_unit_of_harm_does_not_matter():
    days = Panel.from_arrays(harm(), kind="amount", name="harm")
    events = Panel.from_arrays((harm() / 36.5).astype(int), name="events")
    a, b = RateRatio()(days), RateRatio()(events)
    assert (a.estimate, a.conf_low, a.conf_high) == pytest.approx((b.estimate, b.conf_low, b.conf_high), rel=1e-12)
    assert PairedT()(days).statistic == pytest.approx(PairedT()(events).statistic, rel=1e-12)


@pytest.mark.parametrize("se", ["conditional", "quasi"])
def test_count_likelihoods_refuse_amounts(se):
    panel = Panel.from_arrays(harm(), kind="amount", name="harm")
    with pytest.raises(InputError, match="IOM-E066"):
        RateRatio(se=se)(panel)
    with pytest.raises(InputError, match="IOM-E066"):
        PoissonMixed(mixing="gamma")(panel)


def test_amounts_are_not_negative():
    with pytest.raises(InputError, match="IOM-E030"):
        Panel.from_arrays([[1.5, -0.5], [2.0, 1.0]], kind="amount")


def test_a_window_without_harm_has_no_ratio():
    empty = np.array([[1.5, 0.0], [2.0, 0.0], [1.0, 0.0]])
    with pytest.raises(DegenerateDataError, match="IOM-E064"):
        RateRatio()(Panel.from_arrays(empty, kind="amount"))
    both = Panel.from_arrays(np.stack([empty, [[1.5, 1.0], [2.0, 0.5], [1.0, 2.0]]]), kind="amount")
    assert batch(RateRatio(), both).code.tolist() == [64, 0]

"""People picked on the count after, when a programme and a trend have acted: regression must not take their share."""

import numpy as np
import pytest
from scipy.special import expit

from iom_causal.confounds import History, RegressionToMean
from iom_causal.errors import NotIdentifiedError
from iom_causal.ledger import Ledger
from iom_causal.panel import Panel
from iom_causal.windows import Selection

MEAN = 3.0


def selected(timing, shape=3.0, seed=8, size=400_000, effect=0.8, trend=0.85):
    rng = np.random.default_rng(seed)
    rate = rng.gamma(shape, MEAN / shape, size)
    before, after = rng.poisson(rate), rng.poisson(rate * effect * trend)
    read = after if timing == "within_post" else before
    rule = Selection("arrests", ("before",), "soft", timing, threshold=7, softness=1)
    keep = rng.random(size) < expit((read - 7) / 1)
    return Panel.from_arrays(np.stack([before, after], axis=-1)[keep], name="arrests", selection=rule)


@pytest.mark.parametrize("timing", ["at_boundary", "within_post"])
@pytest.mark.parametrize("shape", [1.0, 3.0])  # at 1 the slope of before on after is nearly 1, at 3 it is .6
@pytest.mark.parametrize("method", ["linear", "gamma_poisson"])
def test_the_programme_keeps_its_share(timing, shape, method):
    stated = {} if method == "linear" else {"shape": shape}
    line = RegressionToMean(method=method, comparable_mean=MEAN, **stated)
    remainder = float(np.exp(Ledger((line, History(ratio=0.85))).central(selected(timing, shape))))
    assert remainder == pytest.approx(0.8, abs=0.03)  # thousands of people picked: four standard errors


def test_a_few_draws_without_a_line_do_not_stop_the_rest():
    rng = np.random.default_rng(3)
    rate = rng.gamma(0.6, 1.65 / 0.6, 40_000)
    before, after = rng.poisson(rate), rng.poisson(0.8 * rate)
    rule = Selection("arrests", ("before",), "soft", "at_boundary", threshold=6, softness=2)
    keep = np.flatnonzero(rng.random(rate.size) < expit((before - 6) / 2))[:225]
    panel = Panel.from_arrays(np.stack([before, after], axis=-1)[keep], name="arrests", selection=rule)
    line = RegressionToMean(method="linear", comparable_mean=1.65, selection=rule)
    result = Ledger((line,))(panel.moments(), rng=1)
    assert result.conf_low < 0.8 < result.conf_high


def test_selection_on_the_count_after_can_be_ruled_out_by_the_counts():
    panel = selected("at_boundary")
    late = RegressionToMean(method="linear", comparable_mean=MEAN, late=1.0)
    with pytest.raises(NotIdentifiedError, match="picked on the count after"):
        late.shift(panel, {"comparable_mean": MEAN, "late": 1.0})

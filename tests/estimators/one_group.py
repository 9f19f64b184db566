"""One group before and after, from people and from published figures."""

import numpy as np
import pytest

from iom_causal.panel import Panel

AGREE = 1e-12
ARRESTS = {"n": 225, "mean_pre": 6.84, "sd_pre": 4.75, "mean_post": 3.61, "sd_post": 3.66}
RISK = {"n": 187, "t": 8.10, "mean_post": 238.61, "sd_post": 174.04, "n_input": 225, "kind": "score", "name": "risk"}


def cohort(n=70, seed=4, **settings):
    rng = np.random.default_rng(seed)
    rate = rng.gamma(2.0, 3.0, n)
    pairs = np.stack([rng.poisson(rate), rng.poisson(0.6 * rate)], -1)
    return Panel.from_arrays(pairs, name="arrests", **settings)


def figures(e):
    return [getattr(e, k) for k in ("estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high")]


def agree(a, b, rel=AGREE):
    for x, y in zip(figures(a), figures(b), strict=True):
        assert (x is None) == (y is None)
        if x is not None:
            assert x == pytest.approx(y, rel=rel)

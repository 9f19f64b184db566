"""Counts of one group in two windows and in many."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from iom_causal.panel import Panel
from iom_causal.windows import Window

CHAIN = 1e-9  # solved to the last step of Newton's method; sums in another order lose a few digits


def cohort(seed=7, n=80, **fields):
    rng = np.random.default_rng(seed)
    rate = rng.gamma(2.0, 3.0, n)
    pairs = np.stack([rng.poisson(rate), rng.poisson(0.6 * rate)], axis=-1)
    return Panel.from_arrays(pairs, name="arrests", **fields)


def monthly(seed=3, n=60, **fields):
    rng = np.random.default_rng(seed)
    rate = rng.gamma(2.0, 0.5, (n, 1)) * np.where(np.arange(8) >= 4, 0.6, 1.0)
    windows = [Window(f"w{k}", 91 * (k - 4), 91 * (k - 3), post=k >= 4) for k in range(8)]
    return Panel.from_arrays(rng.poisson(rate), windows=windows, name="arrests", **fields)


pairs = arrays(np.int64, st.tuples(st.integers(6, 40), st.just(2)), elements=st.integers(0, 12))

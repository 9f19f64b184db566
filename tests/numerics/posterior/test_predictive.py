"""Statistics of predictive checks, against numpy and scipy one replicate at a time."""

import numpy as np
import pytest
from scipy import stats

from iom_causal.numerics.posterior.predictive import statistics, tail_share


def pairs(*, missing=False):
    rng = np.random.default_rng(1)
    y = rng.poisson(rng.gamma(2.0, 1.0, (5, 30, 1)) * [1.0, 0.6]).astype(float)
    if missing:
        y[:, :7, 1] = np.nan
    return y


@pytest.mark.parametrize("missing", [False, True])
@pytest.mark.parametrize("counts", [False, True])
def test_every_statistic_is_that_of_a_plain_loop(missing, counts):
    y = pairs(missing=missing)
    found = statistics(y, counts=counts)
    for r, people in enumerate(y):
        both = people[~np.isnan(people).any(1)]
        wanted = {
            "correlation": np.corrcoef(both.T)[0, 1],
            "share that rose": (both[:, 1] > both[:, 0]).mean(),
            "t": stats.ttest_rel(both[:, 1], both[:, 0]).statistic,
        }
        for k, window in enumerate(("before", "after")):
            seen = people[~np.isnan(people[:, k]), k]
            wanted |= {f"mean {window}": seen.mean(), f"highest {window}": seen.max()}
            if counts:
                wanted |= {
                    f"zeros {window}": (seen == 0).sum(),
                    f"variance / mean {window}": seen.var(ddof=1) / seen.mean(),
                }
            else:
                wanted |= {f"lowest {window}": seen.min(), f"SD {window}": seen.std(ddof=1)}
        assert {name: value[r] for name, value in found.items()} == pytest.approx(wanted, rel=1e-12)


def test_what_is_undefined_is_missing_and_no_warning():
    nothing = statistics(np.zeros((1, 3, 2)), counts=True)
    assert [name for name, value in nothing.items() if np.isnan(value[0])] == [
        *("variance / mean before", "variance / mean after", "correlation", "t"),
    ]
    nobody = statistics(np.full((1, 3, 2), np.nan), counts=False)
    assert all(np.isnan(value[0]) for value in nobody.values())


def test_a_tail_share_counts_equal_ones_half():
    values = np.array([1.0, 2.0, 3.0, 4.0])
    assert [tail_share(values, at) for at in (0.0, 2.0, 2.5, 9.0)] == [0.0, 0.375, 0.5, 1.0]
    assert np.isnan(tail_share(values, np.nan))
    assert np.isnan(tail_share(np.array([np.nan]), 1.0))

"""Tables of t areas and limits over a batch, against the direct search."""

import numpy as np
import pytest
from scipy import stats

from iom_causal.numerics.inference.noncentral_t import noncentrality_limits
from iom_causal.numerics.inference.student_t import t_two_sided
from iom_causal.numerics.inference.t_batch import limits_batch, two_sided_batch

EXACT = 1e-12  # the promise of the tails


TABLE = 1e-11  # the promise of the tables of limits


@pytest.mark.parametrize("df", [1, 2, 4, 24, 224, 1e4])
@pytest.mark.parametrize("level", [0.9, 0.95])
def test_tables_agree_with_the_direct_search(df, level):
    t = np.random.default_rng(3).normal(size=60) * np.geomspace(0.1, 60, 60)
    direct, table = noncentrality_limits(t, df, level), limits_batch(t, df, level)
    for a, b in zip(direct, table, strict=True):
        assert np.max(np.abs(a - b) / np.maximum(1, np.abs(a))) < TABLE
    p = t_two_sided(t, df)
    keep = p > 1e-290
    assert two_sided_batch(t, df)[keep] == pytest.approx(p[keep], rel=2 * EXACT)


def test_a_table_does_not_depend_on_the_rest_of_the_batch():
    t = np.array([-3.0, 0.1, 11.64, 40.0])
    whole = limits_batch(t, 224, 0.95)
    for i, x in enumerate(t):
        alone = limits_batch([x], 224, 0.95)
        assert (alone[0][0], alone[1][0]) == (whole[0][i], whole[1][i])
        assert two_sided_batch([x], 224)[0] == two_sided_batch(t, 224)[i]


def test_tables_take_several_df_and_leave_the_undefined_out():
    t, df = np.array([2.0, np.nan, 2.0]), np.array([5.0, 5.0, 9.0])
    assert two_sided_batch(t, df)[[0, 2]] == pytest.approx(2 * stats.t.sf(2.0, df[[0, 2]]), rel=EXACT)
    assert np.isnan(two_sided_batch(t, df)[1])
    assert np.isnan(limits_batch(t, df, 0.95)[0][1])

"""What is worked out from a coarsened paired table is the same for many pairs of discordant cells."""

from collections import defaultdict

import pytest

from iom_causal.data.release.disclosure import Disclosure
from iom_causal.data.release.paired import coarsened
from iom_causal.numerics.inference.mcnemar import PairedTable


def tables(n):
    for stopped in range(n + 1):
        for started in range(n + 1 - stopped):
            for both in range(n + 1 - stopped - started):
                yield PairedTable(both, stopped, started, n - both - stopped - started)


@pytest.mark.parametrize(("given", "rules"), [(25, Disclosure()), (30, Disclosure(threshold=12))])
def test_as_many_pairs_of_cells_as_the_threshold_are_coarsened_to_the_same(given, rules):
    alike = defaultdict(set)
    for n in range(given - 2, given + 3):
        for table in tables(n):
            coarse = coarsened(table, rules)
            if coarse is not None:
                alike[coarse].add(table[1:3])
                assert min(coarse) >= 0
                assert sum(coarse) == given
    assert alike
    assert min(map(len, alike.values())) >= rules.threshold


@pytest.mark.parametrize("table", [(40, 9, 0, 4), (0, 5, 4, 60), (3, 20, 20, 3)])
def test_a_share_of_few_people_or_of_all_but_few_is_withheld(table):
    coarse = coarsened(PairedTable(*table), Disclosure())
    few = min(table[0] + table[1], table[0] + table[2], table[3] + table[1], table[3] + table[2]) < 10
    assert (coarse is None) == few


@pytest.mark.parametrize("edge", [98, 1_000 - 2])
def test_decimals_follow_the_number_of_people_as_it_is_given(edge):
    rules = Disclosure()
    assert len({rules.decimals(n) for n in range(edge, edge + 5)}) == 1

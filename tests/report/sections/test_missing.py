"""People without a later score: the rows of a page do not give their number away."""

import numpy as np
import pytest

from iom_causal.analysis.release import Release
from iom_causal.data.release.disclosure import Disclosure
from iom_causal.numerics.adjustment.missing import MeanChange, complete_case, unchanged_change
from iom_causal.report.sections.missing import _coarsely, as_released

THRESHOLD = Disclosure().threshold


def rows(change, error, lost, n, release):
    """What the page shows with that many people lost, whose other figures do not hang on them."""
    complete = MeanChange(change, error)
    ways = {"complete": complete, "unchanged": unchanged_change(complete, 1 - lost / n, n)}
    shown = as_released(ways, n - lost, n, release)
    return tuple(_coarsely(e, shown, n, release) for e in shown.values())


@pytest.mark.parametrize("n", [37, 60, 120, 225, 1000])
def test_as_many_numbers_of_people_lost_show_the_same_rows_as_the_threshold(n):
    release = Release(Disclosure())
    for change in -np.linspace(2, 30, 57):
        found = {}
        for lost in range(n + 1):
            found.setdefault(rows(change, 2.0, lost, n, release), []).append(lost)
        assert min(map(len, found.values())) >= THRESHOLD


def test_published_figures_and_research_are_given_as_they_are():
    for release in (Release(), Release(Disclosure(research=True, reason="agreed"))):
        assert len({rows(-20.0, 2.0, lost, 120, release) for lost in range(10, 40)}) == 30


def test_the_mean_change_with_people_unchanged_is_worked_out_from_the_others_and_their_share():
    rng = np.random.default_rng(3)
    before = rng.normal(300, 60, 4000)
    after = before - rng.normal(20, 40, 4000)
    after[rng.random(4000) < 0.3] = np.nan
    kept = float(np.mean(~np.isnan(after)))
    exact = complete_case(before, np.where(np.isnan(after), before, after))
    found = unchanged_change(complete_case(before, after), kept, 4000)
    assert found.estimate == pytest.approx(exact.estimate, rel=1e-12)
    assert found.std_error == pytest.approx(exact.std_error, rel=1e-3)  # n against n - 1

"""A trial that loses half of its people: bounds of the change of all, and of the difference between its arms."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from iom_causal.confounds import Attrition
from iom_causal.estimators import DiffInDiff
from iom_causal.panel import Panel
from iom_causal.sensitivity.lee_bounds import lee_bounds
from iom_causal.sensitivity.manski_bounds import manski_bounds

TRIAL = Path(__file__).parents[3] / "shared" / "data" / "BtheB.csv"
ROUNDING = 1e-9  # of points, where nobody is lost and all ways are one
SCORES = (0.0, 63.0)  # of the Beck Depression Inventory II

pytestmark = pytest.mark.skipif(not TRIAL.exists(), reason="the trial is not beside this checkout")


def trial(after):
    table = pd.read_csv(TRIAL)
    start = np.ma.MaskedArray(np.ones(len(table), dtype=int), mask=table["treatment"] != "BtheB")
    return Panel.from_arrays(
        table[["bdi.pre", f"bdi.{after}"]].to_numpy(float),
        kind="score",
        start=start,
        missing="keep",
        name="depression",
    )


@pytest.mark.parametrize(("after", "followed"), [("2m", (52, 45)), ("8m", (27, 25))])
def test_lee_bounds_of_its_arms(after, followed):
    panel = trial(after)
    found = lee_bounds(panel)
    assert found.n == (52, 48)
    assert [round(share * n) for share, n in zip(found.followed, found.n, strict=True)] == list(followed)
    change = panel.outcome[:, 1] - panel.outcome[:, 0]
    arms = [np.sort(change[who & ~np.isnan(change)]) for who in (panel.group, ~panel.group)]
    # Everybody so often that whole people are cut from the arm that is followed up better.
    better = int(found.followed[1] > found.followed[0])
    more, fewer = arms[better], arms[1 - better]
    times, counts = 10_000, found.n[better]
    mass = round(len(fewer) / found.n[1 - better] * counts * times)
    kept = np.repeat(more, times)
    ends = np.array([kept[:mass].mean(), kept[-mass:].mean()]) - fewer.mean()
    expected = -ends[::-1] if better else ends
    assert (found.set_low, found.set_high) == pytest.approx(tuple(expected), abs=1e-4)  # a ten thousandth of a person
    fit = DiffInDiff(contrast="difference")(panel)
    assert found.set_low <= fit.estimate <= found.set_high


@pytest.mark.parametrize("after", ["2m", "3m", "5m", "8m"])
def test_every_way_to_treat_the_missing_lies_in_the_worst_case(after):
    panel = trial(after)
    found = manski_bounds(panel, support=SCORES)
    ways = Attrition().by_method(panel, rng=1)
    for way in ways.values():
        assert found.set_low - ROUNDING <= way.estimate <= found.set_high + ROUNDING
    fallen = manski_bounds(panel, support=SCORES, suppose="no_rise")
    assert fallen.set_low == found.set_low
    assert (fallen.set_high < found.set_high) == (found.n_missing > 0)


def test_with_half_of_them_lost_not_even_the_sign_is_settled():
    assert not manski_bounds(trial("8m"), support=SCORES).settled

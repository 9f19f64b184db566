"""One design for each kind of data: it answers, is scored against its own truth, and is off by what is known of it."""

from dataclasses import replace

import numpy as np
import pytest

from iom_causal.designs import library
from iom_causal.designs.library.worlds import CONFOUNDS, spans
from iom_causal.designs.replicates import Replicates
from iom_causal.errors import IomCausalError, SpecError
from iom_causal.estimators import designs_for

DESIGNS = library.designs_with_a_comparison(ratio=0.7)
SIMS, LOOSE = 40, 4


def errors(name):
    """Log of each answer over its truth, by the labels of data and estimator, and how many refused."""
    columns = Replicates({"d": replace(DESIGNS[name], cell=SIMS)}, 11)(np.arange(SIMS))
    (truth,) = (columns[f"d/truth/{t}"] for t in DESIGNS[name].estimands)
    parts = {k: f"d/answer/{k[0]}/{k[1]}/" for k in DESIGNS[name].answers if k[1] not in SETS}
    return {k: np.log(columns[f"{at}estimate"] / truth) for k, at in parts.items()}


SETS = {"bounded trends"}
"""Answers that are sets without an estimate in them."""
OFF = {
    # Rates drift: who is matched on two windows had less in the one that was read, and falls less of itself.
    # A trend takes the run-up to selection for its own, and what comes back of itself for a fall.
    "monthly series, selected": {"the series alone": -1},
    "matched": {"differences": -1, "matched on sex and age": -1, "matched on events before too": 1},
}
"""Answers that regression to the mean is known to lead below the truth (-1) or above it; all others are at it."""


@pytest.mark.parametrize("name", DESIGNS)
def test_each_is_off_by_nothing_but_what_is_known_of_it(name):
    for (_, estimator), off in errors(name).items():
        assert np.isfinite(off).all(), estimator
        score = off.mean() / (off.std(ddof=1) / np.sqrt(SIMS))
        side = OFF.get(name, {}).get(estimator, 0)
        assert score * side > LOOSE if side else abs(score) < LOOSE, (estimator, score)


def test_trends_that_may_depart_leave_a_set_around_what_parallel_ones_give():
    for seed in range(3):
        parallel, bounded = DESIGNS["another force"].draw(seed).answers.values()
        assert bounded.conf_low < bounded.set_low < parallel.estimate < bounded.set_high < bounded.conf_high


@pytest.mark.parametrize("name", DESIGNS)
def test_each_is_scored_against_the_ratio_of_the_programme(name):
    drawn = DESIGNS[name].draw(2)
    assert list(drawn.truths.values()) == pytest.approx([0.7], abs=1e-9)
    assert not any(isinstance(a, IomCausalError) for a in drawn.answers.values())
    assert "truth 0.7" in drawn.summary()


@pytest.mark.parametrize("name", DESIGNS)
def test_the_data_of_each_carry_its_design(name):
    estimators = list(DESIGNS[name].estimators.values())
    for panel in DESIGNS[name].draw(2).panels.values():
        assert set(estimators) <= set(designs_for(panel, estimators).carried)


def test_each_takes_every_confound():
    for confound in CONFOUNDS:
        for name, design in library.designs_with_a_comparison(confounds=[confound]).items():
            assert np.isfinite(list(design.draw(1).truths.values())).all(), (confound, name)
    with pytest.raises(SpecError, match=r"a list of names.*history"):
        library.lottery(confounds="history")


def test_many_people_are_worked_out_fewer_at_a_time():
    assert library.lottery(pool=600).cell == 500
    assert library.lottery(pool=30_000).cell == 10


def test_months_follow_one_another_and_meet_at_the_index_date():
    windows = spans(24, 12)
    assert [w.end for w in windows[:-1]] == [w.start for w in windows[1:]]
    assert [w.post for w in windows] == [False] * 24 + [True] * 12
    assert windows[24].start == 0
    assert (windows[0].start, windows[-1].end) == (-730, 365)
    assert {w.days for w in windows} == {30, 31}

"""The stored diagnosis is whole, names what it was made with, and is what its designs give."""

from dataclasses import replace

import numpy as np
import pytest

import iom_causal as iom
from docs import make_settling
from iom_causal import simulate as sim
from iom_causal.designs.library.stored_settling import SettlingRow, settling_rows, stored_settling
from iom_causal.published.study import load_published

TABLE = stored_settling()
APART = 4.5
"""Simulation errors that a part of the replicates may be away from all of them."""


def test_every_design_stands_there_at_every_size_with_every_ratio():
    keys = [(row.design, row.people, row.ratio) for row in TABLE.rows]
    designs = make_settling.designs(60, 1.0)
    assert keys == [(d, n, r) for n in make_settling.SIZES for r in make_settling.RATIOS for d in designs]
    assert [(row.design, row.people, row.ratio) for row in TABLE.first] == keys


def test_counts_are_of_the_replicates():
    assert make_settling.SIMS == TABLE.replicates >= 2_000
    for row in TABLE.every:
        assert max(row.falls, row.held, row.found) <= row.answered <= row.replicates
        assert 0 < row.distance_mcse < 0.1


def test_seed_study_and_versions_are_named():
    assert (TABLE.study, TABLE.seed) == (make_settling.STUDY, make_settling.SEED)
    assert load_published(TABLE.study).sample.n.count == 225
    assert {"iom-causal", "numpy", "scipy", "numba", "python"} == set(TABLE.versions)


def test_the_table_is_written_as_it_is_read():
    assert make_settling.TARGET.read_text(encoding="utf-8") == TABLE.text()


def test_shares_and_means_have_their_errors():
    row = SettlingRow("lottery", 60, 0.8, 100, 80, 20, 80, 0, np.log(1.25), 0.02)
    assert row.share(row.falls) == (0.25, pytest.approx(np.sqrt(0.25 * 0.75 / 80)))
    assert row.share(row.held).value == 1
    assert row.share(row.held).mcse > 0
    assert (row.reported, row.reported_mcse) == pytest.approx((1.0, 0.02))


def test_rows_count_what_the_replicates_say():
    careers = sim.Careers(people=40, rate=2.0, programme=sim.Programme(ratio=0.8))
    found = iom.diagnose(iom.Design(careers, sim.att_ratio, sim.BeforeAfter(), iom.RateRatio()), sims=60, seed=2)
    at = "design/answer/BeforeAfter/RateRatio/"
    every, part = settling_rows(found, people=40, ratio=0.8, first=[25])
    for row in (every, part):
        estimate, low, high, p = (found.columns[at + k][: row.replicates] for k in _READ)
        assert row.falls == (estimate <= 0.8).sum() > 0
        assert row.held == ((low <= 0.8) & (high >= 0.8)).sum() < row.answered
        assert row.found == (p < 0.05).sum() > 0
        assert row.distance == pytest.approx(np.log(estimate).mean() - np.log(0.8), abs=6e-4)
    assert (every.replicates, part.replicates) == (60, 25)
    assert settling_rows(replace(found, sims=60), people=40, ratio=0.8) == (every,)


_READ = ("estimate", "conf_low", "conf_high", "p_value")


@pytest.mark.slow
@pytest.mark.parametrize("ratio", make_settling.RATIOS)
@pytest.mark.parametrize("people", make_settling.SIZES)
def test_the_first_replicates_are_made_again(people, ratio):
    stored = [row for row in TABLE.first if (row.people, row.ratio) == (people, ratio)]
    made = make_settling.rows(people, ratio, sims=stored[0].replicates)
    assert list(made) == stored
    for row in made:
        whole = TABLE.row(row.design, people, ratio)
        for part, count in ((row.falls, whole.falls), (row.held, whole.held), (row.found, whole.found)):
            share = whole.share(count)
            error = max(share.mcse * np.sqrt(whole.answered / row.answered), 1 / row.answered)
            assert abs(part / row.answered - share.value) < APART * error, row
        assert abs(row.distance - whole.distance) < APART * row.distance_mcse, row

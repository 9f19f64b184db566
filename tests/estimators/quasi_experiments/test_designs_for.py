"""designs_for: what it says a panel carries is what its designs do, and they refuse with the words that it says."""

from dataclasses import replace

import numpy as np
import pytest

from iom_causal.errors import InputError, NotIdentifiedError
from iom_causal.estimators import designs_for
from iom_causal.estimators.quasi_experiments.designs_for import COLUMNS, OF_COUNTS, OF_VALUES
from iom_causal.estimators.shared.requirements import QuasiExperiment
from iom_causal.panel import Panel
from iom_causal.windows import Window

MONTHS = tuple(Window(str(k), 30 * k, 30 * k + 30, post=k >= 0) for k in range(-24, 12))


def two_windows(managed=30, n=80, **settings):
    rng = np.random.default_rng(4)
    rate = rng.gamma(2.0, 2.0, n)
    pairs = np.stack([rng.poisson(rate), rng.poisson(rate)], axis=-1)
    start = np.ma.MaskedArray(np.ones(n, dtype=int), mask=np.arange(n) >= managed)
    return Panel.from_arrays(pairs, name="arrests", start=start, **settings)


def months(starts=(24,), n=90):
    rng = np.random.default_rng(5)
    counts = rng.poisson(rng.gamma(2.0, 0.3, n)[:, None] * np.ones(len(MONTHS)))
    start = np.ma.MaskedArray(np.resize(starts, n), mask=np.arange(n) % 3 == 0)
    return Panel.from_arrays(counts, name="arrests", windows=MONTHS, start=start)


PANELS = {
    "two groups": two_windows(),
    "one group": replace(two_windows(), start=None),
    "nobody managed": two_windows(managed=0),
    "scores": replace(two_windows(), kind="score"),
    "months": months(),
    "staggered months": months((20, 24, 28)),
    "managed from the first": months((0,)),
}


@pytest.mark.parametrize("panel", PANELS.values(), ids=PANELS)
def test_a_design_that_is_carried_answers_and_another_refuses_with_what_it_lacks(panel):
    options = designs_for(panel)
    for option in options.options:
        if option.carried:
            assert option.design(panel, rng=1).estimand == option.estimand
        else:
            lacking = option.lacking[0]
            with pytest.raises(NotIdentifiedError, match="IOM-E068") as refused:
                option.design(panel, rng=1)
            assert lacking.necessary
            assert lacking.message in str(refused.value)


@pytest.mark.parametrize("panel", PANELS.values(), ids=PANELS)
def test_it_counts_nobody(panel):
    doubled = replace(panel, weight=np.full(panel.n, 2))
    assert designs_for(doubled).tidy().equals(designs_for(panel).tidy())


def test_every_design_says_what_must_hold():
    for design in (*OF_COUNTS, *OF_VALUES):
        assert isinstance(design, QuasiExperiment)
        assert design.identification[0].islower()
        assert not design.identification.endswith(".")
        assert 1 <= design.maryland <= 5


def test_its_table_words_and_picture():
    options = designs_for(PANELS["one group"])
    assert list(options.tidy().columns) == list(COLUMNS)
    assert "DiffInDiff(): the data do not carry it" in options.summary()
    assert "lacks: there are no comparison people; bring them" in options.summary()
    assert options.plot().get_yticklabels()[0].get_text() == "DiffInDiff()"
    assert designs_for(PANELS["two groups"]).carried[0] == OF_COUNTS[0]


def test_it_takes_a_panel():
    with pytest.raises(InputError, match="IOM-E035"):
        designs_for([[1, 2]])

"""Regressions of 1,000 datasets of 225 people at once, against the libraries one dataset at a time."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from rounds import in_rounds

from iom_causal.estimators import Ancova, PanelOLS
from iom_causal.panel import Panel
from iom_causal.roles import batch, batch_by_loop

DATASETS, PEOPLE, ROUNDS = 1000, 225, 5
LOOPED = 5  # datasets in the slow loops, scaled up
QUICK = {"DATASETS": 50, "ROUNDS": 1, "LOOPED": 2}
LIBRARIES = {
    PanelOLS(): "loop over linearmodels PanelOLS",
    PanelOLS(time_effects=True): "loop over linearmodels PanelOLS",
    Ancova(): "loop over statsmodels OLS",
    Ancova("poisson"): "loop over statsmodels GLM",
}


def rows() -> Iterator[dict[str, Any]]:
    """Measure ours and each peer in alternating rounds."""
    panel = _datasets(DATASETS)
    some = Panel.from_arrays(panel.outcome[:LOOPED], start=panel.start, name="arrests")
    for spec, library in LIBRARIES.items():
        yield in_rounds(
            f"{DATASETS:,} datasets of {PEOPLE}: {spec}",
            lambda spec=spec: batch(spec, panel),
            library,
            lambda spec=spec: batch_by_loop(spec, some),
            rounds=ROUNDS,
            shares=(1, DATASETS / LOOPED),
            answers=(lambda mine: mine.estimate[:LOOPED], lambda theirs: theirs.estimate),
        )


def _datasets(replicates: int) -> Panel:
    rng = np.random.default_rng(20121101)
    rate = rng.gamma(2.3, 1 / 2.3, (replicates, PEOPLE))
    start = np.ma.MaskedArray(np.ones(PEOPLE, dtype=int), mask=np.arange(PEOPLE) % 2 == 1)
    return Panel.from_arrays(rng.poisson(rate[..., None] * [6.84, 3.61]), start=start, name="arrests")

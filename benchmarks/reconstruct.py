"""Rebuilding cohorts from a printed table, against its own kernel interpreted and unpruned programmes."""

import os
import subprocess
import sys
from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any

from iom_causal.numerics.cell_programme import maximise, pair_cells, table_rows
from iom_causal.numerics.pairs import log_weights, sample_pairs
from iom_causal.published.bounds import _limits, _pieces, count_bounds
from iom_causal.published.chains import BURN_IN
from iom_causal.published.reconstruct import reconstruct
from iom_causal.published.study import load_published
from iom_causal.published.targets import PairTarget, outcome_target, pair_windows

ROUNDS, PROPOSALS, PLAIN = 3, 1_000_000, 4_000
DRAWS = 300
INTERPRETED = f"""
from time import perf_counter
import numpy as np
from iom_causal.numerics.pairs import sample_pairs
from iom_causal.published.study import load_published
from iom_causal.published.targets import outcome_target, pair_windows
paper = load_published("sleath-brown-2017")
windows = pair_windows(outcome_target(paper, paper.outcome("arrests")))
start = perf_counter()
sample_pairs(windows, weight_x=np.zeros(24), weight_y=np.zeros(16), key=1, draws=9, thin=450, limit={PLAIN})
print(perf_counter() - start)
"""


def rows() -> list[dict[str, Any]]:
    """Measure ours and each peer in alternating rounds."""
    paper = load_published("sleath-brown-2017")
    target = outcome_target(paper, paper.outcome("arrests"))
    windows = pair_windows(target)
    weights = {"weight_x": log_weights("uniform", 0, 23, 7, 22), "weight_y": log_weights("uniform", 0, 15, 4, 13)}

    def chain() -> None:
        sample_pairs(windows, **weights, key=1, draws=PROPOSALS, thin=450, limit=PROPOSALS)

    def cohort() -> None:
        reconstruct(paper, rng=1)

    def cohorts() -> None:
        reconstruct(paper, draws=DRAWS, rng=1)

    def limits() -> None:
        count_bounds(paper, "arrests", "went down")

    chain()
    cohort()
    scaled = f"{PLAIN:,} proposals, scaled up"
    burn_in = f"the kernel interpreted, burn-in of arrests alone ({BURN_IN * target.before.n:,} proposals)"
    share = BURN_IN * target.before.n / PLAIN
    return [
        _row(
            "1,000,000 proposals for 225 pairs",
            chain,
            "the kernel interpreted",
            _interpreted,
            PROPOSALS / PLAIN,
            scaled,
        ),
        _row("one cohort: arrests, risk, age, sex, ethnicity", cohort, burn_in, _interpreted, share, scaled),
        _row(
            f"{DRAWS} cohorts, three base measures", cohorts, "each on its own", cohort, float(DRAWS), "one, scaled up"
        ),
        _row("both limits of a count", limits, "every total's programme", lambda: _every_programme(target), 1.0, ""),
    ]


def _row(
    work: str, ours: Callable[[], None], peer: str, theirs: Callable[[], float | None], scale: float, note: str
) -> dict[str, Any]:
    times = [(_seconds(ours), _seconds(theirs) * scale) for _ in range(ROUNDS)]
    return {
        "work": work,
        "ours_seconds": median(a for a, _ in times),
        "peer": peer,
        "peer_seconds": median(b for _, b in times),
        "ratio": median(b / a for a, b in times),
        "note": note,
    }


def _seconds(work: Callable[[], float | None]) -> float:
    """Return what a work says that it took, or else how long it took."""
    start = perf_counter()
    own = work()
    return perf_counter() - start if own is None else own


def _interpreted() -> float:
    """Return the seconds that the kernel takes for `PLAIN` proposals when it is not compiled."""
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", INTERPRETED], env=environment, check=True, capture_output=True
    )
    return float(run.stdout)


def _every_programme(target: PairTarget) -> None:
    support = pair_windows(target).support
    cells = pair_cells(support, missing=False)
    lines, weights = table_rows(cells, support), (cells.y < cells.x).astype(float)
    for piece in _pieces(target):
        for side in (weights, -weights):
            maximise(side, *_limits(target, piece, lines))

"""Rebuilding cohorts from a printed table, against its own kernel interpreted and unpruned programmes."""

import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from typing import Any

from rounds import Told, in_rounds

from iom_causal.numerics.printed.integer_programme import maximise, pair_cells, table_rows
from iom_causal.numerics.printed.reconstruction import log_weights, sample_pairs
from iom_causal.published.rebuild.bounds import _limits, _pieces, count_bounds
from iom_causal.published.rebuild.chains import BURN_IN
from iom_causal.published.rebuild.constraints import PairTarget, outcome_target, pair_constraints
from iom_causal.published.rebuild.reconstruct import reconstruct
from iom_causal.published.study import load_published

ROUNDS, PROPOSALS, PLAIN = 3, 1_000_000, 4_000
DRAWS = 300
QUICK = {"ROUNDS": 1, "PROPOSALS": 50_000, "DRAWS": 5}
INTERPRETED = f"""
from time import process_time
import numpy as np
from iom_causal.numerics.printed.reconstruction import sample_pairs
from iom_causal.published.study import load_published
from iom_causal.published.rebuild.constraints import outcome_target, pair_constraints
paper = load_published("sleath-brown-2017")
windows = pair_constraints(outcome_target(paper, paper.outcome("arrests")))
start = process_time()
sample_pairs(windows, weight_x=np.zeros(24), weight_y=np.zeros(16), key=1, draws=9, thin=450, limit={PLAIN})
print(process_time() - start)
"""


def rows() -> Iterator[dict[str, Any]]:
    """Measure ours and each peer in alternating rounds."""
    paper = load_published("sleath-brown-2017")
    target = outcome_target(paper, paper.outcome("arrests"))
    windows = pair_constraints(target)
    weights = {"weight_x": log_weights("uniform", 0, 23, 7, 22), "weight_y": log_weights("uniform", 0, 15, 4, 13)}

    def chain() -> None:
        sample_pairs(windows, **weights, key=1, draws=PROPOSALS, thin=450, limit=PROPOSALS)

    def cohort() -> None:
        reconstruct(paper, rng=1)

    def cohorts() -> None:
        reconstruct(paper, draws=DRAWS, rng=1)

    def limits() -> Any:
        return count_bounds(paper, "arrests", "went down")

    scaled = f"{PLAIN:,} proposals, scaled up"
    burn = f"the kernel interpreted, burn-in of arrests alone ({BURN_IN * target.before.n:,} proposals)"
    share = BURN_IN * target.before.n / PLAIN
    row = partial(in_rounds, rounds=ROUNDS)
    yield row(
        f"{PROPOSALS:,} proposals for 225 pairs",
        chain,
        "the kernel interpreted",
        _interpreted,
        shares=(1, PROPOSALS / PLAIN),
        note=scaled,
    )
    yield row(
        "one cohort: arrests, risk, age, sex, ethnicity", cohort, burn, _interpreted, shares=(1, share), note=scaled
    )
    yield row(
        f"{DRAWS} cohorts, three base measures",
        cohorts,
        "each on its own",
        cohort,
        shares=(1, DRAWS),
        note="one, scaled up",
    )
    yield row("both limits of a count", limits, "every total's programme", lambda: _every_programme(target))


def _interpreted() -> Told:
    """Return the seconds that the kernel takes for `PLAIN` proposals when it is not compiled."""
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", INTERPRETED], env=environment, check=True, capture_output=True
    )
    return Told(float(run.stdout))


def _every_programme(target: PairTarget) -> None:
    support = pair_constraints(target).support
    cells = pair_cells(support, missing=False)
    lines, weights = table_rows(cells, support), (cells.y < cells.x).astype(float)
    for piece in _pieces(target):
        for side in (weights, -weights):
            maximise(side, *_limits(target, piece, lines))

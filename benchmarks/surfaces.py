"""Surfaces of what remains over two settings, against the loop that makes a ledger at every pair of values."""

from collections.abc import Iterator
from itertools import cycle, islice, product
from typing import Any

import numpy as np
from rounds import in_rounds

from iom_causal.base.setting_paths import replace_paths
from iom_causal.confounds import Ageing, Detection, History, RegressionToMean
from iom_causal.ledger import Ledger
from iom_causal.panel import Panel
from iom_causal.sensitivity.surface import surface
from iom_causal.windows import Selection, Window

POINTS, FEW, TRIED, ROUNDS = 200, 41, 40, 5
QUICK = {"POINTS": 30, "FEW": 8, "TRIED": 4, "ROUNDS": 1}
SPANS = {"detection.ratio": (0.5, 1.2), "history.ratio": (0.7, 1.1)}
WINDOWS = (Window("before", -547, 0), Window("after", 0, 549, post=True))
RULE = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=3.0)


def cohort() -> Panel:
    """Return 225 people, selected at a cut, whose counts fall by half."""
    rng = np.random.default_rng(1)
    rate = rng.gamma(2.0, 3.4, 225)
    pairs = np.maximum(np.stack([rng.poisson(rate), rng.poisson(0.53 * rate)], axis=-1), [3, 0])
    return Panel.from_arrays(pairs, name="arrests", windows=WINDOWS, age=rng.uniform(18, 45, 225), selection=RULE)


def rows() -> Iterator[dict[str, Any]]:
    """Time a surface against a part of the loop, as much of it as takes long enough to be timed."""
    people = cohort()
    lines = (RegressionToMean(method="robbins_zhang"), Ageing(), History(ratio=0.9), Detection())
    ledger = Ledger(lines, draws=2000)

    def grid(points: int) -> Iterator[Ledger]:
        pairs = product(*(np.linspace(*span, points).tolist() for span in SPANS.values()))
        return islice(cycle(replace_paths(ledger, dict(zip(SPANS, at, strict=True))) for at in pairs), TRIED)

    def mine(points: int, *, interval: bool) -> Any:
        return surface(ledger, people, SPANS, points=points, interval=interval, rng=1)

    yield in_rounds(
        f"surface of {POINTS} x {POINTS}, four lines, 225 people",
        lambda: mine(POINTS, interval=False),
        "loop of replace and central",
        lambda: [at.central(people) for at in grid(POINTS)],
        rounds=ROUNDS,
        shares=(1.0, POINTS**2 / TRIED),
        answers=(lambda found: found.set_low.ravel()[:TRIED], np.exp),
    )
    yield in_rounds(
        f"surface of {FEW} x {FEW} with intervals, 2,000 draws",
        lambda: mine(FEW, interval=True),
        "loop of replace and a call",
        lambda: [at(people, rng=1) for at in grid(FEW)],
        rounds=ROUNDS,
        shares=(1.0, FEW**2 / TRIED),
    )

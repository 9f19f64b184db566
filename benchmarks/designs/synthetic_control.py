"""One managed unit among forty over 36 months: ours with placebos in space, and R's synthetic differences.

The two are not the same estimator, so that no answers are to agree; ours refits every donor besides, for its interval.
"""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from peers import r, text
from rounds import in_rounds

from iom_causal.estimators import SyntheticControl
from iom_causal.panel import Panel
from iom_causal.windows import Window

UNITS, MONTHS, ROUNDS = 40, 36, 5
QUICK = {"UNITS": 25, "ROUNDS": 1}
SCRIPT = Path(__file__).with_name("comparisons.R")


def rows() -> Iterator[dict[str, Any]]:
    """Measure ours and the peer in alternating rounds."""
    panel = simulated()
    with r(SCRIPT) as fit, TemporaryDirectory() as folder:
        file = text(folder, "units", long_table(panel))
        yield in_rounds(
            f"synthetic control, {UNITS} units x {MONTHS} months, with placebos",
            lambda: SyntheticControl(contrast="difference")(panel),
            "R synthdid, the estimate alone",
            lambda: fit("synthdid", file),
            rounds=ROUNDS,
            note="another estimator: weights of units and of months",
        )


def simulated() -> Panel:
    """Return monthly counts of units that share a course, the first of them managed from the middle on."""
    rng = np.random.default_rng(1)
    after = np.arange(MONTHS) >= MONTHS // 2
    course = np.exp(0.2 * np.sin(np.arange(MONTHS) / 5) + 0.1 * rng.normal(size=MONTHS))
    rate = rng.uniform(40, 120, UNITS)[:, None] * course ** rng.uniform(0.5, 1.5, (UNITS, 1))
    rate[0] *= np.where(after, 0.8, 1.0)
    windows = tuple(
        Window(str(k), 30 * (k - MONTHS // 2), 30 * (k + 1 - MONTHS // 2), post=bool(after[k])) for k in range(MONTHS)
    )
    start = np.ma.MaskedArray(np.full(UNITS, MONTHS // 2), mask=np.arange(UNITS) > 0)
    return Panel.from_arrays(rng.poisson(rate), name="arrests", windows=windows, start=start)


def long_table(panel: Panel) -> dict[str, Any]:
    """Return one row a person or unit and month, both numbered from 1, with the month of the start or 0."""
    who, month = np.indices(panel.outcome.shape)
    start = np.where(np.ma.getmaskarray(panel.start), 0, np.ma.filled(panel.start, 0) + 1)
    return {
        "person": who.ravel() + 1,
        "month": month.ravel() + 1,
        "y": np.asarray(panel.outcome).ravel(),
        "start": start[who.ravel()],
    }

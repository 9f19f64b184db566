"""Event study of people who start in four months, over 36: ours, pyfixest, linearmodels and R's did.

The same effects of each group of start and month against those who never start: fixed effects of person and month, with
a coefficient for each group and month (Sun & Abraham 2021), clustered by person; did compares the same means two by two
(Callaway & Sant'Anna 2021), which gives the same effects where nothing is missing. Each peer is given a table that is
ready, and its time is that of the fit alone; ours begins at the panel, and has the averages and their bands too. Peers
are asked for 2,000 people, for whom their columns hold 80 megabytes; ours is measured with 100,000 as well.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from designs.synthetic_control import long_table
from peers import columns, python, r, text
from rounds import in_rounds

from iom_causal.estimators import EventStudy
from iom_causal.panel import Panel
from iom_causal.windows import Window

SCRIPT = Path(__file__).with_name("comparisons.R")
PEOPLE, FEWER, MONTHS, ROUNDS = 100_000, 2_000, 36, 3
QUICK = {"PEOPLE": 2_000, "FEWER": 200, "ROUNDS": 1}
STARTS = (18, 21, 24, 27)
OURS = EventStudy(contrast="difference", comparison="never")
RATIO = EventStudy(comparison="never")
WORK = "event study, {:,} people x 36 months, four starts"


def rows() -> Iterator[dict[str, Any]]:
    """Measure ours and each peer in alternating rounds; ours with more people beside ours with fewer."""
    many, panel = simulated(PEOPLE), simulated(FEWER)
    table = panel_table(panel)
    for spec in (OURS, RATIO):
        yield in_rounds(
            WORK.format(PEOPLE) + f", {spec.contrast}",
            lambda spec=spec: spec(many, rng=1),
            f"the same of {FEWER:,} people",
            lambda spec=spec: spec(panel, rng=1),
            rounds=ROUNDS,
        )
    index = cache(lambda: table.set_index(["person", "month"]))
    asked = [name for name in table if name.startswith("g")]
    work, one = WORK.format(FEWER), lambda: OURS(panel, rng=1)
    yield in_rounds(
        work,
        one,
        "linearmodels PanelOLS",
        lambda: two_way(index()),
        rounds=ROUNDS,
        answers=(_overall, overall),
        memory=False,
    )
    with python() as ask, TemporaryDirectory() as folder:
        file = columns(folder, "people", dict(table))
        formula = f"y ~ {' + '.join(asked)} | person + month"
        yield in_rounds(
            work,
            one,
            "pyfixest feols",
            lambda: ask("feols", file, formula, "person", "g"),
            rounds=ROUNDS,
            answers=(_overall, lambda theirs: overall(dict(zip(asked, theirs, strict=True)))),
        )
    with r(SCRIPT) as fit, TemporaryDirectory() as folder:
        file = text(folder, "people", long_table(panel))
        yield in_rounds(
            work,
            one,
            "R did, att_gt and aggte without bootstrap",
            lambda: fit("did", file),
            rounds=ROUNDS,
            answers=(_overall, np.squeeze),
        )


def _overall(mine: Any) -> float:
    return float(mine.estimate)


def simulated(people: int) -> Panel:
    """Return monthly counts of people, a fifth of whom start in each month of four, and a fifth never."""
    rng = np.random.default_rng(1)
    start = np.array([*STARTS, MONTHS])[np.arange(people) % (len(STARTS) + 1)]
    windows = tuple(Window(str(k), 30 * (k - 18), 30 * (k - 17), post=k >= 18) for k in range(MONTHS))
    treated = np.arange(MONTHS) >= start[:, None]
    rate = rng.gamma(2.0, 0.15, people)[:, None] * np.where(treated, 0.8, 1.0)
    masked = np.ma.MaskedArray(np.minimum(start, MONTHS - 1), mask=start == MONTHS)
    return Panel.from_arrays(rng.poisson(rate), name="arrests", windows=windows, start=masked)


def panel_table(panel: Panel) -> Any:
    """Return one row a person and month, with a column for each group of start and month but the one before it."""
    import pandas as pd  # noqa: PLC0415 slow to load

    person, month = np.indices(panel.outcome.shape)
    start = np.ma.filled(panel.start, MONTHS)[:, None]
    columns = {"y": panel.outcome.astype(float), "person": person, "month": month}
    columns |= {
        f"g{g}_m{t}": ((start == g) & (month == t)).astype(float) for g in STARTS for t in range(MONTHS) if t != g - 1
    }
    return pd.DataFrame({name: values.ravel() for name, values in columns.items()})


def two_way(table: Any) -> dict[str, float]:
    """Return the effects of groups and months by linearmodels."""
    from linearmodels.panel import PanelOLS  # noqa: PLC0415 slow to load

    cells = [name for name in table if name.startswith("g")]
    fit = PanelOLS(table["y"], table[cells], entity_effects=True, time_effects=True).fit(
        cov_type="clustered", cluster_entity=True
    )
    return dict(fit.params)


def overall(cells: dict[str, float]) -> float:
    """Return the mean over treated months of groups of the same size."""
    return float(np.mean([cells[f"g{g}_m{t}"] for g in STARTS for t in range(g, MONTHS)]))

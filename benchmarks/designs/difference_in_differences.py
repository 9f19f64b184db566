"""Difference in differences of people over 36 months: ours, pyfixest and linearmodels.

The same estimate, clustered by person: the difference of mean changes is two-way fixed effects of person and month,
and the ratio of ratios is Poisson regression with them (people without events are of no account to it). Each peer is
given a table that is ready, and its time is that of the fit alone; ours begins at the panel.
"""

from collections.abc import Iterator
from functools import cache, partial
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from peers import columns, python
from rounds import in_rounds

from iom_causal.estimators import DiffInDiff
from iom_causal.panel import Panel
from iom_causal.windows import Window

PEOPLE, MONTHS, ROUNDS = 20_000, 36, 3
QUICK = {"PEOPLE": 500, "ROUNDS": 1}
FULL = {"PEOPLE": 100_000}
DIFFERENCE = DiffInDiff(contrast="difference")
WORK = "difference in differences, {:,} people x 36 months, {}"


def rows() -> Iterator[dict[str, Any]]:
    """Measure ours and each peer in alternating rounds, in CPU seconds."""
    panel = simulated(PEOPLE)
    table = panel_table(panel)
    after = MONTHS // 2
    row = partial(in_rounds, rounds=ROUNDS)
    change = (lambda mine: mine.estimate / after, lambda theirs: theirs)
    ratio = (lambda mine: np.log(mine.estimate), lambda theirs: theirs)
    index = cache(lambda: table.set_index(["person", "month"]))
    yield row(
        WORK.format(PEOPLE, "difference"),
        lambda: DIFFERENCE(panel),
        "linearmodels PanelOLS",
        lambda: two_way(index()),
        answers=(change[0], lambda theirs: theirs[0]),
        memory=False,
    )
    with python() as ask, TemporaryDirectory() as folder:
        file = columns(folder, "people", dict(table))
        for spec, name, answers in ((DIFFERENCE, "feols", change), (DiffInDiff(), "fepois", ratio)):
            yield row(
                WORK.format(PEOPLE, spec.contrast),
                lambda spec=spec: spec(panel),
                f"pyfixest {name}",
                partial(ask, name, file, "y ~ treated | person + month", "person", "treated"),
                answers=answers,
            )


def simulated(people: int) -> Panel:
    """Return monthly counts of people, half of them managed in the second half."""
    rng = np.random.default_rng(1)
    managed = np.arange(people) < people // 2
    windows = tuple(Window(str(k), 30 * k, 30 * k + 30, post=k >= 0) for k in range(-MONTHS // 2, MONTHS // 2))
    post = np.array([w.post for w in windows])
    rate = rng.gamma(2.0, 0.15, people)[:, None] * np.where(managed[:, None] & post, 0.8, 1.0)
    start = np.ma.MaskedArray(np.full(people, MONTHS // 2), mask=~managed)
    return Panel.from_arrays(rng.poisson(rate), name="arrests", windows=windows, start=start)


def panel_table(panel: Panel) -> Any:
    """Return one row a person and month."""
    import pandas as pd  # noqa: PLC0415 slow to load

    person, month = np.indices(panel.outcome.shape)
    treated = (panel.group[:, None] & (month >= MONTHS // 2)).astype(float)
    columns = {"y": panel.outcome.astype(float), "person": person, "month": month, "treated": treated}
    return pd.DataFrame({name: values.ravel() for name, values in columns.items()})


def two_way(table: Any) -> tuple[float, float]:
    """Return the coefficient and its error by linearmodels, per month."""
    from linearmodels.panel import PanelOLS  # noqa: PLC0415 slow to load

    fit = PanelOLS(table["y"], table[["treated"]], entity_effects=True, time_effects=True).fit(
        cov_type="clustered", cluster_entity=True
    )
    return float(fit.params["treated"]), float(fit.std_errors["treated"])

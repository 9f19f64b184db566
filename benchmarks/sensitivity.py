"""Sensitivity analyses against the obvious loop, in the same run."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import numpy as np
from rounds import in_rounds

from iom_causal.analysis.sensitivity.default_choices import Only, default_choices, windows_days
from iom_causal.analysis.sensitivity.specifications import specification_curve
from iom_causal.confounds import Ageing, History, RegressionToMean
from iom_causal.errors import IomCausalError
from iom_causal.ledger import Ledger
from iom_causal.numerics.kernels.bernoulli_sums import at_most
from iom_causal.numerics.sensitivity.rosenbaum import signed_ranks
from iom_causal.panel import Panel
from iom_causal.windows import Selection, Window

PEOPLE, ROUNDS, LOOPED = 600, 3, 12
CHANGED = 400
QUICK = {"ROUNDS": 1, "LOOPED": 2, "PEOPLE": 200, "CHANGED": 30}
WINDOWS = (
    Window("y1", -730, -365),
    Window("y2", -365, 0),
    Window("a1", 0, 365, post=True),
    Window("a2", 365, 730, post=True),
)


def rows() -> Iterator[dict[str, Any]]:
    """Measure a curve (its loop takes no estimator but the pooled rates), and one exact tail."""
    yield _curve()
    yield _tail()


def _curve() -> dict[str, Any]:
    panel = _people()
    choices = default_choices(panel)
    every = [dict(zip(choices, values, strict=True)) for values in _product(choices)]
    answered = specification_curve(panel, choices=choices)

    def ours() -> None:
        specification_curve(panel, choices=choices)

    def loop() -> None:
        for values in every[:: len(every) // LOOPED][:LOOPED]:
            _ledger(panel, values)

    number = len(answered.rows)
    return in_rounds(
        f"{number} specifications of {PEOPLE} people with intervals",
        ours,
        "loop over ledgers of 20,000 draws",
        loop,
        rounds=ROUNDS,
        shares=(1, number / LOOPED),
    )


def _product(choices: dict[str, dict[str, Any]]) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = [()]
    for labels in choices.values():
        found = [(*values, value) for values in found for value in labels.values()]
    return found


def _ledger(panel: Panel, values: dict[str, Any]) -> None:
    try:
        for change in values.values():
            if isinstance(change, Only) or change is windows_days:
                panel = change(panel)
        lines = tuple(v for v in values.values() if isinstance(v, (Ageing, History, RegressionToMean)))
        Ledger(lines)(panel, rng=1)
    except IomCausalError:
        return


def _tail() -> dict[str, Any]:
    changes = np.random.default_rng(1).normal(-0.3, 1.0, CHANGED).round(1)
    statistic = signed_ranks(changes, np.ones(CHANGED, int))

    def ours() -> float:
        return at_most(statistic.steps, 0.25, statistic.rises)

    def plain() -> float:
        return float(_by_numpy(statistic.steps, 0.25)[: statistic.rises + 1].sum())

    return in_rounds(
        f"an exact signed-rank tail under bias, {CHANGED} changes with ties",
        ours,
        "numpy over the whole distribution",
        plain,
        rounds=ROUNDS,
        answers=(float, float),
    )


def _by_numpy(steps: np.ndarray, chance: float) -> np.ndarray:
    pmf = np.zeros(int(steps.sum()) + 1)
    pmf[0] = 1.0
    for step in steps:
        new = pmf * (1 - chance)
        new[step:] += pmf[: len(pmf) - step] * chance
        pmf = new
    return pmf


def _people() -> Panel:
    rng = np.random.default_rng(5)
    counts = rng.poisson(rng.gamma(1.2, 2.0, (PEOPLE, 1)) * [1.0, 1.0, 0.9, 0.85])
    managed = (counts[:, 1] >= 4) & (rng.random(PEOPLE) < 0.8)
    days = np.column_stack([np.full((PEOPLE, 3), 365.0), rng.uniform(150, 365, PEOPLE)])
    return Panel.from_arrays(
        counts,
        windows=WINDOWS,
        name="arrests",
        index_date=dt.date(2011, 5, 1),
        age=rng.uniform(18, 45, PEOPLE),
        start=np.ma.MaskedArray(np.full(PEOPLE, 2), mask=~managed),
        exposure=days,
        selection=Selection("arrests", ("y2",), "at_least", "at_boundary", threshold=4),
    )

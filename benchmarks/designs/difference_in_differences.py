"""Difference in differences of 100,000 people over 36 months: ours, pyfixest and linearmodels.

The same estimate, clustered by person: the difference of mean changes is two-way fixed effects of person and month,
and the ratio of ratios is Poisson regression with them (people without events are of no account to it). Each peer is
given a table that is ready, and its time is that of the fit alone; ours begins at the panel. pyfixest is no dependency:
its rows need it installed.
"""

from collections.abc import Callable, Iterator
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from time import process_time
from typing import Any

import numpy as np
from rounds import in_rounds

from iom_causal.estimators import DiffInDiff
from iom_causal.panel import Panel
from iom_causal.windows import Window

PEOPLE, MONTHS, ROUNDS = 100_000, 36, 3
DIFFERENCE = DiffInDiff(contrast="difference")
WORK = "difference in differences, 100,000 people x 36 months, {}"


def rows() -> Iterator[dict[str, Any]]:
    """Measure ours and each peer in alternating rounds, in CPU seconds."""
    panel = simulated(PEOPLE)
    table = panel_table(panel)
    index = table.set_index(["person", "month"])
    difference, ratio = (partial(cpu, lambda spec=spec: spec(panel)) for spec in (DIFFERENCE, DiffInDiff()))
    cpu(lambda: (DIFFERENCE(panel), DiffInDiff()(panel)))
    linear = f"linearmodels {version('linearmodels')} PanelOLS"
    yield in_rounds(WORK.format("difference"), difference, linear, lambda: cpu(lambda: two_way(index)), rounds=ROUNDS)
    try:
        peer = f"pyfixest {version('pyfixest')}"
    except PackageNotFoundError:
        return
    within(panel_table(simulated(100)))  # compiles
    for what, ours, name, theirs in (
        ("difference", difference, "feols", within),
        ("ratio", ratio, "fepois", multiplicative),
    ):
        yield in_rounds(
            WORK.format(what), ours, f"{peer} {name}", partial(cpu, lambda fit=theirs: fit(table)), rounds=ROUNDS
        )


def cpu(work: Callable[[], Any]) -> float:
    """Return the CPU seconds of a work."""
    begun = process_time()
    work()
    return process_time() - begun


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


def within(table: Any) -> tuple[float, float]:
    """Return the coefficient and its error by pyfixest, per month."""
    import pyfixest  # noqa: PLC0415 no dependency

    fit = pyfixest.feols("y ~ treated | person + month", table, vcov={"CRV1": "person"})
    return float(fit.coef()["treated"]), float(fit.se()["treated"])


def multiplicative(table: Any) -> tuple[float, float]:
    """Return the log ratio of ratios and its error by pyfixest."""
    import pyfixest  # noqa: PLC0415 no dependency

    fit = pyfixest.fepois("y ~ treated | person + month", table, vcov={"CRV1": "person"})
    return float(fit.coef()["treated"]), float(fit.se()["treated"])


def agree() -> None:
    """Print the estimates and errors of each, a month and as logs."""
    panel = simulated(PEOPLE // 10)
    table = panel_table(panel)
    after = MONTHS // 2
    ours = DIFFERENCE(panel)
    print("difference", (ours.estimate or 0.0) / after, (ours.std_error or 0.0) / after)
    print("linearmodels", *two_way(table.set_index(["person", "month"])))
    ratio = DiffInDiff()(panel)
    print("log ratio", np.log(ratio.estimate or 1.0), ratio.std_error)
    try:
        print("pyfixest feols", *within(table))
        print("pyfixest fepois", *multiplicative(table))
    except ModuleNotFoundError:
        print("pyfixest is not installed")


if __name__ == "__main__":
    agree()

"""Published statistics beside the same statistics of a rebuilt cohort."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from iom_causal.analysis.results import Recomputed
from iom_causal.analysis.steps import Effort
from iom_causal.analysis.subject import Subject
from iom_causal.base.formats import bounded, p_text
from iom_causal.cohort import Cohort
from iom_causal.estimators import EffectSize, PairedT
from iom_causal.panel import Panel
from iom_causal.published.printed import Printed
from iom_causal.published.records import Describes, Outcome
from iom_causal.published.study import PublishedStudy


@dataclass(frozen=True, slots=True)
class RecomputedTable:
    """Published statistics beside recomputed ones.

    Parameters
    ----------
    rows : tuple of Recomputed
        One a statistic, or the statistics of one window.
    contrast : str
        The direction of the published differences and t.
    """

    rows: tuple[Recomputed, ...]
    contrast: str


def run(subject: Subject, _effort: Effort) -> RecomputedTable | None:
    """Recompute every published statistic from the first rebuilt cohort, where there is one."""
    if subject.published is None or subject.rebuilt is None:
        return None
    return RecomputedTable(recomputed(subject.published, subject.rebuilt.replicate(0)), subject.published.contrast)


def recomputed(study: PublishedStudy, cohort: Cohort) -> tuple[Recomputed, ...]:
    """Return every published statistic of the people beside that of one rebuilt cohort.

    Parameters
    ----------
    study : PublishedStudy
        What was published.
    cohort : Cohort
        One rebuilt cohort, without a replicate axis.
    """
    rows = list(_sample(study, cohort))
    for outcome in study.outcomes:
        panel = cohort[outcome.name]
        rows += _described(outcome.name, "before", outcome.before, panel.before)
        rows += _described(outcome.name, "after", outcome.after, panel.after)
        rows += _tested(study, outcome, panel)
    return tuple(rows)


def _sample(study: PublishedStudy, cohort: Cohort) -> Iterator[Recomputed]:
    panel = cohort[study.outcomes[0].name]
    yield _row("people", "n", study.sample.n, panel.n)
    if study.sample.age is not None and panel.age is not None:
        at = f" at {study.sample.age_at}" if study.sample.age_at else ""
        yield from _described("people", f"age{at}", study.sample.age, panel.age)
    for group in study.sample.groups:
        labels = panel.covariates.get(group.variable)
        if labels is None:
            continue
        count = int((labels == group.category).sum())
        if group.count is not None:
            yield _row("people", group.category, group.count, count)
        if group.percent is not None:
            yield _row("people", f"{group.category}, %", group.percent, 100 * count / panel.n)


def _described(name: str, window: str, printed: Describes, values: NDArray[np.float64]) -> Iterator[Recomputed]:
    known = values[~np.isnan(values.astype(np.float64))]
    figures = (
        ("n", printed.n, len(known)),
        ("mean", printed.mean, float(known.mean())),
        ("SD", printed.sd, float(known.std(ddof=1))),
        ("low", printed.low, float(known.min())),
        ("high", printed.high, float(known.max())),
    )
    there = [(label, number, _text(number, value)) for label, number, value in figures if number is not None]
    if there:
        yield Recomputed(
            outcome=name,
            statistic=f"{window}: {', '.join(label for label, _, _ in there)}",
            printed=", ".join(number.text for _, number, _ in there),
            rebuilt=", ".join(text for _, _, text in there),
        )


def _tested(study: PublishedStudy, outcome: Outcome, panel: Panel) -> Iterator[Recomputed]:
    test = outcome.test
    if test is None or test.statistic != "t":
        return
    result = PairedT(contrast=study.contrast)(panel)
    yield _row(outcome.name, f"t({result.df:.0f})", test.value, result.statistic or 0.0)
    if test.p is not None and result.p_value is not None:
        yield Recomputed(outcome=outcome.name, statistic="p", printed=test.p.text, rebuilt=p_text(result.p_value))
    size = test.effect_size
    if size is not None and size.symbol in _SIZES:
        value = EffectSize(_SIZES[size.symbol])(panel).estimate or 0.0
        yield _row(outcome.name, f"effect size printed as {size.symbol}", size.value, abs(value))


_EDGE = 1e-9
"""What a mean of whole numbers loses in a double, far below any printed digit."""

_SIZES = {"r": "r", "r_squared": "r_squared", "dz": "dz", "drm": "drm", "dav": "dav", "glass_pre": "glass"}


def _row(outcome: str, statistic: str, printed: Printed, value: float) -> Recomputed:
    return Recomputed(outcome=outcome, statistic=statistic, printed=printed.text, rebuilt=_text(printed, value))


def _text(printed: Printed, value: float) -> str:
    """Return a value to the printed decimals; on the edge of a rounding it prints as either rule has it."""
    if printed.low - _EDGE <= value <= printed.high + _EDGE:
        return printed.text
    if printed.text.lstrip("-").startswith("."):
        return bounded(value, printed.decimals)
    return f"{value:.{printed.decimals}f}"

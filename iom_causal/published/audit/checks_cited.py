"""Checks of cited evaluations: what their reported figures support, without pooling them."""

from collections.abc import Iterator
from functools import partial
from math import sqrt

from iom_causal.base import wording
from iom_causal.base.formats import bounded, fixed, listed, outward, p_text, percent
from iom_causal.numerics import LEVEL
from iom_causal.numerics.printed.interval_arithmetic import Interval
from iom_causal.numerics.printed.p_values import p_value
from iom_causal.numerics.printed.shares import (
    admissible_counts,
    arms_needed,
    difference_half_width,
    pooled_change_limits,
    smallest_base,
)
from iom_causal.published.audit.findings import Finding
from iom_causal.published.audit.printed_intervals import neighbour
from iom_causal.published.printed import Printed
from iom_causal.published.statements import Cited
from iom_causal.published.study import PublishedStudy

_MEASURED = "Published figures, as cited there and differently measured."


def cited_evaluations(study: PublishedStudy) -> Iterator[Finding]:
    """Assess what the reported figures of each cited evaluation support."""
    for cited in study.cited:
        shares, sizes = _shares(cited), _sizes(cited)
        if len(shares) == 2:
            yield _two_known(study, cited, sizes) if len(sizes) == 2 else _two_unknown(study, cited)
        if sum(arm.change_percent is not None for arm in cited.arms) > 1:
            yield _changes(study, cited)


def people_needed(cited: Cited) -> Interval | None:
    """Return the people per group at which two reported shares would differ at the default level.

    Parameters
    ----------
    cited : Cited
        An evaluation; anything but two percentages gives None.
    """
    shares = _shares(cited)
    return arms_needed(*(_enclosed(p) for _, p in shares), level=LEVEL) if len(shares) == 2 else None


def _shares(cited: Cited) -> list[tuple[str, Printed]]:
    return [(arm.label, arm.percent) for arm in cited.arms if arm.percent is not None]


def _sizes(cited: Cited) -> list[int]:
    return [arm.n.count for arm in cited.arms if arm.percent is not None and arm.n is not None]


def _enclosed(percent: Printed) -> Interval:
    return Interval.of(percent.low / 100, percent.high / 100)


def _finding(cited: Cited, kind: str, claimed: str) -> "partial[Finding]":
    return partial(
        Finding, id=f"cited-{kind}:{cited.name}", check="a cited evaluation", subject=cited.name, claimed=claimed
    )


def _beside(study: PublishedStudy, cited: Cited) -> str:
    return " ".join(part for part in (_MEASURED, neighbour(study, cited.limitation)) if part)


def _figures(cited: Cited) -> str:
    return listed(f"{percent.text}% of the {wording.quote(label)}" for label, percent in _shares(cited))


def _two_unknown(study: PublishedStudy, cited: Cited) -> Finding:
    first, second = (percent for _, percent in _shares(cited))
    gap = _enclosed(first) - _enclosed(second)
    points = outward(100 * gap.low, 100 * gap.high, 1)
    needed = arms_needed(_enclosed(first), _enclosed(second), level=LEVEL)
    people = f"{fixed(needed.low, 0)} to {fixed(needed.high, 0)} people"
    bases = listed(str(smallest_base(p.low, p.high)) for p in (first, second))
    return _finding(cited, "shares", _figures(cited))(
        verdict="uninformative",
        computed=f"{people} per group",
        sentence=(
            f"{cited.name}, {cited.measure} after {cited.follow_up}: {_figures(cited)}, {points} points apart. For "
            f"p < {bounded(1 - LEVEL, 2)} such a difference needs equal groups of {people} each, according to "
            f"rounding; {_at_size(first, second, study.sample.n.count)}. The percentages can come from as few as "
            f"{bases} people."
        ),
        why="Numbers of people are not printed, so the figures support neither a difference nor that there is none.",
        neighbour=_beside(study, cited),
    )


def _at_size(first: Printed, second: Printed, n: int) -> str:
    half = difference_half_width(first.value / 100, second.value / 100, n, level=LEVEL)
    middle = (first.value - second.value) / 100
    ends = f"{fixed(100 * (middle - half), 1)} to {fixed(100 * (middle + half), 1)}"
    return f"with {n} in each, as many as in this study, the {percent(LEVEL)} interval would be {ends} points"


def _two_known(study: PublishedStudy, cited: Cited, sizes: list[int]) -> Finding:
    finding = _finding(cited, "shares", _figures(cited))
    for (label, printed), n in zip(_shares(cited), sizes, strict=True):
        if not admissible_counts(printed.low, printed.high, n):
            return finding(
                verdict="inconsistent",
                computed="no count",
                sentence=f"No count out of {n} prints as {printed.text}% ({wording.quote(label)}).",
                reconcile="Another number of people or another percentage would make them agree.",
            )
    z, interval = _difference([percent.value / 100 for _, percent in _shares(cited)], sizes)
    points, p = f"{fixed(interval[0], 1)} to {fixed(interval[1], 1)}", p_text(p_value("z", z))
    return finding(
        verdict="consistent",
        computed=p,
        sentence=(
            f"{cited.name}, {cited.measure} after {cited.follow_up}: {_figures(cited)}; the {percent(LEVEL)} "
            f"interval of the difference is {points} points ({p})."
        ),
        neighbour=_beside(study, cited),
    )


def _difference(p: list[float], n: list[int]) -> tuple[float, tuple[float, float]]:
    # z with the pooled share, as in the test; the interval without pooling, as usual for it.
    pooled = (p[0] * n[0] + p[1] * n[1]) / sum(n)
    spread = sqrt(pooled * (1 - pooled) * (1 / n[0] + 1 / n[1]))
    half = sqrt(sum(difference_half_width(q, q, m, level=LEVEL) ** 2 / 2 for q, m in zip(p, n, strict=True)))
    gap = p[0] - p[1]
    return abs(gap) / spread if spread else 0.0, (100 * (gap - half), 100 * (gap + half))


def _changes(study: PublishedStudy, cited: Cited) -> Finding:
    changes = [(arm.label, arm.change_percent) for arm in cited.arms if arm.change_percent is not None]
    limits, share = pooled_change_limits(tuple(number.value / 100 for _, number in changes))
    figures = listed(f"{number.text}% among those {wording.quote(label)}" for label, number in changes)
    falling = min(changes, key=lambda change: change[1].value)[0]
    crossing = ""
    if share is not None:
        held = f"held more than {percent(share, 1)} of the total before"
        crossing = f"; it is a fall only if those {wording.quote(falling)} {held}"
    formed = "The groups were formed by what people took up, so they may have differed before. "
    return _finding(cited, "changes", figures)(
        verdict="uninformative",
        computed=f"together from {percent(limits.low, 1)} to {percent(limits.high, 1)}",
        sentence=(
            f"{cited.name}, {cited.measure} over {cited.follow_up}: changed by {figures}. For everybody together the "
            f"change lies between these two{crossing}."
        ),
        why=(
            f"{formed if cited.formed == 'after' else ''}Neither numbers of people nor spreads are printed, so no "
            "interval can be given."
        ),
        neighbour=_beside(study, cited),
    )

"""Other evaluations that the paper cites: what their printed figures can carry, without pooling them."""

from collections.abc import Iterator
from functools import partial
from math import sqrt

from iom_causal import words
from iom_causal.numerics import LEVEL
from iom_causal.numerics.printed_shares import (
    admissible_counts,
    arms_needed,
    difference_half_width,
    pooled_change_limits,
    smallest_base,
)
from iom_causal.numerics.printed_tests import p_value
from iom_causal.numerics.rounding import Interval
from iom_causal.published.context import neighbour
from iom_causal.published.findings import Finding
from iom_causal.published.printed import Printed
from iom_causal.published.records import Arm, Cited
from iom_causal.published.study import PublishedStudy


def cited_evaluations(study: PublishedStudy) -> Iterator[Finding]:
    """Say what the printed figures of each cited evaluation support."""
    for cited in study.cited:
        shares = [arm for arm in cited.arms if arm.percent is not None]
        changes = [arm for arm in cited.arms if arm.change_percent is not None]
        if len(shares) == 2 and all(arm.n is not None for arm in shares):
            yield _two_known(study, cited, shares)
        elif len(shares) == 2:
            yield _two_unknown(study, cited, shares)
        if len(changes) > 1:
            yield _changes(study, cited, changes)


def share_of(number: Printed) -> Interval:
    """Return a printed percentage as a proportion."""
    return Interval.of(number.low / 100, number.high / 100)


def people_needed(cited: Cited) -> Interval | None:
    """Return the people per group at which the printed difference would leave the interval of none."""
    shares = [arm.percent for arm in cited.arms if arm.percent is not None]
    return arms_needed(share_of(shares[0]), share_of(shares[1]), level=LEVEL) if len(shares) == 2 else None


def _finding(cited: Cited, kind: str) -> "partial[Finding]":
    return partial(Finding, id=f"cited-{kind}:{cited.name}", check="a cited evaluation", subject=cited.name)


def _figures(arms: list[Arm]) -> str:
    return words.listed(
        f"{arm.percent.text}% of the {words.quote(arm.label)}" for arm in arms if arm.percent is not None
    )


def _two_unknown(study: PublishedStudy, cited: Cited, arms: list[Arm]) -> Finding:
    first, second = (arm.percent for arm in arms)
    assert first is not None  # noqa: S101 - the caller passes groups with percentages
    assert second is not None  # noqa: S101
    gap = share_of(first) - share_of(second)
    needed, n = arms_needed(share_of(first), share_of(second), level=LEVEL), study.sample.n.count
    half = difference_half_width(first.value / 100, second.value / 100, n, level=LEVEL)
    middle = (first.value - second.value) / 100
    ends = f"{words.number(100 * (middle - half), 1)} to {words.number(100 * (middle + half), 1)}"
    bases = words.listed(str(smallest_base(p.low, p.high)) for p in (first, second))
    return _finding(cited, "shares")(
        verdict="uninformative",
        claimed=_figures(arms),
        computed=f"{words.number(needed.low, 0)} to {words.number(needed.high, 0)} people per group",
        sentence=(
            f"{cited.measure} after {cited.follow_up}: {_figures(arms)}, {words.outward(100 * gap.low, 100 * gap.high, 1)} "
            f"points apart. For p < {words.bounded(1 - LEVEL, 2)} such a difference needs equal groups of "
            f"{words.number(needed.low, 0)} to {words.number(needed.high, 0)} people each, according to rounding; with "
            f"{n} in each, as many as in this study, the {words.percent(LEVEL)} interval would be {ends} points. The "
            f"percentages can come from as few as {bases} people."
        ),
        why="The numbers of people are not printed, so the figures support neither a difference nor that there is none.",
        neighbour=neighbour(study, cited.limitation),
    )


def _two_known(study: PublishedStudy, cited: Cited, arms: list[Arm]) -> Finding:
    finding = _finding(cited, "shares")
    for arm in arms:
        assert arm.percent is not None  # noqa: S101 - the caller passes groups with both
        assert arm.n is not None  # noqa: S101
        if not admissible_counts(arm.percent.low, arm.percent.high, arm.n.count):
            return finding(
                verdict="inconsistent",
                claimed=_figures(arms),
                computed="no count",
                sentence=f"No count out of {arm.n.count} prints as {arm.percent.text}% ({words.quote(arm.label)}).",
                reconcile="Another number of people or another percentage would make them agree.",
            )
    z, low, high = _difference(arms)
    return finding(
        verdict="consistent",
        claimed=_figures(arms),
        computed=words.p_text(p_value("z", z)),
        sentence=(
            f"{cited.measure} after {cited.follow_up}: {_figures(arms)}; the {words.percent(LEVEL)} interval of the "
            f"difference is {words.number(100 * low, 1)} to {words.number(100 * high, 1)} points ({words.p_text(p_value('z', z))})."
        ),
        neighbour=neighbour(study, cited.limitation, "Published figures, differently measured."),
    )


def _difference(arms: list[Arm]) -> tuple[float, float, float]:
    p = [arm.percent.value / 100 for arm in arms if arm.percent is not None]
    n = [arm.n.count for arm in arms if arm.n is not None]
    pooled = (p[0] * n[0] + p[1] * n[1]) / sum(n)
    spread = sqrt(pooled * (1 - pooled) * (1 / n[0] + 1 / n[1]))
    z = abs(p[0] - p[1]) / spread if spread else 0.0
    harmonic = [difference_half_width(q, q, m, level=LEVEL) ** 2 / 2 for q, m in zip(p, n, strict=True)]
    half = sqrt(sum(harmonic))
    return z, p[0] - p[1] - half, p[0] - p[1] + half


def _changes(study: PublishedStudy, cited: Cited, arms: list[Arm]) -> Finding:
    changes = [arm.change_percent for arm in arms]
    values = tuple(number.value / 100 for number in changes if number is not None)
    limits, share = pooled_change_limits(values)
    figures = words.listed(
        f"{c.text}% among those {words.quote(a.label)}" for a, c in zip(arms, changes, strict=True) if c
    )
    falling = arms[values.index(limits.low)].label
    crossing = (
        ""
        if share is None
        else f"; it is a fall only if those {words.quote(falling)} held more than {words.percent(share, 1)} of the total before"
    )
    after = (
        "The groups were formed by what people took up, so they may have differed before. "
        if cited.formed == "after"
        else ""
    )
    return _finding(cited, "changes")(
        verdict="uninformative",
        claimed=figures,
        computed=f"together from {words.percent(limits.low, 1)} to {words.percent(limits.high, 1)}",
        sentence=(
            f"{cited.measure} over {cited.follow_up} changed by {figures}. For everybody together the change lies between "
            f"these two{crossing}."
        ),
        why=f"{after}Neither numbers of people nor spreads are printed, so no interval can be given.",
        neighbour=neighbour(study, cited.limitation, "Published figures, differently measured."),
    )

"""Power of subgroup statements: differences that non-significance leaves open, and exact intervals of shares."""

from collections.abc import Iterator

from iom_causal.base import wording
from iom_causal.base.formats import bounded, fixed, listed, percent
from iom_causal.numerics import LEVEL
from iom_causal.numerics.printed.nonsignificant import difference_with_power, largest_undetected, sd_within
from iom_causal.numerics.printed.paired import sd_of_change
from iom_causal.numerics.printed.shares import exact_interval
from iom_causal.published.audit.checks_sample import group_counts
from iom_causal.published.audit.findings import Finding
from iom_causal.published.audit.printed_intervals import mean_change, neighbour
from iom_causal.published.printed import enclose
from iom_causal.published.records import Outcome
from iom_causal.published.statements import Proportion, Subgroup
from iom_causal.published.study import PublishedStudy

_POWER = 0.8


def subgroup_differences(study: PublishedStudy) -> Iterator[Finding]:
    """Largest differences compatible with each statement of no difference."""
    for subgroup in study.subgroups:
        yield _subgroup(study, subgroup)


def proportions(study: PublishedStudy) -> Iterator[Finding]:
    """Clopper-Pearson interval of each share of people."""
    for proportion in study.proportions:
        yield _proportion(study, proportion)


def open_difference(study: PublishedStudy, subgroup: Subgroup) -> float | None:
    """Return the largest standardised difference compatible with a statement, or None if it is not determined."""
    groups = group_counts(study, subgroup.variable)
    if len(groups) != 2 or subgroup.p.relation == "<":
        return None
    return largest_undetected(groups[0][1], groups[1][1], level=1 - float(subgroup.p.low))


def _subgroup(study: PublishedStudy, subgroup: Subgroup) -> Finding:
    largest = open_difference(study, subgroup)
    sizes = [n for _, n in group_counts(study, subgroup.variable)]
    if largest is None:
        sentence, computed = f"{wording.quote(subgroup.quote)} cannot be given a size.", ""
        why = "The two groups’ numbers, or a p-value above a limit, are not printed."
    else:
        level, upto = 1 - float(subgroup.p.low), bounded(largest, 2)
        detectable = bounded(difference_with_power(*sizes, level=level, power=_POWER), 2)
        computed = f"|d| up to {upto}"
        units = _in_units(study, subgroup, sizes, largest)
        sentence = (
            f"{wording.quote(subgroup.quote)}: with {sizes[0]} and {sizes[1]} people, {_p(subgroup)} allows an "
            f"observed difference between {subgroup.name} of up to {upto} SD{units}; the true one could be larger. "
            f"A true difference of {detectable} SD would be found with {percent(_POWER)} power."
        )
        unprinted = "" if subgroup.test_printed else "Which test on which outcome is not printed, and "
        why = f"{unprinted}groups of this size leave such differences open."
    return Finding(
        id=f"subgroup:{subgroup.name}",
        check="a statement of no difference",
        subject=subgroup.name,
        verdict="uninformative",
        claimed=f"{wording.quote(subgroup.quote)}, {_p(subgroup)}",
        computed=computed,
        sentence=sentence,
        why=why[:1].upper() + why[1:],
        neighbour=neighbour(study, subgroup.limitation),
    )


def _p(subgroup: Subgroup) -> str:
    """Return the p of a statement, marked where it is inferred from the words and not reported."""
    return subgroup.p.text if subgroup.p_printed else f"{subgroup.p.text} (inferred: no p is printed)"


def _in_units(study: PublishedStudy, subgroup: Subgroup, sizes: list[int], largest: float) -> str:
    level = 1 - float(subgroup.p.low)
    parts = []
    for name in subgroup.outcomes:
        figures = [
            f"{fixed(largest * sd_within(sd, *sizes, level=level), decimals)} {where}"
            for where, sd, decimals in _spreads(study.outcome(name), sum(sizes))
        ]
        if figures:
            parts.append(f"in {name} {listed(figures)}")
    return f" ({'; '.join(parts)})" if parts else ""


def _spreads(outcome: Outcome, n: int) -> Iterator[tuple[str, float, int]]:
    for where, block in (("before", outcome.before), ("after", outcome.after)):
        if block.sd is not None and block.n is not None and block.n.count == n:
            yield where, block.sd.value, 1 if block.sd.value < 20 else 0
    change, test = mean_change(outcome), outcome.test
    if change is None or test is None or test.statistic != "t" or outcome.pairs != n or change.holds(0.0):
        return
    if not enclose(test.value).holds(0.0):
        sd = sd_of_change(change, enclose(test.value), n)
        yield "in the change", (sd.low + sd.high) / 2, 1 if sd.high < 20 else 0


def _proportion(study: PublishedStudy, proportion: Proportion) -> Finding:
    k, n = proportion.count.count, proportion.n.count
    if k > n:
        return Finding(
            id=f"share:{proportion.name}",
            check="a share of a few people",
            subject=proportion.name,
            verdict="inconsistent",
            claimed=f"{k} of {n}",
            computed="",
            sentence=f"{k} of {n} is more than everybody ({proportion.name}).",
            reconcile="Another count or total would make them agree.",
        )
    interval = exact_interval(k, n, level=LEVEL)
    shown = f"{percent(interval.low)} to {percent(interval.high)}"
    whose = f", from {proportion.source}," if proportion.source else ""
    return Finding(
        id=f"share:{proportion.name}",
        check="a share of a few people",
        subject=proportion.name,
        verdict="uninformative",
        claimed=f"{k} of {n}",
        computed=f"{percent(k / n)}, exact {percent(LEVEL)} interval {shown}",
        sentence=(
            f"{k} of {n}{whose} is {percent(k / n)}: {proportion.name}. Had they been drawn at random, the exact "
            f"{percent(LEVEL)} interval would be {shown}."
        ),
        why="Nothing else is printed that the share could agree with; the interval is what so few people leave open.",
        neighbour=neighbour(study, proportion.limitation),
    )

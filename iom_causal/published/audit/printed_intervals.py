"""Inputs of the checks: reported numbers as rounding intervals, and the limitation that goes with a finding."""

from collections.abc import Iterator
from math import nextafter

from iom_causal.base import wording
from iom_causal.numerics.printed.grim import admissible_sums
from iom_causal.numerics.printed.interval_arithmetic import Interval
from iom_causal.published.printed import enclose
from iom_causal.published.records import Describes, Outcome
from iom_causal.published.study import PublishedStudy


def exactly(value: float) -> Interval:
    """Return a value as a degenerate interval."""
    return Interval(value, value)


def neighbour(study: PublishedStudy, key: str, otherwise: str = "") -> str:
    """Return the note beside a critical finding: whose limitation this is, if anybody's."""
    item = study.limitation(key)
    if item is None:
        return otherwise
    return wording.named_limitation(item.id, item.text, by_authors=item.named_by == "authors")


def sides(outcome: Outcome) -> tuple[tuple[str, Describes], tuple[str, Describes]]:
    """Return both windows of an outcome with their names."""
    return ("before", outcome.before), ("after", outcome.after)


def described(study: PublishedStudy) -> Iterator[tuple[str, str, Describes, int]]:
    """Yield every described block with subject, kind and the number of people."""
    for outcome in study.outcomes:
        for side, block in sides(outcome):
            if block.n is not None:
                yield f"{outcome.name}, {side}", outcome.kind, block, block.n.count
    age = study.sample.age
    if age is not None:
        yield "age", "score" if age.unit is None else "count", age, (age.n or study.sample.n).count


def totals(block: Describes, n: int, unit: int = 1) -> range:
    """Return the totals of integer data on a grid consistent with a reported mean."""
    if block.mean is None:
        return range(0)
    return admissible_sums(block.mean.low, block.mean.high, n, unit)


def mean_change(outcome: Outcome) -> Interval | None:
    """Return the mean after minus the mean before, where both are reported for the same people."""
    if not outcome.complete or outcome.before.mean is None or outcome.after.mean is None:
        return None
    return enclose(outcome.after.mean) - enclose(outcome.before.mean)


def whole_number_change(outcome: Outcome) -> Interval | None:
    """Return the mean change consistent with integer totals, for counts reported on the same people."""
    n = outcome.pairs
    if outcome.kind != "count" or n is None or mean_change(outcome) is None:
        return None
    before, after = (totals(block, n) for _, block in sides(outcome))
    if not before or not after:
        return None
    low, high = (after[0] - before[-1]) / n, (after[-1] - before[0]) / n
    return Interval(nextafter(low, -float("inf")), nextafter(high, float("inf")))


def contrast_text(study: PublishedStudy) -> str:
    """Return the direction of reported differences, in words."""
    return study.contrast.replace("_", " ")


def t_text(outcome: Outcome) -> str:
    """Return the reported test, as papers write it."""
    test = outcome.test
    if test is None:
        return ""
    df = f"({', '.join(d.text for d in test.df)})" if test.df else ""
    return f"{test.statistic}{df} = {test.value.text}"

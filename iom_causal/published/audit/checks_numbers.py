"""Granularity checks of reported means and SDs: GRIM, grids, GRIMMER, ranges, DEBIT."""

from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from math import ceil, floor, isqrt

from iom_causal.base.formats import fixed, listed, percent
from iom_causal.numerics.printed.grim import admissible_squares, admissible_sums
from iom_causal.numerics.printed.grim_power import Grid, fitting_grids, mean_pass_share, sd_pass_share
from iom_causal.numerics.printed.interval_arithmetic import Interval
from iom_causal.numerics.printed.multisets import some_multiset
from iom_causal.numerics.printed.shares import debit_counts
from iom_causal.published.audit.findings import Finding
from iom_causal.published.audit.printed_intervals import described, exactly, sides, totals
from iom_causal.published.printed import Printed, enclose
from iom_causal.published.records import Describes, Outcome
from iom_causal.published.study import PublishedStudy

GRID_EVIDENCE = 20
"""Bayes factor of a grid over whole numbers, by the reported means, from which it is stated."""

_SHOWN = 4


def means(study: PublishedStudy) -> Iterator[Finding]:
    """GRIM: whether integer data can have each reported mean, and whether the check has power."""
    for subject, kind, block, n in described(study):
        if block.mean is not None and kind != "binary":
            yield _mean(subject, block, block.mean, n)


def grids(study: PublishedStudy) -> Iterator[Finding]:
    """Bayes factors for the grid of each score, from its reported means and extremes."""
    for outcome in study.outcomes:
        blocks = [w for _, w in sides(outcome) if w.mean is not None and w.n is not None]
        if outcome.kind == "score" and blocks and all(w.unit is None for w in blocks):
            yield _grid(outcome, *_fitting(blocks))


def spreads(study: PublishedStudy) -> Iterator[Finding]:
    """GRIMMER: whether integer data with an admissible total can have each reported SD.

    Sums of squares and their parity rule out; that some set reproduces both is stated only where all were tried.
    """
    for subject, kind, block, n in described(study):
        if block.mean is not None and block.sd is not None and kind != "binary":
            yield _spread(subject, block, block.sd, n, _unit(study, subject, block), counts=kind == "count")


def ranges(study: PublishedStudy) -> Iterator[Finding]:
    """Bhatia-Davis bound (2000): whether each reported SD is possible within its reported range."""
    for subject, _, block, n in described(study):
        if (
            block.mean is not None
            and block.sd is not None
            and block.low is not None
            and block.high is not None
            and n > 1
        ):
            yield _range(subject, block, block.mean, block.sd, block.low, block.high, n)


def ones(study: PublishedStudy) -> Iterator[Finding]:
    """DEBIT: whether the SD of each binary outcome follows from its proportion."""
    for subject, kind, block, n in described(study):
        if kind == "binary" and block.mean is not None and n > 1:
            yield _ones(subject, block, block.mean, n)


def _mean(subject: str, block: Describes, mean: Printed, n: int) -> Finding:
    unit = _stated_unit(block)
    admissible = totals(block, n, unit)
    share = mean_pass_share(mean.exact, mean.decimals, n, unit)
    grid = "whole numbers" if unit == 1 else f"multiples of {unit}"
    if not admissible:
        near = _nearest_means(mean, n, unit)
        return Finding(
            id=f"mean:{subject}",
            check="mean of whole numbers",
            subject=subject,
            verdict="inconsistent",
            claimed=f"M = {mean.text}",
            computed="no total",
            sentence=f"No {n} {grid} have a mean that prints as {mean.text}.",
            reconcile=f"The nearest means are {listed(near)}; other values than {grid}, or another n, would do.",
        )
    power = share < 1
    shown = _listing(admissible)
    return Finding(
        id=f"mean:{subject}",
        check="mean of whole numbers",
        subject=subject,
        verdict="consistent" if power else "uninformative",
        claimed=f"M = {mean.text}",
        computed=f"total {shown}",
        sentence=f"{n} {grid} with a mean that prints as {mean.text} add up to {shown}.",
        why=""
        if power
        else f"With n = {n} every mean of {mean.decimals} decimals can come from {grid}, so agreement says nothing.",
        neighbour=f"{percent(float(share))} of such means would pass." if power else "",
    )


def _nearest_means(mean: Printed, n: int, unit: int) -> list[str]:
    k = mean.exact * n / unit
    return [f"{float(Fraction(side(k) * unit, n)):.{mean.decimals}f}" for side in (floor, ceil)]


def _listing(admissible: range) -> str:
    if len(admissible) <= _SHOWN:
        return listed((f"{total:,}" for total in admissible), "or")
    return f"{admissible[0]:,} to {admissible[-1]:,}"


def _fitting(blocks: list[Describes]) -> tuple[tuple[Grid, ...], int]:
    printed = tuple(
        (w.mean.exact, w.mean.decimals, w.n.count) for w in blocks if w.mean is not None and w.n is not None
    )
    ends = [end for w in blocks for end in (w.low, w.high) if end is not None]
    if any(end.decimals for end in ends):
        return (), 0
    return fitting_grids(printed, tuple(int(end.exact) for end in ends)), len(ends)


def _likely_grid(fitting: tuple[Grid, ...]) -> Grid | None:
    likely = [g for g in fitting if g.unit > 1 and g.bayes_factor >= GRID_EVIDENCE]
    return likely[-1] if likely else None


def _grid(outcome: Outcome, fitting: tuple[Grid, ...], extremes: int) -> Finding:
    grid = _likely_grid(fitting)
    if grid is None:
        return Finding(
            id=f"grid:{outcome.name}",
            check="grid of the scores",
            subject=outcome.name,
            verdict="uninformative",
            claimed="",
            computed="",
            sentence="No grid coarser than whole numbers stands out from the printed means and extremes.",
            why="Means of so many people, or so few extremes, cannot tell grids apart.",
        )
    double = 2 * grid.unit
    odds = round(float(grid.bayes_factor))
    return Finding(
        id=f"grid:{outcome.name}",
        check="grid of the scores",
        subject=outcome.name,
        verdict="consistent",
        claimed="",
        computed=f"{grid.unit}-point grid, {odds} to 1",
        sentence=(
            f"The scores are probably on a {grid.unit}-point grid: all {extremes} printed extremes are multiples of "
            f"{grid.unit}, and the printed means would fit such a grid by chance once in {odds}."
        ),
        neighbour="" if any(g.unit == double for g in fitting) else f"A {double}-point grid does not fit.",
    )


def _unit(study: PublishedStudy, subject: str, block: Describes) -> int:
    if block.unit is not None:
        return block.unit.count
    for outcome in study.outcomes:
        if outcome.kind == "score" and subject in {f"{outcome.name}, {side}" for side, _ in sides(outcome)}:
            grid = _likely_grid(_fitting([w for _, w in sides(outcome) if w.mean is not None and w.n is not None])[0])
            return 1 if grid is None else grid.unit
    return 1


def _stated_unit(block: Describes) -> int:
    return 1 if block.unit is None else block.unit.count


def _spread(subject: str, block: Describes, sd: Printed, n: int, unit: int, *, counts: bool) -> Finding:
    admissible = totals(block, n, unit)
    squares = {ddof: _squares(block, sd, n, admissible, unit, ddof) for ddof in (1, 0)}
    sets = {ddof: _some_set(block, n, unit, left, counts=counts) for ddof, left in squares.items() if left}
    passing = [ddof for ddof, some in sets.items() if some is not False]
    share = float(sd_pass_share(sd.exact, sd.decimals, n, admissible, unit)) if admissible else 0.0
    grid = "whole numbers" if unit == 1 else f"multiples of {unit}"
    names = {1: "n - 1", 0: "n"}
    finding = partial(
        Finding,
        id=f"spread:{subject}",
        check="SD of whole numbers",
        subject=subject,
        claimed=f"SD = {sd.text}",
    )
    if not admissible or n == 1:
        return finding(
            verdict="uninformative",
            computed="",
            sentence=f"The SD of {subject} cannot be checked.",
            why="No total of whole numbers prints the mean, so no sum of squares can be tried.",
        )
    if not passing:
        within = "" if block.low is None or block.high is None else f", from {block.low} to {block.high},"
        tried = ": every set was tried" if sets else ""
        return finding(
            verdict="inconsistent",
            computed="no set of values" if sets else "no sum of squares",
            sentence=f"No {n} {grid}{within} with a printed mean of {block.mean} have an SD that prints as {sd.text}"
            f"{tried}.",
            reconcile=f"Another n, SD{' or range' if within else ''}, or values that are not {grid}, would make them "
            "agree.",
        )
    computed = f"passes with {listed((names[d] for d in passing), 'and')}"
    certain = all(sets[ddof] for ddof in passing)
    wanted = f"an SD that prints as {sd.text}"
    open_to = (
        f"{n} {grid} can have {wanted}"
        if certain
        else f"{wanted.replace('an', 'An', 1)} is not ruled out for {n} {grid}"
    )
    sentence = f"{open_to}; it {computed} in the denominator."
    if share == 1:
        near = f"With n = {n} every SD of {sd.decimals} decimals near this one can come from {grid}"
        why = f"{near}, so agreement says nothing."
        return finding(verdict="uninformative", computed=computed, sentence=sentence, why=why)
    chance = f"{percent(share)} of such SDs would pass."
    return finding(verdict="consistent", computed=computed, sentence=sentence, neighbour=chance)


def _whole_ends(block: Describes, unit: int) -> tuple[int | None, int | None]:
    """Return the reported extremes where they are integers on the grid."""
    low, high = (
        None if end is None or end.decimals or end.exact % unit else int(end.exact) for end in (block.low, block.high)
    )
    return low, high


def _squares(block: Describes, sd: Printed, n: int, admissible: range, unit: int, ddof: int) -> dict[int, range]:
    """Return the sums of squares consistent with parity and bounds for each total, where there are any."""
    low, high = _whole_ends(block, unit)
    attained = low is not None and high is not None
    if n <= ddof:
        return {}
    left = {
        total: admissible_squares(
            sd.low, sd.high, n, total, unit, lowest=low, highest=high, attained=attained, ddof=ddof
        )
        for total in admissible
    }
    return {total: squares for total, squares in left.items() if squares}


def _some_set(block: Describes, n: int, unit: int, left: dict[int, range], *, counts: bool) -> bool | None:
    """Whether some multiset reproduces mean and SD; None where values are unbounded, or too many to enumerate."""
    low, high = _whole_ends(block, unit)
    attained = tuple(end // unit for end in (low, high) if end is not None)
    if low is None and counts:
        low = 0
    if high is None and low is not None and low >= 0:
        high = isqrt(max(squares[-1] for squares in left.values()))  # no value's square exceeds the sum of squares
    if low is None or high is None:
        return None
    windows = {total // unit: range(q[0] // unit**2, q[-1] // unit**2 + 1, 2) for total, q in left.items()}
    return some_multiset(n, (low // unit, high // unit), windows, attained=attained)


def _range(subject: str, block: Describes, mean: Printed, sd: Printed, low: Printed, high: Printed, n: int) -> Finding:
    spans = (_extreme(high) - enclose(mean)) * (enclose(mean) - _extreme(low))
    inside = low.low <= mean.high and mean.low <= high.high
    largest = (max(spans.high, 0.0) * n / (n - 1)) ** 0.5
    agrees = inside and sd.low <= largest
    return Finding(
        id=f"range:{subject}",
        check="SD within the range",
        subject=subject,
        verdict="consistent" if agrees else "inconsistent",
        claimed=f"SD = {sd.text}, range {low.text} to {high.text}",
        computed=f"SD at most {fixed(largest)}",
        sentence=(
            f"With a mean of {mean.text} and a range of {low.text} to {high.text} the SD is at most "
            f"{fixed(largest)}; {sd.text} is printed."
        ),
        reconcile=""
        if agrees
        else f"A wider range, a smaller SD, or another mean than {block.mean} would make them agree.",
    )


def _ones(subject: str, block: Describes, mean: Printed, n: int) -> Finding:
    counts = [k for k in admissible_sums(mean.low, mean.high, n) if 0 <= k <= n]
    claimed = f"proportion {mean.text}" + (f", SD = {block.sd.text}" if block.sd is not None else "")
    finding = partial(Finding, id=f"ones:{subject}", check="proportion and SD", subject=subject, claimed=claimed)
    if not counts:
        near = listed(_nearest_means(mean, n, 1))
        return finding(
            verdict="inconsistent",
            computed="no count",
            sentence=f"No count out of {n} prints as {mean.text}.",
            reconcile=f"The nearest proportions are {near}; another n would also do.",
        )
    listing = listed((str(k) for k in counts), "or")
    if block.sd is None:
        power = mean_pass_share(mean.exact, mean.decimals, n) < 1
        return finding(
            verdict="consistent" if power else "uninformative",
            computed=f"{listing} of {n}",
            sentence=f"A proportion of {mean.text} is {listing} of {n}.",
            why="" if power else f"With n = {n} every proportion of {mean.decimals} decimals is some count.",
        )
    passing = [d for d in (1, 0) if debit_counts((mean.low, mean.high), (block.sd.low, block.sd.high), n, ddof=d)]
    expected = sorted({fixed((k * (n - k) / n / (n - 1)) ** 0.5, block.sd.decimals) for k in counts})
    return finding(
        verdict="consistent" if passing else "inconsistent",
        computed=f"{listing} of {n}, SD {listed(expected, 'or')}",
        sentence=f"A proportion of {mean.text} is {listing} of {n}, whose SD is {listed(expected, 'or')}.",
        reconcile="" if passing else f"An SD of {listed(expected, 'or')}, or another proportion or n, would agree.",
    )


def _extreme(number: Printed) -> Interval:
    """Return the interval that a reported extreme stands for: an integer itself, else its rounding interval."""
    return exactly(number.value) if number.decimals == 0 else enclose(number)

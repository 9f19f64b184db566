"""Consistency checks of the sample: percentages against counts, totals, and numbers stated in several places."""

from collections.abc import Iterator
from functools import partial
from itertools import product
from math import prod

from iom_causal.base import wording
from iom_causal.base.formats import listed, percent
from iom_causal.numerics.printed.shares import admissible_counts, percent_places
from iom_causal.published.audit.findings import RESTATED, Finding
from iom_causal.published.audit.printed_intervals import neighbour
from iom_causal.published.printed import Printed
from iom_causal.published.records import SampleCategory
from iom_causal.published.statements import Account, Count, Statement
from iom_causal.published.study import PublishedStudy

_MOST_SETS = 100_000


def breakdowns(study: PublishedStudy) -> Iterator[Finding]:
    """Whether the categories of each variable add up to the sample, percentages converted to counts."""
    for variable in dict.fromkeys(g.variable for g in study.sample.groups):
        yield _breakdown(study, variable)


def stated_counts(study: PublishedStudy) -> Iterator[Finding]:
    """Compare the places in which one number of people is stated."""
    for count in study.counts:
        if len(count.statements) > 1:
            yield _stated(study, count)


def accounts(study: PublishedStudy) -> Iterator[Finding]:
    """Compare the verbal statements of one matter in several places."""
    for account in study.accounts:
        yield _account(study, account)


def _account(study: PublishedStudy, account: Account) -> Finding:
    places = [
        wording.quote(s.quote) + (f" ({s.says})" if s.says else "") if s.quote else s.says for s in account.statements
    ]
    differ = bool(account.reconcile)
    return Finding(
        id=f"account:{account.name}",
        check=RESTATED,
        subject=account.name,
        verdict="inconsistent" if differ else "uninformative",
        claimed=listed(places),
        computed="",
        sentence=f"On {account.name} the print has {listed(places)}{'; these differ' if differ else ''}.",
        why="" if differ else account.why,
        reconcile=account.reconcile,
        reconcilable=differ,
        neighbour=neighbour(study, account.limitation, "No printed test rests on this." if differ else ""),
    )


def group_counts(study: PublishedStudy, variable: str) -> tuple[tuple[str, int], ...]:
    """Return the categories of a variable with their counts; empty where the table does not determine them.

    Parameters
    ----------
    study : PublishedStudy
        The study.
    variable : str
        A variable of its sample.
    """
    groups = _known(study, variable)
    sets = _sets(study, groups, _missing(study, variable))
    if not groups or len(sets) != 1:
        return ()
    return tuple((g.category, k) for g, k in zip(groups, sets[0], strict=True))


def _known(study: PublishedStudy, variable: str) -> list[SampleCategory]:
    return [g for g in study.sample.groups if g.variable == variable and not g.missing]


def _missing(study: PublishedStudy, variable: str) -> int:
    rows = [g for g in study.sample.groups if g.variable == variable and g.missing and g.count is not None]
    return sum(g.count.count for g in rows if g.count is not None)


def _options(group: SampleCategory, bases: tuple[int, ...]) -> list[int]:
    if group.count is not None:
        return [group.count.count]
    if group.percent is None:
        return []
    low, high = group.percent.low, group.percent.high
    return sorted({k for base in bases for k in admissible_counts(low, high, base)})


def _sets(study: PublishedStudy, groups: list[SampleCategory], missing: int) -> list[tuple[int, ...]]:
    n = study.sample.n.count
    for base in dict.fromkeys((n, n - missing)):
        options = [_options(group, (base,)) for group in groups]
        if prod(len(choice) for choice in options) > _MOST_SETS:
            return []
        sets = [counts for counts in product(*options) if sum(counts) == n - missing]
        if sets:
            return sets
    return []


def _breakdown(study: PublishedStudy, variable: str) -> Finding:
    groups, missing, n = _known(study, variable), _missing(study, variable), study.sample.n.count
    claimed = listed(f"{g.category} {_as_printed(g)}" for g in groups)
    finding = partial(
        Finding, id=f"breakdown:{variable}", check="counts and percentages", subject=variable, claimed=claimed
    )
    bare = _impossible(study, groups, missing)
    if bare:
        return finding(verdict="inconsistent", computed="no count", sentence=bare[0], reconcile=bare[1])
    if any(group.count is None and group.percent is None for group in groups) or not groups:
        why = "A category without count and percentage leaves the total open."
        return finding(verdict="uninformative", computed="", sentence=f"{variable} cannot be added up.", why=why)
    sets = _sets(study, groups, missing)
    tail = f", with {missing} missing," if missing else ""
    if sets:
        shown = listed(f"{k}" for k in sets[0])
        computed = shown if len(sets) == 1 else f"{len(sets)} sets of counts, such as {shown}"
        total = f"{n - missing} and with {missing} missing to {n}" if missing else f"{n}"
        sentence = f"{claimed} stand for counts of {computed}, which add up to {total}."
        return finding(verdict="consistent", computed=computed, sentence=sentence)
    return _no_total(finding, groups, n, missing, tail)


def _no_total(finding: "partial[Finding]", groups: list[SampleCategory], n: int, missing: int, tail: str) -> Finding:
    options = [_options(g, (n, n - missing)) for g in groups]
    low, high = sum(min(o) for o in options), sum(max(o) for o in options)
    total = f"{low}" if low == high else f"{low} to {high}"
    sentence = f"The categories{tail} add up to {total}; {n - missing} would be everybody."
    if high < n - missing:
        why = f"The other {n - missing - high} people may be in categories that are not printed."
        return finding(verdict="uninformative", computed=total, sentence=sentence, why=why)
    reconcile = "Categories that overlap, another n, or percentages of another total would make them agree."
    return finding(verdict="inconsistent", computed=total, sentence=sentence, reconcile=reconcile)


def _as_printed(group: SampleCategory) -> str:
    if group.count is None and group.percent is None:
        return "(not printed)"
    parts = [group.count.text] if group.count is not None else []
    parts += [f"{group.percent.text}%"] if group.percent is not None else []
    return " = ".join(parts)


def _impossible(study: PublishedStudy, groups: list[SampleCategory], missing: int) -> tuple[str, str] | None:
    n = study.sample.n.count
    bases = tuple(dict.fromkeys((n, n - missing)))
    for group in groups:
        if group.count is not None and group.count.count > n:
            return _too_many(group, group.count, n)
        if group.percent is None:
            continue
        low, high = group.percent.low, group.percent.high
        possible = {k for base in bases for k in admissible_counts(low, high, base)}
        if not possible:
            return _no_percentage(group, group.percent, n)
        if group.count is not None and group.count.count not in possible:
            return _not_that_percentage(group, group.count, group.percent, n)
    return None


def _no_percentage(group: SampleCategory, printed: Printed, n: int) -> tuple[str, str]:
    places = percent_places(printed.low, printed.high, n)
    near = listed((f"{k} ({percent(k / n, printed.decimals)})" for k in places), "or")
    as_count = ""
    if not printed.decimals and 0 < printed.exact <= n:
        as_count = f" Read as a count, {printed.text} would be {percent(int(printed.exact) / n, 1)}."
    return (
        f"No count out of {n} prints as {printed.text}% ({wording.quote(group.category)}).",
        f"The nearest counts are {near}; another total would also do.{as_count}",
    )


def _not_that_percentage(group: SampleCategory, count: Printed, printed: Printed, n: int) -> tuple[str, str]:
    share = percent(count.count / n, printed.decimals)
    category = wording.quote(group.category)
    base = f"A total of about {round(100 * count.count / printed.value)}, or {share}," if printed.value else share
    return (
        f"{count.text} of {n} is {share}; {printed.text}% is printed ({category}).",
        f"{base} would make them agree.",
    )


def _too_many(group: SampleCategory, count: Printed, n: int) -> tuple[str, str]:
    text = f"{count.text} ({wording.quote(group.category)}) is more than everybody, {n}."
    return text, f"Read as a percentage, or with another total than {n}, it would agree."


def _stated(study: PublishedStudy, count: Count) -> Finding:
    exact = sorted({s.lowest for s in count.statements if not s.open_above})
    least = max((s.lowest for s in count.statements if s.open_above), default=0)
    agrees = len(exact) <= 1 and (not exact or exact[0] >= least)
    shown = listed(_statement(s) for s in count.statements)
    numbers = listed([*map(str, exact), *([f"at least {least}"] if least else [])])
    return Finding(
        id=f"stated:{count.name}",
        check="a number stated in several places",
        subject=count.name,
        verdict="consistent" if agrees else "inconsistent",
        claimed=shown,
        computed=numbers,
        sentence=f"For the number of {count.name} the print gives {shown}; these {'agree' if agrees else 'differ'}.",
        reconcile="" if agrees else count.reconcile or _reconcile_stated(least),
        reconcilable=not agrees and bool(count.reconcile),
        neighbour=neighbour(study, count.limitation, "" if agrees else "No printed test rests on this number."),
    )


def _statement(statement: Statement) -> str:
    where = wording.quote(statement.quote) if statement.quote else statement.says
    if statement.open_above:
        return f"at least {statement.lowest} ({where}, if labels run from 1)"
    return f"{statement.lowest} ({where})"


def _reconcile_stated(least: int) -> str:
    labels = " labels that run over more people than were counted," if least else ""
    return (
        f"Several readings would reconcile them:{labels} somebody who joined or left an interview, or people "
        "counted by post in one place and by person in another."
    )

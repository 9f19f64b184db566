"""Disclosure control of a paired table: shares from rounded counts, and a wide range of how many changed."""

from iom_causal.data.release.disclosure import Disclosure
from iom_causal.numerics.inference.mcnemar import PairedTable


def coarsened(table: PairedTable, rules: Disclosure) -> PairedTable | None:
    """Coarsening of a paired table of people, of which every figure may be given; None where none may.

    The numbers of people, of those with the event before and of those with it after are rounded; those who changed are
    given by a range as wide as the threshold. Whatever is worked out from the result is the same for at least as many
    pairs of discordant cells as the threshold.

    Parameters
    ----------
    table : PairedTable
        Whole numbers of people.
    rules : Disclosure
        With the threshold and the rounding.

    Examples
    --------
    >>> coarsened(PairedTable(13, 9, 4, 11), Disclosure())
    PairedTable(both=10, before_only=10, after_only=5, neither=10)
    >>> coarsened(PairedTable(13, 9, 4, 2), Disclosure()) is None
    True
    """
    both, stopped, started, neither = (round(cell) for cell in table)
    n, before, after = both + stopped + started + neither, both + stopped, both + started
    if min(before, after, n - before, n - after) < rules.threshold:
        return None
    first = (stopped + started) // rules.threshold * rules.threshold
    whole, was, became = rules.rounded(n), rules.rounded(before), rules.rounded(after)
    if _alike(whole, was, became, first, rules) < rules.threshold:
        return None
    change, middle = became - was, first + rules.threshold // 2
    most = min(was + became, 2 * whole - was - became)
    discordant = max(abs(change), min(most, middle - (middle - change) % 2))
    only = (discordant - change) // 2
    return PairedTable(was - only, only, discordant - only, whole - was - (discordant - only))


def _alike(whole: int, was: int, became: int, first: int, rules: Disclosure) -> int:
    """Count the pairs of discordant cells of all tables that are coarsened to the same."""
    people = max(n for n in range(whole, whole + rules.rounding) if rules.rounded(n) == whole)
    most, pairs = people - rules.threshold, set()
    for before in _rounded_to(was, rules):
        for after in _rounded_to(became, rules):
            for discordant in range(first, first + rules.threshold):
                stopped, odd = divmod(discordant - after + before, 2)
                started = discordant - stopped
                possible = not odd and 0 <= stopped <= before and 0 <= started <= people - before
                if possible and max(before, after) <= most:
                    pairs.add((stopped, started))
    return len(pairs)


def _rounded_to(count: int, rules: Disclosure) -> list[int]:
    near = range(max(rules.threshold, count - rules.rounding), count + rules.rounding + 1)
    return [k for k in near if rules.rounded(k) == count]

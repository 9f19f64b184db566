"""What the pages say of what may be left, over all evidence sets and null models: one sentence, wherever it stands."""

from collections.abc import Callable, Iterable, Sequence

from iom_causal.analysis.remainder_set import Reach, RemainderSet
from iom_causal.base.formats import fixed, listed, number, percent
from iom_causal.base.wording import quote
from iom_causal.report import ledger_phrases

OR_MORE = " or more"


def left_sentence(what: str, left: RemainderSet, called: Callable[[str], str] = str) -> str:
    """Say what may be left over all evidence sets and null models, and whether that is nothing.

    Sets have the words of `called` for their names.

    Examples
    --------
    >>> left = RemainderSet(
    ...     outcome="arrests",
    ...     kind="count",
    ...     scale="ratio",
    ...     sets=("drifting", "stopping", "lasting"),
    ...     over_sets=Reach(0.61, 0.97),
    ...     over_worlds=Reach(0.7, 1.12),
    ...     backgrounds=(1.0, 0.9),
    ...     lasting=("lasting",),
    ... )
    >>> left_sentence("What remains", left)[59:133]
    'any ratio from 0.61 to 1.12 may be left, and 1, at which nothing remains, '
    """
    thing = "ratio" if left.scale == "ratio" else "change"
    within = "is among them" if left.holds_nothing else "is not among them"
    return (
        f"{what} rests on beliefs about what was not measured: any {thing} from {_whole(left)} may be "
        f"left, and {number(left.nothing)}, at which nothing remains, {within}{_looks(left)}{_of_mean_days(left)}. "
        f"The sets {_sets(left.sets, called)} reach from {_reach(left, left.over_sets)} with their "
        f"uncertainty{_as_if(left)}"
        f"{_of_worlds(left)}.{_one_end(left.lasting, called)}{_of_pool(left, called)}"
    )


def remains_sentence(left: RemainderSet) -> str:
    """Say as changes of the outcome what may be left over all evidence sets and null models.

    Examples
    --------
    >>> over = Reach(0.56, 1.68)
    >>> left = RemainderSet(outcome="arrests", kind="count", scale="ratio", sets=("a", "b", "c"), over_sets=over)
    >>> remains_sentence(left).partition(", ")[2]
    'anything from a fall of 44% to a rise of 68% may remain, or nothing at all.'
    """
    low, high = (_changed(left, end) for end in left.whole)
    more = OR_MORE if _whole(left).endswith(OR_MORE) else ""
    within = ", or nothing at all" if left.holds_nothing else "; that nothing remains is outside that range"
    return (
        f"What remains of {left.outcome} rests on beliefs about what was not measured: if these allowances are right, "
        f"anything from {low} to {high}{more} may remain{within}."
    )


def _changed(left: RemainderSet, end: float) -> str:
    """Return an end of a remainder as a change: of a ratio in per cent."""
    moved = end - left.nothing
    way = "rise" if moved > 0 else "fall"
    size = percent(abs(moved)) if left.scale == "ratio" else f"{fixed(abs(moved), left.decimals)} points"
    return f"a {way} of {size}" if moved else "no change"


def _looks(left: RemainderSet) -> str:
    """Say which windows before contradict what sets and worlds go by, and that nothing may remain."""
    found = left.contradiction
    if found is None:
        return ""
    return ledger_phrases.LOOKS[found.verdict].format(listed(quote(label) for label in found.windows), left.outcome)


def _of_mean_days(left: RemainderSet) -> str:
    return ledger_phrases.MEAN_DAYS.format(number(left.nothing)) if left.days_differ and not left.holds_nothing else ""


def _as_if(left: RemainderSet) -> str:
    return "" if left.contradiction is None else f", {ledger_phrases.AS_IF[left.contradiction.verdict]}"


def _whole(left: RemainderSet) -> str:
    more = left.contradiction is not None and left.contradiction.open_above
    return f"{_reach(left, left.whole).removesuffix(OR_MORE)}{OR_MORE}" if more else _reach(left, left.whole)


def _reach(left: RemainderSet, reach: Reach) -> str:
    decimals = left.decimals
    beyond = left.open_above and left.over_worlds is not None and reach.high == left.over_worlds.high
    return f"{fixed(reach.low, decimals)} to {fixed(reach.high, decimals)}{OR_MORE if beyond else ''}"


def _of_worlds(left: RemainderSet) -> str:
    """Say which ratios the worlds of the null calibration leave, and whether they alone hold that nothing remains."""
    if left.over_worlds is None:
        return "" if left.holds_nothing else ledger_phrases.NO_WORLDS_BEHIND
    first, last = (fixed(end, left.decimals) for end in left.backgrounds)
    both = "" if first == last else f" to {last}"
    alone = ""
    if left.at_odds:
        which = "worlds" if left.over_worlds.holds(left.nothing) else "sets"
        alone = f": {number(left.nothing)} is among those of the {which} alone"
    return (
        "; worlds with the programme switched off, in which rates come and go and everybody’s rate is multiplied by "
        f"{first}{both} for other reasons, leave {_reach(left, left.over_worlds)}{alone}"
    )


def _sets(names: Iterable[str], called: Callable[[str], str]) -> str:
    return listed(quote(called(name)) for name in names)


def _of_pool(left: RemainderSet, called: Callable[[str], str]) -> str:
    reaches = listed([_reach(left, reach) for reach in left.over_pool.values()])
    reads = "reads" if len(left.over_pool) == 1 else "read"
    who = "people who were not managed"
    said = f" {_sets(left.over_pool, called)} alone {reads} what became of {who}: {reaches}{_as_if(left)}."
    return said if left.over_pool else ""


def _one_end(lasting: Sequence[str], called: Callable[[str], str]) -> str:
    if not lasting:
        return ""
    stand, they = ("stands", "it takes") if len(lasting) == 1 else ("stand", "they take")
    return (
        f" {_sets(lasting, called)} {stand} at one end of what is assumed: {they} rates to last unless people stop. In "
        "real cohorts rates come and go, so that lower figures are to be expected without the programme."
    )

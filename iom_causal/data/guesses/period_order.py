"""Order in time of names of windows that one kind of name reads."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from iom_causal.data.guesses.period_names import (
    BOTH,
    COUNTED,
    DISTANCE,
    NUMBERED,
    RANGE,
    SIGNED,
    Kind,
    Period,
    measure,
    plain,
    side_of,
)


class Named(NamedTuple):
    """Column or cell whose name one kind reads."""

    name: str
    stem: str
    period: Period


def bare_side(text: str) -> tuple[str, Period] | None:
    """Read a name that says before or after and no more."""
    side = side_of(text)
    return None if side is None else (text, BOTH[side])


def read_names(names: Iterable[str], kind: Kind) -> list[Named]:
    """Read the names of one kind among some, each on its side; signed numbers count where both signs occur."""
    read = []
    names = tuple(names)
    if kind is DISTANCE and not any(map(DISTANCE, map(plain, names))):
        return []
    for name in names:
        found = kind(plain(name))
        side = side_of(name)
        if found is None and kind is DISTANCE and side is not None:
            found = (plain(name), BOTH[side])  # a baseline beside 6 and 12 months
        if found is not None:
            rest, period = found
            read.append(Named(name, measure(rest), period if kind is SIGNED else _sided(name, period, kind)))
    both = {named.period.place < 0 for named in read} == {True, False}
    return [] if kind is SIGNED and not both else read


def counted_back(read: list[Named], kind: Kind) -> list[Named]:
    """Turn numbers before round where they are counted from the introduction.

    The second year before is the earlier one; of year 2 and pre 2 the order of the file tells.
    """
    places = [named.period.place for named in read if named.period.post is False]
    ordinal = any("#" in plain(named.name) for named in read if named.period.post is False)
    falling = len(places) > 1 and places == sorted(places, reverse=True)
    if kind not in (NUMBERED, COUNTED) or len(places) < 2:
        return read
    if not (ordinal or falling):  # 1 may be the earliest, or the one next to the introduction
        return [n._replace(period=replace(n.period, loose=n.period.post is False)) for n in read]
    turned = (replace(n.period, place=-n.period.place) if n.period.post is False else n.period for n in read)
    return [named._replace(period=period) for named, period in zip(read, turned, strict=True)]


def _sided(name: str, period: Period, kind: Kind) -> Period:
    """Return a period on its side; the further before, the earlier."""
    away = replace(period, place=-period.place) if kind in (DISTANCE, RANGE) and side_of(name) is False else period
    return away.beside(name)


def in_order(periods: Sequence[Period]) -> list[int] | None:
    """Return the positions in order of time; None where two are the same, or the order cannot be told."""
    cycle = periods[0].cycle
    if cycle and not any(p.post is not None for p in periods):
        return _round(periods, cycle)
    if len({p.order for p in periods}) < len(periods):
        return None
    order = sorted(range(len(periods)), key=lambda k: periods[k].order)
    dated = [periods[k].start for k in order]
    if any(a is not None and b is not None and b <= a for a, b in pairwise(dated)):
        return None  # names that say after are of earlier dates
    return order


def _round(periods: Sequence[Period], cycle: int) -> list[int] | None:
    """Return the order of names that come round again: behind the one gap there is, or as the file has them."""
    places = [int(p.place) for p in periods]
    if len(set(places)) < len(places) or len(places) < 2:
        return None
    starts = [k for k, place in enumerate(places) if (place - 2) % cycle + 1 not in places]
    if not starts and all((b - a) % cycle == 1 for a, b in pairwise(places)):
        return list(range(len(places)))
    if len(starts) != 1:
        return None
    return sorted(range(len(places)), key=lambda k: (places[k] - places[starts[0]]) % cycle)

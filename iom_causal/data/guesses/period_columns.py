"""Windows of a wide table: columns grouped by what they measure, each over the same windows."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from iom_causal.data.guesses.period_names import (
    BARE,
    BOTH,
    CALENDAR,
    DISTANCE,
    RANGE,
    RELATIVE,
    SIGNED,
    Kind,
    plain,
    side_of,
)
from iom_causal.data.guesses.period_order import Named, bare_side, counted_back, in_order, read_names
from iom_causal.data.guesses.period_rows import is_period
from iom_causal.data.guesses.periods import LENGTHS, TWICE, UNLIKE, Grid, months_in, placed

BETWEEN = {"during", "between", "transition", "while"}
"""Words for a time that is neither before nor after."""


class Measured(NamedTuple):
    """Windows of a wide table, and the columns of each measure in their order."""

    grid: Grid
    columns: Mapping[str, tuple[str, ...]]


def in_columns(names: Iterable[str], introduced: dt.date | None = None) -> Measured | None:
    """Group columns of numbers by what they measure, each over the same windows.

    Parameters
    ----------
    names : iterable of str
        Columns of numbers, in the order of the file.
    introduced : date, optional
        The day of introduction, where the file tells it.

    Returns
    -------
    Measured, optional
        None where no measure has windows before and after.

    Examples
    --------
    >>> found = in_columns(["Arr 23/24", "Arr 21/22", "Arr 22/23"])
    >>> found.columns, [w.label for w in found.grid.windows]
    ({'arr': ('Arr 21/22', 'Arr 22/23', 'Arr 23/24')}, ['21/22', '22/23', '23/24'])
    """
    names = tuple(names)
    sided = [name for name in names if side_of(name) is not None]
    plainly = [name for name in names if name not in sided]
    monthly = _grouped(plainly, CALENDAR, introduced)
    if monthly is not None and months_in(monthly.grid):
        return monthly
    for among, kinds in ((sided, (*CALENDAR, RANGE, *RELATIVE)), (names, (DISTANCE, SIGNED)), (sided, (bare_side,))):
        found = _grouped(among, kinds, introduced)
        if found is not None and all(w.post is not None for w in found.grid.windows):
            return found
    return _grouped(plainly, (*CALENDAR, RANGE, *RELATIVE, BARE), introduced)


def left_out(name: str, stems: Iterable[str]) -> bool:
    """Whether a name is that of one of some measures and of a period, such as that between before and after."""
    words = plain(name).split()
    rest = next((words[len(own) :] for s in stems if (own := s.split()) and words[: len(own)] == own), [])
    return bool(rest) and (bool(BETWEEN & set(rest)) or is_period(" ".join(rest)))


def _grouped(names: Sequence[str], kinds: Iterable[Kind], introduced: dt.date | None) -> Measured | None:
    for kind in kinds:
        stems: dict[str, list[Named]] = {}
        for named in read_names(names, kind):
            stems.setdefault(named.stem, []).append(named)
        stems, twice = _each_side_once(stems) if kind is DISTANCE else (stems, False)
        stems = {stem: counted_back(found, kind) for stem, found in stems.items()}
        orders = {stem: in_order([n.period for n in found]) for stem, found in stems.items()}
        sorted_out = {s: [stems[s][k] for k in order] for s, order in orders.items() if order is not None}
        sorted_out = {s: found for s, found in sorted_out.items() if len(found) > 1}
        if sorted_out:
            found = _of_one_grid(sorted_out, introduced, distances=kind is DISTANCE)
            return found._replace(grid=found.grid.asking(TWICE)) if twice else found
    return None


def _each_side_once(stems: Mapping[str, list[Named]]) -> tuple[dict[str, list[Named]], bool]:
    """Separate columns that say how long from those of the same side that do not: they measure different things."""
    apart: dict[str, list[Named]] = {}
    for stem, found in stems.items():
        long, rest = [n for n in found if n.period.stated], [n for n in found if not n.period.stated]
        if {n.period.post for n in long} & {n.period.post for n in rest}:
            apart |= {stem: rest, f"{stem} {long[0].period.label.lstrip('+-')}".strip(): long}
        else:
            apart[stem] = found
    return apart, len(apart) > len(stems)


def _of_one_grid(stems: Mapping[str, Sequence[Named]], introduced: dt.date | None, *, distances: bool) -> Measured:
    """Return the measures that share the windows of most; pairs share them whatever lengths they say."""
    if all(len(found) == 2 for found in stems.values()) and distances:
        said = [tuple(n.period for n in found) for found in stems.values() if all(n.period.place for n in found)]
        lengths = {tuple(p.months or p.days for p in pair) for pair in said}
        pair = said[0] if len(lengths) == 1 else BOTH
        windows = tuple(plain_one.lasting(p) for plain_one, p in zip(BOTH, pair, strict=True))
        asked = () if all(w.stated for w in windows) else (UNLIKE if len(lengths) > 1 else LENGTHS,)
        return Measured(Grid(windows, asked), {s: tuple(n.name for n in found) for s, found in stems.items()})
    grids = {stem: tuple(n.period.order for n in found) for stem, found in stems.items()}
    most = max(grids.values(), key=list(grids.values()).count)
    shared = {stem: found for stem, found in stems.items() if grids[stem] == most}
    first = next(iter(shared.values()))
    grid = placed([named.period for named in first], introduced, distances=distances)
    return Measured(grid, {stem: tuple(n.name for n in found) for stem, found in shared.items()})

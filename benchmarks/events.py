"""Ten million arrests and a million spells in custody to people by 60 months, against pandas and polars.

Every one of them counts the arrests of each month and its days outside the union of the spells, by the same rules: an
arrest on a day in custody after that of reception is left out, or counts but in a month without a day at liberty. Ids
are whole numbers of no order, and days are times in milliseconds. What else ours checks (who is listed, followed,
dated) is asked of ours alone. Seconds are those of the processor; polars takes as many threads as it is allowed.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rounds import in_rounds

from iom_causal.data.events.engine import count_events
from iom_causal.data.events.tables import Followed, Log, Spells
from iom_causal.windows import MONTH, Window

ROUNDS = 3
INDEX, LOWEST = dt.date(2012, 5, 1), 1_000_000
RULES = {"exclude": "without those in custody", "keep": "with those in custody"}

type Table = dict[str, NDArray[Any]]
type Made = tuple[NDArray[Any], NDArray[Any]]
"""Arrests and days at liberty, by person and month."""


@dataclass(frozen=True)
class Size:
    """How much there is to count."""

    people: int = 200_000
    events: int = 10_000_000
    spells: int = 1_000_000
    months: int = 60

    @property
    def edges(self) -> NDArray[np.int64]:
        """First days of the months from the index date on, and the day after the last."""
        return np.round((np.arange(self.months + 1) - self.months // 2) * MONTH).astype(np.int64)

    @property
    def first(self) -> int:
        """The first day of all, since 1970."""
        return int(self.edges[0] + np.datetime64(INDEX, "D").astype(np.int64))

    @property
    def opens(self) -> NDArray[np.int64]:
        """First days of the months from the first day of all on, and the day after the last."""
        return self.edges - self.edges[0]

    @property
    def month(self) -> NDArray[np.int32]:
        """The month of each day from the first one on."""
        return np.repeat(np.arange(self.months, dtype=np.int32), np.diff(self.edges))


def tables(size: Size, seed: int = 1) -> tuple[Table, Table]:
    """Draw arrests and spells."""
    rng = np.random.default_rng(seed)
    days = len(size.month)
    arrests = {
        "id": rng.integers(0, size.people, size.events) + LOWEST,
        "day": size.first + rng.integers(0, days, size.events),
    }
    start = size.first + rng.integers(0, days, size.spells)
    custody = {
        "id": rng.integers(0, size.people, size.spells) + LOWEST,
        "start": start,
        "end": start + rng.integers(1, 90, size.spells),
    }
    return _in_ms(arrests), _in_ms(custody)


def _in_ms(table: Table) -> Table:
    return {k: v if k == "id" else (v * 86_400_000).astype("M8[ms]") for k, v in table.items()}


def ours(arrests: Table, custody: Table, size: Size, in_custody: str) -> Made:
    """Count by the engine."""
    edges = size.edges.tolist()
    counted = count_events(
        Followed(ids=np.arange(size.people) + LOWEST, index=INDEX),
        Log(ids=arrests["id"], days=arrests["day"]),
        Spells(ids=custody["id"], start=custody["start"], end=custody["end"]),
        windows=[Window(f"m{k}", edges[k], edges[k + 1], post=edges[k] >= 0) for k in range(size.months)],
        in_custody=in_custody,
    )
    return counted.counts, np.asarray(counted.days)


def by_pandas(arrests: Any, custody: Any, size: Size, in_custody: str) -> Made:
    """Count by group, put spells together by a running maximum, and take one row a spell and month."""
    import pandas as pd  # noqa: PLC0415 a peer

    opens = size.opens
    ids = pd.RangeIndex(LOWEST, LOWEST + size.people)

    def offset(times: Any) -> NDArray[np.int64]:
        return times.to_numpy().astype("M8[s]").astype(np.int64) // 86_400 - size.first

    def filled(made: Any) -> NDArray[Any]:
        full = made.unstack(fill_value=0).reindex(index=ids, columns=range(size.months), fill_value=0)  # noqa: PD010
        return full.to_numpy()

    day = offset(arrests["day"])
    month = size.month[day]
    counts = filled(arrests.groupby(["id", month]).size())
    held = custody.sort_values(["id", "start"])
    reached = held.groupby("id")["end"].cummax().groupby(held["id"]).shift()
    block = (reached.isna() | (held["start"] >= reached)).cumsum()
    union = held.groupby(block).agg({"id": "first", "start": "min", "end": "max"})
    who, start, end = (
        union["id"].to_numpy() - LOWEST,
        offset(union["start"]),
        np.minimum(offset(union["end"]), opens[-1]),
    )
    low, high = size.month[start], size.month[end - 1] + 1
    at = np.repeat(np.arange(len(union)), high - low)
    k = np.arange(len(at)) - np.repeat(np.cumsum(high - low) - (high - low), high - low) + low[at]
    inside = np.minimum(end[at], opens[k + 1]) - np.maximum(start[at], opens[k])
    days = np.diff(opens) - filled(pd.Series(inside).groupby([who[at] + LOWEST, k]).sum())
    person = arrests["id"].to_numpy() - LOWEST
    if in_custody == "keep":
        confined = days[person, month] == 0
        person, day, month = person[confined], day[confined], month[confined]
    spell = np.searchsorted(who * opens[-1] + start, person * opens[-1] + day) - 1
    out = (spell >= 0) & (who[spell] == person) & (day < end[spell])
    taken = pd.Series(month[out]).groupby([person[out] + LOWEST, month[out]]).size()
    return _with_receptions(counts - filled(taken), days)


def _with_receptions(counts: NDArray[Any], days: NDArray[Any]) -> Made:
    """Give a day at risk to months without one in which an arrest on a day of reception counts."""
    return counts, np.maximum(days, counts > 0)


def by_polars(arrests: Any, custody: Any, size: Size, in_custody: str) -> Made:
    """Do the same lazily."""
    import polars as pl  # noqa: PLC0415 a peer

    opens, length = pl.Series(size.opens), int(size.opens[-1])

    def offset(name: str) -> pl.Expr:
        return pl.col(name).dt.epoch("d").cast(pl.Int64) - size.first

    def month(days: pl.Expr) -> pl.Expr:
        return pl.lit(pl.Series(size.month)).gather(days)

    def at(name: str) -> pl.Expr:
        return (pl.col("id") - LOWEST) * length + pl.col(name)

    def filled(frame: pl.DataFrame, value: str) -> NDArray[Any]:
        out = np.zeros((size.people, size.months), dtype=np.int64)
        out[frame["id"].to_numpy() - LOWEST, frame["month"].to_numpy()] = frame[value].to_numpy()
        return out

    counts = arrests.lazy().select("id", month=month(offset("day"))).group_by("id", "month").len().collect()
    union = (
        custody.lazy()
        .select("id", start=offset("start"), end=offset("end"))
        .sort("id", "start")
        .with_columns(reached=pl.col("end").cum_max().shift().over("id"))
        .with_columns(block=(pl.col("reached").is_null() | (pl.col("start") >= pl.col("reached"))).cum_sum())
        .group_by("block")
        .agg(pl.col("id").first(), pl.col("start").min(), pl.col("end").max())
        .with_columns(end=pl.min_horizontal("end", pl.lit(length)))
        .collect()
    )
    inside = (
        union.lazy()
        .with_columns(month=pl.int_ranges(month(pl.col("start")), month(pl.col("end") - 1) + 1))
        .explode("month")
        .with_columns(opens=pl.lit(opens).gather("month"), closes=pl.lit(opens).gather(pl.col("month") + 1))
        .with_columns(inside=pl.min_horizontal("end", "closes") - pl.max_horizontal("start", "opens"))
        .group_by("id", "month")
        .agg(pl.col("inside").sum())
        .collect()
    )
    days = np.diff(size.opens) - filled(inside, "inside")
    placed = arrests.lazy().select("id", day=offset("day")).with_columns(month=month(pl.col("day")))
    if in_custody == "keep":
        cell = (pl.col("id") - LOWEST) * size.months + pl.col("month")
        placed = placed.filter(pl.lit(pl.Series((days == 0).ravel())).gather(cell))
    spells = union.lazy().select(at=at("start"), until=at("end")).sort("at")
    out = (
        placed.select("id", "month", at=at("day"))
        .sort("at")
        .join_asof(spells, on="at", allow_exact_matches=False)
        .filter(pl.col("at") < pl.col("until"))
        .group_by("id", "month")
        .len()
        .collect()
    )
    return _with_receptions(filled(counts, "len") - filled(out, "len"), days)


QUICK = {"ROUNDS": 1, "SIZE": Size(people=2000, events=100_000, spells=10_000)}
SIZE = Size()


def rows(size: Size | None = None) -> Iterator[dict[str, Any]]:
    """Measure ours and each peer in alternating rounds, in CPU seconds; they are to count the same."""
    size = size or SIZE
    given = tables(size)
    for rule, words in RULES.items():
        for name, (frames, count, target) in PEERS.items():
            held = cache(partial(frames, given))
            yield in_rounds(
                f"{size.events:,} arrests, {size.spells:,} spells to {size.people:,} x {size.months} months, {words}",
                lambda rule=rule: ours(*given, size, rule),
                name,
                lambda rule=rule, count=count, held=held: count(*held(), size, rule),
                rounds=ROUNDS,
                answers=(_all, _all),
                target=target,
                note=NOTE,
            )


NOTE = (
    "asked of the count alone; counting, with dates and ids, is two thirds of ours, the rest the union of spells and "
    "days at liberty; memory holds it back, so that it varies with what else the machine does. polars holds its memory "
    "outside Python"
)


def _all(made: Made) -> NDArray[Any]:
    return np.stack(made)


def _pandas(given: tuple[Table, Table]) -> list[Any]:
    import pandas as pd  # noqa: PLC0415 a peer

    return [pd.DataFrame(t) for t in given]


def _polars(given: tuple[Table, Table]) -> list[Any]:
    import polars as pl  # noqa: PLC0415 a peer

    return [pl.DataFrame(t) for t in given]


PEERS: dict[str, tuple[Callable[..., list[Any]], Callable[..., Made], float]] = {
    "pandas": (_pandas, by_pandas, 37),
    "polars": (_polars, by_polars, 22),
}
"""How each peer holds a table and counts, and the ratio that was asked for."""

"""10 million arrests and a million spells in custody to 200,000 people by 60 months, against pandas and polars.

Every one of them counts the arrests of each month and its days outside the union of the spells; ids are whole numbers
of no order, and days are times in milliseconds. The rules that ours applies besides (who is
listed, followed, dated; which arrests are inside a spell) are asked of ours alone. Seconds are those of the processor.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from time import process_time
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rounds import in_rounds

from iom_causal.data.events.engine import count_events
from iom_causal.data.events.tables import Followed, Log, Spells
from iom_causal.windows import MONTH, Window

PEOPLE, EVENTS, SPELLS, MONTHS, ROUNDS = 200_000, 10_000_000, 1_000_000, 60, 3
INDEX, LOWEST = dt.date(2012, 5, 1), 1_000_000
EDGES = np.round((np.arange(MONTHS + 1) - MONTHS // 2) * MONTH).astype(np.int64)
FIRST = EDGES[0] + (np.datetime64(INDEX, "D") - np.datetime64(0, "D")).astype(np.int64)
WIDTH = EDGES - EDGES[0]
WINDOWS = tuple(Window(f"m{k}", int(EDGES[k]), int(EDGES[k + 1]), post=EDGES[k] >= 0) for k in range(MONTHS))

type Table = dict[str, NDArray[Any]]


def tables(seed: int = 1) -> tuple[Table, Table]:
    """Draw arrests and spells."""
    rng = np.random.default_rng(seed)
    days = int(WIDTH[-1])
    arrests = {"id": rng.integers(0, PEOPLE, EVENTS) + LOWEST, "day": FIRST + rng.integers(0, days, EVENTS)}
    start = FIRST + rng.integers(0, days, SPELLS)
    custody = {
        "id": rng.integers(0, PEOPLE, SPELLS) + LOWEST,
        "start": start,
        "end": start + rng.integers(1, 90, SPELLS),
    }
    return _in_ms(arrests), _in_ms(custody)


def _in_ms(table: Table) -> Table:
    return {k: v if k == "id" else (v * 86_400_000).astype("M8[ms]") for k, v in table.items()}


def ours(arrests: Table, custody: Table) -> tuple[NDArray[Any], NDArray[Any]]:
    """Count by the engine."""
    counted = count_events(
        Followed(ids=np.arange(PEOPLE) + LOWEST, index=INDEX),
        Log(ids=arrests["id"], days=arrests["day"]),
        Spells(ids=custody["id"], start=custody["start"], end=custody["end"]),
        windows=WINDOWS,
        in_custody="keep",
    )
    return counted.counts, np.asarray(counted.days)


def by_pandas(arrests: Any, custody: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    """Count by group, put spells together by a running maximum, and take one row a spell and month."""
    import pandas as pd  # noqa: PLC0415 a peer

    shape = {"index": pd.RangeIndex(LOWEST, LOWEST + PEOPLE), "columns": range(MONTHS), "fill_value": 0}
    month = np.searchsorted(WIDTH, _offset(arrests["day"]), side="right") - 1
    counts = arrests.groupby(["id", month]).size().unstack(fill_value=0).reindex(**shape)  # noqa: PD010 as fast as may be
    held = custody.sort_values(["id", "start"])
    reached = held.groupby("id")["end"].cummax().groupby(held["id"]).shift()
    block = (reached.isna() | (held["start"] > reached)).cumsum()
    union = held.groupby(block).agg({"id": "first", "start": "min", "end": "max"})
    start, end = (np.clip(_offset(union[c]), 0, WIDTH[-1]) for c in ("start", "end"))
    low, high = np.searchsorted(WIDTH, start, side="right") - 1, np.searchsorted(WIDTH, end - 1, side="right")
    at = np.repeat(np.arange(len(union)), high - low)
    k = np.arange(len(at)) - np.repeat(np.cumsum(high - low) - (high - low), high - low) + low[at]
    inside = np.minimum(end[at], WIDTH[k + 1]) - np.maximum(start[at], WIDTH[k])
    days = pd.Series(inside).groupby([union["id"].to_numpy()[at], k]).sum().unstack(fill_value=0)  # noqa: PD010
    return _at_risk(counts.to_numpy(), np.diff(WIDTH) - days.reindex(**shape).to_numpy())


def _at_risk(counts: NDArray[Any], days: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Leave out the arrests of months without a day at liberty, as ours does."""
    return np.where(days == 0, 0, counts), days


def _offset(times: Any) -> NDArray[np.int64]:
    return times.to_numpy().astype("M8[s]").astype(np.int64) // 86_400 - FIRST


def by_polars(arrests: Any, custody: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    """Do the same lazily."""
    import polars as pl  # noqa: PLC0415 a peer

    table = np.searchsorted(WIDTH, np.arange(WIDTH[-1]), side="right") - 1
    months = pl.Series(table.astype(np.int32))

    def offset(name: str) -> pl.Expr:
        return pl.col(name).dt.epoch("d").cast(pl.Int64) - int(FIRST)

    def month(days: pl.Expr) -> pl.Expr:
        return pl.lit(months).gather(days)

    def filled(frame: pl.DataFrame, value: str) -> NDArray[Any]:
        out = np.zeros((PEOPLE, MONTHS), dtype=np.int64)
        out[frame["id"].to_numpy() - LOWEST, frame["month"].to_numpy()] = frame[value].to_numpy()
        return out

    counts = arrests.lazy().select("id", month=month(offset("day"))).group_by("id", "month").len().collect()
    end = int(WIDTH[-1])
    union = (
        custody.lazy()
        .select("id", start=offset("start"), end=offset("end"))
        .sort("id", "start")
        .with_columns(reached=pl.col("end").cum_max().shift().over("id"))
        .with_columns(block=(pl.col("reached").is_null() | (pl.col("start") > pl.col("reached"))).cum_sum())
        .group_by("block")
        .agg(pl.col("id").first(), pl.col("start").min(), pl.col("end").max())
        .with_columns(end=pl.min_horizontal("end", pl.lit(end)))
    )
    days = (
        union.with_columns(month=pl.int_ranges(month(pl.col("start")), month(pl.col("end") - 1) + 1))
        .explode("month")
        .with_columns(
            opens=pl.lit(pl.Series(WIDTH)).gather("month"), closes=pl.lit(pl.Series(WIDTH)).gather(pl.col("month") + 1)
        )
        .with_columns(inside=pl.min_horizontal("end", "closes") - pl.max_horizontal("start", "opens"))
        .group_by("id", "month")
        .agg(pl.col("inside").sum())
        .collect()
    )
    return _at_risk(filled(counts, "len"), np.diff(WIDTH) - filled(days, "inside"))


def rows() -> list[dict[str, Any]]:
    """Measure ours and each peer in alternating rounds, after all gave the same."""
    import pandas as pd  # noqa: PLC0415 a peer
    import polars as pl  # noqa: PLC0415 a peer

    given = tables()
    expected = ours(*given)
    peers = {"pandas": (pd.DataFrame, by_pandas), "polars": (pl.DataFrame, by_polars)}
    made = []
    for name, (frame, count) in peers.items():
        frames = [frame(t) for t in given]
        for mine, theirs in zip(expected, count(*frames), strict=True):
            if not np.array_equal(mine, theirs):
                raise AssertionError(f"{name} counts otherwise")
        work = f"{EVENTS:,} arrests and {SPELLS:,} spells to {PEOPLE:,} people by {MONTHS} months"
        made.append(in_rounds(work, _timed_work(ours, given), name, _timed_work(count, frames), rounds=ROUNDS))
    return made


def _timed_work(count: Callable[[Any, Any], Any], given: Sequence[Any]) -> Callable[[], float]:
    def work() -> float:
        start = process_time()
        count(*given)
        return process_time() - start

    return work

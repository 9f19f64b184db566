"""Logs of events in CSV and Parquet files of any size, read some rows at a time through duckdb."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.formats import listed
from iom_causal.base.specs import nearest
from iom_causal.data.event_files import MOST_DAYS
from iom_causal.data.events.frames import as_cells
from iom_causal.data.events.linkage import Linkage
from iom_causal.data.events.tables import Block, SetAside, Spells
from iom_causal.data.extract_parts import Filter
from iom_causal.data.files import dates as parsing
from iom_causal.data.files.blanks import NO_REFERENCES
from iom_causal.data.files.reading import ISO, Conversion
from iom_causal.data.files.sheet import Sheet
from iom_causal.data.filtering import retained, words_of
from iom_causal.errors import InputError, echo
from iom_causal.numerics.events.counting import NO_DAY, NO_ID, NOBODY
from iom_causal.numerics.events.days import day_numbers
from iom_causal.panel.columns import check_once

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

READERS = {
    ".csv": "read_csv({}, all_varchar = true, header = true, delim = ',', quote = '\"', strict_mode = true)",
    ".parquet": "read_parquet({})",
}
VECTORS = 400
"""Vectors of 2,048 rows that are looked at together."""
_TIME = r"[0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?( ?[AaPp][Mm]|Z|[+-][0-9:]+)?$"
"""A time of day, as all of which one stands: a log may hold as many of them as rows."""


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class StoredLog:
    """Log of events in a file, one row an event, of which only some rows are in memory at a time.

    Parameters
    ----------
    path : Path
        A CSV or Parquet file.
    unit, date : str
        The columns of ids and of days.
    record : str or None
        The column of custody records, as in `Log`.
    filters : tuple of Filter
        Which events count.
    how : Conversion
        How cells are read as numbers and dates.
    """

    path: Path
    unit: str
    date: str
    record: str | None = None
    filters: tuple[Filter, ...] = ()
    how: Conversion = ISO

    @property
    def name(self) -> str:
        """The column of ids, for messages."""
        return self.unit

    @cached_property
    def aside(self) -> tuple[SetAside, ...]:
        """What each filter sets aside of the rows that those before it retain."""
        if not self.filters:
            return ()
        passed = [f"{table}.value" for table in _tables(self.filters)]
        steps = [" AND ".join([*passed[:k], f"NOT {rule}"]) for k, rule in enumerate(passed)]
        wanted = ", ".join(f"count(*) FILTER (WHERE {step})" for step in steps)
        with opened(self.path, self._names) as db:
            joins = _filtering(db, self.filters, self.how)
            numbers = db.execute(f"SELECT {wanted} FROM file {joins}").fetchall()[0]  # noqa: S608 quoted by _name
        return tuple(SetAside(words_of(rule), int(n)) for rule, n in zip(self.filters, numbers, strict=True))

    def blocks(self, people: Linkage) -> Iterator[Block]:
        """Return all its rows, some at a time; of the rows of one person and record one, on the first day.

        Raises
        ------
        InputError
            IOM-E009, E014, E015, E022, E031 to E035 or E050 to E053, as reading the file whole would.
        """
        with opened(self.path, self._names) as db:
            _check(db, self.unit)
            db.register("people", _listed(people))
            db.execute(self._query(_dating(db, self.date, self.how, "days") + _filtering(db, self.filters, self.how)))
            while len(chunk := db.fetch_df_chunk(VECTORS)):
                more, wide, alike = (int(chunk[name].sum()) for name in ("more", "wide", "alike"))
                yield Block(chunk["person"].to_numpy(np.int32), chunk["day"].to_numpy(np.int32), None, wide, alike)
                if more:
                    again = np.zeros(more, dtype=np.int32)
                    yield Block(again, again, np.ones(more, dtype=np.bool_))

    @property
    def _names(self) -> tuple[str, ...]:
        return (self.unit, self.date, *([self.record] if self.record else []), *(f.column for f in self.filters))

    def _query(self, joins: str) -> str:
        unit, day = f"trim(CAST({_name(self.unit)} AS VARCHAR))", f"nullif(days.value, {NO_DAY})"
        held = "NULL" if not self.record else day if self.record == self.date else _name(self.record)
        record = f"CAST({held} AS VARCHAR)"
        keep = " AND ".join(["true", *(f"{table}.value" for table in _tables(self.filters))])
        rows = f"""
            SELECT
                CASE WHEN coalesce({unit}, '') = '' THEN {NO_ID} ELSE coalesce(people.position, {NOBODY}) END AS person,
                CAST(days.value AS INTEGER) AS day, {record} AS record
            FROM file LEFT JOIN people ON {unit} = people.id {joins} WHERE {keep}
        """  # noqa: S608 quoted by _name and _text
        if self.record is None:
            return f"SELECT person, day, 0 AS more, 0 AS wide, 0 AS alike FROM ({rows})"  # noqa: S608
        linked = f"person >= 0 AND day <> {NO_DAY}"
        none = ", ".join(map(_text, sorted({"", *NO_REFERENCES})))
        whole = f"{linked} AND lower(trim(coalesce(record, ''))) NOT IN ({none})"
        return f"""
            WITH lines AS MATERIALIZED ({rows}),
            keys AS (
                SELECT person, record, min(day) AS first, max(day) AS last FROM lines WHERE {whole}
                GROUP BY person, record
            ),
            shared AS (SELECT record FROM keys GROUP BY record HAVING count(*) > 1),
            wide AS (
                SELECT person, record, true AS wide FROM keys WHERE last > first
                AND (last - first > {MOST_DAYS} OR record IN (SELECT record FROM shared))
            )
            SELECT person, day, 0 AS more, 0 AS wide, CAST({linked} AS INTEGER) * (row_number() OVER (
                PARTITION BY person, day) > 1)::INTEGER AS alike FROM lines WHERE NOT ({whole}) UNION ALL
            SELECT person, min(day) AS day, count(*) - 1 AS more, count(wide) AS wide, 0 AS alike
            FROM lines LEFT JOIN wide USING (person, record) WHERE {whole}
            GROUP BY person, record, CASE WHEN wide THEN day END
        """  # noqa: S608


def stored_spells(path: Path, *, unit: str, start: str, end: str, how: Conversion) -> Spells:
    """Return the spells in custody of a file; they are held in memory.

    Raises
    ------
    InputError
        As of a log.
    """
    with opened(path, (unit, start, end)) as db:
        _check(db, unit)
        joins = _dating(db, start, how, "starts") + _dating(db, end, how, "ends")
        read = db.execute(
            f"SELECT trim(CAST({_name(unit)} AS VARCHAR)) AS id, starts.value AS first, ends.value AS last "  # noqa: S608
            f"FROM file {joins}"
        ).df()
    first, last = (_times(read[name].to_numpy(np.int32)) for name in ("first", "last"))
    ids = read["id"]
    return Spells(ids=ids.to_numpy(dtype=object), start=first, end=last, name=unit, names=(start, end))


@contextmanager
def opened(path: Path, names: Sequence[str]) -> "Iterator[duckdb.DuckDBPyConnection]":
    """Open a file as the view ``file`` of a database in memory, on one thread, so that rows keep their order.

    Raises
    ------
    InputError
        IOM-E015 for another format, IOM-E009 for a missing file or column, IOM-E014 for a file that cannot be read.
    """
    import duckdb  # noqa: PLC0415 slow to load

    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise InputError("IOM-E015", f"a log that is read in parts: expected a file ending in {listed(list(READERS))}")
    if not path.is_file():
        raise InputError("IOM-E009", f"no file {echo(path.name)} in that folder")
    with duckdb.connect(config={"threads": 1, "autoinstall_known_extensions": "false"}) as db:
        try:
            db.execute(f"CREATE VIEW file AS SELECT * FROM {reader.format(_text(str(path)))}")  # noqa: S608
            held = [name for name, *_ in db.execute("DESCRIBE file").fetchall()]
            check_once(held)
            for name in names:
                if name not in held:
                    raise InputError("IOM-E009", f"no column {echo(name)}; {nearest(name, held)}")
            yield db
        except duckdb.Error:
            raise InputError("IOM-E014", f"the file {echo(path.name)} is damaged or not complete") from None


def _check(db: "duckdb.DuckDBPyConnection", unit: str) -> None:
    """Refuse ids that are decimals."""
    kind = _kinds(db)[unit]
    if kind in ("FLOAT", "DOUBLE") or kind.startswith("DECIMAL"):
        raise InputError("IOM-E022", f"id column {echo(unit)} holds decimals; write ids as text")


def _kinds(db: "duckdb.DuckDBPyConnection") -> dict[str, str]:
    return {name: kind for name, kind, *_ in db.execute("DESCRIBE file").fetchall()}


def _dating(db: "duckdb.DuckDBPyConnection", name: str, how: Conversion, table: str) -> str:
    """Make a table of the cells of a column and their days since 1970; return the words that join it."""
    kind, cell = _kinds(db)[name], _name(name)
    if "TIME ZONE" in kind:
        raise InputError("IOM-E052", f"column {echo(name)}: write times without a time zone, or days alone")
    if kind.startswith("TIMESTAMP"):
        cell = f"CAST({cell} AS DATE)"
    elif kind == "VARCHAR":
        cell = f"regexp_replace({cell}, '{_TIME}', '0:00\\3')"
    return _meaning(
        db,
        name,
        cell,
        table,
        lambda sheet: day_numbers(parsing.dates(sheet, name, form=how.dates, missing=how.missing)),
    )


def _filtering(db: "duckdb.DuckDBPyConnection", filters: Sequence[Filter], how: Conversion) -> str:
    """Make a table for each filter of the cells of its column and whether it retains them; return what joins them."""
    return "".join(
        _meaning(
            db,
            rule.column,
            _name(rule.column),
            table,
            partial(retained, rule=rule, decimal=how.decimal, missing=how.missing),
        )
        for table, rule in zip(_tables(filters), filters, strict=True)
    )


def _tables(filters: Sequence[Filter]) -> list[str]:
    return [f"filter{k}" for k in range(len(filters))]


def _meaning(
    db: "duckdb.DuckDBPyConnection", name: str, cell: str, table: str, read: Callable[[Sheet], NDArray[Any]]
) -> str:
    """Make a table of the distinct cells of a column and what they mean as a file read whole has them."""
    import pandas as pd  # noqa: PLC0415 slow to load

    db.execute(
        f"CREATE TABLE {table}_cells AS SELECT cell, row_number() OVER () - 1 AS place "  # noqa: S608 quoted by _name
        f"FROM (SELECT DISTINCT {cell} AS cell FROM file)"
    )
    distinct = _cells(db, f"SELECT cell FROM {table}_cells ORDER BY place")  # noqa: S608
    try:
        values = read(as_cells({name: distinct})) if len(distinct) else np.zeros(0, dtype=np.int32)
    except InputError:
        read(as_cells({name: _cells(db, f"SELECT {cell} FROM file")}))  # to say of how many rows  # noqa: S608
        raise
    db.register(f"{table}_values", pd.DataFrame({"place": np.arange(len(distinct)), "value": values}))
    db.execute(f"CREATE TABLE {table} AS SELECT cell, value FROM {table}_cells JOIN {table}_values USING (place)")  # noqa: S608
    return f" LEFT JOIN {table} ON {cell} IS NOT DISTINCT FROM {table}.cell"


def _cells(db: "duckdb.DuckDBPyConnection", query: str) -> NDArray[Any]:
    rows = db.execute(query).fetchall()
    cells = np.empty(len(rows), dtype=object)
    cells[:] = [cell for (cell,) in rows]
    return cells


def _times(days: NDArray[np.int32]) -> NDArray[np.datetime64]:
    return np.where(days == NO_DAY, np.datetime64("NaT", "D"), days.astype("M8[D]"))


def _listed(people: Linkage) -> "pd.DataFrame":
    import pandas as pd  # noqa: PLC0415 slow to load

    return pd.DataFrame({"id": people.texts, "position": np.arange(len(people.texts), dtype=np.int32)})


def _name(column: str | None) -> str:
    """Return a column as SQL names it."""
    return 'file."' + str(column).replace('"', '""') + '"'


def _text(value: str) -> str:
    """Return text as SQL writes it."""
    return "'" + value.replace("'", "''") + "'"

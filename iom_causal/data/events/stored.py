"""Logs of events in CSV and Parquet files of any size, read some rows at a time through duckdb."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from iom_causal.base.formats import counted, listed
from iom_causal.base.specs import check_choice, nearest
from iom_causal.data.event_files import MOST_DAYS
from iom_causal.data.events.linkage import Linkage
from iom_causal.data.events.tables import Block, SetAside, Spells
from iom_causal.data.extract_parts import Filter
from iom_causal.data.files import dates as parsing
from iom_causal.data.files.blanks import NO_REFERENCES
from iom_causal.data.files.cells import number_or_none
from iom_causal.data.filtering import words_of
from iom_causal.errors import InputError, echo
from iom_causal.numerics.events.counting import NO_DAY, NO_ID, NOBODY
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
_FORMATS = {"dd/mm/yyyy": "%d/%m/%Y", "mm/dd/yyyy": "%m/%d/%Y", "dd-mon-yyyy": "%d/%b/%Y"}
_ISO = r"^(\d{4}-\d{1,2}-\d{1,2})([T ][0-9:.]+(Z|[+-][0-9:]+)?)?$"


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
    form : str
        Of dates in text, as in `Extract`; not ``excel``.
    """

    path: Path
    unit: str
    date: str
    record: str | None = None
    filters: tuple[Filter, ...] = ()
    form: str = parsing.DATES[0]

    def __post_init__(self) -> None:
        check_choice(self.form, (parsing.DATES[0], *_FORMATS), "dates of a file that is read in parts")

    @cached_property
    def aside(self) -> tuple[SetAside, ...]:
        """What each filter sets aside of the rows that those before it retain."""
        if not self.filters:
            return ()
        passed = [_passes(rule) for rule in self.filters]
        steps = [" AND ".join([*passed[:k], f"NOT {rule}"]) for k, rule in enumerate(passed)]
        wanted = ", ".join(f"count(*) FILTER (WHERE {step})" for step in steps)
        with opened(self.path, self._names) as db:
            numbers = db.execute(f"SELECT {wanted} FROM file").fetchall()[0]  # noqa: S608 quoted by _name and _text
        return tuple(SetAside(words_of(rule), int(n)) for rule, n in zip(self.filters, numbers, strict=True))

    def blocks(self, people: Linkage) -> Iterator[Block]:
        """Return all its rows, some at a time; of the rows of one person and record one, on the first day.

        Raises
        ------
        InputError
            IOM-E009, E014, E015, E022, E031 or E050 to E053, as reading the file whole would.
        """
        with opened(self.path, self._names) as db:
            _check(db, self)
            db.register("people", _listed(people))
            db.execute(self._query)
            while len(chunk := db.fetch_df_chunk(VECTORS)):
                more, wide, alike = (int(chunk[name].sum()) for name in ("more", "wide", "alike"))
                yield Block(chunk["person"].to_numpy(np.int32), chunk["day"].to_numpy(np.int32), None, wide, alike)
                if more:
                    again = np.zeros(more, dtype=np.int32)
                    yield Block(again, again, np.ones(more, dtype=np.bool_))

    @property
    def _names(self) -> tuple[str, ...]:
        return (self.unit, self.date, *([self.record] if self.record else []), *(f.column for f in self.filters))

    @property
    def _query(self) -> str:
        unit, day = f"CAST({_name(self.unit)} AS VARCHAR)", _day(self)
        held = "NULL" if not self.record else day if self.record == self.date else _name(self.record)
        record = f"CAST({held} AS VARCHAR)"
        keep = " AND ".join(["true", *(_passes(rule) for rule in self.filters)])
        rows = f"""
            SELECT
                CASE WHEN coalesce({unit}, '') = '' THEN {NO_ID} ELSE coalesce(people.position, {NOBODY}) END AS person,
                CAST(coalesce({day} - DATE '1970-01-01', {NO_DAY}) AS INTEGER) AS day, {record} AS record
            FROM file LEFT JOIN people ON {unit} = people.id WHERE {keep}
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


def stored_spells(path: Path, *, unit: str, start: str, end: str, form: str) -> Spells:
    """Return the spells in custody of a file; they are held in memory.

    Raises
    ------
    InputError
        As of a log.
    """
    columns = {}
    with opened(path, (unit, start, end)) as db:
        for name in (start, end):
            log = StoredLog(path=path, unit=unit, date=name, form=form)
            _check(db, log)
            columns[name] = db.execute(f"SELECT {_day(log)} AS day FROM file").df()["day"].to_numpy()  # noqa: S608
        ids = db.execute(f"SELECT CAST({_name(unit)} AS VARCHAR) AS id FROM file").df()["id"]  # noqa: S608
    first, last = (columns[name].astype("M8[D]") for name in (start, end))
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


def _check(db: "duckdb.DuckDBPyConnection", log: StoredLog) -> None:
    """Refuse ids that are decimals, and cells that are no dates or numbers where these are read."""
    kinds = {name: kind for name, kind, *_ in db.execute("DESCRIBE file").fetchall()}
    if kinds[log.unit] in ("FLOAT", "DOUBLE") or kinds[log.unit].startswith("DECIMAL"):
        raise InputError("IOM-E022", f"id column {echo(log.unit)} holds decimals; write ids as text")
    if "TIME ZONE" in kinds[log.date]:
        raise InputError("IOM-E052", f"column {echo(log.date)}: write times without a time zone, or days alone")
    _refuse(
        db,
        "IOM-E050",
        log.date,
        f"{_filled(log.date)} AND {_day(log)} IS NULL",
        f'is not a date of the form "{log.form}"',
    )
    outside = f"year({_day(log)}) NOT BETWEEN {parsing.FIRST_YEAR} AND {parsing.LAST_YEAR}"
    _refuse(db, "IOM-E053", log.date, outside, f"is a date before {parsing.FIRST_YEAR} or after {parsing.LAST_YEAR}")
    for rule in log.filters:
        if rule.low is not None or rule.high is not None:
            _refuse(
                db,
                "IOM-E031",
                rule.column,
                f"{_filled(rule.column)} AND {_number(rule.column)} IS NULL",
                "is no number",
            )


def _refuse(db: "duckdb.DuckDBPyConnection", code: str, name: str, faulty: str, what: str) -> None:
    number = int(db.execute(f"SELECT count(*) FROM file WHERE {faulty}").fetchall()[0][0])  # noqa: S608
    if number:
        raise InputError(code, f"column {echo(name)}: {counted(number, f'cell[|s]: each {what}')}")


def _listed(people: Linkage) -> "pd.DataFrame":
    import pandas as pd  # noqa: PLC0415 slow to load

    return pd.DataFrame({"id": people.texts, "position": np.arange(len(people.texts), dtype=np.int32)})


def _day(log: StoredLog) -> str:
    """Return an expression for the day of a row, NULL where it cannot be read."""
    text = f"trim(CAST({_name(log.date)} AS VARCHAR))"
    if log.form in _FORMATS:
        return f"CAST(try_strptime(regexp_replace({text}, '[. -]', '/', 'g'), '{_FORMATS[log.form]}') AS DATE)"
    return f"TRY_CAST(regexp_extract({text}, {_text(_ISO)}, 1) AS DATE)"


def _passes(rule: Filter) -> str:
    """Return an expression for whether a filter retains a row."""
    parts = []
    if rule.keep:
        parts.append(_any_of(rule.column, rule.keep))
    if rule.drop:
        parts.append(f"NOT {_any_of(rule.column, rule.drop)}")
    for bound, sign in ((rule.low, ">="), (rule.high, "<=")):
        if bound is not None:
            parts.append(f"coalesce({_number(rule.column)} {sign} {float(bound)!r}, false)")
    return f"({' AND '.join(parts)})"


def _any_of(column: str, values: Sequence[str | float]) -> str:
    """Return an expression for whether a cell is one of some values, as text or as a number."""
    parts = [f"CAST({_name(column)} AS VARCHAR) = {_text(str(value))}" for value in values]
    numbers = [n for n in map(number_or_none, values) if n is not None]
    parts += [f"{_number(column)} = {n!r}" for n in numbers]
    return f"coalesce({' OR '.join(parts)}, false)"


def _number(column: str) -> str:
    return f"TRY_CAST({_name(column)} AS DOUBLE)"


def _filled(column: str) -> str:
    return f"coalesce(CAST({_name(column)} AS VARCHAR), '') <> ''"


def _name(column: str | None) -> str:
    """Return a column as SQL names it."""
    return 'file."' + str(column).replace('"', '""') + '"'


def _text(value: str) -> str:
    """Return text as SQL writes it."""
    return "'" + value.replace("'", "''") + "'"

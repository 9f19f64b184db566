"""Reading a source population from a file of its own, by the reader and the checks of the extract beside it."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from iom_causal.data.extracts import Extract
from iom_causal.data.files import cells
from iom_causal.data.files.readers import Files, said_of
from iom_causal.data.files.sheet import Limits, Sheet
from iom_causal.data.guesses.names import tokens
from iom_causal.data.pool_file import PoolFile, check_pool
from iom_causal.data.reading.columns import Columns, Fact
from iom_causal.data.reading.panels import NO_PEOPLE, opened
from iom_causal.errors import InputError, echo
from iom_causal.inputs.pool import SourcePopulation
from iom_causal.panel import Where

IN_THE_POOL = (
    "people in the file of those who were not managed: not in the change, read only by allowances that need everybody"
)
SELECTED = "rows in the file of people who were not managed, marked as selected and left out"
A_PERSON_EACH = "rows in the file of people who were not managed, each read as one person"
HISTORIES = "rows in the file of people who were not managed, each read as so many people as its column says"
NOT_READ = (
    "people in the file of those who were not managed, were each row as many as its column {0} says; it was not read "
    "(people = ... in [study.pool] names a column to read so)"
)
NUMBERS_OF_PEOPLE = {"people", "persons", "n", "count", "number", "freq", "frequency", "of", "how", "many"}
"""Words of a column's name that together say nothing but how many."""


class PoolRead(NamedTuple):
    """Source population as read from a file of its own: its people, the flow account and notes."""

    population: SourcePopulation
    facts: tuple[Fact, ...]
    notes: tuple[str, ...]


def read_pool(
    pool: PoolFile, beside: Extract, outcome: str, folder: Path | str = ".", *, limits: Limits | None = None
) -> PoolRead:
    """Read and validate a file of the source population, by the rules of the extract that it stands beside.

    Parameters
    ----------
    pool : PoolFile
        What the file and its columns are.
    beside : Extract
        That of the managed people, whose windows these are.
    outcome : str
        The outcome that the selection rule reads.
    folder : path
        Where the file lies.
    limits : Limits, optional
        What the file may hold.

    Raises
    ------
    InputError, SpecError
        Those of `read_extract`, and IOM-E076 for numbers of people that are not whole ones from 0.
    """
    check_pool(pool, beside, outcome)
    with said_of("the file of people who were not managed", pool.file):
        return _pool_read(pool, pool.extract(beside, outcome), Files(Path(folder), limits))


def _pool_read(pool: PoolFile, extract: Extract, files: Files) -> PoolRead:
    whole = opened(extract, files)
    sheet = _not_selected(whole, pool)
    columns = Columns(sheet, extract)
    panel = columns.panel(extract.outcomes[0], None)
    population = SourcePopulation.of_rows(
        panel, people=columns.number(pool.people) if pool.people else None, column=pool.people, where=columns.where
    )
    rows = Fact(HISTORIES if pool.people else A_PERSON_EACH, sheet.rows)
    dropped = (Fact(NO_PEOPLE[kind], count) for kind, count in sheet.dropped.items())
    chosen = (Fact(SELECTED, whole.rows - sheet.rows),) if pool.selected else ()
    facts = (
        Fact(IN_THE_POOL, round(float(population.people))),
        rows,
        *chosen,
        *dropped,
        *_unread(pool, sheet),
        *columns.facts,
    )
    return PoolRead(population, facts, tuple(dict.fromkeys([*sheet.notes, *columns.notes, *panel.notes])))


def _not_selected(sheet: Sheet, pool: PoolFile) -> Sheet:
    """Exclude the rows of people who were selected, where a column marks them."""
    if not pool.selected:
        return sheet
    marks = cells.numbers(sheet, pool.selected, missing=pool.missing, kind="binary").array.astype(np.float64)
    where, about = Where(rows=sheet.at), f"column {echo(pool.selected)}"
    where.refuse("IOM-E034", about, np.isnan(marks), "[cell is|cells are] empty", "write 1 for selected, 0 for others")
    neither = "[cell is|cells are] neither 1 (selected) nor 0"
    where.refuse("IOM-E036", about, ~np.isin(marks, (0, 1)), neither, "write 1 or 0")
    if marks.all():
        raise InputError("IOM-E061", f"{about}: everybody was selected; add people who could have been and were not")
    return sheet.where(marks == 0)


def _unread(pool: PoolFile, sheet: Sheet) -> Iterator[Fact]:
    """Say of a column that looks like numbers of people that it was not read, where each row is taken for one."""
    used = {*pool.columns, *pool.days_at_risk, pool.selected}
    names = [n for n in sheet.columns if n not in used and set() < tokens(n) <= NUMBERS_OF_PEOPLE]
    for name in () if pool.people else names:
        try:
            held = cells.numbers(sheet, name, decimal=pool.decimal, missing=pool.missing).array.astype(np.float64)
        except InputError:
            continue
        if held.size and (held >= 0).all() and (held == np.floor(held)).all():
            yield Fact(NOT_READ.format(name), int(held.sum()))

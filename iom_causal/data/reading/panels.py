"""Reading an extract into panels that share people, with a flow account of rows read and excluded."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from iom_causal.base.formats import counted, listed
from iom_causal.base.specs import EMPTY, FrozenMap
from iom_causal.cohort import Cohort
from iom_causal.data.events.flow import Flow
from iom_causal.data.extracts import Extract, check_past, check_timed, columns_of
from iom_causal.data.files.readers import Files, ReadTable, check_obeyed, obeyed
from iom_causal.data.files.sheet import Limits, Sheet
from iom_causal.data.filtering import retained, words_of
from iom_causal.data.reading.columns import MANAGED_ROWS, Columns, Fact
from iom_causal.data.reading.linked import Linked
from iom_causal.data.reading.stated_lengths import check_stated
from iom_causal.data.severity import SeverityTable, offences_in
from iom_causal.errors import InputError, IomCausalError, SpecError, echo
from iom_causal.panel import Panel
from iom_causal.windows import Selection

if TYPE_CHECKING:
    from iom_causal.data.events.quality import DataQuality

SHEET = "sheet"
"""The column of the name of each person's sheet, where several are read as one table."""
NO_PEOPLE = {
    "headings": "rows with one cell, such as headings, left out",
    "totals": "rows of sums, left out",
    "hidden": "rows that the workbook hides, left out",
}
USED = "people used"
WEIGHTED = "{}: counts by offence, each weighted by {}"
NOT_MANAGED = "people who were not managed: not in the change, read by comparisons and by allowances that need them"


@dataclass(frozen=True, eq=False, kw_only=True)
class Extracted:
    """Person-level data as read: panels, flow account and notes.

    Parameters
    ----------
    cohort : Cohort
        One panel an outcome.
    facts : tuple of Fact
        The flow account: rows read, rows excluded and why, values missing.
    notes : tuple of str
        Warnings with their codes, for whoever prepares the study.
    severity : mapping of str to SeverityTable
        The table by which each harm-weighted outcome counts.
    flows : mapping of str to Flow
        The flow chart of each outcome that is counted from a log of events.
    quality : DataQuality, optional
        What is odd in the log of events and the spells, where there is a log.
    """

    cohort: Cohort
    facts: tuple[Fact, ...]
    notes: tuple[str, ...]
    severity: Mapping[str, SeverityTable] = EMPTY
    flows: Mapping[str, Flow] = EMPTY
    quality: "DataQuality | None" = None


def read_extract(
    extract: Extract,
    folder: Path | str = ".",
    *,
    selection: Selection | None = None,
    limits: Limits | None = None,
    known: tuple[ReadTable, ...] = (),
) -> Extracted:
    """Read and validate an extract into panels that share people.

    Parameters
    ----------
    extract : Extract
        What the file and its columns are.
    folder : path
        Where the file lies.
    selection : Selection, optional
        How people got in.
    limits : Limits, optional
        What the file may hold.
    known : tuple of ReadTable
        Tables of its files that were read before.

    Raises
    ------
    InputError, SpecError
        Every fault with its code; no message holds an id, a date or a cell.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import pandas as pd
    >>> import iom_causal as iom
    >>> two = (iom.ExtractWindow(label="before", months=12), iom.ExtractWindow(label="after", months=12, post=True))
    >>> arrests = iom.ExtractOutcome(name="arrests", kind="count", columns=("pre", "post"))
    >>> ours = iom.Extract(file="people.csv", id="urn", outcomes=(arrests,), windows=two)
    >>> people = pd.DataFrame({"urn": ["A1", "B2", "C3"], "pre": [4, 3, 6], "post": [2, 3, 1]})
    >>> with TemporaryDirectory() as folder:
    ...     people.to_csv(Path(folder, "people.csv"), index=False)
    ...     read = iom.read_extract(ours, folder)
    >>> iom.RateRatio()(read.cohort["arrests"]).estimate.__round__(3)
    0.462
    """
    if not isinstance(extract, Extract):
        raise SpecError(
            "IOM-E092", f"read_extract: expected an Extract, got {type(extract).__name__}; see `load_study`"
        )
    check_timed(extract)
    check_stated(extract)
    files = Files(Path(folder), limits, known)
    sheet = opened(extract, files)
    facts = [Fact("rows in the file" if extract.layout == "long" else "people in the file", sheet.rows)]
    if sheet.blank:
        facts.append(Fact("empty rows, left out", sheet.blank))
    facts += [Fact(NO_PEOPLE[kind], count) for kind, count in sheet.dropped.items()]
    sheet, aside = _filtered(sheet, extract)
    linked = _linked(sheet, extract, files)
    extract = linked.extract
    columns = Columns(sheet, extract, linked.columns)
    tables = {o.name: o.weights.read(folder) for o in extract.outcomes if o.weights is not None}
    panels = {
        o.name: columns.harm(o, selection, tables[o.name]) if o.name in tables else columns.panel(o, selection)
        for o in extract.outcomes
    }
    facts += [*aside, *_used(next(iter(panels.values())), extract), *columns.facts, *_gaps(panels, extract)]
    facts += [Fact(WEIGHTED.format(name, table.called), panels[name].managed.n) for name, table in tables.items()]
    notes = tuple(
        dict.fromkeys(
            [*sheet.notes, *columns.notes, *linked.notes, *(note for p in panels.values() for note in p.notes)]
        )
    )
    return Extracted(
        cohort=Cohort(panels),
        facts=tuple(facts),
        notes=notes,
        severity=FrozenMap(tables),
        flows=FrozenMap(linked.flows),
        quality=linked.quality,
    )


def _linked(sheet: Sheet, extract: Extract, files: Files) -> Linked:
    """Return counts and days at risk from files beside that of the people, where there are any."""
    if not extract.linked:
        return Linked(extract)
    from iom_causal.data.reading.events import link  # noqa: PLC0415 compiled pieces are slow to load

    return link(sheet, extract, files)


def opened(extract: Extract, files: Files) -> Sheet:
    """Read the sheet of an extract."""
    check_past(extract)
    check_obeyed(extract, extract.file, *([extract.others] if extract.others and extract.others_sheet is None else []))
    sheet = _in_sheets(extract, files) if extract.sheets else files.sheet(extract.file, obeyed(extract, extract.file))
    return _with_others(sheet, extract, files) if extract.others else sheet


def _in_sheets(extract: Extract, files: Files) -> Sheet:
    """Return the people of several sheets in one table."""
    first, *rest = (_of_sheet(extract, files, name) for name in extract.sheets)
    for name, sheet in zip(extract.sheets[1:], rest, strict=True):
        try:
            upper, lower = _in_both(first, sheet, extract)
            first = upper.above(lower, echo(name))
        except InputError as error:
            raise InputError(error.code, f"sheet {echo(name)}: {error.message}") from error
    return first


def _in_both(first: Sheet, second: Sheet, extract: Extract) -> tuple[Sheet, Sheet]:
    """Return two tables of people with the columns that both have; one that is read must be in both.

    Raises
    ------
    InputError
        IOM-E009 for a column that is read and that only one of them has.
    """
    alone = [name for name in first.columns if name not in second.columns]
    alone += [name for name in second.columns if name not in first.columns]
    stated = columns_of(extract)
    coded = [column for outcome in extract.outcomes if outcome.weights is not None for column in outcome.columns]
    read = [name for name in alone if name in stated or offences_in([name], coded)]
    if read:
        named = listed([echo(name) for name in read if name in stated])
        raise InputError(
            "IOM-E009",
            "expected the same columns in both tables; "
            f"{counted(len(read), '[is|are]')} in one of them only{f': {named}' if named else ''}",
        )
    both = [name for name in first.columns if name not in alone]
    made = (replace(table, columns={name: table.columns[name] for name in both}) for table in (first, second))
    return next(made), next(made)


def _of_sheet(extract: Extract, files: Files, name: str) -> Sheet:
    """Return one of several sheets, its name in a column where it has none of that name."""
    sheet = files.sheet(extract.file, replace(extract, sheet=name, sheets=()))
    return sheet.with_column(SHEET, name)


def _with_others(sheet: Sheet, extract: Extract, files: Files) -> Sheet:
    """Return managed people and others in one table; a refusal of the others says that it is of them."""
    inside = extract.others_sheet
    file, how = (
        (extract.others, obeyed(extract, extract.others))
        if inside is None
        else (extract.file, replace(extract, sheet=inside, sheets=()))
    )
    try:
        others = files.sheet(file, how)
        if extract.sheets:
            others = others.with_column(SHEET, extract.others)
        sheet, others = _in_both(sheet, others, extract)
        return sheet.beside(others, MANAGED_ROWS)
    except IomCausalError as error:
        where = f"the table of people who were not managed, {echo(Path(extract.others).name)}"
        raise type(error)(error.code, f"{where}: {error.message}") from error


def _filtered(sheet: Sheet, extract: Extract) -> tuple[Sheet, list[Fact]]:
    facts = []
    for rule in extract.filters:
        before = _people(sheet, extract)
        sheet = sheet.where(retained(sheet, rule, decimal=extract.decimal, missing=extract.missing))
        facts.append(Fact(words_of(rule), before - _people(sheet, extract)))
    return sheet, facts


def _people(sheet: Sheet, extract: Extract) -> int:
    return sheet.rows if extract.layout == "wide" else len(set(sheet[extract.id].tolist()) - {None})


def _used(panel: Panel, extract: Extract) -> Iterator[Fact]:
    if extract.compared:
        yield Fact(NOT_MANAGED, panel.n - panel.managed.n)
    yield Fact(USED, panel.managed.n)


def _gaps(panels: dict[str, Panel], extract: Extract) -> Iterator[Fact]:
    """Count people without a value where they are retained, and those never at risk where days are personal."""
    zeros = {o.name for o in extract.outcomes if o.missing == "zero" and not panels[o.name].complete.all()}
    with_gaps = zeros | {o.name for o in extract.outcomes if o.missing == "keep"}
    for panel in (panels[name].managed for name in panels if name in with_gaps):
        for t, window in enumerate(panel.windows):
            absent = int(np.isnan(panel.outcome[:, t].astype(np.float64)).sum())
            yield Fact(f"{panel.name}, {window.label}: no value", absent)
    panel = next(iter(panels.values())).managed
    if panel.exposure is not None and panel.exposure.ndim > 1:
        for t, window in enumerate(panel.windows):
            yield Fact(f"{window.label}: not at risk for a single day", int((panel.exposure[:, t] == 0).sum()))

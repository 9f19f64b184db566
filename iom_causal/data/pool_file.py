"""Specification of a file of the source population, beside that of the managed people."""

from dataclasses import dataclass, fields
from typing import ClassVar

from iom_causal.data.extract_parts import ExtractOutcome
from iom_causal.data.extracts import NUMBERED, Extract
from iom_causal.data.files.reading import Conversion
from iom_causal.errors import SpecError

OF_THE_POOL = ("columns", "people", "selected")
"""Keys that mean another thing in an extract, or that it has not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolFile(Conversion):
    """Specification of a file of the source population: people who could have been selected and were never managed.

    Its counts are of the outcome that the selection rule reads, in the windows of the extract of the managed people. A
    sample of them serves, but for a rule that fills places (``top``), which needs all who competed.

    Parameters
    ----------
    file : str
        Its name, beside the study file; it may be another sheet of the extract's own workbook.
    columns : tuple of str
        Counts, one column for each window of the extract, in order of time.
    people : str
        The column of how many people a row stands for; without it each is one person.
    days_at_risk : tuple of str
        Columns of days at risk, one for each window.
    selected : str
        The column of 1 or yes for people who were selected, where the file holds these too: they are left out, for
        they are the managed. A file with one row a person and the same columns for both kinds of people is the
        extract itself, with such a column as its `group`.
    sheet, encoding, separator, skip_rows, header_rows, drop_rows, decimal, missing
        As in `Extract`.

    Examples
    --------
    >>> PoolFile(file="others.csv", columns=("before", "after"), people="how many").people
    'how many'
    """

    where: ClassVar[str] = "pool"
    unread: ClassVar[tuple[str, ...]] = ("dates",)

    file: str
    columns: tuple[str, ...]
    people: str = ""
    days_at_risk: tuple[str, ...] = ()
    selected: str = ""

    def extract(self, beside: Extract, outcome: str) -> Extract:
        """Return the file as an extract of one outcome, in the windows of the extract that it stands beside."""
        shared = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in OF_THE_POOL}
        return Extract(
            id=NUMBERED,
            outcomes=(ExtractOutcome(name=outcome, kind="count", columns=self.columns),),
            windows=beside.windows,
            equal_windows=beside.equal_windows,
            index_date=beside.index_date,
            extracted=beside.extracted,
            **shared,
        )


def check_pool(pool: PoolFile, beside: Extract, outcome: str) -> None:
    """Refuse a file of the source population whose columns do not fit the windows of the extract.

    Raises
    ------
    SpecError
        IOM-E096 for a number of columns that is not that of the windows, IOM-E092 for one used twice.
    """
    try:
        pool.extract(beside, outcome)
    except SpecError as error:
        raise SpecError(error.code, f"the file of people who were not managed: {error.message}") from error
    used = (*pool.columns, *pool.days_at_risk, *filter(None, (pool.people, pool.selected)))
    if len(set(used)) < len(used):
        raise SpecError("IOM-E092", "the file of people who were not managed: expected each column once")

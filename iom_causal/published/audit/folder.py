"""Audit of many published studies: one row of verdicts a file, those that cannot be read among them."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from iom_causal.base.formats import counted
from iom_causal.base.result import Result, table
from iom_causal.base.specs import KINDS, read_toml
from iom_causal.errors import IomCausalError, SpecError, echo
from iom_causal.published.audit.audit import audit
from iom_causal.published.audit.findings import Findings
from iom_causal.published.study import load_published

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

MEANING = (
    "Inconsistent: the printed figures do not match one another, or not the text. Reconcilable: of these, those that "
    "another reading of the same figures would make agree. Not checked: the check has no power there. What each says: "
    "iom-causal audit FILE"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """Verdicts on one published study, counted.

    Parameters
    ----------
    paper : str
        Its file, as seen from the folder.
    checks : int
        Checks of figures; what is told in several places and the authors' readings are not among these.
    consistent, inconsistent, not_checked : int
        Checks by verdict, the last where a check has no power.
    reconcilable : int
        Of the inconsistent, those that another reading of the same figures would make agree.
    not_read : str
        Why the file could not be read; empty where it was.
    """

    paper: str
    checks: int = 0
    consistent: int = 0
    inconsistent: int = 0
    reconcilable: int = 0
    not_checked: int = 0
    not_read: str = ""

    @classmethod
    def of(cls, paper: str, findings: Findings) -> "Verdicts":
        """Count the findings on a study."""
        tally = findings.tally()
        return cls(
            paper=paper,
            checks=len(findings.checks),
            consistent=tally["consistent"],
            inconsistent=tally["inconsistent"],
            reconcilable=sum(row.reconcilable for row in findings.checks),
            not_checked=tally["uninformative"],
        )


@dataclass(frozen=True, slots=True)
class AuditedFolder(Result):
    """Verdicts on the published studies of a folder, by the names of their files.

    Parameters
    ----------
    rows : tuple of Verdicts
        One a file.
    """

    free_columns: ClassVar[tuple[str, ...]] = ("checks", "consistent", "inconsistent", "reconcilable", "not_checked")

    rows: tuple[Verdicts, ...]

    @property
    def not_read(self) -> tuple[Verdicts, ...]:
        """The files that could not be read."""
        return tuple(row for row in self.rows if row.not_read)

    def tidy(self) -> "pd.DataFrame":
        """Return one row a file, the columns being the fields of `Verdicts` in order."""
        return table([asdict(row) for row in self.rows], [field.name for field in fields(Verdicts)])

    def summary(self) -> str:
        """Return the table as text, and below it each file that could not be read with its reason."""
        return "\n".join(self._lines())

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw how many checks of each study are inconsistent."""
        from iom_causal.base import axes_of_rows  # noqa: PLC0415 - matplotlib is slow to load

        ax = axes_of_rows.intervals(
            [row.paper for row in self.rows], [(0.0, float(row.inconsistent)) for row in self.rows], ax
        )
        ax.set_xlabel("inconsistent checks")
        return ax

    def _lines(self) -> Iterator[str]:
        heads = ("paper", "checks", "consistent", "inconsistent", "reconcilable", "not checked")
        read = [row for row in self.rows if not row.not_read]
        cells = [heads, *((r.paper, *map(str, _counts(r))) for r in read)]
        widths = [max(len(row[k]) for row in cells) for k in range(len(heads))]
        for row in cells:
            numbers = "  ".join(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))
            yield f"{row[0]:<{widths[0]}}  {numbers}"
        yield ""
        yield f"{counted(len(read), '[paper|papers]')}. {MEANING}"
        if self.not_read:
            yield ""
            yield f"Not read, {counted(len(self.not_read), '[file|files]')}:"
            yield from (f"  {row.paper}: {row.not_read}" for row in self.not_read)


def _counts(row: Verdicts) -> tuple[int, ...]:
    return row.checks, row.consistent, row.inconsistent, row.reconcilable, row.not_checked


def audit_folder(folder: Path) -> AuditedFolder:
    """Audit every [published] file of a folder: its own, and a published.toml in a folder of each work inside it.

    Parameters
    ----------
    folder : Path
        Where the files are; TOML files of other kinds are passed over.

    Returns
    -------
    AuditedFolder
        One row a file; one that cannot be read has its reason.

    Raises
    ------
    SpecError
        IOM-E096 for a folder without such a file.
    """
    papers = sorted({*folder.glob("*.toml"), *folder.glob("*/published.toml")})
    rows = tuple(_verdicts(path, path.relative_to(folder).as_posix()) for path in papers if not _of_another_kind(path))
    if not rows:
        raise SpecError("IOM-E096", f"expected [published] files in {echo(folder.name)}, found none")
    return AuditedFolder(rows)


def _of_another_kind(path: Path) -> bool:
    try:
        first = next(iter(read_toml(path)))
    except IomCausalError:
        return False
    return first in KINDS and first != "published"


def _verdicts(path: Path, paper: str) -> Verdicts:
    try:
        return Verdicts.of(paper, audit(load_published(path)))
    except IomCausalError as error:
        return Verdicts(paper=paper, not_read=str(error))
    except OSError as error:
        return Verdicts(paper=paper, not_read=f"IOM-E090: {(error.strerror or 'it cannot be read').lower()}")

"""Tables of a synthetic extract, their cleaning by stated rules, and their files."""

import datetime as dt
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from iom_causal.base import output, wording
from iom_causal.base.specs import check_choice, digest
from iom_causal.simulate.extract.cleaning import counts
from iom_causal.simulate.extract.recording import DATES, MIXED
from iom_causal.world import World

if TYPE_CHECKING:
    import pandas as pd

FORMS = ("csv", "parquet")
MAKERS = ("iom-causal", "numpy", "numba", "pandas", "duckdb")
_WORK = "simulate an extract"


class Launched(Protocol):
    """A specification whose windows are counted from one day."""

    @property
    def launch(self) -> dt.date:
        """The day that windows are counted from."""
        ...


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class ExtractTables:
    """The tables of one extract, and the truth behind them.

    Parameters
    ----------
    people : DataFrame
        One row a person: URN and linked second URN as text, date of birth, sex, ethnicity as people define it (16+1)
        and as officers do (6+1), force, days of adoption and de-adoption, day and reason of removal, RAG and team.
    arrests : DataFrame
        Arrests and voluntary attendances: URN, custody record, type, times of arrest and of recording, date of the
        offence, reason, offence and disposal codes. A `reason` other than ``offence`` is what supervision and the
        courts create.
    custody : DataFrame
        Spells that touch a window: reception, release (none while it goes on), and remand or sentence.
    scores : DataFrame
        Risk scores by day and version.
    truth : DataFrame
        One row a person, of everybody in the world: who was selected and managed, who is in the extract and was
        tracked; by window what cleaning should find (see `counts`), arrests that were ``_recorded_too_late`` for the
        extract, events ``_lived`` whatever was recorded, and what was expected without and with the programme.
    faults : DataFrame
        One row for everything that is wrong in a table: the place of the row in it (none where the row is missing),
        the column (empty for whole rows), and the sort, by the names of `FaultRates`; ``recorded_too_late`` for arrests
        that are missing because the extract was drawn before they were recorded.
    world : World
        Where they live.
    spec : ForceExtract
        What made them.
    seed : int or None
        Of every random step.

    Examples
    --------
    >>> import iom_causal as iom
    >>> made = iom.simulate.ForceExtract(careers=iom.simulate.Careers(people=20, rate=3.0))(1)
    >>> made.people["urn"].is_unique, len(made.arrests) > len(made.people)
    (True, True)
    """

    people: "pd.DataFrame"
    arrests: "pd.DataFrame"
    custody: "pd.DataFrame"
    scores: "pd.DataFrame"
    truth: "pd.DataFrame"
    faults: "pd.DataFrame"
    world: World
    spec: Launched
    seed: int | None

    def counts(self) -> "pd.DataFrame":
        """Return counts, days at liberty and scores by window, worked out from the tables alone by stated rules.

        The rules are those of `extract.cleaning.counts`. What they find is the truth, to the last second at liberty,
        but for arrests that were recorded after the extract was drawn, which no rule can bring back.
        """
        return counts(
            self.people,
            self.arrests,
            self.custody,
            self.scores,
            windows=self.world.windows,
            index_date=self.spec.launch,
        )

    def files(self, form: str = "csv") -> dict[str, bytes]:
        """Return the tables as files by name, marked as synthetic in name and content.

        Cells are as a force would hand them over: a code such as -99 stands as it is.

        Parameters
        ----------
        form : {"csv", "parquet"}
            Of the files; only csv has dates in mixed forms.
        """
        check_choice(form, FORMS, "extract form")
        names = ("people", "arrests", "custody", "scores", "truth", "faults")
        tables: dict[str, pd.DataFrame] = {name: getattr(self, name) for name in names}
        return {f"SYNTHETIC_{name}.{form}": _packed(name, table, form, self.faults) for name, table in tables.items()}

    def write(
        self, out: Path | str, form: str = "csv", *, progress: Callable[[str], None] | None = None
    ) -> tuple[Path, ...]:
        """Write the files and a manifest into a folder, whole or not at all.

        Parameters
        ----------
        out : path
            The folder.
        form : {"csv", "parquet"}
            Of the files.
        progress : callable, optional
            Called with what an earlier run that was stopped had left, and what was done with it.

        Raises
        ------
        SpecError
            IOM-E090 when the folder is unsafe or holds files that this tool did not write.
        """
        output.check_target(Path(out), _WORK, progress)
        manifest = {
            "seed": self.seed,
            "extract_digest": digest(self.spec),
            "index_date": self.spec.launch.isoformat(),
            "people": len(self.people),
            "synthetic": True,
            "synthetic_note": wording.SIMULATED,
            "versions": output.versions(*MAKERS),
        }
        return output.write(Path(out), self.files(form), manifest, _WORK)

    def __repr__(self) -> str:
        return f"ExtractTables({len(self.people)} people, {len(self.arrests)} arrests, synthetic)"


def _packed(name: str, table: "pd.DataFrame", form: str, faults: "pd.DataFrame") -> bytes:
    """Return one table as a file; faults say where dates stand in the other form."""
    import duckdb  # noqa: PLC0415 slow to load

    days = DATES.get(name, ())
    if form == "csv":
        mixed = faults[(faults["table"] == name) & (faults["sort"] == MIXED)]
        rows = {c: mixed["row"][mixed["column"] == c].to_numpy(dtype=np.int64) for c in days}
        table = table.assign(**{c: _other_form(table[c].to_numpy(), at) for c, at in rows.items() if at.size})
        days = tuple(c for c in days if not rows[c].size)
    plain = ", ".join(f"CAST({c} AS DATE) AS {c}" for c in days)
    query = f"SELECT * {f'REPLACE ({plain})' if days else ''} FROM made"  # noqa: S608 column names are our own
    how = "FORMAT csv, HEADER" if form == "csv" else "FORMAT parquet, KV_METADATA {synthetic: 'true'}"
    with tempfile.TemporaryDirectory() as place, duckdb.connect(config={"threads": 1}) as db:
        path = Path(place) / "table"
        db.register("made", table)
        db.execute(f"COPY ({query}) TO '{str(path).replace(chr(39), chr(39) * 2)}' ({how})")
        return path.read_bytes()


def _other_form(days: NDArray[Any], rows: NDArray[np.int64]) -> NDArray[Any]:
    """Return days as yyyy-mm-dd, some of them as dd/mm/yyyy."""
    iso: NDArray[Any] = np.datetime_as_string(days.astype("datetime64[D]")).astype("U10")
    letters = iso[rows].view("U1").reshape(-1, 10)[:, [8, 9, 4, 5, 6, 4, 0, 1, 2, 3]]
    letters[:, [2, 5]] = "/"
    iso[rows] = np.ascontiguousarray(letters).view("U10").ravel()
    text = iso.astype(object)
    text[np.isnat(days)] = None
    return text

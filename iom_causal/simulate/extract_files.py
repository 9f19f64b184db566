"""Tables of a synthetic extract as csv and parquet, written by duckdb."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.simulate.records import DATES, MIXED

if TYPE_CHECKING:
    import pandas as pd


def packed(name: str, table: "pd.DataFrame", form: str, faults: "pd.DataFrame") -> bytes:
    """Return one table as a file.

    Parameters
    ----------
    name : str
        Of the table.
    table : DataFrame
        What goes into it.
    form : {"csv", "parquet"}
        Of the file; parquet says in its metadata that it is synthetic.
    faults : DataFrame
        Where dates stand in the other form.
    """
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

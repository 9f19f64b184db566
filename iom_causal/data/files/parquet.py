"""Reader of Parquet files, which are checked before they are unpacked."""

from pathlib import Path
from typing import Any

import numpy as np

from iom_causal.data.files.cell_types import plain
from iom_causal.data.files.columnar import sheet_of
from iom_causal.data.files.heads import headed
from iom_causal.data.files.reading import Reading
from iom_causal.data.files.sheet import CellArray, Limits, Sheet
from iom_causal.errors import InputError

NESTED = ("[]", "STRUCT", "MAP", "UNION", "BLOB")
"""Types that hold no single cell."""
KEPT = ("BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "FLOAT", "DOUBLE", "VARCHAR", "DATE", "TIMESTAMP")
"""How the names of types begin, the U of unsigned ones aside, whose cells are read as they are."""


def read_parquet(path: Path, how: Reading, limits: Limits) -> Sheet:
    """Read a Parquet file; cells of types that are no number, text or day, such as UUIDs, become text.

    Raises
    ------
    InputError
        IOM-E011 to E014, by what is the matter.
    """
    import duckdb  # noqa: PLC0415 slow to load

    _check_start(path)
    with duckdb.connect(config={"autoinstall_known_extensions": "false"}) as db:
        try:
            (rows,) = db.execute("SELECT num_rows FROM parquet_file_metadata(?)", [str(path)]).fetchall()[0]
            types = db.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(path)]).fetchall()
            limits.check_shape(rows, len(types))
            nested = sorted(name for name, kind, *_ in types if any(mark in kind for mark in NESTED))
            if nested:
                raise InputError("IOM-E013", f"columns that hold lists or tables: {', '.join(nested)}; leave them out")
            (size,) = db.execute(
                "SELECT sum(total_uncompressed_size) FROM parquet_metadata(?)", [str(path)]
            ).fetchall()[0]
            limits.check_size(path.stat().st_size, int(size or 0))
            cells = ", ".join(_selected(name, kind) for name, kind, *_ in types)
            columns: dict[str, Any] = db.execute(f"SELECT {cells} FROM read_parquet(?)", [str(path)]).fetchnumpy()  # noqa: S608 quoted names
        except duckdb.Error:
            raise InputError("IOM-E014", "the Parquet file is damaged or not complete; save it again") from None
    headed(list(columns), limits)
    return sheet_of({name: _unmasked(cells) for name, cells in columns.items()}, how)


def _check_start(path: Path) -> None:
    with path.open("rb") as file:
        if file.read(4) != b"PAR1":
            raise InputError("IOM-E014", "the Parquet file is damaged or not complete; save it again")


def _selected(name: str, kind: str) -> str:
    """Return a column as SQL: as it is, decimals and large numbers as floats, and all else as text."""
    column = '"' + name.replace('"', '""') + '"'
    if kind.removeprefix("U").startswith(KEPT):
        return column
    form = "DOUBLE" if kind.startswith(("DECIMAL", "HUGEINT", "UHUGEINT")) else "VARCHAR"
    return f"CAST({column} AS {form}) AS {column}"


def _unmasked(cells: CellArray) -> CellArray:
    if cells.dtype.kind in "iufb" and not np.ma.is_masked(cells):
        return np.asarray(cells)
    mask = np.ma.getmaskarray(cells)
    held = np.asarray(cells).astype("datetime64[us]").astype(object) if cells.dtype.kind == "M" else np.asarray(cells)
    out = np.empty(len(held), dtype=object)
    out[:] = [
        None if absent else plain(cell.item() if isinstance(cell, np.generic) else cell)
        for cell, absent in zip(held, mask, strict=True)
    ]
    return out

"""Files to tables: csv, xlsx, sav, dta and parquet, and no others."""

from pathlib import Path

from iom_causal.data.files.binary import read_dta, read_parquet, read_sav, read_xlsx
from iom_causal.data.files.delimited import read_delimited
from iom_causal.data.files.sheet import Limits, Sheet
from iom_causal.errors import InputError, SpecError, echo

DELIMITED = (".csv", ".tsv", ".txt")
FORMATS = (*DELIMITED, ".csv.gz", ".xlsx", ".sav", ".dta", ".parquet")
STARTS = {
    b"PK\x03\x04": (".xlsx",),
    b"PAR1": (".parquet",),
    b"\x1f\x8b": (".csv.gz",),
    b"$FL2": (".sav",),
    b"<stata_d": (".dta",),
    b"\xd0\xcf\x11\xe0": (),
    b"\x80\x04\x95": (),
    b"\x80\x05\x95": (),
    b"\x93NUMPY": (),
}
"""How files of a format start, and under which names they are read."""

INSTEAD = {
    ".xls": "save it as .xlsx",
    ".xlsm": "save it as .xlsx, without macros",
    ".xlsb": "save it as .xlsx",
    ".ods": "save it as .xlsx or .csv",
    ".rds": "in R, write it with write.csv(x, row.names = FALSE) or haven::write_sav",
    ".rdata": "in R, write it with write.csv(x, row.names = FALSE) or haven::write_sav",
}


def read_sheet(
    path: Path | str,
    *,
    sheet: str = "",
    encoding: str = "utf-8",
    separator: str = "",
    skip_rows: int = 0,
    limits: Limits | None = None,
) -> Sheet:
    """Read a table from a file, its format told by the name and checked against its first bytes.

    Parameters
    ----------
    path : path
        The file: .csv, .tsv or .txt (also .csv.gz), .xlsx, .sav, .dta or .parquet.
    sheet : str
        Of a workbook with several.
    encoding : str
        Of a table in text.
    separator : str
        Of a table in text; by default a comma, and a tab for .tsv.
    skip_rows : int
        Rows above the header, in text and workbooks.
    limits : Limits, optional
        What it may hold.

    Returns
    -------
    Sheet
        Its cells, not yet numbers or dates.

    Raises
    ------
    SpecError
        IOM-E096 when there is no such file or a needed setting is absent.
    InputError
        IOM-E001 to E015; no message holds a cell.
    """
    path, limits = Path(path), limits or Limits()
    ending = _ending(path)
    if not path.is_file():
        raise SpecError(
            "IOM-E096", f"found no file called {echo(path.name)}; look at where it lies, and how it is spelt"
        )
    _check_start(path, ending)
    if ending == ".xlsx":
        return read_xlsx(path, sheet=sheet, skip_rows=skip_rows, limits=limits)
    if ending in (".sav", ".dta", ".parquet"):
        return {".sav": read_sav, ".dta": read_dta, ".parquet": read_parquet}[ending](path, limits=limits)
    separator = separator or ("\t" if ending == ".tsv" else ",")
    return read_delimited(path, encoding=encoding, separator=separator, skip_rows=skip_rows, limits=limits)


def _ending(path: Path) -> str:
    name = path.name.lower()
    ending = ".csv.gz" if name.endswith(".csv.gz") else path.suffix.lower()
    if ending not in FORMATS:
        instead = INSTEAD.get(ending, "export it as .csv")
        raise InputError(
            "IOM-E015", f"{ending or 'files without an ending'}: not read; {instead}. Read are {_listed()}"
        )
    return ending


def _check_start(path: Path, ending: str) -> None:
    with path.open("rb") as file:
        start = file.read(8)
    for mark, endings in STARTS.items():
        if start.startswith(mark) and ending not in endings:
            really = f"is a {endings[0]} file; give it that ending" if endings else "is of another format; export it"
            raise InputError("IOM-E015", f"the file is called {ending} but {really}")
    if ending == ".parquet" and not start.startswith(b"PAR1"):
        raise InputError("IOM-E014", "the Parquet file is damaged or not complete; save it again")


def _listed() -> str:
    return ", ".join(FORMATS[:-1]) + f" and {FORMATS[-1]}"

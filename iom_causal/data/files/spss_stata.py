"""Readers of the files of SPSS and Stata: codes with their labels, and what is declared as missing."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from iom_causal.data.files.cell_types import plain
from iom_causal.data.files.columnar import sheet_of
from iom_causal.data.files.heads import headed
from iom_causal.data.files.reading import Reading
from iom_causal.data.files.sheet import CellArray, Limits, Sheet
from iom_causal.errors import InputError


def read_sav(path: Path, how: Reading, limits: Limits) -> Sheet:
    """Read an SPSS file; numbers that it declares as missing stay apart, such text is no cell, labels stay codes."""
    import pyreadstat  # noqa: PLC0415 slow to load

    return _statistics(pyreadstat.read_sav, path, how, limits, user_missing=True)


def read_dta(path: Path, how: Reading, limits: Limits) -> Sheet:
    """Read a Stata file; labels stay beside their codes, and `.` and `.a` to `.z` are cells without a value."""
    import pyreadstat  # noqa: PLC0415 slow to load

    return _statistics(pyreadstat.read_dta, path, how, limits)


def _statistics(read: Any, path: Path, how: Reading, limits: Limits, **settings: Any) -> Sheet:
    import pyreadstat  # noqa: PLC0415 slow to load

    _check_survives(read.__name__, path)
    try:
        _, meta = read(str(path), metadataonly=True)
        limits.check_shape(meta.number_rows or 0, meta.number_columns)
        limits.check_size(1, 8 * (meta.number_rows or 0) * meta.number_columns // limits.ratio)
        columns, meta = read(str(path), output_format="dict", **settings)
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, UnicodeDecodeError):
        raise InputError("IOM-E014", "the file is damaged or not complete; save it again") from None
    except OverflowError:
        raise InputError("IOM-E053", "a date lies outside the years 1 to 9999; correct it in the file") from None
    headed(list(columns), limits)
    declared = meta.missing_ranges or {}
    words = {name: {span["lo"] for span in spans if isinstance(span["lo"], str)} for name, spans in declared.items()}
    spans = {
        name: tuple((span["lo"], span["hi"]) for span in spans if not isinstance(span["lo"], str))
        for name, spans in declared.items()
    }
    return sheet_of(
        {name: _cells(cells, words.get(name, set())) for name, cells in columns.items()},
        how,
        labels=_labels(meta.variable_value_labels, columns),
        missing=spans,
    )


def _cells(held: Any, missing: set[str]) -> CellArray:
    cells = np.empty(len(held), dtype=object)
    cells[:] = [None if isinstance(cell, str) and cell.strip() in missing else plain(cell) for cell in held]
    return cells


def _labels(given: Mapping[str, Mapping[Any, str]], columns: Mapping[str, Any]) -> dict[str, dict[Any, str]]:
    """Return value labels by code, without those of Stata's missing codes, which are letters among numbers."""
    text = {name for name, cells in columns.items() if any(isinstance(cell, str) for cell in cells)}
    return {
        name: {code: word for code, word in words.items() if name in text or not isinstance(code, str)}
        for name, words in given.items()
    }


def _check_survives(reader: str, path: Path) -> None:
    """Trial read in a process of its own: on some damaged files the reader crashes its process."""
    code = f"import sys, pyreadstat; pyreadstat.{reader}(sys.argv[1], output_format='dict')"
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, check=False)  # noqa: S603 our own code
    if done.returncode not in (0, 1):
        raise InputError("IOM-E014", "the file is damaged or not complete; save it again")

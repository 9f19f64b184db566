"""Damaged files: 14 tables in 6 formats, each changed in 60 ways, and what reading one comes to.

``python -m tests.data.mutants HOW EVERY FORMAT ...`` reads every so manieth of the files, and prints a line for each
that ends in anything but people or a typed refusal. HOW is ``apart``, each in a process of its own that may take 5
seconds of CPU and 1 GiB, or ``together``, all in one, but for formats whose reader may end its process.
"""

import csv
import datetime as dt
import io
import os
import random
import re
import shutil
import sys
import tempfile
import traceback
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pandas as pd
import pyreadstat

from iom_causal.analysis.study_people import read_people
from iom_causal.data.files import spss_stata
from iom_causal.data.guesses.guess import guess
from iom_causal.errors import IomCausalError
from iom_causal.protocol.draft.start import written
from iom_causal.protocol.study import load_study

Table = dict[str, list[Any]]

PEOPLE = 15
WAYS = 60
"""Mutations of each file."""
READ, REFUSED, UNTYPED, DIED = range(4)
"""Ways in which reading a file ends: people, a refusal, something untyped, and the end of the process."""
CPU, MEMORY = 5, 2**30
"""Seconds and bytes that a process may take."""
STRANGE = (b",", b'"', b"\n", b"\0", b"9" * 20, b";", b"\xff")
CELLS = (
    *("", " ", "NA", "-", "-9", "1,5", "1.000,5", "1e999", "nan", "inf", "9" * 30, "٣", "=1+1", '"', "x" * 5_000),
    *("2016-13-01", "31/02/2016", "10000-01-01", "P000", "Total", "Q5 2016", "TRUE", "\u200b", "e\u0301", "\U0001f642"),
    *(-1, 0, 2.5, 2.0**63, 1e308, -1e308, 5e-324, True, dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31)),  # noqa: DTZ001
)
"""What people and programs put into cells."""


def ids(n: int = PEOPLE) -> list[str]:
    """Return ids of invented people."""
    return [f"u{k:03d}" for k in range(n)]


def counts(most: int, step: int = 3, n: int = PEOPLE) -> list[int]:
    """Return counts that differ."""
    return [(step * k * k + k) % most for k in range(n)]


def several(labels: tuple[Any, ...], name: str = "period") -> Table:
    """Return a table with a row a person and window."""
    urns = [urn for urn in ids() for _ in labels]
    return {"id": urns, name: list(labels) * PEOPLE, "arrests": counts(5, n=len(urns))}


def wide(**more: list[Any]) -> Table:
    """Return a table with a row a person."""
    return {"urn": ids(), "arrests before": counts(6), "arrests after": counts(4, 5), **more}


BORN = [f"{1 + k:02d}/{1 + k % 12:02d}/19{60 + k}" for k in range(PEOPLE)]
TABLES: dict[str, Table] = {
    "plain": wide(),
    "born": wide(dob=BORN),
    "days": wide(joined=[dt.datetime(2016, 1, 1) + dt.timedelta(days=k) for k in range(PEOPLE)]),  # noqa: DTZ001
    "custody": wide(**{"custody days before": counts(90), "custody days after": counts(60)}),
    "groups": wide(group=["IOM", "Comparison", "IOM"] * 5, sex=["f", "m", "m"] * 5),
    "scores": {"id": ids(), "score pre": [50.5 + k for k in range(15)], "score post": [-9.0, *map(float, range(14))]},
    "shares": {"person": ids(), "in work t0": counts(2), "in work follow-up": counts(2, 5)},
    "several": wide(**{"harm before": counts(900), "harm after": counts(700), "age": [20 + k for k in range(PEOPLE)]}),
    "waves": several(("wave 1", "wave 2")),
    "years": several((2014, 2015, 2016), "year"),
    "quarters": several(("Q3 2015", "Q4 2015", "Q1 2016", "Q2 2016"), "quarter"),
    "months": several(tuple(f"2015-{k:02d}" for k in range(1, 9)), "month"),
    "starts": wide(entered=["2016-05-01"] * 8 + [""] * 7),
    "numbered": {"n": list(range(PEOPLE)), "before": counts(9), "after": counts(7)},
}  # fmt: skip
FORMATS = ("csv", "xlsx", "sav", "dta", "parquet", "toml")


class Mutant(NamedTuple):
    """A damaged file: its table, its format, and the number of its mutation."""

    table: str
    form: str
    way: int


def mutants() -> list[Mutant]:
    """Return all of them, mutation by mutation, so that any stretch holds every table and format."""
    return [Mutant(table, form, way) for way in range(WAYS) for form in FORMATS for table in TABLES]


def put(table: Table, form: str, file: Path) -> None:
    """Write a table in a format."""
    if form == "csv":
        out = io.StringIO()
        csv.writer(out).writerows([list(table), *zip(*table.values(), strict=True)])
        file.write_text(out.getvalue(), encoding="utf-8")
    elif form == "xlsx":
        book = openpyxl.Workbook()
        for row in [list(table), *zip(*table.values(), strict=True)]:
            book.active.append(row)
        book.save(file)
    elif form == "parquet":
        pd.DataFrame(table).to_parquet(file)
    else:
        plain = {re.sub(r"\W", "_", f"v{k}_{name}"): cells for k, (name, cells) in enumerate(table.items())}
        getattr(pyreadstat, f"write_{form}")(pd.DataFrame(plain), str(file))


def of_one_type(cells: list[Any]) -> list[Any]:
    """Return cells of a column as a typed format can hold them."""
    kinds = {type(cell) for cell in cells}
    return cells if len(kinds) == 1 or kinds <= {int, float} else [str(cell) for cell in cells]


def with_strange_cells(table: Table, draw: random.Random, *, typed: bool) -> Table:
    """Return a table with some cells, or the name of a column, put in the place of others."""
    out = {name: list(cells) for name, cells in table.items()}
    for _ in range(draw.choice([1, 2, 6])):
        name = draw.choice(list(out))
        if draw.random() < 0.15:
            out = {(str(draw.choice(CELLS))[:60] if key == name else key): cells for key, cells in out.items()}
        else:
            out[name][draw.randrange(len(out[name]))] = draw.choice(CELLS)
    return {name: of_one_type(cells) for name, cells in out.items()} if typed else out


def with_other_bytes(data: bytes, draw: random.Random) -> bytes:
    """Return bytes of which some are changed, left out or put in."""
    out = bytearray(data)
    for _ in range(draw.choice([1, 3, 10])):
        at, how = draw.randrange(max(len(out), 1)), draw.random()
        if how < 0.5 and out:
            out[at] = draw.randrange(256)
        elif how < 0.75:
            del out[at : at + draw.choice([1, 5, 200])]
        else:
            out[at:at] = draw.choice(STRANGE)
    return bytes(out)


def with_other_insides(data: bytes, draw: random.Random) -> bytes:
    """Return a workbook of which one part is damaged and packed again, so that its check sums fit."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        part = draw.choice(old.namelist())
        for name in old.namelist():
            inside = old.read(name)
            new.writestr(name, with_other_bytes(inside, draw) if name == part else inside)
    return out.getvalue()


class Seeds:
    """Undamaged files in a folder, each with its study; made when they are asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def of(self, table: str, form: str) -> tuple[Path, Path]:
        """Return the file of a table and the study that was drafted from it."""
        form = "csv" if form == "toml" else form
        folder = self.folder / f"{table}-{form}"
        file = folder / f"people.{form}"
        if not folder.exists():
            folder.mkdir()
            put(TABLES[table], form, file)
            text = written(guess(file), file.name)
            (folder / "study.toml").write_text(text, encoding="utf-8")
            shutil.copy(file, folder / "undamaged")
        return file, folder / "study.toml"

    def reading(self, mutant: Mutant) -> Callable[[], None]:
        """Return the reading of a damaged file, which is written before."""
        file, path = self.of(mutant.table, mutant.form)
        shutil.copy(file.with_name("undamaged"), file)
        draw = random.Random(f"{mutant.table}/{mutant.form}/{mutant.way}")  # noqa: S311 no secret
        if mutant.form == "toml":
            study = file.with_name("damaged.toml")
            study.write_bytes(with_other_bytes(path.read_bytes(), draw))
            return lambda: read_people(study) and None
        if mutant.way % 2:
            try:
                put(
                    with_strange_cells(TABLES[mutant.table], draw, typed=mutant.form not in ("csv", "xlsx")),
                    mutant.form,
                    file,
                )
            except Exception:  # noqa: BLE001 what no writer writes nobody reads
                shutil.copy(file.with_name("undamaged"), file)
        else:
            damage = with_other_insides if mutant.form == "xlsx" and mutant.way % 4 else with_other_bytes
            file.write_bytes(damage(file.read_bytes(), draw))

        def read() -> None:
            """Draft a study of the file, and read it by the study of the undamaged one."""
            refused = None
            for step in (lambda: written(guess(file), file.name), lambda: read_people(load_study(path))):
                try:
                    step()
                except IomCausalError as error:
                    refused = error
            if refused is not None:
                raise refused

        return read


def outcome(read: Callable[[], None]) -> tuple[int, str]:
    """Return what reading a file comes to, and the traceback of what is not typed."""
    try:
        read()
    except IomCausalError as error:
        typed = error.__suppress_context__ or error.__context__ is None
        return (REFUSED, "") if typed else (UNTYPED, "a refusal with a context")
    except MemoryError:
        return DIED, "out of memory"
    except Exception:  # noqa: BLE001 it is what is looked for
        return UNTYPED, traceback.format_exc()
    return READ, ""


def forked(read: Callable[[], None], told: Path) -> tuple[int, int]:
    """Read a file in a process of its own, within limits; return what came of it and the most memory in KiB."""
    import resource  # not every system has it

    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (CPU, CPU))
        status, why = outcome(read)
        told.write_text(why, encoding="utf-8")
        os._exit(status)
    _, status, used = os.wait4(child, 0)
    if os.WIFSIGNALED(status):
        told.write_text(f"ended by signal {os.WTERMSIG(status)}", encoding="utf-8")
        return DIED, used.ru_maxrss
    return os.WEXITSTATUS(status), used.ru_maxrss


def apart(read: Callable[[], None], told: Path, fragile: Callable[..., None]) -> tuple[int, int]:
    """Read a file as `forked` does, without its reader's own trial; what dies is tried with it again."""
    spss_stata._check_survives = lambda *_: None
    ended = forked(read, told)
    spss_stata._check_survives = fragile
    return forked(read, told) if ended[0] == DIED else ended


def untyped(how: str, every: int, *forms: str) -> Iterator[str]:
    """Yield a line for each of the files that ends in anything but people or a typed refusal within the limits."""
    fragile = spss_stata._check_survives
    with tempfile.TemporaryDirectory() as folder:
        seeds, told = Seeds(Path(folder)), Path(folder, "told")
        for mutant in (m for m in mutants()[::every] if m.form in (forms or FORMATS)):
            read = seeds.reading(mutant)
            if how == "apart" or mutant.form in ("sav", "dta"):
                status, most = apart(read, told, fragile)
            else:
                (status, why), most = outcome(read), 0
                told.write_text(why, encoding="utf-8")
            if status > REFUSED or most * 1024 > MEMORY:
                yield f"{mutant}: {status}, {most} KiB\n{told.read_text(encoding='utf-8')}"


if __name__ == "__main__":
    for line in untyped(sys.argv[1], int(sys.argv[2]), *sys.argv[3:]):
        print(line)  # noqa: T201 what it is for

"""A folder of results: written whole or not at all, never over somebody else's files, and nowhere else."""

import errno
import hashlib
import json
import os
import platform
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from iom_causal.base.names import check_name, plain_name
from iom_causal.errors import SpecError, echo

MANIFEST, WRITER = "manifest.json", "writer.json"
MAKER = "iom-causal"
_LONGEST_FILE, _LARGEST_MANIFEST = 200, 2**24
_TRIED = 2**20
"""Bytes that are written to find out whether a folder can be."""


def gathered[T](*parts: Mapping[str, T]) -> dict[str, T]:
    """Put the files of several parts together, of which no two may have the same name.

    Raises
    ------
    SpecError
        IOM-E039 where two have.
    """
    files: dict[str, T] = {}
    seen = set()
    for name, data in (pair for part in parts for pair in part.items()):
        if (plain := plain_name(name)) in seen:
            raise SpecError(
                "IOM-E039", f"two files would be called {echo(name)}; rename an outcome or a set of evidence"
            )
        seen.add(plain)
        files[name] = data
    return files


def check_target(out: Path, work: str, tell: Callable[[str], None] | None = None) -> tuple[str, ...]:
    """Refuse a folder that is unsafe, cannot be written or holds another's files; clear what a stopped run left.

    Parameters
    ----------
    out : Path
        The folder.
    work : str
        What will be written: the command and the study, as the manifest names them.
    tell : callable, optional
        What says the notes to the user, each after "note: ".

    Returns
    -------
    tuple of str
        What was found of earlier runs that were stopped, and what was done with it.

    Raises
    ------
    SpecError
        IOM-E090, saying what is there.
    """
    with answered(out):
        check_safe(out)
        left = _left(out, work)
        back = _put_back(out, left)
        _check_holds(out, work)
        for hidden in left:
            _remove(hidden)
        _try_writing(out, work)
    notes = (
        *([f"an earlier run was stopped while it replaced {out.name}; what was there before is back"] if back else []),
        *(["what stopped runs of the same work had left beside it in hidden folders is cleared"] if left else []),
    )
    if tell is not None:
        for note in notes:
            tell(f"note: {note}")
    return notes


def write(out: Path, contents: Mapping[str, str | bytes], manifest: Mapping[str, Any], work: str) -> tuple[Path, ...]:
    """Write all files and a manifest of their digests, replacing an earlier folder in one step.

    Parameters
    ----------
    out : Path
        The folder.
    contents : mapping of str to str or bytes
        Relative names with forward slashes, and what goes in them.
    manifest : mapping
        What made them; the digests are added.
    work : str
        As in `check_target`.

    Returns
    -------
    tuple of Path
        The files, the manifest last.

    Raises
    ------
    SpecError
        IOM-E090 as `check_target`, for a file's name that leads out of the folder, and where another run wrote the
        folder meanwhile or the disk refuses; IOM-E039 for two files of one name, capitals aside, or a second manifest.
    """
    gathered(contents, {MANIFEST: ""})
    for part in (part for name in contents for part in name.split("/")):
        check_name(part, "file", _LONGEST_FILE)
    encoded = {name: text.encode() if isinstance(text, str) else text for name, text in contents.items()}
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in sorted(encoded.items())}
    record = {"made_by": MAKER, "work": work, **manifest, "files": digests}
    encoded[MANIFEST] = (json.dumps(record, indent=2, ensure_ascii=False) + "\n").encode()
    with answered(out):
        check_safe(out)
        _check_holds(out, work)
        out.parent.mkdir(parents=True, exist_ok=True)
        with _hidden(out, work, out.parent) as hidden:
            _fill(hidden / "new", encoded)
            _swap(hidden, out)
    return tuple(out / name for name in encoded)


def versions(*packages: str) -> dict[str, str]:
    """Return the versions of packages and of Python, for a manifest."""
    return {name: version(name) for name in packages} | {"python": platform.python_version()}


def check_folder(out: Path) -> None:
    """Refuse a folder that has, or lies in a folder to be made that has, no name on every system.

    Raises
    ------
    SpecError
        IOM-E090.

    Examples
    --------
    >>> check_folder(Path("reports/one"))
    """
    check_name(out.name, "output folder", _LONGEST_FILE)
    with answered(out):
        made = [p.name for p in out.parents if p.name and not p.exists()]
    for name in made:
        check_name(name, "output folder", _LONGEST_FILE)


def check_safe(out: Path) -> None:
    """Refuse what is no folder of its own that can be made, or is a link.

    Raises
    ------
    SpecError
        IOM-E090, saying why.

    Examples
    --------
    >>> check_safe(Path("reports/one"))
    """
    if "\0" in str(out):
        raise SpecError("IOM-E090", "output folder: expected a name without NUL")
    if out.name in ("", ".."):
        raise SpecError(
            "IOM-E090",
            f"output folder {echo(str(out))}: expected a folder of its own, for it is replaced as a whole; name one, "
            f"such as {echo(str(out / 'report'))}",
        )
    check_folder(out)
    if any(p.exists() and not p.is_dir() for p in out.parents):
        raise SpecError("IOM-E090", f"output folder {echo(out.name)} would lie in a file; name another folder")
    if out.is_symlink():
        raise SpecError("IOM-E090", f"output folder {echo(out.name)} is a link; name the folder itself")
    if out.exists() and not out.is_dir():
        raise SpecError("IOM-E090", f"output {echo(out.name)} is a file; name a folder")


@contextmanager
def answered(out: Path, way_out: str = "name another folder") -> Iterator[None]:
    """Turn what the system answers to writing into the error that users meet.

    Parameters
    ----------
    out : Path
        The folder.
    way_out : str
        What to do.

    Raises
    ------
    SpecError
        IOM-E090, with what to do.
    """
    try:
        yield
    except OSError as error:
        meanwhile = f"another run wrote it at the same time; run again, or {way_out}"
        full = {errno.ENOSPC: f"the disk is full; make room, or {way_out}"}
        why = full | dict.fromkeys((errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT), meanwhile)
        refused = f"{(error.strerror or 'the system refuses').lower()}; {way_out}"
        reason = why.get(error.errno or 0, refused)
        raise SpecError("IOM-E090", f"output folder {echo(out.name)} cannot be written: {reason}") from None


@contextmanager
def _hidden(out: Path, work: str, there: Path) -> Iterator[Path]:
    """Make a hidden folder that says whose it is, and take it away again."""
    process = os.getpid()
    hidden = Path(tempfile.mkdtemp(prefix=f".{out.name}-{process}-", dir=there))
    try:
        writer = {"made_by": MAKER, "work": work, "host": platform.node(), "process": process}
        (hidden / WRITER).write_text(json.dumps(writer), encoding="utf-8")
        yield hidden
    finally:
        if not (hidden / "old").exists():
            _remove(hidden)


def _remove(hidden: Path) -> None:
    """Take a hidden folder away, last of all what says whose it is."""
    for part in ("new", "gone", "old", ""):
        shutil.rmtree(hidden / part, ignore_errors=True)


def _fill(folder: Path, encoded: Mapping[str, bytes]) -> None:
    folder.mkdir()
    inside = folder.resolve()
    for name, data in encoded.items():
        path = folder / name
        if not path.resolve().is_relative_to(inside):
            raise SpecError("IOM-E090", f"file {echo(name)} would lie outside the output folder; rename it")
        path.parent.mkdir(parents=True, exist_ok=True)
        _put(path, data)
    folder.chmod(0o755)


def _put(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _swap(hidden: Path, out: Path) -> None:
    """Put the new folder in the place of the earlier one; the earlier one goes back or stays hidden if not."""
    new, old = hidden / "new", hidden / "old"
    if not out.exists():
        new.rename(out)
        return
    out.rename(old)
    try:
        new.rename(out)
    except OSError:
        if not out.exists():
            old.rename(out)
        raise
    old.rename(hidden / "gone")  # nobody puts half of it back


def _try_writing(out: Path, work: str) -> None:
    """Write and take away a file where the folder will lie, or where its first parent that exists does."""
    there = next(p for p in out.absolute().parents if p.exists())
    try:
        with _hidden(out, work, there) as hidden:
            _put(hidden / "tried", bytes(_TRIED))
    except FileNotFoundError:  # as /proc answers, in which nothing is made
        raise SpecError(
            "IOM-E090",
            f"output folder {echo(out.name)} cannot be written: nothing can be made there; name another folder",
        ) from None


def _left(out: Path, work: str) -> list[Path]:
    """Return the hidden folders that processes which are no more made for the same work."""
    if not out.parent.is_dir():
        return []
    start = f".{out.name}-"
    return sorted(
        p for p in out.parent.iterdir() if p.name.startswith(start) and _is_left(p, p.name[len(start) :], work)
    )


def _is_left(hidden: Path, rest: str, work: str) -> bool:
    if hidden.is_symlink() or not hidden.is_dir():
        return False
    writer, process = read_record(hidden / WRITER), rest.split("-", maxsplit=1)[0]
    if not writer and {p.name for p in hidden.iterdir()} <= {WRITER}:  # stopped before it could say whose it is
        return process.isdecimal() and not _runs(int(process))
    ours = {"made_by": MAKER, "work": work, "host": platform.node()}.items() <= writer.items()
    return ours and not _runs(writer.get("process"))


def _put_back(out: Path, left: Iterable[Path]) -> bool:
    """Put an earlier folder back whose successor never came."""
    old = next((hidden / "old" for hidden in left if (hidden / "old").is_dir()), None)
    if old is None or out.exists():
        return False
    old.rename(out)
    return True


def _runs(process: Any) -> bool:
    if os.name == "nt" or type(process) is not int or process <= 0:  # there is no question without an effect there
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def read_record(path: Path) -> dict[str, Any]:
    """Read what a file of this tool says of itself; nothing where it is none."""
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > _LARGEST_MANIFEST:
            return {}
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}


def _check_holds(out: Path, work: str) -> None:
    """Refuse a folder that holds another's files, files changed since, or other work of this tool."""
    if not out.is_dir() or not any(out.iterdir()):
        return
    other = "name another folder, or move this one away"
    record = read_record(out / MANIFEST)
    digests = record.get("files")
    digests = digests if isinstance(digests, dict) else {}
    ours = {MANIFEST, *digests}
    folders = {parent.as_posix() for name in ours for parent in Path(name).parents}
    present = {p.relative_to(out).as_posix(): p for p in out.rglob("*")}
    strange = [n for n, p in present.items() if p.is_symlink() or n not in (folders if p.is_dir() else ours)]
    if record.get("made_by") != MAKER or strange or any(not (p.is_dir() or p.is_file()) for p in present.values()):
        raise SpecError("IOM-E090", f"folder {echo(out.name)} holds files that this tool did not write; {other}")
    if (made := record.get("work")) != work:
        raise SpecError("IOM-E090", f"folder {echo(out.name)} holds other work ({echo(made)}); {other}")
    for name in (name for name, path in present.items() if path.is_file() and name != MANIFEST):
        if hashlib.sha256(present[name].read_bytes()).hexdigest() != digests[name]:
            raise SpecError(
                "IOM-E090", f"in folder {echo(out.name)} {echo(name)} was changed since it was written; {other}"
            )


def escape_cell(value: Any) -> Any:
    """Return text that a spreadsheet will not read as a formula; numbers stay numbers.

    Examples
    --------
    >>> escape_cell("=1+1"), escape_cell(-0.3), escape_cell("arrests")
    ("'=1+1", -0.3, 'arrests')
    """
    starts = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "\uff1d", "\uff0b", "\uff0d", "\uff20")
    return "'" + value if isinstance(value, str) and value.startswith(starts) else value


def csv_text(frame: Any) -> str:
    """Return a frame as CSV with spreadsheet formulas made inert and full precision kept."""
    safe = frame.rename(columns=escape_cell)
    for column in safe.columns:
        if safe[column].dtype.kind not in "biuf":
            safe[column] = safe[column].map(escape_cell)
    return str(safe.to_csv(index=False, lineterminator="\n"))

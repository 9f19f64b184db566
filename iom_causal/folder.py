"""A folder of results: written whole or not at all, and never over somebody else's files."""

import hashlib
import json
import os
import platform
import shutil
import tempfile
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from iom_causal.errors import SpecError

MANIFEST = "manifest.json"
MAKER = "iom-causal"
_RESERVED = {
    "CON",
    "PRN",
    "AUX",
    "NUL",
    *(f"COM{i}" for i in range(1, 10)),
    *(f"LPT{i}" for i in range(1, 10)),
}
_LONGEST_NAME = 200


def check_target(out: Path, work: str) -> None:
    """Refuse an output folder that is unsafe, is a file, or holds anything but an earlier run of the same work.

    Parameters
    ----------
    out : Path
        The folder.
    work : str
        What will be written: the command and the study, as the manifest names them.

    Raises
    ------
    SpecError
        IOM-E090, saying what is there.
    """
    name = out.name
    unsafe = not name or "\0" in str(out) or len(name.encode()) > _LONGEST_NAME
    if unsafe or name.split(".")[0].upper() in _RESERVED:
        raise SpecError("IOM-E090", "output folder: expected an ordinary name of at most 200 bytes")
    if out.is_symlink():
        raise SpecError("IOM-E090", f"output folder {name!r} is a link; name the folder itself")
    if out.exists() and not out.is_dir():
        raise SpecError("IOM-E090", f"output {name!r} is a file; name a folder")
    if out.is_dir() and any(out.iterdir()):
        _check_ours(out, work)


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
    """
    check_target(out, work)
    encoded = {name: text.encode() if isinstance(text, str) else text for name, text in contents.items()}
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in sorted(encoded.items())}
    record = {"made_by": MAKER, "work": work, **manifest, "files": digests}
    encoded[MANIFEST] = (json.dumps(record, indent=2, ensure_ascii=False) + "\n").encode()
    out.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        _fill(fresh, encoded)
        _swap(fresh, out)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return tuple(out / name for name in encoded)


def versions(*packages: str) -> dict[str, str]:
    """Return the versions of packages and of Python, for a manifest."""
    return {name: version(name) for name in packages} | {"python": platform.python_version()}


def _fill(folder: Path, encoded: Mapping[str, bytes]) -> None:
    for name, data in encoded.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    folder.chmod(0o755)


def _swap(fresh: Path, out: Path) -> None:
    if not out.exists():
        fresh.rename(out)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{out.name}-old-", dir=out.parent)) / out.name
    out.rename(old)
    try:
        fresh.rename(out)
    except OSError:
        old.rename(out)
        raise
    finally:
        shutil.rmtree(old.parent, ignore_errors=True)


def _check_ours(out: Path, work: str) -> None:
    """Refuse a folder that holds another's files, files changed since, or other work of this tool."""
    other = "name another folder, or move this one away"
    try:
        record = json.loads((out / MANIFEST).read_text(encoding="utf-8"))
        digests, made_by, made = dict(record["files"]), record["made_by"], record["work"]
    except (OSError, ValueError, KeyError, TypeError):
        digests, made_by, made = {}, None, None
    present = {p.relative_to(out).as_posix(): p for p in out.rglob("*") if not p.is_dir()}
    if made_by != MAKER or not present.keys() <= {MANIFEST, *digests}:
        raise SpecError("IOM-E090", f"folder {out.name!r} holds files that this tool did not write; {other}")
    if made != work:
        raise SpecError("IOM-E090", f"folder {out.name!r} holds other work ({made}); {other}")
    for name, path in present.items():
        if name != MANIFEST and hashlib.sha256(path.read_bytes()).hexdigest() != digests[name]:
            raise SpecError("IOM-E090", f"in folder {out.name!r} {name!r} was changed since it was written; {other}")


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

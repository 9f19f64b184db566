"""What a stored study was begun with: design, seed, cell, code and versions, compared key by key."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from iom_causal.base.output import MAKER, versions
from iom_causal.errors import echo

FORMAT = 1
WORK = "study of designs"
_PACKAGES = ("iom-causal", "numpy", "scipy", "numba")
_NAMED = 8
"""Keys that a message names."""
_ABSENT = object()


def manifest_of(design: Mapping[str, Any], *, seed: int, cell: int, digest: str = "") -> dict[str, Any]:
    """Return the manifest of a study as it comes back from its file.

    Parameters
    ----------
    design : mapping
        Its description, in what JSON holds.
    seed, cell : int
        The seed of its streams, and the replicates that are worked out together.
    digest : str
        Of what the description does not say.

    Examples
    --------
    >>> manifest_of({"people": 225}, seed=1, cell=500)["work"]
    'study of designs'
    """
    record = {
        "made_by": MAKER,
        "work": WORK,
        "format": FORMAT,
        "design": design,
        "digest": digest,
        "seed": seed,
        "cell": cell,
        "code": code_digest(),
        "versions": versions(*_PACKAGES),
    }
    read: dict[str, Any] = json.loads(canonical(record))
    return read


def canonical(record: Mapping[str, Any]) -> str:
    """Return a record as JSON in one way: keys in order, no spaces.

    Examples
    --------
    >>> canonical({"b": 1, "a": (2, 3)})
    '{"a":[2,3],"b":1}'
    """
    return json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@cache
def code_digest() -> str:
    """SHA-256 of the package's own code.

    Examples
    --------
    >>> len(code_digest())
    64
    """
    root = Path(__file__).parents[1]
    total = hashlib.sha256()
    for path in sorted(root.rglob("*.py"), key=lambda p: p.relative_to(root).as_posix()):
        total.update(f"{path.relative_to(root).as_posix()}\n".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def differences(there: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Name the keys in which two manifests differ, with both values, the first few of them.

    Examples
    --------
    >>> differences({"seed": 1, "design": {"people": 225}}, {"seed": 1, "design": {"people": 500, "rate": 2}})
    ['design.people (225 there, 500 now)', 'design.rate (nothing there, 2 now)']
    """
    found = list(_differing("", there, now))
    named = [f"{key} ({_shown(old)} there, {_shown(new)} now)" for key, old, new in found[:_NAMED]]
    return named + ([f"{len(found) - _NAMED} more"] if len(found) > _NAMED else [])


def _differing(key: str, old: Any, new: Any) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for name in sorted(old.keys() | new.keys()):
            at = f"{key}.{name}" if key else name
            yield from _differing(at, old.get(name, _ABSENT), new.get(name, _ABSENT))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for place, pair in enumerate(zip(old, new, strict=True), start=1):
            yield from _differing(f"{key}.{place}", *pair)
    elif old is _ABSENT or new is _ABSENT or canonical({"": old}) != canonical({"": new}):
        yield key, old, new


def _shown(value: Any) -> str:
    if value is _ABSENT:
        return "nothing"
    text = value[:12] + "..." if isinstance(value, str) and len(value) == 64 else value  # a digest
    return echo(text)

"""A study on disk: one folder with a manifest and blocks of replicates, which any kill leaves fit to be resumed."""

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from iom_causal.base.lock import HOLDER, LOCK, holder, locked
from iom_causal.base.output import MAKER, MANIFEST, answered, check_safe, read_record
from iom_causal.designs.blocks import WRITING, Blocks, bounds, publish
from iom_causal.designs.columns import REPLICATE, Columns, checked, joined
from iom_causal.designs.manifest import WORK, canonical, differences, manifest_of
from iom_causal.errors import InputError, SpecError, echo

BLOCKS, QUARANTINE, TIMES = "blocks", "quarantine", "timing.json"
_LATER = "resume later"


@dataclass(eq=False)
class Store:
    """The blocks of a study in a folder that this process holds, as `open_store` gives it.

    Parameters
    ----------
    folder : Path
        The study's.
    manifest : mapping
        What it was begun with.
    tell : callable, optional
        What says notes to the user.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from iom_causal.designs import open_store
    >>> with tempfile.TemporaryDirectory() as place:
    ...     with open_store(Path(place) / "study", design={"people": 225}, seed=1, cell=2) as store:
    ...         store.add({"replicate": np.arange(2), "seen": np.array([3.0, 4.0])})
    ...         store.cell, store.manifest["seed"]
    (2, 1)
    """

    folder: Path
    manifest: Mapping[str, Any]
    tell: Callable[[str], None] | None = None
    added: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._blocks = Blocks(self.folder / BLOCKS, hashlib.sha256(canonical(self.manifest).encode()).digest())

    @property
    def cell(self) -> int:
        """Replicates that are worked out together."""
        return int(self.manifest["cell"])

    def blocks(self, stop: int | None = None) -> Iterator[Columns]:
        """Yield the sound blocks that hold replicates below a number, none twice, in order; put others aside.

        Raises
        ------
        SpecError
            IOM-E090 where a damaged one cannot be put aside.
        """
        reached, damaged = 0, 0
        for name in self._blocks.names():
            first, end = bounds(name)
            if first < reached or (stop is not None and first >= stop):
                continue
            columns = self._blocks.read(name)
            if columns is None:
                damaged += 1
                with answered(self.folder, _LATER):
                    self._blocks.put_aside(name, self.folder / QUARANTINE)
                continue
            reached = end
            yield columns
        if damaged and self.tell is not None:
            many = "1 block of replicates was" if damaged == 1 else f"{damaged} blocks of replicates were"
            self.tell(f"note: {many} damaged; put in the folder {QUARANTINE}, and worked out again")

    def add(self, columns: Columns) -> None:
        """Keep a block of whole cells.

        Raises
        ------
        InputError
            IOM-E037 for parts of cells.
        SpecError
            IOM-E090 where the disk refuses: what was kept before stays, and the study can be resumed.
        """
        block = checked(columns)
        numbers = block[REPLICATE]
        ends = (int(numbers[0]), int(numbers[-1]) + 1) if numbers.size else (0, 0)
        if numbers.size != ends[1] - ends[0] or not numbers.size or any(n % self.cell for n in ends):
            raise InputError("IOM-E037", f"a block to keep: expected whole cells of {self.cell} replicates")
        with answered(self.folder, _LATER):
            self._blocks.add(block)
        self.added += numbers.size


@contextmanager
def open_store(
    folder: str | Path,
    *,
    design: Mapping[str, Any],
    seed: int,
    cell: int,
    digest: str = "",
    resume: bool = False,
    resuming: str = "give resume=True",
    tell: Callable[[str], None] | None = None,
) -> Iterator[Store]:
    """Begin a study in a folder, or open the one that has begun there, and hold it until the end.

    Parameters
    ----------
    folder : str or Path
        The study's own.
    design : mapping
        Its description, in what JSON holds, and all that its replicates depend on.
    seed, cell : int
        The seed of its streams, and the replicates that are worked out together.
    digest : str
        Of what the description does not say.
    resume : bool
        Whether a study that has begun goes on; more replicates than before may be asked for, or fewer.
    resuming : str
        How users ask for that, for the message.
    tell : callable, optional
        What says notes to the user, each after "note: ".

    Yields
    ------
    Store
        What `run_cells` takes.

    Raises
    ------
    SpecError
        IOM-E090 for a folder that cannot be written or holds something else; IOM-E130 where a study has begun and is
        not resumed; IOM-E131 where it was begun with something else, naming what; IOM-E132 where another process works
        on it; IOM-E134 where its manifest is gone.

    Examples
    --------
    >>> import tempfile, numpy as np
    >>> with tempfile.TemporaryDirectory() as place:
    ...     with open_store(Path(place) / "study", design={"people": 225}, seed=1, cell=2) as store:
    ...         store.add({"replicate": np.arange(2), "seen": np.array([3.0, 4.0])})
    ...     read_study(Path(place) / "study")[1]["seen"]
    array([3., 4.])
    """
    out, now = Path(folder), manifest_of(design, seed=seed, cell=cell, digest=digest)
    with answered(out):
        check_safe(out)
        _check_holds(out)
        (out / BLOCKS).mkdir(parents=True, exist_ok=True)
    with _held(out):
        with answered(out):
            _begin(out, now, None if resume else resuming)
        store = Store(out, now, tell)
        began, at = time.perf_counter(), datetime.now(UTC)
        try:
            yield store
        finally:
            _add_times(out, at, time.perf_counter() - began, store.added)


def read_study(folder: str | Path) -> tuple[dict[str, Any], Columns]:
    """Read the manifest of a study and the columns of all of its replicates, whatever made them; nothing is changed.

    Raises
    ------
    SpecError
        IOM-E095 for a folder that holds no study; IOM-E134 for one without replicates or with a damaged block.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from iom_causal.designs import open_store
    >>> with tempfile.TemporaryDirectory() as place:
    ...     with open_store(Path(place) / "study", design={"people": 225}, seed=1, cell=2) as store:
    ...         store.add({"replicate": np.arange(2), "seen": np.array([3.0, 4.0])})
    ...     manifest, columns = read_study(Path(place) / "study")
    >>> manifest["seed"], sorted(columns)
    (1, ['replicate', 'seen'])
    """
    out = Path(folder)
    manifest = read_record(out / MANIFEST)
    if not _is_study(manifest):
        raise SpecError("IOM-E095", f"folder {echo(out.name)}: expected a study of designs; name its folder")
    blocks = Store(out, manifest)._blocks  # noqa: SLF001 the class is this file's
    found = [blocks.read(name) for name in blocks.names()]
    sound = [block for block in found if block is not None]
    if not sound or len(sound) < len(found):
        raise SpecError("IOM-E134", f"the study in folder {echo(out.name)} is damaged or has no replicates; resume it")
    return manifest, checked(joined(sound))


def holds_study(folder: Path) -> bool:
    """Return whether a study has begun in a folder."""
    return _is_study(read_record(folder / MANIFEST))


def _is_study(record: Mapping[str, Any]) -> bool:
    return record.get("made_by") == MAKER and record.get("work") == WORK


def _check_holds(out: Path) -> None:
    """Refuse a folder with anything but a study, or what a kill leaves of one that was beginning."""
    if not out.is_dir() or not (present := {p.name for p in out.iterdir()}):
        return
    record, name = read_record(out / MANIFEST), echo(out.name)
    if _is_study(record):
        return
    if record.get("made_by") == MAKER:
        raise SpecError("IOM-E090", f"folder {name} holds other work ({echo(record.get('work'))}); name another folder")
    begun = (out / BLOCKS).is_dir() and any(p.name != WRITING for p in (out / BLOCKS).iterdir())
    if begun or MANIFEST in present:
        raise SpecError(
            "IOM-E134",
            f"the manifest of the study in folder {name} is damaged or gone; put it back, or name another folder",
        )
    if not present <= {BLOCKS, LOCK, HOLDER, WRITING}:
        raise SpecError("IOM-E090", f"folder {name} holds files that this tool did not write; name another folder")


@contextmanager
def _held(out: Path) -> Iterator[None]:
    """Hold the lock of a study's folder.

    Raises
    ------
    SpecError
        IOM-E132 where somebody else does.
    """
    with ExitStack() as stack:
        with answered(out):
            mine = stack.enter_context(locked(out))
        if not mine:
            raise SpecError(
                "IOM-E132",
                f"{holder(out)} works on the study in folder {echo(out.name)}; wait for it, or name another folder",
            )
        yield


def _begin(out: Path, now: Mapping[str, Any], resuming: str | None) -> None:
    """Write the manifest of a new study, or compare that of one that has begun; clear what a kill left."""
    _check_holds(out)
    for left in (out / WRITING, out / BLOCKS / WRITING):
        left.unlink(missing_ok=True)
    there, name = read_record(out / MANIFEST), echo(out.name)
    if not there:
        (out / WRITING).write_text(canonical(now) + "\n", encoding="utf-8")
        publish(out / WRITING, MANIFEST)
        return
    if resuming is not None:
        raise SpecError("IOM-E130", f"folder {name} holds a study that has begun; name another folder, or {resuming}")
    if changed := differences(there, now):
        raise SpecError(
            "IOM-E131",
            f"the study in folder {name} was begun with something else: {'; '.join(changed)}; set that back, or name "
            "another folder",
        )


def _add_times(out: Path, began: datetime, seconds: float, added: int) -> None:
    """Add to the times of the study's runs, on which nothing depends."""
    runs = read_record(out / TIMES).get("runs", [])
    run = {"began": began.isoformat(timespec="seconds"), "seconds": round(seconds, 3), "replicates": added}
    with suppress(OSError):
        (out / WRITING).write_text(json.dumps({"runs": [*runs, run]}, indent=1) + "\n", encoding="utf-8")
        publish(out / WRITING, TIMES)

"""A study that needs nothing of the package but what runs and keeps it: for tests that start and kill processes."""

import io
import os
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np

from iom_causal.designs.blocks import Blocks
from iom_causal.designs.columns import digest
from iom_causal.designs.execution import run_cells
from iom_causal.designs.store import open_store
from iom_causal.streams import Streams

CELL, SIMS, DIED = 5, 203, 9
io_open = io.open


def work(numbers, seconds=0.0):
    """Values that depend on a replicate's number alone, with some that are none, and codes."""
    time.sleep(seconds)
    keys = Streams(7, "toy").keys("value", numbers)
    value = (keys >> np.uint64(11)).astype(np.float64) / 2.0**53
    code = np.where(value < 0.1, 64, 0).astype(np.int16)
    return {"replicate": numbers, "answer/one group/t/estimate": np.where(code, -np.nan, value), "code": code}


def run(folder, *, sims=SIMS, resume=True, seconds=0.0, **how):
    with open_store(folder, design={"toy": {"seconds": 0}}, seed=7, cell=CELL, resume=resume) as store:
        return run_cells(partial(work, seconds=seconds), sims, cell=CELL, store=store, **how)


class Points:
    """Every call that writes in a folder, by name; one of them is answered otherwise than by the system."""

    def __init__(self, folder, at=0, answer=None, put=setattr):
        self.calls, self.folder, self.at, self.answer = [], str(folder), at, answer
        for module, name in ((os, "fsync"), (os, "replace"), (os, "mkdir"), (os, "open"), (io, "open")):
            put(
                module, name, self.counted(getattr(module, name), "os.open" if (module, name) == (os, "open") else name)
            )
        put(Blocks, "_write", self.half_written(Blocks._write))

    def counted(self, call, name):
        def instead(*args, **how):
            ours = isinstance(args[0], int) or str(args[0]).startswith(self.folder)
            if ours and (call is not io_open or not {*"wax+"}.isdisjoint(args[1] if len(args) > 1 else "r")):
                self.meet(name)
            return call(*args, **how)

        return instead

    def half_written(self, write):
        def instead(blocks, block, path):
            write(blocks, block, path)
            self.meet("write", lambda: os.truncate(path, path.stat().st_size // 2))

        return instead

    def meet(self, name, first=lambda: None):
        self.calls.append(name)
        if len(self.calls) == self.at:
            first()
            self.answer()


def die_everywhere(folder):
    """Run a study in a process that dies at its k-th write, and resume it in another, until one has fewer writes."""
    ended, k = DIED, 0
    while ended == DIED:
        k += 1
        at = folder / f"die at {k}"

        def dying(at=at, k=k):
            Points(at, k, lambda: os._exit(DIED))
            run(at, sims=20, block=2 * CELL)

        def resumed(at=at):
            columns = run(at, sims=20, block=CELL)
            sound = not list(at.glob("**/*.tmp")) and not (at / "quarantine").exists()
            os._exit(0 if sound and digest(columns) == digest(work(np.arange(20))) else 1)

        ended = in_a_copy(dying)
        if in_a_copy(resumed) != 0:
            sys.exit(f"a study is not sound whose process died at write {k}")
    return k - 1


def in_a_copy(call):
    """Run something in a copy of this process, which has no threads; how it ended."""
    copy = os.fork()
    if not copy:
        call()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(copy, 0)[1])


if __name__ == "__main__":
    if sys.argv[1] == "run":
        run(Path(sys.argv[2]), workers=int(sys.argv[3]), block=int(sys.argv[4]), seconds=0.004)
    else:
        print(die_everywhere(Path(sys.argv[2])))  # noqa: T201 for the test that starts this

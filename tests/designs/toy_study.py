"""A study that needs nothing of the package but what runs and keeps it: for tests that start and kill processes."""

import sys
import time
from functools import partial
from pathlib import Path

import numpy as np

from iom_causal.designs.execution import run_cells
from iom_causal.designs.store import open_store
from iom_causal.streams import Streams

CELL, SIMS = 5, 203


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


if __name__ == "__main__":
    run(Path(sys.argv[1]), workers=int(sys.argv[2]), block=int(sys.argv[3]), seconds=0.004)

"""Cells run by threads, processes and other executors: the same bytes, whatever works, dies or interrupts."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import iom_causal as iom
from iom_causal import simulate as sim
from iom_causal.designs.blas import blas, one_blas_thread
from iom_causal.designs.columns import digest
from iom_causal.designs.design import Design
from iom_causal.designs.execution import processes, run_cells
from iom_causal.designs.replicates import Replicates
from iom_causal.designs.store import open_store
from iom_causal.errors import ExecutionError, InputError, SpecError
from tests.designs.toy_study import CELL, SIMS, work

WHOLE = digest(work(np.arange(SIMS)))


@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize("block", [None, CELL, 7 * CELL])
def test_threads_and_blocks_of_any_number_give_the_same_bytes(workers, block):
    told = []
    columns = run_cells(work, SIMS, cell=CELL, workers=workers, block=block, tell=lambda *now: told.append(now))
    assert digest(columns) == WHOLE
    assert np.array_equal(columns["replicate"], np.arange(SIMS))
    assert told[0] == (0, SIMS)
    assert told[-1] == (SIMS, SIMS)
    assert told == sorted(told)


def test_a_pool_of_processes_gives_the_same_bytes_for_two_block_sizes():
    with processes(2)() as pool:
        for block in (3 * CELL, 20 * CELL):
            assert digest(run_cells(work, SIMS, cell=CELL, executor=pool, workers=2, block=block)) == WHOLE


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 3])
def test_pools_of_other_sizes_do_too(workers):
    made = run_cells(work, SIMS, cell=CELL, executor=processes(workers), workers=workers, block=9 * CELL)
    assert digest(made) == WHOLE


REAL = Replicates(
    {
        "one group": Design(
            sim.Careers(people=40, rate=1.5, own_sd=0.8, programme=sim.Programme(ratio=0.8)),
            sim.att_ratio,
            sim.BeforeAfter(),
            [iom.RateRatio(), iom.PairedT(), iom.PoissonFixedEffects()],
            cell=10,
        )
    },
    seed=3,
)


@pytest.mark.parametrize(("workers", "block"), [(1, 50), (2, 10), (3, None)])
def test_a_design_of_careers_gives_the_same_bytes_too(tmp_path, workers, block):
    how = {"design": {}, "seed": 3, "cell": 10}
    with open_store(tmp_path / "study", **how) as store:
        run_cells(REAL, 20, cell=10, store=store, workers=workers, block=block)
    with open_store(tmp_path / "study", **how, resume=True) as store:
        columns = run_cells(REAL, 65, cell=10, store=store, workers=workers, block=block)
    assert digest(columns) == digest(REAL(np.arange(65)))


@pytest.mark.slow
def test_a_design_of_careers_gives_the_same_bytes_in_processes():
    columns = run_cells(REAL, 65, cell=10, executor=processes(2), workers=2, block=20)
    assert digest(columns) == digest(REAL(np.arange(65)))


@pytest.mark.slow
def test_loky_and_dask_do_too():
    loky, distributed = pytest.importorskip("loky"), pytest.importorskip("distributed")
    pool = loky.get_reusable_executor(2)
    try:
        assert digest(run_cells(work, SIMS, cell=CELL, executor=pool, workers=2, block=20 * CELL)) == WHOLE
    finally:
        pool.shutdown()
    how = {"n_workers": 1, "threads_per_worker": 2, "processes": False, "dashboard_address": None}
    with distributed.Client(**how) as client:
        made = run_cells(work, SIMS, cell=CELL, executor=client.get_executor(), workers=2, block=20 * CELL)
    assert digest(made) == WHOLE


def test_work_gets_one_whole_cell_at_a_time():
    seen = []

    def noted(numbers):
        seen.append(numbers.tolist())
        return work(numbers)

    run_cells(noted, 12, cell=5, workers=2, block=10)
    assert sorted(seen) == [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9], [10, 11, 12, 13, 14]]


def test_few_blocks_are_with_an_executor_at_once():
    class Counting(ThreadPoolExecutor):
        flying = most = 0

        def submit(self, *args):
            self.flying += 1
            self.most = max(self.most, self.flying)
            return super().submit(*args)

    pool = Counting(1)
    landed = []

    def tell(done, _):
        landed.append(done)
        pool.flying -= len(landed) > 1

    with pool:
        run_cells(work, 100 * CELL, cell=CELL, executor=pool, workers=2, block=CELL, tell=tell)
    assert pool.most == 4


def test_what_work_raises_is_raised_and_cancels_the_rest():
    begun = []

    def wrong(numbers):
        begun.append(numbers[0])
        if numbers[0] == 10:
            msg = "a fault of the code"
            raise ZeroDivisionError(msg)
        return work(numbers)

    with pytest.raises(ZeroDivisionError, match="a fault"):
        run_cells(wrong, 1_000 * CELL, cell=CELL, workers=2, block=CELL)
    assert len(begun) < 20


@pytest.mark.parametrize(
    "wrong", [lambda n: work(n + 1), lambda n: work(n[::-1]), lambda n: work(n[1:]), lambda n: work(n) | {"x": n[:2]}]
)
def test_work_that_returns_other_rows_is_refused(wrong):
    with pytest.raises(InputError, match="IOM-E037"):
        run_cells(wrong, SIMS, cell=CELL)


def test_work_whose_columns_change_is_refused():
    with pytest.raises(InputError, match=r"IOM-E037.*late"):
        run_cells(lambda n: work(n) | ({"late": n} if n[0] else {}), SIMS, cell=CELL, block=CELL)


@pytest.mark.parametrize(
    "settings",
    [{"cell": 0}, {"cell": 2.0}, {"sims": 0}, {"sims": True}, {"workers": 0}, {"block": CELL + 1}, {"block": -CELL}],
    ids=str,
)
def test_settings_that_cannot_be_are_refused(settings):
    with pytest.raises(SpecError, match=f"IOM-E092: {next(iter(settings))}"):
        run_cells(work, **({"sims": SIMS, "cell": CELL} | settings))


class Kept:
    """A store in memory."""

    cell = CELL

    def __init__(self):
        self.held = []

    def blocks(self, stop):
        yield from (block for block in self.held if block["replicate"][0] < stop)

    def add(self, block):
        self.held.append(block)


class Dying(Executor):
    """Dies at its third task, as a pool of processes does when a worker is killed, with one block finished."""

    def __init__(self):
        self.tasks = 0

    def submit(self, task, *args):
        self.tasks += 1
        if self.tasks > 2:
            raise BrokenProcessPool
        future = Future()
        if self.tasks == 1:
            future.set_result(task(*args))
        else:
            future.set_exception(BrokenProcessPool())
        return future


def test_a_pool_that_breaks_is_made_again_and_loses_nothing():
    made = []
    columns = run_cells(work, SIMS, cell=CELL, executor=lambda: made.append(0) or Dying(), block=CELL)
    assert digest(columns) == WHOLE
    assert len(made) == -(-SIMS // CELL)


def test_a_pool_that_breaks_at_once_is_made_three_times():
    class Dead(Dying):
        def submit(self, *_):
            raise BrokenProcessPool

    made = []
    with pytest.raises(ExecutionError, match=r"IOM-E133.*resume$"):
        run_cells(work, SIMS, cell=CELL, executor=lambda: made.append(0) or Dead())
    assert len(made) == 3


def test_a_pool_that_cannot_be_made_again_leaves_what_is_finished_in_the_store():
    store = Kept()
    with pytest.raises(ExecutionError, match=r"IOM-E133.*executor=processes"):
        run_cells(work, SIMS, cell=CELL, executor=Dying(), store=store, block=CELL)
    assert [block["replicate"][0] for block in store.held] == [0]
    assert digest(run_cells(work, SIMS, cell=CELL, store=store)) == WHOLE


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="there is no such signal")
def test_workers_that_are_killed_lose_nothing():
    pools, kills, picked = [], [], np.random.default_rng(4)

    def pool():
        pools.append(processes(2)())
        return pools[-1]

    def tell(done, _):
        if done and len(kills) < 8 and picked.random() < 0.5:
            worker = picked.choice(sorted(pools[-1]._processes))
            os.kill(worker, signal.SIGKILL)
            kills.append(worker)

    columns = run_cells(partial(work, seconds=0.01), SIMS, cell=CELL, executor=pool, workers=2, block=CELL, tell=tell)
    assert digest(columns) == WHOLE
    assert len(kills) >= 6
    assert len(pools) > 4


def test_ctrl_c_keeps_the_blocks_that_are_under_way():
    store, both = Kept(), threading.Barrier(2)

    def slow(numbers):
        if numbers[0] == 3 * CELL:
            both.wait()
        return work(numbers)

    def tell(done, _):
        if done == 3 * CELL:
            both.wait()  # the fourth block is under way
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_cells(slow, SIMS, cell=CELL, workers=1, block=CELL, store=store, tell=tell)
    assert [block["replicate"][0] // CELL for block in store.held] in ([0, 1, 2, 3], [0, 1, 2, 3, 4])
    assert digest(run_cells(work, SIMS, cell=CELL, store=store)) == WHOLE


def test_what_a_store_has_is_not_worked_out_again():
    store = Kept()
    run_cells(work, 10 * CELL, cell=CELL, store=store)
    seen = []

    def noted(numbers):
        seen.extend(numbers)
        return work(numbers)

    more = run_cells(noted, 12 * CELL + 1, cell=CELL, store=store)
    assert sorted(seen) == list(range(10 * CELL, 13 * CELL))
    assert digest(more) == digest(work(np.arange(12 * CELL + 1)))
    fewer = run_cells(noted, 7, cell=CELL, store=store)
    assert digest(fewer) == digest(work(np.arange(7)))
    assert len(seen) == 3 * CELL
    with pytest.raises(SpecError, match="IOM-E092: cell"):
        run_cells(work, 7, cell=CELL + 1, store=store)


def test_matrix_products_have_one_thread_until_the_last_one_leaves():
    def threads():
        return {lib["num_threads"] for lib in blas().info() if lib["user_api"] == "blas"}

    with blas().limit(limits=2, user_api="blas"):
        assert threads() == {2}
        inner = one_blas_thread()
        with one_blas_thread():
            inner.__enter__()
        assert threads() == {1}
        inner.__exit__(None, None, None)
        assert threads() == {2}


BEGINS_WORKERS = """
import os, time
from iom_causal.designs.execution import processes
if __name__ == "__main__":
    with processes(2)() as pool:
        print(*{pool.submit(os.getpid).result() for _ in range(20)}, flush=True)
        pool.submit(time.sleep, 600).result()
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="processes are looked up by a signal that does nothing")
def test_workers_end_with_the_process_that_began_them(tmp_path):
    script = tmp_path / "study.py"
    script.write_text(BEGINS_WORKERS, encoding="utf-8")
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True) as parent:
        workers = [int(pid) for pid in parent.stdout.readline().split()]
        parent.kill()
    assert workers
    for _ in range(600):
        left = [pid for pid in workers if alive(pid)]
        if not left:
            break
        time.sleep(0.1)
    assert left == []


def alive(pid):
    """Whether a process runs; one that has ended and was not collected does not."""
    stat = Path(f"/proc/{pid}/stat")
    if stat.parent.parent.exists() and not stat.exists():
        return False
    return stat.read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z" if stat.exists() else exists(pid)


def exists(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True

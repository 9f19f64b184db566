"""Replicates in whole cells over threads or any executor of `concurrent.futures`, the same bytes whichever works."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait as wait_for
from signal import SIG_IGN, SIGINT, signal
from threading import Thread
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.specs import got
from iom_causal.designs.blas import blas, one_blas_thread
from iom_causal.designs.columns import REPLICATE, Columns, check_alike, checked, joined
from iom_causal.errors import ExecutionError, SpecError

type Work = Callable[[NDArray[np.int64]], Columns]
type Task = Callable[[int, int], tuple[Columns, float]]
type Tell = Callable[[int, int], None]

BLOCK_SECONDS = 3.0
"""What a block takes where the caller does not say how long it is: what a kill loses, and far more than a write."""
_POOLS = 3
"""How often in a row a pool may break, with nothing finished in between."""


class Saved(Protocol):
    """Where finished blocks are kept: a `Store`."""

    @property
    def cell(self) -> int:
        """Replicates that are worked out together."""

    def blocks(self, stop: int) -> Iterator[Columns]:
        """Yield the blocks that hold replicates below a number, none twice."""

    def add(self, columns: Columns) -> None:
        """Keep a block."""


def run_cells(
    work: Work,
    sims: int,
    *,
    cell: int,
    workers: int | None = None,
    executor: Executor | Callable[[], Executor] | None = None,
    store: Saved | None = None,
    block: int | None = None,
    tell: Tell | None = None,
) -> Columns:
    """Work out replicates 0 to `sims` - 1 in whole cells, and return their columns in order.

    Neither the number of workers, nor how cells are put together in blocks, nor what a store held already changes a
    byte: `work` gets one cell at a time, and BLAS one thread, whose sums would be rounded otherwise with more.

    Parameters
    ----------
    work : callable
        From the numbers of one cell to its columns. It must be pickled where processes run it, and a cell may be
        worked out twice. What it raises is raised here at once.
    sims : int
        Replicates.
    cell : int
        Replicates that are worked out together.
    workers : int, optional
        Threads, or blocks that an executor works on at once; the processors that this process may use.
    executor : Executor or callable, optional
        Threads of this process; or any executor, such as Dask's `Client().get_executor()`. What makes an executor, as
        `processes(4)` does, makes another one when a worker dies.
    store : Store, optional
        Keeps finished blocks, and gives back those of an earlier run.
    block : int, optional
        Replicates that are kept together, a whole number of cells; so many as take about three seconds.
    tell : callable, optional
        Gets the replicates that are done, and how many there will be.

    Returns
    -------
    dict of str to array

    Raises
    ------
    SpecError
        IOM-E092 for numbers that are not whole and positive, a block of parts of cells, or a store of other cells.
    ExecutionError
        IOM-E133 where workers died again and again.

    Examples
    --------
    >>> run_cells(lambda numbers: {"replicate": numbers, "twice": 2.0 * numbers}, 3, cell=2)["twice"]
    array([0., 2., 4.])
    """
    _check(sims, cell, workers, block, store)
    at_once = workers or usable()
    rows, todo = _Rows(sims), _Todo(-(-sims // cell), cell, at_once, block and block // cell)
    for held in store.blocks(sims) if store is not None else ():
        rows.put(held)
        todo.strike(held)
    if tell is not None:
        tell(rows.done, sims)

    def accept(made: Columns) -> None:
        if store is not None:
            store.add(made)
        rows.put(made)
        if tell is not None:
            tell(rows.done, sims)

    if todo.left:
        with one_blas_thread():
            _work_out(todo, partial(_block, work, cell), accept, _pool(executor, at_once))
    return rows.columns


def processes(workers: int) -> Callable[[], Executor]:
    """Return what makes a pool of processes that start afresh and leave Ctrl-C to the one that started them.

    Examples
    --------
    >>> import iom_causal.designs.execution as execution
    >>> with execution.processes(2)() as pool:
    ...     pool.submit(divmod, 7, 2).result()
    (3, 1)
    """
    return partial(ProcessPoolExecutor, workers, mp_context=get_context("spawn"), initializer=_begin_worker)


def _check(sims: int, cell: int, workers: int | None, block: int | None, store: Saved | None) -> None:
    given = {"sims": sims, "cell": cell, "workers": workers, "block": block}
    for name, value in given.items():
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
            raise SpecError("IOM-E092", f"{name}: expected a whole number, 1 or more")
    if block is not None and block % cell:
        raise SpecError("IOM-E092", f"block: expected a multiple of the {cell} replicates of a cell, got {block}")
    if store is not None and store.cell != cell:
        raise SpecError("IOM-E092", f"cell: expected the {store.cell} replicates of the store's cells, got {cell}")


def usable() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _begin_worker() -> None:
    """Leave Ctrl-C to the process that began this one, and end with it, whatever ended it."""
    signal(SIGINT, SIG_IGN)
    if (parent := parent_process()) is not None:
        Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()
    blas()


def _end_with(sentinel: int) -> None:
    wait_for([sentinel])
    os._exit(1)


def _block(work: Work, cell: int, first: int, stop: int) -> tuple[Columns, float]:
    """Work out some cells, one after the other; also the seconds that they took."""
    began = time.perf_counter()
    with one_blas_thread():
        cells = (np.arange(k * cell, (k + 1) * cell) for k in range(first, stop))
        columns = joined([checked(work(numbers), numbers) for numbers in cells])
    return columns, time.perf_counter() - began


@dataclass(frozen=True, slots=True)
class _Pool:
    """How an executor is come by, whether it can be made again, and how many blocks it holds at once."""

    make: Callable[[], AbstractContextManager[Executor]]
    again: bool
    window: int


def _pool(executor: Executor | Callable[[], Executor] | None, at_once: int) -> _Pool:
    if executor is None:
        return _Pool(lambda: ThreadPoolExecutor(at_once), again=False, window=2 * at_once)
    if isinstance(executor, Executor):
        return _Pool(lambda: nullcontext(executor), again=False, window=2 * at_once)
    if not callable(executor):
        raise SpecError(
            "IOM-E092",
            f"executor: expected one of concurrent.futures, or what makes one (processes(4)), got {got(executor)}",
        )
    return _Pool(executor, again=True, window=2 * at_once)


def _work_out(todo: "_Todo", task: Task, accept: Callable[[Columns], None], pool: _Pool) -> None:
    """Work out all that is to do, on another pool where one breaks."""
    broken = 0
    while todo.left:
        before = todo.left
        try:
            with pool.make() as executor:
                _fly(todo, task, accept, executor, pool.window)
        except BrokenExecutor:
            broken = broken + 1 if todo.left == before else 1
            if not pool.again or broken == _POOLS:
                raise ExecutionError(
                    "IOM-E133",
                    "a worker process died, for want of memory perhaps, or because the script that began it does its "
                    'work outside of `if __name__ == "__main__":`; blocks that a store has are kept: run again with '
                    "fewer workers, and resume",
                    "" if pool.again else "executor=processes(...) makes another pool by itself",
                ) from None


def _fly(todo: "_Todo", task: Task, accept: Callable[[Columns], None], executor: Executor, window: int) -> None:
    """Keep a few blocks with an executor until all are done; those under way when it breaks are to do again."""
    flying: dict[Future[tuple[Columns, float]], range] = {}

    def land(future: Future[tuple[Columns, float]]) -> None:
        columns, seconds = future.result()
        todo.learn(len(flying.pop(future)), seconds)
        accept(columns)

    try:
        while todo.left or flying:
            while todo.left and len(flying) < window:
                cells = todo.next()
                flying[executor.submit(task, cells.start, cells.stop)] = cells
                todo.take(cells)
            for future in wait(flying, return_when=FIRST_COMPLETED).done:
                land(future)
    except (KeyboardInterrupt, BrokenExecutor):
        running = [future for future in flying if not future.cancel()]
        for future in wait(running).done:
            if future.exception() is None:
                land(future)
        raise
    finally:
        for future, cells in flying.items():
            future.cancel()
            todo.put_back(cells)


class _Rows:
    """The columns of a run, whose rows are filled in as blocks come."""

    def __init__(self, sims: int) -> None:
        self.columns: Columns = {}
        self.done, self._sims = 0, sims

    def put(self, block: Columns) -> None:
        if not self.columns:
            self.columns = {name: np.zeros(self._sims, column.dtype) for name, column in block.items()}
        check_alike(block, self.columns)
        wanted = block[REPLICATE] < self._sims
        rows = block[REPLICATE][wanted]
        for name, column in block.items():
            self.columns[name][rows] = column[wanted]
        self.done += rows.size


class _Todo:
    """The cells that are not worked out yet, and how many of them the next block holds.

    A block grows until it takes some seconds, and shrinks again where little is left, so that no worker waits long.
    """

    def __init__(self, cells: int, cell: int, at_once: int, fixed: int | None) -> None:
        self._open = np.ones(cells, dtype=bool)
        self._cell, self._at_once, self._fixed = cell, at_once, fixed
        self._size = 1
        self.left = cells

    def strike(self, block: Columns) -> None:
        """Leave out the cells of a block that was kept."""
        cells = block[REPLICATE][:: self._cell] // self._cell
        self._set(cells[cells < self._open.size], to=False)

    def next(self) -> range:
        first = int(np.argmax(self._open))
        most = self._fixed or max(1, self._size // 4, min(self._size, -(-self.left // self._at_once)))
        run = self._open[first : first + most]
        return range(first, first + (run.size if run.all() else int(np.argmin(run))))

    def take(self, cells: range) -> None:
        self._set(slice(cells.start, cells.stop), to=False)

    def put_back(self, cells: range) -> None:
        self._set(slice(cells.start, cells.stop), to=True)

    def learn(self, cells: int, seconds: float) -> None:
        """Choose how long blocks are from how long one took."""
        self._size = max(1, min(16 * cells, int(cells * BLOCK_SECONDS / max(seconds, 1e-9))))

    def _set(self, cells: slice | NDArray[np.int64], *, to: bool) -> None:
        self._open[cells] = to
        self.left = int(np.count_nonzero(self._open))

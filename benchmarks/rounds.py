"""A row of a benchmark: ours and a peer timed in alternating rounds, so that their ratio survives a busy machine."""

import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from statistics import median
from time import perf_counter, process_time
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

Work = Callable[[], Any]
Line = dict[str, Any]

CLOCKS = {"wall": perf_counter, "CPU": process_time}
ENOUGH, MOST = 0.02, 500
"""Seconds that ours is repeated for in a round, where one call is too short to be timed, and how many calls at most."""


class PeerError(Exception):
    """A peer is not here, or gave no answer."""


FAILURES = (
    PeerError,
    ImportError,
    OSError,
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What a library of somebody else raises when it fails; nothing else is called where these are caught."""


@dataclass(frozen=True)
class Told:
    """What a work tells of itself where it is done elsewhere, as in another process: its seconds and its answer."""

    seconds: float
    answer: Any = None


def in_rounds(
    work: str,
    ours: Work,
    peer: str,
    theirs: Work,
    *,
    rounds: int,
    shares: tuple[float, float] = (1.0, 1.0),
    seconds: str = "CPU",
    answers: tuple[Callable[[Any], ArrayLike], Callable[[Any], ArrayLike]] | None = None,
    target: float | None = None,
    note: str = "",
    memory: bool = True,
) -> Line:
    """Return a row.

    Both are called once before, which compiles what is to be compiled and gives the answers, and once more for the
    memory. A peer that fails costs its side of the row, and the note says why; an error of ours is raised.

    Parameters
    ----------
    ours, theirs : callable
        The work, which may return a `Told`. What a peer has to load or to prepare belongs into `theirs`, once.
    rounds : int
        How many times each is timed.
    shares : tuple of float
        The work's shares of what one call of ours and one of theirs does.
    seconds : {"wall", "CPU"}
        The clock. CPU seconds are those of all threads of this process. Where others use the machine too, wall seconds
        are no fair ratio even in turns: a long call is interrupted, and one of a millisecond is not.
    answers : tuple of callable, optional
        What takes the figures that are to agree from what ours and theirs return; left out where they answer
        different things.
    target : float, optional
        The ratio that was asked for.
    memory : bool
        Whether to call both once more under tracemalloc, which slows plain Python several times.
    """
    first, failure = ours(), ""
    repeats = _repeats(first, partial(_timed, ours, seconds, 1))
    try:
        other = theirs()
        compared = None if answers is None else answers[1](_answer(other))
    except FAILURES as error:
        other = compared = None
        failure = failed(error)
    mine, other_times, peaks = [], [], [None, None]
    for _ in range(rounds):
        mine.append(_timed(ours, seconds, repeats) * shares[0])
        if not failure:
            try:
                other_times.append(_timed(theirs, seconds, 1) * shares[1])
            except FAILURES as error:
                failure = failed(error)
    if memory:
        peaks = [peak_mb(ours, first), None if failure else peak_mb(theirs, other)]
    row = {
        "work": work,
        "peer": peer,
        "ours_seconds": median(mine),
        "seconds": seconds,
        "memory_mb": peaks[0],
        "target": target,
        "rounds": rounds,
        "note": note,
    }
    if failure:
        return row | {"note": "; ".join(filter(None, [failure, note]))}
    ratios = [b / a for a, b in zip(mine, other_times, strict=True)]
    return row | {
        "peer_seconds": median(other_times),
        "ratio": median(ratios),
        "ratio_low": min(ratios),
        "ratio_high": max(ratios),
        "peer_memory_mb": peaks[1],
        "agreement": None if answers is None else apart(answers[0](_answer(first)), compared),
    }


def apart(ours: ArrayLike, theirs: ArrayLike) -> float:
    """Return the largest difference of two answers relative to the larger of both; 0 where they are equal."""
    a, b = np.broadcast_arrays(np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float))
    scale = np.maximum(np.abs(a), np.abs(b))
    return float(np.max(np.abs(a - b) / np.where(scale > 0, scale, 1.0), initial=0.0))


def peak_mb(work: Work, before: Any = None) -> float | None:
    """Return the most megabytes that Python and numpy hold at once for a work; None where it is done elsewhere."""
    if isinstance(before, Told):
        return None
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


def failed(error: BaseException) -> str:
    """Return why a peer gave nothing, in one line without paths."""
    if isinstance(error, ImportError):
        return f"not here: {error.name or error}"
    if isinstance(error, PeerError):
        return str(error)
    return f"failed with {type(error).__name__}"


def _answer(returned: Any) -> Any:
    return returned.answer if isinstance(returned, Told) else returned


def _timed(work: Work, clock: str, repeats: int) -> float:
    read = CLOCKS[clock]
    start = read()
    for _ in range(repeats):
        told = work()
    return told.seconds if isinstance(told, Told) else (read() - start) / repeats


def _repeats(first: Any, once: Callable[[], float]) -> int:
    if isinstance(first, Told):
        return 1
    return int(np.clip(round(ENOUGH / max(once(), 1e-9)), 1, MOST))

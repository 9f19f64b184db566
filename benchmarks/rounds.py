"""A row of a benchmark: ours and a peer timed in alternating rounds, so that their ratio survives a busy machine."""

from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any

Work = Callable[[], Any]


def in_rounds(
    work: str, ours: Work, peer: str, theirs: Work, *, rounds: int, shares: tuple[float, float] = (1.0, 1.0)
) -> dict[str, Any]:
    """Return a row; `shares` are the work's shares of what one call of ours and one of theirs does.

    A work that returns a float reports its own seconds, as one in another process does.
    """
    times = [(_seconds(ours) * shares[0], _seconds(theirs) * shares[1]) for _ in range(rounds)]
    return {
        "work": work,
        "ours_seconds": median(a for a, _ in times),
        "peer": peer,
        "peer_seconds": median(b for _, b in times),
        "ratio": median(b / a for a, b in times),
        "note": f"median of {rounds} alternating rounds",
    }


def _seconds(work: Work) -> float:
    start = perf_counter()
    own = work()
    return own if isinstance(own, float) else perf_counter() - start

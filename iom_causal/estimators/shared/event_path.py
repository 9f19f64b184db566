"""Paths of effects by windows since the start: how their terms are written, and read again."""

import re
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.errors import NotIdentifiedError
from iom_causal.estimate import Estimate

OVERALL = "overall"
"""The first term of a path: the estimate itself."""
_TERM = re.compile(r"window ([+-]\d+)")

Floats = NDArray[np.float64]


class EventPath(NamedTuple):
    """Effects by windows since the start, from one window before, with their joint covariance.

    Attributes
    ----------
    times : ndarray
        (P,) windows since the start, rising; negative before it. The base is not among them.
    values, cov : ndarray
        (P,) and (P, P), on the scale of the standard errors: logs of ratios, or differences.
    reference : int
        The base, whose effect is 0.
    df : float
        Degrees of freedom of the overall effect's variance.
    """

    times: NDArray[np.int64]
    values: Floats
    cov: Floats
    reference: int
    df: float


def event_term(time: int) -> str:
    """Return how a window is written by its distance from the start.

    Examples
    --------
    >>> event_term(-2), event_term(0)
    ('window -2', 'window +0')
    """
    return f"window {time:+d}"


def event_time(term: str) -> int | None:
    """Return the windows since the start that a term is of; None for another term.

    Examples
    --------
    >>> event_time("window -2"), event_time("overall")
    (-2, None)
    """
    match = _TERM.fullmatch(term)
    return int(match[1]) if match else None


def event_path(estimate: Estimate) -> EventPath:
    """Read the path by windows since the start from an estimate of `EventStudy`.

    Raises
    ------
    NotIdentifiedError
        IOM-E068 where the estimate has no such path from one window.

    Examples
    --------
    >>> from iom_causal.estimate import Part
    >>> parts = (Part("overall", 0.1), Part("window -2", 0.0), Part("window +0", 0.1))
    >>> made = Estimate(outcome="y", method="m", parts=parts, cov=np.eye(3), diagnostics={"reference": -1})
    >>> event_path(made).times.tolist(), event_path(made).reference
    ([-2, 0], -1)
    """
    found = {k: event_time(part.term) for k, part in enumerate(estimate.parts)}
    times = {k: time for k, time in found.items() if time is not None}
    reference = estimate.diagnostics.get("reference")
    if not times or estimate.cov is None or reference is None:
        raise NotIdentifiedError(
            "IOM-E068",
            f"{estimate.outcome}: this estimate has no path by windows since the start from one window before; "
            'write EventStudy(base="universal", aggregate="event")',
        )
    at = sorted(times, key=times.__getitem__)
    return EventPath(
        np.array([times[k] for k in at], dtype=np.int64),
        np.array([estimate.parts[k].estimate for k in at]),
        estimate.cov[np.ix_(at, at)],
        int(reference),
        np.inf if estimate.df is None else estimate.df,
    )

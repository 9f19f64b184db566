"""To how many decimals a remainder is printed."""

from collections.abc import Sequence

DECIMALS = {"ratio": 2, "points": 0}
"""To how many decimals a remainder is printed, by scale; whether it is none at all is read from what is printed."""
FINE = ((10.0, 0), (1.0, 1), (0.0, 2))
"""Decimals of points from such a size on: on a scale of few points whole ones tell nothing."""


def decimals_of(scale: str, values: Sequence[float]) -> int:
    """Return to how many decimals remainders of such a size are printed.

    Examples
    --------
    >>> decimals_of("ratio", [0.6]), decimals_of("points", [-112.0, 5.0]), decimals_of("points", [-0.78, -0.7])
    (2, 0, 2)
    """
    if scale == "ratio":
        return DECIMALS[scale]
    return next(decimals for size, decimals in FINE if max(map(abs, values), default=0.0) >= size)

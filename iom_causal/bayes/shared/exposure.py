"""The time at risk for which priors state mean counts."""

from iom_causal.base.formats import number
from iom_causal.inputs.sample import UNKNOWN

UNIT = 548.0
"""Days; where days are not known it is a window."""


def unit_of(exposure: str) -> float:
    """Return the days for which a mean count is stated, by how a result words its exposure; 1 where it is not known.

    Examples
    --------
    >>> unit_of("548 days in each window"), unit_of("not known")
    (548.0, 1.0)
    """
    return 1.0 if exposure == UNKNOWN else UNIT


def per_unit(exposure: str) -> str:
    """Return the time for which a mean count is stated, in words.

    Examples
    --------
    >>> per_unit("548 days in each window"), per_unit("not known")
    ('per 548 days', 'per window')
    """
    return "per window" if exposure == UNKNOWN else f"per {number(UNIT)} days"

"""What an estimate contrasts, windows of the same people or groups of people, and which points that makes it of."""

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from iom_causal.base.specs import FrozenMap
from iom_causal.estimate import Estimate
from iom_causal.inputs.threats import CONFOUNDING

WINDOWS, GROUPS = "windows", "groups"
CONTRASTS = (WINDOWS, GROUPS)
BETWEEN_GROUPS = ("att_difference", "ate_eligible", "late_cutoff", "level_difference")
"""Estimands that are of groups of people where the method does not say."""
WITH_A_COMPARISON = 3
"""The level of the Maryland Scientific Methods Scale from which a design compares managed people with others."""
SPEAKS_TO: Mapping[str, tuple[str, ...]] = FrozenMap({WINDOWS: CONFOUNDING, GROUPS: ("c01", "c02")})
"""The points of the register that an unmeasured cause of each contrast is."""


@runtime_checkable
class Levelled(Protocol):
    """A design that knows its level."""

    @property
    def maryland(self) -> int:
        """Level on the Maryland Scientific Methods Scale, of 5."""
        ...


def contrast_of(result: Estimate) -> str:
    """Return whether an estimate contrasts groups of people, by its design or else its estimand, or windows.

    Examples
    --------
    >>> contrast_of(Estimate(outcome="y", method="m", estimand="level_difference", estimate=-1.0))
    'groups'
    """
    if isinstance(result.spec, Levelled):
        return GROUPS if result.spec.maryland >= WITH_A_COMPARISON else WINDOWS
    return GROUPS if result.estimand in BETWEEN_GROUPS else WINDOWS

"""Points of the register of threats to validity by their ids, and which of them some confounds speak to."""

from collections.abc import Iterable
from typing import Any

from iom_causal.roles import Confound

POINTS = (
    *("c01", "c02", "c03", "c04", "c05", "c06", "c07", "c08", "c09", "c10", "c11", "c12"),
    *("u1", "u2", "u3", "u4", "u5", "u6", "u7"),
)
"""Every id of the register, in its order; `confounds.register` says what each of them is."""


def threats(confounds: Iterable[Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the ids that some confounds speak to, and all others; what is no confound speaks to none.

    Examples
    --------
    >>> from iom_causal.confounds import Detection, Season
    >>> threats([Season(), Detection()])[0]
    ('c01', 'c03', 'c04')
    """
    spoken = {point for confound in confounds if isinstance(confound, Confound) for point in confound.ids}
    return tuple(p for p in POINTS if p in spoken), tuple(p for p in POINTS if p not in spoken)

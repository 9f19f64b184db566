"""Settings of an adjustment in words, for the condition on which its line is right."""

from typing import Any

from iom_causal.base.formats import fixed
from iom_causal.beliefs.theta import Theta


def setting(confound: Any, name: str, theta: Theta, decimals: int = 2) -> str:
    """Return a setting as it stands in `theta`, or the ends of its range.

    Examples
    --------
    >>> from iom_causal.beliefs import Range
    >>> from iom_causal.confounds.detection import Detection
    >>> setting(Detection(ratio=Range(0.7, 1.0)), "ratio", {})
    'between 0.70 and 1.00'
    """
    if name in theta:
        return fixed(float(theta[name]), decimals)
    belief = getattr(confound, name)
    return f"between {fixed(belief.low, decimals)} and {fixed(belief.high, decimals)}"

"""How the sentences of confounds print an allowance."""

import math
from typing import Any

from iom_causal.base.formats import fixed
from iom_causal.beliefs.theta import Theta, extent


def allowance(confound: Any, data: Any, theta: Theta, *, kind: str | None = None) -> str:
    """Return the shift as a ratio, points for a score, or both of its ends where a range is open.

    Examples
    --------
    >>> from iom_causal.beliefs import Range
    >>> from iom_causal.confounds.detection import Detection
    >>> allowance(Detection(ratio=Range(0.7, 1.0)), None, {"false_pre": 0.0, "false_post": 0.0})
    'a ratio from 0.700 to 1.000 (after over before)'
    """
    low, high = extent(confound, data, theta)
    kind = kind or ("count" if data is None else data.kind)
    if kind == "score":
        return f"{fixed(low)} points" if low == high else f"{fixed(low)} to {fixed(high)} points"
    ends = [fixed(math.exp(v), 3) for v in (low, high)]
    text = f"a ratio of {ends[0]}" if ends[0] == ends[1] else f"a ratio from {ends[0]} to {ends[1]}"
    return f"{text} (after over before)"


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

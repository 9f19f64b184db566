"""The windows of a panel or of printed moments in years."""

from iom_causal.moments import Moments
from iom_causal.panel import Panel
from iom_causal.windows import YEAR, days_of


def years(data: Panel | Moments, purpose: str) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the start and end of the window before and of the window after, in years from the index date.

    Raises
    ------
    InputError
        IOM-E048 when a window has no dates.
    """
    windows = data.prepost().windows if isinstance(data, Panel) else data.windows
    before, after = (days_of(w, purpose) for w in windows)
    return (before[0] / YEAR, before[1] / YEAR), (after[0] / YEAR, after[1] / YEAR)

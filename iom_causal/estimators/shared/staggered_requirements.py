"""Requirements of designs whose people start at different windows: windows before, and people not managed meanwhile."""

from iom_causal.estimators.shared.requirements import Requirement, both_groups, windows_before
from iom_causal.panel import Panel

WANTED = 3
"""Windows before a start from which a trend can be seen."""


def starts_later(starts: tuple[int, ...], anticipation: int = 0) -> bool:
    """Return whether some are not yet managed when others, with a window before, have started.

    Examples
    --------
    >>> starts_later((1, 3)), starts_later((2,)), starts_later((1, 2), anticipation=1)
    (True, False, False)
    """
    return any(other > start + anticipation for start in starts for other in starts if start > anticipation)


def staggered_starts(
    panel: Panel, starts: tuple[int, ...], comparison: str, anticipation: int
) -> tuple[Requirement, ...]:
    """Require managed people, windows before a start, and people not managed to compare with."""
    return (
        both_groups(panel)[0],
        windows_before(panel, 1 + anticipation, last=True),
        _not_managed(panel, starts, comparison, anticipation),
    )


def windows_for_a_trend(panel: Panel) -> Requirement:
    """Advise windows enough before the first start to see whether trends were parallel."""
    why = "bring earlier windows, to see whether trends were parallel"
    return windows_before(panel, WANTED, necessary=False, why=why)


def _not_managed(panel: Panel, starts: tuple[int, ...], comparison: str, anticipation: int) -> Requirement:
    never = not panel.group.all() and panel.start is not None
    waiting = starts_later(starts, anticipation)
    met = never or (waiting and comparison == "not_yet")
    lacking = "nobody is never managed" if starts else "nobody is managed"
    if comparison == "not_yet":
        return Requirement(
            needs="people not yet managed when others start",
            met=met,
            found="some are managed later or never" if met else f"{lacking}, and nobody starts later than others",
            advice="" if met else "bring people who start later or never",
            in_code="" if met else "start=",
        )
    return Requirement(
        needs="people never managed",
        met=met,
        found="there are people never managed" if met else lacking,
        advice="" if met else "bring them" + ", or compare with those who start later" * waiting,
        in_code="" if met else "start=" + ', comparison="not_yet"' * waiting,
    )

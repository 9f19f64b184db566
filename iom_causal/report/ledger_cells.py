"""Cells of ledgers in words: a line with its interval, what remains, and where nothing does."""

from math import exp

from iom_causal.base.decimals import decimals_of
from iom_causal.base.formats import fixed, number
from iom_causal.estimate import Estimate, Line
from iom_causal.inputs.lines import REMAINDER
from iom_causal.ledger import lines
from iom_causal.sensitivity.tipping import Tipping


def cell_of(e: Estimate, name: str) -> str:
    """Return a line of a ledger as a table shows it: its value or the ends of its set, with the interval."""
    line = lines(e).get(name)
    return "not allowed for" if line is None else line_text(e.scale, line)


def line_text(scale: str, line: Line) -> str:
    """Return a value or the ends of a set, with the interval around it where there is one."""
    decimals = decimals_of(scale, line)
    shown = [fixed(exp(v) if scale == "ratio" else v, decimals) for v in line]
    ends, around = shown[:2], shown[2:]
    point = ends[0] if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"
    return point if around == ends else f"{point} ({around[0]} to {around[1]})"


def remainder_text(e: Estimate) -> str:
    """Return the remainder with its interval."""
    return cell_of(e, REMAINDER)


def tip_text(tip: Tipping) -> str:
    """Return where nothing remains.

    Examples
    --------
    >>> tip_text(Tipping("ageing.strength", None, 1.0, (0.02, 50.0), 0.6, 9.04, 50.0, in_some_cases=True))
    '9.04 to 50 in some cases only'
    """
    if not tip.ends:
        return f"nowhere from {setting_text(tip.searched[0])} to {setting_text(tip.searched[1])}"
    at = " to ".join(dict.fromkeys(map(setting_text, tip.ends)))
    return f"{at} in some cases only" if tip.in_some_cases else at


def setting_text(value: float) -> str:
    """Return a value of a setting."""
    return number(value, 3)

"""What holds under every set of evidence, in running text and in one picture."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from iom_causal.analysis.sensitivity.moved_settings import NOTHING_ELSE
from iom_causal.base import axes_of_lines
from iom_causal.base.formats import fixed, listed, number
from iom_causal.base.wording import quote
from iom_causal.ledger import Ledger
from iom_causal.report.asked_study import AskedStudy, Data
from iom_causal.sensitivity.sweep import Sweep, sweep
from iom_causal.sensitivity.tipping import Tipping

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def tip_words(tip: Tipping) -> str:
    """Return a tipping value or the ends of its set.

    Examples
    --------
    >>> tip_words(Tipping("detection.ratio", 0.5278, 1.0, (0.02, 50.0), 0.53))
    '0.528'
    >>> tip_words(Tipping("detection.ratio", None, 1.0, (0.02, 50.0), 0.53))
    'none from 0.02 to 50'
    """
    none = f"none from {number(tip.searched[0], 3)} to {number(tip.searched[1], 3)}"
    at = " to ".join(dict.fromkeys(number(end, 3) for end in tip.ends)) or none
    return f"{at} in some cases, {none} in others" if tip.in_some_cases else at


def by_set(words: Mapping[str, str]) -> str:
    """Return what holds under every set of evidence as running text.

    Examples
    --------
    >>> by_set({"picked on their rate": "0.64", "picked on the count": "0.94"})
    '0.64 if “picked on their rate” and 0.94 if “picked on the count”'
    >>> by_set({NOTHING_ELSE: "0.53"})
    '0.53 if nothing else is allowed for'
    """
    return listed(f"{text} {if_set(name)}" for name, text in words.items())


def if_set(name: str) -> str:
    """Return the condition that a set of evidence is right, in words.

    Examples
    --------
    >>> if_set("picked on their rate"), if_set("if arrests are in the score")
    ('if “picked on their rate”', 'if “arrests are in the score”')
    """
    return f"if {name if name == NOTHING_ELSE else quote(name.removeprefix('if '))}"


def remainder_words(study: AskedStudy, ledger: Ledger, data: Data) -> str:
    """Return the remainder of a ledger at central beliefs, or the ends of its set, on the scale of the outcome."""
    return ends_words(*study.ends(ledger, data), decimals=0 if data.kind == "score" else 2)


def ends_words(low: float, high: float, *, decimals: int = 2) -> str:
    """Return both ends of a set, or one value where they read alike.

    Examples
    --------
    >>> ends_words(0.631, 0.654), ends_words(0.631, 0.634)
    ('0.63 to 0.65', '0.63')
    """
    low_text, high_text = fixed(low, decimals), fixed(high, decimals)
    return low_text if low_text == high_text else f"{low_text} to {high_text}"


def curves(under: Mapping[str, Ledger], data: Data, path: str, span: tuple[float, float], *, across: str) -> "Axes":
    """Draw what remains against one setting, a line a set of evidence, or both its ends where it leaves a set."""
    return drawn({name: sweep(ledger, data, path, span, interval=False) for name, ledger in under.items()}, across)


def drawn(along: Mapping[str, Sweep], across: str) -> "Axes":
    """Draw several sweeps of one setting: a line each through what remains, or both its ends where it is a set."""
    first = next(iter(along.values()))
    unit = unit_of(first.outcome, first.scale)
    lines = {name: (found.values, found.set_low, found.set_high) for name, found in along.items()}
    return drawn_sets(lines, across=across, unit=unit, nothing=first.nothing)


def drawn_sets(
    along: Mapping[str, tuple[Sequence[float], Sequence[float | None], Sequence[float | None]]],
    *,
    across: str,
    unit: str,
    nothing: float = 1.0,
) -> "Axes":
    """Draw what remains under every set of evidence over one setting, by both its ends: a set has no centre."""
    lines = {name.removeprefix("if "): points for name, points in along.items()}
    return axes_of_lines.set_lines(lines, across=across, unit=unit, level=nothing)


def unit_of(outcome: str, scale: str = "ratio") -> str:
    """Return the words at an axis of remainders."""
    return f"remaining {outcome}, {'after / before' if scale == 'ratio' else scale}"

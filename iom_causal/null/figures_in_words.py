"""Figures of the null calibration in words: chances, shares, ranges, and which worlds."""

from collections.abc import Iterable

from iom_causal.base.formats import percent
from iom_causal.numerics.pairs.rate_models import IN_WORDS

FARTHEST, FARTHEST_SOFT = 5.0, 1.3
"""The largest ratio at which a model is looked for: with a hard cut, and where people are selected softly."""
UNCHANGED = "nothing else changing"


def chance_text(chance: float) -> str:
    """Return a tail probability over simulated cohorts, as a percentage that claims no more than they show.

    Examples
    --------
    >>> chance_text(0.0), chance_text(0.0834), chance_text(0.486), chance_text(1.0)
    ('under 0.1%', '8.3%', '49%', 'over 99.9%')
    """
    if chance < 0.001 or chance > 0.999:
        return "under 0.1%" if chance < 0.001 else "over 99.9%"
    return percent(chance, 1 if chance < 0.0995 or chance > 0.9005 else 0)


def short_chance(chance: float) -> str:
    """Return the same for a table.

    Examples
    --------
    >>> short_chance(0.0), short_chance(1.0)
    ('<0.1%', '>99.9%')
    """
    return chance_text(chance).replace("under ", "<").replace("over ", ">")


def share_text(share: float) -> str:
    """Return a share of a population with two digits.

    Examples
    --------
    >>> share_text(0.3654), share_text(0.0082), share_text(0.000618), share_text(0.0)
    ('37%', '0.8%', '0.06%', 'under 0.01%')
    """
    if share < 0.00005:
        return "under 0.01%"
    return percent(share, 0 if share >= 0.0995 else 1 if share >= 0.00095 else 2)


def range_text(low: str, high: str) -> str:
    """Return two figures as a range, or one where they read the same.

    Examples
    --------
    >>> range_text("0.7%", "0.8%"), range_text("1.00", "1.00")
    ('0.7% to 0.8%', '1.00')
    """
    return low if low == high else f"{low} to {high}"


def either(rates: Iterable[str]) -> str:
    """Return kinds of rates, in words, one or the other.

    Examples
    --------
    >>> either(("lognormal", "gamma", "renewed"))
    'lognormal rates that drift, gamma rates that drift or gamma rates of which some are drawn anew'
    """
    *others, last = (IN_WORDS[kind] for kind in rates)
    return f"{', '.join(others)} or {last}" if others else last


def meanwhile(background: str) -> str:
    """Word the background ratio: what else changes while the programme is switched off.

    Examples
    --------
    >>> meanwhile("1.00"), meanwhile("0.90")
    ('nothing else changing', 'everybody’s rate multiplied by 0.90 for other reasons')
    """
    return UNCHANGED if background == "1.00" else f"everybody’s rate multiplied by {background} for other reasons"


def ends_with_search(ratio: float, farthest: float) -> bool:
    """Whether a ratio is the farthest that was looked at.

    Examples
    --------
    >>> ends_with_search(1.3, FARTHEST_SOFT), ends_with_search(1.12, FARTHEST_SOFT)
    (True, False)
    """
    return ratio > farthest - 0.005

"""Exact tails of a split of events, or of people, between two sides."""

from scipy import special


def split_tails(before: float, after: float, odds: float) -> tuple[float, float]:
    """Compute the chances of so few after, and of so many, given all and the odds of after against before.

    Examples
    --------
    >>> split_tails(0, 6, 1.0), split_tails(1, 1, 3.0)
    ((1.0, 0.015625), (0.4375, 0.9375))
    """
    share = odds / (1 + odds)
    less = 1.0 if before == 0 else float(special.betainc(before, after + 1, 1 - share))
    greater = 1.0 if after == 0 else float(special.betainc(after, before + 1, share))
    return less, greater

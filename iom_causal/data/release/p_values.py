"""Coarsening of p-values of people: bands, of which one person's difference tells little."""

from bisect import bisect_right

from iom_causal.base.formats import bounded

BANDS = (0.0, 0.001, 0.01, 0.05, 0.1, 0.2, 0.5)
"""Lower ends of the bands. Of a p-value to three decimals the statistic is known so well that two of nearly the same
people, with ratio and interval, are solved for one person's counts; of a band it is known less well than of these."""


def coarse_p(p: float) -> float:
    """Return the lower end of the band of a p-value.

    Whether it is below .001, .01, .05 or .1 is then as it was.

    Examples
    --------
    >>> [coarse_p(p) for p in (1e-9, 0.0362, 0.711, 1.0)]
    [0.0, 0.01, 0.5, 0.5]
    """
    return BANDS[bisect_right(BANDS, p) - 1] if p == p else p  # noqa: PLR0124 NaN


def coarse_p_text(p: float) -> str:
    """Format the band of a p-value.

    Examples
    --------
    >>> coarse_p_text(1e-9), coarse_p_text(0.0362), coarse_p_text(0.711)
    ('p < .001', 'p = .01 to .05', 'p = .5 to 1')
    """
    above = bisect_right(BANDS, p)
    if above == 1:
        return "p < .001"
    low, high = (bounded(end).rstrip("0").rstrip(".") for end in (*BANDS, 1.0)[above - 1 : above + 1])
    return f"p = {low} to {high}"

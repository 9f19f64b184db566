"""McNemar tests of paired shares, and limits for the odds ratio and the difference."""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy import special

from iom_causal.numerics.inference.ratios import conditional_limits
from iom_causal.numerics.kernels.binomial_tails import split_tails

_BESIDE = 1e-9  # of the way from the estimate to the end of the scale


class PairedTable(NamedTuple):
    """Numbers of people with the event in both windows, before only, after only, and in neither.

    Attributes
    ----------
    both, before_only, after_only, neither : float
        Numbers of people.
    """

    both: float
    before_only: float
    after_only: float
    neither: float

    @property
    def n(self) -> float:
        """All people."""
        return sum(self)

    @property
    def discordant(self) -> float:
        """People with the event in one window only."""
        return self.before_only + self.after_only


def exact_p(before_only: float, after_only: float) -> float:
    """Compute McNemar's exact two-sided p-value: twice the smaller binomial tail, at most 1.

    Examples
    --------
    >>> exact_p(10, 2)
    0.03857421875
    """
    return min(1.0, 2 * _at_most(min(before_only, after_only), before_only + after_only))


def mid_p(before_only: float, after_only: float) -> float:
    """Compute McNemar's mid-p-value, which counts half of the probability of what was seen.

    Less conservative than the exact test; it exceeds its level by little (Fagerland, Lydersen & Laake 2013).

    Examples
    --------
    >>> round(mid_p(10, 2), 8)
    0.02246094
    """
    low, total = min(before_only, after_only), before_only + after_only
    return min(1.0, _at_most(low, total) + _at_most(low - 1, total))


def chi_square(before_only: float, after_only: float) -> tuple[float, float]:
    """Compute McNemar's chi-squared without continuity correction, and its p-value; 0 and 1 without discordance.

    Examples
    --------
    >>> round(chi_square(515, 290)[0], 3)
    62.888
    """
    total = before_only + after_only
    statistic = (before_only - after_only) ** 2 / total if total else 0.0
    return statistic, float(special.chdtrc(1, statistic))


def odds_limits(before_only: float, after_only: float, level: float, test: str) -> tuple[float, float]:
    """Find limits of the conditional odds ratio after_only / before_only that agree with a test of 1.

    Parameters
    ----------
    before_only, after_only : float
        Discordant people; with none at all the limits are 0 and infinity.
    level : float
        Confidence level.
    test : {"exact", "mid_p", "chi_square"}
        Clopper-Pearson, mid-p, or Wilson's limits of the share, as odds.

    Examples
    --------
    >>> [round(x, 4) for x in odds_limits(10, 2, 0.95, "exact")]
    [0.0213, 0.9385]
    """
    total = before_only + after_only
    if total == 0:
        return 0.0, np.inf
    if test == "exact":
        low, high = conditional_limits(before_only, after_only, level)
        return float(low), float(high)
    if test == "chi_square":
        ends = wilson_limits(after_only, total, level)
    else:
        ends = _mid_limits(after_only, total, (1 - level) / 2), 1 - _mid_limits(before_only, total, (1 - level) / 2)
    return ends[0] / (1 - ends[0]), ends[1] / (1 - ends[1]) if ends[1] < 1 else np.inf


def wilson_limits(events: float, n: float, level: float) -> tuple[float, float]:
    """Find Wilson's score limits of a share.

    Examples
    --------
    >>> [round(x, 4) for x in wilson_limits(2, 12, 0.95)]
    [0.047, 0.448]
    """
    z = float(special.ndtri((1 + level) / 2))
    share, weight = events / n, z**2 / n
    half = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    low, high = (share + weight / 2 - half) / (1 + weight), (share + weight / 2 + half) / (1 + weight)
    return (0.0 if events == 0 else float(low)), (1.0 if events == n else float(high))


def score_limits(table: PairedTable, level: float) -> tuple[float, float]:
    """Find Tango's score limits of the difference of paired shares, after minus before.

    Parameters
    ----------
    table : PairedTable
        At least one person.
    level : float
        Confidence level.

    Notes
    -----
    The differences at which the score test, with the discordant shares fitted under it, just rejects (Tango 1998,
    Stat. Med. 17, 891-908). At 0 it is McNemar's chi-squared test.

    Examples
    --------
    >>> [round(x, 4) for x in score_limits(PairedTable(36, 12, 2, 0), 0.95)]
    [-0.3447, -0.0611]
    """
    z = float(special.ndtri((1 + level) / 2))
    estimate = (table.after_only - table.before_only) / table.n

    def gap(difference: float) -> float:
        spread = z * math.sqrt(_null_variance(table, difference))
        return abs(estimate - difference) * math.sqrt(table.n) - spread

    return _root(gap, -1.0, estimate), _root(gap, 1.0, estimate)


def newcombe_limits(table: PairedTable, level: float) -> tuple[float, float]:
    """Find Newcombe's limits of the difference of paired shares, after minus before, by his method 10.

    Parameters
    ----------
    table : PairedTable
        At least one person.
    level : float
        Confidence level.

    Notes
    -----
    Wilson's limits of both shares, put together with their correlation, corrected towards 0 where it is positive
    (Newcombe 1998, Stat. Med. 17, 2635-2650).

    Examples
    --------
    >>> [round(x, 4) for x in newcombe_limits(PairedTable(36, 12, 2, 0), 0.95)]
    [-0.3404, -0.0569]
    """
    a, b, c, _ = table
    before, after = (a + b) / table.n, (a + c) / table.n
    low1, high1 = wilson_limits(a + b, table.n, level)
    low2, high2 = wilson_limits(a + c, table.n, level)
    phi = _correlation(table)

    def reach(x: float, y: float) -> float:
        return float(np.sqrt(max(0.0, x**2 - 2 * phi * x * y + y**2)))

    change = after - before
    return change - reach(after - low2, high1 - before), change + reach(high2 - after, before - low1)


def _at_most(k: float, n: float) -> float:
    return 0.0 if k < 0 else split_tails(n - k, k, 1.0)[0]


def _mid_limits(events: float, n: float, tail: float) -> float:
    from scipy.optimize import brentq  # noqa: PLC0415 slow to load

    # The share at which so many events or more have mid-p probability `tail`.
    def excess(share: float) -> float:
        more = float(special.betainc(events + 1, n - events, share)) if events < n else 0.0
        return more + (float(special.betainc(events, n - events + 1, share)) - more) / 2 - tail

    return 0.0 if events == 0 else float(brentq(excess, 0.0, 1.0, xtol=1e-14))


def _null_variance(table: PairedTable, difference: float) -> float:
    n, b, c = table.n, table.before_only, table.after_only
    middle = b * (1 - difference) + c * (1 + difference) - 2 * n * difference
    root = np.sqrt(max(0.0, middle**2 + 8 * n * b * difference * (1 - difference)))
    # The stable form of the larger root of 2 n q^2 - middle q - b difference (1 - difference).
    share = (middle + root) / (4 * n) if middle >= 0 else _small_root(middle, root, b * difference * (1 - difference))
    share = max(share, -difference, 0.0)
    return max(0.0, 2 * share + difference * (1 - difference))


def _small_root(middle: float, root: float, product: float) -> float:
    return 2 * product / (root - middle)


def _root(gap: Callable[[float], float], edge: float, estimate: float) -> float:
    from scipy.optimize import brentq  # noqa: PLC0415 slow to load

    # At the estimate itself the gap may be 0 over 0, so the search starts beside it.
    beside = estimate + _BESIDE * (edge - estimate)
    if edge == estimate or gap(edge) <= 0:
        return edge
    return float(brentq(gap, edge, beside, xtol=1e-14))


def _correlation(table: PairedTable) -> float:
    a, b, c, d = table
    spread = (a + b) * (c + d) * (a + c) * (b + d)
    if spread == 0:
        return 0.0
    cross = a * d - b * c
    if cross > 0:
        cross = max(cross - table.n / 2, 0.0)
    return float(cross / np.sqrt(spread))

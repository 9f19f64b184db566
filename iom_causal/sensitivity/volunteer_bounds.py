"""Volunteer bounds: how common a view can be among all, if people who hold it were likelier to be interviewed."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from iom_causal.base import axes, axes_of_lines
from iom_causal.base.formats import number, percent
from iom_causal.base.result import Result, table
from iom_causal.base.specs import check_level
from iom_causal.errors import SpecError
from iom_causal.inputs.arguments import checked
from iom_causal.inputs.threats import others
from iom_causal.numerics import LEVEL
from iom_causal.numerics.printed.shares import exact_interval
from iom_causal.numerics.sensitivity.volunteers import share_of_the_rest

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True, kw_only=True)
class VolunteerBounds(Result):
    """Bounds on the share with positive views among all, from volunteers.

    Parameters
    ----------
    positive, n : int
        Volunteers with positive views, and all volunteers.
    odds : (float, float)
        The least and the most by which the odds of volunteering are higher with positive views.
    set_low, set_high : float
        The bounds at the share observed.
    conf_low, conf_high : float
        The exact interval of the share at the lower and at the upper bound: its lower and its upper end.
    conf_level : float
        Its level, wherever within `odds` the ratio lies.
    """

    people_columns: ClassVar[tuple[str, ...]] = ("positive", "n")
    telling_columns: ClassVar[tuple[str, ...]] = ("share", "set_low", "set_high", "conf_low", "conf_high")
    figure_columns: ClassVar[Mapping[str, str]] = dict.fromkeys(("odds_low", "odds_high", "conf_level"), "setting")
    speaks_to: ClassVar[tuple[str, ...]] = ("c12",)
    silent_on: ClassVar[tuple[str, ...]] = others(speaks_to)

    positive: int
    n: int
    odds: tuple[float, float]
    set_low: float
    set_high: float
    conf_low: float
    conf_high: float
    conf_level: float

    @property
    def share(self) -> float:
        """The share with positive views among volunteers."""
        return self.positive / self.n

    @property
    def tipping(self) -> float | None:
        """The ratio of odds at which half of all others hold positive views; None where all volunteers do, or none."""
        return self.positive / (self.n - self.positive) if 0 < self.positive < self.n else None

    def tidy(self) -> "pd.DataFrame":
        """Return one row: the share among volunteers, the bounds, and the interval at their ends."""
        row = {
            "positive": self.positive,
            "n": self.n,
            "share": self.share,
            "odds_low": self.odds[0],
            "odds_high": self.odds[1],
            "set_low": self.set_low,
            "set_high": self.set_high,
            "conf_low": self.conf_low,
            "conf_high": self.conf_high,
            "conf_level": self.conf_level,
        }
        return table([row], row)

    def summary(self) -> str:
        """Return the sentences.

        Examples
        --------
        >>> print(volunteer_bounds(positive=6, n=10).summary().partition(" Half")[0])
        6 of 10 people who came forward for an interview hold positive views. If the odds of coming forward were 1 to \
5 times as high with positive views as without, 23% to 60% of all hold them; with sampling, 7% to 88% (95%, exact).
        """
        odds = " to ".join(dict.fromkeys(number(end) for end in self.odds))
        ends = " to ".join(dict.fromkeys(percent(end) for end in (self.set_low, self.set_high)))
        half = "" if self.tipping is None else f"Half of the others hold them at {number(self.tipping)} times. "
        return (
            f"{self.positive} of {self.n} people who came forward for an interview hold positive views. If the odds of "
            f"coming forward were {odds} times as high with positive views as without, {ends} of all hold them; with "
            f"sampling, {percent(self.conf_low)} to {percent(self.conf_high)} ({self.conf_level:.0%}, exact). {half}"
            "Nothing in the interviews tells what the odds were; interviews show which views exist, and bear on no "
            "count or score."
        )

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the share among the others over the ratio of odds, with the interval of the share."""
        ratios = np.linspace(min(self.odds[0], 1.0), max(self.odds[1], 2.0), 101)
        interval = exact_interval(self.positive, self.n, level=self.conf_level)
        ax = axes_of_lines.curve(
            ratios,
            share_of_the_rest(self.share, ratios),
            low=share_of_the_rest(interval.low, ratios),
            high=share_of_the_rest(interval.high, ratios),
            ax=ax,
        )
        for end in dict.fromkeys(self.odds):
            axes.mark(ax, x=end, text="views make no odds" if end == 1 else f"{number(end)} times the odds")
        ax.set_ylim(0, 1)
        ax.set_xlabel("odds of coming forward, with positive views over without")
        ax.set_ylabel("share with positive views")
        return ax


@checked
def volunteer_bounds(
    *, positive: int, n: int, odds: tuple[float, float] = (1.0, 5.0), level: float = LEVEL
) -> VolunteerBounds:
    """Bound the share with positive views among all people, where those interviewed volunteered.

    The odds of positive views among volunteers, over those among the others, are the odds of volunteering with
    positive views over those without (Bayes' rule). All people are volunteers and others, so that the share among all
    lies between the shares of the two; the bounds hold however few volunteered, and are attained as they become few.

    Right where volunteers with positive views, and those without, are like all such people; what stays unidentified
    is the ratio of odds, for which a range has to be stated.

    Parameters
    ----------
    positive, n : int
        Volunteers with positive views, and all volunteers.
    odds : (float, float)
        The least and the most by which the odds of volunteering are higher with positive views; below 1 they are lower.
    level : float
        Of the exact interval (Clopper & Pearson 1934) of the share among volunteers, which stands at both ends.

    Returns
    -------
    VolunteerBounds
        The bounds, and the interval around them.

    Raises
    ------
    SpecError
        IOM-E092 for numbers of people that are not whole or not in order, a range of odds that is none, or a level
        outside 0 to 1.

    Examples
    --------
    >>> found = volunteer_bounds(positive=6, n=10, odds=(1, 5))
    >>> round(found.set_low, 3), round(found.set_high, 3), round(found.conf_low, 3), round(found.conf_high, 3)
    (0.231, 0.6, 0.066, 0.878)
    """
    check_level(level)
    whole = all(isinstance(count, int | np.integer) and not isinstance(count, bool) for count in (positive, n))
    if not (whole and n >= 1 and 0 <= positive <= n):
        raise SpecError("IOM-E092", f"volunteer_bounds: expected 0 <= positive <= n people, got {positive} of {n}")
    least, most = odds
    if not (0 < least <= most < math.inf):
        raise SpecError("IOM-E092", f"volunteer_bounds: odds: expected 0 < low <= high, got {least} and {most}")
    interval = exact_interval(int(positive), int(n), level=level)
    # Of the volunteers themselves, with whom the ratio is 1: all people lie between them and the others.
    lower, upper = max(most, 1.0), min(least, 1.0)
    return VolunteerBounds(
        positive=int(positive),
        n=int(n),
        odds=(float(least), float(most)),
        set_low=float(share_of_the_rest(positive / n, lower)),
        set_high=float(share_of_the_rest(positive / n, upper)),
        conf_low=float(share_of_the_rest(interval.low, lower)),
        conf_high=float(share_of_the_rest(interval.high, upper)),
        conf_level=level,
    )

"""Settings of simulated people: trajectories, pauses, excitation, ages, engagement, score and drop-out."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from iom_causal.base.specs import check_types, refuse_data
from iom_causal.beliefs import Belief
from iom_causal.beliefs.theta import (
    AT_LEAST_ZERO,
    RATIO,
    RATIO_OR_ZERO,
    SHARE_ABOVE_ZERO,
    SHARE_BELOW_ONE,
    SHARE_INSIDE,
    check_beliefs,
)
from iom_causal.errors import SpecError
from iom_causal.numerics.adjustment.exposure import effect_course

type Floats = NDArray[np.float64]

OLDEST, DAY = 120, 1 / 365.25
"""Years: the highest age on the index date that rates by age are laid out for, and the shortest mean length."""
_MOST_CUT = 1_000
"""SDs of ages for each year between their ends; who is drawn outside is drawn again."""


def check(spec: object, holds: bool, expected: str) -> None:  # noqa: FBT001 a condition is no setting
    """Refuse a setting that does not hold, in words."""
    if not holds:
        raise SpecError("IOM-E092", f"{type(spec).__name__}: expected {expected}")


@dataclass(frozen=True, kw_only=True)
class Trajectory:
    """One class of people in a finite mixture: how large it is, how high it starts and how it moves.

    Parameters
    ----------
    share : float
        Of the pool; the shares of all classes add up to 1.
    level : float
        Rate on the index date, relative to the other classes; the mean over the pool is set to 1.
    trend : float
        Change of the log rate a year.
    desistance : float
        Chance of stopping for good in a year.

    Examples
    --------
    >>> late = Trajectory(share=0.2, level=0.5, trend=0.4)
    >>> late.desistance
    0.0
    """

    share: float
    level: float = 1.0
    trend: float = 0.0
    desistance: float = 0.0

    def __post_init__(self) -> None:
        check_types(self)
        check_beliefs(self, {"share": SHARE_ABOVE_ZERO, "level": AT_LEAST_ZERO})
        check(self, math.isfinite(self.trend) and 0 <= self.desistance < 1, "a finite trend and desistance in [0, 1)")


@dataclass(frozen=True, kw_only=True)
class Pauses:
    """Careers that switch off and on: spells without offending that people come back from.

    What it alone reproduces: people with no event in one window who are back at their level in the next, more
    often than any lasting or drifting rate gives.

    Parameters
    ----------
    off_years, on_years : float
        Mean length of a pause, and of the time between two.

    Examples
    --------
    >>> Pauses(off_years=0.5, on_years=1.5).off_years
    0.5
    """

    off_years: float
    on_years: float

    def __post_init__(self) -> None:
        check_types(self)
        check(self, min(self.off_years, self.on_years) >= DAY, "mean lengths of at least a day (1 / 365.25)")


@dataclass(frozen=True, kw_only=True)
class Excitation:
    """Events that bring further events for a while, by the same person.

    What it alone reproduces: runs of events a few weeks apart within people whose rates are otherwise steady.

    Parameters
    ----------
    branching : float
        Mean number of further events that one event brings by itself; from 0 to below 1.
    memory_years : float
        Mean time until it does.

    Examples
    --------
    >>> Excitation(branching=0.2, memory_years=0.1).branching
    0.2
    """

    branching: float
    memory_years: float

    def __post_init__(self) -> None:
        check_types(self)
        check(self, 0 <= self.branching < 1, "a branching ratio in [0, 1), or events without end")
        check(self, self.memory_years > 0, "a memory above 0")


@dataclass(frozen=True, kw_only=True)
class Ages:
    """Truncated normal distribution of ages at the index date.

    Examples
    --------
    >>> Ages(mean=27.0, sd=6.0).high
    60.0
    """

    mean: float = 30.0
    sd: float = 8.57
    low: float = 13.0
    high: float = 60.0

    def __post_init__(self) -> None:
        check_types(self)
        check(self, 0 <= self.low <= self.mean <= self.high and self.sd >= 0, "0 <= low <= mean <= high and sd >= 0")
        check(self, self.high <= OLDEST, f"high of at most {OLDEST} years")
        drawn = self.sd <= _MOST_CUT * (self.high - self.low)
        check(self, drawn, f"low below high and sd of at most {_MOST_CUT:,} times what lies between, or 0")


@dataclass(frozen=True, kw_only=True)
class Engaged:
    """People who choose to change: their own change without the programme, and what the programme does for them.

    Parameters
    ----------
    share : float
        Of the pool.
    own_ratio : float
        Their rates after over before, whoever manages them.
    ratio : float, optional
        The programme's ratio for them; None is that of all people.
    others_join : float
        The chance that somebody who is not engaged joins when selected; below 1 the joiners are volunteers.

    Examples
    --------
    >>> Engaged(share=0.3, own_ratio=0.6).others_join
    1.0
    """

    share: float
    own_ratio: float = 1.0
    ratio: float | None = None
    others_join: float = 1.0

    def __post_init__(self) -> None:
        check_types(self)
        bounds = {"share": SHARE_INSIDE, "own_ratio": RATIO_OR_ZERO, "ratio": RATIO_OR_ZERO}
        check_beliefs(self, bounds | {"others_join": SHARE_ABOVE_ZERO})


@dataclass(frozen=True, kw_only=True)
class Programme:
    """Effect of the programme on the rate of people who have entered.

    Parameters
    ----------
    ratio : belief
        Rate with over without, once it is fully there; 1 does nothing. A distribution is drawn once a replicate.
    ramp_years : float
        How long it takes to build up, in a straight line on the log scale.
    half_life_years : float, optional
        How long until half of the log effect has faded; None never fades.
    tags_end_years : float, optional
        When tags and curfews end.
    rebound : float
        Share of the log effect that comes back with the other sign from then on.
    women_ratio : float, optional
        The ratio for women; None is that of all people.

    Examples
    --------
    >>> Programme(ratio=0.8, tags_end_years=1.0, rebound=0.5).course([0.5, 1.5]).tolist()
    [1.0, -0.5]
    """

    ratio: Belief = 1.0
    ramp_years: float = 0.0
    half_life_years: float | None = None
    tags_end_years: float | None = None
    rebound: float = 0.0
    women_ratio: float | None = None

    def __post_init__(self) -> None:
        refuse_data(self)
        check_types(self)
        check_beliefs(self, {"ratio": RATIO, "women_ratio": RATIO})
        check(self, self.ramp_years >= 0 and self.rebound >= 0, "ramp_years and rebound of at least 0")
        check(self, self.half_life_years is None or self.half_life_years > 0, "a half-life above 0")
        check(self, self.tags_end_years is None or self.tags_end_years >= 0, "tags that end after entry")

    def course(self, years: ArrayLike) -> Floats:
        """Return the share of the full log effect that is there at each time after entry."""
        time = np.asarray(years, dtype=np.float64)
        there = effect_course(time, self.ramp_years, self.half_life_years or np.inf)
        if self.tags_end_years is not None:
            there = np.where(time > self.tags_end_years, -self.rebound * there, there)
        return np.asarray(there)


@dataclass(frozen=True, kw_only=True)
class Score:
    """A risk score that is read at the end of every window.

    Points for events expire; points for the rate behind them stand for intelligence; lasting differences
    between people and an error that is drawn anew each time come on top; then it is put on a grid.

    Parameters
    ----------
    base : float
        Points of somebody of mean rate without recent events.
    per_event, half_life_years : float
        Points for one event, and how long until half of them have expired. At first all people have the points that
        the rate of the first month would have brought for ever.
    per_log_rate : float
        Points for one more unit of the log of a person's own rate, relative to the pool's mean.
    lasting_sd, error_sd : float
        SD of lasting differences, and the standard error of measurement, before rounding.
    drift_per_year : float
        Points that each score moves without treatment.
    grid, low, high : float
        The step to which it is rounded (0 for none), and its ends.

    Examples
    --------
    >>> Score(per_event=10.0, grid=20.0).on_grid([333.0]).tolist()
    [340.0]
    """

    base: float = 300.0
    per_event: float = 0.0
    half_life_years: float = 1.0
    per_log_rate: float = 0.0
    lasting_sd: float = 0.0
    error_sd: float = 0.0
    drift_per_year: float = 0.0
    grid: float = 20.0
    low: float = 20.0
    high: float = 1100.0

    def __post_init__(self) -> None:
        check_types(self)
        check(
            self,
            0 < self.half_life_years <= OLDEST and self.low < self.high,
            f"a half-life above 0 and up to {OLDEST} years, and low < high",
        )
        check(self, min(self.lasting_sd, self.error_sd, self.grid) >= 0, "SDs and a grid of at least 0")

    def on_grid(self, points: ArrayLike) -> Floats:
        """Return points as the score gives them: on its grid, inside its ends.

        Examples
        --------
        >>> Score().on_grid([333.0, 2000.0]).tolist()
        [340.0, 1100.0]
        """
        made = np.asarray(points, dtype=np.float64)
        made = np.round(made / self.grid) * self.grid if self.grid > 0 else made
        return np.clip(made, self.low, self.high)


@dataclass(frozen=True, kw_only=True)
class DropOut:
    """Whose score after is missing.

    Parameters
    ----------
    share : float
        The chance for somebody with the base score before and no event after.
    on_score : float
        Log odds for 100 points more before: missing at random given the score before.
    on_events : float
        Log odds for one more event after: missing not at random.

    Examples
    --------
    >>> DropOut(share=0.2, on_score=1.0).on_events
    0.0
    """

    share: float
    on_score: float = 0.0
    on_events: float = 0.0

    def __post_init__(self) -> None:
        check_types(self)
        check_beliefs(self, {"share": SHARE_BELOW_ONE})

    def chance(self, above: ArrayLike, events: ArrayLike) -> Floats:
        """Return the chance that a later score is missing.

        Parameters
        ----------
        above : array_like
            Points by which the score before lies above the base.
        events : array_like
            After.

        Examples
        --------
        >>> DropOut(share=0.2, on_score=1.0).chance([0.0, 100.0], 0).round(2).tolist()
        [0.2, 0.4]
        """
        odds = np.log(self.share) - np.log1p(-self.share) if self.share > 0 else -np.inf
        odds = odds + self.on_score * np.asarray(above, dtype=np.float64) / 100
        return np.asarray(expit(odds + self.on_events * np.asarray(events, dtype=np.float64)))

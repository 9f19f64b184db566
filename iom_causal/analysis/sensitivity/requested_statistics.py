"""Unprinted statistics: the value that each takes in every model, and how finely it would be known."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf, log
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from iom_causal.base.specs import FrozenMap
from iom_causal.numerics.pairs.moments import PairMoments
from iom_causal.numerics.pairs.rate_models import SelectionFit

type Floats = NDArray[np.float64]

UNIT = 5.0
"""Numbers of people and of events are asked for to the nearest 5."""
PRINTED = 0.005
"""Half of the last digit of a figure with two decimals."""
LEAST_OF_OTHERS = 0.02
"""Share of all events below which the others on the list have too few to tell anything."""
MANY = 2.0
"""From so many times the mean on somebody has many."""


class Model(NamedTuple):
    """One model that has the observed figures, as statistics read it.

    Attributes
    ----------
    fit : SelectionFit
        Population and rule.
    observed : PairMoments
        Of the selected people.
    n : int
        How many they are.
    record : float
        How many times as long as the window before the record is that the rule read; infinite for the rate itself.
    lasts : bool
        Whether a rate that the rule read lasts; one that moves does so before the window as it does after.
    expected : float
        Mean of the selected people to be expected after, with no change but regression, in a window like that before.
    none, many : tuple of float
        Share of the selected with no event, and with many, before and after.
    noise : float
        How many standard errors a statistic may be off.
    """

    fit: SelectionFit
    observed: PairMoments
    n: int
    record: float
    lasts: bool
    expected: float
    none: tuple[float, float]
    many: tuple[float, float]
    noise: float

    @property
    def listed(self) -> float:
        """People in the source population."""
        return self.n / self.fit.share

    @property
    def spread(self) -> float:
        """Coefficient of variation of the source population's counts."""
        fit = self.fit
        of_rates = np.expm1(fit.spread**2) if fit.rates == "lognormal" else fit.spread**2
        return float(np.sqrt(of_rates + 1 / fit.mean))


class Taken(NamedTuple):
    """The value of a statistic in a model, and by how much a known one may differ; infinite where it tells nothing."""

    value: float
    tolerance: float


UNTOLD = Taken(0.0, inf)
"""Of a statistic of which a model tells nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistic:
    """A statistic that a force can give of people without naming any.

    Parameters
    ----------
    name : str
        In tables.
    what : str
        In sentences.
    speaks_to : str
        The point of the register that it bears on.
    taken : callable
        From a model to its value there.
    line : str
        The line that it tells, beside its value; empty where it tells of the models alone.
    of_pool : bool
        Whether it is of the source population, which models of a longer record are not fitted with: none of these is
        ruled out by it.
    """

    name: str
    what: str
    speaks_to: str
    taken: Callable[[Model], Taken]
    line: str = ""
    of_pool: bool = False


def noise_of(level: float) -> float:
    """Return how many standard errors a statistic may be off at a level.

    Examples
    --------
    >>> round(noise_of(0.95), 2)
    1.96
    """
    return float(ndtri((1 + level) / 2))


def _rule(m: Model) -> Taken:
    return Taken(1 / m.record, 0.0)


def _pool_mean(m: Model) -> Taken:
    events = m.listed * m.fit.mean
    return Taken(log(m.fit.mean), UNIT / 2 / events + m.noise * m.spread / np.sqrt(m.listed))


def _pool_size(m: Model) -> Taken:
    return Taken(log(m.fit.share), UNIT / 2 / m.listed + m.noise / np.sqrt(m.n))


def _list_after(m: Model) -> Taken:
    """Of those on the list who were not selected: log of what regression alone does to their mean.

    People selected take more than their part of events from the others' before, and less of it after.
    """
    share, mean = m.fit.share, m.fit.mean
    before, after = mean - share * m.observed.mean_pre, mean - share * m.expected
    if min(before, after) < LEAST_OF_OTHERS * mean:
        return UNTOLD
    return Taken(log(after / before), m.noise * m.spread * np.sqrt(2 / m.listed))


def _earlier(m: Model) -> Taken:
    """Of the selected people, in a window before the one before, of equal length.

    Frailty that is stationary and reversible makes it the same as what is expected after; a rule that read that window
    too leaves it as high as the one before.
    """
    mean = m.expected if m.record <= 1 or not m.lasts else m.observed.mean_pre
    spread = m.observed.sd_post / m.observed.mean_post
    return Taken(log(mean), UNIT / 2 / (m.n * mean) + m.noise * spread / np.sqrt(m.n))


def _share(share: float, m: Model) -> Taken:
    return Taken(share, UNIT / 2 / m.n + m.noise * float(np.sqrt(share * (1 - share) / m.n)))


STATISTICS: Mapping[str, Statistic] = FrozenMap(
    {
        s.name: s
        for s in (
            Statistic(name="rule", what="how people were picked", speaks_to="u1", taken=_rule),
            Statistic(
                name="pool_mean", what="the average of the whole list", speaks_to="u1", taken=_pool_mean, of_pool=True
            ),
            Statistic(
                name="pool_size", what="how many were on the whole list", speaks_to="u1", taken=_pool_size, of_pool=True
            ),
            Statistic(
                name="earlier_mean",
                what="the average of the same people in an earlier window",
                speaks_to="u1",
                taken=_earlier,
            ),
            Statistic(
                name="list_after",
                what="what became of the others on the list",
                speaks_to="c01",
                taken=_list_after,
                line="background",
            ),
            Statistic(
                name="custody_days",
                what="the days in custody before and after",
                speaks_to="u2",
                taken=lambda _: Taken(0.0, 0.0),
                line="time at liberty",
            ),
            Statistic(
                name="left_area",
                what="how many died or moved away",
                speaks_to="u6",
                taken=lambda m: Taken(0.0, UNIT / 2 / m.n),
                line="people still there",
            ),
            Statistic(
                name="age_at_entry",
                what="the ages when people were picked",
                speaks_to="c05",
                taken=lambda _: Taken(0.0, 0.0),
                line="age",
            ),
            Statistic(
                name="correlation",
                what="the correlation of the two windows",
                speaks_to="u1",
                taken=lambda m: Taken(m.observed.r, PRINTED),
            ),
            Statistic(
                name="sd_before",
                what="the standard deviation before",
                speaks_to="u1",
                taken=lambda m: Taken(m.observed.sd_pre, PRINTED),
            ),
            Statistic(
                name="sd_after",
                what="the standard deviation after",
                speaks_to="u1",
                taken=lambda m: Taken(m.observed.sd_post, PRINTED),
            ),
            Statistic(
                name="none_before",
                what="how many had none before",
                speaks_to="u1",
                taken=lambda m: _share(m.none[0], m),
            ),
            Statistic(
                name="none_after", what="how many had none after", speaks_to="u1", taken=lambda m: _share(m.none[1], m)
            ),
            Statistic(
                name="many_before",
                what="how many had many before",
                speaks_to="u1",
                taken=lambda m: _share(m.many[0], m),
            ),
            Statistic(
                name="many_after", what="how many had many after", speaks_to="u1", taken=lambda m: _share(m.many[1], m)
            ),
        )
    }
)
"""Every statistic by its name, in the order in which equal ones are asked for."""


def regressed(mean: float, before: float, after_one: float, record: float) -> float:
    """Mean expected after by regression alone, where the rule read a record longer than the window before.

    The mean of `record` windows is as reliable as the Spearman-Brown formula has it,
    ``k rho / (1 + (k - 1) rho)`` with `rho` that of one; people come down to the source population's mean by the rest.

    Parameters
    ----------
    mean : float
        Of the source population.
    before : float
        Of the selected people.
    after_one : float
        Of these, expected after a rule that read the window before alone; it gives the reliability of one window.
    record : float
        Windows that the rule read; infinite for the rate itself, from which nothing regresses.

    Examples
    --------
    >>> regressed(2.0, 6.0, 4.0, 1), round(regressed(2.0, 6.0, 4.0, 2), 3), regressed(2.0, 6.0, 4.0, inf)
    (4.0, 4.667, 6.0)
    """
    if record == 1 or before == mean:
        return after_one
    rho = min(max((after_one - mean) / (before - mean), 0.0), 1.0)
    reliability = 1.0 if record == inf else record * rho / (1 + (record - 1) * rho)
    return mean + reliability * (before - mean)


def drifted(fit: SelectionFit, before: float) -> float:
    """Mean expected after a window on whose rates people were picked, where rates move as the population's do.

    It comes down to the population's mean by what the correlation of rates in the two windows leaves; all the way where
    that is below 0, as it may be fitted to few people.

    Parameters
    ----------
    fit : SelectionFit
        The population.
    before : float
        Mean of the selected people.

    Examples
    --------
    >>> from iom_causal.numerics.pairs.moments import PairMoments
    >>> kept = SelectionFit(1.0, 2.0, 1.0, 0.75, 5.0, 1.0, 0.1, PairMoments(6, 4, 4, 4, 0.5), 0.0, "gamma")
    >>> drifted(kept, 6.0), round(drifted(kept._replace(rates="lognormal"), 6.0), 2)
    (5.0, 4.6)
    >>> drifted(kept._replace(correlation=-0.5), 6.0)
    2.0
    """
    kept = fit.correlation
    if fit.rates == "lognormal":
        kept = float(np.expm1(kept * fit.spread**2) / np.expm1(fit.spread**2))
    return fit.mean + max(kept, 0.0) * (before - fit.mean)


def shares(pmf: Floats, many: float) -> tuple[float, float]:
    """Share with no event, and with at least `many`, of a pmf of counts.

    Examples
    --------
    >>> shares(np.array([0.5, 0.3, 0.2]), 2)
    (0.5, 0.2)
    """
    return float(pmf[0]), float(pmf[int(np.ceil(many)) :].sum())

"""Worlds that print the same five moments, and how far counts fall in them with the programme switched off."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import exp, log, log1p, sqrt
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from iom_causal.numerics import lognormal_selection as lognormal
from iom_causal.numerics.lognormal_selection import PairMoments, PickedFit
from iom_causal.numerics.pair_law import (
    PairLaw,
    largest_at_most,
    law_moments,
    lognormal_pair_law,
    probit_rule,
    smallest_at_most,
)
from iom_causal.numerics.pair_sampler import pair_sums, pair_table
from iom_causal.numerics.paired import t_statistic
from iom_causal.numerics.paired_moments import moments_from_sums
from iom_causal.streams import Streams

type Floats = NDArray[np.float64]
type Known = Literal["share", "mean"]


class Told(NamedTuple):
    """What is known of the picked people.

    Attributes
    ----------
    name : str
        Of the outcome.
    n, n_input : int
        People with both windows, and all.
    moments : PairMoments
        Of their counts, each window as long as it is.
    length : float
        Time at risk after over before.
    t : float
        The paired t, after minus before.
    smallest_before, largest_before, largest_after : float or None
        Their extremes, where they are known.
    """

    name: str
    n: int
    n_input: int
    moments: PairMoments
    length: float
    t: float
    smallest_before: float | None
    largest_before: float | None
    largest_after: float | None

    @property
    def ratio(self) -> float:
        """After over before, per day at risk."""
        return self.moments.mean_post / self.moments.mean_pre / self.length


@dataclass(frozen=True, slots=True, kw_only=True)
class NullWorld:
    """One world that prints the same moments, and what happens in it without the programme.

    Parameters
    ----------
    ratio : float
        After over before for everybody, programme and all else, picking apart; what was put in.
    background_ratio : float
        The part of it that ageing, trend and the like do; its middle, where it is a distribution.
    pool_share : float or None
        Of the population that is picked; None where people are picked on their rate.
    pool_mean : float
        Events of the population in the window before.
    log_sd, memory : float
        Of the population's rates: SD of the log, correlation of the logs of the two windows.
    cut, softness : float or None
        Of the rule.
    picking_share : float
        Of the observed fall, on the log scale, that picking alone gives.
    fall_mean, fall_low, fall_high : float
        Of the falls of cohorts without the programme: mean and the middle `level`.
    fall_error : float
        Monte Carlo error of the mean.
    chance, chance_t : float
        How often a cohort falls at least as far, and has at least such a t, without the programme.
    chance_error, chance_t_error : float
        Their Monte Carlo errors; never 0, also where no cohort did or all did.
    chance_refitted : float or None
        How often a cohort without the programme whose own moments are fitted, with what is known of the
        population, points to a ratio as low or lower: `chance` takes the world as known exactly, this does not.
    ratio_low, ratio_high : float or None
        Interval of the ratio for the sampling of the moments, with what is known of the population.
    max_before, max_after, min_before : float or None
        Probability that the largest counts are at most those printed, and the smallest too.
    none_before : float
        Share of the picked people with no event before.
    sims : int
        Cohorts drawn.
    """

    ratio: float
    background_ratio: float
    pool_share: float | None
    pool_mean: float
    log_sd: float
    memory: float
    cut: float | None
    softness: float | None
    picking_share: float
    fall_mean: float
    fall_low: float
    fall_high: float
    fall_error: float
    chance: float
    chance_error: float
    chance_t: float
    chance_t_error: float
    chance_refitted: float | None
    ratio_low: float | None
    ratio_high: float | None
    max_before: float | None
    max_after: float | None
    min_before: float | None
    none_before: float
    sims: int

    @property
    def programme_ratio(self) -> float:
        """What the programme did in this world before it was switched off."""
        return self.ratio / self.background_ratio


class Cohorts(NamedTuple):
    """How far simulated cohorts fell, and their paired t; NaN where a cohort has none."""

    fall: Floats
    t: Floats


def draw_cohorts(law: PairLaw, n: int, length: float, keys: NDArray[np.uint64]) -> Cohorts:
    """Draw one cohort of `n` people a key and return how far each fell, per day at risk, and its t.

    Examples
    --------
    >>> law = lognormal_pair_law([4.0, 4.0], [0.5, 0.5], 0.9)
    >>> bool(abs(draw_cohorts(law, 200, 1.0, Streams(1).keys("x", range(1000))).fall.mean()) < 0.01)
    True
    """
    m = moments_from_sums(pair_sums(pair_table(law.pmf), keys, n))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(m.mean_before > 0, m.mean_after / m.mean_before, np.nan) / length
    return Cohorts(1 - ratio, t_statistic(m))


def fitted_worlds(
    told: Told, fit: PickedFit, backgrounds: Sequence[Floats], streams: Streams, *, sims: int, level: float, known: Known
) -> Iterator[NullWorld]:
    """Switch the programme of a fitted world off, once for each belief about the background.

    Parameters
    ----------
    told : Told
        The picked people.
    fit : PickedFit
        A world that prints their moments; its ratio holds the length of the windows too.
    backgrounds : sequence of ndarray
        Each one belief: a single ratio, or evenly weighted points of a distribution.
    streams : Streams
        Every world and background has its own, whatever others are there.
    sims : int
        Cohorts a world.
    level : float
        Of the intervals.
    known : {"share", "mean"}
        What is known of the population when moments are fitted again.
    """
    printed = _picked_law(fit, fit.ratio)
    ratio = fit.ratio / told.length
    half = float(ndtri((1 + level) / 2)) * _std_error(fit, printed, told.n, known)
    for points in backgrounds:
        laws = [_picked_law(fit, a * told.length) for a in points]
        refitted = [
            ndtr(log(ratio / a) / _std_error(fit._replace(ratio=a * told.length), law, told.n, known))
            for a, law in zip(points, laws, strict=True)
        ]
        yield NullWorld(
            ratio=ratio,
            background_ratio=float(np.median(points)),
            pool_share=fit.share,
            pool_mean=fit.mean,
            log_sd=fit.log_sd,
            memory=fit.correlation,
            cut=fit.cut,
            softness=fit.softness,
            picking_share=1 - log(ratio) / log(told.ratio),
            chance_refitted=float(np.mean(refitted)),
            ratio_low=ratio * exp(-half),
            ratio_high=ratio * exp(half),
            **_checks(told, printed),
            **_falls(told, _drawn(told, laws, points, streams, f"ratio {ratio:.6g}", sims), level),
        )


def rate_worlds(
    told: Told, backgrounds: Sequence[Floats], streams: Streams, *, sims: int, level: float
) -> Iterator[NullWorld]:
    """Switch the programme off where people are picked on the rate behind their count, so that nothing regresses.

    The rates of the picked people are lognormal with the SDs and the correlation that their counts imply; there
    are none where the counts vary less than Poisson counts do, or go together more than rates can.
    """
    law = _rate_law(told.moments)
    if law is None:
        return
    s1, s2, memory = law
    for points in backgrounds:
        means = [(told.moments.mean_pre, told.moments.mean_pre * a * told.length) for a in points]
        laws = [lognormal_pair_law(m, (s1, s2), memory) for m in means]
        printed = lognormal_pair_law((told.moments.mean_pre, told.moments.mean_post), (s1, s2), memory)
        yield NullWorld(
            ratio=told.ratio,
            background_ratio=float(np.median(points)),
            pool_share=None,
            pool_mean=told.moments.mean_pre,
            log_sd=s1,
            memory=memory,
            cut=None,
            softness=None,
            picking_share=0.0,
            chance_refitted=None,
            ratio_low=None,
            ratio_high=None,
            **_checks(told, printed),
            **_falls(told, _drawn(told, laws, points, streams, "rate", sims), level),
        )


def _picked_law(fit: PickedFit, ratio: float) -> PairLaw:
    means, sds = (fit.mean, fit.mean * ratio), (fit.log_sd, fit.log_sd)
    return lognormal_pair_law(means, sds, fit.correlation, probit_rule(fit.cut, fit.softness))


def _std_error(fit: PickedFit, law: PairLaw, n: int, known: Known) -> float:
    """Return the standard error of the log ratio that is fitted to the moments of `n` people from a law."""
    slopes = lognormal.ratio_slopes(fit, known)
    return sqrt(float(slopes @ law_moments(law).covariance @ slopes) / n)


def _rate_law(m: PairMoments) -> tuple[float, float, float] | None:
    """Return the log SDs and correlation of lognormal rates behind counts with these moments."""
    extra = [(sd**2 - mean) / mean**2 for mean, sd in ((m.mean_pre, m.sd_pre), (m.mean_post, m.sd_post))]
    shared = m.r * m.sd_pre * m.sd_post / (m.mean_pre * m.mean_post)
    if min(extra) <= 0 or shared <= -1:
        return None
    s1, s2 = (sqrt(log1p(v)) for v in extra)
    memory = log1p(shared) / (s1 * s2)
    return (s1, s2, memory) if abs(memory) < 1 else None


def _drawn(
    told: Told, laws: Sequence[PairLaw], points: Floats, streams: Streams, name: str, sims: int
) -> Cohorts:
    """Draw `sims` cohorts, shared out evenly among the points of a belief."""
    parts = []
    for law, point, share in zip(laws, points, np.array_split(np.arange(sims), len(laws)), strict=True):
        keys = streams.keys(f"{name}, background {point:.6g}", share)
        parts.append(draw_cohorts(law, told.n, told.length, keys))
    return Cohorts(*(np.concatenate(v) for v in zip(*parts, strict=True)))


def _falls(told: Told, drawn: Cohorts, level: float) -> dict[str, float | int]:
    known = drawn.fall[~np.isnan(drawn.fall)]
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    chances = [float(np.mean(drawn.fall >= 1 - told.ratio)), float(np.mean(drawn.t <= told.t))]
    size = drawn.fall.size
    errors = [sqrt(p * (1 - p) / size) for p in ((c * size + 1) / (size + 2) for c in chances)]
    return {
        "fall_mean": float(known.mean()),
        "fall_low": float(low),
        "fall_high": float(high),
        "fall_error": float(known.std()) / sqrt(known.size),
        "chance": chances[0],
        "chance_error": errors[0],
        "chance_t": chances[1],
        "chance_t_error": errors[1],
        "sims": size,
    }


def _checks(told: Told, law: PairLaw) -> dict[str, float | None]:
    """Return what the world says of figures that it was not fitted to."""
    before, after = law.pmf.sum(1), law.pmf.sum(0)
    asked: dict[str, tuple[float | None, Callable[..., float], Floats]] = {
        "max_before": (told.largest_before, largest_at_most, before),
        "max_after": (told.largest_after, largest_at_most, after),
        "min_before": (told.smallest_before, smallest_at_most, before),
    }
    answers = {k: None if v is None else chance(of, v, told.n) for k, (v, chance, of) in asked.items()}
    return {**answers, "none_before": float(before[0])}

"""Simulation of observationally equivalent models under the null: with the programme switched off."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import exp, log, log1p, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from iom_causal.null.fitting import Known, MinimumDistance, MomentMatch
from iom_causal.null.observed import Observed
from iom_causal.numerics.inference.paired import t_statistic
from iom_causal.numerics.inference.paired_moments import moments_from_sums
from iom_causal.numerics.pairs.alias_sampler import pair_sums, pair_table
from iom_causal.numerics.pairs.delta_method import Response
from iom_causal.numerics.pairs.joint_pmf import JointPmf, largest_at_most, pmf_moments, smallest_at_most
from iom_causal.numerics.pairs.lognormal import lognormal_joint_pmf
from iom_causal.numerics.pairs.moments import PairMoments, in_logs, log_slopes
from iom_causal.numerics.pairs.rate_models import Rates, SelectionFit
from iom_causal.streams import Streams

type Floats = NDArray[np.float64]


class Settings(NamedTuple):
    """Simulation settings: cohorts drawn for each model, and the level of the intervals."""

    sims: int
    level: float


class Falls(NamedTuple):
    """Distribution of the falls under the null, and its tail probability at the observed fall.

    Attributes
    ----------
    mean, low, high : float
        Of the falls, as shares of the rate before: the mean, and the middle `level` of cohorts.
    error : float
        Monte Carlo error of the mean.
    chance, chance_t : float
        How often a cohort falls at least as far, and has at least such a t.
    chance_error, chance_t_error : float
        Their Monte Carlo errors; not 0 where no cohort did, or all did.
    sims : int
        Cohorts drawn.
    """

    mean: float
    low: float
    high: float
    error: float
    chance: float
    chance_error: float
    chance_t: float
    chance_t_error: float
    sims: int


class Checks(NamedTuple):
    """Predictive checks: what a model says of figures that it was not fitted to; None where they are not known.

    Attributes
    ----------
    max_before, max_after : float or None
        Probability that nobody has more than the largest count observed.
    min_before : float or None
        Probability that somebody has no more than the smallest.
    none_before : float
        Share of the selected people with no event before.
    """

    max_before: float | None
    max_after: float | None
    min_before: float | None
    none_before: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NullModel:
    """Model that reproduces the same moments, and what is expected in it with the programme switched off.

    Parameters
    ----------
    rates : {"lognormal", "gamma", "renewed"}
        Of which kind the population's rates are.
    ratio : float
        After over before for the whole population, programme and all else, selection apart: what was put in.
    background_ratio : float
        The part of it that ageing, trend and the like do; its middle, where it is a distribution.
    pool_share, pool_mean : float
        Of the population: the share that is selected, and the events in the window before.
    log_sd, memory : float
        Of the population's rates: SD of the log; correlation of the two windows, of the logs where rates are lognormal.
    cut, softness : float
        Of the rule; a softness of 0 is a hard cut.
    picking_share : float
        Of the observed fall, on the log scale, that selection alone gives.
    ratio_low, ratio_high : float or None
        Interval of the ratio for the sampling of the moments, were the population known as far as is said; None where
        people were selected softly and no model has the moments exactly.
    chance_refitted : float or None
        How often a cohort without the programme whose own moments are fitted, with what is known of the
        population, points to a ratio as low or lower. `chance` takes the model as known exactly; this does not.
        Each cohort is fitted to second order, which comes within about .01 of fitting it outright; None as above.
    falls : Falls
        With the programme switched off.
    checks : Checks
        With the programme as it was put in.
    """

    rates: Rates
    ratio: float
    background_ratio: float
    pool_share: float
    pool_mean: float
    log_sd: float
    memory: float
    cut: float
    softness: float
    picking_share: float
    ratio_low: float | None
    ratio_high: float | None
    chance_refitted: float | None
    falls: Falls
    checks: Checks

    @property
    def programme_ratio(self) -> float:
        """Ratio of the programme in this model before it was switched off."""
        return self.ratio / self.background_ratio

    @property
    def chance(self) -> float:
        """Tail probability of a fall at least as large under the null."""
        return self.falls.chance


@dataclass(frozen=True, slots=True, kw_only=True)
class LatentRateModel:
    """Model in which people are selected on the rate behind their count, so that no chance in a count regresses.

    Rates that drift do so in either direction of time: of people selected on their rate on the day of introduction they
    are as high before as after. Selected on that of the window before, they come back as far as they drift.

    Parameters
    ----------
    background_ratio : float
        As in `NullModel`.
    lasts : float
        Share of the rate before that is there after, drift alone: 1 where they were selected on that of the day.
    window : bool
        Whether it was the rate of the window before, or of the day.
    falls : Falls
        With the programme switched off.
    """

    background_ratio: float
    lasts: float
    window: bool
    falls: Falls


class Cohorts(NamedTuple):
    """Falls of simulated cohorts, their paired t and five moments; NaN where a cohort has none."""

    fall: Floats
    t: Floats
    moments: Floats


def draw_cohorts(joint: JointPmf, n: int, length: float, keys: NDArray[np.uint64]) -> Cohorts:
    """Draw one cohort of `n` people a key and return how far each fell, per day at risk, and its t.

    Examples
    --------
    >>> joint = lognormal_joint_pmf([4.0, 4.0], [0.5, 0.5], 0.9)
    >>> bool(abs(draw_cohorts(joint, 200, 1.0, Streams(1).keys("x", range(1000))).fall.mean()) < 0.01)
    True
    """
    m = moments_from_sums(pair_sums(pair_table(joint.pmf), keys, n))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(m.mean_pre > 0, m.mean_post / m.mean_pre, np.nan) / length
        moments = np.stack([m.mean_pre, m.sd_pre, m.mean_post, m.sd_post, m.r], axis=-1)
    return Cohorts(1 - ratio, t_statistic(m), moments)


def fitted_null_models(
    observed: Observed,
    fitting: MomentMatch | MinimumDistance,
    fit: SelectionFit,
    backgrounds: Sequence[Floats],
    streams: Streams,
    settings: Settings,
    *,
    known: Known | None,
    length: float,
) -> Iterator[NullModel]:
    """Switch the programme of a fitted model off, once for each belief about the background.

    Parameters
    ----------
    observed : Observed
        The selected people.
    fitting : MomentMatch or MinimumDistance
        How they were selected.
    fit : SelectionFit
        A model that reproduces their moments; its ratio holds the length of the windows too.
    backgrounds : sequence of ndarray
        Each one belief: a single ratio, or evenly weighted points of a distribution.
    streams : Streams
        Every model and background has its own, whatever others are there.
    settings : Settings
        Cohorts a model, and the level of the intervals.
    known : {"share", "mean"} or None
        What is known of the population when moments are fitted again.
    length : float
        Time after over before of the same rates, as `expected_length` gives it; that of days at risk where these do
        not differ. Falls are a day at risk all the same.
    """
    as_fitted = fit.joint_pmf()
    ratio, alone = fit.ratio / length, fit.moments.mean_post / fit.moments.mean_pre / fit.ratio
    moves = fitting.response(fit, known)
    z = float(ndtri((1 + settings.level) / 2))
    off = None if moves is None else exp(z * std_error(moves, as_fitted, observed.n))
    for points in backgrounds:
        joints = [fit.joint_pmf(a * length) for a in points]
        drawn = _drawn(observed, joints, points, streams, f"{fit.rates} rates, ratio {ratio:.6g}", settings.sims)
        refitted = []
        for a, joint, part in zip(points, joints, drawn, strict=True):
            no_effect_models = fitting.response(_off(fit, a * length, joint), known)
            refitted += [] if no_effect_models is None else [log(a) + _refitted(no_effect_models, joint, part.moments)]
        yield NullModel(
            rates=fit.rates,
            ratio=ratio,
            background_ratio=float(np.median(points)),
            pool_share=fit.share,
            pool_mean=fit.mean,
            log_sd=fit.log_sd,
            memory=fit.correlation,
            cut=fit.cut,
            softness=fit.softness,
            picking_share=log(alone * (length / observed.length)) / log(observed.ratio),
            ratio_low=None if off is None else ratio / off,
            ratio_high=None if off is None else ratio * off,
            chance_refitted=float(np.mean(np.concatenate(refitted) <= log(ratio))) if refitted else None,
            falls=_falls(observed, drawn, settings),
            checks=_checks(observed, as_fitted),
        )


def latent_rate_models(
    observed: Observed, backgrounds: Sequence[Floats], streams: Streams, settings: Settings
) -> Iterator[LatentRateModel]:
    """Switch the programme off where people are selected on the rate behind their count, of the day or of the window.

    The rates of the selected people are lognormal with the SDs and the correlation that their counts imply; there
    is no such model where counts vary less than Poisson counts do, or go together more than rates can. Of people
    selected on the rate of the window before they drift as far as the figures let them (`least_lasting`). Without a
    programme, of 100,000 people each from pools with gamma, lognormal and inverse Gaussian rates, of whom a twentieth
    was selected on the rate of a window, the mean fell by 5 to 6, 20 to 22 and 45 to 48% where normal scores of rates
    kept .95, .8 and .5, and by no more than 9 to 14, 30 to 42 and 67 to 77% by their figures; by none where they were
    selected on that of the day. From few rates far apart such figures tell nothing.
    """
    rates = _rates_behind(observed.moments)
    if rates is None:
        return
    s1, s2, memory = rates
    before, length = observed.moments.mean_pre, observed.length * observed.composition
    least = least_lasting(observed.moments) / length
    for window, name in ((False, "picked on the rate"), (True, "picked on the rate of the window")):
        for points in backgrounds:
            lasts = np.clip(least / points, LEAST_LASTING, 1.0) if window else np.ones_like(points)
            after = before * points * length * lasts
            joints = [lognormal_joint_pmf((before, m), (s1, s2), memory) for m in after]
            drawn = _drawn(observed, joints, points, streams, name, settings.sims)
            yield LatentRateModel(
                background_ratio=float(np.median(points)),
                lasts=float(np.median(lasts)),
                window=window,
                falls=_falls(observed, drawn, settings),
            )


LEAST_LASTING = 0.01
"""Share of a rate that is taken to last where figures let all of it pass, so that there are counts after."""


def least_lasting(m: PairMoments) -> float:
    """Return the least that the mean of people selected on the rate before may be after, over that before.

    Selection on the rate before leaves the regression of the rate after on it as it is. Its slope among the selected is
    ``cov(Y1, Y2) / (var(Y1) - E(Y1))``, counts being Poisson; where it is a line of the rate that is nowhere below 0,
    such as towards a mean, the mean after is no less than the slope times that before. A programme that raises no rate
    has lowered the slope, if anything.

    Examples
    --------
    >>> round(least_lasting(PairMoments(6.84, 4.75, 3.61, 3.66, 0.5355)), 3)
    0.592
    """
    return m.r * m.sd_pre * m.sd_post / (m.sd_pre**2 - m.mean_pre)


def _off(fit: SelectionFit, ratio: float, joint: JointPmf) -> SelectionFit:
    """Return a model with another ratio in place of its own."""
    return fit._replace(ratio=ratio, moments=pmf_moments(joint)[0])


def std_error(response: Response, joint: JointPmf, n: int) -> float:
    """Return the standard error of the log ratio that is fitted to the moments of `n` people from a distribution."""
    moments, covariance = pmf_moments(joint)
    slopes = response.slopes[-1, :5] * log_slopes(moments)
    return sqrt(float(np.einsum("i,ij,j", slopes, covariance, slopes)) / n)


def _refitted(response: Response, joint: JointPmf, moments: Floats) -> Floats:
    """Return the error of the log ratio fitted to each cohort; inf where there is none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        errors = in_logs(moments) - in_logs(pmf_moments(joint)[0])
    whole = np.isfinite(errors).all(-1)
    found = np.full(len(moments), np.inf)
    found[whole] = response.shifts(np.pad(errors[whole], ((0, 0), (0, 1))), -1)
    return found


def _rates_behind(m: PairMoments) -> tuple[float, float, float] | None:
    """Return the log SDs and correlation of lognormal rates behind counts with these moments."""
    extra = [(sd**2 - mean) / mean**2 for mean, sd in ((m.mean_pre, m.sd_pre), (m.mean_post, m.sd_post))]
    shared = m.r * m.sd_pre * m.sd_post / (m.mean_pre * m.mean_post)
    if min(extra) <= 0 or shared <= -1:
        return None
    s1, s2 = (sqrt(log1p(v)) for v in extra)
    memory = log1p(shared) / (s1 * s2)
    return (s1, s2, memory) if abs(memory) < 1 else None


def _drawn(
    observed: Observed, joints: Sequence[JointPmf], points: Floats, streams: Streams, name: str, sims: int
) -> list[Cohorts]:
    """Draw `sims` cohorts, shared out evenly among the points of a belief."""
    parts = []
    for joint, point, share in zip(joints, points, np.array_split(np.arange(sims), len(joints)), strict=True):
        keys = streams.keys(f"{name}, background {point:.6g}", share)
        parts.append(draw_cohorts(joint, observed.n, observed.length, keys))
    return parts


def _falls(observed: Observed, parts: Sequence[Cohorts], settings: Settings) -> Falls:
    drawn = Cohorts(*(np.concatenate(v) for v in zip(*parts, strict=True)))
    known, size = drawn.fall[~np.isnan(drawn.fall)], drawn.fall.size
    low, high = np.quantile(known, [(1 - settings.level) / 2, (1 + settings.level) / 2])
    chance, chance_t = float(np.mean(drawn.fall >= 1 - observed.ratio)), float(np.mean(drawn.t <= observed.t))
    return Falls(
        mean=float(known.mean()),
        low=float(low),
        high=float(high),
        error=float(known.std()) / sqrt(known.size),
        chance=chance,
        chance_error=_binomial_error(chance, size),
        chance_t=chance_t,
        chance_t_error=_binomial_error(chance_t, size),
        sims=size,
    )


def _binomial_error(share: float, size: int) -> float:
    p = (share * size + 1) / (size + 2)
    return sqrt(p * (1 - p) / size)


def _checks(observed: Observed, joint: JointPmf) -> Checks:
    before, after = joint.pmf.sum(1), joint.pmf.sum(0)

    def ratios_given(chance: Callable[[Floats, float, int], float], of: Floats, value: float | None) -> float | None:
        return None if value is None else chance(of, value, observed.n)

    return Checks(
        max_before=ratios_given(largest_at_most, before, observed.largest_before),
        max_after=ratios_given(largest_at_most, after, observed.largest_after),
        min_before=ratios_given(smallest_at_most, before, observed.smallest_before),
        none_before=float(before[0]),
    )

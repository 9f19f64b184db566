"""Regression to the mean of Poisson counts whose rates are lognormal and drift, by the method of moments."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, Literal

import numpy as np

from iom_causal.beliefs import Belief
from iom_causal.beliefs.theta import Theta
from iom_causal.confounds.phrases import setting
from iom_causal.confounds.regression.method import Floats, Method
from iom_causal.confounds.regression.readings import Reading, shift_by_timing
from iom_causal.errors import InputError, NotIdentifiedError
from iom_causal.inputs.selected import PLACES, SelectedCounts, check_rule, pair_moments
from iom_causal.moments import Moments
from iom_causal.numerics.inference.weighted_moments import weighted_sum
from iom_causal.numerics.kernels.chebyshev import along
from iom_causal.numerics.pairs import lognormal_selection, moment_matching
from iom_causal.numerics.pairs.moments import PairMoments
from iom_causal.panel import Panel
from iom_causal.windows import Selection

PART_READ = (
    "lognormal rates are fitted to people picked on every window before, and the rule reads a part of them",
    "take 'gamma_poisson' with comparable_mean and shape, which does not ask how people were picked",
)
LATE = (
    (
        "of people picked by a known rule on the count after, lognormal rates do not tell how much everybody's rate "
        "changed"
    ),
    "take 'linear' or 'gamma_poisson', or state a rule 'soft' without its numbers, which is then fitted",
)


@dataclass(frozen=True, kw_only=True)
class Lognormal(Method):
    """Method of moments for lognormal rates that drift, in a source population of known mean.

    A rule that states its probabilities (``at_least``, ``soft`` with both numbers, ``top`` with the source population)
    is honoured: the mean before gives the spread of rates, counts before by events after how far they last (of people
    at hand in a mean in which high counts weigh little more than others; of a published table in the product of both
    counts). For a ``soft`` rule without its numbers a probit selection is fitted too, so that the population has the
    five moments. Selected on the count after, stated probabilities identify too little and are refused; fitted ones
    are not.

    Right for lognormal rates only. From 225 people above cuts of 3 to 6 (100 cohorts each, log SDs of .8 to 1.06)
    it leaves at most .04 of the log ratio, and intervals meant to cover 95% cover 89 to 98%; from 225 people with
    gamma rates that stay (40 cohorts each) it leaves .06 (cut 4) and .12 (cut 6), and they cover 75% and 65%. Where
    8% a year stop it leaves .09, and intervals of people selected by a rule ``top`` are too narrow (docs/methods.md).

    Parameters
    ----------
    comparable_mean : belief
        Mean count of the source population, in a window as long as the one before; above 0.
    late : belief, optional
        Share of the selection that read the window after, 0 to 1; by default what the timing says.

    Examples
    --------
    >>> Lognormal(comparable_mean=1.65).name
    'lognormal'
    """

    comparable_mean: Belief
    late: Belief | None = None

    name: ClassVar[str] = "lognormal"
    of_mean_days: ClassVar[bool] = True

    def shift(self, data: Panel | Moments, selection: Selection | None, theta: Theta) -> Floats:
        """Return the log change in the fitted population."""
        return shift_by_timing(data, selection, theta, self.late, _ahead)

    def condition(self, data: Panel | Moments, theta: Theta) -> str:
        """Return its assumptions, in the words of a sentence."""
        del data
        mean = setting(self, "comparable_mean", theta)
        return f"rates are lognormal around a mean of comparable people of {mean}"


def _ahead(reading: Reading) -> Floats:
    """Honour a rule that states its probabilities; fit the cut and softness of a soft one that does not."""
    rule, mean = reading.rule, reading.theta.get("comparable_mean")
    if rule.rule == "soft" and None in (rule.threshold, rule.softness):
        return probit_shift(_of_equal_length(reading.moments, reading.longer), mean, late=reading.late)
    return stated_rule_shift(reading.sample, mean, rule, late=reading.late)


def stated_rule_shift(
    sample: SelectedCounts | PairMoments, population_mean: Any, rule: Selection, *, late: bool = False
) -> Floats:
    """Return the shift for people selected with known probabilities.

    The programme, which multiplies the mean after and the mean product of both counts alike, does not enter. With
    `late` it would: over a wide range of changes the means and the product are then nearly the same.
    """
    if late:
        raise NotIdentifiedError("IOM-E068", *LATE)
    mean = np.asarray(population_mean, dtype=np.float64)
    if isinstance(sample, SelectedCounts) and sample.curve is not None and sample.read.ndim > 1:
        each = np.broadcast_to(mean, len(sample.read))
        return np.array([float(stated_rule_shift(sample.replicate(k), mu, rule)) for k, mu in enumerate(each)])
    probability = _known_probability(sample, rule)
    m1, s1, m2, s2, r = (
        np.asarray(v) for v in (pair_moments(sample) if isinstance(sample, SelectedCounts) else sample)
    )
    if isinstance(sample, SelectedCounts):
        events = sample.weight * sample.after
        weighed = weighted_sum(events, lognormal_selection.bounded(sample.read)) / events.sum(-1)
        fit = lognormal_selection.fit_selected(m1, weighed, mean, probability, of=lognormal_selection.bounded)
    else:
        fit = lognormal_selection.fit_selected(m1, m1 + r * s1 * s2 / m2, mean, probability)
    return np.asarray(np.log(fit.mean_after / m1))


def probit_shift(m: PairMoments, population_mean: Any, *, late: bool = False) -> Floats:
    """Return the shift in a population of this mean whose probit selection has these moments, fitted with its cut.

    With `late` time is reversed, and the population's mean is that of the window that was not read.

    With replicates the fit is that of the middle replicate, and each moves its ratio by the first order of its
    moments; over many means the fits are a smooth curve.
    """
    moments = np.stack(np.broadcast_arrays(*(np.asarray(v, dtype=np.float64) for v in m)), axis=-1)
    middle = PairMoments(*(float(v) for v in np.atleast_2d(moments).mean(0)))
    off = moments - np.array(middle)

    curve = along(lambda mean: _ratio_at(middle, mean, late=late), np.asarray(population_mean, dtype=np.float64))
    log_ratio = curve[..., 0] + (curve[..., 1:] * off).sum(-1)
    return np.asarray(np.log(moments[..., 2] / moments[..., 0]) - log_ratio)


@lru_cache(maxsize=512)
def _ratio_at(moments: PairMoments, population_mean: float, *, late: bool) -> Floats:
    """Return the log ratio at these moments and its slopes; cached for tipping values of other lines."""
    known: Literal["mean", "mean after"] = "mean after" if late else "mean"
    fit = moment_matching.fit_at_mean(moments, population_mean, known=known)
    ratio = np.concatenate([[math.log(fit.ratio)], moment_matching.ratio_slopes(fit, known)])
    ratio.flags.writeable = False
    return ratio


def _known_probability(sample: SelectedCounts | PairMoments, rule: Selection) -> Callable[[Floats], Floats]:
    """Return the selection probability of a rule that states it, for counts over every window before.

    Raises
    ------
    InputError
        IOM-E048 when the rule reads a part of the windows before, or its probabilities are not known; IOM-E092 when
        somebody was selected who had none.
    NotIdentifiedError
        IOM-E068 when the histogram contradicts a threshold.
    """
    if not isinstance(sample, SelectedCounts):
        if rule.rule == "top":
            raise InputError("IOM-E048", *PLACES)
        return rule.probability
    if sample.other.any():
        raise InputError("IOM-E048", *PART_READ)
    check_rule(sample, rule)
    return sample.unweighted_probability(rule)


def _of_equal_length(m: PairMoments, longer: float) -> PairMoments:
    """Return moments as of windows of equal length, where the one after was `longer` times as long as the one before.

    A count that is scaled to another length keeps its own chance: Poisson about the rate, it has a variance of
    the mean over `longer` where a count of that length has the mean.
    """
    s2: Any = np.asarray(m.sd_post, dtype=np.float64)
    variance: Any = s2**2 + np.asarray(m.mean_post) * (1 - 1 / longer)
    if longer == 1 or not (variance > 0).all():
        return m
    return m._replace(sd_post=np.sqrt(variance), r=m.r * s2 / np.sqrt(variance))

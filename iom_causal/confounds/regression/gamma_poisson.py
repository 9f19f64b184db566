"""Parametric empirical Bayes: regression to the mean of Poisson counts whose rates follow a gamma distribution."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from iom_causal.beliefs import Belief
from iom_causal.beliefs.theta import Theta
from iom_causal.confounds.regression.drift import lasting_share, with_drift
from iom_causal.confounds.regression.limits import NOT_LATE, above_zero
from iom_causal.confounds.regression.method import Floats, Method
from iom_causal.confounds.regression.readings import Reading, shift_by_timing
from iom_causal.errors import InputError, NotIdentifiedError
from iom_causal.inputs.selected import PLACES, SelectedCounts, check_rule
from iom_causal.inputs.weighting import there
from iom_causal.moments import Moments
from iom_causal.numerics.inference.weighted_moments import weighted_sum
from iom_causal.numerics.pairs.moments import PairMoments
from iom_causal.numerics.selection import empirical_bayes
from iom_causal.numerics.selection import truncated_gamma_poisson as gamma_poisson
from iom_causal.panel import Panel
from iom_causal.windows import YEAR, Selection, Window, days_of
from iom_causal.world import Mechanism

SAME_SHARE = 0.9
"""A share selected this near to that of the highest counts is the same: the others refused, whatever their count."""
NO_CUT = (
    (
        "the share of people picked rises with the count over more than the last place, so that no cut tells the "
        "population behind them"
    ),
    "take 'robbins_zhang', or state comparable_mean and shape",
)
WHOLE_WINDOW = (
    (
        "a population fitted from the picked people alone needs a cut from which on everybody was picked, or places "
        "with everybody who competed for them, read over every window before"
    ),
    "state a rule 'at_least' with its threshold, or 'top' with everybody who competed, or comparable_mean and shape",
)
"""What the fit needs of the rule, where the population is not stated."""


@dataclass(frozen=True, kw_only=True)
class GammaPoisson(Method):
    """Empirical Bayes with gamma rates of a source population, stated or fitted to the selected people (Hauer 1997).

    With `comparable_mean` and `shape` the population is stated, and no cut is asked for; with neither it is fitted by
    maximum likelihood to the selected people above their threshold. With `persistence` below 1 rates drift. Of rates
    that drift and are held to last it leaves .10 to .13 of the log ratio of people who were in no programme, and .21
    where 8% a year stop as well; a fit that the counts do not bound is refused (docs/methods.md).

    Parameters
    ----------
    comparable_mean : belief, optional
        Mean count of the source population, in a window as long as the one before; above 0.
    shape : belief, optional
        Shape of its gamma distribution of rates; above 0.
    persistence : belief, optional
        Share of a rate's distance from that mean that lasts to the window after, 0 to 1.
    late : belief, optional
        Share of the selection that read the window after, 0 to 1; by default what the timing says.

    References
    ----------
    Hauer (1997), Observational Before-After Studies in Road Safety.

    Examples
    --------
    >>> GammaPoisson().needs, GammaPoisson(comparable_mean=3.0, shape=1.0).needs
    ((), ('comparable_mean',))
    """

    comparable_mean: Belief | None = None
    shape: Belief | None = None
    persistence: Belief | None = None
    late: Belief | None = None

    name: ClassVar[str] = "gamma_poisson"
    of_mean_days: ClassVar[bool] = True

    @property
    def needs(self) -> tuple[str, ...]:
        """A shape or a persistence needs the mean, and a mean needs the shape unless rates drift towards it."""
        if self.shape is not None or self.persistence is not None:
            return ("comparable_mean",)
        return () if self.comparable_mean is None else ("shape",)

    def shift(self, data: Panel | Moments, selection: Selection | None, theta: Theta) -> Floats:
        """Return the log change of the posterior mean."""
        return shift_by_timing(data, selection, theta, self.late, self._ahead)

    def mechanism(self, windows: tuple[Window, ...], theta: Theta) -> Mechanism:
        """Return the gamma distribution of rates where it is stated."""
        if "shape" not in theta:
            return Mechanism()
        start, end = days_of(next(w for w in windows if not w.post), "gamma rates")
        rates = {"law": "gamma", "rate": float(theta["comparable_mean"]) * YEAR / (end - start)}
        persistence = float(theta.get("persistence", 1.0))
        return Mechanism(frailty={**rates, "shape": float(theta["shape"]), "persistence": persistence})

    def condition(self, data: Panel | Moments, theta: Theta) -> str:
        """Return its assumptions, in the words of a sentence."""
        return f"rates follow a gamma law{lasting_share(self, self.persistence, data, theta)}"

    def _ahead(self, reading: Reading) -> Floats:
        def static(moments: PairMoments | None) -> Floats:
            if "shape" not in reading.theta:
                return fitted_shift(reading.people(self.name), reading.rule)
            m = reading.moments if moments is None else moments
            return stated_shift(m, reading.theta["comparable_mean"], reading.theta["shape"], late=reading.late)

        return with_drift(reading, static)


def stated_shift(m: PairMoments, population_mean: Any, shape: Any, *, late: bool = False) -> Floats:
    """Return the log of the posterior over the observed mean, however people were selected.

    With `late` time is reversed, and the change of the population is solved for as in `linear.linear_shift`.
    """
    if late:
        mu, a = np.asarray(population_mean, dtype=np.float64), np.asarray(shape, dtype=np.float64)
        change = above_zero((a + m.mean_pre) / np.asarray(m.mean_post) - a / mu, NOT_LATE)
        return np.asarray(np.log(np.asarray(m.mean_post) / m.mean_pre) + np.log(change))
    return empirical_bayes.log_shift(m.mean_pre, population_mean, shape)


def fitted_shift(selected: SelectedCounts, rule: Selection) -> Floats:
    """Return the log of the posterior over the observed mean, for the population fitted to truncated counts.

    With replicates the fit is that of the people as they are, and each replicate moves its parameters by the
    first order of its weights.
    """
    if selected.read.ndim > 1:
        fits = [fitted_shift(selected.replicate(k), rule) for k in range(len(selected.read))]
        return np.array(fits, dtype=np.float64)
    threshold = _whole_cut(selected, rule)
    check_rule(selected, rule)
    used = selected.people > 0
    if selected.curve is not None:  # of those who shared the last place a part was selected; those above as by a cut
        used = used & (selected.read >= threshold)
    base, read = selected.people[used], selected.read[used]
    after = np.where(there(selected.followed) > 0, selected.after, np.nan)[used]
    fit = gamma_poisson.fit_truncated(read, after, threshold, base)
    at = np.log([fit.mean, fit.shape]) + np.zeros((*selected.weight.shape[:-1], 2))
    if selected.weight.ndim > 1:
        at = at + (selected.weight[:, used] - base) @ _person_influence(read, after, threshold, fit)[:, :2]
    mean, shape = np.exp(at[..., 0]), np.exp(at[..., 1])
    observed = weighted_sum(selected.weight, selected.read) / selected.weight.sum(-1)
    return empirical_bayes.log_shift(observed, mean, shape)


def _whole_cut(selected: SelectedCounts, rule: Selection) -> int:
    """Return the threshold above which selection was certain, read over every window before."""
    if selected.other.any() or rule.rule == "soft" or (rule.rule == "at_least" and rule.threshold is None):
        raise InputError("IOM-E048", *WHOLE_WINDOW)
    if selected.curve is None:
        if rule.rule == "top":
            raise InputError("IOM-E048", *PLACES)
        return math.ceil(rule.threshold or 0)
    levels, share = selected.curve.levels, selected.curve.unweighted
    place = int(np.argmax(share >= SAME_SHARE * share[-1]))
    if np.count_nonzero(share[:place]) > 1:
        raise NotIdentifiedError("IOM-E068", *NO_CUT)
    return int(levels[place])


def _person_influence(read: Floats, after: Floats, threshold: int, fit: gamma_poisson.TruncatedFit) -> Floats:
    at = np.array([math.log(fit.mean), math.log(fit.shape), fit.log_ratio])
    pairs, where = gamma_poisson.distinct(read, after)
    slopes = [gamma_poisson.truncated_log_likelihood([a], [b], threshold, at)[1] for a, b in pairs.T]
    return np.asarray((np.array(slopes) @ fit.covariance)[where])

"""What regression to the mean does to a pooled count, by what is known of people's rates.

Each function returns the log of the expected after/before ratio without a programme, a number or (D,).
"""

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from iom_causal.errors import InputError, NotIdentifiedError
from iom_causal.inputs.selected import PLACES, Chances, Picked, check_rule, pair_moments
from iom_causal.inputs.weighting import there, weighted_sum
from iom_causal.numerics.pairs import lognormal_selection, moment_matching
from iom_causal.numerics.pairs.moments import PairMoments
from iom_causal.numerics.selection import empirical_bayes, linear, robbins_zhang
from iom_causal.numerics.selection import truncated_gamma_poisson as gamma_poisson
from iom_causal.windows import Selection

type Floats = NDArray[np.float64]

_KNOTS = 9
"""Nodes of the polynomial that stands for a smooth curve where it would be costly to draw from."""


def linear_shift(m: PairMoments, population_mean: Any, slope: Any | None, *, late: bool = False) -> Floats:
    """Return the shift when the mean after is linear in the count before, all the way down to the population's.

    With `slope` None the line is that of the picked people themselves, whose slope a programme has multiplied
    by its ratio; else it is the line without a programme. With `late` the windows are swapped: people were
    picked on the count after, which holds everything that changed, so that the change is solved for: with M1 and M2
    the means before and after, ``R = (mu - M1 + b M2) / (b mu)`` with their own slope b of before on after, and
    ``R = (M2 + (mu - M1) (1 - b) / b) / M1`` with the stated slope of Poisson counts whose rates stay.
    """
    mu = np.asarray(population_mean, dtype=np.float64)
    if slope is not None and late:
        b = _above_zero(np.asarray(slope, dtype=np.float64), NOTHING_LASTS)
        return np.asarray(np.log(_above_zero(m.mean_pre + (mu - m.mean_post) * (1 - b) / b, NOT_LATE) / m.mean_pre))
    if slope is not None:
        return np.asarray(np.log(_above_zero(linear.expected_ratio(m.mean_pre, mu, slope))))
    own = linear.slope(m.r, m.sd_pre, m.sd_post)
    if late:
        change = _above_zero((mu - m.mean_post + own * m.mean_pre) / (own * mu), NOT_LATE)
        return np.asarray(np.log(np.asarray(m.mean_post) / m.mean_pre) + np.log(change))
    remainder = _above_zero(linear.linear_remainder(m.mean_pre, m.mean_post, own, mu))
    return np.asarray(np.log(np.asarray(m.mean_post) / m.mean_pre) - np.log(remainder))


def any_law_shift(picked: Picked, rule: Selection) -> Floats:
    """Return the shift for rates of any law that stay the same, from the picked people's own counts."""
    check_rule(picked, rule)
    chance, chance_one_less = _chances(picked, rule)
    own = robbins_zhang.equivalent_counts(picked.read, chance, chance_one_less)
    if rule.rule == "at_least" and not ((chance_one_less == 0) & (chance > 0)).any():
        raise NotIdentifiedError(
            "IOM-E068",
            "nobody stands at the cut of the rule, and who stands there is all that tells what picking did; look at "
            "its threshold: 'more than 4' is at least 5",
        )
    return robbins_zhang.log_shift(picked.read + picked.other, own + picked.other, picked.weight)


def cut_bound_shift(picked: Picked, rule: Selection, *, late: bool) -> Floats:
    """Return the furthest that a hard cut can move the mean, read at any time while rates stay, of whatever law.

    People picked with at least c events in a stretch that ends a share s of its length into the window after have
    on average ``e = c P(N = c | picked)`` more events in it than their rates give (Robbins & Zhang 1988 for a cut),
    which is at most c. Of these a share ``1 - s`` fell before and s after, so the mean after without a programme is
    the mean before plus ``(2 s - 1) e``: from c below it to c above it.
    """
    mean = weighted_sum(picked.weight, picked.read + picked.other) / picked.weight.sum(-1)
    cut = float(rule.threshold or 0.0)
    return np.asarray(np.log1p(cut * picked.length / mean) if late else np.log(_above_zero(1 - cut / mean, NO_FLOOR)))


def stated_gamma_shift(m: PairMoments, population_mean: Any, shape: Any, *, late: bool = False) -> Floats:
    """Return the shift for gamma rates of a stated population: empirical Bayes, however people were picked.

    With `late` the windows are swapped, and the change of the population is solved for as in `linear_shift`.
    """
    if late:
        mu, a = np.asarray(population_mean, dtype=np.float64), np.asarray(shape, dtype=np.float64)
        change = _above_zero((a + m.mean_pre) / np.asarray(m.mean_post) - a / mu, NOT_LATE)
        return np.asarray(np.log(np.asarray(m.mean_post) / m.mean_pre) + np.log(change))
    return empirical_bayes.log_shift(m.mean_pre, population_mean, shape)


def lasting_mean(m: PairMoments, population_mean: Any, persistence: Any) -> Any:
    """Return the mean in the other window of people picked late, had their rates stayed: ``(M - (1 - rho) mu) / rho``.

    What they come back to is the population's mean in that window, which nothing has changed yet.
    """
    rho = _above_zero(np.asarray(persistence, dtype=np.float64), NOTHING_LASTS)
    return _above_zero((np.asarray(m.mean_post) - (1 - rho) * np.asarray(population_mean)) / rho, NOT_LATE)


def at_events_shift(mean_pre: Any, events: Any) -> Floats:
    """Return the shift where people were picked at events of their own, which count before and not after.

    Seen from one of its events, a process driven by a rate that varies by chance has one event more than that rate
    gives, and the rate weighs as much before as after (Daley & Vere-Jones 2008, ch. 13).
    """
    return np.asarray(np.log(_above_zero(1 - np.asarray(events) / np.asarray(mean_pre), TOO_MANY_EVENTS)))


def own_gamma_shift(picked: Picked, rule: Selection) -> Floats:
    """Return the shift for gamma rates of the population that the picked people themselves point to.

    With replicates the fit is that of the people as they are, and each replicate moves its parameters by the
    first order of its weights.
    """
    if picked.read.ndim > 1:
        fits = [own_gamma_shift(_replicate(picked, k), rule) for k in range(len(picked.read))]
        return np.array(fits, dtype=np.float64)
    threshold = _whole_cut(picked, rule)
    check_rule(picked, rule)
    used = picked.people > 0
    if picked.chances is not None:  # of those who shared the last place a part was picked; those above as by a cut
        used = used & (picked.read >= threshold)
    base, read = picked.people[used], picked.read[used]
    after = np.where(there(picked.followed) > 0, picked.after, np.nan)[used]
    fit = gamma_poisson.fit_truncated(read, after, threshold, base)
    at = np.log([fit.mean, fit.shape]) + np.zeros((*picked.weight.shape[:-1], 2))
    if picked.weight.ndim > 1:
        at = at + (picked.weight[:, used] - base) @ _person_influence(read, after, threshold, fit)[:, :2]
    mean, shape = np.exp(at[..., 0]), np.exp(at[..., 1])
    seen = weighted_sum(picked.weight, picked.read) / picked.weight.sum(-1)
    return empirical_bayes.log_shift(seen, mean, shape)


def lognormal_shift(told: Picked | PairMoments, population_mean: Any, rule: Selection, *, late: bool = False) -> Floats:
    """Return the shift for lognormal rates that drift, of people picked by known chances.

    The programme, which multiplies the mean after and the mean product of both counts alike, does not enter. With
    `late` it would: over a wide range of changes the means and the product are then nearly the same.
    """
    if late:
        raise NotIdentifiedError("IOM-E068", LATE_LOGNORMAL)
    mean = np.asarray(population_mean, dtype=np.float64)
    if isinstance(told, Picked) and told.chances is not None and told.read.ndim > 1:
        each = np.broadcast_to(mean, len(told.read))
        return np.array([float(lognormal_shift(_replicate(told, k), mu, rule)) for k, mu in enumerate(each)])
    chance = _known_chance(told, rule)
    m1, s1, m2, s2, r = (np.asarray(v) for v in (pair_moments(told) if isinstance(told, Picked) else told))
    if isinstance(told, Picked):
        events = told.weight * told.after
        weighed = weighted_sum(events, lognormal_selection.bounded(told.read)) / events.sum(-1)
        fit = lognormal_selection.fit_selected(m1, weighed, mean, chance, of=lognormal_selection.bounded)
    else:
        fit = lognormal_selection.fit_selected(m1, m1 + r * s1 * s2 / m2, mean, chance)
    return np.asarray(np.log(fit.mean_after / m1))


def _known_chance(told: Picked | PairMoments, rule: Selection) -> Callable[[Floats], Floats]:
    """Return the chance of being picked by a rule that states it, for counts over every window before.

    Raises
    ------
    InputError
        IOM-E048 when the rule reads a part of the windows before, or its chances are not known; IOM-E092 when somebody
        was picked who had none.
    NotIdentifiedError
        IOM-E068 when the histogram contradicts a hard cut.
    """
    if not isinstance(told, Picked):
        if rule.rule == "top":
            raise InputError("IOM-E048", PLACES)
        return rule.probability
    if told.other.any():
        raise InputError("IOM-E048", f"lognormal rates are fitted to people picked by {_WHOLE}")
    check_rule(told, rule)
    return told.whole_chance(rule)


def of_equal_length(m: PairMoments, longer: float) -> PairMoments:
    """Return moments as of windows of equal length, where the one after was `longer` times as long as the one before.

    A count that is scaled to another length keeps the chance of its own: Poisson about the rate, it has a variance of
    the mean over `longer` where a count of that length has the mean.
    """
    s2: Any = np.asarray(m.sd_post, dtype=np.float64)
    variance: Any = s2**2 + np.asarray(m.mean_post) * (1 - 1 / longer)
    if longer == 1 or not (variance > 0).all():
        return m
    return m._replace(sd_post=np.sqrt(variance), r=m.r * s2 / np.sqrt(variance))


def soft_lognormal_shift(m: PairMoments, population_mean: Any, *, late: bool = False) -> Floats:
    """Return the shift for lognormal rates that drift, in a population of this mean that prints these moments.

    People are taken to have been picked by a probit whose cut and softness are fitted too. With `late` the windows are
    swapped, and the population's mean is that of the window that was not read.

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
    """Return the log ratio at these moments and its slopes; kept, for a tipping value of another line asks again."""
    known: Literal["mean", "mean after"] = "mean after" if late else "mean"
    fit = moment_matching.fit_at_mean(moments, population_mean, known=known)
    found = np.concatenate([[math.log(fit.ratio)], moment_matching.ratio_slopes(fit, known)])
    found.flags.writeable = False
    return found


def along(function: Callable[[float], Floats], x: Floats) -> Floats:
    """Evaluate a smooth function of one positive number over many, through Chebyshev nodes of its log.

    Parameters
    ----------
    function : callable
        Number to (k,).
    x : ndarray
        (D,) or a number.

    Returns
    -------
    ndarray
        (D, k) or (k,).

    Examples
    --------
    >>> x = np.linspace(1.0, 2.0, 1000)
    >>> bool(np.allclose(along(lambda v: np.array([v**0.5]), x)[:, 0], x**0.5, atol=1e-8))
    True
    """
    return np.asarray(np.moveaxis(_curve(function, x, paired=False), 0, -1))


def along_each(function: Callable[[float], Floats], x: Floats) -> Floats:
    """Evaluate the d-th of D smooth functions at the d-th of D numbers; `function` gives all D at one number.

    Examples
    --------
    >>> along_each(lambda v: np.array([v, 2 * v]), np.array([1.0, 3.0])).tolist()
    [1.0, 6.0]
    """
    return _curve(function, x, paired=True)


def _curve(function: Callable[[float], Floats], x: Floats, *, paired: bool) -> Floats:
    values = np.unique(x)
    if values.size <= _KNOTS:
        table = np.array([function(float(v)) for v in values])
        where = np.searchsorted(values, x)
        return np.asarray(table[where, np.arange(x.size)] if paired else table[where].T)
    logs = np.log(values[[0, -1]])
    nodes = np.cos(np.pi * (np.arange(_KNOTS) + 0.5) / _KNOTS)
    table = np.array([function(float(np.exp(v))) for v in logs.mean() + nodes * (logs[1] - logs[0]) / 2])
    fitted = np.polynomial.chebyshev.chebfit(nodes, table, _KNOTS - 1)
    place = (2 * np.log(x) - logs.sum()) / (logs[1] - logs[0])
    return np.asarray(np.polynomial.chebyshev.chebval(place, fitted, tensor=not paired))


def _chances(picked: Picked, rule: Selection) -> tuple[Floats, Floats]:
    chance, one_less = picked.chance(picked.read, rule), picked.chance(picked.read - 1, rule)
    nobody = picked.weight == 0
    if nobody.any():
        chance, one_less = np.where(nobody, 1.0, chance), np.where(nobody, 0.0, one_less)
    return chance, one_less


def _whole_cut(picked: Picked, rule: Selection) -> int:
    """Return the count from which everybody was picked, read over every window before."""
    if picked.other.any() or rule.rule == "soft" or (rule.rule == "at_least" and rule.threshold is None):
        raise InputError("IOM-E048", f"a population fitted from the picked people alone needs {_WHOLE}")
    if picked.chances is None:
        if rule.rule == "top":
            raise InputError("IOM-E048", PLACES)
        return math.ceil(rule.threshold or 0)
    levels, share = picked.chances.levels, picked.chances.whole
    place = int(np.argmax(share >= _SAME * share[-1]))
    if np.count_nonzero(share[:place]) > 1:
        raise NotIdentifiedError("IOM-E068", NO_CUT)
    return int(levels[place])


def _replicate(picked: Picked, k: int) -> Picked:
    weight = picked.weight if picked.weight.ndim == 1 else picked.weight[k]
    seen = picked.chances
    seen = None if seen is None else Chances(seen.levels, seen.chance[k], seen.whole[k])
    followed = picked.followed if picked.followed.ndim == 1 else picked.followed[k]
    return Picked(picked.read[k], picked.other[k], picked.after[k], weight, followed, picked.length, seen)


def _person_influence(read: Floats, after: Floats, threshold: int, fit: gamma_poisson.TruncatedFit) -> Floats:
    at = np.array([math.log(fit.mean), math.log(fit.shape), fit.log_ratio])
    pairs, where = gamma_poisson.distinct(read, after)
    slopes = [gamma_poisson.truncated_log_likelihood([a], [b], threshold, at)[1] for a, b in pairs.T]
    return np.asarray((np.array(slopes) @ fit.covariance)[where])


_SAME = 0.9
"""A share picked this near to that of the highest counts is the same: the others refused, whatever their count."""
NO_CUT = (
    "the share of people picked rises with the count over more than the last place, so that no cut tells the "
    "population behind them; take 'robbins_zhang', or state comparable_mean and shape"
)
_WHOLE = (
    "a rule 'at_least' with its threshold, or 'top' with everybody who competed, read over every window before; or "
    "state comparable_mean and shape"
)
USED_UP = (
    "the straight line falls to zero before it reaches the mean of comparable people, so the linear form says "
    "nothing there; use another method or a higher comparable_mean"
)
NOT_LATE = (
    "no change of the pool gives people like these if they were picked on the count after; state that they were picked "
    "before, or a higher comparable_mean"
)
TOO_MANY_EVENTS = "people cannot have been picked at more events before than they have; state fewer"
LATE_LOGNORMAL = (
    "of people picked by a known rule on the count after, lognormal rates do not tell how much everybody's rate "
    "changed; take 'linear' or 'gamma_poisson', or state a rule 'soft' without its numbers, which is then fitted"
)
NOTHING_LASTS = (
    "if nothing of a rate lasts, what people did after says nothing of what they did before; state a persistence or "
    "slope above 0"
)
NO_FLOOR = (
    "people were picked by a hard cut at a time that is not known, and the cut is above their mean before, so nothing "
    "bounds how far they would have come down; state when they were picked"
)
FLOOR = 0.01
"""What a single draw may fall to: a hundredth remaining, or less, is taken as a hundredth."""


def _above_zero(ratio: Floats, why: str = USED_UP) -> Floats:
    """Refuse a line that is used up before it reaches the pool's mean; of many draws a few may be, and are floored.

    Refusing the whole for one draw would keep only those cohorts whose draws happen to stay above.
    """
    values = np.asarray(ratio, dtype=np.float64)
    if values.ndim and values.size > 1 and np.median(values) > 0:
        return np.maximum(values, FLOOR)
    if not (values > 0).all():
        raise NotIdentifiedError("IOM-E068", why)
    return values

"""Performance measures of an answer over replicates (diagnosands), each with its Monte Carlo error.

Formulas are those of Morris, White and Crowther (2019, Stat. Med. 38, 2074-2102), which rsimsum and Stata's simsum
use. Measures are of the replicates in which the answer did not fail, whose number stands beside each. One that is
undefined has no value and says why. An infinite estimate, such as the log of a ratio of 0, has no place in a mean:
means are of the finite ones and say how many others there were, while intervals, tests and signs take part whatever
they hold.
"""

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from iom_causal.designs.figures import (
    Figure,
    Flags,
    Floats,
    mean_error,
    mean_figure,
    share_figure,
    undefined,
)
from iom_causal.designs.samples import Sample

NO_ANSWER = "no replicate gave an answer"
NO_ESTIMATE = "no answer has an estimate"
NO_ERROR = "no answer has a standard error"
NOT_BOTH = "no answer has both a finite estimate and a finite standard error"
NO_INTERVAL = "no answer has an interval"
NO_TEST = "no answer has a p-value or an interval"
NO_TRUTH = "the estimand is not known in any replicate"
NO_SET = "no answer is a set"
IS_SET = "the answers are sets, which have no single estimate"
NO_EFFECT = "there is nothing to find in some replicates, so neither direction is right"
BOTH_SIGNS = "the truth changes direction between replicates, so there is no one size to compare with"
NO_REJECTION = "no result is statistically significant"
INFINITE = "some estimates are infinite, so that their mean has no distance from that of all cohorts"
TWO_NEEDED = "a spread needs two estimates"
NO_SPREAD = "the estimates do not vary"
ROUNDING = 1e-12
"""A true effect below it is none, apart from how sums were rounded."""


def mean_estimate(sample: Sample) -> Figure:
    """Compute the mean of the estimates."""
    return _mean(sample, sample.estimate)


def mean_truth(sample: Sample) -> Figure:
    """Compute the mean of the estimand over the worlds in which the answer did not fail."""
    return _mean(sample, sample.truth, "estimand", NO_TRUTH)


def bias(sample: Sample) -> Figure:
    """Compute the bias against the answer's own target: the mean of estimate less target.

    Notes
    -----
    Where the own target is one number, the mean of its linearised values over all replicates, the replicates that
    failed belong to it, and so does its own simulation error. DeclareDesign's bias is `distance`.
    """
    if not sample.own_pooled:
        return _mean(sample, _less(sample.estimate, sample.own))
    if np.isinf(sample.estimate[sample.answered]).any():
        return undefined(sample.size, INFINITE)
    centred, seen = mean_estimate(sample), np.isfinite(sample.own)
    used = seen & ~np.isnan(centred.influence)
    if centred.value is None or not used.any():
        return undefined(sample.size, NO_TRUTH if centred.value is not None else centred.reason)
    target = float(np.mean(sample.own[seen]))
    influence = _among(used, seen, centred.influence) - (sample.own - target)
    mcse = None if centred.mcse is None else mean_error(influence)
    return centred._replace(value=centred.value - target, mcse=mcse, influence=influence)


def distance(sample: Sample) -> Figure:
    """Compute the mean distance to the estimand: the bias against what the answer is read as (DeclareDesign's bias)."""
    return _mean(sample, _less(sample.estimate, sample.truth))


def rmse(sample: Sample) -> Figure:
    """Compute the root mean squared error about the estimand.

    Notes
    -----
    Its Monte Carlo error is that of the mean squared error over twice the root (delta method).
    """
    return _root(_mean(sample, _less(sample.estimate, sample.truth) ** 2))


def emp_se(sample: Sample) -> Figure:
    """Compute the empirical standard error: the SD of the estimates.

    Notes
    -----
    Its Monte Carlo error, EmpSE / sqrt(2 (n - 1)), supposes normal estimates; the influence does not.
    """
    return _spread(mean_estimate(sample))


def model_se(sample: Sample) -> Figure:
    """Compute the model standard error: the root mean square of the standard errors that answers state.

    Notes
    -----
    DeclareDesign's mean_se is the mean of standard errors, which is never more.
    """
    return _root(_mean(sample, sample.std_error**2, "standard error", NO_ERROR))


def se_error(sample: Sample) -> Figure:
    """Compute the relative error of the model standard error in percent: 100 (ModSE / EmpSE - 1).

    Notes
    -----
    Over answers with both an estimate and a standard error. The Monte Carlo error takes the two to be independent, as
    Morris, White and Crowther do; the influence does not.
    """
    if (any_stated := model_se(sample)).value is None:
        return any_stated
    both = np.isfinite(sample.estimate) & np.isfinite(sample.std_error)
    stated = _root(_mean(sample, np.where(both, sample.std_error**2, np.nan)))
    spread = _spread(_mean(sample, np.where(both, sample.estimate, np.nan)))
    if stated.value is None or spread.value is None:
        return undefined(sample.size, TWO_NEEDED if stated.value is not None else NOT_BOTH)
    if spread.value == 0 or stated.mcse is None or spread.mcse is None:
        return undefined(sample.size, NO_SPREAD)
    ratio = stated.value / spread.value
    error = math.hypot(stated.mcse, ratio * spread.mcse) / spread.value
    influence = (stated.influence - ratio * spread.influence) / spread.value
    reason = _infinite(sample, sample.estimate) or _infinite(sample, sample.std_error, "standard error")
    return Figure(100 * (ratio - 1), 100 * error, 100 * influence, spread.n, reason)


def coverage(sample: Sample) -> Figure:
    """Compute the coverage: the share of intervals that hold the estimand; for sets, of the intervals around them."""
    return _covered(sample, sample.low, sample.high, sample.truth)


def own_coverage(sample: Sample) -> Figure:
    """Compute the share of intervals that hold the answer's own target."""
    return _covered(sample, sample.low, sample.high, _own_target(sample))


def bias_eliminated_coverage(sample: Sample) -> Figure:
    """Compute the share of intervals that hold the own target plus the bias: what coverage would be without bias.

    Notes
    -----
    With a target that is the same in every replicate it is whether the interval holds the mean estimate, as in Morris,
    White and Crowther; rsimsum takes the mean estimate where targets vary as well, which charges their spread to the
    intervals.
    """
    found = bias(sample)
    if found.value is None:
        return undefined(sample.size, found.reason)
    shown = _covered(sample, sample.low, sample.high, _own_target(sample) + found.value)
    return shown._replace(reason=shown.reason or _infinite(sample, sample.estimate))


def coverage_failures_miss(sample: Sample) -> Figure:
    """Compute the coverage with failures, and answers without an interval, as intervals that miss."""
    failed = sample.code != 0
    counted = failed | ~np.isnan(sample.truth)
    if np.isnan(sample.truth).all():
        return undefined(sample.size, NO_TRUTH)
    holds = ~failed & (sample.low <= sample.truth) & (sample.truth <= sample.high)
    return share_figure(holds, counted)


def set_coverage(sample: Sample) -> Figure:
    """Compute the share of sets that hold the estimand, without the interval around them."""
    return _covered(sample, sample.set_low, sample.set_high, sample.truth, missing=NO_SET)


def power(sample: Sample) -> Figure:
    """Compute the power: the share of answers that reject no effect.

    Notes
    -----
    By the p-value where there is one (below `alpha`; DeclareDesign also counts those equal to it), else by whether the
    interval leaves out no effect, which is how a set rejects.
    """
    rejects, tested = _rejections(sample)
    return share_figure(rejects, tested) if tested.any() else undefined(sample.size, _why(sample, NO_TEST))


def fall_share(sample: Sample, bound: float) -> Figure:
    """Compute the share of answers whose estimate lies at or below a bound; of a set, the whole of it has to.

    Examples
    --------
    >>> import math
    >>> logs = Sample.of([math.log(0.7), math.log(0.8), math.log(0.9), -math.inf], 0.0)
    >>> fall_share(logs, math.log(0.8)).value
    0.75
    """
    upper = np.where(np.isnan(sample.estimate), sample.set_high, sample.estimate)
    used = sample.answered & ~np.isnan(upper)
    return share_figure(upper <= bound, used) if used.any() else undefined(sample.size, _why(sample, NO_ESTIMATE))


def type_s(sample: Sample) -> Figure:
    """Compute the type S error: the share of answers of the wrong sign among those that reject no effect.

    Notes
    -----
    As in Gelman and Carlin (2014) and DeclareDesign's type_s_rate. The sign of a set is the side of no effect on which
    its interval lies.
    """
    chosen, tested, reason = _signed(sample)
    if reason:
        return undefined(sample.size, reason)
    side = np.where(sample.low > sample.null, 1.0, -1.0)
    sign = np.where(np.isnan(sample.estimate), side, np.sign(sample.estimate - sample.null))
    among = share_figure(sign != np.sign(sample.truth - sample.null), chosen)
    return among._replace(influence=_among(chosen, tested, among.influence))


def type_m(sample: Sample) -> Figure:
    """Compute the type M error: the mean of estimated over true effect, without signs, among answers that reject.

    Notes
    -----
    DeclareDesign's exaggeration_ratio keeps the signs, so that estimates of the wrong sign pull it down.
    """
    chosen, tested, reason = _signed(sample)
    if reason or sample.sets:
        return undefined(sample.size, reason or IS_SET)
    effects = sample.truth - sample.null
    if np.unique(np.sign(effects[tested])).size > 1:
        return undefined(sample.size, BOTH_SIGNS)
    ratios = np.full(sample.size, np.nan)
    ratios[chosen] = np.abs((sample.estimate - sample.null)[chosen] / effects[chosen])
    among = _mean(sample, ratios)
    if among.value is None:
        return among
    return among._replace(influence=_among(~np.isnan(among.influence), tested, among.influence))


def width(sample: Sample) -> Figure:
    """Compute the mean width of the intervals; those without a limit on some side are left out and counted."""
    return _mean(sample, _less(sample.high, sample.low), "interval", NO_INTERVAL)


def failures(sample: Sample) -> Figure:
    """Compute the share of replicates in which the answer failed with an expected error."""
    if sample.size == 0:
        return undefined(0, "there are no replicates")
    return share_figure(sample.code != 0, np.ones(sample.size, dtype=bool))


def failures_by_code(sample: Sample) -> dict[int, int]:
    """Count failures by the number of their expected error, most frequent first.

    Examples
    --------
    >>> failures_by_code(Sample.of([0.1, 0.2, 0.3, 0.4], 0.0, code=[64, 0, 60, 64]))
    {64: 2, 60: 1}
    """
    codes, counts = np.unique(sample.code[sample.code != 0], return_counts=True)
    return dict(sorted(zip(codes.tolist(), counts.tolist(), strict=True), key=lambda pair: (-pair[1], pair[0])))


class Diagnosand(NamedTuple):
    """A performance measure with its words.

    Attributes
    ----------
    name : str
        Its name in tables of results.
    function : callable
        Sample to Figure.
    header : str
        Of its column.
    meaning : str
        What it is, in a sentence.
    share : bool
        Whether it is a share of replicates, so that `share_interval` applies.
    """

    name: str
    function: Callable[[Sample], Figure]
    header: str
    meaning: str
    share: bool = False


_ALL = (
    Diagnosand("mean_estimate", mean_estimate, "mean estimate", "The mean of the estimates."),
    Diagnosand("mean_truth", mean_truth, "mean truth", "The mean of what people want to know."),
    Diagnosand("bias", bias, "bias", "How far the mean estimate is from what the method itself aims at."),
    Diagnosand("distance", distance, "distance", "How far the mean estimate is from what people want to know."),
    Diagnosand("rmse", rmse, "RMSE", "How far one estimate typically is from what people want to know."),
    Diagnosand("emp_se", emp_se, "empirical SE", "How much estimates differ from study to study."),
    Diagnosand("model_se", model_se, "stated SE", "The standard error that the method states, on average."),
    Diagnosand(
        "se_error", se_error, "stated SE, % off", "By how many percent the stated SE is above the empirical one."
    ),
    *(
        Diagnosand(name, function, header, meaning, share=True)
        for name, function, header, meaning in (
            ("coverage", coverage, "coverage", "How often the interval holds what people want to know."),
            ("own_coverage", own_coverage, "own coverage", "How often the interval holds what the method aims at."),
            (
                "bias_eliminated_coverage",
                bias_eliminated_coverage,
                "coverage less bias",
                "How often the interval, moved by the bias, holds what the method aims at.",
            ),
            (
                "coverage_failures_miss",
                coverage_failures_miss,
                "coverage of all",
                "How often a study ends in an interval that holds what people want to know; no answer is a miss.",
            ),
            ("set_coverage", set_coverage, "coverage of sets", "How often the set holds what people want to know."),
            ("power", power, "power", "How often the result is statistically significant."),
            ("type_s", type_s, "type S", "How often a significant result points away from the truth."),
        )
    ),
    Diagnosand("type_m", type_m, "type M", "How many times as large as the truth a significant result is, on average."),
    Diagnosand("width", width, "width", "The mean width of the interval."),
    Diagnosand("failures", failures, "no answer", "How often the method gives no answer.", share=True),
)
DIAGNOSANDS: Mapping[str, Diagnosand] = MappingProxyType({measure.name: measure for measure in _ALL})
"""Every performance measure, by name, in the order of tables."""


def _mean(sample: Sample, values: Floats, what: str = "estimate", missing: str = NO_ESTIMATE) -> Figure:
    """Return the mean of the finite values of the answers that did not fail."""
    used = sample.answered & np.isfinite(values)
    if used.any():
        return mean_figure(values, used, _infinite(sample, values, what))
    if np.isinf(values[sample.answered]).any():
        return undefined(sample.size, f"no answer has a finite {what}")
    return undefined(sample.size, _why(sample, missing))


def _infinite(sample: Sample, values: Floats, what: str = "estimate") -> str:
    """Return the words on infinite values left out of a mean; empty where there are none."""
    of = sample.answered & ~np.isnan(values)
    count = int(np.isinf(values[of]).sum())
    return f"left out: {count:,} of {int(of.sum()):,} answers, whose {what} is infinite" if count else ""


def _why(sample: Sample, missing: str) -> str:
    """Return why no replicate can be used, where those that answered lack what is named."""
    if not sample.answered.any():
        return NO_ANSWER
    if missing == NO_ESTIMATE and not np.isnan(sample.estimate[sample.answered]).all():
        return NO_TRUTH
    return IS_SET if missing == NO_ESTIMATE and sample.sets else missing


def _less(first: Floats, second: Floats) -> Floats:
    """Subtract without a warning where both are infinite, which is missing."""
    with np.errstate(invalid="ignore"):
        return first - second


def _root(squares: Figure) -> Figure:
    """Return the root of a mean of squares, with its error by the delta method."""
    if squares.value is None:
        return squares
    root = math.sqrt(squares.value)
    slope = 0.5 / root if root else 0.0
    mcse = None if squares.mcse is None else squares.mcse * slope
    return squares._replace(value=root, mcse=mcse, influence=squares.influence * slope)


def _spread(centred: Figure) -> Figure:
    """Return the SD of the values of a mean, with the error of normal values."""
    if centred.value is None:
        return centred
    if centred.n < 2:
        return undefined(centred.influence.size, TWO_NEEDED)
    squares = centred.influence**2
    used = squares[~np.isnan(squares)]
    spread = math.sqrt(float(np.sum(used)) / (centred.n - 1))
    influence = (squares - np.mean(used)) * (0.5 / spread if spread else 0.0)
    return Figure(spread, spread / math.sqrt(2 * (centred.n - 1)), influence, centred.n, centred.reason)


def _own_target(sample: Sample) -> Floats:
    """Return the own target of each replicate; where it is pooled, the mean of its values over all of them."""
    seen = sample.own[np.isfinite(sample.own)]
    return np.full(sample.size, np.mean(seen)) if sample.own_pooled and seen.size else sample.own


def _covered(sample: Sample, low: Floats, high: Floats, target: Floats, missing: str = NO_INTERVAL) -> Figure:
    """Return the share of intervals that hold their target, limits included."""
    stated = sample.answered & ~np.isnan(low) & ~np.isnan(high)
    used = stated & ~np.isnan(target)
    if used.any():
        return share_figure((low <= target) & (target <= high), used)
    return undefined(sample.size, NO_TRUTH if stated.any() else _why(sample, missing))


def _rejections(sample: Sample) -> tuple[Flags, Flags]:
    """Return which answers reject no effect, and which can be asked."""
    by_p, by_interval = ~np.isnan(sample.p_value), ~np.isnan(sample.low) & ~np.isnan(sample.high)
    outside = (sample.low > sample.null) | (sample.high < sample.null)
    return np.where(by_p, sample.p_value < sample.alpha, outside), sample.answered & (by_p | by_interval)


def _signed(sample: Sample) -> tuple[Flags, Flags, str]:
    """Return which answers reject, which can be asked and have a true effect, and why signs have no meaning."""
    rejects, tested = _rejections(sample)
    known = tested & ~np.isnan(sample.truth)
    if not known.any():
        return rejects, known, NO_TRUTH if tested.any() else _why(sample, NO_TEST)
    if (np.abs(sample.truth[known] - sample.null) < ROUNDING).any():
        return rejects, known, NO_EFFECT
    return rejects & known, known, "" if (rejects & known).any() else NO_REJECTION


def _among(chosen: Flags, tested: Flags, influence: Floats) -> Floats:
    """Return the influences of a mean among some of those tested, as those of a ratio of means over all of them."""
    return np.where(tested, np.where(chosen, influence, 0.0) * (tested.sum() / chosen.sum()), np.nan)

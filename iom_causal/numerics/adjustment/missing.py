"""Missing follow-up: MAR, inverse-probability and worst-case estimates of the change among all people."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, stdtrit

from iom_causal.errors import DegenerateDataError, InputError
from iom_causal.numerics import LEVEL
from iom_causal.numerics.kernels.decimals import constant

type Floats = NDArray[np.float64]


class MeanChange(NamedTuple):
    """A mean change among all people with its standard error."""

    estimate: float
    std_error: float


class Pooled(NamedTuple):
    """Estimates of several completed data sets put together by Rubin's rules."""

    estimate: float
    std_error: float
    df: float
    missing_information: float


def complete_case(before: Floats, after: Floats) -> MeanChange:
    """Return the mean change among people with both scores; right for all only if missing is by chance alone."""
    change = (after - before)[~np.isnan(after)]
    _enough(len(change))
    return MeanChange(float(change.mean()), float(change.std(ddof=1) / math.sqrt(len(change))))


def unchanged_change(complete: MeanChange, kept: float, n: int) -> MeanChange:
    """Return the mean change among `n` people of whom a share is kept and the others did not change.

    Examples
    --------
    >>> before, after = np.array([5.0, 4.0, 6.0, 3.0, 2.0]), np.array([1.0, 3.0, 4.0, np.nan, np.nan])
    >>> still = np.where(np.isnan(after), before, after)
    >>> ways = unchanged_change(complete_case(before, after), 0.6, 5), complete_case(before, still)
    >>> [round(way.estimate, 6) for way in ways]
    [-1.4, -1.4]
    """
    change, error = complete
    variance = kept**2 * error**2 + kept * (1 - kept) * change**2 / n
    return MeanChange(kept * change, math.sqrt(variance))


def mar_change(before: Floats, after: Floats) -> MeanChange:
    """Return the mean change among all people if missing depends on the score before alone.

    The factored likelihood of the bivariate normal (Little & Rubin 2019): the line through the complete
    pairs predicts the others. It is what multiple imputation gives with ever more imputations.

    Parameters
    ----------
    before, after : ndarray
        (n,) scores; NaN in `after` is missing.

    Examples
    --------
    >>> x1 = np.array([1.0, 2.0, 3.0, 4.0, 8.0])
    >>> round(mar_change(x1, np.array([1.5, 2.0, 2.0, 3.5, np.nan])).estimate, 3)
    -0.69
    """
    seen = ~np.isnan(after)
    x, y, n = before[seen], after[seen], len(before)
    _enough(len(x))
    slope, residual = _line(x, y)
    gap = float(before.mean() - x.mean())
    estimate = float(y.mean()) + slope * gap - float(before.mean())
    spread = float(((x - x.mean()) ** 2).sum())
    variance = residual * (1 / len(x) + gap * gap / spread) + (slope - 1) ** 2 * float(before.var(ddof=1)) / n
    return MeanChange(estimate, math.sqrt(variance))


def impute(before: Floats, after: Floats, count: int, rng: np.random.Generator) -> Pooled:
    """Return the mean change over `count` proper imputations of a normal regression, by Rubin's rules.

    Each imputation draws the residual variance, then the line, then the missing scores, all at once.
    Degrees of freedom are those of Barnard & Rubin (1999).

    Examples
    --------
    >>> x1, rng = np.arange(20.0), np.random.default_rng(1)
    >>> x2 = np.where(x1 > 15, np.nan, 0.5 * x1 + np.sin(x1))
    >>> pooled = impute(x1, x2, 2000, rng)
    >>> abs(pooled.estimate - mar_change(x1, x2).estimate) < 0.02
    True
    """
    seen = ~np.isnan(after)
    x, y, n = before[seen], after[seen], len(before)
    _enough(len(x))
    slope, residual = _line(x, y)
    n_seen, spread = len(x), float(((x - x.mean()) ** 2).sum())
    variance = residual * (n_seen - 2) / rng.chisquare(n_seen - 2, count)
    centre = y.mean() + rng.standard_normal(count) * np.sqrt(variance / n_seen)
    slopes = slope + rng.standard_normal(count) * np.sqrt(variance / spread)
    lost = before[~seen] - x.mean()
    noise = rng.standard_normal((count, n - n_seen)) * np.sqrt(variance)[:, None]
    filled = centre[:, None] + slopes[:, None] * lost + noise
    changes = np.concatenate([np.broadcast_to(y - x, (count, n_seen)), filled - before[~seen]], axis=1)
    return rubin(changes.mean(-1), changes.var(-1, ddof=1) / n, df_complete=n - 1)


def rubin(estimates: ArrayLike, variances: ArrayLike, *, df_complete: float) -> Pooled:
    """Put estimates of completed data sets together (Rubin 1987; Barnard & Rubin 1999).

    Examples
    --------
    >>> round(rubin([0.0, 2.0], [1.0, 1.0], df_complete=100).std_error, 3)
    2.0
    """
    points, within = np.asarray(estimates, dtype=np.float64), float(np.asarray(variances, dtype=np.float64).mean())
    m, between = len(points), float(np.var(points, ddof=1))
    total = within + (1 + 1 / m) * between
    missing = (1 + 1 / m) * between / total
    return Pooled(float(points.mean()), math.sqrt(total), barnard_rubin(m, between, within, df_complete), missing)


def barnard_rubin(m: int, between: float, within: float, df_complete: float) -> float:
    """Return the degrees of freedom of Barnard & Rubin (1999), never more than the complete data have.

    Examples
    --------
    >>> round(barnard_rubin(5, 2.0, 1.0, 40.0), 4)
    4.6792
    """
    total = within + (1 + 1 / m) * between
    share = (1 + 1 / m) * between / total
    observed = (df_complete + 1) / (df_complete + 3) * df_complete * (1 - share)
    if share == 0:
        return observed
    return 1 / (1 / ((m - 1) / share**2) + 1 / observed)


def inverse_probability(before: Floats, after: Floats, covariates: Floats | None = None) -> tuple[MeanChange, float]:
    """Return the mean change with people weighted by one over their chance of being followed up.

    That chance is logistic in the score before and any covariates, (n, k); the standard error counts the
    estimation of the weights, which are cut at their 99th percentile. The second value is the effective
    number of people, ``sum(w)**2 / sum(w**2)``. With everybody followed up all weights are 1.

    Raises
    ------
    DegenerateDataError
        IOM-E060 with fewer than three complete pairs.
    """
    seen = ~np.isnan(after)
    _enough(int(seen.sum()))
    if seen.all():
        return complete_case(before, after), float(len(before))
    columns = [before] if covariates is None else [before, *covariates.T]
    design = np.column_stack([np.ones(len(before)), *[(c - c.mean()) / (c.std() or 1.0) for c in columns]])
    chance, information = _logistic(design, seen.astype(np.float64))
    weight = np.minimum(seen / chance, np.quantile(1 / chance[seen], 0.99) if seen.any() else 1.0)
    after_mean = float((weight * np.nan_to_num(after)).sum() / weight.sum())
    residual = weight * (np.nan_to_num(after) - after_mean)
    # The part of each person's influence that estimating the weights takes away (Robins, Rotnitzky & Zhao 1994).
    slope = np.linalg.solve(information, design.T @ (residual * (1 - chance)))
    influence = (residual - (design @ slope) * (seen - chance)) * len(before) / weight.sum() - (before - before.mean())
    error = float(influence.std(ddof=1) / math.sqrt(len(before)))
    effective = float(weight.sum() ** 2 / (weight**2).sum())
    return MeanChange(after_mean - float(before.mean()), error), effective


def tipping_delta(change: float, std_error: float, share_missing: float, df: float, *, level: float = LEVEL) -> float:
    """Return how much higher than predicted the missing scores would have to be for the interval to reach 0.

    The change among all is ``change + share * delta`` for a shift `delta` of every missing score.

    Examples
    --------
    >>> round(tipping_delta(-80.0, 10.0, 0.2, 200, level=0.95), 1)
    301.4
    """
    if not 0 < share_missing < 1:
        raise InputError("IOM-E092", "share missing: expected a number above 0 and below 1")
    towards = math.copysign(1.0, change)
    nearest = change - towards * float(stdtrit(df, (1 + level) / 2)) * std_error
    return -nearest / share_missing


def tipping_mean(mean_before: float, mean_after: float, n: int, n_complete: int) -> float:
    """Return the mean after of the missing people at which all people together did not change.

    Examples
    --------
    >>> round(tipping_mean(328.89, 238.61, 225, 187), 2)
    773.16
    """
    if not n > n_complete >= 1:
        raise InputError("IOM-E067", "expected more people than complete pairs, at least one of these")
    return (n * mean_before - n_complete * mean_after) / (n - n_complete)


def worst_and_best(
    mean_before: ArrayLike, mean_after: ArrayLike, n: int, n_complete: int, support: tuple[float, float]
) -> tuple[Floats, Floats]:
    """Return the ends of the change among all if the missing scores can lie anywhere in `support` (Manski 1990).

    Examples
    --------
    >>> [round(float(v), 4) for v in worst_and_best(328.89, 238.61, 225, 187, (20.0, 1100.0))]
    [-127.2008, 55.1992]
    """
    low, high = support
    if not low <= high:
        raise InputError("IOM-E092", f"support: expected low <= high, got {low} and {high}")
    seen, lost = np.asarray(mean_after) * n_complete, n - n_complete
    worst, best = (np.asarray((seen + lost * end) / n - np.asarray(mean_before)) for end in (low, high))
    return worst, best


def _line(x: Floats, y: Floats) -> tuple[float, float]:
    centred = x - x.mean()
    spread = float(centred @ centred)
    if constant(x):
        raise DegenerateDataError(
            "IOM-E065", "all complete pairs have the same score before, so no line predicts others"
        )
    slope = float(centred @ y / spread)
    residuals = y - y.mean() - slope * centred
    return slope, float(residuals @ residuals / (len(x) - 2))


def _logistic(design: Floats, outcome: Floats) -> tuple[Floats, Floats]:
    beta = np.zeros(design.shape[1])
    for _ in range(50):
        chance = expit(design @ beta)
        information = (design * (chance * (1 - chance))[:, None]).T @ design
        step = np.linalg.solve(information + 1e-12 * np.eye(len(beta)), design.T @ (outcome - chance))
        beta = beta + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-10:
            return expit(design @ beta), information
    raise DegenerateDataError(
        "IOM-E070", "who is missing can be told from the scores before exactly; use bounds instead"
    )


def _enough(n: int) -> None:
    if n < 3:
        raise DegenerateDataError("IOM-E060", f"missing follow-up: expected at least 3 complete pairs, got {n}")

"""Average comparisons of a fitted model on the response scale: ratio and difference over a stretch of time."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.result import Result, table
from iom_causal.errors import InputError, SpecError
from iom_causal.estimate import COLUMNS, Estimate
from iom_causal.intervals import StudentT
from iom_causal.numerics.inference.student_t import t_two_sided

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

FloatArray = NDArray[np.float64]

EIGHTEEN_MONTHS = 548.0
"""Days in eighteen months."""

_SIDES = {"post": ("after", "before"), "managed": ("managed", "comparison")}
"""What is compared, by the term whose coefficient is the estimate."""
_FRAILTY = ("log_frailty_sd", "log_sd_before", "log_sd_after")
_OTHER = ("log_frailty_variance", "log_dispersion", "log_size", "atanh_correlation")
"""Terms beside the mean: standard deviations of normal frailties, which raise it by half their square, and others."""


class _Contrasts(NamedTuple):
    ratio: Estimate | None
    difference: Estimate


class AverageComparisons(_Contrasts, Result):
    """Average ratio and difference of a fitted model.

    Attributes
    ----------
    ratio : Estimate or None
        Mean after over mean before; None where a linear model predicts a mean of 0 or less.
    difference : Estimate
        Mean after minus mean before, per person.
    """

    __slots__ = ()

    people_columns: ClassVar[tuple[str, ...]] = Estimate.people_columns
    solving_columns: ClassVar[tuple[str, ...]] = Estimate.solving_columns
    telling_columns: ClassVar[tuple[str, ...]] = Estimate.telling_columns
    figure_columns: ClassVar[Mapping[str, str]] = Estimate.figure_columns

    def tidy(self) -> "pd.DataFrame":
        """Return a row a contrast, with the columns of every estimate."""
        return table([e.row() for e in self if e is not None], COLUMNS)

    def summary(self) -> str:
        """Return the summary of each contrast."""
        return "\n\n".join(e.summary() for e in self if e is not None)

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the ratio, or the difference where there is none; they are on different scales."""
        return (self.ratio or self.difference).plot(ax)


def average_comparisons(fit: Estimate, *, per_days: float = EIGHTEEN_MONTHS) -> AverageComparisons:
    """Average comparison of a fitted model: its predictions with and without `post`, averaged over its rows after.

    Right where the model is; standard errors are the delta method's, from the covariance of the fit. A model with
    frailties is averaged over them, so that both contrasts are the population's.

    Parameters
    ----------
    fit : Estimate
        Of `PoissonGLM`, `GEE`, `LinearMixed`, `RandomEffects` or `Ancova`; or of any other fit without covariates
        whose first terms are ``intercept`` and ``post`` or ``managed`` (logs for a ratio).
    per_days : float
        The stretch of time, for models of rates with known days at risk; other models speak of a window.

    Returns
    -------
    AverageComparisons

    Raises
    ------
    InputError
        IOM-E048 when the fit has no intercept, no covariance, or covariates that it does not hold.
    SpecError
        IOM-E092 for days that are not above 0.

    Examples
    --------
    >>> from iom_causal.estimators.poisson_glm import PoissonGLM
    >>> from iom_causal.panel import Panel
    >>> panel = Panel.from_arrays([[3, 1], [2, 2], [5, 0], [4, 3]], exposure=[547.0, 549.0], name="arrests")
    >>> made = average_comparisons(PoissonGLM()(panel))
    >>> round(made.ratio.estimate, 4), round(made.difference.estimate, 4)
    (0.427, -2.0091)
    """
    if not 0 < per_days < np.inf:
        raise SpecError("IOM-E092", f"per_days: expected a number of days above 0, got {per_days!r}")
    terms = tuple(part.term for part in fit.parts)
    if fit.cov is None or terms[:1] != ("intercept",) or not set(terms[1:2]) & set(_SIDES):
        raise InputError(
            "IOM-E048", f"{fit.method}: expected a fit with the terms intercept and post, and their covariance"
        )
    rows = _rows(fit, terms)
    logs = fit.scale == "ratio"
    timed = logs and fit.exposure not in {"not known", "not used"}
    scale = per_days if timed else 1.0
    after, before = (_mean(fit, rows, side, scale, logs=logs) for side in (1, 0))
    words = f"per {per_days:g} days" if timed else "per window"
    one, other = _SIDES[terms[1]]
    difference = _estimate(fit, after[0] - before[0], after[1] - before[1], f"{one} - {other}, {words}", ratio=False)
    if min(after[0], before[0]) <= 0:
        return AverageComparisons(None, difference)
    gradient = after[1] / after[0] - before[1] / before[0]
    ratio = _estimate(fit, float(np.log(after[0] / before[0])), gradient, f"{one} / {other}", ratio=True)
    return AverageComparisons(ratio, difference)


def _rows(fit: Estimate, terms: tuple[str, ...]) -> FloatArray:
    if all(term in _FRAILTY + _OTHER for term in terms[2:]):
        return np.array([[1.0, 1.0]])
    rows = getattr(getattr(fit.native, "model", None), "exog", None)
    if rows is None:
        raise InputError(
            "IOM-E048", f"{fit.method}: the fit does not keep its covariates; fit it without, or by PoissonGLM"
        )
    columns = np.asarray(getattr(rows, "values2d", rows), dtype=np.float64)
    return np.asarray(columns[columns[:, 1] == 1])


def _mean(fit: Estimate, rows: FloatArray, side: int, scale: float, *, logs: bool) -> tuple[float, FloatArray]:
    # The average prediction with `post` at `side`, and its gradient in all terms.
    values = np.array([part.estimate for part in fit.parts])
    placed = rows.copy()
    placed[:, 1] = side
    linear = placed @ values[: rows.shape[1]]
    if not logs:
        return float(linear.mean()), placed.mean(axis=0)
    raised, slopes = _frailty(fit, side)
    means = scale * np.exp(linear + raised)
    in_rows = (means[:, None] * placed).mean(axis=0)
    return float(means.mean()), np.concatenate([in_rows, means.mean() * slopes])


def _frailty(fit: Estimate, side: int) -> tuple[float, FloatArray]:
    # Half the variance of the normal frailty in the window, and its slope in each term beside the mean.
    beside = [part for part in fit.parts[2:] if part.term in _FRAILTY + _OTHER]
    counts = ("log_frailty_sd", "log_sd_after" if side else "log_sd_before")
    variances = np.array([np.exp(2 * part.estimate) if part.term in counts else 0.0 for part in beside])
    return float(variances.sum() / 2), variances


def _estimate(fit: Estimate, centre: float, gradient: FloatArray, term: str, *, ratio: bool) -> Estimate:
    se = float(np.sqrt(gradient @ np.asarray(fit.cov) @ gradient))
    df = np.inf if fit.df is None else fit.df
    law = StudentT(centre, se, df, log=ratio)
    low, high = law.interval(fit.conf_level)
    return replace(
        fit,
        method=f"average comparison of {fit.method}",
        term=term,
        scale="ratio" if ratio else "difference",
        estimate=float(np.exp(centre)) if ratio else centre,
        std_error=se,
        std_error_scale="log" if ratio else "identity",
        statistic=centre / se,
        p_value=float(t_two_sided(centre / se, df)),
        conf_low=low,
        conf_high=high,
        estimand=_estimand(fit.estimand, ratio=ratio),
        parts=(),
        cov=None,
        law=law,
        held=None,
    )


def _estimand(estimand: str, *, ratio: bool) -> str:
    if ratio and estimand in {"att_difference", "att_score"}:
        return "att_ratio"
    if estimand == "conditional_ratio":
        return "descriptive_change"
    return "att_difference" if estimand == "att_ratio" and not ratio else estimand

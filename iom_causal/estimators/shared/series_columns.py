"""Columns of an interrupted time series: its ratio and coefficients with t intervals, and which are sound."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.errors import ConvergenceError, DegenerateDataError
from iom_causal.estimate.estimates import PartColumns
from iom_causal.estimators.shared.count_results import quantile, two_sided
from iom_causal.numerics.comparison.series_effects import SeriesEffect

_ROUNDING = 1e-10
"""Standard error of a log ratio below which totals lie on the fit, but for rounding and where the search stops."""


def effect_columns(found: SeriesEffect, level: float) -> dict[str, Any]:
    """Return the ratio after the start with its t interval, as columns of `Estimates`."""
    value, se = found.horizon.log_ratio, found.std_error
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        statistic = value / se
        half = quantile(found.df, level) * se
        return {
            "estimate": np.exp(value),
            "std_error": se,
            "statistic": statistic,
            "df": np.where(np.isinf(found.df), np.nan, found.df),
            "p_value": two_sided(statistic, found.df),
            "conf_low": np.exp(value - half),
            "conf_high": np.exp(value + half),
        }


def coefficient_columns(found: SeriesEffect, level: float) -> dict[str, PartColumns]:
    """Return each coefficient of the regression with its t interval, over replicates."""
    errors = np.sqrt(np.maximum(np.einsum("rpp->rp", found.cov), 0.0))
    columns = {}
    for name, value, se in zip(found.by.names, found.fit.values.T, errors.T, strict=True):
        with np.errstate(divide="ignore", invalid="ignore"):
            t, half = value / se, quantile(found.df, level) * se
        columns[name] = PartColumns(value, se, t, two_sided(t, found.df), value - half, value + half)
    return columns


def sound(found: SeriesEffect) -> NDArray[np.bool_]:
    """Return which replicates have a ratio with an error, (R,)."""
    whole = np.isfinite(found.horizon.log_ratio) & np.isfinite(found.std_error) & (found.df > 0)
    return np.asarray(found.fit.sound & whole & (found.std_error > _ROUNDING))


def refuse_fit(found: SeriesEffect, name: str) -> None:
    """Refuse a fit that did not converge, or has no error.

    Raises
    ------
    ConvergenceError
        IOM-E080.
    DegenerateDataError
        IOM-E065.
    """
    if not found.fit.sound[0]:
        raise ConvergenceError(
            "IOM-E080",
            f"{name}: the search for trend and change did not converge; events are too few for so many terms",
        )
    if not sound(found)[0]:
        raise DegenerateDataError("IOM-E065", f"{name}: totals lie on the fit, so there is no standard error")

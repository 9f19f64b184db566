"""The coefficients of a fit, and the estimate that one of them makes."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.errors import ConvergenceError
from iom_causal.estimate import Estimate, Part
from iom_causal.estimators.people import MOMENTS
from iom_causal.estimators.rows import Rows
from iom_causal.intervals import StudentT
from iom_causal.numerics.tails import t_isf, t_two_sided
from iom_causal.specs import EMPTY, FrozenMap

FloatArray = NDArray[np.float64]

POST = 1
"""The position of `post` among the coefficients."""

_ROUNDING = 1e-9  # of the variance of interest: a variance less negative than that is zero, rounded


class Coefficients(NamedTuple):
    """The coefficients of a fit with their covariance, on the link scale.

    Attributes
    ----------
    names : tuple of str
        (p,).
    values, cov : ndarray
        (p,) and (p, p).
    df : float
        Of every t statistic.
    """

    names: tuple[str, ...]
    values: FloatArray
    cov: FloatArray
    df: float

    def parts(self, level: float) -> tuple[Part, ...]:
        """Return one part a coefficient."""
        half = float(t_isf((1 - level) / 2, self.df))
        errors = np.sqrt(np.maximum(np.diag(self.cov), 0.0))
        named = zip(self.names, self.values, errors, strict=True)
        return tuple(self._part(name, float(value), float(se), half) for name, value, se in named)

    def _part(self, name: str, value: float, se: float, half: float) -> Part:
        if se == 0:
            return Part(name, value)
        p = float(t_two_sided(value / se, self.df))
        return Part(name, value, se, value / se, p, value - half * se, value + half * se)


def require_covariance(cov: FloatArray, name: str, at: int = POST) -> None:
    """Refuse a covariance that is not one: with few people a library may return negative variances, or NaN.

    Raises
    ------
    ConvergenceError
        IOM-E080.
    """
    variances = np.diag(cov)
    if not (np.isfinite(cov).all() and variances[at] > 0 and (variances > -_ROUNDING * variances[at]).all()):
        raise ConvergenceError(
            "IOM-E080", f"{name}: the covariance broke down, as it may with few people; name fewer covariates"
        )


def coefficient_estimate(
    rows: Rows,
    spec: Any,
    fit: Coefficients,
    *,
    method: str,
    level: float,
    assumptions: tuple[str, ...],
    ratio: bool,
    native: Any = None,
    notes: tuple[str, ...] = (),
    diagnostics: Mapping[str, Any] = EMPTY,
    estimand: str = "descriptive_change",
    term: str = "",
    at: int = POST,
) -> Estimate:
    """Return the estimate of one coefficient, with all of them as its parts.

    A ratio is the exponential of the coefficient; its parts stay on the log scale, as libraries show them.
    """
    parts = fit.parts(level)
    shown = parts[at]
    law = StudentT(shown.estimate, shown.std_error or 0.0, fit.df, log=ratio)
    low, high = law.interval(level)
    plain = rows.windows == 2 and not rows.design.names
    return Estimate(
        outcome=rows.frame.outcome,
        method=method,
        estimand=estimand,
        term=term or ("after / before" if ratio else "after - before"),
        scale="ratio" if ratio else "difference",
        estimate=float(np.exp(shown.estimate)) if ratio else shown.estimate,
        std_error=shown.std_error,
        std_error_scale="log" if ratio else "identity",
        statistic=shown.statistic,
        df=fit.df,
        p_value=shown.p_value,
        conf_low=low,
        conf_high=high,
        conf_level=level,
        n_input=rows.frame.n_input,
        n_used=rows.n,
        exposure=rows.exposure,
        notes=rows.frame.notes + notes,
        assumptions=assumptions,
        diagnostics=FrozenMap(diagnostics),
        parts=parts,
        cov=fit.cov,
        coefficient=shown.term,
        law=law,
        spec=spec,
        native=native,
        pinned=rows.frame.pinned(*(MOMENTS if plain else ())),
    )

"""Coefficients of a regression with their covariance, and the estimate of one of them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.specs import EMPTY, FrozenMap
from iom_causal.errors import ConvergenceError
from iom_causal.estimate import Estimate, Part
from iom_causal.inputs.pairs import MOMENTS
from iom_causal.inputs.rows import Rows
from iom_causal.inputs.sample import SampleAccount
from iom_causal.intervals import StudentT
from iom_causal.numerics.inference.student_t import t_isf, t_two_sided
from iom_causal.numerics.kernels.decimals import NOISE

FloatArray = NDArray[np.float64]

POST = 1
"""The position of `post` among the coefficients."""

_ROUNDING = 1e-9  # of the variance of interest: a variance less negative than that is zero, rounded


class Coefficients(NamedTuple):
    """Coefficients of a regression with their covariance, on the link scale.

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
        errors = standard_errors(self.cov)
        named = zip(self.names, self.values, errors, strict=True)
        return tuple(self._part(name, float(value), float(se), half) for name, value, se in named)

    def _part(self, name: str, value: float, se: float, half: float) -> Part:
        if se == 0:
            return Part(name, value)
        p = float(t_two_sided(value / se, self.df))
        return Part(name, value, se, value / se, p, value - half * se, value + half * se)


def standard_errors(cov: FloatArray) -> FloatArray:
    """Return the roots of variances, (..., p); 0 where beside the largest only rounding is left."""
    errors = np.sqrt(np.maximum(np.diagonal(cov, axis1=-2, axis2=-1), 0.0))
    return np.where(errors > NOISE * errors.max(-1, keepdims=True), errors, 0.0)


def require_covariance(cov: FloatArray, name: str, at: int = POST) -> None:
    """Refuse a covariance that is not one: with few people a library may return negative variances, or NaN.

    Raises
    ------
    ConvergenceError
        IOM-E080.
    """
    variances = np.diag(cov)
    whole = np.isfinite(cov).all() and (variances > -_ROUNDING * variances[at]).all()
    if not whole or standard_errors(cov)[at] == 0:
        raise ConvergenceError(
            "IOM-E080", f"{name}: the covariance broke down, as it may with few people; name fewer covariates"
        )


def coefficient_words(
    sample: SampleAccount,
    spec: Any,
    *,
    method: str,
    level: float,
    assumptions: tuple[str, ...],
    ratio: bool,
    exposure: str = "not used",
    estimand: str = "descriptive_change",
    term: str = "",
    coefficient: str = "post",
    plain: bool = False,
) -> Estimate:
    """Return a result that so far has words only; `plain` where the published table may determine its numbers."""
    return Estimate(
        outcome=sample.outcome,
        method=method,
        estimand=estimand,
        term=term or ("after / before" if ratio else "after - before"),
        scale="ratio" if ratio else "difference",
        std_error_scale="log" if ratio else "identity",
        conf_level=level,
        n_input=sample.n_input,
        exposure=exposure,
        notes=sample.notes,
        assumptions=assumptions,
        coefficient=coefficient,
        spec=spec,
        pinned=sample.pinned(*(MOMENTS if plain else ())),
    )


def coefficient_estimate(
    rows: Rows,
    spec: Any,
    fit: Coefficients,
    *,
    native: Any = None,
    notes: tuple[str, ...] = (),
    diagnostics: Mapping[str, Any] = EMPTY,
    at: int = POST,
    **said: Any,
) -> Estimate:
    """Return the estimate of one coefficient, with all of them as its parts; the rest as in `coefficient_words`.

    A ratio is the exponential of the coefficient; its parts stay on the log scale, as libraries show them.
    """
    words = coefficient_words(
        rows.sample,
        spec,
        exposure=rows.exposure,
        coefficient=fit.names[at],
        plain=rows.windows == 2 and not rows.covariates.names,
        **said,
    )
    parts, ratio = fit.parts(words.conf_level), words.scale == "ratio"
    shown = parts[at]
    law = StudentT(shown.estimate, shown.std_error or 0.0, fit.df, log=ratio)
    low, high = law.interval(words.conf_level)
    return replace(
        words,
        estimate=float(np.exp(shown.estimate)) if ratio else shown.estimate,
        std_error=shown.std_error,
        statistic=shown.statistic,
        df=fit.df,
        p_value=shown.p_value,
        conf_low=low,
        conf_high=high,
        n_used=rows.n,
        notes=words.notes + notes,
        diagnostics=FrozenMap(diagnostics),
        parts=parts,
        cov=fit.cov,
        law=law,
        held=native,
    )

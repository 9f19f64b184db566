"""Wald inference for count models over replicates: from parameters, Hessian and scores to results."""

import math
from dataclasses import replace
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from iom_causal.base.specs import FrozenMap
from iom_causal.errors import ConvergenceError, NotIdentifiedError
from iom_causal.estimate import Estimate, Part
from iom_causal.estimate.estimates import Estimates, PartColumns
from iom_causal.estimators.shared.error_notes import SAME_PROPORTION, too_narrow
from iom_causal.inputs.counts import POST, REFERENCE_LEVEL, CountData
from iom_causal.inputs.pairs import MOMENTS
from iom_causal.intervals import StudentT
from iom_causal.numerics.inference.student_t import t_isf, t_two_sided
from iom_causal.numerics.kernels.newton import CONVERGED
from iom_causal.panel import Panel
from iom_causal.roles import one_by_one

Floats = NDArray[np.float64]

STANDARD_ERRORS = ("robust", "model")
NO_RESULT = 80
SEPARATED = 68
SINGULAR = 1e-9
"""Smallest eigenvalue of the information, scaled to a unit diagonal, that still is one."""
FAR = 20.0
"""A log coefficient beyond this means that some people have no events at all."""
NOTHING = 1e-7
"""A robust standard error this small, relative to the model-based one, is none."""


DISPERSED = 1.2
"""A variance this many times that of the model is said."""


class Spec(Protocol):
    """The settings that all count models have."""

    @property
    def se(self) -> str:
        """Which standard error."""
        ...

    @property
    def level(self) -> float:
        """The level of intervals."""
        ...


class Fitted(NamedTuple):
    """Parameters of a fit over replicates.

    Attributes
    ----------
    theta : ndarray
        (R, q).
    terms : tuple of str
        The q names.
    hessian, meat : ndarray
        (R, q, q) second derivatives of the log likelihood, and the sum of people's scores' outer products.
    log_ratio, gradient : ndarray
        (R,) the log of the ratio reported, and (R, q) its derivatives.
    log_lik : ndarray
        (R,).
    evaluations, ended : ndarray
        (R,) of the search.
    """

    theta: Floats
    terms: tuple[str, ...]
    hessian: Floats
    meat: Floats
    log_ratio: Floats
    gradient: Floats
    log_lik: Floats
    evaluations: NDArray[np.int64]
    ended: NDArray[np.int64]


class Columns(NamedTuple):
    """The columns of `Estimates`, both standard errors, the covariance of parameters, and the quantile of limits."""

    estimate: Floats
    std_error: Floats
    statistic: Floats
    df: Floats
    p_value: Floats
    conf_low: Floats
    conf_high: Floats
    code: NDArray[np.int64]
    model_error: Floats
    robust_error: Floats
    cov: Floats
    quantile: Floats


def covariances(hessian: Floats, meat: Floats, people: Floats) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Return model-based and robust covariances, and where the information is singular.

    A parameter whose row of the Hessian is zero is not in the model, and gets zeros. The robust one has the factor
    n / (n - 1).
    """
    information = -hessian
    diagonal = np.einsum("rjj->rj", information)
    absent = diagonal == 0
    scale = np.sqrt(np.where(absent | (diagonal < 0), 1.0, diagonal))
    q = hessian.shape[-1]
    scaled = information / (scale[:, :, None] * scale[:, None, :])
    scaled[:, np.arange(q), np.arange(q)] += absent
    singular = ~(np.linalg.eigvalsh(scaled)[:, 0] > SINGULAR)
    scaled[singular] = np.eye(q)
    inverse = np.linalg.inv(scaled) / (scale[:, :, None] * scale[:, None, :])
    inverse *= ~absent[:, :, None] & ~absent[:, None, :]
    factor = (people / np.maximum(people - 1, 1))[:, None, None]
    return inverse, inverse @ meat @ inverse * factor, singular


def columns(fit: Fitted, data: CountData, spec: Spec) -> Columns:
    """Compute estimates and intervals; t with n - 1 degrees of freedom for robust errors, normal for the model's."""
    people = data.people
    model, robust, singular = covariances(fit.hessian, fit.meat, people)
    far = np.abs(fit.theta[:, 1 : len(data.names)]).max(-1, initial=0.0) > FAR
    code = np.where(fit.ended != CONVERGED, NO_RESULT, 0)
    code = np.where(singular | far, SEPARATED, code).astype(np.int64)
    variances = [np.einsum("rj,rjk,rk->r", fit.gradient, v, fit.gradient) for v in (model, robust)]
    errors = [np.sqrt(np.maximum(v, 0.0)) for v in variances]
    se = errors[1] if spec.se == "robust" else errors[0]
    se = np.where(se > NOTHING * errors[0], se, np.nan)
    df = people - 1 if spec.se == "robust" else np.full(people.shape, np.inf)
    log_ratio = np.where(code == 0, fit.log_ratio, np.nan)
    statistic = log_ratio / se
    upper = quantile(df, spec.level)
    half = upper * se
    low, high = np.exp(log_ratio - half), np.exp(log_ratio + half)
    p = two_sided(statistic, df)
    cov = robust if spec.se == "robust" else model
    return Columns(np.exp(log_ratio), se, statistic, df, p, low, high, code, errors[0], errors[1], cov, upper)


def quantile(df: Floats, level: float) -> Floats:
    """Return the upper quantile of t, or of the normal where df is infinite."""
    normal = float(ndtri((1 + level) / 2))
    finite = np.where(np.isinf(df), 1.0, df)
    return np.where(np.isinf(df), normal, t_isf((1 - level) / 2, finite))


def two_sided(statistic: Floats, df: Floats) -> Floats:
    """Return two-sided p-values of t, or of the normal where df is infinite."""
    finite = np.where(np.isinf(df), 1.0, df)
    return np.where(np.isinf(df), 2 * ndtr(-np.abs(statistic)), t_two_sided(statistic, finite))


def raise_code(code: int, fit: Fitted, data: CountData) -> None:
    """Raise the error of one search that gave nothing, with the parameters that the counts do not identify.

    Raises
    ------
    NotIdentifiedError
        IOM-E068 when a combination of covariates has no events on one side, or too few events identify the frailties.
    ConvergenceError
        IOM-E080.
    """
    name, spread = data.sample.outcome, [term for term in fit.terms if term not in data.names]
    if code == SEPARATED:
        loose = _unbounded(fit, data)
        if set(loose) & set(data.names[2:]):
            raise NotIdentifiedError(
                "IOM-E068",
                f"{name}: some people with the same covariates have no events before or after, so a coefficient is "
                "infinite; put levels together or leave the covariate out",
            )
        raise NotIdentifiedError(
            "IOM-E068",
            f"{name}: too few people have events for these counts to tell {', '.join(loose)} apart from the rest of "
            "the model; take PoissonMixed(mixing='gamma') or RateRatio, which ask less of them",
        )
    if code:
        raise ConvergenceError(
            "IOM-E080",
            f"{name}: the search for {', '.join(spread) or 'the coefficients'} did not converge; take "
            "PoissonMixed(mixing='gamma') or RateRatio, which ask less of the counts",
        )


def _unbounded(fit: Fitted, data: CountData) -> list[str]:
    """Return the coefficients of one replicate that run off, else the parameters of its flattest direction."""
    far = [t for t, value in zip(fit.terms, fit.theta[0], strict=True) if t in data.names[1:] and abs(value) > FAR]
    if far:
        return far
    information = np.nan_to_num(-fit.hessian[0])
    present = np.flatnonzero(np.diag(information))
    scale = np.sqrt(np.abs(np.diag(information)[present]))
    scaled = information[np.ix_(present, present)] / np.outer(scale, scale)
    flattest = np.abs(np.linalg.eigh(scaled)[1][:, 0])
    return [fit.terms[k] for k, part in zip(present, flattest, strict=True) if part > flattest.max() / 2]


def words(
    spec: Any,
    data: CountData,
    *,
    method: str,
    estimand: str,
    assumptions: tuple[str, ...],
    pinned: bool = False,
    coefficient: str | None = POST,
) -> Estimate:
    """Return a result that so far has words only; `pinned` where the ratio and its error are those of the totals."""
    return Estimate(
        outcome=data.sample.outcome,
        method=f"{method}, {spec.se}",
        estimand=estimand,
        term="after / before",
        scale="ratio",
        std_error_scale="log",
        conf_level=spec.level,
        n_input=data.sample.n_input,
        exposure=data.exposure_words,
        notes=data.sample.notes + ((REFERENCE_LEVEL,) if _interacts(data.names) else ()),
        assumptions=("people are independent of one another", *assumptions),
        coefficient=coefficient,
        spec=spec,
        pinned=data.sample.pinned(*(MOMENTS if pinned else ())),
    )


def _interacts(names: tuple[str, ...]) -> bool:
    return any(POST in name.split(":") for name in names if name != POST)


def estimate(base: Estimate, fit: Fitted, data: CountData, spec: Spec) -> Estimate:
    """Fill in the numbers of one data set."""
    made = columns(fit, data, spec)
    raise_code(int(made.code[0]), fit, data)
    numbers: dict[str, Any] = {name: _defined(getattr(made, name)[0]) for name in Columns._fields[:7]}
    se, notes = numbers["std_error"], base.notes + doubts(made, spec)[0]
    dispersion = float((made.robust_error[0] / made.model_error[0]) ** 2)
    figures = {
        "log_lik": float(fit.log_lik[0]),
        "evaluations": int(fit.evaluations[0]),
        "dispersion": dispersion,
        "std_error_model": float(made.model_error[0]),
        "std_error_robust": float(made.robust_error[0]),
    }
    every = [[_defined(value) for value in column[:, 0].tolist()] for column in _part_columns(fit, made)]
    present = [k for k in range(len(fit.terms)) if fit.hessian[0, k, k] != 0]
    law = None if se is None else StudentT(float(fit.log_ratio[0]), se, float(made.df[0]), log=True)
    return replace(
        base,
        **numbers,
        n_used=round(float(data.people[0])),
        notes=notes,
        diagnostics=FrozenMap({**base.diagnostics, **figures}),
        parts=tuple(Part(fit.terms[k], float(fit.theta[0, k]), *(column[k] for column in every[1:])) for k in present),
        cov=made.cov[0][np.ix_(present, present)],
        law=law,
    )


def doubts(made: Columns, spec: Spec) -> list[tuple[str, ...]]:
    """Return what a reader should know of the standard error of each replicate, (R,)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        dispersion = (made.robust_error / made.model_error) ** 2
    narrow = (spec.se == "model") & (dispersion > DISPERSED)
    notes: list[tuple[str, ...]] = [()] * len(made.code)
    for k in np.flatnonzero(np.isnan(made.std_error) | narrow):
        notes[k] = (SAME_PROPORTION,) if np.isnan(made.std_error[k]) else ()
        notes[k] += (too_narrow(dispersion[k]),) if narrow[k] else ()
    return notes


def batch(base: Estimate, fit: Fitted, data: CountData, spec: Spec, numbers: ArrayLike | None = None) -> Estimates:
    """Return the columns over replicates."""
    made = columns(fit, data, spec)
    blank = made.code != 0
    parts = _part_columns(fit, made)
    numbers_of: dict[str, Any] = {name: np.where(blank, np.nan, getattr(made, name)) for name in Columns._fields[:7]}
    return Estimates(
        outcome=base.outcome,
        method=base.method,
        estimand=base.estimand,
        term=base.term,
        scale=base.scale,
        std_error_scale=base.std_error_scale,
        conf_level=base.conf_level,
        numbers=numbers,
        n_input=data.sample.everyone,
        n_used=data.people.round().astype(np.int64),
        code=made.code,
        notes=tuple((*own, *base.notes[len(data.sample.notes) :]) for own in data.sample.each),
        parts=FrozenMap({term: PartColumns(*(c[k] for c in parts)) for k, term in enumerate(fit.terms)}),
        cov=np.where(blank[:, None, None], np.nan, made.cov),
        base=base,
        **numbers_of,
    ).noted(doubts(made, spec))


def without_events(spec: Any, ratio: Estimate, base: Estimate) -> Estimate:
    """Return the ratio of totals, with exact limits, as a model's result where a side has no events."""
    return replace(
        ratio, method=base.method, estimand=base.estimand, spec=spec, assumptions=(*base.assumptions, *_POISSON)
    )


def fill_odd(
    spec: Any, panel: Panel, data: CountData, many: Estimates, odd: NDArray[np.bool_] | None = None
) -> Estimates:
    """Run the replicates that are not ordinary, or otherwise odd, one at a time; put them in their places."""
    wanted = ~data.ordinary if odd is None else ~data.ordinary | odd
    return many.overlaid(one_by_one(spec, panel, np.flatnonzero(wanted)))


_POISSON = ("events are Poisson given the person",)


def _part_columns(fit: Fitted, made: Columns) -> PartColumns:
    """Return the columns of every term, (q, R) each."""
    there = (made.code == 0) & (np.einsum("rjj->jr", fit.hessian) != 0)
    value = np.where(there, fit.theta.T, np.nan)
    se = np.sqrt(np.maximum(np.einsum("rjj->jr", made.cov), 0.0))
    se = np.where(there & (se > 0), se, np.nan)
    statistic, half = value / se, made.quantile * se
    return PartColumns(value, se, statistic, two_sided(statistic, made.df), value - half, value + half)


def _defined(value: Any) -> float | None:
    return float(value) if math.isfinite(value) else None

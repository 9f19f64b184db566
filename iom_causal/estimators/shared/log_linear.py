"""Clustered Poisson regression by statsmodels, and the conditions under which log-linear models have a fit."""

from typing import Any

import numpy as np

from iom_causal.errors import DegenerateDataError, InputError
from iom_causal.estimators.shared.coefficients import POST
from iom_causal.inputs.covariates import check_rank
from iom_causal.inputs.rows import Rows, quiet_fit, raise_flat
from iom_causal.numerics.mixed.separation import separates

_FLAT = 1e-7  # a standard error of a log ratio that only rounding can make
_STEPS = 100
_TIGHT = 1e-11  # of coefficients: Newton's last step from 1e-6 goes beyond it


def require_events(rows: Rows, name: str) -> None:
    """Refuse what a log-linear model cannot fit: scores, no events, and what separates.

    Raises
    ------
    InputError
        IOM-E066 for a score; IOM-E071 when covariates repeat one another.
    DegenerateDataError
        IOM-E064 without any events; IOM-E070 when a window or a covariate's level has none.
    """
    if rows.kind == "score":
        raise InputError("IOM-E066", f"{rows.sample.outcome}: {name} needs counts, got a score")
    if not rows.y.any():
        raise DegenerateDataError("IOM-E064", f"{rows.sample.outcome}: there are no events in either window")
    check_rank(rows.matrix, rows.names)
    if not all(rows.y[rows.post == side].any() for side in (0, 1)):
        raise DegenerateDataError(
            "IOM-E070", f"{rows.sample.outcome}: one window has no events; RateRatio gives its exact limit"
        )
    if separates(rows.matrix, rows.y):
        raise DegenerateDataError(
            "IOM-E070",
            f"{rows.sample.outcome}: a covariate marks out people without events; merge its levels or leave it out",
        )


def clustered_poisson(rows: Rows, name: str) -> Any:
    """Fit Poisson regression by statsmodels, with the sandwich over people and no small-sample factor.

    Raises
    ------
    ConvergenceError
        IOM-E080.
    DegenerateDataError
        IOM-E062 or IOM-E063 when the standard error is zero.
    """
    import statsmodels.api as sm  # noqa: PLC0415 slow to load

    with quiet_fit(name):
        model = sm.GLM(rows.y, rows.labelled(), family=sm.families.Poisson(), offset=rows.offset)
        clusters = {"groups": rows.person, "use_correction": False}
        fit = model.fit(cov_type="cluster", cov_kwds=clusters, maxiter=_STEPS, tol=_TIGHT, tol_criterion="params")
    if not np.asarray(fit.cov_params())[POST, POST] > _FLAT**2:
        raise_flat(rows)
    return fit

"""The coefficients of a result as statsmodels names them, all on one scale: that of the standard errors."""

import math
from typing import TYPE_CHECKING, Any

from iom_causal.base.specs import check_level
from iom_causal.errors import DegenerateDataError, NotIdentifiedError
from iom_causal.estimate.fields import EstimateFields

if TYPE_CHECKING:
    import pandas as pd

_OWN = ("estimate", "std_error", "p_value", "conf_low", "conf_high")
_LEVEL = 1e-9  # 1 - alpha differs from the level that was asked for by rounding


def linear(value: float | None, scale: str) -> float:
    """Return a value on the scale of the standard errors; what is undefined is NaN, as frames have it.

    Examples
    --------
    >>> linear(1.0, "log"), linear(1.0, "identity"), linear(0.0, "log")
    (0.0, 1.0, -inf)
    """
    if value is None:
        return math.nan
    if scale != "log":
        return value
    return math.log(value) if value > 0 else -math.inf


def terms(e: EstimateFields) -> list[dict[str, Any]]:
    """Return the coefficients with a covariance of their own, or else the estimate alone."""
    fitted = e.parts if e.cov is not None else ()
    rows = [own(e) if part.term == e.coefficient else part._asdict() for part in fitted]
    return rows or [own(e)]


def own(e: EstimateFields) -> dict[str, Any]:
    """Return the estimate itself as a coefficient."""
    row: dict[str, Any] = {name: getattr(e, name) for name in _OWN}
    row |= {name: linear(row[name], e.std_error_scale) for name in ("estimate", "conf_low", "conf_high")}
    fitted = e.cov is not None and e.coefficient is not None
    return row | {"term": e.coefficient if fitted else _alone(e), "own": True}


def _alone(e: EstimateFields) -> str:
    return f"log({e.term})" if e.std_error_scale == "log" else e.term


def named(e: EstimateFields) -> "pd.Index[str]":
    """Return the names of the coefficients; the index of logs says so."""
    import pandas as pd  # noqa: PLC0415 slow to load

    scale = "log scale" if e.std_error_scale == "log" else None
    names: pd.Index[str] = pd.Index([row["term"] for row in terms(e)], name=scale)
    return names


def series(e: EstimateFields, name: str) -> "pd.Series[float]":
    """Return one column of the coefficients, by term.

    Raises
    ------
    NotIdentifiedError
        IOM-E068 where the answer is a set, of which no number is the coefficient.
    """
    import pandas as pd  # noqa: PLC0415 slow to load

    if e.estimate is None and e.set_low is not None:
        raise NotIdentifiedError(
            "IOM-E068",
            f"{e.method} on {e.outcome}: the answer is a set and not one number; read set_low and set_high, and the "
            "interval around it with conf_int()",
        )
    return pd.Series([row[name] for row in terms(e)], index=named(e), dtype=float, name=name)


def intervals(e: EstimateFields, alpha: float) -> "pd.DataFrame":
    """Return the coefficients' intervals at level ``1 - alpha``."""
    import pandas as pd  # noqa: PLC0415 slow to load

    level = 1 - alpha
    check_level(level)
    ends = [_interval(e, row, level) for row in terms(e)]
    return pd.DataFrame(ends, index=named(e), columns=["conf_low", "conf_high"], dtype=float)


def covariance(e: EstimateFields) -> "pd.DataFrame":
    """Return the covariance of the coefficients.

    Raises
    ------
    DegenerateDataError
        IOM-E065 where there is not even a standard error.
    """
    import pandas as pd  # noqa: PLC0415 slow to load

    if e.cov is None and e.std_error is None:
        raise DegenerateDataError("IOM-E065", f"{e.method} has no covariance of terms")
    names = named(e)
    return pd.DataFrame([[(e.std_error or 0.0) ** 2]] if e.cov is None else e.cov, index=names, columns=names)


def _interval(e: EstimateFields, row: dict[str, Any], level: float) -> tuple[float, float]:
    if abs(level - e.conf_level) < _LEVEL and ("own" in row or row["conf_low"] is not None):
        return row["conf_low"], row["conf_high"]
    if "own" in row and (e.law is not None or e.std_error is None):
        low, high = e.confidence_interval(level)
        return linear(low, e.std_error_scale), linear(high, e.std_error_scale)
    if row["std_error"] is None:
        return math.nan, math.nan
    return _by_t(row["estimate"], row["std_error"], math.inf if e.df is None else e.df, level)


def _by_t(estimate: float, std_error: float, df: float, level: float) -> tuple[float, float]:
    from scipy.special import stdtrit  # noqa: PLC0415 beside its only use

    half = -float(stdtrit(df, (1 - level) / 2)) * std_error
    return estimate - half, estimate + half

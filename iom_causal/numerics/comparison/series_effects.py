"""Effects on a series over replicates: segmented regressors, the ratio with its error, placebo breaks before."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.numerics.comparison.interrupted_series import Horizon, SeriesFit, fit_series, over_horizon
from iom_causal.numerics.comparison.serial_errors import autocorrelations, autoregression, hac_lags, serial_errors

type Floats = NDArray[np.float64]

ERRORS = ("hac", "quasi", "model")
FIXED = ("intercept", "trend")
CHANGES = ("level", "slope")
LEAST_EACH_SIDE = 6
"""The fewest windows before a placebo break, and from it on."""


class Segments(NamedTuple):
    """Regressors of a segmented regression.

    Attributes
    ----------
    x, base : ndarray
        (M, p), with the change and without.
    after : ndarray
        (M,) the horizon.
    names : tuple of str
        The p columns.
    """

    x: Floats
    base: Floats
    after: NDArray[np.bool_]
    names: tuple[str, ...]


class SeriesEffect(NamedTuple):
    """Ratio over the horizon with its error, over replicates.

    Attributes
    ----------
    by : Segments
        The regressors.
    fit, horizon : SeriesFit, Horizon
        The regression, and the ratio with its gradient.
    cov : ndarray
        (R, p, p) of the coefficients.
    std_error, df : ndarray
        (R,) of the log ratio; df infinite where errors have the model's variance.
    dispersion, persistence, autocorrelation : ndarray
        (R,) Pearson's statistic over its degrees of freedom, first-order autocorrelation by restricted likelihood, and
        that of the residuals as they are.
    """

    by: Segments
    fit: SeriesFit
    horizon: Horizon
    cov: Floats
    std_error: Floats
    df: Floats
    dispersion: Floats
    persistence: Floats
    autocorrelation: Floats


def segments(years: Floats, start: float, *, slope: bool = True, waves: Floats | None = None) -> Segments:
    """Return the regressors of a trend with a change of level, and of slope, at a start.

    Parameters
    ----------
    years : ndarray
        (M,) middle of each window.
    start : float
        When the change begins; windows whose middle lies beyond are changed.
    slope : bool
        Whether the trend changes too.
    waves : ndarray, optional
        (M, K) columns common to both sides, such as those of seasons.

    Examples
    --------
    >>> segments(np.array([-1.5, -0.5, 0.5, 1.5]), 0.0).x[:, 1:].tolist()
    [[-1.5, 0.0, 0.0], [-0.5, 0.0, 0.0], [0.5, 1.0, 0.5], [1.5, 1.0, 1.5]]
    """
    since, after = years - start, years > start
    columns = [np.ones(len(years)), since, after.astype(np.float64)] + [np.where(after, since, 0.0)] * slope
    names = FIXED + CHANGES[: 1 + slope]
    if waves is not None:
        columns += list(waves.T)
        names += tuple(f"{wave}_{k // 2 + 1}" for k, wave in enumerate(("cosine", "sine") * (waves.shape[1] // 2)))
    x = np.stack(columns, axis=-1)
    changed = np.isin(names, CHANGES)
    return Segments(x, np.where(changed, 0.0, x), after, names)


def series_effect(
    by: Segments,
    events: Floats,
    offset: Floats,
    *,
    family: str = "poisson",
    trials: Floats | None = None,
    errors: str = "hac",
) -> SeriesEffect:
    """Ratio over a horizon by segmented regression of totals, with its standard error and degrees of freedom.

    Parameters
    ----------
    by : Segments
        The regressors; of a placebo each array may have a replicate axis.
    events, offset, family, trials
        As in `fit_series`.
    errors : {"hac", "quasi", "model"}
        HAC with a correction for short series (`serial_errors`), the model's variance times the dispersion, or the
        model's.

    Examples
    --------
    >>> events = np.array([[8.0, 12, 9, 11, 4, 6, 5, 5]])
    >>> found = series_effect(segments(np.arange(8.0) - 3.5, 0.0, slope=False), events, 0 * events, errors="model")
    >>> float(np.exp(found.horizon.log_ratio).round(3)[0]), float(found.std_error.round(3)[0])
    (0.404, 0.537)
    """
    fit = fit_series(by.x, events, offset, family=family, trials=trials)
    horizon = over_horizon(fit, by.x, by.base, by.after)
    windows, p = events.shape[1], by.x.shape[-1]
    dispersion = (fit.pearson**2).sum(-1) / (windows - p)
    if errors == "hac":
        cov, variance, df, persistence = serial_errors(
            fit.root, fit.pearson, fit.bread, horizon.gradient, hac_lags(windows)
        )
    else:
        quasi, persistence = errors == "quasi", autoregression(fit.root, fit.pearson)
        cov = fit.bread * (dispersion if quasi else np.ones(len(events)))[:, None, None]
        variance = np.einsum("rp,rpq,rq->r", horizon.gradient, cov, horizon.gradient)
        df = np.full(len(events), windows - p if quasi else np.inf)
    with np.errstate(invalid="ignore"):
        std_error = np.sqrt(variance)
    lag = autocorrelations(fit.pearson, 1)[:, 0]
    return SeriesEffect(by, fit, horizon, cov, std_error, df, dispersion, persistence, lag)


def placebo_breaks(
    years: Floats,
    edges: Floats,
    events: Floats,
    offset: Floats,
    *,
    longest: int,
    slope: bool,
    waves: Floats | None,
    family: str,
    trials: Floats | None,
    errors: str,
) -> SeriesEffect | None:
    """Effects of breaks that never were, one at each edge of a window in a series before its start.

    Parameters
    ----------
    years, edges : ndarray
        (M,) middle and start of each window before.
    events, offset, trials : ndarray
        (M,) of one series.
    longest : int
        The most windows of a placebo's horizon: as many as lie after the start.
    slope, waves, family, errors
        As in `segments` and `series_effect`.

    Returns
    -------
    SeriesEffect or None
        One break a replicate; None where no break has enough windows on both sides.
    """
    places = range(LEAST_EACH_SIDE, len(years) - LEAST_EACH_SIDE + 1)
    made = [segments(years, edges[k], slope=slope, waves=waves) for k in places]
    if not made or made[0].x.shape[1] >= len(years):
        return None
    count, windows = len(made), np.arange(len(years))
    by = Segments(
        np.stack([m.x for m in made]),
        np.stack([m.base for m in made]),
        np.stack([(windows >= k) & (windows < k + longest) for k in places]),
        made[0].names,
    )
    every = [None if v is None else np.broadcast_to(v, (count, len(years))) for v in (events, offset, trials)]
    return series_effect(by, every[0], every[1], family=family, trials=every[2], errors=errors)  # type: ignore[arg-type]

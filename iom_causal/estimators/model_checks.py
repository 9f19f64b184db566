"""Randomised quantile residuals and rootogram of a fitted count model."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.errors import InputError
from iom_causal.estimate import Estimate
from iom_causal.estimators.negative_binomial_mixed import NegativeBinomialMixed
from iom_causal.estimators.poisson_mixed import PoissonMixed
from iom_causal.inputs.counts import CountData, count_data
from iom_causal.numerics import LEVEL
from iom_causal.numerics.mixed.residuals import Rootogram, rootogram_counts, simulated_residuals
from iom_causal.panel import Panel
from iom_causal.roles import Rng
from iom_causal.streams import as_generator

SIMULATIONS = 250


def residuals(
    estimate: Estimate, panel: Panel, *, simulations: int = SIMULATIONS, rng: Rng = None
) -> NDArray[np.float64]:
    """Randomised quantile residuals of each observed window, uniform on (0, 1) when the model is right.

    Parameters
    ----------
    estimate : Estimate
        Of `PoissonMixed` or `NegativeBinomialMixed`.
    panel : Panel
        The panel that it was fitted to.
    simulations : int
        Data sets drawn from the fitted model.
    rng : Generator, int or None
        Seed.

    Returns
    -------
    ndarray
        (n, C), NaN where nothing was observed; windows that the model does not distinguish are added up.

    Raises
    ------
    InputError
        IOM-E066 for another estimate.

    References
    ----------
    Dunn & Smyth (1996), Journal of Computational and Graphical Statistics 5:236-244.

    Examples
    --------
    >>> panel = Panel.from_arrays([[3, 1], [4, 2], [9, 3], [0, 2], [5, 1]])
    >>> residuals(PoissonMixed()(panel), panel, rng=1).shape
    (5, 2)
    """
    generator, _ = as_generator(rng)
    data, draws = _simulated(estimate, panel, simulations, generator)
    values = simulated_residuals(data.y[0], draws, rng=generator)
    return np.where(_seen(data), values, np.nan)


def rootogram(
    estimate: Estimate, panel: Panel, *, simulations: int = SIMULATIONS, level: float = LEVEL, rng: Rng = None
) -> Rootogram:
    """Rootogram: how often each count occurs in the panel, and how often the fitted model expects it to.

    Parameters
    ----------
    estimate, panel, simulations, rng
        As in `residuals`.
    level : float
        Of the interval for single simulated panels.

    References
    ----------
    Tukey (1977), Exploratory Data Analysis; Kleiber & Zeileis (2016), American Statistician 70:296-303.

    Examples
    --------
    >>> panel = Panel.from_arrays([[3, 1], [4, 2], [9, 3], [0, 2], [5, 1]])
    >>> int(rootogram(PoissonMixed()(panel), panel, rng=1).observed.sum())
    10
    """
    generator, _ = as_generator(rng)
    data, draws = _simulated(estimate, panel, simulations, generator)
    seen = _seen(data)
    return rootogram_counts(data.y[0][seen], draws[:, seen], level=level)


def _seen(data: CountData) -> NDArray[np.bool_]:
    at_risk = np.broadcast_to(data.exposure, data.y.shape)[0] > 0
    return np.asarray(at_risk & (data.weight[0] > 0)[:, None])


def _simulated(
    estimate: Estimate, panel: Panel, simulations: int, rng: np.random.Generator
) -> tuple[CountData, NDArray[np.int64]]:
    spec = estimate.spec
    if not isinstance(spec, (PoissonMixed, NegativeBinomialMixed)) or not estimate.parts:
        raise InputError("IOM-E066", "expected an Estimate of PoissonMixed or NegativeBinomialMixed with parameters")
    data = count_data(panel, spec, spec.covariates, collapse=isinstance(spec, PoissonMixed))
    values = {part.term: part.estimate for part in estimate.parts}
    rate = np.exp(data.x @ np.array([values[name] for name in data.names]))
    mean = np.broadcast_to(data.exposure * rate, data.y.shape[1:])
    frailty = _frailty(spec, estimate.diagnostics, data, (simulations, len(mean)), rng)
    drawn = mean * frailty
    size = estimate.diagnostics.get("size", np.inf)
    if np.isfinite(size):
        drawn = rng.gamma(size, drawn / size)
    return data, rng.poisson(drawn)


def _frailty(
    spec: Any, figures: Mapping[str, Any], data: CountData, shape: tuple[int, int], rng: np.random.Generator
) -> NDArray[np.float64]:
    if "frailty_correlation" in figures:
        rho = figures["frailty_correlation"]
        z = rng.standard_normal((2, *shape))
        z[1] = rho * z[0] + np.sqrt(1 - rho**2) * z[1]
        sds = np.array([figures["frailty_sd_before"], figures["frailty_sd_after"]])
        both = np.exp(sds[:, None, None] * z)
        return np.asarray(np.moveaxis(both[data.treated], 0, -1))
    sd = figures["frailty_sd"]
    if sd == 0:
        return np.ones((*shape, 1))
    if isinstance(spec, PoissonMixed) and spec.mixing == "gamma":
        return np.asarray(rng.gamma(sd**-2, sd**2, shape)[..., None])
    return np.asarray(np.exp(sd * rng.standard_normal(shape))[..., None])

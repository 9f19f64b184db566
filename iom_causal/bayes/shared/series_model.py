"""Log-linear model of the totals of a series: what is expected in each window, the path about it, and its density."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from iom_causal.base.specs import FrozenMap
from iom_causal.bayes.shared.parameters import Parameter, log_prior, natural
from iom_causal.bayes.shared.posterior import Posterior
from iom_causal.bayes.shared.rounds import from_prior
from iom_causal.bayes.shared.series_words import AR1, FORECAST, NONE
from iom_causal.inputs.series import Series
from iom_causal.numerics.posterior import series as numbers
from iom_causal.numerics.posterior.importance import Weighted, weighted
from iom_causal.numerics.posterior.latent_gaussian import conditional, drawn, log_correction

type Floats = np.ndarray[Any, np.dtype[np.float64]]

HYPER = ("spread", "innovation", "persistence")
"""The parameters in which the log mean is not linear."""
POINTS, PATH_POINTS = 4096, 2048
"""Of importance sampling, without and with a path."""
DF, PATH_DF = 7.0, 60.0
"""Degrees of freedom of the t from which what is linear is drawn, without and with a path: of many, few are far out."""


@dataclass(frozen=True, eq=False, kw_only=True)
class SeriesModel:
    """A series under a log-linear trend, its changes and seasons, and a path of the log rate about them.

    A random walk is 0 in the last window before the index date, and goes from there both ways: the trend is then the
    level at the index date, as its prior says. An autoregression is stationary about the trend.

    Parameters
    ----------
    parameters : tuple of Parameter
        Those of `MonthlySeries`: what is linear in the log mean first.
    trend : float or None
        The log change a year, where it is stated.
    compare : {"joint", "forecast"}
        Whether all windows are fitted, or those before alone.
    autocorrelation : {"none", "ar1", "random_walk"}
        Of the path.
    season : int
        How many harmonics of the calendar year.
    series : Series
        All windows.
    """

    parameters: tuple[Parameter, ...]
    trend: float | None
    compare: str
    autocorrelation: str
    season: int
    series: Series

    @property
    def fitted(self) -> Series:
        """The windows that are fitted."""
        return self.series.before if self.compare == FORECAST else self.series

    @property
    def wanders(self) -> bool:
        """Whether there is a path."""
        return self.autocorrelation != NONE

    @property
    def origin(self) -> int | None:
        """The window in which a random walk is 0; None for an autoregression, which is about 0 everywhere."""
        return None if self.autocorrelation == AR1 else int((~self.series.post).sum()) - 1

    def values(self, z: Floats) -> Mapping[str, Floats]:
        """Return the parameters on their own scales, of points (S, d)."""
        return natural(self.parameters, z)

    def path_design(self, values: Mapping[str, Floats], periods: int) -> Floats:
        """Return what multiplies standard normal steps to the path of so many windows from the first, (S, T, G)."""
        return numbers.path_design(values["innovation"], values.get("persistence"), periods, self.origin or 0)

    def columns(self, series: Series) -> dict[str, Floats]:
        """Return what multiplies each linear parameter, (T,) each."""
        after = series.post.astype(np.float64)
        columns = {"baseline": np.ones(after.size), "trend": series.middle}
        columns |= {"change": after, "slope_change": after * series.middle}
        if self.season:
            waves = numbers.harmonics(series.phase(), self.season)
            columns |= {f"cosine_{k + 1}": waves[:, 2 * k] for k in range(self.season)}
            columns |= {f"sine_{k + 1}": waves[:, 2 * k + 1] for k in range(self.season)}
        return columns

    def offset(self, series: Series) -> Floats:
        """Return the part of the log mean that no parameter has, (T,)."""
        return np.asarray(np.log(series.exposure) + (self.trend or 0.0) * series.middle)

    def linear(self, series: Series, values: Mapping[str, Any], *, changed: bool) -> Any:
        """Return the log of what is expected, of arrays (S, 1) or PyMC's scalars alike."""
        left_out = () if changed else ("change", "slope_change")
        used = {k: v for k, v in self.columns(series).items() if k in values and k not in left_out}
        return self.offset(series) + sum(values[k] * column for k, column in used.items())

    def log_mean(self, series: Series, z: Floats, *, changed: bool = True) -> Floats:
        """Return the log of what is expected without a path, (S, T)."""
        columns = {k: v[:, None] for k, v in self.values(z).items()}
        return np.asarray(self.linear(series, columns, changed=changed))

    def log_likelihood(self, z: Floats) -> Floats:
        """Return the log likelihood at parameters (S, d), by Laplace's method over the path where there is one."""
        fitted, values = self.fitted, self.values(z)
        log_mean, spread = self.log_mean(fitted, z), values.get("spread")
        if not self.wanders:
            return numbers.log_likelihood(fitted.events, log_mean, spread)
        return conditional(fitted.events, log_mean, self.path_design(values, fitted.events.size), spread).log_marginal

    def weighted(self, rng: np.random.Generator) -> Weighted:
        """Return weighted points (S, d + steps): parameters, and the steps of the path where there is one.

        Hyperparameters come from their Laplace marginal in rounds that begin at the prior, all that is linear from a t
        about its mode given them, and the weights are those of the exact joint density.
        """
        fitted = self.fitted
        linear = [p for p in self.parameters if p.name not in HYPER]
        hyper = self.parameters[len(linear) :]
        columns = self.columns(fitted)
        x = np.column_stack([columns[p.name] for p in linear])
        mean, sd = (np.array(v) for v in zip(*((p.prior.centre, p.sd) for p in linear), strict=True))
        offset = self.offset(fitted) + x @ mean

        def parts(h: Floats) -> tuple[Floats, Floats | None]:
            values = natural(hyper, h)
            design = np.broadcast_to(x * sd, (len(h), *x.shape))
            if self.wanders:
                design = np.concatenate([design, self.path_design(values, len(x))], axis=-1)
            return design, values.get("spread")

        def log_density(h: Floats) -> Floats:
            design, spread = parts(h)
            return log_prior(hyper, h) + conditional(fitted.events, offset, design, spread).log_marginal

        first = from_prior(hyper, log_density, rng, points=PATH_POINTS if self.wanders else POINTS)
        design, spread = parts(first.points)
        around = conditional(fitted.events, offset, design, spread)
        g, log_q = drawn(around, rng, PATH_DF if self.wanders else DF)
        log_weight = first.log_weight + log_correction(fitted.events, offset, design, spread, around, g, log_q)
        p = len(linear)
        points = np.column_stack([mean + sd * g[:, :p], first.points, g[:, p:]])
        return weighted(points, log_weight, first.log_evidence)

    def paths(self, z: Floats, steps: Floats) -> Mapping[str, Floats]:
        """Return steps and paths of the log rate, (1, S, T) each, under PyMC's names; nothing where there is none."""
        if not self.wanders:
            return FrozenMap({})
        design = self.path_design(self.values(z), self.fitted.events.size)
        return FrozenMap({"steps": steps[None], "wander": np.einsum("stg,sg->st", design, steps)[None]})

    def log_ratio(self, z: Floats, path: Floats) -> Floats:
        """Return the log of the ratio of the totals expected after, with the change over without."""
        after = self.series.post
        without = self.log_mean(self.series, z, changed=False)
        ratio = self.log_mean(self.series, z) - without
        return numbers.log_mean_ratio((without + path)[:, after], ratio[:, after])

    def without(self, posterior: Posterior, rng: np.random.Generator) -> Floats:
        """Return draws of the log of what is expected in every window without a change, (S, T)."""
        log_mean = self.log_mean(self.series, posterior.flat, changed=False)
        if not self.wanders:
            return log_mean
        path = posterior.derived["wander"].reshape(len(log_mean), -1)
        ahead = log_mean.shape[1] - path.shape[1]
        if ahead:
            values = self.values(posterior.flat)
            lasting = values.get("persistence", np.ones(len(path)))
            steps = rng.standard_normal((len(path), ahead))
            path = np.hstack([path, numbers.wander(path[:, -1], values["innovation"], lasting, steps)])
        return log_mean + path

    def build(self) -> Any:
        """Return the PyMC model of the totals that are fitted."""
        import pymc as pm  # noqa: PLC0415 slow to load

        fitted = self.fitted
        with pm.Model() as model:
            values = {p.name: p.variable() for p in self.parameters}
            without = self.linear(fitted, values, changed=False)
            log_ratio = self.linear(fitted, values, changed=True) - without
            if self.wanders:
                without = without + self._path(values, fitted.events.size)
            mean = pm.math.exp(without + log_ratio)
            if "spread" in values:
                pm.NegativeBinomial("events", mu=mean, alpha=values["spread"] ** -2.0, observed=fitted.events)
            else:
                pm.Poisson("events", mean, observed=fitted.events)
            if self.compare != FORECAST:
                after = np.flatnonzero(fitted.post)
                total = pm.math.exp(without[after]).sum()
                pm.Deterministic("ratio", pm.math.exp((without + log_ratio)[after]).sum() / total)
        return model

    def _path(self, values: Mapping[str, Any], size: int) -> Any:
        import pymc as pm  # noqa: PLC0415 slow to load

        innovation, persistence = values["innovation"], values.get("persistence")
        if persistence is None:
            walk = pm.math.concatenate([np.zeros(1), pm.Normal("steps", shape=size - 1).cumsum()])
            path = walk - walk[self.origin]
        else:
            steps = pm.Normal("steps", shape=size)
            lag = np.subtract.outer(np.arange(size), np.arange(size))
            lasts = (lag >= 0) * persistence ** np.maximum(lag, 0)
            first = pm.math.concatenate([(1 - persistence**2)[None] ** -0.5, np.ones(size - 1)])
            path = lasts @ (first * steps)
        return pm.Deterministic("wander", innovation * path)

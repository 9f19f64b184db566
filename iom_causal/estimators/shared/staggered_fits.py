"""Fits of staggered starts: averages of group-time effects, their test before the start, and bands around the path."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import fdtrc, ndtr

from iom_causal.inputs.staggered import StaggeredPeople
from iom_causal.numerics.comparison.staggered import Effects, average_effects, influence
from iom_causal.numerics.comparison.staggered_cells import Averages, Cells, averages, from_every_window
from iom_causal.numerics.comparison.uniform_bands import multiplier_maxima, normal_maxima
from iom_causal.numerics.inference.student_t import t_isf
from iom_causal.numerics.kernels.decimals import NOISE
from iom_causal.roles import Rng
from iom_causal.streams import as_generator

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

MULTIPLIED = 5000
"""People up to whom bands draw a multiplier for each; sums over more are normal to the error of so many draws."""


class StaggeredFit(NamedTuple):
    """Effects of replicates of one structure, with the cells and averages that they are of."""

    cells: Cells
    wanted: Averages
    effects: Effects
    ratio: bool

    @property
    def managed(self) -> Booleans:
        """(Q,) the cells from the start on."""
        return self.cells.event >= 0

    def sound(self, which: Booleans) -> Effects:
        """Return the effects of the replicates that have one, NaN for the others."""
        e = self.effects
        value, df = (np.where(which[:, None], figures, np.nan) for figures in (e.value, e.df))
        return Effects(value, np.where(which[:, None, None], e.cov, np.nan), df)


def staggered_fit(people: StaggeredPeople, cells: Cells, aggregate: str, *, ratio: bool) -> StaggeredFit:
    """Fit averages of group-time effects; degrees of freedom are NaN where people do not differ."""
    wanted = averages(cells, aggregate)
    if not (cells.event >= 0).any():
        nothing = np.full((len(people.people.weight), 1), np.nan)
        none = Effects(nothing, nothing[..., None], nothing)
        return StaggeredFit(cells, wanted._replace(keys=wanted.keys[:0]), none, ratio)
    effects = average_effects(people.people, cells, wanted, ratio=ratio)
    least = NOISE * (1.0 if ratio else float(np.abs(people.people.outcome).max(initial=0.0)))
    flat = np.diagonal(effects.cov, axis1=1, axis2=2) <= least**2  # people do not differ, but for rounding
    return StaggeredFit(cells, wanted, effects._replace(df=np.where(flat, np.nan, effects.df)), ratio)


def error_from_every_window(people: StaggeredPeople, fit: StaggeredFit, aggregate: str, anticipation: int) -> Floats:
    """Return how large the overall standard error would be with all windows before as base, relative to that of a fit.

    Returns
    -------
    ndarray
        (R,); 1 where nobody has a managed window.
    """
    if not fit.managed.any():
        return np.ones(len(people.people.weight))
    cells = from_every_window(fit.cells.where(fit.managed), anticipation)
    wanted = averages(cells, aggregate)
    if wanted.overall.size:
        wanted = wanted._replace(members=wanted.members[:0], shares=wanted.shares[:0])
    cov = average_effects(people.people, cells, wanted, ratio=fit.ratio).cov
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.sqrt(cov[:, 0, 0] / fit.effects.cov[:, 0, 0]))


def pre_trend(fit: StaggeredFit, anticipation: int) -> dict[str, float]:
    """Return the joint test of the effects before starts, by Hotelling's F; nothing with too few people for one."""
    value, df = fit.effects.value[0], fit.effects.df[0]
    at = np.flatnonzero((fit.wanted.keys < -anticipation) & ~np.isnan(df[1:])) + 1
    left = float(df[0]) - len(at) + 1
    if not len(at) or left <= 0:
        return {}
    wald = float(value[at] @ np.linalg.pinv(fit.effects.cov[0][np.ix_(at, at)]) @ value[at])
    return {
        "pre_trend_statistic": wald * left / (len(at) * float(df[0])),
        "pre_trend_p": float(fdtrc(len(at), left, wald * left / (len(at) * float(df[0])))),
    }


def path_bands(people: StaggeredPeople, fit: StaggeredFit, *, level: float, draws: int, rng: Rng) -> dict[str, Any]:
    """Return bands that hold all terms of the path at once, as ends a term; None for a term without an error."""
    at = np.flatnonzero(~np.isnan(fit.effects.df[0, 1:])) + 1
    if not len(at):
        return {}
    generator, seed = as_generator(rng)
    cov = fit.effects.cov[0][np.ix_(at, at)]
    error = np.sqrt(np.diag(cov))
    counts = people.people.weight[0]
    if len(counts) <= MULTIPLIED and np.isin(counts, (0.0, 1.0)).all():
        psi = influence(people.people, fit.cells, fit.wanted, ratio=fit.ratio)[:, at]
        maxima = multiplier_maxima(psi, error, draws, generator)
    else:
        maxima = normal_maxima(cov, draws, generator)
    critical = float(np.quantile(maxima, level))
    half = t_isf(float(ndtr(-critical)), fit.effects.df[0, at]) * error  # the same tail of each term's t
    value = fit.effects.value[0]
    ends = {int(k): (float(value[k] - h), float(value[k] + h)) for k, h in zip(at, half, strict=True)}
    shown = np.flatnonzero(~np.isnan(value[1:])) + 1
    return {
        "bands": tuple(ends.get(int(k)) for k in shown),
        "critical_value": critical,
        "draws": draws,
        "seed": seed,
    }

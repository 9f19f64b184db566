"""Draws of counts before and after from a population, as they come or given who is selected on the count before."""

import numpy as np
from numpy.typing import NDArray

from iom_causal.numerics.posterior.selected_pairs import Rates, gamma_counts, poisson_factor, trapezoid

type Floats = NDArray[np.float64]

FURTHER = 6
"""Counts are drawn up to so many times the last with a selection probability of its own."""
MOST = 1e9
"""More events than this are no count that can be drawn."""


def poisson(mean: Floats, rng: np.random.Generator) -> Floats:
    """Draw Poisson counts of these means."""
    return rng.poisson(np.minimum(mean, MOST)).astype(np.float64)


def draw_rates(family: str, at: Rates, people: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Draw rates before, and after without the programme, of people as they come, (S, people) each.

    Examples
    --------
    >>> one = np.ones(1)
    >>> at = Rates(np.log([5.0]), 0.5 * one, 0.5 * one, 0.9 * one, np.log([0.8]), np.zeros(1))
    >>> before, after = draw_rates("gamma", at, 50_000, np.random.default_rng(1))
    >>> round(float(before.mean()), 1), round(float(after.mean() / before.mean()), 3)
    (5.0, 0.8)
    """
    mean, change = np.exp(at.log_mean)[:, None], np.exp(at.without)[:, None]
    shape = (len(at.log_mean), people)
    if family == "gamma":
        variance = at.spread[:, None]
        rate = mean * variance * rng.gamma(np.broadcast_to(1 / variance, shape))
        return rate, rate * change
    z = rng.standard_normal(shape)
    s, t = at.spread[:, None], at.spread_after[:, None]
    later = _later(at.correlation[:, None], z, rng)
    return mean * np.exp(s * z - 0.5 * s**2), mean * change * np.exp(t * later - 0.5 * t**2)


def _later(correlation: Floats, z: Floats, rng: np.random.Generator) -> Floats:
    return np.asarray(correlation * z + np.sqrt(1 - correlation**2) * rng.standard_normal(z.shape))


def draw_selected(
    family: str, at: Rates, chance: Floats, people: int, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Draw counts before in a window of unit length, and rates after without the programme, of selected people.

    Parameters
    ----------
    family : {"gamma", "lognormal"}
        Of the rates.
    at : Rates
        Parameters, (S,) each.
    chance : ndarray
        (S, C) selection probability by count, from 0; more events than the last have its chance.
    people : int
        How many to draw.
    rng : Generator
        Source of draws.

    Examples
    --------
    >>> one = np.ones(1)
    >>> at = Rates(np.log([2.0]), one, one, one, np.zeros(1), np.zeros(1))
    >>> cut = (np.arange(30.0) >= 3)[None].astype(float)
    >>> before, after = draw_selected("gamma", at, cut, 50_000, np.random.default_rng(1))
    >>> float(before.min()), round(float(after.mean() / before.mean()), 2)
    (3.0, 0.8)
    """
    drawn = [
        _drawn(family, Rates(*(v[s : s + 1] for v in at)), chance[s], people, rng) for s in range(len(at.log_mean))
    ]
    before, after = (np.array(v) for v in zip(*drawn, strict=True))
    return before, after


def _drawn(family: str, at: Rates, chance: Floats, people: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    count = np.arange(float(FURTHER * chance.size))
    own = chance[np.minimum(count.astype(np.int64), chance.size - 1)]
    mean, spread, change = (float(np.exp(at.log_mean[0])), float(at.spread[0]), float(np.exp(at.without[0])))
    if family == "gamma":
        before = count[_drawn_places(own * gamma_counts(count, at)[0], people, rng)]
        return before, change * rng.gamma(1 / spread + before) / (1 / spread / mean + 1)
    rule = trapezoid(count[-1])
    table = poisson_factor(count[:, None], np.ones(1), np.log(mean) - 0.5 * spread**2 + spread * rule.nodes)
    row, node = np.divmod(_drawn_places((own[:, None] * table * rule.weight).ravel(), people, rng), rule.nodes.size)
    later, after = _later(at.correlation, rule.nodes[node], rng), float(at.spread_after[0])
    return count[row], mean * change * np.exp(after * later - 0.5 * after**2)


def _drawn_places(weight: Floats, size: int, rng: np.random.Generator) -> NDArray[np.int64]:
    edges = np.cumsum(weight)
    places = np.searchsorted(edges, rng.random(size) * edges[-1], side="right")
    return np.asarray(np.minimum(places, weight.size - 1), dtype=np.int64)

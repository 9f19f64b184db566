"""Worlds in which people are selected for a high count, with numpy alone: what regression to the mean must get right.

A world is a distribution of rates with a history, a selection rule, and what else happens. Its cohorts hold windows of
equal length, the last of them after; the programme multiplies the managed people's events after by a stated ratio.
Everybody's rate is two events a year on average before, or less where people stop.
"""

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]
type Rates = Callable[[np.random.Generator, int, float, int], Floats]

PER_YEAR = 2.0
STEP = 0.25
"""Years in which a rate stays as it is."""
SHAPE = 1.5
NOISE = 3.0
"""SD of what else a noisy score reads, in events."""
SOFTNESS = 1.5


class Cohort(NamedTuple):
    """People of one replicate.

    Attributes
    ----------
    counts : ndarray
        (n, T) events by window, the last two before and after.
    managed : ndarray
        (n,) whether a person is managed.
    free : ndarray or None
        (n, T) share of each window at liberty; None where everybody always is.
    """

    counts: NDArray[np.int64]
    managed: NDArray[np.bool_]
    free: Floats | None


@dataclass(frozen=True)
class World:
    """Distribution of rates, selection rule, and what else happens.

    Attributes
    ----------
    rates : callable
        From a generator, a number of people, the years of a window and T windows to (n, T) events expected without a
        programme.
    rule : {"cut", "soft", "noisy", "rate"}
        Managed at twice the mean count or above; more often the higher the count is; the highest on a noisy count; at
        twice the mean rate or above.
    detection : float
        Recording of managed people's events, after over before.
    created : float
        Events a managed person and year that supervision creates after.
    custody : float
        Share of their time at liberty that managed people keep after.
    """

    rates: Rates
    rule: str = "cut"
    detection: float = 1.0
    created: float = 0.0
    custody: float = 1.0

    def cut(self, years: float) -> float:
        """Count, or expected count, from which people are managed."""
        return 2 * PER_YEAR * years


def lasting_gamma(rng: np.random.Generator, n: int, years: float, windows: int) -> Floats:
    """Gamma rates that stay."""
    return np.tile(rng.gamma(SHAPE, PER_YEAR * years / SHAPE, n)[:, None], windows)


def lasting_lognormal(rng: np.random.Generator, n: int, years: float, windows: int) -> Floats:
    """Lognormal rates that stay."""
    sd = 0.9
    return np.tile(PER_YEAR * years * np.exp(sd * rng.standard_normal(n) - sd**2 / 2)[:, None], windows)


def drifting_gamma(rng: np.random.Generator, n: int, years: float, windows: int) -> Floats:
    """Gamma rates that drift (Kibble 1941): correlation .6 over two years."""
    kept = 0.6 ** (STEP / 2)
    rate = rng.gamma(SHAPE, 1 / SHAPE, n)
    steps = []
    for _ in range(round(windows * years / STEP)):
        steps.append(rate)
        rate = rng.gamma(SHAPE + rng.poisson(rate * SHAPE * kept / (1 - kept)), (1 - kept) / SHAPE)
    return _windows(steps, years, windows)


def renewed_gamma(rng: np.random.Generator, n: int, years: float, windows: int) -> Floats:
    """Gamma rates of which a quarter a year are drawn anew."""
    anew = 1 - 0.75**STEP
    rate = rng.gamma(SHAPE, 1 / SHAPE, n)
    steps = []
    for _ in range(round(windows * years / STEP)):
        steps.append(rate)
        rate = np.where(rng.random(n) < anew, rng.gamma(SHAPE, 1 / SHAPE, n), rate)
    return _windows(steps, years, windows)


def drifting_lognormal(
    rng: np.random.Generator, n: int, years: float, windows: int, *, stopping: float = 0.0
) -> Floats:
    """Lognormal rates of a lasting and a passing part, of which some people stop for good."""
    lasting, passing, kept = 0.7, 0.6, np.exp(-0.4 * STEP)
    level = lasting * rng.standard_normal(n) - lasting**2 / 2
    state = passing * rng.standard_normal(n)
    active = np.ones(n, dtype=bool)
    steps = []
    for _ in range(round(windows * years / STEP)):
        steps.append(np.exp(level + state - passing**2 / 2) * active)
        state = kept * state + np.sqrt(1 - kept**2) * passing * rng.standard_normal(n)
        active = active & (rng.random(n) < (1 - stopping) ** STEP)
    return _windows(steps, years, windows)


def stopping_lognormal(rng: np.random.Generator, n: int, years: float, windows: int) -> Floats:
    """Drifting lognormal rates; 8% a year stop for good."""
    return drifting_lognormal(rng, n, years, windows, stopping=0.08)


def ageing_lognormal(rng: np.random.Generator, n: int, years: float, windows: int) -> Floats:
    """Drifting lognormal rates with ageing of each person's own, in a trend of -10% a year."""
    return drifting_lognormal(rng, n, years, windows) * _falling(rng, n, years, windows)


def ageing_stopping_lognormal(rng: np.random.Generator, n: int, years: float, windows: int) -> Floats:
    """Ageing and a trend in drifting lognormal rates; 8% a year stop for good."""
    return stopping_lognormal(rng, n, years, windows) * _falling(rng, n, years, windows)


def _falling(rng: np.random.Generator, n: int, years: float, windows: int) -> Floats:
    """Return the level of each person and window over that before: a trend of -10% a year, and ageing of their own."""
    yearly = -0.10 - rng.gamma(2.0, 0.025, n)
    return np.exp(yearly[:, None] * years * (np.arange(windows) - (windows - 2)))


def _windows(steps: list[Floats], years: float, windows: int) -> Floats:
    """Return events expected in each window, from rates of mean 1 step by step."""
    return np.asarray(np.stack(steps, axis=-1).reshape(len(steps[0]), windows, -1).mean(-1) * PER_YEAR * years)


WORLDS = MappingProxyType(
    {
        "static gamma": World(lasting_gamma),
        "static lognormal": World(lasting_lognormal),
        "drifting gamma": World(drifting_gamma),
        "drifting lognormal": World(drifting_lognormal),
        "partly drawn anew": World(renewed_gamma),
        "drifting and stopping": World(stopping_lognormal),
        "soft cut": World(drifting_lognormal, "soft"),
        "noisy count": World(drifting_lognormal, "noisy"),
        "picked on the rate": World(drifting_lognormal, "rate"),
        "ageing and trend": World(ageing_lognormal),
        "detection": World(drifting_lognormal, detection=1.25),
        "custody": World(drifting_lognormal, custody=0.8),
        "breach": World(drifting_lognormal, created=0.4),
        "everything": World(ageing_stopping_lognormal, "soft", detection=1.25, created=0.4, custody=0.8),
    }
)
"""The kinds of world by name."""
BENEATH = MappingProxyType(
    {name: world for name, world in WORLDS.items() if world.rule in ("cut", "noisy")}
    | {"everything": World(ageing_stopping_lognormal, "cut", detection=1.25, created=0.4, custody=0.8)}
)
"""Those in which everybody whom the rule reaches can be managed."""


def few_places(
    world: World,
    rng: np.random.Generator,
    *,
    years: float = 1.5,
    windows: int = 3,
    n: int = 225,
    pool: int = 2000,
    ratio: float = 1.0,
) -> Cohort:
    """Draw a cohort of which few of those whom the rule reaches are managed, so that some of the pool stand as high.

    The pool is drawn at random from the same population. Where places go to the highest on a noisy count, a tenth of
    everybody is managed, and the pool is drawn from the others.
    """
    if world.rule == "noisy":
        everybody, order = _ordered(world, rng, max(10 * n, n + pool), years, windows)
        chosen, others = everybody.take(order[:n]), everybody.take(rng.permutation(order[n:])[:pool])
    else:
        chosen, others = _reached(world, rng, n, years, windows), _drawn(world, rng, pool, years, windows)
    return _cohort(world, rng, ratio, years, chosen, others)


def all_reached(
    world: World, rng: np.random.Generator, *, years: float = 1.5, windows: int = 3, n: int = 225, ratio: float = 1.0
) -> Cohort:
    """Draw a cohort of which everybody whom the rule reaches is managed, so that the pool stands beneath a cut."""
    if world.rule == "noisy":
        return few_places(world, rng, years=years, windows=windows, n=n, pool=9 * n, ratio=ratio)
    everybody = _drawn(world, rng, 12 * n + 200, years, windows)
    high = everybody.counts[:, -2] >= world.cut(years)
    met = np.flatnonzero(high)[:n]
    others = np.flatnonzero(~high[: met[-1]])
    return _cohort(world, rng, ratio, years, everybody.take(met), everybody.take(others))


def two_groups(
    world: World, rng: np.random.Generator, *, years: float = 1.5, windows: int = 3, n: int = 225, ratio: float = 1.0
) -> Cohort:
    """Draw a cohort beside as many people of another population alike, whom the same rule reaches there."""
    if world.rule == "noisy":
        drawn = [_ordered(world, rng, 10 * n, years, windows) for _ in range(2)]
        chosen, others = (everybody.take(order[:n]) for everybody, order in drawn)
    else:
        chosen, others = (_reached(world, rng, n, years, windows) for _ in range(2))
    return _cohort(world, rng, ratio, years, chosen, others)


class _People(NamedTuple):
    """Events expected at liberty, events, and shares of windows at liberty, without a programme."""

    expected: Floats
    counts: NDArray[np.int64]
    free: Floats

    def take(self, rows: NDArray[np.int64]) -> "_People":
        return _People(self.expected[rows], self.counts[rows], self.free[rows])


def _drawn(world: World, rng: np.random.Generator, size: int, years: float, windows: int) -> _People:
    expected = world.rates(rng, size, years, windows)
    # who offends more is locked up more
    free = np.ones_like(expected) if world.custody == 1 else 0.95 / (1 + 0.04 * expected / years)
    return _People(expected, rng.poisson(expected * free), free)


def _ordered(
    world: World, rng: np.random.Generator, size: int, years: float, windows: int
) -> tuple[_People, NDArray[np.int64]]:
    """Draw people, and their order by a noisy count, the highest first."""
    everybody = _drawn(world, rng, size, years, windows)
    return everybody, np.argsort(-(everybody.counts[:, -2] + NOISE * rng.standard_normal(size)))


def _reached(world: World, rng: np.random.Generator, n: int, years: float, windows: int) -> _People:
    people = _drawn(world, rng, 12 * n + 200, years, windows)
    cut, count = world.cut(years), people.counts[:, -2]
    if world.rule == "soft":
        reached = rng.random(len(count)) < 1 / (1 + np.exp(-(count - cut) / SOFTNESS))
    else:
        reached = (people.expected[:, -2] if world.rule == "rate" else count) >= cut
    return people.take(np.flatnonzero(reached)[:n])


def _cohort(
    world: World, rng: np.random.Generator, ratio: float, years: float, chosen: _People, others: _People
) -> Cohort:
    """Return both, with the events after of the chosen drawn under the programme and what comes with it."""
    n = len(chosen.counts)
    counts, free = (np.concatenate(both) for both in ((chosen.counts, others.counts), (chosen.free, others.free)))
    if world.custody < 1:
        free[:n, -1] *= rng.beta(10 * world.custody, 10 * (1 - world.custody), n)
    events = rng.poisson(chosen.expected[:, -1] * free[:n, -1] * ratio * world.detection)
    counts[:n, -1] = events + rng.poisson(world.created * years, n)
    return Cohort(counts, np.arange(len(counts)) < n, None if world.custody == 1 else free)

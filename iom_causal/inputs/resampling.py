"""Jackknife of people and parametric perturbation of published moments, for an observed change and its adjustments."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.errors import DegenerateDataError, InputError
from iom_causal.inputs.weighting import once, weights
from iom_causal.moments import Moments
from iom_causal.panel import Panel
from iom_causal.panel.parts import with_weights

type Floats = NDArray[np.float64]

BLOCK = 2000
"""Draws made together."""


def days_at_risk(subject: Panel | Moments) -> Floats | None:
    """Return the managed people's days in both windows, common to all or of each; None where they are not known."""
    if isinstance(subject, Moments):
        return None if subject.exposure is None else np.array(subject.exposure)
    return subject.managed.prepost().exposure


def observed_change(subject: Panel | Moments) -> Any:
    """Return the managed people's log ratio per day at risk, or the mean change of a score; (R,) with replicates."""
    return change_of(subject.managed if isinstance(subject, Panel) else subject)


def change_of(subject: Panel | Moments) -> Any:
    """Return the same of all people on a panel."""
    before, after = _levels(subject)
    if subject.kind == "score":
        return after - before
    with np.errstate(divide="ignore", invalid="ignore"):
        change = np.log(after) - np.log(before)
    if not np.isfinite(change).all():
        raise DegenerateDataError("IOM-E064", f"{subject.name}: a window without events has no ratio")
    return change


def levels(subject: Panel | Moments) -> tuple[Floats, Floats]:
    """Return the managed people's mean before, and the mean after at the exposure before."""
    return _levels(subject.managed if isinstance(subject, Panel) else subject)


def _levels(subject: Panel | Moments) -> tuple[Floats, Floats]:
    if isinstance(subject, Moments):
        before, after = (np.asarray(v) for v in subject.require("mean_pre", "mean_post", purpose="Ledger"))
        days = None if subject.kind == "score" else subject.exposure
        return before, after if days is None else after * (days[0] / days[1])
    two = subject.prepost()
    outcome = once(two.outcome, 2)
    weight = ~np.isnan(outcome).any(-1) * weights(two)
    totals = _sum(weight, np.nan_to_num(outcome))
    people = weight.sum(-1)
    if two.exposure is None or two.kind == "score":
        return totals[..., 0] / people, totals[..., 1] / people
    at_risk = _sum(weight, np.broadcast_to(once(two.exposure, 2), outcome.shape))
    scale = at_risk[..., 0] / people
    return totals[..., 0] / people, totals[..., 1] / at_risk[..., 1] * scale


def spread_before(subject: Panel | Moments) -> float:
    """Return the standard deviation of the outcome before, over managed people with both windows.

    Raises
    ------
    DegenerateDataError
        IOM-E065 where everybody had the same before.

    Examples
    --------
    >>> round(spread_before(Panel.from_arrays([[4.0, 2.0], [6.0, 3.0]], kind="score", name="risk")), 3)
    1.414
    """
    if isinstance(subject, Moments):
        sd = float(subject.require("sd_pre", purpose="the unit of a prior in points")[0])
    else:
        two = subject.managed.prepost()
        outcome = once(two.outcome, 2)
        weight = ~np.isnan(outcome).any(-1) * weights(two)
        before, people = np.nan_to_num(outcome[:, 0]), weight.sum()
        mean = weight @ before / people
        sd = float(np.sqrt(weight @ (before - mean) ** 2 / max(people - 1, 1.0)))
    if sd <= 0:
        raise DegenerateDataError(
            "IOM-E065", f"{subject.name}: everybody had the same before, so that no SD can be a unit; state unit"
        )
    return sd


def _sum(weight: Floats, values: Floats) -> Floats:
    """Return weighted totals over people, (T,) or (D, T)."""
    if values.ndim == 2:
        return np.stack([weight @ np.ascontiguousarray(column) for column in values.T], axis=-1)
    return np.asarray(np.einsum("...n,...nt->...t", weight, values))


CUT = 0.9
"""The share of a unit's weight that is taken away to see what it does; a tenth stays, so that nothing is undefined."""
MOST = 1000
"""Units that are cut one by one; more are cut in so many groups, drawn at random."""
CELLS = 5_000_000
"""People times replicates that are worked on together, so that memory does not grow with either."""
STEP = 1e-4
"""How far published moments move along a draw: so little that results move in line."""

type Statistic = Callable[[Panel | Moments], Floats]


class Sampled(NamedTuple):
    """Sampling distribution of some results.

    Attributes
    ----------
    moves : ndarray
        (D, K) draws of how far sampling moves them.
    widening : ndarray
        (D,) by how much more a t interval takes them.
    from_others : ndarray
        (K, K) covariance that comes of people who were never managed; 0 where there are none.
    """

    moves: Floats
    widening: Floats
    from_others: Floats


def units(subject: Panel | Moments) -> float:
    """Return the number of managed people, or other units, that the observed change rests on.

    Raises
    ------
    InputError
        IOM-E060 with fewer of them than an interval takes.
    """
    if isinstance(subject, Moments):
        number, least = float(subject.n), 3
    else:
        two = subject.managed.prepost()
        number = float(two.n_complete if two.weight is None else two.weight[two.complete].sum())
        least = 2
    if number < least:
        raise InputError(
            "IOM-E060",
            f"{subject.name}: expected at least {least} units with both windows, got {number:g}; one alone does not "
            "tell how units vary",
        )
    return number


def sampled(subject: Panel | Moments, statistic: Statistic, rng: np.random.Generator, size: int) -> Sampled:
    """Draw from the joint sampling distribution of several results: normal, with the jackknife's covariance.

    From people the covariance is that of the jackknife, in which `CUT` of a unit's weight is taken away in turn and
    managed people and others are two samples. From a published table it is that of the moments under normality, to
    the first order. Each draw has a widening, the root of ``(n - 1) / chi2``, that turns it into one of a t
    distribution with n - 1 degrees of freedom, of the managed people; with fewer where comparison people are few
    and much of what remains varies with them (Welch).

    Parameters
    ----------
    subject : Panel or Moments
        Without replicates.
    statistic : callable
        From a panel or moments with R replicates to (R, K).
    rng : Generator
        For the draws.
    size : int
        How many, D.
    """
    degrees = units(subject) - 1
    if isinstance(subject, Moments):
        near = statistic(_perturbed_moments(subject, rng, size))
        moves = (near - statistic(subject.with_arrays())) / STEP
        others = np.zeros((0, moves.shape[-1]))
    else:
        mine, others = influences(subject, statistic, rng)
        effects = np.concatenate([mine, others])
        moves = np.concatenate([_normal(effects, rng, min(BLOCK, size - k)) for k in range(0, size, BLOCK)])
        degrees = min(degrees, degrees_of_freedom(subject, mine, others))
    return Sampled(moves, np.sqrt(degrees / rng.chisquare(degrees, size)), _inner(others))


def degrees_of_freedom(people: Panel, mine: Floats, others: Floats) -> float:
    """Return Welch's degrees of freedom of what remains of the first result after the others; infinite without others.

    They matter where comparison people are fewer than the managed; of more of them there are at least as many as of
    the managed alone.
    """
    compared_with = people.alike if people.alike.any() else ~people.group
    theirs = float(weights(people)[compared_with].sum()) - 1
    if theirs < 1:
        return np.inf
    signs = np.where(np.arange(mine.shape[-1]) == 0, 1.0, -1.0)
    one, other = (float(((effects * signs).sum(-1) ** 2).sum()) for effects in (mine, others))
    return (one + other) ** 2 / (one**2 / (units(people) - 1) + other**2 / theirs) if one + other > 0 else np.inf


def _normal(effects: Floats, rng: np.random.Generator, size: int) -> Floats:
    # Column by column and without BLAS, so that neither other lines nor threads change a byte.
    z = rng.standard_normal((size, len(effects)))
    return np.stack([np.einsum("dg,g->d", z, column) for column in np.ascontiguousarray(effects.T)], axis=-1)


def _inner(effects: Floats) -> Floats:
    return np.asarray(np.einsum("gk,gl->kl", effects, effects))  # without BLAS, as the draws


def jackknife(people: Panel, statistic: Statistic, rng: np.random.Generator) -> Floats:
    """Jackknife influence of each unit, or group of units, on several results, (G, K); X'X is their covariance.

    Parameters
    ----------
    people : Panel
        Without replicates.
    statistic : callable
        From a panel with R replicates to (R, K).
    rng : Generator
        Puts units into groups where there are many.
    """
    return np.concatenate(influences(people, statistic, rng))


def influences(people: Panel, statistic: Statistic, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return the jackknife influence of managed people and of others, each a sample of its own: (G, K) and (H, K).

    Parameters
    ----------
    people, statistic, rng
        As in `jackknife`.

    Examples
    --------
    >>> people = Panel.from_arrays([[5, 2], [3, 1], [4, 3]])
    >>> def change(p):
    ...     return np.atleast_1d(observed_change(p))[:, None]
    >>> mine, others = influences(people, change, np.random.default_rng(0))
    >>> mine.round(2).tolist(), len(others)
    ([[0.12], [0.1], [-0.22]], 0)
    """
    base = np.ones(people.n) if people.weight is None else people.weight.astype(np.float64)
    blocks: list[Floats] = []
    for mask in (people.group, ~people.group):
        if not (base[mask] > 0).any():
            continue
        rows = np.flatnonzero(mask & (base > 0))
        several = rows[base[rows] != 1]  # a row that stands for others than itself is in no group
        alone = rows[base[rows] == 1]
        groups = [*several[:, None], *_groups(alone, rng)]
        times = np.array([max(base[g[0]], 1.0) if len(g) == 1 else 1.0 for g in groups])
        size = np.array([min(float(base[g].sum()), len(g)) for g in groups])
        number = float(base[rows].sum()) if len(several) else float(len(groups))
        block = max(1, CELLS // people.n)
        effects = np.concatenate(
            [_effects(people, base, groups[k : k + block], statistic) for k in range(0, len(groups), block)]
        )
        each = size if len(several) else np.ones(len(groups))  # people of a group go together
        centred = effects - each[:, None] * ((times @ effects) / (times @ each))
        scale = (number - CUT) / np.sqrt(number * max(number - 1, 1.0))
        blocks.append(centred * scale * np.sqrt(times)[:, None])
    return blocks[0], blocks[1] if len(blocks) > 1 else blocks[0][:0]


def _groups(rows: NDArray[np.int_], rng: np.random.Generator) -> list[NDArray[np.int_]]:
    if len(rows) <= MOST:
        return list(rows[:, None])
    return np.array_split(rng.permutation(rows), MOST)


def _effects(people: Panel, base: Floats, groups: Sequence[NDArray[np.int_]], statistic: Statistic) -> Floats:
    weight = np.tile(base, (len(groups) + 1, 1))
    for k, rows in enumerate(groups, 1):
        weight[k, rows] -= CUT * np.minimum(base[rows], 1.0)
    values = statistic(with_weights(people, weight))
    return (values[1:] - values[:1]) / CUT


def _perturbed_moments(m: Moments, rng: np.random.Generator, size: int) -> Moments:
    """Step towards means and covariances drawn under normality (Bartlett's decomposition)."""
    means = rng.standard_normal((size, 2))
    wishart = np.zeros((size, 2, 2))
    wishart[:, 0, 0] = np.sqrt(rng.chisquare(m.n - 1, size))
    wishart[:, 1, 1] = np.sqrt(rng.chisquare(m.n - 2, size))
    wishart[:, 1, 0] = rng.standard_normal(size)
    lost = rng.standard_normal(size) if _some_lost(m) else np.zeros(size)
    return moved_moments(m, means, wishart / np.sqrt(m.n - 1), lost, step=STEP)


def moved_moments(m: Moments, means: Floats, factor: Floats, lost: Floats, *, step: float) -> Moments:
    """Return moments moved a step of the way to others, R of them, as sampling moves them under normality.

    Parameters
    ----------
    m : Moments
        With means, SDs and correlation.
    means : ndarray
        (R, 2) standard normal moves of the means.
    factor : ndarray
        (R, 2, 2) lower triangular: the covariance is root @ factor @ factor' @ root', the root that of the sample's.
    lost : ndarray
        (R,) standard normal moves of the mean before of the people lost to follow-up, whose own it is.
    step : float
        How much of the way.
    """
    s1, s2, r = m.require("sd_pre", "sd_post", "r", purpose="Ledger")
    before, after = m.require("mean_pre", "mean_post", purpose="Ledger")
    root = np.array([[s1, 0.0], [r * s2, np.sqrt(1 - r * r) * s2]])
    shift = means @ root.T / np.sqrt(m.n)
    half = root @ factor
    cov = half @ half.transpose(0, 2, 1)
    sd_pre, sd_post = np.sqrt(cov[:, 0, 0]), np.sqrt(cov[:, 1, 1])
    drawn = m.with_arrays(
        mean_pre=before + step * shift[:, 0],
        mean_post=after + step * shift[:, 1],
        sd_pre=_towards(s1, sd_pre, step),
        sd_post=_towards(s2, sd_post, step),
        r=_towards(r, cov[:, 0, 1] / (sd_pre * sd_post), step),
    )
    return drawn if m.mean_pre_input is None else _with_lost(m, drawn, step * lost)


def _towards(value: float, drawn: Floats, step: float) -> Floats:
    return value + step * (drawn - value)


def _some_lost(m: Moments) -> bool:
    return m.mean_pre_input is not None and (m.n_input or m.n) > m.n


def _with_lost(m: Moments, drawn: Moments, moves: Floats) -> Moments:
    """Step the mean before of the whole sample too: that of the people lost to follow-up varies on its own."""
    lost = (m.n_input or m.n) - m.n
    if lost == 0:
        return drawn.with_arrays(mean_pre_input=np.asarray(drawn.mean_pre))
    share = lost / (lost + m.n)
    before, entered, sd = m.require("mean_pre", "mean_pre_input", "sd_pre", purpose="Ledger")
    mean = before + (entered - before) / share
    if m.sd_pre_input is not None and lost > 1:
        within = (lost + m.n - 1) * m.sd_pre_input**2 - (m.n - 1) * sd**2 - m.n * share * (before - mean) ** 2
        sd = np.sqrt(max(within, 0.0) / (lost - 1))
    theirs = mean + sd / np.sqrt(lost) * moves
    return drawn.with_arrays(mean_pre_input=(1 - share) * np.asarray(drawn.mean_pre) + share * theirs)

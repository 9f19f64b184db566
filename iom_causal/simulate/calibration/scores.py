"""Calibration of a simulated score and its drop-out to a published table of the selected sample."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares
from scipy.special import expit, logit

from iom_causal.errors import ConvergenceError, InputError, SpecError
from iom_causal.moments import Moments
from iom_causal.simulate.careers import Careers
from iom_causal.simulate.settings import DropOut, Score
from iom_causal.streams import Streams

type Floats = NDArray[np.float64]

FITTED = ("base", "lasting_sd", "error_sd", "drift_per_year")
CLOSE = 0.25
"""Sampling errors that are near."""
GROUPS = 20
"""Parts of the pool of which each is left out in turn, for Monte Carlo errors."""
_STEP, ROUNDS = 0.1, 30
_SCALE = np.array([50.0, 30.0, 20.0, 30.0, 0.5])
"""Steps of base, lasting differences, drift, error and log odds of dropping out."""
_NOT_NEGATIVE = np.array([False, True, False, True, False])


@dataclass(frozen=True, kw_only=True)
class ScoreFit:
    """The score and the drop-out of one world.

    Parameters
    ----------
    score : Score
        With `base`, `lasting_sd`, `error_sd` and `drift_per_year` as fitted.
    drop_out : DropOut or None
        With `share` as fitted.
    fitted : mapping of str to float
        Figures of selected people whom the search has not seen: means, SDs and t as reported of people with both
        scores, but for the mean and SD before where the published table has them of all.
    misses, miss_errors : mapping of str to float
        Of the figures that were fitted: less reported, in sampling errors of a cohort of this size, and their Monte
        Carlo standard errors.
    """

    score: Score
    drop_out: DropOut | None
    fitted: Mapping[str, float]
    misses: Mapping[str, float]
    miss_errors: Mapping[str, float]


def fit_score(
    moments: Moments,
    population: Careers,
    chance: Callable[[Floats], Floats],
    streams: tuple[Streams, Streams],
    pools: int,
) -> ScoreFit:
    """Fit a score and its drop-out to what is reported of selected people, in a world whose events are known.

    Base, lasting differences, error and drift reproduce mean and SD before, the paired t and the mean after; the share
    that drops out reproduces how many lack a later score. Points an event, points for the rate behind it and the
    predictors of drop-out stay as stated: nothing reported identifies them. Nor is drift identified apart from the
    programme's effect on the score itself, so that the drift is all that is not events.

    Parameters
    ----------
    moments : Moments
        Of the score.
    population : Careers
        The world with nobody selected and a score.
    chance : callable
        Counts before to the chance of being selected.
    streams : tuple of Streams
        Of the people in the search, and of those whom it does not see.
    pools : int
        Replicates of `population`.

    Raises
    ------
    SpecError
        IOM-E096 where the world has no score.
    InputError
        IOM-E066 or IOM-E067 where the published table is none of a score, or lacks its means and SD.
    ConvergenceError
        IOM-E080 when nothing comes near; the message holds how near.

    References
    ----------
    McFadden (1989), Econometrica 57, 995-1026.
    """
    reported = _reported(moments)
    if population.score is None:
        raise SpecError("IOM-E096", "calibrate: to fit a score, give careers score=Score(...) with what is known of it")
    stated = _Made(population.score, population.drop_out or DropOut(share=reported.lost))
    seen, unseen = (_parts(population, population.score, chance, of, pools) for of in streams)
    made = _search(reported, seen, stated)
    fitted = _figures(reported, unseen, made)
    errors = _jackknife(reported, unseen, made)
    return ScoreFit(
        score=made.score,
        drop_out=made.drop_out if reported.lost or population.drop_out else None,
        fitted=fitted,
        misses={k: (fitted[k] - v) / reported.errors[k] for k, v in reported.figures.items()},
        # The search has as many people as the description, so that the chance of both is in a miss.
        miss_errors={k: 2**0.5 * errors[k] / reported.errors[k] for k in reported.figures},
    )


class _Reported(NamedTuple):
    """Reported figures of people with both scores, and their sampling errors about those of their world."""

    name: str
    n: int
    figures: dict[str, float]
    errors: dict[str, float]
    lost: float
    of_all: bool


def _reported(m: Moments) -> _Reported:
    if m.kind != "score":
        raise InputError("IOM-E066", f"{m.name}: expected a score")
    of_all = m.mean_pre is None
    mean, sd = (m.mean_pre_input, m.sd_pre_input) if of_all else (m.mean_pre, m.sd_pre)
    if mean is None or sd is None:
        raise InputError("IOM-E067", f"{m.name}: expected the mean and SD before")
    mean_after, sd_after = m.require("mean_post", "sd_post", purpose="calibrate")
    n_before = m.n_input or m.n
    first, lost = n_before if of_all else m.n, 1 - m.n / n_before
    figures = {"mean before": mean, "SD before": sd, "mean after": float(mean_after)}
    errors = {"mean before": sd / first**0.5, "SD before": sd / (2 * first) ** 0.5}
    errors["mean after"] = float(sd_after) / m.n**0.5
    if m.t is not None:
        figures["t"], errors["t"] = m.t, (1 + m.t**2 / (2 * m.n)) ** 0.5
    if lost > 0:
        figures["share lost"], errors["share lost"] = lost, (lost * (1 - lost) / n_before) ** 0.5
    return _Reported(m.name, m.n, figures, errors, lost, of_all)


class _Made(NamedTuple):
    """A score, and who lacks a later one."""

    score: Score
    drop_out: DropOut

    def packed(self) -> Floats:
        score = self.score
        odds = float(logit(np.clip(self.drop_out.share, 1e-3, 1 - 1e-3)))
        return np.array([score.base, score.lasting_sd, score.drift_per_year, score.error_sd, odds])

    def moved(self, x: Floats, free: NDArray[np.bool_]) -> "_Made":
        base, lasting, drift, error, odds = (float(v) for v in np.where(free, x, self.packed()))
        score = replace(self.score, base=base, lasting_sd=lasting, drift_per_year=drift, error_sd=error)
        return _Made(score, replace(self.drop_out, share=float(expit(odds))) if free[4] else self.drop_out)


class _Parts(NamedTuple):
    """Selected people: weights and parts of the pool, events after, and parts of their scores; (N, 2) or (N,)."""

    weight: Floats
    group: NDArray[np.int64]
    events: Floats
    years: Floats
    stated: Floats
    lasting: Floats
    error: Floats


def _parts(
    population: Careers, score: Score, chance: Callable[[Floats], Floats], streams: Streams, pools: int
) -> _Parts:
    """Live the pool with bare scores, so that any of them can be put together without living it again."""
    bare = replace(score, base=0.0, lasting_sd=0.0, error_sd=0.0, drift_per_year=0.0, grid=0.0, low=-1e9, high=1e9)

    def lived(score: Score) -> tuple[Floats, Floats]:
        course = replace(population, score=score, drop_out=None).batch(pools, rng=streams).treated
        events, scores = (np.asarray(v, dtype=np.float64).reshape(-1, 2) for v in (course.events, course.score))
        return events, scores

    events, stated = lived(bare)
    moved = {
        name: lived(replace(bare, **{name: 1.0}))[1] - stated for name in ("lasting_sd", "error_sd", "drift_per_year")
    }
    weight = chance(events)
    group = np.arange(weight.size) * GROUPS // weight.size
    parts = (stated, moved["lasting_sd"], moved["error_sd"])
    return _Parts(weight, group, events[:, 1], moved["drift_per_year"][0], *parts)


def _search(reported: _Reported, parts: _Parts, start: _Made) -> _Made:
    """Go by least squares on misses in sampling errors; as many settings are free as figures are reported."""
    free = np.array([True, True, True, "t" in reported.figures, reported.lost > 0])
    first = start._replace(score=replace(start.score, **_spread(reported, parts, start.score))).packed()

    # Steps are counted from 1, so that the slopes are taken over steps that the grid of a score does not hide.
    def moved(steps: Floats) -> _Made:
        x = first.copy()
        x[free] += _SCALE[free] * (steps - 1)
        return start.moved(x, free)

    def misses(steps: Floats) -> Floats:
        found = _figures(reported, parts, moved(steps))
        return np.array([(found[k] - v) / reported.errors[k] for k, v in reported.figures.items()])

    low = np.where(_NOT_NEGATIVE, 1 - first / _SCALE, -np.inf)[free]
    found = least_squares(
        misses,
        np.ones(int(free.sum())),
        bounds=(low, np.full(low.size, np.inf)),
        jac="3-point",
        diff_step=np.full(low.size, _STEP),
        max_nfev=ROUNDS,
    )
    names, worst = list(reported.figures), int(np.abs(found.fun).argmax())
    if abs(found.fun[worst]) > CLOSE:
        raise ConvergenceError(
            "IOM-E080",
            f"{reported.name}: no score of this kind comes near the print; the {names[worst]} stayed "
            f"{abs(found.fun[worst]):.2f} sampling errors away",
        )
    return moved(found.x)


def _spread(reported: _Reported, parts: _Parts, score: Score) -> dict[str, float]:
    """Return the starting values: the level that is lacking, and half of the lacking spread for each of two SDs."""
    mean, sd = _mean_sd(parts.stated[:, 0], parts.weight)
    lacking = max(reported.figures["SD before"] ** 2 - sd**2, 100.0)
    half = (lacking / 2) ** 0.5
    fixed = {} if "t" in reported.figures else {"lasting_sd": max(lacking - score.error_sd**2, 100.0) ** 0.5}
    return (
        {"base": reported.figures["mean before"] - mean, "lasting_sd": half, "error_sd": half}
        | fixed
        | ({} if "t" in reported.figures else {"error_sd": score.error_sd})
    )


def _figures(reported: _Reported, parts: _Parts, made: _Made) -> dict[str, float]:
    """Return the figures of selected people with such scores."""
    score = made.score
    raw = score.base + parts.stated + score.drift_per_year * parts.years
    scores = score.on_grid(raw + score.lasting_sd * parts.lasting + score.error_sd * parts.error)
    known = 1 - made.drop_out.chance(scores[:, 0] - score.base, parts.events)
    both = parts.weight * known
    first = parts.weight if reported.of_all else both
    (m1, s1), (m2, s2) = _mean_sd(scores[:, 0], first), _mean_sd(scores[:, 1], both)
    change, spread = _mean_sd(scores[:, 1] - scores[:, 0], both)
    share = 1 - float(both.sum() / parts.weight.sum())
    t = change / spread * reported.n**0.5
    return {"mean before": m1, "SD before": s1, "mean after": m2, "SD after": s2, "t": t, "share lost": share}


def _mean_sd(values: Floats, weight: Floats) -> tuple[float, float]:
    total = float(weight.sum())
    mean = float(weight @ values) / total
    return mean, (float(weight @ (values - mean) ** 2) / total) ** 0.5


def _jackknife(reported: _Reported, parts: _Parts, made: _Made) -> dict[str, float]:
    """Return Monte Carlo errors of the figures, each part of the pool left out in turn."""
    each = []
    for k in range(GROUPS):
        retained = parts.group != k
        each.append(_figures(reported, parts._replace(weight=np.where(retained, parts.weight, 0.0)), made))
    return {name: float(np.std([f[name] for f in each]) * (GROUPS - 1) ** 0.5) for name in each[0]}

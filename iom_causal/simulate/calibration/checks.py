"""Out-of-fit checks: reported figures not used in a calibration beside those of simulated cohorts."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.moments import Moments
from iom_causal.simulate.careers import Careers
from iom_causal.streams import Streams

type Floats = NDArray[np.float64]


class Check(NamedTuple):
    """One reported figure that was not fitted, beside its distribution over cohorts of the fitted world.

    Attributes
    ----------
    name : str
        Such as ``highest after``.
    reported : float
        As reported.
    low, high : float
        The middle 95% over simulated cohorts.
    at_most, at_least : float
        The share of simulated cohorts at or below, and at or above, the reported figure.
    """

    name: str
    reported: float
    low: float
    high: float
    at_most: float
    at_least: float


def checks(data: Moments, score: Moments | None, spec: Careers, streams: Streams, sims: int) -> list[Check]:
    """Hold what is reported and was not fitted against cohorts of a world.

    Parameters
    ----------
    data, score : Moments
        Reported, of the count and, where there is one, of the score: ranges, and the SD after of the score.
    spec : Careers
        The world with its rule.
    streams : Streams
        Of the cohorts.
    sims : int
        How many.
    """
    course = spec.batch(sims, rng=streams).treated
    found = _extremes(data, course.events.astype(np.float64))
    if score is not None and course.score is not None:
        known = np.ones(course.score.shape[:2], dtype=bool) if course.followed is None else course.followed
        seen = np.stack([course.score[..., 0], np.where(known, course.score[..., 1], np.nan)], axis=-1)
        found += [(f"{name}, {score.name}", value, drawn) for name, value, drawn in _extremes(score, seen)]
        found.append((f"SD after, {score.name}", score.sd_post, np.nanstd(seen[..., 1], axis=1, ddof=1)))
    return [_check(name, float(value), drawn) for name, value, drawn in found if value is not None]


def _extremes(data: Moments, seen: Floats) -> list[tuple[str, float | None, Floats]]:
    (low1, high1), (low2, high2) = data.range_pre or (None, None), data.range_post or (None, None)
    before, after = seen[..., 0], seen[..., 1]
    return [
        ("lowest before", low1, np.nanmin(before, axis=1)),
        ("highest before", high1, np.nanmax(before, axis=1)),
        ("lowest after", low2, np.nanmin(after, axis=1)),
        ("highest after", high2, np.nanmax(after, axis=1)),
    ]


def _check(name: str, reported: float, drawn: Floats) -> Check:
    low, high = np.quantile(drawn, [0.025, 0.975])
    shares = float((drawn <= reported).mean()), float((drawn >= reported).mean())
    return Check(name, reported, float(low), float(high), *shares)

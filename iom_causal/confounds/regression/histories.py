"""Regression to the mean from several windows before of the picked people themselves."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.errors import DegenerateDataError, InputError
from iom_causal.inputs.selected import Picked, check_rule, picked_counts
from iom_causal.inputs.weighting import Frozen, once, weights
from iom_causal.numerics.selection import truncated_histories as histories
from iom_causal.panel import Panel
from iom_causal.windows import YEAR, Selection

type Floats = NDArray[np.float64]

_SURE = 1e-10
"""A chance of not being picked below this counts as none."""
_MOST = 10_000


class _Told(NamedTuple):
    """Each person's expected events a year after, how its log moves with the parameters, and how people move those."""

    rates: Floats
    slopes: Floats
    influence: Floats


class _Read(NamedTuple):
    """Counts and years of the managed people: windows before with those that the rule read as one, and after."""

    before: Floats
    years: Floats
    after_years: Floats
    middles: tuple[float, ...]
    after_middle: float
    read: int
    weight: Floats


def own_history_shift(panel: Panel, rule: Selection) -> Floats:
    """Return the log of expected over seen events a day at risk, after over all windows before.

    With replicates the fit is that of the people as they are, and each replicate moves its parameters by the first
    order of its weights.

    Raises
    ------
    InputError
        IOM-E066 for another kind than counts, IOM-E048 for windows without dates or a rule without its chances,
        IOM-E047 when no window before was left unread, or those that were read do not follow one another.
    """
    if panel.outcome.ndim == 3 and panel.outcome.strides[0] != 0:
        return np.array([float(own_history_shift(panel.replicate(k), rule)) for k in range(panel.replicates or 0)])
    people, missed = _read(panel.managed, rule), _missed(picked_counts(panel, rule), rule)
    w = people.weight
    base = np.asarray((w.reshape(-1, w.shape[-1]).max(0) > 0) * (w if w.ndim == 1 else 1.0), dtype=np.float64)
    told = _fitted(
        *(Frozen(v) for v in (people.before, people.years, base, missed)),
        people.middles,
        people.after_middle,
        people.read,
    )
    theirs = people.after_years * told.rates
    expected = np.asarray(w @ theirs)
    seen = (w @ people.before.sum(1)) / (w @ people.years.sum(1))
    if not np.all(seen > 0):
        raise DegenerateDataError("IOM-E064", "managed people have no events before, so the ratio has no logarithm")
    to_theta = (w @ (theirs[:, None] * told.slopes)) / expected[..., None]
    moved = ((w - base) @ told.influence * to_theta).sum(-1)
    return np.asarray(np.log(expected / (w @ people.after_years)) + moved - np.log(seen))


def _read(people: Panel, rule: Selection) -> _Read:
    if people.kind != "count":
        raise InputError("IOM-E066", f"{people.name}: expected a count; for a score use ScoreRegression")
    if any(w.days is None for w in people.windows):
        raise InputError("IOM-E048", "a history needs the dates of its windows: give each its start and end")
    outcome = once(people.outcome, 2)
    days = np.array([w.days for w in people.windows]) if people.exposure is None else people.exposure
    years = np.broadcast_to(once(np.asarray(days), 2), outcome.shape) / YEAR
    groups, read = _groups(people, rule)
    y, post = np.nan_to_num(outcome), np.array([w.post for w in people.windows])
    ends = [(people.windows[g[0]].start or 0, people.windows[g[-1]].end or 0) for g in (*groups, np.flatnonzero(post))]
    middles = [(start + end) / 2 / YEAR for start, end in ends]
    return _Read(
        np.stack([y[:, g].sum(1) for g in groups], axis=1),
        np.stack([years[:, g].sum(1) for g in groups], axis=1),
        years[:, post].sum(1),
        tuple(middles[:-1]),
        middles[-1],
        read,
        weights(people) * ~np.isnan(outcome[:, ~post]).any(-1),
    )


def _groups(people: Panel, rule: Selection) -> tuple[list[NDArray[np.int_]], int]:
    """Return the windows before in order, those that the rule read as one, and which one that is."""
    before = [w.label for w in people.windows if not w.post]
    places = np.flatnonzero([label in rule.windows for label in before])
    if not places.size or len(places) == len(before) or (np.diff(places) != 1).any():
        raise InputError(
            "IOM-E047",
            "a fit to picked people's own history needs windows before that the rule did not read, beside the ones it "
            f"read in a row; the rule reads {', '.join(rule.windows)} of {', '.join(before)}",
        )
    alone = [np.array([k]) for k in range(len(before)) if k not in places]
    return sorted([*alone, places], key=lambda g: int(g[0])), int(places[0])


def _missed(picked: Picked, rule: Selection) -> Floats:
    """Return the chance of not being picked at 0, 1, ... events, up to where there is none."""
    check_rule(picked, rule)
    chance = 1 - picked.whole_chance(rule)(np.arange(float(_MOST)))
    return np.asarray(chance[: int((chance > _SURE).sum()) or 1])


@lru_cache(maxsize=16)
def _fitted(
    before: Frozen,
    years: Frozen,
    weight: Frozen,
    missed: Frozen,
    middles: tuple[float, ...],
    after: float,
    read: int,
) -> _Told:
    """Fit the law of rates and forecast; kept for a ledger's next block."""
    told = histories.PickedHistories(before.values, years.values, np.array(middles), read, missed.values, weight.values)
    fit = histories.fit_histories(told)
    return _Told(
        histories.expected_rates(told, fit.theta, after),
        histories.rate_slopes(told, fit.theta, after),
        fit.influence,
    )

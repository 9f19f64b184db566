"""Truncated likelihood of the selected people's own histories: regression to the mean without a source population."""

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.beliefs.theta import Theta
from iom_causal.confounds.regression.method import Floats, Method
from iom_causal.confounds.regression.readings import histories_read
from iom_causal.errors import DegenerateDataError, InputError
from iom_causal.inputs.selected import SelectedCounts, check_rule, selected_counts
from iom_causal.inputs.weighting import Frozen, once, weights
from iom_causal.moments import Moments
from iom_causal.numerics.selection import truncated_histories as histories
from iom_causal.panel import Panel
from iom_causal.windows import YEAR, Selection

_SURE = 1e-10
"""A probability of not being selected below this counts as none."""
_MOST = 10_000


@dataclass(frozen=True, kw_only=True)
class OwnHistory(Method):
    """Maximum likelihood of lognormal rates that drift around a level that stays, given selection on a part of them.

    Fitted to the selected people's own windows before, of which the rule must have left at least one unread. No source
    population is needed. The process is taken as stationary: a lasting fall of all rates makes the earlier windows
    high, which is taken for a level to come back to, so that a fall of so much a window leaves about twice that in the
    remainder; a run-up does the reverse, and careers that end are not in it (8% a year leave .11). Where rates also
    move within windows it takes 2 to 4% too much, and intervals meant to cover 95% cover 87 to 90%.

    Examples
    --------
    >>> OwnHistory().name
    'own_history'
    """

    name: ClassVar[str] = "own_history"

    def shift(self, data: Panel | Moments, selection: Selection | None, theta: Theta) -> Floats:
        """Return the log of expected over observed events a day at risk."""
        del theta
        return own_history_shift(*histories_read(data, selection, self.name))

    def condition(self, data: Panel | Moments, theta: Theta) -> str:
        """Return its assumptions, in the words of a sentence."""
        del data, theta
        return "lognormal rates drift around a level that stays, as in these people's own windows before"


class _Forecast(NamedTuple):
    """Expected events a year after of each person, slopes of their logs in the parameters, and people's influence."""

    rates: Floats
    slopes: Floats
    influence: Floats


class _Read(NamedTuple):
    """Counts and years at risk of the selected people: windows before, those that the rule read as one, and after."""

    before: Floats
    years: Floats
    after_years: Floats
    middles: tuple[float, ...]
    after_middle: float
    read: int
    weight: Floats


def own_history_shift(panel: Panel, rule: Selection) -> Floats:
    """Return the log of expected events a day at risk after over those observed in all windows before.

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
    people, unselected = _read(panel.managed, rule), _unselected(selected_counts(panel, rule), rule)
    w = people.weight
    base = np.asarray((w.reshape(-1, w.shape[-1]).max(0) > 0) * (w if w.ndim == 1 else 1.0), dtype=np.float64)
    fit = _fitted(
        *(Frozen(v) for v in (people.before, people.years, base, unselected)),
        people.middles,
        people.after_middle,
        people.read,
    )
    theirs = people.after_years * fit.rates
    expected = np.asarray(w @ theirs)
    observed = (w @ people.before.sum(1)) / (w @ people.years.sum(1))
    if not np.all(observed > 0):
        raise DegenerateDataError("IOM-E064", "managed people have no events before, so the ratio has no logarithm")
    to_theta = (w @ (theirs[:, None] * fit.slopes)) / expected[..., None]
    moved = ((w - base) @ fit.influence * to_theta).sum(-1)
    return np.asarray(np.log(expected / (w @ people.after_years)) + moved - np.log(observed))


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


def _unselected(selected: SelectedCounts, rule: Selection) -> Floats:
    """Return the probability of not being selected at 0, 1, ... events, up to where there is none."""
    check_rule(selected, rule)
    probability = 1 - selected.unweighted_probability(rule)(np.arange(float(_MOST)))
    return np.asarray(probability[: int((probability > _SURE).sum()) or 1])


@lru_cache(maxsize=16)
def _fitted(
    before: Frozen,
    years: Frozen,
    weight: Frozen,
    unselected: Frozen,
    middles: tuple[float, ...],
    after: float,
    read: int,
) -> _Forecast:
    """Fit the distribution of rates and forecast; cached for a ledger's next block."""
    truncated = histories.SelectedHistories(
        before.values, years.values, np.array(middles), read, unselected.values, weight.values
    )
    fit = histories.fit_histories(truncated)
    return _Forecast(
        histories.expected_rates(truncated, fit.theta, after),
        histories.rate_slopes(truncated, fit.theta, after),
        fit.influence,
    )

"""Accounts of selection: what each expects the managed people to have had in the windows that the rule did not read."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from iom_causal.errors import DegenerateDataError, InputError, IomCausalError
from iom_causal.inputs.selected import (
    LEAST_LASTING,
    RISEN,
    check_rule,
    selected_counts,
    selection_curve,
    windows_read,
)
from iom_causal.inputs.weighting import once, weights
from iom_causal.numerics.inference.weighted_moments import weighted_sum
from iom_causal.numerics.selection.lasting_change import lasting_change
from iom_causal.numerics.selection.mean_after import TAIL, Followed, mean_after_of
from iom_causal.numerics.selection.robbins_zhang import equivalent_counts
from iom_causal.panel import Panel
from iom_causal.windows import Selection

type Floats = NDArray[np.float64]
type Ends = tuple[Floats, Floats]

COUNT, RATE = "count", "rate"
"""What people were selected on."""
LASTING, DRIFTING = "lasting", "drifting"
"""Whether each person's rate is the same in all windows, but for a change of everybody's."""
OTHERS, EVERYBODY = "others", "everybody"
"""Who tells of the windows not read."""
ALIKE = 1.05
"""Days over days up to which windows are equally long."""
BEYOND, FAR_BEYOND = 0.5, 0.9
"""Shares of the managed above the mean of the others' highest counts: from the one on everybody's earlier windows are
better, where there are any, and more than the other is too far for a straight line."""
RARE = 0.2
"""Share selected up to which the never-managed people with a count stand for everybody with it."""
AT_THE_CUT = "everybody is exactly at the threshold, so nothing is left to expect"
NO_PROBABILITY = (
    "expected a rule 'at_least' with its threshold, or 'soft' with threshold and softness, or people who were never "
    "managed, who show with what probability people were picked"
)


class Expected(NamedTuple):
    """One account, as a function of weights.

    Attributes
    ----------
    on, rates, basis : str
        As in `Account`.
    events : callable
        From a panel, whose weights may be replicates, to the lowest and the highest expected events of the managed
        people in each window that was not read, (U,) or (R, U).
    """

    on: str
    rates: str
    basis: str
    events: Callable[[Panel], Ends]


@dataclass(frozen=True, eq=False)
class History:
    """Counts before of people with every window before, as the rule divides them.

    Attributes
    ----------
    counts, days : ndarray
        (n, T) of the windows before; days are 1 where they are not known.
    weight : ndarray
        (n,) or (R, n) how often each counts.
    managed, read : ndarray
        (n,) people and (T,) windows.
    """

    counts: Floats
    days: Floats
    weight: Floats
    managed: NDArray[np.bool_]
    read: NDArray[np.bool_]

    @classmethod
    def of(cls, panel: Panel, rule: Selection) -> Self:
        """Divide the windows before of a panel of people who have all of them."""
        post = np.array([w.post for w in panel.windows])
        counts = once(panel.outcome, 2)[:, ~post]
        days = np.ones(len(post)) if panel.exposure is None else once(panel.exposure, min(panel.exposure.ndim, 2))
        every = np.broadcast_to(days, (panel.n, len(post)))[:, ~post]
        return cls(counts, every, weights(panel), panel.group, windows_read(panel, rule, post)[~post])

    @property
    def count(self) -> Floats:
        """(n,) the count that the rule read."""
        return np.asarray(self.counts[:, self.read].sum(-1))

    @property
    def time(self) -> Floats:
        """(n,) days at risk in what the rule read."""
        return np.asarray(self.days[:, self.read].sum(-1))

    @property
    def other_counts(self) -> Floats:
        """(n, U) counts in the windows that it did not read."""
        return self.counts[:, ~self.read]

    @property
    def other_days(self) -> Floats:
        """(n, U) days at risk in them."""
        return self.days[:, ~self.read]

    @property
    def theirs(self) -> Floats:
        """Weights of the managed people, 0 for others."""
        return self.weight * self.managed

    @property
    def others(self) -> Floats:
        """Weights of the never-managed people, 0 for the managed."""
        return self.weight * ~self.managed


type Reads = Callable[[Panel], History]
type Probability = Callable[[Panel], Ends]
type Change = Callable[[History], Floats]


def accounts(people: Panel, rule: Selection, background: float) -> tuple[Expected, ...]:
    """Return the accounts of selection of people who have every window before; none where all windows were read.

    Raises
    ------
    InputError
        IOM-E048 without never-managed people, for a rule that does not say with what probability it selects.
    NotIdentifiedError
        IOM-E068 without them, for a threshold that the counts contradict.
    """
    h = History.of(people, rule)
    if h.read.all():
        return ()
    reads, source = partial(History.of, rule=rule), _source(h)
    background_change = partial(_fixed_change, value=background)
    change = partial(_lasting_change, top=_rare_up_to(people, h)) if has_others(h) else background_change
    lasting = partial(_lasting, reads=reads, probability=_probability(people, rule, h), change=change)
    everybody = source == EVERYBODY
    rate_change = partial(_plain_change, everybody=everybody) if source else background_change
    rate = partial(_on_the_rate, reads=reads, change=rate_change)
    count_drifts, rate_drifts = partial(_down_to_share, lasting=lasting), partial(_down_to_share, lasting=rate)
    if source:
        rate_drifts = partial(_on_the_line, reads=reads, everybody=everybody)
        count_drifts = partial(_as_others, reads=reads)
    if everybody:
        count_drifts = partial(_reversed, reads=reads, groups=_as_long(h))
    return (
        Expected(COUNT, LASTING, "own counts", lasting),
        Expected(COUNT, DRIFTING, "earlier windows" if everybody else source or "belief", count_drifts),
        Expected(RATE, LASTING, f"change of {source}" if source else "background", rate),
        Expected(RATE, DRIFTING, source or "belief", rate_drifts),
    )


def _source(h: History) -> str:
    """Return who tells how rates drift: never-managed people, everybody where few others stand as high, or nobody."""
    if not has_others(h):
        return ""
    beyond = _beyond(h)
    if beyond > BEYOND and _as_long(h) and (_plain_change(h, everybody=True) * RISEN >= 1).all():
        return EVERYBODY
    return OTHERS if beyond <= FAR_BEYOND else ""


def has_others(h: History) -> bool:
    """Whether there are enough never-managed people to tell something."""
    return bool(Followed(h.count, h.count, h.time, h.others).people.sum() >= TAIL)


def _probability(people: Panel, rule: Selection, h: History) -> Probability:
    """Return the probability of selection, as stated or, where others show it, as it was realised."""
    own, pooled = h.count[h.managed], has_others(h)
    stated = rule.threshold is not None and (
        rule.rule == "at_least" or (rule.rule == "soft" and rule.softness is not None)
    )
    if not (stated or pooled):
        raise InputError("IOM-E048", f"{people.name}: {NO_PROBABILITY}")
    if stated:
        try:
            check_rule(selected_counts(people, rule), rule)
        except IomCausalError:
            if not pooled:
                raise
        else:
            return partial(_stated, chances=(rule.probability(own), rule.probability(own - 1)))
    return partial(_realised, history=h)


def _stated(_panel: Panel, chances: Ends) -> Ends:
    return chances


def _realised(panel: Panel, history: History) -> Ends:
    curve, own = selection_curve(panel, history.count), history.count[history.managed]
    return curve.at(own), curve.at(own - 1)


def _beyond(h: History) -> float:
    """Return the share of the managed who stand above the highest counts of the others."""
    top = mean_after_of([Followed(h.count, h.count, h.time, h.others)]).tail_count
    return float((h.theirs * (h.count > top)).sum() / h.theirs.sum())


def _as_long(h: History) -> tuple[NDArray[np.int_], ...]:
    """Return the windows not read in groups that are as long as what was read; none where they cannot be."""
    length = (h.weight[:, None] * h.other_days).sum(0) / (h.weight * h.time).sum()
    each = tuple(np.arange(len(length))[:, None])
    for groups in (each, (np.arange(len(length)),)):
        spans = np.array([length[g].sum() for g in groups])
        if (np.maximum(spans, 1 / spans) <= ALIKE).all():
            return groups
    return ()


def _rare_up_to(people: Panel, h: History) -> float:
    """Return the highest count at which hardly anybody was selected, so that others stand for all; below 0 if none."""
    curve = selection_curve(people, h.count)
    rare = curve.levels[curve.probability <= RARE]
    return float(rare[-1]) if len(rare) else -1.0


def _lasting(panel: Panel, reads: Reads, probability: Probability, change: Change) -> Ends:
    """Equivalent counts of Robbins and Zhang, times the change of everybody's rates."""
    h = reads(panel)
    mine = h.managed
    own = h.count[mine]
    chance, one_less = probability(panel)
    equivalent = equivalent_counts(own, np.where(chance > 0, chance, 1.0), one_less)
    if not (weighted_sum(h.weight[..., mine], equivalent) > 0).all():
        raise DegenerateDataError("IOM-E064", AT_THE_CUT)
    at_risk = np.where(h.time[mine] > 0, h.time[mine], 1.0)
    rate = h.weight[..., mine] * equivalent / at_risk
    events = rate @ h.other_days[mine] * change(h)
    return events, events


def _down_to_share(panel: Panel, lasting: Callable[[Panel], Ends]) -> Ends:
    events = lasting(panel)[1]
    return LEAST_LASTING * events, events


def _as_others(panel: Panel, reads: Reads) -> Ends:
    """Regression of each window not read on what was read, in never-managed people."""
    h = reads(panel)
    events = _summed(
        h,
        [
            mean_after_of([Followed(h.count, events, days, h.others)]).of(h.count[h.managed])
            for events, days in zip(h.other_counts.T, h.other_days.T, strict=True)
        ],
    )
    return events, events


def _reversed(panel: Panel, reads: Reads, groups: tuple[NDArray[np.int_], ...]) -> Ends:
    """Regression of what was read on equally long windows that were not, in everybody, with time reversed."""
    h = reads(panel)
    rates: dict[int, Floats] = {}
    for group in groups:
        earlier, days = h.other_counts[:, group].sum(-1), h.other_days[:, group].sum(-1)
        change = (h.weight * earlier).sum(-1) / (h.weight * days).sum(-1)
        change = change / ((h.weight * h.count).sum(-1) / (h.weight * h.time).sum(-1))
        rate = mean_after_of([Followed(earlier, h.count, h.time, h.weight)]).of(h.count[h.managed])
        rates |= dict.fromkeys(group.tolist(), rate * change[..., None])
    events = _summed(h, [rates[k] for k in sorted(rates)])
    return events, events


def _summed(h: History, rates: list[Floats]) -> Floats:
    """Return the managed people's events in each window not read, at these rates of each."""
    mine = h.managed
    each = zip(rates, h.other_days[mine].T, strict=True)
    return np.stack([(h.weight[..., mine] * rate * days).sum(-1) for rate, days in each], axis=-1)


def _on_the_rate(panel: Panel, reads: Reads, change: Change) -> Ends:
    """Return the managed people's rate in what was read, times the change of everybody's."""
    h = reads(panel)
    events = _rate_read(h)[..., None] * (h.theirs @ h.other_days) * change(h)
    return events, events


def _on_the_line(panel: Panel, reads: Reads, *, everybody: bool) -> Ends:
    """Linear regression of rates in the other windows on rates in what was read, in never-managed people or everybody.

    Its slope is that of counts free of chance: the covariance over the variance less the mean (Poisson). Selecting on
    the rate does not move it; leaving out all who have high counts would.
    """
    h = reads(panel)
    w = h.weight if everybody else h.others
    people = w.sum(-1)
    time = (w * h.time).sum(-1) / people
    days = (w @ h.other_days) / people[..., None]
    mean, means = (w * h.count).sum(-1) / people, (w @ h.other_counts) / people[..., None]
    away = w * (h.count - mean[..., None])
    beyond_chance = (away * h.count).sum(-1) / people - mean
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = (away @ h.other_counts) / people[..., None] / beyond_chance[..., None] * time[..., None] / days
    rate, rates = mean / time, means / days
    slope = np.where(beyond_chance[..., None] > 0, slope, rates / rate[..., None])
    more = _rate_read(h) - rate
    events = (h.theirs @ h.other_days) * (rates + slope * more[..., None])
    return events, events


def _rate_read(h: History) -> Floats:
    """Return the managed people's events a day in what was read."""
    return np.asarray((h.theirs * h.count).sum(-1) / (h.theirs * h.time).sum(-1))


def _fixed_change(_h: History, value: float) -> Floats:
    return np.asarray(value)


def _plain_change(h: History, *, everybody: bool) -> Floats:
    """Return the rate of the others, or of everybody, in each window not read over that in what was read, (..., U)."""
    weight = h.weight if everybody else h.others
    read = (weight * h.count).sum(-1) / (weight * h.time).sum(-1)
    return np.asarray((weight @ h.other_counts) / (weight @ h.other_days) / read[..., None])


def _lasting_change(h: History, top: float) -> Floats:
    """Return the same free of the selection of people with high counts, where rates last."""
    if top < 1:
        return _plain_change(h, everybody=False)
    each = zip(h.other_counts.T, h.other_days.T, strict=True)
    return np.stack([lasting_change(h.count, h.time, y, d, h.others, top) for y, d in each], axis=-1)

"""Observed moments that a null calibration conditions on, from a published table or from people."""

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from iom_causal.errors import InputError, NotIdentifiedError
from iom_causal.inputs.sample import time_at_risk
from iom_causal.inputs.weighting import calendar_days, own_days_differ
from iom_causal.moments import Moments
from iom_causal.numerics.adjustment.custody import event_when_free, within_person_ratio
from iom_causal.numerics.pairs.moments import PairMoments
from iom_causal.numerics.selection.cut_shape import contradicts_cut
from iom_causal.panel import Panel
from iom_causal.published.study import PublishedStudy
from iom_causal.roles import require_panel
from iom_causal.windows import Selection

NEEDED = ("mean_pre", "sd_pre", "mean_post", "sd_post", "r", "t")
NO_COUNT = {
    "score": "what picking does to a score needs the scores",
    "amount": "these worlds hold counts of events, not amounts",
    "binary": "these worlds hold counts of events, not shares of people",
}
"""Reasons why outcomes of other kinds have no null calibration."""
FOLLOWS_EVENTS = (
    "days at risk differ between people; these models expect of everybody’s rates what days lost before, taken to have "
    "followed from events in equal parts, and the change in who was at liberty, make of them"
)
"""Where days at risk differ by so much that it matters which people lose them."""
TIME_DIFFERS = "time at risk differs between people; only its totals are honoured, as if everybody had the mean"
FEWER_THAN_THE_CUT = "somebody has fewer than the cut of the rule, so that these worlds do not pick by it but softly"
TOO_FEW_AT_THE_CUT = (
    "the figures contradict the cut of the rule: fewer people stand just above it than any rates would leave there "
    "beside those with more, had everybody there been picked; these worlds do not pick by it but softly"
)
WHEN_UNKNOWN = "when people were picked is not known; these worlds pick them softly, on the whole window before"
INSIDE = "people were picked inside the window before; these worlds pick them softly, on the whole of it"
PART = "the rule reads a part of the time before; these worlds pick people softly, on the whole of it"
PLACES = (
    "people are those with the most events, as many as there were places; the fewest that one of them has is taken for "
    "the cut from which all were picked, though of those with just as many some may not have been"
)
SOFT = "the softness and the middle of the rule that is stated are not read: these worlds find their own"
MOST = (
    "people are those with the most events, as many as there were places; these worlds fill no places but pick softly, "
    "the more events the likelier"
)


class Observed(NamedTuple):
    """Observed moments of the selected people, and what else is known of them.

    Attributes
    ----------
    name : str
        Of the outcome.
    n, n_input : int
        People with both windows, and all.
    moments : PairMoments
        Of their counts, each window as long as it is.
    length : float
        Time at risk after over before.
    t : float
        The paired t, after minus before.
    smallest_before, largest_before, largest_after : float or None
        Their extremes, where they are known.
    furthest : tuple of float
        How far from the means before and after the furthest person is; 0 where it is not known.
    cut : float or None
        The fewest events in the whole window before from which all were selected, and below which none.
    notes : tuple of str
        What to know about them.
    read_as : tuple of str
        Those of the notes that say why models do not select by the rule that is stated, or not quite.
    lever : {"", "places", "competed", "others"}
        What would tell the pool: nothing that is stated, all who competed for places, these, who are there, or other
        people who were not managed, who are there too.
    people : bool
        Whether they are people and not a published table.
    odds : float
        Days lost over days at liberty before: such that, if alike for everybody, they made up as many events as those
        of the people at the cut do, or of all where no cut is known; 0 where days at risk do not differ.
    composition : float
        After over before of the mean rate of those at liberty, which custody changes by who is there.
    """

    name: str
    n: int
    n_input: int
    moments: PairMoments
    length: float
    t: float
    smallest_before: float | None
    largest_before: float | None
    largest_after: float | None
    furthest: tuple[float, float] = (0.0, 0.0)
    cut: float | None = None
    notes: tuple[str, ...] = ()
    read_as: tuple[str, ...] = ()
    lever: str = ""
    people: bool = False
    odds: float = 0.0
    composition: float = 1.0

    @property
    def ratio(self) -> float:
        """After over before, per day at risk."""
        return self.moments.mean_post / self.moments.mean_pre / self.length


def observe(data: PublishedStudy | Moments | Panel | Observed, outcome: str | None = None) -> Observed:
    """Read the moments of a count in two windows from a study, reported moments or people.

    Raises
    ------
    InputError
        IOM-E066 when the outcome is not a count, IOM-E067 when a figure that is needed is not reported, IOM-E048 when
        people were selected on something else, IOM-E047 on a panel with replicates.
    NotIdentifiedError
        IOM-E068 when the rate did not fall.

    Examples
    --------
    >>> observe(Panel.from_arrays([[5, 2], [3, 1], [4, 4], [6, 1]], name="arrests")).n
    4
    """
    if isinstance(data, Observed):
        return _checked(data)
    if not isinstance(data, (Moments, PublishedStudy)):
        require_panel(data, "null_calibration", or_moments=True)
    if isinstance(data, Panel):
        return _checked(_from_panel(data))
    if isinstance(data, PublishedStudy):
        counts = [o.name for o in data.outcomes if o.kind == "count"]
        if outcome is None and not counts:
            raise InputError("IOM-E066", "expected a count among the printed outcomes, got none")
        name = counts[0] if outcome is None else outcome
        return _checked(by_rule(_from_moments(data[name]), data))
    return _checked(_from_moments(data))


def by_rule(observed: Observed, study: PublishedStudy) -> Observed:
    """Return the observed moments of a print with the cut of the rule that it states, if models can select by it.

    Raises
    ------
    InputError
        IOM-E048 when people were selected on something else.

    Examples
    --------
    >>> from iom_causal.published.study import load_published
    >>> study = load_published("template")
    >>> by_rule(observe(study["contacts"]), study).cut
    3.0
    """
    rule = study.rule
    if rule is None:
        return observed
    require_on_count(rule, observed.name)
    whole = set(rule.windows) == {w.label for w in study.windows if not w.post} or not study.windows
    cut = _cut(rule, whole=whole)
    fewest = observed.smallest_before
    if rule.rule == "top" and rule.timing == "at_boundary" and whole and fewest:
        return observed._replace(cut=fewest, notes=(*observed.notes, PLACES), read_as=(PLACES,))
    below = cut is not None and min(observed.moments.mean_pre, cut if fewest is None else fewest) < cut
    honoured = cut is not None and not below
    read_as = () if honoured else tuple(_read_as(rule, cut, violated=below, whole=whole))
    notes = (*observed.notes, *read_as, *((SOFT,) if rule.rule == "soft" else ()))
    return observed._replace(cut=cut if honoured else None, notes=notes, read_as=read_as)


def _from_moments(m: Moments, length: float | None = None) -> Observed:
    if m.kind != "count":
        raise InputError("IOM-E066", f"{m.name}: expected a count; {NO_COUNT[m.kind]}")
    m1, s1, m2, s2, r, t = m.require(*NEEDED, purpose="the null calibration")
    days = m.exposure
    return Observed(
        name=m.name,
        n=m.n,
        n_input=m.n if m.n_input is None else m.n_input,
        moments=PairMoments(m1, s1, m2, s2, r),
        length=length or (1.0 if days is None else days[1] / days[0]),
        t=t,
        smallest_before=None if m.range_pre is None else m.range_pre[0],
        largest_before=None if m.range_pre is None else m.range_pre[1],
        largest_after=None if m.range_post is None else m.range_post[1],
        furthest=m.furthest,
    )


def require_on_count(rule: Selection, name: str) -> None:
    """Refuse a rule that read anything but the count itself, before the programme.

    Raises
    ------
    InputError
        IOM-E048 when people were selected on something else.
    """
    if rule.variable != name:
        raise InputError(
            "IOM-E048",
            f"people were picked on {rule.variable!r}, not on {name!r}; these worlds pick on the count",
        )
    if rule.rule == "rate":
        raise InputError(
            "IOM-E048", "people were picked on the rate behind their counts; these worlds pick on the count"
        )
    if rule.timing == "within_post":
        raise InputError("IOM-E048", "people were picked on the window after; these worlds pick on the one before")


def _from_panel(panel: Panel) -> Observed:
    rule = panel.selection
    if rule is not None:
        require_on_count(rule, panel.name)
    people = panel.managed.prepost()
    observed = _from_moments(people.moments(), _length(people))
    whole = rule is not None and _reads_all(panel, rule)
    cut = None if rule is None else _cut(rule, whole=whole)
    violated = cut is not None and observed.smallest_before is not None and observed.smallest_before < cut
    honoured = cut is not None and not violated and not _contradicted(people, cut)
    differs = people.exposure is not None and bool((people.exposure != people.exposure.reshape(-1, 2)[0]).any())
    follows = own_days_differ(people)
    read_as = () if rule is None or honoured else tuple(_read_as(rule, cut, violated=violated, whole=whole))
    return observed._replace(
        cut=cut if honoured else None,
        notes=(
            *((TIME_DIFFERS,) if differs and not follows else ()),
            *((FOLLOWS_EVENTS,) if follows else ()),
            *read_as,
        ),
        read_as=read_as,
        lever=_lever(rule, others=bool(panel.rest.any())),
        people=True,
        odds=_odds(people, cut if honoured else None, observed.ratio) if follows else 0.0,
        composition=_composition(people) if follows else 1.0,
    )


def _composition(people: Panel) -> float:
    """Return by what the pooled rate moved as those at liberty did: its ratio over the one within people."""
    events, days = (np.where(people.complete[:, None], v, 0.0).T for v in (people.outcome, np.asarray(people.exposure)))
    weight = people.complete * (1.0 if people.weight is None else people.weight)
    before, after = (events @ weight) / (days @ weight)
    return float(after / before / within_person_ratio(events[0], events[1], days[0], days[1], weight))


def _odds(people: Panel, cut: float | None, ratio: float) -> float:
    """Return days lost over days at liberty before that for everybody alike would make up as many events.

    Of those at the cut; where none is known, of all, by their counts. Who lost more than the mean makes up fewer than
    in proportion (`event_when_free`), at a rate of the observed `ratio` after over before.
    """
    count, free = people.outcome[:, 0], np.asarray(people.exposure, dtype=np.float64)[:, 0]
    lost = np.maximum(calendar_days(people)[0] - free, 0.0)
    there = np.where(people.complete, 1.0 if people.weight is None else people.weight, 0.0)
    weight = there * (np.nan_to_num(count) if cut is None else count == math.ceil(cut))
    made_up = float((weight * event_when_free(ratio, lost, free)).sum() / weight.sum()) if weight.any() else 0.0
    return -math.log1p(-made_up) / ratio


def _lever(rule: Selection | None, *, others: bool) -> str:
    """Return what would tell the source population."""
    if rule is not None and rule.rule == "top":
        return "competed" if others else "places"
    return "others" if others else ""


def _read_as(rule: Selection, cut: float | None, *, violated: bool, whole: bool) -> Iterator[str]:
    """Give the reasons why models do not select by the rule that is stated."""
    if cut is not None:
        yield FEWER_THAN_THE_CUT if violated else TOO_FEW_AT_THE_CUT
    if rule.timing != "at_boundary":
        yield WHEN_UNKNOWN if rule.timing == "unknown" else INSIDE
    elif not whole:
        yield PART
    if rule.rule == "top":
        yield MOST


def _contradicted(people: Panel, cut: float) -> bool:
    """Return whether the histogram of the counts before contradicts that all from the cut on were selected."""
    complete = people.complete
    weight = None if people.weight is None else people.weight[complete]
    return bool(contradicts_cut(people.outcome[complete, 0], weight, cut))


def _cut(rule: Selection, *, whole: bool) -> float | None:
    """Return the cut of a hard rule that reads the window before and nothing else, when the programme begins."""
    return rule.threshold if rule.rule == "at_least" and rule.timing == "at_boundary" and whole else None


def _reads_all(panel: Panel, rule: Selection) -> bool:
    return set(rule.windows) == {w.label for w in panel.windows if not w.post}


def _length(people: Panel) -> float | None:
    if people.exposure is None:
        return None
    weight = people.complete * (1 if people.weight is None else people.weight)
    before, after = time_at_risk(people.exposure, weight)
    return float(after / before)


def _checked(observed: Observed) -> Observed:
    if not observed.ratio < 1:
        raise NotIdentifiedError(
            "IOM-E068",
            f"{observed.name}: expected a fall, but the rate after is {observed.ratio:.3g} times that before",
        )
    return observed

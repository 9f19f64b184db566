"""Identified set of a remainder: over every evidence set, and over the worlds of the null calibration."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp
from typing import NamedTuple, Self

from iom_causal.analysis import ledgers, null, selection_plausibility
from iom_causal.analysis.ledgers import OutcomeLedgers, reads_pool
from iom_causal.analysis.null import Null
from iom_causal.analysis.release import Release
from iom_causal.analysis.results import LedgerUnder
from iom_causal.analysis.selection_plausibility import Plausibility
from iom_causal.analysis.steps import Results
from iom_causal.base.decimals import decimals_of
from iom_causal.base.specs import EMPTY, FrozenMap
from iom_causal.estimate.notes import DAYS_DIFFER, of_kind
from iom_causal.inputs.lines import REMAINDER
from iom_causal.ledger import lines
from iom_causal.null.result import NullCalibration
from iom_causal.sensitivity.selection_result import SelectionPlausibility

NOTHING = {"ratio": 1.0, "points": 0.0}
"""The remainder at which the adjustments account for the whole change, by scale."""


class Reach(NamedTuple):
    """Ends of a set of remainders, as they are printed."""

    low: float
    high: float

    def holds(self, value: float) -> bool:
        """Whether a remainder is in the set.

        Examples
        --------
        >>> Reach(0.7, 1.0).holds(1.0), Reach(0.7, 0.99).holds(1.0)
        (True, False)
        """
        return self.low <= value <= self.high

    @classmethod
    def over(cls, values: Sequence[float], decimals: int) -> Self:
        """Return the least and the largest value, as printed.

        Examples
        --------
        >>> Reach.over([0.996, 0.7], 2)
        Reach(low=0.7, high=1.0)
        """
        return cls(round(min(values), decimals), round(max(values), decimals))


class Contradiction(NamedTuple):
    """Windows before that contradict every account of selection on which evidence sets and null models stand.

    Attributes
    ----------
    verdict : str
        What they speak for: ``run-up``, ``none``, or ``count`` or ``rate`` where the rule states the other.
    windows : tuple of str
        Those that the rule did not read, which show it.
    """

    verdict: str
    windows: tuple[str, ...]

    @property
    def open_above(self) -> bool:
        """Whether more regresses than any set allows for, so that more may remain than the largest of them says."""
        return self.verdict in {"run-up", "count"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RemainderSet:
    """Identified set of the remainder of one outcome: all that its evidence sets and its null models leave.

    A ledger under one set of evidence answers on the terms of that set. Which set holds is not known, and neither is
    whether rates last, so that what may be said is their union, with the worlds that the null calibration does not
    reject. Of 200 no-effect cohorts each of 225 people picked at a cut (two-year windows; gamma rates that last,
    lognormal rates that drift, and such of which 8% a year stop) the whole excluded no effect in 2, 0 and 0, with and
    without 2,000 never-managed people; the set in which rates last did in 16, 66 and 191. A true ratio of .7 was told
    from 1 by the whole in 30, 23 and 24 of 30 with never-managed people and in 0, 9 and 24 without, and by their set
    alone in 200, 200 and 198 of 200.

    The cohorts are those of `tests/oracles/selection_worlds.py` (`few_places`; "static gamma", "drifting lognormal" and
    "drifting and stopping"), drawn as in the slow test of `tests/analysis/test_remainder_set.py`, which repeats a part,
    with a report's own steps for ledgers and null calibration. In 200 others of each (that test's seeds) the set in
    which rates last excluded no effect in 17, 59 and 193.

    Where windows before contradict how people were selected (a run-up, or another rule than the one stated), sets and
    models answer on terms that do not hold: the whole then holds no effect, whatever they say.

    Parameters
    ----------
    outcome, kind, scale : str
        What is counted or scored; "ratio", or "points".
    sets : tuple of str
        Names of the evidence sets.
    over_sets : Reach
        The ends of their intervals.
    over_worlds : Reach, optional
        The programme's ratio in the null calibration's models, over every background; None without a calibration.
    backgrounds : tuple of float
        After over before for everybody in these models, the largest and the smallest.
    open_above : bool
        Whether the models end only where the search for them does.
    lasting : tuple of str
        The sets in which rates last, unless people stop.
    over_pool : mapping of str to Reach
        The set that reads the source population, by its name; empty where none does.
    contradiction : Contradiction, optional
        Of the stated selection by windows before; None where they do not speak against it.
    days_differ : bool
        Whether days at risk differ between people, which neither sets nor models know: where custody follows from
        events they leave 1 out although it is the truth.
    """

    outcome: str
    kind: str
    scale: str
    sets: tuple[str, ...]
    over_sets: Reach
    over_worlds: Reach | None = None
    backgrounds: tuple[float, ...] = ()
    open_above: bool = False
    lasting: tuple[str, ...] = ()
    over_pool: Mapping[str, Reach] = EMPTY
    contradiction: Contradiction | None = None
    days_differ: bool = False

    @property
    def decimals(self) -> int:
        """To how many decimals its ends are printed."""
        return decimals_of(self.scale, (*self.over_sets, *(self.over_worlds or ())))

    @property
    def whole(self) -> Reach:
        """The smallest range that holds both, and that nothing is left where selection was not as stated."""
        nothing = () if self.contradiction is None else (self.nothing,)
        ends = (*self.over_sets, *(self.over_worlds or ()), *nothing)
        return Reach(min(ends), max(ends))

    @property
    def whole_is_open(self) -> bool:
        """Whether more may remain than the largest end says, since a search or an account ends there."""
        worlds = self.open_above and self.over_worlds is not None and self.whole.high == self.over_worlds.high
        return worlds or (self.contradiction is not None and self.contradiction.open_above)

    @property
    def nothing(self) -> float:
        """The remainder at which nothing is left: 1, or 0 points."""
        return NOTHING[self.scale]

    @property
    def holds_nothing(self) -> bool:
        """Whether it may be that nothing is left."""
        return self.whole.holds(self.nothing)

    @property
    def at_odds(self) -> bool:
        """Whether evidence sets and worlds differ in whether nothing may be left."""
        worlds = self.over_worlds
        return worlds is not None and worlds.holds(self.nothing) != self.over_sets.holds(self.nothing)


def remainder_sets(results: Results, release: Release) -> tuple[RemainderSet, ...]:
    """Return the identified set of the remainder of each outcome that has ledgers, as it may be given."""
    calibrations = (results.of(null.run) or Null()).calibrations
    views = (results.of(selection_plausibility.run) or Plausibility()).views
    found = (each.as_given(release) for each in results.of(ledgers.run) or () if each.under)
    return tuple(remainder_set(each, calibrations, views) for each in found)


def remainder_set(
    found: OutcomeLedgers, calibrations: Sequence[NullCalibration], views: Sequence[SelectionPlausibility] = ()
) -> RemainderSet:
    """Return the identified set of one outcome's remainder: its ledgers, its calibration, how people look selected."""
    scale = found.under[0].result.scale
    own = [c for c in calibrations if c.outcome == found.outcome]
    decimals = decimals_of(scale, [v for u in found.under for v in _interval(u, scale)])
    ratios = [model.programme_ratio for c in own for model in c.models]
    return RemainderSet(
        outcome=found.outcome,
        kind=found.kind,
        scale=scale,
        sets=tuple(u.evidence.name for u in found.under),
        over_sets=Reach.over([v for u in found.under for v in _interval(u, scale)], decimals),
        over_worlds=Reach.over(ratios, decimals) if ratios else None,
        backgrounds=tuple(end for c in own for end in (c.backgrounds[0], c.backgrounds[-1])),
        open_above=any(c.open_above for c in own),
        lasting=tuple(u.evidence.name for u in found.under if u.evidence.lasting),
        over_pool=FrozenMap(
            {u.evidence.name: Reach.over(_interval(u, scale), decimals) for u in found.under if reads_pool(u.evidence)}
        ),
        contradiction=next((c for v in views if v.outcome == found.outcome and (c := _contradiction(v))), None),
        days_differ=any(of_kind(u.result.notes, DAYS_DIFFER) for u in found.under) or any(c.days_differ for c in own),
    )


def _contradiction(view: SelectionPlausibility) -> Contradiction | None:
    unread = tuple(w for w, read in zip(view.windows, view.read, strict=True) if not read)
    return Contradiction(view.contradiction, unread) if view.contradiction else None


def _interval(under: LedgerUnder, scale: str) -> tuple[float, float]:
    line = lines(under.result)[REMAINDER]
    low, high = line.conf_low, line.conf_high
    return (exp(low), exp(high)) if scale == "ratio" else (low, high)

"""First answer of a report: levels before, expected without the programme and after, and what would overturn it."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum, auto
from math import inf, isfinite, log
from typing import NamedTuple

from iom_causal.analysis import change, comparison
from iom_causal.analysis.change import BareMeans, Change, Completers
from iom_causal.analysis.disclosed import as_given
from iom_causal.analysis.ledgers import OutcomeLedgers
from iom_causal.analysis.remainder_set import RemainderSet, remainder_sets
from iom_causal.analysis.results import LedgerUnder
from iom_causal.analysis.steps import Results
from iom_causal.analysis.subject import Named, Subject, readable
from iom_causal.base.setting_paths import get_path
from iom_causal.bayes.shared.bias_posterior import prior_ends
from iom_causal.beliefs import Belief, Distribution, ends
from iom_causal.estimate import Estimate
from iom_causal.estimators import PairedT, RateRatio, RiskDifference
from iom_causal.moments import Moments
from iom_causal.sensitivity.tipping import Tipping


class Band(NamedTuple):
    """Ends of a level that is not known more closely, in the unit of the outcome; without an upper limit infinite."""

    low: float
    high: float


class Side(StrEnum):
    """Where the level after lies against what was to be expected."""

    NOT_KNOWN = auto()
    INSIDE = auto()
    BELOW = auto()
    ABOVE = auto()


class Standing(NamedTuple):
    """Verdict of a first answer: its words, its picture and its sentences follow from this one.

    Attributes
    ----------
    side : Side
        Where the level after lies.
    compared : bool
        Whether a comparison says so, and not assumptions.
    other : Side
        Where it lies by assumptions beside a comparison that decides; as `side` where these agree or there are none.
    days_differ : bool
        Whether days at risk differ, which assumptions do not know, so that they do not settle it.
    """

    side: Side
    compared: bool = False
    other: Side | None = None
    days_differ: bool = False

    @property
    def agreed(self) -> bool:
        """Whether no other answer lies elsewhere."""
        return self.other is None or self.other is self.side


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstAnswer:
    """What the first screen shows of one outcome.

    Levels are of managed people: of a count or an amount, means a person in a time as long as that before; of a score,
    means; of a share, shares.

    Parameters
    ----------
    outcome, kind : str
        Its name and kind.
    before, after : float or None
        The levels; None where a published table does not give the one before.
    between : Band or None
        Where that before lies, of people followed up whose own mean before a published table only bounds.
    change : Estimate or BareMeans or Completers
        The change that the page leads with.
    days : float or None
        The length of the window before.
    left : RemainderSet or None
        The identified set of the remainder; None without ledgers.
    contrast : Estimate or None
        The first comparison that is offered.
    """

    outcome: str
    kind: str
    before: float | None
    after: float | None
    change: Estimate | BareMeans | Completers
    between: Band | None = None
    days: float | None = None
    left: RemainderSet | None = None
    contrast: Estimate | None = None

    @property
    def expected(self) -> Band | None:
        """What was to be expected without the programme, over all sets of evidence and null models."""
        return None if self.left is None else self._without(*self.left.whole, scale=self.left.scale)

    @property
    def compared(self) -> Band | None:
        """What was to be expected by the comparison, over the interval of its estimate."""
        e = self.contrast
        if e is None or e.conf_low is None or e.conf_high is None:
            return None
        return self._without(e.conf_low, e.conf_high, scale=e.scale)

    @property
    def standing(self) -> Standing:
        """Where the level after lies against what was to be expected: by the comparison, if any, before assumptions."""
        left, e = self.left, self.contrast
        by_sets = None
        if left is not None and self.expected is not None:
            by_sets = _side(left.whole.low, left.whole.high, left.nothing)
        if e is not None and e.conf_low is not None and e.conf_high is not None:
            side = _side(e.conf_low, e.conf_high, 1.0 if e.scale == "ratio" else 0.0)
            if side is not Side.INSIDE:
                return Standing(side, compared=True, other=by_sets)
            return Standing(side if by_sets or self.compared else Side.NOT_KNOWN, compared=True)
        if by_sets is None or left is None:
            return Standing(Side.NOT_KNOWN)
        return Standing(by_sets, days_differ=left.days_differ and by_sets is not Side.INSIDE)

    def _without(self, low: float, high: float, *, scale: str) -> Band | None:
        """Take a programme's share out of the level after; counts and amounts do not go below 0."""
        if self.after is None:
            return None
        if scale == "ratio":
            return Band(self.after / high, self.after / low if low > 0 else inf) if high > 0 else None
        least = 0.0 if self.in_shares else -inf
        return Band(max(least, self.after - high), max(least, self.after - low))

    @property
    def in_shares(self) -> bool:
        """Whether its changes are shares of the level before; else they are points."""
        return self.kind in {"count", "amount"}

    @property
    def start(self) -> Band | None:
        """The ends of the level before, as far as it is known."""
        return self.between if self.before is None else Band(self.before, self.before)

    @property
    def rose(self) -> bool:
        """Whether the level went up."""
        return self.start is not None and self.after is not None and self.after > self.start.high

    @property
    def fell(self) -> bool:
        """Whether the level went down."""
        return self.start is not None and self.after is not None and self.after < self.start.low


def _side(low: float, high: float, nothing: float) -> Side:
    """Return where a level lies whose part that is left has these ends."""
    return Side.BELOW if high < nothing else Side.ABOVE if low > nothing else Side.INSIDE


def first_answer(subject: Subject, results: Results) -> FirstAnswer | None:
    """Return the answer on the first outcome of which a change is given; None where there is none."""
    answers = (_answer(subject, results, outcome) for outcome in subject.outcomes)
    return next((answer for answer in answers if answer is not None), None)


def _answer(subject: Subject, results: Results, outcome: Named) -> FirstAnswer | None:
    shown = _change(results.of(change.run) or Change(), outcome)
    if shown is None:
        return None
    before, days = _before(subject, outcome)
    after = _after(before, shown, subject)
    return FirstAnswer(
        outcome=outcome.name,
        kind=outcome.kind,
        before=before,
        after=after,
        between=Band(after - shown.high, after - shown.low) if isinstance(shown, Completers) and after else None,
        change=shown,
        days=days,
        left=next((s for s in remainder_sets(results, subject.release) if s.outcome == outcome.name), None),
        contrast=_contrast(subject, results, outcome),
    )


def _change(found: Change, outcome: Named) -> Estimate | BareMeans | Completers | None:
    """Return the estimate of the change that a page leads with, or what a published table gives in its place."""
    for e in found.estimates:
        if e.outcome == outcome.name and e.estimate is not None and _leads(e, outcome.kind):
            return e
    others: tuple[BareMeans | Completers, ...] = (*found.bare, *found.completers)
    return next((each for each in others if each.outcome == outcome.name), None)


def _leads(e: Estimate, kind: str) -> bool:
    robust = isinstance(e.spec, RateRatio) and e.spec.se == "robust"
    return robust or (isinstance(e.spec, PairedT) and kind == "score") or isinstance(e.spec, RiskDifference)


def _before(subject: Subject, outcome: Named) -> tuple[float | None, float | None]:
    """Return the mean before as it may be given, and the length of the window in days."""
    data = readable(subject, outcome.name)
    if data is None:
        return None, None
    m = data if isinstance(data, Moments) else data.managed.prepost().moments()
    if m.mean_pre is None:
        return None, None
    release = subject.release
    given = (
        release.share_and_sd(m.mean_pre, m.n)[0]
        if outcome.kind == "binary"
        else release.mean(m.mean_pre, m.n, moved=m.furthest[0])
    )
    try:
        mean = float(given.replace(",", ""))
    except ValueError:  # withheld
        return None, None
    if mean == 0 and outcome.kind in {"count", "amount"}:  # nothing of which a ratio could be a part
        return None, None
    return mean, None if m.exposure is None else m.exposure[0]


def _after(before: float | None, shown: Estimate | BareMeans | Completers, subject: Subject) -> float | None:
    """Return the level after, in a time as long as that before."""
    if isinstance(shown, Completers):
        data = readable(subject, shown.outcome)
        return data.mean_post if isinstance(data, Moments) else None
    if before is None:
        return None
    if isinstance(shown, BareMeans):
        return shown.after
    if shown.estimate is None:
        return None
    if shown.scale == "ratio":
        return before * (as_given(shown, subject.release).estimate or 0.0)
    return before + (as_given(shown, subject.release).estimate or 0.0)


def _contrast(subject: Subject, results: Results, outcome: Named) -> Estimate | None:
    found = results.of(comparison.run) or ()
    first = (each.offered[0] for each in found if each.outcome == outcome.name and each.offered)
    return next((as_given(e, subject.release) for e in first), None)


class Overturning(NamedTuple):
    """A setting at which nothing remains, with what a set of evidence has in its place.

    Attributes
    ----------
    under : LedgerUnder
        The ledger under that set; all its other settings stay.
    tip : Tipping
        The setting, and where nothing remains.
    believed : tuple of float
        The ends of what the set has: those of a range, of a distribution its 95% interval.
    stated : bool
        Whether the set states it; else it is moved from an allowance of nothing.
    rose : bool
        Whether it is of a rise.
    """

    under: LedgerUnder
    tip: Tipping
    believed: tuple[float, float]
    stated: bool
    rose: bool = False

    @property
    def side(self) -> int:
        """Return on which side of that setting nothing remains of a fall, or of a rise: -1 below, 1 above, 0 unknown.

        As it is, the setting leaves something or nothing, and beyond the tipping value it is the other way round. Where
        the value of one case lies below the setting as it is and that of another above, the side is not known.
        """
        low, high = self.at
        if low <= self.tip.now <= high:
            return 0
        beyond = 1 if low > self.tip.now else -1
        return beyond if self._left else -beyond

    @property
    def _left(self) -> bool:
        """Whether something of the change is left with the setting as it is."""
        return self.tip.remainder > self.tip.until if self.rose else self.tip.remainder < self.tip.until

    @property
    def as_it_stands(self) -> bool:
        """Whether nothing remains under this set as it stands: no setting that it states need be moved."""
        return not self.stated and (self.off_centre == 0 or not self._left)

    @property
    def at(self) -> tuple[float, float]:
        """The ends between which nothing remains."""
        return _at(self.tip) or (self.tip.now, self.tip.now)

    @property
    def said(self) -> tuple[float, float]:
        """Where nothing remains in every case, from one value on or up to one; the ends where the side is not known."""
        low, high = self.at
        return {0: (low, high), 1: (high, inf), -1: (-inf, low)}[self.side]

    @property
    def gap(self) -> float:
        """How far from what is believed nothing remains, as a log where both are above 0; 0 inside."""
        return 0.0 if self.as_it_stands else self._from(*self.said, *self.believed)

    @property
    def off_centre(self) -> float:
        """How far from the middle of what is believed the values are from which on nothing remains."""
        return self._from(*self.at, self.tip.now, self.tip.now)

    def _from(self, low: float, high: float, least: float, most: float) -> float:
        above = self._apart(low, most) if isfinite(low) else 0.0
        below = self._apart(least, high) if isfinite(high) else 0.0
        return max(0.0, above, below)

    def _apart(self, upper: float, lower: float) -> float:
        if upper <= 0 or lower <= 0:
            return upper - lower
        return log(upper / lower)


def overturning(found: OutcomeLedgers, *, rose: bool) -> Overturning | None:
    """Return the setting nearest to what is believed of it at which nothing remains; None where no setting does it.

    A setting that does it in some cases only is none. Settings that a set states come before those that it lacks, and
    of those in which nothing remains inside what is believed the one that is nearest to its middle.
    """
    tips = (each for under in found.under for each in _of(under, rose=rose))
    return min(tips, key=lambda each: (each.gap, not each.stated, each.off_centre), default=None)


def _of(under: LedgerUnder, *, rose: bool) -> Iterator[Overturning]:
    stated = {type(c).__name__ for c in under.evidence.confounds}
    for tip in under.tips:
        if _at(tip) is not None and not tip.in_some_cases:
            belief = get_path(under.tried, tip.field)
            owner = type(get_path(under.tried, tip.field.rpartition(".")[0])).__name__
            yield Overturning(under, tip, _believed(belief), owner in stated, rose)


def _at(tip: Tipping) -> tuple[float, float] | None:
    if tip.set_low is not None and tip.set_high is not None:
        return tip.set_low, tip.set_high
    return None if tip.value is None else (tip.value, tip.value)


def _believed(belief: Belief) -> tuple[float, float]:
    return prior_ends(belief) if isinstance(belief, Distribution) else ends(belief)

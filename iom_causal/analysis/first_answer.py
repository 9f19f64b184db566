"""First answer of a report: level before, what was to be expected without the programme, and level after."""

from dataclasses import dataclass
from typing import NamedTuple

from iom_causal.analysis import change, comparison
from iom_causal.analysis.change import BareMeans, Change, Completers
from iom_causal.analysis.disclosed import as_given
from iom_causal.analysis.remainder_set import RemainderSet, remainder_sets
from iom_causal.analysis.steps import Results
from iom_causal.analysis.subject import Named, Subject, readable
from iom_causal.estimate import Estimate
from iom_causal.estimators import PairedT, RateRatio, RiskDifference
from iom_causal.moments import Moments


class Band(NamedTuple):
    """Ends of what was to be expected, in the unit of the outcome."""

    low: float
    high: float


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

    def _without(self, low: float, high: float, *, scale: str) -> Band | None:
        """Take a programme's share out of the level after."""
        if self.after is None:
            return None
        if scale == "ratio":
            return Band(self.after / high, self.after / low) if low > 0 else None
        return Band(self.after - high, self.after - low)

    @property
    def rose(self) -> bool:
        """Whether the level went up."""
        return self.before is not None and self.after is not None and self.after > self.before


def first_answer(subject: Subject, results: Results) -> FirstAnswer | None:
    """Return the answer on the first outcome of which a change is given; None where there is none."""
    answers = (_answer(subject, results, outcome) for outcome in subject.outcomes)
    return next((answer for answer in answers if answer is not None), None)


def _answer(subject: Subject, results: Results, outcome: Named) -> FirstAnswer | None:
    shown = _change(results.of(change.run) or Change(), outcome)
    if shown is None:
        return None
    before, days = _before(subject, outcome)
    return FirstAnswer(
        outcome=outcome.name,
        kind=outcome.kind,
        before=before,
        after=_after(before, shown, subject),
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
    if before is None or isinstance(shown, Completers):
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

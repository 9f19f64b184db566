"""Placebo and symmetric difference: regression to the mean read from windows before.

Both need windows of equal length before, of which the rule read the last ones, and as many again before those.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from iom_causal.beliefs.theta import Theta
from iom_causal.confounds.regression.method import Floats, Method
from iom_causal.confounds.regression.readings import histories_read
from iom_causal.errors import DegenerateDataError, InputError
from iom_causal.inputs.comparison import source_population
from iom_causal.inputs.selected import selection_curve
from iom_causal.inputs.weighting import once, weights
from iom_causal.moments import Moments
from iom_causal.panel import Panel
from iom_causal.windows import YEAR, Selection

_UNEVEN = 0.05
"""Lengths of the compared spans may differ by this share, as leap days and months do."""


@dataclass(frozen=True, kw_only=True)
class EarlierRule(Method):
    """Placebo in time: the change after the same rule one span earlier, in the source population (the double ratio).

    It holds regression, desistance, ageing and trend as they were then, without a programme; what differs between the
    dates is left in, as in docs/methods.md the shrinkage of high counts where everybody's rate has fallen since. The
    rule is read on counts; changes are of events a day at risk.

    On a real cohort without any programme (example `toronto_placebo.py`) it leaves -.03 of the log ratio where days at
    risk are not known, and -.06 (1.7 standard errors) where they are. All of that is at the first two of nine dates,
    whose earlier spans begin at ages 16 and 17: those selected then were away more in the next two years, so that their
    rate a day fell less than their count, and everybody's rate fell less than it did later.

    Examples
    --------
    >>> EarlierRule().also_holds
    ('ageing', 'history', 'desistance')
    """

    name: ClassVar[str] = "earlier_rule"

    @property
    def also_holds(self) -> tuple[str, ...]:
        """Other changes in that of the earlier date."""
        return ("ageing", "history", "desistance")

    def shift(self, data: Panel | Moments, selection: Selection | None, theta: Theta) -> Floats:
        """Return the log change under the same rule one span earlier."""
        del theta
        return earlier_rule_shift(*histories_read(data, selection, self.name))

    def condition(self, data: Panel | Moments, theta: Theta) -> str:
        """Return its assumptions, in the words of a sentence."""
        del data, theta
        return "those whom the same rule would have picked one span earlier changed as these would have"


@dataclass(frozen=True, kw_only=True)
class Mirror(Method):
    """Symmetric difference: the window after is expected to be as high as the one before the rule's.

    Exact for rates that are stationary and run alike in both directions of time; run-up and desistance do not, and
    on real careers it over-corrects by 15 to 25%. Where 8% a year stop it leaves .12 of the log ratio
    (docs/methods.md).

    Examples
    --------
    >>> Mirror().name
    'mirror'
    """

    name: ClassVar[str] = "mirror"

    def shift(self, data: Panel | Moments, selection: Selection | None, theta: Theta) -> Floats:
        """Return the log of the rate in the mirror window over that in all windows before."""
        del theta
        return mirror_shift(*histories_read(data, selection, self.name))

    def condition(self, data: Panel | Moments, theta: Theta) -> str:
        """Return its assumptions, in the words of a sentence."""
        del data, theta
        return "their rates would have come down as they had gone up"


def earlier_rule_shift(panel: Panel, rule: Selection) -> Floats:
    """Return the double ratio: the change of those whom the rule would have selected one span earlier."""
    if panel.group.all():
        raise InputError(
            "IOM-E048",
            "what the same rule met earlier needs everybody from whom people were picked, but everybody here is "
            "managed: add the others (with start masked)",
        )
    panel = source_population(panel)
    spans = _spans(panel, rule)
    recent = np.where(spans.known, spans.counts[RECENT], np.nan)
    probability = selection_curve(panel, recent).at if rule.rule == "top" else rule.probability
    selected = probability(spans.counts[EARLIER]) * weights(panel) * spans.known
    ratio = spans.rate(selected, RECENT) / spans.rate(selected, EARLIER)
    mine = weights(panel) * spans.known * panel.group
    return np.asarray(np.log(ratio * spans.rate(mine, RECENT)) - np.log(spans.rate(mine, BEFORE)))


def mirror_shift(panel: Panel, rule: Selection) -> Floats:
    """Return the symmetric difference of selected people, in logs."""
    spans = _spans(panel, rule)
    mine = weights(panel) * spans.known * panel.group
    return np.asarray(np.log(spans.rate(mine, EARLIER)) - np.log(spans.rate(mine, BEFORE)))


RECENT, EARLIER, BEFORE = "recent", "earlier", "before"
"""The span that the rule read, the one before it, and all windows before."""


class _Spans:
    """Counts and days at risk in the span that the rule read, in the one before it, and in all windows before."""

    def __init__(self, panel: Panel, read: int) -> None:
        outcome = once(panel.outcome, 2)
        post = np.array([w.post for w in panel.windows])
        y = np.nan_to_num(outcome)[..., ~post]
        self.known = ~np.isnan(outcome[..., ~post]).any(-1)
        given = np.array([float(w.days or YEAR) for w in panel.windows]) if panel.exposure is None else panel.exposure
        days = np.broadcast_to(once(given, 2), outcome.shape)[..., ~post]
        parts = {RECENT: slice(-read, None), EARLIER: slice(-2 * read, -read), BEFORE: slice(None)}
        self.counts = {name: y[..., part].sum(-1) for name, part in parts.items()}
        self.days = {name: days[..., part].sum(-1) for name, part in parts.items()}

    def rate(self, weight: Floats, span: str) -> Floats:
        """Return the weighted events a day at risk."""
        return np.asarray(_total(weight, self.counts[span]) / _total(weight, self.days[span]))


def _spans(panel: Panel, rule: Selection) -> _Spans:
    if panel.kind != "count":
        raise InputError("IOM-E066", f"{panel.name}: expected a count; for a score use ScoreRegression")
    if any(w.days is None for w in panel.windows):
        raise InputError("IOM-E048", "a placebo from earlier windows needs their dates: give each its start and end")
    before = [w for w in panel.windows if not w.post]
    read = [w.label in rule.windows for w in before]
    count = sum(read)
    if not count or not all(read[-count:]) or len(before) < 2 * count:
        raise InputError(
            "IOM-E047",
            "a placebo from earlier windows needs the rule to read the last windows before, and as many again before "
            f"those; the rule reads {', '.join(rule.windows)} of {', '.join(w.label for w in before)}",
        )
    lengths = [
        sum(w.days or 0 for w in group)
        for group in (before[-count:], before[-2 * count : -count], [w for w in panel.windows if w.post])
    ]
    if max(lengths) > (1 + _UNEVEN) * min(lengths):
        raise InputError(
            "IOM-E047", f"a placebo compares spans of equal length, got {', '.join(map(str, lengths))} days"
        )
    return _Spans(panel, count)


def _total(weight: Floats, counts: Floats) -> Any:
    total = (weight * counts).sum(-1)
    if not np.all(total > 0):
        raise DegenerateDataError("IOM-E064", "a span holds no events of the people compared, so there is no ratio")
    return total

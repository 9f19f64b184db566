"""Nonparametric empirical Bayes of Robbins and Zhang: regression to the mean for any mixing distribution of rates."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from iom_causal.beliefs import Belief
from iom_causal.beliefs.theta import Theta
from iom_causal.confounds.regression.drift import lasting_share, with_drift
from iom_causal.confounds.regression.limits import NOTHING_LASTS, above_zero
from iom_causal.confounds.regression.method import Floats, Method
from iom_causal.confounds.regression.readings import Reading, shift_by_timing
from iom_causal.errors import NotIdentifiedError
from iom_causal.inputs.selected import SelectedCounts, check_rule, selected_counts
from iom_causal.moments import Moments
from iom_causal.numerics.adjustment.custody import event_when_free
from iom_causal.numerics.inference.weighted_moments import weighted_sum
from iom_causal.numerics.selection import robbins_zhang
from iom_causal.panel import Panel
from iom_causal.windows import Selection

NOBODY_AT_THE_CUT = (
    "nobody stands at the cut of the rule, and who stands there is all that tells what picking did; look at "
    "its threshold: 'more than 4' is at least 5"
)
NO_FLOOR = (
    "people were picked by a hard cut at a time that is not known, and the cut is above their mean before, so nothing "
    "bounds how far they would have come down; state when they were picked"
)


@dataclass(frozen=True, kw_only=True)
class RobbinsZhang(Method):
    """Nonparametric empirical Bayes from the selected people's own counts, for rates of any distribution that stay.

    It reasons from the rule: a threshold, or a threshold and softness. For a rule ``top`` the panel must hold the
    source population: the probability at each count is then the share of them who are managed, made never to fall
    with the count, so that ties and refusals are in it. With `persistence` below 1 rates drift towards
    `comparable_mean`; without that towards nothing at all, which is the furthest that drift to any mean takes them:
    `persistence` is then the share of the rate itself that lasts.

    Where people have days at liberty of their own, those that they lost in the windows read are taken to have followed
    from their events there, as in custody (`numerics.adjustment.custody.event_when_free`): fewer people then stand
    above a cut, and at it more of them, than Poisson counts would. With stays of eight months and more it leaves 4 to
    10% of the events to be expected out, where custody follows twice as often before as after 10 to 16%, and of few
    people above a high cut up to 21%: it takes so much too much of a fall for regression.

    Where rates drift it leaves .09 to .13 of the log ratio of people who were in no programme, and .19 where 8% a year
    stop as well (docs/methods.md).

    A threshold read ``within_post``, where somebody has less after, was read at no known time: the shift is then
    bounded by the furthest that a threshold read at any time can move the mean, from the cut below it to the cut above.

    Parameters
    ----------
    comparable_mean : belief, optional
        Mean count of the source population, in a window as long as the one before; above 0.
    persistence : belief, optional
        Share of a rate's distance from that mean, or of the rate itself, that lasts to the window after, 0 to 1.
    late : belief, optional
        Share of the selection that read the window after, 0 to 1; by default what the timing says.

    References
    ----------
    Robbins & Zhang (1988), PNAS 85, 3670-3672.

    Examples
    --------
    >>> RobbinsZhang().lasting, RobbinsZhang(persistence=0.8).lasting
    (True, False)
    """

    comparable_mean: Belief | None = None
    persistence: Belief | None = None
    late: Belief | None = None

    name: ClassVar[str] = "robbins_zhang"

    @property
    def lasting(self) -> bool:
        """Whether nothing says that rates drift."""
        return self.persistence is None

    def shift(self, data: Panel | Moments, selection: Selection | None, theta: Theta) -> Floats:
        """Return the log change, from the counts that the rule read."""
        return shift_by_timing(data, selection, theta, self.late, self._ahead)

    def timing_is_open(self, data: Panel | Moments, rule: Selection) -> bool:
        """Whether somebody lies below a threshold in the window after, which was then not what the rule read."""
        free = self.late is None and self.comparable_mean is None and rule.timing == "within_post"
        return free and isinstance(data, Panel) and selected_counts(data, rule).mirrored.below(rule)

    def condition(self, data: Panel | Moments, theta: Theta) -> str:
        """Return its assumptions, in the words of a sentence."""
        return f"rates stay the same whatever their law{lasting_share(self, self.persistence, data, theta)}"

    def _ahead(self, reading: Reading) -> Floats:
        people, rule = reading.forwards, reading.rule
        free = self.comparable_mean is None and self.late is not None and rule.timing in ("unknown", "within_post")
        if free and isinstance(people, SelectedCounts) and reading.people(self.name).contradicts(rule):
            lasts = above_zero(np.asarray(reading.theta.get("persistence", 1.0), dtype=np.float64), NOTHING_LASTS)
            return np.asarray(_furthest(people, rule, late=reading.late) + np.log(lasts))
        return with_drift(reading, lambda _: nonparametric_shift(reading.people(self.name), rule))


def nonparametric_shift(selected: SelectedCounts, rule: Selection) -> Floats:
    """Return the log of expected over observed, by the equivalent counts of Robbins and Zhang."""
    check_rule(selected, rule)
    chance, one_less = selected.probability(selected.read, rule), selected.probability(selected.read - 1, rule)
    absent = selected.weight == 0
    if absent.any():
        chance, one_less = np.where(absent, 1.0, chance), np.where(absent, 0.0, one_less)
    if rule.rule == "at_least" and not ((one_less == 0) & (chance > 0)).any():
        raise NotIdentifiedError("IOM-E068", NOBODY_AT_THE_CUT)
    log_shift = _log_shift(selected, chance, one_less)
    if selected.days is None:
        return log_shift
    another = event_when_free(np.exp(log_shift)[..., None], *np.moveaxis(selected.days[..., 0, :], -1, 0))
    return _log_shift(selected, chance, one_less + another * (chance - one_less))


def _log_shift(selected: SelectedCounts, chance: Floats, one_less: Floats) -> Floats:
    expected = robbins_zhang.equivalent_counts(selected.read, chance, one_less)
    return robbins_zhang.log_shift(selected.read + selected.other, expected + selected.other, selected.weight)


def _furthest(people: SelectedCounts, rule: Selection, *, late: bool) -> Floats:
    """Return the furthest that a threshold read at any time can move the mean while rates stay, of any distribution.

    People selected with at least c events in a stretch that ends a share s of its length into the window after have
    on average ``e = c P(N = c | selected)`` more events in it than their rates give (Robbins & Zhang 1988 for a cut),
    which is at most c. Of these a share ``1 - s`` fell before and s after, so the mean after without a programme is
    the mean before plus ``(2 s - 1) e``: from c below it to c above it.
    """
    mean = weighted_sum(people.weight, people.read + people.other) / people.weight.sum(-1)
    cut = float(rule.threshold or 0.0)
    if late:  # with time reversed the way up is the way down
        return np.asarray(-np.log1p(cut * people.length / mean))
    return np.asarray(np.log(above_zero(1 - cut / mean, NO_FLOOR)))

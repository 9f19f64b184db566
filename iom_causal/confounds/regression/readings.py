"""Two windows of a selected sample as the selection rule read them: before first, or with time reversed."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.beliefs import Belief
from iom_causal.beliefs.theta import Theta
from iom_causal.errors import InputError, NotIdentifiedError
from iom_causal.inputs.selected import (
    SelectedCounts,
    lateness,
    pair_moments,
    reported_moments,
    rule_of,
    selected_counts,
)
from iom_causal.moments import Moments
from iom_causal.numerics.pairs.moments import PairMoments
from iom_causal.panel import Panel
from iom_causal.windows import Selection

type Floats = NDArray[np.float64]


class Reading(NamedTuple):
    """The window that the rule read, and the other one.

    Attributes
    ----------
    sample : SelectedCounts or PairMoments
        People's counts, or moments, with the window that was read first.
    forwards : SelectedCounts or PairMoments
        The same in the order of time.
    rule : Selection
        The selection rule.
    theta : mapping
        Beliefs, those about windows stated for the length of the one that was read.
    longer : float
        Length of the other window over that of the one that was read.
    late : bool
        Whether the rule read the window after.
    """

    sample: SelectedCounts | PairMoments
    forwards: SelectedCounts | PairMoments
    rule: Selection
    theta: Theta
    longer: float
    late: bool

    @property
    def moments(self) -> PairMoments:
        """The moments of both windows."""
        return pair_moments(self.sample) if isinstance(self.sample, SelectedCounts) else self.sample

    @property
    def backwards(self) -> "Reading":
        """The same with time reversed: the window after is the one that was read."""
        longer = self.longer
        return Reading(
            _reversed(self.sample, longer),
            self.forwards,
            self.rule,
            _as_long_as_after(self.theta, longer),
            1 / longer,
            late=True,
        )

    def people(self, method: str) -> SelectedCounts:
        """Return people's counts.

        Raises
        ------
        InputError
            IOM-E048 where there are only moments, naming the method that asks.
        """
        if not isinstance(self.sample, SelectedCounts):
            raise InputError(
                "IOM-E048", f"method {method!r} needs people's counts", "with moments use 'linear' or 'lognormal'"
            )
        return self.sample


def shift_by_timing(
    data: Panel | Moments,
    selection: Selection | None,
    theta: Theta,
    stated: Belief | None,
    ahead: Callable[[Reading], Floats],
) -> Floats:
    """Return the shift of a count, averaged over when the rule may have read it.

    Parameters
    ----------
    data : Panel or Moments
        The selected sample.
    selection : Selection, optional
        The rule; else the panel's own.
    theta : mapping
        Values of the beliefs.
    stated : belief, optional
        Share of the selection that read the window after.
    ahead : callable
        From a `Reading` to the log of expected over observed in the window that was not read.
    """
    rule = rule_of(selection, data)
    late = theta["late"] if "late" in theta else lateness(rule, stated)
    sample = selected_counts(data, rule) if isinstance(data, Panel) else reported_moments(data)
    forwards = Reading(sample, sample, rule, theta, _longer(data, sample), late=False)
    return average_over_timing(late, lambda: ahead(forwards), lambda: ahead(forwards.backwards))


def average_over_timing(late: Any, forwards: Callable[[], Floats], backwards: Callable[[], Floats]) -> Floats:
    """Average the shift away from the window that was read, forwards or with time reversed, over when it was read.

    Parameters
    ----------
    late : number or ndarray
        Share of the selection that read the window after.
    forwards, backwards : callable
        The shift from the window before to the one after, and the other way round.

    Examples
    --------
    >>> round(float(average_over_timing(0.25, lambda: np.array(-0.4), lambda: np.array(-0.2))), 3)
    -0.25
    """
    share, total = np.asarray(late), np.zeros(())
    if (share < 1).any():
        total = total + (1 - share) * forwards()
    if (share > 0).any():
        total = total - share * backwards()
    return total


def _longer(data: Panel | Moments, sample: SelectedCounts | PairMoments) -> float:
    """Return the length of the window after over that of the one before."""
    if isinstance(sample, SelectedCounts):
        return 1 / sample.length
    days = None if isinstance(data, Panel) else data.exposure
    return 1.0 if days is None else days[1] / days[0]


def _reversed(sample: SelectedCounts | PairMoments, longer: float) -> SelectedCounts | PairMoments:
    """Return the same with time reversed, in events of a window as long as the one after, which was read."""
    if isinstance(sample, SelectedCounts):
        return sample.mirrored
    m1, s1, m2, s2, r = sample
    return PairMoments(m2 * longer, s2 * longer, m1 * longer, s1 * longer, r)


def _as_long_as_after(theta: Theta, longer: float) -> Theta:
    """Return the settings stated for windows as long as the one before, for windows as long as the one after."""
    stated = dict(theta)
    if "comparable_mean" in theta:
        stated["comparable_mean"] = np.multiply(theta["comparable_mean"], longer)
    if "slope" in theta:  # of lasting rates, whose variance grows with the square of the length
        slope = np.asarray(theta["slope"])
        stated["slope"] = slope * longer / (1 - slope + slope * longer)
    return stated


def histories_read(data: Panel | Moments, selection: Selection | None, method: str) -> tuple[Panel, Selection]:
    """Return people's counts by window, and the selection rule, which must have read windows before.

    Raises
    ------
    InputError
        IOM-E048 for moments, naming the method that asks.
    NotIdentifiedError
        IOM-E068 when the rule read the window after, or nobody knows when.
    """
    rule = rule_of(selection, data)
    if isinstance(data, Moments):
        raise InputError("IOM-E048", f"method {method!r} needs people's counts by window, not moments")
    if rule.timing in ("within_post", "unknown"):
        raise NotIdentifiedError(
            "IOM-E068", f"method {method!r} expects the rule to have read the history, not {rule.timing!r} timing"
        )
    return data, rule

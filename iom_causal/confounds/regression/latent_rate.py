"""Selection on the latent rate: without regression to the mean, or at events of people's own."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from iom_causal.beliefs import Belief
from iom_causal.beliefs.theta import Theta
from iom_causal.confounds.phrases import setting
from iom_causal.confounds.regression.limits import NOTHING_LASTS, above_zero
from iom_causal.confounds.regression.method import Floats, Method
from iom_causal.inputs.selected import mean_before
from iom_causal.moments import Moments
from iom_causal.panel import Panel
from iom_causal.windows import Selection

TOO_MANY_EVENTS = "people cannot have been picked at more events before than they have; state fewer"


@dataclass(frozen=True, kw_only=True)
class LatentRate(Method):
    """No regression to the mean: people were selected on their rate at the index date, not on a count.

    With one of the other methods this makes a bracket, not an estimate. Rates themselves may come and go: of those of
    people selected on theirs a share `persistence` lasts.

    Parameters
    ----------
    persistence : belief, optional
        Share of the rate that lasts to the window after, 0 to 1; by default all of it.

    Examples
    --------
    >>> LatentRate().adjusts, LatentRate(persistence=0.8).adjusts
    (False, True)
    """

    persistence: Belief | None = None

    name: ClassVar[str] = "none"
    reads_rule: ClassVar[bool] = False

    @property
    def adjusts(self) -> bool:
        """Whether rates are said to come and go."""
        return self.persistence is not None

    @property
    def lasting(self) -> bool:
        """Whether nothing says that rates drift."""
        return self.persistence is None

    def shift(self, data: Panel | Moments, selection: Selection | None, theta: Theta) -> Floats:
        """Return no change, or that of the rates."""
        del data, selection
        share = np.asarray(theta.get("persistence", 1.0), dtype=np.float64)
        return np.asarray(np.log(above_zero(share, NOTHING_LASTS)))

    def condition(self, data: Panel | Moments, theta: Theta) -> str:
        """Return its assumptions, in the words of a sentence."""
        del data
        lasts = "" if self.persistence is None else f", of which {setting(self, 'persistence', theta)} lasts"
        return f"people were picked on their rate at the index date{lasts} and not on a count"


@dataclass(frozen=True, kw_only=True)
class AtEvent(Method):
    """Palm calculus of a Cox process: people were selected at events, such as a positive test at an arrest.

    Events happen to people in proportion to their rate at that time, which leaves a symmetric contrast as it is, but
    for the events themselves: given one of its events, a process driven by a rate that varies by chance has one
    event more than that rate gives, and the rate weighs as much before as after. The course of rates is taken to be
    the same forwards and backwards in time.

    Parameters
    ----------
    events : belief
        Events before, a person, at which people were selected; 0 or more.

    References
    ----------
    Daley & Vere-Jones (2008), An Introduction to the Theory of Point Processes II, ch. 13.

    Examples
    --------
    >>> panel = Panel.from_arrays([[3, 1], [5, 3]], name="arrests")
    >>> round(float(AtEvent(events=1.0).shift(panel, None, {"events": 1.0})), 4)
    -0.2877
    """

    events: Belief

    name: ClassVar[str] = "at_event"
    reads_rule: ClassVar[bool] = False

    def shift(self, data: Panel | Moments, selection: Selection | None, theta: Theta) -> Floats:
        """Return the log of the mean before without these events over the mean before."""
        del selection
        share = np.asarray(theta["events"]) / np.asarray(mean_before(data))
        return np.asarray(np.log(above_zero(1 - share, TOO_MANY_EVENTS)))

    def condition(self, data: Panel | Moments, theta: Theta) -> str:
        """Return its assumptions, in the words of a sentence."""
        return (
            f"people were picked at {setting(self, 'events', theta)} {data.name} a person shortly before the index "
            "date, and otherwise on their rate"
        )

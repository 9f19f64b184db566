"""Engagement: a pooled ratio as a mixture of people who take part and people who do not."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.formats import bounded, fixed, outward
from iom_causal.base.specs import refuse_data
from iom_causal.beliefs import Belief
from iom_causal.beliefs.theta import RATIO_OR_ZERO, SHARE, Theta, central, check_beliefs, corners
from iom_causal.confounds.units import NOTHING, as_line
from iom_causal.moments import Moments
from iom_causal.numerics.adjustment.exposure import engaged_share
from iom_causal.panel import Panel
from iom_causal.roles import Confound
from iom_causal.windows import Window
from iom_causal.world import Mechanism


@dataclass(frozen=True, kw_only=True)
class Engagement(Confound):
    """Mixture identity of a pooled ratio: the shares of engaged people and of others that reproduce it.

    The pooled ratio is the mean of two ratios, weighted by the events before:
    ``R = share * engaged_ratio + (1 - share) * other_ratio``. Given ratios seen elsewhere, `share_needed`
    says which share of the events before would have to belong to engaged people; given the share,
    `pooled` says what pooled ratio follows. The defaults are the contrast reported for Bristol at six
    months: seriousness at 33% among people given interventions and at 115.8% among people given none.

    It is an identity, never a contrast of causes: people who engage chose to, would have done better
    without the programme too, and those who do not engage meet enforcement instead. Without the
    programme there is nobody to engage with, so the line in a ledger is 0.

    Assumptions: none beyond arithmetic; that the ratios of one place and measure hold in another is a
    supposition that the caller makes. What stays unidentified: what engagement does. A randomised
    offer or encouragement would tell; a comparison of engaged people with others does not.

    Parameters
    ----------
    engaged_ratio, other_ratio : belief
        After over before, 0 or more.
    share : belief, optional
        Share of the events before that belongs to engaged people.

    Raises
    ------
    SpecError
        IOM-E092 when a belief reaches outside its bounds.
    InputError
        From `share_needed`: IOM-E068 when both ratios are the same.

    References
    ----------
    Williams & Ariel (2012), on Integrated Offender Management in Bristol; Angrist, Imbens & Rubin (1996),
    J. Am. Stat. Assoc. 91, 444-455, on offers that are taken up by choice.

    Examples
    --------
    >>> engagement = Engagement()
    >>> round(engagement.share_needed(0.528, {"engaged_ratio": 0.33, "other_ratio": 1.158}), 2)
    0.76
    """

    engaged_ratio: Belief = 0.33
    other_ratio: Belief = 1.158
    share: Belief | None = None

    ids: ClassVar[tuple[str, ...]] = ("c09", "c10")
    line: ClassVar[str] = "engagement"
    reference: ClassVar[str] = "Williams & Ariel (2012); Angrist, Imbens & Rubin (1996)"
    assumption_left_out: ClassVar[str] = "nothing is said about who engaged"
    acts: ClassVar[str] = NOTHING

    def __post_init__(self) -> None:
        refuse_data(self)
        check_beliefs(self, {"engaged_ratio": RATIO_OR_ZERO, "other_ratio": RATIO_OR_ZERO, "share": SHARE})

    @as_line
    def shift(self, data: Panel | Moments, theta: Theta) -> float | NDArray[np.float64]:
        """Return zeros: without the programme there is nobody to engage with."""
        del data
        return np.zeros(np.broadcast_shapes(*(np.shape(value) for value in theta.values())))

    def share_needed(self, pooled: float, theta: Theta) -> Any:
        """Return the share of the events before, among engaged people, that gives the pooled ratio."""
        needed = engaged_share(pooled, theta["engaged_ratio"], theta["other_ratio"])
        return float(needed) if needed.ndim == 0 else needed

    def share_bounds(self, pooled: float) -> tuple[float, float]:
        """Return the least and the greatest share needed over the ranges of the two ratios.

        Examples
        --------
        >>> from iom_causal.beliefs import Range
        >>> spec = Engagement(engaged_ratio=Range(0.3, 0.5), other_ratio=1.158)
        >>> [round(v, 2) for v in spec.share_bounds(0.528)]
        [0.73, 0.96]
        """
        needed = [self.share_needed(pooled, {**central(self), **corner}) for corner in corners(self)]
        return min(needed), max(needed)

    def pooled(self, theta: Theta) -> Any:
        """Return the pooled ratio that the stated share gives."""
        return theta["share"] * theta["engaged_ratio"] + (1 - theta["share"]) * theta["other_ratio"]

    def mechanism(self, windows: tuple[Window, ...], theta: Theta) -> Mechanism:
        """Return a neutral mechanism: engagement shapes the programme, not what happens without it."""
        del windows, theta
        return Mechanism()

    def condition(self, data: Panel | Moments, theta: Theta) -> str:
        """Return the identifying assumption of the line, in the words of a sentence."""
        del data
        engaged, other = (self._shown(name, theta) for name in ("engaged_ratio", "other_ratio"))
        return f"the counts of engaged people stood at {engaged} of their level before, and those of others at {other}"

    def _shown(self, name: str, theta: Theta) -> str:
        if name in theta:
            return bounded(float(theta[name])) if float(theta[name]) < 1 else fixed(float(theta[name]), 3)
        belief = getattr(self, name)
        return outward(belief.low, belief.high, 3)

"""Partial exposure: the share of each window that people spent under the programme."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.specs import refuse_data
from iom_causal.beliefs import Belief
from iom_causal.beliefs.theta import SHARE, SHARE_ABOVE_ZERO, Theta, check_beliefs
from iom_causal.confounds.phrases import setting
from iom_causal.confounds.units import NOTHING, as_line
from iom_causal.errors import SpecError
from iom_causal.moments import Moments
from iom_causal.numerics.adjustment.exposure import undiluted_ratio
from iom_causal.panel import Panel
from iom_causal.roles import Confound
from iom_causal.windows import Window, month_grid
from iom_causal.world import Mechanism


@dataclass(frozen=True, kw_only=True)
class PartExposure(Confound):
    """Correction of a ratio for dilution: time in the window after without the programme, and before with it.

    Where the date of introduction and not each person's entry opens the window, only a share `after` of the
    time after was managed; and where people were managed in another way before, a share `before` of the time
    before was too. With a ratio tau under management the mixture shows
    ``R = (1 - e2 + e2 tau) / (1 - e1 + e1 tau)``; `restate` solves it for tau. Entry spread evenly over the
    window makes e2 one half.

    It moves nothing that would have happened without the programme, so the line in a ledger is 0; it acts
    on the remainder. Leaving part exposure out understates what the programme did. Management before is a
    limit of another kind: the contrast that such a design can show is with what these people would
    otherwise have received, and only if both kinds of management did the same is ``e1`` a share of it.

    Assumptions: exposure is unrelated to each person's rate and course; management acts at once and stops
    at once. What stays unidentified: entry dates that were not recorded, and what earlier management did.
    People missing from the extract are another matter: see Attrition.

    Parameters
    ----------
    after : belief
        Share of the time after that was managed; above 0.
    before : belief
        Share of the time before that was managed in a way that did the same.

    Raises
    ------
    SpecError
        IOM-E092 when a share is outside 0 to 1, or the exposure after is zero.
    InputError
        From `restate`: IOM-E068 when no ratio above 0 gives the one seen.

    References
    ----------
    Bloom (1984), Evaluation Review 8, 225-246, on dividing by the share that took part.

    Examples
    --------
    >>> round(float(PartExposure(after=0.5).restate(0.8, {"after": 0.5, "before": 0.0})), 2)
    0.6
    """

    after: Belief = 1.0
    before: Belief = 0.0

    ids: ClassVar[tuple[str, ...]] = ("u5", "u7")
    line: ClassVar[str] = "part exposure"
    reference: ClassVar[str] = "Bloom (1984), Evaluation Review 8, 225-246"
    assumption_left_out: ClassVar[str] = "everybody was managed for the whole window after and not before"
    acts: ClassVar[str] = NOTHING

    def __post_init__(self) -> None:
        refuse_data(self)
        check_beliefs(self, {"after": SHARE_ABOVE_ZERO, "before": SHARE})
        if self.after == 0:
            raise SpecError("IOM-E092", "PartExposure after: nobody was exposed, so nothing can be said of exposure")

    @as_line
    def shift(self, data: Panel | Moments, theta: Theta) -> float | NDArray[np.float64]:
        """Return zeros: nothing changes without the programme."""
        del data
        return np.zeros(np.broadcast_shapes(*(np.shape(value) for value in theta.values())))

    def restate(self, ratio: Any, theta: Theta) -> NDArray[np.float64]:
        """Return the ratio for time under the programme, from the ratio of all people."""
        return undiluted_ratio(ratio, theta["after"], theta["before"])

    def mechanism(self, windows: tuple[Window, ...], theta: Theta) -> Mechanism:
        """Give the share of people's time that is under the programme in every month."""
        after, before = float(theta["after"]), float(theta["before"])
        return Mechanism(exposed=np.where(month_grid(windows).post, after, before))

    def condition(self, data: Panel | Moments, theta: Theta) -> str:
        """Return the identifying assumption of the line, in the words of a sentence."""
        del data
        shares = [setting(self, name, theta) for name in ("after", "before")]
        return f"{shares[0]} of the time after and {shares[1]} of the time before was managed"

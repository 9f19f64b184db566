"""Length of follow-up: an effect of the programme that builds up and fades."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.specs import refuse_data
from iom_causal.beliefs import Belief
from iom_causal.beliefs.theta import AT_LEAST_ZERO, POSITIVE, Theta, check_beliefs
from iom_causal.confounds.phrases import setting
from iom_causal.confounds.units import NOTHING, as_line
from iom_causal.inputs.calendar import years
from iom_causal.moments import Moments
from iom_causal.numerics.adjustment.exposure import effect_course, full_log_effect, mean_ratio
from iom_causal.panel import Panel
from iom_causal.roles import Confound
from iom_causal.windows import Window, month_grid
from iom_causal.world import Mechanism

HORIZONS = (0.5, 1.0, 1.5)
"""Six, twelve and eighteen months, in years."""
NEVER_FADES = float("inf")


@dataclass(frozen=True, kw_only=True)
class FollowUp(Confound):
    """Restatement of a ratio at one length of follow-up for another, under a course of the effect over time.

    Studies with follow-ups of 6, 12 and 18 months are not comparable if what a programme does builds up
    or fades. The log of its ratio at time t is taken to be ``full * min(t / ramp, 1) * 2**(-t / half_life)``
    and the ratio over a follow-up is the mean of that ratio over its days. `restate` solves for the full
    strength that gives the ratio seen and returns the ratio at other lengths.

    It moves nothing that would have happened without the programme, so the line in a ledger is 0; it acts
    on the remainder. Assumptions: the course over time has this shape and is the same for everybody, and
    the ratio given to `restate` is the programme's own, which a remainder is only if all adjustments are
    right. What stays unidentified from one window after: the course itself. Monthly counts after the
    index date, with a comparison, would show it.

    Parameters
    ----------
    ramp_years : belief
        Years until the programme is at full strength; 0 is at once.
    half_life_years : belief, optional
        Years in which its log ratio halves; None never fades.

    Raises
    ------
    SpecError
        IOM-E092 when a belief reaches outside its bounds.

    References
    ----------
    Shadish, Cook & Campbell (2002), Experimental and Quasi-Experimental Designs, on delayed and decaying
    treatment.

    Examples
    --------
    >>> fading = FollowUp(half_life_years=0.5)
    >>> windows = (Window("before", -547, 0), Window("after", 0, 549, post=True))
    >>> m = Moments.from_summary(n=225, windows=windows)
    >>> said = fading.restate(0.8, m, {"ramp_years": 0.0, "half_life_years": 0.5})
    >>> {horizon: round(float(ratio), 2) for horizon, ratio in said.items()}
    {0.5: 0.67, 1.0: 0.75, 1.5: 0.8}
    """

    ramp_years: Belief = 0.0
    half_life_years: Belief | None = None

    ids: ClassVar[tuple[str, ...]] = ("c11",)
    line: ClassVar[str] = "follow-up"
    reference: ClassVar[str] = "Shadish, Cook & Campbell (2002)"
    assumption_left_out: ClassVar[str] = "what the programme does neither builds up nor fades over the follow-up"
    acts: ClassVar[str] = NOTHING

    def __post_init__(self) -> None:
        refuse_data(self)
        check_beliefs(self, {"ramp_years": AT_LEAST_ZERO, "half_life_years": POSITIVE})

    @as_line
    def shift(self, data: Panel | Moments, theta: Theta) -> float | NDArray[np.float64]:
        """Return zeros: nothing changes without the programme."""
        del data
        return np.zeros(np.broadcast_shapes(*(np.shape(value) for value in theta.values())))

    def restate(
        self, ratio: Any, data: Panel | Moments, theta: Theta, *, horizons: Sequence[float] = HORIZONS
    ) -> dict[float, NDArray[np.float64]]:
        """Return the ratio that follow-ups of other lengths, in years, would have shown.

        Parameters
        ----------
        ratio : float or ndarray
            The programme's ratio over the window after.
        data : Panel or Moments
            Gives the length of that window.
        theta : mapping
            Values of the beliefs.
        horizons : sequence of float
            Follow-ups in years.
        """
        _, (_, end) = years(data, "FollowUp")
        half_life = theta.get("half_life_years", NEVER_FADES)
        full = full_log_effect(ratio, theta["ramp_years"], half_life, end)
        return {horizon: mean_ratio(full, theta["ramp_years"], half_life, horizon) for horizon in horizons}

    def mechanism(self, windows: tuple[Window, ...], theta: Theta) -> Mechanism:
        """Give the share of the programme's full log ratio that is there in every month."""
        grid = month_grid(windows)
        time = np.maximum(grid.middle, 0.0)
        course = effect_course(time, float(theta["ramp_years"]), float(theta.get("half_life_years", NEVER_FADES)))
        return Mechanism(programme=np.where(grid.post, course, 0.0))

    def condition(self, data: Panel | Moments, theta: Theta) -> str:
        """Return the identifying assumption of the line, in the words of a sentence."""
        del data
        fades = "does not fade"
        if self.half_life_years is not None:
            fades = f"halves every {setting(self, 'half_life_years', theta)} years"
        return f"what a programme does takes {setting(self, 'ramp_years', theta)} years to build up and {fades}"
